/* SPDX-License-Identifier: GPL-3.0-or-later
 * hap_joint.c -- one haplotype of a transcript: which of its changes act together, and what they come to.
 * Changes act together when they touch one codon, when the reading frame is shifted between them, or when one
 * lies behind a stop that another makes. Each set is judged on the reference without the haplotype's other
 * changes. Nothing is said of a set with an allele in it that is not known. Source: Danecek and McCarthy,
 * Bioinformatics 33:2037 (2017). */
#include "stage/annotate/hap_joint.h"

#include <string.h>

#include "stage/annotate/hgvs.h"

/* The changes of a haplotype in sense order. */
struct strand {
	struct annotate_work *w;
	struct hap_tx *x;
	int32_t n, n_unknown, n_maybe;
	int32_t *change, *unknown, *maybe;
	uint8_t *how;
	struct hap_joint **to;
	int32_t n_to;
};

/* Changes [i, j] in a common stretch of codons. */
struct stretch {
	int32_t i, j;
	int64_t lo, hi; /* whole codons of the reference */
	bool open;      /* the frame is not restored: it goes on to the end */
	char *alt;      /* changed bases from lo on; with an open one the rest of the transcript */
	int64_t alt_n;
	int64_t stop; /* offset in alt of a stop that is new, -1 none */
	int64_t edge; /* where on the reference it ends, for what is unknown */
};

static const struct hap_change *change_of(const struct strand *s, int32_t i)
{
	return &s->x->change[s->change[i]];
}

/* --- the changes in order --- */

static bool clash(const struct hap_change *a, const struct hap_change *b)
{
	return b->beg < a->end || (b->beg == a->beg && a->beg == a->end && b->beg == b->end);
}

static void put(struct strand *s, int32_t id, uint8_t how)
{
	const struct hap_change *c = &s->x->change[id];
	int32_t k = s->n++;
	for (; k > 0; k--) {
		const struct hap_change *p = change_of(s, k - 1);
		if (p->beg < c->beg || (p->beg == c->beg && p->end <= c->end))
			break;
		s->change[k] = s->change[k - 1];
		s->how[k] = s->how[k - 1];
	}
	s->change[k] = id;
	s->how[k] = how;
}

/* Two alleles on the same bases of one haplotype cannot both be right: neither is used. */
static void clashes_out(struct strand *s)
{
	int32_t n = 0;
	for (int32_t i = 0; i < s->n; i++) {
		bool bad = (i && clash(change_of(s, i - 1), change_of(s, i))) ||
			   (i + 1 < s->n && clash(change_of(s, i), change_of(s, i + 1)));
		if (bad)
			s->unknown[s->n_unknown++] = s->change[i];
		s->w->part->hap.n_overlapping += bad;
	}
	for (int32_t i = 0; i < s->n; i++) {
		bool bad = false;
		for (int32_t k = 0; k < s->n_unknown; k++)
			bad |= s->unknown[k] == s->change[i];
		if (bad)
			continue;
		s->change[n] = s->change[i];
		s->how[n++] = s->how[i];
	}
	s->n = n;
}

static int strand_make(struct strand *s, int32_t node)
{
	const struct hap_tree *t = &s->x->tree;
	size_t d = (size_t)t->node[node].depth + 1;
	s->change = grx_arena_alloc(s->w->mem, d, sizeof *s->change);
	s->unknown = grx_arena_alloc(s->w->mem, 2 * d, sizeof *s->unknown);
	s->maybe = grx_arena_alloc(s->w->mem, d, sizeof *s->maybe);
	s->how = grx_arena_alloc(s->w->mem, d, sizeof *s->how);
	if (!s->change || !s->unknown || !s->maybe || !s->how)
		return grx_fail_nomem(s->w->cx, "haplotypes");
	for (; node > 0; node = t->node[node].parent) {
		const struct hap_node *x = &t->node[node];
		if (s->x->change[x->edit].e)
			put(s, x->edit, x->how);
		else if (x->how == HAP_MAYBE)
			s->maybe[s->n_maybe++] = x->edit;
		else
			s->unknown[s->n_unknown++] = x->edit;
	}
	clashes_out(s);
	return GRX_OK;
}

/* --- a stretch --- */

