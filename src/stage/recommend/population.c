/* SPDX-License-Identifier: GPL-3.0-or-later
 * population.c -- which groups of patients a sample belongs to: as asked for, else by its clinical facts.
 * Unknown stays unknown: the row is shown with its condition, never as if it applied. */
#include <string.h>

#include "stage/recommend/recommend_int.h"

static bool asked(const struct grx_strs *list, const char *name)
{
	for (int i = 0; list && i < list->n; i++)
		if (recommend_list_holds(list->v[i], name))
			return true;
	return false;
}

/* Another population of the same group is asked for: the groups of one kind exclude each other. */
static bool asked_other(
	const struct recommend_rules *rs, const struct grx_strs *list, const struct recommend_popul *p)
{
	for (size_t i = 0; *p->group && i < rs->n_popul; i++)
		if (&rs->popul[i] != p && !strcmp(rs->popul[i].group, p->group) &&
			asked(list, rs->popul[i].name))
			return true;
	return false;
}

/* A fact that fits no population of its group (a word that the table does not know) decides none of them. */
static void groups_open(const struct recommend_rules *rs, struct recommend_sample *s)
{
	for (size_t i = 0; i < rs->n_popul; i++) {
		const char *group = rs->popul[i].group;
		bool none = *group != '\0';

		for (size_t j = 0; j < rs->n_popul; j++)
			none = none &&
			       (strcmp(rs->popul[j].group, group) != 0 || s->pop[j] == RECOMMEND_FALSE);
		for (size_t j = 0; none && j < rs->n_popul; j++)
			if (!strcmp(rs->popul[j].group, group))
				s->pop[j] = RECOMMEND_UNKNOWN;
	}
}

int recommend_populations_read(struct grx_ctx *cx, const struct recommend_rules *rs,
	const struct recommend_ask *ask, struct grx_arena *mem, struct recommend_sample *s)
{
	const struct grx_strs *list = ask ? ask->population : NULL;
	struct recommend_view w = {.gene = NULL, .fact = s->fact};

	s->pop = grx_arena_calloc(mem, rs->n_popul + 1, sizeof(*s->pop));
	if (!s->pop)
		return grx_fail_nomem(cx, "populations");
	for (size_t i = 0; i < rs->n_popul; i++)
		s->pop[i] = recommend_eval(&rs->popul[i].pred, &w);
	groups_open(rs, s);
	for (size_t i = 0; i < rs->n_popul; i++) {
		const struct recommend_popul *p = &rs->popul[i];
		enum recommend_tri told = s->pop[i];

		/* what is asked for all samples does not overrule what is known of one: both are shown */
		if (asked(list, p->name))
			s->pop[i] = told == RECOMMEND_FALSE ? RECOMMEND_UNKNOWN : RECOMMEND_TRUE;
		else if (asked_other(rs, list, p))
			s->pop[i] = told == RECOMMEND_TRUE ? RECOMMEND_UNKNOWN : RECOMMEND_FALSE;
	}
	return GRX_OK;
}
