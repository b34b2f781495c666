/* SPDX-License-Identifier: GPL-3.0-or-later
 * readsrc_set.c -- several files as one source: their samples, their dictionaries, their counts. */
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "io/readsrc_int.h"

static struct rs_sm *find_sm(const struct rs_file *f, const char *name)
{
	for (size_t i = 0; i < f->head.n_sm; i++)
		if (!strcmp(f->head.sm[i]->name, name))
			return f->head.sm[i];
	return NULL;
}

static int number_of(const struct grx_readsrc *s, const char *name)
{
	for (int i = 0; i < s->info.n_sample; i++)
		if (!strcmp(s->sample[i], name))
			return i;
	return -1;
}

static bool known(const struct grx_readsrc *s, const char *name)
{
	for (int f = 0; f < s->n_file; f++)
		if (find_sm(&s->file[f], name))
			return true;
	return false;
}

static int add_sample(struct grx_ctx *cx, struct grx_readsrc *s, const char *name)
{
	char **p = grx_realloc(s->sample, (size_t)s->info.n_sample + 1, sizeof(*p));

	if (!p)
		return grx_fail_nomem(cx, "sample names");
	s->sample = p;
	p[s->info.n_sample] = grx_strdup(name);
	if (!p[s->info.n_sample])
		return grx_fail_nomem(cx, "sample names");
	if (++s->info.n_sample > UINT16_MAX)
		return grx_fail(cx, GRX_E_DATA, "%s: more than %d samples", s->file[0].path, UINT16_MAX);
	return GRX_OK;
}

/* Different samples of all files. */
static int count_all(const struct grx_readsrc *s)
{
	int n = 0;

	for (int f = 0; f < s->n_file; f++)
		for (size_t i = 0; i < s->file[f].head.n_sm; i++) {
			bool seen = false;

			for (int g = 0; g < f && !seen; g++)
				seen = find_sm(&s->file[g], s->file[f].head.sm[i]->name) != NULL;
			n += !seen;
		}
	return n;
}

/* One name of --sample. */
static int want_one(struct grx_ctx *cx, struct grx_readsrc *s, const char *name)
{
	const struct rs_file *f = &s->file[0];

	if (number_of(s, name) >= 0)
		return grx_fail(cx, GRX_E_USAGE, "--sample names '%s' twice", name);
	if (!known(s, name))
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s%s: no read group of sample '%s' among %d; the first is '%s'", f->path,
			s->n_file > 1 ? " and the other files" : "", name, count_all(s), f->head.sm[0]->name);
	return add_sample(cx, s, name);
}

/* A sample's own name may hold a comma: the whole text is tried first. */
static int want_list(struct grx_ctx *cx, struct grx_readsrc *s, const char *list)
{
	char *copy, *p, *end;
	int rc = GRX_OK;

	if (known(s, list) || !strchr(list, ','))
		return want_one(cx, s, list);
	copy = p = grx_strdup(list);
	if (!copy)
		return grx_fail_nomem(cx, "sample names");
	for (; p && rc == GRX_OK; p = end) {
		end = strchr(p, ',');
		if (end)
			*end++ = '\0';
		rc = want_one(cx, s, p);
	}
	grx_free(copy);
	return rc;
}

static int want_all(struct grx_ctx *cx, struct grx_readsrc *s)
{
	int rc = GRX_OK;

	for (int f = 0; f < s->n_file; f++)
		for (size_t i = 0; i < s->file[f].head.n_sm && rc == GRX_OK; i++)
			if (number_of(s, s->file[f].head.sm[i]->name) < 0)
				rc = add_sample(cx, s, s->file[f].head.sm[i]->name);
	return rc;
}

/* A file without read groups: its name serves, or for a single file what --sample says. */
static int name_unnamed(struct grx_ctx *cx, struct grx_readsrc *s, const char *want)
{
	for (int f = 0; f < s->n_file; f++) {
		struct rs_head *h = &s->file[f].head;

		if (h->has_rg)
			continue;
		if (want && s->n_file == 1) {
			grx_free(h->sm[0]->name);
			h->sm[0]->name = grx_strdup(want);
			if (!h->sm[0]->name)
				return grx_fail_nomem(cx, "sample name");
			continue;
		}
		grx_warn(cx, "%s: no read group in the header, hence no sample name: the file's name is used",
			s->file[f].path);
	}
	return GRX_OK;
}

static int too_many(struct grx_ctx *cx, const struct grx_readsrc *s)
{
	if (s->n_file == 1)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: %d samples in one file, the first is '%s': choose one with --sample",
			s->file[0].path, s->info.n_sample, s->sample[0]);
	return grx_fail(cx, GRX_E_MISMATCH,
		"%d samples in %d files, the first two are '%s' and '%s': choose one with --sample",
		s->info.n_sample, s->n_file, s->sample[0], s->sample[1]);
}

/* Number the samples in each file; one that holds none of them is closed. */
static void assign(struct grx_ctx *cx, struct grx_readsrc *s)
{
	for (int i = 0; i < s->n_file; i++) {
		struct rs_file *f = &s->file[i];

		f->unused = true;
		for (size_t k = 0; k < f->head.n_sm; k++) {
			f->head.sm[k]->number = number_of(s, f->head.sm[k]->name);
			f->unused = f->unused && f->head.sm[k]->number < 0;
		}
		if (f->unused) {
			rs_handles_close(f);
			grx_info(cx, "%s: none of its samples is chosen: not read", f->path);
		}
		s->info.n_file += !f->unused;
	}
}

