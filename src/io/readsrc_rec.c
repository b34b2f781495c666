/* SPDX-License-Identifier: GPL-3.0-or-later
 * readsrc_rec.c -- check one record's claims and copy it.
 * htslib checks that the parts of a record fit into its size; whether they make sense is checked here. The
 * parts that are needed (name, CIGAR, bases, qualities) lie side by side in the record: one copy per read. */
#include <string.h>

#include "base/str.h"
#include "io/readsrc_int.h"

const char *rs_where(const struct rs_file *s, const bam1_t *b, char *buf, size_t cap)
{
	const char *name = grx_contig_name(s->head.contigs, b->core.tid);

	snprintf(buf, cap, "%s:%lld", name ? name : "*", (long long)b->core.pos + 1);
	return buf;
}

static int rec_fail(struct grx_ctx *cx, const struct rs_file *s, const bam1_t *b, const char *what)
{
	char where[256];

	return grx_fail(cx, GRX_E_DATA, "%s: read at %s: %s: the file is corrupt; make it again", s->path,
		rs_where(s, b, where, sizeof(where)), what);
}

/* Any byte of q above 93 (not printable in SAM)? Eight at a time. */
static bool qual_high(const uint8_t *q, int n)
{
	uint64_t w, acc = 0;
	int i;

	for (i = 0; i + 8 <= n; i += 8) {
		memcpy(&w, q + i, 8);
		acc |= ((w & UINT64_C(0x7f7f7f7f7f7f7f7f)) + UINT64_C(0x2222222222222222)) | w;
	}
	for (; i < n; i++)
		acc |= q[i] > 93 ? 0x80 : 0;
	return (acc & UINT64_C(0x8080808080808080)) != 0;
}

/* Any '=' (code 0) among n bases? */
static bool seq_has_eq(const uint8_t *seq, int n)
{
	uint64_t w, acc = 0;
	int i, full = n / 2;

	for (i = 0; i + 8 <= full; i += 8) {
		memcpy(&w, seq + i, 8);
		acc |= (w - UINT64_C(0x1111111111111111)) & ~w & UINT64_C(0x8888888888888888);
	}
	for (; i < full; i++)
		acc |= !(seq[i] & 15) || !(seq[i] >> 4);
	if (n & 1)
		acc |= !(seq[full] >> 4);
	return acc != 0;
}

/* Size of one auxiliary value of this type, 0 if unknown. */
static int aux_size(uint8_t type)
{
	switch (type) {
	case 'A':
	case 'c':
	case 'C':
		return 1;
	case 's':
	case 'S':
		return 2;
	case 'i':
	case 'I':
	case 'f':
		return 4;
	case 'd':
		return 8;
	default:
		return 0;
	}
}

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Length of the value at p (after the type letter), -1 when it does not fit into [p, end). */
static int64_t aux_len(uint8_t type, const uint8_t *p, const uint8_t *end)
{
	const uint8_t *nul;
	int64_t n = aux_size(type);
	int es;

	if (n)
		return n <= end - p ? n : -1;
	if (type == 'Z' || type == 'H') {
		nul = memchr(p, 0, (size_t)(end - p));
		if (!nul || (type == 'H' && (nul - p) % 2))
			return -1;
		return nul - p + 1;
	}
	if (type != 'B' || end - p < 5)
		return -1;
	es = aux_size(p[0]);
	if (!es || p[0] == 'A' || p[0] == 'd')
		return -1;
	n = 5 + (int64_t)le32(p + 1) * es;
	return n <= end - p ? n : -1;
}

static int32_t aux_int(uint8_t type, const uint8_t *p)
{
	switch (type) {
	case 'c':
		return (int8_t)p[0];
	case 'C':
		return p[0];
	case 's':
		return (int16_t)(p[0] | p[1] << 8);
	case 'S':
		return p[0] | p[1] << 8;
	case 'i':
		return (int32_t)le32(p);
	case 'I':
		return le32(p) > INT32_MAX ? -1 : (int32_t)le32(p);
	default:
		return -1;
	}
}

/* Walk the auxiliary fields once: their lengths, NM, RG. */
static int aux_walk(
	struct grx_ctx *cx, const struct rs_file *s, const bam1_t *b, int32_t *nm, const char **rg)
{
	const uint8_t *p = bam_get_aux(b), *end = b->data + b->l_data;
	int64_t n;

