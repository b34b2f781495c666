/* SPDX-License-Identifier: GPL-3.0-or-later
 * call_genome.c -- random reference with repeats, donor chromosomes, forced sites. */
#include <string.h>

#include "call_case.h"

#define NT "ACGT"

void fz_src_init(struct fz_src *s, const uint8_t *p, size_t n)
{
	*s = (struct fz_src){.p = p, .n = n, .state = 0x9E3779B97F4A7C15u};
	memcpy(&s->state, p, n < 8 ? n : 8);
	s->at = n < 8 ? n : 8;
}

static uint8_t next_byte(struct fz_src *s)
{
	if (s->at < s->n)
		return s->p[s->at++];
	uint64_t z = s->state += 0x9E3779B97F4A7C15u;
	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return (uint8_t)(z ^ z >> 31);
}

uint32_t fz_draw(struct fz_src *s, uint32_t n)
{
	if (n < 2)
		return 0;
	uint32_t x = next_byte(s);
	for (uint32_t top = 256; top < n && top; top <<= 8)
		x = x << 8 | next_byte(s);
	return x % n;
}

static int32_t repeat(struct fz_case *c, int32_t at, uint32_t unit, uint32_t times)
{
	int32_t b = at;
	for (uint32_t i = 0; i < unit * times && at < c->ref_len; i++, at++)
		c->ref[at] = i < unit ? NT[fz_draw(&c->src, 4)] : c->ref[b + (int32_t)(i % unit)];
	return at;
}

static int32_t again(struct fz_case *c, int32_t at)
{
	int32_t n = 10 + (int32_t)fz_draw(&c->src, 90), from = at - n;
	if (from > 0 && fz_draw(&c->src, 3) == 0)
		from = (int32_t)fz_draw(&c->src, (uint32_t)from);
	for (int32_t i = 0; i < n && from >= 0 && at < c->ref_len; i++)
		c->ref[at++] = c->ref[from + i];
	return at;
}

static void reference(struct fz_case *c)
{
	struct fz_src *s = &c->src;
	c->ref = grx_arena_alloc(c->mem, (size_t)c->ref_len + 1, 1);
	for (int32_t i = 0; i < c->ref_len;) {
		switch (fz_draw(s, 12)) {
		case 0:
		case 1:
			i = repeat(c, i, 1, 4 + fz_draw(s, 25));
			break;
		case 2:
		case 3:
			i = repeat(c, i, 2 + fz_draw(s, 5), 3 + fz_draw(s, 15));
			break;
		case 4:
			i = again(c, i);
			break;
		case 5:
			if (fz_draw(s, 8) == 0)
				for (uint32_t k = fz_draw(s, 12); k > 0 && i < c->ref_len; k--)
					c->ref[i++] = "NNNNNNRYMK"[fz_draw(s, 10)];
			break;
		default:
			for (uint32_t k = 10 + fz_draw(s, 80); k > 0 && i < c->ref_len; k--)
				c->ref[i++] = NT[fz_draw(s, 4)];
		}
	}
	c->ref[c->ref_len] = 0;
}

/* Random, or a copy of what stands there: a longer repeat. */
static const char *inserted(struct fz_case *c, int32_t pos, int32_t n)
{
	char *t = grx_arena_alloc(c->mem, (size_t)n + 1, 1);
	bool copy = fz_draw(&c->src, 2) && pos + n < c->ref_len;
	for (int32_t i = 0; i < n; i++)
		t[i] = copy ? c->ref[pos + i] : NT[fz_draw(&c->src, 4)];
	t[n] = 0;
	return t;
}

static struct fz_edit edit_at(struct fz_case *c, int32_t pos)
{
	struct fz_src *s = &c->src;
	struct fz_edit e = {.pos = pos, .alt = "", .haps = 1 + fz_draw(s, (1 << FZ_N_HAP) - 1)};
	int32_t n = 1 + (int32_t)fz_draw(s, fz_draw(s, 6) ? 8 : 120);
	switch (fz_draw(s, 8)) {
	case 0:
	case 1:
		e.alt = inserted(c, pos, n);
		break;
	case 2:
	case 3:
		e.rlen = n;
		break;
	case 4:
		e.rlen = n < 5 ? n : 5;
		e.alt = inserted(c, pos, 1 + (int32_t)fz_draw(s, 5));
		break;
	default:
		e.rlen = 1;
		e.alt = inserted(c, 0, 1);
	}
	return e;
}

