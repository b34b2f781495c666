/* SPDX-License-Identifier: GPL-3.0-or-later
 * bcsq_model.c -- a transcript as bcftools csq sees it: biotype, pieces of the CDS and of the UTR, exons.
 * A CDS begins with its first whole codon and ends with its last one. */
#include "stage/annotate/bcsq_int.h"

#include <ctype.h>
#include <string.h>

#include "bio/allele.h"

/* Biotypes begin with one of these; the first that fits counts. Source: bcftools csq, supported biotypes. */
static const struct {
	const char *begin, *name;
	bool coding;
} kind[] = {{"protein_coding", "protein_coding", true}, {"mRNA", "protein_coding", true},
	{"polymorphic_pseudogene", "polymorphic_pseudogene", true}, {"nonsense_mediated_decay", "NMD", true},
	{"NMD", "NMD", true}, {"non_stop_decay", "non_stop_decay", true},
	{"IG_pseudogene", "IG_pseudogene", false}, {"IG_C_pseudogene", "IG_C_pseudogene", false},
	{"IG_J_pseudogene", "IG_J_pseudogene", false}, {"IG_V_pseudogene", "IG_V_pseudogene", false},
	{"IG_C", "IG_C", true}, {"IG_D", "IG_D", true}, {"IG_J", "IG_J", true}, {"IG_V", "IG_V", true},
	{"IG_LV", "IG_LV", true}, {"TR_V_pseudogene", "TR_V_pseudogene", false},
	{"TR_J_pseudogene", "TR_J_pseudogene", false}, {"TR_C", "TR_C", true}, {"TR_D", "TR_D", true},
	{"TR_J", "TR_J", true}, {"TR_V", "TR_V", true}, {"pseudogene", "pseudogene", false},
	{"processed_transcript", "processed_transcript", false},
	{"processed_pseudogene", "processed_pseudogene", false}, {"artifact", "artifact", false},
	{"antisense", "antisense", false}, {"ambiguous_orf", "ambiguous_orf", false},
	{"Mt_tRNA_pseudogene", "MT_tRNA_pseudogene", false}, {"Mt_tRNA", "MT_tRNA", false},
	{"MT_tRNA", "MT_tRNA", false}, {"Mt_rRNA", "MT_rRNA", false}, {"MT_rRNA", "MT_rRNA", false},
	{"lincRNA", "lincRNA", false}, {"lncRNA", "lncRNA", false}, {"macro_lncRNA", "macro_lncRNA", false},
	{"misc_RNA_pseudogene", "misc_RNA_pseudogene", false},
	{"miRNA_pseudogene", "miRNA_pseudogene", false}, {"miRNA", "miRNA", false},
	{"misc_RNA", "misc_RNA", false}, {"rRNA", "rRNA", false}, {"ribozyme", "ribozyme", false},
	{"retained_intron", "retained_intron", false}, {"retrotransposed", "retrotransposed", false},
	{"snRNA", "snRNA", false}, {"sRNA", "sRNA", false}, {"scRNA", "scRNA", false},
	{"scaRNA", "scaRNA", false}, {"snoRNA", "snoRNA", false}, {"sense_intronic", "sense_intronic", false},
	{"sense_overlapping", "sense_overlapping", false}, {"tRNA_pseudogene", "Trna_pseudogene", false},
	{"transcribed_processed_pseudogene", "transcribed_processed_pseudogene", false},
	{"transcribed_unprocessed_pseudogene", "transcribed_unprocessed_pseudogene", false},
	{"transcribed_unitary_pseudogene", "transcribed_unitary_pseudogene", false},
	{"translated_unprocessed_pseudogene", "translated_unprocessed_pseudogene", false},
	{"translated_processed_pseudogene", "translated_processed_pseudogene", false},
	{"known_ncrna", "known_ncRNA", false}, {"unitary_pseudogene", "unitary_pseudogene", false},
	{"unprocessed_pseudogene", "unprocessed_pseudogene", false}, {"LRG_gene", "LRG_gene", false},
	{"3prime_overlapping_ncRNA", "3_prime_overlapping_ncRNA", false},
	{"3_prime_overlapping_ncRNA", "3_prime_overlapping_ncRNA", false},
	{"disrupted_domain", "disrupted_domain", false}, {"vaultRNA", "vaultRNA", false},
	{"bidirectional_promoter_lncRNA", "bidirectional_promoter_lncRNA", false}};

