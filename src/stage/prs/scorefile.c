/* SPDX-License-Identifier: GPL-3.0-or-later
 * scorefile.c -- one scoring file (PGS Catalog format 2.0, plain or harmonised, or a custom table) into rows.
 * A harmonised file is read by its hm_ columns only, even where they are empty: the author's positions may be
 * of another build. Rows that can never be matched are kept with their reason: the denominator of coverage
 * counts them. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "bio/allele.h"
#include "io/text.h"
#include "stage/prs/prs_int.h"

enum { PRS_MAX_COL = 256, PRS_MAX_ALLELE = 10000, PRS_MAX_ROW = 200000000 };

enum prs_col {
	C_RSID,
	C_CHR,
	C_POS,
	C_EA,
	C_OA,
	C_W,
	C_D0,
	C_D1,
	C_D2,
	C_HAPLO,
	C_DIPLO,
	C_INTER,
	C_DOM,
	C_REC,
	C_AF,
	C_VTYPE,
	C_HM_CHR,
	C_HM_POS,
	C_HM_OA,
	C_HM_RSID,
	C_N
};

static const char *const col_name[C_N] = {"rsID", "chr_name", "chr_position", "effect_allele", "other_allele",
	"effect_weight", "dosage_0_weight", "dosage_1_weight", "dosage_2_weight", "is_haplotype",
	"is_diplotype", "is_interaction", "is_dominant", "is_recessive", "allelefrequency_effect",
	"variant_type", "hm_chr", "hm_pos", "hm_inferOtherAllele", "hm_rsID"};

struct reader {
	struct grx_ctx *cx;
	struct grx_text *text;
	struct prs_set *set;
	struct prs_score *sc;
	int index;
	int n_col, col[C_N];
	char *field[PRS_MAX_COL + 1];
	const char *name_id, *pgs_name; /* candidates for the id */
};

static int bad(struct reader *rd, const char *what, const char *found, const char *want)
{
	return grx_fail(rd->cx, GRX_E_DATA, "%s:%lld: %s '%s'; expected %s", rd->sc->path,
		(long long)grx_text_lineno(rd->text), what, found, want);
}

static char *trim(char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	size_t n = strlen(s);
	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		s[--n] = '\0';
	return s;
}

static bool not_reported(const char *s)
{
	return *s == '\0' || strcmp(s, "NR") == 0;
}

/* "GRCh37", "hg19" ... ; *ok = false for a name that is none. */
static enum prs_score_build build_of(const char *s, bool *ok)
{
	static const struct {
		const char *name;
		enum prs_score_build b;
	} t[] = {{"GRCh37", PRS_BUILD_37}, {"hg19", PRS_BUILD_37}, {"37", PRS_BUILD_37},
		{"b37", PRS_BUILD_37}, {"GRCh38", PRS_BUILD_38}, {"hg38", PRS_BUILD_38}, {"38", PRS_BUILD_38},
		{"NCBI36", PRS_BUILD_36}, {"hg18", PRS_BUILD_36}, {"36", PRS_BUILD_36}};
	*ok = true;
	if (not_reported(s))
		return PRS_BUILD_NR;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		if (strcasecmp(s, t[i].name) == 0)
			return t[i].b;
	*ok = false;
	return PRS_BUILD_NR;
}

/* Fact keys are built from the id. */
static const char *clean_id(struct grx_arena *mem, const char *s)
{
	char *d = grx_arena_strdup(mem, s);
	for (char *p = d; p && *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
			    strchr("._-+", *p)))
			*p = '_';
	return d;
}

static int header_build(struct reader *rd, const char *val, bool harmonised)
{
	bool ok;
	enum prs_score_build b = build_of(val, &ok);
	if (!ok)
		return bad(rd, harmonised ? "HmPOS_build" : "genome_build", val,
			"GRCh37, GRCh38, hg19, hg38, NCBI36 or NR");
	if (rd->sc->harmonised && !harmonised)
		return GRX_OK; /* the harmonised build rules */
	rd->sc->build = b;
	rd->sc->harmonised = harmonised && b != PRS_BUILD_NR;
	rd->sc->build_text = grx_arena_strdup(rd->set->mem, val);
	return rd->sc->build_text ? GRX_OK : grx_fail_nomem(rd->cx, "score header");
}

