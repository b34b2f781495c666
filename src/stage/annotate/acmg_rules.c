/* SPDX-License-Identifier: GPL-3.0-or-later
 * acmg_rules.c -- what closes a case: criteria that need people, evidence that was given, what must not count
 * twice, and the sum. */
#include "stage/annotate/acmg_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct annotate_acmg_crit *annotate_acmg_set(struct annotate_acmg_case *k, int code, int state, int strength)
{
	struct annotate_acmg_crit *c = &k->res->c[code];
	*c = (struct annotate_acmg_crit){.state = (uint8_t)state, .strength = (uint8_t)strength};
	return c;
}

static const char *format(struct annotate_acmg_case *k, const char *fmt, va_list ap)
{
	char text[512];
	if (!k->texts)
		return NULL;
	vsnprintf(text, sizeof text, fmt, ap);
	const char *s = grx_arena_strdup(k->w->mem, text);
	k->oom |= !s;
	return s;
}

#define SETTER(name, field)                                                                                  \
	void annotate_acmg_##name(struct annotate_acmg_case *k, int code, const char *fmt, ...)              \
	{                                                                                                    \
		va_list ap;                                                                                  \
		va_start(ap, fmt);                                                                           \
		k->res->c[code].field = format(k, fmt, ap);                                                  \
		va_end(ap);                                                                                  \
	}
SETTER(why, why)
SETTER(value, value)
SETTER(threshold, threshold)

void annotate_acmg_source(struct annotate_acmg_case *k, int code, const char *value, const char *rule)
{
	if (!k->texts)
		return;
	const char *s = value && rule ? grx_arena_printf(k->w->mem, "%s; %s", value, rule)
			: value       ? value
				      : rule;
	k->res->c[code].source = s;
	k->oom |= value && rule && !s;
}

bool annotate_acmg_unknown(const struct annotate_acmg_case *k)
{
	const uint64_t known = AC_NULL_TERMS | AT_BIT(AT_MISSENSE) | AT_BIT(AT_SYNONYMOUS) |
			       AT_BIT(AT_STOP_LOST) | AT_BIT(AT_INFRAME_INSERTION) |
			       AT_BIT(AT_INFRAME_DELETION) | AT_BIT(AT_PROTEIN_ALTERING) |
			       AT_BIT(AT_STOP_RETAINED) | AT_BIT(AT_START_RETAINED);
	return k->e && (k->e->terms & AT_BIT(AT_CODING_SEQUENCE)) && !(k->e->terms & known);
}

bool annotate_acmg_is(const struct annotate_acmg_case *k, enum annotate_acmg_key key, const char *word)
{
	const char *s = annotate_acmg_get(k, key)->text;
	return s && strcmp(s, word) == 0;
}

/* Not computed from a single record; a person gives them with --evidence. */
static void people(struct annotate_acmg_case *k)
{
	static const int code[] = {
		AC_PS2, AC_PS3, AC_PS4, AC_PM3, AC_PM6, AC_PP1, AC_PP4, AC_BS3, AC_BS4, AC_BP2, AC_BP5};
	for (size_t i = 0; i < sizeof code / sizeof *code; i++) {
		annotate_acmg_set(k, code[i], AC_NOT_ASSESSED, 0);
		annotate_acmg_why(k, code[i], "needs evidence beyond the variant itself (--evidence)");
	}
	for (int i = 0; i < 2; i++) {
		annotate_acmg_set(k, i ? AC_BP6 : AC_PP5, AC_NOT_ASSESSED, 0);
		annotate_acmg_why(k, i ? AC_BP6 : AC_PP5,
			"not used: withdrawn by ClinGen (Biesecker and Harrison 2018)");
	}
}

static int given(struct annotate_acmg_case *k)
{
	if (!k->a->evidence || !k->has_change)
		return GRX_OK;
	char *key = annotate_acmg_key(k->w->mem, k->al->tid, &k->change);
	if (!key)
		return grx_fail_nomem(k->w->cx, "evidence");
	for (const struct annotate_acmg_evidence *e = grx_map_get(k->a->evidence, key); e; e = e->next) {
		annotate_acmg_set(k, e->code, e->state, e->strength);
		annotate_acmg_why(k, e->code, "%s", *e->note ? e->note : "given as evidence");
		annotate_acmg_source(k, e->code, e->source, NULL);
	}
	return GRX_OK;
}

static bool met(const struct annotate_acmg_case *k, int code)
{
	return k->res->c[code].state == AC_MET;
}

static void drop(struct annotate_acmg_case *k, int code, const char *why)
{
	if (!met(k, code))
		return;
	k->res->c[code].state = AC_NOT_MET;
	annotate_acmg_why(k, code, "not counted: %s", why);
}

/* Evidence that two criteria would share counts once. */
static void once(struct annotate_acmg_case *k)
{
	static const int worth[AC_N_STRENGTH] = {1, 2, 4, 8, 0};
	const struct annotate_acmg_crit *c = k->res->c;
	if (met(k, AC_PVS1)) {
		drop(k, AC_PM4, "PVS1 is met");
		if (!k->pp3_by_missense)
			drop(k, AC_PP3, "PVS1 is met");
		drop(k, AC_BP4, "PVS1 is met");
		drop(k, AC_BP7, "PVS1 is met");
	}
	if (met(k, AC_BA1))
		drop(k, AC_BS1, "BA1 stands alone");
	if (met(k, AC_BA1) || met(k, AC_BS1))
		drop(k, AC_PM2, "the variant is frequent");
	if (met(k, AC_PS1))
		drop(k, AC_PM5, "PS1 is met for the same residue");
	if ((met(k, AC_PS1) || met(k, AC_PM5)) && annotate_acmg_is(k, AK_PP3_WITH_PS1, "no"))
		drop(k, AC_PP3, "PS1 or PM5 is met and the rules do not add PP3");
	int cap = (int)annotate_acmg_get(k, AK_PM1_PP3_CAP)->num;
	if (met(k, AC_PM1) && met(k, AC_PP3) && worth[c[AC_PM1].strength] + worth[c[AC_PP3].strength] > cap)
		drop(k, worth[c[AC_PM1].strength] > worth[c[AC_PP3].strength] ? AC_PP3 : AC_PM1,
			"PM1 and PP3 together are at most strong");
}

int annotate_acmg_finish_case(struct annotate_acmg_case *k)
{
	struct annotate_acmg_result *r = k->res;
	struct annotate_acmg_counts n;
	people(k);
	int rc = given(k);
	if (rc)
		return rc;
	once(k);
	r->points = annotate_acmg_points(r->c, &n);
	r->posterior = annotate_acmg_posterior(r->points, k->a->prior);
	r->by_points = annotate_acmg_by_points(r->points, n.ba > 0, &k->a->cut);
	r->by_2015 = annotate_acmg_2015(&n);
	return k->oom ? grx_fail_nomem(k->w->cx, "criteria") : GRX_OK;
}
