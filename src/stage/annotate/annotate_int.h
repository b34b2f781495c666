/* SPDX-License-Identifier: GPL-3.0-or-later
 * annotate_int.h -- inside the annotate stage: terms, alleles, their meeting with transcripts, and what one
 * record comes to.
 * Genomic intervals are 0-based half-open. cDNA, CDS and protein coordinates are 1-based with 0 = undefined,
 * because they only serve text and string work; an insertion has start = end + 1, as in Ensembl. Models and
 * databases are constant after open(); everything per shard hangs on struct annotate_work. */
#ifndef GRX_STAGE_ANNOTATE_INT_H
#define GRX_STAGE_ANNOTATE_INT_H

#include "base/mem.h"
#include "base/str.h"
#include "stage/annotate/model.h"

/* Consequence terms in order of severity = bit number; names in terms.c, impact and rank from
 * refdata/annotate. */
enum annotate_term {
	AT_TRANSCRIPT_ABLATION,
	AT_SPLICE_ACCEPTOR,
	AT_SPLICE_DONOR,
	AT_STOP_GAINED,
	AT_FRAMESHIFT,
	AT_STOP_LOST,
	AT_START_LOST,
	AT_TRANSCRIPT_AMPLIFICATION,
	AT_FEATURE_ELONGATION,
	AT_FEATURE_TRUNCATION,
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
	AT_MATURE_MIRNA,
	AT_5_UTR,
	AT_3_UTR,
	AT_NC_EXON,
	AT_INTRON,
	AT_NMD,
	AT_NC_TRANSCRIPT,
	AT_CODING_TRANSCRIPT,
	AT_UPSTREAM,
	AT_DOWNSTREAM,
	AT_TFBS_ABLATION,
	AT_TFBS_AMPLIFICATION,
	AT_TF_BINDING_SITE,
	AT_REGULATORY_ABLATION,
	AT_REGULATORY_AMPLIFICATION,
	AT_REGULATORY,
	AT_INTERGENIC,
	AT_SEQUENCE,
	AT_N
};
#define AT_BIT(t) (UINT64_C(1) << (t))

struct annotate_terms {
	const char *impact[AT_N];
	int rank[AT_N];
};

/* Every option of the stage; rows in annotate_opt.c. */
struct annotate_opt {
	/* models */
	const char *gff, *regulatory, *model_cache;
	bool build_models, strict;
	const char *ref_mismatch; /* error, flag or drop */
	int64_t distance;
	/* names */
	bool no_hgvs, hgvs_in, keep_going, parens, repeats;
	/* databases */
	struct grx_strs db, db_key;
	bool build_db;
	/* haplotypes */
	bool haplotypes, bcsq;
	const char *phase; /* as bcftools csq: a m r R s */
	int64_t ncsq;      /* consequences per haplotype that FORMAT/BCSQ has bits for */
	/* output */
	const char *fields; /* columns of CSQ, comma-separated */
	bool pick, per_gene, flag_pick, most_severe, total_length;
	const char *pick_order;
	const char *tsv, *json, *facts_out;
	/* classification */
	bool acmg, build_acmg_index, secondary_findings;
	const char *acmg_index, *acmg_rules, *evidence;
	struct grx_strs acmg_field;
	const char *finding_field, *finding_genes;
	/* family */
	const char *ped;
	int64_t trio_dp, trio_gq;
	double trio_child_ab, trio_parent_ab;
};
extern const struct grx_opt annotate_opts[];

/* --- alleles and where they lie --- */

enum annotate_sv_type { AT_SV_NONE, AT_SV_DEL, AT_SV_DUP, AT_SV_INV, AT_SV_CNV, AT_SV_INS, AT_SV_BND };

struct annotate_allele {
	int32_t tid;
	int64_t beg, end;      /* replaced bases; beg == end: insertion before beg */
	const char *ref, *alt; /* sequence alleles: NUL-ended, trimmed; else "" */
	int32_t ref_len, alt_len;
	uint8_t sv;        /* enum annotate_sv_type: structural, [beg, end) affected */
	int32_t number;    /* of the allele in its record: 1.. */
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
	size_t tx; /* key */
	char *cdna;
	int64_t n;
	char *cds; /* pad N's + CDS, as it is read (slips applied) */
	int64_t cds_n;
	const char *utr3;
	int64_t utr3_n;
	char *pep; /* without the final stop; U for selenocysteine */
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
	char *alt_cds; /* CDS with the allele, then 3' UTR; NULL when undefined */
	int64_t alt_cds_n;
};

