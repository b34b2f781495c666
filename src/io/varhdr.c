/* SPDX-License-Identifier: GPL-3.0-or-later
 * varhdr.c -- VCF headers: strict checks before the parser sees them, and the neutral form.
 * The parser only warns about most faults of a header; a wrong Type or Number changes the meaning of every
 * record. */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "bio/contig.h"
#include "io/var_int.h"

struct hdr_check {
	struct grx_ctx *cx;
	const char *path;
	long long line;
	struct grx_map *seen; /* "INFO/DP" -> its Number and Type, or a contig's length */
	struct grx_arena *mem;
	bool chrom;
};

/* Values of the attributes we check; NULL when absent. */
struct hdr_attrs {
	char *id, *number, *type, *length, *idx;
};

static int bad(struct hdr_check *c, const char *what, const char *found)
{
	return grx_fail(c->cx, GRX_E_DATA, "%s:%lld: header: %s: '%.80s'", c->path, c->line, what, found);
}

static void keep_attr(struct hdr_attrs *a, const char *key, char *val)
{
	char **slot = strcmp(key, "ID") == 0       ? &a->id
		      : strcmp(key, "Number") == 0 ? &a->number
		      : strcmp(key, "Type") == 0   ? &a->type
		      : strcmp(key, "length") == 0 ? &a->length
		      : strcmp(key, "IDX") == 0    ? &a->idx
						   : NULL;
	if (slot && !*slot)
		*slot = val;
}

/* Cut "ID=DP,Number=1,Description="a, b">" in place. */
static int cut_attrs(struct hdr_check *c, char *s, struct hdr_attrs *a)
{
	const char *whole = s;

	for (;;) {
		char *key = s, *eq = strpbrk(s, "=,>"), *end;
		if (!eq || *eq != '=')
			return bad(c, "KEY=VALUE expected between < and >", whole);
		*eq = '\0';
		char *val = eq + 1;
		if (*val == '"') {
			val++;
			for (end = val; *end && *end != '"'; end++)
				if (*end == '\\' && end[1])
					end++;
			if (!*end)
				return bad(c, "quote without its end", val);
			*end++ = '\0';
		} else {
			end = val;
			if (*val == '[') /* lists of Values=[...] */
				end = strchr(val, ']') ? strchr(val, ']') : val;
			end = strpbrk(end, ",>");
			if (!end)
				return bad(c, "'>' is missing", val);
		}
		char sep = *end;
		if (sep != ',' && sep != '>')
			return bad(c, "text after a quoted value", end);
		*end = '\0';
		keep_attr(a, key, val);
		if (sep == '>')
			return GRX_OK;
		s = end + 1;
	}
}

static bool all_digits(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s);
}

static bool number_ok(const char *s)
{
	static const char *const word[] = {".", "A", "R", "G", "LA", "LR", "LG", "P", "M", NULL};

	for (int i = 0; word[i]; i++)
		if (strcmp(s, word[i]) == 0)
			return true;
	return all_digits(s) && strlen(s) < 6;
}

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* The reserved keys that we compute with must mean what the specification says. */
static int check_reserved(struct hdr_check *c, const char *kind, const struct hdr_attrs *a)
{
	bool fmt = is(kind, "FORMAT");

	if (fmt && is(a->id, "GT") && !is(a->type, "String"))
		return bad(c, "FORMAT GT must be a String", a->type);
	if (fmt && is(a->id, "PL") && (!is(a->type, "Integer") || all_digits(a->number)))
		return bad(c, "FORMAT PL must be Integer with Number=G", a->number);
	if (fmt && (is(a->id, "AD") || is(a->id, "DP")) && !is(a->type, "Integer"))
		return bad(c, "FORMAT AD and DP must be Integer", a->type);
	if (!fmt && is(a->id, "END") && !is(a->type, "Integer"))
		return bad(c, "INFO END must be an Integer", a->type);
	return GRX_OK;
}

