/* SPDX-License-Identifier: GPL-3.0-or-later
 * registry.h -- the list of stages, in the order of the chain. */
#ifndef GRX_RUN_REGISTRY_H
#define GRX_RUN_REGISTRY_H

#include "genorx/stage.h"

/* NULL-ended. */
const struct grx_stage *const *grx_stages(void);
const struct grx_stage *grx_stage_find(const char *name); /* NULL when absent */

#endif
