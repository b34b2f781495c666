/* SPDX-License-Identifier: GPL-3.0-or-later
 * varpass_text.h -- is a line of VCF text the one that htslib would write? Internal to io. */
#ifndef GRX_IO_VARPASS_TEXT_H
#define GRX_IO_VARPASS_TEXT_H

#include "io/varpass_int.h"

struct varpass_line {
	char *s; /* NUL behind it */
	size_t n;
	char *col[9]; /* NULL: absent */
	size_t n_info;
};

/* The line has passed the checks of varval.c. Finds its columns. False also for a line with columns that are
 * to be decoded, or whose length htslib works out (END, symbolic alleles). b keeps the keys it met. */
bool varpass_line_plain(const struct grx_varpass *p, struct grx_varblock *b, struct varpass_line *l);
/* Would the decimal of n bytes be written as it stands, once read as a 32-bit float? */
bool varpass_float_plain(const char *s, size_t n);

#endif
