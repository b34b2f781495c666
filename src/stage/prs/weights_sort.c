/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_sort.c -- external sort of byte records by (key, index).
 * Records gather in memory; a full run is sorted and appended to one unnamed file; at the end the runs are
 * merged through small buffers. Memory: one run, whatever the number of records. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stage/prs/weights_int.h"

struct entry {
	uint64_t key;
	uint32_t index;
	uint32_t at; /* offset / 8 */
};

struct run {
	int64_t off, end; /* what is still to be read */
	char *buf;
	size_t cap, n, pos;
};

struct prs_sorter {
	size_t run_bytes;
	char *buf;
	size_t n, cap;
	struct entry *ent;
	size_t n_ent, cap_ent, next_ent;
	bool in_order;
	int fd;
	int64_t end;
	struct run *run;
	size_t n_run, cap_run;
	size_t *heap; /* runs, smallest first */
	size_t n_heap;
	bool started;
};

int prs_temp_fd(struct grx_ctx *cx, int *fd)
{
	const char *dir = getenv("TMPDIR");
	if (!dir || !*dir)
		dir = "/tmp";
	*fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (*fd < 0) { /* a file system without unnamed files */
		struct grx_str s = {0};
		grx_str_addf(&s, "%s/genorx_prs.XXXXXX", dir);
		if (s.oom)
			return grx_fail_nomem(cx, "the name of a temporary file");
		*fd = mkostemp(s.s, O_CLOEXEC);
		if (*fd >= 0)
			unlink(s.s);
		grx_str_clear(&s);
	}
	if (*fd < 0)
		return grx_fail(cx, GRX_E_IO, "no temporary file in %s: %s; set TMPDIR to a folder with room",
			dir, strerror(errno));
	return GRX_OK;
}

int prs_write_at(struct grx_ctx *cx, int fd, const char *path, const void *p, size_t n, int64_t off)
{
	const char *s = p;
	while (n) {
		ssize_t k = pwrite(fd, s, n, off);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return grx_fail(cx, GRX_E_IO, "%s: write error: %s",
				path ? path : "temporary file of scores", strerror(errno));
		s += k;
		off += k;
		n -= (size_t)k;
	}
	return GRX_OK;
}

int prs_read_at(struct grx_ctx *cx, int fd, const char *path, void *p, size_t n, int64_t off)
{
	char *s = p;
	if (!path)
		path = "temporary file of scores";
	while (n) {
		ssize_t k = pread(fd, s, n, off);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return grx_fail(cx, GRX_E_IO, "%s: read error: %s", path, strerror(errno));
		if (k == 0)
			return grx_fail(cx, GRX_E_DATA, "%s: is cut short", path);
		s += k;
		off += k;
		n -= (size_t)k;
	}
	return GRX_OK;
}

int prs_sorter_new(struct grx_ctx *cx, size_t run_bytes, struct prs_sorter **out)
{
	*out = grx_calloc(1, sizeof **out);
	if (!*out)
		return grx_fail_nomem(cx, "sorting scores");
	(*out)->run_bytes = run_bytes;
	(*out)->fd = -1;
	(*out)->in_order = true;
	return GRX_OK;
}

void prs_sorter_free(struct prs_sorter *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_run; i++)
		grx_free(s->run[i].buf);
	grx_free(s->run);
	grx_free(s->heap);
	grx_free(s->buf);
	grx_free(s->ent);
	if (s->fd >= 0)
		close(s->fd);
	grx_free(s);
}

