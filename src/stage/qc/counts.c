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

/* 16 packed bases at a time. A code has one bit for each base it allows: G and C are the codes 2 and 4, A C G
 * T those with one bit. With odd parity a code has one or three bits, and three always fill the lower or the
 * upper pair. */
static void count_gc_word(uint64_t x, int64_t *gc, int64_t *acgt)
{
	const uint64_t m = UINT64_C(0x1111111111111111);
	uint64_t a = x & m, c = x >> 1 & m, g = x >> 2 & m, t = x >> 3 & m;
	*gc += __builtin_popcountll((c ^ g) & ~(a | t));
	*acgt += __builtin_popcountll((a ^ c ^ g ^ t) & ~((a & c) | (g & t)));
}

static void count_gc(const struct grx_read *r, struct qc_sums *s)
{
	int64_t gc = 0, acgt = 0;
	int32_t i = 0, bytes = r->l_seq / 2;
	for (; i < bytes; i += 8) {
		uint64_t x = 0;
		memcpy(&x, r->seq + i, (size_t)(bytes - i < 8 ? bytes - i : 8));
		count_gc_word(x, &gc, &acgt);
	}
	if (r->l_seq & 1)
		count_gc_word(r->seq[bytes] >> 4, &gc, &acgt);
	s->gc_bases += gc;
	s->acgt_bases += acgt;
	if (acgt)
		s->gc_read[(200 * gc + acgt) / (2 * acgt)]++;
}

/* Sums by cycle in the order of sequencing; simple loops that the compiler makes wide. */
static void add_cycles(const struct grx_read *r, int64_t *sum)
{
	int32_t n = r->l_seq < QC_CYCLE_MAX ? r->l_seq : QC_CYCLE_MAX;
	const uint8_t *q = r->qual;
	if (!(r->flag & GRX_R_REVERSE)) {
		for (int32_t i = 0; i < n; i++)
			sum[i] += q[i];
		for (int32_t i = n; i < r->l_seq; i++)
			sum[QC_CYCLE_MAX - 1] += q[i];
		return;
	}
	q += r->l_seq - n;
	for (int32_t i = 0; i < n; i++)
		sum[n - 1 - i] += q[i];
	for (int32_t i = 0; i < r->l_seq - n; i++)
		sum[QC_CYCLE_MAX - 1] += r->qual[i];
}

static void count_quality(const struct grx_read *r, struct qc_part *p)
{
	const uint8_t *q = r->qual;
	int mate = r->flag & GRX_R_READ2 ? 1 : 0;
	int32_t i = 0;
	if (r->l_seq == 0 || q[0] == 255) {
		p->s.r.no_qual++;
		return;
	}
	/* four tables: equal neighbours would wait for each other in one */
	for (; i + 4 <= r->l_seq; i += 4) {
		p->quality[0][q[i]]++;
		p->quality[1][q[i + 1]]++;
		p->quality[2][q[i + 2]]++;
		p->quality[3][q[i + 3]]++;
	}
	for (; i < r->l_seq; i++)
		p->quality[0][q[i]]++;
	add_cycles(r, p->s.cycle_sum[mate]);
	int32_t last = r->l_seq < QC_CYCLE_MAX ? r->l_seq : QC_CYCLE_MAX;
	p->length[mate][last]++;
	p->s.cycle_n[mate][QC_CYCLE_MAX - 1] += r->l_seq - last;
}

/* Scratch tables to sums: a read of n bases has every cycle below n. */
static void fold(struct qc_part *p)
{
	for (int k = 0; k < 4; k++)
		for (int q = 0; q < 256; q++)
			p->s.baseq[q < QC_BASEQ_MAX ? q : QC_BASEQ_MAX - 1] += p->quality[k][q];
	for (int mate = 0; mate < 2; mate++) {
		int64_t n = 0;
		for (int c = QC_CYCLE_MAX; c > 0; c--) {
			n += p->length[mate][c];
			p->s.cycle_n[mate][c - 1] += n;
		}
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
	count_quality(r, p);
}

void qc_reads_shard(const struct grx_shard *sh, struct qc_part *p)
{
	const struct grx_reads *b = sh->reads;
	p->s.r.bad_cigar += b->n_bad_cigar;
	p->s.r.no_seq += b->n_no_seq;
	for (size_t i = 0; i < b->n; i++)
		if (b->v[i].pos >= sh->beg && b->v[i].pos < sh->end)
			count_read(&b->v[i], p);
	fold(p);
}

/* Every member is int64_t: the whole struct is added as one row of numbers. */
void qc_sums_add(struct qc_sums *to, const struct qc_sums *from)
{
	int64_t *a = (int64_t *)(void *)to;
	const int64_t *b = (const int64_t *)(const void *)from;
	for (size_t i = 0; i < sizeof *to / sizeof *a; i++)
		a[i] += b[i];
}
