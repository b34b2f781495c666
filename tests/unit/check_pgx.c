/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_pgx.c -- properties of the pgx stage on random diplotypes of the shipped tables:
 * missing evidence never makes a phenotype appear or change, pairs equal those of enumerating haplotypes,
 * phase only narrows, and records are read for what they say about a locus. Run from the project root. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "bio/contig.h"
#include "stage/pgx/store.h"

static struct pgx_table *table;
static struct grx_ctx cx;
static const struct pgx_opt opt = {.min_gq = 10, .min_dp = 4};
static uint64_t seed = 42;

/* A small generator of the test's own: results must not depend on the library's. */
static uint32_t rnd(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

static void setup(void)
{
	memset(&cx, 0, sizeof cx);
	cx.refdata = "refdata";
	ck_assert_msg(pgx_table_load(&cx, NULL, &table) == GRX_OK, "%s", cx.err.msg);
}

static void teardown(void)
{
	pgx_table_free(table);
}

static int8_t pick_code(uint32_t mask)
{
	int8_t c = 0;
	do
		c = (int8_t)rnd(PGX_OTHER);
	while (!(mask >> c & 1u));
	return c;
}

/* A sample that carries alleles x and y at every locus. */
static void carry(const struct pgx_gene *g, int x, int y, bool phased, struct pgx_obs *obs)
{
	memset(obs, 0, (size_t)table->n_locus * sizeof *obs);
	for (int i = 0; i < table->n_locus; i++)
		obs[i].state = PGX_NO_RECORD;
	for (int l = 0; l < g->n_locus; l++) {
		struct pgx_obs *o = &obs[g->first + l];
		o->state = PGX_OK;
		o->ps = GRX_INT_MISSING;
		o->dp = o->gq = -1;
		o->ref = table->locus[g->first + l].ref;
		o->alt = table->locus[g->first + l].alts;
		o->code[0] = pick_code(g->allele[x].mask[l]);
		o->code[1] = pick_code(g->allele[y].mask[l]);
		o->phased = phased;
		if (!phased && rnd(2)) {
			int8_t t = o->code[0];
			o->code[0] = o->code[1];
			o->code[1] = t;
		}
		o->gt[0] = o->code[0];
		o->gt[1] = o->code[1];
	}
}

static void judge(
	struct grx_arena *mem, const struct pgx_gene *g, const struct pgx_obs *obs, struct pgx_verdict *v)
{
	struct pgx_data d;
	ck_assert_int_eq(pgx_data_make(mem, table, g, obs, &d), GRX_OK);
	ck_assert_int_eq(pgx_judge(mem, &opt, &d, v), GRX_OK);
}

/* Remove loci one after another: a phenotype may vanish, never appear, never become another. */
static void remove_loci(const struct pgx_gene *g, int x, int y, bool phased, uint8_t how, struct pgx_obs *obs)
{
	struct grx_arena *mem = grx_arena_new();
	struct pgx_verdict before, after;
	carry(g, x, y, phased, obs);
	judge(mem, g, obs, &before);
	for (int k = 0; k < 6 && k < g->n_locus; k++) {
		int l = (int)rnd((uint32_t)g->n_locus);
		/* defining loci of the carried alleles half of the time: there the danger is */
		for (int t = 0; t < 200 && k % 2 == 0 && !g->allele[rnd(2) ? x : y].core[l]; t++)
			l = (int)rnd((uint32_t)g->n_locus);
		obs[g->first + l].state = how;
		judge(mem, g, obs, &after);
		ck_assert_msg(after.status == PGX_PARTIAL || after.status == PGX_NOT_ASSESSED, "%s %s/%s: %s",
			g->name, g->allele[x].name, g->allele[y].name, pgx_status_text(after.status));
		if (!before.phenotype)
			ck_assert_msg(!after.phenotype, "%s %s/%s: %s appeared", g->name, g->allele[x].name,
				g->allele[y].name, after.phenotype);
		else
			ck_assert_msg(!after.phenotype || !strcmp(after.phenotype, before.phenotype),
				"%s %s/%s: %s became %s", g->name, g->allele[x].name, g->allele[y].name,
				before.phenotype, after.phenotype);
		before = after;
	}
	grx_arena_free(mem);
}

START_TEST(missing_never_makes_a_phenotype)
{
	struct pgx_obs *obs = grx_calloc((size_t)table->n_locus, sizeof *obs);
	for (int i = 0; i < table->n_gene; i++) {
		const struct pgx_gene *g = &table->gene[i];
		int n = g->method == PGX_NEVER ? 0 : g->n_locus > 150 ? 20 : 80;
		for (int k = 0; k < n; k++) {
			int x = k % 3 ? (int)rnd((uint32_t)g->n_allele) : g->ref_allele;
			int y = (int)rnd((uint32_t)g->n_allele);
			remove_loci(g, x, y, k % 2, k % 4 ? PGX_NOCALL : PGX_NO_RECORD, obs);
		}
	}
	grx_free(obs);
}
END_TEST

START_TEST(no_evidence_is_not_assessed)
{
	struct pgx_obs *obs = grx_calloc((size_t)table->n_locus, sizeof *obs);
	struct grx_arena *mem = grx_arena_new();
	struct pgx_verdict v;
	for (int i = 0; i < table->n_gene; i++) {
		const struct pgx_gene *g = &table->gene[i];
		for (int s = PGX_NO_RECORD; s < PGX_N_STATE && g->method != PGX_NEVER; s++) {
			carry(g, g->ref_allele, g->ref_allele, false, obs);
			for (int l = 0; l < g->n_locus; l++)
				obs[g->first + l].state = (uint8_t)s;
			judge(mem, g, obs, &v);
			ck_assert_int_eq(v.status, PGX_NOT_ASSESSED);
			ck_assert_ptr_null(v.phenotype);
			ck_assert_ptr_nonnull(v.why_not);
			ck_assert_int_eq((int)v.shown.n, 0);
		}
	}
	grx_arena_free(mem);
	grx_free(obs);
}
END_TEST

static bool has(const struct pgx_dips *ds, const char *text)
{
	for (size_t i = 0; i < ds->n; i++)
		if (!strcmp(ds->v[i].text, text))
			return true;
	return false;
}

START_TEST(phase_only_narrows)
{
	struct pgx_obs *obs = grx_calloc((size_t)table->n_locus, sizeof *obs);
	for (int i = 0; i < table->n_gene; i++) {
		const struct pgx_gene *g = &table->gene[i];
		for (int k = 0; k < 40 && g->method == PGX_EXACT; k++) {
			struct grx_arena *mem = grx_arena_new();
			struct pgx_data d;
			struct pgx_dips ph, un;
			int x = (int)rnd((uint32_t)g->n_allele), y = (int)rnd((uint32_t)g->n_allele);
			carry(g, x, y, true, obs);
			ck_assert_int_eq(pgx_data_make(mem, table, g, obs, &d), GRX_OK);
			ck_assert_int_eq(pgx_match(mem, &d, false, &ph), GRX_OK);
			for (int l = 0; l < table->n_locus; l++)
				obs[l].phased = false;
			ck_assert_int_eq(pgx_data_make(mem, table, g, obs, &d), GRX_OK);
			ck_assert_int_eq(pgx_match(mem, &d, false, &un), GRX_OK);
			ck_assert_msg(ph.n >= 1, "%s %s/%s", g->name, g->allele[x].name, g->allele[y].name);
			for (size_t j = 0; j < ph.n; j++)
				ck_assert_msg(has(&un, ph.v[j].text), "%s %s", g->name, ph.v[j].text);
			grx_arena_free(mem);
		}
	}
	grx_free(obs);
}
END_TEST

/* Does allele k match the haplotype that takes side (flip >> block & 1) in each block? */
static bool matches(const struct pgx_data *d, int k, unsigned flip)
{
	bool any = false;
	for (int l = 0; l < d->gene->n_locus; l++) {
		if (d->block[l] == -2)
			continue;
		int side = d->block[l] < 0 ? 0 : (int)(flip >> d->block[l] & 1u);
		any = any || d->gene->allele[k].core[l];
		if (!(d->gene->allele[k].mask[l] >> d->code[l][side] & 1u))
			return false;
	}
	return any;
}

START_TEST(pairs_equal_enumeration)
{
	struct pgx_obs *obs = grx_calloc((size_t)table->n_locus, sizeof *obs);
	for (int i = 0; i < table->n_gene; i++) {
		const struct pgx_gene *g = &table->gene[i];
		for (int r = 0; r < 20 && g->method == PGX_EXACT && g->n_allele < 110; r++) {
			struct grx_arena *mem = grx_arena_new();
			struct pgx_data d;
			struct pgx_dips ds;
			size_t n = 0;
			carry(g, (int)rnd((uint32_t)g->n_allele), (int)rnd((uint32_t)g->n_allele), false,
				obs);
			for (int l = 0; l < g->n_locus; l++) {
				struct pgx_obs *o = &obs[g->first + l];
				o->state = rnd(12) ? PGX_OK : PGX_NOCALL;
				o->phased = rnd(3) == 0;
				o->ps = rnd(2) ? (int32_t)rnd(2) : GRX_INT_MISSING;
			}
			ck_assert_int_eq(pgx_data_make(mem, table, g, obs, &d), GRX_OK);
			ck_assert_int_lt(d.n_block, 16);
			ck_assert_int_eq(pgx_match(mem, &d, false, &ds), GRX_OK);
			unsigned full = (1u << d.n_block) - 1;
			for (int x = 0; x < g->n_allele; x++) {
				for (int y = x; y < g->n_allele; y++) {
					bool ok = false;
					for (unsigned f = 0; f <= full && !ok; f++)
						ok = matches(&d, x, f) && matches(&d, y, full & ~f);
					n += ok;
				}
			}
			/* alleles shown under one name make one diplotype */
			ck_assert_msg(!strcmp(g->name, "SLCO1B1") ? ds.n <= n && !ds.n == !n : ds.n == n,
				"%s: %zu, %zu", g->name, ds.n, n);
			grx_arena_free(mem);
		}
	}
	grx_free(obs);
}
END_TEST

START_TEST(name_order)
{
	static const char *const in_order[] = {"Reference/Reference", "Reference/c.61C>T", "*1/*2", "*1/*10",
		"*2/*3A", "*3A/*3B", "*80/*80+*28", "*80+*28/*80+*28", "c.85T>C (*9A)/c.3067C>A",
		"c.1024G>A"};
	for (size_t i = 0; i + 1 < sizeof in_order / sizeof *in_order; i++) {
		ck_assert_msg(pgx_name_cmp(in_order[i], in_order[i + 1]) < 0, "%s", in_order[i]);
		ck_assert_msg(pgx_name_cmp(in_order[i + 1], in_order[i]) > 0, "%s", in_order[i]);
	}
}
END_TEST

static const char *phenotype_of(const char *gene, const char *x, const char *y)
{
	static char answer[96];
	const char *activity, *p = NULL;
	struct grx_arena *mem = grx_arena_new();
	for (int i = 0; i < table->n_gene; i++) {
		const struct pgx_gene *g = &table->gene[i];
		int a = -1, b = -1;
		for (int k = 0; k < g->n_allele && !strcmp(g->name, gene); k++) {
			if (!strcmp(g->allele[k].name, x))
				a = k;
			if (y && !strcmp(g->allele[k].name, y))
				b = k;
		}
		if (a >= 0)
			p = pgx_phenotype(mem, g, a, b, &activity);
	}
	snprintf(answer, sizeof answer, "%s", p ? p : "none");
	grx_arena_free(mem);
	return answer;
}

START_TEST(phenotype_rules)
{
	ck_assert_str_eq(phenotype_of("CYP2C19", "*2", "*17"), "Intermediate Metabolizer");
	ck_assert_str_eq(phenotype_of("CYP2C19", "*17", "*1"), "Rapid Metabolizer");
	ck_assert_str_eq(phenotype_of("CYP2C9", "*2", "*3"), "Poor Metabolizer");
	ck_assert_str_eq(phenotype_of("CYP2C9", "*1", "*2"), "Intermediate Metabolizer");
	ck_assert_str_eq(phenotype_of("DPYD", "Reference", "c.1905+1G>A (*2A)"), "Intermediate Metabolizer");
	ck_assert_str_eq(phenotype_of("G6PD", "B (reference)", NULL), "Normal");
	ck_assert_str_eq(phenotype_of("TPMT", "*1", "*44"), "none");
}
END_TEST

/* One record at a locus of UGT1A1 (chr2:233760233 CAT>C,CATAT,CATATAT) for one sample. */
struct shot {
	int64_t pos;
	const char *ref, *alt;
	int rlen, a, b;
	int dp, gq;
};

/* The one sample of a hit joins what is known. */
static void keep_packed(struct grx_arena *keep, struct pgx_obs *have, const struct pgx_packed *p)
{
	struct pgx_bytes b = {p->bytes, p->bytes + p->end[0], false};
	struct pgx_obs more;
	ck_assert_int_eq(pgx_chunk_get(&b, keep, 1, 1, &more), GRX_OK);
	pgx_obs_keep(keep, have, &more);
}

static struct pgx_obs see(const struct shot *q, int n, int64_t locus_pos)
{
	struct pgx_obs have = {.state = PGX_NO_RECORD};
	struct grx_arena *mem = grx_arena_new(), *keep = grx_arena_new();
	struct grx_contigs *ct = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&cx, ct, "2", 242193529, ""), GRX_OK);
	cx.contigs = ct;
	ck_assert_int_eq(pgx_table_bind(&cx, table), GRX_OK);
	struct grx_hdr *h = grx_hdr_new(ct);
	ck_assert_int_eq(grx_hdr_sample_add(&cx, h, "S"), GRX_OK);
	struct grx_vars *b = grx_vars_new(mem, h);
	for (int i = 0; i < n; i++) {
		struct grx_var *v = grx_vars_push(b);
		const char *al[2] = {q[i].ref, q[i].alt};
		v->pos = q[i].pos - 1;
		ck_assert_int_eq(grx_var_alleles_set(mem, v, q[i].alt ? 2 : 1, al), GRX_OK);
		v->rlen = q[i].rlen;
		ck_assert_int_eq(grx_var_gt_alloc(mem, v, 2, 1), GRX_OK);
		v->gt[0] = q[i].a < 0 ? 0 : GRX_GT(q[i].a, 0);
		v->gt[1] = q[i].b < 0 ? 0 : GRX_GT(q[i].b, 0);
		grx_var_fmt_set(mem, v, "DP", GRX_T_INT, 1, 1)->v.i[0] = q[i].dp;
		grx_var_fmt_set(mem, v, "GQ", GRX_T_INT, 1, 1)->v.i[0] = q[i].gq;
	}
	struct grx_shard sh = {.tid = -1, .vars = b, .mem = mem};
	struct pgx_hits *hits;
	ck_assert_int_eq(pgx_observe(table, &opt, &cx, &sh, &hits), GRX_OK);
	for (size_t i = 0; i < hits->n; i++)
		if (table->locus[hits->v[i].locus].pos == locus_pos - 1)
			keep_packed(keep, &have, &hits->v[i].obs);
	have.ref = have.alt = have.ad = NULL;
	grx_hdr_free(h);
	grx_contigs_free(ct);
	grx_arena_free(mem);
	grx_arena_free(keep);
	cx.contigs = NULL;
	return have;
}