/* Nonsense-mediated decay of the changed transcript. */
enum annotate_nmd { AT_NMD_NA, AT_NMD_TARGET, AT_NMD_ESCAPES };

/* hap.h: the joint change that this one is part of */
struct annotate_hap;
struct annotate_hap_of;

/* One allele on one transcript or feature. */
struct annotate_entry {
	const struct annotate_tx *tx;           /* NULL: intergenic or a regulatory feature */
	const struct annotate_feature *feature; /* regulatory; NULL otherwise */
	const struct annotate_allele *al;
	uint64_t terms;
	struct annotate_eval ev;
	int64_t distance; /* -1 none */
	const char *hgvsc, *hgvsp;
	int32_t hgvs_offset;                /* bases moved 3' for HGVS */
	uint8_t nmd;                        /* enum annotate_nmd */
	const struct annotate_hap *hap;     /* the one that most samples carry; NULL none */
	const struct annotate_hap_of *haps; /* all of them */
};

/* All of one record, for the writers. */
struct annotate_record {
	struct grx_var *v;
	int32_t n_al; /* alleles that were judged */
	struct annotate_allele *al;
	struct annotate_entry **entry;   /* [n_al][n_entry[]] in model order, features last */
	int32_t *n_entry, *worst, *pick; /* index of the most severe and of the preferred entry per allele */
	const char **hgvsg;              /* per allele; NULL without */
};

/* --- per shard --- */

/* What haplotypes came to, and what was left single. */
struct annotate_hap_count {
	int64_t n_joint, n_unphased, n_behind_stop; /* distinct joint changes; of them of unknown phase */
	int64_t n_unknown;                          /* not stated: an allele within is not known */
	int64_t n_overlapping; /* alleles left single: another one on the same bases of the haplotype */
	int64_t n_ploidy;      /* records with neither 1 nor 2 alleles per sample */
	int64_t n_over_ncsq;   /* consequences of samples that FORMAT/BCSQ has no bits for */
};

#define AT_MAX_WHERE 10 /* positions named in a message */
/* Structural alleles: judged, or why not. */
enum annotate_sv_count {
	AT_SVN_JUDGED,
	AT_SVN_NON_REF, /* <NON_REF>, <*>, '.' */
	AT_SVN_UNKNOWN, /* a symbol of unknown meaning */
	AT_SVN_NO_END,  /* neither END nor SVLEN */
	AT_SVN_BAD_END, /* END not after POS, or POS beyond the contig */
	AT_SVN_CLIPPED, /* judged up to the end of the contig */
	AT_SVN_NO_MATE, /* the mate of a breakend lies on no contig of the input */
	AT_SVN_N
};

struct annotate_db;
struct annotate_state;
/* Of one database. */
struct annotate_db_count {
	int64_t n_match;    /* alleles found */
	int64_t n_again;    /* further rows of an allele that had matched: the first stands */
	int64_t n_replaced; /* records whose column of that name was the input's */
	int64_t n_ref_same, n_ref_differ;
};
struct annotate_part {
	int64_t n_records, n_alleles, n_ref_mismatch, n_star, n_symbolic, n_ref_block, n_no_reference,
		n_ambiguous, n_dropped;
	int n_where; /* of the first records whose REF is not the FASTA's */
	struct annotate_where {
		int32_t tid;
		int64_t pos;
	} where[AT_MAX_WHERE];
	int64_t n_consequence[AT_N]; /* alleles by their most severe term */
	int64_t n_entries;
	struct annotate_db_count *db_count; /* per database */
	int64_t n_sv[AT_SVN_N];
	struct annotate_finding *found, **found_end;
	struct annotate_out_part *out;
	struct annotate_acmg_part *acmg;
	int64_t n_acmg[5];                                             /* alleles by class */
	int64_t n_acmg_unlisted, n_acmg_withheld, n_acmg_ref_mismatch; /* without a fact or class, and why */
	struct annotate_trio_part *trio;
	struct annotate_hap_count hap;
};

