/* SPDX-License-Identifier: GPL-3.0-or-later
 * findings_scope.c -- findings are told on request only: of genes asked for (--finding-genes), and of the
 * ACMG list of secondary findings (--secondary-findings). The list's reporting rules are applied at the end,
 * when all variants of a person are known. */
#include "stage/annotate/findings.h"

#include <stdio.h>
#include <string.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/map.h"
#include "io/text.h"

/* What the list wants reported of a gene. */
enum rule { RULE_ANY, RULE_TWO, RULE_HEMI_OR_TWO, RULE_TRUNCATING, RULE_ONE_CHANGE };

struct listed {
	enum rule rule;
	const char *gene, *report;
};

struct annotate_asked {
	struct grx_arena *mem;
	struct grx_map *list, *asked;
	bool secondary, all;
	bool blind; /* the models name no coding gene by symbol, so the list cannot be told apart */
};

static int list_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	static const struct {
		const char *starts;
		enum rule rule;
	} form[] = {{"All P and LP", RULE_ANY}, {"All hemi, het", RULE_ANY},
		{"All hemi or homozygous", RULE_HEMI_OR_TWO}, {"P and LP (2 variants)", RULE_TWO},
		{"P and LP (truncating", RULE_TRUNCATING}, {"p.C282Y homozygotes only", RULE_ONE_CHANGE}};
	struct annotate_asked *s = arg;
	struct listed *x = grx_arena_calloc(s->mem, 1, sizeof *x);
	const char *report = grx_table_get(t, col[1]);
	size_t i = 0, n = sizeof form / sizeof *form;
	while (i < n && !grx_starts(report, form[i].starts))
		i++;
	if (i == n)
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: what to report is not understood: '%s'",
			grx_table_path(t), (long long)grx_table_lineno(t), report);
	if (!x || !(x->gene = grx_arena_strdup(s->mem, grx_table_get(t, col[0]))) ||
		!(x->report = grx_arena_strdup(s->mem, report)) || grx_map_set(s->list, x->gene, x))
		return grx_fail_nomem(cx, "list of secondary findings");
	x->rule = form[i].rule;
	return GRX_OK;
}

/* One symbol a line; '#' begins a comment. */
static int asked_line(struct grx_ctx *cx, struct annotate_asked *s, const struct grx_text *t, char *line)
{
	line[strcspn(line, "#")] = '\0';
	line += strspn(line, " \t");
	size_t n = strcspn(line, " \t");
	if (line[n + strspn(line + n, " \t")])
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: '%s': expected one gene symbol a line",
			grx_text_path(t), (long long)grx_text_lineno(t), line);
	line[n] = '\0';
	return n && grx_map_set(s->asked, line, s) ? grx_fail_nomem(cx, "genes") : GRX_OK;
}

static int asked_read(struct grx_ctx *cx, struct annotate_asked *s, const char *path)
{
	struct grx_text *t = NULL;
	int rc = grx_text_open(cx, path, &t);
	while (!rc) {
		char *line = NULL;
		rc = grx_text_line(cx, t, &line);
		if (rc || !line)
			break;
		rc = asked_line(cx, s, t, line);
	}
	grx_text_close(t);
	if (!rc && grx_map_size(s->asked) == 0)
		rc = grx_fail(cx, GRX_E_DATA,
			"%s: no gene; for every gene outside the list of secondary findings give 'all'",
			path);
	return rc;
}

/* Has no coding transcript a symbol? Where models are usual the first ones do. */
static bool without_symbols(const struct annotate_models *m)
{
	bool coding = false;
	for (size_t i = 0; i < annotate_models_n(m); i++) {
		struct annotate_tx t;
		if (!annotate_models_get(m, i, &t) || !t.coding)
			continue;
		if (*t.symbol)
			return false;
		coding = true;
	}
	return coding;
}

