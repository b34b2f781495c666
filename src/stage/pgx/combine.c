/* SPDX-License-Identifier: GPL-3.0-or-later
 * combine.c -- combination mode: strands as sets of alleles plus the variants that none of them claims.
 * A strand takes one side of every phase block; its mirror image takes the others. Bit k of a strand's number
 * is its side of block k. Alleles are not completed with reference bases here: only what defines them counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "stage/pgx/pgx_int.h"

#define MAX_BLOCK 16
#define MAX_SET   64
#define MAX_DIPS  100000

/* An allele that some strand may carry. */
struct part {
	int allele, n_core;   /* available defining loci */
	uint32_t right, left; /* blocks whose right, left side it needs */
};

/* A set of parts without a shared defining locus. */
struct set {
	int n, score, *part; /* parts, in order of size */
	const char *text;
};

struct combos {
	struct grx_arena *mem;
	const struct pgx_data *d;
	int n_part;
	struct part *part;    /* larger first, then by the bytes of the name: the order decides on sets */
	struct grx_map *seen; /* texts of out */
	struct pgx_dips *out;
	bool full; /* something was left out */
};

static bool fits(uint32_t mask, int8_t code)
{
	return code >= 0 && code != PGX_OTHER && (mask >> code & 1u);
}

static bool make_part(const struct pgx_data *d, int k, struct part *p)
{
	const struct pgx_allele *a = &d->gene->allele[k];
	*p = (struct part){.allele = k};
	for (int l = 0; l < d->gene->n_locus; l++) {
		int b = d->block[l];
		if (!a->core[l] || b == -2)
			continue;
		p->n_core++;
		bool x = fits(a->mask[l], d->code[l][0]), y = fits(a->mask[l], d->code[l][1]);
		if (b < 0 ? !x : !x && !y)
			return false;
		if (b >= 0 && !x)
			p->right |= 1u << b;
		if (b >= 0 && !y)
			p->left |= 1u << b;
	}
	return p->n_core && !(p->right & p->left);
}

/* Names such as *80+*28 stand for two alleles of one strand: the parts are there by themselves. */
static bool is_composite(const char *name)
{
	return name[0] == '*' && strstr(name, "+*");
}

static int find_parts(struct combos *c)
{
	const struct pgx_gene *g = c->d->gene;
	c->part = grx_arena_alloc(c->mem, (size_t)g->n_allele, sizeof *c->part);
	if (!c->part)
		return GRX_E_NOMEM;
	for (int k = 0; k < g->n_allele; k++) {
		struct part p;
		if (k == g->ref_allele || is_composite(g->allele[k].name) || !make_part(c->d, k, &p))
			continue;
		int i = c->n_part++;
		while (i > 0 && (c->part[i - 1].n_core < p.n_core ||
					(c->part[i - 1].n_core == p.n_core &&
						strcmp(g->allele[c->part[i - 1].allele].name,
							g->allele[k].name) > 0))) {
			c->part[i] = c->part[i - 1];
			i--;
		}
		c->part[i] = p;
	}
	return GRX_OK;
}

static bool claims(const struct combos *c, int part, int l)
{
	return c->d->gene->allele[c->part[part].allele].core[l];
}

static bool share_locus(const struct combos *c, int x, int y)
{
	for (int l = 0; l < c->d->gene->n_locus; l++)
		if (c->d->block[l] != -2 && claims(c, x, l) && claims(c, y, l))
			return true;
	return false;
}

/* Put part k into every set where it shares no locus. It begins a set of its own only if it went nowhere and
 * no larger part stood in its way. */
static int place(struct combos *c, int k, struct set *s, int *n)
{
	bool added = false, larger = false;
	for (int i = 0; i < *n; i++) {
		bool free = true;
		for (int j = 0; j < s[i].n; j++)
			if (share_locus(c, k, s[i].part[j])) {
				free = false;
				larger = larger || c->part[s[i].part[j]].n_core != c->part[k].n_core;
			}
		if (free)
			s[i].part[s[i].n++] = k;
		added = added || free;
	}
	c->full = c->full || (!added && !larger && *n == MAX_SET);
	if (added || larger || *n == MAX_SET)
		return GRX_OK;
	s[*n] = (struct set){.part = grx_arena_alloc(c->mem, (size_t)c->n_part, sizeof(int))};
	if (!s[*n].part)
		return GRX_E_NOMEM;
	s[*n].part[s[*n].n++] = k;
	++*n;
	return GRX_OK;
}

/* The ALT text of one side as the record wrote it. */
static void other_text(struct grx_str *s, const struct pgx_locus *x, const struct pgx_obs *o, int side)
{
	int want = o->gt[o->haploid ? 0 : side];
	const char *a = o->alt ? o->alt : "?";
	for (int i = 1; i < want && strchr(a, ','); i++)
		a = strchr(a, ',') + 1;
	grx_str_addf(
		s, "g.%lld%s>%.*s", (long long)x->pos + 1, o->ref ? o->ref : x->ref, (int)strcspn(a, ","), a);
}

