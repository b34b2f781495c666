/* SPDX-License-Identifier: GPL-3.0-or-later
 * hap.c -- joint changes of the records of a shard: which transcripts have changes that may act together,
 * their haplotypes, and the samples that carry them.
 * A transcript is only looked at closer when two records touch one codon or one of them shifts the frame or
 * ends the protein; all others cost one look at their entries. Without samples there are no haplotypes. */
#include "stage/annotate/hap.h"

#include <jansson.h>
#include <string.h>

#include "stage/annotate/hap_joint.h"

#define REACH 512 /* bp that an allele of a small variant may reach over the start of a CDS */

struct engine {
	struct annotate_work *w;
	struct annotate_record *r;
	size_t n;
	struct hap_tx **table; /* by index of the transcript, open addressing */
	size_t n_tx, cap;
	struct hap_call *call;
};

/* --- transcripts --- */

static size_t slot_of(const struct engine *g, size_t index)
{
	size_t mask = g->cap - 1, k = (index * 2654435761u) & mask;
	while (g->table[k] && g->table[k]->t->index != index)
		k = (k + 1) & mask;
	return k;
}

static bool table_grow(struct engine *g)
{
	struct hap_tx **old = g->table;
	size_t n = g->cap;
	g->cap = n ? 2 * n : 256;
	g->table = grx_arena_calloc(g->w->keep, g->cap, sizeof *g->table);
	for (size_t i = 0; g->table && i < n; i++)
		if (old[i])
			g->table[slot_of(g, old[i]->t->index)] = old[i];
	return g->table != NULL;
}

static struct hap_tx *tx_of(struct engine *g, const struct annotate_entry *e)
{
	if (2 * (g->n_tx + 1) > g->cap && !table_grow(g))
		return NULL;
	size_t k = slot_of(g, e->tx->index);
	if (!g->table[k]) {
		struct hap_tx *x = grx_arena_calloc(g->w->keep, 1, sizeof *x);
		if (!x)
			return NULL;
		x->t = e->tx;
		x->codon_edge = -1;
		g->table[k] = x;
		g->n_tx++;
	}
	if (!g->table[k]->seq)
		g->table[k]->seq = e->ev.seq;
	return g->table[k];
}

/* --- changes --- */

/* Where a base is read twice or left out one allele is two changes or none. */
static bool at_slip(const struct annotate_entry *e)
{
	for (int32_t k = 0; k < e->tx->n_mark; k++) {
		const struct annotate_mark *m = &e->tx->mark[k];
		int64_t lo = m->a < m->b ? m->a : m->b, hi = m->a < m->b ? m->b : m->a;
		if (m->kind == AT_MARK_SLIP && e->ev.pl.cdna_beg <= hi + 1 && e->ev.pl.cdna_end >= lo - 1)
			return true;
	}
	return false;
}

/* Not one that a splice site, an undefined end or a wrong REF makes unsure. */
static bool is_plain(const struct annotate_entry *e)
{
	const uint64_t cut = AT_BIT(AT_SPLICE_ACCEPTOR) | AT_BIT(AT_SPLICE_DONOR);
	return e->ev.seq && e->al->dna && e->ev.pl.cds_beg && e->ev.pl.cds_end && e->ev.ref_codon &&
	       !(e->terms & cut) && !e->al->sv && !e->al->ref_mismatch && !at_slip(e);
}

/* Does the allele reach the CDS? A structural one has a place only on the genome. */
static bool is_coding(const struct annotate_entry *e)
{
	if (!e->tx || !e->tx->coding || e->distance >= 0)
		return false;
	if (e->al->sv)
		return e->al->beg < e->tx->coding_end && e->al->end >= e->tx->coding_beg;
	return e->ev.pl.in_cds && e->ev.seq;
}

static int change_add(struct engine *g, struct hap_tx *x, const struct hap_change *c)
{
	if (x->n_change == x->cap_change) {
		size_t cap = x->cap_change ? 2 * x->cap_change : 8;
		x->change = grx_arena_grow(g->w->keep, x->change, x->n_change, cap, sizeof *x->change);
		if (!x->change)
			return grx_fail_nomem(g->w->cx, "haplotypes");
		x->cap_change = cap;
	}
	x->change[x->n_change++] = *c;
	return GRX_OK;
}

