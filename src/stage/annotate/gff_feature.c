/* SPDX-License-Identifier: GPL-3.0-or-later
 * gff_feature.c -- regulatory features: a line of GFF3 (Ensembl's regulatory build or motif features) or of
 * BED (contig, begin, end, name, ...). In GFF3 the type is the biotype. */
#include "stage/annotate/model_int.h"

#include <stdio.h>
#include <string.h>

#define MAX_FEATURES 200000000

static int add(struct grx_ctx *cx, struct annotate_gff *g, struct annotate_raw_feature f)
{
	struct annotate_seqid *q = &g->seqid[g->last_seqid_no];
	if (grx_grow(&g->feature, &g->cap_feature, g->n_feature + 1, sizeof *g->feature, MAX_FEATURES))
		return grx_fail_nomem(cx, "regulatory features");
	if (f.end > q->max_end) {
		q->max_end = f.end;
		q->line = g->n_line;
	}
	f.contig = g->last_seqid_no;
	g->feature[g->n_feature++] = f;
	return GRX_OK;
}

/* Columns 2 and 3 are numbers and the 9th is no list of attributes: BED. */
static bool is_bed(const char *s)
{
	const char *b = strchr(s, '\t');
	if (!b || strspn(b + 1, "0123456789") == 0 || b[1 + strspn(b + 1, "0123456789")] != '\t')
		return false;
	b += 2 + strspn(b + 1, "0123456789");
	size_t n = strspn(b, "0123456789");
	return n && (b[n] == '\t' || b[n] == '\0');
}

static int bed_line(struct grx_ctx *cx, struct annotate_gff *g, char *s)
{
	char *f[5], name[300];
	int64_t beg, end;
	int n = grx_split(s, '\t', f, 5);
	if (!grx_parse_i64(f[1], &beg) || !grx_parse_i64(f[2], &end) || beg >= end || end > INT32_MAX)
		return grx_fail(cx, GRX_E_DATA,
			"%s:%ld: begin '%s' and end '%s': expected 0 <= begin < end < 2^31", g->path,
			(long)g->n_line, f[1], f[2]);
	int rc = annotate_gff_seqid(cx, g, f[0]);
	if (rc)
		return rc;
	if (n < 4 || !f[3][0] || strcmp(f[3], ".") == 0)
		snprintf(name, sizeof name, "%.200s:%lld-%lld", f[0], (long long)beg + 1, (long long)end);
	return add(cx, g,
		(struct annotate_raw_feature){.beg = (int32_t)beg,
			.end = (int32_t)end,
			.id = annotate_pool_str(
				&g->pool, n < 4 || !f[3][0] || strcmp(f[3], ".") == 0 ? name : f[3]),
			.biotype = annotate_pool_str(&g->pool, "regulatory_region")});
}

int annotate_gff_feature(struct grx_ctx *cx, struct annotate_gff *g, char *s, struct grx_str *tags)
{
	struct annotate_line l;
	if (strncmp(s, "track", 5) == 0 || strncmp(s, "browser", 7) == 0)
		return GRX_OK;
	if (is_bed(s))
		return bed_line(cx, g, s);
	int rc = annotate_line_parse(cx, g->path, g->n_line, s, &l, tags);
	if (rc || l.kind != AT_L_NODE || (rc = annotate_gff_seqid(cx, g, l.seqid)))
		return rc;
	const char *id = l.a.stable ? l.a.stable : l.a.id;
	if (!id)
		return GRX_OK;
	const char *colon = strchr(id, ':'); /* enhancer:ENSR00000572865 */
	if (colon && strncmp(id, l.type, (size_t)(colon - id)) == 0)
		id = colon + 1;
	return add(cx, g,
		(struct annotate_raw_feature){.beg = l.beg,
			.end = l.end,
			.id = annotate_pool_str(&g->pool, id),
			.biotype = annotate_pool_str(&g->pool, l.type),
			.motif = l.a.matrix || grx_starts(id, "ENSM")});
}
