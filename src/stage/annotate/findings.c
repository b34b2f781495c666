/* SPDX-License-Identifier: GPL-3.0-or-later
 * findings.c -- alleles that a sample carries and a database calls (likely) pathogenic, as facts with their
 * evidence. A classification that says Conflicting is no finding, and nothing is one that nobody asked for
 * (findings_scope.c). Shards collect, merge() makes the facts in genome order. */
#include "stage/annotate/findings.h"

#include <string.h>

#include "stage/annotate/db.h"

bool annotate_is_pathogenic(const char *s)
{
	/* ClinVar: Pathogenic, Likely_pathogenic, Pathogenic/Likely_pathogenic|risk_factor; and
	 * Conflicting_classifications_of_pathogenicity, which must not match */
	if (strstr(s, "Conflicting") || strstr(s, "conflicting"))
		return false;
	return strstr(s, "Pathogenic") || strstr(s, "Likely_pathogenic");
}

int annotate_value_at(struct annotate_work *w, const char *s, int i, const char **out)
{
	*out = NULL;
	for (; i > 0 && s; i--) {
		s = strchr(s, ',');
		s = s ? s + 1 : NULL;
	}
	if (s && !(*out = grx_arena_strndup(w->keep, s, strcspn(s, ","))))
		return grx_fail_nomem(w->cx, "classification");
	return GRX_OK;
}

int annotate_copies(const struct grx_var *v, int32_t sample, int32_t allele, int *ploidy)
{
	int n = 0, p = 0;
	for (; v->gt && p < v->ploidy; p++) {
		int32_t g = v->gt[sample * v->ploidy + p];
		if (GRX_GT_IS_END(g))
			break;
		n += g > 0 && GRX_GT_ALLELE(g) == allele;
	}
	if (ploidy)
		*ploidy = p;
	return n;
}

