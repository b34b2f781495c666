/* SPDX-License-Identifier: GPL-3.0-or-later
 * emit.c -- the header columns of this stage, and records with blocks between them into the batch of the
 * shard. */
#include "stage/call/call_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "stage/call/foreign.h"

static int declare_features(struct grx_ctx *cx)
{
	char n[16];
	struct grx_str text = {0};
	grx_str_addf(&text, "Features of the re-scoring model:");
	for (int i = 0; i < CALL_N_FEAT; i++)
		grx_str_addf(&text, "%s %s", i ? "," : "", call_feat_def[i].name);
	snprintf(n, sizeof(n), "%d", CALL_N_FEAT);
	const struct grx_hdr_line l = {GRX_HDR_INFO, "FV", n, GRX_T_FLOAT, text.s};
	int rc = text.oom ? grx_fail_nomem(cx, "the header") : grx_hdr_declare(cx, cx->hdr, &l);
	grx_str_clear(&text);
	return rc;
}

int call_header(struct grx_ctx *cx, const struct call_opt *o)
{
	/* clang-format off */
	static const struct grx_hdr_line l[] = {
		{GRX_HDR_FORMAT, "GT", "1", GRX_T_STR, "Genotype"},
		{GRX_HDR_FORMAT, "GQ", "1", GRX_T_INT, "Genotype quality (phred of the posterior that GT is wrong)"},
		{GRX_HDR_FORMAT, "DP", "1", GRX_T_INT, "Fragments used; overlapping mates count once"},
		{GRX_HDR_FORMAT, "AD", "R", GRX_T_INT, "Fragments that clearly support each allele"},
		{GRX_HDR_FORMAT, "ADF", "R", GRX_T_INT, "AD on the forward strand"},
		{GRX_HDR_FORMAT, "ADR", "R", GRX_T_INT, "AD on the reverse strand"},
		{GRX_HDR_FORMAT, "PL", "G", GRX_T_INT, "Phred-scaled genotype likelihoods, relative to the best"},
		{GRX_HDR_FORMAT, "PS", "1", GRX_T_INT, "Phase set: position of its first heterozygous record"},
		{GRX_HDR_FORMAT, "HC", "2", GRX_T_INT, "Fragments that clearly come from the first and the second haplotype of the phase set"},
		{GRX_HDR_FORMAT, "AF", "A", GRX_T_FLOAT, "Fraction of the copies that carry ALT (mitochondrion)"},
		{GRX_HDR_INFO, "DP", "1", GRX_T_INT, "Fragments used"},
		{GRX_HDR_INFO, "MQ", "1", GRX_T_FLOAT, "Root mean square mapping quality"},
		{GRX_HDR_INFO, "FS", "1", GRX_T_FLOAT, "Strand bias: phred of Fisher's exact test"},
		{GRX_HDR_INFO, "SOR", "1", GRX_T_FLOAT, "Strand bias: symmetric odds ratio"},
		{GRX_HDR_INFO, "FOREIGN", "1", GRX_T_FLOAT, "Fraction of the aligned bases around that was taken out as from elsewhere; absent: none"},
		{GRX_HDR_INFO, "FORCED", "0", GRX_T_FLAG, "Printed because the site was asked for"},
	};
	static const struct grx_hdr_line g[] = {
		{GRX_HDR_FORMAT, "MIN_DP", "1", GRX_T_INT, "Least number of fragments with a usable base in the block"},
		{GRX_HDR_INFO, "END", "1", GRX_T_INT, "Last position of the block"},
	};
	/* clang-format on */
	static const struct grx_hdr_line s[] = {
		{GRX_HDR_INFO, "RS", "1", GRX_T_FLOAT,
			"Phred-scaled probability that the call is wrong, by the re-scoring model"},
		{GRX_HDR_INFO, "RSF", ".", GRX_T_STR,
			"Of a call with RS below the threshold: the features that speak most against it"},
	};
	int rc = call_filters_declare(cx);
	for (size_t i = 0; i < sizeof(l) / sizeof(*l) && rc == GRX_OK; i++)
		rc = grx_hdr_declare(cx, cx->hdr, &l[i]);
	for (size_t i = 0; o->rescore && strcmp(o->rescore, "none") != 0 && i < 2 && rc == GRX_OK; i++)
		rc = grx_hdr_declare(cx, cx->hdr, &s[i]);
	if (rc == GRX_OK && o->features)
		rc = declare_features(cx);
	for (size_t i = 0; o->gvcf && i < sizeof(g) / sizeof(*g) && rc == GRX_OK; i++)
		rc = grx_hdr_declare(cx, cx->hdr, &g[i]);
	if (rc == GRX_OK && o->gvcf)
		rc = grx_hdr_meta_add(cx, cx->hdr,
			"##ALT=<ID=*,Description=\"Any other allele; END-spanning records are reference "
			"blocks\">");
	return rc;
}

