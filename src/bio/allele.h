/* SPDX-License-Identifier: GPL-3.0-or-later
 * allele.h -- pure functions on alleles: checks, complement, trimming, left alignment. */
#ifndef GRX_BIO_ALLELE_H
#define GRX_BIO_ALLELE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* [ACGT]+ (upper case) */
bool grx_allele_is_acgt(const char *a);
/* [ACGTN]+ in either case is fine for REF; symbolic, '*', breakend and '.' are not sequences. */
bool grx_allele_is_seq(const char *a);
void grx_revcomp(const char *s, size_t n, char *out); /* out n + 1 bytes; IUPAC kept */
char grx_complement(char base);
/* A/T or C/G single base pair */
bool grx_is_palindromic(const char *a, const char *b);
/* Transition between single bases? */
bool grx_is_transition(char a, char b);
/* Does base satisfy an IUPAC class letter? */
bool grx_iupac_has(char iupac, char base);

/* A biallelic change; ref/alt are views of (ptr, len), pos 0-based. */
struct grx_change {
	int64_t pos;
	const char *ref, *alt;
	int ref_len, alt_len;
};
/* Trim the common suffix, then the common prefix, to the minimal form (lengths may reach 0). */
void grx_change_trim(struct grx_change *c);
/* Left-align a trimmed pure insertion or deletion against ref[0..] which covers [ref_beg, ref_end).
 * Shifts pos; rotates the allele in buf (>= max(ref_len, alt_len) bytes) and points c at it. Complex changes
 * stay. */
void grx_change_left_align(
	struct grx_change *c, const char *ref, int64_t ref_beg, int64_t ref_end, char *buf);
/* As far right as possible (the HGVS 3' rule on the forward strand). */
void grx_change_right_align(
	struct grx_change *c, const char *ref, int64_t ref_beg, int64_t ref_end, char *buf);

enum grx_class {
	GRX_CLASS_SNV,
	GRX_CLASS_MNV,
	GRX_CLASS_INS,
	GRX_CLASS_DEL,
	GRX_CLASS_COMPLEX,
	GRX_CLASS_SYMBOLIC
};
enum grx_class grx_allele_class(const char *ref, const char *alt);

#endif
