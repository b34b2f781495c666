/* SPDX-License-Identifier: GPL-3.0-or-later
 * db_int.h -- inside the databases of the annotate stage: keys of alleles, values, sources, and the built
 * file.
 * An allele is compared in its minimal leftmost form. Most fit into one number (its lengths and two bits a
 * base); the others are compared by their text as well. Interval tables have no alleles: any overlap counts.
 */
#ifndef GRX_STAGE_ANNOTATE_DB_INT_H
#define GRX_STAGE_ANNOTATE_DB_INT_H

#include "io/fasta.h"
#include "io/tabdb.h"
#include "io/text.h"
#include "io/varsrc.h"
#include "stage/annotate/db.h"

/* --- the specification: NAME=FILE:FIELD,NEW:=FIELD,FIELD/Float (db_spec.c) --- */

enum { DB_INFO, DB_ID, DB_QUAL, DB_FILTER };

struct annotate_dbfield {
	const char *key;    /* in the database */
	const char *column; /* of the output: NAME_KEY, or NEW */
	const char *desc;   /* what the database says of it, or NULL */
	uint8_t type;       /* of the output: GRX_T_INT, _FLOAT or _STR */
	uint8_t src_type;
	bool typed;    /* the type was asked for */
	bool named;    /* the column was named by NEW:= */
	bool in_input; /* the input declares the column: its values are replaced */
	char number;   /* of an INFO field: 'A', 'R', '1', or '.' for all else */
	uint8_t what;  /* DB_INFO ... */
	int col;       /* in a table: 0-based; in a built database: number of the column */
	char *own[2];  /* texts above that must be freed */
};

struct annotate_dbspec {
	char *text; /* the cut-up specification */
	const char *name, *path;
	int n_field; /* 0: all, of a built database */
	struct annotate_dbfield *field;
};
int annotate_dbspec_parse(struct grx_ctx *cx, const char *text, struct annotate_dbspec *sp) GRX_MUST;
void annotate_dbspec_clear(struct annotate_dbspec *sp);
/* Value of NAME=... among the list, or NULL. */
const char *annotate_dbspec_key(const struct grx_strs *list, const char *name);

/* --- keys (db_key.c) --- */

#define DB_ALIGN_SPAN 1000 /* bp searched to the left for the leftmost place */
#define DB_LONG       (UINT64_C(1) << 63)
#define DB_PACK       26 /* bases that fit into a code */

struct annotate_dbkey {
	int64_t pos;
	uint64_t code;         /* lengths and bases; with DB_LONG a hash of the texts */
	const char *ref, *alt; /* not NUL-ended */
	int32_t ref_len, alt_len;
};

/* The reference around the last allele; NULL fasta: indels stay as written. */
struct annotate_dbwin {
	struct grx_fasta *fasta;
	const char *name; /* contig, as the FASTA has it; NULL: none */
	struct grx_arena *mem;
	const char *s;
	int64_t beg, end, n;
};
void annotate_dbwin_contig(struct annotate_dbwin *w, const char *name);
/* Bases [beg, end) readable from w->s; where there is no more sequence w->n ends. */
int annotate_dbwin_at(struct grx_ctx *cx, struct annotate_dbwin *w, int64_t beg, int64_t end) GRX_MUST;

struct annotate_dbsite {
	int64_t pos, rlen;
	const char *ref, *alt; /* upper case, NUL-ended */
};
/* *ok false for what has no key: no ALT, '*', <NON_REF>. Symbolic alleles and breakends: exact text and END.
 * Texts of the key live in mem or in the site. */
int annotate_dbkey_make(struct grx_ctx *cx, struct annotate_dbwin *w, struct grx_arena *mem,
	const struct annotate_dbsite *s, struct annotate_dbkey *k, bool *ok) GRX_MUST;
uint64_t annotate_dbkey_code(const struct annotate_dbkey *k);
/* Texts of the bases of a short code: ref then alt, at most DB_PACK + 1 bytes into buf. */
void annotate_dbkey_text(struct annotate_dbkey *k, char *buf);
int annotate_dbkey_cmp(const struct annotate_dbkey *a, const struct annotate_dbkey *b);

/* --- values --- */

enum { DB_NONE, DB_INT, DB_FLOAT, DB_STR };
struct annotate_dbval {
	uint8_t kind;
	int32_t n; /* bytes of s */
	union {
		int32_t i;
		float f;
		const char *s;
	} v;
};

