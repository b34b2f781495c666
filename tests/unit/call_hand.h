/* SPDX-License-Identifier: GPL-3.0-or-later
 * call_hand.h -- the work of one shard of the call stage set up by hand: a reference, reads with CIGARs in
 * text, samples; then run step by step or as a whole. For tests of the haplotype engine. */
#ifndef GRX_TEST_CALL_HAND_H
#define GRX_TEST_CALL_HAND_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "bio/contig.h"
#include "bio/sites.h"
#include "math/prob.h"
#include "stage/call/call_hap.h"
#include "stage/call/call_int.h"
#include "stage/stages.h"

#define HAND_MAX_REF 4000

struct hand {
	struct grx_ctx cx;
	struct grx_contigs *contigs;
	struct grx_arena *mem, *scratch;
	struct grx_reads reads;
	struct grx_reads_info info;
	struct grx_shard sh;
	struct call_opt opt;
	void *state;
	struct call_work w;
	char ref[HAND_MAX_REF + 1];
	int n_ref, n_name;
	uint64_t rng;
};

static struct hand hd;

/* 0..n-1; the same sequence in every run. */
static inline uint32_t hand_rnd(uint32_t n)
{
	hd.rng = hd.rng * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(hd.rng >> 33) % n;
}

/* n bases that differ from their neighbours up to 2 away: no repeat but those that a test plants. */
static inline void hand_ref(int n)
{
	hd.n_ref = n;
	for (int i = 0; i < n; i++)
		do
			hd.ref[i] = "ACGT"[hand_rnd(4)];
		while ((i > 0 && hd.ref[i] == hd.ref[i - 1]) || (i > 1 && hd.ref[i] == hd.ref[i - 2]));
	hd.ref[n] = 0;
}

static inline void hand_open(const char *contig, int n_sample)
{
	static const char *const name[] = {"S1", "S2", "S3"};
	static int any;
	memset(&hd, 0, sizeof(hd));
	grx_math_init();
	hd.rng = 20240229;
	hd.mem = grx_arena_new();
	hd.scratch = grx_arena_new();
	hand_ref(2000);
	hd.contigs = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&hd.cx, hd.contigs, contig, HAND_MAX_REF, NULL), GRX_OK);
	hd.cx.contigs = hd.contigs;
	hd.cx.fasta = (struct grx_fasta *)(void *)&any;
	hd.cx.hdr = grx_hdr_new(hd.contigs);
	hd.info = (struct grx_reads_info){.sample = name[0], .n_sample = n_sample, .samples = name};
	hd.cx.reads = &hd.info;
	for (int i = 0; i < n_sample; i++)
		ck_assert_int_eq(grx_hdr_sample_add(&hd.cx, hd.cx.hdr, name[i]), GRX_OK);
	hd.cx.sites = grx_sites_new();
	hd.opt = (struct call_opt){.sex = "auto",
		.min_mapq = 20,
		.min_baseq = 13,
		.max_depth = 500,
		.min_qual = 20,
		.emit_qual = 5,
		.snv_prior = 1e-3,
		.indel_prior = 1e-4};
}

static inline void hand_close(void)
{
	if (hd.state)
		grx_stage_call.close(hd.state);
	grx_arena_free(hd.w.tmp);
	grx_arena_free(hd.w.jobs);
	grx_sites_free(hd.cx.sites);
	grx_hdr_free(hd.cx.hdr);
	grx_contigs_free(hd.contigs);
	grx_arena_free(hd.mem);
	grx_arena_free(hd.scratch);
	free(hd.reads.v);
}

/* The read `bases` at pos, CIGAR as text. */
static inline struct grx_read *hand_read(int64_t pos, const char *bases, const char *cigar)
{
	size_t n = strlen(bases), nc = 0;
	hd.reads.v = realloc(hd.reads.v, (hd.reads.n + 1) * sizeof(*hd.reads.v));
	struct grx_read *r = &hd.reads.v[hd.reads.n++];
	uint8_t *seq = grx_arena_calloc(hd.mem, n / 2 + 1, 1), *qual = grx_arena_alloc(hd.mem, n, 1);
	uint32_t *cg = grx_arena_alloc(hd.mem, 32, sizeof(*cg));
	int64_t end = pos;
	for (size_t i = 0; i < n; i++) {
		uint8_t c = (uint8_t)((const char *)memchr(grx_nt16, bases[i], 16) - grx_nt16);
		seq[i / 2] |= (uint8_t)(i % 2 ? c : c << 4);
		qual[i] = 35;
	}
	for (const char *p = cigar; *p; p++) {
		char *e;
		unsigned long len = strtoul(p, &e, 10);
		int op = (int)(strchr("MIDNSHP=X", *e) - "MIDNSHP=X");
		cg[nc++] = (uint32_t)(len << 4) | (uint32_t)op;
		end += GRX_CIG_REF(op) ? (int64_t)len : 0;
		p = e;
	}
	const char *name = grx_arena_printf(hd.mem, "r%d", hd.n_name++);
	*r = (struct grx_read){.pos = pos,
		.end = end,
		.mapq = 60,
		.l_seq = (int32_t)n,
		.n_cigar = (uint32_t)nc,
		.cigar = cg,
		.seq = seq,
		.qual = qual,
		.mtid = -1,
		.mpos = -1,
		.name = name,
		.name_hash = grx_hash_str(name),
		.nm = -1};
	r->flag = hd.n_name % 2 ? GRX_R_REVERSE : 0;
	return r;
}

/* A change of the donor: [pos, pos + rlen) becomes alt. */
struct hand_edit {
	int64_t pos;
	int rlen;
	const char *alt;
};

