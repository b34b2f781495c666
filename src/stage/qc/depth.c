/* SPDX-License-Identifier: GPL-3.0-or-later
 * depth.c -- depth of every base of a shard's core, and coverage by GC of 100 bp windows of the reference.
 * Counted: bases aligned by M, = or X of mapped reads that are not secondary, supplementary, failed or
 * duplicates. Where mates overlap both count. Bases N of the reference are left out of the histogram when the
 * reference is known. */
#include <string.h>

#include "stage/qc/qc_int.h"

struct depth {
	const struct qc_opt *opt;
	int64_t beg, end;
	int32_t *d; /* differences, then depths; end - beg + 1 */
};

static void add_run(struct depth *dp, int64_t beg, int64_t end)
{
	if (beg < dp->beg)
		beg = dp->beg;
	if (end > dp->end)
		end = dp->end;
	if (beg >= end)
		return;
	dp->d[beg - dp->beg]++;
	dp->d[end - dp->beg]--;
}

/* Runs of bases that are good enough; without a limit the whole aligned block. */
static void add_block(struct depth *dp, const struct grx_read *r, int64_t pos, int64_t query, int64_t n)
{
	if (dp->opt->min_baseq == 0 || r->l_seq == 0 || r->qual[0] == 255) {
		add_run(dp, pos, pos + n);
		return;
	}
	for (int64_t i = 0, j; i < n; i = j + 1) {
		for (j = i; j < n && r->qual[query + j] >= dp->opt->min_baseq; j++)
			;
		add_run(dp, pos + i, pos + j);
	}
}

static void add_read(struct depth *dp, const struct grx_read *r)
{
	int64_t pos = r->pos, query = 0;
	for (uint32_t k = 0; k < r->n_cigar; k++) {
		int op = GRX_CIG_OP(r->cigar[k]);
		int64_t n = GRX_CIG_LEN(r->cigar[k]);
		if (op == GRX_C_M || op == GRX_C_EQ || op == GRX_C_X)
			add_block(dp, r, pos, query, n);
		pos += GRX_CIG_REF(op) ? n : 0;
		query += GRX_CIG_QUERY(op) ? n : 0;
	}
}

/* Reference of the core, or NULL when it is not known in full. */
static const char *core_ref(const struct grx_shard *sh)
{
	return sh->ref && sh->ref_beg <= sh->beg && sh->end <= sh->ref_end ? sh->ref + (sh->beg - sh->ref_beg)
									   : NULL;
}

static void tally(const struct grx_shard *sh, const int32_t *d, struct qc_part *p)
{
	const char *ref = core_ref(sh);
	int64_t n = sh->end - sh->beg, skipped = 0, sum = 0;
	for (int64_t i = 0; i < n; i++) {
		if (ref && ref[i] == 'N') {
			skipped++;
			continue;
		}
		sum += d[i];
		p->s.depth[d[i] < QC_DEPTH_MAX ? d[i] : QC_DEPTH_MAX]++;
	}
	p->s.scanned += n;
	p->s.n_bases += skipped;
	p->s.depth_sum += sum;
	p->contig.bases += n - skipped;
	p->contig.depth_sum += sum;
}

/* The same where no read covers anything: most of a genome under a targeted panel. */
static void tally_empty(const struct grx_shard *sh, struct qc_part *p)
{
	const char *ref = core_ref(sh);
	int64_t n = sh->end - sh->beg, skipped = 0;
	for (int64_t i = 0; ref && i < n; i++)
		skipped += ref[i] == 'N';
	p->s.scanned += n;
	p->s.n_bases += skipped;
	p->s.depth[0] += n - skipped;
	p->contig.bases += n - skipped;
}

/* Whole windows of the fixed grid inside the core, without any N. */
static void tally_gc(const struct grx_shard *sh, const int32_t *d, struct qc_part *p)
{
	int64_t w = (sh->beg + QC_GC_WINDOW - 1) / QC_GC_WINDOW * QC_GC_WINDOW;
	for (; w + QC_GC_WINDOW <= sh->end; w += QC_GC_WINDOW) {
		if (w < sh->ref_beg || w + QC_GC_WINDOW > sh->ref_end)
			continue;
		const char *ref = sh->ref + (w - sh->ref_beg);
		int gc = 0, acgt = 0;
		int64_t sum = 0;
		if (ref[0] == 'N') /* gaps are long: no need to look at each base of them */
			continue;
		for (int i = 0; i < QC_GC_WINDOW; i++) {
			bool strong = ref[i] == 'G' || ref[i] == 'C';
			gc += strong;
			acgt += strong || ref[i] == 'A' || ref[i] == 'T';
			sum += d ? d[w - sh->beg + i] : 0;
		}
		if (acgt < QC_GC_WINDOW)
			continue;
		p->s.gc_win_n[gc]++;
		p->s.gc_win_depth[gc] += sum;
	}
}

static bool counts(const struct qc_opt *o, const struct grx_shard *sh, const struct grx_read *r)
{
	const unsigned no = GRX_R_UNMAPPED | GRX_R_SECONDARY | GRX_R_SUPPLEMENTARY | GRX_R_QCFAIL | GRX_R_DUP;
	return !(r->flag & no) && r->mapq >= o->min_mapq && r->end > sh->beg && r->pos < sh->end;
}

int qc_depth_shard(struct grx_ctx *cx, const struct qc_opt *o, const struct grx_shard *sh, struct qc_part *p)
{
	int64_t n = sh->end - sh->beg;
	struct depth dp = {.opt = o, .beg = sh->beg, .end = sh->end};

	for (size_t i = 0; i < sh->reads->n; i++) {
		if (!counts(o, sh, &sh->reads->v[i]))
			continue;
		if (!dp.d)
			dp.d = grx_arena_calloc(sh->mem, (size_t)n + 1, sizeof *dp.d);
		if (!dp.d)
			return grx_fail_nomem(cx, "depth");
		add_read(&dp, &sh->reads->v[i]);
	}
	for (int64_t i = 1; dp.d && i <= n; i++)
		dp.d[i] += dp.d[i - 1];
	if (dp.d)
		tally(sh, dp.d, p);
	else
		tally_empty(sh, p);
	if (sh->ref)
		tally_gc(sh, dp.d, p);
	return GRX_OK;
}
