/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_pgx.c -- definitions and outside calls of a user from arbitrary bytes: refused with the file's name,
 * or taken; taken definitions match random genotypes, and the pairs found are those that listing all strands
 * gives; taken calls become facts.
 *
 * Usage: fuzz_pgx [N]          2 N cases of the seeds 1..N (300): one file of definitions, one of calls each
 *
 *        fuzz_pgx -s SEED      those of one seed
 *
 *        fuzz_pgx FILE...      cases of these bytes (what libFuzzer leaves)
 *
 * The first byte chooses: even = the rest is JSON definitions, odd = the rest is a table of calls. Run it
 * where refdata is. Built with clang -fsanitize=fuzzer and -DFZ_NO_MAIN it is driven by libFuzzer. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "seeds.h"
#include "genorx/facts.h"
#include "stage/pgx/outside.h"
#include "stage/pgx/table_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct {
	long def, def_ok, pairs, combos, call, call_ok, facts, refused;
} count;
static char path[64];
GRX_PRINTF(1, 2) static void die(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fputs("fuzz_pgx: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	unlink(path);
	abort();
}

static void write_case(const uint8_t *p, size_t n)
{
	if (!*path)
		snprintf(path, sizeof path, "/tmp/fuzz_pgx.%ld", (long)getpid());
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(p, 1, n, f) != n || fclose(f))
		die("%s: cannot write", path);
}

static void refused(const struct grx_ctx *cx, int rc)
{
	if (rc != GRX_E_DATA && rc != GRX_E_USAGE)
		die("status %d: %s", rc, cx->err.msg);
	if (!cx->err.msg[0])
		die("refused without a word");
	count.refused++;
}

/* ---- definitions ---- */

static void random_genotypes(const struct pgx_gene *g, const struct pgx_locus *l, struct pgx_obs *o)
{
	int n_het = 0;
	for (int i = 0; i < g->n_locus; i++) {
		o[i] = (struct pgx_obs){.ps = GRX_INT_MISSING, .ref = l[i].ref, .alt = l[i].alts};
		for (int k = 0; k < 2; k++) {
			int c = draw(3) ? 0 : (int)draw((uint32_t)l[i].n_alt + 2);
			o[i].code[k] = c > l[i].n_alt ? PGX_OTHER : (int8_t)c;
			o[i].gt[k] = (int8_t)(c > l[i].n_alt ? 1 : c);
		}
		n_het += o[i].code[0] != o[i].code[1];
		if (n_het > 7)
			o[i].code[1] = o[i].code[0];
		o[i].phased = draw(3) == 0;
		if (draw(12) == 0)
			o[i].code[1] = PGX_NONE;
		if (draw(8) == 0)
			o[i].state = PGX_NO_RECORD;
	}
}

static bool fits(uint32_t mask, int8_t code)
{
	return code >= 0 && code != PGX_OTHER && (mask >> code & 1u);
}

/* Both alleles together show what the genotypes show, either way round at each locus. */
static void check_pair(const struct pgx_data *d, const struct pgx_dip *p)
{
	const struct pgx_allele *x = &d->gene->allele[p->a[0][0]], *y = &d->gene->allele[p->a[1][0]];
	for (int l = 0; l < d->gene->n_locus; l++) {
		int8_t a = d->code[l][0], b = d->code[l][1];
		if (d->block[l] != -2 && !(fits(x->mask[l], a) && fits(y->mask[l], b)) &&
			!(fits(x->mask[l], b) && fits(y->mask[l], a)))
			die("%s does not explain locus %d", p->text, l);
	}
}

/* Does the allele fit the strand that takes side `bit b of strand` of every block? */
static bool fits_strand(const struct pgx_data *d, const struct pgx_allele *a, unsigned strand)
{
	for (int l = 0; l < d->gene->n_locus; l++) {
		int b = d->block[l];
		if (b != -2 && !fits(a->mask[l], d->code[l][b < 0 ? 0 : (int)(strand >> b & 1u)]))
			return false;
	}
	return true;
}

static bool has_core(const struct pgx_data *d, const struct pgx_allele *a)
{
	bool some = false;
	for (int l = 0; l < d->gene->n_locus; l++)
		some = some || (a->core[l] && d->block[l] != -2);
	return some;
}

/* The pairs by listing all strands: as many as were found. */
static size_t by_listing(const struct pgx_data *d)
{
	unsigned all = (1u << d->n_block) - 1;
	size_t n = 0;
	for (int i = 0; i < d->gene->n_allele; i++)
		for (int j = i; j < d->gene->n_allele; j++) {
			const struct pgx_allele *x = &d->gene->allele[i], *y = &d->gene->allele[j];
			bool found = false;
			for (unsigned s = 0; s <= all && !found; s++)
				found = fits_strand(d, x, s) && fits_strand(d, y, ~s & all);
			n += found && has_core(d, x) && has_core(d, y);
		}
	return n;
}