static int check_column(struct hdr_check *c, const char *kind, const struct hdr_attrs *a)
{
	bool fmt = is(kind, "FORMAT");

	if (!a->number || !number_ok(a->number))
		return bad(c, "Number is missing or wrong", a->number ? a->number : a->id);
	if (!a->type || !(is(a->type, "Integer") || is(a->type, "Float") || is(a->type, "String") ||
				is(a->type, "Character") || (is(a->type, "Flag") && !fmt)))
		return bad(c, "Type is missing or wrong", a->type ? a->type : a->id);
	if (is(a->type, "Flag") && !is(a->number, "0"))
		grx_warn(c->cx, "%s:%lld: header: a Flag has Number=0", c->path, c->line);
	return check_reserved(c, kind, a);
}

/* The same ID again is fine only with the same meaning. */
static int check_again(struct hdr_check *c, const char *kind, const struct hdr_attrs *a)
{
	char *key = grx_arena_printf(c->mem, "%s/%s", kind, a->id);
	char *val = grx_arena_printf(c->mem, "%s|%s|%s", a->number ? a->number : "", a->type ? a->type : "",
		a->length ? a->length : "");
	const char *old = key ? grx_map_get(c->seen, key) : NULL;

	if (!key || !val)
		return grx_fail_nomem(c->cx, "header");
	if (old)
		return is(old, val) ? GRX_OK : bad(c, "declared twice with different meaning", key);
	return grx_map_set(c->seen, key, val) ? grx_fail_nomem(c->cx, "header") : GRX_OK;
}

static int check_structured(struct hdr_check *c, const char *kind, char *s)
{
	int rc = GRX_E_BUG;
	struct hdr_attrs a = {0};
	bool column = is(kind, "INFO") || is(kind, "FORMAT"), contig = is(kind, "contig");

	if (!column && !contig && !is(kind, "FILTER") && !strchr(s, '='))
		return GRX_OK; /* ##note=<"free text">, as old files have */
	GRX_TRY(cut_attrs(c, s, &a));
	if (!column && !contig && !is(kind, "FILTER"))
		return GRX_OK;
	if (!a.id || !*a.id)
		return bad(c, "no ID", kind);
	if (strpbrk(a.id, " \t"))
		return bad(c, "ID with a blank", a.id);
	if (a.idx && (!all_digits(a.idx) || strlen(a.idx) > 6))
		return bad(c, "IDX is wrong", a.idx);
	if (column)
		GRX_TRY(check_column(c, kind, &a));
	if (contig && a.length && (!all_digits(a.length) || strlen(a.length) > 12))
		return bad(c, "contig length is not a positive integer", a.length);
	rc = check_again(c, kind, &a);
out:
	return rc;
}

static int check_fileformat(struct hdr_check *c, const char *line)
{
	static const char want[] = "##fileformat=VCFv4.";
	size_t n = sizeof want - 1;

	if (strncmp(line, want, n) == 0 && line[n] >= '0' && line[n] <= '5' && !line[n + 1])
		return GRX_OK;
	return grx_fail(c->cx, GRX_E_DATA,
		"%s:%lld: not a VCF of version 4.0 to 4.5: '%.60s'; expected ##fileformat=VCFv4.2", c->path,
		c->line, line);
}

static int check_samples(struct hdr_check *c, char *names)
{
	char *next;

	for (char *s = names; s; s = next) {
		next = strchr(s, '\t');
		if (next)
			*next++ = '\0';
		if (!*s)
			return bad(c, "empty sample name", "");
		char *key = grx_arena_printf(c->mem, "sample/%s", s);
		if (!key)
			return grx_fail_nomem(c->cx, "header");
		if (grx_map_get(c->seen, key))
			return bad(c, "sample name appears twice", s);
		if (grx_map_set(c->seen, key, c))
			return grx_fail_nomem(c->cx, "header");
	}
	return GRX_OK;
}

static int check_chrom_line(struct hdr_check *c, char *line)
{
	static const char want[] = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO";
	size_t n = sizeof want - 1;

	if (strncmp(line, want, n) != 0 || (line[n] && line[n] != '\t'))
		return bad(c, "the column line must be #CHROM POS ID REF ALT QUAL FILTER INFO (tabs)", line);
	c->chrom = true;
	if (!line[n])
		return GRX_OK;
	if (strncmp(line + n, "\tFORMAT", 7) != 0 || (line[n + 7] && line[n + 7] != '\t'))
		return bad(c, "FORMAT expected as the ninth column", line + n + 1);
	return line[n + 7] ? check_samples(c, line + n + 8) : GRX_OK;
}

