/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_source.c -- where models come from: a compiled file, the cache, or GFF3 and GTF; --build-models.
 * A file in the cache bears the SHA-256 of the model file, also inside: one of other content is made again.
 */
#include "stage/annotate/model_int.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/out.h"
#include "genorx/stage.h"
#include "stage/annotate/annotate_int.h"

static int image_read(struct grx_ctx *cx, const struct annotate_source *s, const char *regulatory,
	struct annotate_image *im)
{
	int rc = GRX_E_BUG;
	struct annotate_gff g = {
		.path = s->path, .regulatory = s->regulatory, .acc = s->acc, .last_seqid_no = -1};
	GRX_TRY(annotate_gff_read(cx, &g));
	if (regulatory) {
		annotate_gff_next(&g, regulatory);
		GRX_TRY(annotate_gff_read(cx, &g));
	}
	rc = annotate_build(cx, &g, im);
	if (rc)
		rc = grx_fail_add(cx, rc, "%s", s->path);
out:
	annotate_gff_clear(&g);
	if (rc)
		annotate_image_clear(im);
	return rc;
}

/* DIR/<sha256>.gxm, regulatory features apart from genes. */
static char *cache_path(const struct annotate_source *s, const char *sha)
{
	struct grx_str p = {0};
	grx_str_addf(&p, "%s/%s%s.gxm", s->cache, sha, s->regulatory ? ".reg" : "");
	if (p.oom)
		grx_str_clear(&p);
	return p.s;
}

/* A cached file that cannot be used is no error: it is made again. */
static bool cache_take(
	struct grx_ctx *cx, const char *path, const char *sha, bool all, struct annotate_image *im)
{
	struct grx_ctx child = *cx;
	memset(&child.err, 0, sizeof child.err);
	if (access(path, R_OK) != 0)
		return false;
	if (annotate_image_open(&child, path, all, im) == GRX_OK) {
		if (strcmp(im->sha, sha) == 0)
			return true;
		annotate_image_clear(im);
	}
	grx_warn(cx, "%s: cannot be used and is made again%s%s", path, child.err.msg[0] ? ": " : "",
		child.err.msg);
	return false;
}

/* A file that changed while it was read must not lend its name to what was read. */
static int unchanged(struct grx_ctx *cx, const char *path, const char *sha)
{
	char now[65];
	int rc = grx_sha_file(cx, path, now);
	if (rc || strcmp(now, sha) == 0)
		return rc;
	return grx_fail(cx, GRX_E_DATA, "%s: changed while it was read: run again", path);
}

static int cached(struct grx_ctx *cx, const struct annotate_source *s, struct annotate_image *im)
{
	int rc = GRX_E_BUG;
	char sha[65], *path = NULL;
	GRX_TRY(grx_sha_file(cx, s->path, sha));
	path = cache_path(s, sha);
	if (!path)
		GRX_TRY(grx_fail_nomem(cx, "path"));
	if (cache_take(cx, path, sha, s->strict, im)) {
		rc = GRX_OK;
		goto out;
	}
	GRX_TRY(image_read(cx, s, NULL, im));
	GRX_TRY(unchanged(cx, s->path, sha));
	memcpy(im->sha, sha, sizeof sha);
	GRX_TRY(grx_mkdir(cx, s->cache));
	GRX_TRY(annotate_image_write(cx, im, path));
	grx_info(cx, "%s: compiled models for the next run", path);
	rc = GRX_OK;
out:
	grx_free(path);
	return rc;
}

int annotate_image_get(struct grx_ctx *cx, const struct annotate_source *s, struct annotate_image *im)
{
	if (annotate_image_is(s->path))
		return annotate_image_open(cx, s->path, s->strict, im);
	if (s->cache && strcmp(s->path, "-") != 0)
		return cached(cx, s, im);
	return image_read(cx, s, NULL, im);
}

static int tool_check(struct grx_ctx *cx, const struct annotate_opt *o, const struct grx_tool_io *io)
{
	if (!o->gff || !io->output || io->n_input)
		return grx_fail(cx, GRX_E_USAGE,
			"--build-models needs -g FILE, and -o FILE.gxm for what it makes; no other input");
	if (annotate_image_is(o->gff))
		return grx_fail(cx, GRX_E_USAGE, "%s: is compiled already: give GFF3 or GTF", o->gff);
	if (o->regulatory && annotate_image_is(o->regulatory))
		return grx_fail(cx, GRX_E_USAGE, "%s: is compiled already: give GFF3 or BED", o->regulatory);
	return grx_same_file_check(cx, o->gff, io->output);
}

int annotate_models_tool(const struct annotate_opt *o, struct grx_ctx *cx, const struct grx_tool_io *io)
{
	int rc = GRX_E_BUG;
	struct annotate_accessions *acc = NULL;
	struct annotate_image im = {0};
	char sha[65] = "";
	GRX_TRY(tool_check(cx, o, io));
	GRX_TRY(annotate_accessions_load(cx, &acc));
	struct annotate_source s = {.path = o->gff, .acc = acc};
	if (strcmp(o->gff, "-") != 0)
		GRX_TRY(grx_sha_file(cx, o->gff, sha));
	GRX_TRY(image_read(cx, &s, o->regulatory, &im));
	GRX_TRY(annotate_image_some(cx, o->gff, &im));
	if (o->strict)
		GRX_TRY(annotate_image_strict(cx, o->gff, &im));
	if (sha[0])
		GRX_TRY(unchanged(cx, o->gff, sha));
	memcpy(im.sha, sha, sizeof sha);
	GRX_TRY(annotate_image_write(cx, &im, io->output));
	rc = annotate_image_summary(&im, io->summary) ? grx_fail_nomem(cx, "summary") : GRX_OK;
out:
	annotate_image_clear(&im);
	annotate_accessions_free(acc);
	return rc;
}
