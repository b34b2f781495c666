/* SPDX-License-Identifier: GPL-3.0-or-later
 * leg_int.h -- state of a leg in flight, shared by leg.c and leg_io.c. */
#ifndef GRX_RUN_LEG_INT_H
#define GRX_RUN_LEG_INT_H

#include "bio/bed.h"
#include "io/fasta.h"
#include "io/genosrc.h"
#include "io/readsrc.h"
#include "io/varpass.h"
#include "io/varsrc.h"
#include "run/leg.h"

/* Own reads of a shard, or of all, that stages did not see as they are. */
struct leg_unseen {
	int64_t refused[GRX_REFUSALS];
	int64_t no_qual;  /* reads without base qualities; stages see them */
	int32_t deep_tid; /* place of the first one over the depth limit, if there is one */
	int64_t deep_pos;
};

/* What one shard in flight owns. */
struct grx_slot {
	struct leg_unseen unseen;
	struct grx_shard sh;
	struct grx_arena *mem;
	struct grx_reads no_reads; /* what merge() sees */
	void *part[GRX_LEG_STAGES];
};

struct leg_run {
	struct grx_leg *leg;
	struct grx_readsrc *reads;
	struct grx_varsrc *vars;
	struct grx_varpass *pass; /* reads from vars and writes to sink in place of them; NULL */
	const char **cols;        /* keys of the columns that stages look at, both lists */
	struct grx_genosrc *geno; /* instead of vars, for a stage that reads in bulk */
	struct grx_fasta *fasta;
	struct grx_hdr *hdr; /* of a reads leg: ours; of a variants leg: the source's */
	struct grx_sites *sites;
	struct grx_facts *prescan; /* facts known before plus the sex prescan */
	struct grx_bed *regions, *shards;
	struct grx_varsink *sink;
	struct grx_slot *slot;
	struct grx_arena **scratch; /* one a thread */
	bool indexed;
	size_t block; /* records a shard of a variants leg */
	int64_t n_vars;
	struct leg_unseen unseen;
	double last_log_s;
};

/* Open input and reference, fill the child context, cut the shards. */
int leg_source_open(struct leg_run *r, struct grx_ctx *cx) GRX_MUST;
/* REF of sites that were named without one; needs the reference. */
int leg_sites_resolve(struct leg_run *r, struct grx_ctx *cx) GRX_MUST;
/* Of indexed variants, read only what the stages look at. */
int leg_vars_narrow(struct leg_run *r, struct grx_ctx *cx) GRX_MUST;
int leg_sinks_open(struct leg_run *r, struct grx_ctx *cx) GRX_MUST;
/* leg_cols.c: after the stages and the sinks are open. Tell the source of variants what stages look at and
 * which records belong together; pass records as bytes where every stage and both files allow it. */
int leg_cols_set(struct leg_run *r, struct grx_ctx *cx) GRX_MUST;
/* What the source did not keep together: into the summary as "input". */
int leg_cols_summary(struct leg_run *r, struct grx_ctx *cx) GRX_MUST;
/* leg.c: the shard of one interval, read if the source is a stream; then its reads and its reference. */
int leg_window(
	struct leg_run *r, struct grx_ctx *cx, const struct grx_interval *v, struct grx_shard *sh) GRX_MUST;
int leg_load_reads(struct leg_run *r, struct grx_ctx *cx, struct grx_shard *sh, int thread) GRX_MUST;
int leg_load_ref(struct grx_ctx *cx, struct grx_shard *sh) GRX_MUST;
/* learn.c: show the stages the first shards. */
int leg_learn(struct leg_run *r, struct grx_ctx *cx) GRX_MUST;
/* leg_count.c: hand on only the reads that are not over the depth limit. */
int leg_thin_view(struct grx_ctx *cx, struct grx_shard *sh) GRX_MUST;
void leg_unseen_count(const struct grx_shard *sh, struct leg_unseen *u);
/* Shards come in genome order. */
void leg_unseen_add(struct leg_unseen *sum, const struct leg_unseen *u);
/* What the source left out: into the summary as "input", and as warnings. */
int leg_reads_summary(struct leg_run *r, struct grx_ctx *cx) GRX_MUST;
/* Safe on a half-open run. */
void leg_source_close(struct leg_run *r, struct grx_ctx *cx);

#endif
