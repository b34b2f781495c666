/* SPDX-License-Identifier: GPL-3.0-or-later
 * readsrc.c -- one or several BAM or CRAM files as one source of batches.
 * Invariants: worker w uses work[w] alone; handles of a file are a pool, so that open files stay bounded for
 * any number of files and threads. */
#include "io/readsrc.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/str.h"
#include "io/readsrc_int.h"

/* Descriptors for everything else: outputs, reference, indexes while they load. */
enum { OTHER_FILES = 32 };

/* Handles a file may have. */
static int handles_of(struct grx_ctx *cx, int n_file, int workers, int *out)
{
	struct rlimit lim;
	int64_t budget = GRX_READSRC_HANDLES, open_max = INT32_MAX;

	if (getrlimit(RLIMIT_NOFILE, &lim) == 0 && lim.rlim_cur != RLIM_INFINITY)
		open_max = (int64_t)lim.rlim_cur - OTHER_FILES;
	if (n_file > 1 && n_file > open_max)
		return grx_fail(cx, GRX_E_USAGE,
			"%d files of reads, but only %lld files may be open at once: raise the limit with "
			"`ulimit -n %d`, or merge files first",
			n_file, (long long)open_max + OTHER_FILES, n_file + OTHER_FILES);
	if (budget > open_max / 2)
		budget = open_max / 2;
	*out = (int)(budget / n_file);
	if (*out > workers || n_file == 1)
		*out = workers;
	if (*out < 1)
		*out = 1;
	return GRX_OK;
}

static int same_file(struct grx_ctx *cx, const struct grx_readsrc *s, int n)
{
	struct stat a, b;

	for (int i = 0; i < n; i++) {
		bool same = !strcmp(s->file[i].path, s->file[n].path) ||
			    (stat(s->file[i].path, &a) == 0 && stat(s->file[n].path, &b) == 0 &&
				    a.st_dev == b.st_dev && a.st_ino == b.st_ino);

		if (same)
			return grx_fail(cx, GRX_E_USAGE,
				"%s and %s are the same file: its reads would count twice", s->file[i].path,
				s->file[n].path);
	}
	return GRX_OK;
}

static int open_files(struct grx_ctx *cx, struct grx_readsrc *s, const struct grx_readsrc_opt *o)
{
	int n_handle = 1, rc = GRX_E_BUG;

	GRX_TRY(handles_of(cx, s->n_file, s->n_work, &n_handle));
	for (int i = 0; i < s->n_file; i++) {
		struct rs_file *f = &s->file[i];

		f->path = grx_strdup(o->n_path ? o->paths[i] : o->path);
		f->fasta = s->fasta;
		f->allow_missing_eof = o->allow_missing_eof;
		f->allow_unknown_rg = o->allow_unknown_rg;
		f->strict_cram = o->strict_cram;
		if (!f->path) {
			rc = grx_fail_nomem(cx, "reads source");
			goto out;
		}
		if (s->n_file > 1 && !strcmp(f->path, "-")) {
			rc = grx_fail(
				cx, GRX_E_USAGE, "standard input can't be one of several files: give a path");
			goto out;
		}
		GRX_TRY(same_file(cx, s, i));
		GRX_TRY(rs_file_open(cx, f, n_handle));
		f->thin_limit = (size_t)o->depth_limit;
		f->thin_mark = o->depth_mark;
	}
	rc = GRX_OK;
out:
	return rc;
}

static int source_setup(struct grx_ctx *cx, const struct grx_readsrc_opt *o, struct grx_readsrc *s)
{
	s->n_file = o->n_path ? o->n_path : 1;
	s->n_work = o->workers > 0 ? o->workers : 1;
	s->fasta = o->fasta ? grx_strdup(o->fasta) : NULL;
	s->file = grx_calloc((size_t)s->n_file, sizeof(*s->file));
	s->work = grx_calloc((size_t)s->n_work, sizeof(*s->work));
	if (!s->file || !s->work || (o->fasta && !s->fasta))
		return grx_fail_nomem(cx, "reads source");
	for (int i = 0; i < s->n_work; i++)
		if (!(s->work[i].part = grx_calloc((size_t)s->n_file * 2, sizeof(size_t))))
			return grx_fail_nomem(cx, "reads source");
	return GRX_OK;
}

int grx_readsrc_open(struct grx_ctx *cx, const struct grx_readsrc_opt *o, struct grx_readsrc **out)
{
	struct grx_readsrc *s = grx_calloc(1, sizeof(*s));
	int rc = GRX_E_BUG;

	*out = NULL;
	if (!s)
		return grx_fail_nomem(cx, "reads source");
	grx_hts_quiet();
	GRX_TRY(source_setup(cx, o, s));
	GRX_TRY(open_files(cx, s, o));
	GRX_TRY(rs_dicts_agree(cx, s));
	GRX_TRY(rs_samples_choose(cx, s, o));
	GRX_TRY(rs_counts_sum(cx, s));
	s->info.depth_limit = o->depth_limit;
	s->info.indexed = true;
	for (int i = s->n_file - 1; i >= 0; i--) {
		if (s->file[i].unused)
			continue;
		s->info.path = s->file[i].path;
		s->info.indexed = s->info.indexed && s->file[i].indexed;
	}
	*out = s;
	s = NULL;
	rc = GRX_OK;
out:
	grx_readsrc_close(s);
	return rc;
}

static void work_free(struct rs_work *w)
{
	rs_list_clear(&w->list);
	grx_free(w->part);
	grx_free(w->order[0]);
	grx_free(w->order[1]);
}

