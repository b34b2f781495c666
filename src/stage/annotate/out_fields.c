/* SPDX-License-Identifier: GPL-3.0-or-later
 * out_fields.c -- the columns that can be written, and which of them --fields asks for.
 * Names are those of Ensembl VEP where it has the column; docs/methods/annotate_output.md explains each. */
#include "stage/annotate/out_int.h"

#include "base/opt.h"

/* clang-format off */
const struct annotate_column annotate_column[AC_N] = {
	[AC_UPLOADED] = { "Uploaded_variation", AC_OF_ALLELE, false, "identifier of the variant, or contig_start_alleles" },
	[AC_LOCATION] = { "Location", AC_OF_ALLELE, false, "contig:start or contig:start-end, 1-based" },
	[AC_ALLELE] = { "Allele", AC_OF_ALLELE, true, "the allele that is judged; - for a deletion" },
	[AC_CONSEQUENCE] = { "Consequence", AC_OF_ENTRY, true, "Sequence Ontology terms, most severe first" },
	[AC_IMPACT] = { "IMPACT", AC_OF_ENTRY, true, "HIGH, MODERATE, LOW or MODIFIER, of the most severe term" },
	[AC_SYMBOL] = { "SYMBOL", AC_OF_TX, true, "gene symbol" },
	[AC_GENE] = { "Gene", AC_OF_TX, true, "gene identifier" },
	[AC_FEATURE_TYPE] = { "Feature_type", AC_OF_TX, true, "Transcript, RegulatoryFeature or MotifFeature" },
	[AC_FEATURE] = { "Feature", AC_OF_TX, true, "identifier of the feature" },
	[AC_BIOTYPE] = { "BIOTYPE", AC_OF_TX, true, "biotype of the feature" },
	[AC_EXON] = { "EXON", AC_OF_ENTRY, true, "exon number of total" },
	[AC_INTRON] = { "INTRON", AC_OF_ENTRY, true, "intron number of total" },
	[AC_HGVSC] = { "HGVSc", AC_OF_ENTRY, true, "HGVS name on the transcript" },
	[AC_HGVSP] = { "HGVSp", AC_OF_ENTRY, true, "HGVS name on the protein" },
	[AC_CDNA] = { "cDNA_position", AC_OF_ENTRY, true, "position in the transcript" },
	[AC_CDS] = { "CDS_position", AC_OF_ENTRY, true, "position in the coding sequence" },
	[AC_PROTEIN] = { "Protein_position", AC_OF_ENTRY, true, "position in the protein" },
	[AC_AMINO] = { "Amino_acids", AC_OF_ENTRY, true, "reference and changed residues" },
	[AC_CODONS] = { "Codons", AC_OF_ENTRY, true, "reference and changed codons, changed bases in upper case" },
	[AC_EXISTING] = { "Existing_variation", AC_OF_ALLELE, true, "known identifiers (rs, COSV, COSM) in the record's ID" },
	[AC_REF_ALLELE] = { "REF_ALLELE", AC_OF_ALLELE, false, "reference allele" },
	[AC_ALLELE_NUM] = { "ALLELE_NUM", AC_OF_ALLELE, false, "number of the allele in its record, 1 is the first ALT" },
	[AC_DISTANCE] = { "DISTANCE", AC_OF_ENTRY, true, "bases to the transcript" },
	[AC_STRAND] = { "STRAND", AC_OF_TX, true, "strand of the feature: 1 or -1" },
	[AC_FLAGS] = { "FLAGS", AC_OF_ENTRY, true, "cds_start_NF, cds_end_NF: incomplete CDS; REF_MISMATCH: REF is not what the reference has" },
	[AC_PICK] = { "PICK", AC_OF_ENTRY, false, "1: the preferred entry of the allele" },
	[AC_CLASS] = { "VARIANT_CLASS", AC_OF_ALLELE, true, "Sequence Ontology class of the variant" },
	[AC_SYMBOL_SOURCE] = { "SYMBOL_SOURCE", AC_OF_TX, false, "source of the gene symbol" },
	[AC_HGNC] = { "HGNC_ID", AC_OF_TX, false, "HGNC identifier of the gene" },
	[AC_CANONICAL] = { "CANONICAL", AC_OF_TX, true, "YES: canonical transcript of its gene" },
	[AC_MANE] = { "MANE", AC_OF_TX, false, "MANE_Select or MANE_Plus_Clinical" },
	[AC_MANE_SELECT] = { "MANE_SELECT", AC_OF_TX, true, "MANE Select partner of the transcript; YES: it is MANE Select, its partner is not in the models" },
	[AC_MANE_CLINICAL] = { "MANE_PLUS_CLINICAL", AC_OF_TX, true, "MANE Plus Clinical partner of the transcript, or YES" },
	[AC_TSL] = { "TSL", AC_OF_TX, false, "transcript support level, 1 is the best" },
	[AC_APPRIS] = { "APPRIS", AC_OF_TX, false, "APPRIS annotation: P1 to P5, A1, A2" },
	[AC_CCDS] = { "CCDS", AC_OF_TX, false, "CCDS identifier" },
	[AC_ENSP] = { "ENSP", AC_OF_TX, true, "protein identifier" },
	[AC_SOURCE] = { "SOURCE", AC_OF_TX, false, "source of the transcript: column 2 of the models" },
	[AC_HGVS_OFFSET] = { "HGVS_OFFSET", AC_OF_ENTRY, true, "bases by which the 3' rule moved the allele; negative towards the start of the contig" },
	[AC_HGVSG] = { "HGVSg", AC_OF_ALLELE, true, "HGVS name on the genome" },
	[AC_NMD] = { "NMD", AC_OF_ENTRY, true, "of a premature stop: NMD_triggering_variant or NMD_escaping_variant" },
	[AC_OVERLAP_BP] = { "OverlapBP", AC_OF_ENTRY, false, "bases of the feature that a structural variant overlaps" },
	[AC_OVERLAP_PC] = { "OverlapPC", AC_OF_ENTRY, false, "the same in percent of the feature" },
	[AC_HAP_CONSEQUENCE] = { "HAP_Consequence", AC_OF_ENTRY, false, "consequence of all alleles of the haplotype together" },
	[AC_HAP_HGVSP] = { "HAP_HGVSp", AC_OF_ENTRY, false, "HGVS name of the joint change of the protein" },
	[AC_HAP_CHANGES] = { "HAP_changes", AC_OF_ENTRY, false, "what is joined" },
	[AC_HAP_POS] = { "HAP_POS", AC_OF_ENTRY, false, "position of the record that carries the joint change" },
	[AC_HAP_SAMPLES] = { "HAP_SAMPLES", AC_OF_ENTRY, false, "samples that carry the joint change" },
	[AC_HAP_FLAGS] = { "HAP_FLAGS", AC_OF_ENTRY, false, "phased, or unphased: one of the possible haplotypes; behind_stop: the allele lies behind a stop that the others make" },
};

