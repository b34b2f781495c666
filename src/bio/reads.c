/* SPDX-License-Identifier: GPL-3.0-or-later
 * reads.c -- base codes of packed sequence. */
#include "genorx/reads.h"

const char grx_nt16[17] = "=ACMGRSVTWYHKDBN";
const int8_t grx_nt16_to_nt4[16] = {4, 0, 1, 4, 2, 4, 4, 4, 3, 4, 4, 4, 4, 4, 4, 4};