int annotate_asked_open(struct grx_ctx *cx, const struct annotate_state *st, struct annotate_asked **out)
{
	static const char *const cols[] = {"gene", "report"};
	int rc = GRX_E_BUG;
	const struct annotate_opt *o = &st->opt;
	char *path = grx_refdata_path(cx, "acmg/secondary.tsv");
	struct annotate_asked *s = grx_calloc(1, sizeof *s);
	if (!path || !s || !(s->mem = grx_arena_new()) || !(s->list = grx_map_new()) ||
		!(s->asked = grx_map_new()))
		GRX_TRY(grx_fail_nomem(cx, "scope of findings"));
	GRX_TRY(grx_table_each(cx, path, cols, 2, list_row, s));
	s->secondary = o->secondary_findings;
	s->all = o->finding_genes && strcmp(o->finding_genes, "all") == 0;
	if (o->finding_genes && !s->all)
		GRX_TRY(asked_read(cx, s, o->finding_genes));
	if ((s->secondary || o->finding_genes) && !st->models)
		GRX_TRY(grx_fail(cx, GRX_E_USAGE,
			"--%s goes by gene: give gene models and the reference (-g, -f)",
			s->secondary ? "secondary-findings" : "finding-genes"));
	s->blind = st->models && without_symbols(st->models);
	if (s->blind && s->secondary)
		GRX_TRY(grx_fail(cx, GRX_E_MISMATCH,
			"--secondary-findings: no coding gene of %s has a symbol, by which the list names "
			"genes: give "
			"models with symbols (Name, gene_name)",
			o->gff));
	if (s->blind && (o->acmg || o->ped || s->all))
		grx_warn(cx,
			"no coding gene of %s has a symbol, so genes of the list of secondary findings "
			"cannot be told "
			"apart: no facts of genes but those of --finding-genes",
			o->gff);
	*out = s;
	s = NULL;
	rc = GRX_OK;
out:
	grx_free(path);
	annotate_asked_close(s);
	return rc;
}

void annotate_asked_close(struct annotate_asked *s)
{
	if (!s)
		return;
	grx_map_free(s->list);
	grx_map_free(s->asked);
	grx_arena_free(s->mem);
	grx_free(s);
}

const struct annotate_entry *annotate_telling(const struct annotate_record *r, int32_t number)
{
	for (int32_t i = 0; i < r->n_al; i++)
		if (r->al[i].number == number) {
			const struct annotate_entry *e = r->entry[i], *p = &e[r->pick[i]],
						    *t = &e[r->worst[i]];
			return annotate_worst(p->terms) == annotate_worst(t->terms) ? p : t;
		}
	return NULL;
}

static const char *symbol(const struct annotate_entry *e)
{
	return !e || !e->tx ? NULL : *e->tx->symbol ? e->tx->symbol : e->tx->gene;
}

/* One gene raises the kind found so far. */
static void consider(
	const struct annotate_asked *s, const char *g, enum annotate_asked_kind *kind, const char **gene)
{
	enum annotate_asked_kind k = AT_ASK_NONE;
	if (!g)
		return;
	if (grx_map_get(s->asked, g))
		k = AT_ASK_GENE;
	else if (grx_map_get(s->list, g))
		k = s->secondary ? AT_ASK_SECONDARY : AT_ASK_WITHHELD;
	if (k > *kind) {
		*kind = k;
		*gene = g;
	}
}

enum annotate_asked_kind annotate_asked_of(
	const struct annotate_state *st, const struct annotate_record *r, int32_t number, const char **gene)
{
	const struct annotate_asked *s = st->scope;
	enum annotate_asked_kind kind = AT_ASK_NONE;
	const char *why = NULL;
	bool within = false;
	const struct annotate_entry *t = annotate_telling(r, number);
	for (int32_t i = 0; s && i < r->n_al; i++)
		for (int32_t j = 0; r->al[i].number == number && j < r->n_entry[i]; j++)
			if (r->entry[i][j].tx && r->entry[i][j].distance < 0) {
				within = true;
				consider(s, symbol(&r->entry[i][j]), &kind, &why);
			}
	if (s && !within)
		consider(s, symbol(t), &kind, &why);
	if (s && kind == AT_ASK_NONE && s->blind)
		kind = AT_ASK_WITHHELD;
	if (s && kind == AT_ASK_NONE && s->all && symbol(t)) {
		kind = AT_ASK_GENE;
		why = symbol(t);
	}
	if (gene)
		*gene = why;
	return kind;
}

/* --- the rules of the list, when all is known --- */

static int attr_int(const struct grx_fact *f, const char *key)
{
	int64_t x;
	const char *s = grx_fact_attr_get(f, key);
	return s && grx_parse_i64(s, &x) ? (int)x : 0;
}

static bool truncating(const struct grx_fact *f)
{
	static const char *const term[] = {
		"stop_gained", "frameshift_variant", "splice_donor_variant", "splice_acceptor_variant"};
	const char *c = grx_fact_attr_get(f, "consequence");
	for (size_t i = 0; c && i < sizeof term / sizeof *term; i++)
		if (strstr(c, term[i]))
			return true;
	return false;
}