static void edits(struct fz_case *c)
{
	struct fz_src *s = &c->src;
	int n = (int)fz_draw(s, 24);
	int32_t at = c->hot;
	for (int i = 0; i < n; i++) {
		if (fz_draw(s, 6) == 0)
			at = c->hot - 250 + (int32_t)fz_draw(s, 500);
		else
			at += (int32_t)fz_draw(s, fz_draw(s, 3) ? 12 : 60) - 3;
		struct fz_edit e = edit_at(c, at < 1 ? 1 : at);
		if (e.pos + e.rlen + 1 < c->ref_len)
			c->edit[c->n_edit++] = e;
	}
	for (int i = 1; i < c->n_edit; i++) /* by position */
		for (int k = i; k > 0 && c->edit[k - 1].pos > c->edit[k].pos; k--) {
			struct fz_edit e = c->edit[k];
			c->edit[k] = c->edit[k - 1];
			c->edit[k - 1] = e;
		}
}

static void hap_put(struct fz_hap *h, char base, int32_t at)
{
	h->s[h->n] = base;
	h->at[h->n++] = at;
}

static void donor(struct fz_case *c, int k)
{
	struct fz_hap *h = &c->hap[k];
	size_t cap = (size_t)c->ref_len + 64 * 128;
	int32_t p = 0;
	h->s = grx_arena_alloc(c->mem, cap, 1);
	h->at = grx_arena_alloc(c->mem, cap, sizeof(*h->at));
	for (int i = 0; i < c->n_edit; i++) {
		const struct fz_edit *e = &c->edit[i];
		if (!(e->haps >> k & 1) || e->pos < p)
			continue;
		for (; p < e->pos; p++)
			hap_put(h, c->ref[p], p);
		int32_t same = e->rlen < (int32_t)strlen(e->alt) ? e->rlen : (int32_t)strlen(e->alt);
		for (int32_t m = 0; e->alt[m]; m++)
			hap_put(h, e->alt[m], m < same ? p + m : -1);
		p += e->rlen;
	}
	for (; p < c->ref_len; p++)
		hap_put(h, c->ref[p], p);
}

static void site_add(struct fz_case *c, int32_t pos, const char *ref, const char *alt)
{
	c->site[c->n_site++] = (struct grx_site){
		.tid = 0, .pos = pos, .ref = (char *)(uintptr_t)ref, .alt = (char *)(uintptr_t)alt};
}

static const char *ref_text(struct fz_case *c, int32_t pos, int32_t n)
{
	return grx_arena_strndup(c->mem, c->ref + pos, (size_t)n);
}

/* The site of a planted change, with some bases of context. */
static void site_of_edit(struct fz_case *c, const struct fz_edit *e)
{
	int32_t b = e->pos - 1 - (int32_t)fz_draw(&c->src, 3),
		z = e->pos + e->rlen + (int32_t)fz_draw(&c->src, 3);
	if (e->rlen == 1 && strlen(e->alt) == 1 && fz_draw(&c->src, 2)) {
		b = e->pos;
		z = b + 1;
	}
	if (b < 0 || z > c->ref_len)
		return;
	const char *alt = grx_arena_printf(c->mem, "%.*s%s%.*s", (int)(e->pos - b), c->ref + b, e->alt,
		(int)(z - e->pos - e->rlen), c->ref + e->pos + e->rlen);
	if (fz_draw(&c->src, 3) == 0)
		alt = grx_arena_printf(
			c->mem, "%s,%s", alt, inserted(c, b, 1 + (int32_t)fz_draw(&c->src, 4)));
	site_add(c, b, ref_text(c, b, z - b), alt);
}

