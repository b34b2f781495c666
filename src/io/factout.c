/* SPDX-License-Identifier: GPL-3.0-or-later
 * factout.c -- facts as JSON Lines out: fixed key order, closed by an end record with count and SHA-256. */
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/str.h"
#include "genorx/genorx.h"
#include "io/factio.h"

const char *const grx_fact_status_name[3] = {"ok", "missing", "refused"};

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

static void put_string(struct grx_str *b, const char *s)
{
	grx_str_addc(b, '"');
	while (*s) {
		size_t n = 0;
		while (is_plain((unsigned char)s[n])) /* the NUL is not */
			n++;
		grx_str_addn(b, s, n);
		s += n;
		unsigned char c = (unsigned char)*s;
		if (!c)
			break;
		if (c == '"' || c == '\\')
			grx_str_addf(b, "\\%c", c);
		else if (c == '\n')
			grx_str_add(b, "\\n");
		else if (c == '\t')
			grx_str_add(b, "\\t");
		else
			grx_str_addf(b, "\\u%04x", c);
		s++;
	}
	grx_str_addc(b, '"');
}

static void put_key(struct grx_str *b, const char *key)
{
	char last = b->n ? b->s[b->n - 1] : '{';

	if (last != '{' && last != '[')
		grx_str_addc(b, ',');
	put_string(b, key);
	grx_str_addc(b, ':');
}

static void put_kv(struct grx_str *b, const char *key, const char *val)
{
	if (!val)
		return;
	put_key(b, key);
	put_string(b, val);
}

static void put_num(struct grx_str *b, const char *key, double x)
{
	char buf[40];

	if (!isfinite(x))
		return;
	put_key(b, key);
	grx_str_add(b, grx_fmt_g(buf, x, 10));
}

static void put_int(struct grx_str *b, const char *key, int64_t x)
{
	char buf[24], *p = buf + sizeof buf;
	uint64_t u = x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
	put_key(b, key);
	do
		*--p = (char)('0' + u % 10);
	while ((u /= 10) > 0);
	if (x < 0)
		*--p = '-';
	grx_str_addn(b, p, (size_t)(buf + sizeof buf - p));
}

static void put_because(struct grx_str *b, const struct grx_because *e)
{
	if (e->fact) {
		put_string(b, e->fact);
		return;
	}
	grx_str_addc(b, '{');
	put_kv(b, "chrom", e->chrom);
	put_int(b, "pos", e->pos);
	put_kv(b, "ref", e->ref);
	put_kv(b, "alt", e->alt);
	put_kv(b, "name", e->name);
	put_kv(b, "gt", e->gt);
	if (e->dp >= 0)
		put_int(b, "dp", e->dp);
	if (e->gq >= 0)
		put_int(b, "gq", e->gq);
	put_kv(b, "ad", e->ad);
	grx_str_addc(b, '}');
}

static void put_value(struct grx_str *b, const struct grx_value *v)
{
	if (v->type == GRX_V_NUM)
		put_num(b, "value", v->num);
	else if (v->type == GRX_V_STR)
		put_kv(b, "value", v->str);
	else if (v->type == GRX_V_BOOL) {
		put_key(b, "value");
		grx_str_add(b, v->num != 0 ? "true" : "false");
	}
}

static void put_evidence(struct grx_str *b, const struct grx_fact *f)
{
	if (f->n_because > 0) {
		put_key(b, "because");
		grx_str_addc(b, '[');
		for (int i = 0; i < f->n_because; i++) {
			if (i)
				grx_str_addc(b, ',');
			put_because(b, &f->because[i]);
		}
		grx_str_addc(b, ']');
	}
	if (f->stage || f->version || f->refdata || f->rule) {
		put_key(b, "source");
		grx_str_addc(b, '{');
		put_kv(b, "stage", f->stage);
		put_kv(b, "version", f->version);
		put_kv(b, "refdata", f->refdata);
		put_kv(b, "rule", f->rule);
		grx_str_addc(b, '}');
	}
	if (f->n_attr > 0) {
		put_key(b, "attrs");
		grx_str_addc(b, '{');
		for (int i = 0; i < f->n_attr; i++)
			put_kv(b, f->attr[i].key, f->attr[i].val ? f->attr[i].val : "");
		grx_str_addc(b, '}');
	}
}

static void put_fact(struct grx_str *b, const struct grx_fact *f)
{
	grx_str_addc(b, '{');
	put_kv(b, "id", f->id);
	put_kv(b, "sample", f->sample);
	put_kv(b, "key", f->key);
	put_value(b, &f->value);
	put_kv(b, "unit", f->unit);
	if (f->has_lo)
		put_num(b, "lo", f->lo);
	if (f->has_hi)
		put_num(b, "hi", f->hi);
	if (f->n >= 0)
		put_int(b, "n", f->n);
	put_kv(b, "status", grx_fact_status_name[f->status]);
	put_evidence(b, f);
	grx_str_addc(b, '}');
}

