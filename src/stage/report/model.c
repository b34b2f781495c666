/* SPDX-License-Identifier: GPL-3.0-or-later
 * model.c -- picking, ordering and naming facts for the sections. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stage/report/report_int.h"

int report_select(const struct report_page *p, const char *prefix, struct report_list *out)
{
	size_t n = 0;

	*out = (struct report_list){0};
	for (int pass = 0; pass < 2; pass++) {
		if (pass && !(out->v = grx_malloc(n, sizeof *out->v)))
			return GRX_E_NOMEM;
		for (size_t i = 0; i < p->facts->n; i++) {
			const struct grx_fact *f = p->facts->v[i];
			if (!grx_starts(f->key, prefix) || strcmp(f->sample, p->sample) != 0)
				continue;
			if (pass)
				out->v[out->n++] = f;
			else
				n++;
		}
	}
	return GRX_OK;
}

void report_list_free(struct report_list *l)
{
	grx_free(l->v);
	*l = (struct report_list){0};
}

const char *report_rest(const char *key, int i)
{
	for (; i > 0 && key; i--) {
		key = strchr(key, '/');
		if (key)
			key++;
	}
	return key ? key : "";
}

const char *report_part(const char *key, int i, char *buf, size_t cap)
{
	const char *s = report_rest(key, i);

	snprintf(buf, cap, "%.*s", (int)strcspn(s, "/"), s);
	return buf;
}

const char *report_attr(const struct grx_fact *f, const char *key)
{
	const char *s = f ? grx_fact_attr_get(f, key) : NULL;

	return s ? s : "";
}

enum report_level report_level_of(const struct grx_fact *f)
{
	static const char *const name[] = {"act", "caution", "unknown", "info", "standard"};
	const char *s = report_attr(f, "level");

	/* advice withheld: unknown, unless whatever is true calls for more (caution, act); never less */
	for (int i = 0; i < (f->status == GRX_FACT_OK ? 5 : LEVEL_UNKNOWN); i++)
		if (strcmp(s, name[i]) == 0)
			return (enum report_level)i;
	return LEVEL_UNKNOWN; /* a level we do not know is not reassuring */
}

static int cmp_meds(const void *a, const void *b)
{
	const struct grx_fact *x = *(const struct grx_fact *const *)a,
			      *y = *(const struct grx_fact *const *)b;
	int d = (int)report_level_of(x) - (int)report_level_of(y);

	return d ? d : strcmp(x->key, y->key);
}

void report_sort_meds(struct report_list *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof *l->v, cmp_meds);
}

const struct grx_fact *report_find(
	const struct report_page *p, const char *prefix, const char *mid, const char *suffix)
{
	char key[512];
	int n = snprintf(key, sizeof key, "%s%s%s", prefix, mid, suffix);

	return n < 0 || (size_t)n >= sizeof key ? NULL : grx_facts_find(p->facts, p->sample, key);
}

const char *report_value(const struct grx_fact *f, char *buf, size_t cap)
{
	char num[40];

	buf[0] = '\0';
	if (!f)
		return buf;
	if (f->value.type == GRX_V_STR)
		return f->value.str;
	if (f->value.type == GRX_V_NUM)
		snprintf(buf, cap, "%s", grx_fmt_g(num, f->value.num, 6));
	else if (f->value.type == GRX_V_BOOL)
		snprintf(buf, cap, "%s", f->value.num != 0 ? "true" : "false");
	return buf;
}

const char *report_rec_text(const struct grx_fact *f, enum report_lang lang)
{
	const char *s = lang == REPORT_ZH ? report_attr(f, "text_zh") : "";

	if (!*s)
		s = report_attr(f, "text");
	if (!*s && f->status != GRX_FACT_OK)
		s = report_attr(f, "reason");
	if (!*s && f->value.type == GRX_V_STR)
		s = f->value.str;
	return s;
}

/* Its value, or what it may be, or that it is not assessed. */
static void cite_value(const struct report_page *p, const struct grx_fact *f, struct grx_str *out)
{
	char val[64];

	if (f->status == GRX_FACT_OK)
		grx_str_add(out, report_value(f, val, sizeof val));
	else if (*report_attr(f, "candidates"))
		grx_str_addf(out, "%s: %s", report_s(p->lang, S_CANDIDATES), report_attr(f, "candidates"));
	else
		grx_str_add(out, report_s(p->lang, S_NOT_ASSESSED));
}

/* One cited fact in a few words; genes get their diplotype before the phenotype. */
static void cite(const struct report_page *p, const struct grx_fact *f, struct grx_str *out)
{
	char name[128], val[64];
	const struct grx_fact *dip;

	if (out->n)
		grx_str_add(out, "; ");
	if (!grx_starts(f->key, "pgx/")) {
		grx_str_addf(out, "%s ", f->key);
		grx_str_add(out, f->status == GRX_FACT_OK ? report_value(f, val, sizeof val)
							  : report_s(p->lang, S_NOT_ASSESSED));
		return;
	}
	report_part(f->key, 1, name, sizeof name);
	dip = strcmp(report_rest(f->key, 2), "phenotype") != 0 ? NULL
							       : report_find(p, "pgx/", name, "/diplotype");
	grx_str_add(out, name);
	if (dip && dip->status == GRX_FACT_OK)
		grx_str_addf(out, " %s,", report_value(dip, val, sizeof val));
	if (strcmp(report_rest(f->key, 2), "activity_score") == 0)
		grx_str_addf(out, " %s", report_s(p->lang, S_ACTIVITY));
	grx_str_addc(out, ' ');
	cite_value(p, f, out);
}

void report_evidence_text(const struct report_page *p, const struct grx_fact *f, struct grx_str *out)
{
	for (int i = 0; i < f->n_because; i++) {
		const struct grx_because *b = &f->because[i];
		const struct grx_fact *e = b->fact ? grx_facts_by_id(p->facts, b->fact) : NULL;
		if (e) {
			cite(p, e, out);
		} else if (b->fact) {
			grx_str_addf(
				out, "%s%s (%s)", out->n ? "; " : "", b->fact, report_s(p->lang, S_MISSING));
		} else {
			grx_str_addf(out, "%s%s:%lld %s>%s %s", out->n ? "; " : "", b->chrom ? b->chrom : "?",
				(long long)b->pos, b->ref ? b->ref : ".", b->alt ? b->alt : ".",
				b->gt ? b->gt : report_s(p->lang, S_NO_RECORD));
		}
	}
	if (!f->n_because)
		grx_str_add(out, report_attr(f, "genes"));
}

bool report_locus_is_missing(const struct grx_because *b)
{
	return !b->gt || strchr(b->gt, '.') != NULL;
}

bool report_locus_is_ref(const struct grx_because *b)
{
	return !report_locus_is_missing(b) && strspn(b->gt, "0/|") == strlen(b->gt);
}
