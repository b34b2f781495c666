/* SPDX-License-Identifier: GPL-3.0-or-later
 * prs_case.h -- score files, frequency files and chain files made at random for fuzz_prs: mostly right, with
 * odd values in places. */
#ifndef GRX_FUZZ_PRS_CASE_H
#define GRX_FUZZ_PRS_CASE_H

#include "base/str.h"

/* Needs seed_set(). Each appends a whole file. */
void prs_case_catalogue(struct grx_str *s);
void prs_case_matrix(struct grx_str *s);
void prs_case_freq(struct grx_str *s);
void prs_case_chain(struct grx_str *s);

#endif