static void biotype_set(struct bcsq_tx *x)
{
	for (size_t i = 0; i < sizeof kind / sizeof *kind; i++)
		if (strncmp(x->t->biotype, kind[i].begin, strlen(kind[i].begin)) == 0) {
			x->biotype = kind[i].name;
			x->coding = kind[i].coding;
			x->nmd = strcmp(kind[i].name, "NMD") == 0;
			return;
		}
}

/* Exon k of the genome's order. */
static const struct annotate_exon *exon_at(const struct annotate_tx *t, int32_t k)
{
	return &t->exon[t->strand > 0 ? k : t->n_exon - 1 - k];
}

/* Pieces of the exons before, within and behind the CDS. */
static void pieces_cut(struct bcsq_tx *x)
{
	const struct annotate_tx *t = x->t;
	for (int32_t k = 0; k < t->n_exon; k++) {
		int64_t beg = exon_at(t, k)->beg, end = exon_at(t, k)->end - 1;
		x->exon[x->n_exon++] = (struct bcsq_piece){beg, end, 0};
		if (!t->coding)
			continue;
		int64_t first = t->coding_beg, last = t->coding_end - 1;
		if (beg < first)
			x->utr[x->n_utr++] = (struct bcsq_piece){
				beg, end < first ? end : first - 1, t->strand > 0 ? 5 : 3};
		if (end >= first && beg <= last)
			x->cds[x->n_cds++] = (struct bcsq_piece){
				beg > first ? beg : first, end < last ? end : last, 0};
		if (end > last)
			x->utr[x->n_utr++] = (struct bcsq_piece){
				beg > last ? beg : last + 1, end, t->strand > 0 ? 3 : 5};
	}
}

/* Take n bases off one end of the CDS; a piece may become empty. */
static void cds_trim(struct bcsq_tx *x, bool from_left, int64_t n)
{
	for (int32_t i = 0; i < x->n_cds && n; i++) {
		struct bcsq_piece *p = &x->cds[from_left ? i : x->n_cds - 1 - i];
		int64_t k = p->end - p->beg + 1 < n ? p->end - p->beg + 1 : n;
		if (from_left)
			p->beg += k;
		else
			p->end -= k;
		n -= k;
	}
}

static void cds_frame(struct bcsq_tx *x)
{
	const struct annotate_tx *t = x->t;
	bool forward = t->strand > 0;
	if (!x->n_cds)
		return;
	x->trim5 = t->pad > 0;
	cds_trim(x, forward, t->pad ? 3 - t->pad : 0);
	for (int32_t i = 0; i < x->n_cds; i++)
		x->len += x->cds[i].end - x->cds[i].beg + 1;
	if (x->len % 3) {
		x->trim3 = true;
		cds_trim(x, !forward, x->len % 3);
	}
	x->len = 0;
	for (int32_t i = 0; i < x->n_cds; i++) {
		x->cds[i].pos = x->len;
		x->len += x->cds[i].end - x->cds[i].beg + 1;
	}
}

static size_t slot_of(const struct bcsq_shard *b, size_t index)
{
	size_t mask = b->cap - 1, k = (index * 2654435761u) & mask;
	while (b->table[k] && b->table[k]->t->index != index)
		k = (k + 1) & mask;
	return k;
}