static const uint8_t minimal[] = { AC_ALLELE, AC_CONSEQUENCE, AC_IMPACT, AC_SYMBOL, AC_GENE, AC_FEATURE, AC_HGVSC, AC_HGVSP };

/* Order of the table: VEP's thirteen columns, then the rest as VEP orders what its options add. */
static const uint8_t table_order[] = {
	AC_UPLOADED, AC_LOCATION, AC_ALLELE, AC_GENE, AC_FEATURE, AC_FEATURE_TYPE, AC_CONSEQUENCE, AC_CDNA, AC_CDS,
	AC_PROTEIN, AC_AMINO, AC_CODONS, AC_EXISTING, AC_ALLELE_NUM, AC_REF_ALLELE, AC_IMPACT, AC_DISTANCE, AC_STRAND,
	AC_FLAGS, AC_PICK, AC_CLASS, AC_SYMBOL, AC_SYMBOL_SOURCE, AC_HGNC, AC_BIOTYPE, AC_CANONICAL, AC_MANE,
	AC_MANE_SELECT, AC_MANE_CLINICAL, AC_TSL, AC_APPRIS, AC_CCDS, AC_ENSP, AC_SOURCE, AC_EXON, AC_INTRON, AC_HGVSC,
	AC_HGVSP, AC_HGVS_OFFSET, AC_HGVSG, AC_NMD, AC_OVERLAP_BP, AC_OVERLAP_PC, AC_HAP_CONSEQUENCE, AC_HAP_HGVSP, AC_HAP_CHANGES, AC_HAP_POS,
	AC_HAP_SAMPLES, AC_HAP_FLAGS,
};
/* clang-format on */

