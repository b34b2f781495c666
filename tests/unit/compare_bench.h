/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_bench.h -- common to the tests of compare: a small reference on disk, records by hand, the matcher.
 */
#ifndef GRX_TEST_COMPARE_BENCH_H
#define GRX_TEST_COMPARE_BENCH_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "bio/contig.h"
#include "io/fasta.h"
#include "math/rng.h"
#include "stage/compare/compare_int.h"

struct rec {
	int64_t pos; /* 1-based */
	const char *ref, *alt, *gt;
};

struct bench {
	char dir[64], path[96], fai[112];
	struct grx_ctx cx;
	struct compare_opt opt;
	struct compare_state s;
	int32_t tid[1];
};

static inline void bench_open(struct bench *b, const char *seq)
{
	memset(b, 0, sizeof *b);
	snprintf(b->dir, sizeof b->dir, "/tmp/check_compare.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(b->dir));
	snprintf(b->path, sizeof b->path, "%s/r.fa", b->dir);
	snprintf(b->fai, sizeof b->fai, "%s.fai", b->path);
	FILE *f = fopen(b->path, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f, ">c1\n%s\n", seq);
	ck_assert_int_eq(fclose(f), 0);
	f = fopen(b->fai, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f, "c1\t%zu\t4\t%zu\t%zu\n", strlen(seq), strlen(seq), strlen(seq) + 1);
	ck_assert_int_eq(fclose(f), 0);
	b->cx.threads = 1;
	b->cx.log = grx_log_new(0, false);
	ck_assert_msg(grx_fasta_open(&b->cx, b->path, &b->cx.fasta) == 0, "%s", b->cx.err.msg);
	b->cx.contigs = grx_fasta_contigs(b->cx.fasta);
	b->opt = (struct compare_opt){.max_length = 1000, .gap = 30, .max_states = 50000};
	b->s.opt = &b->opt;
	b->s.strata.n = COMPARE_S_USER;
	b->s.units.mem = grx_arena_new();
	b->s.calls = (struct compare_loader){.opt = &b->opt, .fasta = b->cx.fasta, .tid = b->tid};
}

static inline void bench_close(struct bench *b)
{
	compare_units_clear(&b->s.units);
	grx_fasta_close(b->cx.fasta);
	grx_log_free(b->cx.log);
	unlink(b->path);
	unlink(b->fai);
	rmdir(b->dir);
}

static inline void set_gt(struct grx_arena *mem, struct grx_var *v, const char *gt)
{
	int n = strchr(gt, '/') || strchr(gt, '|') ? 2 : 1;
	ck_assert_int_eq(grx_var_gt_alloc(mem, v, n, 1), 0);
	for (int i = 0; i < n; i++)
		v->gt[i] = gt[2 * i] == '.' ? 0 : GRX_GT(gt[2 * i] - '0', i && gt[1] == '|');
}

static inline void add(struct bench *b, int side, const struct rec *r, int n)
{
	struct grx_arena *mem = grx_arena_new();
	struct grx_hdr *h = grx_hdr_new(b->cx.contigs);
	ck_assert_int_eq(grx_hdr_sample_add(&b->cx, h, "S"), 0);
	struct grx_vars *vs = grx_vars_new(mem, h);
	for (int i = 0; i < n; i++) {
		char buf[4096];
		const char *allele[8] = {r[i].ref};
		int k = 1;
		struct grx_var *v = grx_vars_push(vs);
		snprintf(buf, sizeof buf, "%s", r[i].alt);
		for (char *p = strtok(buf, ","); p; p = strtok(NULL, ","))
			allele[k++] = p;
		v->pos = r[i].pos - 1;
		v->rlen = (int64_t)strlen(r[i].ref);
		ck_assert_int_eq(grx_var_alleles_set(mem, v, k, allele), 0);
		v->qual = (float)(10 * (i + 1)); /* tells the records apart */
		set_gt(mem, v, r[i].gt);
	}
	struct compare_loader l = b->s.calls;
	l.side = side ? COMPARE_CALL : COMPARE_TRUTH;
	ck_assert_msg(
		compare_load_batch(&b->cx, &l, vs, &b->s.units, &b->s.tally[side]) == 0, "%s", b->cx.err.msg);
	grx_hdr_free(h);
	grx_arena_free(mem);
}

static inline void run(struct bench *b)
{
	ck_assert_msg(compare_match_all(&b->cx, &b->s) == 0, "%s", b->cx.err.msg);
	compare_count(&b->s);
}

#endif
