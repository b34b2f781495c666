/* SPDX-License-Identifier: GPL-3.0-or-later
 * model.h -- gene models: transcripts with coordinate maps, regulatory features, an interval index, and their
 * compiled form.
 * Genomic intervals are 0-based half-open. cDNA, CDS and protein coordinates are 1-based with 0 = undefined.
 * A model is constant after opening and may be a read-only map of a compiled file: then no transcript is
 * touched before it is asked for. */
#ifndef GRX_STAGE_ANNOTATE_MODEL_H
#define GRX_STAGE_ANNOTATE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bio/contig.h"
#include "genorx/genorx.h"

struct annotate_exon {
	int32_t beg, end; /* genomic */
	int32_t cdna;     /* cDNA bases before it */
};

/* What a transcript has besides exons and one CDS. */
enum annotate_mark_kind {
	AT_MARK_MATURE, /* a, b: genomic span of a mature miRNA */
	AT_MARK_SEC,    /* a: residue (1-based) that is selenocysteine although its codon is TGA */
	AT_MARK_SLIP, /* a: last cDNA base before a slip of the ribosome, b: the cDNA base read next (b <= a:
			 -1 frameshift, b > a + 1: bases left out). CDS coordinates count bases as they are
			 read */
	AT_MARK_DIFF, /* a, b: cDNA bases on either side of a place where the transcript's own sequence is
		       * longer or shorter than the genome (RefSeq); 0, 0: it differs, the file does not say
		       * where */
};
struct annotate_mark {
	int32_t kind, a, b;
};

enum {
	AT_TX_MANE_SELECT = 1 << 0,
	AT_TX_MANE_CLINICAL = 1 << 1,
	AT_TX_CANONICAL = 1 << 2,
	AT_TX_REFSEQ = 1 << 3,
	AT_TX_NO_VERSION = 1 << 4, /* id_version then has a made-up .1, or is id when that ends in .N */
};

/* One transcript, ready to be used: pointers into the model, which outlives it. */
struct annotate_tx {
	size_t index;  /* in the model */
	int32_t tid;   /* in the run's dictionary */
	int8_t strand; /* +1 or -1 */
	int8_t table;  /* genetic code: 1, 2 or 11 */
	int8_t pad;    /* N's put before an incomplete CDS so that codons stay in frame: 0..2 */
	bool coding, nmd;
	bool start_nf, end_nf; /* start or end of the CDS not found */
	uint16_t flags;        /* AT_TX_* */
	int64_t beg, end;
	int32_t n_exon;
	const struct annotate_exon *exon; /* in transcript order */
	int32_t n_mark;
	const struct annotate_mark *mark;
	int64_t cdna_len;
	int64_t cds_beg, cds_end;       /* first and last coding base, 1-based cDNA; 0 without CDS */
	int64_t coding_beg, coding_end; /* genomic span of the CDS */
	const char *id, *id_version;    /* ENST0..., ENST0....3 */
	const char *gene, *symbol, *biotype;
	const char *protein, *ccds, *source; /* protein with version; "" without */
	const char *hgnc, *mane;             /* HGNC:1100; the other database's MANE partner; "" without */
	const char *appris, *tsl;            /* as VEP prints them: P1, A1; 1..5; "" without */
	uint32_t pick;    /* smaller is preferred: MANE, canonical, APPRIS, TSL, biotype, CCDS */
	uint32_t gene_no; /* the same number for transcripts of one gene (of one contig) */
};

/* A regulatory region or a binding motif. */
struct annotate_feature {
	int64_t beg, end;
	bool motif;
	const char *id, *biotype;
};

struct annotate_models;

struct annotate_models_opt {
	const char *gff;        /* GFF3, GTF or compiled models */
	const char *regulatory; /* GFF3 or BED of regulatory features, or NULL */
	const char *cache;      /* folder of compiled models, keyed by the content of gff; or NULL */
	bool strict;            /* whatever contradicts is an error instead of being counted */
};

