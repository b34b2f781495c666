/* SPDX-License-Identifier: GPL-3.0-or-later
 * acmg_table.c -- the tables of refdata/acmg: thresholds and gene facts, intervals of predictors, exemptions.
 * One table shape (gene, key, value, source) holds defaults ('*'), gene facts and what a user's file puts
 * before them; later rows go before earlier ones. */
#include "stage/annotate/acmg_int.h"

#include <stdio.h>
#include <string.h>

#include "base/ctx.h"
#include "io/text.h"

/* What a value may be: a number of a range, one of some words, or ranges of residues. */
static const struct key_spec {
	const char *name;
	double lo, hi;
	const char *words; /* "a|b"; "" ranges; NULL number */
} key_spec[AK_N] = {
	[AK_PRIOR] = {"prior", 0, 1, NULL},
	[AK_POINTS_P] = {"points_pathogenic", 0, 100, NULL},
	[AK_POINTS_LP] = {"points_likely_pathogenic", 0, 100, NULL},
	[AK_POINTS_LB] = {"points_likely_benign", -100, 0, NULL},
	[AK_POINTS_B] = {"points_benign", -100, 0, NULL},
	[AK_BA1_AF] = {"ba1_af", 0, 1, NULL},
	[AK_MIN_AN] = {"min_an", 0, 1e9, NULL},
	[AK_BS1_AF] = {"bs1_af", 0, 1, NULL},
	[AK_BS1_DEFAULT_FOR] = {"bs1_default_for", 0, 0, "AD|all"},
	[AK_PREVALENCE] = {"prevalence", 0, 1, NULL},
	[AK_ALLELIC] = {"allelic_contribution", 0, 1, NULL},
	[AK_GENETIC] = {"genetic_contribution", 0, 1, NULL},
	[AK_PENETRANCE] = {"penetrance", 1e-9, 1, NULL},
	[AK_BS2_HOM] = {"bs2_homozygotes", 1, 1e9, NULL},
	[AK_BS2_HET] = {"bs2_heterozygotes", 1, 1e9, NULL},
	[AK_BS2_HEMI] = {"bs2_hemizygotes", 1, 1e9, NULL},
	[AK_FULL_PENETRANCE] = {"full_penetrance", 0, 0, "yes|no"},
	[AK_PM2_AC] = {"pm2_ac", 0, 1e9, NULL},
	[AK_PM2_AF] = {"pm2_af", 0, 1, NULL},
	[AK_PM2_AF_RECESSIVE] = {"pm2_af_recessive", 0, 1, NULL},
	[AK_PM2_ABSENT] = {"pm2_absent_is_callable", 0, 0, "yes|no"},
	[AK_PM1_WINDOW] = {"pm1_window", 0, 100, NULL},
	[AK_PM1_MIN] = {"pm1_min", 1, 1000, NULL},
	[AK_MIN_STARS] = {"companion_min_stars", 0, 4, NULL},
	[AK_PM1_PP3_CAP] = {"pm1_pp3_cap", 0, 16, NULL},
	[AK_PP3_WITH_PS1] = {"pp3_with_ps1", 0, 0, "yes|no"},
	[AK_PM4_SINGLE] = {"pm4_single", 0, 0, "Supporting|Moderate"},
	[AK_REPEAT_COPIES] = {"repeat_copies", 2, 100, NULL},
	[AK_PP2_Z] = {"pp2_z", -10, 100, NULL},
	[AK_MISSENSE_Z] = {"missense_z", -100, 100, NULL},
	[AK_MISSENSE_MECHANISM] = {"missense_mechanism", 0, 0, "yes|no"},
	[AK_TRUNCATING_ONLY] = {"truncating_only", 0, 0, "yes|no"},
	[AK_MISSENSE_TOOL] = {"missense_tool", 0, 0, "REVEL|BAYESDEL|VEST4|MUTPRED2|CADD"},
	[AK_BP4_MAX] = {"bp4_max", 0, 0, "Supporting|Moderate|Strong|VeryStrong"},
	[AK_SPLICEAI_PP3] = {"spliceai_pp3", 0, 1, NULL},
	[AK_SPLICEAI_BP4] = {"spliceai_bp4", 0, 1, NULL},
	[AK_BP7_INTRON_5] = {"bp7_intron_5", 1, 1000, NULL},
	[AK_BP7_INTRON_3] = {"bp7_intron_3", 1, 1000, NULL},
	[AK_PVS1_REMOVED] = {"pvs1_removed", 0, 1, NULL},
	[AK_PVS1_NMD] = {"pvs1_nmd_bases", 0, 1000, NULL},
	[AK_PVS1_CRITICAL_MIN] = {"pvs1_critical_min", 1, 1000, NULL},
	[AK_LOF] = {"lof", 0, 0, "yes|lower1|lower2|no"},
	[AK_LOF_TOLERATED] = {"lof_tolerated", 0, 0, ""},
	[AK_CRITICAL] = {"critical", 0, 0, ""},
	[AK_INHERITANCE] = {"inheritance", 0, 0, "AD|AR|XL"},
	[AK_FACT_MIN] = {"fact_min_points", -100, 100, NULL},
};