/* A carried pathogenic allele; strings live in the shard until merge() makes a fact of it. */
struct annotate_finding {
	struct annotate_finding *next;
	const char *sample, *key, *gene, *consequence, *hgvsc, *hgvsp, *clinvar, *gt, *asked_for;
	int copies, ploidy;
	struct grx_because because;
};

struct annotate_work {
	const struct annotate_state *st;
	struct grx_ctx *cx;
	struct grx_shard *sh;
	struct grx_arena *mem;  /* scratch of one record (of the shard with --haplotypes) */
	struct grx_arena *keep; /* the shard's: what must outlive the record */
	struct grx_arena *tmp;  /* scratch of one haplotype, within annotate_hap_shard() */
	struct annotate_part *part;
	struct grx_str txt; /* scratch text */
	/* reference window */
	struct grx_arena *win_mem;
	const char *win;
	int32_t win_tid;
	int64_t win_beg, win_end, win_n;
	/* transcripts met in this shard, and those near the last position asked for */
	struct annotate_active *active;
};

enum { ANNOTATE_N_ANEW = 6 };

struct annotate_state {
	struct annotate_opt opt;
	struct annotate_terms terms;
	struct annotate_models *models; /* NULL without -g */
	bool features;                  /* they hold regulatory ones */
	const char **fasta_name;        /* by tid; NULL when the FASTA lacks the contig */
	char **g_prefix;                /* by tid: "NC_000021.9:g."; NULL before annotate_hgvs_open() */
	int32_t n_contig;
	int n_db;
	struct annotate_db **db;
	const char **info_want;                /* INFO of the input that is decoded, NULL-ended */
	const char *anew[ANNOTATE_N_ANEW + 1]; /* columns of an earlier run over the input, NULL-ended */
	int find_db, find_field;               /* -1: no findings */
	struct annotate_out *out;
	struct annotate_acmg *acmg;   /* NULL without --acmg */
	struct annotate_asked *scope; /* whose findings are told */
	struct annotate_trio *trio;   /* NULL without --ped */
	struct annotate_part total;
	struct grx_facts *found;
};

/* --- anew.c: columns of an earlier annotation of the input --- */
/* Which of the columns that this run writes are in the input; warns of each. All columns are declared. */
void annotate_anew_find(struct grx_ctx *cx, struct annotate_state *st);
/* Records that got none of them anew lose them: what they say is of another run, in another layout. */
int annotate_anew(struct annotate_work *w) GRX_MUST;

/* --- work.c: the reference and the spliced transcripts at hand --- */
/* Make [beg, end) of contig tid readable by annotate_base(); bases outside read as 'N'. */
int annotate_window(struct annotate_work *w, int32_t tid, int64_t beg, int64_t end) GRX_MUST;
static inline char annotate_base(const struct annotate_work *w, int64_t pos)
{
	int64_t i = pos - w->win_beg;
	return i >= 0 && i < w->win_n ? w->win[i] : 'N';
}
/* Transcripts that lie within `far` bases of [beg, end), ascending; they and the list live as long as the
 * shard and until the next call. Cheap when asked in ascending order. */
int annotate_near(struct annotate_work *w, int32_t tid, int64_t beg, int64_t end,
	const struct annotate_tx *const **list, int *n) GRX_MUST;
/* Transcript number `index`, for annotate_tx_seq(); lives as long as the shard. */
int annotate_tx_hold(struct annotate_work *w, size_t index, const struct annotate_tx **out) GRX_MUST;
/* A place beside the transcript for what a writer keeps of it; starts NULL, lives as long as the shard. */
void **annotate_tx_slot(const struct annotate_tx *t);
/* Spliced sequences of a coding or non-coding transcript; kept for the shard. */
int annotate_tx_seq(
	struct annotate_work *w, const struct annotate_tx *t, const struct annotate_seq **out) GRX_MUST;

