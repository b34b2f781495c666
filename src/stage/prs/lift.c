/* SPDX-License-Identifier: GPL-3.0-or-later
 * lift.c -- rows of another build to that of the target, by a chain file.
 * A row on the other strand gets the other strand's alleles; one whose span is not contiguous there, or whose
 * place is not on a primary chromosome, is not lifted. Alleles of different lengths hang on the base before
 * them, which on the other strand is another: they are lifted on the forward strand only. */
#include <string.h>

#include "base/log.h"
#include "bio/allele.h"
#include "bio/chain.h"
#include "io/text.h"
#include "stage/prs/weights_int.h"

struct prs_lift {
	struct grx_chain *chain;
	enum prs_build from, to;
};

void prs_lift_free(struct prs_lift *l)
{
	if (l)
		grx_chain_free(l->chain);
	grx_free(l);
}

static int read_chain(struct grx_ctx *cx, const char *path, struct grx_chain *c)
{
	int rc = GRX_E_BUG;
	struct grx_text *t = NULL;
	char *line;
	GRX_TRY(grx_text_open(cx, path, &t));
	for (;;) {
		GRX_TRY(grx_text_line(cx, t, &line));
		if (!line)
			break;
		GRX_TRY(grx_chain_line(cx, c, path, grx_text_lineno(t), line));
	}
	rc = grx_chain_end(cx, c, path);
out:
	grx_text_close(t);
	return rc;
}

/* Build by the lengths of the primary chromosomes; NR when they are of none. */
static enum prs_build build_of(
	const struct grx_chain *c, int64_t (*len)(const struct grx_chain *, const char *))
{
	static const char *const name[] = {"1", "2", "3", "7", "10", "20", "22"};
	for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
		int64_t n = len(c, name[i]);
		if (n && n == grx_build_contig_len(GRX_BUILD_37, name[i]))
			return PRS_BUILD_37;
		if (n && n == grx_build_contig_len(GRX_BUILD_38, name[i]))
			return PRS_BUILD_38;
	}
	return PRS_BUILD_NR;
}

int prs_lift_need(struct prs_wb *b, enum prs_build from, enum prs_build to, const char *file)
{
	if (!b->lift) {
		b->lift = grx_calloc(1, sizeof *b->lift);
		if (b->lift)
			b->lift->chain = grx_chain_new();
		if (!b->lift || !b->lift->chain)
			return grx_fail_nomem(b->cx, "a chain file");
		int rc = read_chain(b->cx, b->o->chain, b->lift->chain);
		if (rc) {
			prs_lift_free(b->lift);
			b->lift = NULL;
			return rc;
		}
		b->lift->from = build_of(b->lift->chain, grx_chain_from_len);
		b->lift->to = build_of(b->lift->chain, grx_chain_to_len);
	}
	const struct prs_lift *l = b->lift;
	bool ok = l->to == to && (l->from == from || (l->from == PRS_BUILD_NR && from == PRS_BUILD_36));
	if (!ok)
		return grx_fail(b->cx, GRX_E_MISMATCH,
			"%s: leads from %s to %s, but the positions of %s are of %s and the input is on %s; "
			"give the "
			"chain file for these",
			b->o->chain, prs_build_text(l->from), prs_build_text(l->to), file,
			prs_build_text(from), prs_build_text(to));
	return GRX_OK;
}

static const char *revcomp(struct grx_arena *mem, const char *s)
{
	size_t n = strlen(s);
	char *d = grx_arena_alloc(mem, n + 1, 1);
	if (d)
		grx_revcomp(s, n, d);
	return d;
}

/* Chains between 37 and 38 of the rCRS are the identity; the mitochondrion of "hg19" may be another sequence.
 */
static bool lift_mt(const struct prs_wb *b, bool hg19_mt)
{
	return b->lift->from != PRS_BUILD_NR && !hg19_mt;
}

int prs_lift_row(struct prs_wb *b, struct grx_arena *mem, bool hg19_mt, struct prs_wrow *r, bool *ok)
{
	struct grx_chain_hit h;
	size_t ne = strlen(r->ea), no = r->oa ? strlen(r->oa) : ne, span = ne > no ? ne : no;
	*ok = false;
	if (r->chrom == PRS_N_PRIMARY - 1) {
		*ok = lift_mt(b, hg19_mt);
		return GRX_OK;
	}
	if (!grx_allele_is_acgt(r->ea) ||
		!grx_chain_map(b->lift->chain, b->set->chrom[r->chrom], r->pos, r->pos + (int64_t)span, &h))
		return GRX_OK;
	int32_t chrom = prs_chrom_primary(h.name);
	if (chrom < 0 || (h.minus && (ne != no || (!r->oa && ne > 1))))
		return GRX_OK;
	if (h.minus) {
		r->ea = revcomp(mem, r->ea);
		const char *oa = r->oa ? revcomp(mem, r->oa) : NULL;
		if (!r->ea || (r->oa && !oa))
			return grx_fail_nomem(b->cx, "lifting scores");
		r->oa = oa;
	}
	r->chrom = chrom;
	r->pos = h.beg;
	*ok = true;
	return GRX_OK;
}
