/* SPDX-License-Identifier: GPL-3.0-or-later
 * acmg_pvs1.c -- PVS1 by the decision tree of Abou Tayoun 2018 (Hum Mutat 39:1517).
 * Branches are named as the tree's leaves are in the literature: NF nonsense and frameshift, SS splice site,
 * IC initiation codon, DEL and DUP. All places are residues or CDS bases of the transcript that speaks for
 * the gene. The stop that counts is the new one. */
#include "stage/annotate/acmg_int.h"
#include "stage/annotate/hap.h"

#include <string.h>

struct leaf {
	bool met, unknown; /* unknown: the tree cannot be walked */
	int strength;
	const char *branch, *text;
};

/* What happens to the CDS: bases [from, to] (1-based, pad included) are lost. */
struct cut {
	int64_t from, to;
};

static const struct leaf not_relevant = {
	false, false, 0, "NF2", "the change is not in a transcript that matters for the disorder"};

static int64_t cds_of(const struct annotate_tx *t, int64_t cdna)
{
	return cdna - t->cds_beg + 1 + t->pad;
}

/* CDS span of exon i; false when it codes for nothing. */
static bool exon_cds(const struct annotate_tx *t, int32_t i, struct cut *c)
{
	int64_t lo = t->exon[i].cdna + 1, hi = t->exon[i].cdna + t->exon[i].end - t->exon[i].beg;
	lo = lo > t->cds_beg ? lo : t->cds_beg;
	hi = hi < t->cds_end ? hi : t->cds_end;
	if (lo > hi)
		return false;
	*c = (struct cut){cds_of(t, lo), cds_of(t, hi)};
	return true;
}

/* Last CDS base before the last coding exon; 0 when there is one coding exon. */
static int64_t last_junction(const struct annotate_tx *t)
{
	int64_t first = 0;
	for (int32_t i = 0; i < t->n_exon; i++) {
		struct cut c;
		if (exon_cds(t, i, &c))
			first = c.from;
	}
	return first > 1 + t->pad ? first - 1 : 0;
}

/* Is a stop codon that begins at CDS base `at` (of the reference) a target of decay? */
static bool decays(const struct annotate_acmg_case *k, int64_t at)
{
	int64_t j = last_junction(k->e->tx);
	return j > 0 && (double)at <= (double)j - annotate_acmg_get(k, AK_PVS1_NMD)->num;
}

static const struct leaf no_sequence = {
	false, true, 0, "NMD", "the reference does not give the sequence, so the new stop is not known"};

/* First stop of a CDS, as a residue; 0 none; -1 unknown bases before it. Selenocysteines before `same` are no
 * stops. */
static int first_stop(
	struct annotate_acmg_case *k, const char *cds, int64_t n, int64_t same, int64_t *residue)
{
	const struct annotate_seq *q = k->e->ev.seq;
	int64_t m;
	char *pep = annotate_translate(k->w->mem, cds, n, k->e->tx->table, &m);
	*residue = 0;
	if (!pep)
		return grx_fail_nomem(k->w->cx, "protein");
	for (int64_t i = 0; i < m && !*residue; i++)
		if (pep[i] == 'X' && i >= same)
			*residue = -1;
		else if (pep[i] == '*' && !(i < same && i < q->pep_n && q->pep[i] == 'U'))
			*residue = i + 1;
	return GRX_OK;
}

/* A product that is made but lacks residues from..to. */
static struct leaf partial(
	const struct annotate_acmg_case *k, int64_t from, int64_t to, const char *const branch[4])
{
	const struct annotate_acmg_val *crit = annotate_acmg_get(k, AK_CRITICAL),
				       *tol = annotate_acmg_get(k, AK_LOF_TOLERATED);
	struct annotate_acmg_near near;
	int64_t len = k->e->ev.seq->pep_n;
	annotate_acmg_near(k, from, to, &near);
	if ((crit->text && annotate_acmg_in_ranges(crit->text, from, to)) ||
		near.n_p_missense >= annotate_acmg_get(k, AK_PVS1_CRITICAL_MIN)->num)
		return (struct leaf){true, false, AC_STRONG, branch[0],
			"no decay; the lost part is critical for function"};
	if (tol->text && annotate_acmg_in_ranges(tol->text, from, to))
		return (struct leaf){false, false, 0, branch[1],
			"loss of function in this part is frequent in the population"};
	if (len > 0 && (double)(to - from + 1) > annotate_acmg_get(k, AK_PVS1_REMOVED)->num * (double)len)
		return (struct leaf){true, false, AC_STRONG, branch[2],
			"no decay; more than the limit of the protein is lost"};
	return (struct leaf){
		true, false, AC_MODERATE, branch[3], "no decay; less than the limit of the protein is lost"};
}

