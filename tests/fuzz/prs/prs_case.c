/* SPDX-License-Identifier: GPL-3.0-or-later
 * prs_case.c -- score files, frequency files and chain files made at random for fuzz_prs. */
#include <stdio.h>

#include "prs_case.h"
#include "seeds.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *const odd[] = {"", ".", "NA", "NaN", "inf", "-1", "1e309", "1e-320", "0x10",
	"99999999999999999999", "A/C", "N", "a", "True", "\"", "1,5", "<DEL>", "*", " ", "\xff", "#", "0",
	"2147483648", "rs1_x_rs2", "H1/H2"};

/* One cell: v, or seldom something else. */
static void cell(struct grx_str *s, const char *v)
{
	grx_str_add(s, draw(200) ? v : odd[draw(N(odd))]);
}

static const char *allele(void)
{
	static const char *const a[] = {"A", "C", "G", "T", "AT", "TTTA", "GC"};
	return a[draw(draw(4) ? 4 : N(a))];
}

static const char *weight(char *b)
{
	switch (draw(6)) {
	case 0:
		snprintf(b, 32, "%d", (int)draw(5) - 2);
		break;
	case 1:
		snprintf(b, 32, "%.3E", ((int)draw(2000) - 1000) * 1e-7);
		break;
	default:
		snprintf(b, 32, "%.8f", ((int)draw(200000) - 100000) * 1e-5);
	}
	return b;
}

static const char *number(char *b, uint32_t n)
{
	snprintf(b, 32, "%u", draw(n));
	return b;
}

/* ---- the catalogue's form, plain and harmonised, and custom files ---- */

enum {
	C_RSID,
	C_CHR,
	C_POS,
	C_EA,
	C_OA,
	C_W,
	C_AF,
	C_DOM,
	C_REC,
	C_HAP,
	C_DIP,
	C_INT,
	C_TYPE,
	C_LOCUS,
	C_NOTE,
	C_D0,
	C_D1,
	C_D2,
	C_HMSRC,
	C_HMRS,
	C_HMCHR,
	C_HMPOS,
	C_HMOA,
	C_N
};
static const char *const col_name[C_N] = {"rsID", "chr_name", "chr_position", "effect_allele", "other_allele",
	"effect_weight", "allelefrequency_effect", "is_dominant", "is_recessive", "is_haplotype",
	"is_diplotype", "is_interaction", "variant_type", "locus_name", "variant_description",
	"dosage_0_weight", "dosage_1_weight", "dosage_2_weight", "hm_source", "hm_rsID", "hm_chr", "hm_pos",
	"hm_inferOtherAllele"};

static void complex_cell(struct grx_str *s, int c)
{
	static const char *const type[] = {
		"HLA_allele", "HLA_serotype", "HLA_AA", "APOE_allele", "CYP_allele", "x"};
	if (c == C_TYPE)
		cell(s, draw(20) ? "" : type[draw(N(type))]);
	else if (c == C_NOTE)
		cell(s, draw(20) ? "" : "marker=[rs2187668-?; rs7454108-A]");
	else if (c == C_LOCUS)
		cell(s, "HLA-DQB1");
	else
		cell(s, draw(c == C_DOM || c == C_REC ? 6 : 25) ? "False" : "TRUE");
}

static void value(struct grx_str *s, int c)
{
	static const char *const chr[] = {
		"1", "2", "22", "X", "Y", "MT", "chr1", "M", "23", "6_GL000250v2_alt"};
	char b[32];
	switch (c) {
	case C_RSID:
	case C_HMRS:
		snprintf(b, sizeof(b), "rs%u", draw(50));
		cell(s, b);
		break;
	case C_CHR:
	case C_HMCHR:
		cell(s, draw(12) ? chr[draw(draw(5) ? 3 : N(chr))] : "");
		break;
	case C_POS:
	case C_HMPOS:
		cell(s, draw(12) ? number(b, draw(2) ? 30 : 40000000) : "");
		break;
	case C_EA:
	case C_OA:
	case C_HMOA:
		cell(s, allele());
		break;
	case C_W:
	case C_D0:
	case C_D1:
	case C_D2:
		cell(s, weight(b));
		break;
	case C_AF:
		snprintf(b, sizeof(b), "%.3f", draw(1001) / 1000.0);
		cell(s, b);
		break;
	case C_HMSRC:
		cell(s, "ENSEMBL");
		break;
	default:
		complex_cell(s, c);
	}
}

