/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs.h -- HGVS names of alleles, and alleles of HGVS names. Source: HGVS nomenclature 21; docs/methods. */
#ifndef GRX_STAGE_ANNOTATE_HGVS_H
#define GRX_STAGE_ANNOTATE_HGVS_H

#include "stage/annotate/annotate_int.h"

#define AT_MAX_SHIFT 262144 /* bp that an allele is moved at most */

/* What every name of an allele on one strand shares: it is worked out once, however many transcripts there
 * are. */
struct annotate_side {
	bool ready, named; /* named: has a name at all (ACGT, not equal to the reference) */
	bool dup;          /* an insertion that repeats the bases before it */
	int32_t moved;     /* bases moved 3' */
	int32_t tail_n;
	const char *tail;           /* after the positions: "A>G", "del", "inv", "insACG", "delinsACG" */
	struct annotate_allele al;  /* shifted */
	struct annotate_allele cut; /* shifted, and without common ends */
	char small[16];             /* tail, when short */
};
struct annotate_moved {
	const struct annotate_allele *al;
	struct annotate_side side[2]; /* along the genome, against it */
};
/* Sides are filled when they are asked for. */
static inline void annotate_moved_init(struct annotate_moved *mv, const struct annotate_allele *al)
{
	mv->al = al;
	mv->side[0].ready = mv->side[1].ready = false;
}
/* The side of strand +1 or -1; strings in w->mem. First call per strand O(shift),
 * then O(1). */
int annotate_moved_get(struct annotate_work *w, struct annotate_moved *mv, int strand,
	const struct annotate_side **out) GRX_MUST;

/* c. or n. name of a side of the transcript's strand; nothing when the allele has none there. No memory but
 * o's. */
int annotate_hgvs_c(struct annotate_work *w, const struct annotate_tx *t, const struct annotate_side *s,
	struct grx_str *o) GRX_MUST;
/* p. name of the shifted allele as evaluated (annotate_eval); nothing when it has none. */
int annotate_hgvs_p(struct annotate_work *w, const struct annotate_eval *shifted, uint64_t terms,
	struct grx_str *o) GRX_MUST;
/* Genomic (g., m. on the mitochondrion), of sequence and structural alleles; nothing where none is defined.
 */
int annotate_hgvs_g(struct annotate_work *w, struct annotate_moved *mv, struct grx_str *o) GRX_MUST;
/* A joint change of a protein: reference and changed protein, both without pad, stops as '*' (the first stop
 * of alt ends it). Residues [1, ref_end] become [1, alt_end] and what follows is the same, or there is
 * nothing where the change makes a stop; ref_end 0: the frame or the stop is lost, nothing behind the change
 * is kept. */
struct annotate_proteins {
	const char *ref, *alt;
	int64_t ref_end, alt_end;
};
int annotate_hgvs_protein(struct annotate_work *w, const struct annotate_tx *t,
	const struct annotate_proteins *c, struct grx_str *o) GRX_MUST;

/* st->g_prefix: "NC_000021.9:g." where the contig is one of a known build by name and length, else
 * "name:g."; "m." on the mitochondrion. Needs st->fasta_name. */
int annotate_hgvs_open(struct grx_ctx *cx, struct annotate_state *st) GRX_MUST;
void annotate_hgvs_close(struct annotate_state *st);

/* The job of --hgvs-in: names, one a line (further columns kept), to VCF. */
int annotate_hgvs_tool(
	const struct annotate_opt *o, struct grx_ctx *cx, const struct grx_tool_io *io) GRX_MUST;

#endif
