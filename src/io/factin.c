/* SPDX-License-Identifier: GPL-3.0-or-later
 * factin.c -- lines of facts grouped by sample: split in one thread, parsed in many. */
#include "io/factin.h"

#include <string.h>

#include <jansson.h>

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "io/fact_int.h"
#include "io/factio.h"
#include "io/text.h"

struct grx_factin {
	struct grx_text *text;
	struct fact_reader r; /* of the end record */
	struct grx_str held;  /* first line of the next group */
	struct grx_str sample;
	bool has_held;
};

/* Sample of a line as this program writes it; else by the parser. Empty when the line is no fact: the error
 * is told by who parses the group. */
static int line_sample(struct grx_ctx *cx, const char *line, struct grx_str *out)
{
	static const char head[] = "{\"id\":\"", mid[] = "\",\"sample\":\"";
	grx_str_reset(out);
	const char *p = grx_starts(line, head) ? strstr(line, mid) : NULL, *q;
	bool plain = p && !memchr(line + sizeof head - 1, '"', (size_t)(p - line) - (sizeof head - 1));
	q = plain ? strchr(p + sizeof mid - 1, '"') : NULL;
	if (q && !memchr(line, '\\', (size_t)(q - line))) {
		p += sizeof mid - 1;
		grx_str_addn(out, p, (size_t)(q - p));
	} else {
		json_t *o = json_loads(line, 0, NULL);
		const char *s = json_string_value(json_object_get(o, "sample"));
		grx_str_add(out, s ? s : "");
		json_decref(o);
	}
	return out->oom ? grx_fail_nomem(cx, "facts") : GRX_OK;
}

/* Blank lines stand nowhere: the parser of lines refuses them. */
static bool is_end(const char *line)
{
	static const char end[] = "{\"id\":\"" GRX_FACTS_END_SAMPLE "|" GRX_FACTS_END_KEY "\"";
	return grx_starts(line, end);
}

int grx_factin_grouped(struct grx_ctx *cx, const char *path, bool *yes)
{
	struct grx_text *t = NULL;
	struct grx_map *seen = NULL;
	struct grx_str now = {0}, last = {0};
	char *line;
	int rc = GRX_E_BUG;

	*yes = strcmp(path, "-") != 0 && !grx_ends(path, ".tsv") && !grx_ends(path, ".tsv.gz");
	if (!*yes)
		return GRX_OK;
	seen = grx_map_new();
	if (!seen)
		return grx_fail_nomem(cx, "facts");
	GRX_TRY(grx_text_open(cx, path, &t));
	for (;;) {
		GRX_TRY(grx_text_line(cx, t, &line));
		if (!line)
			break;
		GRX_TRY(line_sample(cx, line, &now));
		if (grx_streq(now.s, last.s))
			continue;
		*yes = *yes && !grx_map_get(seen, now.s);
		grx_str_reset(&last);
		grx_str_add(&last, now.s);
		if (last.oom || grx_map_set(seen, now.s, cx) != GRX_OK) {
			rc = grx_fail_nomem(cx, "facts");
			goto out;
		}
	}
	rc = GRX_OK;
out:
	grx_map_free(seen);
	grx_text_close(t);
	grx_str_clear(&now);
	grx_str_clear(&last);
	return rc;
}

int grx_factin_open(struct grx_ctx *cx, const char *path, struct grx_factin **out)
{
	struct grx_factin *in = grx_calloc(1, sizeof *in);
	int rc = GRX_E_BUG;
	*out = NULL;
	if (!in)
		return grx_fail_nomem(cx, "facts");
	in->r.path = path;
	in->r.sha = grx_sha_new();
	if (!in->r.sha) {
		rc = grx_fail_nomem(cx, "hash");
		goto out;
	}
	GRX_TRY(grx_text_open(cx, path, &in->text));
	*out = in;
	return GRX_OK;
out:
	grx_factin_close(in);
	return rc;
}