static void stretch_find(const struct strand *s, int32_t i, struct stretch *g)
{
	const struct hap_change *c = change_of(s, i);
	int64_t shift = c->alt_len - (c->end - c->beg);
	g->i = g->j = i;
	g->lo = c->beg / 3 * 3;
	g->hi = (c->end + 2) / 3 * 3;
	while (g->j + 1 < s->n) {
		c = change_of(s, g->j + 1);
		if (shift % 3 == 0 && c->beg >= g->hi)
			break;
		g->j++;
		shift += c->alt_len - (c->end - c->beg);
		if ((c->end + 2) / 3 * 3 > g->hi)
			g->hi = (c->end + 2) / 3 * 3;
	}
	g->open = shift % 3 != 0;
	if (g->hi > s->x->seq->cds_n)
		g->hi = s->x->seq->cds_n;
}

/* Bases [lo, to) of the CDS, read on into the 3' UTR, with changes [i, j] put in. */
static int changed_bases(
	const struct strand *s, int32_t i, int32_t j, int64_t lo, int64_t to, struct stretch *g)
{
	const struct annotate_seq *q = s->x->seq;
	int64_t n = to - lo, at = lo;
	for (int32_t k = i; k <= j; k++)
		n += change_of(s, k)->alt_len;
	char *p = g->alt = grx_arena_alloc(s->w->mem, (size_t)n + 1, 1);
	if (!p)
		return grx_fail_nomem(s->w->cx, "changed CDS");
	for (int32_t k = i; k <= j + 1; k++) {
		int64_t end = k <= j ? change_of(s, k)->beg : to;
		for (; at < end; at++)
			*p++ = at < q->cds_n ? q->cds[at] : q->utr3[at - q->cds_n];
		if (k > j)
			break;
		memcpy(p, change_of(s, k)->alt, (size_t)change_of(s, k)->alt_len);
		p += change_of(s, k)->alt_len;
		at = change_of(s, k)->end;
	}
	*p = '\0';
	g->alt_n = p - g->alt;
	return GRX_OK;
}

static int64_t first_stop(const char *s, int64_t n, int table)
{
	for (int64_t i = 0; i + 3 <= n; i += 3)
		if (annotate_codon(s + i, table) == '*')
			return i;
	return -1;
}

static int stretch_read(const struct strand *s, struct stretch *g)
{
	const struct annotate_seq *q = s->x->seq;
	int table = s->x->t->table;
	int rc = changed_bases(s, g->i, g->j, g->lo, g->open ? q->cds_n + q->utr3_n : g->hi, g);
	if (rc)
		return rc;
	g->stop = first_stop(g->alt, g->alt_n, table);
	g->edge = g->open ? INT64_MAX : g->hi;
	int64_t old = g->open ? -1 : first_stop(q->cds + g->lo, g->hi - g->lo, table);
	if (old >= 0 && g->stop >= old)
		g->stop = -1;
	return GRX_OK;
}

/* How many of [i, j] begin before the new stop is read to its end; *edge the reference base behind it. */
static int32_t members(const struct strand *s, struct stretch *g)
{
	int64_t shift = 0;
	int32_t k = g->i;
	if (g->stop < 0)
		return g->j;
	for (; k <= g->j; k++) {
		const struct hap_change *c = change_of(s, k);
		if (c->beg - g->lo + shift >= g->stop + 3)
			break;
		shift += c->alt_len - (c->end - c->beg);
	}
	g->edge = g->lo + g->stop + 3 - shift;
	return k - 1;
}

/* Could it change what the stretch comes to? It lies within, or before and shifts the frame. */
static bool matters(const struct hap_change *c, const struct stretch *g)
{
	return c->beg < g->edge && (c->shifts || c->end > g->lo || (c->end == c->beg && c->beg >= g->lo));
}

static int32_t how_many_matter(const struct strand *s, const int32_t *id, int32_t n, const struct stretch *g)
{
	int32_t sum = 0;
	for (int32_t k = 0; k < n; k++)
		sum += matters(&s->x->change[id[k]], g);
	return sum;
}

/* --- what is said of it --- */

