/* SPDX-License-Identifier: GPL-3.0-or-later
 * hap_tree.c -- genotypes under the rule of --phase, and the tree of haplotypes of one transcript.
 * Invariant: a node's changes are those of its parent and one more, in genome order. */
#include "stage/annotate/hap_int.h"

#include <string.h>

/* --- genotypes --- */

static int32_t allele_of(int32_t g)
{
	return GRX_GT_IS_END(g) ? HAP_ABSENT : GRX_GT_ALLELE(g);
}

static int phase_missing(struct annotate_work *w, const struct grx_var *v, int32_t sample)
{
	return grx_fail(w->cx, GRX_E_DATA,
		"%s:%lld: the heterozygous genotype of %s is not phased; expected '|' under --phase r: phase "
		"the file or choose --phase a, m, R or s",
		grx_contig_name(w->cx->contigs, v->tid), (long long)v->pos + 1, w->cx->hdr->sample[sample]);
}

/* A heterozygote under the rule of --phase (the letters of bcftools csq -p). */
static void het_rule(char rule, bool phased, struct hap_call *c)
{
	c->how = phased ? HAP_BLOCK : HAP_LOOSE;
	if (rule == 'm' && c->al[0] == 0) {
		c->al[0] = c->al[1];
		c->how = HAP_LOOSE;
	} else if (phased) {
		return;
	} else if (rule == 's') {
		c->al[0] = c->al[1] = HAP_UNKNOWN;
	} else if (rule == 'R') {
		c->al[0] = c->al[0] ? c->al[0] : c->al[1];
		c->al[1] = c->al[1] ? c->al[1] : c->al[0];
	}
}

/* One allele is not called. "0/.": which copy is the reference is not known either. */
static void half_rule(bool phased, struct hap_call *c)
{
	c->how = phased ? HAP_BLOCK : HAP_LOOSE;
	if (!phased && c->al[0] <= 0 && c->al[1] <= 0)
		c->al[0] = c->al[1] = HAP_UNKNOWN;
}

int annotate_hap_calls(struct annotate_work *w, const struct grx_var *v, struct hap_call *to, bool *ok)
{
	char rule = w->st->opt.phase ? w->st->opt.phase[0] : 'a';
	const struct grx_field *ps = grx_var_fmt(v, "PS");
	*ok = v->gt && (v->ploidy == 1 || v->ploidy == 2);
	if (!*ok)
		return GRX_OK;
	for (int32_t s = 0; s < w->cx->hdr->n_sample; s++) {
		const int32_t *g = v->gt + (int64_t)s * v->ploidy;
		struct hap_call *c = &to[s];
		c->al[0] = allele_of(g[0]);
		c->al[1] = v->ploidy == 2 ? allele_of(g[1]) : HAP_ABSENT;
		c->how = HAP_ALL;
		c->ps = HAP_NO_PS;
		if (c->al[0] == c->al[1] || c->al[1] == HAP_ABSENT)
			continue;
		bool phased = GRX_GT_PHASED(g[0]) || GRX_GT_PHASED(g[1]);
		if (c->al[0] < 0 || c->al[1] < 0) {
			half_rule(phased, c);
		} else {
			if (!phased && rule == 'r')
				return phase_missing(w, v, s);
			het_rule(rule, phased, c);
		}
		if (c->how == HAP_BLOCK && ps && ps->type == GRX_T_INT && ps->n >= 1)
			c->ps = ps->v.i[(int64_t)s * ps->n];
	}
	return GRX_OK;
}

/* --- tree --- */

int annotate_hap_tree_init(struct annotate_work *w, struct hap_tree *t, size_t n_path, bool blocks)
{
	memset(t, 0, sizeof *t);
	t->n_path = n_path;
	t->blocks = blocks;
	t->cap = 16;
	t->node = grx_arena_alloc(w->keep, t->cap, sizeof *t->node);
	t->path = grx_arena_calloc(w->keep, n_path + 1, sizeof *t->path);
	if (!t->node || !t->path)
		return grx_fail_nomem(w->cx, "haplotypes");
	t->node[0] = (struct hap_node){.parent = -1, .edit = -1, .child = -1, .next = -1};
	t->n = 1;
	return GRX_OK;
}