static int entry_cmp(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static void sort_run(struct prs_sorter *s)
{
	if (!s->in_order)
		qsort(s->ent, s->n_ent, sizeof *s->ent, entry_cmp);
	s->in_order = true;
}

static const struct prs_rec_head *rec_at(const struct prs_sorter *s, size_t i)
{
	return (const struct prs_rec_head *)(const void *)(s->buf + (size_t)s->ent[i].at * 8);
}

/* Append the gathered records as a run. */
static int spill(struct grx_ctx *cx, struct prs_sorter *s)
{
	int rc = GRX_E_BUG;
	bool straight = s->in_order;
	struct grx_str out = {0};
	int64_t off = s->end;
	if (s->fd < 0)
		GRX_TRY(prs_temp_fd(cx, &s->fd));
	if (grx_grow(&s->run, &s->cap_run, s->n_run + 1, sizeof *s->run, 0) != GRX_OK) {
		rc = grx_fail_nomem(cx, "sorting scores");
		goto out;
	}
	sort_run(s);
	for (size_t i = 0; i < s->n_ent && !straight; i++) {
		const struct prs_rec_head *r = rec_at(s, i);
		grx_str_addn(&out, (const char *)r, r->size);
		if (out.oom) {
			rc = grx_fail_nomem(cx, "sorting scores");
			goto out;
		}
		if (out.n < (size_t)1 << 18 && i + 1 < s->n_ent)
			continue;
		GRX_TRY(prs_write_at(cx, s->fd, NULL, out.s, out.n, off));
		off += (int64_t)out.n;
		grx_str_reset(&out);
	}
	if (straight)
		GRX_TRY(prs_write_at(cx, s->fd, NULL, s->buf, s->n, off));
	s->run[s->n_run++] = (struct run){.off = s->end, .end = s->end + (int64_t)s->n};
	s->end += (int64_t)s->n;
	s->n = s->n_ent = 0;
	rc = GRX_OK;
out:
	grx_str_clear(&out);
	return rc;
}

int prs_sorter_add(struct grx_ctx *cx, struct prs_sorter *s, const struct prs_rec_head *r)
{
	if (s->n_ent && s->n + r->size > s->run_bytes) {
		int rc = spill(cx, s);
		if (rc)
			return rc;
	}
	if (grx_grow(&s->buf, &s->cap, s->n + r->size, 1, 0) != GRX_OK ||
		grx_grow(&s->ent, &s->cap_ent, s->n_ent + 1, sizeof *s->ent, 0) != GRX_OK)
		return grx_fail_nomem(cx, "sorting scores");
	struct entry e = {r->key, r->index, (uint32_t)(s->n / 8)};
	if (s->n_ent && entry_cmp(&s->ent[s->n_ent - 1], &e) > 0)
		s->in_order = false;
	s->ent[s->n_ent++] = e;
	memcpy(s->buf + s->n, r, r->size);
	s->n += r->size;
	return GRX_OK;
}

static const struct prs_rec_head *head_of(const struct run *r)
{
	return (const struct prs_rec_head *)(const void *)(r->buf + r->pos);
}

static bool whole(const struct run *r)
{
	size_t left = r->n - r->pos;
	return left >= sizeof(struct prs_rec_head) && left >= head_of(r)->size;
}

/* Have a whole record at r->pos, unless the run is over (n == pos). */
static int run_fill(struct grx_ctx *cx, const struct prs_sorter *s, struct run *r)
{
	while (!whole(r)) {
		size_t left = r->n - r->pos,
		       need = left >= sizeof(struct prs_rec_head) ? head_of(r)->size : 0;
		if (left)
			memmove(r->buf, r->buf + r->pos, left);
		r->pos = 0;
		r->n = left;
		if (r->off == r->end)
			return left ? grx_fail(cx, GRX_E_BUG, "a run of scores ends inside a record")
				    : GRX_OK;
		if (need > r->cap && grx_grow(&r->buf, &r->cap, need, 1, 0) != GRX_OK)
			return grx_fail_nomem(cx, "merging scores");
		size_t n = r->cap - left;
		if ((int64_t)n > r->end - r->off)
			n = (size_t)(r->end - r->off);
		int rc = prs_read_at(cx, s->fd, NULL, r->buf + left, n, r->off);
		if (rc)
			return rc;
		r->off += (int64_t)n;
		r->n += n;
	}
	return GRX_OK;
}

static bool run_before(const struct prs_sorter *s, size_t a, size_t b)
{
	const struct prs_rec_head *x = head_of(&s->run[a]), *y = head_of(&s->run[b]);
	if (x->key != y->key)
		return x->key < y->key;
	return x->index != y->index ? x->index < y->index : a < b;
}

static void sift_down(struct prs_sorter *s, size_t i)
{
	for (;;) {
		size_t k = 2 * i + 1, t;
		if (k >= s->n_heap)
			return;
		if (k + 1 < s->n_heap && run_before(s, s->heap[k + 1], s->heap[k]))
			k++;
		if (!run_before(s, s->heap[k], s->heap[i]))
			return;
		t = s->heap[i];
		s->heap[i] = s->heap[k];
		s->heap[k] = t;
		i = k;
	}
}

int prs_sorter_end(struct grx_ctx *cx, struct prs_sorter *s)
{
	int rc = GRX_E_BUG;
	if (s->n_run == 0) {
		sort_run(s);
		return GRX_OK;
	}
	GRX_TRY(s->n_ent ? spill(cx, s) : GRX_OK);
	grx_free(s->buf);
	grx_free(s->ent);
	s->buf = NULL;
	s->ent = NULL;
	s->cap = s->cap_ent = 0;
	size_t each = s->run_bytes / s->n_run;
	each = each > (size_t)1 << 18 ? (size_t)1 << 18 : each < (size_t)1 << 13 ? (size_t)1 << 13 : each;
	s->heap = grx_malloc(s->n_run, sizeof *s->heap);
	for (size_t i = 0; i < s->n_run; i++) {
		struct run *r = &s->run[i];
		r->cap = each;
		r->buf = grx_malloc(each, 1);
		if (!r->buf || !s->heap)
			return grx_fail_nomem(cx, "merging scores");
		GRX_TRY(run_fill(cx, s, r));
		s->heap[s->n_heap++] = i;
	}
	for (size_t i = s->n_heap; i-- > 0;)
		sift_down(s, i);
	rc = GRX_OK;
out:
	return rc;
}

int prs_sorter_next(struct grx_ctx *cx, struct prs_sorter *s, const struct prs_rec_head **rec)
{
	*rec = NULL;
	if (s->n_run == 0) {
		if (s->next_ent < s->n_ent)
			*rec = rec_at(s, s->next_ent++);
		return GRX_OK;
	}
	if (s->started && s->n_heap) { /* step over what was given last */
		struct run *r = &s->run[s->heap[0]];
		r->pos += head_of(r)->size;
		int rc = run_fill(cx, s, r);
		if (rc)
			return rc;
		if (r->n == r->pos)
			s->heap[0] = s->heap[--s->n_heap];
		sift_down(s, 0);
	}
	s->started = true;
	if (s->n_heap)
		*rec = head_of(&s->run[s->heap[0]]);
	return GRX_OK;
}
