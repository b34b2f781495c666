/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_row.c -- a row of a PGS Catalog file.
 * A harmonised file is read by its hm_ columns only, even where they are empty: the author's positions may be
 * of another build. Rows that can never be matched are kept with their reason: the denominator of coverage
 * counts them. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "bio/allele.h"
#include "stage/prs/weights_read.h"

static int get_bool(struct prs_rd *rd, enum prs_known k, bool *out)
{
	const char *s = prs_rd_get(rd, k);
	*out = false;
	if (*s == '\0')
		return GRX_OK;
	*out = strcasecmp(s, "true") == 0 || strcmp(s, "1") == 0;
	if (*out || strcasecmp(s, "false") == 0 || strcmp(s, "0") == 0)
		return GRX_OK;
	return prs_rd_bad(rd, PRS_BAD_ROW, rd->col[k], s, "True or False");
}

static int get_weight(struct prs_rd *rd, int field, double *out)
{
	const char *end;
	char *s = rd->field[field];
	if (prs_num_scan(s, &end, out) && !*end && fabs(*out) < 1e15)
		return GRX_OK;
	s = prs_trim(s);
	if (prs_num_scan(s, &end, out) && !*end && fabs(*out) < 1e15)
		return GRX_OK;
	return prs_rd_bad(rd, PRS_BAD_WEIGHT, field, s, "a finite decimal number below 1e15");
}

static int row_weights(struct prs_rd *rd)
{
	int rc = GRX_E_BUG;
	struct prs_wrow *r = &rd->row;
	bool dom, rec, dosage = rd->col[K_D2] >= 0 && rd->col[K_D1] >= 0 && rd->col[K_D0] >= 0;
	GRX_TRY(get_bool(rd, K_DOM, &dom));
	GRX_TRY(get_bool(rd, K_REC, &rec));
	if (dom && rec) {
		rc = prs_rd_bad(rd, PRS_BAD_ROW, rd->col[K_REC], "True",
			"at most one of is_dominant and is_recessive");
		goto out;
	}
	r->type = dom ? PRS_DOMINANT : rec ? PRS_RECESSIVE : PRS_ADDITIVE;
	r->w = rd->w;
	r->n_w = (int32_t)rd->n_wcol;
	int f = rd->wcol[0].field;
	if (dosage && (f < 0 || *prs_trim(rd->field[f]) == '\0')) {
		for (int k = 0; k < 3; k++)
			GRX_TRY(get_weight(rd, rd->col[K_D0 + k], &rd->w[k]));
		r->n_w = 3;
		r->type = PRS_DOSAGE;
		return GRX_OK;
	}
	for (size_t k = 0; k < rd->n_wcol; k++) {
		GRX_TRY(get_weight(rd, rd->wcol[k].field, &rd->w[k]));
		if (rd->wcol[k].role == PRS_COL_SE && rd->w[k] < 0) {
			rc = prs_rd_bad(rd, PRS_BAD_WEIGHT, rd->wcol[k].field, rd->field[rd->wcol[k].field],
				"a standard error of 0 or more");
			goto out;
		}
	}
	rc = GRX_OK;
out:
	return rc;
}

const char *prs_allele(struct grx_arena *mem, const char *s)
{
	static const char *const base[] = {"A", "C", "G", "T"};
	if (s[0] && !s[1])
		for (int i = 0; i < 4; i++)
			if ((s[0] & ~32) == base[i][0])
				return base[i];
	char *d = grx_arena_strdup(mem, s);
	bool seq = strspn(s, "ACGTNacgtn") == strlen(s);
	for (char *p = d; p && *p && seq; p++)
		*p = (char)(*p & ~32);
	return d;
}

static bool has_text(const char *s)
{
	return *s && strcmp(s, ".") != 0 && strcmp(s, "NA") != 0;
}

/* Without enclosing quotes, as spreadsheets leave them. */
static const char *unquote(char *s)
{
	size_t n = strlen(s);
	if (n >= 2 && s[0] == '"' && s[n - 1] == '"') {
		s[n - 1] = '\0';
		s++;
	}
	return *s ? s : NULL;
}

static int row_alleles(struct prs_rd *rd)
{
	struct prs_wrow *r = &rd->row;
	const char *ea = prs_rd_get(rd, K_EA), *oa = prs_rd_get(rd, K_OA), *id = prs_rd_get(rd, K_RSID);
	if (!*ea)
		return prs_rd_bad(rd, PRS_BAD_ROW, rd->col[K_EA], "", "an effect allele");
	if (strlen(ea) > PRS_MAX_ALLELE || strlen(oa) > PRS_MAX_ALLELE)
		return prs_rd_bad(rd, PRS_BAD_ROW, rd->col[K_EA], ea, "alleles of at most 10000 bases");
	if (rd->f.harmonised && !*oa)
		oa = prs_rd_get(rd, K_HM_OA);
	if (!has_text(id))
		id = prs_rd_get(rd, K_HM_RSID);
	r->id = has_text(id) ? id : NULL;
	r->ea = prs_allele(rd->mem, ea);
	r->oa = prs_allele(rd->mem, oa);
	return r->ea && r->oa ? GRX_OK : grx_fail_nomem(rd->cx, "a row of scores");
}

