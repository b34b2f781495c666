/* SPDX-License-Identifier: GPL-3.0-or-later
 * varpass_put.c -- BCF records put together again, with the fields that stages set, as htslib does it. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "io/bcfraw.h"
#include "io/varpass_int.h"

static bool put_field(kstring_t *to, int id, const struct grx_field *f)
{
	const char *s;

	if (bcf_enc_int1(to, id) < 0)
		return false;
	switch (f->type) {
	case GRX_T_FLAG:
		return bcf_enc_size(to, 0, BCF_BT_NULL) >= 0;
	case GRX_T_INT:
		return bcf_enc_vint(to, f->n, f->v.i, -1) >= 0;
	case GRX_T_FLOAT:
		return bcf_enc_vfloat(to, f->n, f->v.f) >= 0;
	default:
		s = f->v.s && f->v.s[0] ? f->v.s[0] : ".";
		return bcf_enc_vchar(to, (int)strlen(s), s) >= 0;
	}
}

/* INFO as it was, with the fields that were set again in their places; *n_info fields in the end. */
static bool put_old(struct grx_varblock *b, const uint8_t *s, const struct varpass_rec *r, uint32_t *n_info)
{
	kstring_t *to = &b->out;
	uint8_t *end = (uint8_t *)s + BCFRAW_HEAD + bcfraw_u32(s);
	struct bcfraw rd = {(uint8_t *)s + r->info, end, false};
	const uint8_t *from = rd.p;

	for (uint32_t k = *n_info; k > 0; k--) {
		const uint8_t *field = rd.p;
		int type, n;
		const uint8_t *p = bcfraw_typed(&rd, &type, &n);
		struct varpass_set *set = varpass_set_find(b, bcfraw_int(p, type));
		bcfraw_typed(&rd, &type, &n);
		if (!set)
			continue;
		set->done = true;
		if (kputsn((const char *)from, (size_t)(field - from), to) < 0)
			return false;
		from = rd.p;
		if (set->drop)
			--*n_info;
		else if (!put_field(to, set->id, set->f))
			return false;
	}
	return kputsn((const char *)from, (size_t)(end - from), to) >= 0;
}

static void put_u32(char *p, size_t x)
{
	for (int i = 0; i < 4; i++)
		p[i] = (char)(x >> 8 * i & 0xff);
}

/* A record with what stages set, as htslib does it: a field keeps its place, new ones come behind. *full:
 * they are more than a record can have. */
static bool put_edited(const struct grx_varpass *p, struct grx_varblock *b, const uint8_t *s,
	const struct varpass_rec *r, bool *full)
{
	kstring_t *to = &b->out;
	size_t start = to->l, n_shared = bcfraw_u32(s), n_indiv = bcfraw_u32(s + 4);
	uint32_t counts = bcfraw_u32(s + BCFRAW_HEAD + 16), n_info = counts & 0xffff;

	if (kputsn((const char *)s, r->info, to) < 0 || !put_old(b, s, r, &n_info))
		return false;
	for (size_t i = 0; i < b->n_set; i++) {
		const struct varpass_set *set = &b->set[i];
		if (set->id == p->id_end && !set->drop && set->f->type == GRX_T_INT &&
			set->f->v.i[0] > r->pos)
			put_u32(to->s + start + BCFRAW_HEAD + 8, (size_t)(set->f->v.i[0] - r->pos));
		if (set->done || set->drop)
			continue;
		n_info++;
		if (!put_field(to, set->id, set->f))
			return false;
	}
	*full = n_info > GRX_VAR_MAX_INFO;
	put_u32(to->s + start, to->l - start - BCFRAW_HEAD);
	put_u32(to->s + start + BCFRAW_HEAD + 16, (counts & 0xffff0000u) | (n_info & 0xffff));
	return kputsn((const char *)s + BCFRAW_HEAD + n_shared, n_indiv, to) >= 0;
}

int varpass_bcf_encode(
	struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b, const struct grx_vars *v)
{
	int rc = GRX_OK;

	errno = 0; /* htslib's encoders drop values in silence when memory runs out */
	for (size_t i = 0; i < b->n_rec && !rc; i++) {
		const struct varpass_rec *r = &b->rec[i];
		const uint8_t *s = b->p + r->off;
		bool ok, full = false;
		rc = varpass_sets(cx, p, b, i, &v->v[i]);
		if (rc)
			break;
		ok = b->n_set ? put_edited(p, b, s, r, &full) : kputsn((const char *)s, r->n, &b->out) >= 0;
		rc = ok && errno != ENOMEM ? GRX_OK : grx_fail_nomem(cx, "record");
		if (!rc && full)
			rc = grx_varsink_full(cx, p->dst, &v->v[i]);
	}
	return rc;
}
