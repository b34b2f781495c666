/* SPDX-License-Identifier: GPL-3.0-or-later
 * sites.c -- loci to be genotyped whatever the reads say. */
#include "bio/sites.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

struct grx_sites *grx_sites_new(void)
{
	return grx_calloc(1, sizeof(struct grx_sites));
}

static void site_clear(struct grx_site *s)
{
	grx_free(s->ref);
	grx_free(s->alt);
	grx_free(s->id);
	grx_free(s->who);
}

void grx_sites_free(struct grx_sites *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		site_clear(&s->v[i]);
	grx_free(s->v);
	grx_free(s);
}

static bool dup_into(char **to, const char *from)
{
	*to = from ? grx_strdup(from) : NULL;
	return !from || *to;
}

int grx_sites_add(struct grx_ctx *cx, struct grx_sites *s, const struct grx_site *site)
{
	if (grx_grow(&s->v, &s->cap, s->n + 1, sizeof *s->v, 0) != GRX_OK)
		return grx_fail_nomem(cx, "the list of sites");
	struct grx_site *d = &s->v[s->n];
	*d = (struct grx_site){.tid = site->tid, .pos = site->pos};
	bool ok = dup_into(&d->ref, site->ref) & dup_into(&d->alt, site->alt) & dup_into(&d->id, site->id) &
		  dup_into(&d->who, site->who);
	if (!ok) {
		site_clear(d);
		return grx_fail_nomem(cx, "a site");
	}
	s->n++;
	return GRX_OK;
}

/* By place, then with a known REF first, shorter REF first: a site without REF then follows a one-base one.
 */
static int by_place(const void *pa, const void *pb)
{
	const struct grx_site *a = pa, *b = pb;
	if (a->tid != b->tid)
		return a->tid < b->tid ? -1 : 1;
	if (a->pos != b->pos)
		return a->pos < b->pos ? -1 : 1;
	if (!a->ref != !b->ref)
		return a->ref ? -1 : 1;
	if (a->ref) {
		size_t n = strlen(a->ref), m = strlen(b->ref);
		int c = n != m ? (n < m ? -1 : 1) : strcmp(a->ref, b->ref);
		if (c)
			return c;
	}
	int c = strcmp(a->alt ? a->alt : "", b->alt ? b->alt : "");
	return c ? c : strcmp(a->who ? a->who : "", b->who ? b->who : "");
}

static bool list_has(const char *list, const char *item, size_t n)
{
	for (const char *p = list; p && *p;) {
		size_t m = strcspn(p, ",");
		if (m == n && strncmp(p, item, n) == 0)
			return true;
		p += m + (p[m] == ',');
	}
	return false;
}

/* Add the items of comma list `from` that *to lacks. "." counts as nothing. */
static int list_join(char **to, const char *from)
{
	struct grx_str s = {0};
	if (*to && strcmp(*to, ".") != 0)
		grx_str_add(&s, *to);
	for (const char *p = from; p && *p;) {
		size_t m = strcspn(p, ",");
		if (!(m == 1 && *p == '.') && !list_has(s.s, p, m)) {
			if (s.n)
				grx_str_addc(&s, ',');
			grx_str_addn(&s, p, m);
		}
		p += m + (p[m] == ',');
	}
	if (s.oom) {
		grx_str_clear(&s);
		return GRX_E_NOMEM;
	}
	grx_free(*to);
	*to = s.s;
	return GRX_OK;
}

static bool same_site(const struct grx_site *a, const struct grx_site *b)
{
	if (a->tid != b->tid || a->pos != b->pos)
		return false;
	if (!b->ref)
		return !a->ref || strlen(a->ref) == 1;
	return grx_streq(a->ref, b->ref);
}

static int join(struct grx_ctx *cx, struct grx_site *to, struct grx_site *from)
{
	if (list_join(&to->alt, from->alt) != GRX_OK || list_join(&to->who, from->who) != GRX_OK)
		return grx_fail_nomem(cx, "a site");
	if (!to->id) {
		to->id = from->id;
		from->id = NULL;
	}
	site_clear(from);
	*from = (struct grx_site){0};
	return GRX_OK;
}

/* First kept site of the same position that takes s; NULL if none. */
static struct grx_site *taker(struct grx_sites *all, size_t kept, const struct grx_site *s)
{
	for (size_t i = kept; i-- > 0;) {
		struct grx_site *k = &all->v[i];
		if (k->tid != s->tid || k->pos != s->pos)
			return NULL;
		if (same_site(k, s))
			return k;
	}
	return NULL;
}

int grx_sites_finish(struct grx_ctx *cx, struct grx_sites *s)
{
	size_t n = 0;
	if (s->n)
		qsort(s->v, s->n, sizeof *s->v, by_place);
	for (size_t i = 0; i < s->n; i++) {
		struct grx_site *t = taker(s, n, &s->v[i]);
		if (t) {
			int rc = join(cx, t, &s->v[i]);
			if (rc != GRX_OK)
				return rc;
			continue;
		}
		if (n != i) {
			s->v[n] = s->v[i];
			s->v[i] = (struct grx_site){0};
		}
		n++;
	}
	s->n = n;
	return GRX_OK;
}

size_t grx_sites_lower(const struct grx_sites *s, int32_t tid, int64_t pos)
{
	size_t lo = 0, hi = s->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (s->v[mid].tid < tid || (s->v[mid].tid == tid && s->v[mid].pos < pos))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}