	*nm = -1;
	*rg = NULL;
	while (p < end) {
		if (end - p < 4)
			return rec_fail(cx, s, b, "stray bytes after the last tag");
		n = aux_len(p[2], p + 3, end);
		if (n < 0)
			return rec_fail(cx, s, b, "a tag has an unknown type or reaches beyond the record");
		if (p[0] == 'N' && p[1] == 'M')
			*nm = aux_int(p[2], p + 3);
		else if (p[0] == 'R' && p[1] == 'G' && p[2] == 'Z')
			*rg = (const char *)p + 3;
		p += 3 + n;
	}
	if (*nm < 0)
		*nm = -1;
	return GRX_OK;
}

/* A read whose sample can't be told: an error that names it, or a verdict under --allow-unknown-rg: the only
 * sample's read, or nobody's. */
static int rg_unknown(
	struct grx_ctx *cx, const struct rs_file *s, const bam1_t *b, const char *rg, const struct rs_sm **of)
{
	char where[256];

	*of = s->head.n_sm == 1 ? s->head.sm[0] : NULL;
	if (s->allow_unknown_rg)
		return GRX_OK;
	rs_where(s, b, where, sizeof(where));
	if (!rg)
		return grx_fail(cx, GRX_E_DATA,
			"%s: read '%s' at %s has no read group, and the file holds %zu samples: add it with "
			"`samtools addreplacerg`, or leave such reads out with --allow-unknown-rg",
			s->path, bam_get_qname(b), where, s->head.n_sm);
	return grx_fail(cx, GRX_E_DATA,
		"%s: read '%s' at %s: its read group '%s' is not in the header: `samtools addreplacerg` or "
		"`samtools reheader` puts it right; --allow-unknown-rg %s",
		s->path, bam_get_qname(b), where, rg,
		*of ? "takes it for the only sample's" : "leaves such reads out");
}

/* Whose read is it? NULL: nobody's that is known. */
static int rg_check(struct grx_ctx *cx, const struct rs_file *s, struct rs_handle *h, const char *rg,
	const struct rs_sm **of)
{
	size_t n;

	if (!rg && s->head.n_sm == 1) {
		*of = s->head.sm[0];
		return GRX_OK;
	}
	if (rg && s->head.no_text) {
		*of = s->head.sm[0];
		return GRX_OK;
	}
	if (h->rg_sm && rg && !strcmp(rg, h->rg_last)) {
		*of = h->rg_sm;
		return GRX_OK;
	}
	*of = rg ? grx_map_get(s->head.rg, rg) : NULL;
	if (!*of)
		return rg_unknown(cx, s, h->rec, rg, of);
	n = strlen(rg);
	if (n < sizeof(h->rg_last)) {
		memcpy(h->rg_last, rg, n + 1);
		h->rg_sm = *of;
	}
	return GRX_OK;
}

static int name_check(struct grx_ctx *cx, const struct rs_file *s, const bam1_t *b)
{
	const unsigned char *p = (const unsigned char *)bam_get_qname(b);
	int n = b->core.l_qname - b->core.l_extranul, i;
	unsigned bad = 0;

	if (n < 2 || p[n - 1] != 0)
		return rec_fail(cx, s, b, "empty or unterminated read name");
	for (i = 0; i < n - 1; i++)
		bad |= (unsigned)(p[i] - 0x21) > 0x7E - 0x21;
	return bad || p[0] == '@'
		       ? rec_fail(cx, s, b, "read name with a space, control or other forbidden character")
		       : GRX_OK;
}

/* Hard clips stand at the ends, soft clips there or next to a hard clip. */
static bool clip_in_place(const uint32_t *c, uint32_t i, uint32_t n)
{
	if (i == 0 || i == n - 1)
		return true;
	if (GRX_CIG_OP(c[i]) == GRX_C_H)
		return false;
	return (i == 1 && GRX_CIG_OP(c[0]) == GRX_C_H) || (i == n - 2 && GRX_CIG_OP(c[n - 1]) == GRX_C_H);
}

