/* SPDX-License-Identifier: GPL-3.0-or-later
 * genosrc_int.h -- what the readers of genotypes share. Internal to io.
 * Records point into the inflated bytes themselves; a buffer lives as long as a record of the cursor's group
 * may point into it (geno_stream_release()). */
#ifndef GRX_IO_GENOSRC_INT_H
#define GRX_IO_GENOSRC_INT_H

#include <stdatomic.h>

#include <htslib/bgzf.h>
#include <htslib/hts.h>

#include "io/genosrc.h"
#include "io/text_int.h"
#include "io/var_int.h"

#define GENO_BUF_BYTES     ((size_t)1 << 18)
#define GENO_MAX_GROUP     65536 /* records at one position */
#define GENO_CHECK_SAMPLES 8     /* text: files up to here have all their columns checked */

enum geno_kind { GENO_BCF, GENO_VCF, GENO_BED };

struct geno_buf {
	struct geno_buf *next;
	size_t cap;
	char *p;
};

/* Inflated bytes in buffers that stay where they are while they are held. */
struct geno_stream {
	const char *path;
	BGZF *fp;              /* BGZF, or BCF in any form */
	htsFile *hts;          /* owner of fp for BCF */
	struct grx_text *text; /* plain and gzip text */
	const char *tp;        /* of text: bytes not taken yet */
	size_t tn;
	struct geno_buf *cur, *old, *spare;
	size_t pos, n; /* cur: next byte, bytes there */
	bool held;     /* records point into cur */
	bool ended;
	uint64_t (*chunk)[2]; /* of a window: virtual offsets */
	int n_chunk, i_chunk;
	bool windowed, in_chunk;
};

void geno_stream_close(struct geno_stream *st);
/* At least `need` bytes from pos on, fewer at the end of the data. */
int geno_stream_need(struct grx_ctx *cx, struct geno_stream *st, size_t need) GRX_MUST;
/* A further piece, whatever its size; none at the end. */
int geno_stream_more(struct grx_ctx *cx, struct geno_stream *st) GRX_MUST;
/* Nothing points into the older buffers any longer; held: something still points into the current one. */
void geno_stream_release(struct geno_stream *st, bool held);
/* Read these parts only; v taken. */
void geno_stream_window(struct geno_stream *st, uint64_t (*v)[2], int n);

/* One FORMAT column of a BCF record. */
struct geno_fmt {
	int id, type, n;
	uint8_t *p;
};

struct geno_rec {
	struct grx_geno g;
	const char **allele;
	size_t cap_allele;
	int n_fmt; /* BCF */
	struct geno_fmt *fmt;
	size_t cap_fmt;
	char *format, *cell,
		*end;  /* VCF: FORMAT column, first sample, the tab put behind the last; NULL without */
	bool checked;  /* VCF: all columns */
	bool ref_none; /* .bed: nobody had allele 2 */
	uint8_t *bits; /* .bed */
	char *own;     /* .bed: storage of bits and strings */
	size_t cap_own;
};

/* FORMAT of the text record looked at last. */
struct geno_format {
	char *text;
	size_t n, cap;
	int n_key;
	struct geno_key {
		int off, n;
		bool gt, counts; /* counts: never negative */
		uint8_t type;    /* BCF_HT_INT, BCF_HT_REAL; BCF_HT_STR: not looked into */
		uint8_t shape;   /* enum geno_shape */
	} * key;
	size_t cap_key;
};

/* What the columns need besides the record: for one thread at a time. */
struct geno_scratch {
	struct geno_format format;
	void *num; /* decoded numbers of a text column */
	size_t cap_num;
	uint32_t *off; /* of a field in each cell */
	size_t cap_off;
};

struct geno_bed;    /* .bim index, .fam */
struct geno_bedcur; /* a reader of them */

