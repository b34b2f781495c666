/* SPDX-License-Identifier: GPL-3.0-or-later
 * prs_gen.c -- a seeded cohort and scores for it, with the sums the true genotypes have.
 * Usage: prs_gen -o PREFIX [--seed N] [--variants N] [--samples N] [--missing P] [--depth X [--shape K]
 *        [--error E]] [--pops N] [--cols K]... [--pgs K] [--truth K] [--only cohort|scores]
 *   PREFIX.bcf (+ .csi)   GT; with --depth GT:PL, GT the likeliest genotype. ID chr:pos:ref:alt
 *   PREFIX.afreq          true ALT frequencies as plink2 writes them
 *   PREFIX.truth.tsv      sample score true zero mean: sum over the true genotypes; over the called ones; and
 * with 2 f for a no-call, f the frequency among the cohort's calls (not with --depth) PREFIX.wK.txt         K
 * columns of weights for plink's --score: ID A1 S0001 ... PREFIX.pgs/S0001.txt  the same as separate files in
 * the PGS Catalog's form (--pgs) What is drawn: positions evenly over the autosomes of GRCh38; independent
 * variants in Hardy-Weinberg proportions; ALT frequency with density 1/f on [0.01, 0.99] (the neutral
 * spectrum, cut to what scores use: mean 0.21); SNVs, two thirds transitions, an eighth of them A/T or C/G;
 * effect allele REF or ALT, each for half; weights normal with standard deviation 0.05, in units of 10^-6, so
 * that sums are integers and exact. No linkage disequilibrium. */
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <htslib/hts.h>
#include <htslib/vcf.h>

#include "reads.h"

enum { STREAM_SITE = 1, STREAM_GENO, STREAM_MISS, STREAM_READS, STREAM_WEIGHT, STREAM_DRIFT = 1000000 };
enum { N_CHROM = 22, MAX_SETS = 8, N_SUPER = 5, MAX_POPS = 64 };

/* GRCh38 autosomes (GCA_000001405.15). */
static const int32_t chrom_len[N_CHROM] = {248956422, 242193529, 198295559, 190214555, 181538259, 170805979,
	159345973, 145138636, 138394717, 133797422, 135086622, 133275309, 114364328, 107043718, 101991189,
	90338345, 83257441, 80373285, 58617616, 64444167, 46709983, 50818468};

struct opt {
	const char *prefix;
	uint64_t seed;
	int variants, samples, truth, pgs, pops, n_cols, cols[MAX_SETS];
	double missing, depth, shape, error;
	bool cohort, scores;
};

struct site {
	int chrom;   /* 0-based */
	int32_t pos; /* 1-based */
	char ref, alt;
	bool effect_ref;
	double f;
};

struct cohort {
	const struct opt *o;
	struct reads *reads;
	htsFile *out;
	bcf_hdr_t *hdr;
	bcf1_t *rec;
	int32_t *gt, *pl;
	uint8_t *g, *seen; /* true copies of ALT; 1 = called */
	int64_t *sum, *zero;
	long double *mean;
};

static void die(const char *what, const char *which)
{
	fprintf(stderr, "prs_gen: %s: %s\n", what, which);
	exit(1);
}

static void *need(void *p)
{
	if (!p)
		die("out of memory", "use fewer samples");
	return p;
}

static FILE *out_open(const struct opt *o, const char *tail)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s%s", o->prefix, tail);
	FILE *f = fopen(path, "w");
	if (!f)
		die("cannot write", path);
	setvbuf(f, NULL, _IOFBF, 1 << 20);
	return f;
}

static void out_close(FILE *f)
{
	if (ferror(f) || fclose(f) != 0)
		die("cannot write", "disk full?");
}

static void id_of(const struct site *s, char *buf, size_t n)
{
	snprintf(buf, n, "%d:%d:%c:%c", s->chrom + 1, s->pos, s->ref, s->alt);
}

