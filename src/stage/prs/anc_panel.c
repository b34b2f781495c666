/* SPDX-License-Identifier: GPL-3.0-or-later
 * anc_panel.c -- the panel as plink 1 files: every biallelic locus, REF as second allele; and which of the
 * loci may serve for components as far as the locus itself tells. */
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/out.h"
#include "base/par.h"
#include "io/genosrc.h"
#include "io/text.h"
#include "stage/prs/anc_build.h"

struct copier {
	struct anc_build *b;
	const struct grx_contigs *contigs;
	struct grx_bed *exclude; /* or NULL */
	struct grx_out *bed, *bim, *fam;
	uint8_t *code, *row;
	int32_t tid; /* of the contig below */
	bool autosome;
};

static bool is_acgt(const char *s)
{
	return *s && s[strspn(s, "ACGT")] == '\0';
}

static bool is_autosome(const char *name)
{
	int64_t n;
	return grx_parse_i64(grx_contig_canonical(name), &n) && n >= 1 && n <= 22;
}

static bool same_alleles(const struct grx_geno *a, const struct grx_geno *b)
{
	return a->n_allele == 2 && b->n_allele == 2 && strcmp(a->allele[0], b->allele[0]) == 0 &&
	       strcmp(a->allele[1], b->allele[1]) == 0;
}

static bool complementary(char a, char b)
{
	return (a == 'A' && b == 'T') || (a == 'T' && b == 'A') || (a == 'C' && b == 'G') ||
	       (a == 'G' && b == 'C');
}

/* Why record i of the n at a position is not a candidate; the genotypes are not looked at. */
static enum anc_drop judge(const struct copier *c, const struct grx_geno *v, int n, int i)
{
	const struct grx_geno *g = &v[i];
	if (g->block || g->n_allele != 2)
		return ANC_NOT_BIALLELIC;
	if (!is_acgt(g->allele[0]) || !is_acgt(g->allele[1]))
		return ANC_NOT_ACGT;
	if (g->filtered)
		return ANC_FILTERED;
	for (int k = 0; k < n; k++)
		if (k != i && same_alleles(g, &v[k]))
			return ANC_REPEATED;
	if (g->allele[0][1] || g->allele[1][1])
		return ANC_NOT_SNP;
	if (!c->autosome)
		return ANC_NOT_AUTOSOME;
	for (int k = 0; k < n; k++)
		if (k != i && !v[k].block)
			return ANC_SAME_POSITION;
	if (complementary(g->allele[0][0], g->allele[1][0]))
		return ANC_PALINDROMIC;
	if (c->exclude && grx_bed_has(c->exclude, g->tid, g->pos))
		return ANC_EXCLUDED;
	return ANC_USED;
}

/* plink 1: 0 two copies of the first allele (ours ALT), 1 missing, 2 one copy, 3 none; four people a byte. */
static void write_row(struct copier *c)
{
	static const uint8_t code[4] = {3, 2, 0, 1};
	int n = c->b->ref.n_sample;
	uint64_t word;
	memset(c->row, 0, (size_t)(n + 3) / 4);
	for (int i = 0; i < n; i += 32) {
		int here = n - i < 32 ? n - i : 32;
		anc_pack(c->code + i, here, &word);
		for (int k = 0; k < here; k++)
			c->row[(i + k) / 4] |= (uint8_t)(code[word >> (2 * k) & 3] << (2 * (k % 4)));
	}
	grx_out_write(c->bed, c->row, (size_t)(n + 3) / 4);
}

/* Missing genotypes by person, over autosomal SNPs. */
static void count_missing(struct copier *c, unsigned seen)
{
	static const bool missing[GRX_CP_N] = {[GRX_CP_NONE] = true,
		[GRX_CP_HAP_NONE] = true,
		[GRX_CP_HALF_0] = true,
		[GRX_CP_HALF_1] = true};
	bool any = false;
	for (int k = 0; k < GRX_CP_N; k++)
		any = any || (missing[k] && (seen >> k & 1));
	c->b->n_snp++;
	for (int i = 0; any && i < c->b->ref.n_sample; i++)
		c->b->n_missing[i] += missing[c->code[i]];
}

static int mark_candidate(struct grx_ctx *cx, struct anc_build *b, bool yes)
{
	size_t at = (size_t)b->n_panel / 8;
	if (grx_grow(&b->candidate, &b->cap_candidate, at + 1, 1, 0) != GRX_OK)
		return grx_fail_nomem(cx, "loci of the panel");
	if (b->n_panel % 8 == 0)
		b->candidate[at] = 0;
	b->candidate[at] |= (uint8_t)(yes << (b->n_panel % 8));
	b->n_panel++;
	return GRX_OK;
}

