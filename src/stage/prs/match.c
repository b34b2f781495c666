/* SPDX-License-Identifier: GPL-3.0-or-later
 * match.c -- does a record of the target carry the alleles of a score row, and on which strand?
 * Order of preference as in the PGS Catalog calculator. Two deliberate differences without --compat: a row
 * without other allele is never matched by flipping (nothing would confirm the strand), and alleles of
 * several bases are reversed as well as complemented, those of different lengths not flipped at all (the
 * calculator complements without reversing, which no strand change does). */
#include <string.h>

#include "bio/allele.h"
#include "stage/prs/prs_int.h"

/* Is s what a reads on the other strand: reversed and complemented? */
static bool is_revcomp(const char *a, const char *s)
{
	size_t n = strlen(a);
	if (strlen(s) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (grx_complement(a[i]) != s[n - 1 - i])
			return false;
	return true;
}

/* Is the allele s that of a on the other strand? The calculator complements base by base. */
static bool is_comp(const char *a, const char *s, bool compat)
{
	if (!compat)
		return is_revcomp(a, s);
	size_t i = 0;
	for (; a[i] && s[i]; i++)
		if (grx_complement(a[i]) != s[i])
			return false;
	return a[i] == s[i];
}

/* One allele pair against a row with both alleles. */
static enum prs_prio pair_prio(const struct prs_wrow *r, const char *ref, const char *alt, bool compat)
{
	if (strcmp(r->ea, ref) == 0 && strcmp(r->oa, alt) == 0)
		return PRS_P_REFALT;
	if (strcmp(r->ea, alt) == 0 && strcmp(r->oa, ref) == 0)
		return PRS_P_ALTREF;
	/* alleles of different lengths share an anchor base to the left of the change: on the other strand it
	 * would be another one */
	if (!compat && strlen(ref) != strlen(alt))
		return PRS_P_NONE;
	if (is_comp(r->ea, ref, compat) && is_comp(r->oa, alt, compat))
		return PRS_P_REFALT_FLIP;
	if (is_comp(r->ea, alt, compat) && is_comp(r->oa, ref, compat))
		return PRS_P_ALTREF_FLIP;
	return PRS_P_NONE;
}

static enum prs_prio single_prio(const struct prs_wrow *r, const char *ref, const char *alt, bool compat)
{
	if (strcmp(r->ea, ref) == 0)
		return PRS_P_NO_OA_REF;
	if (strcmp(r->ea, alt) == 0)
		return PRS_P_NO_OA_ALT;
	if (compat && is_comp(r->ea, ref, compat))
		return PRS_P_NO_OA_REF_FLIP;
	if (compat && is_comp(r->ea, alt, compat))
		return PRS_P_NO_OA_ALT_FLIP;
	return PRS_P_NONE;
}

static bool prio_is_flip(enum prs_prio p)
{
	return p == PRS_P_REFALT_FLIP || p == PRS_P_ALTREF_FLIP || p == PRS_P_NO_OA_REF_FLIP ||
	       p == PRS_P_NO_OA_ALT_FLIP;
}

static bool prio_is_ref(enum prs_prio p)
{
	return p == PRS_P_REFALT || p == PRS_P_REFALT_FLIP || p == PRS_P_NO_OA_REF ||
	       p == PRS_P_NO_OA_REF_FLIP;
}

/* A multiallelic record pads its alleles to a common REF: drop the common suffix, keep one base each. */
struct shortened {
	char ref[64], alt[64];
	const char *r, *a;
};

static void shorten(struct shortened *s, const char *ref, const char *alt)
{
	size_t nr = strlen(ref), na = strlen(alt), cut = 0;
	s->r = ref;
	s->a = alt;
	while (nr - cut > 1 && na - cut > 1 && ref[nr - cut - 1] == alt[na - cut - 1])
		cut++;
	if (cut == 0 || nr - cut >= sizeof s->ref || na - cut >= sizeof s->alt)
		return;
	memcpy(s->ref, ref, nr - cut);
	s->ref[nr - cut] = '\0';
	memcpy(s->alt, alt, na - cut);
	s->alt[na - cut] = '\0';
	s->r = s->ref;
	s->a = s->alt;
}

static enum prs_prio prio(const struct prs_wrow *r, const struct shortened *s, bool compat)
{
	return r->oa ? pair_prio(r, s->r, s->a, compat) : single_prio(r, s->r, s->a, compat);
}

static int n_real_alt(const struct grx_geno *v)
{
	int n = 0;
	for (int k = 1; k < v->n_allele; k++)
		n += grx_allele_is_seq(v->allele[k]);
	return n;
}

void prs_match_record(const struct prs_wrow *r, const struct grx_geno *v, bool compat, struct prs_hit *h)
{
	*h = (struct prs_hit){.prio = PRS_P_NONE,
		.code = PRS_ALLELE_MISMATCH,
		.allele = -1,
		.alt = -1,
		.rec = -1,
		.block = -1};
	int n_alt = n_real_alt(v);
	bool as_ref = false, as_alt = false;
	for (int k = 1; k < v->n_allele; k++) {
		if (!grx_allele_is_seq(v->allele[k]))
			continue;
		struct shortened s = {.r = v->allele[0], .a = v->allele[k]};
		if (n_alt > 1 && !compat)
			shorten(&s, v->allele[0], v->allele[k]);
		enum prs_prio p = prio(r, &s, compat);
		if (p == PRS_P_NONE && s.r != v->allele[0]) { /* the row may be padded as the record is */
			s = (struct shortened){.r = v->allele[0], .a = v->allele[k]};
			p = prio(r, &s, compat);
		}
		as_ref |= p == PRS_P_REFALT || p == PRS_P_NO_OA_REF;
		as_alt |= p == PRS_P_ALTREF || p == PRS_P_NO_OA_ALT;
		if (p >= h->prio)
			continue;
		h->prio = p;
		h->allele = prio_is_ref(p) ? 0 : k;
		h->alt = k;
		h->palindromic = is_comp(s.r, s.a, compat);
		h->flip = prio_is_flip(p);
		h->code = h->flip ? PRS_MATCHED_FLIP : PRS_MATCHED;
	}
	/* TA>T,TAA: is "TA, T" the deletion of A or its insertion? */
	if (h->prio < PRS_P_NONE && n_alt > 1 && (compat || (as_ref && as_alt)))
		h->code = PRS_MULTIALLELIC_DROPPED;
}

/* Which allele of the row is the reference? 1 effect, 0 other, -1 neither, -2 not to be told. */
int prs_which_is_ref(const struct prs_wrow *r, const char *ref, size_t n, bool flip)
{
	size_t ne = strlen(r->ea), no = r->oa ? strlen(r->oa) : 0;
	if (n == 0)
		return -2;
	if (ne == 1 && no <= 1) {
		char e = flip ? grx_complement(r->ea[0]) : r->ea[0];
		if (e == ref[0])
			return 1;
		if (no == 0) /* without the other allele an effect allele of the other strand looks like this
				too */
			return grx_complement(r->ea[0]) == ref[0] ? -2 : 0;
		return (flip ? grx_complement(r->oa[0]) : r->oa[0]) == ref[0] ? 0 : -1;
	}
	if (no == 0 || n < ne || n < no)
		return -2;
	bool e = strncmp(r->ea, ref, ne) == 0, o = strncmp(r->oa, ref, no) == 0;
	if (e && o) /* an insertion into, or a deletion from, a run of the same bases */
		return -2;
	return e ? 1 : o ? 0 : -1;
}

void prs_match_id(const struct prs_wrow *r, const struct grx_geno *v, struct prs_hit *h)
{
	*h = (struct prs_hit){.prio = PRS_P_NONE,
		.code = PRS_ALLELE_MISMATCH,
		.allele = -1,
		.alt = -1,
		.rec = -1,
		.block = -1};
	if (!r->id || !v->id || strcmp(r->id, v->id) != 0)
		return;
	for (int k = 0; k < v->n_allele && h->allele < 0; k++) {
		if (strcmp(v->allele[k], r->ea) != 0)
			continue;
		h->allele = k;
		h->alt = k ? k : 1;
		h->prio = k ? PRS_P_NO_OA_ALT : PRS_P_NO_OA_REF;
		h->code = PRS_MATCHED;
	}
}

void prs_match_block(const struct prs_wrow *r, const char *ref, size_t n, struct prs_hit *h)
{
	*h = (struct prs_hit){.prio = PRS_P_BLOCK,
		.code = PRS_MATCHED_REF,
		.allele = -1,
		.alt = -1,
		.rec = -1,
		.block = -1};
	int w = prs_which_is_ref(r, ref, n, false);
	bool snv = !r->ea[1] && r->oa && !r->oa[1];
	if (w == -1 && snv) {
		w = prs_which_is_ref(r, ref, n, true);
		h->flip = w >= 0;
	}
	if (h->flip)
		h->code = PRS_MATCHED_FLIP;
	if (w == -2) {
		h->code = PRS_NO_REFERENCE_BASE;
		h->prio = PRS_P_BLOCK_UNKNOWN;
	} else if (w == -1) {
		h->code = PRS_ALLELE_MISMATCH;
		h->prio = PRS_P_NONE;
	}
	h->allele = w == 1 ? 0 : -1;
	h->palindromic = w >= 0 && snv && grx_is_palindromic(r->ea, r->oa);
}
