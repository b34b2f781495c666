/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_int.h -- from the lines of a model file to transcripts: lines (gff_line.c) become nodes and pieces
 * (gff.c), these become transcripts (model_build.c, model_tx.c, model_name.c, model_mark.c), these an image
 * (model_pack.c) that is used as it is or written to disk and mapped again (model_map.c).
 * Strings are offsets into a pool; 0 is the empty string, which stands for "not given". */
#ifndef GRX_STAGE_ANNOTATE_MODEL_INT_H
#define GRX_STAGE_ANNOTATE_MODEL_INT_H

#include "base/mem.h"
#include "base/str.h"
#include "bio/contig.h"
#include "stage/annotate/accession.h"
#include "stage/annotate/model.h"

/* --- strings kept once (pool.c) --- */

struct annotate_pool {
	char *s;
	size_t n, cap;
	uint32_t *slot; /* open addressing: offsets, 0 free */
	size_t n_slot, used;
	bool failed; /* memory or 4 GB are exhausted: sticks */
};
/* Offset of s[0..n) with a NUL behind it; 0 for the empty string or after a failure. */
uint32_t annotate_pool_add(struct annotate_pool *p, const char *s, size_t n);
uint32_t annotate_pool_str(struct annotate_pool *p, const char *s);
static inline const char *annotate_pool_at(const struct annotate_pool *p, uint32_t at)
{
	return at < p->n ? p->s + at : "";
}
void annotate_pool_clear(struct annotate_pool *p);

/* --- what contradicts, what was left out --- */

/* Bit 0 of the table in model_reason.c: an error with --strict. */
enum annotate_reason {
	AT_R_CDS_OUTSIDE, /* dropped: a CDS piece is not within one exon */
	AT_R_CDS_GAP,     /* dropped: the CDS leaves out exonic bases and no slip explains it */
	AT_R_PARENT,      /* dropped: the parent of exons or CDS has no line */
	AT_R_STRAND,      /* dropped: strand or contig of the pieces disagree or the strand is unknown */
	AT_R_CODE,        /* dropped: a genetic code that is not supported */
	AT_R_CIRCULAR,    /* dropped: spans the origin of a circular contig */
	AT_R_CYCLE,       /* parents in a circle: no gene is known */
	AT_R_GENE,        /* the gene has no line */
	AT_R_GENE_STRAND, /* the gene lies on another strand */
	AT_R_OUT_TX,      /* exons outside their transcript's line */
	AT_R_OUT_GENE,    /* a transcript outside its gene's line */
	AT_R_DUP_ID,      /* an ID that means two different features */
	AT_R_DUP_PIECE,   /* the same exon or CDS twice in one transcript */
	AT_R_OVERLAP,     /* exons that overlap, CDS pieces inside one another */
	AT_R_PHASE,       /* phases that do not follow from the lengths */
	AT_R_NO_PHASE,    /* no phase at the start of a CDS: derived from another piece or taken for 0 */
	AT_R_STOP_APART,  /* a stop_codon that does not follow the CDS */
	AT_R_NO_PARENT,   /* exons without Parent */
	AT_R_NO_EXON,     /* transcripts without exon and CDS lines */
	AT_R_SEC_UNKNOWN, /* tagged as selenoprotein, but the file does not say where */
	AT_R_SEC_FRAME,   /* a selenocysteine outside the reading frame */
	AT_R_EXCEPT,      /* other exceptions to the genetic code, not applied */
	AT_R_DIFFERS,     /* transcripts whose own sequence differs from the genome */
	AT_R_PSEUDO_CDS,  /* CDS of a pseudogene, not translated */
	AT_R_CHILD_FIRST, /* children before their parent's line */
	AT_R_N
};
struct annotate_count {
	int64_t n, line; /* line: the first one */
};
/* Key in the summary; *strict: an error with --strict. */
const char *annotate_reason_name(enum annotate_reason r, bool *strict);
static inline void annotate_count_add(struct annotate_count *c, int64_t line)
{
	if (c->n++ == 0 || line < c->line)
		c->line = line;
}

/* --- one line (gff_line.c) --- */

enum annotate_kind {
	AT_L_OTHER,
	AT_L_NODE, /* may have children */
	AT_L_EXON,
	AT_L_CDS,
	AT_L_UTR,
	AT_L_STOP,
	AT_L_SEC,
	AT_L_MATCH,  /* alignment of a transcript to the genome */
	AT_L_REGION, /* a whole contig */
	AT_L_MATURE, /* pieces only: a mature miRNA */
};