/* HFE p.Cys282Tyr (rs1800562): by its place where the build is known, names being optional, else by its name.
 */
static bool is_c282y(const struct grx_ctx *cx, const struct grx_fact *f)
{
	const char *p = grx_fact_attr_get(f, "hgvsp");
	enum grx_build b = cx->contigs ? grx_contigs_build(cx->contigs) : GRX_BUILD_UNKNOWN;
	int64_t at = b == GRX_BUILD_38 ? 26092913 : b == GRX_BUILD_37 ? 26093141 : 0;
	bool named = p && (grx_ends(p, "p.Cys282Tyr") || grx_ends(p, "p.(Cys282Tyr)"));
	if (!f->n_because)
		return false;
	/* padded alleles begin a little before */
	int64_t off = at ? at - f->because[0].pos : 0;
	return at && grx_ends(f->key, ":G:A") && off == 0 ? true : named && off >= 0 && off <= 20;
}

static int copies_in_gene(const struct grx_facts *fs, const struct grx_fact *f)
{
	const char *gene = grx_fact_attr_get(f, "gene");
	int n = 0;
	for (size_t i = 0; i < fs->n; i++)
		if (strcmp(fs->v[i]->sample, f->sample) == 0 && grx_starts(fs->v[i]->key, "variant/") &&
			grx_streq(grx_fact_attr_get(fs->v[i], "gene"), gene))
			n += attr_int(fs->v[i], "copies");
	return n;
}

static bool reported(const struct grx_ctx *cx, const struct annotate_state *st, const struct grx_fact *f)
{
	const char *scope = grx_fact_attr_get(f, "asked_for");
	const char *gene = grx_fact_attr_get(f, "gene");
	if (!scope || strcmp(scope, "secondary findings") != 0 || !gene)
		return true;
	const struct listed *x = grx_map_get(st->scope->list, gene);
	if (!x)
		return true;
	bool hemi = attr_int(f, "ploidy") == 1;
	switch (x->rule) {
	case RULE_TWO:
		return copies_in_gene(st->found, f) >= 2;
	case RULE_HEMI_OR_TWO:
		return hemi || copies_in_gene(st->found, f) >= 2;
	case RULE_TRUNCATING:
		return truncating(f);
	case RULE_ONE_CHANGE:
		return is_c282y(cx, f) && attr_int(f, "copies") >= 2;
	case RULE_ANY:
		break;
	}
	return true;
}

static int what_was_asked(
	struct grx_ctx *cx, const struct annotate_state *st, const char *sample, struct grx_facts *to)
{
	const struct annotate_asked *s = st->scope;
	bool asked = s->all || grx_map_size(s->asked) > 0;
	bool able = st->find_db >= 0;
	struct grx_fact *f;
	int rc = grx_facts_add(cx, to, sample, "annotate/findings", "annotate", &f);
	if (!rc)
		rc = grx_fact_str_set(to, f,
			!able                   ? "no_classification"
			: s->secondary && asked ? "asked_genes+secondary"
			: s->secondary          ? "secondary"
			: asked                 ? "asked_genes"
						: "not_looked_for");
	if (!rc && s->secondary)
		rc = grx_fact_attr(to, f, "list", "ACMG SF v3.3");
	if (!rc && asked)
		rc = s->all ? grx_fact_attr(to, f, "genes", "all outside the list of secondary findings")
			    : grx_fact_attr(to, f, "genes", "%zu", grx_map_size(s->asked));
	return rc;
}

int annotate_findings_finish(struct grx_ctx *cx, struct annotate_state *st, struct grx_facts *to)
{
	int rc = GRX_E_BUG;
	const struct grx_hdr *h = cx->hdr;
	struct grx_facts *kept = grx_facts_new();
	if (!kept)
		GRX_TRY(grx_fail_nomem(cx, "findings"));
	for (int32_t i = 0; h && i < h->n_sample; i++)
		GRX_TRY(what_was_asked(cx, st, h->sample[i], to));
	for (size_t i = 0; i < st->found->n; i++) {
		struct grx_fact *f = st->found->v[i];
		struct grx_facts view = {.n = 1, .v = &f};
		if (reported(cx, st, f))
			GRX_TRY(grx_facts_append(cx, kept, &view));
	}
	grx_facts_free(st->found);
	st->found = kept;
	kept = NULL;
	rc = GRX_OK;
out:
	grx_facts_free(kept);
	return rc;
}
