/* SPDX-License-Identifier: GPL-3.0-or-later
 * annotate_int.h -- inside the annotate stage: terms, gene models, alleles, their meeting, databases.
 * Genomic intervals are 0-based half-open. cDNA, CDS and protein coordinates are 1-based with 0 = undefined,
 * because they only serve text and string work; an insertion has start = end + 1, as in Ensembl. Models and
 * databases are constant after open(); everything per shard hangs on struct annotate_work. */
#ifndef GRX_STAGE_ANNOTATE_INT_H
#define GRX_STAGE_ANNOTATE_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/str.h"
#include "bio/contig.h"
#include "genorx/genorx.h"

/* Consequence terms in order of severity; names in csq.c, impact and rank from refdata/annotate. */
enum annotate_term {
	AT_TRANSCRIPT_ABLATION,
	AT_SPLICE_ACCEPTOR,
	AT_SPLICE_DONOR,
	AT_STOP_GAINED,
	AT_FRAMESHIFT,
	AT_STOP_LOST,
	AT_START_LOST,
	AT_INFRAME_INSERTION,
	AT_INFRAME_DELETION,
	AT_MISSENSE,
	AT_PROTEIN_ALTERING,
	AT_SPLICE_DONOR_5TH,
	AT_SPLICE_REGION,
	AT_SPLICE_DONOR_REGION,
	AT_SPLICE_POLYPYRIMIDINE,
	AT_INCOMPLETE_TERMINAL,
	AT_START_RETAINED,
	AT_STOP_RETAINED,
	AT_SYNONYMOUS,
	AT_CODING_SEQUENCE,
	AT_5_UTR,
	AT_3_UTR,
	AT_NC_EXON,
	AT_INTRON,
	AT_NMD,
	AT_NC_TRANSCRIPT,
	AT_UPSTREAM,
	AT_DOWNSTREAM,
	AT_INTERGENIC,
	AT_N
};
#define AT_BIT(t) (UINT64_C(1) << (t))

struct annotate_terms {
	const char *impact[AT_N];
	int rank[AT_N];
};

struct annotate_opt {
	const char *gff;
	struct grx_strs db;
	bool pick;
	int64_t distance;
	const char *finding_field;
	const char *facts_out;
};
extern const struct grx_opt annotate_opts[];

/* --- gene models (gff.c, model.c) --- */

struct annotate_exon {
	int64_t beg, end; /* genomic */
	int64_t cdna;     /* cDNA bases before it */
};

struct annotate_tx {
	int32_t tid;
	int8_t strand; /* +1 or -1 */
	int8_t table;  /* codon table: 1, 2 or 11 */
	int8_t pad;    /* N's put before an incomplete CDS so that codons stay in frame: 0..2 */
	bool coding, nmd;
	bool start_nf, end_nf; /* start or end of the CDS not found */
	int64_t beg, end;
	int32_t n_exon;
	struct annotate_exon *exon; /* in transcript order */
	int64_t cdna_len;
	int64_t cds_beg, cds_end;       /* first and last coding base, 1-based cDNA; 0 without CDS */
	int64_t coding_beg, coding_end; /* genomic span of the CDS */
	const char *id, *id_version;    /* ENST0..., ENST0....3 */
	const char *gene, *symbol, *biotype;
	const char *protein; /* with version, NULL without CDS */
	uint32_t pick;       /* smaller is preferred: MANE, canonical, APPRIS, TSL, biotype, CCDS */
};

struct annotate_models {
	struct grx_arena *names; /* strings of the file */
	struct grx_arena *mem;
	size_t n;
	struct annotate_tx *tx; /* ascending (tid, beg, end, id) */
	int64_t *max_end;       /* running maximum of end within the contig: bounds the walk back */
	size_t *first;          /* first[tid] .. first[tid + 1] */
	int32_t n_contig;
	/* what was left out of the file, by reason */
	int64_t n_bad_strand, n_cds_outside, n_overlapping, n_other_contig, n_orphan, n_phase;
};

/* Raw features of one parent, from gff.c to model.c. */
struct annotate_piece {
	int64_t beg, end;
	int8_t phase; /* -1 '.' */
};
struct annotate_node {
	const char *id, *parent, *type;
	bool seen;   /* its own line was read */
	int32_t tid; /* -1 unknown */
	int8_t strand;
	int64_t beg, end;
	const char *name, *biotype, *symbol, *gene_id, *tx_id, *version, *tag, *tsl;
	const char *protein, *protein_version;
	int8_t table;
	bool mixed; /* pieces on several strands or contigs */
	size_t n_exon, cap_exon, n_cds, cap_cds;
	struct annotate_piece *exon, *cds;
};
struct annotate_gff {
	struct grx_arena *mem; /* strings that the models keep */
	struct grx_arena *tmp; /* nodes and pieces, gone once the models are built */
	struct grx_map *by_id;
	size_t n, cap;
	struct annotate_node **node;
	int64_t n_other_contig;
};