struct loading {
	struct annotate_acmg_rules *r;
	const char *file; /* without its folder */
};

static bool one_of(const char *words, const char *s)
{
	size_t n = strlen(s);
	for (const char *p = words; *p; p += strcspn(p, "|"), p += *p == '|')
		if (strcspn(p, "|") == n && memcmp(p, s, n) == 0)
			return true;
	return false;
}

/* The next "a-b" of a list; false when it is malformed or at the end. */
static bool range_next(const char **s, int64_t *from, int64_t *to)
{
	const char *p = *s;
	int64_t x[2] = {0, 0};
	for (int i = 0; i < 2; i++) {
		const char *start = p;
		for (; *p >= '0' && *p <= '9' && x[i] < 100000000; p++)
			x[i] = x[i] * 10 + (*p - '0');
		if (p == start || *p != (i == 0 ? '-' : *p == '\0' ? '\0' : ','))
			return false;
		p += *p != '\0';
	}
	*from = x[0];
	*to = x[1];
	*s = p;
	return x[0] >= 1 && x[1] >= x[0];
}

static bool ranges_valid(const char *s)
{
	int64_t a, b;
	if (!*s)
		return false;
	while (*s)
		if (!range_next(&s, &a, &b))
			return false;
	return true;
}

bool annotate_acmg_in_ranges(const char *s, int64_t from, int64_t to)
{
	int64_t a, b;
	while (s && *s && range_next(&s, &a, &b))
		if (a <= to && b >= from)
			return true;
	return false;
}

static int value_parse(struct grx_ctx *cx, const struct grx_table *t, const struct key_spec *k,
	const char *text, double *num)
{
	*num = 0;
	const char *path = grx_table_path(t);
	long long line = (long long)grx_table_lineno(t);
	if (k->words && *k->words && !one_of(k->words, text))
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: %s '%s': expected one of %s", path, line, k->name,
			text, k->words);
	if (k->words && !*k->words && !ranges_valid(text))
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: %s '%s': expected residues as 10-20 or 10-20,30-40",
			path, line, k->name, text);
	if (!k->words && (!grx_parse_f64(text, num) || !(*num >= k->lo && *num <= k->hi)))
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: %s '%s': expected a number from %g to %g", path,
			line, k->name, text, k->lo, k->hi);
	return GRX_OK;
}

static int key_find(struct grx_ctx *cx, const struct grx_table *t, const char *name, int *key)
{
	struct grx_str all = {0};
	for (*key = 0; *key < AK_N; ++*key)
		if (strcmp(key_spec[*key].name, name) == 0)
			return GRX_OK;
	for (int i = 0; i < AK_N; i++)
		grx_str_addf(&all, "%s%s", i ? ", " : "", key_spec[i].name);
	int rc = grx_fail(cx, GRX_E_DATA, "%s:%lld: unknown key '%s'; known are %s", grx_table_path(t),
		(long long)grx_table_lineno(t), name, all.s ? all.s : "none");
	grx_str_clear(&all);
	return rc;
}

static struct annotate_acmg_gene *gene_get(struct annotate_acmg_rules *r, const char *name)
{
	if (strcmp(name, "*") == 0)
		return r->dflt;
	struct annotate_acmg_gene *g = grx_map_get(r->gene, name);
	if (g)
		return g;
	g = grx_arena_calloc(r->mem, 1, sizeof *g);
	return g && grx_map_set(r->gene, name, g) == GRX_OK ? g : NULL;
}

