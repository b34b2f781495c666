/* SPDX-License-Identifier: GPL-3.0-or-later
 * trio.c -- families: which alleles are judged, and the facts that come of them.
 * shard() collects calls of single records; merge() makes facts in genome order, so neither threads nor
 * shards show. Only alleles with a HIGH or MODERATE term, or that a database calls (likely) pathogenic, are
 * judged. */
#include "stage/annotate/trio_int.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "io/varsrc.h"
#include "stage/annotate/db.h"
#include "stage/annotate/findings.h"

struct annotate_trio {
	struct grx_arena *mem;
	struct trio_ped ped;
	struct trio_limits lim;
	uint64_t severe; /* terms of HIGH or MODERATE impact */
	enum grx_build build;
	bool has_ad; /* the header declares FORMAT/AD */
	struct grx_facts *facts;
	int64_t n_value[TV_N], n_pair, n_again, n_withheld;
};

/* --- start and end --- */

static int trio_start(struct grx_ctx *cx, const struct annotate_state *st, struct annotate_trio *t)
{
	const struct annotate_opt *o = &st->opt;
	if (!cx->hdr || cx->hdr->n_sample == 0)
		return grx_fail(cx, GRX_E_MISMATCH, "--ped %s: the input has no samples", o->ped);
	int rc = annotate_ped_read(cx, o->ped, cx->hdr, t->mem, &t->ped);
	if (rc)
		return rc;
	if (t->ped.n_not_in_header)
		grx_warn(cx, "%s: %lld of %lld people are not among the samples", o->ped,
			(long long)t->ped.n_not_in_header, (long long)t->ped.n_people);
	if (t->ped.n_kid == 0)
		grx_warn(cx, "%s: no child is among the samples together with a parent: nothing to compare",
			o->ped);
	t->lim = (struct trio_limits){
		(int32_t)o->trio_dp, (int32_t)o->trio_gq, o->trio_child_ab, o->trio_parent_ab};
	t->build = grx_contigs_build(cx->contigs);
	t->has_ad = grx_hdr_raw_format(cx->hdr, "AD");
	for (int i = 0; i < AT_N; i++)
		if (strcmp(st->terms.impact[i], "HIGH") == 0 || strcmp(st->terms.impact[i], "MODERATE") == 0)
			t->severe |= AT_BIT(i);
	return GRX_OK;
}

int annotate_trio_open(struct grx_ctx *cx, const struct annotate_state *st, struct annotate_trio **out)
{
	struct annotate_trio *t = grx_calloc(1, sizeof *t);
	int rc = GRX_OK;
	if (!t || !(t->mem = grx_arena_new()) || !(t->facts = grx_facts_new()))
		rc = grx_fail_nomem(cx, "families");
	else
		rc = trio_start(cx, st, t);
	if (rc)
		annotate_trio_close(t);
	else
		*out = t;
	return rc;
}

void annotate_trio_close(struct annotate_trio *t)
{
	if (!t)
		return;
	for (int32_t i = 0; i < t->ped.n_kid; i++)
		annotate_pairs_free(&t->ped.kid[i]);
	grx_facts_free(t->facts);
	grx_arena_free(t->mem);
	grx_free(t);
}

/* --- one record --- */

/* Value k - 1 of the classification column when it says (likely) pathogenic, else NULL. */
static int classified_as(struct annotate_work *w, const struct grx_var *v, int32_t k, const char **out)
{
	const struct annotate_state *st = w->st;
	*out = NULL;
	if (st->find_db < 0)
		return GRX_OK;
	const struct grx_field *f = grx_var_info(v, annotate_db_column(st->db[st->find_db], st->find_field));
	if (!f || f->from_file || f->type != GRX_T_STR || !f->v.s[0])
		return GRX_OK;
	const char *one;
	int rc = annotate_value_at(w, f->v.s[0], k - 1, &one);
	if (one && annotate_is_pathogenic(one))
		*out = one;
	return rc;
}