static int site_add(struct engine *g, struct hap_tx *x, size_t rec)
{
	if (x->n_site && x->site[x->n_site - 1].rec == rec)
		return GRX_OK;
	if (x->n_site == x->cap_site) {
		size_t cap = x->cap_site ? 2 * x->cap_site : 8;
		x->site = grx_arena_grow(g->w->keep, x->site, x->n_site, cap, sizeof *x->site);
		if (!x->site)
			return grx_fail_nomem(g->w->cx, "haplotypes");
		x->cap_site = cap;
	}
	x->site[x->n_site++] = (struct hap_site){rec, (int32_t)x->n_change, 0, -1};
	return GRX_OK;
}

/* May this change act together with another one? A shifted frame and a new stop reach far; else only one in
 * the same codon matters, and records come in the order of the genome. */
static void candidate_mark(struct hap_tx *x, const struct hap_change *c, bool first_of_record)
{
	bool shift = (c->alt_len - (c->end - c->beg)) % 3 != 0;
	int64_t lo = c->beg / 3, hi = (c->end + 2) / 3 - 1;
	if (shift || (c->e->terms & AT_BIT(AT_STOP_GAINED)))
		x->candidate = true;
	if (hi < lo)
		return;
	if (x->t->strand > 0) {
		x->candidate |= first_of_record && x->codon_edge >= lo;
		x->codon_edge = hi > x->codon_edge ? hi : x->codon_edge;
	} else {
		x->candidate |= first_of_record && x->codon_edge >= 0 && x->codon_edge <= hi;
		x->codon_edge = x->codon_edge < 0 || lo < x->codon_edge ? lo : x->codon_edge;
	}
}

static int entry_take(struct engine *g, size_t rec, struct annotate_entry *e)
{
	int rc;
	if (!is_coding(e))
		return GRX_OK;
	struct hap_tx *x = tx_of(g, e);
	if (!x)
		return grx_fail_nomem(g->w->cx, "haplotypes");
	if ((rc = site_add(g, x, rec)))
		return rc;
	struct hap_site *site = &x->site[x->n_site - 1];
	const struct annotate_place *pl = &e->ev.pl;
	struct hap_change c = {.pos = g->r[rec].v->pos, .end = INT64_MAX};
	if (is_plain(e)) {
		c = (struct hap_change){.beg = pl->cds_beg - 1,
			.end = pl->cds_end,
			.alt = e->ev.alt,
			.alt_len = e->al->alt_len,
			.e = e,
			.pos = g->r[rec].v->pos};
		candidate_mark(x, &c, site->n == 0);
	}
	site->n++;
	return change_add(g, x, &c);
}

/* Behind a record's own changes one for "not known here", over all that they cover. */
static int unknown_add(struct engine *g, struct hap_tx *x)
{
	struct hap_site *site = &x->site[x->n_site - 1];
	struct hap_change u = x->change[site->first];
	u.e = NULL;
	for (int32_t k = 1; k < site->n; k++) {
		const struct hap_change *c = &x->change[site->first + k];
		u.beg = c->beg < u.beg ? c->beg : u.beg;
		u.end = c->end > u.end ? c->end : u.end;
	}
	for (int32_t k = 0; k < site->n; k++) {
		const struct hap_change *c = &x->change[site->first + k];
		u.shifts |= !c->e || (c->alt_len - (c->end - c->beg)) % 3 != 0;
	}
	site->unknown = (int32_t)x->n_change;
	return change_add(g, x, &u);
}

static int record_take(struct engine *g, size_t rec)
{
	struct annotate_record *r = &g->r[rec];
	int rc;
	for (int32_t i = 0; i < r->n_al; i++)
		for (int32_t k = 0; k < r->n_entry[i]; k++)
			if ((rc = entry_take(g, rec, &r->entry[i][k])))
				return rc;
	for (int32_t i = 0; i < r->n_al; i++)
		for (int32_t k = 0; k < r->n_entry[i]; k++) {
			const struct annotate_entry *e = &r->entry[i][k];
			if (!is_coding(e))
				continue;
			struct hap_tx *x = g->table[slot_of(g, e->tx->index)];
			if (x->site[x->n_site - 1].unknown < 0 && (rc = unknown_add(g, x)))
				return rc;
		}
	return GRX_OK;
}

/* --- haplotypes --- */

