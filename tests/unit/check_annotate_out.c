/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_annotate_out.c -- the writers of annotate: numbers, escapes, JSON text, exon numbers against a plain
 * search, columns of hand-made entries, picks by criteria. */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "genorx/vars.h"
#include "stage/annotate/out_int.h"

static struct grx_ctx cx;
static struct annotate_state state;
static struct annotate_out *out;

static void open_with(struct annotate_opt opt)
{
	annotate_out_close(out);
	memset(&cx, 0, sizeof cx);
	cx.refdata = getenv("GENORX_REFDATA") ? getenv("GENORX_REFDATA") : "refdata";
	memset(&state, 0, sizeof state);
	state.opt = opt;
	ck_assert_int_eq(annotate_terms_load(&cx, &state.terms), 0);
	ck_assert_int_eq(annotate_out_open(&cx, &state, &out), 0);
	state.out = out;
}

/* Column k of a cell as a string. */
static char *column(struct annotate_cell *c, enum annotate_col k, char *buf)
{
	bool none = annotate_column[k].scope == AC_OF_ENTRY && !(c->may >> k & 1);
	*(none ? buf : annotate_cell_put(c, k, buf)) = '\0';
	return buf;
}

START_TEST(numbers)
{
	const struct {
		int64_t x;
		const char *s;
	} t[] = {{0, "0"}, {7, "7"}, {-1, "-1"}, {1234567890123, "1234567890123"},
		{INT64_MAX, "9223372036854775807"}, {INT64_MIN, "-9223372036854775808"}};
	char buf[32];
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		*annotate_put_int(buf, t[i].x) = '\0';
		ck_assert_str_eq(buf, t[i].s);
	}
}
END_TEST

START_TEST(escapes)
{
	open_with((struct annotate_opt){.gff = NULL});
	char buf[128];
	*annotate_put_text(buf, "a,b|c;d=e \t f\x01g\xc3\xa9", out->csq.style.esc) = '\0';
	ck_assert_str_eq(buf, "a&b&c%3Bd%3De_f_g\xc3\xa9");
	*annotate_put_text(buf, "a,b|c;d=e \t f\ng", out->tsv.style.esc) = '\0';
	ck_assert_str_eq(buf, "a,b|c;d=e_f_g");
	*annotate_put_text(buf, "", out->csq.style.esc) = '\0';
	ck_assert_str_eq(buf, "");
}
END_TEST

