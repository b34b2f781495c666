/* SPDX-License-Identifier: GPL-3.0-or-later
 * d6_facts.c -- a call of CYP2D6 as facts and as rows of evidence.
 * The chain is phenotype <- activity score, diplotype <- loci, copy number. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stage/pgx/d6.h"
#include "stage/pgx/posterior.h"

static const char *const stage_name = "pgx";
static const char *const refdata_name =
	"refdata/pgx/cyp2d6_sites.tsv and ClinPGx 2025-11-05 allele definitions";

struct writer {
	struct grx_ctx *cx;
	struct grx_facts *fs;
	const char *sample;
	const struct d6_table *t;
	const struct d6_call *c;
};

static int add(const struct writer *w, const char *what, struct grx_fact **f)
{
	char key[64];
	snprintf(key, sizeof key, "pgx/CYP2D6/%s", what);
	int rc = grx_facts_add(w->cx, w->fs, w->sample, key, stage_name, f);
	if (rc == GRX_OK && !((*f)->refdata = grx_facts_dup(w->fs, refdata_name)))
		rc = grx_fail_nomem(w->cx, "a fact");
	return rc;
}

static int because(const struct writer *w, struct grx_fact *f, const char *what)
{
	char id[256];
	snprintf(id, sizeof id, "%s|pgx/CYP2D6/%s", w->sample, what);
	return grx_fact_because_fact(w->fs, f, id);
}

static int missing(const struct writer *w, struct grx_fact *f, const char *why)
{
	f->status = GRX_FACT_MISSING;
	return grx_fact_attr(w->fs, f, "reason", "%s", why);
}

static bool shown(const struct d6_call *c)
{
	return c->n_dip && (c->status == PGX_CALLED || c->status == PGX_AMBIGUOUS);
}

/* Diplotypes that together hold 95 % of the posterior. */
static int n_shown(const struct d6_call *c)
{
	double sum = 0;
	int n = 0;
	if (!shown(c))
		return 0;
	if (c->status == PGX_CALLED)
		return 1;
	while (n < c->n_dip && sum < 0.95)
		sum += c->dip[n++].posterior;
	return n;
}

const char *d6_diplotypes_text(struct grx_arena *mem, const struct d6_call *c)
{
	const char *s = "";
	for (int i = 0; s && i < n_shown(c); i++)
		s = grx_arena_printf(mem, "%s%s%s", s, i ? " OR " : "", c->dip[i].text);
	return s;
}

/* Genotype of all copies that look like CYP2D6 at the locus, as the reads' share of ALT has it: "0/0/1". NULL
 * when no read or no copy shows the locus. */
static const char *copies_text(const struct writer *w, int l, char *buf, size_t size)
{
	const struct d6_dip *d = w->c->n_dip ? &w->c->dip[0] : NULL;
	const int *n = w->c->tally.locus[l];
	int copies = d ? d6_units_like6(&d->units, w->t->locus[l].pos + 1, &d->cut) : 0;
	if (n[0] + n[1] == 0)
		return NULL;
	if (!copies || (size_t)copies * 2 > size)
		return ".";
	int alt = (int)lround((double)n[1] * copies / (n[0] + n[1]));
	for (int i = 0; i < copies; i++) {
		buf[2 * i] = i < copies - alt ? '0' : '1';
		buf[2 * i + 1] = i + 1 < copies ? '/' : '\0';
	}
	return buf;
}

/* Every locus; AD counts fragments of CYP2D6. */
static int add_loci(const struct writer *w, struct grx_fact *f)
{
	char ad[32], gt[2 * D6_MAX_UNITS];
	int rc = GRX_OK;
	for (int l = 0; l < w->t->n_locus && rc == GRX_OK; l++) {
		const struct d6_locus *x = &w->t->locus[l];
		const int *n = w->c->tally.locus[l];
		struct grx_because b = {.chrom = "chr22",
			.pos = x->pos + 1,
			.ref = x->ref,
			.alt = x->alt,
			.name = x->rsid,
			.dp = n[0] + n[1],
			.gq = -1,
			.ad = ad};
		snprintf(ad, sizeof ad, "%d,%d", n[0], n[1]);
		b.gt = copies_text(w, l, gt, sizeof gt);
		rc = grx_fact_because(w->fs, f, &b);
	}
	return rc;
}

static int add_alternatives(const struct writer *w, struct grx_fact *f)
{
	struct grx_str s = {0};
	char p[32];
	for (int i = shown(w->c) ? n_shown(w->c) : 0, n = 0; i < w->c->n_dip && n < 5; i++, n++)
		grx_str_addf(&s, "%s%s:%s", n ? "; " : "", w->c->dip[i].text,
			pgx_prob_text(w->c->dip[i].posterior, p));
	int rc = s.oom ? grx_fail_nomem(w->cx, "a fact")
		 : s.n ? grx_fact_attr(w->fs, f, "alternatives", "%s", s.s)
		       : GRX_OK;
	grx_str_clear(&s);
	return rc;
}