void grx_factin_close(struct grx_factin *in)
{
	char hex[65];
	if (!in)
		return;
	if (in->r.sha)
		(void)!grx_sha_end(in->r.sha, hex);
	grx_text_close(in->text);
	grx_str_clear(&in->held);
	grx_str_clear(&in->sample);
	grx_free(in);
}

/* The next line into held; has_held false at the end of the file, whose end record is compared on the way. */
static int hold(struct grx_ctx *cx, struct grx_factin *in)
{
	char *line;
	int rc = grx_text_line(cx, in->text, &line);
	in->has_held = false;
	if (rc != GRX_OK || !line)
		return rc;
	in->r.line = (long long)grx_text_lineno(in->text);
	in->r.cx = cx;
	if (in->r.ended || is_end(line)) {
		rc = fact_line(&in->r, line);
		return rc == GRX_OK ? hold(cx, in) : rc;
	}
	in->r.n++;
	grx_sha_add(in->r.sha, line, strlen(line));
	grx_sha_add(in->r.sha, "\n", 1);
	grx_str_reset(&in->held);
	grx_str_add(&in->held, line);
	in->has_held = true;
	return in->held.oom ? grx_fail_nomem(cx, "facts") : line_sample(cx, in->held.s, &in->sample);
}

int grx_factin_next(struct grx_ctx *cx, struct grx_factin *in, struct grx_factgroup *g, bool *more)
{
	int rc = in->has_held || in->r.ended ? GRX_OK : hold(cx, in);
	grx_str_reset(&g->sample);
	grx_str_reset(&g->lines);
	g->n = 0;
	g->first_line = in->r.line;
	*more = rc == GRX_OK && in->has_held;
	if (*more)
		grx_str_add(&g->sample, in->sample.s);
	while (rc == GRX_OK && in->has_held && grx_streq(in->sample.s, g->sample.s)) {
		grx_str_addn(&g->lines, in->held.s, in->held.n);
		grx_str_addc(&g->lines, '\n');
		g->n++;
		rc = hold(cx, in);
	}
	return rc == GRX_OK && (g->lines.oom || g->sample.oom) ? grx_fail_nomem(cx, "facts") : rc;
}

int grx_factin_parse(
	struct grx_ctx *cx, const char *path, const struct grx_factgroup *g, struct grx_facts *fs, bool *ours)
{
	struct fact_reader r = {.cx = cx, .path = path, .fs = fs, .line = g->first_line - 1};
	struct grx_str one = {0};
	int rc = GRX_OK;
	for (const char *p = g->lines.s, *end = p + g->lines.n; p < end && rc == GRX_OK;) {
		const char *q = memchr(p, '\n', (size_t)(end - p));
		grx_str_reset(&one);
		grx_str_addn(&one, p, (size_t)(q - p));
		r.line++;
		rc = one.oom ? grx_fail_nomem(cx, "facts") : fact_line(&r, one.s);
		p = q + 1;
	}
	*ours = r.ours;
	grx_str_clear(&one);
	return rc;
}

int grx_factin_end(struct grx_ctx *cx, const struct grx_factin *in, bool ours)
{
	struct fact_reader r = in->r;
	r.cx = cx;
	r.ours = ours;
	return fact_ended(&r);
}

int grx_factin_each(struct grx_ctx *cx, const char *path,
	int (*group)(void *arg, struct grx_ctx *cx, const struct grx_factgroup *g, bool *ours), void *arg)
{
	struct grx_factin *in = NULL;
	struct grx_factgroup g = {0};
	bool more, ours = false;
	int rc = GRX_E_BUG;

	GRX_TRY(grx_factin_open(cx, path, &in));
	for (;;) {
		bool own = false;
		GRX_TRY(grx_factin_next(cx, in, &g, &more));
		if (!more)
			break;
		GRX_TRY(group(arg, cx, &g, &own));
		ours = ours || own;
	}
	rc = grx_factin_end(cx, in, ours);
out:
	grx_str_clear(&g.sample);
	grx_str_clear(&g.lines);
	grx_factin_close(in);
	return rc;
}
