/* SPDX-License-Identifier: GPL-3.0-or-later
 * factio.c -- facts as JSON Lines in, strictly.
 * The end record closes a written file: a file by this program without it has lost its tail. */
#include "io/factio.h"

#include <math.h>
#include <string.h>

#include <jansson.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/str.h"
#include "genorx/genorx.h"
#include "io/fact_int.h"
#include "io/text.h"

static int bad(struct fact_reader *r, const char *what, const char *found)
{
	return grx_fail(r->cx, GRX_E_DATA, "%s:%lld: %s%s%.80s%s", r->path, r->line, what, found ? ": '" : "",
		found ? found : "", found ? "'" : "");
}

/* Optional string member; JSON null counts as absent. */
static int get_str(struct fact_reader *r, json_t *o, const char *key, const char **out)
{
	json_t *j = json_object_get(o, key);

	*out = NULL;
	if (!j || json_is_null(j))
		return GRX_OK;
	if (!json_is_string(j))
		return bad(r, "not a string", key);
	*out = grx_facts_dup(r->fs, json_string_value(j));
	return *out ? GRX_OK : grx_fail_nomem(r->cx, "fact");
}

static int get_int(struct fact_reader *r, json_t *o, const char *key, int64_t *out)
{
	json_t *j = json_object_get(o, key);

	if (!j || json_is_null(j))
		return GRX_OK;
	if (!json_is_integer(j) || json_integer_value(j) < 0)
		return bad(r, "not an integer >= 0", key);
	*out = json_integer_value(j);
	return GRX_OK;
}

static int check_keys(struct fact_reader *r, json_t *o, const char *const *known, const char *what)
{
	const char *key;
	json_t *val;

	json_object_foreach(o, key, val)
	{
		int i = 0;
		while (known[i] && strcmp(known[i], key) != 0)
			i++;
		if (!known[i])
			return bad(r, what, key);
	}
	return GRX_OK;
}

static int read_locus(struct fact_reader *r, json_t *o, struct grx_fact *f)
{
	static const char *const known[] = {
		"chrom", "pos", "ref", "alt", "name", "gt", "dp", "gq", "ad", NULL};
	int rc = GRX_E_BUG;
	struct grx_because b = {.dp = -1, .gq = -1};
	int64_t pos = -1, dp = -1, gq = -1;

	GRX_TRY(check_keys(r, o, known, "unknown member of a locus in \"because\""));
	GRX_TRY(get_str(r, o, "chrom", &b.chrom));
	GRX_TRY(get_int(r, o, "pos", &pos));
	GRX_TRY(get_str(r, o, "ref", &b.ref));
	GRX_TRY(get_str(r, o, "alt", &b.alt));
	GRX_TRY(get_str(r, o, "name", &b.name));
	GRX_TRY(get_str(r, o, "gt", &b.gt));
	GRX_TRY(get_int(r, o, "dp", &dp));
	GRX_TRY(get_int(r, o, "gq", &gq));
	GRX_TRY(get_str(r, o, "ad", &b.ad));
	if (!b.chrom || pos < 0 || dp > INT32_MAX || gq > INT32_MAX)
		return bad(r, "a locus in \"because\" needs chrom and pos", NULL);
	b.pos = pos;
	b.dp = (int32_t)dp;
	b.gq = (int32_t)gq;
	rc = grx_fact_because(r->fs, f, &b);
out:
	return rc;
}

static int read_because(struct fact_reader *r, json_t *o, struct grx_fact *f)
{
	json_t *a = json_object_get(o, "because"), *j;
	size_t i;

	if (a && !json_is_array(a))
		return bad(r, "\"because\" is not a list", NULL);
	json_array_foreach(a, i, j)
	{
		int rc;
		if (json_is_string(j))
			rc = grx_fact_because_fact(r->fs, f, json_string_value(j));
		else if (json_is_object(j))
			rc = read_locus(r, j, f);
		else
			rc = bad(r, "\"because\" holds neither a fact id nor a locus", NULL);
		if (rc)
			return r->cx->err.status ? rc : grx_fail_nomem(r->cx, "evidence");
	}
	return GRX_OK;
}

