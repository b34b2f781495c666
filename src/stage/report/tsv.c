/* SPDX-License-Identifier: GPL-3.0-or-later
 * tsv.c -- one row a recommendation or phenotype, safe to open in a spreadsheet. */
#include <string.h>

#include "base/out.h"
#include "stage/report/report_int.h"

void report_tsv_cell(struct grx_str *b, const char *text)
{
	if (*text && strchr("=+-@\t\r", *text))
		grx_str_addc(b, '\'');
	for (const char *s = text; *s; s++)
		grx_str_addc(b, (unsigned char)*s < 0x20 || *s == 0x7f ? ' ' : *s);
}

static const char *status(const struct grx_fact *f)
{
	static const char *const name[] = {"ok", "missing", "refused"};

	return name[f->status];
}

static void row(const struct report_page *p, const struct grx_fact *f, bool rec, struct grx_str *b)
{
	static const char *const level[] = {"act", "caution", "unknown", "info", "standard"};
	struct grx_str e = {0};
	char val[64];
	const char *cell[8] = {p->sample, rec ? "recommendation" : "phenotype", f->key,
		report_value(f, val, sizeof val), status(f), rec ? level[report_level_of(f)] : "",
		rec ? report_rec_text(f, p->lang) : report_attr(f, "reason"), ""};

	if (rec && f->status != GRX_FACT_OK && *report_attr(f, "action"))
		cell[3] = report_attr(f, "action"); /* INSUFFICIENT_DATA, NO_RULE */
	report_evidence_text(p, f, &e);
	if (e.s)
		cell[7] = e.s;
	for (int i = 0; i < 8; i++) {
		report_tsv_cell(b, cell[i]);
		grx_str_addc(b, i == 7 ? '\n' : '\t');
	}
	b->oom = b->oom || e.oom;
	grx_str_clear(&e);
}

static int sample_rows(struct report_page *p, struct grx_str *b)
{
	struct report_list l;
	int rc = report_select(p, "recommend/", &l);

	if (!rc) {
		report_sort_meds(&l);
		for (size_t i = 0; i < l.n; i++)
			row(p, l.v[i], true, b);
		report_list_free(&l);
		rc = report_select(p, "pgx/", &l);
	}
	for (size_t i = 0; i < l.n && !rc; i++)
		if (strcmp(report_rest(l.v[i]->key, 2), "phenotype") == 0)
			row(p, l.v[i], false, b);
	report_list_free(&l);
	return rc;
}

int report_tsv_write(struct grx_ctx *cx, struct report_page *p, const char *path)
{
	struct grx_str b = {0};
	struct grx_out *out;
	int rc = GRX_OK;

	grx_str_add(&b, "sample\tkind\tkey\tvalue\tstatus\tlevel\ttext\tevidence\n");
	for (int i = 0; i < p->n_sample && !rc; i++) {
		p->sample = p->sample_name[i];
		rc = sample_rows(p, &b);
	}
	if (rc || b.oom)
		rc = grx_fail_nomem(cx, "report table");
	else
		rc = grx_out_open(cx, path, &out);
	if (!rc) {
		grx_out_write(out, b.s, b.n);
		rc = grx_out_close(cx, out);
	}
	grx_str_clear(&b);
	return rc;
}
