/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_out.c -- the weights as a scoring file with the columns of the PGS Catalog, and the report.
 * A variant with weight 0 in the score and in every draw has no row; the report counts them. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/out.h"
#include "io/bgzout.h"
#include "stage/prs/con_int.h"

enum { DIGITS = 8, DRAW_DIGITS = 5 };

int prs_con_result_init(struct grx_ctx *cx, struct con_result *r, size_t m, int n_draw, bool se)
{
	r->b = grx_calloc(m, sizeof *r->b);
	r->se = se ? grx_calloc(m, sizeof *r->se) : NULL;
	r->draw = n_draw > 0 ? grx_calloc((size_t)n_draw * m, sizeof *r->draw) : NULL;
	r->n_draw = n_draw;
	if (!r->b || (se && !r->se) || (n_draw > 0 && !r->draw))
		return grx_fail_nomem(cx, "weights");
	return GRX_OK;
}

void prs_con_result_free(struct con_result *r)
{
	grx_free(r->b);
	grx_free(r->se);
	grx_free(r->draw);
	grx_str_clear(&r->rep.text);
	*r = (struct con_result){0};
}

static void add_number(struct grx_str *t, double x)
{
	char buf[32];
	grx_str_addc(t, '\t');
	if (!isnan(x))
		grx_str_add(t, grx_fmt_g(buf, x, 6));
}

void prs_con_note_line(struct con_report *r, const struct con_line *l)
{
	grx_str_addf(&r->text, "%s\t%s", l->section, l->item);
	add_number(&r->text, l->value);
	add_number(&r->text, l->lo);
	add_number(&r->text, l->hi);
	add_number(&r->text, l->rhat);
	add_number(&r->text, l->ess);
	grx_str_addc(&r->text, '\n');
}

void prs_con_note(struct con_report *r, const char *section, const char *item, double value)
{
	prs_con_note_line(r, &(struct con_line){section, item, value, NAN, NAN, NAN, NAN});
}

void prs_con_note_text(struct con_report *r, const char *section, const char *item, const char *value)
{
	grx_str_addf(&r->text, "%s\t%s\t%s\t\t\t\t\n", section, item, value);
}

/* Plain or bgzip. */
struct sink {
	struct grx_out *plain;
	struct grx_bgz *bgz;
};

static int sink_open(struct grx_ctx *cx, const char *path, struct sink *s)
{
	return grx_ends(path, ".gz") ? grx_bgz_open(cx, path, false, &s->bgz)
				     : grx_out_open(cx, path, &s->plain);
}

static void sink_put(struct sink *s, struct grx_str *t)
{
	if (s->bgz)
		grx_bgz_write(s->bgz, t->s, t->n);
	else
		grx_out_write(s->plain, t->s, t->n);
	grx_str_reset(t);
}

static int sink_close(struct grx_ctx *cx, struct sink *s)
{
	return s->bgz ? grx_bgz_close(cx, s->bgz) : grx_out_close(cx, s->plain);
}

static bool has_weight(const struct con_result *res, size_t m, size_t i)
{
	bool any = res->b[i] != 0;
	for (int k = 0; !any && k < res->n_draw; k++)
		any = res->draw[(size_t)k * m + i] != 0;
	return any;
}

static int64_t count_rows(const struct con_result *res, size_t m)
{
	int64_t n = 0;
	for (size_t i = 0; i < m; i++)
		n += has_weight(res, m, i);
	return n;
}

/* The score's name is that of its file: several traits made by one method can be used together. */
static void add_id(const char *out, const char *method, struct grx_str *t)
{
	const char *slash = strrchr(out, '/'), *name = slash ? slash + 1 : out;
	size_t n = strlen(name);
	if (n > 3 && grx_ends(name, ".gz"))
		n -= 3;
	for (size_t i = n; i-- > 1;)
		if (name[i] == '.') {
			n = i;
			break;
		}
	bool plain = n > 0 && !grx_streq(out, "-");
	for (size_t i = 0; i < n; i++)
		plain = plain && (isalnum((unsigned char)name[i]) || strchr("._-", name[i]));
	if (!plain) {
		grx_str_add(t, method);
		return;
	}
	for (size_t i = 0; i < n; i++)
		grx_str_addc(t, name[i]);
}

static void add_head(const struct con_data *d, const struct con_result *res, struct grx_str *t)
{
	const char *method = d->o->method;
	grx_str_add(t,
		"###PGS CATALOG SCORING FILE - see https://www.pgscatalog.org/downloads/#dl_ftp_scoring for "
		"additional information\n#format_version=2.0\n##POLYGENIC SCORE (PGS) INFORMATION\n");
	grx_str_add(t, "#pgs_id=");
	add_id(d->o->out, method, t);
	grx_str_addf(t, "\n#pgs_name=%s\n#trait_reported=NR\n#genome_build=%s\n", method, d->build);
	grx_str_addf(t, "#variants_number=%lld\n#weight_type=beta\n", (long long)count_rows(res, d->m));
	grx_str_add(t,
		"chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\tallelefrequency_effect");
	if (res->se)
		grx_str_add(t, "\teffect_weight_se");
	for (int k = 0; k < res->n_draw; k++)
		grx_str_addf(t, "\tdraw_%d", k + 1);
	grx_str_addc(t, '\n');
}

