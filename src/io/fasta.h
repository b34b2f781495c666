/* SPDX-License-Identifier: GPL-3.0-or-later
 * fasta.h -- indexed reference sequence (plain or bgzip). Thread safe: an internal lock guards the file. */
#ifndef GRX_IO_FASTA_H
#define GRX_IO_FASTA_H

#include "base/mem.h"
#include "bio/contig.h"
#include "genorx/ctx.h"

struct grx_fasta;
/* Needs .fai (and .gzi for bgzip): missing is GRX_E_NOINPUT saying `samtools faidx`; a .fai that does not fit
 * the file (size, line layout) is GRX_E_MISMATCH. */
int grx_fasta_open(struct grx_ctx *cx, const char *path, struct grx_fasta **out) GRX_MUST;
void grx_fasta_close(struct grx_fasta *f);
/* As given to grx_fasta_open(). Borrowed. */
const char *grx_fasta_path(const struct grx_fasta *f);
/* Contigs of the index, in file order. Borrowed. */
const struct grx_contigs *grx_fasta_contigs(const struct grx_fasta *f);
/* Upper-case bases of [beg, end) clamped to the contig, arena memory, NUL-terminated; *n bases. The name is
 * looked up exactly. Unknown contig: GRX_E_MISMATCH. */
int grx_fasta_fetch(struct grx_ctx *cx, struct grx_fasta *f, const char *name, int64_t beg, int64_t end,
	struct grx_arena *mem, char **seq, int64_t *n) GRX_MUST;
/* Compare with the dictionary of reads or variants: every contig of d that is in the FASTA must have its
 * length (and M5 where check_m5 and both known); contigs absent from the FASTA are listed. `chr1` against `1`
 * is named as such. GRX_E_MISMATCH unless all agree; contigs absent from the FASTA fail only when need_all.
 */
int grx_fasta_check(struct grx_ctx *cx, struct grx_fasta *f, const struct grx_contigs *d, const char *what,
	bool need_all, bool check_m5) GRX_MUST;

#endif