/* --- nonsense and frameshift --- */

static int nonsense(struct annotate_acmg_case *k, struct leaf *out)
{
	static const char *const branch[4] = {"NF3", "NF4", "NF5", "NF6"};
	/* the record's own entry: its changed CDS is made on demand */
	struct annotate_eval *ev = (struct annotate_eval *)(uintptr_t)&k->e->ev;
	int64_t stop, first = ev->pl.pep_beg ? ev->pl.pep_beg : 1;
	int rc = annotate_alt_cds(k->w, ev);
	if (rc)
		return rc;
	if (!ev->alt_cds || !ev->pl.cds_beg) {
		*out = no_sequence;
		return GRX_OK;
	}
	rc = first_stop(k, ev->alt_cds, ev->alt_cds_n, first - 1, &stop);
	if (rc)
		return rc;
	if (stop < 0) {
		*out = no_sequence;
		return GRX_OK;
	}
	int64_t delta = ev->alt_cds_n - ev->seq->utr3_n - ev->seq->cds_n;
	/* the place of the new stop among the exons: shifted back by what was put in before it */
	int64_t at = stop ? 3 * (stop - 1) + 1 - delta : 0;
	if (at && at < ev->pl.cds_beg)
		at = ev->pl.cds_beg;
	if (stop && at <= ev->seq->cds_n && decays(k, at))
		*out = (struct leaf){
			true, false, AC_VERY_STRONG, "NF1", "the new stop triggers decay of the message"};
	else
		*out = partial(k, first, ev->seq->pep_n, branch);
	annotate_acmg_value(k, AC_PVS1, "new stop at residue %lld of %lld, last junction at residue %lld",
		(long long)stop, (long long)ev->seq->pep_n, (long long)((last_junction(k->e->tx) + 2) / 3));
	return GRX_OK;
}

/* --- initiation codon --- */

#define RELEVANT (AT_TX_MANE_SELECT | AT_TX_MANE_CLINICAL | AT_TX_CANONICAL)

static bool other_start(const struct annotate_acmg_case *k)
{
	int32_t a = (int32_t)(k->al - k->r->al);
	for (int32_t i = 0; i < k->r->n_entry[a]; i++) {
		const struct annotate_entry *x = &k->r->entry[a][i];
		if (x->tx && x->tx != k->e->tx && x->tx->coding && x->tx->gene_no == k->e->tx->gene_no &&
			(x->tx->flags & RELEVANT) && !(x->terms & AC_NULL_TERMS))
			return true;
	}
	return false;
}

/* gone: residues lost from the beginning; the next start lies behind them. */
static struct leaf start_loss(struct annotate_acmg_case *k, int64_t gone)
{
	const struct annotate_seq *q = k->e->ev.seq;
	struct annotate_acmg_near near = {0};
	int64_t m = 0;
	for (int64_t i = gone > 1 ? gone : 1; i < q->pep_n && !m; i++)
		if (q->pep[i] == 'M')
			m = i + 1;
	annotate_acmg_value(k, AC_PVS1, "next methionine in frame at residue %lld", (long long)m);
	if (other_start(k))
		return (struct leaf){
			false, false, 0, "IC0", "another transcript that matters begins elsewhere"};
	if (!m)
		return (struct leaf){true, false, AC_MODERATE, "IC1", "no other start codon in frame"};
	annotate_acmg_near(k, 1, m - 1, &near);
	if (near.n_p_any)
		return (struct leaf){true, false, AC_MODERATE, "IC1",
			"pathogenic variants lie before the next start codon"};
	return (struct leaf){true, false, AC_SUPPORTING, "IC2",
		k->a->index
			? "no pathogenic variant is known before the next start codon"
			: "pathogenic variants before the next start codon are not known (no --acmg-index)"};
}

