/* SPDX-License-Identifier: GPL-3.0-or-later
 * rescore.h -- the re-scoring model: features of a called record -> probability that the call is wrong.
 *
 * One sum of boosted regression trees for single-base records and one for all others, each followed by a
 * logistic calibration. The file (refdata/call/rescore.tsv) is plain text; docs/methods/call_rescore.md says
 * what the rows mean. A model never makes a call better, it only demotes. Immutable after loading. */
#ifndef GRX_STAGE_CALL_RESCORE_H
#define GRX_STAGE_CALL_RESCORE_H

#include "genorx/err.h"

struct grx_ctx;
struct call_rescore;

enum call_rescore_type { CALL_RS_SNV, CALL_RS_INDEL, CALL_RS_N };

/* Read a model. Features that are not, name by name and in order, those of this program, trees with loops
 * or gaps and missing rows are GRX_E_DATA with file and line. Given to the caller: call_rescore_free(). */
int call_rescore_load(struct grx_ctx *cx, const char *path, struct call_rescore **out) GRX_MUST;
void call_rescore_free(struct call_rescore *m);

/* Phred-scaled calibrated probability that a record with features x (CALL_N_FEAT) is wrong, 0 to the cap of
 * the model: no more than the number of training records can support. About 1.5 us for 120 trees. */
double call_rescore_rs(const struct call_rescore *m, enum call_rescore_type type, const float *x);
/* Records below it are to be filtered; negative: the model must not filter. */
double call_rescore_threshold(const struct call_rescore *m, enum call_rescore_type type);
/* The two features that speak most for an error, best first, -1 when fewer do: along each tree's path, the
 * change of the node value is put down to the feature of the split (Saabas 2014). */
void call_rescore_why(const struct call_rescore *m, enum call_rescore_type type, const float *x, int why[2]);

#endif
