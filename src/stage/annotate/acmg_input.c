/* SPDX-License-Identifier: GPL-3.0-or-later
 * acmg_input.c -- which joined column plays which role (frequency, predictor, ...), and its values. */
#include "stage/annotate/acmg_int.h"

#include <string.h>

#include "stage/annotate/db.h"

#define DEFAULTS 4
static const struct role_spec {
	const char *name;
	const char *key[DEFAULTS]; /* fields of a database that play it when nothing is said, best first */
} role_spec[AR_N] = {
	[AR_AF] = {"AF", {"AF_grpmax", "AF_popmax", "AF"}},
	[AR_FAF] = {"FAF", {"fafmax_faf95_max", "faf95_popmax", "faf95"}},
	[AR_AC] = {"AC", {"AC"}},
	[AR_AN] = {"AN", {"AN"}},
	[AR_NHOMALT] = {"NHOMALT", {"nhomalt"}},
	[AR_NHEMI] = {"NHEMI", {"nhemi", "AC_XY"}},
	[AR_SITE_AN] = {"SITE_AN", {"site_AN"}},
	[AR_REVEL] = {"REVEL", {"REVEL", "revel", "revel_max", "REVEL_score"}},
	[AR_BAYESDEL] = {"BAYESDEL", {"BayesDel_noAF_score", "BayesDel_noAF"}},
	[AR_VEST4] = {"VEST4", {"VEST4_score", "VEST4"}},
	[AR_MUTPRED2] = {"MUTPRED2", {"MutPred2_score", "MutPred2"}},
	[AR_CADD] = {"CADD", {"CADD_phred", "cadd_phred", "CADD_PHRED"}},
	[AR_SPLICEAI] = {"SPLICEAI", {"SpliceAI", "spliceai_ds_max"}},
	[AR_CLNSIG] = {"CLNSIG", {"CLNSIG"}},
	[AR_AN_MAX] = {"AN_MAX", {"AN_grpmax", "AN_popmax"}},
	[AR_FILTER] = {"FILTER", {NULL}},
	[AR_CLNREVSTAT] = {"CLNREVSTAT", {"CLNREVSTAT"}},
};

static int use(struct grx_ctx *cx, struct grx_arena *mem, const struct annotate_db *db, int field,
	struct annotate_acmg_input *in)
{
	const char *version = annotate_db_source(db);
	in->column = annotate_db_column(db, field);
	in->source = version && *version ? grx_arena_printf(mem, "%s (%s)", in->column, version) : in->column;
	return in->source ? GRX_OK : grx_fail_nomem(cx, "role");
}

static int unknown_role(struct grx_ctx *cx, const char *text)
{
	struct grx_str all = {0};
	for (int i = 0; i < AR_N; i++)
		grx_str_addf(&all, "%s%s", i ? ", " : "", role_spec[i].name);
	int rc = grx_fail(cx, GRX_E_USAGE, "--acmg-field '%s': expected ROLE=COLUMN with ROLE one of %s",
		text, all.s ? all.s : "none");
	grx_str_clear(&all);
	return rc;
}

static int given(struct grx_ctx *cx, const struct annotate_state *st, struct grx_arena *mem, const char *text,
	struct annotate_acmg_input in[AR_N])
{
	const char *eq = strchr(text, '=');
	int role = AR_N;
	for (int i = 0; eq && i < AR_N; i++)
		if (strlen(role_spec[i].name) == (size_t)(eq - text) &&
			strncmp(role_spec[i].name, text, (size_t)(eq - text)) == 0)
			role = i;
	if (role == AR_N || !eq[1])
		return unknown_role(cx, text);
	for (int i = 0; i < st->n_db; i++) {
		int f = annotate_db_field(st->db[i], eq + 1, NULL);
		if (f >= 0)
			return use(cx, mem, st->db[i], f, &in[role]);
	}
	return grx_fail(cx, GRX_E_USAGE,
		"--acmg-field %s: no --db gives a column '%s'; columns are NAME_FIELD of --db", text, eq + 1);
}

int annotate_acmg_roles(struct grx_ctx *cx, const struct annotate_state *st, struct grx_arena *mem,
	struct annotate_acmg_input in[AR_N])
{
	int rc = GRX_OK;
	for (int i = 0; i < st->opt.acmg_field.n && !rc; i++)
		rc = given(cx, st, mem, st->opt.acmg_field.v[i], in);
	for (int r = 0; r < AR_N; r++)
		for (int k = 0; k < DEFAULTS && role_spec[r].key[k] && !rc; k++)
			for (int i = 0; i < st->n_db && !in[r].column && !rc; i++) {
				int f = annotate_db_field(st->db[i], NULL, role_spec[r].key[k]);
				if (f >= 0)
					rc = use(cx, mem, st->db[i], f, &in[r]);
			}
	return rc;
}