static int check_meta(struct hdr_check *c, char *line)
{
	char *eq = strchr(line, '=');

	if (!eq) {
		grx_warn(c->cx, "%s:%lld: header line without '='", c->path, c->line);
		return GRX_OK;
	}
	if (eq == line + 2)
		return bad(c, "empty key", line);
	*eq = '\0';
	if (strcmp(line + 2, "fileformat") == 0)
		return c->line == 1 ? GRX_OK : bad(c, "##fileformat must be the first line", eq + 1);
	return eq[1] == '<' ? check_structured(c, line + 2, eq + 2) : GRX_OK;
}

static int check_text(struct hdr_check *c, const struct grx_str *text)
{
	int rc = GRX_E_BUG;
	char *copy = grx_arena_strndup(c->mem, text->s ? text->s : "", text->n), *next, *last = NULL;

	if (!copy)
		return grx_fail_nomem(c->cx, "header");
	for (char *s = copy; *s; s = next) {
		size_t n = strcspn(s, "\n");
		next = s + n + (s[n] ? 1 : 0);
		s[n] = '\0';
		c->line++;
		last = s;
		if (c->line == 1)
			GRX_TRY(check_fileformat(c, s));
		if (s[1] == '#')
			GRX_TRY(check_meta(c, s));
		else
			GRX_TRY(check_chrom_line(c, s));
	}
	if (!last)
		return grx_fail(c->cx, GRX_E_DATA, "%s: not a VCF: no ##fileformat line", c->path);
	if (!c->chrom)
		return grx_fail(c->cx, GRX_E_DATA, "%s: header without the #CHROM line", c->path);
	rc = GRX_OK;
out:
	return rc;
}

void grx_varhdr_free(struct grx_varhdr *vh)
{
	if (!vh)
		return;
	if (vh->live)
		bcf_hdr_destroy(vh->live);
	if (vh->pub)
		bcf_hdr_destroy(vh->pub);
	for (int i = 0; i < vh->n_undeclared; i++)
		grx_free(vh->name[i]);
	grx_free(vh);
}

int grx_varhdr_take(struct grx_ctx *cx, const char *path, bcf_hdr_t *h, struct grx_varhdr **out)
{
	struct grx_varhdr *vh = grx_calloc(1, sizeof *vh);

	*out = NULL;
	if (!vh) {
		bcf_hdr_destroy(h);
		return grx_fail_nomem(cx, "header");
	}
	vh->live = h;
	errno = 0; /* htslib leaves lines out in silence when memory runs out */
	vh->pub = bcf_hdr_dup(h);
	if (!vh->pub || errno == ENOMEM) {
		grx_varhdr_free(vh);
		return grx_fail_nomem(cx, "header");
	}
	vh->n_id = h->n[BCF_DT_ID];
	if (vh->pub->n[BCF_DT_ID] != vh->n_id) {
		grx_varhdr_free(vh);
		return grx_fail(cx, GRX_E_DATA, "%s: header: the IDX numbers clash", path);
	}
	*out = vh;
	return GRX_OK;
}

int grx_varhdr_select(struct grx_ctx *cx, const char *path, struct grx_varhdr *vh, const char *sample)
{
	if (bcf_hdr_id2int(vh->live, BCF_DT_SAMPLE, sample) < 0)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: has no sample '%s': it holds %d samples, the first is '%s'", path, sample,
			bcf_hdr_nsamples(vh->live),
			bcf_hdr_nsamples(vh->live) ? vh->live->samples[0] : "(none)");
	errno = 0;
	if (bcf_hdr_set_samples(vh->live, sample, 0) < 0 || bcf_hdr_set_samples(vh->pub, sample, 0) < 0 ||
		errno == ENOMEM)
		return grx_fail_nomem(cx, "header");
	return GRX_OK;
}

