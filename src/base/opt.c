/* SPDX-License-Identifier: GPL-3.0-or-later
 * opt.c -- option tables: defaults and parsing. Rows of several tables act as one; the first match wins. */
#include "base/opt.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/opt_int.h"
#include "base/out.h"

static void *field(const struct grx_opt_set *set, const struct grx_opt *o)
{
	return (char *)set->into + o->offset;
}

/* "lo..hi" with either side empty. */
static bool in_range(const char *range, double v)
{
	double lo, hi;
	char buf[64];
	if (!range)
		return true;
	const char *dots = strstr(range, "..");
	size_t n = dots ? (size_t)(dots - range) : 0;
	if (!dots || n >= sizeof buf)
		return true;
	memcpy(buf, range, n);
	buf[n] = '\0';
	if (n && grx_parse_f64(buf, &lo) && v < lo)
		return false;
	return !(dots[2] && grx_parse_f64(dots + 2, &hi) && v > hi);
}

static bool in_choice(const char *range, const char *v)
{
	size_t n = strlen(v);
	for (const char *p = range; p && *p;) {
		size_t m = strcspn(p, "|");
		if (m == n && strncmp(p, v, n) == 0)
			return true;
		p += m + (p[m] == '|');
	}
	return false;
}

static int bad_value(struct grx_ctx *cx, const struct grx_opt *o, const char *v, const char *expected)
{
	return grx_fail(cx, GRX_E_USAGE, "--%s: '%s' is not %s%s%s", o->name, v, expected,
		o->range ? " in the range " : "", o->range ? o->range : "");
}

static int list_add(struct grx_ctx *cx, struct grx_strs *l, const char *v)
{
	const char **p = grx_realloc(l->v, (size_t)l->n + 1, sizeof(*p));
	if (!p)
		return grx_fail_nomem(cx, "an option list");
	l->v = p;
	l->v[l->n++] = v;
	return GRX_OK;
}

static int set_value(
	struct grx_ctx *cx, const struct grx_opt_set *set, const struct grx_opt *o, const char *v)
{
	void *f = field(set, o);
	int64_t i;
	double d;
	switch (o->type) {
	case GRX_OPT_FLAG:
		*(bool *)f = in_choice("1|true|yes", v);
		return *(bool *)f || !*v || in_choice("0|false|no", v) ? GRX_OK
								       : bad_value(cx, o, v, "1 or 0");
	case GRX_OPT_INT:
		if (!grx_parse_size(v, &i) || !in_range(o->range, (double)i))
			return bad_value(cx, o, v, "a whole number");
		*(int64_t *)f = i;
		return GRX_OK;
	case GRX_OPT_REAL:
		if (!grx_parse_f64(v, &d) || !in_range(o->range, d))
			return bad_value(cx, o, v, "a number");
		*(double *)f = d;
		return GRX_OK;
	case GRX_OPT_CHOICE:
		if (!in_choice(o->range, v))
			return grx_fail(cx, GRX_E_USAGE, "--%s: '%s' is not one of %s", o->name, v, o->range);
		*(const char **)f = v;
		return GRX_OK;
	case GRX_OPT_LIST:
		return list_add(cx, f, v);
	case GRX_OPT_IN:
	case GRX_OPT_OUT:
		if (!*v)
			return grx_fail(
				cx, GRX_E_USAGE, "--%s: the file name is empty: name a file", o->name);
		*(const char **)f = v;
		return grx_network_check_opt(cx, o, v);
	case GRX_OPT_STR:
		*(const char **)f = v;
		return GRX_OK;
	}
	return grx_fail(cx, GRX_E_BUG, "--%s: unknown option type", o->name);
}

int grx_opts_default(struct grx_ctx *cx, const struct grx_opt_set *set, int n_set)
{
	for (int s = 0; s < n_set; s++) {
		for (const struct grx_opt *o = set[s].opts; o && o->name; o++) {
			int rc = GRX_OK;
			if (o->type == GRX_OPT_LIST)
				*(struct grx_strs *)field(&set[s], o) = (struct grx_strs){0};
			if (o->def)
				rc = set_value(cx, &set[s], o, o->def);
			if (rc != GRX_OK)
				return rc;
		}
	}
	return GRX_OK;
}

struct found {
	const struct grx_opt_set *set;
	const struct grx_opt *opt;
};

static struct found find_long(const struct grx_opt_set *set, int n_set, const char *name, size_t n)
{
	for (int s = 0; s < n_set; s++) {
		for (const struct grx_opt *o = set[s].opts; o && o->name; o++) {
			if (strncmp(o->name, name, n) == 0 && o->name[n] == '\0')
				return (struct found){&set[s], o};
		}
	}
	return (struct found){NULL, NULL};
}

static struct found find_short(const struct grx_opt_set *set, int n_set, char c)
{
	for (int s = 0; s < n_set; s++) {
		for (const struct grx_opt *o = set[s].opts; o && o->name; o++) {
			if (o->letter == c)
				return (struct found){&set[s], o};
		}
	}
	return (struct found){NULL, NULL};
}

