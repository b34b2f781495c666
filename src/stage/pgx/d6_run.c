/* SPDX-License-Identifier: GPL-3.0-or-later
 * d6_run.c -- CYP2D6 within a run of the pgx stage: where its reads come from, whose they are. */
#include <string.h>

#include "base/out.h"
#include "bio/contig.h"
#include "stage/pgx/d6.h"

static bool asked_for(const char *genes)
{
	const char *s = genes ? strstr(genes, "CYP2D6") : NULL;
	return !genes || (s && (s == genes || s[-1] == ',') && (!s[6] || s[6] == ','));
}

static bool among(const char *name, const char *const *list, int n)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(list[i], name))
			return true;
	return false;
}

static int from_file(struct grx_ctx *cx, const struct d6_setup *s, struct d6_run *r)
{
	struct d6_file file = {.path = s->reads, .fasta = s->fasta};
	int rc = GRX_E_BUG;
	GRX_TRY(d6_fetch(cx, r->table, &file, r->mem, &r->evidence));
	r->sample = file.sample;
	r->n_sample = file.n_sample;
	r->why = file.why;
	for (int i = 0; i < r->n_sample; i++)
		if (among(r->sample[i], s->sample, s->n_sample))
			return GRX_OK;
	rc = grx_fail(cx, GRX_E_MISMATCH,
		"%s: the reads are of sample '%s', which the variants do not have (their first is '%s'); "
		"give the "
		"reads of the same person",
		s->reads, r->sample[0], s->n_sample ? s->sample[0] : "");
out:
	return rc;
}

int d6_open(struct grx_ctx *cx, const struct d6_setup *s, struct d6_run **out)
{
	int rc = GRX_E_BUG;
	struct d6_run *r = NULL;
	*out = NULL;
	if (!asked_for(s->genes) || (!s->reads && !cx->reads))
		return GRX_OK;
	r = grx_calloc(1, sizeof *r);
	if (!r || !(r->mem = grx_arena_new())) {
		rc = grx_fail_nomem(cx, "CYP2D6");
		goto out;
	}
	GRX_TRY(d6_table_load(cx, &r->table));
	if (s->min_posterior > r->table->sure_at)
		r->table->sure_at = s->min_posterior;
	if (s->reads) {
		GRX_TRY(from_file(cx, s, r));
	} else {
		r->sample = cx->reads->samples;
		r->n_sample = cx->reads->n_sample;
		r->why = s->refuse;
		if (!r->why && r->table->tid < 0)
			r->why = "the reads have no chromosome 22";
		if (!r->why && grx_contigs_build(cx->contigs) != GRX_BUILD_38)
			r->why = "the contigs of the reads are not those of GRCh38";
		GRX_TRY(d6_evidence_new(cx, r->table, r->n_sample, &r->evidence));
	}
	*out = r;
	r = NULL;
	rc = GRX_OK;
out:
	d6_close(r);
	return rc;
}

void d6_close(struct d6_run *r)
{
	if (!r)
		return;
	d6_table_free(r->table);
	d6_evidence_free(r->evidence);
	grx_arena_free(r->mem);
	grx_free(r);
}

int d6_run_shard(
	const struct d6_run *r, struct grx_ctx *cx, const struct grx_shard *sh, struct d6_evidence **out)
{
	*out = NULL;
	return r && !r->why ? d6_shard(r->table, cx, sh, r->n_sample, out) : GRX_OK;
}

int d6_run_merge(struct grx_ctx *cx, struct d6_run *r, const struct d6_evidence *part)
{
	return r && part ? d6_merge(cx, r->table, r->evidence, part) : GRX_OK;
}

static int call_sample(struct grx_ctx *cx, const struct d6_run *r, const char *sample, struct grx_arena *mem,
	struct d6_call *c)
{
	int i = 0;
	memset(c, 0, sizeof *c);
	while (i < r->n_sample && strcmp(r->sample[i], sample) != 0)
		i++;
	if (i < r->n_sample && !r->why)
		return d6_call(cx, mem, r->table, r->evidence, i, c);
	c->status = PGX_NOT_ASSESSED;
	c->why_not = r->why ? r->why : "no reads of this sample";
	return GRX_OK;
}

int d6_run_sample(struct grx_ctx *cx, const struct d6_run *r, const char *sample, struct grx_facts *fs,
	struct grx_arena *mem, struct d6_call *c)
{
	int rc = call_sample(cx, r, sample, mem, c);
	if (rc != GRX_OK)
		return rc;
	return c->tally.site ? d6_facts(cx, fs, sample, r->table, c)
			     : d6_facts_none(cx, fs, sample, r->table, c->why_not);
}

int d6_run_tsv(struct grx_ctx *cx, const struct d6_run *r, const char *path)
{
	int rc = GRX_E_BUG;
	struct grx_out *o = NULL;
	struct grx_str s = {0};
	struct grx_arena *mem = grx_arena_new();
	if (!mem) {
		rc = grx_fail_nomem(cx, "the evidence on CYP2D6");
		goto out;
	}
	d6_tsv_head(&s);
	for (int i = 0; i < r->n_sample; i++) {
		struct d6_call c;
		GRX_TRY(call_sample(cx, r, r->sample[i], mem, &c));
		d6_tsv_rows(&s, r->sample[i], r->table, &c);
		grx_arena_reset(mem);
	}
	if (s.oom) {
		rc = grx_fail_nomem(cx, "the evidence on CYP2D6");
		goto out;
	}
	GRX_TRY(grx_out_open(cx, path, &o));
	grx_out_write(o, s.s, s.n);
	rc = grx_out_close(cx, o);
out:
	grx_str_clear(&s);
	grx_arena_free(mem);
	return rc;
}