/* What a CIGAR spans of the reference. */
struct extent {
	int64_t span, gap; /* gap: longest D or N */
};

/* Lengths of a CIGAR; GRX_E_DATA for what no aligner may write. */
static int cigar_check(struct grx_ctx *cx, const struct rs_file *s, const bam1_t *b, struct extent *x)
{
	const uint32_t *c = bam_get_cigar(b);
	uint32_t i, n = b->core.n_cigar;
	int64_t query = 0;

	*x = (struct extent){0};

	for (i = 0; i < n; i++) {
		int op = GRX_CIG_OP(c[i]);
		int64_t len = GRX_CIG_LEN(c[i]);

		if (op > GRX_C_X)
			return rec_fail(cx, s, b, "unknown CIGAR operation");
		if (len == 0)
			return rec_fail(cx, s, b, "CIGAR operation of length zero");
		if ((op == GRX_C_S || op == GRX_C_H) && !clip_in_place(c, i, n))
			return rec_fail(cx, s, b, "CIGAR clips in the middle");
		query += GRX_CIG_QUERY(op) ? len : 0;
		x->span += GRX_CIG_REF(op) ? len : 0;
		if ((op == GRX_C_D || op == GRX_C_N) && len > x->gap)
			x->gap = len;
	}
	if (n && b->core.l_qseq && query != b->core.l_qseq)
		return rec_fail(cx, s, b, "CIGAR and SEQ differ in length");
	return GRX_OK;
}

/* Places of the read and of its mate. */
static int place_check(struct grx_ctx *cx, const struct rs_file *s, const bam1_t *b)
{
	const bam1_core_t *c = &b->core;
	const struct grx_contigs *d = s->head.contigs;

	if (c->tid < -1 || c->tid >= d->n || c->mtid < -1 || c->mtid >= d->n)
		return rec_fail(cx, s, b, "reference number out of range");
	if (c->pos < -1 || c->mpos < -1 || (c->tid >= 0 && c->pos >= d->c[c->tid].len))
		return rec_fail(cx, s, b, "position outside its contig");
	return GRX_OK;
}

static void fill(const bam1_t *b, struct grx_read *r, int64_t span)
{
	const bam1_core_t *c = &b->core;

	r->sample = 0;
	r->over = false;
	r->tid = c->tid;
	r->pos = c->pos;
	r->end = c->pos + (span > 0 ? span : 1);
	r->flag = c->flag;
	r->mapq = c->qual;
	r->l_seq = c->l_qseq;
	r->n_cigar = c->flag & GRX_R_UNMAPPED ? 0 : c->n_cigar;
	r->name = bam_get_qname(b);
	r->cigar = bam_get_cigar(b);
	r->seq = bam_get_seq(b);
	r->qual = bam_get_qual(b);
	r->no_qual = c->l_qseq > 0 && r->qual[0] == 255;
	r->mtid = c->mtid;
	r->mpos = c->mpos;
	r->isize = c->isize;
}

int rs_rec_check(struct grx_ctx *cx, const struct rs_file *s, struct rs_handle *h, struct rs_held *to)
{
	const bam1_t *b = h->rec;
	struct grx_read *r = &to->r;
	const struct rs_sm *of = NULL;
	bool mapped = !(b->core.flag & GRX_R_UNMAPPED);
	struct extent x;
	const char *rg;
	int rc = GRX_E_BUG;

	GRX_TRY(place_check(cx, s, b));
	GRX_TRY(name_check(cx, s, b));
	GRX_TRY(cigar_check(cx, s, b, &x));
	GRX_TRY(aux_walk(cx, s, b, &r->nm, &rg));
	GRX_TRY(rg_check(cx, s, h, rg, &of));
	if (qual_high(bam_get_qual(b), b->core.l_qseq) && bam_get_qual(b)[0] != 255)
		return rec_fail(cx, s, b, "base quality above 93");
	if (seq_has_eq(bam_get_seq(b), b->core.l_qseq))
		return rec_fail(
			cx, s, b, "SEQ holds '=', which needs the reference (undo `samtools calmd -e`)");
	fill(b, r, mapped ? x.span : 0);
	r->sample = of && of->number > 0 ? (uint16_t)of->number : 0;
	to->v = RS_KEEP;
	if (!of)
		to->v = RS_UNKNOWN_RG;
	else if (of->number < 0)
		to->v = RS_OTHER_SAMPLE;
	else if (mapped && (x.span == 0 || (r->tid >= 0 && r->end > s->head.contigs->c[r->tid].len)))
		to->v = RS_BAD_CIGAR;
	else if (mapped && r->l_seq == 0)
		to->v = RS_NO_SEQ;
	else if (mapped && x.gap > GRX_MAX_GAP)
		to->v = RS_GAP;
	rc = GRX_OK;
out:
	return rc;
}

