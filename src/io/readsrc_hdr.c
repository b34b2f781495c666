/* SPDX-License-Identifier: GPL-3.0-or-later
 * readsrc_hdr.c -- the header of a BAM or CRAM: dictionary, sort order, read groups, samples.
 * The text and the binary dictionary may disagree without a word from htslib; here they may not. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "io/readsrc_int.h"
#include "io/text_int.h"

struct hdr_scan {
	struct grx_ctx *cx;
	const char *path;
	struct rs_head *head;
	int64_t line;
	int32_t n_sq;            /* @SQ lines seen */
	struct grx_map *samples; /* SM -> its struct rs_sm */
};

/* Value of TAG in a split header line, or NULL. */
static const char *tag_get(char **field, int n, const char *tag)
{
	int i;

	for (i = 1; i < n; i++)
		if (field[i][0] == tag[0] && field[i][1] == tag[1] && field[i][2] == ':')
			return field[i] + 3;
	return NULL;
}

static int scan_sq(struct hdr_scan *s, char **field, int n)
{
	const char *sn = tag_get(field, n, "SN"), *ln = tag_get(field, n, "LN"),
		   *m5 = tag_get(field, n, "M5");
	struct grx_contigs *d = s->head->contigs;
	int32_t i = s->n_sq++;
	int64_t len;

	if (!sn || !ln || !grx_parse_i64(ln, &len))
		return grx_fail(s->cx, GRX_E_DATA,
			"%s: header line %lld: @SQ without SN or a whole number LN", s->path,
			(long long)s->line);
	if (i >= d->n || strcmp(d->c[i].name, sn) || d->c[i].len != len)
		return grx_fail(s->cx, GRX_E_MISMATCH,
			"%s: header line %lld: @SQ '%s' (%lld bases) is '%s' (%lld bases) in the binary "
			"dictionary: text and "
			"binary header disagree; rewrite it with `samtools reheader`",
			s->path, (long long)s->line, sn, (long long)len, i < d->n ? d->c[i].name : "absent",
			(long long)(i < d->n ? d->c[i].len : 0));
	if (m5 && strlen(m5) == 32)
		memcpy(d->c[i].m5, m5, 33);
	return GRX_OK;
}

static struct rs_sm *sm_add(struct rs_head *h, const char *name)
{
	struct rs_sm *m;

	if (grx_grow(&h->sm, &h->cap_sm, h->n_sm + 1, sizeof(*h->sm), 0) || !(m = grx_calloc(1, sizeof(*m))))
		return NULL;
	m->number = -1;
	h->sm[h->n_sm++] = m;
	m->name = grx_strdup(name);
	return m->name ? m : NULL;
}

static int scan_rg(struct hdr_scan *s, char **field, int n)
{
	const char *id = tag_get(field, n, "ID"), *sm = tag_get(field, n, "SM");
	struct rs_sm *of;

	if (!id || !sm || !*sm)
		return grx_fail(s->cx, GRX_E_DATA,
			"%s: header line %lld: @RG without %s: add it with `samtools addreplacerg`", s->path,
			(long long)s->line, !id ? "ID" : "SM (the sample name)");
	if (!grx_utf8_ok(sm, strlen(sm)))
		return grx_fail(s->cx, GRX_E_DATA, "%s: header line %lld: the sample name '%s' is not UTF-8",
			s->path, (long long)s->line, sm);
	if (grx_map_get(s->head->rg, id))
		return grx_fail(s->cx, GRX_E_DATA, "%s: header line %lld: read group '%s' is declared twice",
			s->path, (long long)s->line, id);
	of = grx_map_get(s->samples, sm);
	if (!of && (!(of = sm_add(s->head, sm)) || grx_map_set(s->samples, sm, of)))
		return grx_fail_nomem(s->cx, "sample name");
	if (grx_map_set(s->head->rg, id, of))
		return grx_fail_nomem(s->cx, "read groups");
	s->head->has_rg = true;
	return GRX_OK;
}

static int scan_hd(struct hdr_scan *s, char **field, int n)
{
	const char *so = tag_get(field, n, "SO");

	if (so && (!strcmp(so, "queryname") || !strcmp(so, "unsorted")))
		return grx_fail(s->cx, GRX_E_DATA,
			"%s: the header says SO:%s, expected reads sorted by coordinate: `samtools sort` it",
			s->path, so);
	return GRX_OK;
}