/* What an allele does, over all its entries. */
struct effect {
	uint64_t terms;
	const struct annotate_entry *worst;
	int32_t n_gene;
	const char **gene;
};

static int gene_note(struct annotate_work *w, struct effect *x, const struct annotate_tx *t)
{
	const char *id = *t->gene ? t->gene : t->symbol;
	for (int32_t i = 0; i < x->n_gene; i++)
		if (strcmp(x->gene[i], id) == 0)
			return GRX_OK;
	if (!*id)
		return GRX_OK;
	x->gene = grx_arena_grow(w->keep, x->gene, (size_t)x->n_gene, (size_t)x->n_gene + 1, sizeof *x->gene);
	if (!x->gene || !(x->gene[x->n_gene] = grx_arena_strdup(w->keep, id)))
		return grx_fail_nomem(w->cx, "genes");
	x->n_gene++;
	return GRX_OK;
}

/* Genes where ALT k is severe; where it is classified, the gene of its most severe entry. */
static int effect_of(
	struct annotate_work *w, const struct annotate_record *r, int32_t k, bool any, struct effect *x)
{
	uint64_t severe = w->st->trio->severe;
	memset(x, 0, sizeof *x);
	for (int32_t i = 0; i < r->n_al; i++) {
		if (r->al[i].number != k)
			continue;
		const struct annotate_entry *e = r->entry[i], *top = &e[r->worst[i]], *pick = &e[r->pick[i]];
		if (annotate_worst(pick->terms) == annotate_worst(top->terms))
			top = pick;
		if (!x->worst || annotate_worst(top->terms) < annotate_worst(x->worst->terms))
			x->worst = top;
		for (int32_t j = 0; j < r->n_entry[i]; j++) {
			x->terms |= e[j].terms;
			int rc = e[j].tx && e[j].terms & severe ? gene_note(w, x, e[j].tx) : GRX_OK;
			if (rc)
				return rc;
		}
	}
	return any && !x->n_gene && x->worst && x->worst->tx ? gene_note(w, x, x->worst->tx) : GRX_OK;
}

static bool record_filtered(const struct grx_var *v)
{
	return v->n_filter > 1 || (v->n_filter == 1 && strcmp(v->filter[0], "PASS") != 0);
}

static enum trio_region region_of(const struct annotate_work *w, const struct grx_var *v)
{
	const struct grx_contigs *d = w->cx->contigs;
	const char *c = grx_contig_canonical(grx_contig_name(d, v->tid));
	if (strcmp(c, "MT") == 0)
		return TR_MT;
	/* one copy expected in a male: outside the pseudo-autosomal regions */
	if (grx_ploidy_at(d, w->st->trio->build, GRX_SEX_MALE, v->tid, v->pos) != 1)
		return TR_AUTO;
	return *c == 'X' ? TR_X : TR_Y;
}

/* The genotypes of child, father and mother, named in that order. */
static int evidence(
	struct annotate_work *w, const struct grx_var *v, const struct trio_case *c, struct trio_call *x)
{
	const struct trio_geno *g[3] = {&c->kid, &c->father, &c->mother};
	static const char *const role[3] = {"child", "father", "mother"};
	for (int i = 0; i < 3; i++) {
		if (g[i]->sample < 0 || g[i]->state == TG_ABSENT)
			continue;
		struct grx_because *b = &x->because[x->n_because++];
		int rc = annotate_because(w, v, g[i]->sample, w->keep, b);
		if (rc)
			return rc;
		b->name = grx_arena_printf(w->keep, "%s %s", role[i], w->cx->hdr->sample[g[i]->sample]);
		if (!b->name)
			return grx_fail_nomem(w->cx, "evidence");
	}
	return GRX_OK;
}