static void match_some(const struct pgx_table *t, const struct pgx_gene *g)
{
	struct grx_arena *mem = grx_arena_new();
	struct pgx_obs *o = grx_calloc((size_t)t->n_locus + 1, sizeof *o);
	struct pgx_data d;
	struct pgx_dips ds;
	bool too_many;
	if (!mem || !o)
		die("no memory");
	random_genotypes(g, t->locus + g->first, o + g->first);
	if (pgx_data_make(mem, t, g, o, &d) != GRX_OK || pgx_match(mem, &d, false, &ds) != GRX_OK)
		die("match");
	count.pairs += (long)ds.n;
	for (size_t i = 0; i < ds.n; i++)
		check_pair(&d, &ds.v[i]);
	if (!d.half && !d.mixed && d.n_block <= 8 && ds.n != by_listing(&d))
		die("%zu pairs, listing all strands gives %zu", ds.n, by_listing(&d));
	if (pgx_combine(mem, &d, &ds, &too_many) != GRX_OK)
		die("combine");
	count.combos += (long)ds.n;
	for (size_t i = 1; i < ds.n; i++)
		if (pgx_dip_cmp(&ds.v[i - 1], &ds.v[i]) >= 0)
			die("%s before %s", ds.v[i - 1].text, ds.v[i].text);
	grx_free(o);
	grx_arena_free(mem);
}

static void one_def(const uint8_t *p, size_t n)
{
	struct grx_ctx cx = {.refdata = "refdata"};
	const char *list[1];
	struct pgx_opt opt = {.combinations = draw(2), .compat = "pharmcat"};
	struct pgx_table *t = NULL;
	write_case(p, n);
	list[0] = path;
	opt.definitions = (struct grx_strs){1, list};
	count.def++;
	int rc = pgx_table_open(&cx, &opt, &t);
	if (rc != GRX_OK) {
		if (rc == GRX_E_DATA && !strstr(cx.err.msg, path))
			die("refused without the file: %s", cx.err.msg);
		refused(&cx, rc);
		return;
	}
	count.def_ok++;
	if (pgx_table_bind(&cx, t) != GRX_OK)
		die("bind");
	for (int i = 0; i < t->n_gene; i++)
		for (int k = 0; t->gene[i].custom && t->gene[i].method == PGX_EXACT && k < 4; k++)
			match_some(t, &t->gene[i]);
	pgx_table_free(t);
}

/* ---- outside calls ---- */

