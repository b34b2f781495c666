/* SPDX-License-Identifier: GPL-3.0-or-later
 * acmg_evidence.c -- --evidence: what people judged, by variant: variant, code, strength, note. A variant is
 * CHROM:POS:REF:ALT as in a VCF; it is normalised, so it need not be written as the input writes it. */
#include "stage/annotate/acmg_int.h"

#include <string.h>

#include "base/log.h"
#include "io/text.h"

struct loading {
	const struct annotate_state *st;
	struct grx_arena *mem;
	struct grx_map *map;
	int64_t n_elsewhere, first_elsewhere; /* rows on contigs that the input does not have; the line */
	struct annotate_work w;               /* for the reference alone */
	struct grx_shard sh;
};

char *annotate_acmg_key(struct grx_arena *mem, int32_t tid, const struct grx_change *c)
{
	return grx_arena_printf(mem, "%d:%lld:%.*s:%.*s", (int)tid, (long long)c->pos, c->ref_len, c->ref,
		c->alt_len, c->alt);
}

static int bad(struct grx_ctx *cx, const struct grx_table *t, const char *what, const char *found,
	const char *expected)
{
	return grx_fail(cx, GRX_E_DATA, "%s:%lld: %s '%s': expected %s", grx_table_path(t),
		(long long)grx_table_lineno(t), what, found, expected);
}

/* A variant of another build would never be met, and nobody would know. */
static int reference_fits(struct loading *l, struct grx_ctx *cx, const struct grx_table *t, int32_t tid,
	int64_t pos, const char *ref, const char *text)
{
	int64_t n = (int64_t)strlen(ref);
	if (!l->st->fasta_name[tid])
		return GRX_OK;
	int rc = annotate_window(&l->w, tid, pos, pos + n);
	for (int64_t i = 0; i < n && !rc; i++) {
		char b = annotate_base(&l->w, pos + i);
		if (b != ref[i] && (strchr("ACGT", b) || l->w.win_n <= pos + i - l->w.win_beg))
			rc = bad(cx, t, "variant", text, "the REF that the FASTA has there (the same build)");
	}
	return rc;
}

/* *key NULL: the contig is not one of the input. */
static int variant_key(
	struct loading *l, struct grx_ctx *cx, struct grx_table *t, const char *text, char **key)
{
	static const char *const form = "CHROM:POS:REF:ALT with bases A, C, G, T";
	char *f[4], *s = grx_arena_strdup(l->w.mem, text);
	int64_t pos;
	struct grx_change c;
	bool ok = false;
	*key = NULL;
	if (!s)
		return grx_fail_nomem(cx, "evidence");
	/* from the right: names of contigs may hold colons */
	for (int i = 3; i > 0; i--) {
		char *p = strrchr(s, ':');
		if (!p)
			return bad(cx, t, "variant", text, form);
		*p = '\0';
		f[i] = p + 1;
	}
	f[0] = s;
	if (!*f[0] || !grx_parse_i64(f[1], &pos) || pos < 1 || pos > INT32_MAX || !grx_allele_is_acgt(f[2]) ||
		!grx_allele_is_acgt(f[3]) || strcmp(f[2], f[3]) == 0)
		return bad(cx, t, "variant", text, form);
	int32_t tid = grx_contigs_find_alias(cx->contigs, f[0]);
	if (tid < 0)
		return GRX_OK;
	int rc = reference_fits(l, cx, t, tid, pos - 1, f[2], text);
	if (!rc)
		rc = annotate_acmg_normal(&l->w, tid, pos - 1, f[2], f[3], &c, &ok);
	if (rc || !ok)
		return rc;
	*key = annotate_acmg_key(l->w.mem, tid, &c);
	return *key ? GRX_OK : grx_fail_nomem(cx, "evidence");
}

static int judgement(
	struct grx_ctx *cx, struct grx_table *t, const int *col, struct annotate_acmg_evidence *e)
{
	const char *code = grx_table_get(t, col[1]), *strength = grx_table_get(t, col[2]);
	e->code = annotate_acmg_code_of(code);
	if (e->code < 0)
		return bad(cx, t, "code", code,
			"a code of ACMG/AMP such as PS3 or BS4; its strength has a column");
	if (e->code == AC_PP5 || e->code == AC_BP6)
		return bad(cx, t, "code", code, "another one: ClinGen withdrew PP5 and BP6");
	e->state = strcmp(strength, "not_met") == 0 ? AC_NOT_MET : AC_MET;
	e->strength = *strength && e->state == AC_MET ? annotate_acmg_strength_of(strength)
						      : (int)annotate_acmg_default(e->code);
	if (e->strength < 0)
		return bad(cx, t, "strength", strength,
			"Supporting, Moderate, Strong, VeryStrong, not_met, or nothing for the code's own");
	if ((e->strength == AC_ALONE) != (e->code == AC_BA1))
		return bad(cx, t, "strength", strength, "StandAlone for BA1 and for no other code");
	return GRX_OK;
}

static int row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct loading *l = arg;
	struct annotate_acmg_evidence *e = grx_arena_calloc(l->mem, 1, sizeof *e);
	char *key;
	if (!e)
		return grx_fail_nomem(cx, "evidence");
	int rc = judgement(cx, t, col, e);
	if (rc || (rc = variant_key(l, cx, t, grx_table_get(t, col[0]), &key)))
		return rc;
	e->note = grx_arena_strdup(l->mem, grx_table_get(t, col[3]));
	const char *slash = strrchr(grx_table_path(t), '/');
	e->source = grx_arena_printf(
		l->mem, "%s:%lld", slash ? slash + 1 : grx_table_path(t), (long long)grx_table_lineno(t));
	if (!e->note || !e->source)
		return grx_fail_nomem(cx, "evidence");
	if (!key) {
		if (!l->n_elsewhere++)
			l->first_elsewhere = grx_table_lineno(t);
		return GRX_OK;
	}
	const struct annotate_acmg_evidence *have = grx_map_get(l->map, key);
	for (const struct annotate_acmg_evidence *x = have; x; x = x->next)
		if (x->code == e->code)
			return bad(cx, t, "code", annotate_acmg_code_name[e->code],
				"each code once for a variant");
	e->next = have;
	rc = grx_map_set(l->map, key, e);
	grx_arena_reset(l->w.mem);
	return rc ? grx_fail_nomem(cx, "evidence") : GRX_OK;
}

int annotate_acmg_evidence_open(struct grx_ctx *cx, const struct annotate_state *st, const char *path,
	struct grx_arena *mem, struct grx_map **out)
{
	static const char *const cols[] = {"variant", "code", "strength", "note"};
	int rc = GRX_E_BUG;
	struct loading l = {.st = st, .mem = mem, .map = grx_map_new(), .sh = {.tid = -1}};
	l.w = (struct annotate_work){
		.st = st, .cx = cx, .sh = &l.sh, .mem = grx_arena_new(), .win_mem = grx_arena_new()};
	if (!l.map || !l.w.mem || !l.w.win_mem)
		GRX_TRY(grx_fail_nomem(cx, "evidence"));
	GRX_TRY(grx_table_each(cx, path, cols, 4, row, &l));
	if (l.n_elsewhere)
		grx_warn(cx, "%s: %lld rows are on contigs that the input does not have (first: line %lld)",
			path, (long long)l.n_elsewhere, (long long)l.first_elsewhere);
	*out = l.map;
	l.map = NULL;
	rc = GRX_OK;
out:
	grx_map_free(l.map);
	grx_arena_free(l.w.mem);
	grx_arena_free(l.w.win_mem);
	return rc;
}