bool annotate_carried(const struct grx_hdr *h, const struct grx_var *v, int32_t allele)
{
	for (int32_t s = 0; h && v->gt && s < h->n_sample; s++)
		if (annotate_copies(v, s, allele, NULL))
			return true;
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

int32_t annotate_fmt_int(const struct grx_var *v, const char *key, int32_t sample, int32_t i)
{
	const struct grx_field *f = grx_var_fmt(v, key);
	if (!f || i >= f->n)
		return -1;
	size_t at = (size_t)sample * (size_t)f->n + (size_t)i;
	if (f->type == GRX_T_INT)
		return f->v.i[at] < 0 ? -1 : f->v.i[at];
	if (f->type == GRX_T_FLOAT && f->v.f[at] >= 0 && f->v.f[at] < 1e9f)
		return (int32_t)(f->v.f[at] + 0.5f);
	return -1;
}

static char *ad_text(struct grx_arena *mem, const struct grx_var *v, int32_t sample)
{
	const struct grx_field *f = grx_var_fmt(v, "AD");
	char *s = NULL;
	bool any = false;
	for (int32_t i = 0; f && f->type == GRX_T_INT && i < f->n; i++) {
		int32_t x = f->v.i[sample * f->n + i];
		if (x == GRX_INT_END)
			break;
		const char *head = s ? s : "", *sep = s ? "," : "";
		s = x < 0 ? grx_arena_printf(mem, "%s%s.", head, sep)
			  : grx_arena_printf(mem, "%s%s%d", head, sep, (int)x);
		if (!s)
			return NULL;
		any |= x >= 0;
	}
	return any ? s : NULL;
}

static const char *alts_text(struct grx_arena *mem, const struct grx_var *v)
{
	const char *s = v->n_allele > 1 ? v->allele[1] : ".";
	for (int32_t i = 2; i < v->n_allele && s; i++)
		s = grx_arena_printf(mem, "%s,%s", s, v->allele[i]);
	return s;
}

int annotate_because(struct annotate_work *w, const struct grx_var *v, int32_t sample, struct grx_arena *mem,
	struct grx_because *b)
{
	*b = (struct grx_because){.chrom = grx_contig_name(w->cx->contigs, v->tid),
		.pos = v->pos + 1,
		.ref = v->allele[0],
		.alt = alts_text(mem, v),
		.name = v->id,
		.gt = gt_text(mem, v, sample),
		.dp = annotate_fmt_int(v, "DP", sample, 0),
		.gq = annotate_fmt_int(v, "GQ", sample, 0),
		.ad = ad_text(mem, v, sample)};
	return b->alt && b->gt ? GRX_OK : grx_fail_nomem(w->cx, "evidence");
}

/* "P1:p.(Cys9Tyr)" without the parentheses of --parens: what asks for a change by name knows one form. */
static const char *plain_name(struct grx_arena *mem, const char *p)
{
	char *s = grx_arena_strdup(mem, p), *open = s ? strstr(s, "p.(") : NULL;
	size_t n = s ? strlen(s) : 0;
	if (open && s[n - 1] == ')') {
		s[n - 1] = '\0';
		memmove(open + 2, open + 3, strlen(open + 3) + 1);
	}
	return s;
}

const char *annotate_allele_key(
	struct annotate_work *w, const char *kind, const struct annotate_record *r, int32_t number)
{
	const struct grx_var *v = r->v;
	const char *alt = v->allele[number];
	int64_t end = 0;
	for (int32_t i = 0; i < r->n_al && *alt == '<'; i++)
		if (r->al[i].number == number)
			end = r->al[i].end;
	const char *key = grx_arena_printf(w->keep, "%s/%s:%lld:%s:%s", kind,
		grx_contig_name(w->cx->contigs, v->tid), (long long)v->pos + 1, v->allele[0], alt);
	return key && end ? grx_arena_printf(w->keep, "%s:%lld", key, (long long)end) : key;
}

/* An allele of a sample, and what makes it a finding. */
struct found {
	int32_t allele, sample;
	const char *value, *gene;
	enum annotate_asked_kind scope;
	const struct annotate_entry *e;
};

static int finding_add(struct annotate_work *w, const struct annotate_record *r, const struct found *x)
{
	const struct grx_var *v = r->v;
	const struct annotate_entry *e = x->e;
	struct annotate_finding *f = grx_arena_calloc(w->keep, 1, sizeof *f);
	if (!f)
		return grx_fail_nomem(w->cx, "finding");
	f->sample = w->cx->hdr->sample[x->sample];
	f->key = annotate_allele_key(w, "variant", r, x->allele);
	f->gene = x->gene;
	f->asked_for = x->scope == AT_ASK_SECONDARY ? "secondary findings" : "gene asked for";
	f->copies = annotate_copies(v, x->sample, x->allele, &f->ploidy);
	grx_str_reset(&w->txt);
	if (e)
		annotate_terms_add(&w->txt, e->terms);
	f->consequence = e ? grx_arena_strndup(w->keep, w->txt.n ? w->txt.s : "", w->txt.n) : NULL;
	f->hgvsc = e && e->hgvsc ? grx_arena_strdup(w->keep, e->hgvsc) : NULL;
	f->hgvsp = e && e->hgvsp ? plain_name(w->keep, e->hgvsp) : NULL;
	f->clinvar = x->value;
	int rc = annotate_because(w, v, x->sample, w->keep, &f->because);
	if (rc || !f->key)
		return rc ? rc : grx_fail_nomem(w->cx, "finding");
	f->gt = f->because.gt;
	*w->part->found_end = f;
	w->part->found_end = &f->next;
	return GRX_OK;
}

/* The entry that names it lies in the gene that was asked for, if one does. */
static const struct annotate_entry *entry_in(
	const struct annotate_record *r, int32_t number, const char *gene)
{
	const struct annotate_entry *t = annotate_telling(r, number), *best = NULL;
	if (t && t->tx && (strcmp(t->tx->symbol, gene) == 0 || strcmp(t->tx->gene, gene) == 0))
		return t;
	for (int32_t i = 0; i < r->n_al; i++)
		for (int32_t j = 0; r->al[i].number == number && j < r->n_entry[i]; j++) {
			const struct annotate_entry *e = &r->entry[i][j];
			if (e->tx && (strcmp(e->tx->symbol, gene) == 0 || strcmp(e->tx->gene, gene) == 0) &&
				(!best || e->tx->pick < best->tx->pick))
				best = e;
		}
	return best ? best : t;
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
		struct found x = {.allele = k};
		int rc = annotate_value_at(w, f->v.s[0], k - 1, &x.value);
		if (rc)
			return rc;
		if (!x.value || !annotate_is_pathogenic(x.value))
			continue;
		x.scope = annotate_asked_of(w->st, r, k, &x.gene);
		if (x.scope != AT_ASK_GENE && x.scope != AT_ASK_SECONDARY)
			continue;
		x.e = entry_in(r, k, x.gene);
		for (x.sample = 0; x.sample < h->n_sample; x.sample++) {
			rc = annotate_copies(v, x.sample, k, NULL) ? finding_add(w, r, &x) : GRX_OK;
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
		{"hgvsp", f->hgvsp}, {"clinvar", f->clinvar}, {"gt", f->gt}, {"asked_for", f->asked_for}};
	int rc = grx_facts_add(cx, to, f->sample, f->key, "annotate", &x);
	if (!rc)
		rc = grx_fact_str_set(to, x, f->clinvar);
	for (size_t i = 0; i < sizeof attr / sizeof *attr && !rc; i++)
		if (attr[i].val)
			rc = grx_fact_attr(to, x, attr[i].key, "%s", attr[i].val);
	if (!rc)
		rc = grx_fact_attr(to, x, "copies", "%d", f->copies);
	if (!rc)
		rc = grx_fact_attr(to, x, "ploidy", "%d", f->ploidy);
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