/* What a sample has in a FORMAT column; v NULL: missing. */
struct cell {
	const int *v;
	int n;
};

static int put_ints(struct call_work *w, struct grx_var *v, const char *key, const struct cell *x)
{
	struct grx_field *f = NULL;
	int n = 0;
	for (int s = 0; s < w->n_sample; s++)
		n = x[s].v && x[s].n > n ? x[s].n : n;
	if (n == 0)
		return GRX_OK;
	f = grx_var_fmt_set(w->out, v, key, GRX_T_INT, n, w->n_sample);
	if (!f)
		return grx_fail_nomem(w->cx, "a record");
	for (int s = 0; s < w->n_sample; s++)
		for (int i = 0; x[s].v && i < n; i++)
			f->v.i[s * n + i] = i < x[s].n ? x[s].v[i] : GRX_INT_END;
	return GRX_OK;
}

/* What speaks against a call that the model demotes. */
static bool put_why(struct call_work *w, struct grx_var *v, const struct call_rec *r)
{
	int why[2];
	enum call_rescore_type type = call_rec_type(r);
	if (r->rs >= call_rescore_threshold(w->st->rescore, type))
		return true;
	call_rescore_why(w->st->rescore, type, r->feat, why);
	if (why[0] < 0)
		return true;
	struct grx_field *f = grx_var_info_set(w->out, v, "RSF", GRX_T_STR, 1);
	if (!f)
		return false;
	f->v.s[0] = grx_arena_printf(w->out, "%s%s%s", call_feat_def[why[0]].name, why[1] < 0 ? "" : ",",
		why[1] < 0 ? "" : call_feat_def[why[1]].name);
	return f->v.s[0] != NULL;
}

/* RS, why it is low, and the features behind it. */
static bool put_score(struct call_work *w, struct grx_var *v, const struct call_rec *r)
{
	if (r->has_rs) {
		struct grx_field *f = grx_var_info_set(w->out, v, "RS", GRX_T_FLOAT, 1);
		if (!f)
			return false;
		f->v.f[0] = (float)(round(r->rs * 10) / 10);
		if (!put_why(w, v, r))
			return false;
	}
	if (r->has_feat && w->st->opt.features) {
		struct grx_field *f = grx_var_info_set(w->out, v, "FV", GRX_T_FLOAT, CALL_N_FEAT);
		if (!f)
			return false;
		memcpy(f->v.f, r->feat, sizeof(r->feat));
	}
	return true;
}

static int put_info(struct call_work *w, struct grx_var *v, const struct call_rec *r)
{
	struct grx_field *f = grx_var_info_set(w->out, v, "DP", GRX_T_INT, 1);
	if (f)
		f->v.i[0] = r->all_dp;
	if (f && r->all_dp > 0 && r->any_call) { /* a no-call measured none of these */
		const double x[3] = {r->site_mq, r->fs, r->sor};
		static const char *const key[3] = {"MQ", "FS", "SOR"};
		for (int i = 0; i < 3 && f; i++) {
			f = grx_var_info_set(w->out, v, key[i], GRX_T_FLOAT, 1);
			if (f)
				f->v.f[0] = (float)(round(x[i] * 100) / 100);
		}
	}
	double foreign = call_foreign_at(w, r->pos);
	if (f && foreign >= 0.005) { /* two digits: what rounds to 0 is none */
		f = grx_var_info_set(w->out, v, "FOREIGN", GRX_T_FLOAT, 1);
		if (f)
			f->v.f[0] = (float)(round(foreign * 100) / 100);
	}
	if (f && !put_score(w, v, r))
		f = NULL;
	if (f && r->forced)
		f = grx_var_info_set(w->out, v, "FORCED", GRX_T_FLAG, 1);
	return f ? GRX_OK : grx_fail_nomem(w->cx, "a record");
}

