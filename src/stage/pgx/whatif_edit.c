/* SPDX-License-Identifier: GPL-3.0-or-later
 * whatif_edit.c -- the tables of the what-if tool, and genotypes set by hand.
 * A locus is found by rsID or position among given genes; a genotype by numbers or by the alleles. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/opt.h"
#include "bio/contig.h"
#include "stage/pgx/whatif_int.h"

enum { MAX_NEAR = 5, MAX_LIST = 12, NEAR = 3 };

void grx_pgx_tool_close(struct grx_pgx_tool *t)
{
	if (!t)
		return;
	pgx_table_free(t->table);
	grx_contigs_free(t->contigs);
	grx_free(t);
}

/* A dictionary of the contigs that the tables name; lengths unknown. */
static int dictionary(struct grx_ctx *cx, struct grx_pgx_tool *t)
{
	for (int i = 0; i < t->table->n_locus; i++) {
		const char *chrom = t->table->locus[i].chrom;

		if (grx_contigs_find(t->contigs, chrom) >= 0)
			continue;
		int rc = grx_contigs_add(cx, t->contigs, chrom, 0, NULL);

		if (rc)
			return rc;
	}
	return GRX_OK;
}

int grx_pgx_tool_open(struct grx_ctx *cx, struct grx_pgx_tool **out)
{
	struct grx_pgx_tool *t = grx_calloc(1, sizeof(*t));
	struct grx_ctx sub;
	int rc = GRX_E_BUG;

	*out = NULL;
	if (t)
		t->contigs = grx_contigs_new();
	if (!t || !t->contigs) {
		rc = grx_fail_nomem(cx, "the pharmacogene tables");
		goto out;
	}
	GRX_TRY(pgx_table_load(cx, NULL, &t->table));
	GRX_TRY(dictionary(cx, t));
	sub = *cx;
	sub.contigs = t->contigs;
	rc = pgx_table_bind(&sub, t->table);
	if (rc) {
		cx->err = sub.err;
		goto out;
	}
	*out = t;
	t = NULL;
	rc = GRX_OK;
out:
	grx_pgx_tool_close(t);
	return rc;
}

static bool in_list(const char *list, const char *name)
{
	while (*list) {
		size_t n = strcspn(list, ",");

		if (strlen(name) == n && !strncmp(list, name, n))
			return true;
		list += n + (list[n] == ',');
	}
	return false;
}

const struct pgx_gene *pgx_whatif_gene(const struct grx_pgx_tool *t, const char *name)
{
	for (int g = 0; g < t->table->n_gene; g++)
		if (!strcmp(t->table->gene[g].name, name))
			return &t->table->gene[g];
	return NULL;
}

/* Does the typed name, n characters, mean this locus? */
static bool is_locus(const struct pgx_locus *l, const char *name, size_t n)
{
	const char *colon = memchr(name, ':', n);
	char chrom[64], pos[32];
	int64_t x;

	if (l->rsid && strlen(l->rsid) == n && !strncasecmp(l->rsid, name, n))
		return true;
	if (!colon)
		return false;
	snprintf(chrom, sizeof(chrom), "%.*s", (int)(colon - name), name);
	snprintf(pos, sizeof(pos), "%.*s", (int)(n - (size_t)(colon - name) - 1), colon + 1);
	return grx_parse_i64(pos, &x) && x == l->pos + 1 &&
	       !strcmp(grx_contig_canonical(chrom), grx_contig_canonical(l->chrom));
}

static const struct pgx_locus *find(
	const struct grx_pgx_tool *t, const char *genes, const char *name, size_t n)
{
	for (int g = 0; g < t->table->n_gene; g++) {
		const struct pgx_gene *gene = &t->table->gene[g];

		for (int l = 0; in_list(genes, gene->name) && l < gene->n_locus; l++)
			if (is_locus(&t->table->locus[gene->first + l], name, n))
				return &t->table->locus[gene->first + l];
	}
	return NULL;
}

/* Gene outside the list that has the locus, or NULL. */
static const char *elsewhere(const struct grx_pgx_tool *t, const char *name, size_t n)
{
	for (int g = 0; g < t->table->n_gene; g++) {
		const struct pgx_gene *gene = &t->table->gene[g];

		for (int l = 0; l < gene->n_locus; l++)
			if (is_locus(&t->table->locus[gene->first + l], name, n))
				return gene->name;
	}
	return NULL;
}

static void locus_text(struct grx_str *o, const struct pgx_locus *l)
{
	if (l->rsid)
		grx_str_add(o, l->rsid);
	else
		grx_str_addf(o, "%s:%lld", l->chrom, (long long)l->pos + 1);
}

/* The loci of the genes within an edit distance of the name (near), or the first ones; returns how many there
 * are in all. */
static int candidates(
	const struct grx_pgx_tool *t, const char *genes, const char *name, bool near, struct grx_str *o)
{
	int n = 0;

	for (int g = 0; g < t->table->n_gene; g++) {
		const struct pgx_gene *gene = &t->table->gene[g];

		for (int l = 0; in_list(genes, gene->name) && l < gene->n_locus; l++) {
			struct grx_str one = {0};

			locus_text(&one, &t->table->locus[gene->first + l]);
			if (one.s && (!near || grx_edit_distance(name, one.s) < NEAR) &&
				n++ < (near ? MAX_NEAR : MAX_LIST))
				grx_str_addf(o, "%s%s", n > 1 ? ", " : "", one.s);
			o->oom = o->oom || one.oom;
			grx_str_clear(&one);
		}
	}
	return n;
}

static int no_locus(
	struct grx_ctx *cx, const struct grx_pgx_tool *t, const char *name, size_t n, const char *genes)
{
	struct grx_str s = {0};
	const char *gene = elsewhere(t, name, n);
	char typed[64];
	int rc, k;