/* Variant i of n: everything but genotypes and weights. */
static void site_get(const struct opt *o, int i, struct site *s)
{
	static const char transition[] = "GTAC", base[] = "ACGT";
	struct rng r = rng_at(o->seed, STREAM_SITE, (uint64_t)i);
	int64_t total = 0, at;
	for (int c = 0; c < N_CHROM; c++)
		total += chrom_len[c] - 2000000;
	at = (int64_t)((double)total * (i + 0.25 + 0.5 * rng_real(&r)) / o->variants);
	for (s->chrom = 0; s->chrom < N_CHROM - 1 && at >= chrom_len[s->chrom] - 2000000; s->chrom++)
		at -= chrom_len[s->chrom] - 2000000;
	s->pos = (int32_t)at + 1000001;
	int ref = (int)(rng_u64(&r) >> 62);
	s->ref = base[ref];
	s->alt = transition[ref];
	if (rng_real(&r) > 2.0 / 3) {
		int k = ref;
		while (k == ref || base[k] == transition[ref])
			k = (int)(rng_u64(&r) >> 62);
		s->alt = base[k];
	}
	s->effect_ref = rng_real(&r) < 0.5;
	s->f = 0.01 * pow(99, rng_real(&r)); /* density 1/f on [0.01, 0.99] */
}

/* Weight of column k (from 0) at variant i, in 10^-6. */
static int32_t weight_get(const struct opt *o, int i, int k)
{
	struct rng r = rng_at(o->seed, STREAM_WEIGHT + (uint64_t)k, (uint64_t)i);
	return (int32_t)lround(5e4 * rng_normal(&r));
}

/* ---- the cohort ---- */