static int call_add(struct annotate_work *w, const struct annotate_record *r, int32_t k,
	const struct effect *e, struct trio_call *x, const struct trio_case *c)
{
	const struct grx_var *v = r->v;
	annotate_trio_judge(c, &x->verdict);
	x->tid = v->tid;
	x->pos = v->pos;
	x->hap = c->kid.hap;
	x->ps = c->kid.ps;
	x->two_alts = c->kid.complete && c->kid.n_alt == 1 && c->kid.n_other == 1;
	x->n_gene = e->n_gene;
	x->gene = e->gene;
	x->key = annotate_allele_key(w, "trio", r, k);
	if (e->worst && e->worst->tx)
		x->symbol = *e->worst->tx->symbol ? e->worst->tx->symbol : e->worst->tx->gene;
	grx_str_reset(&w->txt);
	if (e->worst)
		annotate_terms_add(&w->txt, e->worst->terms);
	x->consequence = grx_arena_strndup(w->keep, w->txt.n ? w->txt.s : "", w->txt.n);
	if (!x->key || !x->consequence)
		return grx_fail_nomem(w->cx, "family");
	int rc = evidence(w, v, c, x);
	if (rc)
		return rc;
	struct annotate_trio_part *p = w->part->trio;
	*p->end = x;
	p->end = &x->next;
	return GRX_OK;
}

