/* SPDX-License-Identifier: GPL-3.0-or-later
 * simulate_int.h -- shared by the files of the simulate stage. All data are synthetic.
 * world = reference, windows, loci, gene models (from --seed alone); donor = genotypes on that world; reads
 * follow from a donor's haplotypes. Coordinates 0-based, half-open. */
#ifndef GRX_STAGE_SIMULATE_INT_H
#define GRX_STAGE_SIMULATE_INT_H

#include "base/mem.h"
#include "bio/bed.h"
#include "bio/contig.h"
#include "genorx/opt.h"
#include "genorx/stage.h"
#include "math/rng.h"

struct grx_readsink;

struct simulate_opt {
	const char *output, *regions, *pgx, *sex, *fasta, *noise, *quality_bins, *structure,
		*structure_variants;
	struct grx_strs region;
	bool fastq;
	int64_t seed, donors, read_length, decoys, twins;
	double depth, insert_mean, insert_sd, size_mb;
	/* factors on what the noise preset says; 1 = as it says */
	double substitutions, gaps, stutter, motifs, duplicates, chimeras, short_inserts, low_mapq;
};
extern const struct grx_opt simulate_opts[];

enum {
	SIM_PAD = 1000,    /* bases of window on either side of a locus */
	SIM_EDGE = 500,    /* of these not confident: coverage drops towards the end of a window */
	SIM_LINE = 60,     /* bases a line of FASTA */
	SIM_NEAR_SNV = 12, /* nothing random this close to a known locus or to another variant */
	SIM_NEAR_INDEL = 40,
	SIM_CDS1 = 121,
	SIM_CDS2 = 152,
	SIM_UTR = 30,
	SIM_UNSURE = 8
};

struct sim_locus {
	int32_t tid;
	int64_t pos;
	const char *ref;
	int n_alt;
	const char **alt;
	const char *id, *gene, *hgvs; /* gene NULL: a locus of the demo score */
	double af;
};

struct sim_win {
	int32_t tid;
	int64_t beg, end;
	char *seq;     /* end - beg letters */
	uint8_t *mask; /* 1 = nothing random here; on real sequence SIM_UNSURE = not confident */
	bool mosaic;   /* its reads are those of --structure */
};

struct sim_gene {
	const char *name;
	bool minus;
	struct sim_win *win; /* holds the model */
	int64_t exon[2][2];  /* ascending on the reference */
	int64_t cds[2][2];
};

/* An allele of a gene that may be drawn. */
struct sim_allele {
	const char *gene, *name;
	double weight;
};

struct sim_paralog;

struct sim_def { /* gene, allele -> the sequence at one locus; sorted as in the file */
	const char *gene, *allele;
	int64_t pos;
	const char *seq;
};

/* A piece of haplotype: len bases that lie on the reference from rpos, or inserted (rpos = -1). */
struct sim_seg {
	int64_t hpos, rpos, len;
};

struct sim_hap {
	char *seq;
	int64_t n;
	size_t n_seg, cap_seg;
	struct sim_seg *seg;
};

struct sim_world {
	struct grx_arena *mem;
	struct grx_contigs *contigs;
	size_t n_win, cap_win, n_locus, cap_locus, n_def, cap_def, n_allele, cap_allele;
	struct sim_win *win;
	struct sim_locus *locus; /* by (tid, pos) */
	struct sim_def *def;
	struct sim_allele *allele;
	int n_gene;
	struct sim_gene gene[16];
	bool bench; /* one plain contig, no loci */
	bool real;  /* sequence of --fasta, no loci */
	size_t n_paralog, cap_paralog;
	struct sim_paralog *paralog; /* by (win, beg) */
	bool structured;             /* --structure */
	struct sim_hap mosaic[2];
};

struct sim_var {
	int32_t tid;
	int64_t pos;
	const char *ref;
	int n_alt;
	const char *const *alt;
	const char *id;
	int8_t hap[2]; /* allele on each haplotype; hap[1] == -1: haploid */
};

struct sim_donor {
	struct grx_arena *mem;
	char name[32];
	bool male;
	int64_t number;
	size_t n, cap;
	struct sim_var *v;         /* by (tid, pos) */
	const char *diplotype[16]; /* per gene of the world */
};

/* A diverged copy of [beg, end) of a window that lies elsewhere in the genome; its reads are read too. */
struct sim_paralog {
	size_t win;
	int64_t beg, end;
	bool in_ref; /* the copy is part of what reads are mapped to (--twins), else absent (--decoys) */
	int ploidy;  /* 1 or 2 chromosomes carry it */
	double divergence;
	struct sim_hap hap;
};

/* A tandem repeat: [beg, end) of a sequence repeats with period unit, as far to both sides as it goes. */
struct sim_tract {
	int64_t beg, end;
	int unit;
};

/* Linear between points of ascending x, constant outside. */
struct sim_point {
	double x, y;
};

