/* SPDX-License-Identifier: GPL-3.0-or-later
 * multiqc.c -- coverage and places by sample, and rows by reason, as custom content of MultiQC (--multiqc).
 * MultiQC reads one plot from a file that it finds by its name *_mqc.json: the table goes into FILE, the bar
 * graph into the file beside it with _rows before that ending. What is missing has no key: MultiQC leaves it
 * empty. */
#include <string.h>

#include "base/log.h"
#include "base/out.h"
#include "base/str.h"
#include "stage/prs/plot_int.h"
#include "stage/prs/prs_int.h"

/* A JSON string; what is not UTF-8 becomes U+FFFD. */
static void put_str(struct grx_str *b, const char *s)
{
	grx_str_addc(b, '"');
	while (*s) {
		size_t n = prs_utf8_len((const unsigned char *)s);
		if (n == 0)
			grx_str_add(b, "\xef\xbf\xbd");
		else if (n == 1 && ((unsigned char)*s < ' ' || *s == 0x7f))
			grx_str_addf(b, "\\u%04x", (unsigned)(unsigned char)*s);
		else if (*s == '"' || *s == '\\')
			grx_str_addf(b, "\\%c", *s);
		else
			grx_str_addn(b, s, n);
		s += n ? n : 1;
	}
	grx_str_addc(b, '"');
}

static void put_num(struct grx_str *b, const char *key, double x)
{
	char buf[32];
	if (isfinite(x))
		grx_str_addf(b, ", \"%s\": %s", key, grx_fmt_g(buf, x, 10));
}

/* One row of the table: a sample and a score. */
static void put_row(struct grx_str *b, const struct prs_state *st, const struct prs_result *r)
{
	struct grx_str key = {0};
	grx_str_add(&key, r->sample);
	if (st->set->n_score > 1)
		grx_str_addf(&key, " | %s", r->col->id);
	put_str(b, key.s ? key.s : "");
	b->oom |= key.oom;
	grx_str_clear(&key);
	grx_str_add(b, ": {\"score\": ");
	put_str(b, r->col->id);
	grx_str_addf(b,
		", \"status\": \"%s\", \"n_rows\": %lld, \"n_matched\": %lld, \"n_called\": %lld, "
		"\"n_imputed\": %lld",
		r->ok ? "ok" : r->refused, (long long)r->n_rows, (long long)r->n_matched,
		(long long)r->n.n_called, (long long)r->n.n_imputed);
	put_num(b, "coverage", 100 * r->coverage);
	put_num(b, "coverage_weight", 100 * r->coverage_weight);
	if (r->ok && r->adjusted && r->adjusted->ok)
		put_num(b, "percentile", r->adjusted->percentile);
	if (r->place && r->place->placed && r->place->pop >= 0) {
		grx_str_add(b, ", \"population\": ");
		put_str(b, prs_ref_pop(st->ref, r->place->pop));
		grx_str_addf(b, ", \"confidence\": \"%s\"", r->place->low_confidence ? "low" : "high");
	}
	grx_str_add(b, "}");
}

static const char parent[] = "  \"parent_id\": \"genorx_prs\",\n  \"parent_name\": \"genorx prs\",\n"
			     "  \"parent_description\": \"polygenic scores: how much of each score was seen, "
			     "and where the samples lie\",\n";

static const char table_head[] =
	"  \"id\": \"genorx_prs_samples\",\n  \"section_name\": \"Scores by sample\",\n"
	"  \"description\": \"A score below the smallest overlap is refused. A percentile is a place among "
	"the people of a "
	"reference panel, not a risk.\",\n"
	"  \"plot_type\": \"table\",\n"
	"  \"pconfig\": {\"id\": \"genorx_prs_samples_table\", \"title\": \"genorx prs: scores by sample\", "
	"\"col1_header\": \"Sample\"},\n"
	"  \"headers\": {\n"
	"    \"score\": {\"title\": \"Score\"},\n"
	"    \"status\": {\"title\": \"Status\", \"description\": \"ok, or why the score is refused\"},\n"
	"    \"n_rows\": {\"title\": \"Rows\", \"description\": \"rows of the scoring file\", \"format\": "
	"\"{:,.0f}\", \"min\": 0},\n"
	"    \"n_matched\": {\"title\": \"Matched\", \"description\": \"rows with a record of the same "
	"alleles\", "
	"\"format\": \"{:,.0f}\", \"min\": 0},\n"
	"    \"n_called\": {\"title\": \"Called\", \"description\": \"rows with a genotype of the sample\", "
	"\"format\": \"{:,.0f}\", \"min\": 0},\n"
	"    \"n_imputed\": {\"title\": \"Expected\", \"description\": \"no-calls that add their "
	"expectation\", "
	"\"format\": \"{:,.0f}\", \"min\": 0},\n"
	"    \"coverage\": {\"title\": \"Coverage\", \"description\": \"called rows of all rows\", "
	"\"suffix\": \"%\", \"min\": 0, "
	"\"max\": 100},\n"
	"    \"coverage_weight\": {\"title\": \"Weight\", \"description\": \"weight of called rows of all "
	"weight\", "
	"\"suffix\": \"%\", \"min\": 0, \"max\": 100},\n"
	"    \"percentile\": {\"title\": \"Percentile\", \"description\": \"in the most similar "
	"population\", \"min\": 0, "
	"\"max\": 100},\n"
	"    \"population\": {\"title\": \"Most similar\"},\n"
	"    \"confidence\": {\"title\": \"Confidence\", \"description\": \"low: no population of the panel "
	"fits well\"}\n  },\n";

