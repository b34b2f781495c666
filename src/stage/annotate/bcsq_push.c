/* SPDX-License-Identifier: GPL-3.0-or-later
 * bcsq_push.c -- the consequences of one record: added once, marked for the samples that carry them, written.
 */
#include <string.h>

#include "stage/annotate/bcsq_int.h"

static const char *const term_name[BQ_N] = {"synonymous", "missense", "stop_lost", "stop_gained",
	"inframe_deletion", "inframe_insertion", "frameshift", "splice_acceptor", "splice_donor",
	"start_lost", "splice_region", "stop_retained", "5_prime_utr", "3_prime_utr", "non_coding", "intron",
	"inframe_altering", "coding_sequence", "feature_elongation", "feature_truncation", "start_retained"};

/* Of a transcript as a whole: its name is not shown, and all of a biotype are one. */
static bool names_tx(uint32_t terms)
{
	return (terms & ~(BQ(INTRON) | BQ(NON_CODING))) != 0;
}

/* --- one place for each --- */

enum same { SAME_NO, SAME_YES, SAME_ANEW };

/* A start or stop that the place of an allele gave, before its haplotypes were read. */
static bool is_provisional(const struct bcsq *h)
{
	return (h->terms & BQ_START_STOP) && !(h->terms & BQ(ELSEWHERE)) && !h->text;
}

/* The samples that carry it are marked anew, by their haplotypes. */
static void unmark(const struct bcsq_shard *b, struct bcsq_rec *r, int32_t index)
{
	uint32_t both = 3u << 2 * index % 30;
	for (int32_t s = 0; r->bits && s < b->n_sample && 2 * index / 30 < b->max_word; s++)
		r->bits[s * b->max_word + 2 * index / 30] &= ~both;
}

/* A pointer to another record: once for each, and in place of what was provisional. (bcftools also puts it in
 * place of another transcript's and of another haplotype's, whichever comes first, and so loses what that
 * said.) */
static enum same join_elsewhere(struct bcsq *have, const struct bcsq *c)
{
	if (have->terms & BQ(ELSEWHERE))
		return have->at == c->at ? SAME_YES : SAME_NO;
	if (c->x != have->x || !(c->terms & BQ_START_STOP) || !is_provisional(have))
		return SAME_NO;
	have->terms = c->terms;
	have->al = c->al;
	have->at = c->at;
	return SAME_ANEW;
}

static enum same join_compound(struct bcsq *have, const struct bcsq *c)
{
	if (c->x != have->x || c->al != have->al || (have->terms & BQ(ELSEWHERE)) ||
		((c->terms ^ have->terms) & BQ(BEHIND_STOP)))
		return SAME_NO;
	if (!c->text != !have->text) {
		/* the place gave one start or stop, the sequence another one: one consequence */
		if (!(c->terms & BQ_START_STOP) || !(have->terms & BQ_START_STOP))
			return SAME_NO;
		have->terms |= c->terms;
		if (have->terms & BQ(STOP_RETAINED))
			have->terms &= ~(BQ(STOP_LOST) | BQ(SYNONYMOUS));
		have->text = have->text ? have->text : c->text;
		return SAME_ANEW;
	}
	if (c->text && strcmp(c->text, have->text) != 0)
		return SAME_NO;
	have->terms |= c->terms;
	return SAME_YES;
}

static enum same join_place(struct bcsq *have, const struct bcsq *c)
{
	if ((c->x != have->x && names_tx(c->terms | have->terms)) ||
		strcmp(c->x->biotype, have->x->biotype) != 0)
		return SAME_NO;
	if (!(have->terms & BQ_COMPOUND)) {
		have->terms |= c->terms;
		return SAME_YES;
	}
	return (have->terms | c->terms) == have->terms ? SAME_YES : SAME_NO;
}

int annotate_bcsq_push(struct bcsq_shard *b, struct bcsq_rec *r, struct bcsq *c)
{
	if (c->terms & (BQ(DONOR) | BQ(ACCEPTOR)))
		c->terms &= ~BQ(SPLICE_REGION);
	for (struct bcsq *h = r->first; h; h = h->next) {
		enum same same = c->terms & BQ(ELSEWHERE) ? join_elsewhere(h, c)
				 : c->terms & BQ_COMPOUND ? join_compound(h, c)
							  : join_place(h, c);
		if (same == SAME_ANEW && !b->local)
			unmark(b, r, h->index);
		if (same != SAME_NO) {
			c->index = h->index;
			return GRX_OK;
		}
	}
	struct bcsq *own = grx_arena_alloc(b->w->keep, 1, sizeof *own);
	if (!own)
		return grx_fail_nomem(b->w->cx, "BCSQ");
	c->index = r->n++;
	c->next = NULL;
	*own = *c;
	*r->end = own;
	r->end = &own->next;
	return GRX_OK;
}

/* --- samples --- */

