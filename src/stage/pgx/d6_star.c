/* SPDX-License-Identifier: GPL-3.0-or-later
 * d6_star.c -- posterior over pairs of haplotypes, a haplotype being a form and its star allele.
 * First the sets of gene copies that depth and sites allow, then the alleles by the counts at defining loci:
 * copies with ALT among copies that look like CYP2D6 there. A locus with few fragments tells little. Alleles
 * that may hide there are weighed twice, by their frequency and as if common; only what holds either way is
 * called: missing is never reference, and never evidence of the rare allele either. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/prob.h"
#include "stage/pgx/d6.h"

#define NOISE         0.001  /* ALT where no copy has it */
#define NOISE_INDEL   0.0005 /* the same for an insertion or deletion of that length */
#define NOISE_PARALOG 0.02   /* the same where ALT is the base of CYP2D7 */
#define LOCUS_S       100.0  /* concentration of the beta-binomial */
#define NONE_A        4.0    /* its first shape where no copy has ALT: errors are all but independent */
#define HYBRID_ALT    0.03   /* that the CYP2D6 part of *13 or *68 has an ALT */
#define FAR           14.0   /* log units below the best arrangement: out */
#define MIN_SHARE     0.15   /* of one copy: below, an allele is not there */
#define COMMON        25.0   /* percent; weight of alleles that could hide */
#define MISFIT        7.0    /* log units */
#define MISFIT_ALL    9.0 /* the same, over all loci with ALT beyond the half unit that chance gives each */
#define INDEL_SHARE   0.4 /* of one copy: an unlisted insertion or deletion counts */
#define CALL_AT       0.8
#define LIST_AT       0.001
#define EXPLAIN_AT    0.95 /* one of the diplotypes of this mass must explain every locus */
enum {
	MAX_COPIES = D6_MAX_UNITS,
	MAX_ARRANGEMENT = 64,
	THIN = 2,
	LEAK_SHARE = 10,
	MIN_INDEL = 3,
	MAX_CANDIDATES = D6_MAX_ALLELE,
	SPARSE = 8, /* fragments per copy below which no ALT does not rule it out */
	MAX_LISTED = 40
};

struct hap {
	const struct d6_form *form;
	const struct d6_allele *allele; /* NULL: the form has none */
	const char *name;
	double log_weight[2]; /* by frequency; a hidden one as if common */
	bool hidden;          /* a locus of the allele has hardly any reads */
};

struct arrangement {
	const struct d6_form *f, *g;
	struct d6_units units;
	struct d6_cut cut;
	double loglik;
};

struct work {
	struct grx_arena *mem;
	const struct d6_table *t;
	struct d6_call *c;
	int n_arr, n_cand;
	struct arrangement arr[MAX_ARRANGEMENT];
	const struct d6_allele *cand[MAX_CANDIDATES];
	bool hidden[MAX_CANDIDATES];
	double (*ll)[MAX_COPIES + 1][MAX_COPIES + 1]; /* locus, copies, copies with ALT; NAN = not yet */
	struct d6_dip *dip;
	size_t n_dip, cap_dip;
	double (*log_post)[2]; /* by both weights */
};

static bool paralog_alt(const struct d6_locus *d)
{
	return !d->ref[1] && !d->alt[1] && d->alt[0] == d->base7;
}

/* Some fragments of CYP2D7 pass for CYP2D6: this matters where CYP2D7 has ALT, by the reference or in this
 * person. */
static double noise_of(const struct work *w, int l)
{
	const struct d6_locus *d = &w->t->locus[l];
	const int *other = w->c->tally.other[l];
	bool indel = d->ref[1] || d->alt[1];
	if (paralog_alt(d) || (other[1] >= 2 && other[1] * LEAK_SHARE >= other[0] + other[1]))
		return NOISE_PARALOG;
	return indel ? NOISE_INDEL : NOISE;
}

static double locus_ll(struct work *w, int l, int copies, int alt)
{
	double *x = &w->ll[l][copies][alt];
	if (isnan(*x)) {
		double e = noise_of(w, l), mu = e + (1 - 2 * e) * alt / copies;
		const int *n = w->c->tally.locus[l];
		double s = alt || NONE_A / e < LOCUS_S ? LOCUS_S : NONE_A / e;
		*x = d6_beta_binom(n[1], n[0] + n[1], mu, s);
	}
	return *x;
}

