/* SPDX-License-Identifier: GPL-3.0-or-later
 * db_block.h -- blocks of a built database and the file around them (docs/FORMATS.md). */
#ifndef GRX_STAGE_ANNOTATE_DB_BLOCK_H
#define GRX_STAGE_ANNOTATE_DB_BLOCK_H

#include "stage/annotate/db_int.h"

enum {
	DB_BLOCK_ROWS = 4096,
	DB_BLOCK_MAX_ROWS = 65000, /* codes of two bytes stay enough */
	DB_MAX_FIELDS = 1000,
	DB_SEG_MAX = 1 << 28,
	DB_VALUE_MAX = 1 << 20
};
#define DB_MAGIC "GXD\1\r\n\x1a\n"

/* --- writing --- */

struct annotate_dbrows {
	size_t n;
	int n_field;
	const uint8_t *type; /* per field: GRX_T_INT, _FLOAT or _STR */
	struct annotate_dbkey *key;
	struct annotate_dbval *val; /* [n][n_field] */
};
/* Rows, sorted by key without duplicates, as the bytes of a block; *dir_crc of its directory. */
int annotate_dbblock_pack(struct grx_ctx *cx, const struct annotate_dbrows *r, struct grx_arena *mem,
	struct grx_str *out, uint32_t *dir_crc) GRX_MUST;

/* --- reading: everything that comes from the file is checked before it is used --- */

struct annotate_dbentry { /* as in the file */
	int32_t tid;
	uint32_t n_row;
	int64_t first, last; /* of the keys' positions */
	uint64_t off;
	uint32_t len, dir_crc;
};

struct annotate_dbblock {
	const char *path;
	const uint8_t *p;
	const struct annotate_dbentry *e;
	uint32_t n_seg;
	struct grx_arena *mem; /* of all that is unpacked */
};

struct annotate_dbkeys {
	uint32_t n;
	int64_t *pos;
	uint64_t *code;
	uint32_t *text; /* place of the text of a long key in raw */
	const uint8_t *raw;
	size_t n_raw;
};

struct annotate_dbcol {
	uint8_t type, enc, width;
	uint32_t n, n_dict;
	int32_t base;
	const uint8_t *codes, *dict;
	const char *heap; /* texts of the dictionary, or letters */
	uint32_t n_letter;
	const uint32_t *off;
};

/* Errors of all: GRX_E_DATA naming the file and the block. */
int annotate_dbblock_open(struct grx_ctx *cx, struct annotate_dbblock *b) GRX_MUST;
int annotate_dbblock_keys(
	struct grx_ctx *cx, const struct annotate_dbblock *b, struct annotate_dbkeys *k) GRX_MUST;
/* Texts of long key i. */
void annotate_dbkeys_text(const struct annotate_dbkeys *k, uint32_t i, struct annotate_dbkey *out);
int annotate_dbblock_col(struct grx_ctx *cx, const struct annotate_dbblock *b, int field, uint8_t type,
	struct annotate_dbcol *c) GRX_MUST;
/* Value of a row; a code beyond the dictionary is GRX_E_DATA. */
int annotate_dbcol_get(struct grx_ctx *cx, const struct annotate_dbblock *b, const struct annotate_dbcol *c,
	uint32_t row, struct annotate_dbval *v) GRX_MUST;

/* --- the file --- */

struct annotate_gxd_field {
	const char *name, *key, *desc;
	uint8_t type;
};
struct annotate_gxd {
	char *path;
	const uint8_t *map;
	size_t size;
	struct json_t *meta;
	struct grx_contigs *contigs;
	int n_field;
	struct annotate_gxd_field *field; /* texts of meta */
	size_t n_block;
	struct annotate_dbentry *block;
	int64_t n_row;
};
int annotate_gxd_sniff(struct grx_ctx *cx, const char *path, bool *yes) GRX_MUST;
int annotate_gxd_open(struct grx_ctx *cx, const char *path, struct annotate_gxd **out) GRX_MUST;
void annotate_gxd_close(struct annotate_gxd *g);
/* First block of contig tid that ends at or after pos; n_block when there is none (of later contigs may be).
 */
size_t annotate_gxd_find(const struct annotate_gxd *g, int32_t tid, int64_t pos);

/* As the file ends. */
struct annotate_dbtail {
	char magic[8];
	uint64_t size, index_off, n_block, meta_off, meta_len, n_row;
	uint32_t order, version, index_crc, meta_crc, spare, crc;
};

#endif