	snprintf(typed, sizeof(typed), "%.*s", (int)n, name);
	if (gene) {
		rc = grx_fail(cx, GRX_E_USAGE, "--what-if: %s is a locus of %s; the advice rests on %s",
			typed, gene, genes);
	} else if (candidates(t, genes, typed, true, &s)) {
		rc = grx_fail(cx, GRX_E_USAGE, "--what-if: no locus '%s' in %s; near: %s", typed, genes, s.s);
	} else {
		k = candidates(t, genes, typed, false, &s);
		rc = !k ? grx_fail(cx, GRX_E_USAGE,
				  "--what-if: %s is not called from its loci alone; set the diplotype: "
				  "GENE=A/B",
				  genes)
			: grx_fail(cx, GRX_E_USAGE, "--what-if: no locus '%s' in %s; it has %d: %s%s", typed,
				  genes, k, s.s ? s.s : "none", k > MAX_LIST ? ", ..." : "");
	}
	grx_str_clear(&s);
	return rc;
}

/* Number of an allele given as number, '.' or bases; -2 when it is none of the locus. */
static int allele(const struct pgx_locus *l, const char *s, size_t n)
{
	char buf[24];
	int64_t x;

	if (n == 1 && *s == '.')
		return -1;
	for (int k = 0; k <= l->n_alt; k++) {
		const char *a = k ? l->alt[k - 1] : l->ref;

		if (strlen(a) == n && !strncasecmp(a, s, n))
			return k;
	}
	snprintf(buf, sizeof(buf), "%.*s", (int)(n < sizeof(buf) ? n : 0), s);
	return isdigit((unsigned char)buf[0]) && grx_parse_i64(buf, &x) && x <= l->n_alt ? (int)x : -2;
}

/* One or two alleles with '/' or '|' between them. */
static bool alleles(const struct pgx_locus *l, const char *gt, struct grx_pgx_edit *e)
{
	bool ok = true;

	for (e->n = 0; ok; gt++) {
		size_t n = strcspn(gt, "/|");

		ok = e->n < 2;
		if (ok) {
			e->allele[e->n] = allele(l, gt, n);
			ok = e->allele[e->n++] >= -1;
		}
		gt += n;
		if (!*gt)
			break;
		e->phased = e->phased || *gt == '|';
	}
	return ok;
}

static int parse_gt(struct grx_ctx *cx, const struct pgx_locus *l, const char *gt, struct grx_pgx_edit *e)
{
	char one[2][8] = {"", ""};

	if (!alleles(l, gt, e))
		return grx_fail(cx, GRX_E_USAGE,
			"--what-if: '%s' is no genotype at %s%s%s:%lld; its alleles are 0 = %s (REF), 1.. = "
			"%s; "
			"expected e.g. 0/1, %s/%s or ./.",
			gt, l->rsid ? l->rsid : "", l->rsid ? " " : "", l->chrom, (long long)l->pos + 1,
			l->ref, l->alts, l->ref, l->n_alt ? l->alt[0] : l->ref);
	if (e->n == 1 && e->allele[0] < 0) /* "." says nothing of how many copies there are */
		e->allele[e->n++] = -1;
	for (int i = 0; i < e->n; i++)
		snprintf(one[i], sizeof(one[i]), e->allele[i] < 0 ? "." : "%d", e->allele[i]);
	snprintf(e->gt, sizeof(e->gt), "%s%s%s", one[0], e->n == 1 ? "" : e->phased ? "|" : "/", one[1]);
	return GRX_OK;
}

int grx_pgx_edit_parse(struct grx_ctx *cx, const struct grx_pgx_tool *t, const char *text, const char *genes,
	struct grx_pgx_edit *out)
{
	const char *eq = strchr(text, '=');
	const struct pgx_locus *l;

	memset(out, 0, sizeof(*out));
	if (!eq || eq == text)
		return grx_fail(cx, GRX_E_USAGE,
			"--what-if: found '%s', expected LOCUS=GT, e.g. rs4244285=0/1 or chr10:94781859=./.",
			text);
	l = find(t, genes, text, (size_t)(eq - text));
	if (!l)
		return no_locus(cx, t, text, (size_t)(eq - text), genes);
	out->chrom = l->chrom;
	out->name = l->rsid;
	out->pos = l->pos + 1;
	return parse_gt(cx, l, eq + 1, out);
}

static bool same_place(const struct pgx_locus *l, const char *chrom, int64_t pos)
{
	return l->pos + 1 == pos && !strcmp(grx_contig_canonical(l->chrom), grx_contig_canonical(chrom));
}

bool grx_pgx_edit_in(const struct grx_pgx_tool *t, const struct grx_pgx_edit *e, const char *gene)
{
	const struct pgx_gene *g = pgx_whatif_gene(t, gene);

	for (int l = 0; g && l < g->n_locus; l++)
		if (same_place(&t->table->locus[g->first + l], e->chrom, e->pos))
			return true;
	return false;
}

void grx_pgx_defines(const struct grx_pgx_tool *t, const char *gene, const char *chrom, int64_t pos, int max,
	struct grx_str *out)
{
	const struct pgx_gene *g = pgx_whatif_gene(t, gene);
	int n = 0;

	for (int l = 0; g && l < g->n_locus; l++) {
		if (!same_place(&t->table->locus[g->first + l], chrom, pos))
			continue;
		for (int a = 0; a < g->n_allele; a++) {
			if (!g->allele[a].core[l] || g->allele[a].mask[l] & 1u)
				continue;
			if (n++ < max)
				grx_str_addf(out, "%s%s", n > 1 ? ", " : "", g->allele[a].shown);
		}
	}
	if (n > max)
		grx_str_addf(out, ", ... (%d)", n);
}