/* A permutation of some columns; the needed ones nearly always. */
static int columns(int *use)
{
	bool harm = draw(3) == 0, dose = draw(6) == 0;
	int n = 0;
	for (int c = 0; c < C_N; c++) {
		bool need = c == C_EA || (c == C_W && !dose) || (dose && c >= C_D0 && c <= C_D2) ||
			    (harm && c >= C_HMSRC);
		bool some = c < C_HMSRC && (c <= C_OA ? draw(8) > 0 : draw(4) == 0) &&
			    !(c == C_W || (c >= C_D0 && c <= C_D2));
		if ((need && draw(60)) || some)
			use[n++] = c;
	}
	for (int i = n - 1; i > 0 && draw(3) == 0; i--) {
		int j = (int)draw((uint32_t)i + 1), c = use[i];
		use[i] = use[j];
		use[j] = c;
	}
	return n;
}

static void head(struct grx_str *s, int rows)
{
	static const char *const key[] = {"#pgs_name=x=y\n", "#trait_reported=height\n",
		"#weight_type=beta\n", "##POLYGENIC SCORE\n", "###PGS CATALOG SCORING FILE\n",
		"#HmPOS_build=GRCh38\n", "#\n", "#=\n", "#genome_build=GRCh37\n", "#genome_build=hg18\n",
		"#HmPOS_match_chr={\"True\": null}\n"};
	if (draw(3))
		grx_str_addf(s, "#pgs_id=PGS%06u\n", draw(10));
	if (draw(3))
		grx_str_add(s, "#genome_build=GRCh38\n");
	for (int k = (int)draw(4); k > 0; k--)
		grx_str_add(s, key[draw(draw(4) ? 7 : N(key))]);
	if (draw(4) == 0)
		grx_str_addf(s, "#variants_number=%d\n", draw(4) ? rows : (int)draw(100));
}

void prs_case_catalogue(struct grx_str *s)
{
	int use[C_N], rows = (int)draw(12), n = columns(use);
	const char *end = draw(20) ? "\n" : "\r\n";
	head(s, rows);
	for (int i = 0; i < n; i++)
		grx_str_addf(s, "%s%s", i ? "\t" : "", col_name[use[i]]);
	grx_str_add(s, end);
	for (int r = 0; r < rows; r++) {
		int cut = draw(60) ? n : (int)draw((uint32_t)n + 2); /* a row cut short, or too long */
		for (int i = 0; i < cut; i++) {
			grx_str_add(s, i ? "\t" : "");
			value(s, use[i < n ? i : 0]);
		}
		grx_str_add(s, r == rows - 1 && draw(8) == 0 ? "" : end);
	}
}

/* ---- plink's form ---- */

static void variant_id(struct grx_str *s, int i)
{
	char b[64];
	if (draw(3))
		snprintf(b, sizeof(b), "%u:%d:%s:%s", 1 + draw(3), 100 + 10 * i + (int)draw(2), allele(),
			allele());
	else
		snprintf(b, sizeof(b), "rs%u", draw(40));
	cell(s, b);
}

