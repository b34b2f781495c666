/* SPDX-License-Identifier: GPL-3.0-or-later
 * findings.c -- alleles that a sample carries and a database calls (likely) pathogenic, as facts with their
 * evidence. A classification that says Conflicting is no finding. Shards collect, merge() makes the facts in
 * genome order. */
#include "stage/annotate/db.h"

#include <string.h>

static bool is_pathogenic(const char *s)
{
	/* ClinVar: Pathogenic, Likely_pathogenic, Pathogenic/Likely_pathogenic|risk_factor; and
	 * Conflicting_classifications_of_pathogenicity, which must not match */
	if (strstr(s, "Conflicting") || strstr(s, "conflicting"))
		return false;
	return strstr(s, "Pathogenic") || strstr(s, "Likely_pathogenic");
}

static char *element(struct grx_arena *mem, const char *s, int i)
{
	for (; i > 0 && s; i--) {
		s = strchr(s, ',');
		s = s ? s + 1 : NULL;
	}
	return s ? grx_arena_strndup(mem, s, strcspn(s, ",")) : NULL;
}

static bool carries(const struct grx_var *v, int32_t sample, int32_t allele)
{
	for (int32_t p = 0; v->gt && p < v->ploidy; p++) {
		int32_t g = v->gt[sample * v->ploidy + p];
		if (GRX_GT_IS_END(g))
			break;
		if (g > 0 && GRX_GT_ALLELE(g) == allele)
			return true;
	}
	return false;
}

static char *gt_text(struct grx_arena *mem, const struct grx_var *v, int32_t sample)
{
	char *s = grx_arena_strdup(mem, "");
	for (int32_t p = 0; s && p < v->ploidy; p++) {
		int32_t g = v->gt[sample * v->ploidy + p];
		if (GRX_GT_IS_END(g))
			break;
		const char *sep = p == 0 ? "" : GRX_GT_PHASED(g) ? "|" : "/";
		int32_t a = g > 0 ? GRX_GT_ALLELE(g) : -1;
		s = a < 0 ? grx_arena_printf(mem, "%s%s.", s, sep)
			  : grx_arena_printf(mem, "%s%s%d", s, sep, (int)a);
	}
	return s;
}

static int32_t fmt_int(const struct grx_var *v, const char *key, int32_t sample)
{
	const struct grx_field *f = grx_var_fmt(v, key);
	if (!f || f->n < 1)
		return -1;
	if (f->type == GRX_T_INT)
		return f->v.i[sample * f->n] < 0 ? -1 : f->v.i[sample * f->n];
	if (f->type == GRX_T_FLOAT && !grx_float_is_missing(f->v.f[sample * f->n]))
		return (int32_t)(f->v.f[sample * f->n] + 0.5f);
	return -1;
}

static char *ad_text(struct grx_arena *mem, const struct grx_var *v, int32_t sample)
{
	const struct grx_field *f = grx_var_fmt(v, "AD");
	char *s = NULL;
	for (int32_t i = 0; f && f->type == GRX_T_INT && i < f->n; i++) {
		int32_t x = f->v.i[sample * f->n + i];
		if (x < 0)
			break;
		s = s ? grx_arena_printf(mem, "%s,%d", s, (int)x) : grx_arena_printf(mem, "%d", (int)x);
		if (!s)
			return NULL;
	}
	return s;
}

static const char *alts_text(struct grx_arena *mem, const struct grx_var *v)
{
	const char *s = v->n_allele > 1 ? v->allele[1] : ".";
	for (int32_t i = 2; i < v->n_allele && s; i++)
		s = grx_arena_printf(mem, "%s,%s", s, v->allele[i]);
	return s;
}