/* VEP's terms of the joint change as one replacement of CDS bases. */
static int joint_terms(const struct strand *s, const struct stretch *g, int32_t last, uint64_t *terms)
{
	const struct annotate_tx *t = s->x->t;
	const char *cds = s->x->seq->cds;
	struct annotate_allele *al = grx_arena_calloc(s->w->mem, 1, sizeof *al);
	struct stretch mid = {0};
	int64_t beg = change_of(s, g->i)->beg, end = change_of(s, last)->end;
	int rc = al ? changed_bases(s, g->i, last, beg, end, &mid) : grx_fail_nomem(s->w->cx, "allele");
	if (rc)
		return rc;
	int64_t n = mid.alt_n;
	while (n && end > beg && mid.alt[n - 1] == cds[end - 1])
		n--, end--;
	while (n && end > beg && mid.alt[0] == cds[beg])
		n--, beg++, mid.alt++;
	*terms = AT_BIT(AT_SYNONYMOUS);
	if (!n && beg == end)
		return GRX_OK; /* they undo each other */
	mid.alt[n] = '\0';
	al->ref = al->alt = al->shown = mid.alt;
	al->ref_len = (int32_t)(end - beg);
	al->alt_len = (int32_t)n;
	al->tid = t->tid;
	al->dna = true;
	struct annotate_eval ev = {.tx = t, .seq = s->x->seq, .al = al, .alt = mid.alt};
	ev.pl.in_cdna = ev.pl.in_cds = true;
	ev.pl.cds_beg = beg + 1;
	ev.pl.cds_end = end;
	ev.pl.cdna_beg = beg + t->cds_beg - t->pad;
	ev.pl.cdna_end = end - 1 + t->cds_beg - t->pad;
	ev.pl.pep_beg = (ev.pl.cds_beg + 2) / 3;
	ev.pl.pep_end = (ev.pl.cds_end + 2) / 3;
	if ((rc = annotate_eval_sense(s->w, &ev)))
		return rc;
	*terms = annotate_coding(&ev) | (t->nmd ? AT_BIT(AT_NMD) : 0);
	return GRX_OK;
}

/* The protein as it becomes, up to its first stop. */
static int joint_protein(const struct strand *s, const struct stretch *g, int32_t last, struct grx_str *o)
{
	const struct annotate_seq *q = s->x->seq;
	struct stretch all = {0};
	int rc = changed_bases(s, g->i, last, g->lo, q->cds_n + q->utr3_n, &all);
	if (rc)
		return rc;
	int64_t n, head = g->lo / 3;
	char *tail = annotate_translate(s->w->mem, all.alt, all.alt_n, s->x->t->table, &n);
	if (!tail)
		return grx_fail_nomem(s->w->cx, "protein");
	/* selenocysteines behind a closed stretch stay what they are */
	int64_t off = all.alt_n - (q->cds_n + q->utr3_n - g->lo);
	if (off % 3 == 0)
		for (int64_t k = 0; k < n; k++) {
			int64_t r = head + k - off / 3;
			if (tail[k] == '*' && 3 * r >= g->hi && r < q->pep_n && q->pep[r] == 'U')
				tail[k] = 'U';
		}
	const char *stop = strchr(tail, '*');
	grx_str_addn(o, q->pep, (size_t)(head < q->pep_n ? head : q->pep_n));
	grx_str_addn(o, tail, stop ? (size_t)(stop - tail) + 1 : (size_t)n);
	return GRX_OK;
}

/* Up to where the proteins differ, when members i..last keep the frame. */
static void in_frame_ends(
	const struct strand *s, const struct stretch *g, int32_t last, struct annotate_proteins *to)
{
	int64_t shift = 0, end = 0;
	for (int32_t k = g->i; k <= last; k++) {
		const struct hap_change *c = change_of(s, k);
		shift += c->alt_len - (c->end - c->beg);
		end = c->end > end ? c->end : end;
	}
	if (shift % 3)
		return;
	to->ref_end = (end + 2) / 3;
	to->alt_end = g->stop >= 0 ? INT64_MAX : to->ref_end + shift / 3;
}

