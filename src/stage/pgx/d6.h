/* SPDX-License-Identifier: GPL-3.0-or-later
 * d6.h -- CYP2D6 from reads: copy number, hybrids with CYP2D7, star alleles.
 * Evidence is integers per sample, added over shards in any order: reads that begin in each depth bin, and
 * what each read shows at positions that differ between the two genes (sites) or define star alleles (loci).
 * All else is computed from them in d6_call(), so results do not depend on shards or threads. A unit is one
 * gene copy of a chromosome: CYP2D6, CYP2D7, or one of their hybrids. A form is the set of units that one
 * chromosome carries. Both genes lie on the reverse strand: the 5' end has the high coordinate. Method:
 * docs/methods/cyp2d6.md. Coordinates 0-based half-open unless said; GRCh38. */
#ifndef GRX_STAGE_PGX_D6_H
#define GRX_STAGE_PGX_D6_H

#include <stdbool.h>
#include <stdint.h>

#include "stage/pgx/pgx_int.h"

struct grx_table;

/* Kinds of unit, by head (5') and tail (3'). */
enum d6_unit {
	D6_WHOLE,  /* CYP2D6 */
	D6_PSEUDO, /* CYP2D7 */
	D6_73,     /* CYP2D7 head, CYP2D6 tail: *13 */
	D6_36,     /* CYP2D6 head, CYP2D7 from exon 9 on: *36 as in tandems */
	D6_68,     /* CYP2D6 head, CYP2D7 from intron 1 on: *68 */
	D6_ODD,    /* CYP2D6 head, CYP2D7 from another place on: has no name here */
	D6_EXON9,  /* CYP2D6 whose exon 9 is that of CYP2D7 */
	D6_N_UNIT
};

enum d6_role { D6_FLANK, D6_GENE, D6_REP, D6_HEAD, D6_TAIL, D6_N_ROLE };
enum d6_use { D6_USE_YES, D6_USE_DEFINING, D6_USE_GAP, D6_USE_CONVERSION };

enum {
	D6_BIN = 500, /* bases of a flank bin */
	D6_MAX_BIN = 160,
	D6_WINDOW_BEG = 42109000, /* reads outside say nothing */
	D6_WINDOW_END = 42176000,
	D6_EXON9_LAST = 42126670, /* 1-based: exon 9 differs from CYP2D7 up to here */
	D6_4180 = 42126611,       /* 1-based: rs1135840, of many alleles, also the base of CYP2D7 */
	D6_MAX_UNITS = 14,
	D6_MAX_ALLELE = 256
};

struct d6_site {
	int64_t pos6, pos7; /* 0-based */
	char base6, base7;
	enum d6_use use;
	const char *region;
	double weight; /* evidence per site, < 1 where sites are so dense that one read covers many */
};

struct d6_locus {
	int64_t pos, pos7;                     /* 0-based */
	int64_t last;                          /* last base (0-based) to which an indel can be shifted */
	const char *ref, *alt, *rsid, *region; /* rsid NULL if none */
	char base7;
	int site;   /* the site at the same position, -1 none */
	bool exon9; /* told by the form, not by the allele */
};

struct d6_bin {
	int64_t beg, end;
	enum d6_role role;
};

struct d6_form {
	const char *text; /* "N" stands for the star allele */
	uint8_t unit[D6_N_UNIT];
	const char *alleles; /* "any", "exon9", "." (none), or one name */
	double weight;
};

/* What an allele has at a locus. */
enum d6_has { D6_HAS_REF, D6_HAS_ALT, D6_HAS_EITHER };

struct d6_allele {
	const char *name, *activity; /* as in the table; NULL when none is assigned */
	double score;
	bool has_score, at_least; /* at_least: the score is a lower limit */
	bool defined, is_ref;     /* defined: has small variants to match */
	bool exon9;               /* may have exon 9 of CYP2D7 */
	bool exon9_only;          /* has it always */
	uint8_t *has;             /* [n_locus] enum d6_has */
	float *share;             /* [n_locus] where EITHER: the share of copies that have ALT */
	double percent;
};

struct d6_rule {
	double lo, hi;
	const char *phenotype;
};

struct d6_weight {
	const char *name;
	double percent;
};

struct d6_table {
	struct grx_arena *mem;
	int32_t tid; /* chr22 in cx->contigs, -1 absent */
	int n_site, n_locus, n_bin, n_form, n_weight, n_allele, n_rule;
	struct d6_site *site;
	struct d6_locus *locus;
	struct d6_bin *bin;
	struct d6_form *form;
	struct d6_weight *weight;
	struct d6_allele *allele;
	struct d6_rule *rule;
	/* position - beg -> site or first locus, -1 none; of both genes */
	int64_t beg6, end6, beg7, end7;
	int16_t *site6, *site7, *locus6, *locus7;
	bool *exon6;            /* position - beg6: exon, or two bases next to one */
	int allele36, allele68; /* *36 and *68, -1 */
	double sure_at;         /* posterior at which a phenotype is given */
};