static int finding_add(struct annotate_work *w, const struct grx_var *v, int32_t allele, int32_t sample,
	const struct annotate_entry *e, const char *value)
{
	const struct grx_hdr *h = w->cx->hdr;
	const char *chrom = grx_contig_name(w->cx->contigs, v->tid);
	struct annotate_finding *f = grx_arena_calloc(w->keep, 1, sizeof *f);
	if (!f)
		return grx_fail_nomem(w->cx, "finding");
	f->sample = h->sample[sample];
	f->key = grx_arena_printf(w->keep, "variant/%s:%lld:%s:%s", chrom, (long long)v->pos + 1,
		v->allele[0], v->allele[allele]);
	if (e && e->tx)
		f->gene = *e->tx->symbol ? e->tx->symbol : e->tx->gene;
	grx_str_reset(&w->txt);
	if (e)
		annotate_terms_add(&w->txt, e->terms);
	f->consequence = e ? grx_arena_strndup(w->keep, w->txt.n ? w->txt.s : "", w->txt.n) : NULL;
	f->hgvsc = e && e->hgvsc ? grx_arena_strdup(w->keep, e->hgvsc) : NULL;
	f->hgvsp = e && e->hgvsp ? grx_arena_strdup(w->keep, e->hgvsp) : NULL;
	f->clinvar = value;
	f->gt = gt_text(w->keep, v, sample);
	f->because = (struct grx_because){.chrom = chrom,
		.pos = v->pos + 1,
		.ref = v->allele[0],
		.alt = alts_text(w->keep, v),
		.name = v->id,
		.gt = f->gt,
		.dp = fmt_int(v, "DP", sample),
		.gq = fmt_int(v, "GQ", sample),
		.ad = ad_text(w->keep, v, sample)};
	if (!f->key || !f->gt || !f->because.alt)
		return grx_fail_nomem(w->cx, "finding");
	*w->part->found_end = f;
	w->part->found_end = &f->next;
	return GRX_OK;
}

/* Among equally severe entries of ALT k the preferred transcript names the finding. */
static const struct annotate_entry *telling(const struct annotate_record *r, int32_t k)
{
	for (int32_t i = 0; i < r->n_al; i++)
		if (r->al[i].number == k) {
			const struct annotate_entry *e = r->entry[i], *p = &e[r->pick[i]],
						    *t = &e[r->worst[i]];
			return annotate_worst(p->terms) == annotate_worst(t->terms) ? p : t;
		}
	return NULL;
}

int annotate_findings(struct annotate_work *w, const struct annotate_record *r)
{
	const struct grx_hdr *h = w->cx->hdr;
	const struct grx_var *v = r->v;
	const struct grx_field *f = grx_var_info(
		v, annotate_db_column(w->st->db[w->st->find_db], w->st->find_field));
	if (!f || f->from_file || f->type != GRX_T_STR || !f->v.s[0] || !h || !v->gt)
		return GRX_OK;
	for (int32_t k = 1; k < v->n_allele; k++) {
		char *value = element(w->keep, f->v.s[0], k - 1);
		if (!value || !is_pathogenic(value))
			continue;
		for (int32_t s = 0; s < h->n_sample; s++) {
			int rc = carries(v, s, k) ? finding_add(w, v, k, s, telling(r, k), value) : GRX_OK;
			if (rc)
				return rc;
		}
	}
	return GRX_OK;
}

static int fact_of(struct grx_ctx *cx, const struct annotate_finding *f, struct grx_facts *to)
{
	struct grx_fact *x;
	const struct {
		const char *key, *val;
	} attr[] = {{"gene", f->gene}, {"consequence", f->consequence}, {"hgvsc", f->hgvsc},
		{"hgvsp", f->hgvsp}, {"clinvar", f->clinvar}, {"gt", f->gt}};
	int rc = grx_facts_add(cx, to, f->sample, f->key, "annotate", &x);
	if (!rc)
		rc = grx_fact_str_set(to, x, f->clinvar);
	for (size_t i = 0; i < sizeof attr / sizeof *attr && !rc; i++)
		if (attr[i].val)
			rc = grx_fact_attr(to, x, attr[i].key, "%s", attr[i].val);
	return rc ? rc : grx_fact_because(to, x, &f->because);
}

int annotate_findings_merge(struct grx_ctx *cx, const struct annotate_part *part, struct grx_facts *to)
{
	for (const struct annotate_finding *f = part->found; f; f = f->next) {
		/* the same allele on two records is one finding */
		if (grx_facts_find(to, f->sample, f->key))
			continue;
		int rc = fact_of(cx, f, to);
		if (rc)
			return rc;
	}
	return GRX_OK;
}