void prs_case_matrix(struct grx_str *s)
{
	int cols = 1 + (int)draw(draw(10) ? 5 : 200), rows = (int)draw(12);
	const char *sep = draw(3) ? "\t" : " ";
	char b[32];
	grx_str_addf(s, "%s%s%s", draw(2) ? "ID" : "#ID", sep, draw(2) ? "A1" : "effect_allele");
	for (int k = 0; k < cols; k++)
		grx_str_addf(s, "%sS%d", sep, draw(100) ? k : 0);
	grx_str_add(s, "\n");
	for (int r = 0; r < rows; r++) {
		variant_id(s, r);
		grx_str_add(s, sep);
		cell(s, allele());
		for (int k = 0; k < cols - (draw(80) == 0); k++) {
			grx_str_add(s, sep);
			cell(s, draw(3) ? "0" : weight(b));
		}
		grx_str_add(s, "\n");
	}
}

/* ---- frequencies: plink2's .afreq or positions ---- */

static void freq_cell(struct grx_str *s, int n_alt)
{
	char b[32];
	for (int i = 0; i < n_alt; i++) {
		snprintf(b, sizeof(b), "%s%.4f", i ? "," : "", draw(10001) / 10000.0 / n_alt);
		cell(s, b);
	}
}

void prs_case_freq(struct grx_str *s)
{
	bool plink = draw(3) > 0;
	int rows = (int)draw(10);
	grx_str_add(s, plink ? "#CHROM\tID\tREF\tALT\tALT_FREQS\tOBS_CT\n"
			     : "chr_name\tchr_position\tref\talt\tfreq\n");
	for (int r = 0; r < rows; r++) {
		int n_alt = draw(8) ? 1 : 2;
		grx_str_addf(s, "%u\t", 1 + draw(2));
		if (plink)
			variant_id(s, r);
		else
			grx_str_addf(s, "%u", 1 + draw(1000));
		grx_str_add(s, "\t");
		cell(s, allele());
		grx_str_add(s, "\t");
		cell(s, allele());
		if (n_alt == 2)
			grx_str_addf(s, ",%s", allele());
		grx_str_add(s, "\t");
		freq_cell(s, n_alt);
		grx_str_add(s, plink ? "\t1000\n" : "\n");
	}
}

/* ---- UCSC chains ---- */

static void chain_one(struct grx_str *s, unsigned id)
{
	/* chr1 to chr3 of GRCh37 and GRCh38 */
	static const unsigned from[] = {249250621, 243199373, 198022430},
			      to[] = {248956422, 242193529, 198295559};
	unsigned n = 1 + draw(4), size[4], dt[4], dq[4], t = 0, q = 0, t0 = draw(100), q0 = draw(100);
	for (unsigned i = 0; i < n; i++) {
		size[i] = draw(draw(30) ? 100000 : 3);
		dt[i] = i + 1 < n ? draw(50) : 0;
		dq[i] = i + 1 < n ? draw(50) : 0;
		t += size[i] + dt[i];
		q += size[i] + dq[i];
	}
	t += draw(40) == 0; /* an end that the blocks do not reach */
	unsigned a = draw(3), b = draw(8) ? a : draw(3), len = draw(60) ? from[a] : 1000000;
	grx_str_addf(s, "chain %u chr%u %u %s %u %u chr%u %u %c %u %u %u\n", draw(100000), a + 1, len,
		draw(60) ? "+" : "-", t0, t0 + t, b + 1, to[b], draw(3) ? '+' : '-', q0, q0 + q, id);
	for (unsigned i = 0; i < n; i++) {
		char text[32];
		snprintf(text, sizeof(text), "%u", size[i]);
		cell(s, text);
		if (i + 1 < n)
			grx_str_addf(s, "\t%u\t%u", dt[i], dq[i]);
		grx_str_add(s, "\n");
	}
	grx_str_add(s, draw(30) ? "\n" : "");
}

void prs_case_chain(struct grx_str *s)
{
	unsigned n = draw(5);
	if (draw(5) == 0)
		grx_str_add(s, "##matrix=axtChain 16 91 -114 -31 -123\n");
	for (unsigned i = 0; i < n; i++)
		chain_one(s, i + 1);
}