/* --- exons lost: by splicing or by a deletion --- */

static int lost(struct annotate_acmg_case *k, const struct cut *c, bool splice, struct leaf *out)
{
	static const char *const dis[2][4] = {{"DEL3", "DEL4", "DEL5", "DEL6"}, {"SS3", "SS4", "SS5", "SS6"}};
	static const char *const pre[2][4] = {
		{"DEL8", "DEL7", "DEL8", "DEL9"}, {"SS10", "SS7", "SS8", "SS9"}};
	const struct annotate_seq *q = k->e->ev.seq;
	int64_t n = c->to - c->from + 1, stop, head = c->from - 1, m = q->cds_n - n + q->utr3_n;
	if (c->from <= k->e->tx->pad + 3 && !k->e->tx->start_nf) {
		*out = start_loss(k, (c->to + 2) / 3);
		return GRX_OK;
	}
	if (c->to > q->cds_n - 3) {
		*out = partial(k, (c->from + 2) / 3, q->pep_n, dis[splice]);
		return GRX_OK;
	}
	char *s = grx_arena_alloc(k->w->mem, (size_t)m + 1, 1);
	if (!s)
		return grx_fail_nomem(k->w->cx, "CDS");
	memcpy(s, q->cds, (size_t)head);
	memcpy(s + head, q->cds + c->to, (size_t)(q->cds_n - c->to));
	memcpy(s + head + q->cds_n - c->to, q->utr3, (size_t)q->utr3_n);
	int rc = first_stop(k, s, m, head / 3, &stop);
	if (rc)
		return rc;
	if (stop < 0) {
		*out = no_sequence;
		return GRX_OK;
	}
	/* in frame and no stop at the seam: the protein goes on as before */
	bool framed = n % 3 == 0 && (!stop || 3 * stop >= q->cds_n - n);
	int64_t at = 3 * (stop - 1) + 1;
	at += at > head ? n : 0;
	annotate_acmg_value(
		k, AC_PVS1, "%lld coding bases lost, frame %s", (long long)n, framed ? "kept" : "disrupted");
	if (framed)
		*out = partial(k, (c->from + 2) / 3, (c->to + 2) / 3, pre[splice]);
	else if (stop && at <= q->cds_n && decays(k, at))
		*out = (struct leaf){true, false, AC_VERY_STRONG, splice ? "SS1" : "DEL2",
			"the frame is disrupted and the new stop triggers decay of the message"};
	else
		*out = partial(k, (c->from + 2) / 3, q->pep_n, dis[splice]);
	return GRX_OK;
}

/* Does the allele touch [s, s + 2)? An insertion does between the two bases. */
static bool touches(const struct annotate_allele *al, int64_t s)
{
	return al->beg == al->end ? al->beg == s + 1 : al->beg < s + 2 && al->end > s;
}

static void join(struct cut *all, const struct cut *c)
{
	all->from = all->from && all->from < c->from ? all->from : c->from;
	all->to = all->to > c->to ? all->to : c->to;
}

static int splice_site(struct annotate_acmg_case *k, struct leaf *out)
{
	const struct annotate_tx *t = k->e->tx;
	struct cut all = {0, 0}, c;
	bool any = false;
	for (int32_t i = 0; i < t->n_exon; i++) {
		const struct annotate_exon *e = &t->exon[i];
		int64_t left = e->beg - 2, right = e->end;
		bool donor = i < t->n_exon - 1 && touches(k->al, t->strand > 0 ? right : left);
		bool acceptor = i > 0 && touches(k->al, t->strand > 0 ? left : right);
		if (!donor && !acceptor)
			continue;
		any = true;
		if (!exon_cds(t, i, &c))
			continue;
		if (i == 0 && donor) {
			/* the first exon cannot be skipped: what follows it is intron, which soon has a stop
			 */
			bool nmd = decays(k, c.to + 1);
			*out = nmd ? (struct leaf){true, false, AC_VERY_STRONG, "SS1",
					     "the intron after the first exon is read"}
				   : partial(k, (c.to + 2) / 3, k->e->ev.seq->pep_n,
					     (const char *const[4]){"SS3", "SS4", "SS5", "SS6"});
			return GRX_OK;
		}
		join(&all, &c);
	}
	if (all.to)
		return lost(k, &all, true, out);
	*out = (struct leaf){false, false, 0, "SS0",
		any ? "the exon next to the splice site holds no coding sequence"
		    : "the splice site keeps its two bases"};
	return GRX_OK;
}