/* --- sources: a VCF or a table, by index or from end to end --- */

enum { DB_VCF, DB_TABLE, DB_BUILT };

/* A record or line; only valid in the call that gets it. */
struct annotate_dbrow {
	const char *contig;
	int64_t pos, end; /* bases covered */
	const char *ref;  /* NULL in an interval table */
	int n_alt;
	const char *const *alt;
	const void *from; /* grx_var or cells of the line */
	int64_t line;
};
typedef int (*annotate_dbrow_fn)(void *arg, struct grx_ctx *cx, const struct annotate_dbrow *row);

struct annotate_dbtext {
	const char *path;
	int n_name;
	char **name;                   /* of the header line; none without */
	int chrom, pos, end, ref, alt; /* columns, 0-based; -1 absent */
	int last;                      /* the highest column in use */
	bool zero_based;
	struct grx_arena *mem;
};

/* key: "CHROM,POS,REF,ALT" or "CHROM,BEG,END" as names or numbers, NULL guesses; index NULL: read from end to
 * end. Fields get their columns and types: Float where the first rows hold numbers only, unless asked for. */
int annotate_dbtext_open(struct grx_ctx *cx, const struct annotate_dbspec *sp, const char *key,
	const struct grx_tabdb *index, struct annotate_dbtext *t) GRX_MUST;
void annotate_dbtext_clear(struct annotate_dbtext *t);
/* Cut one line; *data false for a comment or the header. Memory of mem. no 0: unknown. */
int annotate_dbtext_row(struct grx_ctx *cx, const struct annotate_dbtext *t, char *line, int64_t no,
	struct grx_arena *mem, struct annotate_dbrow *row, bool *data) GRX_MUST;

struct annotate_dbsrc {
	struct annotate_dbspec sp;
	int kind;
	bool intervals; /* no alleles: any overlap */
	struct grx_vardb *vcf;
	const char **keys; /* INFO keys to decode, NULL-ended */
	struct grx_tabdb *tab;
	struct annotate_dbtext text;
	struct annotate_gxd *gxd;
	const struct grx_contigs *contigs; /* borrowed */
	char version[192];
};
/* By index, for a join. The fields get their types. Keys: the list of --db-key. */
int annotate_dbsrc_open(
	struct grx_ctx *cx, const char *spec, const struct grx_strs *keys, struct annotate_dbsrc *s) GRX_MUST;
void annotate_dbsrc_clear(struct annotate_dbsrc *s);
/* Rows that overlap [beg, end), in file order. mem is scratch. */
struct annotate_dbquery {
	const char *contig;
	int64_t beg, end;
	struct grx_arena *mem;
	/* of a VCF: is the record needed? Without `from` */
	int (*site)(void *arg, struct grx_ctx *cx, const struct annotate_dbrow *row, bool *need);
	annotate_dbrow_fn row;
	void *arg;
};
int annotate_dbsrc_fetch(
	struct grx_ctx *cx, const struct annotate_dbsrc *s, const struct annotate_dbquery *q) GRX_MUST;
/* What the row says of ALT number alt (0-based; of an interval 0) in field j; texts in mem, fit for INFO. */
int annotate_dbrow_value(struct grx_ctx *cx, const struct annotate_dbsrc *s, const struct annotate_dbrow *row,
	int alt, int j, struct grx_arena *mem, struct annotate_dbval *v) GRX_MUST;
/* A text as INFO can hold it: no ';', '=', ',' or blank. Lists by '&', blanks as '_', '=' as %3D.
 * GRX_E_NOMEM. */
int annotate_dbtext_put(struct grx_arena *mem, const char *s, struct annotate_dbval *out) GRX_MUST;
/* The same pieces, by kind. */
int annotate_dbvcf_value(const struct annotate_dbfield *f, const struct grx_var *v, int alt,
	struct grx_arena *mem, struct annotate_dbval *out) GRX_MUST;
int annotate_dbcell_value(struct grx_ctx *cx, const struct annotate_dbtext *t,
	const struct annotate_dbfield *f, const struct annotate_dbrow *row, struct grx_arena *mem,
	struct annotate_dbval *out) GRX_MUST;
/* Types and numbers of the fields from a VCF's header. */
int annotate_dbvcf_field(struct grx_ctx *cx, const struct annotate_dbspec *sp, struct annotate_dbfield *f,
	bool known, const char *number, uint8_t type) GRX_MUST;

#endif