#define SEE(at, ...)                                                                                         \
	see((const struct shot[]){__VA_ARGS__},                                                              \
		sizeof((const struct shot[]){__VA_ARGS__}) / sizeof(struct shot), at)

START_TEST(records_and_loci)
{
	struct pgx_obs o = SEE(233760233, {233760233, "CAT", "CATAT", 3, 0, 1, 30, 50});
	ck_assert(o.state == PGX_OK && o.code[0] == 0 && o.code[1] == 2);
	o = SEE(233760233, {233760233, "C", "CAT", 1, 0, 1, 30, 50}); /* the same insertion, other padding */
	ck_assert(o.state == PGX_OK && o.code[0] == 0 && o.code[1] == 2);
	o = SEE(233760233, {233760233, "CAT", "CATAT", 3, -1, -1, 30, 50});
	ck_assert_int_eq(o.state, PGX_NOCALL);
	o = SEE(233760233, {233760233, "CAT", "CATAT", 3, 0, -1, 30, 50});
	ck_assert_int_eq(o.state, PGX_NOCALL);
	o = SEE(233760233, {233760233, "CAT", "CATAT", 3, 0, 0, 30, 5});
	ck_assert_int_eq(o.state, PGX_LOW_GQ);
	o = SEE(233760233, {233760233, "CAT", "CATAT", 3, 0, 0, 2, 50});
	ck_assert_int_eq(o.state, PGX_LOW_DP);
	o = SEE(233760233, {233760233, "CAT", "CA", 3, 0, 1, 30, 50});
	ck_assert(o.state == PGX_OK && o.code[1] == PGX_OTHER);
	o = SEE(233760233, {233760233, "CAT", "*", 3, 0, 1, 30, 50});
	ck_assert_int_eq(o.state, PGX_SYMBOLIC);
	o = SEE(233760233,
		{233760200, "A", "<NON_REF>", 200, 0, 0, 30, 50}); /* a block that covers the locus */
	ck_assert_msg(o.state == PGX_OK && o.rank == 1 && !o.anchor_only && o.code[1] == 0, "%d %d %d %d",
		o.state, o.rank, o.anchor_only, o.code[1]);
	o = SEE(233760233, {233760200, "A", "<NON_REF>", 34, 0, 0, 30, 50}); /* a block that ends inside it */
	ck_assert_int_eq(o.state, PGX_NO_RECORD);
	o = SEE(233760233,
		{233760230, "GGGCAT", "G", 6, 0, 0, 30, 50}); /* something else, absent: no evidence */
	ck_assert_int_eq(o.state, PGX_NO_RECORD);
	o = SEE(233760498, {233760498, "G", NULL, 1, 0, 0, 30, 50});
	ck_assert(o.state == PGX_OK && o.code[0] == 0 && o.code[1] == 0);
	o = SEE(233760498, {233760497, "AG", "CA", 2, 0, 1, 30, 50}); /* one base of a substitution of two */
	ck_assert(o.state == PGX_OK && o.code[1] == 1);
	o = SEE(233760498, {233760498, "T", "A", 1, 0, 0, 30, 50});
	ck_assert_int_eq(o.state, PGX_BAD_REF);
	/* a no-call of the locus itself is not overruled by a block */
	o = SEE(233760498, {233760400, "A", "<*>", 200, 0, 0, 30, 50},
		{233760498, "G", "A", 1, -1, -1, 30, 50});
	ck_assert_int_eq(o.state, PGX_NOCALL);
}
END_TEST

