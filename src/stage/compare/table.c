/* SPDX-License-Identifier: GPL-3.0-or-later
 * table.c -- what compare writes: the TSV by type, the list of errors, facts, the summary. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "base/out.h"
#include "base/str.h"
#include "stage/compare/compare_int.h"

static const char *const drop_name[COMPARE_D_N] = {"filter", "min_qual", "no_call", "hom_ref",
	"reference_block", "symbolic", "spanning_deletion", "ploidy", "contig_not_in_reference",
	"outside_regions"};

static const char *rate(char buf[32], double x)
{
	if (isnan(x))
		return ".";
	return grx_fmt_g(buf, x, 6);
}

/* SNV, INDEL, then INDEL/ins_1 and so on. */
static const char *row_name(char buf[96], const struct compare_state *s, int type, int stratum)
{
	if (stratum == COMPARE_S_ALL)
		return compare_type_name(type);
	snprintf(buf, 96, "%s/%.80s", compare_type_name(type), s->strata.name[stratum]);
	return buf;
}

static void tsv_row(struct grx_out *o, const struct compare_state *s, int t, int k)
{
	const struct compare_counts *c = &s->count[t][k];
	char b[3][32], name[96];
	grx_out_printf(o,
		"%s\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%s\t%s\t%s\t%" PRId64 "\t%" PRId64
		"\t%" PRId64 "\t%" PRId64 "\t%s\t%s\n",
		row_name(name, s, t, k), c->truth, c->tp, c->fp, c->fn, rate(b[0], compare_precision(c)),
		rate(b[1], compare_recall(c)), rate(b[2], compare_f1(c)), c->query, c->query_tp, c->gt_truth,
		c->gt_query, compare_type_name(t), s->strata.name[k]);
}

int compare_write_tsv(struct grx_ctx *cx, const struct compare_state *s)
{
	struct grx_out *o;
	if (!s->opt->tsv)
		return GRX_OK;
	int rc = grx_out_open(cx, s->opt->tsv, &o);
	if (rc)
		return rc;
	grx_out_puts(o, "type\ttruth\ttp\tfp\tfn\tprecision\trecall\tf1\tquery\tquery_tp\tgt_errors_"
			"truth\tgt_errors_query\tclass\tstratum\n");
	for (int t = 0; t < COMPARE_N_TYPE; t++)
		tsv_row(o, s, t, COMPARE_S_ALL);
	for (int t = 0; t < COMPARE_N_TYPE; t++)
		for (int k = COMPARE_S_ALL + 1; k < s->strata.n; k++)
			if (compare_strata_fits(k, t))
				tsv_row(o, s, t, k);
	return grx_out_close(cx, o);
}

/* One error row in VCF form: pure insertions and deletions get the base before them. */
static void error_row(struct grx_out *o, const struct compare_state *s, const struct compare_unit *u,
	const char *contig, char anchor)
{
	char qual[32], lead[2] = {anchor, '\0'};
	int64_t pos = u->pos + 1 - (anchor ? 1 : 0);
	bool truth = u->side == COMPARE_TRUTH;
	grx_out_printf(o, "%s\t%" PRId64 "\t%s%.*s\t%s%.*s\t%s\t%s\t%s\t%s\t%s\t", contig, pos, lead,
		(int)u->ref_len, compare_unit_ref(u), lead, (int)u->alt_len, compare_unit_alt(u),
		u->copies == 2 ? "1/1" : "0/1", truth ? "FN" : "FP", compare_type_name(u->type),
		u->mark == COMPARE_GT ? "genotype" : "allele",
		grx_float_is_missing(u->qual) ? "." : grx_fmt_g(qual, (double)u->qual, 6));
	for (int k = COMPARE_S_ALL + 1, n = 0; k < s->strata.n; k++)
		if (u->strata >> k & 1)
			grx_out_printf(o, "%s%s", n++ ? "," : "", s->strata.name[k]);
	grx_out_puts(o, "\n");
}