static int read_attrs(struct fact_reader *r, json_t *o, struct grx_fact *f)
{
	json_t *a = json_object_get(o, "attrs"), *val;
	const char *key;

	if (a && !json_is_object(a))
		return bad(r, "\"attrs\" is not an object", NULL);
	json_object_foreach(a, key, val)
	{
		if (!json_is_string(val))
			return bad(r, "attribute is not a string", key);
		if (grx_fact_attr(r->fs, f, key, "%s", json_string_value(val)))
			return grx_fail_nomem(r->cx, "attribute");
	}
	return GRX_OK;
}

static int read_source(struct fact_reader *r, json_t *o, struct grx_fact *f)
{
	static const char *const known[] = {"stage", "version", "refdata", "rule", NULL};
	int rc = GRX_E_BUG;
	json_t *s = json_object_get(o, "source");

	f->stage = f->version = f->refdata = f->rule = NULL;
	if (!s)
		return GRX_OK;
	if (!json_is_object(s))
		return bad(r, "\"source\" is not an object", NULL);
	GRX_TRY(check_keys(r, s, known, "unknown member of \"source\""));
	GRX_TRY(get_str(r, s, "stage", &f->stage));
	GRX_TRY(get_str(r, s, "version", &f->version));
	GRX_TRY(get_str(r, s, "refdata", &f->refdata));
	GRX_TRY(get_str(r, s, "rule", &f->rule));
	if (f->version)
		r->ours = true;
	rc = GRX_OK;
out:
	return rc;
}

static int read_value(struct fact_reader *r, json_t *o, struct grx_fact *f)
{
	json_t *j = json_object_get(o, "value");
	int rc = GRX_OK;

	if (!j || json_is_null(j))
		return GRX_OK;
	if (f->status != GRX_FACT_OK)
		return bad(r, "a fact with a value must have status ok", f->key);
	if (json_is_number(j)) {
		rc = grx_fact_num_set(r->fs, f, json_number_value(j), f->unit);
	} else if (json_is_string(j)) {
		rc = grx_fact_str_set(r->fs, f, json_string_value(j));
	} else if (json_is_boolean(j)) {
		f->value.type = GRX_V_BOOL;
		f->value.num = json_is_true(j) ? 1 : 0;
	} else {
		return bad(r, "value is neither number, string nor boolean", f->key);
	}
	return rc ? grx_fail_nomem(r->cx, "value") : GRX_OK;
}

static int read_bounds(struct fact_reader *r, json_t *o, struct grx_fact *f)
{
	json_t *lo = json_object_get(o, "lo"), *hi = json_object_get(o, "hi");

	if ((lo && !json_is_number(lo)) || (hi && !json_is_number(hi)))
		return bad(r, "lo or hi is not a number", f->key);
	f->has_lo = lo != NULL;
	f->has_hi = hi != NULL;
	f->lo = lo ? grx_fact_quantise(json_number_value(lo)) : 0;
	f->hi = hi ? grx_fact_quantise(json_number_value(hi)) : 0;
	return get_int(r, o, "n", &f->n);
}

static int read_status(struct fact_reader *r, const char *s, struct grx_fact *f)
{
	f->status = GRX_FACT_OK;
	if (!s)
		return GRX_OK;
	for (int i = 0; i < 3; i++)
		if (strcmp(s, grx_fact_status_name[i]) == 0) {
			f->status = (enum grx_fact_status)i;
			return GRX_OK;
		}
	return bad(r, "status must be ok, missing or refused; found", s);
}

/* Everything but id, sample and key. */
static int read_rest(struct fact_reader *r, json_t *o, struct grx_fact *f)
{
	int rc = GRX_E_BUG;
	const char *status;

	GRX_TRY(get_str(r, o, "status", &status));
	GRX_TRY(read_status(r, status, f));
	GRX_TRY(get_str(r, o, "unit", &f->unit));
	GRX_TRY(read_value(r, o, f));
	GRX_TRY(read_bounds(r, o, f));
	GRX_TRY(read_because(r, o, f));
	GRX_TRY(read_source(r, o, f));
	GRX_TRY(read_attrs(r, o, f));
	rc = GRX_OK;
out:
	return rc;
}

