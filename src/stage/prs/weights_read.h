/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_read.h -- the reader of one scoring file, shared by its parts: header, columns, rows, plink rows.
 */
#ifndef GRX_PRS_WEIGHTS_READ_H
#define GRX_PRS_WEIGHTS_READ_H

#include "io/text.h"
#include "stage/prs/weights_int.h"

enum prs_form { PRS_FORM_NONE, PRS_FORM_PGS, PRS_FORM_PLINK };

/* Columns with a meaning of their own; weights are apart. */
enum prs_known {
	K_RSID,
	K_CHR,
	K_POS,
	K_EA,
	K_OA,
	K_W,
	K_D0,
	K_D1,
	K_D2,
	K_HAPLO,
	K_DIPLO,
	K_INTER,
	K_DOM,
	K_REC,
	K_AF,
	K_VTYPE,
	K_NOTE,
	K_LOCUS,
	K_HM_CHR,
	K_HM_POS,
	K_HM_OA,
	K_HM_RSID,
	K_N
};

/* A column of weights. */
struct prs_wcol {
	int field;
	uint8_t role;   /* enum prs_role */
	int of;         /* SE, DRAW: index among these */
	const char *id; /* NULL: the file's */
};

struct prs_rd {
	struct prs_wb *b;
	struct grx_ctx *cx;
	struct grx_text *text;
	struct grx_arena *mem; /* of a row */
	const char *path;
	int32_t slot;
	bool strict;       /* no row may be bad */
	struct prs_file f; /* becomes one of the set */
	enum prs_form form;
	/* header */
	const char *pgs_id, *other_id, *pgs_name, *weight_columns;
	const char *plink_head; /* "#ID A1 ..." before the first row */
	bool hg19_mt;           /* "hg19" may mean a mitochondrion that is not the rCRS */
	/* columns */
	int n_field;
	char **field;
	size_t cap_field;
	const char **name; /* of the columns; NULL: none */
	int col[K_N];
	struct prs_wcol *wcol;
	size_t n_wcol, cap_wcol;
	bool has_pos, lift;
	/* row at hand */
	double *w; /* n_wcol, at least 3 */
	struct prs_wrow row;
	bool by_id;
	enum prs_code bad; /* what a refused row becomes; PRS_N_CODE: the file is refused */
	char last_chr[32];
	int32_t last_chrom;
	int64_t len37, len38; /* of last_chrom; INT64_MAX unknown */
	/* of all rows */
	int64_t n_pos, n_lifted;
	int64_t beyond37, beyond38; /* first line with a position that the build has not; 0 none */
};

/* A refusal: file:line:column. field 0-based, -1 = the line. Always GRX_E_DATA; rd->bad = code. */
int prs_rd_bad(
	struct prs_rd *rd, enum prs_code code, int field, const char *found, const char *want) GRX_MUST;
/* Text of a known column, "" when absent. */
static inline const char *prs_rd_get(const struct prs_rd *rd, enum prs_known k)
{
	return rd->col[k] < 0 ? "" : rd->field[rd->col[k]];
}
char *prs_trim(char *s);
/* Cut at tabs; n_field. -1: too many or no memory (error set). */
int prs_rd_split(struct prs_rd *rd, char *line);
/* Cut at runs of blanks and tabs. */
int prs_rd_split_blank(struct prs_rd *rd, char *line);

/* weights_head.c */
int prs_head_line(struct prs_rd *rd, char *line) GRX_MUST;
/* Id of the file's own score. */
int prs_head_id(struct prs_rd *rd, const char **id) GRX_MUST;
/* Letters, digits and ._-+ stay, others become '_'. NULL on exhausted memory. */
const char *prs_clean_id(struct grx_arena *mem, const char *s);
bool prs_is_missing(const char *s); /* "", "NR", "NA", "." */

/* weights_cols.c: the first line that is no header; *row = it is a row. */
int prs_cols_line(struct prs_rd *rd, char *line, bool *row) GRX_MUST;

/* weights_row.c, weights_plink.c: fill rd->row from the line. */
int prs_row_pgs(struct prs_rd *rd, char *line) GRX_MUST;
int prs_row_plink(struct prs_rd *rd, char *line) GRX_MUST;
/* Chromosome, 0-based position: build, lift; the row's code when it has no place. */
int prs_row_place(struct prs_rd *rd, const char *chr, int64_t pos, int field) GRX_MUST;
/* "chr:pos", "chr:pos:a:b", with ':' or '_'. Alleles into mem; NULL when there are none. */
bool prs_id_place(
	struct grx_arena *mem, const char *id, const char **chr, int64_t *pos, const char *allele[2]);
/* Upper case; one of four shared strings for a base. */
const char *prs_allele(struct grx_arena *mem, const char *s);

#endif