static bool in_hla(const char *s)
{
	return s && (grx_starts(s, "HLA-") || grx_starts(s, "HLA_"));
}

/* Presence or absence of something that is no allele of a sequence. */
static bool is_presence(const char *s)
{
	return (s[0] == 'P' || s[0] == 'N' || s[0] == '+' || s[0] == '-') && !s[1];
}

/* Haplotypes, diplotypes, interactions and HLA rows name no single allele at one position. PRS_NO_LOCUS: it
 * is none of them. */
static int row_complex(struct prs_rd *rd, enum prs_code *out)
{
	int rc = GRX_E_BUG;
	bool hap, dip, inter;
	const struct prs_wrow *r = &rd->row;
	const char *type = prs_rd_get(rd, K_VTYPE);
	GRX_TRY(get_bool(rd, K_HAPLO, &hap));
	GRX_TRY(get_bool(rd, K_DIPLO, &dip));
	GRX_TRY(get_bool(rd, K_INTER, &inter));
	bool hla = in_hla(r->ea) || in_hla(r->id) || (is_presence(r->ea) && in_hla(prs_rd_get(rd, K_LOCUS)));
	*out = PRS_NO_LOCUS;
	if (inter || (r->id && strstr(r->id, "_x_")))
		*out = PRS_UNSUPPORTED_INTERACTION;
	else if (grx_starts(type, "HLA_"))
		*out = PRS_UNSUPPORTED_HLA;
	else if (grx_starts(type, "APOE"))
		*out = PRS_UNSUPPORTED_APOE;
	else if (grx_starts(type, "CYP"))
		*out = PRS_UNSUPPORTED_CYP;
	else if (hap || dip)
		*out = hla ? PRS_UNSUPPORTED_HLA : PRS_UNSUPPORTED_HAPLOTYPE;
	else if (hla && !grx_allele_is_acgt(r->ea))
		*out = PRS_UNSUPPORTED_HLA;
	rc = GRX_OK;
out:
	return rc;
}

static bool row_complex_text(struct prs_rd *rd)
{
	struct prs_wrow *r = &rd->row;
	r->ea = grx_arena_strdup(rd->mem, prs_rd_get(rd, K_EA)); /* as written */
	r->oa = NULL;
	if (rd->col[K_NOTE] >= 0)
		r->note = unquote(rd->field[rd->col[K_NOTE]]);
	if (rd->col[K_LOCUS] >= 0)
		r->locus = unquote(rd->field[rd->col[K_LOCUS]]);
	rd->f.n_complex++;
	return r->ea != NULL;
}

/* Other allele not given, or several ("A/C"): NULL. false: it is no sequence. */
static bool other_allele(struct prs_wrow *r)
{
	if (grx_allele_is_acgt(r->oa))
		return true;
	bool none = prs_is_missing(r->oa) || strcmp(r->oa, "N") == 0 || strpbrk(r->oa, "/,") != NULL;
	r->oa = NULL;
	return none;
}

/* Have chr in rd->last_chrom. */
static int find_chrom(struct prs_rd *rd, const char *chr)
{
	if (rd->last_chr[0] && strncmp(chr, rd->last_chr, sizeof rd->last_chr) == 0)
		return GRX_OK;
	rd->last_chrom = prs_wb_chrom(rd->b, chr);
	if (rd->last_chrom < 0)
		return rd->cx->err.status;
	rd->last_chr[0] = '\0';
	if (strlen(chr) < sizeof rd->last_chr)
		memcpy(rd->last_chr, chr, strlen(chr) + 1);
	const char *name = rd->b->set->chrom[rd->last_chrom];
	bool known = rd->last_chrom < PRS_N_PRIMARY - 1; /* all but MT */
	rd->len37 = known ? grx_build_contig_len(GRX_BUILD_37, name) : INT64_MAX;
	rd->len38 = known ? grx_build_contig_len(GRX_BUILD_38, name) : INT64_MAX;
	return GRX_OK;
}

/* A position that a build has not shows that the file is of another one. */
static int check_end(struct prs_rd *rd, int64_t pos, int field)
{
	const enum prs_build b = rd->f.build;
	char found[64];
	if (pos >= rd->len37 && !rd->beyond37)
		rd->beyond37 = rd->row.line;
	if (pos >= rd->len38 && !rd->beyond38)
		rd->beyond38 = rd->row.line;
	if (pos < (b == PRS_BUILD_37 ? rd->len37 : b == PRS_BUILD_38 ? rd->len38 : INT64_MAX))
		return GRX_OK;
	snprintf(found, sizeof found, "%s:%lld", rd->b->set->chrom[rd->last_chrom], (long long)pos + 1);
	return prs_rd_bad(rd, PRS_N_CODE, field, found,
		"positions within the chromosome of the build the header names; is the build right?");
}