static const char rows_head[] =
	"  \"id\": \"genorx_prs_rows\",\n  \"section_name\": \"Score rows by reason\",\n"
	"  \"description\": \"Every row of every scoring file ends with one reason, for good or ill.\",\n"
	"  \"plot_type\": \"bargraph\",\n"
	"  \"pconfig\": {\"id\": \"genorx_prs_rows_plot\", \"title\": \"genorx prs: score rows by reason\", "
	"\"ylab\": \"rows\", \"cpswitch_counts_label\": \"rows\"},\n";

static int put_table(struct grx_ctx *cx, const struct prs_state *st, struct grx_out *o)
{
	struct grx_str b = {0};
	struct prs_count c = {0};
	int file = -1;
	const char *sep = "";
	for (int k = 0; k < st->set->n_col; k++) {
		if (!prs_is_score(st->set, k))
			continue;
		if (st->set->col[k].file != file)
			prs_count_file(st, file = st->set->col[k].file, &c);
		for (int s = 0; s < st->target.n_sample; s++, sep = ",") {
			struct prs_result r;
			prs_result_get(st, k, s, &c, &r);
			grx_str_reset(&b);
			grx_str_addf(&b, "%s\n    ", sep);
			put_row(&b, st, &r);
			grx_out_write(o, b.s, b.n);
		}
	}
	int rc = b.oom ? grx_fail_nomem(cx, "a row for MultiQC") : GRX_OK;
	grx_str_clear(&b);
	return rc;
}

/* Counts are those of the file; a file of several scores is named by its first. */
static int put_rows(struct grx_ctx *cx, const struct prs_state *st, struct grx_out *o)
{
	struct grx_str b = {0};
	const char *sep = "";
	for (int f = 0; f < st->set->n_file; f++) {
		struct prs_count c;
		const char *in = "";
		if (f == st->set->freq_file || f == st->set->loadings_file)
			continue;
		prs_count_file(st, f, &c);
		grx_str_addf(&b, "%s\n    ", sep);
		put_str(&b, st->set->col[st->set->file[f].col_beg].id);
		grx_str_add(&b, ": {");
		for (int i = 0; i < PRS_N_CODE; i++) {
			if (c.n[i] == 0)
				continue;
			grx_str_addf(
				&b, "%s\"%s\": %lld", in, prs_code_name((enum prs_code)i), (long long)c.n[i]);
			in = ", ";
		}
		grx_str_add(&b, "}");
		sep = ",";
	}
	if (b.n)
		grx_out_write(o, b.s, b.n);
	int rc = b.oom ? grx_fail_nomem(cx, "rows for MultiQC") : GRX_OK;
	grx_str_clear(&b);
	return rc;
}

static int document(struct grx_ctx *cx, const struct prs_state *st, const char *path, const char *head,
	int (*data)(struct grx_ctx *, const struct prs_state *, struct grx_out *))
{
	struct grx_out *o;
	int rc = grx_out_open(cx, path, &o);
	if (rc != GRX_OK)
		return rc;
	grx_out_puts(o, "{\n");
	grx_out_puts(o, parent);
	grx_out_puts(o, head);
	grx_out_puts(o, "  \"data\": {");
	rc = data(cx, st, o);
	grx_out_puts(o, "\n  }\n}\n");
	int rc2 = grx_out_close(cx, o);
	return rc ? rc : rc2;
}

/* "x_mqc.json" -> "x_rows_mqc.json". */
static void rows_name(const char *path, struct grx_str *out)
{
	static const char *const end[] = {"_mqc.json", ".json", ""};
	size_t n = strlen(path);
	int i = 0;
	while (!grx_ends(path, end[i]))
		i++;
	grx_str_addn(out, path, n - strlen(end[i]));
	grx_str_addf(out, "_rows%s", end[i]);
}

int prs_multiqc_write(struct grx_ctx *cx, const struct prs_state *st)
{
	int rc = GRX_E_BUG;
	struct grx_str rows = {0};
	const char *path = st->opt->multiqc;
	if (!grx_ends(path, "_mqc.json"))
		grx_warn(cx, "--multiqc %s: MultiQC finds files whose names end in _mqc.json", path);
	rows_name(path, &rows);
	if (rows.oom) {
		rc = grx_fail_nomem(cx, "a name");
		goto out;
	}
	GRX_TRY(document(cx, st, path, table_head, put_table));
	if (!grx_streq(path, "-"))
		GRX_TRY(document(cx, st, rows.s, rows_head, put_rows));
	rc = GRX_OK;
out:
	grx_str_clear(&rows);
	return rc;
}