char *grx_fact_to_json(const struct grx_fact *f)
{
	struct grx_str b = {0};

	put_fact(&b, f);
	if (b.oom) {
		grx_str_clear(&b);
		return NULL;
	}
	return b.s; /* grx_str grows by the malloc gate, which is freed by free() */
}

static void put_end(struct grx_str *b, size_t n, const char *hex)
{
	grx_str_addc(b, '{');
	put_kv(b, "id", GRX_FACTS_END_SAMPLE "|" GRX_FACTS_END_KEY);
	put_kv(b, "sample", GRX_FACTS_END_SAMPLE);
	put_kv(b, "key", GRX_FACTS_END_KEY);
	put_int(b, "value", (int64_t)n);
	grx_str_add(
		b, ",\"status\":\"ok\",\"source\":{\"stage\":\"genorx\",\"version\":\"" GENORX_VERSION "\"}");
	grx_str_addf(b, ",\"attrs\":{\"sha256\":\"%s\"}}\n", hex);
}

int grx_facts_lines(const struct grx_facts *fs, struct grx_str *b)
{
	for (size_t i = 0; i < fs->n; i++) {
		put_fact(b, fs->v[i]);
		grx_str_addc(b, '\n');
	}
	return b->oom ? GRX_E_NOMEM : GRX_OK;
}

struct grx_factout {
	struct grx_facts_sink sink; /* first: the sink is the writer */
	struct grx_out *out;
	struct grx_sha *sha;
	size_t n;
};

static int sink_put(
	struct grx_facts_sink *sink, struct grx_ctx *cx, const char *lines, size_t n, size_t n_facts)
{
	struct grx_factout *w = (struct grx_factout *)sink;
	(void)cx;
	grx_sha_add(w->sha, lines, n);
	grx_out_write(w->out, lines, n);
	w->n += n_facts;
	return GRX_OK; /* write errors stick and show at the close */
}

int grx_factout_open(struct grx_ctx *cx, const char *path, struct grx_factout **out)
{
	struct grx_factout *w = grx_calloc(1, sizeof *w);
	int rc = GRX_E_BUG;
	*out = NULL;
	if (!w || !(w->sha = grx_sha_new())) {
		rc = grx_fail_nomem(cx, "hash");
		goto out;
	}
	w->sink.put = sink_put;
	GRX_TRY(grx_out_open(cx, path, &w->out));
	*out = w;
	return GRX_OK;
out:
	grx_factout_abandon(cx, w);
	return rc;
}

struct grx_facts_sink *grx_factout_sink(struct grx_factout *w)
{
	return &w->sink;
}

void grx_factout_abandon(struct grx_ctx *cx, struct grx_factout *w)
{
	char hex[65];
	if (!w)
		return;
	if (w->sha)
		(void)!grx_sha_end(w->sha, hex);
	if (w->out)
		(void)!grx_out_close(cx, w->out);
	grx_free(w);
}

int grx_factout_add(struct grx_ctx *cx, struct grx_factout *w, const struct grx_facts *fs)
{
	struct grx_str b = {0};
	int rc = GRX_OK;
	for (size_t i = 0; i < fs->n && rc == GRX_OK; i++) {
		grx_str_reset(&b);
		put_fact(&b, fs->v[i]);
		grx_str_addc(&b, '\n');
		rc = b.oom ? grx_fail_nomem(cx, "fact line") : sink_put(&w->sink, cx, b.s, b.n, 1);
	}
	grx_str_clear(&b);
	return rc;
}

int grx_factout_close(struct grx_ctx *cx, struct grx_factout *w)
{
	struct grx_str b = {0};
	char hex[65];
	int rc = grx_sha_end(w->sha, hex);
	w->sha = NULL;
	if (rc != GRX_OK) {
		rc = grx_fail(cx, rc, "facts: SHA-256 failed");
	} else {
		put_end(&b, w->n, hex);
		if (b.oom)
			rc = grx_fail_nomem(cx, "fact line");
		else
			grx_out_write(w->out, b.s, b.n);
	}
	int close_rc = grx_out_close(cx, w->out);
	w->out = NULL;
	grx_factout_abandon(cx, w);
	grx_str_clear(&b);
	return rc == GRX_OK ? close_rc : rc;
}

int grx_facts_write(struct grx_ctx *cx, const char *path, const struct grx_facts *fs)
{
	struct grx_factout *w;
	int rc = grx_factout_open(cx, path, &w);
	if (rc != GRX_OK)
		return rc;
	rc = grx_factout_add(cx, w, fs);
	if (rc == GRX_OK)
		return grx_factout_close(cx, w);
	grx_factout_abandon(cx, w);
	return rc;
}
