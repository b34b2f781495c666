/* SPDX-License-Identifier: GPL-3.0-or-later
 * name.c -- the order of allele names and the text of diplotypes.
 * Order: Reference first, single alleles before combinations, then natural order (*2 before *10, *3A before
 * *3B). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "stage/pgx/pgx_int.h"

/* Is the name, or the first name of a diplotype, this word? */
static bool is_word(const char *s, const char *word)
{
	size_t n = strlen(word);
	return !strncmp(s, word, n) && (!s[n] || s[n] == '/');
}

static int rank_of(const char *s)
{
	if (is_word(s, "Reference") || is_word(s, "Any") || is_word(s, "All"))
		return 0;
	if (is_word(s, "Other") || is_word(s, "Unknown"))
		return 3;
	return s[0] == '[' ? 2 : 1;
}

static int n_parts(const char *s)
{
	int n = 1;
	for (const char *p = strstr(s, " + "); p; p = strstr(p + 3, " + "))
		n++;
	return n;
}

static size_t digits(const char *s)
{
	size_t n = 0;
	while (isdigit((unsigned char)s[n]))
		n++;
	return n;
}

/* Numeric tokens by value, everything else by byte. */
static int natural_cmp(const char *a, const char *b)
{
	while (*a && *b) {
		size_t n = digits(a), m = digits(b);
		if (n && m) {
			while (n > 1 && *a == '0')
				a++, n--;
			while (m > 1 && *b == '0')
				b++, m--;
			if (n != m)
				return n < m ? -1 : 1;
			int c = strncmp(a, b, n);
			if (c)
				return c;
			a += n;
			b += m;
		} else if (*a != *b) { /* the end of the first name of a diplotype comes before any further
					  letter */
			unsigned x = *a == '/' ? 0 : (unsigned char)*a, y = *b == '/' ? 0 : (unsigned char)*b;
			return x < y ? -1 : 1;
		} else {
			a++;
			b++;
		}
	}
	return *a ? 1 : *b ? -1 : 0;
}

int pgx_name_cmp(const char *a, const char *b)
{
	int x = rank_of(a), y = rank_of(b);
	if (x != y)
		return x - y;
	if (x == 2 && n_parts(a) != n_parts(b))
		return n_parts(a) - n_parts(b);
	return natural_cmp(a, b);
}

static void strand_text(struct grx_str *s, const struct pgx_gene *g, int n, const int *a)
{
	if (n == 0) {
		grx_str_add(s, g->allele[g->ref_allele].shown);
		return;
	}
	if (n > 1)
		grx_str_addc(s, '[');
	for (int i = 0; i < n; i++) {
		if (i)
			grx_str_add(s, " + ");
		grx_str_add(s, g->allele[a[i]].shown);
	}
	if (n > 1)
		grx_str_addc(s, ']');
}

int pgx_dips_text(struct grx_arena *mem, const struct pgx_gene *g, struct pgx_dip *d)
{
	struct grx_str x = {0}, y = {0};
	strand_text(&x, g, d->n[0], d->a[0]);
	if (d->n[1] >= 0)
		strand_text(&y, g, d->n[1], d->a[1]);
	if (!x.oom && !y.oom) {
		if (d->n[1] < 0)
			d->text = grx_arena_strdup(mem, x.s);
		else if (pgx_name_cmp(x.s, y.s) <= 0)
			d->text = grx_arena_printf(mem, "%s/%s", x.s, y.s);
		else
			d->text = grx_arena_printf(mem, "%s/%s", y.s, x.s);
	} else {
		d->text = NULL;
	}
	grx_str_clear(&x);
	grx_str_clear(&y);
	return d->text ? GRX_OK : GRX_E_NOMEM;
}

int pgx_dip_cmp(const struct pgx_dip *x, const struct pgx_dip *y)
{
	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return pgx_name_cmp(x->text, y->text);
}

int pgx_dips_push(struct grx_arena *mem, struct pgx_dips *ds, const struct pgx_dip *d)
{
	if (ds->n == ds->cap) {
		size_t cap = ds->cap ? 2 * ds->cap : 8;
		struct pgx_dip *v = grx_arena_grow(mem, ds->v, ds->n, cap, sizeof *v);
		if (!v)
			return GRX_E_NOMEM;
		ds->v = v;
		ds->cap = cap;
	}
	ds->v[ds->n++] = *d;
	return GRX_OK;
}

int pgx_text_add(struct grx_arena *mem, struct pgx_texts *t, const char *s)
{
	size_t i = 0;
	while (i < t->n && strcmp(t->v[i], s) < 0)
		i++;
	if (i < t->n && !strcmp(t->v[i], s))
		return GRX_OK;
	if (t->n == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 8;
		const char **v = grx_arena_grow(mem, t->v, t->n, cap, sizeof *v);
		if (!v)
			return GRX_E_NOMEM;
		t->v = v;
		t->cap = cap;
	}
	memmove(t->v + i + 1, t->v + i, (t->n - i) * sizeof *t->v);
	t->v[i] = s;
	t->n++;
	return GRX_OK;
}