static void plan_add(struct annotate_plan *p, enum annotate_col k)
{
	for (int i = 0; i < p->n; i++)
		if (p->col[i] == k)
			return;
	p->col[p->n++] = (uint8_t)k;
}

static bool is_hap(enum annotate_col k)
{
	return k >= AC_HAP_CONSEQUENCE;
}

/* Does an option bring the column, or is it there by default? */
static bool by_default(const struct annotate_opt *o, enum annotate_col k)
{
	if (k == AC_PICK)
		return o->flag_pick;
	return annotate_column[k].basic || (is_hap(k) && o->haplotypes);
}

static int column_named(const char *s, size_t n)
{
	for (int k = 0; k < AC_N; k++)
		if (strlen(annotate_column[k].name) == n && strncmp(annotate_column[k].name, s, n) == 0)
			return k;
	return -1;
}

static bool near_to(const char *a, const char *b)
{
	char x[40], y[40];
	size_t i;
	for (i = 0; a[i] && b[i] && i < sizeof x - 1; i++) {
		x[i] = (char)(a[i] | 0x20);
		y[i] = (char)(b[i] | 0x20);
	}
	x[i] = y[i] = '\0';
	if (i >= 3 && strcmp(x, y) == 0) /* one begins with the other */
		return true;
	return grx_edit_distance(a, b) <= 2;
}

static int unknown_column(struct grx_ctx *cx, const char *s, size_t n)
{
	struct grx_str near = {0};
	char *name = grx_malloc(n + 1, 1);
	if (!name)
		return grx_fail_nomem(cx, "--fields");
	memcpy(name, s, n);
	name[n] = '\0';
	for (int k = 0; k < AC_N; k++)
		if (near_to(name, annotate_column[k].name)) {
			grx_str_add(&near, near.n ? ", " : "did you mean ");
			grx_str_add(&near, annotate_column[k].name);
		}
	if (!near.n)
		for (int k = 0; k < AC_N; k++) {
			grx_str_add(&near, k ? ", " : "expected vep, minimal, all or some of ");
			grx_str_add(&near, annotate_column[k].name);
		}
	int rc = near.oom ? grx_fail_nomem(cx, "--fields")
			  : grx_fail(cx, GRX_E_USAGE, "--fields: no column is called '%s': %s", name, near.s);
	grx_str_clear(&near);
	grx_free(name);
	return rc;
}

static bool is_word(const char *s, size_t n, const char *word)
{
	return strlen(word) == n && strncmp(s, word, n) == 0;
}

/* A column that was asked for by name and that this run would leave empty reads as "there is none". */
static int named_add(struct grx_ctx *cx, const struct annotate_opt *o, int k, struct annotate_plan *p)
{
	const char *why = is_hap((enum annotate_col)k) && !o->haplotypes ? "needs --haplotypes"
			  : (k == AC_HGVSC || k == AC_HGVSP || k == AC_HGVSG || k == AC_HGVS_OFFSET) &&
					  o->no_hgvs
				  ? "is empty with --no-hgvs"
			  : k == AC_PICK && !o->flag_pick ? "needs --flag-pick"
							  : NULL;
	if (why)
		return grx_fail(cx, GRX_E_USAGE, "--fields: %s %s", annotate_column[k].name, why);
	plan_add(p, (enum annotate_col)k);
	return GRX_OK;
}