static int scan_line(struct hdr_scan *s, char *line)
{
	char *field[64];
	size_t len = strlen(line);
	int n;

	if (len && line[len - 1] == '\r')
		return grx_fail(s->cx, GRX_E_DATA,
			"%s: header line %lld ends in CRLF: rewrite it with `samtools reheader`", s->path,
			(long long)s->line);
	if (len < 3 || line[0] != '@' || line[1] < 'A' || line[1] > 'Z' || line[2] < 'A' || line[2] > 'Z')
		return grx_fail(s->cx, GRX_E_DATA, "%s: header line %lld does not begin with @XX", s->path,
			(long long)s->line);
	if (!strncmp(line, "@CO", 3))
		return GRX_OK;
	n = grx_split(line, '\t', field, 64);
	if (!strcmp(field[0], "@SQ"))
		return scan_sq(s, field, n);
	if (!strcmp(field[0], "@RG"))
		return scan_rg(s, field, n);
	if (!strcmp(field[0], "@HD"))
		return scan_hd(s, field, n);
	return GRX_OK;
}

static int scan_text(struct hdr_scan *s, const char *text)
{
	char *copy = grx_strdup(text), *p, *nl;
	int rc = GRX_OK;

	if (!copy)
		return grx_fail_nomem(s->cx, "header");
	for (p = copy; *p && rc == GRX_OK; p = nl ? nl + 1 : p + strlen(p)) {
		nl = strchr(p, '\n');
		if (nl)
			*nl = '\0';
		s->line++;
		if (*p)
			rc = scan_line(s, p);
		if (!nl)
			break;
	}
	grx_free(copy);
	return rc;
}

/* No @RG: the file's stem serves as the sample's name. */
static char *stem_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot;
	char *s;

	if (!strcmp(path, "-"))
		base = "sample";
	s = grx_strdup(base);
	dot = s ? strrchr(s, '.') : NULL;
	if (dot && dot > s)
		s[dot - s] = '\0';
	return s;
}

static int stem_sample(struct grx_ctx *cx, const char *path, struct rs_head *h)
{
	char *stem = stem_of(path);
	struct rs_sm *m = stem ? sm_add(h, stem) : NULL;

	grx_free(stem);
	return m ? GRX_OK : grx_fail_nomem(cx, "sample name");
}

static int dict_read(struct grx_ctx *cx, const char *path, sam_hdr_t *h, struct grx_contigs *d)
{
	int32_t i, n = sam_hdr_nref(h);
	int rc;

	if (n <= 0)
		return grx_fail(cx, GRX_E_DATA,
			"%s: no reference sequence in the header: are these unaligned reads?", path);
	for (i = 0; i < n; i++) {
		const char *name = sam_hdr_tid2name(h, i);
		int64_t len = sam_hdr_tid2len(h, i);

		if (!name || !*name || strpbrk(name, " \t\n\r") || len <= 0 || len > INT64_C(1) << 40)
			return grx_fail(cx, GRX_E_DATA,
				"%s: reference %d has no name or an impossible length %lld", path, (int)i + 1,
				(long long)len);
		if (h->sdict == NULL && len > INT32_MAX)
			return grx_fail(cx, GRX_E_DATA,
				"%s: reference '%s' is longer than the format allows (%lld)", path, name,
				(long long)len);
		rc = grx_contigs_add(cx, d, name, len, NULL);
		if (rc)
			return grx_fail_add(cx, rc, "%s: in the header", path);
	}
	return GRX_OK;
}

int rs_head_read(struct grx_ctx *cx, const char *path, sam_hdr_t *h, struct rs_head *out)
{
	struct hdr_scan s = {.cx = cx, .path = path, .head = out};
	const char *text;
	int rc = GRX_E_BUG;

	out->contigs = grx_contigs_new();
	out->rg = grx_map_new();
	s.samples = grx_map_new();
	if (!out->contigs || !out->rg || !s.samples) {
		rc = grx_fail_nomem(cx, "header");
		goto out;
	}
	GRX_TRY(dict_read(cx, path, h, out->contigs));
	text = sam_hdr_str(h);
	out->no_text = !text || !*text;
	if (out->no_text)
		grx_warn(cx, "%s: the header has no text, only the binary dictionary", path);
	else
		GRX_TRY(scan_text(&s, text));
	if (s.n_sq && s.n_sq != out->contigs->n) {
		rc = grx_fail(cx, GRX_E_MISMATCH,
			"%s: %d @SQ lines but %d references in the binary dictionary", path, (int)s.n_sq,
			(int)out->contigs->n);
		goto out;
	}
	rc = out->n_sm ? GRX_OK : stem_sample(cx, path, out);
out:
	grx_map_free(s.samples);
	return rc;
}

void rs_head_clear(struct rs_head *h)
{
	grx_contigs_free(h->contigs);
	grx_map_free(h->rg);
	for (size_t i = 0; i < h->n_sm; i++) {
		grx_free(h->sm[i]->name);
		grx_free(h->sm[i]);
	}
	grx_free(h->sm);
}
