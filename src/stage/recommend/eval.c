/* SPDX-License-Identifier: GPL-3.0-or-later
 * eval.c -- three-valued evaluation of a condition.
 * A term about a gene without a result is UNKNOWN, whatever it compares; only == "No Result" is TRUE. A rule
 * fires on TRUE alone, so that a missing gene can never make a rule fire that speaks of a result. */
#include "stage/recommend/recommend_int.h"

#include <string.h>
#include <strings.h>

static enum recommend_tri tri(bool b)
{
	return b ? RECOMMEND_TRUE : RECOMMEND_FALSE;
}

static enum recommend_tri not3(enum recommend_tri x)
{
	return (enum recommend_tri)(RECOMMEND_TRUE - x);
}

static bool order(uint8_t cmp, double x, double y)
{
	switch (cmp) {
	case RECOMMEND_EQ:
		return x == y;
	case RECOMMEND_NE:
		return x != y;
	case RECOMMEND_LT:
		return x < y;
	case RECOMMEND_LE:
		return x <= y;
	case RECOMMEND_GT:
		return x > y;
	default:
		return x >= y;
	}
}

/* "*57:01" of "*57:01 positive"; length 0 when the label is not about one allele. */
static size_t subject(const char *label)
{
	return label[0] == '*' ? strcspn(label, " ") : 0;
}

/* Whole allele name inside a diplotype: *1 is not in *15; *57 is in *57:01. */
static bool diplotype_has(const char *dip, const char *allele, size_t n)
{
	for (const char *p = dip; (p = strstr(p, allele)) != NULL; p++) {
		bool begins = allele[0] == '*' || p == dip || strchr("/ +|,;", p[-1]);

		if (begins && strchr("/ +|,;:", p[n])) /* the terminating NUL counts too */
			return true;
	}
	return false;
}

/* Is the allele of the label, the first n bytes of want, in the typing? */
static enum recommend_tri typed(const struct recommend_gene *g, const char *want, size_t n)
{
	char allele[64];

	if (!g->diplotype || n >= sizeof(allele))
		return RECOMMEND_UNKNOWN;
	memcpy(allele, want, n);
	allele[n] = '\0';
	return recommend_hla_has(g->diplotype, allele);
}

/* Of a label about an allele that other labels may decide. */
static enum recommend_tri allele_is(const struct recommend_gene *g, const char *want, size_t n)
{
	enum recommend_tri has = typed(g, want, n);
	bool same = false, other = false;

	for (int i = 0; i < g->n_label; i++) {
		if (subject(g->label[i]) != n || strncmp(g->label[i], want, n) != 0)
			continue;
		/* called negative, but there it is in the typing: nothing to rely on */
		if (has == RECOMMEND_TRUE && !strcmp(g->label[i] + n, " negative"))
			return RECOMMEND_UNKNOWN;
		same = same || !strcmp(g->label[i], want);
		other = true;
	}
	if (other)
		return tri(same);
	return !strcmp(want + n, " positive")   ? has
	       : !strcmp(want + n, " negative") ? not3(has)
						: RECOMMEND_UNKNOWN;
}

/* Is the label true of the gene? Labels about an allele ("*57:01 positive") are decided by labels about the
 * same allele, or by the diplotype when only that is known. */
static enum recommend_tri phenotype_is(const struct recommend_gene *g, const char *want)
{
	size_t n = subject(want);

	if (n > 0)
		return allele_is(g, want, n);
	for (int i = 0; i < g->n_label; i++)
		if (!strcmp(g->label[i], want))
			return RECOMMEND_TRUE;
	return g->n_label ? RECOMMEND_FALSE : RECOMMEND_UNKNOWN;
}

static enum recommend_tri term_phenotype(const struct recommend_node *t, const struct recommend_gene *g)
{
	enum recommend_tri r;

	if (t->rhs == RECOMMEND_R_NO_RESULT)
		r = tri(!g->assessed);
	else if (!g->assessed)
		return RECOMMEND_UNKNOWN;
	else
		r = phenotype_is(g, t->str);
	return t->cmp == RECOMMEND_NE ? not3(r) : r;
}