/* Copies of the haplotype's own allele that look like CYP2D6 at pos (1-based). */
static int own_copies(const struct d6_form *f, int64_t pos)
{
	return f->unit[D6_WHOLE] + (pos > D6_EXON9_LAST || pos < D6_4180 ? f->unit[D6_EXON9] : 0);
}

/* Copies with ALT at a locus as a distribution over 0..MAX_COPIES. */
struct copies {
	double p[MAX_COPIES + 1];
	int most;
};

/* n more copies, alike, which have ALT with probability p. */
static void add_copies(struct copies *c, int n, double p)
{
	if (!n || p <= 0)
		return;
	for (int k = c->most; k >= 0; k--) {
		c->p[k + n] += c->p[k] * p;
		c->p[k] *= 1 - p;
	}
	c->most += n;
}

/* Most CYP2D6-like copies at a locus over the arrangements. */
static int most_copies(const struct work *w, int l)
{
	int most = 0;
	for (int i = 0; i < w->n_arr; i++) {
		int n = d6_units_like6(&w->arr[i].units, w->t->locus[l].pos + 1, &w->arr[i].cut);
		most = n > most ? n : most;
	}
	return most;
}

static double has_alt(const struct d6_allele *a, int l)
{
	return !a || a->has[l] == D6_HAS_REF ? 0 : a->has[l] == D6_HAS_ALT ? 1 : a->share[l];
}

/* An allele that may hide is not ruled out by what usually goes with it. */
static double hap_alt(const struct work *w, const struct hap *h, int l)
{
	const int *n = w->c->tally.locus[l];
	if (h->hidden && h->allele->has[l] == D6_HAS_EITHER)
		return n[1] * most_copies(w, l) >= MIN_SHARE * (n[0] + n[1] + 1) ? 0.5 : 0;
	return has_alt(h->allele, l);
}

/* Log-likelihood of the counts at locus l for haplotypes x and y; *copies 0: nothing to see there. What the
 * CYP2D6 part of *13 or *68 has is not known. */
static double pair_locus(struct work *w, const struct arrangement *a, const struct hap *x,
	const struct hap *y, int l, int *copies)
{
	int64_t pos = w->t->locus[l].pos + 1;
	struct copies c = {.p = {1}};
	int n = d6_units_like6(&a->units, pos, &a->cut), nx = own_copies(x->form, pos),
	    ny = own_copies(y->form, pos);
	int n36 = pos > D6_EXON9_LAST && w->t->allele36 >= 0 ? a->units.n[D6_36] : 0, n68 = 0;
	bool hazy = paralog_alt(&w->t->locus[l]) && d6_units_near_switch(&a->units, pos, &a->cut);
	*copies = w->t->locus[l].exon9 ? 0 : n;
	if (!*copies)
		return 0;
	n36 = n36 > n - nx - ny ? n - nx - ny : n36;
	add_copies(&c, nx, hap_alt(w, x, l));
	add_copies(&c, ny, hap_alt(w, y, l));
	add_copies(&c, n36, n36 ? has_alt(&w->t->allele[w->t->allele36], l) : 0);
	if (w->t->allele68 >= 0 && w->t->allele[w->t->allele68].has[l] != D6_HAS_REF) {
		n68 = a->units.n[D6_68] < n - nx - ny - n36 ? a->units.n[D6_68] : n - nx - ny - n36;
		add_copies(&c, n68, has_alt(&w->t->allele[w->t->allele68], l));
	}
	add_copies(&c, n - nx - ny - n36 - n68, HYBRID_ALT);
	double sum = -DBL_MAX;
	for (int k = 0; k <= c.most; k++)
		if (c.p[k] > 0)
			sum = grx_log_add(sum, log(c.p[k]) + locus_ll(w, l, n, k));
	const int *seen = w->c->tally.locus[l];
	return hazy ? grx_log_add(sum, -log(seen[0] + seen[1] + 1.0)) - log(2) : sum;
}