static int rule_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	const struct loading *l = arg;
	const char *gene = grx_table_get(t, col[0]), *text = grx_table_get(t, col[2]);
	const char *source = grx_table_get(t, col[3]);
	int key, rc = key_find(cx, t, grx_table_get(t, col[1]), &key);
	double num;
	if (rc || (rc = value_parse(cx, t, &key_spec[key], text, &num)))
		return rc;
	if (!*gene || !*source)
		return grx_fail(cx, GRX_E_DATA,
			"%s:%lld: %s is empty; every row names a gene ('*' all) and its source",
			grx_table_path(t), (long long)grx_table_lineno(t), *gene ? "source" : "gene");
	struct annotate_acmg_gene *g = gene_get(l->r, gene);
	if (!g)
		return grx_fail_nomem(cx, "rules");
	struct annotate_acmg_val *v = &g->v[key];
	v->text = grx_arena_strdup(l->r->mem, text);
	v->num = num;
	v->source = grx_arena_printf(l->r->mem, "%s: %s", l->file, source);
	return v->text && v->source ? GRX_OK : grx_fail_nomem(cx, "rules");
}

static int bound_parse(
	struct grx_ctx *cx, const struct grx_table *t, const int *col, bool *has, double *x, bool *incl)
{
	const char *s = grx_table_get(t, col[0]);
	*has = strcmp(s, ".") != 0;
	*incl = strcmp(grx_table_get(t, col[1]), "1") == 0;
	if (*has && !grx_parse_f64(s, x))
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: bound '%s' is not a number or '.'",
			grx_table_path(t), (long long)grx_table_lineno(t), s);
	return GRX_OK;
}

static int score_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	const struct loading *l = arg;
	struct annotate_acmg_rules *r = l->r;
	struct annotate_acmg_score s = {0};
	int code = annotate_acmg_code_of(grx_table_get(t, col[1]));
	int strength = annotate_acmg_strength_of(grx_table_get(t, col[2]));
	if ((code != AC_PP3 && code != AC_BP4) || strength < 0 || strength == AC_ALONE)
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: expected PP3 or BP4 and a strength",
			grx_table_path(t), (long long)grx_table_lineno(t));
	int rc = bound_parse(cx, t, col + 3, &s.has_above, &s.above, &s.above_incl);
	if (rc || (rc = bound_parse(cx, t, col + 5, &s.has_below, &s.below, &s.below_incl)))
		return rc;
	s.code = (uint8_t)code;
	s.strength = (uint8_t)strength;
	s.tool = grx_arena_strdup(r->mem, grx_table_get(t, col[0]));
	s.source = grx_arena_printf(r->mem, "%s: %s", l->file, grx_table_get(t, col[7]));
	if (!s.tool || !s.source || grx_grow(&r->score, &r->cap_score, r->n_score + 1, sizeof s, 10000))
		return grx_fail_nomem(cx, "predictor table");
	r->score[r->n_score++] = s;
	return GRX_OK;
}

static int exempt_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	const struct loading *l = arg;
	struct annotate_acmg_rules *r = l->r;
	struct annotate_acmg_exempt x = {.gene = grx_arena_strdup(r->mem, grx_table_get(t, col[0])),
		.change = grx_arena_strdup(r->mem, grx_table_get(t, col[1])),
		.source = grx_arena_printf(r->mem, "%s: %s", l->file, grx_table_get(t, col[2]))};
	char *at = grx_arena_strdup(r->mem, grx_table_get(t, col[3])), *f[4];
	int64_t pos;
	if (!at)
		return grx_fail_nomem(cx, "exemptions");
	if (grx_split(at, ':', f, 4) != 4 || !grx_parse_i64(f[1], &pos) || pos < 1 ||
		!grx_allele_is_acgt(f[2]) || !grx_allele_is_acgt(f[3]))
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: place '%s': expected CHROM:POS:REF:ALT",
			grx_table_path(t), (long long)grx_table_lineno(t), grx_table_get(t, col[3]));
	x.chrom = f[0];
	x.place = (struct grx_change){pos - 1, f[2], f[3], (int)strlen(f[2]), (int)strlen(f[3])};
	grx_change_trim(&x.place);
	if (!x.gene || !x.change || !x.source ||
		grx_grow(&r->exempt, &r->cap_exempt, r->n_exempt + 1, sizeof x, 100000))
		return grx_fail_nomem(cx, "exemptions");
	r->exempt[r->n_exempt++] = x;
	return GRX_OK;
}

