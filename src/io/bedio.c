/* SPDX-License-Identifier: GPL-3.0-or-later
 * bedio.c -- regions from BED files and from the command line.
 * Names are matched exactly: chr1 is not 1 here, because a silent alias hides a wrong build. */
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/text.h"

struct bed_line {
	struct grx_ctx *cx;
	const char *path;
	long long lineno;
	int64_t n_row, n_known;
	char unknown[64]; /* first unknown contig */
};

/* Cut at tabs, or at blanks when there is no tab; only the first three fields count. */
static int cut(char *line, char **f)
{
	if (strchr(line, '\t'))
		return grx_split(line, '\t', f, 4);
	int n = 0;
	for (char *save, *s = strtok_r(line, " ", &save); s && n < 4; s = strtok_r(NULL, " ", &save))
		f[n++] = s;
	return n;
}

static int fail_at(struct bed_line *b, const char *what, const char *found)
{
	return grx_fail(b->cx, GRX_E_DATA,
		"%s:%lld: %s: '%.60s'; expected contig, start, end (0-based, tab-separated)", b->path,
		b->lineno, what, found);
}

static int add_row(struct bed_line *b, char *line, const struct grx_contigs *d, struct grx_bed *out)
{
	char *f[4] = {NULL, NULL, NULL, NULL};
	int64_t beg, end, len;
	int n = cut(line, f);

	if (n < 3)
		return fail_at(b, "fewer than 3 columns", line);
	if (!grx_parse_i64(f[1], &beg)) {
		int64_t x;
		if (b->n_row == 0 && !grx_parse_i64(f[2], &x) && grx_contigs_find(d, f[0]) < 0 &&
			strncmp(f[0], "chr", 3) == 0) {
			grx_warn(b->cx, "%s:%lld: taken for a header line", b->path, b->lineno);
			return GRX_OK;
		}
		return fail_at(b, "start is not an integer", f[1]);
	}
	if (!grx_parse_i64(f[2], &end))
		return fail_at(b, "end is not an integer", f[2]);
	if (beg < 0)
		return fail_at(b, "negative start", f[1]);
	if (beg >= end)
		return fail_at(b, "start is not below end", f[2]);
	b->n_row++;
	int32_t tid = grx_contigs_find(d, f[0]);
	if (tid < 0) {
		if (!*b->unknown)
			strncat(b->unknown, f[0], sizeof b->unknown - 1);
		grx_warn(b->cx, "%s:%lld: contig %s is not in the data", b->path, b->lineno, f[0]);
		return GRX_OK;
	}
	b->n_known++;
	len = d->c[tid].len;
	if (len && end > len)
		return fail_at(b, "end is beyond the contig", f[2]);
	return grx_bed_add(b->cx, out, tid, beg, end);
}

int grx_bed_read(struct grx_ctx *cx, const char *path, const struct grx_contigs *d, struct grx_bed *out)
{
	int rc = GRX_E_BUG;
	struct grx_text *t = NULL;
	struct bed_line b = {.cx = cx, .path = path};
	char *line;

	GRX_TRY(grx_text_open(cx, path, &t));
	for (;;) {
		GRX_TRY(grx_text_line(cx, t, &line));
		if (!line)
			break;
		b.lineno = (long long)grx_text_lineno(t);
		if (!*line || *line == '#' || grx_starts(line, "track") || grx_starts(line, "browser"))
			continue;
		GRX_TRY(add_row(&b, line, d, out));
	}
	if (b.n_row == 0)
		rc = grx_fail(
			cx, GRX_E_DATA, "%s: no regions: an empty BED does not mean the whole genome", path);
	else if (b.n_known == 0)
		rc = grx_fail(cx, GRX_E_MISMATCH, "%s: no contig in common with the data: '%s' against '%s'",
			path, b.unknown, d->n ? d->c[0].name : "(none)");
	else
		rc = GRX_OK;
	grx_bed_finish(out);
out:
	grx_text_close(t);
	return rc;
}

/* "1,000" -> 1000; digits and thousands commas only. */
static bool parse_pos(const char *s, size_t n, int64_t *out)
{
	char buf[32];
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == ',')
			continue;
		if (s[i] < '0' || s[i] > '9' || k + 1 >= sizeof buf)
			return false;
		buf[k++] = s[i];
	}
	buf[k] = '\0';
	return k > 0 && s[n - 1] != ',' && s[0] != ',' && grx_parse_i64(buf, out);
}

/* The part after the colon: "5000" one base, "5000-" to the end, "1,000-2,000". 1-based inclusive to
 * half-open. */
static bool parse_range(const char *s, int64_t len, int64_t *beg, int64_t *end)
{
	const char *dash = strchr(s, '-');

	if (!parse_pos(s, dash ? (size_t)(dash - s) : strlen(s), beg))
		return false;
	if (!dash)
		*end = *beg;
	else if (!dash[1])
		*end = len ? len : INT32_MAX;
	else if (!parse_pos(dash + 1, strlen(dash + 1), end))
		return false;
	*beg -= 1;
	return *beg >= 0 && *beg < *end;
}

/* Names the contig that differs by "chr" only, if there is one. */
static int unknown_contig(struct grx_ctx *cx, const char *text, const struct grx_contigs *d)
{
	char name[256];
	size_t n = strcspn(text, ":");
	int32_t alias = -1;

	if (n < sizeof name) {
		memcpy(name, text, n);
		name[n] = '\0';
		alias = grx_contigs_find_alias(d, name);
	}
	if (alias >= 0)
		return grx_fail(cx, GRX_E_MISMATCH,
			"region '%s': the data name this contig '%s': use that name", text, d->c[alias].name);
	return grx_fail(cx, GRX_E_MISMATCH, "region '%s': no such contig; the data have '%s'%s", text,
		d->n ? d->c[0].name : "(none)", d->n > 1 ? " and others" : "");
}

int grx_region_parse(struct grx_ctx *cx, const char *text, const struct grx_contigs *d, struct grx_bed *out)
{
	int rc = GRX_E_BUG;
	int32_t tid = grx_contigs_find(d, text); /* names may hold colons: the whole text first */
	const char *colon = strrchr(text, ':');
	int64_t beg = 0, end = tid >= 0 ? d->c[tid].len : 0;

	if (tid < 0 && colon) {
		char *name = grx_strdup(text);
		if (!name)
			return grx_fail_nomem(cx, "region");
		name[colon - text] = '\0';
		tid = grx_contigs_find(d, name);
		grx_free(name);
		if (tid >= 0 && !parse_range(colon + 1, d->c[tid].len, &beg, &end))
			return grx_fail(cx, GRX_E_USAGE,
				"region '%s': '%s' is not a range; expected CONTIG, CONTIG:POS or "
				"CONTIG:BEG-END (1-based)",
				text, colon + 1);
	} else if (tid >= 0 && end == 0) {
		end = INT32_MAX; /* length unknown */
	}
	if (tid < 0)
		return unknown_contig(cx, text, d);
	int64_t len = d->c[tid].len;
	if (len && beg >= len)
		return grx_fail(cx, GRX_E_USAGE,
			"region '%s': begins beyond the contig, which has %lld bases", text, (long long)len);
	if (len && end > len)
		end = len;
	GRX_TRY(grx_bed_add(cx, out, tid, beg, end));
	grx_bed_finish(out);
	rc = GRX_OK;
out:
	return rc;
}
