/* SPDX-License-Identifier: GPL-3.0-or-later
 * record.h -- one record: its alleles, and what each does on the transcripts around it. */
#ifndef GRX_STAGE_ANNOTATE_RECORD_H
#define GRX_STAGE_ANNOTATE_RECORD_H

#include "stage/annotate/annotate_int.h"

/* Judge v; what r points to lives in w->mem. Alleles that are not judged are counted in w->part. */
int annotate_record_make(struct annotate_work *w, struct grx_var *v, struct annotate_record *r) GRX_MUST;

#endif
