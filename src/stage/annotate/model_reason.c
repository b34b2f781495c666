/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_reason.c -- names of what contradicts in a model file, and which of it --strict refuses. */
#include "stage/annotate/model_int.h"

static const struct {
	const char *name;
	bool strict;
} reason[AT_R_N] = {
	[AT_R_CDS_OUTSIDE] = {"dropped_cds_outside_exons", true},
	[AT_R_CDS_GAP] = {"dropped_cds_leaves_out_exonic_bases", true},
	[AT_R_PARENT] = {"dropped_parent_line_missing", true},
	[AT_R_STRAND] = {"dropped_strand_or_contig_disagree", true},
	[AT_R_CODE] = {"dropped_genetic_code_not_supported", true},
	[AT_R_CIRCULAR] = {"dropped_spans_origin_of_circular_contig", false},
	[AT_R_TRANS] = {"dropped_trans_spliced", false},
	[AT_R_CYCLE] = {"parents_in_a_circle", true},
	[AT_R_GENE] = {"gene_line_missing", true},
	[AT_R_GENE_STRAND] = {"gene_on_other_strand", true},
	[AT_R_OUT_TX] = {"exons_outside_transcript", true},
	[AT_R_OUT_GENE] = {"transcript_outside_gene", true},
	[AT_R_DUP_ID] = {"duplicate_ids", true},
	[AT_R_DUP_PIECE] = {"duplicate_pieces", true},
	[AT_R_OVERLAP] = {"overlapping_pieces", true},
	[AT_R_PHASE] = {"cds_phase_disagrees", true},
	[AT_R_NO_PHASE] = {"cds_phase_missing", false},
	[AT_R_STOP_APART] = {"stop_codon_apart_from_cds", true},
	[AT_R_NO_PARENT] = {"pieces_without_parent", true},
	[AT_R_NO_EXON] = {"transcripts_without_exons", true},
	[AT_R_SEC_UNKNOWN] = {"selenocysteine_position_not_given", false},
	[AT_R_SEC_FRAME] = {"selenocysteine_out_of_frame", true},
	[AT_R_EXCEPT] = {"other_translation_exceptions", false},
	[AT_R_DIFFERS] = {"transcripts_that_differ_from_genome", false},
	[AT_R_PSEUDO_CDS] = {"cds_of_pseudogenes_not_translated", false},
	[AT_R_CHILD_FIRST] = {"children_before_parent", false},
	[AT_R_GENE_EMPTY] = {"genes_without_transcripts", false},
};

const char *annotate_reason_name(enum annotate_reason r, bool *strict)
{
	if (strict)
		*strict = reason[r].strict;
	return reason[r].name;
}
