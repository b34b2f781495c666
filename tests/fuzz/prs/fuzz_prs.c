/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_prs.c -- score files, frequency files and chain files from arbitrary bytes: refused with the file's
 * name, or taken; of what is taken every row is in the compiled set once, with a code and finite weights
 * within the column's bound, in order of place, and windows of the genome together give what one stream
 * gives.
 *
 * Usage: fuzz_prs [N]          4 N cases of the seeds 1..N (1000): catalogue, plink, frequencies, chain each
 *
 *        fuzz_prs -s SEED      those of one seed
 *
 *        fuzz_prs FILE...      cases of these bytes (what libFuzzer leaves)
 *
 * The first byte chooses: bits 0-1 score file (0, 1), frequencies of a fixed score (2), chain for a fixed
 * score (3); bit 2 --bad-rows skip; bits 3-4 --compat none, plink2, pgsc_calc. Built with clang
 * -fsanitize=fuzzer and -DFZ_NO_MAIN it is driven by libFuzzer. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "genorx/opt.h"
#include "prs_case.h"
#include "seeds.h"
#include "stage/prs/weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct {
	long file[4], taken[4], rows, placed, refused;
} count;
static char path[64], fixed[64];

GRX_PRINTF(1, 2) static void die(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fputs("fuzz_prs: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	unlink(fixed);
	abort();
}

static void write_file(char *name, const char *what, const void *p, size_t n)
{
	snprintf(name, sizeof(path), "/tmp/fuzz_prs.%ld.%s", (long)getpid(), what);
	FILE *f = fopen(name, "wb");
	if (!f || fwrite(p, 1, n, f) != n || fclose(f))
		die("%s: cannot write", name);
}

static void refused(const struct grx_ctx *cx, int rc)
{
	if (rc != GRX_E_DATA && rc != GRX_E_MISMATCH)
		die("status %d: %s", rc, cx->err.msg);
	if (!strstr(cx->err.msg, path) && !strstr(cx->err.msg, fixed))
		die("refused without the file: %s", cx->err.msg);
	count.refused++;
}

/* ---- what was taken ---- */

static void check_cols(const struct prs_set *s)
{
	int n = 0;
	for (int k = 0; k < s->n_col; k++) {
		const struct prs_col *c = &s->col[k];
		n += c->role == PRS_COL_SCORE && c->file != s->freq_file && c->file != s->loadings_file;
		if (!isfinite(c->bound) || c->bound < 0 || !isfinite(c->sum_abs) || c->sum_abs < 0)
			die("column %d: bound %g, sum %g", k, c->bound, c->sum_abs);
		for (int j = 0; j < k; j++)
			if (c->id && s->col[j].id && c->role == PRS_COL_SCORE &&
				s->col[j].role == PRS_COL_SCORE && strcmp(c->id, s->col[j].id) == 0)
				die("two scores are named %s", c->id);
	}
	if (n != s->n_score)
		die("%d scores, n_score %d", n, s->n_score);
}

static void check_place(const struct prs_set *s, const struct prs_wrow *r)
{
	if (r->index >= s->n_row || r->file < 0 || r->file >= s->n_file || r->line < 1)
		die("row %u of %u, file %d, line %ld", r->index, s->n_row, r->file, (long)r->line);
	if (r->code >= PRS_N_CODE || s->code0[r->index] != r->code ||
		prs_code_is_match((enum prs_code)r->code))
		die("line %ld: code %d", (long)r->line, r->code);
	if (r->code == PRS_NO_LOCUS && (r->chrom < 0 || r->pos < 0 || !r->ea || !*r->ea))
		die("line %ld: without a place or an allele, but may be found", (long)r->line);
}

static void check_row(const struct prs_set *s, const struct prs_wrow *r)
{
	const struct prs_file *f = &s->file[r->file];
	int want = r->file == s->freq_file ? 0 : r->type == PRS_DOSAGE ? 3 : f->col_end - f->col_beg;
	if (r->type > PRS_DOSAGE || (!isnan(r->af) && !(r->af >= 0 && r->af <= 1)))
		die("line %ld: type %d, frequency %g", (long)r->line, r->type, r->af);
	if (r->code == PRS_BAD_WEIGHT || r->code == PRS_BAD_ROW)
		return;
	if (r->n_w != want)
		die("line %ld: %d weights, want %d", (long)r->line, r->n_w, want);
	for (int k = 0; k < r->n_w; k++)
		if (!isfinite(r->w[k]))
			die("line %ld: weight %g", (long)r->line, r->w[k]);
}

/* The largest thing the row can add, to each column of its file. */
static void add_bound(const struct prs_set *s, const struct prs_wrow *r, double *most)
{
	const struct prs_file *f = &s->file[r->file];
	if (r->chrom < 0 || r->n_w == 0 || r->code != PRS_NO_LOCUS)
		return;
	if (r->type == PRS_DOSAGE)
		most[f->col_beg] += fmax(fabs(r->w[0]), fmax(fabs(r->w[1]), fabs(r->w[2])));
	for (int k = 0; r->type != PRS_DOSAGE && k < r->n_w; k++)
		most[f->col_beg + k] += (r->type == PRS_ADDITIVE ? 2 : 1) * fabs(r->w[k]);
}

static uint64_t row_hash(const struct prs_wrow *r)
{
	uint64_t h = grx_hash_mem(&r->index, sizeof(r->index)) ^ grx_hash_mem(&r->pos, sizeof(r->pos));
	h = h * 31 + (uint64_t)r->line + ((uint64_t)r->code << 40) + ((uint64_t)r->type << 48);
	h = h * 31 + (r->ea ? grx_hash_str(r->ea) : 1);
	h = h * 31 + (r->oa ? grx_hash_str(r->oa) : 1);
	h = h * 31 + (r->id ? grx_hash_str(r->id) : 1);
	return h * 31 + (r->n_w ? grx_hash_mem(r->w, (size_t)r->n_w * sizeof(*r->w)) : 1);
}

struct walk {
	const struct prs_set *s;
	struct prs_wcur *c;
	uint8_t *seen;
	double *most;
	uint64_t hash;
	long n;
};

/* Rows of a window, in order; seen NULL: only their hash. */
static void walk_window(struct walk *w, int32_t chrom, int64_t beg, int64_t end)
{
	struct grx_ctx cx = {0};
	int64_t last = -1;
	const struct prs_wrow *r;
	int n;
	if (prs_wcur_seek(&cx, w->c, chrom, beg, end) != GRX_OK)
		die("seek: %s", cx.err.msg);
	for (;;) {
		if (prs_wcur_next(&cx, w->c, &r, &n) != GRX_OK)
			die("next: %s", cx.err.msg);
		if (n == 0)
			break;
		for (int i = 0; i < n; i++) {
			if (r[i].chrom != chrom ||
				(chrom >= 0 && (r[i].pos < beg || r[i].pos >= end || r[i].pos != r[0].pos)))
				die("line %ld: out of its window", (long)r[i].line);
			if (chrom >= 0 && i == 0 && r[0].pos <= last)
				die("line %ld: out of order", (long)r[i].line);
			if (i > 0 && (r[i].file < r[i - 1].file ||
					     (r[i].file == r[i - 1].file && r[i].line < r[i - 1].line)))
				die("line %ld: behind line %ld", (long)r[i - 1].line, (long)r[i].line);
			w->hash += row_hash(&r[i]);
			w->n++;
			if (!w->seen)
				continue;
			check_place(w->s, &r[i]);
			check_row(w->s, &r[i]);
			if (w->seen[r[i].index]++)
				die("row %u twice", r[i].index);
			add_bound(w->s, &r[i], w->most);
			count.placed += chrom >= 0;
		}
		last = r[0].pos;
	}
}

static void walk_set(const struct prs_set *s)
{
	struct grx_ctx cx = {0};
	struct walk w = {.s = s,
		.seen = grx_calloc(s->n_row + 1, 1),
		.most = grx_calloc((size_t)s->n_col + 1, sizeof(double))};
	if (!w.seen || !w.most || prs_wcur_open(&cx, s, &w.c) != GRX_OK)
		die("open: %s", cx.err.msg);
	for (int32_t c = -1; c < s->n_chrom; c++)
		walk_window(&w, c, 0, INT64_MAX);
	if (w.n != (long)s->n_row)
		die("%ld rows of %u", w.n, s->n_row);
	for (int k = 0; k < s->n_col; k++)
		if (w.most[k] > s->col[k].bound * (1 + 1e-9))
			die("column %d: rows may add %g, bound %g", k, w.most[k], s->col[k].bound);
	count.rows += w.n;
	uint64_t hash = w.hash;
	grx_free(w.seen);
	w.seen = NULL;
	w.hash = 0;
	for (int32_t c = -1; c < s->n_chrom; c++) {
		int64_t cut = (int64_t)draw(draw(2) ? 300 : 200000000);
		walk_window(&w, c, 0, c < 0 ? INT64_MAX : cut);
		if (c >= 0)
			walk_window(&w, c, cut, INT64_MAX);
	}
	if (w.hash != hash)
		die("windows give other rows than the whole");
	prs_wcur_close(w.c);
	grx_free(w.most);
}

/* ---- one case ---- */

static const char score[] =
	"#pgs_id=PGS000001\n#genome_build=GRCh37\nrsID\tchr_name\tchr_position\teffect_allele\tother_"
	"allele\teffect_weight\nrs1\t1\t100\tA\tG\t0.5\nrs2\t2\t60000\tC\tT\t-1\nrs3\t3\t1000\tAT\tA\t2\n";

static void one(unsigned how, const uint8_t *p, size_t n)
{
	struct grx_ctx cx = {0};
	struct prs_set *set = NULL;
	unsigned kind = how & 3;
	const char *list[1];
	struct grx_strs strs = {1, list};
	struct prs_set_opt o = {.path = &strs,
		.min_lift = draw(2) ? 0 : 0.95,
		.skip_bad_rows = how >> 2 & 1,
		.compat_plink = (how >> 3 & 3) == 1,
		.compat_pgsc = (how >> 3 & 3) == 2,
		.target = kind == 3   ? PRS_BUILD_38
			  : kind == 2 ? PRS_BUILD_37
			  : draw(2)   ? PRS_BUILD_38
				      : PRS_BUILD_NR};
	if (!*fixed)
		write_file(fixed, "score", score, sizeof(score) - 1);
	write_file(path, "case", p, n);
	list[0] = kind >= 2 ? fixed : path;
	o.freq = kind == 2 ? path : NULL;
	o.chain = kind == 3 ? path : NULL;
	count.file[kind]++;
	int rc = prs_set_open(&cx, &o, &set);
	if (rc == GRX_OK) {
		count.taken[kind]++;
		check_cols(set);
		walk_set(set);
		prs_set_close(set);
	} else {
		if (set)
			die("refused, but a set is given");
		refused(&cx, rc);
	}
	unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (!n)
		return 0;
	seeds_state = grx_hash_mem(data, n) | 1;
	one(data[0], data + 1, n - 1);
	return 0;
}

#ifndef FZ_NO_MAIN
static void seeded(uint64_t seed)
{
	static void (*const make[])(struct grx_str *) = {
		prs_case_catalogue, prs_case_matrix, prs_case_freq, prs_case_chain};
	for (unsigned kind = 0; kind < 4; kind++) {
		struct grx_str s = {0};
		seed_set(seed * 4 + kind);
		grx_str_addc(&s, (char)(kind | draw(8) << 2));
		make[kind](&s);
		for (int k = draw(6) ? 0 : 1 + (int)draw(4); k > 0 && s.n > 1; k--)
			s.s[1 + draw((uint32_t)s.n - 1)] = (char)draw(256);
		LLVMFuzzerTestOneInput((const uint8_t *)s.s, s.n);
		grx_str_clear(&s);
	}
}

int main(int argc, char **argv)
{
	seeds_run(argc, argv, 1000, seeded);
	unlink(fixed);
	printf("fuzz_prs: taken %ld of %ld score files, %ld of %ld of frequencies, %ld of %ld chains; %ld "
	       "rows, %ld placed; %ld "
	       "refused with the file's name\n",
		count.taken[0] + count.taken[1], count.file[0] + count.file[1], count.taken[2], count.file[2],
		count.taken[3], count.file[3], count.rows, count.placed, count.refused);
	return 0;
}
#endif
