/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_head.c -- header of a scoring file: "#key=value", split on the first '='.
 * Keys not known here, and the two HmPOS_match lines whose JSON is often broken, are of no consequence to the
 * sums. */
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "stage/prs/weights_read.h"

char *prs_trim(char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	size_t n = strlen(s);
	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		s[--n] = '\0';
	return s;
}

bool prs_is_missing(const char *s)
{
	return *s == '\0' || strcmp(s, "NR") == 0 || strcmp(s, "NA") == 0 || strcmp(s, ".") == 0;
}

/* "GRCh37", "hg19" ... ; *ok = false for a name that is none. */
static enum prs_build build_of(const char *s, bool *ok)
{
	static const struct {
		const char *name;
		enum prs_build b;
	} t[] = {{"GRCh37", PRS_BUILD_37}, {"hg19", PRS_BUILD_37}, {"37", PRS_BUILD_37},
		{"b37", PRS_BUILD_37}, {"GRCh38", PRS_BUILD_38}, {"hg38", PRS_BUILD_38}, {"38", PRS_BUILD_38},
		{"b38", PRS_BUILD_38}, {"NCBI36", PRS_BUILD_36}, {"hg18", PRS_BUILD_36},
		{"36", PRS_BUILD_36}};
	*ok = true;
	if (prs_is_missing(s))
		return PRS_BUILD_NR;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		if (strcasecmp(s, t[i].name) == 0)
			return t[i].b;
	*ok = false;
	return PRS_BUILD_NR;
}

const char *prs_clean_id(struct grx_arena *mem, const char *s)
{
	char *d = grx_arena_strdup(mem, s);
	for (char *p = d; p && *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
			    strchr("._-+", *p)))
			*p = '_';
	/* prs/ancestry/... is about the person: a score of that name would be taken for it, or not be seen */
	return d && strcmp(d, "ancestry") == 0 ? grx_arena_strdup(mem, "ancestry_") : d;
}

static int set_build(struct prs_rd *rd, const char *val, bool harmonised)
{
	bool ok;
	enum prs_build b = build_of(val, &ok);
	if (!ok)
		return prs_rd_bad(rd, PRS_N_CODE, -1, val,
			harmonised ? "HmPOS_build to be GRCh37, GRCh38, NCBI36 or NR"
				   : "genome_build to be GRCh37, GRCh38, hg19, hg38, NCBI36 or NR");
	if (rd->f.harmonised && !harmonised)
		return GRX_OK; /* the harmonised build rules */
	if (harmonised && b == PRS_BUILD_NR)
		return GRX_OK;
	rd->f.build = b;
	rd->f.harmonised = harmonised;
	rd->hg19_mt = strcasecmp(val, "hg19") == 0;
	rd->f.build_text = grx_arena_strdup(rd->b->mem, val);
	return rd->f.build_text ? GRX_OK : grx_fail_nomem(rd->cx, "score header");
}

/* Texts to keep, each where it is to go. */
static const char **keep(struct prs_rd *rd, const char *key)
{
	const struct {
		const char *key;
		const char **to;
	} t[] = {{"pgs_id", &rd->pgs_id}, {"omicspred_id", &rd->other_id}, {"score_id", &rd->other_id},
		{"pgs_name", &rd->pgs_name}, {"trait_reported", &rd->f.trait},
		{"weight_type", &rd->f.weight_type}, {"weight_columns", &rd->weight_columns}};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		if (strcmp(key, t[i].key) == 0)
			return t[i].to;
	return NULL;
}

/* "#ID A1 ..." is the column line of a plink file. */
static bool is_plink_head(const char *s)
{
	static const char *const first[] = {
		"ID", "SNP", "rsID", "variant_id", "variant", "marker", "MarkerName"};
	s += 1 + strspn(s + 1, " ");
	size_t n = strcspn(s, " \t");
	if (!s[n])
		return false;
	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		if (strlen(first[i]) == n && strncasecmp(s, first[i], n) == 0)
			return true;
	return false;
}

int prs_head_line(struct prs_rd *rd, char *line)
{
	if (line[1] == '#')
		return GRX_OK;
	if (is_plink_head(line)) {
		rd->plink_head = grx_arena_strdup(rd->b->mem, line + 1);
		return rd->plink_head ? GRX_OK : grx_fail_nomem(rd->cx, "score header");
	}
	char *eq = strchr(line, '=');
	if (!eq)
		return GRX_OK;
	*eq = '\0';
	const char *key = prs_trim(line + 1), *val = prs_trim(eq + 1), **to = keep(rd, key);
	if (strcmp(key, "genome_build") == 0 || strcmp(key, "HmPOS_build") == 0)
		return set_build(rd, val, key[0] == 'H');
	if (prs_is_missing(val))
		return GRX_OK;
	if (to && !*to && !(*to = grx_arena_strdup(rd->b->mem, val)))
		return grx_fail_nomem(rd->cx, "score header");
	if (strcmp(key, "variants_number") == 0 && !grx_parse_i64(val, &rd->f.variants_number))
		return prs_rd_bad(rd, PRS_N_CODE, -1, val, "variants_number to be an integer");
	if (strcmp(key, "format_version") == 0 && !grx_starts(val, "2."))
		grx_warn(rd->cx, "%s: format_version %s; written for 2.0", rd->path, val);
	return GRX_OK;
}

int prs_head_id(struct prs_rd *rd, const char **id)
{
	const char *s = rd->pgs_id ? rd->pgs_id : rd->other_id ? rd->other_id : rd->pgs_name;
	struct grx_arena *mem = rd->b->mem;
	char *base = NULL;
	if (!s) {
		const char *slash = strrchr(rd->path, '/');
		s = base = grx_arena_strdup(mem, slash ? slash + 1 : rd->path);
		if (base && grx_ends(base, ".gz"))
			base[strlen(base) - 3] = '\0';
		char *dot = base ? strrchr(base, '.') : NULL;
		if (dot && dot != base)
			*dot = '\0';
	}
	*id = s ? prs_clean_id(mem, s) : NULL;
	return *id ? GRX_OK : grx_fail_nomem(rd->cx, "score id");
}
