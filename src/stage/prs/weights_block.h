/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_block.h -- bytes of a row in the compiled file; written by weights_disk.c, read by weights_block.c.
 */
#ifndef GRX_PRS_WEIGHTS_BLOCK_H
#define GRX_PRS_WEIGHTS_BLOCK_H

#include "stage/prs/weights_int.h"

/* Flags; the low two bits are the type. */
enum {
	PRS_F_AF = 4,
	PRS_F_ID = 8,
	PRS_F_NOTE = 16,
	PRS_F_LOCUS = 32,
	PRS_F_SPARSE = 64, /* a bit for each weight, then those that are not +0 */
	PRS_F_CODE = 128   /* a byte with the code follows; else PRS_NO_LOCUS */
};
/* Alleles: 0..3 = A, C, G, T. */
enum { PRS_A_TEXT = 4, PRS_A_NONE = 5 };

#endif