/* sim_tract.c: all tracts with units of 1-6 bases and at least 5 (1), 4 (2, 3) or 3 (4-6) copies, ascending
 * and disjoint; grx_free() *out. */
int simulate_tracts(
	struct grx_ctx *cx, const char *seq, int64_t n, struct sim_tract **out, size_t *n_out) GRX_MUST;
double simulate_curve(const struct sim_point *p, int n, double x);
/* sim_real.c: contigs, windows and letters from a FASTA; confident regions with paralogs and N left out. */
int simulate_real_plan(struct grx_ctx *cx, const struct simulate_opt *o, struct sim_world *w) GRX_MUST;
int simulate_write_real(struct grx_ctx *cx, const char *dir, const struct sim_world *w) GRX_MUST;
/* sim_paralog.c: --decoys and --twins; letters of w must be known. */
int simulate_paralogs(struct grx_ctx *cx, const struct simulate_opt *o, struct sim_world *w) GRX_MUST;
/* sim_structure.c: --structure and --structure-variants onto w->mosaic; letters of w must be known. */
int simulate_structure(struct grx_ctx *cx, const struct simulate_opt *o, struct sim_world *w) GRX_MUST;
/* sim_spectrum.c: variants of a donor on the real sequence of window i. */
int simulate_spectrum(struct grx_ctx *cx, const struct simulate_opt *o, const struct sim_world *w,
	struct sim_donor *d, size_t i) GRX_MUST;
/* sim_sequence.c: reads under a noise preset, into a BAM (sink) or FASTQ in dir (sink NULL). */
int simulate_sequence(struct grx_ctx *cx, const struct simulate_opt *o, const struct sim_world *w,
	const struct sim_donor *d, struct grx_readsink *sink, int64_t *n_reads) GRX_MUST;
/* Does the preset differ from the demo's own errors? */
bool simulate_noisy(const struct simulate_opt *o);
/* sim_plan.c: contigs, loci, windows from the tables and options. */
int simulate_plan(struct grx_ctx *cx, const struct simulate_opt *o, struct sim_world *w) GRX_MUST;
int simulate_ploidy(const struct sim_world *w, int32_t tid, bool male);
/* sim_genome.c: letters of every window, with the loci in their context; gene models. */
int simulate_genome(struct grx_ctx *cx, const struct simulate_opt *o, struct sim_world *w) GRX_MUST;
/* sim_donor.c: diplotypes, genotypes of loci, random variants. */
int simulate_donor(struct grx_ctx *cx, const struct simulate_opt *o, struct sim_world *w, int64_t number,
	struct sim_donor *d) GRX_MUST;
/* sim_hap.c: sequence and segments of haplotype k over window win. */
int simulate_hap(struct grx_ctx *cx, const struct sim_win *win, const struct sim_donor *d, int k,
	struct grx_arena *mem, struct sim_hap *out) GRX_MUST;
/* sim_reads.c */
int simulate_reads(struct grx_ctx *cx, const struct simulate_opt *o, const struct sim_world *w,
	const struct sim_donor *d, struct grx_readsink *sink, int64_t *n_reads) GRX_MUST;
/* sim_align.c: rp[i] is the reference position of base i, -1 inserted, -2 adapter; scratch afterwards. Makes
 * the CIGAR an aligner would: an indel too near an end becomes mismatches or a soft clip. false: too little
 * aligns. */
struct sim_aln {
	int64_t pos, end;
	int32_t nm;
	uint32_t n;
	uint32_t cigar[64];
};
bool simulate_align(const struct sim_win *win, const char *bases, int64_t *rp, int n, struct sim_aln *out);
/* sim_files.c */
int simulate_write_fasta(struct grx_ctx *cx, const char *dir, const struct sim_world *w) GRX_MUST;
int simulate_write_models(struct grx_ctx *cx, const char *dir, const struct sim_world *w) GRX_MUST;
int simulate_write_bed(struct grx_ctx *cx, const char *dir, const struct sim_world *w) GRX_MUST;
int simulate_write_score(struct grx_ctx *cx, const char *dir) GRX_MUST;
/* sim_truth.c */
int simulate_write_truth(
	struct grx_ctx *cx, const char *dir, const struct sim_world *w, const struct sim_donor *d) GRX_MUST;
int simulate_write_expected(
	struct grx_ctx *cx, const char *dir, const struct sim_world *w, const struct sim_donor *d) GRX_MUST;
int simulate_write_db(struct grx_ctx *cx, const char *dir, const struct simulate_opt *o,
	const struct sim_world *w, const struct sim_donor *d, int64_t n_donor) GRX_MUST;
int simulate_write_clinical(struct grx_ctx *cx, const char *dir, const struct simulate_opt *o,
	const struct sim_donor *d, int64_t n_donor) GRX_MUST;
/* DIR/name in an arena; NULL: no memory. */
const char *simulate_path(struct grx_arena *mem, const char *dir, const char *fmt, ...) GRX_PRINTF(3, 4);

#endif
