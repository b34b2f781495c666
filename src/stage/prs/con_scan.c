/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_scan.c -- one pass over the LD panel's file: what the statistics ask for is taken up. */
#include "base/map.h"
#include "bio/contig.h"
#include "genorx/vars.h"
#include "io/genosrc.h"
#include "stage/prs/con_int.h"

/* Rows that a record could be. */
static struct con_row *candidates(
	const struct con_data *d, const struct grx_geno *g, const struct con_allele *a, size_t *n)
{
	const struct con_sum *s = &d->sum;
	*n = 0;
	if (!s->by_id)
		return prs_con_row_find(s, a->chrom, a->pos, n);
	struct con_row *r = g->id ? grx_map_get(s->ids, g->id) : NULL;
	for (; r && r + *n < s->row + s->n && grx_streq(r[*n].id, g->id);)
		++*n;
	return r;
}

static int chrom_number(const char *name)
{
	int64_t c;
	return grx_parse_i64(grx_contig_canonical(name), &c) && c >= 1 && c <= 22 ? (int)c : 0;
}

struct scan {
	struct grx_genosrc *src;
	struct grx_genocur *cur;
	uint8_t *code;
};

static int take_record(struct grx_ctx *cx, struct con_data *d, struct scan *sc, const struct grx_geno *g)
{
	int rc = GRX_OK;
	unsigned seen;
	size_t n;
	struct con_allele a = {.pos = g->pos + 1,
		.chrom = chrom_number(grx_contig_name(grx_genosrc_contigs(sc->src), g->tid)),
		.ref = g->allele[0]};
	d->panel_records++;
	if (a.chrom == 0 || g->block || g->filtered)
		return GRX_OK;
	struct con_row *row = candidates(d, g, &a, &n);
	for (int k = 1; k < g->n_allele && n > 0; k++) {
		a.alt = g->allele[k];
		for (size_t i = 0; i < n; i++) {
			GRX_TRY(grx_geno_copies(cx, g, k, sc->code, &seen));
			GRX_TRY(prs_con_panel_match(cx, d, &row[i], &a, sc->code));
		}
	}
	for (size_t i = 0; g->n_allele == 1 && i < n; i++)
		row[i].seen = true;
out:
	return rc;
}

static int scan_open(struct grx_ctx *cx, struct con_data *d, struct scan *sc)
{
	int rc = GRX_E_BUG;
	GRX_TRY(grx_genosrc_open(
		cx, &(struct grx_genosrc_opt){.path = d->o->ld, .threads = cx->threads - 1}, &sc->src));
	struct grx_hdr *h = grx_genosrc_hdr(sc->src);
	if (h->n_sample < 50)
		return grx_fail(cx, GRX_E_DATA,
			"%s: %d people are no LD panel: correlations need at least 50, and some hundreds to "
			"be useful",
			d->o->ld, (int)h->n_sample);
	GRX_TRY(prs_con_panel_init(cx, &d->panel, h->n_sample, (const char *const *)h->sample));
	sc->code = grx_malloc((size_t)h->n_sample, 1);
	if (!sc->code)
		return grx_fail_nomem(cx, "LD panel");
	enum grx_build b = grx_contigs_build(grx_genosrc_contigs(sc->src));
	d->build = d->o->build ? d->o->build : b == GRX_BUILD_UNKNOWN ? "NR" : grx_build_name(b);
	GRX_TRY(grx_genocur_open(cx, sc->src, &sc->cur));
out:
	return rc;
}

int prs_con_panel_read(struct grx_ctx *cx, struct con_data *d)
{
	int rc = GRX_E_BUG, n;
	const struct grx_geno *g;
	struct scan sc = {0};
	GRX_TRY(scan_open(cx, d, &sc));
	do {
		GRX_TRY(grx_genocur_next(cx, sc.cur, &g, &n));
		for (int i = 0; i < n; i++)
			GRX_TRY(take_record(cx, d, &sc, &g[i]));
	} while (n > 0);
out:
	grx_free(sc.code);
	if (sc.cur)
		grx_genocur_close(sc.cur);
	if (sc.src)
		grx_genosrc_close(sc.src);
	return rc;
}
