/* SPDX-License-Identifier: GPL-3.0-or-later
 * out_pick.c -- which entry of an allele is preferred, by VEP's criteria in the order of --pick-order.
 * A later criterion only decides between entries that are equal in all earlier ones; then the first in model
 * order. Entries without a transcript rank last in each criterion that speaks of transcripts. */
#include "stage/annotate/out_int.h"

#include <stdlib.h>

enum by {
	BY_MANE,
	BY_CLINICAL,
	BY_CANONICAL,
	BY_APPRIS,
	BY_TSL,
	BY_BIOTYPE,
	BY_CCDS,
	BY_RANK,
	BY_LENGTH,
	BY_ENSEMBL,
	BY_REFSEQ
};
static const char *const word[ANNOTATE_PICK_BY] = {"mane_select", "mane_plus_clinical", "canonical", "appris",
	"tsl", "biotype", "ccds", "rank", "length", "ensembl", "refseq"};

static int list_bad(struct grx_ctx *cx, const char *list, const char *s, size_t n, const char *why)
{
	return grx_fail(cx, GRX_E_USAGE,
		"--pick-order '%s': '%.*s' %s: expected some of mane_select, mane_plus_clinical, canonical, "
		"appris, tsl, "
		"biotype, ccds, rank, length, ensembl, refseq, separated by commas",
		list, (int)(n > 40 ? 40 : n), s, why);
}

int annotate_pick_order(struct grx_ctx *cx, const char *list, struct annotate_out *o)
{
	o->default_order = !list;
	if (!list) {
		for (int i = 0; i < ANNOTATE_PICK_BY; i++)
			o->order[o->n_order++] = (uint8_t)i;
		return GRX_OK;
	}
	for (const char *s = list;; s++) {
		size_t n = strcspn(s, ",");
		int k = 0;
		while (k < ANNOTATE_PICK_BY && (strlen(word[k]) != n || strncmp(word[k], s, n) != 0))
			k++;
		if (k == ANNOTATE_PICK_BY)
			return list_bad(cx, list, s, n, "is no criterion");
		for (int i = 0; i < o->n_order; i++)
			if (o->order[i] == k)
				return list_bad(cx, list, s, n, "is given twice");
		o->order[o->n_order++] = (uint8_t)k;
		s += n;
		if (!*s)
			return GRX_OK;
	}
}

/* P1..P5 before A1, A2; none last. */
static int64_t appris_of(const struct annotate_tx *t)
{
	const char *s = t->appris;
	if (!s || !*s)
		return 100;
	return (s[0] == 'A' || s[0] == 'a' ? 10 : 0) + (s[1] >= '1' && s[1] <= '9' ? s[1] - '0' : 9);
}

static int64_t length_of(const struct annotate_tx *t)
{
	return t->coding ? t->cds_end - t->cds_beg + 1 + t->pad : t->cdna_len;
}

/* Smaller is better. */
static int64_t value_of(const struct annotate_entry *e, enum by k)
{
	const struct annotate_tx *t = e->tx;
	if (k == BY_RANK)
		return annotate_worst(e->terms);
	if (!t)
		return k == BY_LENGTH ? 0 : 100;
	switch (k) {
	case BY_MANE:
		return !(t->flags & AT_TX_MANE_SELECT);
	case BY_CLINICAL:
		return !(t->flags & AT_TX_MANE_CLINICAL);
	case BY_CANONICAL:
		return !(t->flags & AT_TX_CANONICAL);
	case BY_APPRIS:
		return appris_of(t);
	case BY_TSL:
		return t->tsl && t->tsl[0] >= '1' && t->tsl[0] <= '5' ? t->tsl[0] - '0' : 100;
	case BY_BIOTYPE:
		return strcmp(t->biotype, "protein_coding") != 0;
	case BY_CCDS:
		return !(t->ccds && *t->ccds);
	case BY_LENGTH:
		return -length_of(t);
	case BY_ENSEMBL:
		return (t->flags & AT_TX_REFSEQ) != 0;
	default:
		return !(t->flags & AT_TX_REFSEQ);
	}
}

/* Is a strictly better than b? */
static bool better(
	const struct annotate_out *o, const struct annotate_entry *a, const struct annotate_entry *b)
{
	int from = 0;
	if (o->default_order && a->tx && b->tx && a->tx->pick != b->tx->pick)
		return a->tx->pick < b->tx->pick;
	if (o->default_order && a->tx && b->tx)
		from = BY_RANK; /* the model's key holds what comes before */
	for (int i = from; i < o->n_order; i++) {
		int64_t x = value_of(a, o->order[i]), y = value_of(b, o->order[i]);
		if (x != y)
			return x < y;
	}
	return false;
}

int32_t annotate_pick(const struct annotate_state *st, const struct annotate_entry *e, int32_t n)
{
	/* a state without writers (a job beside the stream) picks by the default */
	static const struct annotate_out without = {.order = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
		.n_order = ANNOTATE_PICK_BY,
		.default_order = true};
	const struct annotate_out *o = st->out ? st->out : &without;
	int32_t k = 0;
	for (int32_t i = 1; i < n; i++)
		if (better(o, &e[i], &e[k]))
			k = i;
	return k;
}

static bool same_gene(const struct annotate_entry *a, const struct annotate_entry *b)
{
	return a->tx && b->tx && (a->tx->gene == b->tx->gene || strcmp(a->tx->gene, b->tx->gene) == 0);
}

/* The preferred of its gene; what belongs to no gene is. */
static bool best_of_gene(const struct annotate_out *o, const struct annotate_entry *e, int32_t n, int32_t k)
{
	for (int32_t i = 0; i < n && e[k].tx; i++)
		if (i != k && same_gene(&e[i], &e[k]) &&
			(i < k ? !better(o, &e[k], &e[i]) : better(o, &e[i], &e[k])))
			return false;
	return true;
}

bool annotate_out_picked(
	const struct annotate_state *st, const struct annotate_record *r, int32_t i, int32_t k)
{
	return st->opt.per_gene ? best_of_gene(st->out, r->entry[i], r->n_entry[i], k) : r->pick[i] == k;
}

bool annotate_out_wants(
	const struct annotate_state *st, const struct annotate_record *r, int32_t i, int32_t entry)
{
	const struct annotate_opt *o = &st->opt;
	if (o->most_severe)
		return r->worst[i] == entry;
	return o->flag_pick || !(o->pick || o->per_gene) || annotate_out_picked(st, r, i, entry);
}
