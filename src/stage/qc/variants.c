/* SPDX-License-Identifier: GPL-3.0-or-later
 * variants.c -- transitions, transversions and zygosity of the first sample, over records with FILTER PASS or
 * '.'. Each called ALT allele counts once as SNV, indel or other; without genotypes every ALT allele counts.
 * A site counts as het when its two alleles differ and as hom when both are the same ALT; haploid genotypes
 * are counted apart. */
#include <string.h>

#include "bio/allele.h"
#include "stage/qc/qc_int.h"

static void count_allele(const struct grx_var *v, int allele, struct qc_var_counts *c)
{
	const char *ref = v->allele[0], *alt = v->allele[allele];
	if (!grx_allele_is_acgt(ref) || !grx_allele_is_acgt(alt)) {
		c->other++;
		return;
	}
	/* bases padded for a neighbour in the same record do not change the class */
	struct grx_change x = {v->pos, ref, alt, (int)strlen(ref), (int)strlen(alt)};
	grx_change_trim(&x);
	if (x.ref_len == 1 && x.alt_len == 1) {
		bool ts = grx_is_transition(x.ref[0], x.alt[0]);
		c->snv++;
		c->ts += ts;
		c->tv += !ts;
	} else if (x.ref_len != x.alt_len) {
		c->indel++;
	} else {
		c->other++;
	}
}

static void count_sample(const struct grx_var *v, struct qc_var_counts *c)
{
	int a[2] = {-1, -1}, n = 0;
	for (int k = 0; k < v->ploidy && n < 2 && !GRX_GT_IS_END(v->gt[k]); k++)
		a[n++] = GRX_GT_ALLELE(v->gt[k]);
	if (n == 0 || a[0] < 0 || (n == 2 && a[1] < 0)) {
		c->no_call++;
		return;
	}
	if (a[0] > 0)
		count_allele(v, a[0], c);
	if (n == 2 && a[1] > 0 && a[1] != a[0])
		count_allele(v, a[1], c);
	if (n == 1) {
		c->haploid += a[0] > 0;
		return;
	}
	c->het += a[0] != a[1];
	c->hom += a[0] == a[1] && a[0] > 0;
}

static bool passes(const struct grx_var *v)
{
	return v->n_filter == 0 || (v->n_filter == 1 && !strcmp(v->filter[0], "PASS"));
}

void qc_vars_shard(const struct grx_vars *b, struct qc_sums *s)
{
	bool samples = b->hdr && b->hdr->n_sample > 0;
	for (size_t i = 0; i < b->n; i++) {
		const struct grx_var *v = &b->v[i];
		if (grx_var_is_ref_block(v))
			continue;
		s->v.records++;
		if (!passes(v)) {
			s->v.filtered++;
			continue;
		}
		if (samples && v->ploidy > 0) {
			count_sample(v, &s->v);
			continue;
		}
		for (int k = 1; k < v->n_allele; k++)
			count_allele(v, k, &s->v);
	}
}