static double pair_loglik(
	struct work *w, const struct arrangement *a, const struct hap *x, const struct hap *y)
{
	double s = 0;
	int copies;
	for (int l = 0; l < w->t->n_locus; l++)
		s += pair_locus(w, a, x, y, l, &copies);
	return s;
}

/* The arrangements that matter, best first not needed. */
static int arrange(struct work *w)
{
	const struct d6_table *t = w->t;
	double best = -DBL_MAX;
	int n = t->n_form * (t->n_form + 1) / 2, k = 0;
	struct arrangement *all = grx_arena_calloc(w->mem, (size_t)n, sizeof *all);
	if (!all)
		return GRX_E_NOMEM;
	for (int i = 0; i < t->n_form; i++)
		for (int j = i; j < t->n_form; j++, k++) {
			struct arrangement *a = &all[k];
			a->f = &t->form[i];
			a->g = &t->form[j];
			for (int u = 0; u < D6_N_UNIT; u++)
				a->units.n[u] = (uint8_t)(a->f->unit[u] + a->g->unit[u]);
			a->loglik = d6_units_loglik(t, &w->c->depth, &w->c->tally, &a->units, &a->cut);
			best = fmax(best, a->loglik + log(a->f->weight) + log(a->g->weight));
		}
	w->n_arr = 0;
	for (double far = FAR; far >= 1 && !w->n_arr; far -= 1) {
		int m = 0;
		for (k = 0; k < n; k++)
			m += all[k].loglik + log(all[k].f->weight) + log(all[k].g->weight) > best - far;
		for (k = 0; m <= MAX_ARRANGEMENT && k < n; k++)
			if (all[k].loglik + log(all[k].f->weight) + log(all[k].g->weight) > best - far)
				w->arr[w->n_arr++] = all[k];
	}
	return GRX_OK;
}

static bool thin(const struct work *w, int l)
{
	const int *n = w->c->tally.locus[l];
	return !w->t->locus[l].exon9 && n[0] + n[1] < THIN * most_copies(w, l);
}

static bool possible(const struct work *w, const struct d6_allele *a, bool *hidden)
{
	*hidden = false;
	for (int l = 0; l < w->t->n_locus; l++) {
		if (a->has[l] != D6_HAS_ALT || w->t->locus[l].exon9)
			continue;
		const int *n = w->c->tally.locus[l];
		int copies = most_copies(w, l);
		if (!copies)
			continue;
		bool seen = n[1] * copies >= MIN_SHARE * (n[0] + n[1]) && n[1] > 0;
		if (thin(w, l))
			*hidden |= !seen || n[1] < 2;
		else if (!seen && (n[1] || n[0] >= SPARSE * copies))
			return false;
	}
	return true;
}

static void candidates(struct work *w)
{
	w->n_cand = 0;
	for (int i = 0; i < w->t->n_allele; i++) {
		const struct d6_allele *a = &w->t->allele[i];
		bool hidden;
		if (!a->defined || !possible(w, a, &hidden))
			continue;
		w->hidden[w->n_cand] = hidden;
		w->cand[w->n_cand++] = a;
	}
	for (int l = 0; l < w->t->n_locus; l++)
		w->c->n_thin += thin(w, l);
}

static bool may_carry(const struct d6_form *f, const struct d6_allele *a)
{
	if (!strcmp(f->alleles, "any"))
		return !a->exon9_only;
	return !strcmp(f->alleles, "exon9") ? a->exon9 : !strcmp(f->alleles, a->name);
}

static double known_percent(const struct d6_table *t, const char *name)
{
	for (int i = 0; i < t->n_weight; i++)
		if (!strcmp(t->weight[i].name, name))
			return t->weight[i].percent;
	return 0;
}