static void add_row(const struct con_data *d, const struct con_result *res, size_t i, struct grx_str *t)
{
	char buf[32];
	const struct con_snp *s = &d->snp[i];
	grx_str_addf(t, "%d\t%lld\t%c\t%c\t%s", s->chrom, (long long)s->pos, s->ea, s->oa,
		grx_fmt_g(buf, res->b[i] * s->scale, DIGITS));
	grx_str_addf(t, "\t%s", grx_fmt_g(buf, s->freq, 6));
	if (res->se)
		grx_str_addf(t, "\t%s", grx_fmt_g(buf, res->se[i] * s->scale, DRAW_DIGITS));
	for (int k = 0; k < res->n_draw; k++)
		grx_str_addf(
			t, "\t%s", grx_fmt_g(buf, res->draw[(size_t)k * d->m + i] * s->scale, DRAW_DIGITS));
	grx_str_addc(t, '\n');
}

int prs_con_write(struct grx_ctx *cx, const struct con_data *d, const struct con_result *res)
{
	struct sink s = {0};
	struct grx_str t = {0};
	bool oom = false;
	int rc = sink_open(cx, d->o->out, &s);
	if (rc != GRX_OK)
		return rc;
	if (count_rows(res, d->m) == 0)
		grx_warn(cx, "%s: every weight is 0: the score has no rows", d->o->out);
	add_head(d, res, &t);
	for (size_t i = 0; i < d->m && !oom; i++) {
		if (has_weight(res, d->m, i))
			add_row(d, res, i, &t);
		oom = t.oom;
		if (t.n > 60000)
			sink_put(&s, &t);
	}
	oom = oom || t.oom;
	if (t.n > 0)
		sink_put(&s, &t);
	rc = sink_close(cx, &s);
	grx_str_clear(&t);
	return rc == GRX_OK && oom ? grx_fail_nomem(cx, "weights") : rc;
}

static void add_counts(const struct con_data *d, const struct con_result *res, struct con_report *r)
{
	int64_t count[CON_N_REASON];
	prs_con_count(&d->sum, count);
	prs_con_note(r, "input", "rows", (double)d->sum.n);
	prs_con_note(r, "input", "panel_records", (double)d->panel_records);
	prs_con_note(r, "input", "panel_people", d->panel.n_person);
	prs_con_note(r, "input", "median_n", d->n_median);
	for (int k = 0; k < CON_N_REASON; k++)
		prs_con_note(r, "qc", prs_con_reason_name((enum con_reason)k), (double)count[k]);
	prs_con_note(r, "ld", "blocks", (double)d->n_block);
	prs_con_note(r, "ld", "largest_block", (double)d->largest);
	double pairs = 0,
	       cubes = 0; /* memory of ldpred2-auto and prscs; cost of a Cholesky factor of every block */
	for (size_t k = 0; k < d->n_block; k++) {
		double m = (double)(d->cut[k + 1] - d->cut[k]);
		pairs += m * m;
		cubes += m * m * m;
	}
	prs_con_note(r, "ld", "pairs", pairs);
	prs_con_note(r, "ld", "cubes", cubes);
	prs_con_note(r, "ld", "h2_ldsc", prs_con_h2_ldsc(d));
	prs_con_note(r, "output", "rows", (double)count_rows(res, d->m));
	prs_con_note(r, "output", "weight_zero", (double)d->m - (double)count_rows(res, d->m));
	prs_con_note(r, "output", "draws", res->n_draw);
}

int prs_con_write_report(struct grx_ctx *cx, const struct con_data *d, const struct con_result *res)
{
	struct con_report head = {{0}};
	struct grx_out *out;
	if (!d->o->report)
		return GRX_OK;
	int rc = grx_out_open(cx, d->o->report, &out);
	if (rc != GRX_OK)
		return rc;
	grx_str_add(&head.text, "section\titem\tvalue\tlo\thi\trhat\tess\n");
	prs_con_note_text(&head, "input", "method", d->o->method);
	add_counts(d, res, &head);
	bool oom = head.text.oom || res->rep.text.oom;
	if (!oom) {
		grx_out_puts(out, head.text.s);
		grx_out_puts(out, res->rep.text.n ? res->rep.text.s : "");
	}
	rc = grx_out_close(cx, out);
	grx_str_clear(&head.text);
	return rc == GRX_OK && oom ? grx_fail_nomem(cx, "the report") : rc;
}
