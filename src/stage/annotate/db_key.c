/* SPDX-License-Identifier: GPL-3.0-or-later
 * db_key.c -- alleles as keys: trimmed, left-aligned within 1,000 bp, then packed into one number where they
 * fit. The same search span on both sides of a join, so that the answer does not depend on what else was
 * read. */
#include <string.h>

#include "bio/allele.h"
#include "stage/annotate/db_int.h"

#define WINDOW 32768

void annotate_dbwin_contig(struct annotate_dbwin *w, const char *name)
{
	if (w->name != name)
		w->s = NULL;
	w->name = name;
}

int annotate_dbwin_at(struct grx_ctx *cx, struct annotate_dbwin *w, int64_t beg, int64_t end)
{
	char *s;
	if (beg < 0)
		beg = 0;
	if (w->s && beg >= w->beg && end <= w->end)
		return GRX_OK;
	beg = beg > DB_ALIGN_SPAN ? beg - DB_ALIGN_SPAN : 0; /* the next allele may look further left */
	int64_t to = end > beg + WINDOW ? end : beg + WINDOW;
	grx_arena_reset(w->mem);
	w->s = NULL;
	int rc = grx_fasta_fetch(cx, w->fasta, w->name, beg, to, w->mem, &s, &w->n);
	if (rc)
		return rc;
	w->s = s;
	w->beg = beg;
	w->end = to;
	return GRX_OK;
}

static int base_code(char c)
{
	switch (c) {
	case 'A':
		return 0;
	case 'C':
		return 1;
	case 'G':
		return 2;
	case 'T':
		return 3;
	default:
		return -1;
	}
}

uint64_t annotate_dbkey_code(const struct annotate_dbkey *k)
{
	uint64_t x = 0;
	int32_t n = k->ref_len + k->alt_len;
	bool bad = n > DB_PACK;
	for (int32_t i = 0; i < n && !bad; i++) {
		int b = base_code(i < k->ref_len ? k->ref[i] : k->alt[i - k->ref_len]);
		bad = b < 0;
		x = x << 2 | (uint64_t)(b & 3);
	}
	if (!bad)
		return (uint64_t)k->ref_len << 57 | (uint64_t)k->alt_len << 52 | x;
	uint64_t h = grx_hash_mem(k->ref, (size_t)k->ref_len) * UINT64_C(0x9E3779B97F4A7C15);
	return DB_LONG | (h ^ grx_hash_mem(k->alt, (size_t)k->alt_len)) >> 1;
}

void annotate_dbkey_text(struct annotate_dbkey *k, char *buf)
{
	int32_t r = (int32_t)(k->code >> 57 & 31), n = r + (int32_t)(k->code >> 52 & 31);
	for (int32_t i = 0; i < n; i++)
		buf[i] = "ACGT"[k->code >> 2 * (n - 1 - i) & 3];
	buf[n] = '\0';
	k->ref = buf;
	k->alt = buf + r;
	k->ref_len = r;
	k->alt_len = n - r;
}

static int text_cmp(const char *a, int32_t na, const char *b, int32_t nb)
{
	return na != nb ? (na < nb ? -1 : 1) : na ? memcmp(a, b, (size_t)na) : 0;
}

int annotate_dbkey_cmp(const struct annotate_dbkey *a, const struct annotate_dbkey *b)
{
	if (a->pos != b->pos)
		return a->pos < b->pos ? -1 : 1;
	if (a->code != b->code)
		return a->code < b->code ? -1 : 1;
	if (!(a->code & DB_LONG))
		return 0;
	int c = text_cmp(a->ref, a->ref_len, b->ref, b->ref_len);
	return c ? c : text_cmp(a->alt, a->alt_len, b->alt, b->alt_len);
}

static int symbolic(struct grx_ctx *cx, struct grx_arena *mem, const struct annotate_dbsite *s,
	struct annotate_dbkey *k, bool *ok)
{
	/* an interval that does not say where it ends is equal to no other */
	bool endless = s->alt[0] == '<' && strncmp(s->alt, "<INS", 4) != 0 &&
		       s->rlen <= (int64_t)strlen(s->ref);
	*ok = s->alt[0] != '*' && s->alt[0] != '.' && strcmp(s->alt, "<NON_REF>") != 0 &&
	      strcmp(s->alt, "<*>") != 0 && !endless;
	if (!*ok)
		return GRX_OK;
	char *t = grx_arena_printf(mem, "%s@%lld", s->alt, (long long)(s->pos + s->rlen));
	if (!t)
		return grx_fail_nomem(cx, "allele");
	*k = (struct annotate_dbkey){.pos = s->pos, .ref = "", .alt = t, .alt_len = (int32_t)strlen(t)};
	k->code = annotate_dbkey_code(k);
	return GRX_OK;
}

static int align(struct grx_ctx *cx, struct annotate_dbwin *w, struct grx_arena *mem, struct grx_change *c)
{
	int64_t beg = c->pos > DB_ALIGN_SPAN ? c->pos - DB_ALIGN_SPAN : 0;
	int rc = annotate_dbwin_at(cx, w, beg, c->pos + c->ref_len + 1);
	if (rc)
		return rc;
	int64_t at = c->pos - 1 - w->beg;
	const char *last = c->ref_len ? c->ref + c->ref_len - 1 : c->alt + c->alt_len - 1;
	if (at < 0 || at >= w->n || w->s[at] != *last)
		return GRX_OK;
	char *buf = grx_arena_alloc(mem, (size_t)(c->ref_len + c->alt_len) + 1, 1);
	if (!buf)
		return grx_fail_nomem(cx, "allele");
	grx_change_left_align(c, w->s + (beg - w->beg), beg, w->beg + w->n, buf);
	return GRX_OK;
}

int annotate_dbkey_make(struct grx_ctx *cx, struct annotate_dbwin *w, struct grx_arena *mem,
	const struct annotate_dbsite *s, struct annotate_dbkey *k, bool *ok)
{
	if (!grx_allele_is_seq(s->ref) || !grx_allele_is_seq(s->alt))
		return symbolic(cx, mem, s, k, ok);
	struct grx_change c = {s->pos, s->ref, s->alt, (int)strlen(s->ref), (int)strlen(s->alt)};
	grx_change_trim(&c);
	*ok = c.ref_len || c.alt_len;
	if ((c.ref_len == 0) != (c.alt_len == 0) && w->fasta && w->name) {
		int rc = align(cx, w, mem, &c);
		if (rc)
			return rc;
	}
	*k = (struct annotate_dbkey){
		.pos = c.pos, .ref = c.ref, .alt = c.alt, .ref_len = c.ref_len, .alt_len = c.alt_len};
	k->code = annotate_dbkey_code(k);
	return GRX_OK;
}
