/* SPDX-License-Identifier: GPL-3.0-or-later
 * conflict.c -- rules that hold together for one drug and one population and yet advise differently.
 * Different populations are different questions, hence no conflict. */
#include "stage/recommend/recommend_int.h"

#include <string.h>

static bool first_of_population(const struct recommend_match *m, int i)
{
	for (int j = 0; j < i; j++)
		if (!strcmp(m->hit[j].rule->population, m->hit[i].rule->population))
			return false;
	return true;
}

/* Fills c for the population of hit i; false when its rules agree. NULL texts on exhausted memory. */
static bool disagree(
	struct grx_arena *mem, const struct recommend_match *m, int i, struct recommend_conflict *c)
{
	const struct recommend_rule *r = m->hit[i].rule;
	int direction = recommend_act_direction(r->actions);
	bool differ = false, less = direction<0, more = direction> 0;

	c->population = r->population;
	c->rules = r->id;
	c->actions = recommend_act_name(r->action);
	c->worst = r->action;
	for (int j = i + 1; j < m->n; j++) {
		const struct recommend_rule *o = m->hit[j].rule;

		if (strcmp(o->population, r->population) != 0)
			continue;
		direction = recommend_act_direction(o->actions);
		less = less || direction < 0;
		more = more || direction > 0;
		differ = differ || strcmp(o->signature, r->signature) != 0;
		c->rules = c->rules ? grx_arena_printf(mem, "%s|%s", c->rules, o->id) : NULL;
		c->actions = c->actions ? grx_arena_printf(
						  mem, "%s|%s", c->actions, recommend_act_name(o->action))
					: NULL;
		if (o->action > c->worst)
			c->worst = o->action;
	}
	c->opposite = less && more;
	return differ;
}

int recommend_conflicts(
	struct grx_arena *mem, const struct recommend_match *m, struct recommend_conflict **conf)
{
	int n = 0;

	*conf = grx_arena_calloc(mem, (size_t)m->n + 1, sizeof(**conf));
	if (!*conf)
		return -1;
	for (int i = 0; i < m->n; i++)
		if (first_of_population(m, i) && disagree(mem, m, i, &(*conf)[n]))
			n++;
	for (int i = 0; i < n; i++)
		if (!(*conf)[i].rules || !(*conf)[i].actions)
			return -1;
	return n;
}
