/* SPDX-License-Identifier: GPL-3.0-or-later
 * wants.c -- the loci that the caller must genotype for the scores, with the alternative allele to look for.
 * Where the reference sequence is at hand the right ALT is asked for, also when the row is on the other
 * strand: a homozygous reference call against the wrong allele would not match the row later. */
#include <string.h>

#include "bio/allele.h"
#include "bio/sites.h"
#include "io/fasta.h"
#include "stage/prs/prs_int.h"

/* Rows come in genome order: one stretch of reference serves many. */
struct window {
	struct grx_arena *mem;
	int32_t tid;  /* of the rows that come */
	int32_t have; /* of seq; -1 none */
	int64_t beg, n;
	char *seq;
};

enum { PRS_WINDOW_BP = 65536 };

/* Bases from pos on, at least `need` unless the contig ends or nobody has them (*n = 0). */
static int window_get(struct grx_ctx *cx, struct window *w, const struct prs_wrow *r, size_t need,
	const char **s, size_t *n)
{
	const char *name = grx_contig_name(cx->contigs, w->tid);
	*n = 0;
	*s = NULL;
	if (!cx->fasta)
		return GRX_OK;
	if (!w->seq || w->have != w->tid || r->pos < w->beg || r->pos + (int64_t)need > w->beg + w->n) {
		if (grx_contigs_find(grx_fasta_contigs(cx->fasta), name) < 0)
			return GRX_OK;
		grx_arena_reset(w->mem);
		w->seq = NULL;
		int64_t end = r->pos + (need > PRS_WINDOW_BP ? (int64_t)need : PRS_WINDOW_BP);
		int rc = grx_fasta_fetch(cx, cx->fasta, name, r->pos, end, w->mem, &w->seq, &w->n);
		if (rc != 0)
			return rc;
		w->have = w->tid;
		w->beg = r->pos;
	}
	int64_t left = w->beg + w->n - r->pos;
	*s = w->seq + (r->pos - w->beg);
	*n = left > 0 ? (size_t)left : 0;
	return GRX_OK;
}

/* ALT of a single-base row into alt[4]; "" when none is known. */
static void snv_alt(const struct prs_wrow *r, const char *ref, size_t n, char alt[4])
{
	int w = r->oa ? prs_which_is_ref(r, ref, n, false) : -2;
	bool flip = w == -1 && prs_which_is_ref(r, ref, n, true) >= 0;
	if (flip)
		w = prs_which_is_ref(r, ref, n, true);
	memset(alt, 0, 4);
	if (w >= 0) {
		char a = w == 1 ? r->oa[0] : r->ea[0];
		alt[0] = flip ? grx_complement(a) : a;
		return;
	}
	/* the caller knows REF and takes it out */
	alt[0] = r->ea[0];
	alt[1] = r->oa ? ',' : '\0';
	alt[2] = r->oa ? r->oa[0] : '\0';
}

static int want_row(struct grx_ctx *cx, struct window *w, const struct prs_wrow *r, struct grx_sites *add)
{
	size_t ne = strlen(r->ea), no = r->oa ? strlen(r->oa) : 0, n;
	const char *ref;
	char alt[4], id[128], who[] = "prs";
	struct grx_site s = {.tid = w->tid, .pos = r->pos, .who = who};
	int rc = window_get(cx, w, r, ne > no ? ne : no, &ref, &n);
	if (rc != 0)
		return rc;
	if (r->id && strlen(r->id) < sizeof id) {
		memcpy(id, r->id, strlen(r->id) + 1);
		s.id = id;
	}
	if (ne == 1 && no <= 1) {
		snv_alt(r, ref, n, alt);
		s.alt = alt;
		return grx_sites_add(cx, add, &s);
	}
	/* an indel: by position alone when the reference does not tell which allele it has */
	int which = n > 0 ? prs_which_is_ref(r, ref, n, false) : -2;
	char *ea = grx_arena_strdup(w->mem, r->ea), *oa = r->oa ? grx_arena_strdup(w->mem, r->oa) : NULL;
	if (!ea || (r->oa && !oa))
		return grx_fail_nomem(cx, "wanted loci");
	if (which >= 0 && oa) {
		s.ref = which == 1 ? ea : oa;
		s.alt = which == 1 ? oa : ea;
	}
	return grx_sites_add(cx, add, &s);
}

/* The rows of one contig. */
static int want_contig(
	struct grx_ctx *cx, struct window *w, struct prs_wcur *c, int32_t chrom, struct grx_sites *add)
{
	int rc = GRX_E_BUG, n;
	const struct prs_wrow *r;
	GRX_TRY(prs_wcur_seek(cx, c, chrom, 0, INT64_MAX));
	do {
		GRX_TRY(prs_wcur_next(cx, c, &r, &n));
		for (int i = 0; i < n; i++)
			if (r[i].code == PRS_NO_LOCUS)
				GRX_TRY(want_row(cx, w, &r[i], add));
	} while (n > 0);
	rc = GRX_OK;
out:
	return rc;
}

int prs_wants_add(struct grx_ctx *cx, const struct prs_set *ps, struct grx_sites *add)
{
	int rc = GRX_E_BUG;
	struct prs_wcur *c = NULL;
	struct window w = {.mem = grx_arena_new(), .have = -1};
	if (!w.mem)
		return grx_fail_nomem(cx, "wanted loci");
	GRX_TRY(prs_wcur_open(cx, ps, &c));
	for (int32_t k = 0; k < ps->n_chrom; k++) {
		w.tid = grx_contigs_find_alias(cx->contigs, ps->chrom[k]);
		if (w.tid >= 0)
			GRX_TRY(want_contig(cx, &w, c, k, add));
	}
	rc = GRX_OK;
out:
	prs_wcur_close(c);
	grx_arena_free(w.mem);
	return rc;
}
