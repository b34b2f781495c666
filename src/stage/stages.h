/* SPDX-License-Identifier: GPL-3.0-or-later
 * stages.h -- every stage, for the floors above. Stages never include each other. */
#ifndef GRX_STAGE_STAGES_H
#define GRX_STAGE_STAGES_H

#include "genorx/stage.h"

extern const struct grx_stage grx_stage_qc;
extern const struct grx_stage grx_stage_call;
extern const struct grx_stage grx_stage_compare;
extern const struct grx_stage grx_stage_annotate;
extern const struct grx_stage grx_stage_pgx;
extern const struct grx_stage grx_stage_prs;
extern const struct grx_stage grx_stage_predict;
extern const struct grx_stage grx_stage_recommend;
extern const struct grx_stage grx_stage_report;
extern const struct grx_stage grx_stage_simulate;

#endif