static int copy_record(struct grx_ctx *cx, struct copier *c, const struct grx_geno *v, int n, int i)
{
	const struct grx_geno *g = &v[i];
	enum anc_drop why = judge(c, v, n, i);
	unsigned seen = 0;
	c->b->n_record++;
	if (why != ANC_USED)
		c->b->drop[why]++;
	if (why >= ANC_NOT_BIALLELIC && why <= ANC_REPEATED)
		return GRX_OK;
	int rc = grx_geno_copies(cx, g, 1, c->code, &seen);
	if (rc != GRX_OK)
		return rc;
	const char *chrom = grx_contig_canonical(grx_contig_name(c->contigs, g->tid));
	grx_out_printf(c->bim, "%s\t%s:%lld:%s:%s\t0\t%lld\t%s\t%s\n", chrom, chrom, (long long)g->pos + 1,
		g->allele[0], g->allele[1], (long long)g->pos + 1, g->allele[1], g->allele[0]);
	write_row(c);
	c->b->ref_unsure = c->b->ref_unsure || g->ref_unsure;
	if (c->autosome && why != ANC_NOT_SNP)
		count_missing(c, seen);
	return mark_candidate(cx, c->b, why == ANC_USED);
}

static int copy_records(struct grx_ctx *cx, struct copier *c, struct grx_genocur *cur)
{
	int rc = GRX_E_BUG, n;
	const struct grx_geno *v;
	for (int64_t k = 0;; k++) {
		GRX_TRY(grx_genocur_next(cx, cur, &v, &n));
		if (n == 0)
			break;
		if (k % 1024 == 0)
			GRX_TRY(grx_par_signal_check(cx));
		if (v[0].tid != c->tid) {
			c->tid = v[0].tid;
			c->autosome = is_autosome(grx_contig_name(c->contigs, c->tid));
		}
		for (int i = 0; i < n; i++)
			GRX_TRY(copy_record(cx, c, v, n, i));
	}
	rc = GRX_OK;
out:
	return rc;
}

static int open_outputs(struct grx_ctx *cx, struct copier *c)
{
	static const uint8_t magic[3] = {0x6c, 0x1b, 0x01};
	int rc = GRX_E_BUG;
	const char *path[3] = {
		anc_path(c->b, "panel.bed"), anc_path(c->b, "panel.bim"), anc_path(c->b, "panel.fam")};
	if (!path[0] || !path[1] || !path[2])
		return grx_fail_nomem(cx, "a path");
	GRX_TRY(grx_out_open(cx, path[0], &c->bed));
	GRX_TRY(grx_out_open(cx, path[1], &c->bim));
	GRX_TRY(grx_out_open(cx, path[2], &c->fam));
	grx_out_write(c->bed, magic, sizeof(magic));
	for (int i = 0; i < c->b->ref.n_sample; i++)
		grx_out_printf(c->fam, "0\t%s\t0\t0\t%d\t-9\n", c->b->ref.person[i].sample,
			c->b->sex ? c->b->sex[i] : 0);
	rc = GRX_OK;
out:
	return rc;
}

static int close_output(struct grx_ctx *cx, struct grx_out **o, int rc)
{
	int rc2 = *o ? grx_out_close(cx, *o) : GRX_OK;
	*o = NULL;
	return rc != GRX_OK ? rc : rc2;
}

static int prepare(struct grx_ctx *cx, struct copier *c, struct grx_genosrc *src)
{
	int rc = GRX_E_BUG;
	const struct grx_hdr *h = grx_genosrc_hdr(src);
	struct anc_build *b = c->b;
	c->contigs = grx_genosrc_contigs(src);
	b->build_name = grx_build_name(grx_contigs_build(c->contigs));
	b->sex = grx_genosrc_sex(src);
	if (h->n_sample < 3)
		return grx_fail(cx, GRX_E_DATA,
			"%s: %d samples: a reference panel has at least 3, better 1,000 and more",
			b->o->panel, (int)h->n_sample);
	GRX_TRY(anc_people_read(cx, b, (const char *const *)h->sample, h->n_sample));
	if (b->o->exclude) {
		c->exclude = grx_bed_new();
		if (!c->exclude)
			return grx_fail_nomem(cx, "excluded regions");
		GRX_TRY(grx_bed_read(cx, b->o->exclude, c->contigs, c->exclude));
	}
	c->code = grx_arena_alloc(b->mem, (size_t)h->n_sample, 1);
	c->row = grx_arena_alloc(b->mem, ((size_t)h->n_sample + 3) / 4, 1);
	if (!c->code || !c->row)
		return grx_fail_nomem(cx, "genotypes of the panel");
	GRX_TRY(open_outputs(cx, c));
	rc = GRX_OK;
out:
	return rc;
}

int anc_panel_copy(struct grx_ctx *cx, struct anc_build *b)
{
	int rc = GRX_E_BUG;
	struct copier c = {.b = b, .tid = -1};
	struct grx_genosrc *src = NULL;
	struct grx_genocur *cur = NULL;
	struct grx_genosrc_opt o = {.path = b->o->panel, .threads = cx->threads};
	GRX_TRY(grx_genosrc_open(cx, &o, &src));
	GRX_TRY(prepare(cx, &c, src));
	GRX_TRY(grx_genocur_open(cx, src, &cur));
	GRX_TRY(copy_records(cx, &c, cur));
	rc = b->n_panel > 0 ? GRX_OK
			    : grx_fail(cx, GRX_E_DATA, "%s: no biallelic locus among %lld records",
				      b->o->panel, (long long)b->n_record);
out:
	b->sex = NULL;
	rc = close_output(cx, &c.bed, rc);
	rc = close_output(cx, &c.bim, rc);
	rc = close_output(cx, &c.fam, rc);
	grx_genocur_close(cur);
	grx_genosrc_close(src);
	grx_bed_free(c.exclude);
	return rc;
}
