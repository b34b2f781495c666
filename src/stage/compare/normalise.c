/* SPDX-License-Identifier: GPL-3.0-or-later
 * normalise.c -- records to units: split by allele, trim, left-align, cut block substitutions into single
 * bases. Units of one record that turn out equal (both alleles carry the same base change) become one
 * homozygous unit. */
#include <string.h>

#include "bio/allele.h"
#include "stage/compare/compare_int.h"

const char *compare_unit_ref(const struct compare_unit *u)
{
	return u->ref_len + u->alt_len <= COMPARE_INLINE ? u->seq.in : u->seq.out;
}

const char *compare_unit_alt(const struct compare_unit *u)
{
	return compare_unit_ref(u) + u->ref_len;
}

int compare_unit_push(struct grx_ctx *cx, struct compare_units *out, const struct compare_unit *u,
	const char *ref, const char *alt)
{
	int rc = grx_grow(&out->v, &out->cap, out->n + 1, sizeof *out->v, 0);
	if (rc)
		return grx_fail_nomem(cx, "variants to compare");
	struct compare_unit *x = &out->v[out->n];
	*x = *u;
	size_t nr = (size_t)u->ref_len, na = (size_t)u->alt_len;
	char *to = x->seq.in;
	if (nr + na > COMPARE_INLINE) {
		to = grx_arena_alloc(out->mem, nr + na, 1);
		if (!to)
			return grx_fail_nomem(cx, "alleles to compare");
		x->seq.out = to;
	}
	if (nr)
		memcpy(to, ref, nr);
	if (na)
		memcpy(to + nr, alt, na);
	out->n++;
	return GRX_OK;
}

void compare_units_clear(struct compare_units *us)
{
	grx_free(us->v);
	grx_arena_free(us->mem);
	*us = (struct compare_units){0};
}

static bool same_change(const struct compare_unit *a, const struct compare_unit *b)
{
	return a->pos == b->pos && a->ref_len == b->ref_len && a->alt_len == b->alt_len &&
	       !memcmp(compare_unit_ref(a), compare_unit_ref(b), (size_t)(a->ref_len + a->alt_len));
}

/* Add one trimmed change; `first` is where the units of this record begin. */
static int add_change(struct grx_ctx *cx, struct compare_units *out, size_t first,
	const struct compare_unit *proto, const struct grx_change *c)
{
	struct compare_unit u = *proto;
	u.pos = c->pos;
	u.ref_len = c->ref_len;
	u.alt_len = c->alt_len;
	u.type = c->ref_len == 1 && c->alt_len == 1 ? COMPARE_SNV : COMPARE_INDEL;
	int rc = compare_unit_push(cx, out, &u, c->ref, c->alt);
	if (rc)
		return rc;
	struct compare_unit *last = &out->v[out->n - 1];
	for (size_t i = first; i + 1 < out->n; i++)
		if (same_change(&out->v[i], last)) {
			out->v[i].copies = 2;
			out->v[i].phase = 0;
			out->n--;
			break;
		}
	return GRX_OK;
}

static int add_bases(struct grx_ctx *cx, struct compare_units *out, size_t first,
	const struct compare_unit *proto, const struct grx_change *c)
{
	for (int i = 0; i < c->ref_len; i++) {
		if (c->ref[i] == c->alt[i])
			continue;
		struct grx_change one = {c->pos + i, c->ref + i, c->alt + i, 1, 1};
		int rc = add_change(cx, out, first, proto, &one);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

static void trim_left(struct grx_change *c, int n)
{
	while (n-- && c->ref_len && c->alt_len && c->ref[0] == c->alt[0]) {
		c->pos++;
		c->ref++;
		c->alt++;
		c->ref_len--;
		c->alt_len--;
	}
}

/* The anchor base first, then the common suffix, then the rest of the prefix. An insertion stays behind its
 * own anchor, so that two insertions a base apart do not end up at one place with no defined order; the
 * padding that some callers write behind an indel in a repeat is cut off, since it may cover neighbours. */
static void trim(struct grx_change *c)
{
	trim_left(c, 1);
	while (c->ref_len && c->alt_len && c->ref[c->ref_len - 1] == c->alt[c->alt_len - 1]) {
		c->ref_len--;
		c->alt_len--;
	}
	trim_left(c, c->ref_len);
}

static int add_allele(struct grx_ctx *cx, const struct grx_var *v, const char *alt,
	const struct compare_window *w, struct compare_units *out, size_t first,
	const struct compare_unit *proto)
{
	int rc = GRX_E_BUG;
	struct grx_change c = {v->pos, v->allele[0], alt, (int)strlen(v->allele[0]), (int)strlen(alt)};
	struct compare_unit u = *proto;
	char *buf = NULL;

	trim(&c);
	if (c.ref_len == 0 && c.alt_len == 0)
		return GRX_OK;
	if (c.ref_len == c.alt_len)
		return add_bases(cx, out, first, &u, &c);
	if (c.ref_len == 0 || c.alt_len == 0) {
		size_t n = (size_t)(c.ref_len > c.alt_len ? c.ref_len : c.alt_len);
		buf = grx_malloc(n, 1);
		if (!buf)
			return grx_fail_nomem(cx, "allele to align");
		struct grx_change x = c;
		grx_change_left_align(&x, w->seq, w->beg, w->end, buf);
		u.left = u.lo = (int32_t)(c.pos - x.pos);
		x = c;
		grx_change_right_align(&x, w->seq, w->beg, w->end, buf);
		u.hi = (int32_t)(x.pos - c.pos);
	}
	GRX_TRY(add_change(cx, out, first, &u, &c));
	rc = GRX_OK;
out:
	grx_free(buf);
	return rc;
}

int compare_normalise(struct grx_ctx *cx, const struct grx_var *v, struct compare_gt gt,
	const struct compare_window *w, struct compare_units *out, int64_t *n_symbolic)
{
	size_t first = out->n;
	struct compare_unit proto = {.qual = v->qual, .copies = gt.a == gt.b ? 2 : 1, .group = -1};
	int allele[2] = {gt.a, gt.b};
	for (int k = 0; k < (gt.a == gt.b ? 1 : 2); k++) {
		if (allele[k] <= 0 || !strcmp(v->allele[allele[k]], "*"))
			continue;
		if (!grx_allele_is_seq(v->allele[allele[k]])) {
			++*n_symbolic;
			continue;
		}
		proto.phase = (uint8_t)(gt.phased && gt.a != gt.b ? k + 1 : 0);
		int rc = add_allele(cx, v, v->allele[allele[k]], w, out, first, &proto);
		if (rc)
			return rc;
	}
	return GRX_OK;
}