void grx_readsrc_close(struct grx_readsrc *s)
{
	int i;

	if (!s)
		return;
	for (i = 0; s->file && i < s->n_file; i++)
		rs_file_close(&s->file[i]);
	for (i = 0; s->work && i < s->n_work; i++)
		work_free(&s->work[i]);
	for (i = 0; i < s->info.n_sample; i++) {
		grx_free(s->sample[i]);
		if (s->sample_mapped)
			grx_free(s->sample_mapped[i]);
	}
	grx_free(s->sample);
	grx_free(s->sample_mapped);
	grx_free(s->n_mapped);
	grx_free(s->file);
	grx_free(s->work);
	grx_free(s->fasta);
	grx_free(s);
}

const struct grx_contigs *grx_readsrc_contigs(const struct grx_readsrc *s)
{
	return s->file[0].head.contigs;
}

const struct grx_reads_info *grx_readsrc_info(const struct grx_readsrc *s)
{
	return &s->info;
}

const char *grx_readsrc_unindexed(const struct grx_readsrc *s)
{
	for (int i = 0; i < s->n_file; i++)
		if (!s->file[i].unused && !s->file[i].indexed && !s->file[i].idx_name)
			return s->file[i].path;
	return NULL;
}

/* Whole bins, and those of all reads of up to GRX_THIN_SPAN bases that reach into the window. */
static void window_widen(const struct grx_readsrc *s, struct rs_window *w)
{
	int64_t len = grx_readsrc_contigs(s)->c[w->tid].len;

	w->far_beg = w->beg;
	w->far_end = w->end;
	if (!s->file[0].thin_limit)
		return;
	w->far_beg = w->beg < GRX_THIN_SPAN ? 0 : (w->beg - GRX_THIN_SPAN) / GRX_THIN_BIN * GRX_THIN_BIN;
	w->far_end = (w->end + GRX_THIN_BIN - 1) / GRX_THIN_BIN * GRX_THIN_BIN;
	if (w->far_end > len)
		w->far_end = len > w->end ? len : w->end;
}

/* What every file has in the window, merged. Threads start at different files; worker -1: the streams. */
static int collect(struct grx_ctx *cx, struct grx_readsrc *s, int worker, struct rs_window *win,
	struct grx_arena *mem, struct grx_reads **out)
{
	bool stream = worker < 0;
	struct rs_work *w = &s->work[stream ? 0 : worker];
	int rc = GRX_OK;

	window_widen(s, win);
	w->list.n = w->list.bad.n = 0;
	for (int i = 0; i < s->n_file && rc == GRX_OK; i++) {
		int k = stream ? i : (i + worker) % s->n_file;

		w->part[2 * k] = w->list.n;
		if (s->file[k].unused)
			rc = GRX_OK;
		else if (stream)
			rc = rs_file_stream(cx, &s->file[k], win, &w->list, mem);
		else
			rc = rs_file_fetch(cx, &s->file[k], win, &w->list, mem);
		w->part[2 * k + 1] = w->list.n;
	}
	if (rc)
		return rc;
	return rs_merge(cx, w, &(struct rs_merge_to){s->n_file, !stream, mem}, out);
}

int grx_readsrc_fetch(struct grx_ctx *cx, struct grx_readsrc *s, int worker, int32_t tid, int64_t beg,
	int64_t end, struct grx_arena *mem, struct grx_reads **out)
{
	const struct grx_contigs *d = grx_readsrc_contigs(s);
	struct rs_window w = {.tid = tid, .beg = beg < 0 ? 0 : beg, .end = end};
	const char *path = grx_readsrc_unindexed(s);

	*out = NULL;
	if (!s->info.indexed)
		return grx_fail(cx, GRX_E_NOINPUT, "%s: no index: run `samtools index %s`",
			path ? path : s->info.path, path ? path : s->info.path);
	if (worker < 0 || worker >= s->n_work || tid < 0 || tid >= d->n)
		return grx_fail(
			cx, GRX_E_BUG, "reads: worker %d or contig %d out of range", worker, (int)tid);
	if (w.end > d->c[tid].len)
		w.end = d->c[tid].len;
	return collect(cx, s, worker, &w, mem, out);
}

int grx_readsrc_stream(struct grx_ctx *cx, struct grx_readsrc *s, int32_t tid, int64_t beg, int64_t end,
	struct grx_arena *mem, struct grx_reads **out)
{
	struct rs_window w = {.tid = tid, .beg = beg, .end = end};

	*out = NULL;
	if (tid < 0 || tid >= grx_readsrc_contigs(s)->n)
		return grx_fail(cx, GRX_E_BUG, "reads: contig %d out of range", (int)tid);
	return collect(cx, s, -1, &w, mem, out);
}

int grx_readsrc_drain(struct grx_ctx *cx, struct grx_readsrc *s)
{
	int64_t n = 0;

	for (int i = 0; i < s->n_file; i++) {
		int rc = s->file[i].unused ? GRX_OK : rs_file_drain(cx, &s->file[i]);

		if (rc)
			return rc;
		if (!s->file[i].unused)
			n += s->file[i].n_unplaced;
	}
	s->info.n_unplaced = n;
	return GRX_OK;
}

int grx_readsrc_hold(struct grx_ctx *cx, struct grx_readsrc *s)
{
	int rc = GRX_OK;

	for (int i = 0; i < s->n_file && rc == GRX_OK; i++)
		rc = rs_file_hold(cx, &s->file[i]);
	return rc;
}

void grx_readsrc_rewind(struct grx_readsrc *s)
{
	for (int i = 0; i < s->n_file; i++)
		rs_file_rewind(&s->file[i]);
}
