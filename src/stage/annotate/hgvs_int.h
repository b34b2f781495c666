/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs_int.h -- shared by the files of the HGVS part (hgvs_*.c). */
#ifndef GRX_STAGE_ANNOTATE_HGVS_INT_H
#define GRX_STAGE_ANNOTATE_HGVS_INT_H

#include "stage/annotate/accession.h"
#include "stage/annotate/hgvs.h"

/* Decimal of x at p, at most 20 bytes; behind it. No NUL. */
char *annotate_put_number(char *p, int64_t x);
/* Genomic span that a name gives: of a duplication the bases repeated, of an insertion its two flanks. True
 * for a duplication. */
bool annotate_side_span(const struct annotate_side *s, int strand, bool dup, int64_t *beg, int64_t *end);

#endif
