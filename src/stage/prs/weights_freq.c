/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_freq.c -- allele frequencies as rows without weights: plink2's .afreq, or a table with positions.
 * One row for each ALT. Positions from the table, from IDs that tell them, or from the IDs of the target. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/par.h"
#include "bio/allele.h"
#include "stage/prs/weights_read.h"

enum { F_CHR, F_POS, F_ID, F_REF, F_ALT, F_FREQ, F_N };

static const char *const names[F_N][6] = {{"CHROM", "chr_name", "chr"}, {"POS", "chr_position"},
	{"ID", "rsID", "SNP"}, {"REF", "other_allele"}, {"ALT", "effect_allele"},
	{"ALT_FREQS", "ALT_FREQ", "freq", "af", "allelefrequency_effect"}};

struct freq {
	struct prs_rd rd; /* split(), bad(), place() */
	int col[F_N];
};

static int columns(struct freq *q, char *line)
{
	struct prs_rd *rd = &q->rd;
	char *copy = grx_arena_strdup(rd->b->mem, line + (*line == '#'));
	if (!copy)
		return grx_fail_nomem(rd->cx, "frequencies");
	rd->n_field = prs_rd_split_blank(rd, copy);
	if (rd->n_field < 0)
		return rd->cx->err.status;
	for (int f = 0; f < F_N; f++) {
		q->col[f] = -1;
		for (int i = 0; i < rd->n_field; i++)
			for (int k = 0; k < 6 && names[f][k]; k++)
				if (strcasecmp(rd->field[i], names[f][k]) == 0)
					q->col[f] = i;
	}
	bool place = q->col[F_ID] >= 0 || (q->col[F_CHR] >= 0 && q->col[F_POS] >= 0);
	if (!place || q->col[F_REF] < 0 || q->col[F_ALT] < 0 || q->col[F_FREQ] < 0)
		return prs_rd_bad(rd, PRS_N_CODE, -1, line,
			"the columns of plink2 --freq (#CHROM ID REF ALT ALT_FREQS) or chr_name chr_position "
			"ref alt freq");
	rd->form = PRS_FORM_PLINK;
	return GRX_OK;
}

static int place(struct freq *q)
{
	struct prs_rd *rd = &q->rd;
	struct prs_wrow *r = &rd->row;
	const char *chr, *al[2], *pos = q->col[F_POS] >= 0 ? rd->field[q->col[F_POS]] : "";
	int64_t p;
	bool plink_ids = rd->b->o->compat_plink && rd->b->o->ids && r->id;
	if (q->col[F_CHR] >= 0 && q->col[F_POS] >= 0 && !plink_ids) {
		if (!grx_parse_i64(pos, &p) || p < 1 || p > INT32_MAX)
			return prs_rd_bad(rd, PRS_BAD_ROW, q->col[F_POS], pos, "a position from 1 on");
		return prs_row_place(rd, rd->field[q->col[F_CHR]], p - 1, q->col[F_POS]);
	}
	if (!plink_ids && r->id && prs_id_place(rd->mem, r->id, &chr, &p, al))
		return prs_row_place(rd, chr, p - 1, q->col[F_ID]);
	r->code = PRS_NO_POSITION;
	rd->by_id = r->id != NULL;
	return GRX_OK;
}

static int add(struct freq *q, char *alt, const char *freq)
{
	struct prs_rd *rd = &q->rd;
	struct prs_wrow *r = &rd->row;
	const char *id = q->col[F_ID] >= 0 ? rd->field[q->col[F_ID]] : ".";
	double af = NAN;
	if (strcasecmp(freq, "nan") != 0 && strcmp(freq, "NA") != 0 && strcmp(freq, ".") != 0 &&
		(!grx_parse_f64(freq, &af) || af < 0 || af > 1))
		return prs_rd_bad(
			rd, PRS_BAD_ROW, q->col[F_FREQ], freq, "a frequency from 0 to 1 for each ALT");
	if (rd->b->n_row + rd->f.n_row >= UINT32_MAX)
		return grx_fail(rd->cx, GRX_E_NOMEM, "%s: too many rows", rd->path);
	*r = (struct prs_wrow){.index = (uint32_t)(rd->b->n_row + rd->f.n_row),
		.file = rd->slot,
		.chrom = -1,
		.pos = -1,
		.line = grx_text_lineno(rd->text),
		.af = af,
		.code = PRS_NO_LOCUS,
		.w = rd->w};
	rd->by_id = false;
	r->ea = prs_allele(rd->mem, alt);
	r->oa = prs_allele(rd->mem, rd->field[q->col[F_REF]]);
	r->id = strcmp(id, ".") != 0 ? id : NULL;
	if (!r->ea || !r->oa)
		return grx_fail_nomem(rd->cx, "frequencies");
	int rc = place(q);
	if (rc == GRX_OK && !grx_allele_is_acgt(r->ea)) {
		r->code = PRS_UNSUPPORTED_ALLELE;
		r->chrom = -1;
		r->pos = -1;
		rd->by_id = false;
	}
	rd->f.n_row++;
	rd->f.by_id |= rd->by_id;
	return rc ? rc : prs_wb_add(rd->b, r, rd->by_id);
}

