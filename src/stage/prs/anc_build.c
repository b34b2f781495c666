/* SPDX-License-Identifier: GPL-3.0-or-later
 * anc_build.c -- makes a reference bundle. The folder is written under another name beside its own and
 * renamed when every part is complete, so that a bundle is either whole or not there. */
#include "stage/prs/anc_build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/out.h"
#include "base/par.h"
#include "stage/prs/anc_files.h"

char *anc_path(const struct anc_build *b, const char *name)
{
	return grx_arena_printf(b->mem, "%s/%s", b->dir, name);
}

static int check_filters(struct grx_ctx *cx, const struct prs_ref_opt *o)
{
	const struct {
		const char *name;
		double value, most;
	} limit[] = {{"maf", o->maf, 0.5}, {"geno", o->geno, 1}, {"mind", o->mind, 1}, {"hwe", o->hwe_p, 1},
		{"prune-r2", o->r2, 1}};
	for (size_t k = 0; k < sizeof(limit) / sizeof(limit[0]); k++)
		if (!(limit[k].value >= 0 && limit[k].value <= limit[k].most))
			return grx_fail(cx, GRX_E_USAGE, "%s is %g: expected 0 to %g", limit[k].name,
				limit[k].value, limit[k].most);
	if (o->window_variants < 1 || o->window_variants > 1000000 || o->step_variants < 1 ||
		o->step_variants > o->window_variants)
		return grx_fail(cx, GRX_E_USAGE,
			"pruning window %lld, step %lld: expected 1 <= step <= window <= 1000000",
			(long long)o->window_variants, (long long)o->step_variants);
	return GRX_OK;
}

static int check_options(struct grx_ctx *cx, const struct prs_ref_opt *o)
{
	struct stat st;
	if (!o->panel || !o->out || !*o->out)
		return grx_fail(
			cx, GRX_E_USAGE, "a reference is built from one panel into one folder: name both");
	if (strcmp(o->panel, "-") == 0)
		return grx_fail(cx, GRX_E_USAGE, "a panel cannot be read from standard input: name its file");
	if (o->n_pc < 2 || o->n_pc > ANC_MAX_PC)
		return grx_fail(
			cx, GRX_E_USAGE, "%lld components: expected 2 to %d", (long long)o->n_pc, ANC_MAX_PC);
	if (lstat(o->out, &st) == 0)
		return grx_fail(cx, GRX_E_USAGE, "%s: is there already: name a folder that is not", o->out);
	return check_filters(cx, o);
}

/* "out" or "out/" -> "out.XXXXXX", made 0700. */
static int make_dir(struct grx_ctx *cx, struct anc_build *b)
{
	size_t n = strlen(b->o->out);
	while (n > 1 && b->o->out[n - 1] == '/')
		n--;
	char *dir = grx_arena_printf(b->mem, "%.*s.XXXXXX", (int)n, b->o->out);
	if (!dir)
		return grx_fail_nomem(cx, "a path");
	if (!mkdtemp(dir))
		return grx_fail(
			cx, GRX_E_IO, "%s: the output folder cannot be made: %s", b->o->out, strerror(errno));
	b->dir = dir;
	return GRX_OK;
}

static void remove_dir(const struct anc_build *b)
{
	for (int k = 0; k <= ANC_N_PART; k++) {
		char *path = anc_path(b, k < ANC_N_PART ? anc_part[k] : ANC_BUNDLE);
		if (path)
			unlink(path);
	}
	rmdir(b->dir);
}

static int components(struct grx_ctx *cx, struct anc_build *b)
{
	int rc = anc_pca_run(cx, &b->m, b->o, (int)(4 * b->o->n_pc), &b->pca);
	if (rc != GRX_OK)
		return rc;
	if (b->pca.n < 2)
		return grx_fail(cx, GRX_E_DATA,
			"%s: its people differ along %d component: at least 2 are needed", b->o->panel,
			b->pca.n);
	if (!b->pca.converged)
		grx_warn(cx,
			"components have not settled after %lld passes (residual %g): the last ones are "
			"approximate",
			(long long)b->pca.n_pass, b->pca.worst);
	if (b->m.n_locus < 1000)
		grx_warn(cx, "%lld loci are few for components: several thousands are usual",
			(long long)b->m.n_locus);
	return GRX_OK;
}

static void report(struct grx_ctx *cx, const struct anc_build *b)
{
	grx_info(cx,
		"reference: %lld records, %lld biallelic loci, %lld of them for components; %lld of %lld "
		"people train",
		(long long)b->n_record, (long long)b->n_panel, (long long)b->m.n_locus,
		(long long)b->people.train, (long long)b->people.n);
	for (int k = ANC_USED + 1; k < ANC_N_DROP; k++)
		if (b->drop[k])
			grx_info(cx, "reference: %lld dropped: %s", (long long)b->drop[k],
				anc_drop_name((enum anc_drop)k));
	if (b->people.train < ANC_MIN_TRAIN)
		grx_warn(cx,
			"%lld people train: scores cannot be adjusted along components with fewer than %d",
			(long long)b->people.train, ANC_MIN_TRAIN);
}

static int build_parts(struct grx_ctx *cx, struct anc_build *b)
{
	int rc = GRX_E_BUG;
	GRX_TRY(anc_panel_copy(cx, b));
	GRX_TRY(grx_outs_commit(cx));
	GRX_TRY(anc_people_train(cx, b));
	GRX_TRY(anc_pick_loci(cx, b));
	GRX_TRY(components(cx, b));
	GRX_TRY(anc_write_all(cx, b));
	report(cx, b);
	GRX_TRY(grx_par_signal_check(cx));
	if (rename(b->dir, b->o->out) != 0)
		rc = grx_fail(
			cx, GRX_E_IO, "%s: cannot be renamed into place: %s", b->o->out, strerror(errno));
out:
	return rc;
}

int prs_ref_build(struct grx_ctx *cx, const struct prs_ref_opt *o)
{
	int rc = GRX_E_BUG;
	struct grx_outs *was = cx->outs; /* the parts are committed here, not at the end of the run */
	struct anc_build b = {.o = o, .mem = grx_arena_new()};
	cx->outs = grx_outs_new();
	if (!cx->outs || !b.mem) {
		rc = grx_fail_nomem(cx, "reference bundle");
		goto out;
	}
	GRX_TRY(check_options(cx, o));
	GRX_TRY(make_dir(cx, &b));
	GRX_TRY(build_parts(cx, &b));
	rc = GRX_OK;
out:
	grx_outs_free(cx->outs);
	cx->outs = was;
	if (rc != GRX_OK && b.dir)
		remove_dir(&b);
	anc_matrix_clear(&b.m);
	anc_pca_clear(&b.pca);
	grx_free(b.candidate);
	grx_arena_free(b.mem);
	return rc;
}