START_TEST(json_text)
{
	/* whatever the bytes, the string is valid and the parser gives back what was valid in it */
	static const struct {
		const char *in, *want;
	} t[] = {{"plain", "plain"}, {"q\"b\\s", "q\"b\\s"}, {"t\tn\n\x01\x7f", "t\tn\n\x01\x7f"},
		{"\xc3\xa9\xe2\x82\xac\xf0\x9f\xa7\xac", "\xc3\xa9\xe2\x82\xac\xf0\x9f\xa7\xac"},
		{"\xff", "\xef\xbf\xbd"}, {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct grx_str o = {0};
		annotate_json_string(&o, t[i].in);
		json_error_t err;
		json_t *j = json_loads(o.s, JSON_DECODE_ANY, &err);
		ck_assert_msg(j != NULL, "%s: %s", o.s, err.text);
		ck_assert_str_eq(json_string_value(j), t[i].want);
		json_decref(j);
		grx_str_clear(&o);
	}
}
END_TEST

static unsigned next_random(unsigned *s)
{
	*s = *s * 1664525u + 1013904223u;
	return *s >> 8;
}

/* "n/N" or "n-m/N" by looking at every exon or intron. */
static void searched(const struct annotate_tx *t, int64_t s, int64_t e, bool intron, char *buf)
{
	int first = 0, last = 0, n = intron ? t->n_exon - 1 : t->n_exon;
	for (int i = 0; i < n; i++) {
		const struct annotate_exon *a = &t->exon[t->strand > 0 ? i : i + 1],
					   *b = &t->exon[t->strand > 0 ? i + 1 : i];
		int64_t lo = intron ? a->end + 1 : t->exon[i].beg + 1, hi = intron ? b->beg : t->exon[i].end;
		if (!annotate_overlap(s, e, lo, hi))
			continue;
		first = first ? first : i + 1;
		last = i + 1;
	}
	*buf = '\0';
	if (first && first == last)
		sprintf(buf, "%d/%d", first, n);
	else if (first)
		sprintf(buf, "%d-%d/%d", first, last, n);
}

START_TEST(exon_numbers)
{
	unsigned seed = 7;
	open_with((struct annotate_opt){.gff = NULL});
	for (int round = 0; round < 20000; round++) {
		struct annotate_exon fwd[6], ex[6];
		int n = 1 + (int)(next_random(&seed) % 6), at = 10;
		for (int i = 0; i < n; i++) {
			at += i ? 1 + (int)(next_random(&seed) % 6) : 0;
			fwd[i].beg = at;
			fwd[i].end = at += 1 + (int)(next_random(&seed) % 6);
		}
		struct annotate_tx t = {.strand = next_random(&seed) % 2 ? 1 : -1,
			.n_exon = n,
			.exon = ex,
			.beg = 10,
			.end = at};
		for (int i = 0; i < n; i++)
			ex[i] = fwd[t.strand > 0 ? i : n - 1 - i];
		struct annotate_allele al = {.beg = 5 + (int)(next_random(&seed) % (unsigned)at)};
		al.end = al.beg + (int)(next_random(&seed) % 9);
		struct annotate_entry e = {.tx = &t, .al = &al, .terms = 1, .distance = -1};
		struct annotate_work w = {.st = &state};
		struct annotate_cell c = {.w = &w, .o = out, .style = &out->csq.style, .al = &al};
		char got[32], want[32];
		annotate_cell_entry(&c, &e, false);
		searched(&t, al.beg + 1, al.end, false, want);
		ck_assert_str_eq(column(&c, AC_EXON, got), want);
		searched(&t, al.beg + 1, al.end, true, want);
		ck_assert_str_eq(column(&c, AC_INTRON, got), want);
	}
}
END_TEST

START_TEST(bits_are_what_has_a_value)
{
	/* a column that the mask leaves out would have been empty */
	open_with((struct annotate_opt){.gff = NULL});
	struct annotate_exon ex = {.beg = 100, .end = 200};
	struct annotate_tx t = {.strand = -1,
		.n_exon = 1,
		.exon = &ex,
		.beg = 100,
		.end = 200,
		.id = "T",
		.id_version = "T.1",
		.gene = "G",
		.symbol = "a b",
		.biotype = "lncRNA",
		.protein = "ENSP1.2",
		.hgnc = "HGNC:1",
		.coding = true,
		.end_nf = true};
	struct annotate_allele al = {.beg = 150, .end = 151, .ref_mismatch = true};
	struct annotate_entry e = {.tx = &t,
		.al = &al,
		.terms = AT_BIT(AT_INTRON) | AT_BIT(AT_NC_TRANSCRIPT),
		.distance = -1,
		.hgvsp = "P:p.Leu5=",
		.hgvs_offset = 3,
		.nmd = AT_NMD_ESCAPES};
	struct annotate_work w = {.st = &state};
	struct annotate_cell c = {.w = &w, .o = out, .style = &out->csq.style, .al = &al};
	char buf[256];
	annotate_cell_entry(&c, &e, true);
	ck_assert_str_eq(column(&c, AC_CONSEQUENCE, buf), "intron_variant&non_coding_transcript_variant");
	ck_assert_str_eq(column(&c, AC_IMPACT, buf), "MODIFIER");
	ck_assert_str_eq(column(&c, AC_SYMBOL, buf), "a%20b");
	ck_assert_str_eq(column(&c, AC_SYMBOL_SOURCE, buf), "HGNC");
	ck_assert_str_eq(column(&c, AC_ENSP, buf), "ENSP1");
	ck_assert_str_eq(column(&c, AC_HGVSP, buf), "P:p.Leu5%3D");
	ck_assert_str_eq(column(&c, AC_HGVS_OFFSET, buf), "-3");
	ck_assert_str_eq(column(&c, AC_FLAGS, buf), "cds_end_NF&REF_MISMATCH");
	ck_assert_str_eq(column(&c, AC_NMD, buf), "NMD_escaping_variant");
	ck_assert_str_eq(column(&c, AC_PICK, buf), "1");
	ck_assert_str_eq(column(&c, AC_DISTANCE, buf), "");
	c.style = &out->tsv.style;
	ck_assert_str_eq(column(&c, AC_CONSEQUENCE, buf), "intron_variant,non_coding_transcript_variant");
	ck_assert_str_eq(column(&c, AC_SYMBOL, buf), "a_b");
	ck_assert_str_eq(column(&c, AC_HGVSP, buf), "P:p.Leu5%3D");
	c.style = &out->json_style;
	ck_assert_str_eq(column(&c, AC_SYMBOL, buf), "a b");
	ck_assert_str_eq(column(&c, AC_HGVSP, buf), "P:p.Leu5%3D");
	/* a RefSeq transcript carries its version in its name, and so does its protein */
	t.id = "NM_1";
	t.id_version = "NM_1.2";
	t.flags = AT_TX_REFSEQ;
	t.protein = "NP_1.2";
	ck_assert_str_eq(column(&c, AC_ENSP, buf), "NP_1.2");
	ck_assert_str_eq(column(&c, AC_FEATURE, buf), "NM_1.2");
	/* outside the transcript */
	e.distance = 12;
	annotate_cell_entry(&c, &e, false);
	ck_assert_str_eq(column(&c, AC_EXON, buf), "");
	ck_assert_str_eq(column(&c, AC_HGVSP, buf), "");
	ck_assert_str_eq(column(&c, AC_DISTANCE, buf), "12");
	/* no transcript at all */
	e.tx = NULL;
	e.distance = -1;
	annotate_cell_entry(&c, &e, false);
	for (int k = AC_ALLELE + 1; k < AC_N; k++)
		if (annotate_column[k].scope == AC_OF_TX)
			ck_assert_str_eq(column(&c, (enum annotate_col)k, buf), "");
}
END_TEST

START_TEST(picks)
{
	struct annotate_tx t[4] = {{.gene = "A", .biotype = "lncRNA", .cdna_len = 900, .pick = 5},
		{.gene = "A",
			.biotype = "protein_coding",
			.cdna_len = 100,
			.tsl = "1",
			.appris = "A1",
			.ccds = "CCDS1",
			.pick = 3},
		{.gene = "B",
			.biotype = "protein_coding",
			.cdna_len = 300,
			.flags = AT_TX_CANONICAL,
			.appris = "P2",
			.pick = 2},
		{.gene = "B",
			.biotype = "protein_coding",
			.cdna_len = 300,
			.flags = AT_TX_MANE_CLINICAL | AT_TX_REFSEQ,
			.pick = 1}};
	struct annotate_entry e[5] = {{.tx = &t[0], .terms = AT_BIT(AT_STOP_GAINED)},
		{.tx = &t[1], .terms = AT_BIT(AT_MISSENSE)}, {.tx = &t[2], .terms = AT_BIT(AT_INTRON)},
		{.tx = &t[3], .terms = AT_BIT(AT_INTRON)}, {.terms = AT_BIT(AT_REGULATORY)}};
	static const struct {
		const char *order;
		int32_t want;
	} by[] = {{NULL, 3}, {"canonical", 2}, {"mane_plus_clinical", 3}, {"appris", 2}, {"tsl", 1},
		{"biotype", 1}, {"biotype,length", 2}, {"ccds", 1}, {"rank", 0}, {"length", 0}, {"refseq", 3},
		{"ensembl", 0}, {"mane_select,canonical,rank", 2}};
	for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
		open_with((struct annotate_opt){.pick_order = by[i].order});
		ck_assert_int_eq(annotate_pick(&state, e, 5), by[i].want);
	}
	/* one of each gene; what has no gene stays */
	open_with((struct annotate_opt){.per_gene = true});
	struct annotate_entry *list[1] = {e};
	int32_t n = 5, worst = 0, pick = 3;
	struct annotate_record r = {.n_al = 1, .entry = list, .n_entry = &n, .worst = &worst, .pick = &pick};
	const bool want[5] = {false, true, false, true, true};
	for (int32_t k = 0; k < 5; k++)
		ck_assert_int_eq(annotate_out_wants(&state, &r, 0, k), want[k]);
	open_with((struct annotate_opt){.pick = true});
	for (int32_t k = 0; k < 5; k++)
		ck_assert_int_eq(annotate_out_wants(&state, &r, 0, k), k == 3);
	/* equal in all: the first */
	t[3] = t[2];
	ck_assert_int_eq(annotate_pick(&state, e + 2, 2), 0);
}
END_TEST

