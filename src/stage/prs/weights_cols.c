/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_cols.c -- the column line: which form has the file, which columns are weights, of what role.
 * PGS Catalog columns are told by name and separated by tabs; a file whose names are not theirs is plink's:
 * ID, allele, weights, separated by blanks or tabs. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "bio/allele.h"
#include "stage/prs/weights_read.h"

static const char *const known[K_N] = {"rsID", "chr_name", "chr_position", "effect_allele", "other_allele",
	"effect_weight", "dosage_0_weight", "dosage_1_weight", "dosage_2_weight", "is_haplotype",
	"is_diplotype", "is_interaction", "is_dominant", "is_recessive", "allelefrequency_effect",
	"variant_type", "variant_description", "locus_name", "hm_chr", "hm_pos", "hm_inferOtherAllele",
	"hm_rsID"};

/* Of the format, without meaning for the sums. */
static bool is_ignored(const char *s)
{
	static const char *const t[] = {"imputation_method", "inclusion_criteria", "OR", "HR", "hm_source",
		"hm_match_chr", "hm_match_pos", "variant_id", "ID"};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		if (strcmp(s, t[i]) == 0)
			return true;
	return grx_starts(s, "allelefrequency_effect_");
}

static int find_known(const char *s)
{
	if (strcasecmp(s, "rsID") == 0)
		return K_RSID;
	for (int k = 0; k < K_N; k++)
		if (strcmp(s, known[k]) == 0)
			return k;
	return -1;
}

static bool listed(const char *list, const char *s)
{
	for (const char *p = list; p && *p;) {
		p += strspn(p, ", \t");
		size_t n = strcspn(p, ", \t");
		if (n == strlen(s) && strncmp(p, s, n) == 0)
			return true;
		p += n;
	}
	return false;
}

static int wcol_add(struct prs_rd *rd, int field, enum prs_role role, const char *id)
{
	const char *clean = id ? prs_clean_id(rd->b->mem, id) : NULL;
	if ((id && !clean) ||
		grx_grow(&rd->wcol, &rd->cap_wcol, rd->n_wcol + 1, sizeof *rd->wcol, 0) != GRX_OK)
		return grx_fail_nomem(rd->cx, "columns of a scoring file");
	rd->wcol[rd->n_wcol++] = (struct prs_wcol){.field = field, .role = role, .of = -1, .id = clean};
	return GRX_OK;
}

static bool is_se(const char *s)
{
	return strcmp(s, "effect_weight_se") == 0 || strcmp(s, "standard_error") == 0 || strcmp(s, "se") == 0;
}

/* "draw_17" */
static bool is_draw(const char *s)
{
	return grx_starts(s, "draw_") && s[5] && strspn(s + 5, "0123456789") == strlen(s + 5);
}

/* Is the column one of weights? */
static int take_weight(struct prs_rd *rd, int i, bool *taken)
{
	const char *s = rd->name[i];
	*taken = true;
	if (listed(rd->weight_columns, s))
		return wcol_add(rd, i, PRS_COL_SCORE, s);
	if (strcmp(s, known[K_W]) == 0)
		return wcol_add(rd, i, PRS_COL_SCORE, NULL);
	if (is_se(s))
		return wcol_add(rd, i, PRS_COL_SE, s);
	if (is_draw(s))
		return wcol_add(rd, i, PRS_COL_DRAW, s);
	if (grx_starts(s, "effect_weight_") && s[14])
		return wcol_add(rd, i, PRS_COL_SCORE, s + 14);
	*taken = false;
	return GRX_OK;
}

/* effect_weight_NAME_se beside effect_weight_NAME is its standard error; draws and the plain standard error
 * belong to the one score. */