static void one_call(const uint8_t *p, size_t n)
{
	static const char *const sample[] = {"S", "T"};
	struct grx_ctx cx = {.refdata = "refdata"};
	struct pgx_outside *o = NULL;
	int n_sample = 1 + (int)draw(2);
	write_case(p, n);
	count.call++;
	int rc = pgx_outside_read(&cx, path, sample, n_sample, &o);
	if (rc != GRX_OK) {
		refused(&cx, rc);
		return;
	}
	count.call_ok++;
	for (int s = 0; s < n_sample; s++) {
		struct grx_facts *fs = grx_facts_new();
		struct grx_str tsv = {0};
		if (!fs || pgx_outside_emit(&cx, o, s, sample[s], fs, &tsv) != GRX_OK)
			die("emit: %s", cx.err.msg);
		count.facts += (long)fs->n;
		for (size_t i = 0; i < fs->n; i++)
			if ((fs->v[i]->value.type == GRX_V_NULL) != (fs->v[i]->status == GRX_FACT_MISSING))
				die("%s has neither value nor reason", fs->v[i]->id);
		grx_str_clear(&tsv);
		grx_facts_free(fs);
	}
	pgx_outside_free(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (!n)
		return 0;
	seeds_state = grx_hash_mem(data, n) | 1;
	if (data[0] & 1)
		one_call(data + 1, n - 1);
	else
		one_def(data + 1, n - 1);
	return 0;
}

#ifndef FZ_NO_MAIN
static const char *const odd[] = {"null", "-1", "\"\"", "[]", "{}", "1e9", "\"N\"", "\"/\"", "\"\\u0000\"",
	"true", "\"A,C\"", "\"<DEL>\"", "99999999999", "\"R\"", "\"ACGT\""};
#define N(a) (sizeof(a) / sizeof((a)[0]))

/* A value, or seldom something else. */
static void put(struct grx_str *s, const char *fmt, const char *v)
{
	if (draw(150) == 0)
		grx_str_add(s, odd[draw(N(odd))]);
	else
		grx_str_addf(s, fmt, v);
}

static void make_def(struct grx_str *s)
{
	static const char *const gene[] = {"TOY1", "TPMT", "CYP2C19", "DPYD", "MT-RNR1", "CYP2D6"};
	static const char *const ref[] = {"A", "C", "GA", "T"}, *const alt[] = {"G", "T", "GAA", "TTT"},
				 *const wide[] = {"R", "Y", "N", "K"};
	int n = 1 + (int)draw(6), m = 1 + (int)draw(8);
	grx_str_add(s, "{");
	if (draw(60))
		put(s, "\"gene\": \"%s\", ", gene[draw(N(gene))]);
	put(s, "\"chromosome\": %s, \"genomeBuild\": \"GRCh38.p14\", \"variants\": [", "\"chr20\"");
	for (int i = 0; i < n; i++) {
		grx_str_addf(s, "%s{\"position\": ", i ? ", " : "");
		char pos[16];
		snprintf(pos, sizeof pos, "%d", draw(40) ? 100 + 10 * i : 100);
		put(s, "%s", pos);
		put(s, ", \"ref\": \"%s\"", ref[i % 4]);
		put(s, ", \"alts\": [\"%s\"]", alt[i % 4]);
		grx_str_add(s, ", \"rsid\": null, \"chromosomeHgvsName\": \"g.1A>G\"}");
	}
	grx_str_add(s, "], \"namedAlleles\": [");
	for (int k = 0; k < m; k++) {
		bool is_ref = k == 0 && draw(40);
		grx_str_addf(s, "%s{\"name\": \"*%d\", \"reference\": %s, \"alleles\": [", k ? ", " : "",
			draw(60) ? k : 1, is_ref ? "true" : "false");
		for (int i = 0; i < n; i++) {
			const char *cell = is_ref || draw(3) == 0 ? ref[i % 4]
					   : draw(6)              ? alt[i % 4]
								  : wide[i % 4];
			grx_str_add(s, i ? ", " : "");
			if (!is_ref && draw(2))
				grx_str_add(s, "null");
			else
				put(s, "\"%s\"", cell);
		}
		grx_str_add(s, "]}");
	}
	grx_str_add(s, draw(80) ? "]}" : "]");
}

static void make_calls(struct grx_str *s)
{
	static const char *const gene[] = {
		"CYP2D6", "CYP2D6", "HLA-B", "HLA-A", "MT-RNR1", "TPMT", "NOGENE", ""};
	static const char *const dip[] = {"*1/*4", "*4.001/*2.013", "*1x3/*1", "*13 + *1/*36 + *10x2", "*5",
		"*1/", "/", "*1/*2/*3", "*15:02/*57:01", "HLA-B*15:02:01/HLA-B*44", "m.1555A>G",
		"Reference/*999", "", ".", "*1x99999999999999999999/*4xN"};
	static const char *const ph[] = {"", "", "Poor Metabolizer", "*15:02 positive", "x|y", "."};
	static const char *const as[] = {"", "", "1.0",
		"\xe2\x89\xa5"
		"3.0",
		">=3", "n/a", "-1", "1e999", "x"};
	bool header = draw(3) == 0;
	int n = (int)draw(6);
	if (header)
		grx_str_add(s, "sample\tgene\tdiplotype\tphenotype\tactivity_score\n");
	for (int i = 0; i < n; i++) {
		if (header)
			grx_str_add(s, draw(3) ? "S\t" : draw(3) ? "T\t" : "X\t");
		grx_str_addf(s, "%s\t%s", gene[draw(draw(8) ? 6 : N(gene))], dip[draw(N(dip))]);
		if (draw(2))
			grx_str_addf(s, "\t%s\t%s", ph[draw(N(ph))], as[draw(draw(4) ? 6 : N(as))]);
		grx_str_add(s, draw(20) ? "\n" : "\r\n");
	}
}

static void seeded(uint64_t seed)
{
	for (int kind = 0; kind < 2; kind++) {
		struct grx_str s = {0};
		seed_set(seed * 2 + (unsigned)kind);
		grx_str_addc(&s, kind ? 1 : 2);
		if (kind)
			make_calls(&s);
		else
			make_def(&s);
		for (int k = draw(6) ? 0 : 1 + (int)draw(4); k > 0 && s.n > 1; k--)
			s.s[1 + draw((uint32_t)s.n - 1)] = (char)draw(256);
		LLVMFuzzerTestOneInput((const uint8_t *)s.s, s.n);
		grx_str_clear(&s);
	}
}

int main(int argc, char **argv)
{
	seeds_run(argc, argv, 300, seeded);
	unlink(path);
	printf("fuzz_pgx: %ld definitions (%ld taken; %ld pairs, %ld combinations; the pairs as "
	       "by listing all strands), "
	       "%ld files of calls (%ld taken; %ld facts), %ld refused with the reason\n",
		count.def, count.def_ok, count.pairs, count.combos, count.call, count.call_ok, count.facts,
		count.refused);
	return 0;
}
#endif