int compare_write_errors(struct grx_ctx *cx, const struct compare_state *s)
{
	int rc = GRX_E_BUG;
	struct compare_window w = {0};
	struct grx_out *o = NULL;
	if (!s->opt->errors)
		return GRX_OK;
	GRX_TRY(grx_out_open(cx, s->opt->errors, &o));
	grx_out_puts(o, "chrom\tpos\tref\talt\tgt\tkind\ttype\twhy\tqual\tstrata\n");
	for (size_t i = 0; i < s->errors.n; i++) {
		const struct compare_unit *u = &s->errors.v[i];
		char anchor = '\0';
		if ((u->ref_len == 0 || u->alt_len == 0) && u->pos > 0) {
			GRX_TRY(compare_window_get(cx, cx->fasta, &w, u->tid, u->pos - 1, u->pos));
			anchor = w.seq[u->pos - 1 - w.beg];
		}
		error_row(o, s, u, grx_contig_name(grx_fasta_contigs(cx->fasta), u->tid), anchor);
	}
	rc = GRX_OK;
out:
	compare_window_clear(&w);
	if (o) {
		int rc2 = grx_out_close(cx, o);
		rc = rc ? rc : rc2;
	}
	return rc;
}

static int add_num(
	struct grx_ctx *cx, const struct compare_state *s, struct grx_facts *out, const char *key, double x)
{
	if (isnan(x))
		return grx_facts_missing(
			cx, out, s->sample, key, "compare", "no variants of this type to divide by");
	return grx_facts_num(cx, out, s->sample, key, "compare", x, NULL);
}

static int row_facts(struct grx_ctx *cx, const struct compare_state *s, struct grx_facts *out, int t, int k)
{
	const struct compare_counts *c = &s->count[t][k];
	const struct {
		const char *name;
		double x;
	} row[] = {{"truth", (double)c->truth}, {"tp", (double)c->tp}, {"fp", (double)c->fp},
		{"fn", (double)c->fn}, {"precision", compare_precision(c)}, {"recall", compare_recall(c)},
		{"f1", compare_f1(c)}, {"query_tp", (double)c->query_tp}, {"gt_errors", (double)c->gt_truth}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char key[128], name[96];
		snprintf(key, sizeof key, "compare/%s/%s", row_name(name, s, t, k), row[i].name);
		int rc = add_num(cx, s, out, key, row[i].x);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

/* Strata without any variant give no facts. */
int compare_write_facts(struct grx_ctx *cx, const struct compare_state *s, struct grx_facts *out)
{
	for (int t = 0; t < COMPARE_N_TYPE; t++)
		for (int k = 0; k < s->strata.n; k++) {
			const struct compare_counts *c = &s->count[t][k];
			if (k != COMPARE_S_ALL && (!compare_strata_fits(k, t) || c->truth + c->query == 0))
				continue;
			int rc = row_facts(cx, s, out, t, k);
			if (rc)
				return rc;
		}
	return GRX_OK;
}

static json_t *tally_json(const struct compare_tally *t)
{
	json_t *j = json_object(), *d = json_object();
	int bad = json_object_set_new(j, "records", json_integer(t->records));
	bad |= json_object_set_new(j, "used", json_integer(t->used));
	bad |= json_object_set_new(j, "half_calls_as_het", json_integer(t->half_calls));
	for (int i = 0; i < COMPARE_D_N; i++)
		bad |= json_object_set_new(d, drop_name[i], json_integer(t->drop[i]));
	bad |= json_object_set_new(j, "dropped", d);
	if (!bad)
		return j;
	json_decref(j);
	return NULL;
}

int compare_write_summary(struct grx_ctx *cx, const struct compare_state *s, struct json_t *summary)
{
	int bad = 0;
	if (!summary)
		return GRX_OK;
	bad |= json_object_set_new(summary, "truth", tally_json(&s->tally[COMPARE_TRUTH]));
	bad |= json_object_set_new(summary, "calls", tally_json(&s->tally[COMPARE_CALL]));
	bad |= json_object_set_new(summary, "clusters", json_integer(s->n_cluster));
	bad |= json_object_set_new(summary, "clusters_searched", json_integer(s->n_searched));
	bad |= json_object_set_new(summary, "clusters_by_beam", json_integer(s->n_beam));
	bad |= json_object_set_new(
		summary, "genotype_error_searches_given_up", json_integer(s->n_gt_unsearched));
	bad |= json_object_set_new(summary, "phases_unused", json_integer(s->n_phase_unused));
	bad |= json_object_set_new(summary, "clusters_matched_by_allele", json_integer(s->n_fallback));
	bad |= json_object_set_new(summary, "alleles_too_long_to_search", json_integer(s->n_long));
	return bad ? grx_fail_nomem(cx, "summary") : GRX_OK;
}