/* "#key=value": split on the first '='; keys not known here are of no consequence to the sums. */
static int header_line(struct reader *rd, char *line)
{
	if (line[1] == '#')
		return GRX_OK;
	char *eq = strchr(line, '=');
	if (!eq)
		return GRX_OK;
	*eq = '\0';
	const char *key = trim(line + 1), *val = trim(eq + 1);
	struct grx_arena *mem = rd->set->mem;
	if (strcmp(key, "genome_build") == 0)
		return header_build(rd, val, false);
	if (strcmp(key, "HmPOS_build") == 0)
		return header_build(rd, val, true);
	if (not_reported(val))
		return GRX_OK;
	if (strcmp(key, "pgs_id") == 0 ||
		((strcmp(key, "omicspred_id") == 0 || strcmp(key, "score_id") == 0) && !rd->name_id))
		rd->name_id = clean_id(mem, val);
	else if (strcmp(key, "pgs_name") == 0)
		rd->pgs_name = clean_id(mem, val);
	else if (strcmp(key, "trait_reported") == 0)
		rd->sc->trait = grx_arena_strdup(mem, val);
	else if (strcmp(key, "weight_type") == 0)
		rd->sc->weight_type = grx_arena_strdup(mem, val);
	else if (strcmp(key, "variants_number") == 0 && !grx_parse_i64(val, &rd->sc->variants_number))
		return bad(rd, "variants_number", val, "an integer");
	return GRX_OK;
}

static int columns_check(struct reader *rd)
{
	const int *c = rd->col;
	if (c[C_EA] < 0)
		return bad(rd, "no column", "effect_allele",
			"a header line of PGS Catalog columns, tab-separated");
	if (c[C_W] < 0 && (c[C_D0] < 0 || c[C_D1] < 0 || c[C_D2] < 0))
		return bad(rd, "no column", "effect_weight",
			"effect_weight, or all of dosage_0_weight to dosage_2_weight");
	bool pos = rd->sc->harmonised ? c[C_HM_CHR] >= 0 && c[C_HM_POS] >= 0 : c[C_CHR] >= 0 && c[C_POS] >= 0;
	if (!pos)
		return bad(rd, "no positions in a file with columns up to", rd->field[rd->n_col - 1],
			rd->sc->harmonised
				? "hm_chr and hm_pos, as HmPOS_build in the header promises"
				: "chr_name and chr_position; use the harmonised file of this score "
				  "(columns hm_chr, hm_pos)");
	return GRX_OK;
}

static int column_line(struct reader *rd, char *line)
{
	rd->n_col = grx_split(line, '\t', rd->field, PRS_MAX_COL + 1);
	if (rd->n_col > PRS_MAX_COL)
		return bad(rd, "more columns than", "256", "a scoring file");
	for (int k = 0; k < C_N; k++)
		rd->col[k] = -1;
	for (int i = 0; i < rd->n_col; i++)
		for (int k = 0; k < C_N; k++) {
			const char *name = trim(rd->field[i]);
			bool hit = k == C_RSID ? strcasecmp(name, "rsID") == 0
					       : strcmp(name, col_name[k]) == 0;
			if (!hit)
				continue;
			if (rd->col[k] >= 0)
				return bad(rd, "column given twice:", name, "one of each");
			rd->col[k] = i;
		}
	return columns_check(rd);
}

static const char *get(const struct reader *rd, enum prs_col c)
{
	return rd->col[c] < 0 ? "" : rd->field[rd->col[c]];
}

static int get_bool(struct reader *rd, enum prs_col c, bool *out)
{
	const char *s = get(rd, c);
	*out = false;
	if (*s == '\0')
		return GRX_OK;
	*out = strcasecmp(s, "true") == 0 || strcmp(s, "1") == 0;
	if (*out || strcasecmp(s, "false") == 0 || strcmp(s, "0") == 0)
		return GRX_OK;
	return bad(rd, col_name[c], s, "True or False");
}

static int get_weight(struct reader *rd, enum prs_col c, double *out)
{
	const char *s = get(rd, c);
	if (!grx_parse_f64(s, out) || !(fabs(*out) < 1e9))
		return bad(rd, col_name[c], s, "a finite number below 1e9 in size");
	return GRX_OK;
}

/* Single bases are shared; others live in the arena, in upper case. */
static const char *intern_allele(struct grx_arena *mem, const char *s)
{
	static const char *const base[] = {"A", "C", "G", "T"};
	if (s[0] && !s[1])
		for (int i = 0; i < 4; i++)
			if ((s[0] & ~32) == base[i][0])
				return base[i];
	char *d = grx_arena_strdup(mem, s);
	for (char *p = d; p && *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 32);
	return d;
}