static enum recommend_tri term_activity(const struct recommend_node *t, const struct recommend_gene *g)
{
	enum recommend_tri r;

	if (t->rhs == RECOMMEND_R_NO_RESULT) {
		r = tri(!g->assessed);
	} else if (!g->assessed || g->as_kind == RECOMMEND_AS_ABSENT) {
		return RECOMMEND_UNKNOWN;
	} else if (t->rhs == RECOMMEND_R_NA) {
		r = tri(g->as_kind == RECOMMEND_AS_NA);
	} else {
		/* "not available" is a result of its own: no number, hence no order */
		return tri(g->as_kind == RECOMMEND_AS_NUM && order(t->cmp, g->as, t->num));
	}
	return t->cmp == RECOMMEND_NE ? not3(r) : r;
}

/* The order of the two alleles does not matter. */
static bool diplotype_equal(const char *x, const char *y)
{
	const char *s = strchr(x, '/');
	size_t a, b;

	if (!strcmp(x, y))
		return true;
	if (!s)
		return false;
	a = (size_t)(s - x);
	b = strlen(s + 1);
	return strlen(y) == a + b + 1 && !strncmp(y, s + 1, b) && y[b] == '/' && !strncmp(y + b + 1, x, a);
}

static enum recommend_tri term_diplotype(const struct recommend_node *t, const struct recommend_gene *g)
{
	if (t->rhs == RECOMMEND_R_NO_RESULT) {
		enum recommend_tri r = tri(!g->assessed);

		return t->cmp == RECOMMEND_NE ? not3(r) : r;
	}
	if (!g->assessed || !g->diplotype)
		return RECOMMEND_UNKNOWN;
	if (t->cmp == RECOMMEND_HAS && t->str[0] == '*' && strchr(t->str, ':'))
		return recommend_hla_has(g->diplotype, t->str);
	if (t->cmp == RECOMMEND_HAS)
		return tri(diplotype_has(g->diplotype, t->str, strlen(t->str)));
	return tri(diplotype_equal(g->diplotype, t->str) == (t->cmp == RECOMMEND_EQ));
}

/* What is known of a count is only that it is at least `least`: what was not seen may still be there. */
static enum recommend_tri at_least(uint8_t cmp, double least, double x)
{
	switch (cmp) {
	case RECOMMEND_GE:
		return least >= x ? RECOMMEND_TRUE : RECOMMEND_UNKNOWN;
	case RECOMMEND_GT:
		return least > x ? RECOMMEND_TRUE : RECOMMEND_UNKNOWN;
	case RECOMMEND_LT:
		return least >= x ? RECOMMEND_FALSE : RECOMMEND_UNKNOWN;
	case RECOMMEND_NE:
		return least > x ? RECOMMEND_TRUE : RECOMMEND_UNKNOWN;
	default:
		return least > x ? RECOMMEND_FALSE : RECOMMEND_UNKNOWN;
	}
}

bool recommend_list_holds(const char *list, const char *item)
{
	size_t k = strlen(item);

	while (*list) {
		size_t n;

		list += strspn(list, " ,;|");
		n = strcspn(list, ",;|");
		for (; n && list[n - 1] == ' '; n--)
			;
		/* a dose may follow the name */
		if (k && n >= k && !strncasecmp(list, item, k) &&
			(n == k || (list[k] == ' ' && list[k + 1] >= '0' && list[k + 1] <= '9')))
			return true;
		list += n + strspn(list + n, " ");
	}
	return false;
}

/* "yes", 1, true or any other text but a refusal; -1 when the fact says nothing. */
int recommend_fact_bool(const struct grx_fact *f)
{
	static const char *const no[] = {"no", "false", "0", "none", "never", "stopped"};

	if (!f || f->status != GRX_FACT_OK || f->value.type == GRX_V_NULL)
		return -1;
	if (f->value.type != GRX_V_STR)
		return f->value.num != 0;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (!strcasecmp(f->value.str, no[i]))
			return 0;
	return *f->value.str != '\0';
}

