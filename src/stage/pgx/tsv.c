/* SPDX-License-Identifier: GPL-3.0-or-later
 * tsv.c -- one row per sample and gene; several diplotypes, phenotypes or scores are joined by "; ".
 * `diplotypes` are those that are probable enough together; where that is more than those of the best score,
 * which `score` belongs to, the latter stand in `best_score`. `phenotypes` belongs to the shown diplotypes,
 * or is the candidates where missing loci or doubtful genotypes leave it open; `safe_phenotype` is what holds
 * whatever the missing loci are.
 */
#include <string.h>

#include "stage/pgx/posterior.h"

void pgx_tsv_head(struct grx_str *s)
{
	grx_str_add(s,
		"sample\tgene\tdiplotypes\tscore\tphenotypes\tactivity_scores\tstatus\tsafe_phenotype\t"
		"candidates\tlookup_pair\tn_missing\tmissing\talternatives\treason\tposterior\tbest_score\n");
}

static void field(struct grx_str *s, const char *text, char end)
{
	grx_str_add(s, text && *text ? text : ".");
	grx_str_addc(s, end);
}

/* " OR " of the facts becomes "; ". */
static void listed(struct grx_str *s, const char *text, char end)
{
	for (const char *p; text && (p = strstr(text, " OR ")) != NULL; text = p + 4) {
		grx_str_addn(s, text, (size_t)(p - text));
		grx_str_add(s, "; ");
	}
	field(s, text, end);
}

static void dips(struct grx_str *s, const struct pgx_dips *ds)
{
	for (size_t i = 0; i < ds->n; i++)
		grx_str_addf(s, "%s%s", i ? "; " : "", ds->v[i].text);
	if (!ds->n)
		grx_str_addc(s, '.');
	grx_str_addc(s, '\t');
}

void pgx_tsv_row(struct grx_str *s, const char *sample, const struct pgx_gene *g, const struct pgx_verdict *v)
{
	char buf[32];
	grx_str_addf(s, "%s\t%s\t", sample, g->name);
	if (v->credible) /* what scores best must not stand alone */
		listed(s, v->credible, '\t');
	else
		dips(s, &v->shown);
	for (size_t i = 0; i < v->shown.n && !v->list; i++)
		grx_str_addf(s, i ? ",%d" : "%d", v->shown.v[i].score);
	grx_str_add(s, v->shown.n && !v->list ? "\t" : ".\t");
	listed(s, v->phenotypes, '\t');
	listed(s, v->activities, '\t');
	field(s, pgx_status_text(v->status), '\t');
	field(s, v->phenotype, '\t');
	field(s, v->candidates, '\t');
	if (v->inferred && v->pair[0] >= 0)
		grx_str_addf(s, "%s/%s\t", g->allele[v->pair[0]].shown, g->allele[v->pair[1]].shown);
	else
		listed(s, v->lookup_pair, '\t');
	grx_str_addf(s, "%d\t", v->n_missing);
	field(s, v->missing, '\t');
	dips(s, &v->others);
	field(s, v->reason ? v->reason : v->warning ? v->warning : v->why_not, '\t');
	field(s, v->post ? pgx_prob_text(v->post->shown, buf) : NULL, '\t');
	for (size_t i = 0; v->credible && i < v->shown.n; i++)
		grx_str_addf(s, "%s%s", i ? "; " : "", v->shown.v[i].text);
	grx_str_add(s, v->credible && v->shown.n ? "\n" : ".\n");
}