struct grx_genosrc {
	char *path, *sample;
	int threads;
	enum geno_kind kind;
	int n_file; /* samples in the file */
	int sel;    /* the one that is kept, -1 all */
	bool random;
	struct grx_varhdr *vh; /* of the first cursor */
	struct grx_contigs *contigs;
	struct grx_hdr *hdr;
	struct tbx_t *tbx;
	hts_idx_t *idx; /* of tbx or of its own */
	int *idx_tid;   /* number of a contig in the index, -1 not there */
	struct geno_bed *bed;
	_Atomic(struct grx_genocur *) first; /* opened for the header, waits for its user */
};

struct grx_genocur {
	struct grx_genosrc *s;
	struct geno_stream st;
	struct grx_varhdr *vh;
	bool own_vh;
	struct grx_varval *vv;
	struct geno_bedcur *bed;
	struct geno_rec **rec; /* rec[0 .. n_group) the group, rec[n_group] read ahead */
	size_t n_rec, cap_rec;
	struct grx_geno *g;
	size_t cap_g;
	int n_group;
	bool pending, ended;
	bool windowed;
	int32_t w_tid;
	int64_t w_beg, w_end;
	int id_end;       /* number of INFO END, -1 */
	int64_t n;        /* records read */
	int32_t last_tid; /* order */
	int64_t last_pos;
	char *chrom; /* text: name of the last contig */
	size_t cap_chrom;
	int32_t chrom_tid;
	struct geno_scratch sc;
};

/* Open the file for one cursor: stream and header. */
int geno_file_open(
	struct grx_ctx *cx, const char *path, struct grx_genocur *c, enum geno_kind *kind) GRX_MUST;
/* Index of a file that has one: sets random, tbx or idx, idx_tid. */
int geno_index_open(struct grx_ctx *cx, struct grx_genosrc *s) GRX_MUST;
void geno_index_close(struct grx_genosrc *s);
/* Parts of the file with records that overlap [beg, end) of tid, into the stream. */
int geno_index_seek(
	struct grx_ctx *cx, struct grx_genocur *c, int32_t tid, int64_t beg, int64_t end) GRX_MUST;

/* The next record into r; *more = false at the end. */
int geno_bcf_next(struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r, bool *more) GRX_MUST;
int geno_vcf_next(struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r, bool *more) GRX_MUST;
int geno_bed_next(struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r, bool *more) GRX_MUST;

int geno_bed_open(struct grx_ctx *cx, struct grx_genosrc *s) GRX_MUST;
void geno_bed_close(struct geno_bed *b);
const uint8_t *geno_bed_sex(const struct geno_bed *b);
int geno_bedcur_open(struct grx_ctx *cx, struct grx_genocur *c) GRX_MUST;
void geno_bedcur_close(struct geno_bedcur *b);
int geno_bedcur_seek(
	struct grx_ctx *cx, struct grx_genocur *c, int32_t tid, int64_t beg, int64_t end) GRX_MUST;

/* "file: record 12 (chr1:345): what: 'found'". */
int geno_bad(
	struct grx_ctx *cx, const struct grx_geno *g, const char *what, const char *found, size_t n) GRX_MUST;
/* Room for n alleles of r. */
int geno_alleles(struct grx_ctx *cx, struct geno_rec *r, int n) GRX_MUST;

/* --- columns --- */

/* Text cells: n of them from s, the last one's tab at end[-1]. */
struct geno_cells {
	const char *s, *end;
	int n;
};
/* Numbers of a column: n a sample, of a BCF type; codes of missing and end as in BCF. */
struct geno_col {
	const uint8_t *p;
	int type, n, n_sample;
};
/* Which numbers of values fit. */
enum geno_shape {
	GENO_ONE,     /* one */
	GENO_ALT,     /* one per ALT */
	GENO_GENOS,   /* one per genotype, haploid or diploid; others become missing */
	GENO_ALLELES, /* one per allele */
	GENO_ANY,     /* any; the first is kept */
};
struct geno_ask {
	const char *key;
	enum geno_shape shape;
	bool real; /* floating point */
};
/* Typed numbers of column ask->key; *have = false without it. Text is decoded into the cursor's scratch. */
int geno_col(struct grx_ctx *cx, const struct grx_geno *g, const struct geno_ask *ask, struct geno_col *c,
	bool *have) GRX_MUST;