/* A fact whose id is known: fine when equal in all parts. */
static int same_again(struct fact_reader *r, json_t *o, const struct grx_fact *old)
{
	int rc = GRX_E_BUG;
	struct fact_reader tmp = *r;
	struct grx_fact *f;
	char *a = NULL, *b = NULL;

	tmp.fs = grx_facts_new();
	if (!tmp.fs)
		return grx_fail_nomem(r->cx, "facts");
	GRX_TRY(grx_facts_add(r->cx, tmp.fs, old->sample, old->key, "", &f));
	GRX_TRY(read_rest(&tmp, o, f));
	r->ours = tmp.ours;
	a = grx_fact_to_json(old);
	b = grx_fact_to_json(f);
	if (!a || !b)
		rc = grx_fail_nomem(r->cx, "facts");
	else if (strcmp(a, b) != 0)
		rc = bad(r, "a different fact of this id is already known", old->key);
	else
		rc = GRX_OK;
out:
	grx_free(a);
	grx_free(b);
	grx_facts_free(tmp.fs);
	return rc;
}

static int read_end(struct fact_reader *r, json_t *o)
{
	json_t *v = json_object_get(o, "value");
	const char *want = json_string_value(json_object_get(json_object_get(o, "attrs"), "sha256"));
	char hex[65];
	if (!r->sha)
		return bad(r, "an end record written by other hands", NULL);
	int rc = grx_sha_end(r->sha, hex);

	r->sha = NULL;
	r->ended = true;
	if (rc)
		return grx_fail(r->cx, rc, "SHA-256 failed");
	if (!json_is_integer(v) || (size_t)json_integer_value(v) != r->n)
		return grx_fail(r->cx, GRX_E_DATA,
			"%s:%lld: the end record counts %lld facts, the file has %zu: lines lost", r->path,
			r->line, (long long)json_integer_value(v), r->n);
	if (!want || strcmp(want, hex) != 0)
		return bad(r,
			"the checksum in the end record does not fit the lines before it: file changed or "
			"damaged",
			NULL);
	return GRX_OK;
}

static int read_object(struct fact_reader *r, json_t *o)
{
	static const char *const known[] = {"id", "sample", "key", "value", "unit", "lo", "hi", "n", "status",
		"because", "source", "attrs", NULL};
	int rc = GRX_E_BUG;
	const char *id = json_string_value(json_object_get(o, "id"));
	const char *sample = json_string_value(json_object_get(o, "sample"));
	const char *key = json_string_value(json_object_get(o, "key"));
	const struct grx_fact *old;
	struct grx_fact *f;

	GRX_TRY(check_keys(r, o, known, "unknown member"));
	if (!sample || !*sample || !key || !*key)
		return bad(r, "a fact needs \"sample\" and \"key\" as non-empty strings", NULL);
	size_t ns = strlen(sample);
	if (id && (strncmp(id, sample, ns) != 0 || id[ns] != '|' || strcmp(id + ns + 1, key) != 0))
		return bad(r, "id is not SAMPLE|KEY", id);
	if (strcmp(key, GRX_FACTS_END_KEY) == 0)
		return read_end(r, o);
	r->n++;
	old = grx_facts_find(r->fs, sample, key);
	if (old)
		return same_again(r, o, old);
	GRX_TRY(grx_facts_add(r->cx, r->fs, sample, key, "", &f));
	GRX_TRY(read_rest(r, o, f));
	rc = GRX_OK;
out:
	return rc;
}