START_TEST(columns_are_complete)
{
	/* every column has a name of its own, an explanation and a place in the table */
	static struct annotate_out all, flag;
	struct annotate_opt o = {.fields = "all"}, f = {.flag_pick = true, .haplotypes = true};
	ck_assert_int_eq(annotate_fields_plan(&cx, &o, &all), 0);
	ck_assert_int_eq(all.csq.n, AC_N - 2);
	ck_assert_int_eq(all.tsv.n, AC_N);
	for (int i = 0; i < AC_N; i++) {
		ck_assert(annotate_column[i].name && *annotate_column[i].what);
		for (int k = 0; k < i; k++)
			ck_assert_str_ne(annotate_column[i].name, annotate_column[k].name);
	}
	int n = 0;
	for (int i = 0; i < all.csq.n_run; i++)
		n += all.csq.run[i].n;
	ck_assert_int_eq(n, all.csq.n);
	ck_assert_int_eq(annotate_fields_plan(&cx, &f, &flag), 0);
	ck_assert_int_eq(flag.csq.n, 29 + 7);
	ck_assert_int_eq(flag.tsv.n, flag.csq.n + 2);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("annotate_out");
	TCase *t = tcase_create("all");
	tcase_add_test(t, numbers);
	tcase_add_test(t, escapes);
	tcase_add_test(t, json_text);
	tcase_add_test(t, exon_numbers);
	tcase_add_test(t, bits_are_what_has_a_value);
	tcase_add_test(t, picks);
	tcase_add_test(t, columns_are_complete);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
