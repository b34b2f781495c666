/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_cols.c -- header of a summary statistics file: GWAS-SSF names and the aliases of common programs.
 * A name that two columns share, or two names of one thing, is an error: guessing which one is meant would
 * put wrong numbers into every weight. */
#include <string.h>
#include <strings.h>

#include "stage/prs/con_int.h"

/* Names in order of preference. IDs and sample sizes may occur under several (the effective size wins); beta,
 * odds and hazard ratio too: of a row the first that is not missing counts. */
static const struct {
	enum con_col col;
	const char *name;
} alias[] = {
	{K_CHR, "chromosome"},
	{K_CHR, "chr"},
	{K_CHR, "chrom"},
	{K_CHR, "chr_name"},
	{K_CHR, "hg19chr"},
	{K_POS, "base_pair_location"},
	{K_POS, "bp"},
	{K_POS, "pos"},
	{K_POS, "position"},
	{K_POS, "chr_position"},
	{K_POS, "genpos"},
	{K_ID, "rsid"},
	{K_ID, "rs_id"},
	{K_ID, "snp"},
	{K_ID, "snpid"},
	{K_ID, "variant_id"},
	{K_ID, "markername"},
	{K_ID, "marker"},
	{K_ID, "id"},
	{K_EA, "effect_allele"},
	{K_EA, "a1"},
	{K_EA, "allele1"},
	{K_EA, "ea"},
	{K_EA, "tested_allele"},
	{K_OA, "other_allele"},
	{K_OA, "a2"},
	{K_OA, "allele2"},
	{K_OA, "oa"},
	{K_OA, "nea"},
	{K_OA, "non_effect_allele"},
	{K_OA, "ax"},
	{K_OA, "omitted"},
	{K_OA, "a0"},
	{K_OA, "allele0"},
	{K_BETA, "beta"},
	{K_BETA, "b"},
	{K_BETA, "effect"},
	{K_BETA, "log_or"},
	{K_BETA, "logor"},
	{K_BETA, "log_odds"},
	{K_OR, "odds_ratio"},
	{K_OR, "or"},
	{K_HR, "hazard_ratio"},
	{K_HR, "hr"},
	{K_Z, "z"},
	{K_Z, "zscore"},
	{K_Z, "z_score"},
	{K_Z, "z_stat"},
	{K_SE, "standard_error"},
	{K_SE, "se"},
	{K_SE, "stderr"},
	{K_SE, "beta_se"},
	{K_SE, "log(or)_se"},
	{K_P, "p_value"},
	{K_P, "p"},
	{K_P, "pval"},
	{K_P, "pvalue"},
	{K_P, "p-value"},
	{K_P, "p_val"},
	{K_NLP, "neg_log_10_p_value"},
	{K_NLP, "log10p"},
	{K_NLP, "mlogp"},
	{K_NLP, "-log10p"},
	{K_NLP, "neg_log10_p"},
	{K_N, "neff"},
	{K_N, "n_eff"},
	{K_N, "n"},
	{K_N, "n_total"},
	{K_N, "sample_size"},
	{K_N, "obs_ct"},
	{K_N, "totalsamplesize"},
	{K_NCASE, "n_case"},
	{K_NCASE, "n_cases"},
	{K_NCASE, "ncase"},
	{K_NCASE, "n_cas"},
	{K_NCASE, "nca"},
	{K_NCTRL, "n_control"},
	{K_NCTRL, "n_controls"},
	{K_NCTRL, "ncontrol"},
	{K_NCTRL, "n_con"},
	{K_NCTRL, "nco"},
	{K_INFO, "info"},
	{K_INFO, "imputation_info"},
	{K_INFO, "impinfo"},
	{K_INFO, "info_score"},
	{K_INFO, "rsq"},
	{K_FREQ, "effect_allele_frequency"},
	{K_FREQ, "eaf"},
	{K_FREQ, "frq"},
	{K_FREQ, "freq"},
	{K_FREQ, "a1freq"},
	{K_FREQ, "a1_freq"},
	{K_FREQ, "freq1"},
	{K_FREQ, "af"},
	{K_MAF, "maf"},
};

int prs_con_split(char *line, char sep, char **field, int max)
{
	if (sep != ' ')
		return grx_split(line, sep, field, max);
	int n = 0;
	for (char *s = line; n < max;) {
		s += strspn(s, " \t");
		if (*s == '\0')
			break;
		field[n++] = s;
		s += strcspn(s, " \t");
		if (*s == '\0')
			break;
		*s++ = '\0';
	}
	return n;
}

static char separator(const char *line)
{
	if (strchr(line, '\t'))
		return '\t';
	return strchr(line, ' ') || !strchr(line, ',') ? ' ' : ',';
}

static int find(struct con_head *h, enum con_col k, int *second)
{
	int first = -1;
	*second = -1;
	for (size_t a = 0; a < sizeof alias / sizeof *alias; a++) {
		for (int c = 0; alias[a].col == k && c < h->n_col; c++) {
			if (strcasecmp(h->name[c], alias[a].name) != 0)
				continue;
			if (first < 0)
				first = c;
			else
				*second = c;
		}
	}
	return first;
}

/* What is absent, as text; NULL = nothing. */
static const char *lacking(const struct con_head *h)
{
	const int *c = h->col;
	if (c[K_EA] < 0)
		return "effect_allele (A1)";
	if (c[K_OA] < 0)
		return "other_allele (A2)";
	if ((c[K_CHR] < 0 || c[K_POS] < 0) && c[K_ID] < 0)
		return "chromosome and base_pair_location (CHR BP), or rsid (SNP)";
	if (c[K_BETA] < 0 && c[K_OR] < 0 && c[K_HR] < 0 && c[K_Z] < 0)
		return "beta, odds_ratio, hazard_ratio or z";
	if (c[K_Z] < 0 && c[K_SE] < 0 && c[K_P] < 0 && c[K_NLP] < 0)
		return "standard_error, p_value or neg_log_10_p_value";
	return NULL;
}

int prs_con_head(struct grx_ctx *cx, const char *path, int64_t lineno, char *line, struct con_head *h)
{
	while (*line == '#')
		line++;
	h->sep = separator(line);
	h->n_col = prs_con_split(line, h->sep, h->name, CON_MAX_COL + 1);
	if (h->n_col > CON_MAX_COL)
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: more than %d columns", path, (long long)lineno,
			CON_MAX_COL);
	for (int k = 0; k < K_N_COL; k++) {
		int second;
		h->col[k] = find(h, k, &second);
		if (second >= 0 && k != K_ID && k != K_N)
			return grx_fail(cx, GRX_E_DATA,
				"%s:%lld: columns '%s' and '%s' mean the same thing: leave one of them", path,
				(long long)lineno, h->name[h->col[k]], h->name[second]);
	}
	for (int c = 0; c < h->n_col; c++)
		if (strcasecmp(h->name[c], "AF_Allele2") == 0 || strcasecmp(h->name[c], "AC_Allele2") == 0)
			return grx_fail(cx, GRX_E_DATA,
				"%s:%lld: column '%s': a file of SAIGE, whose effect allele is Allele2: "
				"rename Allele2 to "
				"effect_allele, Allele1 to other_allele, AF_Allele2 to "
				"effect_allele_frequency",
				path, (long long)lineno, h->name[c]);
	const char *what = lacking(h);
	if (what)
		return grx_fail(
			cx, GRX_E_DATA, "%s:%lld: header lacks column %s", path, (long long)lineno, what);
	return GRX_OK;
}
