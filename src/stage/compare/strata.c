/* SPDX-License-Identifier: GPL-3.0-or-later
 * strata.c -- strata of variants: size and sign of indels, tandem repeats of the reference, regions of the
 * user. Repeats are perfect: runs in which each base equals the one a unit before. The least lengths are
 * those of the GA4GH stratifications (Krusche et al. 2019): 7 for homopolymers, 11 for units of two, five
 * units else.
 */
#include <stdlib.h>
#include <string.h>

#include "io/text.h"
#include "stage/compare/compare_int.h"

static const char *const builtin[COMPARE_S_USER] = {"all", "ins_1", "ins_2-5", "ins_6-15", "ins_16-50",
	"ins_51+", "del_1", "del_2-5", "del_6-15", "del_16-50", "del_51+", "complex", "homopolymer_7-11",
	"homopolymer_12+", "str_unit2", "str_unit3", "str_unit4", "str_unit5", "str_unit6", "str_11-50",
	"str_51+", "repeat", "no_repeat"};

int compare_strata_find(const struct compare_strata *st, const char *name)
{
	for (int i = 0; i < st->n; i++)
		if (!strcmp(st->name[i], name))
			return i;
	return -1;
}

bool compare_strata_fits(int stratum, int type)
{
	return type == COMPARE_INDEL || stratum < COMPARE_S_INS || stratum > COMPARE_S_COMPLEX;
}

/* NAME=BED */
static int add_user(struct grx_ctx *cx, struct compare_state *s, const char *text)
{
	struct compare_strata *st = &s->strata;
	const char *eq = strchr(text, '='), *p = text;
	while (p < eq && (strchr("_-+.", *p) || (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') ||
				 (*p >= 'A' && *p <= 'Z')))
		p++;
	if (!eq || eq == text || p < eq || !eq[1])
		return grx_fail(cx, GRX_E_USAGE,
			"compare: --strata %s: NAME=BED is needed, with letters, digits, '_', '-', '+' or "
			"'.' in NAME",
			text);
	if (st->n == COMPARE_S_MAX)
		return grx_fail(
			cx, GRX_E_USAGE, "compare: at most %d --strata", COMPARE_S_MAX - COMPARE_S_USER);
	char *name = grx_arena_strndup(s->mem, text, (size_t)(eq - text));
	if (!name)
		return grx_fail_nomem(cx, "strata");
	if (compare_strata_find(st, name) >= 0)
		return grx_fail(cx, GRX_E_USAGE, "compare: --strata: there is a stratum '%s' already", name);
	struct grx_bed *bed = grx_bed_new();
	if (!bed)
		return grx_fail_nomem(cx, "strata");
	st->name[st->n++] = name;
	st->user[st->n_user++] = bed;
	return grx_bed_read(cx, eq + 1, grx_fasta_contigs(cx->fasta), bed);
}

int compare_strata_open(struct grx_ctx *cx, struct compare_state *s)
{
	struct compare_strata *st = &s->strata;
	for (st->n = 0; st->n < COMPARE_S_USER; st->n++)
		st->name[st->n] = builtin[st->n];
	for (int i = 0; i < s->opt->strata.n; i++) {
		int rc = add_user(cx, s, s->opt->strata.v[i]);
		if (rc)
			return rc;
	}
	for (int i = 0; i < s->opt->curve_strata.n; i++)
		if (compare_strata_find(st, s->opt->curve_strata.v[i]) < 0)
			return grx_fail(cx, GRX_E_USAGE, "compare: --curve-stratum: no stratum '%s'",
				s->opt->curve_strata.v[i]);
	return GRX_OK;
}

void compare_strata_close(struct compare_strata *st)
{
	for (int i = 0; i < st->n_user; i++)
		grx_bed_free(st->user[i]);
	st->n_user = 0;
}

static bool repeats(const struct compare_window *w, int64_t i, int unit)
{
	if (i < w->beg || i + unit >= w->end)
		return false;
	char c = w->seq[i - w->beg];
	return c == w->seq[i + unit - w->beg] && (c == 'A' || c == 'C' || c == 'G' || c == 'T');
}

/* Longest run of this unit that touches [beg, end): [*b, *e). */
static void longest_run(const struct compare_window *w, int64_t beg, int64_t end, struct compare_tract *t)
{
	int unit = t->unit;
	t->beg = t->end = beg;
	for (int64_t i = beg - unit - 1; i <= end; i++) {
		int64_t b = i, e = i + 1;
		if (!repeats(w, i, unit))
			continue;
		while (repeats(w, b - 1, unit))
			b--;
		while (repeats(w, e, unit))
			e++;
		if (e + unit - b > t->end - t->beg) {
			t->beg = b;
			t->end = e + unit;
		}
		i = e;
	}
}

struct compare_tract compare_tract_find(const struct compare_window *w, int64_t beg, int64_t end)
{
	static const int least[7] = {0, 7, 11, 15, 20, 25, 30};
	struct compare_tract best = {0, beg, end};
	int64_t longest = 0;
	for (int unit = 1; unit <= 6; unit++) {
		struct compare_tract t = {.unit = unit};
		longest_run(w, beg, end, &t);
		if (t.end - t.beg >= least[unit] && t.end - t.beg > longest) {
			longest = t.end - t.beg;
			best = t;
		}
	}
	return best;
}

static int size_class(int32_t n)
{
	return n <= 1 ? 0 : n <= 5 ? 1 : n <= 15 ? 2 : n <= 50 ? 3 : 4;
}

uint64_t compare_strata_of(const struct compare_unit *u, const struct compare_tract *t)
{
	uint64_t one = 1, m = one << COMPARE_S_ALL;
	int64_t n = t->end - t->beg;
	if (u->type == COMPARE_INDEL) {
		int32_t d = u->alt_len - u->ref_len;
		m |= one << (d > 0 ? COMPARE_S_INS + size_class(d) : COMPARE_S_DEL + size_class(-d));
		if (u->ref_len && u->alt_len)
			m |= one << COMPARE_S_COMPLEX;
	}
	if (!t->unit)
		return m | one << COMPARE_S_NO_REPEAT;
	m |= one << COMPARE_S_REPEAT;
	if (t->unit == 1)
		return m | one << (COMPARE_S_HOMOPOLYMER + (n >= 12));
	return m | one << (COMPARE_S_STR + t->unit - 2) | one << (COMPARE_S_STR_LEN + (n > 50));
}