static int attr_prob(const struct writer *w, struct grx_fact *f, const char *key, double x)
{
	char buf[32];
	return grx_fact_attr(w->fs, f, key, "%s", pgx_prob_text(x, buf));
}

static int add_diplotype(const struct writer *w)
{
	const struct d6_call *c = w->c;
	struct grx_fact *f = NULL;
	int rc = GRX_E_BUG;
	struct grx_arena *mem = grx_arena_new();
	const char *text = mem ? d6_diplotypes_text(mem, c) : NULL;
	if (!text) {
		rc = grx_fail_nomem(w->cx, "a fact");
		goto out;
	}
	GRX_TRY(add(w, "diplotype", &f));
	GRX_TRY(*text ? grx_fact_str_set(w->fs, f, text) : missing(w, f, c->why_not));
	if (c->n_dip)
		GRX_TRY(attr_prob(w, f, "posterior", c->dip[0].posterior));
	GRX_TRY(add_alternatives(w, f));
	GRX_TRY(grx_fact_attr(w->fs, f, "method", "read depth and bases, CYP2D6 with CYP2D7"));
	GRX_TRY(grx_fact_attr(w->fs, f, "fragments", "%lld of CYP2D6, %lld of CYP2D7, %lld in all",
		(long long)c->tally.n_six, (long long)c->tally.n_seven, (long long)c->tally.n_fragment));
	if (c->n_thin)
		GRX_TRY(grx_fact_attr(w->fs, f, "thin_loci", "%d", c->n_thin));
	if (!c->depth.why_not)
		GRX_TRY(because(w, f, "copy_number"));
	GRX_TRY(add_loci(w, f));
	rc = GRX_OK;
out:
	grx_arena_free(mem);
	return rc;
}

static int add_copy_number(const struct writer *w)
{
	static const char *const role[D6_N_ROLE] = {
		"flanks", "genes", "repeats", "cyp2d6_upstream", "cyp2d7_spacer"};
	static const char *const unit[D6_N_UNIT] = {"cyp2d6", "cyp2d7", "hybrid_d7_d6", "hybrid_d6_d7_exon9",
		"hybrid_d6_d7_intron1", "hybrid_d6_d7_other", "cyp2d6_exon9_of_cyp2d7"};
	const struct d6_call *c = w->c;
	struct grx_fact *f = NULL;
	int rc = GRX_E_BUG;
	GRX_TRY(add(w, "copy_number", &f));
	if (shown(c)) {
		const struct d6_units *u = &c->dip[0].units;
		GRX_TRY(grx_fact_num_set(w->fs, f, u->n[D6_WHOLE] + u->n[D6_EXON9], "copies"));
		GRX_TRY(grx_fact_attr(w->fs, f, "total_with_cyp2d7", "%d", d6_units_total(u)));
		for (int i = 0; i < D6_N_UNIT; i++)
			if (u->n[i])
				GRX_TRY(grx_fact_attr(w->fs, f, unit[i], "%d", u->n[i]));
		GRX_TRY(attr_prob(w, f, "posterior", c->structure_posterior));
	} else {
		GRX_TRY(missing(w, f, c->why_not));
	}
	if (!c->depth.why_not)
		for (int r = D6_GENE; r < D6_N_ROLE; r++)
			GRX_TRY(grx_fact_attr(
				w->fs, f, role[r], "%.2f", c->depth.observed[r] / c->depth.expected[r]));
	GRX_TRY(grx_fact_attr(w->fs, f, "flank_reads", "%d", c->depth.n_read));
	GRX_TRY(grx_fact_attr(w->fs, f, "flank_coverage", "%.1f", c->depth.coverage));
	rc = GRX_OK;
out:
	return rc;
}

/* What the person may be: distinct activity scores, each with its phenotype and probability, likeliest first.
 */
struct maybe {
	int n;
	const char *activity[8], *phenotype[8];
	double p[8];
};

/* Empty when a likely diplotype has no function assigned: then nothing can be excluded. */
static void weigh(const struct d6_call *c, struct maybe *m)
{
	m->n = 0;
	for (int i = 0; shown(c) && i < c->n_dip && c->dip[i].posterior >= 0.01; i++) {
		const struct d6_dip *d = &c->dip[i];
		int k = 0;
		if (c->phenotype && !grx_streq(c->phenotype, d->phenotype))
			continue;
		while (k < m->n && !grx_streq(m->activity[k], d->activity))
			k++;
		if (!d->activity || !d->phenotype || k == 8) {
			m->n = 0;
			return;
		}
		if (k == m->n) {
			m->activity[m->n] = d->activity;
			m->phenotype[m->n] = d->phenotype;
			m->p[m->n++] = 0;
		}
		m->p[k] += d->posterior;
	}
}

