/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_models.c -- gene models from arbitrary bytes. GFF3, GTF or BED: refused with the file's name, or
 * taken; what is taken has sound transcripts, each found by its name and its place, and comes back the same
 * from its compiled file. A compiled file with changed bytes, with or without fitting checksums: refused, or
 * each transcript sound or refused. Usage: fuzz_models [N]          4 N cases of the seeds 1..N (1000)
 *        fuzz_models -s SEED      those of one seed
 *        fuzz_models FILE...      cases of these bytes (what libFuzzer leaves)
 * The first byte chooses: bits 0-1: models (0), regulatory features (1), changes of a compiled file without
 * (2) and with (3) new checksums. Built with clang -fsanitize=fuzzer and -DFZ_NO_MAIN it is driven by
 * libFuzzer. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/out.h"
#include "seeds.h"
#include "stage/annotate/model_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct {
	long n[4], taken[4], tx, damaged;
} count;
static char path[64], gxm[64];

GRX_PRINTF(1, 2) static void die(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fputs("fuzz_models: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	abort();
}

static void write_file(const char *name, const void *p, size_t n)
{
	FILE *f = fopen(name, "wb");
	if (!f || fwrite(p, 1, n, f) != n || fclose(f))
		die("%s: cannot write", name);
}

static struct grx_contigs *contigs(struct grx_ctx *cx)
{
	struct grx_contigs *d = grx_contigs_new();
	if (!d || grx_contigs_add(cx, d, "chr1", 5000, NULL) || grx_contigs_add(cx, d, "chrX", 5000, NULL) ||
		grx_contigs_add(cx, d, "MT", 5000, NULL))
		die("no memory");
	return d;
}

static void check_cds(const struct annotate_tx *t)
{
	if (t->cds_beg < 1 || t->cds_end < t->cds_beg || t->cds_end > t->cdna_len || t->pad < 0 || t->pad > 2)
		die("%s: CDS %ld-%ld of %ld", t->id, (long)t->cds_beg, (long)t->cds_end, (long)t->cdna_len);
	if (!annotate_cdna(t, t->coding_beg) || !annotate_cdna(t, t->coding_end - 1))
		die("%s: CDS ends outside exons", t->id);
}

static void check_tx(const struct annotate_models *m, const struct annotate_tx *t)
{
	int64_t at = 0;
	for (int32_t i = 0; i < t->n_exon; i++) {
		const struct annotate_exon *e = &t->exon[i];
		if (e->beg >= e->end || e->cdna != at || e->beg < t->beg || e->end > t->end)
			die("%s: exon %d", t->id, (int)i);
		at += e->end - e->beg;
	}
	if (at != t->cdna_len || !*t->id)
		die("'%s': length %ld, want %ld", t->id, (long)t->cdna_len, (long)at);
	for (int64_t c = 1; c <= at && c < 50; c++)
		if (annotate_cdna(t, annotate_cdna_pos(t, c)) != c)
			die("%s: cDNA %ld", t->id, (long)c);
	if (t->coding)
		check_cds(t);
	size_t lo, hi, n_found;
	bool other;
	size_t k = annotate_models_find(m, t->id, -1, &n_found, &other);
	struct annotate_tx u;
	if (k == SIZE_MAX || !annotate_models_get(m, k, &u) || strcmp(u.id, t->id) != 0)
		die("%s: not found", t->id);
	annotate_models_range(m, t->tid, t->beg, t->end, &lo, &hi);
	if (t->tid >= 0 && (t->index < lo || t->index >= hi))
		die("%s: not in its own range", t->id);
	count.tx++;
}

/* All transcripts; false for those that are refused. */
static void walk(const struct annotate_models *m, bool sound)
{
	struct annotate_tx t;
	for (size_t i = 0; i < annotate_models_n(m); i++) {
		if (annotate_models_get(m, i, &t)) {
			if (sound)
				check_tx(m, &t);
			for (int32_t k = 0; !sound && k < t.n_exon; k++)
				if (annotate_cdna(&t, t.exon[k].beg) < 1)
					die("%s: exon %d", t.id, (int)k);
		} else if (sound) {
			die("transcript %zu is refused", i);
		} else {
			count.damaged++;
		}
	}
	for (int32_t tid = -1; tid < 4; tid++) {
		size_t lo, hi;
		annotate_models_range(m, tid, 100, 200, &lo, &hi);
		for (size_t i = lo; i < hi; i = annotate_models_next(m, i + 1, hi, 100))
			if (i >= annotate_models_n(m))
				die("range beyond the end");
		annotate_models_features(m, tid, 100, 200, &lo, &hi);
		for (size_t i = lo; i < hi; i++) {
			struct annotate_feature f;
			annotate_models_feature(m, i, &f);
			if (strlen(f.id) > 1000000)
				die("feature");
		}
	}
}

static void compiled_again(struct grx_ctx *cx, const struct annotate_models *m)
{
	struct annotate_image im;
	cx->outs = grx_outs_new();
	if (!cx->outs || annotate_image_write(cx, &m->im, gxm) || grx_outs_commit(cx) ||
		annotate_image_open(cx, gxm, true, &im))
		die("compiled: %s", cx->err.msg);
	grx_outs_free(cx->outs);
	cx->outs = NULL;
	for (int s = 0; s < AT_S_N; s++) {
		size_t n = im.n[s] * annotate_section_size((enum annotate_section)s);
		if (im.n[s] != m->im.n[s] || (n && memcmp(im.sec[s], m->im.sec[s], n) != 0))
			die("section %d is not what was compiled", s);
	}
	struct annotate_tx t;
	for (size_t i = 0; i < im.n[AT_S_TX]; i++)
		if (!annotate_image_tx(&im, i, &t))
			die("compiled transcript %zu is refused", i);
	annotate_image_clear(&im);
}

static const char sound_gff[] =
	"chr1\tx\tgene\t101\t900\t.\t+\t.\tID=g;Name=N\n"
	"chr1\tx\tmRNA\t101\t900\t.\t+\t.\tID=t;Parent=g;tag=basic\n"
	"chr1\tx\texon\t101\t400\t.\t+\t.\tParent=t\nchr1\tx\texon\t601\t900\t.\t+\t.\tParent=t\n"
	"chr1\tx\tCDS\t201\t400\t.\t+\t0\tID=c;Parent=t\n"
	"chr1\tx\tCDS\t601\t620\t.\t+\t1\tID=c;Parent=t\n"
	"chr1\tx\tCDS\t620\t700\t.\t+\t0\tID=c;Parent=t\n"
	"chrX\tx\tmRNA\t11\t90\t.\t-\t.\tID=u\nchrX\tx\texon\t11\t90\t.\t-\t.\tParent=u\n";

static int open_models(struct grx_ctx *cx, const char *file, const char *reg, struct annotate_models **m)
{
	struct grx_contigs *d = contigs(cx);
	int rc = annotate_models_open(
		cx, &(struct annotate_models_opt){.gff = file, .regulatory = reg}, d, m);
	grx_contigs_free(d);
	if (rc && rc != GRX_E_DATA && rc != GRX_E_MISMATCH)
		die("status %d: %s", rc, cx->err.msg);
	if (rc && !strstr(cx->err.msg, "/tmp/fuzz_models."))
		die("refused without the file: %s", cx->err.msg);
	return rc;
}

static void text_case(int kind, const uint8_t *data, size_t n)
{
	struct grx_ctx cx = {0};
	struct annotate_models *m = NULL;
	write_file(path, data, n);
	if (kind == 1)
		write_file(gxm, sound_gff, sizeof sound_gff - 1);
	if (open_models(&cx, kind == 1 ? gxm : path, kind == 1 ? path : NULL, &m))
		return;
	count.taken[kind]++;
	walk(m, true);
	if (kind == 0)
		compiled_again(&cx, m);
	annotate_models_free(m);
}

/* Compiled once; bytes of the case: place (2), value (1). */
static void binary_case(int kind, const uint8_t *data, size_t n)
{
	static uint8_t base[1 << 14];
	static size_t size;
	struct grx_ctx cx = {0};
	struct annotate_models *m = NULL;
	if (!size) {
		write_file(path, sound_gff, sizeof sound_gff - 1);
		if (open_models(&cx, path, NULL, &m))
			die("%s", cx.err.msg);
		compiled_again(&cx, m);
		annotate_models_free(m);
		FILE *f = fopen(gxm, "rb");
		size = f ? fread(base, 1, sizeof base, f) : 0;
		if (!size || size == sizeof base)
			die("%s: %zu bytes", gxm, size);
		fclose(f);
	}
	uint8_t *p = malloc(size); /* of its own size, so that reading beyond it shows */
	memcpy(p, base, size);
	size_t from = kind == 3 ? sizeof(struct annotate_im_head) : 0;
	for (; n >= 3; data += 3, n -= 3)
		p[from + (data[0] << 8 | data[1]) % (size - from)] = data[2];
	if (kind == 3)
		annotate_image_seal(p, size);
	write_file(gxm, p, size);
	free(p);
	if (open_models(&cx, gxm, NULL, &m))
		return;
	count.taken[kind]++;
	walk(m, false);
	annotate_models_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (!path[0]) {
		snprintf(path, sizeof path, "/tmp/fuzz_models.%ld.gff", (long)getpid());
		snprintf(gxm, sizeof gxm, "/tmp/fuzz_models.%ld.gxm", (long)getpid());
	}
	if (n == 0)
		return 0;
	int kind = data[0] & 3;
	count.n[kind]++;
	if (kind < 2)
		text_case(kind, data + 1, n - 1);
	else
		binary_case(kind, data + 1, n - 1);
	unlink(path);
	unlink(gxm);
	return 0;
}

#ifndef FZ_NO_MAIN
static const char *pick(const char *const *v, size_t n)
{
	return v[draw((uint32_t)n)];
}
#define PICK(v) pick(v, sizeof v / sizeof *v)

static void make_attrs(struct grx_str *s, bool gtf)
{
	static const char *const key[] = {"ID", "Parent", "Name", "tag", "version", "Dbxref", "transl_except",
		"transl_table", "exception", "protein_id", "gene_id", "transcript_id", "Gap", "Target",
		"Is_circular", "start_range", "Derives_from", "Note", "biotype", "num_mismatch"};
	static const char *const val[] = {"a", "b", "c", "a,b", "g", "ENST1.2", "transcript:b",
		"MANE_Select,CCDS", "(pos:110..112,aa:Sec)",
		"(pos:complement(join(1..2,9..9))%2Caa:Sec),(pos:7,aa:TERM)", "2", "11", "4",
		"ribosomal slippage", "M10 D2 M5 I1", "a 1 30 +", "true", "%2C%ZZ%", "",
		"GeneID:5,HGNC:HGNC:7", "x compared to this genomic sequence", "seleno,appris_principal_9",
		"=;\"", "99999999999"};
	int n = (int)draw(5);
	if (gtf)
		grx_str_addf(
			s, "gene_id \"%s\"; transcript_id \"%s\";", draw(2) ? "g" : "h", draw(3) ? "a" : "b");
	else if (draw(10))
		grx_str_addf(s, "%s=%s;", draw(2) ? "ID" : "Parent", pick(val, 4));
	for (int i = 0; i < n; i++)
		grx_str_addf(s, gtf ? " %s \"%s\";" : "%s=%s;", PICK(key), PICK(val));
}

static void make_text(struct grx_str *s, bool reg)
{
	static const char *const seq[] = {"chr1", "1", "X", "chrX", "MT", "NC_000001.11", "zz"};
	static const char *const type[] = {"gene", "mRNA", "exon", "exon", "exon", "CDS", "CDS", "CDS",
		"stop_codon", "transcript", "miRNA", "primary_transcript", "five_prime_UTR", "cDNA_match",
		"region", "Selenocysteine", "enhancer", "pseudogene"};
	bool gtf = draw(5) == 0;
	int n = 1 + (int)draw(30);
	for (int i = 0; i < n; i++) {
		int beg = (int)draw(40) * 30 + 100, end = beg + (int)draw(300);
		if (reg && draw(2)) {
			grx_str_addf(s, "%s\t%d\t%d\tn%d\n", PICK(seq), beg, end, i);
			continue;
		}
		grx_str_addf(s, "%s\tx\t%s\t%d\t%d\t.\t%c\t%c\t", draw(4) ? "1" : PICK(seq), PICK(type), beg,
			end, draw(8) ? '+' : "-.?"[draw(3)], ".012"[draw(4)]);
		make_attrs(s, gtf);
		grx_str_addc(s, '\n');
	}
	for (int k = draw(6) ? 0 : 1 + (int)draw(4); k > 0; k--)
		s->s[1 + draw((uint32_t)s->n - 1)] = (char)draw(256);
}

static void seeded(uint64_t seed)
{
	for (int kind = 0; kind < 4; kind++) {
		struct grx_str s = {0};
		seed_set(seed * 4 + (unsigned)kind);
		grx_str_addc(&s, (char)('0' + kind));
		if (kind < 2)
			make_text(&s, kind == 1);
		for (int i = (int)draw(12) * 3; kind >= 2 && i >= 0; i--)
			grx_str_addc(&s, (char)(draw(3) ? draw(256) : draw(2) ? 0 : 255));
		LLVMFuzzerTestOneInput((const uint8_t *)s.s, s.n);
		grx_str_clear(&s);
	}
}

int main(int argc, char **argv)
{
	seeds_run(argc, argv, 1000, seeded);
	printf("fuzz_models: %ld model files (%ld taken), %ld regulatory files (%ld taken), %ld changed "
	       "compiled files "
	       "(%ld opened), %ld with new checksums (%ld opened); %ld transcripts sound, %ld refused\n",
		count.n[0], count.taken[0], count.n[1], count.taken[1], count.n[2], count.taken[2],
		count.n[3], count.taken[3], count.tx, count.damaged);
	return 0;
}
#endif