/* A read of 100 bases from reference position beg on, of a donor with these edits (ascending). */
static inline struct grx_read *hand_donor(int64_t beg, const struct hand_edit *e, int n)
{
	char s[101], cig[200];
	int len = 0, run = 0, k = 0;
	int64_t p = beg;
	for (int i = 0; i <= n; i++) {
		int64_t stop = i < n ? e[i].pos : hd.n_ref;
		if (stop < p)
			continue;
		for (; p < stop && len < 100; p++, run++)
			s[len++] = hd.ref[p];
		if (i == n || len == 100)
			break;
		int na = (int)strlen(e[i].alt), same = na < e[i].rlen ? na : e[i].rlen;
		if (len + na > 95)
			break;
		memcpy(s + len, e[i].alt, (size_t)na);
		len += na;
		run += same;
		if (na != e[i].rlen) {
			k += sprintf(
				cig + k, "%dM%d%c", run, abs(na - e[i].rlen), na > e[i].rlen ? 'I' : 'D');
			run = 0;
		}
		p += e[i].rlen;
	}
	s[len] = 0;
	sprintf(cig + k, "%dM", run);
	return hand_read(beg, s, cig);
}

/* n reads of that donor over mid, evenly spread. */
static inline void hand_pile(int n, int64_t mid, const struct hand_edit *e, int n_edit, int sample)
{
	for (int i = 0; i < n; i++)
		hand_donor(mid - 85 + i * 70 / n, e, n_edit)->sample = (uint16_t)sample;
}

static inline int hand_by_pos(const void *pa, const void *pb)
{
	const struct grx_read *a = pa, *b = pb;
	return a->pos != b->pos ? (a->pos < b->pos ? -1 : 1) : strcmp(a->name, b->name);
}

static inline void hand_ready(int64_t beg, int64_t end)
{
	if (hd.reads.n)
		qsort(hd.reads.v, hd.reads.n, sizeof(*hd.reads.v), hand_by_pos);
	hd.sh = (struct grx_shard){.beg = beg,
		.end = end,
		.halo_end = hd.n_ref,
		.ref = hd.ref,
		.ref_end = hd.n_ref,
		.reads = &hd.reads,
		.mem = hd.mem,
		.scratch = hd.scratch};
	if (!hd.state) {
		ck_assert_int_eq(grx_sites_finish(&hd.cx, hd.cx.sites), GRX_OK);
		ck_assert_int_eq(grx_stage_call.open(&hd.opt, &hd.cx, &hd.state), GRX_OK);
	}
}

/* Everything: the records. */
static inline const struct grx_vars *hand_call(void)
{
	hand_ready(100, hd.n_ref - 100);
	ck_assert_msg(grx_stage_call.shard(hd.state, &hd.cx, &hd.sh) == GRX_OK, "%s", hd.cx.err.msg);
	return hd.sh.vars;
}

/* The steps up to the regions of the core [beg, end), in hd.w. */
static inline struct call_work *hand_regions(int64_t beg, int64_t end)
{
	hand_ready(beg, end);
	grx_arena_free(hd.w.tmp);
	grx_arena_free(hd.w.jobs);
	struct call_work *w = &hd.w;
	*w = (struct call_work){.st = hd.state, .cx = &hd.cx, .sh = &hd.sh, .mem = hd.mem, .out = hd.mem};
	w->n_sample = w->st->n_sample;
	w->n = grx_arena_calloc(hd.mem, 1, sizeof(*w->n));
	w->tmp = grx_arena_new();
	w->jobs = grx_arena_new();
	w->beg = beg - CALL_PAD_BP < 0 ? 0 : beg - CALL_PAD_BP;
	w->end = end + CALL_PAD_BP > hd.n_ref ? hd.n_ref : end + CALL_PAD_BP;
	ck_assert_int_eq(call_reads_select(w), GRX_OK);
	ck_assert_int_eq(call_scan(w), GRX_OK);
	call_indels_merge(w);
	ck_assert_int_eq(call_regions_make(w), GRX_OK);
	return w;
}

/* A region with these alleles (ascending), as wide as they are. */
static inline struct call_region *hand_region(struct call_work *w, const struct hand_edit *e, int n)
{
	struct call_region *rg = grx_arena_calloc(hd.mem, 1, sizeof(*rg));
	rg->left = INT64_MIN;
	rg->right = INT64_MAX;
	rg->beg = e[0].pos;
	for (int i = 0; i < n; i++) {
		int64_t b, end;
		rg->a[i] = (struct call_allele){.pos = e[i].pos,
			.rlen = e[i].rlen,
			.alen = (int32_t)strlen(e[i].alt),
			.alt = e[i].alt,
			.n_read = 5};
		call_locus_tract(w, &rg->a[i], &b, &end);
		rg->end = end > rg->end ? end : rg->end;
		(void)call_region_prior(w, rg, i);
	}
	rg->n = n;
	call_region_widen(w, rg);
	return rg;
}

static inline const int32_t *hand_fmt(const struct grx_var *v, const char *key, int sample)
{
	const struct grx_field *f = grx_var_fmt(v, key);
	return f ? &f->v.i[sample * f->n] : NULL;
}

static inline void hand_gt(const struct grx_var *v, int sample, int a, int b)
{
	ck_assert_int_eq(GRX_GT_ALLELE(v->gt[sample * v->ploidy]), a);
	ck_assert_int_eq(GRX_GT_ALLELE(v->gt[sample * v->ploidy + 1]), b);
}

static inline char hand_other(char c)
{
	return c == 'A' ? 'G' : c == 'G' ? 'A' : c == 'C' ? 'T' : 'C';
}

#endif