static int joint_hgvsp(const struct strand *s, const struct stretch *g, int32_t last, struct hap_joint *j)
{
	const struct annotate_seq *q = s->x->seq;
	struct annotate_work *w = s->w;
	int rc = GRX_E_BUG;
	struct grx_str ref = {0}, alt = {0}, name = {0};
	j->hap.hgvsp = "";
	if (w->st->opt.no_hgvs)
		return GRX_OK;
	grx_str_addn(&ref, q->pep, (size_t)q->pep_n);
	if (q->cds_n / 3 > q->pep_n)
		grx_str_addc(&ref, '*');
	GRX_TRY(joint_protein(s, g, last, &alt));
	if (ref.oom || alt.oom)
		GRX_TRY(grx_fail_nomem(w->cx, "protein"));
	struct annotate_proteins c = {.ref = ref.s ? ref.s : "", .alt = alt.s ? alt.s : ""};
	if (!(j->hap.terms & AT_BIT(AT_STOP_LOST)))
		in_frame_ends(s, g, last, &c);
	GRX_TRY(annotate_hgvs_protein(w, s->x->t, &c, &name));
	if (name.n && !(j->hap.hgvsp = grx_arena_strndup(w->keep, name.s, name.n)))
		GRX_TRY(grx_fail_nomem(w->cx, "HGVS name"));
	rc = name.oom ? grx_fail_nomem(w->cx, "HGVS name") : GRX_OK;
out:
	grx_str_clear(&ref);
	grx_str_clear(&alt);
	grx_str_clear(&name);
	return rc;
}

/* "4G>A+6del": what c. names say behind "c."; without names the record's own alleles. */
static int joint_changes(const struct strand *s, const int32_t *member, int32_t n, const char **to)
{
	struct grx_str o = {0};
	for (int32_t i = 0; i < n; i++) {
		const struct hap_change *c = &s->x->change[member[i]];
		const char *name = c->e->hgvsc ? strstr(c->e->hgvsc, ":c.") : NULL;
		if (i)
			grx_str_addc(&o, '+');
		if (name)
			grx_str_add(&o, name + 3);
		else
			grx_str_addf(&o, "%lld%s>%s", (long long)c->e->al->beg + 1,
				*c->e->al->ref ? c->e->al->ref : "-", *c->e->al->alt ? c->e->al->alt : "-");
	}
	*to = o.oom ? NULL : grx_arena_strndup(s->w->keep, o.s, o.n);
	grx_str_clear(&o);
	return *to ? GRX_OK : grx_fail_nomem(s->w->cx, "joint changes");
}

/* Is the phase of members i..last and of change k (-1 none) to each other not known, or whether an unphased
 * allele of the other copy is among them? What is homozygous goes with everything. */
static bool unphased(const struct strand *s, const struct stretch *g, int32_t last, int32_t k)
{
	int32_t loose = how_many_matter(s, s->maybe, s->n_maybe, g), block = 0;
	for (int32_t i = g->i; i <= last; i++) {
		loose += s->how[i] == HAP_LOOSE;
		block += s->how[i] == HAP_BLOCK;
	}
	if (k >= 0) {
		loose += s->how[k] == HAP_LOOSE;
		block += s->how[k] == HAP_BLOCK;
	}
	return loose > 1 || (loose && block);
}

/* The joint change of these members, found or begun. */
static int joint_get(struct strand *s, const int32_t *member, int32_t n, const struct annotate_hap *like,
	struct hap_joint **out, bool *is_new)
{
	uint64_t h = grx_hash_mem(member, (size_t)n * sizeof *member);
	*is_new = false;
	for (struct hap_joint *j = s->x->joint; j; j = j->next)
		if (j->hash == h && j->n == n && j->hap.unphased == like->unphased &&
			j->hap.behind_stop == like->behind_stop &&
			memcmp(j->member, member, (size_t)n * sizeof *member) == 0) {
			*out = j;
			return GRX_OK;
		}
	struct hap_joint *j = grx_arena_calloc(s->w->keep, 1, sizeof *j);
	if (j)
		j->member = grx_arena_alloc(s->w->keep, (size_t)n, sizeof *member);
	if (!j || !j->member)
		return grx_fail_nomem(s->w->cx, "joint changes");
	memcpy(j->member, member, (size_t)n * sizeof *member);
	j->n = n;
	j->hash = h;
	j->hap = *like;
	j->next = s->x->joint;
	s->x->joint = j;
	*is_new = true;
	*out = j;
	return GRX_OK;
}

