/* SPDX-License-Identifier: GPL-3.0-or-later
 * acmg_length.c -- criteria of a changed protein length: PM4 outside repeats, BP3 inside one. A repeat is
 * seen in the reference itself: at least so many copies of the unit in a row. */
#include "stage/annotate/acmg_int.h"

#include <string.h>

#define MAX_UNIT 60 /* bases */

/* Smallest period of s[0..n). */
static int period(const char *s, int n)
{
	for (int p = 1; p < n; p++) {
		bool ok = n % p == 0;
		for (int i = p; i < n && ok; i++)
			ok = s[i] == s[i - p];
		if (ok)
			return p;
	}
	return n;
}

/* Copies of the unit in the reference, in a row, that touch the place. Bases outside the window read as N, so
 * a unit that is not known would match them without end. */
static int copies(struct annotate_work *w, int64_t at, const char *unit, int n)
{
	int64_t lo = at, hi = at;
	for (int i = 0; i < n; i++)
		if (!strchr("ACGT", unit[i]))
			return 0;
	while (lo > w->win_beg && annotate_base(w, lo - 1) == unit[n - 1 - (int)((at - lo) % n)])
		lo--;
	while (hi < w->win_beg + w->win_n && annotate_base(w, hi) == unit[(int)((hi - at) % n)])
		hi++;
	return (int)((hi - lo) / n);
}

static int repeat_of(struct annotate_acmg_case *k, int *n_copies, int *unit)
{
	const struct annotate_allele *al = k->al;
	bool del = al->ref_len > al->alt_len;
	const char *s = del ? al->ref : al->alt;
	int n = del ? al->ref_len : al->alt_len;
	*n_copies = 0;
	*unit = 0;
	if ((al->ref_len && al->alt_len) || n < 1 || al->sv)
		return GRX_OK;
	int p = period(s, n);
	if (p > MAX_UNIT)
		return GRX_OK;
	int rc = annotate_window(k->w, al->tid, al->beg - 1000, al->end + 1000);
	if (rc)
		return rc;
	*unit = p;
	*n_copies = copies(k->w, al->beg, s, p);
	return GRX_OK;
}

static void both(struct annotate_acmg_case *k, int state, const char *why)
{
	for (int i = 0; i < 2; i++) {
		annotate_acmg_set(k, i ? AC_BP3 : AC_PM4, state, 0);
		annotate_acmg_why(k, i ? AC_BP3 : AC_PM4, "%s", why);
	}
}

static int residues_changed(const struct annotate_acmg_case *k)
{
	int d = k->al->alt_len - k->al->ref_len;
	return (d < 0 ? -d : d) / 3;
}

/* Replaced or inserted bases, or residues, that nobody knows. */
static bool unknown_bases(const struct annotate_acmg_case *k)
{
	const char *pep = k->e ? k->e->ev.ref_pep : NULL;
	const char *s[] = {k->al->ref, k->al->alt};
	for (int i = 0; i < 2 && !k->al->sv; i++)
		if (s[i][strspn(s[i], "ACGT")])
			return true;
	return pep && strchr(pep, 'X');
}

int annotate_acmg_length(struct annotate_acmg_case *k)
{
	const uint64_t inframe = AT_BIT(AT_INFRAME_INSERTION) | AT_BIT(AT_INFRAME_DELETION) |
				 AT_BIT(AT_PROTEIN_ALTERING);
	uint64_t t = k->e ? k->e->terms : 0;
	const struct annotate_acmg_val *min = annotate_acmg_get(k, AK_REPEAT_COPIES),
				       *single = annotate_acmg_get(k, AK_PM4_SINGLE),
				       *crit = annotate_acmg_get(k, AK_CRITICAL);
	int n, unit, rc;
	if (annotate_acmg_unknown(k)) {
		both(k, AC_NOT_ASSESSED, AC_UNKNOWN_WHY);
		return GRX_OK;
	}
	both(k, AC_NOT_MET, "the length of the protein does not change in frame");
	if (t & AC_NULL_TERMS)
		return GRX_OK;
	if (t & AT_BIT(AT_STOP_LOST)) {
		annotate_acmg_set(k, AC_PM4, AC_MET, AC_MODERATE);
		annotate_acmg_why(k, AC_PM4, "the stop is lost: the protein becomes longer");
		return GRX_OK;
	}
	if (!(t & inframe))
		return GRX_OK;
	if (unknown_bases(k)) {
		both(k, AC_NOT_ASSESSED, AC_UNKNOWN_WHY);
		return GRX_OK;
	}
	if ((rc = repeat_of(k, &n, &unit)))
		return rc;
	bool repeat = n >= min->num;
	const struct annotate_place *pl = &k->e->ev.pl;
	bool critical = crit->text && annotate_acmg_in_ranges(crit->text, pl->pep_beg, pl->pep_end);
	int strength = residues_changed(k) <= 1 ? annotate_acmg_strength_of(single->text) : AC_MODERATE;
	annotate_acmg_set(k, AC_PM4, repeat ? AC_NOT_MET : AC_MET, strength);
	annotate_acmg_set(k, AC_BP3, repeat && !critical ? AC_MET : AC_NOT_MET, AC_SUPPORTING);
	for (int i = 0; i < 2; i++) {
		int code = i ? AC_BP3 : AC_PM4;
		annotate_acmg_value(k, code, "%d copies of a unit of %d bases", n, unit);
		annotate_acmg_threshold(k, code, "repeat from %.0f copies", min->num);
		annotate_acmg_source(k, code, "reference sequence", min->source);
	}
	if (repeat && critical)
		annotate_acmg_why(k, AC_BP3, "the repeat is in a critical region");
	return GRX_OK;
}