static const char *const rule_cols[] = {"gene", "key", "value", "source"};
static const char *const score_cols[] = {
	"tool", "code", "strength", "above", "above_incl", "below", "below_incl", "source"};
static const char *const exempt_cols[] = {"gene", "change", "source", "grch38"};

static int shipped(struct grx_ctx *cx, struct annotate_acmg_rules *r)
{
	const struct {
		const char *name;
		const char *const *col;
		int n;
		int (*row)(void *, struct grx_ctx *, struct grx_table *, const int *);
	} tab[] = {{"rules.tsv", rule_cols, 4, rule_row}, {"genes.tsv", rule_cols, 4, rule_row},
		{"missense.tsv", score_cols, 8, score_row}, {"ba1_exempt.tsv", exempt_cols, 4, exempt_row}};
	for (size_t i = 0; i < sizeof tab / sizeof *tab; i++) {
		char name[64];
		struct loading l = {r, tab[i].name};
		snprintf(name, sizeof name, "acmg/%s", tab[i].name);
		char *path = grx_refdata_path(cx, name);
		if (!path)
			return grx_fail_nomem(cx, "path");
		int rc = grx_table_each(cx, path, tab[i].col, tab[i].n, tab[i].row, &l);
		grx_free(path);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

static int complete(struct grx_ctx *cx, const struct annotate_acmg_rules *r)
{
	static const int optional[] = {AK_PREVALENCE, AK_ALLELIC, AK_GENETIC, AK_PENETRANCE,
		AK_FULL_PENETRANCE, AK_PM2_AF, AK_MISSENSE_Z, AK_MISSENSE_MECHANISM, AK_TRUNCATING_ONLY,
		AK_LOF, AK_LOF_TOLERATED, AK_CRITICAL, AK_INHERITANCE};
	for (int k = 0; k < AK_N; k++) {
		bool may_lack = false;
		for (size_t i = 0; i < sizeof optional / sizeof *optional; i++)
			may_lack |= optional[i] == k;
		if (!may_lack && !r->dflt->v[k].text)
			return grx_fail(cx, GRX_E_DATA, "refdata/acmg/rules.tsv: no default for '%s'",
				key_spec[k].name);
	}
	return GRX_OK;
}

int annotate_acmg_rules_open(struct grx_ctx *cx, const char *file, struct annotate_acmg_rules **out)
{
	int rc = GRX_E_BUG;
	struct annotate_acmg_rules *r = grx_calloc(1, sizeof *r);
	if (!r || !(r->mem = grx_arena_new()) || !(r->gene = grx_map_new()) ||
		!(r->dflt = grx_arena_calloc(r->mem, 1, sizeof *r->dflt)))
		GRX_TRY(grx_fail_nomem(cx, "rules"));
	GRX_TRY(shipped(cx, r));
	if (file) {
		const char *slash = strrchr(file, '/');
		struct loading l = {r, slash ? slash + 1 : file};
		GRX_TRY(grx_table_each(cx, file, rule_cols, 4, rule_row, &l));
	}
	GRX_TRY(complete(cx, r));
	*out = r;
	r = NULL;
	rc = GRX_OK;
out:
	annotate_acmg_rules_free(r);
	return rc;
}

void annotate_acmg_rules_free(struct annotate_acmg_rules *r)
{
	if (!r)
		return;
	grx_map_free(r->gene);
	grx_free(r->score);
	grx_free(r->exempt);
	grx_arena_free(r->mem);
	grx_free(r);
}

const struct annotate_acmg_val *annotate_acmg_rule(
	const struct annotate_acmg_rules *r, const struct annotate_acmg_gene *g, enum annotate_acmg_key k)
{
	return g && g->v[k].text ? &g->v[k] : &r->dflt->v[k];
}

const struct annotate_acmg_score *annotate_acmg_score(
	const struct annotate_acmg_rules *r, const char *tool, double x, bool *known)
{
	*known = false;
	for (size_t i = 0; i < r->n_score; i++) {
		const struct annotate_acmg_score *s = &r->score[i];
		if (strcmp(s->tool, tool) != 0)
			continue;
		*known = true;
		bool above = !s->has_above || (s->above_incl ? x >= s->above : x > s->above);
		bool below = !s->has_below || (s->below_incl ? x <= s->below : x < s->below);
		if (above && below)
			return s;
	}
	return NULL;
}
