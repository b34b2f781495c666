/* SPDX-License-Identifier: GPL-3.0-or-later
 * acmg_points.c -- the two combiners: points (Tavtigian 2020) and the rules of 2015 (Richards), and the names
 * of codes, strengths and classes. */
#include "stage/annotate/acmg_int.h"

#include <math.h>
#include <string.h>

const char *const annotate_acmg_code_name[AC_N] = {"PVS1", "PS1", "PS2", "PS3", "PS4", "PM1", "PM2", "PM3",
	"PM4", "PM5", "PM6", "PP1", "PP2", "PP3", "PP4", "PP5", "BA1", "BS1", "BS2", "BS3", "BS4", "BP1",
	"BP2", "BP3", "BP4", "BP5", "BP6", "BP7"};
const char *const annotate_acmg_strength_name[AC_N_STRENGTH] = {
	"Supporting", "Moderate", "Strong", "VeryStrong", "StandAlone"};
const char *const annotate_acmg_class_name[AC_N_CLASS] = {
	"Benign", "Likely_benign", "Uncertain_significance", "Likely_pathogenic", "Pathogenic"};

static int find(const char *const *name, int n, const char *s)
{
	for (int i = 0; i < n; i++)
		if (strcmp(name[i], s) == 0)
			return i;
	return -1;
}

int annotate_acmg_code_of(const char *name)
{
	return find(annotate_acmg_code_name, AC_N, name);
}

int annotate_acmg_strength_of(const char *name)
{
	return find(annotate_acmg_strength_name, AC_N_STRENGTH, name);
}

enum annotate_acmg_strength annotate_acmg_default(int code)
{
	/* the second letter of the code tells */
	switch (annotate_acmg_code_name[code][1]) {
	case 'V':
		return AC_VERY_STRONG;
	case 'S':
		return AC_STRONG;
	case 'M':
		return AC_MODERATE;
	case 'A':
		return AC_ALONE;
	default:
		return AC_SUPPORTING;
	}
}

double annotate_acmg_odds(int points)
{
	return pow(350, points / 8.0);
}

double annotate_acmg_posterior(int points, double prior)
{
	double o = annotate_acmg_odds(points);
	return o * prior / ((o - 1) * prior + 1);
}

static bool pathogenic_2015(const struct annotate_acmg_counts *n)
{
	if (n->vs >= 1 && (n->s >= 1 || n->m >= 2 || (n->m >= 1 && n->p >= 1) || n->p >= 2))
		return true;
	/* two very strong ones are not in the list of 2015; they are more than two strong ones */
	if (n->s + n->vs >= 2)
		return true;
	return n->s >= 1 && (n->m >= 3 || (n->m >= 2 && n->p >= 2) || (n->m >= 1 && n->p >= 4));
}

static bool likely_pathogenic_2015(const struct annotate_acmg_counts *n)
{
	/* the last of the first line: ClinGen SVI for PM2 at supporting strength, 2020 */
	if (n->vs >= 1 && (n->m >= 1 || n->p >= 1))
		return true;
	if (n->s >= 1 && (n->m >= 1 || n->p >= 2))
		return true;
	return n->m >= 3 || (n->m >= 2 && n->p >= 2) || (n->m >= 1 && n->p >= 4);
}

enum annotate_acmg_class annotate_acmg_2015(const struct annotate_acmg_counts *n)
{
	bool p = pathogenic_2015(n), lp = likely_pathogenic_2015(n);
	bool b = n->ba >= 1 || n->bs >= 2;
	bool lb = (n->bs >= 1 && n->bp >= 1) || n->bp >= 2;
	if ((p || lp) && (b || lb))
		return AC_UNCERTAIN; /* contradictory */
	return p    ? AC_PATHOGENIC
	       : lp ? AC_LIKELY_PATHOGENIC
	       : b  ? AC_BENIGN
	       : lb ? AC_LIKELY_BENIGN
		    : AC_UNCERTAIN;
}

enum annotate_acmg_class annotate_acmg_by_points(int points, bool ba1, const struct annotate_acmg_cut *cut)
{
	if (ba1)
		return AC_BENIGN;
	return points >= cut->pathogenic          ? AC_PATHOGENIC
	       : points >= cut->likely_pathogenic ? AC_LIKELY_PATHOGENIC
	       : points <= cut->benign            ? AC_BENIGN
	       : points <= cut->likely_benign     ? AC_LIKELY_BENIGN
						  : AC_UNCERTAIN;
}

static void count_one(struct annotate_acmg_counts *n, bool benign, int strength)
{
	int *const to[2][AC_N_STRENGTH] = {
		{&n->p, &n->m, &n->s, &n->vs, &n->vs}, {&n->bp, &n->bp, &n->bs, &n->bs, &n->ba}};
	++*to[benign][strength];
}

int annotate_acmg_points(const struct annotate_acmg_crit *c, struct annotate_acmg_counts *n)
{
	static const int worth[AC_N_STRENGTH] = {1, 2, 4, 8, 0};
	int sum = 0;
	memset(n, 0, sizeof *n);
	for (int i = 0; i < AC_N; i++) {
		if (c[i].state != AC_MET)
			continue;
		bool benign = annotate_acmg_benign(i);
		sum += benign ? -worth[c[i].strength] : worth[c[i].strength];
		count_one(n, benign, c[i].strength);
	}
	return sum;
}