int fact_line(struct fact_reader *r, const char *line)
{
	json_error_t e;
	json_t *o;
	int rc;

	if (r->ended)
		return bad(r, "text after the end record: concatenated files are given one by one", NULL);
	o = json_loads(line, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
	if (!o && grx_mem_refused()) /* the parser calls that a fault of the text */
		return grx_fail_nomem(r->cx, "facts");
	if (!o)
		return grx_fail(
			r->cx, GRX_E_DATA, "%s:%lld:%d: not JSON: %s", r->path, r->line, e.column, e.text);
	rc = json_is_object(o) ? read_object(r, o) : bad(r, "a line is one JSON object", NULL);
	json_decref(o);
	if (!rc && !r->ended && r->sha) {
		grx_sha_add(r->sha, line, strlen(line));
		grx_sha_add(r->sha, "\n", 1);
	}
	return rc;
}

int fact_ended(const struct fact_reader *r)
{
	return r->ours && !r->ended ? grx_fail(r->cx, GRX_E_DATA,
					      "%s:%lld: truncated: facts of this program, but no end record; "
					      "make it again",
					      r->path, r->line)
				    : GRX_OK;
}

static int read_json(struct fact_reader *r)
{
	int rc = GRX_E_BUG;
	struct grx_text *t = NULL;
	char *line, hex[65];

	r->sha = grx_sha_new();
	if (!r->sha)
		return grx_fail_nomem(r->cx, "hash");
	GRX_TRY(grx_text_open(r->cx, r->path, &t));
	for (;;) {
		GRX_TRY(grx_text_line(r->cx, t, &line));
		if (!line)
			break;
		r->line = (long long)grx_text_lineno(t);
		GRX_TRY(fact_line(r, line));
	}
	rc = fact_ended(r);
out:
	if (r->sha)
		(void)!grx_sha_end(r->sha, hex);
	grx_text_close(t);
	return rc;
}

/* A table row as the JSON object it stands for, so that both forms go one way. */
static json_t *row_to_json(const struct grx_table *tb, const int *col)
{
	static const char *const name[] = {"sample", "key", "value", "unit", "status", "n", "lo", "hi"};
	json_t *o = json_object();

	for (int i = 0; o && i < 8; i++) {
		const char *s = grx_table_get(tb, col[i]);
		double x;
		int64_t n;
		json_t *v = NULL;

		if (!*s)
			continue;
		if (i == 5 && grx_parse_i64(s, &n))
			v = json_integer(n);
		else if ((i == 2 || i > 5) && grx_parse_f64(s, &x))
			v = json_real(x);
		else
			v = json_string(s);
		if (json_object_set_new(o, name[i], v)) {
			json_decref(o);
			o = NULL;
		}
	}
	if (o && !json_object_get(o, "value") && !json_object_get(o, "status")) {
		json_object_set_new(o, "status", json_string("missing"));
		json_object_set_new(o, "attrs", json_pack("{ss}", "reason", "no value in the table"));
	}
	return o;
}

static int read_tsv(struct fact_reader *r)
{
	static const char *const name[] = {"sample", "key", "value", "unit", "status", "n", "lo", "hi"};
	int rc = GRX_E_BUG, col[8];
	struct grx_table *tb = NULL;
	bool more;

	GRX_TRY(grx_table_open(r->cx, r->path, false, &tb));
	for (int i = 0; i < 8; i++) {
		col[i] = grx_table_col(tb, name[i]);
		if (i < 3)
			GRX_TRY(grx_table_need(r->cx, tb, name[i], &col[i]));
	}
	for (;;) {
		GRX_TRY(grx_table_next(r->cx, tb, &more));
		if (!more)
			break;
		r->line = (long long)grx_table_lineno(tb);
		json_t *o = row_to_json(tb, col);
		if (!o) {
			rc = grx_fail_nomem(r->cx, "fact");
			goto out;
		}
		rc = read_object(r, o);
		json_decref(o);
		if (rc)
			goto out;
	}
	rc = GRX_OK;
out:
	grx_table_close(tb);
	return rc;
}

int grx_facts_read(struct grx_ctx *cx, const char *path, struct grx_facts *fs)
{
	struct fact_reader r = {.cx = cx, .path = path, .fs = fs};

	return grx_ends(path, ".tsv") || grx_ends(path, ".tsv.gz") ? read_tsv(&r) : read_json(&r);
}