/* All haplotypes of a form; returns their number, -1 on lack of memory. */
static int haps_of(struct work *w, const struct d6_form *f, struct hap *out)
{
	int n = 0;
	const char *at = strchr(f->text, 'N');
	bool none = !strcmp(f->alleles, ".");
	for (int i = 0; i < (none ? 1 : w->n_cand); i++) {
		const struct d6_allele *a = none ? NULL : w->cand[i];
		if (a && !may_carry(f, a))
			continue;
		struct hap *h = &out[n++];
		h->form = f;
		h->allele = a;
		h->name = a && at ? grx_arena_printf(
					    w->mem, "%.*s%s%s", (int)(at - f->text), f->text, a->name, at + 1)
				  : f->text;
		if (!h->name)
			return -1;
		h->hidden = a && w->hidden[i];
		double p = known_percent(w->t, h->name);
		if (p <= 0 || f->unit[D6_EXON9])
			p = f->weight * (a ? a->percent : 1);
		h->log_weight[0] = log(p);
		h->log_weight[1] = log(h->hidden ? f->weight * COMMON : p);
	}
	return n;
}

static int add_dip(struct work *w, const struct arrangement *a, const struct hap *x, const struct hap *y,
	const double lp[2])
{
	bool swap = pgx_name_cmp(x->name, y->name) > 0;
	const char *n1 = swap ? y->name : x->name, *n2 = swap ? x->name : y->name;
	for (size_t i = 0; i < w->n_dip; i++)
		if (!strcmp(w->dip[i].hap[0], n1) && !strcmp(w->dip[i].hap[1], n2)) {
			if (lp[0] > w->log_post[i][0])
				w->dip[i].units = a->units, w->dip[i].cut = a->cut;
			for (int k = 0; k < 2; k++)
				w->log_post[i][k] = grx_log_add(w->log_post[i][k], lp[k]);
			return GRX_OK;
		}
	if (w->n_dip == w->cap_dip) {
		size_t cap = w->cap_dip ? 2 * w->cap_dip : 64;
		w->dip = grx_arena_grow(w->mem, w->dip, w->n_dip, cap, sizeof *w->dip);
		w->log_post = grx_arena_grow(w->mem, w->log_post, w->n_dip, cap, sizeof *w->log_post);
		if (!w->dip || !w->log_post)
			return GRX_E_NOMEM;
		w->cap_dip = cap;
	}
	w->dip[w->n_dip] = (struct d6_dip){.hap = {n1, n2}, .units = a->units, .cut = a->cut};
	memcpy(w->log_post[w->n_dip++], lp, sizeof *w->log_post);
	return GRX_OK;
}

static int pairs_of(struct work *w, const struct arrangement *a, double best[2])
{
	struct hap x[MAX_CANDIDATES], y[MAX_CANDIDATES];
	int nx = haps_of(w, a->f, x), ny = haps_of(w, a->g, y), rc = GRX_OK;
	if (nx < 0 || ny < 0)
		return GRX_E_NOMEM;
	for (int i = 0; i < nx; i++)
		for (int j = a->f == a->g ? i : 0; j < ny && rc == GRX_OK; j++) {
			bool same = a->f == a->g && i == j;
			double ll = a->loglik + (same ? 0 : log(2)) + pair_loglik(w, a, &x[i], &y[j]), lp[2];
			bool near = false;
			for (int k = 0; k < 2; k++) {
				lp[k] = ll + x[i].log_weight[k] + y[j].log_weight[k];
				best[k] = fmax(best[k], lp[k]);
				near |= lp[k] > best[k] - FAR;
			}
			if (near)
				rc = add_dip(w, a, &x[i], &y[j], lp);
		}
	return rc;
}

static int dip_cmp(const void *a, const void *b)
{
	const struct d6_dip *x = a, *y = b;
	if (x->posterior != y->posterior)
		return x->posterior > y->posterior ? -1 : 1;
	int c = pgx_name_cmp(x->hap[0], y->hap[0]);
	return c ? c : pgx_name_cmp(x->hap[1], y->hap[1]);
}