/* Two bits for each consequence, one for each copy; 30 of a word are used. */
int annotate_bcsq_mark(struct bcsq_shard *b, struct bcsq_rec *r, int32_t index, size_t slot)
{
	int64_t bit = 2 * (int64_t)index + (int64_t)(slot % 2);
	if (!r->bits) {
		r->bits = grx_arena_calloc(
			b->w->keep, (size_t)b->n_sample * (size_t)b->max_word, sizeof *r->bits);
		if (!r->bits)
			return grx_fail_nomem(b->w->cx, "BCSQ");
	}
	if (bit >= 2 * b->w->st->opt.ncsq) {
		r->over = true;
		b->w->part->hap.n_over_ncsq++;
		return GRX_OK;
	}
	int32_t word = (int32_t)(bit / 30);
	r->n_word = r->n_word > word ? r->n_word : word + 1;
	r->bits[(slot / 2) * (size_t)b->max_word + (size_t)word] |= 1u << bit % 30;
	return GRX_OK;
}

int annotate_bcsq_stage(struct bcsq_shard *b, struct bcsq_rec *r, struct bcsq *c)
{
	const struct grx_var *v = r->v;
	int rc = annotate_bcsq_push(b, r, c);
	if (rc || !c->al || !v->gt || v->ploidy < 1 || v->ploidy > 2)
		return rc;
	for (int32_t s = 0; s < b->n_sample; s++)
		for (int32_t h = 0; h < v->ploidy; h++) {
			int32_t g = v->gt[(int64_t)s * v->ploidy + h];
			if (GRX_GT_IS_END(g) || GRX_GT_ALLELE(g) != c->al)
				continue;
			if ((rc = annotate_bcsq_mark(b, r, c->index, 2 * (size_t)s + (size_t)h)))
				return rc;
		}
	return GRX_OK;
}

/* --- text --- */

static void text_add(const struct bcsq_shard *b, const struct bcsq *c, struct grx_str *o)
{
	uint32_t t = c->terms;
	const char *sep = "";
	if ((t & BQ(INCOMPLETE)) && (t & ~(BQ_START_STOP | BQ(INCOMPLETE) | BQ(BEHIND_STOP))))
		t &= ~(BQ_START_STOP | BQ(INCOMPLETE));
	if (t & BQ_START_STOP)
		t &= ~BQ(MISSENSE);
	if (t & BQ(ELSEWHERE)) {
		grx_str_addc(o, '@');
		grx_str_addi(o, b->rec[c->at].v->pos + 1);
		return;
	}
	if (t & BQ(BEHIND_STOP))
		grx_str_addc(o, '*');
	for (int i = 0; i < BQ_N; i++)
		if (t & 1u << i) {
			grx_str_add(o, sep);
			grx_str_add(o, term_name[i]);
			sep = "&";
		}
	if (c->x->nmd && names_tx(t))
		grx_str_add(o, *sep ? "&NMD_transcript" : "NMD_transcript");
	grx_str_addc(o, '|');
	grx_str_add(o, c->x->gene);
	grx_str_addc(o, '|');
	if (names_tx(t))
		grx_str_add(o, c->x->t->id);
	grx_str_addc(o, '|');
	grx_str_add(o, c->x->biotype);
	bool splice = t & (BQ(ACCEPTOR) | BQ(DONOR) | BQ(SPLICE_REGION));
	if (c->text || ((t & BQ_COMPOUND) && !splice))
		grx_str_add(o, c->x->t->strand > 0 ? "|+" : "|-");
	if (c->text)
		grx_str_add(o, c->text);
}

int annotate_bcsq_write(struct bcsq_shard *b, struct bcsq_rec *r)
{
	struct grx_str *o = &b->w->txt;
	struct grx_var *v = (struct grx_var *)(uintptr_t)r->v;
	if (!r->n)
		return GRX_OK;
	grx_str_reset(o);
	for (const struct bcsq *c = r->first; c; c = c->next) {
		if (c != r->first)
			grx_str_addc(o, ',');
		text_add(b, c, o);
	}
	struct grx_field *f = grx_var_info_set(b->w->keep, v, "BCSQ", GRX_T_STR, 1);
	if (!f || o->oom || !(f->v.s[0] = grx_arena_strndup(b->w->keep, o->s, o->n)))
		return grx_fail_nomem(b->w->cx, "BCSQ");
	if (r->over && !grx_var_info_set(b->w->keep, v, "BCSQ_OVER", GRX_T_FLAG, 0))
		return grx_fail_nomem(b->w->cx, "BCSQ");
	if (!b->n_sample || !r->n_word)
		return GRX_OK;
	f = grx_var_fmt_set(b->w->keep, v, "BCSQ", GRX_T_INT, r->n_word, b->n_sample);
	if (!f)
		return grx_fail_nomem(b->w->cx, "BCSQ");
	for (int32_t s = 0; s < b->n_sample; s++)
		for (int32_t i = 0; i < r->n_word; i++)
			f->v.i[s * r->n_word + i] = (int32_t)r->bits[s * b->max_word + i];
	return GRX_OK;
}