static bool table_grow(struct bcsq_shard *b)
{
	struct bcsq_tx **old = b->table;
	size_t n = b->cap;
	b->cap = n ? 2 * n : 256;
	b->table = grx_arena_calloc(b->w->keep, b->cap, sizeof *b->table);
	for (size_t i = 0; b->table && i < n; i++)
		if (old[i])
			b->table[slot_of(b, old[i]->t->index)] = old[i];
	return b->table != NULL;
}

int annotate_bcsq_tx(struct bcsq_shard *b, const struct annotate_tx *t, struct bcsq_tx **out)
{
	struct grx_arena *mem = b->w->keep;
	if (2 * (b->n_tx + 1) > b->cap && !table_grow(b))
		return grx_fail_nomem(b->w->cx, "transcripts");
	size_t k = slot_of(b, t->index);
	if ((*out = b->table[k]))
		return GRX_OK;
	size_t n = (size_t)t->n_exon;
	struct bcsq_tx *x = grx_arena_calloc(mem, 1, sizeof *x);
	if (x) {
		x->exon = grx_arena_alloc(mem, n, sizeof *x->exon);
		x->cds = grx_arena_alloc(mem, n, sizeof *x->cds);
		x->utr = grx_arena_alloc(mem, 2 * n, sizeof *x->utr);
	}
	if (!x || !x->exon || !x->cds || !x->utr)
		return grx_fail_nomem(b->w->cx, "transcripts");
	x->t = t;
	x->beg = t->beg;
	x->end = t->end - 1;
	x->gene = *t->symbol ? t->symbol : t->gene;
	biotype_set(x);
	pieces_cut(x);
	cds_frame(x);
	b->table[k] = *out = x;
	b->n_tx++;
	return GRX_OK;
}

/* --- sequence --- */

char annotate_bcsq_codon(const char *c, bool forward)
{
	static const char pair[] = "TGCA", base[] = "ACGT";
	char x[4] = {0};
	for (int i = 0; i < 3; i++) {
		char b = (char)toupper((unsigned char)c[forward ? i : 2 - i]);
		const char *at = b ? strchr(base, b) : NULL;
		x[i] = !at ? 'N' : forward ? b : pair[at - base];
	}
	return annotate_codon(x, 1);
}

/* The context behind the CDS is what stands at the start of its last piece: bcftools 1.16 to 1.23 read it
 * so, and it only shows in a codon that a shifted frame leaves incomplete. */
int annotate_bcsq_ref(struct bcsq_shard *b, struct bcsq_tx *x)
{
	const struct annotate_tx *t = x->t;
	const struct annotate_seq *q;
	int64_t first = t->cds_beg - 1 + (t->pad ? 3 - t->pad : 0), left = x->cds[0].beg - BQ_PAD;
	int rc = annotate_tx_seq(b->w, t, &q);
	if (rc || (rc = annotate_window(b->w, t->tid, left, x->cds[0].beg)))
		return rc;
	char *s = x->ref = grx_arena_alloc(b->w->keep, (size_t)x->len + 2 * BQ_PAD + 1, 1);
	if (!s)
		return grx_fail_nomem(b->w->cx, "CDS");
	for (int i = 0; i < BQ_PAD; i++)
		s[i] = annotate_base(b->w, left + i);
	char *cds = s + BQ_PAD;
	if (t->strand > 0)
		memcpy(cds, q->cdna + first, (size_t)x->len);
	else
		grx_revcomp(q->cdna + first, (size_t)x->len, cds);
	const struct bcsq_piece *last = &x->cds[x->n_cds - 1];
	for (int64_t i = 0; i < BQ_PAD; i++)
		cds[x->len + i] = last->pos + i < x->len ? cds[last->pos + i] : 'N';
	cds[x->len + BQ_PAD] = '\0';
	bool forward = t->strand > 0;
	x->starts_with_m = x->len >= 3 &&
			   annotate_bcsq_codon(forward ? cds : cds + x->len - 3, forward) == 'M';
	return GRX_OK;
}