/* Coding bases of the whole exons that [beg, end) covers, and of parts of exons. */
static bool covered(const struct annotate_tx *t, const struct annotate_allele *al, struct cut *all)
{
	*all = (struct cut){0, 0};
	for (int32_t i = 0; i < t->n_exon; i++) {
		int64_t lo = al->beg > t->exon[i].beg ? al->beg : t->exon[i].beg;
		int64_t hi = al->end < t->exon[i].end ? al->end : t->exon[i].end;
		if (lo >= hi)
			continue;
		/* a deletion of an exon's edge takes the splice site, and with it the exon */
		bool edge = al->beg < t->exon[i].beg || al->end > t->exon[i].end;
		if (edge && al->sv != AT_SV_DUP) {
			lo = t->exon[i].beg;
			hi = t->exon[i].end;
		}
		int64_t a = annotate_cdna(t, t->strand > 0 ? lo : hi - 1),
			b = annotate_cdna(t, t->strand > 0 ? hi - 1 : lo);
		a = a > t->cds_beg ? a : t->cds_beg;
		b = b < t->cds_end ? b : t->cds_end;
		struct cut c = {cds_of(t, a), cds_of(t, b)};
		if (a <= b)
			join(all, &c);
	}
	return all->to > 0;
}

static int structural(struct annotate_acmg_case *k, struct leaf *out)
{
	const struct annotate_tx *t = k->e->tx;
	struct cut c;
	if (!covered(t, k->al, &c)) {
		*out = (struct leaf){false, false, 0, "DEL", "no coding sequence is affected"};
		return GRX_OK;
	}
	if (k->al->sv != AT_SV_DUP) {
		if (k->al->beg <= t->coding_beg && k->al->end >= t->coding_end) {
			*out = (struct leaf){
				true, false, AC_VERY_STRONG, "DEL1", "the whole coding sequence is deleted"};
			return GRX_OK;
		}
		return lost(k, &c, false, out);
	}
	bool inside = k->al->beg > t->beg && k->al->end < t->end;
	if (inside && (c.to - c.from + 1) % 3 && decays(k, c.to + 1))
		*out = (struct leaf){true, false, AC_STRONG, "DUP2",
			"presumed in tandem: the frame is disrupted and the new stop triggers decay"};
	else
		*out = (struct leaf){false, false, 0, "DUP",
			inside ? "the frame may be kept" : "the gene is not interrupted"};
	return GRX_OK;
}

static int leaf_of(struct annotate_acmg_case *k, struct leaf *out)
{
	const struct annotate_entry *e = k->e;
	uint64_t t = e->terms, splice = AT_BIT(AT_SPLICE_ACCEPTOR) | AT_BIT(AT_SPLICE_DONOR);
	if (t & AT_BIT(AT_TRANSCRIPT_ABLATION)) {
		*out = (struct leaf){true, false, AC_VERY_STRONG, "DEL1", "the whole gene is deleted"};
		return GRX_OK;
	}
	if (k->al->sv == AT_SV_DEL || k->al->sv == AT_SV_DUP)
		return structural(k, out);
	if (t & AT_BIT(AT_START_LOST)) {
		*out = start_loss(k, 1);
		return GRX_OK;
	}
	if (t & splice)
		return splice_site(k, out);
	return nonsense(k, out);
}