/* A list in one fact, or a fact for each item; an item that neither names is absent only if there is a list.
 */
static enum recommend_tri list_has(
	const struct recommend_node *t, const struct grx_fact *list, const struct grx_fact *item)
{
	int one = recommend_fact_bool(item);

	if (one >= 0)
		return tri(one == 1);
	if (!list || list->status != GRX_FACT_OK || list->value.type != GRX_V_STR)
		return RECOMMEND_UNKNOWN;
	if (grx_streq(list->key, "clinical/medication"))
		return tri(recommend_drug_listed(list->value.str, t->str));
	return tri(recommend_list_holds(list->value.str, t->str));
}

static enum recommend_tri fact_is(const struct recommend_node *t, const struct grx_fact *f)
{
	bool want = t->cmp == RECOMMEND_EQ;

	if (t->rhs == RECOMMEND_R_BOOL) {
		int b = recommend_fact_bool(f);

		return b < 0 ? RECOMMEND_UNKNOWN : tri((b == (int)t->num) == want);
	}
	if (t->rhs == RECOMMEND_R_NUM)
		return f->value.type == GRX_V_NUM ? tri(order(t->cmp, f->value.num, t->num))
						  : RECOMMEND_UNKNOWN;
	if (f->value.type != GRX_V_STR)
		return RECOMMEND_UNKNOWN;
	return tri(!strcmp(f->value.str, t->str) == want);
}

/* A place among people that prs itself does not trust decides nothing. */
static bool doubtful(const struct grx_fact *f)
{
	return grx_streq(grx_fact_attr_get(f, "ancestry_confidence"), "low") ||
	       grx_streq(grx_fact_attr_get(f, "extrapolated"), "yes");
}

static enum recommend_tri term_fact(const struct recommend_node *t, const struct recommend_view *w)
{
	const struct grx_fact *f = w->fact[t->a];
	bool known = f && f->status == GRX_FACT_OK;

	if (t->rhs == RECOMMEND_R_COUNT)
		return at_least(t->cmp, f ? f->value.num : 0, t->num);
	if (t->rhs == RECOMMEND_R_EXISTS)
		return tri(known);
	if (t->rhs == RECOMMEND_R_NO_RESULT) {
		enum recommend_tri r = tri(!known);

		return t->cmp == RECOMMEND_NE ? not3(r) : r;
	}
	if (t->cmp == RECOMMEND_HAS)
		return list_has(t, f, w->fact[t->b]);
	return known && !doubtful(f) ? fact_is(t, f) : RECOMMEND_UNKNOWN;
}

enum recommend_tri recommend_eval_term(const struct recommend_node *t, const struct recommend_view *w)
{
	switch (t->op) {
	case RECOMMEND_N_P:
		return term_phenotype(t, w->gene[t->a]);
	case RECOMMEND_N_AS:
		return term_activity(t, w->gene[t->a]);
	case RECOMMEND_N_D:
		return term_diplotype(t, w->gene[t->a]);
	default:
		return term_fact(t, w);
	}
}

static enum recommend_tri eval_node(const struct recommend_pred *p, int32_t i, const struct recommend_view *w)
{
	const struct recommend_node *t = &p->v[i];
	enum recommend_tri x, y;

	if (t->op > RECOMMEND_N_NOT)
		return recommend_eval_term(t, w);
	x = eval_node(p, t->a, w);
	if (t->op == RECOMMEND_N_NOT)
		return not3(x);
	y = eval_node(p, t->b, w);
	if (t->op == RECOMMEND_N_AND)
		return x < y ? x : y;
	return x > y ? x : y;
}

enum recommend_tri recommend_eval(const struct recommend_pred *p, const struct recommend_view *w)
{
	return p->n ? eval_node(p, p->n - 1, w) : RECOMMEND_UNKNOWN;
}