/* All children who carry ALT k. */
static int allele_calls(struct annotate_work *w, const struct annotate_record *r, int32_t k,
	const struct effect *e, const char *classified)
{
	const struct grx_var *v = r->v;
	const struct annotate_trio *t = w->st->trio;
	struct trio_case c = {.region = region_of(w, v),
		.record_filtered = record_filtered(v),
		.has_ad = t->has_ad || grx_var_fmt(v, "AD"),
		.lim = &t->lim};
	for (int32_t i = 0; i < t->ped.n_kid; i++) {
		const struct trio_kid *kid = &t->ped.kid[i];
		c.kid = annotate_trio_geno(v, kid->kid, k);
		if (c.kid.n_alt == 0)
			continue;
		c.father = annotate_trio_geno(v, kid->father, k);
		c.mother = annotate_trio_geno(v, kid->mother, k);
		c.sex = kid->sex;
		struct trio_call *x = grx_arena_calloc(w->keep, 1, sizeof *x);
		if (!x)
			return grx_fail_nomem(w->cx, "family");
		x->kid = i;
		x->classified = classified;
		int rc = call_add(w, r, k, e, x, &c);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

int annotate_trio_record(struct annotate_work *w, const struct annotate_record *r)
{
	const struct grx_var *v = r->v;
	if (!v->gt || w->st->trio->ped.n_kid == 0)
		return GRX_OK;
	if (!w->part->trio) {
		struct annotate_trio_part *p = grx_arena_calloc(w->keep, 1, sizeof *p);
		if (!p)
			return grx_fail_nomem(w->cx, "family");
		p->end = &p->call;
		w->part->trio = p;
	}
	for (int32_t k = 1; k < v->n_allele; k++) {
		struct effect e;
		const char *classified;
		int rc = classified_as(w, v, k, &classified);
		if (rc || (rc = effect_of(w, r, k, classified != NULL, &e)))
			return rc;
		if (!(e.terms & w->st->trio->severe) && !classified)
			continue;
		/* genes of the list that nobody asked for: whatever was inherited there is not told */
		if (annotate_asked_of(w->st, r, k, NULL) == AT_ASK_WITHHELD) {
			w->part->trio->n_withheld++;
			continue;
		}
		if ((rc = allele_calls(w, r, k, &e, classified)))
			return rc;
	}
	return GRX_OK;
}

/* --- facts --- */

static int attrs_add(
	struct grx_facts *to, struct grx_fact *f, const struct trio_call *c, const struct trio_kid *k)
{
	const struct {
		const char *key, *val;
	} attr[] = {{"gene", c->symbol}, {"consequence", c->consequence}, {"from", c->verdict.from},
		{"not_assessed", f->status == GRX_FACT_OK ? c->verdict.why : NULL},
		{"classified", c->classified}, {"family", k->family},
		{"phenotype", k->affected < 0 ? NULL
			      : k->affected   ? "affected"
					      : "unaffected"}};
	int rc = GRX_OK;
	for (size_t i = 0; i < sizeof attr / sizeof *attr && !rc; i++)
		if (attr[i].val && *attr[i].val)
			rc = grx_fact_attr(to, f, attr[i].key, "%s", attr[i].val);
	return rc;
}

static int call_fact(
	struct grx_ctx *cx, struct annotate_trio *t, const struct trio_call *c, struct grx_fact **out)
{
	const struct trio_kid *k = &t->ped.kid[c->kid];
	const struct trio_verdict *v = &c->verdict;
	struct grx_fact *f;
	int rc = grx_facts_add(cx, t->facts, k->name, c->key, "annotate", &f);
	if (rc)
		return rc;
	if (v->value == TV_NOT_ASSESSED) {
		f->status = GRX_FACT_MISSING;
		rc = grx_fact_attr(t->facts, f, "reason", "%s", *v->why ? v->why : "not assessed");
	} else {
		rc = grx_fact_str_set(t->facts, f, annotate_trio_value_name[v->value]);
	}
	if (!rc)
		rc = attrs_add(t->facts, f, c, k);
	for (int i = 0; i < c->n_because && !rc; i++)
		rc = grx_fact_because(t->facts, f, &c->because[i]);
	*out = f;
	return rc;
}

int annotate_trio_merge(struct grx_ctx *cx, struct annotate_state *st, const struct annotate_part *part)
{
	struct annotate_trio *t = st->trio;
	t->n_withheld += part->trio ? part->trio->n_withheld : 0;
	for (const struct trio_call *c = part->trio ? part->trio->call : NULL; c; c = c->next) {
		struct trio_kid *k = &t->ped.kid[c->kid];
		struct grx_fact *f;
		/* the same allele on two records: the first stands */
		if (grx_facts_find(t->facts, k->name, c->key)) {
			t->n_again++;
			continue;
		}
		t->n_value[c->verdict.value]++;
		int rc = call_fact(cx, t, c, &f);
		if (!rc && c->verdict.compound)
			rc = annotate_pairs_add(cx, k, c, f, t->facts, &t->n_pair);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

int annotate_trio_finish(struct grx_ctx *cx, struct annotate_state *st, struct grx_facts *to)
{
	struct annotate_trio *t = st->trio;
	for (int32_t i = 0; i < t->ped.n_kid; i++) {
		int rc = annotate_pairs_end(cx, &t->ped.kid[i], t->facts, &t->n_pair);
		if (rc)
			return rc;
	}
	return grx_facts_append(cx, to, t->facts);
}

int annotate_trio_summary(const struct annotate_trio *t, struct json_t *to)
{
	json_t *o = json_object();
	const struct {
		const char *key;
		int64_t n;
	} row[] = {{"people", t->ped.n_people}, {"people_not_among_samples", t->ped.n_not_in_header},
		{"children_compared", t->ped.n_kid},
		{"children_without_a_parent_among_samples", t->ped.n_without_parents},
		{"children_with_one_parent", t->ped.n_parent_absent}, {"pairs_in_trans", t->n_pair},
		{"alleles_seen_again", t->n_again}, {"alleles_in_listed_genes_not_asked_for", t->n_withheld}};
	if (!o || json_object_set_new(to, "families", o))
		return GRX_E_NOMEM;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (json_object_set_new(o, row[i].key, json_integer((json_int_t)row[i].n)))
			return GRX_E_NOMEM;
	for (int i = 0; i < TV_N; i++)
		if (json_object_set_new(
			    o, annotate_trio_value_name[i], json_integer((json_int_t)t->n_value[i])))
			return GRX_E_NOMEM;
	return GRX_OK;
}
