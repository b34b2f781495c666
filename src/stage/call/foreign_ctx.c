/* SPDX-License-Identifier: GPL-3.0-or-later
 * foreign_ctx.c -- the fragments of a stretch as rows of alleles, and the columns where they differ.
 * Everything about a column comes from all reads over it, so it does not depend on the stretch. */
#include "stage/call/foreign_int.h"

#include <string.h>

#define MIN_ALT   3    /* reads with the allele */
#define MIN_SHARE 0.12 /* of those over it: one foreign copy in three at low depth, less two SD */

bool call_frn_usable(const struct call_work *w, const struct grx_read *r)
{
	const int refused = GRX_R_UNMAPPED | GRX_R_SECONDARY | GRX_R_SUPPLEMENTARY | GRX_R_QCFAIL | GRX_R_DUP;
	return !(r->flag & refused) && r->l_seq > 0 && r->n_cigar > 0 && r->mapq != 255 &&
	       r->mapq >= w->st->opt.min_mapq && r->end - r->pos <= CALL_FRN_READ;
}

/* Do both reads of the pair make one fragment? The same answer from either of them. */
static bool is_pair(const struct grx_read *r)
{
	int64_t d = r->mpos - r->pos;
	return (r->flag & GRX_R_PAIRED) && !(r->flag & GRX_R_MUNMAPPED) && r->mtid == r->tid &&
	       d <= CALL_FRN_MATE && d >= -CALL_FRN_MATE;
}

int64_t call_frn_anchor(const struct grx_read *r)
{
	return is_pair(r) ? (r->pos + r->mpos) / 2 + CALL_FRN_HALF : (r->pos + r->end) / 2;
}

/* Alleles of a read at each position of the reference that it covers. */
static void lay_out(const struct call_work *w, const struct grx_read *r, uint8_t *code)
{
	int64_t x = 0;
	int32_t q = 0;
	memset(code, FRN_NONE, (size_t)(r->end - r->pos));
	if (r->qual[0] == 255)
		return;
	for (uint32_t i = 0; i < r->n_cigar; i++) {
		int op = GRX_CIG_OP(r->cigar[i]);
		int64_t n = GRX_CIG_LEN(r->cigar[i]);
		if (op == GRX_C_M || op == GRX_C_EQ || op == GRX_C_X)
			for (int64_t k = 0; k < n; k++)
				if (r->qual[q + k] >= w->st->opt.min_baseq)
					code[x + k] = (uint8_t)grx_nt16_to_nt4[GRX_SEQ_CODE(r->seq, q + k)];
		if (op == GRX_C_D)
			code[x] = FRN_DEL;
		if (op == GRX_C_I && x > 0 && x < r->end - r->pos)
			code[x - 1] = FRN_INS;
		x += GRX_CIG_REF(op) ? n : 0;
		q += GRX_CIG_QUERY(op) ? (int32_t)n : 0;
	}
}

static void count_read(struct frn_stretch *s, const struct frn_row *a)
{
	int64_t b = a->r->pos > s->beg ? a->r->pos : s->beg, e = a->r->end < s->end ? a->r->end : s->end;
	for (int64_t p = b; p < e; p++) {
		int c = a->code[p - a->r->pos];
		uint16_t *n = &s->count[(p - s->beg) * FRN_CODES + c];
		if (c != FRN_NONE && *n < UINT16_MAX)
			++*n;
	}
}