/* Load refdata/pgx/cyp2d6_*.tsv and the rows of CYP2D6 in the tables of alleles. cx->contigs may be NULL:
 * then set tid before use. */
int d6_table_load(struct grx_ctx *cx, struct d6_table **out) GRX_MUST;
/* Its second half: names, functions and definitions of the alleles (d6_allele.c). */
int d6_alleles_load(struct grx_ctx *cx, struct d6_table *d) GRX_MUST;
/* Room for one more element of an arena array that doubles at powers of two; NULL on lack of memory. */
void *d6_room(struct grx_arena *mem, void *old, int n, size_t size);
int d6_load_rows(struct grx_ctx *cx, const char *name, const char *const *cols, int n_col,
	int (*row)(void *, struct grx_ctx *, struct grx_table *, const int *), void *arg) GRX_MUST;
int d6_bad_row(struct grx_ctx *cx, const struct grx_table *f, const char *what, const char *found);
void d6_table_free(struct d6_table *d);

struct d6_count {
	uint32_t n, n_sure; /* reads that begin here; of these MAPQ >= 20 */
	uint32_t gc, bases; /* of those reads */
};

/* What one read shows at one item: sites first, then loci, then positions of CYP2D6 from beg6 on, where the
 * read has an insertion or deletion in an exon that no locus stands for (value 1). */
struct d6_obs {
	uint64_t name;
	uint16_t sample, item;
	uint8_t value; /* site: 0 base of CYP2D6, 1 of CYP2D7; locus: 0 REF, 1 ALT */
	uint8_t flags; /* enum d6_flag */
};
enum d6_flag { D6_ON7 = 1, D6_SURE = 2 };

struct d6_evidence {
	int n_sample;
	struct d6_count *count; /* samples x bins */
	struct d6_obs *obs;
	size_t n_obs, cap_obs;
};
int d6_evidence_new(
	struct grx_ctx *cx, const struct d6_table *t, int n_sample, struct d6_evidence **out) GRX_MUST;
void d6_evidence_free(struct d6_evidence *e);

/* Evidence of the reads that the shard owns; *out NULL when it holds none. Any thread. */
int d6_shard(const struct d6_table *t, struct grx_ctx *cx, const struct grx_shard *sh, int n_sample,
	struct d6_evidence **out) GRX_MUST;
/* Add part to e; part stays the caller's. */
int d6_merge(struct grx_ctx *cx, const struct d6_table *t, struct d6_evidence *e,
	const struct d6_evidence *part) GRX_MUST;
/* Standalone: read the window from a BAM or CRAM (fasta may be NULL for BAM). sample: the names of its
 * samples, into mem. GRX_OK with *why set when the file is on another build or lacks the contig. */
struct d6_file {
	const char *path, *fasta;
	const char *const *sample; /* out: [n_sample] */
	int n_sample;
	const char *why; /* out: NULL, or why nothing was read */
};
int d6_fetch(struct grx_ctx *cx, struct d6_table *t, struct d6_file *file, struct grx_arena *mem,
	struct d6_evidence **out) GRX_MUST;

/* Counts of one sample, fragments put together. */
struct d6_tally {
	int (*site)[2];  /* [n_site]: fragments with the base of CYP2D6, of CYP2D7; from either gene */
	int (*locus)[2]; /* [n_locus]: REF, ALT in fragments told to be of CYP2D6 */
	int (*other)[2]; /* [n_locus]: REF, ALT in fragments of CYP2D7 or untold */
	int *indel;      /* [end6 - beg6]: fragments of CYP2D6 with an unlisted insertion or deletion there */
	int64_t n_fragment, n_six, n_seven;
};
int d6_tally(struct grx_arena *mem, const struct d6_table *t, const struct d6_evidence *e, int sample,
	struct d6_tally *out) GRX_MUST;

/* Depth of one sample relative to the flanks. */
struct d6_depth {
	const char *why_not; /* NULL, or why depth cannot be used */
	double rate;         /* reads that begin per base and copy, at mean GC of the flanks */
	double slope, gc;    /* relative change of the rate per unit of GC; mean GC of the flanks */
	double error;        /* relative standard error of rate */
	double coverage;     /* mean depth of the flanks, bases */
	int n_bin, n_read;   /* flank bins and reads used */
	double observed[D6_N_ROLE], expected[D6_N_ROLE]; /* reads, and reads expected of one copy */
};
void d6_depth(const struct d6_table *t, const struct d6_count *c, struct d6_depth *out);

/* Copies of each kind over both chromosomes. */
struct d6_units {
	uint8_t n[D6_N_UNIT];
};
int d6_units_total(const struct d6_units *u);
int d6_units_head(const struct d6_units *u); /* CYP2D6 upstream sequence */
int d6_units_tail(const struct d6_units *u); /* CYP2D7 spacer */
/* Units that look like CYP2D6 at pos (1-based); cut73 and cut_odd: where these hybrids switch (1-based). */
struct d6_cut {
	int64_t cut73, cut_odd;
};
int d6_units_like6(const struct d6_units *u, int64_t pos, const struct d6_cut *cut);
/* Is pos (1-based) so close to a hybrid's switch that fragments of it cannot be told from CYP2D6 or CYP2D7?
 */
