/* SPDX-License-Identifier: GPL-3.0-or-later
 * clinical.c -- clinical values from a table into facts, and from facts into the inputs of an equation.
 * One canonical fact per quantity (clinical/total_cholesterol_mg_dl ...), whatever unit the table used. An
 * empty cell or NA is no fact. A value that no living person has is an error naming the likely unit, not an
 * outlier. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "io/text.h"
#include "stage/predict/predict_int.h"

#define MMOL_PER_MG 0.02586 /* cholesterol, mg/dL to mmol/L */

enum kind { K_NUM, K_BOOL, K_SEX };

static const struct column {
	const char *name, *fact; /* column; fact name after "clinical/" */
	enum kind kind;
	int input; /* enum predict_input or -1 */
	double factor, lo, hi;
	const char *unit;
} columns[] = {
	{"age", "age", K_NUM, PRED_AGE, 1, 0, 130, "years"},
	{"sex", "sex", K_SEX, -1, 1, 0, 0, NULL},
	{"total_cholesterol_mg_dl", "total_cholesterol_mg_dl", K_NUM, PRED_TC, 1, 30, 1500, "mg/dL"},
	{"total_cholesterol_mmol_l", "total_cholesterol_mg_dl", K_NUM, PRED_TC, 1 / MMOL_PER_MG, 30, 1500,
		"mg/dL"},
	{"hdl_mg_dl", "hdl_mg_dl", K_NUM, PRED_HDL, 1, 5, 300, "mg/dL"},
	{"hdl_mmol_l", "hdl_mg_dl", K_NUM, PRED_HDL, 1 / MMOL_PER_MG, 5, 300, "mg/dL"},
	{"sbp_mmhg", "sbp_mmhg", K_NUM, PRED_SBP, 1, 40, 320, "mmHg"},
	{"diabetes", "diabetes", K_BOOL, PRED_DM, 1, 0, 1, NULL},
	{"smoker", "smoker", K_BOOL, PRED_SMOKER, 1, 0, 1, NULL},
	{"bmi", "bmi", K_NUM, PRED_BMI, 1, 8, 120, "kg/m2"},
	{"egfr", "egfr", K_NUM, PRED_EGFR, 1, 0, 250, "mL/min/1.73m2"},
	{"bp_treatment", "bp_treatment", K_BOOL, PRED_BPTX, 1, 0, 1, NULL},
	{"statin", "statin", K_BOOL, PRED_STATIN, 1, 0, 1, NULL},
	{"hba1c_percent", "hba1c_percent", K_NUM, PRED_HBA1C, 1, 2, 25, "%"},
	{"uacr_mg_g", "uacr_mg_g", K_NUM, PRED_UACR, 1, 0.01, 100000, "mg/g"},
	{"uacr_mg_mmol", "uacr_mg_g", K_NUM, PRED_UACR, 8.84, 0.01, 100000, "mg/g"},
	{"sdi_decile", "sdi_decile", K_NUM, PRED_SDI, 1, 1, 10, NULL},
	{"family_history", "family_history", K_BOOL, -1, 1, 0, 1, NULL},
};
enum { N_COLUMN = (int)(sizeof columns / sizeof *columns) };

const char *predict_input_name(enum predict_input i)
{
	for (int k = 0; k < N_COLUMN; k++)
		if (columns[k].input == (int)i)
			return columns[k].fact;
	return "?";
}

/* 0 female, 1 male, -1 neither */
static int parse_sex(const char *s)
{
	if (strcasecmp(s, "female") == 0 || strcasecmp(s, "f") == 0)
		return 0;
	return strcasecmp(s, "male") == 0 || strcasecmp(s, "m") == 0 ? 1 : -1;
}

static int bad_cell(struct grx_ctx *cx, const struct grx_table *t, const struct column *c, const char *s,
	const char *want)
{
	return grx_fail(cx, GRX_E_DATA, "%s:%lld: column '%s': '%.60s'; expected %s", grx_table_path(t),
		(long long)grx_table_lineno(t), c->name, s, want);
}