/* Contig names are matched onto d by alias. Malformed lines are GRX_E_DATA with file:line; no sequence name
 * in common is GRX_E_MISMATCH. Given: annotate_models_free(). */
int annotate_models_open(struct grx_ctx *cx, const struct annotate_models_opt *o, const struct grx_contigs *d,
	struct annotate_models **out) GRX_MUST;
void annotate_models_free(struct annotate_models *m);
/* Let go of the mapped pages that were read so far; they come back when needed. Safe at any time. */
void annotate_models_rest(const struct annotate_models *m);
size_t annotate_models_n(const struct annotate_models *m);
/* Transcript i; those of one contig follow one another, ascending (beg, end, id). O(exons), because what
 * comes from a compiled file is checked. False: the file is damaged there; t is then harmless and lies
 * nowhere. */
bool annotate_models_get(const struct annotate_models *m, size_t i, struct annotate_tx *t);
/* Where transcript i lies, without the rest. */
void annotate_models_span(const struct annotate_models *m, size_t i, int64_t *beg, int64_t *end);
/* Indices [*lo, *hi) to walk for transcripts that may overlap [beg, end), touching ones among them; each must
 * still be tested. *lo is the first that does not end before beg. O(log n). Where one long gene covers many
 * that end before beg, walk by i = annotate_models_next(m, i + 1, hi, beg): O(log n) for each that is left.
 */
void annotate_models_range(
	const struct annotate_models *m, int32_t tid, int64_t beg, int64_t end, size_t *lo, size_t *hi);
/* The first in [i, hi) that does not end before beg; hi when there is none. */
size_t annotate_models_next(const struct annotate_models *m, size_t i, size_t hi, int64_t beg);
bool annotate_models_has_features(const struct annotate_models *m);
/* The same for regulatory features; then one of them. */
void annotate_models_features(
	const struct annotate_models *m, int32_t tid, int64_t beg, int64_t end, size_t *lo, size_t *hi);
size_t annotate_models_next_feature(const struct annotate_models *m, size_t i, size_t hi, int64_t beg);
void annotate_models_feature(const struct annotate_models *m, size_t i, struct annotate_feature *f);
/* Index of the first transcript with this identifier, with or without version (a version must then be the
 * model's), that lies on contig tid (-1: on any of the caller's); else of one that lies elsewhere; SIZE_MAX
 * when there is none. *n_found: how many lie there (a pseudoautosomal gene has one on each of X and Y).
 * *wrong_version: there is one of another version. */
size_t annotate_models_find(
	const struct annotate_models *m, const char *id, int32_t tid, size_t *n_found, bool *wrong_version);
/* What was read and what was left out, by reason, into the summary object. */
int annotate_models_summary(const struct annotate_models *m, struct json_t *to) GRX_MUST;
struct annotate_opt;
struct grx_tool_io;
/* --build-models: -g FILE (and --regulatory FILE) into the compiled file -o. */
int annotate_models_tool(
	const struct annotate_opt *o, struct grx_ctx *cx, const struct grx_tool_io *io) GRX_MUST;

/* 1-based cDNA position of a genomic base; 0 when it is not exonic. O(log exons). */
int64_t annotate_cdna(const struct annotate_tx *t, int64_t pos);
/* Genomic base of a cDNA position; -1 outside. */
int64_t annotate_cdna_pos(const struct annotate_tx *t, int64_t cdna);

/* Exon i in genomic order. */
static inline const struct annotate_exon *annotate_exon_at(const struct annotate_tx *t, int32_t i)
{
	return &t->exon[t->strand > 0 ? i : t->n_exon - 1 - i];
}
/* First exon in genomic order that ends behind pos (its end > pos); n_exon when there is none. O(log exons).
 */
static inline int32_t annotate_exon_from(const struct annotate_tx *t, int64_t pos)
{
	int32_t lo = 0, hi = t->n_exon;
	while (lo < hi) {
		int32_t mid = (lo + hi) / 2;
		if (annotate_exon_at(t, mid)->end > pos)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

#endif