/* One item of --fields: a preset or a column. */
static int item_add(
	struct grx_ctx *cx, const struct annotate_opt *o, const char *s, size_t n, struct annotate_plan *p)
{
	bool all = is_word(s, n, "all");
	if (all || is_word(s, n, "vep")) {
		for (int k = AC_ALLELE; k < AC_N; k++)
			if (all || by_default(o, k))
				plan_add(p, k);
	} else if (is_word(s, n, "minimal")) {
		for (size_t i = 0; i < sizeof minimal; i++)
			plan_add(p, minimal[i]);
	} else {
		int k = column_named(s, n);
		if (k < 0)
			return unknown_column(cx, s, n);
		return named_add(cx, o, k, p);
	}
	return GRX_OK;
}

/* Join neighbouring columns of one scope to runs. */
static void plan_runs(struct annotate_plan *p)
{
	for (int i = 0; i < p->n; i++) {
		uint8_t scope = annotate_column[p->col[i]].scope;
		struct annotate_run *r = p->n_run ? &p->run[p->n_run - 1] : NULL;
		if (r && r->scope == scope) {
			r->n++;
			r->cols |= UINT64_C(1) << p->col[i];
			continue;
		}
		int slot = scope == AC_OF_TX ? p->n_tx_run++ : scope == AC_OF_ALLELE ? p->n_allele_run++ : 0;
		p->run[p->n_run++] = (struct annotate_run){
			scope, (int16_t)i, 1, (int16_t)slot, UINT64_C(1) << p->col[i]};
	}
}

/* What stands for a byte in a text: VEP's rules for CSQ; a table keeps what does not break its rows. */
static void style_set(struct annotate_style *s, bool table)
{
	*s = (struct annotate_style){.sep = table ? '\t' : '|', .list = table ? ',' : '&', .dash = table};
	for (int c = 0; c < 256; c++)
		s->esc[c] = (uint8_t)(c < ' ' || c == 127 ? '_' : c);
	s->esc[' '] = s->esc['\t'] = s->esc['\n'] = s->esc['\v'] = s->esc['\f'] = s->esc['\r'] = AE_SPACE;
	if (!table) {
		s->esc[';'] = s->esc['='] = AE_PERCENT;
		s->esc['|'] = s->esc[','] = '&';
	}
}

/* Texts as they are: JSON has its own escapes. Two bytes that no text holds separate and stand for
 * themselves. */
static void json_style_set(struct annotate_style *s)
{
	*s = (struct annotate_style){.list = '\x1f'};
	for (int c = 0; c < 256; c++)
		s->esc[c] = (uint8_t)(c > AE_SPACE ? c : '_');
	s->esc[0x1f] = '_';
}

int annotate_fields_plan(struct grx_ctx *cx, const struct annotate_opt *o, struct annotate_out *out)
{
	const char *list = o->fields ? o->fields : "vep";
	for (const char *s = list;; s++) {
		size_t n = strcspn(s, ",");
		int rc = n ? item_add(cx, o, s, n, &out->csq)
			   : grx_fail(cx, GRX_E_USAGE, "--fields '%s': an empty name", list);
		if (rc)
			return rc;
		s += n;
		if (!*s)
			break;
	}
	if (o->flag_pick)
		plan_add(&out->csq, AC_PICK);
	plan_add(&out->tsv, AC_UPLOADED);
	plan_add(&out->tsv, AC_LOCATION);
	if (o->fields)
		for (int i = 0; i < out->csq.n; i++)
			plan_add(&out->tsv, out->csq.col[i]);
	else
		for (size_t i = 0; i < sizeof table_order; i++)
			if (by_default(o, table_order[i]))
				plan_add(&out->tsv, table_order[i]);
	plan_runs(&out->csq);
	plan_runs(&out->tsv);
	style_set(&out->csq.style, false);
	style_set(&out->tsv.style, true);
	json_style_set(&out->json_style);
	return GRX_OK;
}