static int roles(struct prs_rd *rd)
{
	int only = -1, n_score = 0;
	for (size_t i = 0; i < rd->n_wcol; i++) {
		struct prs_wcol *c = &rd->wcol[i];
		size_t n = c->id ? strlen(c->id) : 0;
		for (size_t j = 0; j < rd->n_wcol && c->role == PRS_COL_SCORE && n > 3; j++) {
			const char *id = rd->wcol[j].id;
			if (rd->wcol[j].role == PRS_COL_SCORE && id && strlen(id) == n - 3 &&
				strncmp(id, c->id, n - 3) == 0 && strcmp(c->id + n - 3, "_se") == 0) {
				c->role = PRS_COL_SE;
				c->of = (int)j;
			}
		}
	}
	for (size_t i = 0; i < rd->n_wcol; i++)
		if (rd->wcol[i].role == PRS_COL_SCORE) {
			only = (int)i;
			n_score++;
		}
	for (size_t i = 0; i < rd->n_wcol; i++) {
		struct prs_wcol *c = &rd->wcol[i];
		if (c->role == PRS_COL_SCORE || c->of >= 0)
			continue;
		if (n_score != 1)
			return prs_rd_bad(rd, PRS_N_CODE, c->field, rd->name[c->field],
				"one column of weights beside draws or a standard error");
		c->of = only;
	}
	return GRX_OK;
}

static int check(struct prs_rd *rd)
{
	const int *c = rd->col;
	bool dosage = c[K_D0] >= 0 && c[K_D1] >= 0 && c[K_D2] >= 0;
	if (c[K_EA] < 0)
		return prs_rd_bad(rd, PRS_N_CODE, -1, "no such column", "effect_allele");
	if (rd->n_wcol == 0 && !dosage)
		return prs_rd_bad(rd, PRS_N_CODE, -1, "no such column",
			"effect_weight, effect_weight_NAME, or all of dosage_0_weight to dosage_2_weight");
	if (dosage && rd->n_wcol > 1)
		return prs_rd_bad(rd, PRS_N_CODE, c[K_D0], rd->name[c[K_D0]],
			"dosage weights in files of one score only");
	if (rd->n_wcol == 0) {
		int rc = wcol_add(rd, -1, PRS_COL_SCORE, NULL);
		if (rc)
			return rc;
	}
	rd->has_pos = rd->f.harmonised ? c[K_HM_CHR] >= 0 && c[K_HM_POS] >= 0
				       : c[K_CHR] >= 0 && c[K_POS] >= 0;
	if (rd->f.harmonised && !rd->has_pos)
		return prs_rd_bad(rd, PRS_N_CODE, -1, "no such columns",
			"hm_chr and hm_pos, as HmPOS_build in the header promises");
	if (!rd->has_pos && c[K_RSID] < 0)
		return prs_rd_bad(rd, PRS_N_CODE, -1, "no such columns",
			"chr_name and chr_position, or rsID; use the harmonised file of this score");
	return GRX_OK;
}

static int pgs_columns(struct prs_rd *rd)
{
	int rc = GRX_E_BUG, other = -1, n_other = 0;
	rd->form = PRS_FORM_PGS;
	for (int i = 0; i < rd->n_field; i++) {
		const char *s = rd->name[i];
		int k = find_known(s);
		bool weight;
		GRX_TRY(take_weight(rd, i, &weight));
		if (k >= 0 && rd->col[k] >= 0) {
			rc = prs_rd_bad(rd, PRS_N_CODE, i, s, "each column once");
			goto out;
		}
		if (k >= 0)
			rd->col[k] = i;
		if (k < 0 && !weight && !is_ignored(s) && n_other++ == 0)
			other = i;
	}
	if (n_other)
		grx_warn(rd->cx, "%s:%lld:%d: column '%.40s'%s not of the PGS Catalog's format: not used",
			rd->path, (long long)grx_text_lineno(rd->text), other + 1, rd->name[other],
			n_other > 1 ? " and others are" : " is");
	rd->f.matrix = rd->n_wcol > 1;
	GRX_TRY(check(rd));
	GRX_TRY(roles(rd));
	rc = GRX_OK;
out:
	return rc;
}

static bool is_number(const char *s)
{
	const char *end;
	double x;
	return prs_num_scan(s, &end, &x) && !*end;
}

