/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_call_region.c -- runs the call stage on random genomes, reads and forced sites: as one shard and cut
 * in three, with and without blocks, with and without forced sites.
 * Usage: fuzz_call_region [-v] [N]       cases of the seeds 1..N (200)
 *        fuzz_call_region [-v] -s SEED   that case
 *        fuzz_call_region [-v] FILE...   cases of these bytes (what libFuzzer leaves)
 * Built with clang -fsanitize=fuzzer and -DFZ_NO_MAIN it is driven by libFuzzer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "bio/contig.h"
#include "call_case.h"
#include "math/prob.h"
#include "stage/stages.h"

#define HALO 1000

static bool verbose;
static long n_record, n_indel, n_phased, n_star, n_full;

struct lines {
	const char **v;
	size_t n, cap;
	bool full; /* candidates or regions were left out: too many, too long */
};

struct run {
	struct fz_case *c;
	struct grx_ctx cx;
	void *state;
	struct grx_contigs *contigs;
	bool blocks, sites;
	struct lines out;
	int64_t from;
};

static void must(int rc, const struct grx_ctx *cx, const char *what)
{
	if (rc != GRX_OK)
		fz_fail("%s: status %d: %s", what, rc, cx->err.msg);
}

static void add_line(struct run *r, const char *s)
{
	struct lines *l = &r->out;
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 64;
		l->v = grx_arena_grow(r->c->mem, l->v, l->n, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = s;
}

static void shard_make(const struct fz_case *c, int64_t beg, int64_t end, struct grx_shard *sh)
{
	int64_t hb = beg > HALO ? beg - HALO : 0, he = end + HALO < c->ref_len ? end + HALO : c->ref_len;
	struct grx_arena *mem = grx_arena_new();
	struct grx_reads *rs = grx_arena_calloc(mem, 1, sizeof(*rs));
	char *ref = grx_arena_alloc(mem, (size_t)(he - hb), 1);
	rs->v = grx_arena_alloc(mem, c->n_read + 1, sizeof(*rs->v));
	for (size_t i = 0; i < c->n_read; i++)
		if (c->read[i].end > hb && c->read[i].pos < he)
			rs->v[rs->n++] = c->read[i];
	memcpy(ref, c->ref + hb, (size_t)(he - hb));
	*sh = (struct grx_shard){.beg = beg,
		.end = end,
		.halo_beg = hb,
		.halo_end = he,
		.ref = ref,
		.ref_beg = hb,
		.ref_end = he,
		.reads = rs,
		.mem = mem,
		.scratch = grx_arena_new()};
}

static void note(const struct grx_var *v)
{
	n_record++;
	n_indel += v->rlen > 1 || (v->n_allele > 1 && strlen(v->allele[1]) > 1);
	n_phased += grx_var_fmt(v, "PS") != NULL;
	n_star += v->n_allele > 1 && strcmp(v->allele[v->n_allele - 1], "*") == 0;
}

static void one_shard(struct run *r, int64_t beg, int64_t end)
{
	struct grx_shard sh;
	if (beg >= end)
		return;
	shard_make(r->c, beg, end, &sh);
	must(grx_stage_call.shard(r->state, &r->cx, &sh), &r->cx, "shard");
	grx_arena_free(sh.scratch); /* nothing of it may be in the records */
	for (size_t i = 0; i < sh.vars->n && verbose; i++)
		fprintf(stderr, "%lld-%lld%s%s: %s\n", (long long)beg, (long long)end,
			r->blocks ? " gVCF" : "", r->sites ? " sites" : "", fz_line(r->c, &sh.vars->v[i]));
	fz_check(r->c, &sh, r->blocks ? r->from : -1, r->sites);
	for (size_t i = 0; i < sh.vars->n; i++) {
		const struct grx_var *v = &sh.vars->v[i];
		r->from = v->pos + v->rlen > r->from ? v->pos + v->rlen : r->from;
		if (grx_var_is_ref_block(v) && grx_var_info(v, "END"))
			continue;
		add_line(r, fz_line(r->c, v));
		if (beg == 0 && end == r->c->ref_len)
			note(v);
	}
	const struct call_counts *n = sh.part;
	r->out.full |= n->dropped_indel > 0 || n->too_long > 0;
	must(grx_stage_call.merge(r->state, &r->cx, &sh), &r->cx, "merge");
	grx_arena_free(sh.mem);
}

static void run_open(struct run *r, const struct grx_reads_info *info)
{
	static int any;
	struct fz_case *c = r->c;
	r->contigs = grx_contigs_new();
	must(grx_contigs_add(&r->cx, r->contigs, c->contig, c->ref_len, NULL), &r->cx, "contigs");
	r->cx.contigs = r->contigs;
	r->cx.fasta = (struct grx_fasta *)(void *)&any;
	r->cx.hdr = grx_hdr_new(r->contigs);
	r->cx.reads = info;
	for (int i = 0; i < c->n_sample; i++)
		must(grx_hdr_sample_add(&r->cx, r->cx.hdr, info->samples[i]), &r->cx, "samples");
	r->cx.sites = grx_sites_new();
	for (size_t i = 0; i < c->n_site && r->sites; i++)
		must(grx_sites_add(&r->cx, r->cx.sites, &c->site[i]), &r->cx, "sites");
	must(grx_sites_finish(&r->cx, r->cx.sites), &r->cx, "sites");
	c->opt.gvcf = r->blocks;
	must(grx_stage_call.open(&c->opt, &r->cx, &r->state), &r->cx, "open");
}

static void learn(struct run *r)
{
	struct grx_shard sh;
	bool enough;
	shard_make(r->c, 0, r->c->ref_len, &sh);
	if (sh.reads->n)
		must(grx_stage_call.learn(r->state, &r->cx, &sh, &enough), &r->cx, "learn");
	must(grx_stage_call.learn(r->state, &r->cx, NULL, &enough), &r->cx, "learn");
	grx_arena_free(sh.scratch);
	grx_arena_free(sh.mem);
}

static struct lines run(struct fz_case *c, bool blocks, bool sites, bool cut)
{
	static const char *const name[] = {"S1", "S2", "S3"};
	const struct grx_reads_info info = {.sample = name[0], .n_sample = c->n_sample, .samples = name};
	struct run r = {.c = c, .blocks = blocks, .sites = sites};
	fz_mem_fill(cut ? 0x5A : 0xFF);
	run_open(&r, &info);
	learn(&r);
	if (cut) {
		one_shard(&r, 0, c->cut[0]);
		one_shard(&r, c->cut[0], c->cut[1]);
		one_shard(&r, c->cut[1], c->ref_len);
	} else {
		one_shard(&r, 0, c->ref_len);
	}
	grx_stage_call.close(r.state);
	grx_sites_free(r.cx.sites);
	grx_hdr_free(r.cx.hdr);
	grx_contigs_free(r.contigs);
	return r.out;
}

/* A region of more candidates than fit can be longer than what a shard sees beyond its border: no promise. */
static void same(const struct lines *a, const struct lines *b, bool cut, const char *what)
{
	if (cut && (a->full || b->full)) {
		n_full++;
		return;
	}
	for (size_t i = 0; i < a->n || i < b->n; i++) {
		const char *x = i < a->n ? a->v[i] : "(none)", *y = i < b->n ? b->v[i] : "(none)";
		if (strcmp(x, y) != 0)
			fz_fail("%s:\n%s\n%s", what, x, y);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fz_case c = {.mem = grx_arena_new()};
	grx_math_init();
	fz_src_init(&c.src, data, size);
	fz_genome(&c);
	fz_reads(&c);
	fz_sites(&c);
	for (int s = 0; s < 2; s++) {
		if (s && !c.n_site)
			break;
		struct lines a = run(&c, false, s, false), b = run(&c, false, s, true);
		same(&a, &b, true, "one shard and three differ");
		if (c.n_sample > 1)
			continue; /* blocks are of one sample */
		b = run(&c, true, s, false);
		same(&a, &b, false, "VCF and gVCF differ");
		b = run(&c, true, s, true);
		same(&a, &b, true, "gVCF, one shard and three, differ");
	}
	grx_arena_free(c.mem);
	return 0;
}

#ifndef FZ_NO_MAIN
static void seeded(uint64_t seed)
{
	uint8_t b[8];
	for (int i = 0; i < 8; i++)
		b[i] = (uint8_t)(seed >> 8 * i);
	fprintf(stderr, "case %llu\r", (unsigned long long)seed);
	LLVMFuzzerTestOneInput(b, sizeof(b));
}

static int from_file(const char *path)
{
	static uint8_t b[1 << 20];
	FILE *f = fopen(path, "rb");
	if (!f)
		return 1;
	size_t n = fread(b, 1, sizeof(b), f);
	fclose(f);
	LLVMFuzzerTestOneInput(b, n);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t from = 1, to = 200;
	grx_math_init();
	if (argc > 1 && strcmp(argv[1], "-v") == 0) {
		verbose = true;
		argc--, argv++;
	}
	if (argc == 3 && strcmp(argv[1], "-s") == 0)
		from = to = strtoull(argv[2], NULL, 10);
	else if (argc == 3 && argv[1][0] >= '0' && argv[1][0] <= '9')
		from = strtoull(argv[1], NULL, 10), to = strtoull(argv[2], NULL, 10);
	else if (argc == 2 && argv[1][0] >= '0' && argv[1][0] <= '9')
		to = strtoull(argv[1], NULL, 10);
	else
		for (; argc > 1; argc--, argv++)
			if (from_file(argv[1]))
				return 1;
	for (uint64_t s = from; s <= to; s++)
		seeded(s);
	printf("fuzz_call_region: %llu cases, %ld records, %ld not SNV, %ld phased, %ld with a star; %ld "
	       "comparisons "
	       "left out\n",
		(unsigned long long)(to - from + 1), n_record, n_indel, n_phased, n_star, n_full);
	return 0;
}
#endif