/* Read path (GFF3 of Ensembl, GENCODE or RefSeq; GTF) onto dictionary d by alias. Malformed lines are
 * GRX_E_DATA with file:line; no sequence name in common is GRX_E_MISMATCH. Strings live in g->mem (taken over
 * by the models). */
int annotate_gff_read(
	struct grx_ctx *cx, const char *path, const struct grx_contigs *d, struct annotate_gff *g) GRX_MUST;
/* Build transcripts and the interval index. Given: annotate_models_free(). */
int annotate_models_build(struct grx_ctx *cx, const struct annotate_gff *g, const struct grx_contigs *d,
	struct annotate_models **out) GRX_MUST;
int annotate_models_load(struct grx_ctx *cx, const char *path, const struct grx_contigs *d,
	struct annotate_models **out) GRX_MUST;
void annotate_models_free(struct annotate_models *m);
/* Indices [*lo, *hi) to walk for transcripts that may overlap [beg, end); each must still be tested. O(log n
 * + k). */
void annotate_models_range(
	const struct annotate_models *m, int32_t tid, int64_t beg, int64_t end, size_t *lo, size_t *hi);
/* 1-based cDNA position of a genomic base; 0 when it is not exonic. */
int64_t annotate_cdna(const struct annotate_tx *t, int64_t pos);

/* --- alleles and where they lie --- */

struct annotate_allele {
	int32_t tid;
	int64_t beg, end; /* replaced bases; beg == end: insertion before beg */
	const char *ref, *alt;
	int32_t ref_len, alt_len;
	bool dna;          /* ACGT only */
	bool ref_mismatch; /* REF is not what the FASTA has */
	const char *shown; /* as in CSQ: '-' for a deletion, without the anchor base */
};

struct annotate_place {
	bool in_cdna, in_cds;
	int64_t cdna_beg, cdna_end, cds_beg, cds_end, pep_beg, pep_end;
};

/* Sequences of one transcript, sense strand. */
struct annotate_seq {
	int64_t tx; /* key */
	char *cdna;
	int64_t n;
	char *cds; /* pad N's + CDS */
	int64_t cds_n;
	const char *utr3;
	int64_t utr3_n;
	char *pep; /* without the final stop */
	int64_t pep_n;
};

/* An allele evaluated on a transcript. */
struct annotate_eval {
	const struct annotate_tx *tx;
	const struct annotate_seq *seq;
	const struct annotate_allele *al;
	struct annotate_place pl;
	const char *alt; /* sense strand */
	/* NULL when undefined; "" for the gap of a pure insertion or deletion */
	char *ref_codon, *alt_codon, *ref_pep, *alt_pep;
	char *alt_cds; /* CDS with the allele, then 3' UTR */
	int64_t alt_cds_n;
};

/* --- per shard --- */

struct annotate_db;
struct annotate_state;
struct annotate_part {
	int64_t n_records, n_alleles, n_ref_mismatch, n_star, n_symbolic, n_ref_block, n_no_reference,
		n_ambiguous;
	int64_t n_consequence[AT_N]; /* alleles by their most severe term */
	int64_t n_entries;
	int64_t *n_db_match; /* per database */
	struct annotate_finding *found, **found_end;
};

/* A carried pathogenic allele; strings live in the shard until merge() makes a fact of it. */
struct annotate_finding {
	struct annotate_finding *next;
	const char *sample, *key, *gene, *consequence, *hgvsc, *hgvsp, *clinvar, *gt;
	struct grx_because because;
};

struct annotate_work {
	const struct annotate_state *st;
	struct grx_ctx *cx;
	struct grx_shard *sh;
	struct grx_arena *mem;  /* scratch of one record */
	struct grx_arena *keep; /* the shard's: what must outlive the record */
	struct annotate_part *part;
	/* reference window */
	struct grx_arena *win_mem;
	const char *win;
	int32_t win_tid;
	int64_t win_beg, win_end, win_n;
	/* transcript sequences built for this shard: open addressing by transcript */
	struct annotate_seq **seq;
	size_t n_seq, cap_seq;
};

struct annotate_state {
	struct annotate_opt opt;
	struct annotate_terms terms;
	struct annotate_models *models; /* NULL without -g */
	const char **fasta_name;        /* by tid; NULL when the FASTA lacks the contig */
	int32_t n_contig;
	int n_db;
	struct annotate_db **db;
	int find_db, find_field; /* -1: no findings */
	struct annotate_part total;
	struct grx_facts *found;
};

/* Make [beg, end) of contig tid readable by annotate_base(); bases outside read as 'N'. */
int annotate_window(struct annotate_work *w, int32_t tid, int64_t beg, int64_t end) GRX_MUST;
char annotate_base(const struct annotate_work *w, int64_t pos);
/* Spliced sequences of transcript i; arena of the shard. */
int annotate_tx_seq(struct annotate_work *w, size_t i, const struct annotate_seq **out) GRX_MUST;