static int plink_columns(struct prs_rd *rd, bool named)
{
	char buf[32];
	rd->form = PRS_FORM_PLINK;
	rd->f.matrix = true;
	rd->has_pos = true; /* IDs may tell */
	if (rd->n_field < 3)
		return prs_rd_bad(rd, PRS_N_CODE, -1, rd->field[0],
			"a PGS Catalog column line, or plink's: ID, allele, weights");
	for (int i = 2; i < rd->n_field; i++) {
		const char *id = named ? rd->name[i] : NULL, *base;
		int rc = GRX_OK;
		if (!named && rd->n_field > 3) {
			rc = prs_head_id(rd, &base);
			if (rc == GRX_OK) {
				snprintf(buf, sizeof buf, "_%d", i - 1);
				id = grx_arena_printf(rd->b->mem, "%s%s", base, buf);
				rc = id ? GRX_OK : grx_fail_nomem(rd->cx, "score id");
			}
		}
		if (rc == GRX_OK)
			rc = wcol_add(rd, i, PRS_COL_SCORE, id);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

static int keep_names(struct prs_rd *rd)
{
	rd->name = grx_calloc((size_t)rd->n_field, sizeof *rd->name);
	for (int i = 0; i < rd->n_field && rd->name; i++)
		if (!(rd->name[i] = grx_arena_strdup(rd->b->mem, prs_trim(rd->field[i]))))
			return grx_fail_nomem(rd->cx, "columns of a scoring file");
	return rd->name ? GRX_OK : grx_fail_nomem(rd->cx, "columns of a scoring file");
}

/* Does a tab-separated line look like one of PGS column names? */
static bool looks_pgs(const struct prs_rd *rd)
{
	bool ea = false, own = false;
	for (int i = 0; i < rd->n_field; i++) {
		const char *s = prs_trim(rd->field[i]);
		int k = find_known(s);
		ea = ea || k == K_EA;
		own = own || (k >= 0 && k != K_EA && k != K_RSID) || grx_starts(s, "effect_weight_") ||
		      listed(rd->weight_columns, s);
	}
	return own || (ea && rd->weight_columns);
}

/* The header line of a plink file names its columns; a first row does not. */
static bool is_names(const struct prs_rd *rd)
{
	if (rd->n_field < 3)
		return false;
	const char *a = rd->field[1], *id = rd->field[0];
	bool base = strspn(a, "ACGTacgt") == strlen(a);
	bool named = strcasecmp(id, "ID") == 0 || strcasecmp(id, "SNP") == 0 || strcasecmp(id, "rsID") == 0;
	return is_number(rd->field[2]) ? named && !base : named || !base; /* a score may be called 1 */
}

int prs_cols_line(struct prs_rd *rd, char *line, bool *row)
{
	int rc = GRX_E_BUG;
	char *copy = grx_arena_strdup(rd->b->mem, line);
	*row = false;
	for (int k = 0; k < K_N; k++)
		rd->col[k] = -1;
	if (!copy)
		return grx_fail_nomem(rd->cx, "columns of a scoring file");
	rd->n_field = prs_rd_split(rd, copy);
	if (rd->n_field < 0)
		return rd->cx->err.status;
	if (!rd->plink_head && looks_pgs(rd)) {
		GRX_TRY(keep_names(rd));
		return pgs_columns(rd);
	}
	memcpy(copy, line, strlen(line) + 1);
	rd->n_field = prs_rd_split_blank(rd, copy);
	if (rd->n_field < 0)
		return rd->cx->err.status;
	if (!rd->plink_head && looks_pgs(rd))
		return prs_rd_bad(rd, PRS_N_CODE, -1, "blanks between the columns", "tabs");
	bool names = !rd->plink_head && is_names(rd);
	*row = !names;
	if (rd->plink_head) {
		int n = rd->n_field;
		copy = grx_arena_strdup(rd->b->mem, rd->plink_head);
		if (!copy)
			return grx_fail_nomem(rd->cx, "columns of a scoring file");
		rd->n_field = prs_rd_split_blank(rd, copy);
		if (rd->n_field != n)
			return rd->n_field < 0 ? rd->cx->err.status
					       : prs_rd_bad(rd, PRS_N_CODE, -1, "another number of fields",
							 "as many as the '#' line of names has");
		names = true;
	}
	if (names)
		GRX_TRY(keep_names(rd));
	rc = plink_columns(rd, names);
out:
	return rc;
}
