/* SPDX-License-Identifier: GPL-3.0-or-later
 * json.c -- the facts grouped as on the page; each fact has the form of the fact file. */
#include <stdlib.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/out.h"
#include "io/factio.h"
#include "stage/report/report_int.h"

static const struct {
	const char *group, *prefix;
} groups[] = {{"medicines", "recommend/"}, {"genes", "pgx/"}, {"risk", "predict/"}, {"scores", "prs/"},
	{"findings", "variant/"}, {"quality", "qc/"}, {"clinical", "clinical/"}, {"other", ""}};

#define N_GROUP ((int)(sizeof groups / sizeof *groups))

static void put_fact(struct grx_str *b, const struct grx_fact *f, bool first)
{
	char *s = grx_fact_to_json(f);

	if (!s) {
		b->oom = true;
		return;
	}
	grx_str_add(b, first ? "\n" : ",\n");
	grx_str_add(b, s);
	grx_free(s);
}

static bool in_group(const struct grx_fact *f, int g)
{
	for (int i = 0; i < N_GROUP; i++)
		if (grx_starts(f->key, groups[i].prefix))
			return i == g;
	return false;
}

static int put_group(struct report_page *p, int g, struct grx_str *b)
{
	struct report_list l;
	bool first = true;
	int rc = report_select(p, groups[g].prefix, &l);

	if (rc)
		return rc;
	if (g == 0)
		report_sort_meds(&l);
	grx_str_addf(b, ",\n\"%s\":[", groups[g].group);
	for (size_t i = 0; i < l.n; i++) {
		if (!in_group(l.v[i], g))
			continue;
		put_fact(b, l.v[i], first);
		first = false;
	}
	grx_str_addc(b, ']');
	report_list_free(&l);
	return GRX_OK;
}

/* Names of what is missing, so that a reader of the file need not look for it. */
static void put_limits(struct report_page *p, struct grx_str *b)
{
	bool first = true;

	grx_str_add(b, ",\n\"not_assessed\":[");
	for (size_t i = 0; i < p->facts->n; i++) {
		const struct grx_fact *f = p->facts->v[i];
		if (f->status == GRX_FACT_OK || !grx_streq(f->sample, p->sample))
			continue;
		json_t *o = json_pack("{s:s,s:s,s:s}", "key", f->key, "status",
			f->status == GRX_FACT_REFUSED ? "refused" : "missing", "reason",
			report_attr(f, "reason"));
		char *s = o ? json_dumps(o, JSON_COMPACT) : NULL;
		grx_str_add(b, first ? "\n" : ",\n");
		if (s)
			grx_str_add(b, s);
		else
			b->oom = true;
		first = false;
		free(s);
		json_decref(o);
	}
	grx_str_addc(b, ']');
}

static void put_string(struct grx_str *b, const char *s)
{
	json_t *o = json_string(s);
	char *text = o ? json_dumps(o, JSON_ENCODE_ANY) : NULL;

	if (text)
		grx_str_add(b, text);
	else
		b->oom = true;
	free(text);
	json_decref(o);
}

int report_json_write(struct grx_ctx *cx, struct report_page *p, const char *path)
{
	struct grx_str b = {0};
	struct grx_out *out;
	int rc = GRX_OK;

	grx_str_add(&b, "{\"format\":\"genorx-report\",\"version\":\"" GENORX_VERSION "\",\"title\":");
	put_string(&b, p->o->title ? p->o->title : report_s(p->lang, S_TITLE));
	grx_str_add(&b, ",\"intended_use\":");
	put_string(&b, report_s(p->lang, S_RUO));
	grx_str_add(&b, ",\"samples\":[");
	for (int i = 0; i < p->n_sample && !rc; i++) {
		p->sample = p->sample_name[i];
		grx_str_add(&b, i ? ",\n{\"sample\":" : "\n{\"sample\":");
		put_string(&b, p->sample);
		for (int g = 0; g < N_GROUP && !rc; g++)
			rc = put_group(p, g, &b);
		put_limits(p, &b);
		grx_str_addc(&b, '}');
	}
	grx_str_add(&b, "]}\n");
	if (rc || b.oom)
		rc = grx_fail_nomem(cx, "report JSON");
	else
		rc = grx_out_open(cx, path, &out);
	if (!rc) {
		grx_out_write(out, b.s, b.n);
		rc = grx_out_close(cx, out);
	}
	grx_str_clear(&b);
	return rc;
}
