/* SPDX-License-Identifier: GPL-3.0-or-later
 * terms.c -- names of the consequence terms, their ranks and impacts from the table. */
#include "stage/annotate/annotate_int.h"

#include <string.h>

#include "base/ctx.h"
#include "io/text.h"

const char *const annotate_term_name[AT_N] = {
	"transcript_ablation",
	"splice_acceptor_variant",
	"splice_donor_variant",
	"stop_gained",
	"frameshift_variant",
	"stop_lost",
	"start_lost",
	"transcript_amplification",
	"feature_elongation",
	"feature_truncation",
	"inframe_insertion",
	"inframe_deletion",
	"missense_variant",
	"protein_altering_variant",
	"splice_donor_5th_base_variant",
	"splice_region_variant",
	"splice_donor_region_variant",
	"splice_polypyrimidine_tract_variant",
	"incomplete_terminal_codon_variant",
	"start_retained_variant",
	"stop_retained_variant",
	"synonymous_variant",
	"coding_sequence_variant",
	"mature_miRNA_variant",
	"5_prime_UTR_variant",
	"3_prime_UTR_variant",
	"non_coding_transcript_exon_variant",
	"intron_variant",
	"NMD_transcript_variant",
	"non_coding_transcript_variant",
	"coding_transcript_variant",
	"upstream_gene_variant",
	"downstream_gene_variant",
	"TFBS_ablation",
	"TFBS_amplification",
	"TF_binding_site_variant",
	"regulatory_region_ablation",
	"regulatory_region_amplification",
	"regulatory_region_variant",
	"intergenic_variant",
	"sequence_variant",
};

static const char *impact_text(const char *s)
{
	static const char *const known[] = {"HIGH", "MODERATE", "LOW", "MODIFIER"};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(s, known[i]) == 0)
			return known[i];
	return NULL;
}

static int term_number(const char *name)
{
	for (int i = 0; i < AT_N; i++)
		if (strcmp(name, annotate_term_name[i]) == 0)
			return i;
	return -1;
}

static int terms_read(struct grx_ctx *cx, struct grx_table *tb, struct annotate_terms *t)
{
	int term, rank, impact, rc;
	bool more;
	if ((rc = grx_table_need(cx, tb, "term", &term)) || (rc = grx_table_need(cx, tb, "rank", &rank)) ||
		(rc = grx_table_need(cx, tb, "impact", &impact)))
		return rc;
	for (;;) {
		if ((rc = grx_table_next(cx, tb, &more)) || !more)
			return rc;
		int64_t r;
		if ((rc = grx_table_i64(cx, tb, rank, &r)))
			return rc;
		int i = term_number(grx_table_get(tb, term));
		if (i < 0)
			return grx_fail(cx, GRX_E_DATA, "%s:%ld: unknown term '%s'", grx_table_path(tb),
				(long)grx_table_lineno(tb), grx_table_get(tb, term));
		t->rank[i] = (int)r;
		t->impact[i] = impact_text(grx_table_get(tb, impact));
		if (!t->impact[i])
			return grx_fail(cx, GRX_E_DATA,
				"%s:%ld: impact '%s': expected HIGH, MODERATE, LOW or MODIFIER",
				grx_table_path(tb), (long)grx_table_lineno(tb), grx_table_get(tb, impact));
	}
}

int annotate_terms_load(struct grx_ctx *cx, struct annotate_terms *t)
{
	int rc = GRX_E_BUG;
	struct grx_table *tb = NULL;
	char *path = grx_refdata_path(cx, "annotate/consequence_terms.tsv");
	memset(t, 0, sizeof *t);
	if (!path)
		GRX_TRY(grx_fail_nomem(cx, "path"));
	GRX_TRY(grx_table_open(cx, path, true, &tb));
	GRX_TRY(terms_read(cx, tb, t));
	for (int i = 0; i < AT_N; i++) {
		if (!t->impact[i])
			GRX_TRY(grx_fail(cx, GRX_E_DATA, "%s: no row for '%s'", path, annotate_term_name[i]));
		if (i && t->rank[i] <= t->rank[i - 1])
			GRX_TRY(grx_fail(cx, GRX_E_DATA,
				"%s: rank of '%s' is not below that of '%s': the order of severity is built "
				"in",
				path, annotate_term_name[i], annotate_term_name[i - 1]));
	}
	rc = GRX_OK;
out:
	grx_table_close(tb);
	grx_free(path);
	return rc;
}

void annotate_terms_add(struct grx_str *o, uint64_t terms)
{
	for (bool any = false; terms; terms &= terms - 1, any = true) {
		if (any)
			grx_str_addc(o, '&');
		grx_str_add(o, annotate_term_name[__builtin_ctzll(terms)]);
	}
}