/* --- codon.c --- */
/* Residue of a codon ('*' stop, 'X' unknown); N is expanded when all expansions agree. Upper case. */
char annotate_codon(const char *c, int table);
/* Whole codons of s[0..n). */
char *annotate_translate(struct grx_arena *mem, const char *s, int64_t n, int table, int64_t *n_out);
/* "Ala"; "Ter" for '*', "Sec" for U, "Xaa" for X */
const char *annotate_three(char aa);

/* --- consequence.c, splice.c --- */
/* overlap() of Ensembl on closed 1-based intervals; an insertion (s = e + 1) overlaps only what holds both
 * flanks. */
static inline bool annotate_overlap(int64_t s1, int64_t e1, int64_t s2, int64_t e2)
{
	return e1 >= s2 && s1 <= e2;
}
void annotate_place(const struct annotate_tx *t, const struct annotate_allele *al, struct annotate_place *pl);
/* Codons and peptides; seq may be NULL for a non-coding transcript. Memory of w->mem. */
int annotate_eval(struct annotate_work *w, const struct annotate_tx *t, const struct annotate_seq *s,
	const struct annotate_allele *al, struct annotate_eval *ev) GRX_MUST;
/* Codons and peptides of an eval whose tx, seq, al, place and sense-strand alt are set. */
int annotate_eval_sense(struct annotate_work *w, struct annotate_eval *ev) GRX_MUST;
/* Make ev->alt_cds, if it is not there: annotate_eval() leaves it NULL for changes of equal length. It stays
 * NULL when the changed CDS cannot be told (an end outside the CDS, a change of length at a slip). */
int annotate_alt_cds(struct annotate_work *w, struct annotate_eval *ev) GRX_MUST;
/* All terms of a sequence allele that overlaps the transcript. Source: Ensembl Variation 115, described in
 * docs/methods. */
uint64_t annotate_consequence(const struct annotate_eval *ev);
/* Terms of the coding part alone. */
uint64_t annotate_coding(const struct annotate_eval *ev);
/* 5' and 3' UTR terms by the interval alone; the allele must touch an exon. */
uint64_t annotate_utr_terms(const struct annotate_tx *t, const struct annotate_allele *al);
/* Does the allele touch a mature miRNA? */
bool annotate_in_mature(const struct annotate_tx *t, const struct annotate_allele *al);
bool annotate_is_frameshift(const struct annotate_eval *ev);
/* Splice and intron terms; *in_fs_intron set inside an intron too short to be one. */
uint64_t annotate_splice(
	const struct annotate_tx *t, const struct annotate_allele *al, bool in_exon, bool *in_fs_intron);
/* Is the changed transcript, if it ends early, a target of decay? AT_NMD_NA when it does not end early.
 * The stop at residue `stop` of a protein whose CDS changed its length by `delta` bases before it. */
enum annotate_nmd annotate_nmd_of(const struct annotate_tx *t, int64_t stop, int64_t delta);
enum annotate_nmd annotate_nmd_rule(const struct annotate_eval *ev, uint64_t terms);

/* --- record.c --- */
/* Do REF and all sequence ALTs start with the same base while some differ in length? */
bool annotate_has_anchor(const struct grx_var *v);

/* --- terms.c --- */
extern const char *const annotate_term_name[AT_N];
int annotate_terms_load(struct grx_ctx *cx, struct annotate_terms *t) GRX_MUST;
/* The most severe one; AT_INTERGENIC of none. */
static inline int annotate_worst(uint64_t terms)
{
	return terms ? __builtin_ctzll(terms) : AT_INTERGENIC;
}
/* "a&b" appended. */
void annotate_terms_add(struct grx_str *o, uint64_t terms);

/* --- findings.c --- */
/* After CSQ and databases: carried ALTs with a (likely) pathogenic classification become facts in
 * part->found. */
int annotate_findings(struct annotate_work *w, const struct annotate_record *r) GRX_MUST;
/* Facts of one shard's findings into `to`, in order. */
int annotate_findings_merge(
	struct grx_ctx *cx, const struct annotate_part *part, struct grx_facts *to) GRX_MUST;

#endif
