/* SPDX-License-Identifier: GPL-3.0-or-later
 * annot_vars.c -- made-up variants for benchmarks of annotation: 85 % substitutions, 8 % deletions, 7 %
 * insertions, anywhere the reference has sequence, with one phased sample. Usage: annot_vars REF.fa N SEED >
 * out.vcf      (one contig, plain FASTA; N draws, sorted) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rng.h"

#define MAX_INDEL 30

static char *read_fasta(const char *path, char *name, size_t *n)
{
	FILE *f = fopen(path, "r");
	char line[4096], *s = NULL;
	size_t cap = 0;
	*n = 0;
	if (!f)
		return NULL;
	while (fgets(line, sizeof line, f)) {
		size_t k = strcspn(line, "\r\n");
		if (*line == '>') {
			if (*n)
				break; /* the first contig only */
			snprintf(name, 64, "%.*s", (int)strcspn(line + 1, " \t\r\n"), line + 1);
			continue;
		}
		if (*n + k + 1 > cap) {
			cap = 2 * (*n + k + 1);
			char *t = realloc(s, cap);
			if (!t)
				break;
			s = t;
		}
		memcpy(s + *n, line, k);
		*n += k;
	}
	fclose(f);
	for (size_t i = 0; i < *n; i++)
		s[i] &= ~32;
	return s;
}

static int by_place(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* 1 + a geometric number with mean about 3. */
static int indel_length(struct rng *r)
{
	int n = 1;
	while (n < MAX_INDEL && rng_real(r) < 0.75)
		n++;
	return n;
}

static void record(const char *name, const char *s, size_t n, uint32_t at, uint64_t seed)
{
	struct rng r = rng_at(seed, 1, at);
	double kind = rng_real(&r);
	int k = indel_length(&r);
	printf("%s\t%u\t.\t", name, at + 1);
	if (kind < 0.85) {
		char b;
		do
			b = "ACGT"[rng_u64(&r) & 3];
		while (b == s[at]);
		printf("%c\t%c", s[at], b);
	} else if (kind < 0.93) {
		if (at + (size_t)k + 1 > n || memchr(s + at, 'N', (size_t)k + 1))
			k = 0;
		printf("%.*s\t%c", k + 1, s + at, k ? s[at] : s[at] == 'A' ? 'C' : 'A');
	} else {
		printf("%c\t%c", s[at], s[at]);
		while (k--)
			putchar("ACGT"[rng_u64(&r) & 3]);
	}
	static const char *const gt[] = {"0|1", "1|0", "1|1"};
	printf("\t50\tPASS\t.\tGT\t%s\n", gt[rng_u64(&r) % 3]);
}

int main(int argc, char **argv)
{
	char name[64] = "";
	size_t n, n_base = 0;
	if (argc != 4)
		return fprintf(stderr, "usage: annot_vars REF.fa N SEED\n"), 2;
	char *s = read_fasta(argv[1], name, &n);
	size_t want = strtoul(argv[2], NULL, 10);
	uint64_t seed = strtoull(argv[3], NULL, 10);
	uint32_t *base = malloc((n + 1) * sizeof *base), *at = malloc((want + 1) * sizeof *at);
	if (!s || !base || !at)
		return fprintf(stderr, "%s: cannot be read\n", argv[1]), 1;
	for (size_t i = 0; i < n; i++)
		if (s[i] != 'N')
			base[n_base++] = (uint32_t)i;
	struct rng r = rng_at(seed, 0, 0);
	for (size_t i = 0; i < want; i++)
		at[i] = base[rng_u64(&r) % n_base];
	qsort(at, want, sizeof *at, by_place);
	printf("##fileformat=VCFv4.2\n##contig=<ID=%s,length=%zu>\n", name, n);
	puts("##FILTER=<ID=PASS,Description=\"All filters passed\">");
	puts("##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">");
	puts("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1");
	for (size_t i = 0; i < want; i++) /* a place drawn twice is one variant */
		if (i == 0 || at[i] != at[i - 1])
			record(name, s, n, at[i], seed);
	free(s);
	free(base);
	free(at);
	return 0;
}