START_TEST(records_of_one_locus)
{
	/* the same record twice agrees; 0/0 and 0/1 contradict; a doubtful twin is a doubt, in either order
	 */
	struct pgx_obs o = SEE(
		233760498, {233760498, "G", "A", 1, 0, 1, 30, 50}, {233760498, "G", "A", 1, 0, 1, 30, 50});
	ck_assert(o.state == PGX_OK && o.code[0] + o.code[1] == 1);
	o = SEE(233760498, {233760498, "G", "A", 1, 0, 0, 30, 50}, {233760498, "G", "A", 1, 0, 1, 30, 50});
	ck_assert_int_eq(o.state, PGX_DISCORDANT);
	o = SEE(233760498, {233760498, "G", "A", 1, 0, 0, 30, 50}, {233760498, "G", "A", 1, 0, 1, 30, 5});
	ck_assert_int_eq(o.state, PGX_LOW_GQ);
	o = SEE(233760498, {233760498, "G", "A", 1, -1, -1, 30, 50}, {233760498, "G", "A", 1, 0, 0, 30, 50});
	ck_assert_int_eq(o.state, PGX_NOCALL);
	/* a deletion of the base: no genotype of the locus' own record stands beside it, in either order, nor
	 * when two deletions contradict each other or one of them is doubtful */
	for (int a = 0; a < 2; a++)
		for (int b = a; b < 2; b++) {
			o = SEE(233760498, {233760497, "AG", "A", 2, 0, 1, 30, 50},
				{233760498, "G", "A", 1, a, b, 30, 50});
			ck_assert_int_eq(o.state, PGX_DISCORDANT);
			o = SEE(233760498, {233760498, "G", "A", 1, a, b, 30, 50},
				{233760497, "AG", "A", 2, 0, 1, 30, 50});
			ck_assert_int_eq(o.state, PGX_DISCORDANT);
			o = SEE(233760498, {233760496, "CAG", "C", 3, 1, 1, 30, 50},
				{233760497, "AG", "A", 2, 0, 1, 30, 50},
				{233760498, "G", "A", 1, a, b, 30, 50});
			ck_assert_int_eq(o.state, PGX_DISCORDANT);
			o = SEE(233760498, {233760496, "CAG", "C", 3, 0, 1, 30, 5},
				{233760497, "AG", "A", 2, 0, 1, 30, 50},
				{233760498, "G", "A", 1, a, b, 30, 50});
			ck_assert_int_eq(o.state, PGX_DISCORDANT);
			o = SEE(233760498, {233760497, "AG", "A", 2, 0, 1, 30, 50},
				{233760400, "A", "<*>", 200, 0, 0, 30, 50},
				{233760498, "G", "A", 1, a, b, 30, 50});
			ck_assert_int_eq(o.state, PGX_DISCORDANT);
		}
	/* a multi-allelic record split in two is put together again */
	o = SEE(233760233, {233760233, "CAT", "C", 3, 0, 0, 30, 50},
		{233760233, "CAT", "CATAT", 3, 0, 1, 30, 50});
	ck_assert(o.state == PGX_OK && o.code[0] + o.code[1] == 2);
	o = SEE(233760233, {233760233, "CAT", "C", 3, 0, 1, 30, 50},
		{233760233, "CAT", "CATAT", 3, 0, 1, 30, 50});
	ck_assert(o.state == PGX_OK && o.code[0] == 1 && o.code[1] == 2);
	o = SEE(233760233, {233760233, "CAT", "C", 3, 1, 1, 30, 50},
		{233760233, "CAT", "CATAT", 3, 0, 1, 30, 50});
	ck_assert_int_eq(o.state, PGX_DISCORDANT);
	/* a deletion over the locus and a record that calls it reference */
	o = SEE(233760498, {233760495, "CAAG", "C", 4, 0, 1, 30, 50}, {233760498, "G", "A", 1, 0, 0, 30, 50});
	ck_assert_int_eq(o.state, PGX_DISCORDANT);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pgx");
	TCase *t = tcase_create("pgx");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, missing_never_makes_a_phenotype);
	tcase_add_test(t, no_evidence_is_not_assessed);
	tcase_add_test(t, phase_only_narrows);
	tcase_add_test(t, pairs_equal_enumeration);
	tcase_add_test(t, name_order);
	tcase_add_test(t, phenotype_rules);
	tcase_add_test(t, records_and_loci);
	tcase_add_test(t, records_of_one_locus);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad != 0;
}