/* IDX belongs to BCF; in text the parser would believe it and clash. */
static void strip_idx(char *s)
{
	char *out = s;

	for (bool meta = false; *s;) {
		if (s[0] == '#' && s[1] == '#')
			meta = true;
		if (meta && strncmp(s, ",IDX=", 5) == 0) {
			size_t n = 5 + strspn(s + 5, "0123456789");
			if (s[n] == '>' || s[n] == ',') {
				s += n;
				continue;
			}
		}
		if (*s == '\n')
			meta = false;
		*out++ = *s++;
	}
	*out = '\0';
}

/* The header's text as the parser gets it: without samples for sites_only, without a FORMAT column that has
 * none. */
static char *parser_text(const struct grx_str *text, bool sites_only)
{
	char *s = grx_strdup(text->s), *chrom;

	if (!s)
		return s;
	strip_idx(s);
	chrom = strncmp(s, "#CHROM", 6) == 0 ? s : strstr(s, "\n#CHROM");
	chrom = chrom ? strstr(chrom, "\tINFO") : NULL;
	if (chrom && (sites_only || strcmp(chrom + 5, "\tFORMAT\n") == 0))
		memcpy(chrom + 5, "\n", 2);
	return s;
}

int grx_varhdr_parse(struct grx_ctx *cx, const char *path, const struct grx_str *text, bool sites_only,
	struct grx_varhdr **out)
{
	int rc = GRX_E_BUG;
	struct hdr_check c = {.cx = cx, .path = path, .seen = grx_map_new(), .mem = grx_arena_new()};
	bcf_hdr_t *h = NULL;
	char *s = NULL;

	*out = NULL;
	if (!c.seen || !c.mem) {
		rc = grx_fail_nomem(cx, "header");
		goto out;
	}
	GRX_TRY(check_text(&c, text));
	s = parser_text(text, sites_only);
	errno = 0;
	h = s ? bcf_hdr_init("r") : NULL;
	if (!h) {
		rc = grx_fail_nomem(cx, "header");
		goto out;
	}
	if (bcf_hdr_parse(h, s) < 0 || errno == ENOMEM) {
		rc = errno == ENOMEM ? grx_fail_nomem(cx, "header")
				     : grx_fail(cx, GRX_E_DATA, "%s: the header cannot be parsed", path);
		goto out;
	}
	rc = grx_varhdr_take(cx, path, h, out);
	h = NULL;
out:
	if (h)
		bcf_hdr_destroy(h);
	grx_free(s);
	grx_map_free(c.seen);
	grx_arena_free(c.mem);
	return rc;
}

static int neutral_contigs(struct grx_ctx *cx, const char *path, const bcf_hdr_t *h, struct grx_contigs *d)
{
	for (int i = 0; i < h->n[BCF_DT_CTG]; i++) {
		const bcf_idpair_t *p = &h->id[BCF_DT_CTG][i];
		if (!p->key || !p->val)
			return grx_fail(
				cx, GRX_E_DATA, "%s: header: contig number %d is not declared", path, i);
		int rc = grx_contigs_add(cx, d, p->key, (int64_t)p->val->info[0], NULL);
		if (rc)
			return rc;
	}
	if (grx_contigs_find(d, "chr1") >= 0 && grx_contigs_find(d, "1") >= 0)
		grx_warn(cx, "%s: header: both chr1 and 1 are contigs", path);
	return GRX_OK;
}

int grx_varhdr_neutral(struct grx_ctx *cx, const char *path, struct grx_varhdr *vh, struct grx_contigs **d,
	struct grx_hdr **h)
{
	int rc = GRX_E_BUG;

	*d = grx_contigs_new();
	*h = *d ? grx_hdr_new(*d) : NULL;
	if (!*h)
		return grx_fail_nomem(cx, "header");
	GRX_TRY(neutral_contigs(cx, path, vh->live, *d));
	for (int i = 0; i < bcf_hdr_nsamples(vh->live); i++)
		GRX_TRY(grx_hdr_sample_add(cx, *h, vh->live->samples[i]));
	(*h)->raw = vh;
	rc = GRX_OK;
out:
	return rc;
}
