/* SPDX-License-Identifier: GPL-3.0-or-later
 * common.h -- options that many stages share, as small tables; which of them a stage gets follows from
 * takes/gives. */
#ifndef GRX_RUN_COMMON_H
#define GRX_RUN_COMMON_H

#include <stdbool.h>

#include "base/opt.h"
#include "genorx/stage.h"

struct grx_common {
	const char *fasta;
	struct grx_strs region;
	const char *regions_file;
	const char *output, *output_type;
	const char *sample, *refdata, *summary;
	struct grx_strs facts;
	int64_t threads, shard_size, depth_limit;
	bool allow_missing_eof, allow_unknown_rg, strict_cram, allow_other_reference, allow_network, verbose,
		log_json;
};

enum { GRX_COMMON_SETS = 7 };

/* Fill set[] with the stage's own table first, then the common ones that apply; returns how many. */
int grx_common_sets(const struct grx_stage *st, void *opts, struct grx_common *c, struct grx_opt_set *set);
/* The tables of `genorx run`: its own one, then all common ones but --output-type. */
int grx_common_sets_run(
	const struct grx_opt *opts, void *into, struct grx_common *c, struct grx_opt_set *set);
/* Was -o given, and not left at standard output? */
bool grx_common_output_given(const struct grx_common *c);
/* Reset what does not shape the output: threads, log, names of outputs. */
void grx_common_neutral(struct grx_common *c);
/* Threads: -@, else SLURM_CPUS_PER_TASK, else 1; at most 256. */
int grx_common_threads(const struct grx_common *c);
/* Folder of shipped tables: --refdata, GENORX_REFDATA, beside the executable, PREFIX. given; NULL: no memory.
 */
char *grx_common_refdata(const struct grx_common *c);

#endif