/* k-th of the names between "; ", NULL unless there are n of them. */
static const char *nth_name(const char *names, int k, int n, size_t *len)
{
	int have = *names ? 1 : 0;
	const char *at = NULL, *p = names;
	for (int i = 0; *p; i++) {
		const char *end = strstr(p, "; ");
		size_t m = end ? (size_t)(end - p) : strlen(p);
		if (i == k) {
			at = p;
			*len = m;
		}
		have += end != NULL;
		p += m + (end ? 2 : 0);
	}
	return have == n ? at : NULL;
}

/* How many alleles of the locus are shorter. */
static int rank_by_length(const struct pgx_locus *x, int8_t code)
{
	int n = 0;
	size_t len = strlen(x->alt[code - 1]);
	for (int k = 0; k <= x->n_alt; k++)
		n += strlen(k ? x->alt[k - 1] : x->ref) < len;
	return n;
}

static void variant_text(struct grx_str *s, const struct pgx_data *d, int l, int side)
{
	const struct pgx_locus *x = &d->locus[l];
	int8_t code = d->code[l][side];
	size_t len = 0;
	const char *name = NULL;
	/* half a call, or a neighbouring record that changes bases of the locus: it has no name here */
	if (code == PGX_NONE || (code == PGX_OTHER && d->obs[l].rank == 2)) {
		grx_str_addf(s, "g.%lld?", (long long)x->pos + 1);
		return;
	}
	if (code < 0 || code == PGX_OTHER) {
		other_text(s, x, &d->obs[l], side);
		return;
	}
	if (!x->ref[1] && !x->alt[code - 1][1]) {
		grx_str_addf(s, "g.%lld%s>%s", (long long)x->pos + 1, x->ref, x->alt[code - 1]);
		return;
	}
	name = nth_name(x->hgvs, code - 1, x->n_alt, &len);
	if (!name) /* repeats are named by length, the reference length among them */
		name = nth_name(x->hgvs, rank_by_length(x, code), x->n_alt + 1, &len);
	if (name)
		grx_str_addn(s, name, len);
	else
		grx_str_addf(s, "g.%lld%s>%s", (long long)x->pos + 1, x->ref, x->alt[code - 1]);
}

static int by_name(const void *a, const void *b)
{
	return pgx_name_cmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of the parts in their order, then the variants that no part claims; the score counts both. */
static int name_set(struct combos *c, uint32_t strand, struct set *s)
{
	const struct pgx_gene *g = c->d->gene;
	const char **name = grx_arena_alloc(c->mem, (size_t)s->n + 1, sizeof *name);
	struct grx_str t = {0};
	int n = 0;
	if (!name)
		return GRX_E_NOMEM;
	s->score = s->n ? 0 : c->d->n_avail;
	for (int j = 0; j < s->n; j++) {
		name[j] = g->allele[c->part[s->part[j]].allele].shown;
		s->score += c->part[s->part[j]].n_core;
	}
	qsort(name, (size_t)s->n, sizeof *name, by_name);
	for (; n < s->n; n++)
		grx_str_addf(&t, "%s%s", n ? " + " : "", name[n]);
	for (int l = 0; l < g->n_locus; l++) {
		int b = c->d->block[l], side = b < 0 ? 0 : (int)(strand >> b & 1u);
		bool claimed = b == -2 || c->d->code[l][side] == 0;
		for (int j = 0; j < s->n && !claimed; j++)
			claimed = claims(c, s->part[j], l);
		if (claimed)
			continue;
		grx_str_add(&t, n++ ? " + " : "");
		variant_text(&t, c->d, l, side);
		s->score--;
	}
	s->text = t.oom    ? NULL
		  : n == 0 ? g->allele[g->ref_allele].shown
		  : n == 1 ? grx_arena_strdup(c->mem, t.s)
			   : grx_arena_printf(c->mem, "[%s]", t.s);
	grx_str_clear(&t);
	return s->text ? GRX_OK : GRX_E_NOMEM;
}

/* What one strand can be called: *n sets, at least the one without parts. */
static int strand_sets(struct combos *c, uint32_t strand, struct set *s, int *n)
{
	int rc = GRX_OK;
	*n = 0;
	for (int k = 0; k < c->n_part && rc == GRX_OK; k++)
		if ((strand & c->part[k].right) == c->part[k].right && !(strand & c->part[k].left))
			rc = place(c, k, s, n);
	if (rc == GRX_OK && !*n)
		s[(*n)++] = (struct set){0};
	for (int i = 0; i < *n && rc == GRX_OK; i++)
		rc = name_set(c, strand, &s[i]);
	return rc;
}

static int alleles_of(struct combos *c, const struct set *s, struct pgx_dip *p, int side)
{
	int *a = grx_arena_alloc(c->mem, (size_t)s->n + 1, sizeof *a);
	if (!a)
		return GRX_E_NOMEM;
	a[0] = c->d->gene->ref_allele;
	for (int j = 0; j < s->n; j++)
		a[j] = c->part[s->part[j]].allele;
	p->n[side] = s->n;
	p->a[side] = a;
	return GRX_OK;
}

static int push(struct combos *c, const struct set *x, const struct set *y)
{
	struct pgx_dip p = {.n = {0, -1}, .score = x->score + (y ? y->score : 0)};
	if (y && pgx_name_cmp(x->text, y->text) > 0) {
		const struct set *t = x;
		x = y;
		y = t;
	}
	p.text = y ? grx_arena_printf(c->mem, "%s/%s", x->text, y->text) : x->text;
	if (!p.text)
		return GRX_E_NOMEM;
	if (grx_map_get(c->seen, p.text)) /* same parts and variants, hence the same score */
		return GRX_OK;
	int rc = alleles_of(c, x, &p, 0);
	if (rc == GRX_OK && y)
		rc = alleles_of(c, y, &p, 1);
	if (rc == GRX_OK)
		rc = grx_map_set(c->seen, p.text, c->out);
	return rc == GRX_OK ? pgx_dips_push(c->mem, c->out, &p) : rc;
}

/* A strand with its mirror image. With one strand only, all pairs of what it can be called. */
static int pair_strands(struct combos *c, uint32_t strand, struct set *x, struct set *y)
{
	int n, m, rc = strand_sets(c, strand, x, &n);
	uint32_t all = (uint32_t)((1ull << c->d->n_block) - 1);
	if (rc == GRX_OK)
		rc = strand_sets(c, ~strand & all, y, &m);
	for (int i = 0; rc == GRX_OK && i < n; i++) {
		if (c->d->haploid)
			rc = push(c, &x[i], NULL);
		for (int j = c->d->n_block ? 0 : i; rc == GRX_OK && j < m && !c->d->haploid; j++)
			rc = push(c, &x[i], &y[j]);
	}
	return rc;
}

static int cmp_dips(const void *a, const void *b)
{
	return pgx_dip_cmp(a, b);
}

int pgx_combine(struct grx_arena *mem, const struct pgx_data *d, struct pgx_dips *out, bool *too_many)
{
	struct combos c = {.mem = mem, .d = d, .out = out};
	int rc = GRX_E_BUG;
	memset(out, 0, sizeof *out);
	*too_many = d->n_block > MAX_BLOCK;
	if (*too_many || d->mixed || (d->haploid && d->n_block))
		return GRX_OK;
	c.seen = grx_map_new();
	struct set *x = grx_arena_alloc(mem, 2 * MAX_SET, sizeof *x);
	if (!c.seen || !x) {
		rc = GRX_E_NOMEM;
		goto out;
	}
	GRX_TRY(find_parts(&c));
	uint32_t n_strand = d->n_block ? 1u << (d->n_block - 1) : 1;
	for (uint32_t s = 0; s < n_strand && out->n < MAX_DIPS; s++)
		GRX_TRY(pair_strands(&c, s, x, x + MAX_SET));
	*too_many = c.full || out->n >= MAX_DIPS;
	if (*too_many)
		out->n = 0;
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, cmp_dips);
	rc = GRX_OK;
out:
	grx_map_free(c.seen);
	return rc;
}

