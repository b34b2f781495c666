/* SPDX-License-Identifier: GPL-3.0-or-later
 * annotate_db_gen.c -- a made-up contig, a database of its variants with ten INFO fields, and a sample that
 * carries some of them: the same bytes everywhere for the same arguments. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rng.h"

struct site {
	int64_t pos; /* 1-based */
	int n_alt;
	char ref[16], alt[2][16];
};

struct plan {
	int64_t n, len, every;
};

static char base(int64_t pos)
{
	return "ACGT"[rng_mix((uint64_t)pos) >> 40 & 3];
}

static char other(char b, uint64_t r)
{
	static const char all[] = "ACGT";
	return all[((uint64_t)(strchr(all, b) - all) + 1 + r % 3) & 3];
}

/* Variant number i: a 12th insertions and a 12th deletions, as far left as they go; of the substitutions a
 * 32nd has two ALTs. */
static void site_make(const struct plan *p, int64_t i, struct site *s)
{
	struct rng g = rng_at(1, 0, (uint64_t)i);
	int64_t step = p->len / (p->n + 1);
	uint64_t r = rng_u64(&g), kind = r % 12;
	int n = (int)(r >> 8 & 7) + 1;
	memset(s, 0, sizeof *s);
	s->pos = 1 + i * step + (int64_t)((r >> 16) % (uint64_t)(step > 12 ? step - 11 : 1));
	s->n_alt = 1;
	s->ref[0] = s->alt[0][0] = base(s->pos);
	r = rng_u64(&g);
	if (kind == 0) {
		for (int k = 1; k <= n; k++)
			s->alt[0][k] = "ACGT"[r >> 2 * k & 3];
		s->alt[0][n] = other(s->ref[0], r >> 40);
		return;
	}
	while (kind == 1 && n > 0 && base(s->pos + n) == s->ref[0])
		n--;
	if (kind == 1 && n > 0) {
		for (int k = 1; k <= n; k++)
			s->ref[k] = base(s->pos + k);
		return;
	}
	s->alt[0][0] = other(s->ref[0], r >> 40);
	if (r & 31)
		return;
	s->alt[1][0] = other(s->ref[0], (r >> 40) + 1);
	s->n_alt = 2;
}

static void fasta(const struct plan *p)
{
	puts(">chr1");
	for (int64_t i = 1; i <= p->len; i++) {
		putchar(base(i));
		if (i % 60 == 0 || i == p->len)
			putchar('\n');
	}
}

static void info(int64_t i, const struct site *s)
{
	static const char *const sig[] = {"Benign", "Likely_benign", "Uncertain_significance", "Pathogenic"};
	static const char *const real[] = {"AF", "AF_MAX", "SCORE"}, *const whole[] = {"AC", "HOM"};
	struct rng g = rng_at(2, 0, (uint64_t)i);
	for (int k = 0; k < 3; k++)
		for (int a = 0; a < s->n_alt; a++) {
			double x = rng_real(&g);
			printf("%s%s%.4g%s", a ? "," : real[k], a ? "" : "=", k < 2 ? x * x * x * x : x,
				a + 1 == s->n_alt ? ";" : "");
		}
	for (int k = 0; k < 2; k++)
		for (int a = 0; a < s->n_alt; a++)
			printf("%s%s%d%s", a ? "," : whole[k], a ? "" : "=",
				(int)(rng_u64(&g) % (k ? 50 : 20000)), a + 1 == s->n_alt ? ";" : "");
	printf("DEPTH=%d;RS=rs%d", (int)(rng_u64(&g) % 60) + 10, 10000 + (int)i * 7);
	uint64_t r = rng_u64(&g);
	if (r % 20 == 0)
		printf(";CLNSIG=%s", sig[r >> 8 & 3]);
	if (r >> 16 & 1)
		printf(";GENE=G%d", (int)(i / 800));
	if ((r >> 16 & 31) == 1)
		printf(",G%d", (int)(i / 800) + 1);
	if ((r >> 21 & 7) == 0)
		printf(";COMMON");
	putchar('\n');
}

static void header(const struct plan *p)
{
	printf("##fileformat=VCFv4.2\n##contig=<ID=chr1,length=%" PRId64 ">\n", p->len);
}

static void sites(const struct plan *p)
{
	static const char *const decl[] = {"AF,Number=A,Type=Float", "AF_MAX,Number=A,Type=Float",
		"SCORE,Number=A,Type=Float", "AC,Number=A,Type=Integer", "HOM,Number=A,Type=Integer",
		"DEPTH,Number=1,Type=Integer", "RS,Number=.,Type=String", "CLNSIG,Number=.,Type=String",
		"GENE,Number=.,Type=String", "COMMON,Number=0,Type=Flag"};
	struct site s;
	header(p);
	for (int k = 0; k < 10; k++)
		printf("##INFO=<ID=%s,Description=\"made up\">\n", decl[k]);
	puts("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO");
	for (int64_t i = 0; i < p->n; i++) {
		site_make(p, i, &s);
		printf("chr1\t%" PRId64 "\t.\t%s\t%s%s%s\t.\t.\t", s.pos, s.ref, s.alt[0],
			s.n_alt > 1 ? "," : "", s.alt[1]);
		info(i, &s);
	}
}

/* Every n-th site, two ALTs in the other order; a fifth with an ALT that the database may lack. */
static void sample(const struct plan *p)
{
	struct site s;
	header(p);
	puts("##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n"
	     "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1");
	for (int64_t i = 0; i < p->n; i += p->every) {
		struct rng g = rng_at(3, 0, (uint64_t)i);
		site_make(p, i, &s);
		if (rng_u64(&g) % 5 == 0) {
			s.pos++;
			s.ref[0] = base(s.pos);
			s.ref[1] = s.alt[0][1] = '\0';
			s.alt[0][0] = other(s.ref[0], rng_u64(&g));
			s.n_alt = 1;
		}
		printf("chr1\t%" PRId64 "\t.\t%s\t%s%s%s\t.\t.\t.\tGT\t0|1\n", s.pos, s.ref,
			s.alt[s.n_alt - 1], s.n_alt > 1 ? "," : "", s.n_alt > 1 ? s.alt[0] : "");
	}
}

int main(int argc, char **argv)
{
	struct plan p = {
		argc > 2 ? atoll(argv[2]) : 0, argc > 3 ? atoll(argv[3]) : 0, argc > 4 ? atoll(argv[4]) : 1};
	if (argc < 4 || p.n < 1 || p.len < p.n || p.every < 1) {
		fputs("usage: annotate_db_gen fasta|sites|sample N LENGTH [EVERY]\n", stderr);
		return 2;
	}
	if (strcmp(argv[1], "fasta") == 0)
		fasta(&p);
	else if (strcmp(argv[1], "sites") == 0)
		sites(&p);
	else
		sample(&p);
	return fflush(stdout) || ferror(stdout) ? 1 : 0;
}
