/* SPDX-License-Identifier: GPL-3.0-or-later
 * why.h -- parts of `genorx why`. */
#ifndef GRX_CLI_WHY_H
#define GRX_CLI_WHY_H

#include "cli/cli.h"

struct why_opt {
	const char *refdata; /* first: struct cli_text */
	const char *rules;
	bool json, all_loci;
};

#endif