/* Genotypes; a haploid sample beside diploid ones ends early. */
static int put_genotypes(struct call_work *w, struct grx_var *v, struct call_rec *r, int ploidy)
{
	if (grx_var_gt_alloc(w->out, v, ploidy, w->n_sample) != GRX_OK)
		return grx_fail_nomem(w->cx, "a record");
	for (int s = 0; s < w->n_sample; s++) {
		const struct call_rec *x = call_rec_of(r, s);
		int32_t *gt = v->gt + (size_t)s * (size_t)ploidy;
		int own = x->ploidy ? x->ploidy : 1;
		for (int i = 0; i < ploidy; i++)
			if (i >= own)
				gt[i] = GRX_INT_END;
			else if (!x->nocall)
				gt[i] = GRX_GT(x->gt[x->ps && x->swap ? 1 - i : i], x->ps && i > 0);
	}
	return GRX_OK;
}

enum { GQ, DP, AD, ADF, ADR, PL, PS, HC, N_KEY };

/* The cells of one sample; ps: room for PS as an int. */
static void sample_cells(const struct call_rec *c, int n_allele, int *ps, struct cell *x)
{
	if (!c->nocall) {
		x[GQ] = (struct cell){&c->gq, 1};
		x[PL] = (struct cell){c->pl, c->n_pl};
	}
	x[DP] = (struct cell){&c->dp, 1};
	if (c->dp > 0 && c->ad) {
		x[AD] = (struct cell){c->ad, n_allele};
		x[ADF] = (struct cell){c->adf, n_allele};
		x[ADR] = (struct cell){c->adr, n_allele};
	}
	if (!c->nocall && c->ps) {
		*ps = (int)c->ps;
		x[PS] = (struct cell){ps, 1};
		x[HC] = (struct cell){c->hc, 2};
	}
}

static int put_fractions(struct call_work *w, struct grx_var *v, const struct call_rec *r)
{
	struct grx_field *f = grx_var_fmt_set(w->out, v, "AF", GRX_T_FLOAT, r->n_allele - 1, w->n_sample);
	if (!f)
		return grx_fail_nomem(w->cx, "a record");
	for (int i = 0; i + 1 < r->n_allele; i++)
		f->v.f[i] = (float)(round(r->af[i] * 1e4) / 1e4);
	return GRX_OK;
}

/* The FORMAT columns of all samples. */
static int put_samples(struct call_work *w, struct grx_var *v, struct call_rec *r)
{
	static const char *const key[N_KEY] = {"GQ", "DP", "AD", "ADF", "ADR", "PL", "PS", "HC"};
	size_t n = (size_t)w->n_sample;
	struct cell *x = grx_arena_calloc(w->mem, N_KEY * n, sizeof(*x));
	int *ps = grx_arena_alloc(w->mem, n, sizeof(*ps)), rc = GRX_OK;
	if (!x || !ps)
		return grx_fail_nomem(w->cx, "a record");
	for (size_t s = 0; s < n; s++) {
		struct cell own[N_KEY] = {{0}};
		sample_cells(call_rec_of(r, (int)s), r->n_allele, &ps[s], own);
		for (size_t k = 0; k < N_KEY; k++)
			x[k * n + s] = own[k];
	}
	for (size_t k = 0; k < N_KEY && rc == GRX_OK; k++)
		rc = put_ints(w, v, key[k], x + k * n);
	return rc == GRX_OK && r->af ? put_fractions(w, v, r) : rc;
}

int call_emit_record(struct call_work *w, struct grx_vars *out, struct call_rec *r)
{
	struct grx_var *v = grx_vars_push(out);
	int ploidy = 1, rc = GRX_E_BUG;
	if (!v || grx_var_alleles_set(w->out, v, r->n_allele, r->allele) != GRX_OK)
		return grx_fail_nomem(w->cx, "a record");
	for (int s = 0; s < w->n_sample; s++)
		ploidy = call_rec_of(r, s)->ploidy > ploidy ? call_rec_of(r, s)->ploidy : ploidy;
	v->tid = w->sh->tid;
	v->pos = r->pos;
	v->rlen = r->rlen;
	v->id = r->id;
	if (r->any_call)
		v->qual = (float)(round(r->site_qual * 100) / 100);
	v->n_filter = r->n_filter;
	if (r->n_filter) {
		v->filter = grx_arena_alloc(w->out, (size_t)r->n_filter, sizeof(*v->filter));
		if (!v->filter)
			return grx_fail_nomem(w->cx, "a record");
		memcpy(v->filter, r->filter, (size_t)r->n_filter * sizeof(*v->filter));
	}
	GRX_TRY(put_info(w, v, r));
	GRX_TRY(put_genotypes(w, v, r, ploidy));
	GRX_TRY(put_samples(w, v, r));
	rc = GRX_OK;
out:
	return rc;
}