bool d6_units_near_switch(const struct d6_units *u, int64_t pos, const struct d6_cut *cut);
/* Log-likelihood of depth and sites; *cut: the best places where hybrids switch. */
double d6_units_loglik(const struct d6_table *t, const struct d6_depth *d, const struct d6_tally *c,
	const struct d6_units *u, struct d6_cut *cut);
/* Beta-binomial log density, mean mu, concentration s. */
double d6_beta_binom(int k, int n, double mu, double s);
/* Do depth and sites fit u? NULL, or why not (static or in mem). */
const char *d6_units_misfit(struct grx_arena *mem, const struct d6_table *t, const struct d6_depth *d,
	const struct d6_tally *c, const struct d6_units *u, const struct d6_cut *cut);

struct d6_dip {
	const char *text, *hap[2];
	const char *activity, *phenotype; /* NULL when the tables give none */
	double posterior, either[2];      /* mean; by frequency, and with hidden alleles as if common */
	struct d6_units units;
	struct d6_cut cut;
};
struct d6_call {
	enum pgx_status status;
	const char *why_not; /* no diplotype or no phenotype: the reason; NULL */
	int n_dip;
	struct d6_dip *dip; /* best first */
	double structure_posterior;
	const char *phenotype, *activity; /* NULL: not certain enough */
	double phenotype_posterior;
	int n_thin; /* loci with too few fragments */
	struct d6_tally tally;
	struct d6_depth depth;
};
int d6_call(struct grx_ctx *cx, struct grx_arena *mem, const struct d6_table *t, const struct d6_evidence *e,
	int sample, struct d6_call *out) GRX_MUST;
/* The pairs of star alleles over forms, given depth and counts; fills dip, n_dip, status, why_not. */
int d6_star(struct grx_arena *mem, const struct d6_table *t, struct d6_call *c) GRX_MUST;
/* Activity and phenotype of dip[i] and of the call. */
int d6_meaning(struct grx_arena *mem, const struct d6_table *t, struct d6_call *c) GRX_MUST;

/* Facts pgx/CYP2D6/{diplotype,phenotype,activity_score,status,copy_number}. */
int d6_facts(struct grx_ctx *cx, struct grx_facts *fs, const char *sample, const struct d6_table *t,
	const struct d6_call *c) GRX_MUST;
/* Only "not assessed" with the reason. */
int d6_facts_none(struct grx_ctx *cx, struct grx_facts *fs, const char *sample, const struct d6_table *t,
	const char *why) GRX_MUST;
/* Per-position evidence, one row each; the header line once. */
void d6_tsv_head(struct grx_str *s);
void d6_tsv_rows(struct grx_str *s, const char *sample, const struct d6_table *t, const struct d6_call *c);
/* "A/B OR C/D", "" when none is given; NULL on lack of memory. */
const char *d6_diplotypes_text(struct grx_arena *mem, const struct d6_call *c);

/* CYP2D6 within a run of the stage: opened, fed with shards or with a file, asked for each sample. */
struct d6_setup {
	const char *genes;         /* as of --genes; NULL all */
	const char *reads;         /* BAM or CRAM of one sample, NULL: the leg's own reads, if it has any */
	const char *fasta;         /* for CRAM */
	double min_posterior;      /* as of --min-posterior; below it no phenotype, nor below our own limit */
	const char *refuse;        /* why nothing can be assessed (build), or NULL */
	const char *const *sample; /* [n_sample] of the variants; must have the sample of the reads */
	int n_sample;
};
struct d6_run {
	struct d6_table *table;
	struct d6_evidence *evidence;
	const char *const *sample; /* [n_sample] of the reads; borrowed or in mem */
	int n_sample;
	const char *why; /* no evidence could be read: the reason */
	struct grx_arena *mem;
};
/* *out NULL: there are no reads, or CYP2D6 is not asked for. Reads `reads` at once. */
int d6_open(struct grx_ctx *cx, const struct d6_setup *s, struct d6_run **out) GRX_MUST;
void d6_close(struct d6_run *r);
int d6_run_shard(const struct d6_run *r, struct grx_ctx *cx, const struct grx_shard *sh,
	struct d6_evidence **out) GRX_MUST;
int d6_run_merge(struct grx_ctx *cx, struct d6_run *r, const struct d6_evidence *part) GRX_MUST;
/* Call a sample and add its facts; *c lives in mem. A sample without reads gets "not assessed". Any thread,
 * once nothing more is merged. */
int d6_run_sample(struct grx_ctx *cx, const struct d6_run *r, const char *sample, struct grx_facts *fs,
	struct grx_arena *mem, struct d6_call *c) GRX_MUST;
/* Evidence of every sample as tab-separated text to path. */
int d6_run_tsv(struct grx_ctx *cx, const struct d6_run *r, const char *path) GRX_MUST;
/* The call in the words of the other genes, for the table of calls; texts in mem. */
int d6_verdict(struct grx_arena *mem, const struct d6_call *c, struct pgx_verdict *v) GRX_MUST;

#endif