static int row_weights(struct reader *rd, struct prs_row *r)
{
	int rc = GRX_E_BUG;
	bool dom, rec;
	GRX_TRY(get_bool(rd, C_DOM, &dom));
	GRX_TRY(get_bool(rd, C_REC, &rec));
	if (dom && rec) {
		rc = bad(rd, "is_dominant and is_recessive are both", "True", "at most one");
		goto out;
	}
	r->type = dom ? PRS_DOMINANT : rec ? PRS_RECESSIVE : PRS_ADDITIVE;
	if (*get(rd, C_W)) {
		rc = get_weight(rd, C_W, &r->w);
		goto out;
	}
	if (rd->col[C_D0] < 0 || rd->col[C_D1] < 0 || rd->col[C_D2] < 0) {
		rc = bad(rd, "effect_weight", "", "a number");
		goto out;
	}
	double *dw = grx_arena_alloc(rd->set->mem, 3, sizeof *dw);
	if (!dw) {
		rc = grx_fail_nomem(rd->cx, "dosage weights");
		goto out;
	}
	for (int k = 0; k < 3; k++) {
		GRX_TRY(get_weight(rd, (enum prs_col)(C_D0 + k), &dw[k]));
		r->w = k == 0 ? fabs(dw[0]) : fmax(r->w, fabs(dw[k]));
	}
	r->dw = dw;
	r->type = PRS_DOSAGE;
	rc = GRX_OK;
out:
	return rc;
}

static int row_place(struct reader *rd, struct prs_row *r)
{
	bool hm = rd->sc->harmonised;
	const char *chr = get(rd, hm ? C_HM_CHR : C_CHR), *pos = get(rd, hm ? C_HM_POS : C_POS);
	struct grx_arena *mem = rd->set->mem;
	size_t n = rd->set->n_row;
	/* neighbours share the string */
	r->chr = n > rd->sc->row_beg && strcmp(rd->set->row[n - 1].chr, chr) == 0
			 ? rd->set->row[n - 1].chr
			 : grx_arena_strdup(mem, chr);
	if (!r->chr)
		return grx_fail_nomem(rd->cx, "scoring file");
	int64_t p = 0;
	if (*pos && (!grx_parse_i64(pos, &p) || p < 1))
		return bad(rd, hm ? "hm_pos" : "chr_position", pos, "a position from 1 on");
	r->pos = p - 1; /* -1 when absent */
	if ((p < 1 || !*chr) && prs_code_is_match(r->code))
		r->code = PRS_NO_POSITION;
	return GRX_OK;
}

static int row_alleles(struct reader *rd, struct prs_row *r)
{
	struct grx_arena *mem = rd->set->mem;
	const char *ea = get(rd, C_EA), *oa = get(rd, C_OA), *id = get(rd, C_RSID);
	if (!*ea)
		return bad(rd, "effect_allele", "", "an allele");
	if (strlen(ea) > PRS_MAX_ALLELE || strlen(oa) > PRS_MAX_ALLELE)
		return bad(rd, "allele longer than", "10000", "a short allele");
	if (rd->sc->harmonised && !*oa)
		oa = get(rd, C_HM_OA);
	if (!*id || strcmp(id, ".") == 0)
		id = get(rd, C_HM_RSID);
	r->ea = intern_allele(mem, ea);
	r->oa = intern_allele(mem, oa);
	r->id = *id && strcmp(id, ".") != 0 ? grx_arena_strdup(mem, id) : NULL;
	if (!r->ea || !r->oa || (*id && strcmp(id, ".") != 0 && !r->id))
		return grx_fail_nomem(rd->cx, "scoring file");
	if (!grx_allele_is_acgt(r->oa))
		r->oa = NULL; /* absent, or several as in A/C */
	return GRX_OK;
}

/* Haplotypes, diplotypes, interactions and HLA rows name no single allele at one position. */
static int row_complex(struct reader *rd, struct prs_row *r)
{
	int rc = GRX_E_BUG;
	bool hap, dip, inter;
	GRX_TRY(get_bool(rd, C_HAPLO, &hap));
	GRX_TRY(get_bool(rd, C_DIPLO, &dip));
	GRX_TRY(get_bool(rd, C_INTER, &inter));
	if (hap || dip || inter || *get(rd, C_VTYPE))
		r->code = PRS_UNSUPPORTED_COMPLEX;
	else if (!grx_allele_is_acgt(r->ea))
		r->code = PRS_UNSUPPORTED_ALLELE;
	rc = GRX_OK;
out:
	return rc;
}