static int rec_cmp(const void *pa, const void *pb)
{
	const struct call_rec *a = pa, *b = pb;
	if (a->pos != b->pos)
		return a->pos < b->pos ? -1 : 1;
	if (a->rlen != b->rlen)
		return a->rlen < b->rlen ? -1 : 1;
	if (a->n_allele != b->n_allele)
		return a->n_allele < b->n_allele ? -1 : 1;
	for (int i = 0; i < a->n_allele; i++) {
		int c = strcmp(a->allele[i], b->allele[i]);
		if (c)
			return c;
	}
	return 0;
}

static void count_record(struct call_counts *n, const struct call_rec *r)
{
	if (r->any_variant) {
		bool snv = r->rlen == 1, complex = false;
		for (int i = 1; i < r->n_allele; i++) {
			size_t len = strlen(r->allele[i]);
			snv = snv && len == 1;
			complex |= r->rlen > 1 && len == (size_t)r->rlen;
		}
		(*(snv ? &n->snv : complex ? &n->complex : &n->indel))++;
		n->filtered += r->n_filter > 0 && strcmp(r->filter[0], "PASS") != 0;
	}
	if (r->forced)
		(*(!r->any_call          ? &n->no_call_forced
			: r->any_variant ? &n->variant_forced
					 : &n->hom_ref_forced))++;
}

/* Bases that blocks leave to a record. A site longer than any that is assessed has one: shards that do not
 * see it must tile alike. */
static int64_t covered(int32_t rlen, bool forced)
{
	return forced && rlen > CALL_MAX_LEN ? 1 : rlen;
}

/* The core without what forced sites of the shard before cover. */
static int64_t forced_reach(const struct call_work *w)
{
	int64_t to = w->sh->beg;
	for (size_t i = 0; i < w->n_forced && w->forced[i].site->pos < w->sh->beg; i++)
		if (w->forced[i].site->pos + covered(w->forced[i].rlen, true) > to)
			to = w->forced[i].site->pos + covered(w->forced[i].rlen, true);
	return to;
}

static bool is_printed(const struct call_work *w, const struct call_rec *r)
{
	return !r->drop && (r->forced || (r->any_variant && r->site_qual >= w->st->opt.emit_qual));
}

static int emit_owned(struct call_work *w, struct grx_vars *out, struct call_rec *r, int64_t next)
{
	int rc = w->st->opt.gvcf && r->pos > next ? call_blocks(w, out, next, r->pos) : GRX_OK;
	if (rc != GRX_OK)
		return rc;
	call_filters_set(w->st, r);
	count_record(w->n, r);
	return call_emit_record(w, out, r);
}

int call_emit(struct call_work *w)
{
	struct grx_vars *out = grx_vars_new(w->out, w->cx->hdr);
	const struct grx_shard *sh = w->sh;
	int64_t next = forced_reach(w); /* first base that is not tiled yet */
	int rc = out ? GRX_OK : grx_fail_nomem(w->cx, "records");
	if (rc == GRX_OK && w->st->opt.gvcf)
		rc = call_blocks_prepare(w);
	if (w->n_rec)
		qsort(w->rec, w->n_rec, sizeof(*w->rec), rec_cmp);
	for (size_t i = 0; i < w->n_rec && rc == GRX_OK; i++) {
		struct call_rec *r = &w->rec[i];
		if (!is_printed(w, r))
			continue;
		if (r->owned)
			rc = emit_owned(w, out, r, next);
		/* a deletion of the shard before may reach in here */
		if (r->pos < sh->end && r->pos + covered(r->rlen, r->forced) > next)
			next = r->pos + covered(r->rlen, r->forced);
	}
	if (w->st->opt.gvcf && rc == GRX_OK && next < sh->end)
		rc = call_blocks(w, out, next, sh->end);
	if (rc == GRX_OK)
		w->sh->vars = out;
	return rc;
}