static int rank(struct work *w)
{
	struct d6_call *c = w->c;
	double all[2] = {-DBL_MAX, -DBL_MAX};
	for (size_t i = 0; i < w->n_dip; i++)
		for (int k = 0; k < 2; k++)
			all[k] = grx_log_add(all[k], w->log_post[i][k]);
	for (size_t i = 0; i < w->n_dip; i++) {
		struct d6_dip *d = &w->dip[i];
		for (int k = 0; k < 2; k++)
			d->either[k] = exp(w->log_post[i][k] - all[k]);
		d->posterior = (d->either[0] + d->either[1]) / 2;
	}
	if (w->n_dip)
		qsort(w->dip, w->n_dip, sizeof *w->dip, dip_cmp);
	c->dip = w->dip;
	while (c->n_dip < (int)w->n_dip && c->n_dip < MAX_LISTED && w->dip[c->n_dip].posterior >= LIST_AT)
		c->n_dip++;
	for (int i = 0; i < c->n_dip; i++) {
		struct d6_dip *d = &c->dip[i];
		if (!(d->text = grx_arena_printf(w->mem, "%s/%s", d->hap[0], d->hap[1])))
			return GRX_E_NOMEM;
	}
	for (size_t i = 0; c->n_dip && i < w->n_dip; i++)
		if (!memcmp(&w->dip[i].units, &c->dip[0].units, sizeof w->dip[i].units))
			c->structure_posterior += w->dip[i].posterior;
	return GRX_OK;
}

/* How far a pair is from the best that any share of ALT could do: the worst locus, and all loci with ALT
 * together, as reads of another person put a little wrong everywhere. */
struct misfit {
	int worst;       /* -1 none */
	double gap, all; /* log units */
};

static struct misfit misfit_of(
	struct work *w, const struct arrangement *a, const struct hap *x, const struct hap *y)
{
	struct misfit m = {.worst = -1};
	int copies;
	for (int l = 0; l < w->t->n_locus; l++) {
		const int *n = w->c->tally.locus[l];
		double ll = pair_locus(w, a, x, y, l, &copies);
		double free = d6_beta_binom(n[1], n[0] + n[1], (n[1] + 0.01) / (n[0] + n[1] + 0.02), LOCUS_S);
		if (copies && n[1] >= 2)
			m.all += fmax(free - ll, 0) - 0.5;
		if (copies && free - ll > m.gap) {
			m.gap = free - ll;
			m.worst = l;
		}
	}
	return m;
}

static bool named(const struct hap *x, const struct hap *y, const struct d6_dip *d)
{
	return (!strcmp(x->name, d->hap[0]) && !strcmp(y->name, d->hap[1])) ||
	       (!strcmp(x->name, d->hap[1]) && !strcmp(y->name, d->hap[0]));
}

/* Does a diplotype explain the counts in any arrangement? *m: the arrangement that comes closest. */
static bool explains(struct work *w, const struct d6_dip *d, struct misfit *m)
{
	struct hap x[MAX_CANDIDATES], y[MAX_CANDIDATES];
	*m = (struct misfit){.worst = -1, .gap = DBL_MAX, .all = DBL_MAX};
	for (int i = 0; i < w->n_arr; i++) {
		const struct arrangement *a = &w->arr[i];
		int nx = haps_of(w, a->f, x), ny = haps_of(w, a->g, y);
		for (int k = 0; k < nx * ny; k++) {
			if (!named(&x[k / ny], &y[k % ny], d))
				continue;
			struct misfit z = misfit_of(w, a, &x[k / ny], &y[k % ny]);
			if (fmax(z.gap - MISFIT, z.all - MISFIT_ALL) <
				fmax(m->gap - MISFIT, m->all - MISFIT_ALL))
				*m = z;
		}
	}
	return m->gap <= MISFIT && m->all <= MISFIT_ALL;
}

static const char *unexplained_text(const struct work *w, const struct misfit *m)
{
	if (m->gap <= MISFIT || m->worst < 0)
		return "no pair of listed alleles explains the shares of the reads at defining positions, as "
		       "when reads of another person are among them";
	const int *n = w->c->tally.locus[m->worst];
	const struct d6_locus *l = &w->t->locus[m->worst];
	return grx_arena_printf(w->mem,
		"no pair of listed alleles explains the reads at chr22:%lld %s>%s (%d,%d)",
		(long long)l->pos + 1, l->ref, l->alt, n[0], n[1]);
}