/* The change that allele `al` of a site makes; -1 none. */
static int32_t change_at(
	const struct engine *g, const struct hap_tx *x, const struct hap_site *site, int32_t al)
{
	if (al == HAP_UNKNOWN)
		return site->unknown;
	for (int32_t k = 0; k < site->n; k++) {
		const struct hap_change *c = &x->change[site->first + k];
		if (c->e && c->e->al->number == al)
			return site->first + k;
	}
	/* an allele that reaches the CDS in a way that is not plain, or that has no sequence, is not known
	 * here; one that lies elsewhere changes nothing */
	const struct annotate_record *r = &g->r[site->rec];
	for (int32_t i = 0; i < r->n_al; i++)
		for (int32_t k = 0; r->al[i].number == al && k < r->n_entry[i]; k++)
			if (r->entry[i][k].tx == x->t)
				return is_coding(&r->entry[i][k]) ? site->unknown : -1;
	return r->v->allele[al][0] == '<' ? site->unknown : -1;
}

/* The unphased allele that --phase has put on the other copy; 0 none. */
static int32_t maybe_here(const struct hap_call *c, size_t copy)
{
	return c->how == HAP_LOOSE && c->al[!copy] > 0 ? c->al[!copy] : 0;
}

static int tree_grow(struct engine *g, struct hap_tx *x)
{
	bool ok;
	int rc = GRX_OK;
	for (size_t i = 0; i < x->n_site; i++) {
		const struct hap_site *site = &x->site[i];
		if ((rc = annotate_hap_calls(g->w, g->r[site->rec].v, g->call, &ok)))
			return rc;
		g->w->part->hap.n_ploidy += !ok;
		for (size_t slot = 0; slot < x->tree.n_path; slot++) {
			const struct hap_call *c = &g->call[slot / 2];
			int32_t al = ok ? c->al[slot % 2] : HAP_UNKNOWN;
			struct hap_step s = {-1, site->unknown, c->ps, c->how};
			if (!ok) /* whatever it is, it may be on both */
				s.how = HAP_ALL;
			if (al == 0 && (al = maybe_here(c, slot % 2)))
				s.how = HAP_MAYBE;
			if (al == 0 || al == HAP_ABSENT || al >= g->r[site->rec].v->n_allele)
				continue;
			s.edit = change_at(g, x, site, al);
			if (s.edit >= 0 && s.how == HAP_MAYBE)
				s.edit = site->unknown;
			if (s.edit >= 0 && (rc = annotate_hap_step(g->w, &x->tree, slot, &s)))
				return rc;
		}
	}
	annotate_hap_leaves(&x->tree);
	return GRX_OK;
}

struct carried {
	struct hap_joint **joint;
	int32_t n;
};