static int add_read(struct call_work *w, struct frn_stretch *s, size_t i)
{
	const struct grx_read *r = &w->sh->reads->v[i];
	size_t len = (size_t)(r->end - r->pos);
	if (s->n_row == s->cap_row) {
		size_t cap = s->cap_row ? 2 * s->cap_row : 1024;
		struct frn_row *v = grx_arena_grow(w->mem, s->row, s->n_row, cap, sizeof(*v));
		struct frn_frag *f = grx_arena_alloc(w->mem, cap, sizeof(*f));
		int32_t *slot = grx_arena_alloc(w->mem, 2 * cap, sizeof(*slot));
		if (!v || !f || !slot)
			return grx_fail_nomem(w->cx, "fragments");
		s->row = v, s->frag = f, s->slot = slot, s->cap_row = cap;
	}
	if (s->n_code + len > s->cap_code) {
		/* rows keep pointers into the old block, which stays in the arena */
		s->cap_code = 2 * s->cap_code > 262144 ? 2 * s->cap_code : 262144;
		s->code = grx_arena_alloc(w->mem, s->cap_code, 1);
		s->n_code = 0;
		if (!s->code)
			return grx_fail_nomem(w->cx, "fragments");
	}
	struct frn_row *a = &s->row[s->n_row++];
	*a = (struct frn_row){.r = r, .code = s->code + s->n_code, .index = i};
	s->n_code += len;
	lay_out(w, r, a->code);
	count_read(s, a);
	return GRX_OK;
}

/* Reads to fragments: by name, both of them in reach. cap_row is a power of two. */
static void pair_rows(struct frn_stretch *s)
{
	size_t mask = 2 * s->cap_row - 1;
	memset(s->slot, 0xff, 2 * s->cap_row * sizeof(*s->slot));
	s->n_frag = 0;
	for (int32_t i = 0; i < (int32_t)s->n_row; i++) {
		const struct grx_read *r = s->row[i].r;
		struct frn_frag *f = NULL;
		size_t h = (size_t)(r->name_hash * 0x9E3779B97F4A7C15u >> 20) & mask;
		for (; is_pair(r) && s->slot[h] >= 0; h = (h + 1) & mask) {
			struct frn_frag *g = &s->frag[s->slot[h]];
			const struct grx_read *m = s->row[g->row[0]].r;
			if (g->row[1] < 0 && m->name_hash == r->name_hash && m->mpos == r->pos &&
				r->mpos == m->pos && strcmp(m->name, r->name) == 0) {
				f = g;
				break;
			}
		}
		if (f) {
			f->row[1] = i;
			continue;
		}
		s->frag[s->n_frag] = (struct frn_frag){.row = {i, -1}, .anchor = call_frn_anchor(r)};
		if (is_pair(r))
			s->slot[h] = (int32_t)s->n_frag;
		s->n_frag++;
	}
}

static int find_columns(struct call_work *w, struct frn_stretch *s)
{
	const char *ref = w->sh->ref + (s->beg - w->sh->ref_beg);
	s->n_col = 0;
	for (int64_t p = 0; p < s->end - s->beg; p++) {
		const uint16_t *c = &s->count[p * FRN_CODES];
		int rc = strchr("ACGT", ref[p]) ? (int)(strchr("ACGT", ref[p]) - "ACGT") : FRN_NONE, sum = 0;
		for (int k = 0; k < FRN_CODES; k++)
			sum += c[k];
		if (rc == FRN_NONE || sum - c[rc] < MIN_ALT)
			continue;
		for (int k = 0; k < FRN_CODES; k++) {
			if (k == rc || c[k] < MIN_ALT || c[k] < MIN_SHARE * sum)
				continue;
			if (s->n_col == s->cap_col) {
				s->cap_col = s->cap_col ? 2 * s->cap_col : 256;
				s->col = grx_arena_grow(
					w->mem, s->col, s->n_col, s->cap_col, sizeof(*s->col));
				if (!s->col)
					return grx_fail_nomem(w->cx, "columns");
			}
			s->col[s->n_col++] = (struct frn_col){.pos = s->beg + p,
				.ref = (uint8_t)rc,
				.alt = (uint8_t)k,
				.share = (float)c[k] / (float)sum};
		}
	}
	return GRX_OK;
}