/* From *to to its child that adds the change of x, made when there is none. The youngest stand first in the
 * list, so that the child for the record at hand is met at once. */
static int child_of(struct annotate_work *w, struct hap_tree *t, const struct hap_node *x, int32_t *to)
{
	int32_t at = *to;
	for (int32_t c = t->node[at].child; c >= 0; c = t->node[c].next)
		if (t->node[c].edit == x->edit && t->node[c].how == x->how) {
			*to = c;
			return GRX_OK;
		}
	if (t->n == t->cap) {
		struct hap_node *more = grx_arena_grow(w->keep, t->node, t->n, 2 * t->cap, sizeof *t->node);
		if (!more)
			return grx_fail_nomem(w->cx, "haplotypes");
		t->node = more;
		t->cap *= 2;
	}
	int32_t c = (int32_t)t->n++;
	t->node[c] = (struct hap_node){.parent = at,
		.edit = x->edit,
		.child = -1,
		.next = t->node[at].child,
		.depth = t->node[at].depth + 1,
		.unknown = x->unknown,
		.how = x->how};
	t->node[at].child = c;
	*to = c;
	return GRX_OK;
}

/* A path for another phase set: what is on every haplotype of `from`, without what only its own phase set
 * knows. */
static int path_fork(struct annotate_work *w, struct hap_tree *t, int32_t from, int32_t *to)
{
	int rc;
	int32_t d = t->node[from].depth, *chain = grx_arena_alloc(w->keep, (size_t)d + 1, 2 * sizeof *chain);
	if (!chain)
		return grx_fail_nomem(w->cx, "haplotypes");
	for (int32_t n = from, i = d; n > 0; n = t->node[n].parent)
		chain[--i] = n;
	*to = 0;
	for (int32_t i = 0; i < d; i++) {
		struct hap_node x = t->node[chain[i]];
		if (x.how == HAP_BLOCK)
			x.edit = x.unknown;
		if (x.edit >= 0 && (rc = child_of(w, t, &x, to)))
			return rc;
	}
	return GRX_OK;
}

/* The path of the phase set; a path that no phase set has taken yet is as good. */
static int path_of(struct annotate_work *w, struct hap_tree *t, struct hap_path *first, int32_t ps,
	struct hap_path **out)
{
	struct hap_path *p = first, *last = first;
	for (; p; last = p, p = p->next) {
		if (p->ps == ps || !p->taken) {
			p->ps = ps;
			p->taken = true;
			*out = p;
			return GRX_OK;
		}
	}
	p = grx_arena_calloc(w->keep, 1, sizeof *p);
	if (!p)
		return grx_fail_nomem(w->cx, "haplotypes");
	p->ps = ps;
	p->taken = true;
	last->next = *out = p;
	return path_fork(w, t, first->node, &p->node);
}

int annotate_hap_step(struct annotate_work *w, struct hap_tree *t, size_t slot, const struct hap_step *s)
{
	int rc;
	struct hap_path *first = &t->path[slot], *own = NULL;
	bool block = s->how == HAP_BLOCK && t->blocks;
	uint8_t how = s->how >= HAP_LOOSE ? s->how : block ? HAP_BLOCK : HAP_ALL;
	if (block && (rc = path_of(w, t, first, s->ps, &own)))
		return rc;
	for (struct hap_path *p = first; p; p = p->next) {
		struct hap_node x = {.edit = s->edit, .unknown = s->unknown, .how = how};
		if (block && p != own)
			x.edit = s->unknown;
		if (x.edit >= 0 && (rc = child_of(w, t, &x, &p->node)))
			return rc;
	}
	return GRX_OK;
}

void annotate_hap_leaves(struct hap_tree *t)
{
	for (size_t i = 0; i < t->n_path; i++)
		for (const struct hap_path *p = &t->path[i]; p; p = p->next)
			t->node[p->node].leaf = true;
}

void annotate_hap_chain(const struct hap_tree *t, int32_t node, int32_t *to)
{
	for (int32_t i = t->node[node].depth; node > 0; node = t->node[node].parent)
		to[--i] = t->node[node].edit;
}
