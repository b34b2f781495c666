/* SPDX-License-Identifier: GPL-3.0-or-later
 * genorx.h -- everything public. */
#ifndef GENORX_H
#define GENORX_H

#define GENORX_VERSION "0.1.0"

#include "genorx/ctx.h"
#include "genorx/err.h"
#include "genorx/facts.h"
#include "genorx/opt.h"
#include "genorx/reads.h"
#include "genorx/stage.h"
#include "genorx/vars.h"

#endif
