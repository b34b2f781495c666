/* SPDX-License-Identifier: GPL-3.0-or-later
 * contig.h -- the contig dictionary of a run: names, lengths, MD5 where known. Constant once shards fly. */
#ifndef GRX_BIO_CONTIG_H
#define GRX_BIO_CONTIG_H

#include <stdbool.h>
#include <stdint.h>

#include "genorx/ctx.h"

struct grx_contig {
	char *name;
	int64_t len; /* 0 = unknown (VCF header without length) */
	char m5[33]; /* "" = unknown */
};

struct grx_contigs {
	int32_t n;
	struct grx_contig *c;
	struct grx_map *by_name; /* value: index + 1 */
	int32_t cap;
};

struct grx_contigs *grx_contigs_new(void);
void grx_contigs_free(struct grx_contigs *d);
/* Duplicate names are GRX_E_DATA. */
int grx_contigs_add(
	struct grx_ctx *cx, struct grx_contigs *d, const char *name, int64_t len, const char *m5) GRX_MUST;
/* Exact name; -1 when absent. */
int32_t grx_contigs_find(const struct grx_contigs *d, const char *name);
/* Also by alias: chr1 = 1, chrM = M = MT. For tables of ours and for gene models; never silently for user
 * regions. */
int32_t grx_contigs_find_alias(const struct grx_contigs *d, const char *name);
const char *grx_contig_name(const struct grx_contigs *d, int32_t tid);
/* Canonical short name: "chr20" -> "20", "chrM" -> "MT"; returns a pointer into name or a static string. */
const char *grx_contig_canonical(const char *name);

enum grx_build { GRX_BUILD_UNKNOWN, GRX_BUILD_37, GRX_BUILD_38 };
/* From the lengths of the primary contigs (any one is enough); UNKNOWN if none is known or they disagree. */
enum grx_build grx_contigs_build(const struct grx_contigs *d);
/* Length of a primary contig by its canonical name; 0 for others. */
int64_t grx_build_contig_len(enum grx_build b, const char *canonical);
const char *grx_build_name(enum grx_build b); /* "GRCh37", "GRCh38", "unknown" */

enum grx_sex { GRX_SEX_UNKNOWN, GRX_SEX_FEMALE, GRX_SEX_MALE };
/* Expected ploidy at a position: autosomes 2; X 2 (F) / 1 outside PAR (M); Y 0 (F) / 1 outside PAR (M); MT 1;
 * UNKNOWN sex: 2 except MT 1. PAR by build. */
int grx_ploidy_at(const struct grx_contigs *d, enum grx_build b, enum grx_sex sex, int32_t tid, int64_t pos);

#endif