/* Value of a cell in the canonical unit. */
static int cell_num(
	struct grx_ctx *cx, const struct grx_table *t, const struct column *c, const char *s, double *x)
{
	char want[128], lo[32], hi[32];
	if (c->kind == K_BOOL)
		return predict_parse_bool(s, x) ? GRX_OK : bad_cell(cx, t, c, s, "yes or no, 1 or 0");
	snprintf(want, sizeof want, "a number from %s to %s (check the unit)",
		grx_fmt_g(lo, c->lo / c->factor, 3), grx_fmt_g(hi, c->hi / c->factor, 4));
	if (!grx_parse_f64(s, x) || *x * c->factor < c->lo || *x * c->factor > c->hi)
		return bad_cell(cx, t, c, s, want);
	*x *= c->factor;
	return GRX_OK;
}

static bool value_equal(const struct grx_fact *f, enum kind kind, double x, const char *s)
{
	if (kind == K_SEX)
		return f->value.type == GRX_V_STR && grx_streq(f->value.str, s);
	return (f->value.type == GRX_V_NUM || f->value.type == GRX_V_BOOL) &&
	       f->value.num == grx_fact_quantise(x);
}

static int cell_fact(struct grx_ctx *cx, const struct grx_table *t, const struct column *c,
	const char *sample, const char *cell, struct grx_facts *out)
{
	int rc = GRX_E_BUG;
	double x = 0;
	const char *str = NULL;
	char key[128];
	snprintf(key, sizeof key, "clinical/%s", c->fact);
	if (c->kind == K_SEX) {
		int sex = parse_sex(cell);
		if (sex < 0)
			return bad_cell(cx, t, c, cell, "female or male");
		str = sex ? "male" : "female";
	} else {
		GRX_TRY(cell_num(cx, t, c, cell, &x));
	}
	const struct grx_fact *old = cx->facts ? grx_facts_find(cx->facts, sample, key) : NULL;
	if (old) {
		rc = value_equal(old, c->kind, x, str)
			     ? GRX_OK
			     : grx_fail(cx, GRX_E_MISMATCH,
				       "%s:%lld: column '%s': '%.60s' contradicts the input "
				       "fact %s of the same sample; correct one of them",
				       grx_table_path(t), (long long)grx_table_lineno(t), c->name, cell, key);
		goto out;
	}
	if (grx_facts_find(out, sample, key)) {
		rc = bad_cell(cx, t, c, cell, "one unit: another column of this row gives the same quantity");
		goto out;
	}
	rc = str ? grx_facts_str(cx, out, sample, key, "predict", str)
		 : grx_facts_num(cx, out, sample, key, "predict", x, c->unit);
out:
	return rc;
}

static int columns_find(struct grx_ctx *cx, const struct grx_table *t, int col[N_COLUMN], int64_t *n_unknown)
{
	int n = 0;
	*n_unknown = 0;
	for (int k = 0; k < N_COLUMN; k++)
		n += (col[k] = grx_table_col(t, columns[k].name)) >= 0;
	for (int i = 0; i < grx_table_ncol(t); i++) {
		bool known = strcmp(grx_table_name(t, i), "sample") == 0;
		for (int k = 0; k < N_COLUMN; k++)
			known |= col[k] == i;
		if (known)
			continue;
		++*n_unknown;
		grx_warn(cx, "%s: column '%s' is not used", grx_table_path(t), grx_table_name(t, i));
	}
	if (n > 0)
		return GRX_OK;
	return grx_fail(cx, GRX_E_DATA,
		"%s: no clinical column; expected some of: sample age sex total_cholesterol_mg_dl (or "
		"_mmol_l) "
		"hdl_mg_dl (or _mmol_l) sbp_mmhg diabetes smoker bmi egfr bp_treatment statin "
		"hba1c_percent uacr_mg_g (or _mg_mmol) sdi_decile family_history",
		grx_table_path(t));
}

static int row_read(
	struct grx_ctx *cx, struct grx_table *t, int c_sample, const int col[N_COLUMN], struct grx_facts *out)
{
	const char *sample = grx_table_get(t, c_sample);
	for (int k = 0; k < N_COLUMN; k++) {
		const char *cell = grx_table_get(t, col[k]);
		if (predict_absent(cell))
			continue;
		int rc = cell_fact(cx, t, &columns[k], sample, cell, out);
		if (rc != 0)
			return rc;
	}
	return GRX_OK;
}