static int leaves_judge(struct engine *g, struct hap_tx *x, struct carried *of)
{
	for (size_t i = 1; i < x->tree.n; i++) {
		if (!x->tree.node[i].leaf || x->tree.node[i].depth < 2)
			continue;
		size_t d = (size_t)x->tree.node[i].depth + 1;
		of[i].joint = grx_arena_alloc(g->w->mem, d, 2 * sizeof *of[i].joint);
		if (!of[i].joint)
			return grx_fail_nomem(g->w->cx, "haplotypes");
		struct grx_arena *mem = g->w->mem; /* holds the records' entries: of no use to haplotypes */
		g->w->mem = g->w->tmp;
		int rc = annotate_hap_judge(g->w, x, (int32_t)i, of[i].joint, &of[i].n);
		g->w->mem = mem;
		grx_arena_reset(g->w->tmp);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

static void samples_count(struct hap_tx *x, const struct carried *of)
{
	for (size_t slot = 0; slot < x->tree.n_path; slot++)
		for (const struct hap_path *p = &x->tree.path[slot]; p; p = p->next)
			for (int32_t k = 0; k < of[p->node].n; k++) {
				struct hap_joint *j = of[p->node].joint[k];
				int32_t sample = (int32_t)(slot / 2) + 1;
				j->hap.n_sample += j->last_sample != sample;
				j->last_sample = sample;
			}
}

/* Of several joint changes of an entry the most carried one stands first; of equals the earlier, larger. */
static void entry_choose(struct annotate_entry *e)
{
	e->hap = NULL;
	for (const struct annotate_hap_of *o = e->haps; o; o = o->next)
		if (!e->hap || o->hap->n_sample > e->hap->n_sample ||
			(o->hap->n_sample == e->hap->n_sample && e->hap->behind_stop && !o->hap->behind_stop))
			e->hap = o->hap;
}

static int tx_work(struct engine *g, struct hap_tx *x)
{
	int rc = annotate_hap_tree_init(g->w, &x->tree, 2 * (size_t)g->w->cx->hdr->n_sample, true);
	if (rc || (rc = tree_grow(g, x)))
		return rc;
	struct carried *of = grx_arena_calloc(g->w->mem, x->tree.n + 1, sizeof *of);
	if (!of)
		return grx_fail_nomem(g->w->cx, "haplotypes");
	if ((rc = leaves_judge(g, x, of)))
		return rc;
	samples_count(x, of);
	for (size_t i = 0; i < x->n_change; i++)
		if (x->change[i].e)
			entry_choose(x->change[i].e);
	return GRX_OK;
}

static int joint_shard(struct annotate_work *w, struct annotate_record *r, size_t n)
{
	struct engine g = {.w = w, .r = r, .n = n};
	int rc;
	if (!w->cx->hdr || w->cx->hdr->n_sample < 1)
		return GRX_OK;
	g.call = grx_arena_alloc(w->keep, (size_t)w->cx->hdr->n_sample, sizeof *g.call);
	if (!g.call)
		return grx_fail_nomem(w->cx, "haplotypes");
	for (size_t i = 0; i < n; i++)
		if ((rc = record_take(&g, i)))
			return rc;
	for (size_t i = 0; i < g.cap; i++) {
		struct hap_tx *x = g.table[i];
		if (x && x->candidate && x->n_site > 1 && (rc = tx_work(&g, x)))
			return rc;
	}
	return GRX_OK;
}

int annotate_hap_shard(struct annotate_work *w, struct annotate_record *r, size_t n)
{
	int rc = GRX_OK;
	if (!w->st->models)
		return GRX_OK;
	if (!(w->tmp = grx_arena_new()))
		return grx_fail_nomem(w->cx, "haplotypes");
	if (w->st->opt.haplotypes)
		rc = joint_shard(w, r, n);
	if (!rc && w->st->opt.bcsq)
		rc = annotate_bcsq_shard(w, r, n);
	grx_arena_free(w->tmp);
	w->tmp = NULL;
	return rc;
}

int annotate_hap_declare(struct grx_ctx *cx, const struct annotate_opt *o, struct grx_hdr *h)
{
	return o->bcsq ? annotate_bcsq_declare(cx, o, h) : GRX_OK;
}

bool annotate_hap_joined(const struct annotate_state *st, int32_t tid, int64_t prev, int64_t next)
{
	size_t lo, hi;
	if (!st->models || !st->opt.haplotypes)
		return false;
	annotate_models_range(st->models, tid, prev, next + 1, &lo, &hi);
	for (size_t i = lo; i < hi; i++) {
		struct annotate_tx t;
		int64_t beg, end;
		annotate_models_span(st->models, i, &beg, &end);
		if (beg > prev + REACH || end <= next)
			continue;
		annotate_models_get(st->models, i, &t);
		if (t.coding && t.coding_beg <= prev + REACH && t.coding_end > next)
			return true;
	}
	return false;
}

/* --- counts --- */

void annotate_hap_merge(struct annotate_hap_count *to, const struct annotate_hap_count *from)
{
	to->n_joint += from->n_joint;
	to->n_unphased += from->n_unphased;
	to->n_behind_stop += from->n_behind_stop;
	to->n_unknown += from->n_unknown;
	to->n_overlapping += from->n_overlapping;
	to->n_ploidy += from->n_ploidy;
	to->n_over_ncsq += from->n_over_ncsq;
}

int annotate_hap_summary(const struct annotate_hap_count *c, struct json_t *to)
{
	const struct {
		const char *key;
		int64_t n;
	} row[] = {{"joint_changes", c->n_joint}, {"joint_changes_unphased", c->n_unphased},
		{"alleles_behind_a_stop", c->n_behind_stop},
		{"not_stated_unknown_allele_within", c->n_unknown},
		{"overlapping_alleles_left_single", c->n_overlapping},
		{"transcript_records_of_other_ploidy", c->n_ploidy},
		{"consequences_beyond_ncsq", c->n_over_ncsq}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (json_object_set_new(to, row[i].key, json_integer((json_int_t)row[i].n)))
			return GRX_E_NOMEM;
	return GRX_OK;
}