struct annotate_attrs {
	const char *id, *parent, *name, *biotype, *tx_type, *gene_type, *gene_name, *gene, *gene_id, *tx_id;
	const char *version, *tx_version, *protein_version, *protein_id, *tag, *tsl, *table, *ccds, *hgnc,
		*dbxref, *note, *except, *exception, *pseudo, *locus, *description, *derives, *circular,
		*target, *gap, *low_open, *high_open, *mismatch, *stable, *matrix, *gene_version;
};
struct annotate_line {
	const char *seqid, *source, *type;
	int32_t beg, end;
	int8_t strand, phase; /* phase -1: none */
	bool gtf;
	enum annotate_kind kind;
	struct annotate_attrs a;
};
void annotate_percent_decode(char *s);
/* Cut s up in place. Malformed: GRX_E_DATA with file:line. tags: storage for GTF tags; they live until the
 * next line. */
int annotate_line_parse(struct grx_ctx *cx, const char *path, int64_t no, char *s, struct annotate_line *l,
	struct grx_str *tags) GRX_MUST;

/* --- raw features (gff.c) --- */

/* Exon, CDS, ... of one node. */
struct annotate_piece {
	uint32_t node;
	uint32_t cds; /* record of the CDS, 0 otherwise */
	int32_t beg, end;
	int8_t phase;
	uint8_t kind; /* enum annotate_kind */
};
struct annotate_node {
	uint32_t id, parent, type, source, name, biotype, gene_type, symbol, gene_id, tx_id, version, tag,
		tsl, ccds, hgnc, entrez, mane, note;
	int32_t contig, beg, end;
	int8_t strand;
	bool seen;     /* its own line was read */
	bool gtf;      /* made from children: the file need not have a line of it */
	bool has_exon; /* own exon lines */
	bool mixed;    /* pieces on several strands */
	bool pseudo, skip;
	int64_t line; /* its own, else that of its first child */
};
/* What all pieces of one CDS share. */
struct annotate_cds {
	uint32_t key, protein, version, except;
	int32_t table; /* 0 not given */
	bool slip, pseudo, low_open, high_open;
	uint32_t ccds;
};
/* Alignment of a transcript with gaps or mismatches. */
struct annotate_match {
	uint32_t target, gap;
	int32_t contig, beg, end;
	int8_t strand;
	int32_t mismatch;
};
struct annotate_seqid {
	uint32_t name, canonical;
	int32_t max_end, circular; /* circular: length, 0 when linear or unknown */
	int64_t line;              /* of max_end */
	uint8_t build;             /* enum grx_build, from an accession */
};
struct annotate_raw_feature {
	int32_t contig, beg, end;
	uint32_t id, biotype;
	bool motif;
};
struct annotate_gff {
	const char *path;
	bool regulatory; /* lines are regulatory features */
	struct annotate_pool pool;
	size_t n_node, cap_node, n_piece, cap_piece, n_cds, cap_cds, n_match, cap_match, n_seqid, cap_seqid,
		n_feature, cap_feature;
	struct annotate_node *node; /* node[0], cds[0] unused */
	struct annotate_piece *piece;
	struct annotate_cds *cds;
	struct annotate_match *match;
	struct annotate_seqid *seqid;
	struct annotate_raw_feature *feature;
	struct annotate_count count[AT_R_N];
	int64_t n_line;
	/* lookups */
	struct grx_map *by_seqid;
	uint32_t *slot; /* (contig, id) -> node */
	size_t n_slot;
	uint32_t last_parent, last_node, last_cds_key,
		last_cds; /* the lines of a transcript follow one another */
	int32_t last_contig, last_cds_contig;
	struct grx_str last_seqid;
	int32_t last_seqid_no;
	const struct annotate_accessions *acc;
};
/* Read g->path; with g->regulatory GFF3 or BED of regulatory features. */
int annotate_gff_read(struct grx_ctx *cx, struct annotate_gff *g) GRX_MUST;
/* Make name the current contig, g->last_seqid_no. */
int annotate_gff_seqid(struct grx_ctx *cx, struct annotate_gff *g, const char *name) GRX_MUST;
/* One line of a file of regulatory features (gff_feature.c). */
int annotate_gff_feature(struct grx_ctx *cx, struct annotate_gff *g, char *s, struct grx_str *tags) GRX_MUST;
void annotate_gff_clear(struct annotate_gff *g);
/* Go on with the regulatory features of another file. */
void annotate_gff_next(struct annotate_gff *g, const char *path);
/* Node of an ID on a contig; 0 when there is none and !make, or on exhausted memory. */
uint32_t annotate_gff_node(struct annotate_gff *g, int32_t contig, uint32_t id, bool make);