static const char *joined(struct grx_arena *mem, const char *const *v, int n)
{
	const char *s = "";
	for (int i = 0; s && i < n; i++)
		s = grx_arena_printf(mem, "%s%s%s", s, i ? "|" : "", v[i]);
	return s;
}

static const char *joined_p(struct grx_arena *mem, const struct maybe *m)
{
	const char *s = "";
	char buf[32];
	for (int i = 0; s && i < m->n; i++)
		s = grx_arena_printf(mem, "%s%s%s", s, i ? "|" : "", pgx_prob_text(m->p[i], buf));
	return s;
}

/* A value that is not certain enough: the reason, and what remains. The lists of phenotype and score are in
 * the same order. */
static int withheld(const struct writer *w, struct grx_fact *f, const struct maybe *m, const char *const *v)
{
	const char *why = w->c->why_not ? w->c->why_not
					: "diplotypes of different activity explain the reads";
	int rc = missing(w, f, why);
	struct grx_arena *mem = grx_arena_new();
	const char *list = mem ? joined(mem, v, m->n) : NULL, *p = mem ? joined_p(mem, m) : NULL;
	if (rc == GRX_OK && (!list || !p))
		rc = grx_fail_nomem(w->cx, "a fact");
	if (rc == GRX_OK && m->n)
		rc = grx_fact_attr(w->fs, f, "candidates", "%s", list);
	if (rc == GRX_OK && m->n)
		rc = grx_fact_attr(w->fs, f, "candidates_posterior", "%s", p);
	grx_arena_free(mem);
	return rc;
}

static int add_activity(const struct writer *w, const struct maybe *m)
{
	const char *s = w->c->activity;
	struct grx_fact *f = NULL;
	double x = 0;
	int rc = GRX_E_BUG;
	GRX_TRY(add(w, "activity_score", &f));
	if (s && grx_parse_f64(s, &x))
		GRX_TRY(grx_fact_num_set(w->fs, f, x, NULL));
	else if (s)
		GRX_TRY(grx_fact_str_set(w->fs, f, s)); /* a lower limit */
	else
		GRX_TRY(withheld(w, f, m, m->activity));
	rc = because(w, f, "diplotype");
out:
	return rc;
}

static int add_phenotype(const struct writer *w, const struct maybe *m)
{
	const struct d6_call *c = w->c;
	struct grx_fact *f = NULL;
	int rc = GRX_E_NOMEM;
	struct grx_arena *mem = grx_arena_new();
	const char *scores = mem ? joined(mem, m->activity, m->n) : NULL;
	if (!scores) {
		rc = grx_fail_nomem(w->cx, "a fact");
		goto out;
	}
	GRX_TRY(add(w, "phenotype", &f));
	if (c->phenotype) {
		GRX_TRY(grx_fact_str_set(w->fs, f, c->phenotype));
		GRX_TRY(attr_prob(w, f, "posterior", c->phenotype_posterior));
		if (c->activity || *scores)
			GRX_TRY(grx_fact_attr(w->fs, f, "lookup", "%s", c->activity ? c->activity : scores));
	} else {
		GRX_TRY(withheld(w, f, m, m->phenotype));
	}
	rc = because(w, f, "diplotype");
out:
	grx_arena_free(mem);
	return rc;
}

static int add_status(const struct writer *w)
{
	struct grx_fact *f = NULL;
	int rc = add(w, "status", &f);
	if (rc == GRX_OK)
		rc = grx_fact_str_set(w->fs, f, pgx_status_text(w->c->status));
	if (rc == GRX_OK && w->c->why_not)
		rc = grx_fact_attr(w->fs, f, "reason", "%s", w->c->why_not);
	return rc;
}

int d6_facts(struct grx_ctx *cx, struct grx_facts *fs, const char *sample, const struct d6_table *t,
	const struct d6_call *c)
{
	struct writer w = {cx, fs, sample, t, c};
	int rc = GRX_E_BUG;
	GRX_TRY(add_copy_number(&w));
	GRX_TRY(add_diplotype(&w));
	struct maybe m;
	weigh(c, &m);
	GRX_TRY(add_activity(&w, &m));
	GRX_TRY(add_phenotype(&w, &m));
	GRX_TRY(add_status(&w));
	rc = GRX_OK;
out:
	return rc;
}