int rs_samples_choose(struct grx_ctx *cx, struct grx_readsrc *s, const struct grx_readsrc_opt *o)
{
	int rc = name_unnamed(cx, s, o->sample);

	if (rc == GRX_OK)
		rc = o->sample ? want_list(cx, s, o->sample) : want_all(cx, s);
	if (rc)
		return rc;
	if (s->info.n_sample > 1 && !o->many_samples)
		return too_many(cx, s);
	assign(cx, s);
	s->info.samples = (const char *const *)s->sample;
	s->info.sample = s->sample[0];
	if (s->info.n_sample > 1)
		grx_info(cx, "%d samples in %d files", s->info.n_sample, s->info.n_file);
	return GRX_OK;
}

static int dict_differs(struct grx_ctx *cx, const struct rs_file *a, const struct rs_file *b, int32_t i)
{
	const struct grx_contigs *x = a->head.contigs, *y = b->head.contigs;

	return grx_fail(cx, GRX_E_MISMATCH,
		"%s and %s: their contigs differ: number %d is '%s' (%lld bases) and '%s' (%lld bases): all "
		"files must be aligned to the same reference",
		a->path, b->path, (int)i + 1, i < x->n ? x->c[i].name : "absent",
		(long long)(i < x->n ? x->c[i].len : 0), i < y->n ? y->c[i].name : "absent",
		(long long)(i < y->n ? y->c[i].len : 0));
}

/* Not every header has M5: that of file f against those of all files before it. */
static int m5_agree(struct grx_ctx *cx, const struct grx_readsrc *s, int f)
{
	const struct grx_contigs *y = s->file[f].head.contigs;

	for (int32_t i = 0; i < y->n; i++) {
		const char *m5 = y->c[i].m5;

		for (int g = 0; g < f && m5[0]; g++) {
			const char *other = s->file[g].head.contigs->c[i].m5;

			if (other[0] && strcmp(other, m5))
				return grx_fail(cx, GRX_E_MISMATCH,
					"%s and %s: contig '%s' has M5 %s and %s: another sequence",
					s->file[g].path, s->file[f].path, y->c[i].name, other, m5);
			if (other[0])
				break; /* the earlier ones agree */
		}
	}
	return GRX_OK;
}

int rs_dicts_agree(struct grx_ctx *cx, const struct grx_readsrc *s)
{
	const struct rs_file *a = &s->file[0];
	const struct grx_contigs *x = a->head.contigs;

	for (int f = 1; f < s->n_file; f++) {
		const struct grx_contigs *y = s->file[f].head.contigs;

		for (int32_t i = 0; i < x->n || i < y->n; i++) {
			if (i >= x->n || i >= y->n || strcmp(x->c[i].name, y->c[i].name) ||
				x->c[i].len != y->c[i].len)
				return dict_differs(cx, a, &s->file[f], i);
		}
		int rc = m5_agree(cx, s, f);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

static void add_counts(int64_t *to, const int64_t *from, int32_t n)
{
	for (int32_t i = 0; i < n; i++)
		to[i] += from[i];
}

/* Counts of one sample, if all its files hold no other one. */
static int sample_counts(struct grx_ctx *cx, struct grx_readsrc *s, int k)
{
	int32_t n = s->file[0].head.contigs->n;
	int64_t *sum = grx_calloc((size_t)n, sizeof(*sum));

	s->sample_mapped[k] = sum;
	if (!sum)
		return grx_fail_nomem(cx, "index statistics");
	for (int f = 0; f < s->n_file; f++) {
		const struct rs_file *of = &s->file[f];

		if (!find_sm(of, s->sample[k]))
			continue;
		if (of->head.n_sm > 1 || !of->n_mapped) {
			grx_free(sum);
			s->sample_mapped[k] = NULL;
			return GRX_OK;
		}
		add_counts(sum, of->n_mapped, n);
	}
	return GRX_OK;
}

int rs_counts_sum(struct grx_ctx *cx, struct grx_readsrc *s)
{
	int32_t n = s->file[0].head.contigs->n;
	bool all = true;
	int rc = GRX_OK;

	s->n_mapped = grx_calloc((size_t)n, sizeof(*s->n_mapped));
	s->sample_mapped = grx_calloc((size_t)s->info.n_sample, sizeof(*s->sample_mapped));
	if (!s->n_mapped || !s->sample_mapped)
		return grx_fail_nomem(cx, "index statistics");
	s->info.n_unplaced = 0;
	for (int f = 0; f < s->n_file; f++) {
		const struct rs_file *of = &s->file[f];

		if (of->unused)
			continue;
		all = all && of->n_mapped;
		if (all)
			add_counts(s->n_mapped, of->n_mapped, n);
		if (of->n_unplaced < 0 || s->info.n_unplaced < 0)
			s->info.n_unplaced = -1;
		else
			s->info.n_unplaced += of->n_unplaced;
	}
	s->info.n_mapped = all ? s->n_mapped : NULL;
	for (int k = 0; k < s->info.n_sample && rc == GRX_OK; k++)
		rc = sample_counts(cx, s, k);
	s->info.sample_mapped = (const int64_t *const *)s->sample_mapped;
	return rc;
}