/* Phenotypes by name as the reference tool has them: a combination is no listed allele. */
static int phenotypes(struct grx_arena *mem, const struct pgx_data *d, struct pgx_verdict *v)
{
	struct grx_str p = {0}, a = {0};
	const char *none = "n/a", *activity;
	for (int i = 0; i < d->gene->n_rule; i++)
		if (d->gene->rule[i].mode == PGX_RULE_SUM_UNKNOWN)
			none = d->gene->rule[i].phenotype;
	for (size_t i = 0; i < v->shown.n; i++) {
		const struct pgx_dip *x = &v->shown.v[i];
		bool plain = !strchr(x->text, '[') && !strstr(x->text, "g.") && x->n[0] <= 1 && x->n[1] <= 1;
		const char *s = plain ? pgx_phenotype(mem, d->gene, x->a[0][0], x->n[1] < 0 ? -1 : x->a[1][0],
						&activity)
				      : NULL;
		grx_str_addf(&p, "%s%s", i ? " OR " : "", s ? s : none);
		if (d->gene->by_score)
			grx_str_addf(&a, "%s%s", i ? " OR " : "", s && activity ? activity : "n/a");
	}
	v->phenotypes = p.oom ? NULL : grx_arena_strdup(mem, p.s);
	v->activities = a.n && !a.oom ? grx_arena_strdup(mem, a.s) : NULL;
	bool bad = !v->phenotypes || a.oom;
	grx_str_clear(&p);
	grx_str_clear(&a);
	return bad ? GRX_E_NOMEM : GRX_OK;
}

int pgx_judge_combined(struct grx_arena *mem, const struct pgx_data *d, struct pgx_verdict *v)
{
	bool too_many;
	int rc = pgx_combine(mem, d, &v->shown, &too_many);
	if (rc != GRX_OK)
		return rc;
	if (too_many)
		v->warning = "too many unphased heterozygous loci or combinations for combination mode";
	if (!v->shown.n)
		return GRX_OK;
	v->status = PGX_AMBIGUOUS;
	v->why_not =
		"ambiguous: only a combination of alleles and variants explains the genotypes; its function "
		"is not known";
	return phenotypes(mem, d, v);
}