static int row(struct freq *q, char *line)
{
	struct prs_rd *rd = &q->rd;
	int n = prs_rd_split_blank(rd, line);
	char found[48];
	grx_arena_reset(rd->mem);
	if (n < 0)
		return rd->cx->err.status;
	if (n != rd->n_field) {
		snprintf(found, sizeof found, "%d fields", n);
		return prs_rd_bad(rd, PRS_BAD_ROW, -1, found, "as many as the column line has");
	}
	char *alt = rd->field[q->col[F_ALT]], *freq = rd->field[q->col[F_FREQ]];
	while (alt) {
		char *next_alt = strchr(alt, ','), *next_freq = strchr(freq, ',');
		if (!next_alt != !next_freq)
			return prs_rd_bad(
				rd, PRS_BAD_ROW, q->col[F_FREQ], freq, "as many frequencies as ALT alleles");
		if (next_alt) {
			*next_alt++ = '\0';
			*next_freq++ = '\0';
		}
		int rc = add(q, alt, freq);
		if (rc)
			return rc;
		alt = next_alt;
		freq = next_freq;
	}
	return GRX_OK;
}

static int read_all(struct freq *q)
{
	int rc = GRX_E_BUG;
	struct prs_rd *rd = &q->rd;
	char *line;
	for (;;) {
		GRX_TRY(grx_text_line(rd->cx, rd->text, &line));
		if (!line)
			break;
		if (line[strspn(line, " \t")] == '\0' ||
			(line[0] == '#' && (line[1] == '#' || strchr(line, '='))))
			continue;
		GRX_TRY(rd->form == PRS_FORM_NONE ? columns(q, line) : row(q, line));
		if ((rd->f.n_row & 0xffff) == 0xffff)
			GRX_TRY(grx_par_signal_check(rd->cx));
	}
	rc = rd->f.n_row ? GRX_OK
			 : grx_fail(rd->cx, GRX_E_DATA,
				   "%s: no frequencies found; expected plink2's .afreq or a table", rd->path);
out:
	return rc;
}

int prs_freq_parse(struct prs_wb *b, const char *path, const char *sha)
{
	int rc = GRX_E_BUG;
	double none = 0;
	struct freq q = {.rd = {.b = b,
				 .cx = b->cx,
				 .slot = prs_wb_slot(b),
				 .w = &none,
				 .f = {.variants_number = -1, .build = b->o->target}}};
	struct prs_rd *rd = &q.rd;
	rd->path = rd->f.path = grx_arena_strdup(b->mem, path);
	rd->f.build_text = prs_build_text(b->o->target);
	rd->mem = grx_arena_new();
	memcpy(rd->f.sha256, sha, sizeof rd->f.sha256);
	if (!rd->path || !rd->mem || rd->slot < 0) {
		rc = grx_fail_nomem(b->cx, "frequencies");
		goto out;
	}
	GRX_TRY(grx_text_open(b->cx, path, &rd->text));
	GRX_TRY(read_all(&q));
	GRX_TRY(prs_wb_join(b, rd->slot, &rd->f, NULL, 0, false));
	b->set->freq_file = b->set->n_file - 1;
	rc = GRX_OK;
out:
	grx_text_close(rd->text);
	grx_arena_free(rd->mem);
	grx_free(rd->field);
	return rc;
}