int predict_clinical_read(struct grx_ctx *cx, const char *path, struct grx_facts *out, int64_t *n_unknown)
{
	int rc = GRX_E_BUG;
	struct grx_table *t = NULL;
	struct grx_map *seen = grx_map_new();
	int c_sample, col[N_COLUMN];
	if (!seen)
		return grx_fail_nomem(cx, "clinical table");
	GRX_TRY(grx_table_open(cx, path, true, &t));
	GRX_TRY(grx_table_need(cx, t, "sample", &c_sample));
	GRX_TRY(columns_find(cx, t, col, n_unknown));
	for (;;) {
		bool more;
		GRX_TRY(grx_table_next(cx, t, &more));
		if (!more)
			break;
		const char *sample = grx_table_get(t, c_sample);
		if (!*sample || grx_map_get(seen, sample)) {
			rc = grx_fail(cx, GRX_E_DATA, "%s:%lld: %s; expected one row per sample", path,
				(long long)grx_table_lineno(t),
				*sample ? "sample given twice" : "sample is empty");
			goto out;
		}
		if (grx_map_set(seen, sample, seen) != GRX_OK) {
			rc = grx_fail_nomem(cx, "clinical table");
			goto out;
		}
		GRX_TRY(row_read(cx, t, c_sample, col, out));
	}
	rc = GRX_OK;
out:
	grx_table_close(t);
	grx_map_free(seen);
	return rc;
}

static const struct grx_fact *find(
	const struct grx_facts *made, const struct grx_facts *known, const char *sample, const char *key)
{
	const struct grx_fact *f = grx_facts_find(made, sample, key);
	if (!f && known)
		f = grx_facts_find(known, sample, key);
	return f && f->status == GRX_FACT_OK && f->value.type != GRX_V_NULL ? f : NULL;
}

/* Facts by other hands may hold yes/no as words, and either unit. */
static bool fact_num(const struct grx_fact *f, const struct column *c, double *x)
{
	if (f->value.type == GRX_V_STR)
		return c->kind == K_BOOL ? predict_parse_bool(f->value.str, x)
					 : grx_parse_f64(f->value.str, x);
	*x = f->value.num;
	return c->kind != K_BOOL || *x == 0 || *x == 1;
}

static void person_sex(struct predict_person *p, const struct grx_fact *clinical, const struct grx_fact *qc)
{
	const struct grx_fact *f = clinical ? clinical : qc;
	p->sex = f && f->value.type == GRX_V_STR ? parse_sex(f->value.str) : -1;
	p->sex_id = p->sex >= 0 ? f->id : NULL;
	if (clinical && p->sex < 0)
		p->conflict = "clinical/sex is neither female nor male";
	if (clinical && qc && qc->value.type == GRX_V_STR && p->sex >= 0 && parse_sex(qc->value.str) >= 0 &&
		parse_sex(qc->value.str) != p->sex)
		p->conflict =
			"clinical/sex and qc/sex differ: mixed-up sample, or an equation for another sex";
}

int predict_person_get(struct grx_ctx *cx, const struct grx_facts *made, const struct grx_facts *known,
	const char *sample, struct grx_arena *mem, struct predict_person *p)
{
	*p = (struct predict_person){.sample = sample, .sex = -1};
	person_sex(p, find(made, known, sample, "clinical/sex"), find(made, known, sample, "qc/sex"));
	for (int k = 0; k < N_COLUMN; k++) {
		const struct column *c = &columns[k];
		char key[128];
		double x;
		snprintf(key, sizeof key, "clinical/%s", c->name);
		const struct grx_fact *f = c->input < 0 ? NULL : find(made, known, sample, key);
		if (!f || p->have[c->input])
			continue;
		if (!fact_num(f, c, &x) || !isfinite(x)) {
			p->conflict = grx_arena_printf(
				mem, "%s is not %s", key, c->kind == K_BOOL ? "yes or no" : "a number");
			if (!p->conflict)
				return grx_fail_nomem(cx, "clinical values");
			continue;
		}
		p->have[c->input] = true;
		p->x[c->input] = x * c->factor;
		p->id[c->input] = f->id;
	}
	return GRX_OK;
}