static void apply(struct annotate_acmg_case *k, const struct leaf *l)
{
	const struct annotate_acmg_val *lof = annotate_acmg_get(k, AK_LOF);
	static const char *const source = "Abou Tayoun 2018 Hum Mutat 39:1517";
	int lower = !lof->text                         ? 0
		    : strcmp(lof->text, "lower1") == 0 ? 1
		    : strcmp(lof->text, "lower2") == 0 ? 2
						       : 0;
	bool no = lof->text && strcmp(lof->text, "no") == 0;
	annotate_acmg_source(k, AC_PVS1, source, lof->source);
	if (k->unmarked) {
		annotate_acmg_set(k, AC_PVS1, AC_NOT_ASSESSED, 0);
		annotate_acmg_why(k, AC_PVS1,
			"%s: some transcripts lose function, some do not, and the models mark none as the "
			"one that "
			"matters (MANE, canonical)",
			l->branch);
	} else if (l->unknown) {
		annotate_acmg_set(k, AC_PVS1, AC_NOT_ASSESSED, 0);
		annotate_acmg_why(k, AC_PVS1, "%s", l->text);
	} else if (!l->met || no || (lof->text && l->strength < lower)) {
		annotate_acmg_set(k, AC_PVS1, AC_NOT_MET, 0);
		annotate_acmg_why(k, AC_PVS1, "%s: %s%s", l->branch, l->text,
			l->met ? "; loss of function is not how the gene causes disease" : "");
	} else if (!lof->text) {
		annotate_acmg_set(k, AC_PVS1, AC_NOT_ASSESSED, 0);
		annotate_acmg_why(k, AC_PVS1,
			"%s: %s; whether loss of function causes disease is not stated for gene %s (lof)",
			l->branch, l->text, k->gene_name ? k->gene_name : "unknown");
	} else {
		annotate_acmg_set(k, AC_PVS1, AC_MET, l->strength - lower);
		annotate_acmg_why(k, AC_PVS1, "%s: %s", l->branch, l->text);
	}
	annotate_acmg_threshold(k, AC_PVS1, "last %.0f bases before the last junction; %.3g of the protein",
		annotate_acmg_get(k, AK_PVS1_NMD)->num, annotate_acmg_get(k, AK_PVS1_REMOVED)->num);
}

/* Do other alleles on the same copy make a null variant of it, or undo it? */
static bool differs_together(const struct annotate_acmg_case *k)
{
	const struct annotate_hap *h = k->e ? k->e->hap : NULL;
	return h && h->terms && !h->unphased && ((h->terms ^ k->e->terms) & AC_NULL_TERMS);
}

int annotate_acmg_pvs1(struct annotate_acmg_case *k)
{
	struct leaf l;
	bool sv = k->al->sv == AT_SV_DEL || k->al->sv == AT_SV_DUP;
	bool coding = k->e && k->e->tx && k->e->tx->coding;
	if (differs_together(k)) {
		annotate_acmg_set(k, AC_PVS1, AC_NOT_ASSESSED, 0);
		annotate_acmg_why(
			k, AC_PVS1, "acts together with other alleles on the same copy: see HAP_Consequence");
		return GRX_OK;
	}
	annotate_acmg_set(k, AC_PVS1, AC_NOT_MET, 0);
	if (coding && sv && !k->e->ev.seq) {
		/* the record's own entry; structural alleles are judged without the sequence */
		struct annotate_eval *ev = (struct annotate_eval *)(uintptr_t)&k->e->ev;
		int rc = annotate_tx_seq(k->w, k->e->tx, &ev->seq);
		if (rc)
			return rc;
	}
	coding = coding && k->e->ev.seq;
	if (coding && (sv || (k->e->terms & AC_NULL_TERMS))) {
		int rc = leaf_of(k, &l);
		if (rc)
			return rc;
		apply(k, &l);
	} else if (k->other) {
		apply(k, &not_relevant);
	} else {
		annotate_acmg_why(k, AC_PVS1, "no null variant");
		if (annotate_acmg_unknown(k)) {
			annotate_acmg_set(k, AC_PVS1, AC_NOT_ASSESSED, 0);
			annotate_acmg_why(k, AC_PVS1, "%s", AC_UNKNOWN_WHY);
		}
	}
	return GRX_OK;
}
