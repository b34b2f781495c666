/* SPDX-License-Identifier: GPL-3.0-or-later
 * counts.c -- per-shard counters of reads: flags, mapping quality, insert size, base quality by cycle, GC.
 * Fractions of reads use primary alignments; quality and GC use primary reads that did not fail the vendor's
 * check. */
#include <string.h>

#include "stage/qc/qc_int.h"

static int bin(int64_t x, int max)
{
	return x < max ? (int)x : max;
}

/* Bases that are G or C, and that are A, C, G or T, of one packed byte are looked up base by base: 16 codes.
 */
static void count_gc(const struct grx_read *r, struct qc_sums *s)
{
	static const uint8_t is_gc[16] = {[2] = 1, [4] = 1},
			     is_acgt[16] = {[1] = 1, [2] = 1, [4] = 1, [8] = 1};
	int64_t gc = 0, acgt = 0;
	for (int32_t i = 0; i + 1 < r->l_seq; i += 2) {
		uint8_t b = r->seq[i >> 1];
		gc += is_gc[b >> 4] + is_gc[b & 15];
		acgt += is_acgt[b >> 4] + is_acgt[b & 15];
	}
	if (r->l_seq & 1) {
		uint8_t b = r->seq[r->l_seq >> 1] >> 4;
		gc += is_gc[b];
		acgt += is_acgt[b];
	}
	s->gc_bases += gc;
	s->acgt_bases += acgt;
	if (acgt)
		s->gc_read[(200 * gc + acgt) / (2 * acgt)]++;
}

static void count_quality(const struct grx_read *r, struct qc_sums *s)
{
	if (r->l_seq == 0 || r->qual[0] == 255) {
		s->r.no_qual++;
		return;
	}
	int mate = r->flag & GRX_R_READ2 ? 1 : 0;
	int64_t *n = s->cycle_n[mate], *sum = s->cycle_sum[mate];
	bool reverse = r->flag & GRX_R_REVERSE;
	for (int32_t i = 0; i < r->l_seq; i++) {
		int q = r->qual[reverse ? r->l_seq - 1 - i : i];
		int c = i < QC_CYCLE_MAX ? i : QC_CYCLE_MAX - 1;
		s->baseq[q < QC_BASEQ_MAX ? q : QC_BASEQ_MAX - 1]++;
		n[c]++;
		sum[c] += q;
	}
}

/* Pairs are counted once, from their left read. */
static void count_insert(const struct grx_read *r, struct qc_sums *s)
{
	const unsigned need = GRX_R_PAIRED | GRX_R_PROPER;
	const unsigned no = GRX_R_UNMAPPED | GRX_R_MUNMAPPED | GRX_R_DUP | GRX_R_QCFAIL;
	if ((r->flag & need) != need || (r->flag & no) || r->mtid != r->tid || r->isize <= 0)
		return;
	s->insert[bin(r->isize, QC_INSERT_MAX)]++;
}

static void count_mapped(const struct grx_read *r, struct qc_sums *s)
{
	s->r.mapped++;
	s->r.dup += (r->flag & GRX_R_DUP) != 0;
	s->mapq[r->mapq]++;
	if (r->mapq != 255) {
		s->r.mapq_n++;
		s->r.mapq_sum += r->mapq;
		s->r.mapq0 += r->mapq == 0;
	}
	count_insert(r, s);
}

static void count_read(const struct grx_read *r, struct qc_part *p)
{
	struct qc_sums *s = &p->s;
	bool mapped = !(r->flag & GRX_R_UNMAPPED);
	s->r.all++;
	s->r.qcfail += (r->flag & GRX_R_QCFAIL) != 0;
	s->r.mapped_all += mapped;
	p->contig.reads += mapped;
	if (r->flag & (GRX_R_SECONDARY | GRX_R_SUPPLEMENTARY)) {
		s->r.secondary += (r->flag & GRX_R_SECONDARY) != 0;
		s->r.supplementary += !(r->flag & GRX_R_SECONDARY);
		return;
	}
	s->r.primary++;
	s->r.paired += (r->flag & GRX_R_PAIRED) != 0;
	s->r.proper += mapped && (r->flag & GRX_R_PROPER) != 0;
	if (mapped)
		count_mapped(r, s);
	else
		s->r.unmapped++;
	if (r->flag & GRX_R_QCFAIL)
		return;
	s->r.bases += r->l_seq;
	count_gc(r, s);
	count_quality(r, s);
}

void qc_reads_shard(const struct grx_shard *sh, struct qc_part *p)
{
	const struct grx_reads *b = sh->reads;
	p->s.r.bad_cigar += b->n_bad_cigar;
	p->s.r.no_seq += b->n_no_seq;
	for (size_t i = 0; i < b->n; i++)
		if (b->v[i].pos >= sh->beg && b->v[i].pos < sh->end)
			count_read(&b->v[i], p);
}

/* Every member is int64_t: the whole struct is added as one row of numbers. */
void qc_sums_add(struct qc_sums *to, const struct qc_sums *from)
{
	int64_t *a = (int64_t *)(void *)to;
	const int64_t *b = (const int64_t *)(const void *)from;
	for (size_t i = 0; i < sizeof *to / sizeof *a; i++)
		a[i] += b[i];
}