/* --- codon.c --- */
/* Residue of a codon ('*' stop, 'X' unknown); N is expanded when all expansions agree. Upper case. */
char annotate_codon(const char *c, int table);
/* Whole codons of s[0..n). */
char *annotate_translate(struct grx_arena *mem, const char *s, int64_t n, int table, int64_t *n_out);
/* "Ala"; "Ter" for '*', "Xaa" for X */
const char *annotate_three(char aa);

/* --- consequence.c, splice.c --- */
/* overlap() of Ensembl on closed 1-based intervals; an insertion (s = e + 1) overlaps only what holds both
 * flanks. */
static inline bool annotate_overlap(int64_t s1, int64_t e1, int64_t s2, int64_t e2)
{
	return e1 >= s2 && s1 <= e2;
}
void annotate_place(const struct annotate_tx *t, const struct annotate_allele *al, struct annotate_place *pl);
/* Codons and peptides; seq may be NULL for a non-coding transcript. */
int annotate_eval(struct annotate_work *w, const struct annotate_tx *t, const struct annotate_seq *s,
	const struct annotate_allele *al, struct annotate_eval *ev) GRX_MUST;
/* All terms of an allele that overlaps the transcript. Source: Ensembl Variation 115, described in
 * docs/methods. */
uint64_t annotate_consequence(const struct annotate_eval *ev);
/* Terms of the coding part alone. */
uint64_t annotate_coding(const struct annotate_eval *ev);
bool annotate_is_frameshift(const struct annotate_eval *ev);
/* Splice and intron terms; *in_fs_intron set inside an intron too short to be one. */
uint64_t annotate_splice(
	const struct annotate_tx *t, const struct annotate_allele *al, bool in_exon, bool *in_fs_intron);

/* --- hgvs.c --- */
/* Shift a pure insertion or deletion 3' along the transcript strand; strings in the shard's arena. */
int annotate_shift(struct annotate_work *w, int strand, const struct annotate_allele *al,
	struct annotate_allele *out) GRX_MUST;
/* NULL text when the allele has no name on this transcript. */
int annotate_hgvs_c(struct annotate_work *w, const struct annotate_tx *t,
	const struct annotate_allele *shifted, char **out) GRX_MUST;
int annotate_hgvs_p(
	struct annotate_work *w, const struct annotate_eval *shifted, uint64_t terms, char **out) GRX_MUST;

/* --- csq.c --- */
extern const char *const annotate_term_name[AT_N];
int annotate_terms_load(struct grx_ctx *cx, struct annotate_terms *t) GRX_MUST;
int annotate_csq_declare(struct grx_ctx *cx, struct grx_hdr *h) GRX_MUST;
/* One transcript entry, ready to be ranked and printed. */
struct annotate_entry {
	const struct annotate_tx *tx; /* NULL: intergenic */
	const struct annotate_allele *al;
	uint64_t terms;
	struct annotate_eval ev;
	int64_t distance; /* -1 none */
	char *hgvsc, *hgvsp;
};
int annotate_worst(uint64_t terms);
int annotate_pick(const struct annotate_state *st, const struct annotate_entry *e, int n);
int annotate_csq_entry(struct annotate_work *w, const struct annotate_entry *e, struct grx_str *out) GRX_MUST;

/* --- db.c --- */
struct annotate_field {
	const char *key;    /* in the database */
	const char *column; /* NAME_KEY */
	uint8_t type;       /* of our column */
	uint8_t db_type;
	char number; /* 'A', 'R', '1' or '.' of the database */
};
int annotate_db_open(struct grx_ctx *cx, const char *spec, struct annotate_db **out) GRX_MUST;
void annotate_db_close(struct annotate_db *db);
int annotate_db_declare(struct grx_ctx *cx, const struct annotate_db *db, struct grx_hdr *h) GRX_MUST;
/* Number of the field whose column or key is name; -1. */
int annotate_db_field(const struct annotate_db *db, const char *column, const char *key);
const char *annotate_db_name(const struct annotate_db *db);
const char *annotate_db_column(const struct annotate_db *db, int field);
/* Add the columns of every database to every record of the shard. */
int annotate_db_join(struct annotate_work *w) GRX_MUST;

/* --- findings.c --- */
/* After CSQ and databases: carried ALTs with a (likely) pathogenic classification become facts in
 * part->found. entry[i] is the most severe entry of ALT i or NULL. */
int annotate_findings(
	struct annotate_work *w, const struct grx_var *v, const struct annotate_entry *const *worst) GRX_MUST;
/* Facts of one shard's findings into `to`, in order. */
int annotate_findings_merge(
	struct grx_ctx *cx, const struct annotate_part *part, struct grx_facts *to) GRX_MUST;

#endif