/* Levenshtein distance of short names; 99 for long ones. */
int grx_edit_distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	int row[64];
	if (n > 60 || m > 60)
		return 99;
	for (size_t j = 0; j <= m; j++)
		row[j] = (int)j;
	for (size_t i = 1; i <= n; i++) {
		int diag = row[0];
		row[0] = (int)i;
		for (size_t j = 1; j <= m; j++) {
			int best = diag + (a[i - 1] != b[j - 1]);
			diag = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[m];
}

static int unknown_option(struct grx_ctx *cx, const struct grx_opt_set *set, int n_set, const char *arg)
{
	const char *best = NULL;
	int best_d = 4;
	char name[64];
	size_t n = strcspn(arg + 2, "=");
	if (arg[1] == '-' && n < sizeof name) {
		memcpy(name, arg + 2, n);
		name[n] = '\0';
		for (int s = 0; s < n_set; s++) {
			for (const struct grx_opt *o = set[s].opts; o && o->name; o++) {
				int d = grx_edit_distance(name, o->name);
				if (d < best_d) {
					best_d = d;
					best = o->name;
				}
			}
		}
	}
	if (best)
		return grx_fail(cx, GRX_E_USAGE,
			"%s: unknown option; did you mean --%s? --help lists them all", arg, best);
	return grx_fail(cx, GRX_E_USAGE, "%s: unknown option; --help lists them all", arg);
}

/* One option at argv[*i]; advances *i past a separate value. */
static int parse_one(
	struct grx_ctx *cx, const struct grx_opt_set *set, int n_set, int argc, char **argv, int *i)
{
	const char *arg = argv[*i], *value = NULL;
	struct found f;
	if (arg[1] == '-') {
		size_t n = strcspn(arg + 2, "=");
		f = find_long(set, n_set, arg + 2, n);
		value = arg[2 + n] == '=' ? arg + 3 + n : NULL;
	} else {
		f = find_short(set, n_set, arg[1]);
		value = arg[2] ? arg + 2 : NULL;
	}
	if (!f.opt)
		return unknown_option(cx, set, n_set, arg);
	if (f.opt->type == GRX_OPT_FLAG) {
		if (value)
			return grx_fail(cx, GRX_E_USAGE, "%s: --%s takes no value", arg, f.opt->name);
		return set_value(cx, f.set, f.opt, "1");
	}
	if (!value) {
		if (*i + 1 >= argc)
			return grx_fail(cx, GRX_E_USAGE, "--%s: needs a value (%s)", f.opt->name,
				f.opt->unit ? f.opt->unit : "text");
		value = argv[++*i];
	}
	return set_value(cx, f.set, f.opt, value);
}

int grx_opts_parse(struct grx_ctx *cx, const struct grx_opt_set *set, int n_set, int argc, char **argv,
	struct grx_strs *pos)
{
	bool only_pos = false;
	for (int i = 1; i < argc; i++) {
		int rc;
		const char *a = argv[i];
		if (only_pos || a[0] != '-' || a[1] == '\0')
			rc = list_add(cx, pos, a);
		else if (strcmp(a, "--") == 0) {
			only_pos = true;
			rc = GRX_OK;
		} else
			rc = parse_one(cx, set, n_set, argc, argv, &i);
		if (rc != GRX_OK)
			return rc;
	}
	return GRX_OK;
}

int grx_opts_assign(
	struct grx_ctx *cx, const struct grx_opt_set *set, int n_set, const char *name, const char *value)
{
	struct found f = find_long(set, n_set, name, strlen(name));
	if (!f.opt)
		return grx_fail(cx, GRX_E_BUG, "--%s: no such option here", name);
	return set_value(cx, f.set, f.opt, value);
}

static int clash_list(struct grx_ctx *cx, const struct grx_strs *in, const char *out)
{
	int rc = GRX_OK;
	for (int i = 0; i < in->n && rc == GRX_OK; i++)
		rc = grx_same_file_check(cx, in->v[i], out);
	return rc;
}

static int clash_one(struct grx_ctx *cx, const struct grx_opt_set *set, int n_set, const char *out)
{
	int rc = GRX_OK;
	for (int s = 0; s < n_set; s++) {
		for (const struct grx_opt *o = set[s].opts; o && o->name && rc == GRX_OK; o++) {
			if (o->type == GRX_OPT_IN)
				rc = grx_same_file_check(cx, *(const char **)field(&set[s], o), out);
			else if (o->type == GRX_OPT_LIST)
				rc = clash_list(cx, field(&set[s], o), out);
		}
	}
	return rc;
}

int grx_opts_clash(struct grx_ctx *cx, const struct grx_opt_set *set, int n_set, const struct grx_strs *pos)
{
	int rc = GRX_OK;
	for (int s = 0; s < n_set; s++) {
		for (const struct grx_opt *o = set[s].opts; o && o->name && rc == GRX_OK; o++) {
			const char *out = o->type == GRX_OPT_OUT ? *(const char **)field(&set[s], o) : NULL;
			if (out)
				rc = clash_list(cx, pos, out);
			if (out && rc == GRX_OK)
				rc = clash_one(cx, set, n_set, out);
		}
	}
	return rc;
}

bool grx_opts_has(const struct grx_opt *opts, const char *name)
{
	for (const struct grx_opt *o = opts; o && o->name; o++) {
		if (strcmp(o->name, name) == 0)
			return true;
	}
	return false;
}

void grx_opts_clear(const struct grx_opt_set *set, int n_set)
{
	for (int s = 0; s < n_set; s++) {
		for (const struct grx_opt *o = set[s].opts; o && o->name; o++) {
			struct grx_strs *l = field(&set[s], o);
			if (o->type == GRX_OPT_LIST) {
				grx_free(l->v);
				*l = (struct grx_strs){0};
			}
		}
	}
}