/* Bytes from the name to the last quality. */
static size_t payload(const struct grx_read *r)
{
	return (size_t)(r->qual + r->l_seq - (const uint8_t *)r->name);
}

/* Copy r's bytes to p and turn its pointers there. */
static void bytes_to(struct grx_read *r, char *p)
{
	const char *old = r->name;

	memcpy(p, old, payload(r));
	r->cigar = (const uint32_t *)(const void *)(p + ((const char *)r->cigar - old));
	r->seq = (const uint8_t *)p + (r->seq - (const uint8_t *)old);
	r->qual = (const uint8_t *)p + (r->qual - (const uint8_t *)old);
	r->name = p;
}

int rs_read_move(struct grx_ctx *cx, struct grx_read *r, struct grx_arena *mem)
{
	size_t n = payload(r);
	char *p = grx_arena_alloc(mem, n ? n : 1, 1);

	if (!p)
		return grx_fail_nomem(cx, "read");
	bytes_to(r, p);
	return GRX_OK;
}

int rs_refuse(struct grx_ctx *cx, struct rs_refused *b, const struct grx_refused *r)
{
	struct grx_refused *last = b->n ? &b->v[b->n - 1] : NULL;

	if (last && last->pos == r->pos && last->why == r->why) {
		last->n += r->n;
		return GRX_OK;
	}
	if (grx_grow(&b->v, &b->cap, b->n + 1, sizeof(*b->v), 0))
		return grx_fail_nomem(cx, "refused reads");
	b->v[b->n++] = *r;
	return GRX_OK;
}

/* Put r's bytes where those of the dropped read `old` are, if they fit. */
static bool bytes_reuse(struct grx_read *r, const struct grx_read *old)
{
	if (payload(r) > payload(old))
		return false;
	bytes_to(r, (char *)(uintptr_t)old->name);
	return true;
}

int rs_list_add(struct grx_ctx *cx, struct rs_list *l, const struct rs_held *h, struct grx_arena *mem)
{
	static const enum grx_refusal why[] = {[RS_OTHER_SAMPLE] = GRX_REFUSED_SAMPLE,
		[RS_UNKNOWN_RG] = GRX_REFUSED_RG,
		[RS_BAD_CIGAR] = GRX_REFUSED_CIGAR,
		[RS_NO_SEQ] = GRX_REFUSED_SEQ,
		[RS_GAP] = GRX_REFUSED_GAP};
	struct rs_place to = {.at = l->n};
	struct grx_read r = h->r;
	int rc = GRX_E_BUG;

	if (h->v == RS_COUNTED)
		return rs_refuse(cx, &l->bad, &h->was);
	if (h->v != RS_KEEP)
		return rs_refuse(cx, &l->bad, &(struct grx_refused){h->r.pos, 1, why[h->v]});
	if (grx_grow(&l->v, &l->cap, l->n + 1, sizeof(*l->v), 0))
		return grx_fail_nomem(cx, "reads of a shard");
	r.name_hash = grx_hash_str(r.name);
	if (l->thin.limit)
		GRX_TRY(rs_thin_add(cx, l, &r, &to));
	if (to.none)
		return GRX_OK;
	if (!to.reuse || !bytes_reuse(&r, &l->v[to.at]))
		GRX_TRY(rs_read_move(cx, &r, mem));
	l->v[to.at] = r;
	l->n += !to.reuse;
	rc = GRX_OK;
out:
	return rc;
}

void rs_list_clear(struct rs_list *l)
{
	grx_free(l->v);
	grx_free(l->bad.v);
	rs_thin_clear(&l->thin);
	*l = (struct rs_list){0};
}