int32_t geno_col_int(const struct geno_col *c, size_t i);
/* Not finite and missing: NAN; *end: the padding of a shorter vector. */
float geno_col_real(const struct geno_col *c, size_t i, bool *end);
/* Alleles in the GT of a sample of a BCF record or of a batch; 0 without, -1 wrong. */
int geno_ploidy(struct grx_ctx *cx, const struct grx_geno *g, int sample, int *ploidy) GRX_MUST;
/* The column of a BCF record; NULL when absent. */
const struct geno_fmt *geno_bcf_fmt(const struct grx_geno *g, const char *key);
/* Number of FORMAT key in a text record, -1 absent; checks FORMAT. */
int geno_text_key(struct grx_ctx *cx, const struct grx_geno *g, const char *key, int *at) GRX_MUST;
/* Types of the keys of a new FORMAT, from the header. */
void geno_format_types(const struct grx_geno *g, struct geno_format *f);
/* Check all columns of a text record if the file has few samples. */
int geno_text_check(struct grx_ctx *cx, const struct grx_geno *g) GRX_MUST;
/* How text becomes numbers. */
struct geno_sink {
	const struct geno_ask *ask;
	int32_t *v;  /* floats by their bits */
	int n;       /* a sample */
	bool has_gt; /* cells begin with a genotype */
};
struct geno_scan {
	int n; /* values there are */
	bool negative;
};
/* Values of a comma-separated list at s, the first k->n into v (may be NULL); the byte behind the list, NULL:
 * not such numbers. */
const char *geno_scan_values(const struct geno_sink *k, const char *s, int32_t *v, struct geno_scan *out);
/* Do *n values at s fit? Other ploidies are legal and carry nothing for us: *n becomes 0. */
bool geno_fits(const struct geno_sink *k, const struct grx_geno *g, const char *s, int *n);
/* Values a sample has in a column, diploid. */
int geno_width(enum geno_shape shape, int n_allele);
/* The cells of the samples that are kept. */
struct geno_cells geno_text_cells(const struct grx_geno *g);
/* Where field `at` of each cell begins, in scratch, from c->s on; cells of too many fields fail. */
int geno_text_fields(struct grx_ctx *cx, const struct grx_geno *g, const struct geno_cells *c, int at,
	const uint32_t **off) GRX_MUST;
/* One text genotype: its alleles (-1 missing), at most max kept; *n all of them. The byte behind it, NULL
 * when it is wrong. */
const char *geno_text_gt(const char *s, int n_allele, int32_t *a, int max, int *n);
/* --- in bulk (genosrc_simd.c) --- */

/* Codes of cells of four bytes: "a/b" of alleles of one digit and a tab, as far as they are: returns the
 * cells done. */
int geno_text_gt4(const struct geno_cells *c, int n_allele, int allele, uint8_t *code, unsigned *seen);
/* Where field k of each cell begins, from c->s on; GENO_NO_FIELD: the cell ends before. Returns the first
 * cell with more fields than n_key, -1 none. */
#define GENO_NO_FIELD UINT32_MAX
int geno_text_index(const struct geno_cells *c, int n_key, int k, uint32_t *off);
/* How often c occurs. */
size_t geno_count(const char *s, size_t n, char c);
/* The same of cells that begin with three such bytes, at the places off. */
struct geno_classes {
	uint8_t of[256]; /* of the text of an allele */
};
void geno_classes(int n_allele, int allele, struct geno_classes *k);
int geno_text_gt3(const struct geno_cells *c, const uint32_t *off, const struct geno_classes *k,
	uint8_t *code, unsigned *seen);
/* Codes of genotypes of two int8; false: one of them is wrong. */
bool geno_gt8(const uint8_t *p, int n, int n_allele, int allele, uint8_t *code, unsigned *seen);
/* Biallelic likelihoods of samples from `from` on into planes, as far as none is missing: returns the samples
 * done. */
int geno_pl3(const struct geno_col *c, int from, uint8_t *const l[3]);

#endif