static void site_anywhere(struct fz_case *c)
{
	static const char *const odd[] = {".", "<DEL>", "*", "N", "A,<INS>", "A,*", "", "A,A", "C,G,T", "a"};
	struct fz_src *s = &c->src;
	int32_t pos = c->hot - 100 + (int32_t)fz_draw(s, 200), n = 1;
	const char *alt = inserted(c, pos, 1);
	pos = fz_draw(s, 8) ? pos : (int32_t)fz_draw(s, (uint32_t)c->ref_len);
	switch (fz_draw(s, 5)) {
	case 0:
		n = 1 + (int32_t)fz_draw(s, 20);
		alt = ref_text(c, pos, 1);
		break;
	case 1:
		alt = grx_arena_printf(
			c->mem, "%c%s", c->ref[pos], inserted(c, pos + 1, 1 + (int32_t)fz_draw(s, 10)));
		break;
	case 2:
		alt = odd[fz_draw(s, sizeof(odd) / sizeof(*odd))];
		n = fz_draw(s, 4) ? 1 : 2;
		break;
	default:
		break;
	}
	if (pos + n <= c->ref_len)
		site_add(c, pos, fz_draw(s, 8) ? ref_text(c, pos, n) : inserted(c, 0, n), alt);
}

void fz_sites(struct fz_case *c)
{
	uint32_t n = fz_draw(&c->src, 3) ? 0 : fz_draw(&c->src, 12);
	for (uint32_t i = 0; i < n; i++)
		if (c->n_edit && fz_draw(&c->src, 2))
			site_of_edit(c, &c->edit[fz_draw(&c->src, (uint32_t)c->n_edit)]);
		else
			site_anywhere(c);
}

void fz_genome(struct fz_case *c)
{
	struct fz_src *s = &c->src;
	static const char *const name[] = {"chr20", "chr20", "chr20", "chrX", "chrY", "chrM"};
	static const char *const sex[] = {"auto", "female", "male"};
	c->contig = name[fz_draw(s, 6)];
	c->ref_len = 1200 + (int32_t)fz_draw(s, FZ_MAX_REF - 1200);
	c->hot = fz_draw(s, 16) ? 300 + (int32_t)fz_draw(s, (uint32_t)c->ref_len - 600)
				: 110 + (int32_t)fz_draw(s, 2) * (c->ref_len - 220);
	c->n_sample = fz_draw(s, 4) ? 1 : 1 + (int)fz_draw(s, FZ_MAX_SAMPLE);
	c->opt = (struct call_opt){.sex = sex[fz_draw(s, 3)],
		.min_mapq = fz_draw(s, 4) ? 20 : (int64_t)fz_draw(s, 61),
		.min_baseq = fz_draw(s, 4) ? 13 : (int64_t)fz_draw(s, 40),
		.max_depth = fz_draw(s, 4) ? 500 : 10,
		.min_qual = 20,
		.emit_qual = fz_draw(s, 2) ? 5 : 0,
		.snv_prior = fz_draw(s, 8) ? 1e-3 : 0.5,
		.indel_prior = fz_draw(s, 8) ? 1e-4 : 0.5,
		.no_filter = fz_draw(s, 8) == 0,
		.no_learn = fz_draw(s, 2),
		.features = fz_draw(s, 4) == 0};
	reference(c);
	edits(c);
	for (int k = 0; k < FZ_N_HAP; k++)
		donor(c, k);
	c->cut[0] = fz_draw(s, 3) ? c->hot - 60 + (int32_t)fz_draw(s, 120)
				  : 1 + (int32_t)fz_draw(s, (uint32_t)c->ref_len - 1);
	c->cut[1] = fz_draw(s, 2) ? c->cut[0] + 1 + (int32_t)fz_draw(s, 60) : c->ref_len;
	for (int i = 0; i < 2; i++)
		c->cut[i] = c->cut[i] < 1 ? 1 : c->cut[i] > c->ref_len ? c->ref_len : c->cut[i];
}