static void header_write(struct cohort *c)
{
	char line[256];
	c->hdr = need(bcf_hdr_init("w"));
	for (int i = 0; i < N_CHROM; i++) {
		snprintf(line, sizeof(line), "##contig=<ID=%d,length=%d>", i + 1, chrom_len[i]);
		bcf_hdr_append(c->hdr, line);
	}
	bcf_hdr_append(c->hdr, "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">");
	if (c->reads)
		bcf_hdr_append(c->hdr, "##FORMAT=<ID=PL,Number=G,Type=Integer,Description=\"Likelihoods\">");
	for (int s = 0; s < c->o->samples; s++) {
		snprintf(line, sizeof(line), "P%05d", s + 1);
		bcf_hdr_add_sample(c->hdr, line);
	}
	if (bcf_hdr_write(c->out, c->hdr) < 0)
		die("cannot write", "header");
}

/* Thresholds of a 32-bit draw for one and two copies under Hardy-Weinberg. */
static void threshold(double f, uint32_t *q)
{
	q[0] = (uint32_t)((1 - f) * (1 - f) * 4294967295.0);
	q[1] = (uint32_t)((1 - f * f) * 4294967295.0);
}

/* Frequencies of the populations: normal drift (Nicholson et al. 2002), kept off the ends. */
static void pops_draw(const struct opt *o, int i, double f, uint32_t (*q)[2])
{
	struct rng r = rng_at(o->seed, STREAM_DRIFT, (uint64_t)i);
	double super[N_SUPER];
	for (int k = 0; k < N_SUPER; k++)
		super[k] = fmin(0.995, fmax(0.005, f + sqrt(0.1 * f * (1 - f)) * rng_normal(&r)));
	for (int k = 0; k < o->pops; k++) {
		double p = super[k % N_SUPER];
		threshold(fmin(0.999, fmax(0.001, p + sqrt(0.01 * p * (1 - p)) * rng_normal(&r))), q[k]);
	}
}

static void geno_draw(struct cohort *c, int i, double f)
{
	struct rng r = rng_at(c->o->seed, STREAM_GENO, (uint64_t)i);
	struct rng m = rng_at(c->o->seed, STREAM_MISS, (uint64_t)i);
	int n_pop = c->o->pops > 0 ? c->o->pops : 1;
	uint32_t q[MAX_POPS][2];
	threshold(f, q[0]);
	if (c->o->pops > 0)
		pops_draw(c->o, i, f, q);
	for (int s = 0, k = 0; s < c->o->samples; s++, k = k + 1 == n_pop ? 0 : k + 1) {
		uint32_t u = (uint32_t)(rng_u64(&r) >> 32);
		c->g[s] = (uint8_t)((u >= q[k][0]) + (u >= q[k][1]));
		c->seen[s] = 1;
	}
	if (c->o->missing <= 0)
		return;
	/* from one no-call to the next */
	for (double s = -1;;) {
		s += 1 + floor(log(rng_real(&m)) / log1p(-c->o->missing));
		if (s >= c->o->samples)
			break;
		c->seen[(int)s] = 0;
	}
}

static void people_write(const struct opt *o)
{
	FILE *f = out_open(o, ".people.tsv");
	fprintf(f, "sample\tpopulation\tsuperpopulation\n");
	for (int s = 0; s < o->samples; s++)
		fprintf(f, "P%05d\tPOP%02d\tSUP%d\n", s + 1, s % o->pops + 1, s % o->pops % N_SUPER + 1);
	out_close(f);
}

/* GT and PL by reads; a genotype without a read is ./. with PL 0,0,0, a no-call ./. with PL missing. */
static void reads_fill(struct cohort *c, int i)
{
	static const uint8_t none[3] = {0, 0, 0};
	struct rng r = rng_at(c->o->seed, STREAM_READS, (uint64_t)i);
	for (int s = 0; s < c->o->samples; s++) {
		const uint8_t *pl = reads_draw(c->reads, c->g[s], &r);
		int best = pl && pl[1] < pl[0] ? 1 : 0;
		if (pl && pl[2] < pl[best])
			best = 2;
		bool called = pl && c->seen[s];
		c->gt[2 * s] = called ? bcf_gt_unphased(best == 2) : bcf_gt_missing;
		c->gt[2 * s + 1] = called ? bcf_gt_unphased(best >= 1) : bcf_gt_missing;
		for (int k = 0; k < 3; k++)
			c->pl[3 * s + k] = c->seen[s] ? (pl ? pl : none)[k] : bcf_int32_missing;
	}
}

static void calls_fill(struct cohort *c)
{
	for (int s = 0; s < c->o->samples; s++) {
		c->gt[2 * s] = c->seen[s] ? bcf_gt_unphased(c->g[s] == 2) : bcf_gt_missing;
		c->gt[2 * s + 1] = c->seen[s] ? bcf_gt_unphased(c->g[s] >= 1) : bcf_gt_missing;
	}
}

static void rec_write(struct cohort *c, const struct site *s)
{
	char id[64], alleles[] = {s->ref, ',', s->alt, 0};
	id_of(s, id, sizeof(id));
	bcf_clear(c->rec);
	c->rec->rid = s->chrom;
	c->rec->pos = s->pos - 1;
	bcf_update_id(c->hdr, c->rec, id);
	bcf_update_alleles_str(c->hdr, c->rec, alleles);
	bcf_update_genotypes(c->hdr, c->rec, c->gt, 2 * c->o->samples);
	if (c->reads)
		bcf_update_format_int32(c->hdr, c->rec, "PL", c->pl, 3 * c->o->samples);
	if (bcf_write(c->out, c->hdr, c->rec) < 0)
		die("cannot write", id);
}

/* Adds the variant to the true sums of the first columns. */
static void truth_add(struct cohort *c, int i, const struct site *s)
{
	int n = c->o->samples, an = 0, ac = 0;
	for (int j = 0; j < n; j++) {
		if (s->effect_ref)
			c->g[j] = (uint8_t)(2 - c->g[j]);
		an += 2 * c->seen[j];
		ac += c->seen[j] * c->g[j];
	}
	for (int k = 0; k < c->o->truth; k++) {
		int64_t w = weight_get(c->o, i, k), *sum = c->sum + (size_t)k * (size_t)n,
			*zero = c->zero + (size_t)k * (size_t)n;
		long double *mean = c->mean + (size_t)k * (size_t)n;
		for (int j = 0; j < n; j++) {
			sum[j] += w * c->g[j];
			zero[j] += w * c->g[j] * c->seen[j];
		}
		for (int j = 0; j < n && an > 0 && an < 2 * n; j++)
			if (!c->seen[j])
				mean[j] += (long double)w * 2 * ac / an;
	}
}

static void truth_write(const struct cohort *c)
{
	FILE *f = out_open(c->o, ".truth.tsv");
	fprintf(f, "sample\tscore\ttrue\tzero\tmean\n");
	for (int k = 0; k < c->o->truth; k++)
		for (int s = 0; s < c->o->samples; s++) {
			size_t at = (size_t)k * (size_t)c->o->samples + (size_t)s;
			fprintf(f, "P%05d\tS%04d\t%.6f\t", s + 1, k + 1, (double)c->sum[at] * 1e-6);
			if (c->reads)
				fprintf(f, "NA\tNA\n");
			else
				fprintf(f, "%.6f\t%.12Lg\n", (double)c->zero[at] * 1e-6,
					((long double)c->zero[at] + c->mean[at]) * 1e-6L);
		}
	out_close(f);
}

static void cohort_open(struct cohort *c, const char *path)
{
	size_t n = (size_t)c->o->samples, nk = n * (size_t)c->o->truth;
	c->gt = need(calloc(2 * n, sizeof(*c->gt)));
	c->pl = need(calloc(3 * n, sizeof(*c->pl)));
	c->g = need(calloc(n, 1));
	c->seen = need(calloc(n, 1));
	c->sum = need(calloc(nk + 1, sizeof(*c->sum)));
	c->zero = need(calloc(nk + 1, sizeof(*c->zero)));
	c->mean = need(calloc(nk + 1, sizeof(*c->mean)));
	c->rec = need(bcf_init());
	c->out = hts_open(path, "wb");
	if (!c->out || hts_set_threads(c->out, 1) != 0)
		die("cannot write", path);
	if (c->o->depth > 0) {
		c->reads = need(calloc(1, sizeof(*c->reads)));
		reads_init(c->reads, c->o->depth, c->o->shape, c->o->error);
	}
	header_write(c);
}

static void cohort_close(struct cohort *c, const char *path)
{
	if (hts_close(c->out) != 0 || bcf_index_build(path, 14) != 0)
		die("cannot write or index", path);
	bcf_destroy(c->rec);
	bcf_hdr_destroy(c->hdr);
	free(c->gt);
	free(c->pl);
	free(c->g);
	free(c->seen);
	free(c->sum);
	free(c->zero);
	free(c->mean);
	free(c->reads);
}

static void cohort_make(const struct opt *o)
{
	struct cohort c = {.o = o};
	char path[4096], id[64];
	snprintf(path, sizeof(path), "%s.bcf", o->prefix);
	cohort_open(&c, path);
	if (o->pops > 0)
		people_write(o);
	FILE *freq = out_open(o, ".afreq");
	fprintf(freq, "#CHROM\tID\tREF\tALT\tALT_FREQS\tOBS_CT\n");
	for (int i = 0; i < o->variants; i++) {
		struct site s;
		site_get(o, i, &s);
		id_of(&s, id, sizeof(id));
		geno_draw(&c, i, s.f);
		if (c.reads)
			reads_fill(&c, i);
		else
			calls_fill(&c);
		rec_write(&c, &s);
		fprintf(freq, "%d\t%s\t%c\t%c\t%.9g\t100000\n", s.chrom + 1, id, s.ref, s.alt, s.f);
		truth_add(&c, i, &s);
	}
	out_close(freq);
	truth_write(&c);
	cohort_close(&c, path);
}

/* ---- the scores ---- */

/* The weight as text, without stdio: there may be 10^9 of them. */
static char *weight_put(char *p, int32_t w)
{
	uint32_t u = w < 0 ? (uint32_t)-w : (uint32_t)w;
	if (w < 0)
		*p++ = '-';
	if (u >= 1000000) /* more than 20 standard deviations */
		die("weight", "too large");
	*p++ = '0';
	*p++ = '.';
	for (uint32_t d = 100000; d > 0; d /= 10)
		*p++ = (char)('0' + u / d % 10);
	return p;
}

static void matrix_write(const struct opt *o, int cols)
{
	char tail[32], id[64], *line = need(malloc(80 + 10 * (size_t)cols));
	snprintf(tail, sizeof(tail), ".w%d.txt", cols);
	FILE *f = out_open(o, tail);
	fprintf(f, "ID\tA1");
	for (int k = 0; k < cols; k++)
		fprintf(f, "\tS%04d", k + 1);
	fputc('\n', f);
	for (int i = 0; i < o->variants; i++) {
		struct site s;
		site_get(o, i, &s);
		id_of(&s, id, sizeof(id));
		char *p = line + sprintf(line, "%s\t%c", id, s.effect_ref ? s.ref : s.alt);
		for (int k = 0; k < cols; k++) {
			*p++ = '\t';
			p = weight_put(p, weight_get(o, i, k));
		}
		*p++ = '\n';
		fwrite(line, 1, (size_t)(p - line), f);
	}
	free(line);
	out_close(f);
}

static void pgs_write(const struct opt *o, int k)
{
	char tail[64];
	snprintf(tail, sizeof(tail), ".pgs/S%04d.txt", k + 1);
	FILE *f = out_open(o, tail);
	fprintf(f,
		"#format_version=2.0\n#pgs_id=S%04d\n#pgs_name=S%04d\n#trait_reported=simulated\n#genome_"
		"build=GRCh38\n"
		"#variants_number=%d\n#weight_type=beta\nchr_name\tchr_position\teffect_allele\tother_"
		"allele\teffect_"
		"weight\n",
		k + 1, k + 1, o->variants);
	for (int i = 0; i < o->variants; i++) {
		struct site s;
		char w[16];
		site_get(o, i, &s);
		*weight_put(w, weight_get(o, i, k)) = 0;
		fprintf(f, "%d\t%d\t%c\t%c\t%s\n", s.chrom + 1, s.pos, s.effect_ref ? s.ref : s.alt,
			s.effect_ref ? s.alt : s.ref, w);
	}
	out_close(f);
}

static void scores_make(const struct opt *o)
{
	char dir[4096];
	for (int i = 0; i < o->n_cols; i++)
		matrix_write(o, o->cols[i]);
	snprintf(dir, sizeof(dir), "%s.pgs", o->prefix);
	if (o->pgs > 0)
		mkdir(dir, 0777);
	for (int k = 0; k < o->pgs; k++)
		pgs_write(o, k);
}

static void opt_set(struct opt *o, int what, const char *v)
{
	switch (what) {
	case 'o':
		o->prefix = v;
		break;
	case 's':
		o->seed = strtoull(v, NULL, 10);
		break;
	case 'v':
		o->variants = atoi(v);
		break;
	case 'n':
		o->samples = atoi(v);
		break;
	case 'm':
		o->missing = atof(v);
		break;
	case 'd':
		o->depth = atof(v);
		break;
	case 'k':
		o->shape = atof(v);
		break;
	case 'e':
		o->error = atof(v);
		break;
	case 't':
		o->truth = atoi(v);
		break;
	case 'p':
		o->pgs = atoi(v);
		break;
	case 'P':
		o->pops = atoi(v);
		break;
	case 'c':
		if (o->n_cols == MAX_SETS)
			die("too many", "--cols");
		o->cols[o->n_cols++] = atoi(v);
		break;
	case 'y':
		o->cohort = strcmp(v, "cohort") == 0;
		o->scores = strcmp(v, "scores") == 0;
		break;
	default:
		die("see the head of", "prs_gen.c");
	}
}

int main(int argc, char **argv)
{
	static const struct option option[] = {{"seed", 1, NULL, 's'}, {"variants", 1, NULL, 'v'},
		{"samples", 1, NULL, 'n'}, {"missing", 1, NULL, 'm'}, {"depth", 1, NULL, 'd'},
		{"shape", 1, NULL, 'k'}, {"error", 1, NULL, 'e'}, {"truth", 1, NULL, 't'},
		{"pgs", 1, NULL, 'p'}, {"pops", 1, NULL, 'P'}, {"cols", 1, NULL, 'c'}, {"only", 1, NULL, 'y'},
		{NULL, 0, NULL, 0}};
	struct opt o = {.seed = 20261121,
		.variants = 500000,
		.samples = 1000,
		.missing = 0.005,
		.error = 0.005,
		.truth = 3,
		.cohort = true,
		.scores = true};
	int c;
	while ((c = getopt_long(argc, argv, "o:", option, NULL)) != -1)
		opt_set(&o, c, optarg);
	if (!o.prefix || optind != argc || o.variants < 1 || o.samples < 1 || o.missing >= 1 ||
		o.pops > MAX_POPS)
		die("usage", "prs_gen -o PREFIX [options]; see the head of prs_gen.c");
	if (o.cohort)
		cohort_make(&o);
	if (o.scores)
		scores_make(&o);
	return 0;
}
