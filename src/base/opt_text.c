/* SPDX-License-Identifier: GPL-3.0-or-later
 * opt_text.c -- help, man page source and canonical text from option tables. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/opt_int.h"

int grx_network_check_opt(struct grx_ctx *cx, const struct grx_opt *o, const char *v)
{
	if (o->type == GRX_OPT_OUT && strstr(v, "://"))
		return grx_fail(cx, GRX_E_USAGE, "--%s: '%s': outputs are local files only", o->name, v);
	return GRX_OK;
}

static const char *value_name(const struct grx_opt *o)
{
	if (o->type == GRX_OPT_FLAG)
		return NULL;
	if (o->type == GRX_OPT_CHOICE)
		return o->range;
	if (o->unit)
		return o->unit;
	switch (o->type) {
	case GRX_OPT_INT:
		return "INT";
	case GRX_OPT_REAL:
		return "NUM";
	case GRX_OPT_IN:
	case GRX_OPT_OUT:
		return "FILE";
	default:
		return "TEXT";
	}
}

static void notes(const struct grx_opt *o, struct grx_str *out)
{
	bool real_default = o->def && *o->def && o->type != GRX_OPT_FLAG;
	if (o->type == GRX_OPT_LIST)
		grx_str_add(out, "; may be repeated");
	if (o->range && o->type != GRX_OPT_CHOICE)
		grx_str_addf(out, " (%s)", o->range);
	if (real_default)
		grx_str_addf(out, " [%s]", o->def);
}

void grx_opts_help(const struct grx_opt_set *set, int n_set, struct grx_str *out)
{
	for (int s = 0; s < n_set; s++) {
		if (!set[s].opts || !set[s].opts->name)
			continue;
		grx_str_addf(out, "\n%s:\n", set[s].title);
		for (const struct grx_opt *o = set[s].opts; o->name; o++) {
			struct grx_str left = {0};
			const char *val = value_name(o);
			if (o->letter)
				grx_str_addf(&left, "  -%c, --%s", o->letter, o->name);
			else
				grx_str_addf(&left, "      --%s", o->name);
			if (val)
				grx_str_addf(&left, " %s", val);
			if (left.oom || left.n > 32)
				grx_str_addf(out, "%s\n%34s", left.s ? left.s : "", "");
			else
				grx_str_addf(out, "%-34s", left.s);
			grx_str_add(out, o->help);
			notes(o, out);
			grx_str_addc(out, '\n');
			grx_str_clear(&left);
		}
	}
}

/* scdoc: underscores, asterisks and backslashes in text are markup. */
static void scdoc_text(struct grx_str *out, const char *s)
{
	for (; *s; s++) {
		if (strchr("_*\\#<[", *s))
			grx_str_addc(out, '\\');
		grx_str_addc(out, *s);
	}
}

void grx_opts_man(const struct grx_opt_set *set, int n_set, struct grx_str *out)
{
	for (int s = 0; s < n_set; s++) {
		if (!set[s].opts || !set[s].opts->name)
			continue;
		grx_str_addf(out, "\n## %s\n\n", set[s].title);
		for (const struct grx_opt *o = set[s].opts; o->name; o++) {
			struct grx_str tail = {0};
			const char *val = value_name(o);
			if (o->letter)
				grx_str_addf(out, "*-%c*, ", o->letter);
			grx_str_addf(out, "*--%s*", o->name);
			if (val) {
				grx_str_add(out, " ");
				scdoc_text(out, val);
			}
			grx_str_add(out, "\n\t");
			grx_str_add(&tail, o->help);
			notes(o, &tail);
			scdoc_text(out, tail.s ? tail.s : "");
			grx_str_add(out, "\n\n");
			grx_str_clear(&tail);
		}
	}
}

static void value_text(const struct grx_opt *o, const void *f, struct grx_str *v)
{
	char num[32];
	switch (o->type) {
	case GRX_OPT_FLAG:
		grx_str_add(v, *(const bool *)f ? "1" : "");
		break;
	case GRX_OPT_INT:
		grx_str_addf(v, "%lld", (long long)*(const int64_t *)f);
		break;
	case GRX_OPT_REAL:
		grx_str_add(v, grx_fmt_g(num, *(const double *)f, 10));
		break;
	case GRX_OPT_LIST: {
		const struct grx_strs *l = f;
		for (int i = 0; i < l->n; i++)
			grx_str_addf(v, "%s%s", i ? "," : "", l->v[i]);
		break;
	}
	default:
		grx_str_add(v, *(const char *const *)f ? *(const char *const *)f : "");
		break;
	}
}

static bool is_default(const struct grx_opt *o, const char *v)
{
	int64_t a, b;
	double x, y;
	const char *def = o->def ? o->def : "";
	if (o->type == GRX_OPT_INT)
		return grx_parse_size(*def ? def : "0", &a) && grx_parse_size(v, &b) && a == b;
	if (o->type == GRX_OPT_REAL)
		return grx_parse_f64(*def ? def : "0", &x) && grx_parse_f64(v, &y) && !(x < y) && !(x > y);
	return strcmp(v, def) == 0;
}

void grx_opts_text(const struct grx_opt_set *set, int n_set, struct grx_str *out)
{
	for (int s = 0; s < n_set; s++) {
		for (const struct grx_opt *o = set[s].opts; o && o->name; o++) {
			struct grx_str v = {0};
			if (o->type == GRX_OPT_OUT)
				continue;
			value_text(o, (const char *)set[s].into + o->offset, &v);
			if (v.s && *v.s && !is_default(o, v.s))
				grx_str_addf(out, "%s--%s=%s", out->n ? " " : "", o->name, v.s);
			grx_str_clear(&v);
		}
	}
}