int call_frn_gather(struct call_work *w, struct frn_stretch *s, int64_t beg, int64_t end)
{
	const struct grx_reads *rs = w->sh->reads;
	size_t lo = 0, hi = rs->n;
	s->beg = beg < w->sh->ref_beg ? w->sh->ref_beg : beg;
	s->end = end > w->sh->ref_end ? w->sh->ref_end : end;
	s->n_row = s->n_code = 0;
	size_t need = (size_t)(s->end - s->beg) * FRN_CODES;
	if (need > s->cap_count) {
		s->count = grx_arena_alloc(w->mem, need, sizeof(*s->count));
		s->cap_count = need;
		if (!s->count)
			return grx_fail_nomem(w->cx, "columns");
	}
	memset(s->count, 0, need * sizeof(*s->count));
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (rs->v[mid].pos < s->beg - CALL_FRN_READ)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (size_t i = lo; i < rs->n && rs->v[i].pos < s->end; i++)
		if (rs->v[i].end > s->beg && call_frn_usable(w, &rs->v[i])) {
			int rc = add_read(w, s, i);
			if (rc != GRX_OK)
				return rc;
		}
	if (s->n_row)
		pair_rows(s);
	else
		s->n_frag = 0;
	return find_columns(w, s);
}

/* Alleles of a fragment in the columns of the context; mates that disagree say nothing. */
bool call_frn_row(const struct frn_stretch *s, const struct frn_frag *f, const struct frn_view *v, int8_t *x)
{
	bool any = false;
	memset(x, -1, CALL_FRN_COLS);
	for (int m = 0; m < 2 && f->row[m] >= 0; m++) {
		const struct frn_row *a = &s->row[f->row[m]];
		for (int k = 0; k < v->n_col; k++) {
			const struct frn_col *c = &s->col[v->col[k]];
			if (c->pos < a->r->pos || c->pos >= a->r->end)
				continue;
			int code = a->code[c->pos - a->r->pos];
			int8_t val = code == c->alt ? 1 : code == c->ref ? 0 : -2;
			x[k] = x[k] == -1 || x[k] == val ? val : x[k] == -2 ? val : val == -2 ? x[k] : -2;
			any = any || val >= 0;
		}
	}
	return any;
}

/* Columns within [beg, end): all, or where there are too many those with the larger shares. */
static void view_columns(const struct frn_stretch *s, int64_t beg, int64_t end, struct frn_view *v)
{
	double share = 0;
	size_t lo = 0, n = 0;
	while (lo < s->n_col && s->col[lo].pos < beg)
		lo++;
	do {
		n = 0;
		for (size_t i = lo; i < s->n_col && s->col[i].pos < end; i++)
			if (s->col[i].share >= share && n++ < CALL_FRN_COLS)
				v->col[n - 1] = (int32_t)i;
		share += 0.1;
	} while (n > CALL_FRN_COLS && share < 1);
	v->n_col = (int)(n < CALL_FRN_COLS ? n : CALL_FRN_COLS);
}

void call_frn_context(const struct frn_stretch *s, int64_t win, struct frn_view *v, struct call_frn_ctx *c)
{
	int64_t beg = win - CALL_FRN_MARGIN, end = win + CALL_FRN_WINDOW + CALL_FRN_MARGIN;
	beg = beg < s->beg ? s->beg : beg;
	end = end > s->end ? s->end : end;
	view_columns(s, beg, end, v);
	c->n_col = v->n_col;
	c->n_frag = 0;
	c->len = end - beg;
	for (int k = 0; k < v->n_col; k++)
		c->pos[k] = (int32_t)(s->col[v->col[k]].pos - beg);
	if (v->n_col < 2)
		return;
	size_t n = 0;
	v->lo = v->hi = 0;
	bool first = true;
	for (size_t i = 0; i < s->n_frag; i++) {
		int64_t a = s->frag[i].anchor;
		if (a < beg - CALL_FRN_READ || a >= end + CALL_FRN_READ)
			continue;
		v->lo = first ? i : v->lo;
		first = false;
		v->hi = i + 1;
		n++;
	}
	/* more fragments than rows: those whose name hash divides */
	uint64_t step = n / CALL_FRN_FRAGS + 1;
	c->scale = (double)step;
	for (size_t i = v->lo; i < v->hi && c->n_frag < CALL_FRN_FRAGS; i++) {
		const struct frn_frag *f = &s->frag[i];
		if (step > 1 && (s->row[f->row[0]].r->name_hash >> 7) % step != 0)
			continue;
		c->n_frag += call_frn_row(s, f, v, c->x[c->n_frag]);
	}
}