int prs_row_place(struct prs_rd *rd, const char *chr, int64_t pos, int field)
{
	struct prs_wrow *r = &rd->row;
	int rc = find_chrom(rd, chr);
	if (rc)
		return rc;
	r->chrom = rd->last_chrom;
	r->pos = pos;
	r->code = PRS_NO_LOCUS;
	rd->n_pos++;
	rc = check_end(rd, pos, field);
	if (rc)
		return rc;
	if (!rd->lift)
		return GRX_OK;
	bool ok;
	rc = prs_lift_row(rd->b, rd->mem, rd->hg19_mt, r, &ok);
	if (rc == GRX_OK && !ok) {
		r->note = grx_arena_printf(
			rd->mem, "%s:%lld on %s", chr, (long long)pos + 1, rd->f.build_text);
		r->chrom = -1;
		r->pos = -1;
		r->code = PRS_NOT_LIFTED;
	}
	rd->n_lifted += ok;
	return rc;
}

/* An ID that tells the place, as "1:100:A:G". */
static int place_by_name(struct prs_rd *rd, const char *chr, int64_t pos, const char *const al[2])
{
	struct prs_wrow *r = &rd->row;
	if (!r->oa && al[0])
		r->oa = strcmp(r->ea, al[0]) == 0 ? al[1] : strcmp(r->ea, al[1]) == 0 ? al[0] : NULL;
	return prs_row_place(rd, chr, pos - 1, rd->col[K_RSID]);
}

static int row_position(struct prs_rd *rd)
{
	struct prs_wrow *r = &rd->row;
	bool hm = rd->f.harmonised;
	enum prs_known kc = hm ? K_HM_CHR : K_CHR, kp = hm ? K_HM_POS : K_POS;
	const char *chr = prs_rd_get(rd, kc), *pos = prs_rd_get(rd, kp), *al[2];
	int64_t p = 0;
	if (!prs_is_missing(pos) && (!grx_parse_i64(pos, &p) || p < 1 || p > INT32_MAX))
		return prs_rd_bad(rd, PRS_BAD_ROW, rd->col[kp], pos, "a position from 1 on");
	if (p > 0 && !prs_is_missing(chr))
		return prs_row_place(rd, chr, p - 1, rd->col[kp]);
	if (!hm && r->id && prs_id_place(rd->mem, r->id, &chr, &p, al))
		return place_by_name(rd, chr, p, al);
	if (!hm && !r->id) {
		int field = rd->col[rd->has_pos ? kp : K_RSID];
		return prs_rd_bad(rd, PRS_BAD_ROW, field, field < 0 ? "" : rd->field[field],
			"a position (chr_name, chr_position) or an rsID");
	}
	r->code = PRS_NO_POSITION;
	rd->by_id = r->id && !rd->b->o->compat_pgsc;
	return GRX_OK;
}

static int row_frequency(struct prs_rd *rd)
{
	const char *s = prs_rd_get(rd, K_AF);
	if (prs_is_missing(s))
		return GRX_OK;
	double x;
	if (!grx_parse_f64(s, &x) || x < 0 || x > 1)
		return prs_rd_bad(rd, PRS_BAD_ROW, rd->col[K_AF], s, "a frequency from 0 to 1");
	rd->row.af = x;
	return GRX_OK;
}

int prs_row_pgs(struct prs_rd *rd, char *line)
{
	int rc = GRX_E_BUG, n = prs_rd_split(rd, line);
	enum prs_code code;
	char found[48];
	if (n < 0)
		return rd->cx->err.status;
	if (n != rd->n_field) {
		snprintf(found, sizeof found, "%d fields", n);
		return prs_rd_bad(rd, PRS_BAD_ROW, n < rd->n_field ? n - 1 : rd->n_field, found,
			"as many as the column line has");
	}
	for (int k = 0; k < K_N; k++)
		if (rd->col[k] >= 0 && k != K_W)
			rd->field[rd->col[k]] = prs_trim(rd->field[rd->col[k]]);
	GRX_TRY(row_alleles(rd));
	GRX_TRY(row_complex(rd, &code));
	GRX_TRY(row_weights(rd));
	GRX_TRY(row_frequency(rd));
	if (code != PRS_NO_LOCUS) {
		rd->row.code = (uint8_t)code;
		return row_complex_text(rd) ? GRX_OK : grx_fail_nomem(rd->cx, "a row of scores");
	}
	bool oa_ok = other_allele(&rd->row);
	GRX_TRY(row_position(rd));
	if (!grx_allele_is_acgt(rd->row.ea) || !oa_ok) {
		rd->row.code = PRS_UNSUPPORTED_ALLELE;
		rd->row.chrom = -1;
		rd->row.pos = -1;
		rd->by_id = false;
	}
	rc = GRX_OK;
out:
	return rc;
}