const char *annotate_acmg_text(const struct annotate_acmg_case *k, enum annotate_acmg_role role)
{
	const char *column = k->a->in[role].column;
	const struct grx_field *f = column ? grx_var_info(k->r->v, column) : NULL;
	if (!f || f->from_file || f->type != GRX_T_STR || !f->v.s[0])
		return NULL;
	const char *s = f->v.s[0];
	for (int32_t i = 1; i < k->al->number && s; i++) {
		s = strchr(s, ',');
		s = s ? s + 1 : NULL;
	}
	if (!s)
		return NULL;
	char *t = grx_arena_strndup(k->w->mem, s, strcspn(s, ","));
	return t && strcmp(t, ".") != 0 && *t ? t : NULL;
}

/* The largest of "0.1&0.2"; pieces that are no numbers do not count. */
static bool largest(const char *s, double *x)
{
	bool any = false;
	while (*s) {
		char piece[64];
		size_t n = strcspn(s, "&;|");
		double v;
		if (n < sizeof piece) {
			memcpy(piece, s, n);
			piece[n] = '\0';
			if (grx_parse_f64(piece, &v) && (!any || v > *x)) {
				*x = v;
				any = true;
			}
		}
		s += n + (s[n] != '\0');
	}
	return any;
}

/* SpliceAI's own text: ALLELE|SYMBOL|DS_AG|DS_AL|DS_DG|DS_DL|positions, several joined by '&'. The largest
 * delta of the case's gene, or of all genes when none is of that name. */
static bool spliceai(const struct annotate_acmg_case *k, const char *s, double *x)
{
	bool any[2] = {false, false};
	double best[2] = {0, 0};
	while (*s) {
		size_t n = strcspn(s, "&");
		char *t = grx_arena_strndup(k->w->mem, s, n), *f[10];
		int nf = t ? grx_split(t, '|', f, 10) : 0;
		bool mine = nf >= 6 && k->gene_name && strcmp(f[1], k->gene_name) == 0;
		for (int i = 2; i < 6 && nf >= 6; i++) {
			double v;
			if (!grx_parse_f64(f[i], &v))
				continue;
			best[mine] = !any[mine] || v > best[mine] ? v : best[mine];
			any[mine] = true;
		}
		s += n + (s[n] != '\0');
	}
	*x = any[1] ? best[1] : best[0];
	return any[0] || any[1];
}

static bool of_allele(enum annotate_acmg_role role)
{
	return role <= AR_SITE_AN || role == AR_AN_MAX;
}

bool annotate_acmg_several(const struct annotate_acmg_case *k, enum annotate_acmg_role role)
{
	const char *s = of_allele(role) ? annotate_acmg_text(k, role) : NULL;
	return s && strpbrk(s, "&;|");
}

bool annotate_acmg_num(const struct annotate_acmg_case *k, enum annotate_acmg_role role, double *x)
{
	const char *column = k->a->in[role].column;
	const struct grx_field *f = column ? grx_var_info(k->r->v, column) : NULL;
	if (!f || f->from_file)
		return false;
	if (f->type == GRX_T_STR) {
		const char *s = annotate_acmg_text(k, role);
		if (!s)
			return false;
		if (of_allele(role))
			return grx_parse_f64(s, x);
		return role == AR_SPLICEAI && strchr(s, '|') ? spliceai(k, s, x) : largest(s, x);
	}
	int32_t i = k->al->number - 1;
	if (i >= f->n)
		return false;
	if (f->type == GRX_T_FLOAT && !grx_float_is_missing(f->v.f[i]) && !grx_float_is_end(f->v.f[i])) {
		/* 0.644 is 0.6439999938 as a float: back to the digits that the file had, or limits shift */
		char digits[32];
		return grx_parse_f64(grx_fmt_g(digits, (double)f->v.f[i], 7), x);
	}
	if (f->type == GRX_T_INT && f->v.i[i] != GRX_INT_MISSING && f->v.i[i] != GRX_INT_END) {
		*x = f->v.i[i];
		return true;
	}
	return false;
}
