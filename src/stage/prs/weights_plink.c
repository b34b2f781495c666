/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_plink.c -- rows of a plink --score file (ID, allele, weights), and positions told by IDs. */
#include <math.h>
#include <string.h>

#include "bio/allele.h"
#include "stage/prs/weights_read.h"

static size_t token(const char *s)
{
	size_t n = 0;
	while (s[n] && s[n] != ':' && s[n] != '_')
		n++;
	return n;
}

/* Digits of a position, up to the next separator; their number, 0 when it is none. */
static size_t position(const char *s, int64_t *pos)
{
	size_t m = 0;
	*pos = 0;
	for (; m < 11 && (unsigned)(s[m] - '0') <= 9; m++)
		*pos = *pos * 10 + (s[m] - '0');
	bool ok = *pos >= 1 && *pos <= INT32_MAX && (!s[m] || s[m] == ':' || s[m] == '_');
	return ok ? m : 0;
}

bool prs_id_place(
	struct grx_arena *mem, const char *id, const char **chr, int64_t *pos, const char *allele[2])
{
	size_t n = token(id), m = 0;
	allele[0] = allele[1] = NULL;
	if (n == 0 || n > 8 || !id[n])
		return false;
	m = position(id + n + 1, pos);
	if (m == 0)
		return false;
	char *c = grx_arena_strndup(mem, id, n);
	if (!c || prs_chrom_primary(c) < 0)
		return false;
	*chr = c;
	const char *p = id + n + 1 + m;
	for (int i = 0; i < 2 && *p; i++) {
		size_t k = token(p + 1);
		const char *a = k ? grx_arena_strndup(mem, p + 1, k) : NULL;
		allele[i] = a ? prs_allele(mem, a) : NULL;
		p += 1 + k;
	}
	if (!allele[0] || !allele[1] || !grx_allele_is_acgt(allele[0]) || !grx_allele_is_acgt(allele[1]))
		allele[0] = allele[1] = NULL;
	return true;
}

static char *skip_blank(char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* Weights from p on into rd->w. */
static int weights(struct prs_rd *rd, char *p)
{
	size_t n = rd->n_wcol, k = 0;
	for (; k < n; k++) {
		const char *end;
		p = skip_blank(p);
		if (!*p)
			break;
		if (!prs_num_scan(p, &end, &rd->w[k]) || (*end && *end != ' ' && *end != '\t') ||
			!(fabs(rd->w[k]) < 1e15)) {
			p[strcspn(p, " \t")] = '\0';
			return prs_rd_bad(
				rd, PRS_BAD_WEIGHT, (int)k + 2, p, "a finite decimal number below 1e15");
		}
		p += end - p;
	}
	p = skip_blank(p);
	if (k < n || *p)
		return prs_rd_bad(rd, PRS_BAD_ROW, (int)k + 2, k < n ? "end of the line" : p,
			"as many fields as the first line has");
	return GRX_OK;
}

int prs_row_plink(struct prs_rd *rd, char *line)
{
	int rc = GRX_E_BUG;
	struct prs_wrow *r = &rd->row;
	const char *chr, *al[2];
	int64_t pos;
	char *id = skip_blank(line), *a = id + strcspn(id, " \t");
	if (*a)
		*a++ = '\0';
	a = skip_blank(a);
	char *p = a + strcspn(a, " \t");
	if (*p)
		*p++ = '\0';
	if (!*a)
		return prs_rd_bad(
			rd, PRS_BAD_ROW, 1, "end of the line", "an allele and weights after the ID");
	if (strlen(a) > PRS_MAX_ALLELE)
		return prs_rd_bad(rd, PRS_BAD_ROW, 1, a, "an allele of at most 10000 bases");
	GRX_TRY(weights(rd, p));
	r->id = id;
	r->ea = prs_allele(rd->mem, a);
	if (!r->ea) {
		rc = grx_fail_nomem(rd->cx, "a row of scores");
		goto out;
	}
	r->w = rd->w;
	r->n_w = (int32_t)rd->n_wcol;
	bool placed = prs_id_place(rd->mem, id, &chr, &pos, al);
	if (placed && al[0])
		r->oa = strcmp(r->ea, al[0]) == 0 ? al[1] : strcmp(r->ea, al[1]) == 0 ? al[0] : NULL;
	r->code = PRS_NO_POSITION;
	rd->by_id = !rd->b->o->compat_pgsc && strcmp(id, ".") != 0;
	if (!grx_allele_is_acgt(r->ea) && !rd->b->o->compat_plink) {
		r->code = PRS_UNSUPPORTED_ALLELE;
		rd->by_id = false;
	} else if (placed && !(rd->b->o->compat_plink && rd->b->o->ids)) { /* plink2 knows IDs only */
		rd->by_id = rd->b->o->compat_plink;
		return prs_row_place(rd, chr, pos - 1, 0);
	}
	rc = GRX_OK;
out:
	return rc;
}