uint32_t annotate_gff_keep(struct annotate_gff *g, const char *s);
/* Set what is not set yet. */
void annotate_gff_set(struct annotate_gff *g, uint32_t *to, const char *s);
/* Value of "DB:value" in a list of cross references, up to the next comma; 0 when absent. */
uint32_t annotate_gff_xref(struct annotate_gff *g, const char *list, const char *db);
void annotate_gff_attrs(struct annotate_gff *g, struct annotate_node *n, const struct annotate_attrs *a);
/* A line of a feature with an ID; parent: its list, cut up. */
int annotate_gff_node_add(struct grx_ctx *cx, struct annotate_gff *g, struct annotate_line *l, const char *id,
	char *parent) GRX_MUST;
/* A piece to the parent of this ID on the current contig. */
int annotate_gff_piece(
	struct grx_ctx *cx, struct annotate_gff *g, const struct annotate_line *l, uint32_t parent) GRX_MUST;
/* A piece of GFF3 to all its parents. */
int annotate_gff_pieces(struct grx_ctx *cx, struct annotate_gff *g, struct annotate_line *l) GRX_MUST;
/* Any line of GTF. */
int annotate_gff_gtf(struct grx_ctx *cx, struct annotate_gff *g, struct annotate_line *l) GRX_MUST;

/* --- the image (model_pack.c, model_map.c) --- */

enum annotate_section {
	AT_S_CONTIG,
	AT_S_SPAN,
	AT_S_TREE,
	AT_S_TX,
	AT_S_EXON,
	AT_S_MARK,
	AT_S_GENE,
	AT_S_FEATURE,
	AT_S_FTREE,
	AT_S_BYID,
	AT_S_STRING,
	AT_S_COUNT,
	AT_S_N
};

struct annotate_im_contig {
	uint32_t name, canonical;
	uint32_t first, n;   /* transcripts */
	uint32_t ffirst, fn; /* features */
	int32_t max_end, build;
	int64_t line;
};
struct annotate_im_span {
	int32_t beg, end;
};
struct annotate_im_gene {
	uint32_t id, symbol, hgnc;
};
struct annotate_im_tx {
	uint32_t crc; /* of the rest, its exons, marks and strings */
	uint32_t contig, gene, exon, n_exon, mark, n_mark;
	int32_t cds_beg, cds_end, coding_beg, coding_end;
	uint32_t id, id_version, biotype, protein, ccds, source, mane, appris, tsl;
	uint32_t pick;
	uint16_t flags;
	int8_t strand, table;
	int8_t pad;
	uint8_t coding, nmd, nf; /* nf: 1 start, 2 end */
};
struct annotate_im_feature {
	int32_t beg, end;
	uint32_t id, biotype, motif;
};

/* The head of a compiled file; crc covers what is before it. */
#define AT_GXM_MAGIC   "GRXgxm\r\n"
#define AT_GXM_VERSION 1u
#define AT_GXM_ORDER   0x01020304u
struct annotate_im_section {
	uint64_t off, n; /* n: elements */
	uint32_t size, crc;
};
struct annotate_im_head {
	char magic[8];
	uint32_t version, order;
	uint64_t size;
	char sha[72]; /* of the model file, hex, NUL-ended */
	struct annotate_im_section sec[AT_S_N];
	uint32_t pad, crc;
};

/* Sections in memory, ours or mapped. */
struct annotate_image {
	const void *sec[AT_S_N];
	size_t n[AT_S_N]; /* elements */
	void *own[AT_S_N];
	void *map;
	size_t map_n;
	bool trusted; /* made in this process: no checksums are needed */
	char sha[72]; /* of the model file it was made from; "" unknown */
};
size_t annotate_section_size(enum annotate_section s);
void annotate_image_clear(struct annotate_image *im);
void annotate_image_rest(const struct annotate_image *im);
void annotate_image_head(const struct annotate_image *im, struct annotate_im_head *h);
/* Set every checksum of a file in memory whose sections lie within it (for tests that change it). */
void annotate_image_seal(void *file, size_t n);
int annotate_image_write(struct grx_ctx *cx, const struct annotate_image *im, const char *path) GRX_MUST;
/* Is it a compiled file, by its first bytes? */
bool annotate_image_is(const char *path);
/* all: check every checksum, else those of what is searched; transcripts are checked when asked for. */
int annotate_image_open(struct grx_ctx *cx, const char *path, bool all, struct annotate_image *im) GRX_MUST;
/* Transcript i with everything but tid; false when it is damaged. */
bool annotate_image_tx(const struct annotate_image *im, size_t i, struct annotate_tx *t);
/* Do its offsets lie within the image? */
bool annotate_image_ranges(const struct annotate_image *im, const struct annotate_im_tx *x);
uint32_t annotate_image_crc(const struct annotate_image *im, const struct annotate_im_tx *x);
/* GRX_E_DATA with file:line of the first contradiction that --strict refuses. */
int annotate_image_strict(struct grx_ctx *cx, const char *path, const struct annotate_image *im) GRX_MUST;
/* GRX_E_DATA when there is no transcript, with the first reason that one was dropped for. */
int annotate_image_some(struct grx_ctx *cx, const char *path, const struct annotate_image *im) GRX_MUST;
/* Counts into the object. */
int annotate_image_summary(const struct annotate_image *im, struct json_t *to) GRX_MUST;
const char *annotate_image_str(const struct annotate_image *im, uint32_t at);

