/* SPDX-License-Identifier: GPL-3.0-or-later
 * db_join.h -- the alleles of a shard and what one database says of them. */
#ifndef GRX_STAGE_ANNOTATE_DB_JOIN_H
#define GRX_STAGE_ANNOTATE_DB_JOIN_H

#include "stage/annotate/db_int.h"

struct annotate_db {
	struct annotate_dbsrc src;
	int32_t *tid; /* of the database, by the run's; -1 */
	char source[256];
};

/* An allele of the shard. */
struct annotate_want {
	size_t rec;
	int32_t tid, alt; /* alt 0-based */
	int64_t beg, end; /* bases it changes, before left alignment; both neighbours of an insertion */
	struct annotate_dbkey k;
};

/* The same in the order of a search: pos is k.pos and code k.code, or beg and 0 for intervals. */
struct annotate_order {
	int32_t tid;
	uint32_t i;
	int64_t pos;
	uint64_t code;
};

struct annotate_wants {
	size_t n;
	struct annotate_want *v; /* by record */
	struct annotate_order *by_key, *by_beg;
	int64_t longest; /* end - beg */
};

struct annotate_joining {
	struct annotate_work *w;
	const struct annotate_db *db;
	const struct annotate_wants *ws;
	const struct annotate_order *s;
	size_t a, b, at;             /* of s: the stretch in work, and where the last search ended */
	struct annotate_dbval *cell; /* [n][n_field] */
	uint8_t *matched;            /* [n] */
	struct annotate_db_count *count;
};

/* First of s in [a, b) at or after pos, near j->at. */
size_t annotate_order_find(const struct annotate_joining *j, int64_t pos);
/* Do both begin with the same reference base? Counted, because a database of another build disagrees. */
void annotate_ref_compare(
	struct annotate_db_count *c, const struct annotate_dbkey *a, const struct annotate_dbkey *b);
/* db_probe.c: alleles [a, b) of one contig by records of a VCF or lines of a table. */
int annotate_join_probe(struct annotate_joining *j) GRX_MUST;
/* db_merge.c: the same from a built database. */
int annotate_join_built(struct annotate_joining *j) GRX_MUST;

#endif