static void entry_add(struct annotate_entry *e, struct annotate_work *w, struct hap_joint *j, int *rc)
{
	struct annotate_hap_of *o = grx_arena_alloc(w->keep, 1, sizeof *o);
	if (!o) {
		*rc = grx_fail_nomem(w->cx, "joint changes");
		return;
	}
	*o = (struct annotate_hap_of){&j->hap, e->haps};
	e->haps = o;
}

/* Members i..last as one change. */
static int state_joint(struct strand *s, const struct stretch *g, int32_t last, struct hap_joint **out)
{
	int rc;
	bool is_new;
	struct annotate_hap like = {.at = change_of(s, g->i)->pos + 1, .unphased = unphased(s, g, last, -1)};
	int32_t n = last - g->i + 1;
	struct hap_joint *j;
	if ((rc = joint_get(s, s->change + g->i, n, &like, &j, &is_new)))
		return rc;
	s->to[s->n_to++] = *out = j;
	if (!is_new)
		return GRX_OK;
	s->w->part->hap.n_joint++;
	s->w->part->hap.n_unphased += j->hap.unphased;
	if ((rc = joint_terms(s, g, last, &j->hap.terms)) || (rc = joint_hgvsp(s, g, last, j)) ||
		(rc = joint_changes(s, j->member, n, &j->hap.changes)))
		return rc;
	for (int32_t k = 0; k < n; k++)
		entry_add(s->x->change[j->member[k]].e, s->w, j, &rc);
	return rc;
}

/* Change k lies behind the stop that members i..last make. */
static int state_masked(
	struct strand *s, const struct stretch *g, int32_t last, const struct hap_joint *by, int32_t k)
{
	int rc;
	bool is_new;
	const struct hap_change *c = change_of(s, g->i);
	int32_t n = last - g->i + 2, *member = grx_arena_alloc(s->w->mem, (size_t)n, sizeof *member);
	struct annotate_hap like = {.at = c->pos + 1, .behind_stop = true};
	struct hap_joint *j;
	if (!member)
		return grx_fail_nomem(s->w->cx, "joint changes");
	memcpy(member, s->change + g->i, (size_t)(n - 1) * sizeof *member);
	member[n - 1] = s->change[k];
	like.unphased = unphased(s, g, last, k);
	if ((rc = joint_get(s, member, n, &like, &j, &is_new)))
		return rc;
	s->to[s->n_to++] = j;
	if (!is_new)
		return GRX_OK;
	s->w->part->hap.n_behind_stop++;
	j->hap.terms = by ? by->hap.terms : c->e->terms;
	j->hap.hgvsp = by ? by->hap.hgvsp : c->e->hgvsp ? c->e->hgvsp : "";
	if ((rc = joint_changes(s, member, n, &j->hap.changes)))
		return rc;
	entry_add(s->x->change[member[n - 1]].e, s->w, j, &rc);
	return rc;
}

static bool start_is_lost(const struct strand *s, int32_t i, int32_t last)
{
	for (int32_t k = i; k <= last; k++)
		if (change_of(s, k)->e->terms & AT_BIT(AT_START_LOST))
			return true;
	return false;
}

int annotate_hap_judge(
	struct annotate_work *w, struct hap_tx *x, int32_t node, struct hap_joint **to, int32_t *n)
{
	struct strand s = {.w = w, .x = x, .to = to};
	struct stretch g;
	int rc = strand_make(&s, node);
	*n = 0;
	for (int32_t i = 0; !rc && i < s.n; i = g.j + 1) {
		struct hap_joint *joint = NULL;
		memset(&g, 0, sizeof g);
		stretch_find(&s, i, &g);
		if ((rc = stretch_read(&s, &g)))
			return rc;
		int32_t last = members(&s, &g);
		bool says = last > i || g.stop >= 0;
		if (says && how_many_matter(&s, s.unknown, s.n_unknown, &g)) {
			w->part->hap.n_unknown++;
			if (g.open)
				break; /* what follows is read in a frame that is not known */
			continue;
		}
		if (last > i && (rc = state_joint(&s, &g, last, &joint)))
			return rc;
		if (start_is_lost(&s, i, last))
			break; /* where translation begins is not known */
		for (int32_t k = last + 1; g.stop >= 0 && !rc && k < s.n; k++)
			rc = state_masked(&s, &g, last, joint, k);
		if (g.stop >= 0)
			break;
	}
	*n = s.n_to;
	return rc;
}
