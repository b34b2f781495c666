/* SPDX-License-Identifier: GPL-3.0-or-later
 * custom.c -- the user's named-allele definitions: one gene per JSON file, as the reference tool writes them.
 * Read: gene, chromosome, genomeBuild, variants (position, ref, alts, rsid, chromosomeHgvsName) and
 * namedAlleles (name, reference, alleles). Whatever contradicts itself is refused; nothing is guessed. */
#include <jansson.h>
#include <string.h>

#include "bio/allele.h"
#include "io/text.h"
#include "stage/pgx/table_int.h"

enum { MAX_VARIANT = 20000, MAX_ALLELE = 20000, MAX_BYTES = 64 << 20 };

struct reader {
	struct grx_ctx *cx;
	struct grx_arena *mem;
	const char *path;
	struct pgx_custom *c;
};

static int bad(struct reader *r, const char *where, const char *expected)
{
	return grx_fail(r->cx, GRX_E_DATA, "%s: %s: expected %s", r->path, where, expected);
}

/* Text of a member, copied; *out NULL when it is absent or null and may be. */
static int text(struct reader *r, const json_t *o, const char *key, bool need, const char **out)
{
	const json_t *v = json_object_get(o, key);
	*out = NULL;
	if (!need && (!v || json_is_null(v)))
		return GRX_OK;
	if (!json_is_string(v) || !*json_string_value(v) || strpbrk(json_string_value(v), "\t\n\r"))
		return bad(r, key, "a text without tab or line end");
	*out = grx_arena_strdup(r->mem, json_string_value(v));
	return *out ? GRX_OK : grx_fail_nomem(r->cx, "definitions");
}

static int alts(struct reader *r, const json_t *o, const char *where, struct pgx_locus *l)
{
	const json_t *list = json_object_get(o, "alts");
	struct grx_str s = {0};
	size_t n = json_array_size(list);
	int rc = n && n < PGX_OTHER - 1 ? GRX_OK : bad(r, where, "alts: a list of 1 to 28 alleles");
	for (size_t i = 0; i < n && rc == GRX_OK; i++) {
		const char *a = json_string_value(json_array_get(list, i));
		if (!a || !grx_allele_is_acgt(a) || !strcmp(a, l->ref))
			rc = bad(r, where, "each of alts to be of A C G T and to differ from ref");
		for (size_t k = 0; k < i && rc == GRX_OK; k++)
			if (!strcmp(a, json_string_value(json_array_get(list, k))))
				rc = bad(r, where, "no ALT twice");
		if (rc == GRX_OK)
			grx_str_addf(&s, "%s%s", i ? "," : "", a);
	}
	if (rc == GRX_OK && !(l->alts = s.oom ? NULL : grx_arena_strdup(r->mem, s.s)))
		rc = grx_fail_nomem(r->cx, "definitions");
	grx_str_clear(&s);
	return rc;
}

static int variant(struct reader *r, const json_t *o, int i)
{
	struct pgx_locus *l = &r->c->variant[i];
	const json_t *pos = json_object_get(o, "position");
	const char *chrom = NULL, *hgvs = NULL;
	char where[64];
	int rc = GRX_E_BUG;
	snprintf(where, sizeof where, "variants[%d]", i);
	if (!json_is_integer(pos) || json_integer_value(pos) < 1 || json_integer_value(pos) > INT32_MAX)
		return bad(r, where, "position: an integer from 1");
	l->pos = json_integer_value(pos) - 1;
	GRX_TRY(text(r, o, "chromosome", false, &chrom));
	if (chrom && strcmp(chrom, r->c->chrom))
		return bad(r, where, "the chromosome of the gene");
	l->chrom = r->c->chrom;
	GRX_TRY(text(r, o, "ref", true, &l->ref));
	if (!grx_allele_is_acgt(l->ref))
		return bad(r, where, "ref of A C G T");
	GRX_TRY(text(r, o, "rsid", false, &l->rsid));
	GRX_TRY(text(r, o, "chromosomeHgvsName", false, &hgvs));
	l->hgvs = hgvs ? hgvs : "";
	GRX_TRY(alts(r, o, where, l));
	for (int k = 0; k < i; k++)
		if (r->c->variant[k].pos == l->pos && !strcmp(r->c->variant[k].ref, l->ref))
			return bad(r, where, "no position with the same ref twice");
	rc = GRX_OK;
out:
	return rc;
}

/* Is the cell the REF, an ALT, or an ambiguity code for some of them? */
static bool is_cell(const struct pgx_locus *l, const char *cell)
{
	size_t n = strlen(cell);
	if (!strcmp(cell, l->ref))
		return true;
	for (const char *p = l->alts; *p; p += strcspn(p, ","), p += *p == ',') {
		size_t k = strcspn(p, ",");
		if ((k == n && !strncmp(p, cell, n)) || (n == 1 && k == 1 && grx_iupac_has(cell[0], *p)))
			return true;
	}
	return n == 1 && !l->ref[1] && grx_iupac_has(cell[0], l->ref[0]);
}