int d6_facts_none(struct grx_ctx *cx, struct grx_facts *fs, const char *sample, const struct d6_table *t,
	const char *why)
{
	static const char *const what[] = {"copy_number", "diplotype", "activity_score", "phenotype"};
	struct d6_call c = {.status = PGX_NOT_ASSESSED, .why_not = why};
	struct writer w = {cx, fs, sample, t, &c};
	int rc = GRX_E_BUG;
	for (size_t i = 0; i < sizeof what / sizeof *what; i++) {
		struct grx_fact *f = NULL;
		GRX_TRY(add(&w, what[i], &f));
		GRX_TRY(missing(&w, f, why));
	}
	rc = add_status(&w);
out:
	return rc;
}

static int verdict_dips(struct grx_arena *mem, const struct d6_call *c, struct pgx_verdict *v)
{
	int rc = GRX_OK, n = n_shown(c);
	for (int i = 0; i < c->n_dip && rc == GRX_OK; i++) {
		struct pgx_dip d = {.text = c->dip[i].text,
			.phenotype = c->dip[i].phenotype,
			.activity = c->dip[i].activity};
		if (i < n || i < 5)
			rc = pgx_dips_push(mem, i < n ? &v->shown : &v->others, &d);
	}
	return rc;
}

int d6_verdict(struct grx_arena *mem, const struct d6_call *c, struct pgx_verdict *v)
{
	memset(v, 0, sizeof *v);
	v->status = c->status;
	v->phenotype = c->phenotype;
	v->activity = c->activity;
	v->why_not = c->why_not;
	v->pair[0] = v->pair[1] = -1;
	v->n_missing = c->n_thin;
	struct maybe m;
	weigh(c, &m);
	v->phenotypes = c->phenotype ? c->phenotype : joined(mem, m.phenotype, m.n);
	v->activities = c->activity ? c->activity : joined(mem, m.activity, m.n);
	v->candidates = c->phenotype ? NULL : v->phenotypes;
	if (!v->phenotypes || !v->activities)
		return GRX_E_NOMEM;
	return verdict_dips(mem, c, v);
}

void d6_tsv_head(struct grx_str *s)
{
	grx_str_add(s,
		"sample\tkind\tpos_cyp2d6\tpos_cyp2d7\tregion\tref\talt\tn_ref\tn_alt\tother_ref\tother_alt\t"
		"copies\texpected\tname\n");
}

static void depth_rows(struct grx_str *s, const char *sample, const struct d6_call *c)
{
	static const char *const role[D6_N_ROLE] = {"flanks", "genes", "repeats", "upstream", "spacer"};
	char x[32], y[32];
	for (int r = 0; r < D6_N_ROLE; r++)
		grx_str_addf(s, "%s\tdepth\t.\t.\t%s\t.\t.\t%.0f\t.\t.\t.\t%s\t%s\t.\n", sample, role[r],
			c->depth.observed[r],
			c->depth.why_not ? "." : grx_fmt_g(x, c->depth.observed[r] / c->depth.expected[r], 3),
			c->depth.why_not ? "." : grx_fmt_g(y, c->depth.expected[r], 4));
}

/* Sites: ref is the base of CYP2D6, alt that of CYP2D7; copies: of CYP2D6 as the best call has it. */
void d6_tsv_rows(struct grx_str *s, const char *sample, const struct d6_table *t, const struct d6_call *c)
{
	static const char *const use[] = {"site", "site_defining", "site_near_gap", "site_conversion"};
	const struct d6_dip *d = c->n_dip ? &c->dip[0] : NULL;
	char k[16] = ".", x[32];
	depth_rows(s, sample, c);
	if (!c->tally.site)
		return;
	for (int i = 0; i < t->n_site; i++) {
		const struct d6_site *p = &t->site[i];
		int like = d ? d6_units_like6(&d->units, p->pos6 + 1, &d->cut) : 0;
		if (d)
			snprintf(k, sizeof k, "%d", like);
		grx_str_addf(s, "%s\t%s\t%lld\t%lld\t%s\t%c\t%c\t%d\t%d\t.\t.\t%s\t%s\t.\n", sample,
			use[p->use], (long long)p->pos6 + 1, (long long)p->pos7 + 1, p->region, p->base6,
			p->base7, c->tally.site[i][0], c->tally.site[i][1], k,
			d ? grx_fmt_g(x, (double)like / d6_units_total(&d->units), 3) : ".");
	}
	for (int i = 0; i < t->n_locus; i++) {
		const struct d6_locus *p = &t->locus[i];
		if (d)
			snprintf(k, sizeof k, "%d", d6_units_like6(&d->units, p->pos + 1, &d->cut));
		grx_str_addf(s, "%s\tlocus\t%lld\t%lld\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%s\t.\t%s\n", sample,
			(long long)p->pos + 1, (long long)p->pos7 + 1, p->region, p->ref, p->alt,
			c->tally.locus[i][0], c->tally.locus[i][1], c->tally.other[i][0],
			c->tally.other[i][1], k, p->rsid ? p->rsid : ".");
	}
}