/* Fragments of CYP2D6 at the locus next to pos (0-based). */
static int reads_near(const struct work *w, int64_t pos)
{
	int best = 0;
	for (int l = 1; l < w->t->n_locus; l++)
		if (llabs(w->t->locus[l].pos - pos) < llabs(w->t->locus[best].pos - pos))
			best = l;
	return w->c->tally.locus[best][0] + w->c->tally.locus[best][1];
}

/* An insertion or deletion in an exon that no allele has: where (0-based), -1 none. *n: fragments with it. */
static int64_t unlisted(const struct work *w, const struct d6_dip *d, int *n)
{
	for (int64_t p = w->t->beg6; p < w->t->end6; p++) {
		int copies = d6_units_like6(&d->units, p + 1, &d->cut);
		*n = w->c->tally.indel[p - w->t->beg6];
		if (*n >= MIN_INDEL && *n * copies >= INDEL_SHARE * reads_near(w, p))
			return p;
	}
	return -1;
}

static int refuse_unlisted(struct work *w)
{
	struct d6_call *c = w->c;
	int n;
	int64_t p = c->why_not ? -1 : unlisted(w, &c->dip[0], &n);
	if (p < 0)
		return GRX_OK;
	c->status = PGX_NO_MATCH;
	c->why_not = grx_arena_printf(w->mem,
		"%d fragments of CYP2D6 have an insertion or deletion at chr22:%lld that no listed allele "
		"has",
		n, (long long)p + 1);
	return c->why_not ? GRX_OK : GRX_E_NOMEM;
}

static int conclude(struct work *w)
{
	struct d6_call *c = w->c;
	const struct d6_dip *d = &c->dip[0];
	c->why_not = d6_units_misfit(w->mem, w->t, &c->depth, &c->tally, &d->units, &d->cut);
	c->status = c->why_not                                    ? PGX_NOT_ASSESSED
		    : fmin(d->either[0], d->either[1]) >= CALL_AT ? PGX_CALLED
								  : PGX_AMBIGUOUS;
	if (!c->why_not && d->units.n[D6_ODD]) {
		c->status = PGX_NO_MATCH;
		c->why_not = grx_arena_printf(w->mem,
			"a hybrid with the head of CYP2D6 that switches to CYP2D7 near chr22:%lld has no "
			"allele here",
			(long long)d->cut.cut_odd);
	}
	struct misfit m = {.worst = -1}, other;
	bool ok = c->why_not || explains(w, d, &m);
	double sum = d->posterior;
	for (int i = 1; !ok && i < c->n_dip && sum < EXPLAIN_AT; i++) {
		sum += c->dip[i].posterior;
		ok = explains(w, &c->dip[i], &other);
	}
	if (!ok) {
		c->status = PGX_NO_MATCH;
		c->why_not = unexplained_text(w, &m);
	}
	if (c->status != PGX_CALLED && c->status != PGX_AMBIGUOUS && !c->why_not)
		return GRX_E_NOMEM;
	return refuse_unlisted(w);
}

int d6_star(struct grx_arena *mem, const struct d6_table *t, struct d6_call *c)
{
	struct work *w = grx_arena_calloc(mem, 1, sizeof *w);
	double best[2] = {-DBL_MAX, -DBL_MAX};
	int rc = GRX_E_NOMEM;
	if (!w || !(w->ll = grx_arena_alloc(mem, (size_t)t->n_locus, sizeof *w->ll)))
		return GRX_E_NOMEM;
	for (int l = 0; l < t->n_locus; l++)
		for (int i = 0; i <= MAX_COPIES; i++)
			for (int k = 0; k <= MAX_COPIES; k++)
				w->ll[l][i][k] = NAN;
	w->mem = mem;
	w->t = t;
	w->c = c;
	GRX_TRY(arrange(w));
	candidates(w);
	for (int i = 0; i < w->n_arr; i++)
		GRX_TRY(pairs_of(w, &w->arr[i], best));
	GRX_TRY(rank(w));
	if (!c->n_dip) {
		c->status = PGX_NO_MATCH;
		c->why_not = "no pair of listed alleles explains the reads";
		return GRX_OK;
	}
	rc = conclude(w);
out:
	return rc;
}