static int cells(struct reader *r, const json_t *o, const char *where, struct pgx_custom_allele *a)
{
	const json_t *list = json_object_get(o, "alleles");
	int n = r->c->n_variant, n_set = 0;
	if (json_array_size(list) != (size_t)n)
		return bad(r, where, "alleles: a list with one entry per variant");
	a->cell = grx_arena_calloc(r->mem, (size_t)n + 1, sizeof *a->cell);
	if (!a->cell)
		return grx_fail_nomem(r->cx, "definitions");
	for (int i = 0; i < n; i++) {
		const json_t *v = json_array_get(list, (size_t)i);
		if (json_is_null(v))
			continue;
		if (!json_is_string(v) || !is_cell(&r->c->variant[i], json_string_value(v)))
			return grx_fail(r->cx, GRX_E_DATA,
				"%s: %s: alleles[%d]: found '%s', expected null, the ref '%s', one of the "
				"alts "
				"'%s' or an ambiguity code for one of them",
				r->path, where, i, json_is_string(v) ? json_string_value(v) : "no text",
				r->c->variant[i].ref, r->c->variant[i].alts);
		a->cell[i] = grx_arena_strdup(r->mem, json_string_value(v));
		if (!a->cell[i])
			return grx_fail_nomem(r->cx, "definitions");
		n_set++;
	}
	if (a->is_ref && n_set != n)
		return bad(r, where, "the reference allele to specify every variant");
	return n_set ? GRX_OK : bad(r, where, "an allele that specifies at least one variant");
}

static int allele(struct reader *r, const json_t *o, int i)
{
	struct pgx_custom_allele *a = &r->c->allele[i];
	char where[64];
	snprintf(where, sizeof where, "namedAlleles[%d]", i);
	int rc = text(r, o, "name", true, &a->name);
	if (rc != GRX_OK)
		return rc;
	if (strchr(a->name, '/') && strcmp(a->name, "/"))
		return bad(r, where, "a name without '/'");
	a->is_ref = json_is_true(json_object_get(o, "reference"));
	for (int k = 0; k < i; k++) {
		if (!strcmp(r->c->allele[k].name, a->name))
			return bad(r, where, "no allele name twice");
		if (a->is_ref && r->c->allele[k].is_ref)
			return bad(r, where, "one reference allele");
	}
	return cells(r, o, where, a);
}

typedef int (*item_fn)(struct reader *r, const json_t *o, int i);

static int each(struct reader *r, const json_t *list, item_fn fn)
{
	int rc = GRX_OK;
	for (size_t i = 0; i < json_array_size(list) && rc == GRX_OK; i++)
		rc = fn(r, json_array_get(list, i), (int)i);
	return rc;
}

static int whole(struct reader *r, const json_t *o)
{
	const json_t *v = json_object_get(o, "variants"), *a = json_object_get(o, "namedAlleles");
	const char *build = NULL;
	bool has_ref = false;
	int rc = GRX_E_BUG;
	GRX_TRY(text(r, o, "gene", true, &r->c->gene));
	GRX_TRY(text(r, o, "chromosome", true, &r->c->chrom));
	GRX_TRY(text(r, o, "genomeBuild", false, &build));
	if (build && !grx_starts(build, "GRCh38"))
		return bad(r, "genomeBuild", "GRCh38");
	if (!json_array_size(v) || json_array_size(v) > MAX_VARIANT)
		return bad(r, "variants", "a list of 1 to 20000 variants");
	if (!json_array_size(a) || json_array_size(a) > MAX_ALLELE)
		return bad(r, "namedAlleles", "a list of 1 to 20000 alleles");
	r->c->n_variant = (int)json_array_size(v);
	r->c->n_allele = (int)json_array_size(a);
	r->c->variant = grx_arena_calloc(r->mem, json_array_size(v), sizeof *r->c->variant);
	r->c->allele = grx_arena_calloc(r->mem, json_array_size(a), sizeof *r->c->allele);
	if (!r->c->variant || !r->c->allele)
		return grx_fail_nomem(r->cx, "definitions");
	GRX_TRY(each(r, v, variant));
	GRX_TRY(each(r, a, allele));
	for (int i = 0; i < r->c->n_allele; i++)
		has_ref = has_ref || r->c->allele[i].is_ref;
	rc = has_ref ? GRX_OK : bad(r, "namedAlleles", "one allele with \"reference\": true");
out:
	return rc;
}

static int read_text(struct reader *r, struct grx_str *s)
{
	struct grx_text *f = NULL;
	char *line = NULL;
	int rc = GRX_E_BUG;
	GRX_TRY(grx_text_open(r->cx, r->path, &f));
	for (;;) {
		GRX_TRY(grx_text_line(r->cx, f, &line));
		if (!line)
			break;
		grx_str_addf(s, "%s\n", line);
		if (s->n > MAX_BYTES) {
			rc = bad(r, "size", "at most 64 MB");
			goto out;
		}
	}
	rc = s->oom ? grx_fail_nomem(r->cx, "definitions") : GRX_OK;
out:
	grx_text_close(f);
	return rc;
}

int pgx_custom_read(struct grx_ctx *cx, struct grx_arena *mem, const char *path, struct pgx_custom *out)
{
	struct reader r = {cx, mem, grx_arena_strdup(mem, path), out};
	struct grx_str s = {0};
	json_error_t err;
	json_t *o = NULL;
	*out = (struct pgx_custom){.path = r.path};
	int rc = r.path ? read_text(&r, &s) : grx_fail_nomem(cx, "definitions");
	if (rc != GRX_OK)
		goto out;
	o = json_loadb(s.n ? s.s : "", s.n, JSON_REJECT_DUPLICATES, &err);
	if (!o)
		rc = grx_fail(
			cx, GRX_E_DATA, "%s:%d:%d: expected JSON: %s", path, err.line, err.column, err.text);
	else if (!json_is_object(o))
		rc = bad(&r, "the file", "one JSON object with gene, variants and namedAlleles");
	else
		rc = whole(&r, o);
out:
	json_decref(o);
	grx_str_clear(&s);
	return rc;
}
