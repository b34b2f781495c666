/* SPDX-License-Identifier: GPL-3.0-or-later
 * model.c -- transcripts with coordinate maps, and the interval index over them.
 * Invariant: exons of a transcript are disjoint, in transcript order, with running cDNA offsets; the reading
 * frame comes from the first CDS piece's phase and the cumulative length alone (inner phases are checked, not
 * trusted). */
#include <jansson.h>
#include "stage/annotate/model_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/map.h"

#define MAX_TX 10000000

static int piece_order(const void *a, const void *b)
{
	const struct annotate_piece *x = a, *y = b;
	if (x->beg != y->beg)
		return x->beg < y->beg ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

/* Merge touching or overlapping pieces; returns the new count and how many overlapped. */
static size_t pieces_join(struct annotate_piece *v, size_t n, int64_t *n_overlap)
{
	size_t m = 0;
	for (size_t i = 0; i < n; i++) {
		if (m && v[i].beg < v[m - 1].end)
			++*n_overlap;
		if (m && v[i].beg <= v[m - 1].end) {
			if (v[i].end > v[m - 1].end)
				v[m - 1].end = v[i].end;
		} else {
			v[m++] = v[i];
		}
	}
	return m;
}

static const char *strip_prefix(const char *id)
{
	static const char *const prefix[] = {"transcript:", "gene:", "rna-", "gene-", "CDS:", "cds-"};
	for (size_t i = 0; i < sizeof prefix / sizeof *prefix; i++)
		if (grx_starts(id, prefix[i]))
			return id + strlen(prefix[i]);
	return id;
}

static bool has_version(const char *id)
{
	const char *dot = strrchr(id, '.');
	return dot && dot[1] && strspn(dot + 1, "0123456789") == strlen(dot + 1);
}

/* ID with a version; an unknown one is 1, as the reference implementation prints for models without versions.
 */
static const char *versioned(struct grx_arena *mem, const char *id, const char *version)
{
	if (has_version(id))
		return id;
	return grx_arena_printf(mem, "%s.%s", id, version && *version ? version : "1");
}

static bool has_tag(const char *tags, const char *tag)
{
	size_t n = strlen(tag);
	for (const char *p = tags; p && (p = strstr(p, tag)); p += n)
		if ((p == tags || p[-1] == ',') && (p[n] == '\0' || p[n] == ','))
			return true;
	return false;
}

/* Smaller is better: MANE Select, MANE Plus Clinical, canonical, APPRIS, TSL, biotype, CCDS. */
static uint32_t pick_key(const struct annotate_node *n, const char *biotype)
{
	uint32_t k = has_tag(n->tag, "MANE_Select") ? 0 : 1;
	k = k << 1 | (has_tag(n->tag, "MANE_Plus_Clinical") ? 0 : 1);
	k = k << 1 | (has_tag(n->tag, "Ensembl_canonical") ? 0 : 1);
	uint32_t appris = 8;
	const char *p = n->tag ? strstr(n->tag, "appris_principal_") : NULL;
	if (p && p[17] >= '1' && p[17] <= '5')
		appris = (uint32_t)(p[17] - '1');
	else if (n->tag && strstr(n->tag, "appris_alternative_"))
		appris = 6;
	k = k << 4 | appris;
	uint32_t tsl = n->tsl && n->tsl[0] >= '1' && n->tsl[0] <= '5' ? (uint32_t)(n->tsl[0] - '0') : 6;
	k = k << 3 | tsl;
	k = k << 1 | (strcmp(biotype, "protein_coding") == 0 ? 0 : 1);
	return k << 1 | (has_tag(n->tag, "CCDS") ? 0 : 1);
}

int64_t annotate_cdna(const struct annotate_tx *t, int64_t pos)
{
	int32_t lo = 0, hi = t->n_exon;
	while (lo < hi) {
		int32_t mid = (lo + hi) / 2;
		const struct annotate_exon *e = &t->exon[mid];
		if (pos >= e->beg && pos < e->end)
			return e->cdna + (t->strand > 0 ? pos - e->beg : e->end - 1 - pos) + 1;
		bool later = t->strand > 0 ? pos >= e->end : pos < e->beg;
		if (later)
			lo = mid + 1;
		else
			hi = mid;
	}
	return 0;
}

static void exons_set(
	struct annotate_tx *t, struct annotate_exon *exon, const struct annotate_piece *v, size_t n)
{
	int64_t at = 0;
	t->n_exon = (int32_t)n;
	t->exon = exon;
	for (size_t i = 0; i < n; i++) {
		const struct annotate_piece *p = &v[t->strand > 0 ? i : n - 1 - i];
		exon[i] = (struct annotate_exon){(int32_t)p->beg, (int32_t)p->end, (int32_t)at};
		at += p->end - p->beg;
	}
	t->cdna_len = at;
	t->beg = v[0].beg;
	t->end = v[n - 1].end;
}

/* Inner phases must follow from the cumulative length. */
static bool phases_agree(const struct annotate_node *n, const struct annotate_tx *t)
{
	int64_t sum = 0;
	int first = -1;
	for (size_t i = 0; i < n->n_cds; i++) {
		const struct annotate_piece *p = &n->cds[t->strand > 0 ? i : n->n_cds - 1 - i];
		if (p->phase < 0)
			return true;
		if (first < 0)
			first = p->phase;
		else if ((sum - first + p->phase) % 3 != 0)
			return false;
		sum += p->end - p->beg;
	}
	return true;
}

/* CDS from the outermost pieces. False when an end of it is not exonic. */
static bool cds_set(struct annotate_models *m, struct annotate_tx *t, struct annotate_node *n)
{
	qsort(n->cds, n->n_cds, sizeof *n->cds, piece_order);
	t->coding_beg = n->cds[0].beg;
	t->coding_end = n->cds[n->n_cds - 1].end;
	for (size_t i = 1; i < n->n_cds; i++)
		m->n_overlapping += n->cds[i].beg < n->cds[i - 1].end;
	int64_t a = annotate_cdna(t, t->coding_beg), b = annotate_cdna(t, t->coding_end - 1);
	if (!a || !b)
		return false;
	t->cds_beg = a < b ? a : b;
	t->cds_end = a < b ? b : a;
	int8_t phase = n->cds[t->strand > 0 ? 0 : n->n_cds - 1].phase;
	t->pad = (int8_t)(phase > 0 ? 3 - phase : 0);
	t->start_nf = t->pad > 0 || has_tag(n->tag, "cds_start_NF");
	t->end_nf = has_tag(n->tag, "cds_end_NF");
	m->n_phase += !phases_agree(n, t);
	t->coding = true;
	return true;
}

/* RefSeq gives no transcript biotype: the feature type says it, and the gene's for a bare `transcript`. */
static const char *biotype_of(const struct annotate_node *n, const struct annotate_node *gene)
{
	if (n->biotype)
		return n->biotype;
	if (strcmp(n->type, "mRNA") == 0)
		return "protein_coding";
	if (strcmp(n->type, "transcript") != 0)
		return n->type;
	return gene && gene->biotype ? gene->biotype : n->n_cds ? "protein_coding" : n->type;
}

static void names_set(struct annotate_models *m, struct annotate_tx *t, const struct annotate_node *n,
	const struct annotate_node *gene)
{
	bool ours = grx_starts(n->id, "transcript:");
	t->id = ours || !n->tx_id ? strip_prefix(n->id) : n->tx_id;
	t->id_version = versioned(m->mem, t->id, n->version);
	const char *g = gene ? (gene->gene_id ? gene->gene_id : strip_prefix(gene->id)) : n->gene_id;
	t->gene = g ? g : "";
	const char *sym = gene ? (gene->symbol ? gene->symbol : gene->name) : n->symbol;
	t->symbol = sym ? sym : "";
	t->biotype = biotype_of(n, gene);
	t->nmd = strcmp(t->biotype, "nonsense_mediated_decay") == 0;
	t->pick = pick_key(n, t->biotype);
	t->protein = t->ccds = t->source = t->hgnc = t->mane = t->appris = t->tsl = "";
	if (t->coding)
		t->protein = versioned(
			m->mem, n->protein ? strip_prefix(n->protein) : t->id, n->protein_version);
}

static int tx_build(struct grx_ctx *cx, const struct annotate_gff *g, const struct grx_contigs *d,
	struct annotate_node *n, struct annotate_models *m)
{
	if (!n->n_exon) { /* bacterial and viral models have only a CDS */
		n->exon = n->cds;
		n->n_exon = n->n_cds;
		n->cds = grx_arena_grow(g->tmp, n->cds, n->n_cds, n->n_cds, sizeof *n->cds);
		if (!n->cds)
			return grx_fail_nomem(cx, "gene models");
	}
	if (n->mixed || n->strand == 0) {
		m->n_bad_strand++;
		return GRX_OK;
	}
	m->n_orphan += !n->seen;
	if (!n->seen)
		return GRX_OK;
	struct annotate_tx *t = &m->tx[m->n];
	memset(t, 0, sizeof *t);
	t->tid = n->tid;
	t->strand = n->strand;
	t->table = n->table ? n->table : 1;
	if (!n->table && strcmp(grx_contig_canonical(grx_contig_name(d, t->tid)), "MT") == 0)
		t->table = 2;
	qsort(n->exon, n->n_exon, sizeof *n->exon, piece_order);
	n->n_exon = pieces_join(n->exon, n->n_exon, &m->n_overlapping);
	struct annotate_exon *exon = grx_arena_alloc(m->mem, n->n_exon, sizeof *exon);
	if (!exon)
		return grx_fail_nomem(cx, "gene models");
	exons_set(t, exon, n->exon, n->n_exon);
	if (n->n_cds && !cds_set(m, t, n)) {
		m->n_cds_outside++;
		return GRX_OK;
	}
	struct annotate_node *gene = n->parent ? grx_map_get(g->by_id, n->parent) : NULL;
	names_set(m, t, n, gene && gene->seen ? gene : NULL);
	if (!t->id_version || (t->coding && !t->protein))
		return grx_fail_nomem(cx, "gene models");
	m->n++;
	return GRX_OK;
}

static int tx_order(const void *a, const void *b)
{
	const struct annotate_tx *x = a, *y = b;
	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	if (x->beg != y->beg)
		return x->beg < y->beg ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return strcmp(x->id, y->id);
}

static int index_build(struct grx_ctx *cx, struct annotate_models *m, const struct grx_contigs *d)
{
	qsort(m->tx, m->n, sizeof *m->tx, tx_order);
	m->n_contig = d->n;
	m->max_end = grx_arena_alloc(m->mem, m->n + 1, sizeof *m->max_end);
	m->first = grx_arena_alloc(m->mem, (size_t)d->n + 1, sizeof *m->first);
	if (!m->max_end || !m->first)
		return grx_fail_nomem(cx, "gene models");
	size_t i = 0;
	for (int32_t tid = 0; tid < d->n; tid++) {
		m->first[tid] = i;
		int64_t top = 0;
		for (; i < m->n && m->tx[i].tid == tid; i++) {
			if (m->tx[i].end > top)
				top = m->tx[i].end;
			m->max_end[i] = top;
		}
	}
	m->first[d->n] = i;
	return GRX_OK;
}

static int models_build(struct grx_ctx *cx, const struct annotate_gff *g, const struct grx_contigs *d,
	struct annotate_models **out)
{
	int rc = GRX_E_BUG;
	struct annotate_models *m = grx_calloc(1, sizeof *m);
	size_t n_tx = 0;
	if (!m || !(m->mem = grx_arena_new()))
		GRX_TRY(grx_fail_nomem(cx, "gene models"));
	for (size_t i = 0; i < g->n; i++)
		n_tx += g->node[i]->n_exon || g->node[i]->n_cds;
	if (n_tx == 0 || n_tx > MAX_TX)
		GRX_TRY(grx_fail(cx, GRX_E_DATA,
			"gene models: found %zu transcripts with exons or CDS, expected 1 to %d", n_tx,
			MAX_TX));
	m->tx = grx_malloc(n_tx, sizeof *m->tx);
	if (!m->tx)
		GRX_TRY(grx_fail_nomem(cx, "gene models"));
	m->n_other_contig = g->n_other_contig;
	for (size_t i = 0; i < g->n; i++)
		if (g->node[i]->n_exon || g->node[i]->n_cds)
			GRX_TRY(tx_build(cx, g, d, g->node[i], m));
	GRX_TRY(index_build(cx, m, d));
	*out = m;
	m = NULL;
	rc = GRX_OK;
out:
	annotate_models_free(m);
	return rc;
}

int annotate_models_open(struct grx_ctx *cx, const struct annotate_models_opt *o, const struct grx_contigs *d,
	struct annotate_models **out)
{
	int rc = GRX_E_BUG;
	const char *path = o->gff;
	struct annotate_gff g = {0};
	g.mem = grx_arena_new();
	g.tmp = grx_arena_new();
	g.by_id = grx_map_new();
	if (!g.mem || !g.tmp || !g.by_id)
		GRX_TRY(grx_fail_nomem(cx, "gene models"));
	GRX_TRY(annotate_gff_read(cx, path, d, &g));
	rc = models_build(cx, &g, d, out);
	if (rc)
		GRX_TRY(grx_fail_add(cx, rc, "%s", path));
	(*out)->names = g.mem;
	g.mem = NULL;
	if ((*out)->n_phase)
		grx_warn(cx, "%s: %lld transcripts with CDS phases that do not follow from the piece lengths",
			path, (long long)(*out)->n_phase);
	rc = GRX_OK;
out:
	grx_map_free(g.by_id);
	grx_free(g.node);
	grx_arena_free(g.mem);
	grx_arena_free(g.tmp);
	return rc;
}

void annotate_models_free(struct annotate_models *m)
{
	if (!m)
		return;
	grx_free(m->tx);
	grx_arena_free(m->mem);
	grx_arena_free(m->names);
	grx_free(m);
}

void annotate_models_range(
	const struct annotate_models *m, int32_t tid, int64_t beg, int64_t end, size_t *lo, size_t *hi)
{
	*lo = *hi = 0;
	if (tid < 0 || tid >= m->n_contig)
		return;
	size_t a = m->first[tid], b = m->first[tid + 1];
	while (a < b) { /* first that starts after the interval */
		size_t mid = a + (b - a) / 2;
		if (m->tx[mid].beg <= end)
			a = mid + 1;
		else
			b = mid;
	}
	*lo = *hi = a;
	while (*lo > m->first[tid] && m->max_end[*lo - 1] >= beg)
		--*lo;
}

size_t annotate_models_n(const struct annotate_models *m)
{
	return m->n;
}

void annotate_models_get(const struct annotate_models *m, size_t i, struct annotate_tx *t)
{
	*t = m->tx[i];
	t->index = i;
}

void annotate_models_span(const struct annotate_models *m, size_t i, int64_t *beg, int64_t *end)
{
	*beg = m->tx[i].beg;
	*end = m->tx[i].end;
}

int annotate_models_summary(const struct annotate_models *m, struct json_t *to)
{
	const struct {
		const char *key;
		int64_t n;
	} row[] = {{"transcripts", (int64_t)m->n}, {"features_on_other_contigs", m->n_other_contig},
		{"dropped_strand_or_contig_disagree", m->n_bad_strand},
		{"dropped_cds_outside_exons", m->n_cds_outside}, {"dropped_parent_line_missing", m->n_orphan},
		{"overlapping_pieces", m->n_overlapping}, {"cds_phase_disagrees", m->n_phase}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (json_object_set_new(to, row[i].key, json_integer((json_int_t)row[i].n)))
			return GRX_E_NOMEM;
	return GRX_OK;
}

void annotate_models_features(
	const struct annotate_models *m, int32_t tid, int64_t beg, int64_t end, size_t *lo, size_t *hi)
{
	(void)m, (void)tid, (void)beg, (void)end;
	*lo = *hi = 0;
}

void annotate_models_feature(const struct annotate_models *m, size_t i, struct annotate_feature *f)
{
	(void)m, (void)i;
	*f = (struct annotate_feature){.id = "", .biotype = ""};
}