/* Maxima of blocks of 16, 256, ... elements, so that what ends early is passed over. */
size_t annotate_tree_size(size_t n);
/* ends of n elements, `stride` bytes apart */
void annotate_tree_make(const void *end, size_t stride, size_t n, int32_t *tree);
/* Ends of n intervals, `stride` bytes apart, and their tree. */
struct annotate_ends {
	const void *end;
	size_t stride, n;
	const int32_t *tree;
};
/* First i in [i, last) whose end is >= x; at least last when there is none. O(log n). */
size_t annotate_tree_next(const struct annotate_ends *v, size_t i, size_t last, int32_t x);

/* --- where an image comes from (model_source.c) --- */
struct annotate_source {
	const char *path, *cache; /* cache: folder or NULL */
	bool strict, regulatory;
	const struct annotate_accessions *acc;
};
/* Compiled file, from the cache, or read and built (and put into the cache). */
int annotate_image_get(
	struct grx_ctx *cx, const struct annotate_source *s, struct annotate_image *im) GRX_MUST;

/* --- building (model_build.c, model_tx.c, model_name.c, model_mark.c) --- */

struct annotate_build {
	struct annotate_gff *g;
	struct annotate_pool pool; /* of the image */
	size_t n_tx, cap_tx, n_exon, cap_exon, n_mark, cap_mark, n_gene, cap_gene;
	struct annotate_im_tx *tx;
	struct annotate_im_span *span;
	size_t cap_span;
	struct annotate_exon *exon;
	struct annotate_mark *mark;
	struct annotate_im_gene *gene;
	uint32_t *gene_of;            /* gene record + 1 by node */
	uint32_t *order, *first;      /* pieces by node */
	struct annotate_match *match; /* sorted by target */
};

/* One transcript while it is built: pieces in transcript order. */
struct annotate_cdna_part {
	int32_t a, b; /* 1-based cDNA, closed */
};
struct annotate_txb {
	const struct annotate_node *node;
	uint32_t node_no;
	const struct annotate_cds *cds; /* NULL without CDS */
	bool by_cds;                    /* one of several CDS of a gene without exons */
	struct annotate_piece *exon, *cp, *other;
	size_t n_exon, n_cds, n_other;
	struct annotate_im_tx *rec;
	struct annotate_tx tx; /* what annotate_cdna() needs */
	struct annotate_exon *ex;
	struct annotate_cdna_part *part;
};

int annotate_build(struct grx_ctx *cx, struct annotate_gff *g, struct annotate_image *im) GRX_MUST;
/* Exons, CDS, slips of one transcript. *keep false: it contradicts itself and was counted. */
int annotate_tx_make(
	struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t, bool *keep) GRX_MUST;
int annotate_tx_marks(struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t) GRX_MUST;
int annotate_tx_names(struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t) GRX_MUST;
int annotate_mark_add(struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t,
	struct annotate_mark m) GRX_MUST;
bool annotate_has_tag(const char *tags, const char *tag);
/* Sort, index; what was built goes over into im. */
int annotate_image_make(struct grx_ctx *cx, struct annotate_build *b, struct annotate_image *im) GRX_MUST;

struct annotate_models {
	struct annotate_image im, reg; /* reg: of --regulatory */
	bool has_reg;
	int32_t *tid;     /* of the run by contig of im; -1 not there */
	int32_t *contig;  /* contig of im by tid of the run; -1 none */
	int32_t *fcontig; /* the same of the image that has the features */
	int32_t n_contig, n_tid;
	int64_t n_other_contig;
};

#endif