static int row_line(struct reader *rd, char *line)
{
	int rc = GRX_E_BUG;
	int n = grx_split(line, '\t', rd->field, rd->n_col + 1);
	if (n != rd->n_col)
		return grx_fail(rd->cx, GRX_E_DATA, "%s:%lld: %s%d fields; expected %d as in the column line",
			rd->sc->path, (long long)grx_text_lineno(rd->text), n > rd->n_col ? "more than " : "",
			n > rd->n_col ? rd->n_col : n, rd->n_col);
	struct prs_set *ps = rd->set;
	if (grx_grow(&ps->row, &ps->cap_row, ps->n_row + 1, sizeof *ps->row, PRS_MAX_ROW) != 0)
		return grx_fail_nomem(rd->cx, "rows of scoring files");
	struct prs_row *r = &ps->row[ps->n_row];
	memset(r, 0, sizeof *r);
	r->score = rd->index;
	r->tid = -1;
	r->line = grx_text_lineno(rd->text);
	r->af = NAN;
	for (int i = 0; i < n; i++)
		rd->field[i] = trim(rd->field[i]);
	GRX_TRY(row_alleles(rd, r));
	GRX_TRY(row_complex(rd, r));
	GRX_TRY(row_weights(rd, r));
	GRX_TRY(row_place(rd, r));
	double af;
	const char *s = get(rd, C_AF);
	if (*s && strcmp(s, "NA") != 0 && strcmp(s, "NR") != 0) {
		if (!grx_parse_f64(s, &af) || af < 0 || af > 1) {
			rc = bad(rd, "allelefrequency_effect", s, "a fraction 0..1");
			goto out;
		}
		r->af = af;
	}
	ps->n_row++;
	rc = GRX_OK;
out:
	return rc;
}

static int score_id(struct reader *rd)
{
	struct prs_score *sc = rd->sc;
	sc->id = rd->name_id ? rd->name_id : rd->pgs_name;
	if (sc->id)
		return GRX_OK;
	const char *slash = strrchr(sc->path, '/');
	char *base = grx_arena_strdup(rd->set->mem, slash ? slash + 1 : sc->path);
	if (base && grx_ends(base, ".gz"))
		base[strlen(base) - 3] = '\0';
	char *dot = base ? strrchr(base, '.') : NULL;
	if (dot && dot != base)
		*dot = '\0';
	sc->id = base ? clean_id(rd->set->mem, base) : NULL;
	return sc->id ? GRX_OK : grx_fail_nomem(rd->cx, "score id");
}

static int read_lines(struct reader *rd)
{
	int rc = GRX_E_BUG;
	char *line;
	for (;;) {
		GRX_TRY(grx_text_line(rd->cx, rd->text, &line));
		if (!line)
			break;
		if (rd->n_col == 0 && line[0] == '#')
			GRX_TRY(header_line(rd, line));
		else if (line[strspn(line, " \t")] == '\0')
			continue;
		else if (rd->n_col == 0)
			GRX_TRY(column_line(rd, line));
		else
			GRX_TRY(row_line(rd, line));
	}
	if (rd->n_col == 0 || rd->set->n_row == rd->sc->row_beg) {
		rc = grx_fail(rd->cx, GRX_E_DATA, "%s: no %s found; expected a PGS Catalog scoring file",
			rd->sc->path, rd->n_col ? "rows" : "column line");
		goto out;
	}
	rc = GRX_OK;
out:
	return rc;
}

int prs_file_read(struct grx_ctx *cx, struct prs_set *ps, const char *path, int index)
{
	int rc = GRX_E_BUG;
	struct reader *rd = grx_calloc(1, sizeof *rd);
	if (!rd)
		return grx_fail_nomem(cx, "scoring file reader");
	rd->cx = cx;
	rd->set = ps;
	rd->index = index;
	rd->sc = &ps->score[index];
	rd->sc->path = path;
	rd->sc->variants_number = -1;
	rd->sc->row_beg = ps->n_row;
	GRX_TRY(grx_text_open(cx, path, &rd->text));
	GRX_TRY(read_lines(rd));
	GRX_TRY(score_id(rd));
	rd->sc->row_end = ps->n_row;
	rc = GRX_OK;
out:
	grx_text_close(rd->text);
	grx_free(rd);
	return rc;
}
