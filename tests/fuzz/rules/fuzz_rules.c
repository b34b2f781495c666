/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_rules.c -- conditions and rule tables from arbitrary bytes: refused with a place inside the input, or
 * taken; what is taken prints to a text that parses to the same, and evaluates.
 * Usage: fuzz_rules [N]          2 N cases of the seeds 1..N (2000): a condition and a table each
 *        fuzz_rules -s SEED      those of one seed
 *        fuzz_rules FILE...      cases of these bytes (what libFuzzer leaves)
 * The first byte chooses: even = the rest is a condition, odd = the rest is a rule table. Built with clang
 * -fsanitize=fuzzer and -DFZ_NO_MAIN it is driven by libFuzzer. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "seeds.h"
#include "stage/recommend/tools_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct {
	long pred, pred_ok, table, table_ok, rules, refused;
} count;
static char dir[64];

GRX_PRINTF(1, 2) static void die(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fputs("fuzz_rules: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	abort();
}

static struct recommend_rules *blank(void)
{
	struct recommend_rules *rs = grx_calloc(1, sizeof(*rs));
	if (!rs || !(rs->mem = grx_arena_new()))
		die("no memory");
	return rs;
}

/* ---- conditions ---- */

/* Two bits decide what is known of each gene and fact; by name, since the numbers differ between rule sets.
 */
static enum recommend_tri evaluate(
	const struct recommend_rules *rs, const struct recommend_pred *p, unsigned bits)
{
	static const char *const label[] = {"x", "*57:01 positive"};
	const struct recommend_gene state[4] = {{.assessed = false},
		{.assessed = true, .n_label = 1, .label = (const char **)&label[0], .diplotype = "*1/*2"},
		{.assessed = true, .n_label = 1, .label = (const char **)&label[1]},
		{.assessed = true, .as_kind = RECOMMEND_AS_NUM, .as = 1}};
	const struct grx_fact fact[2] = {{.key = "k", .value = {.type = GRX_V_NUM, .num = 1}},
		{.key = "k", .value = {.type = GRX_V_STR, .str = "x"}}};
	const struct recommend_gene **g = grx_arena_calloc(rs->mem, (size_t)rs->genes.n + 1, sizeof(*g));
	const struct grx_fact **f = grx_arena_calloc(rs->mem, (size_t)rs->keys.n + 1, sizeof(*f));
	struct recommend_view w = {.gene = g, .fact = f};
	if (!g || !f)
		die("no memory");
	for (int i = 0; i < rs->genes.n; i++)
		g[i] = &state[(bits >> 2 * (grx_hash_str(rs->genes.v[i]) % 8)) & 3];
	for (int i = 0; i < rs->keys.n; i++) {
		unsigned h = (unsigned)(grx_hash_str(rs->keys.v[i]) % 16);
		f[i] = (bits >> h) & 1 ? &fact[h & 1] : NULL;
	}
	return recommend_eval(p, &w);
}

/* Brackets that a set or a chain needs may take the printed text over the depth limit. */
static bool only_too_deep(const char *err)
{
	return strstr(err, "less nesting") != NULL;
}

static void reprint(const char *src, const struct recommend_rules *a, const struct recommend_pred *pa)
{
	struct recommend_rules *b = blank();
	struct recommend_pred pb = {0};
	struct grx_str s = {0}, t = {0};
	char err[256];
	int col;

	recommend_print(a, pa, &s);
	if (recommend_parse(b, s.s ? s.s : "", &pb, err, &col) != GRX_OK) {
		if (!only_too_deep(err))
			die("'%s' prints as '%s', which is refused: %s", src, s.s, err);
	} else {
		recommend_print(b, &pb, &t);
		if (strcmp(s.s, t.s) != 0)
			die("'%s' prints as '%s', then as '%s'", src, s.s, t.s);
		for (unsigned bits = 0; bits < 0x10000; bits += 0x1b31)
			if (evaluate(a, pa, bits) != evaluate(b, &pb, bits))
				die("'%s' and '%s' differ in value", src, s.s);
	}
	grx_str_clear(&s);
	grx_str_clear(&t);
	recommend_rules_free(b);
}

static void try_pred(const char *src)
{
	struct recommend_rules *rs = blank();
	struct recommend_pred p = {0};
	char err[256] = "";
	int col = -1, rc = recommend_parse(rs, src, &p, err, &col);

	count.pred++;
	if (rc == GRX_OK) {
		count.pred_ok++;
		reprint(src, rs, &p);
	} else if (rc != GRX_E_DATA || !*err || !memchr(err, '\0', sizeof(err))) {
		die("'%s': status %d without a message", src, rc);
	} else if (col < 1 || (size_t)col > strlen(src) + 1) {
		die("'%s': column %d is outside the text: %s", src, col, err);
	}
	recommend_rules_free(rs);
}

/* ---- tables ---- */

static size_t line_length(const uint8_t *p, size_t n, long line)
{
	const uint8_t *end = p + n;
	for (long i = 1; i < line && p < end; i++) {
		const uint8_t *nl = memchr(p, '\n', (size_t)(end - p));
		p = nl ? nl + 1 : end;
	}
	const uint8_t *nl = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
	return (size_t)((nl ? nl : end) - p);
}

/* Every finding names a place inside the table. */
static void places_check(const char *text, const char *path, const uint8_t *p, size_t n)
{
	long lines = 1;
	for (size_t i = 0; i < n; i++)
		lines += p[i] == '\n';
	for (const char *s = text; s && *s; s = strchr(s, '\n') ? strchr(s, '\n') + 1 : NULL) {
		const char *at = strchr(s, '\t');
		long line = 0, col = 0;
		if (!at || strncmp(at + 1, path, strlen(path)) != 0)
			continue;
		at += 1 + strlen(path);
		if (sscanf(at, ":%ld:%ld", &line, &col) < 1 || line < 1 || line > lines)
			die("finding outside the table: %.200s", s);
		if (col < 0 || (col > 0 && (size_t)col > line_length(p, n, line) + 1))
			die("finding outside its line: %.200s", s);
		count.refused++;
	}
}

static void use(const struct recommend_rules *rs)
{
	count.rules += (long)rs->n;
	for (size_t i = 0; i < rs->n; i++) {
		const struct recommend_rule *r = &rs->v[i];
		if (r->action == RECOMMEND_A_NONE || !*r->id || !*r->actions || !r->signature)
			die("a rule was taken without its parts");
		reprint(r->when, rs, &r->pred);
	}
}

static void try_table(const uint8_t *data, size_t n)
{
	struct grx_ctx cx = {.threads = 1}, strict = {.threads = 1};
	struct grx_str out = {0};
	struct recommend_issues is = {.out = &out};
	struct recommend_rules *rs = NULL;
	char path[96];
	FILE *f;

	snprintf(path, sizeof(path), "%s/t.tsv", dir);
	f = fopen(path, "wb");
	if (!f || fwrite(data, 1, n, f) != n || fclose(f))
		die("%s: cannot write", path);
	count.table++;
	int rc = recommend_rules_load(&cx, dir, &is, &rs);
	if (rc == GRX_OK) {
		places_check(out.s, path, data, n);
		use(rs);
		for (size_t i = 0; i < rs->n_drug && i < 4; i++)
			if (rs->drug[i].n_gene <= 2 && recommend_grid_check(&cx, rs, &rs->drug[i], &is) &&
				!*cx.err.msg)
				die("grid check fails without a message");
		recommend_rules_free(rs);
	} else if (!*cx.err.msg) {
		die("status %d without a message", rc);
	}
	int64_t n_error = is.n_error;
	rs = NULL;
	int rc2 = recommend_rules_load(&strict, dir, NULL, &rs);
	if (rc2 == GRX_OK && rc != GRX_OK)
		die("taken as a whole, but not row by row: %s", cx.err.msg);
	if (rc2 == GRX_OK && n_error && !strstr(out.s, "holds together") && !strstr(out.s, "\t"))
		die("taken as a whole with errors");
	count.table_ok += rc2 == GRX_OK;
	if (rc2 == GRX_OK)
		recommend_rules_free(rs);
	else if (!*strict.err.msg)
		die("status %d without a message", rc2);
	grx_str_clear(&out);
}

static void dir_remove(void)
{
	char path[96];
	snprintf(path, sizeof(path), "%s/t.tsv", dir);
	unlink(path);
	rmdir(dir);
}

static void dir_make(void)
{
	const char *tmp = getenv("TMPDIR");
	if (*dir)
		return;
	snprintf(dir, sizeof(dir), "%.40s/fuzz_rules.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		die("%s: cannot make a folder", dir);
	atexit(dir_remove);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	dir_make();
	if (n == 0)
		return 0;
	if (data[0] & 1) {
		try_table(data + 1, n - 1);
		return 0;
	}
	/* an exact copy, so that a read behind the end is seen */
	size_t k = strnlen((const char *)data + 1, n - 1);
	char *s = malloc(k + 1);
	if (!s)
		die("no memory");
	memcpy(s, data + 1, k);
	s[k] = '\0';
	try_pred(s);
	free(s);
	return 0;
}

#ifndef FZ_NO_MAIN
static const char *const word[] = {"P(", "AS(", "D(", "F(\"", "V(", "CYP2D6", "HLA-B", "A", ")", "\")",
	"==", "!=", ">=", "<=", "<", ">", "\"x\"", "\"*57:01 positive\"", "\"No Result\"", "NA", "1.5", "-3",
	"0.000001", "&&", "||", "!", "(", ")", " ", " has ", " in {", "}", ",", " exists", "true", "\"", "&",
	"\x80", "clinical/age", "."};
static const char *const term[] = {"P(CYP2D6)==\"Poor Metabolizer\"", "AS(CYP2D6)>=0.25", "AS(CYP2D6)<1.25",
	"AS(CYP2D6)==NA", "P(A)!=\"No Result\"", "D(HLA-B) has \"*57:01\"", "D(A)==\"*1/*2\"",
	"F(\"clinical/age\")>=65", "F(\"clinical/sex\")==\"female\"", "V(HFE,\"p.Cys282Tyr\")>=2", "V(A)>=1",
	"P(A) in {\"x\",\"y\"}", "AS(A) in {1, 2 ,NA}", "F(\"clinical/medication\") has \"codeine\"",
	"F(\"k\") exists", "F(\"clinical/pregnant\")==true", "AS(A)>-1000000000000000000000", "AS(A)==0.1"};
#define N(a) (sizeof(a) / sizeof((a)[0]))

/* A condition that is right when clean, else more often than not: odd words and changes of single bytes. */
static void make_pred(struct grx_str *s, bool clean)
{
	int n = 1 + (int)draw(6), open = 0;

	for (int i = 0; i < n; i++) {
		if (i)
			grx_str_add(s, draw(3) ? " && " : "||");
		while (draw(3) == 0) {
			grx_str_add(s, draw(3) ? "(" : "!(");
			open++;
		}
		if (draw(12) == 0)
			grx_str_addc(s, '!');
		if (!clean && draw(10) == 0)
			grx_str_add(s, word[draw(N(word))]);
		else
			grx_str_add(s, term[draw(N(term))]);
		while (open && draw(2)) {
			grx_str_addc(s, ')');
			open--;
		}
	}
	while (open-- > 0)
		grx_str_addc(s, ')');
	for (int k = clean || draw(4) ? 0 : 1 + (int)draw(4); k > 0 && s->n; k--)
		s->s[draw((uint32_t)s->n)] = (char)(1 + draw(255));
	if (!clean && draw(20) == 0)
		for (int i = 0; i < 12; i++)
			grx_str_add(s, word[draw(N(word))]);
}

static void make_cell(struct grx_str *s, int c, int row)
{
	static const char *const action[] = {"STANDARD", "AVOID", "REDUCE_DOSE", "MONITOR", "NONE", ""};
	static const char *const num[] = {"", "", "", "50", "25-50", "50|75", "-1", "200", "x", "5-1", "50|"};

	if (draw(400) == 0) {
		grx_str_add(s, word[draw(N(word))]);
	} else if (c == 0) {
		grx_str_addf(s, "R%d", draw(30) ? row : 0);
	} else if (c == 3) {
		struct grx_str p = {0};
		make_pred(&p, draw(8) > 0);
		for (size_t i = 0; i < p.n; i++)
			if (p.s[i] != '\n' || draw(8) == 0)
				grx_str_addc(s, p.s[i]);
		grx_str_clear(&p);
	} else if (c == 6 || c == 7) {
		grx_str_add(s, action[draw(40) ? (uint32_t)row % 4 : draw(N(action))]);
		if (c == 7 && draw(4) == 0)
			grx_str_addf(s, "+%s", action[draw(N(action))]);
	} else if (c >= 8 && c <= 12) {
		grx_str_add(s, num[draw(20) ? 0 : draw(N(num))]);
	} else {
		grx_str_add(s, c == 1 || c == 13 ? "1" : c == 2 ? (row & 1 ? "drug a" : "drug b") : "text");
	}
}

static void make_table(struct grx_str *s)
{
	static const char *const col[] = {"rule_id", "version", "drug", "when", "population", "strength",
		"action", "actions", "reduce_pct", "pct_of_standard", "increase_pct", "multiply", "cap_mg",
		"verify", "guideline_id", "pmids", "source", "licence"};
	int rows = (int)draw(6);

	if (draw(4) == 0)
		grx_str_addf(s, "##genorx-rules %d\n", draw(3) ? 1 : (int)draw(100));
	for (size_t i = 0; i < N(col); i++)
		if (draw(200))
			grx_str_addf(s, "%s%s", i ? "\t" : "", draw(200) ? col[i] : word[draw(N(word))]);
	for (int r = 1; r <= rows; r++) {
		grx_str_add(s, draw(40) ? "\n" : "\r\n");
		for (int i = 0; i < (int)N(col); i++) {
			if (i && draw(300))
				grx_str_addc(s, '\t');
			make_cell(s, i, r);
		}
	}
	grx_str_add(s, draw(10) ? "\n" : "");
	for (int k = draw(8) ? 0 : 1 + (int)draw(4); k > 0 && s->n; k--)
		s->s[draw((uint32_t)s->n)] = (char)draw(256);
}

static void seeded(uint64_t seed)
{
	for (int kind = 0; kind < 2; kind++) {
		struct grx_str s = {0};
		seed_set(seed * 2 + (unsigned)kind);
		grx_str_addc(&s, kind ? 1 : 2);
		if (kind)
			make_table(&s);
		else
			make_pred(&s, false);
		LLVMFuzzerTestOneInput((const uint8_t *)s.s, s.n);
		grx_str_clear(&s);
	}
}

int main(int argc, char **argv)
{
	seeds_run(argc, argv, 2000, seeded);
	printf("fuzz_rules: %ld conditions (%ld taken, printed and read back), %ld tables (%ld whole), %ld "
	       "rules taken, "
	       "%ld findings, all places inside the input\n",
		count.pred, count.pred_ok, count.table, count.table_ok, count.rules, count.refused);
	return 0;
}
#endif
