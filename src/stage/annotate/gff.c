/* SPDX-License-Identifier: GPL-3.0-or-later
 * gff.c -- read GFF3 (Ensembl, GENCODE, RefSeq) or GTF into raw features by parent.
 * Lines may come in any order: a child makes its parent's node before the parent's own line is seen.
 * Invariant: a malformed line stops the run with file:line; a well-formed line that is not ours is ignored.
 */
#include "stage/annotate/model_int.h"

#include <string.h>

#include "base/map.h"
#include "io/text.h"

#define MAX_PIECES 100000
#define MAX_NODES  20000000

enum line_kind { LINE_OTHER, LINE_EXON, LINE_CDS, LINE_STOP, LINE_NODE };

struct attrs {
	const char *id, *parent, *name, *biotype, *tx_type, *gene_type, *gene_name, *gene, *gene_id, *tx_id,
		*version;
	const char *protein_id, *tag, *tsl, *table, *ccds;
};

struct line {
	const char *seqid, *type;
	int32_t tid;
	int64_t beg, end;
	int8_t strand, phase;
	struct attrs a;
	bool gtf;
};

static void percent_decode(char *s)
{
	static const char hex[] = "0123456789abcdef";
	char *o = s;
	for (; *s; s++) {
		const char *h = NULL, *l = NULL;
		if (*s == '%' && s[1] && s[2]) {
			h = strchr(hex, s[1] | 32);
			l = strchr(hex, s[2] | 32);
		}
		if (h && l && (h - hex) * 16 + (l - hex) > 31) {
			*o++ = (char)((h - hex) * 16 + (l - hex));
			s += 2;
		} else {
			*o++ = *s;
		}
	}
	*o = '\0';
}

static void attr_put(struct attrs *a, const char *key, char *val)
{
	const struct {
		const char *key;
		const char **to;
	} map[] = {{"ID", &a->id}, {"Parent", &a->parent}, {"Name", &a->name}, {"biotype", &a->biotype},
		{"transcript_biotype", &a->tx_type}, {"transcript_type", &a->tx_type},
		{"gene_type", &a->gene_type}, {"gene_biotype", &a->gene_type}, {"gene_name", &a->gene_name},
		{"gene", &a->gene}, {"gene_id", &a->gene_id}, {"transcript_id", &a->tx_id},
		{"version", &a->version}, {"transcript_version", &a->version}, {"protein_id", &a->protein_id},
		{"transcript_support_level", &a->tsl}, {"transl_table", &a->table}, {"ccdsid", &a->ccds}};
	for (size_t i = 0; i < sizeof map / sizeof *map; i++)
		if (strcmp(key, map[i].key) == 0) {
			percent_decode(val);
			*map[i].to = val;
			return;
		}
}

/* `key=value;` of GFF3 or `key "value";` of GTF; cut up in place. Repeated GTF tags are joined in tag_buf. */
static void parse_attrs(char *s, bool gtf, struct attrs *a, struct grx_str *tag_buf)
{
	grx_str_reset(tag_buf);
	while (*s) {
		while (*s == ' ' || *s == ';')
			s++;
		char *key = s;
		s += strcspn(s, gtf ? " ;" : "=;");
		if (*s == '\0' || *s == ';')
			continue; /* a word without a value */
		*s++ = '\0';
		char *val = s;
		if (gtf && *s == '"') {
			val = ++s;
			s += strcspn(s, "\"");
		} else {
			s += strcspn(s, ";");
		}
		if (*s)
			*s++ = '\0';
		if (strcmp(key, "tag") == 0) {
			grx_str_addc(tag_buf, ',');
			grx_str_add(tag_buf, val);
		} else {
			attr_put(a, key, val);
		}
	}
	if (tag_buf->n)
		a->tag = tag_buf->s;
}

static bool attrs_are_gtf(const char *s)
{
	const char *q = strchr(s, '"'), *e = strchr(s, '=');
	return q && (!e || q < e);
}

static enum line_kind kind_of(const struct line *l)
{
	if (strcmp(l->type, "exon") == 0)
		return LINE_EXON;
	if (strcmp(l->type, "CDS") == 0)
		return LINE_CDS;
	if (strcmp(l->type, "stop_codon") == 0)
		return l->gtf ? LINE_STOP : LINE_OTHER;
	if (l->gtf)
		return strcmp(l->type, "gene") == 0 || strcmp(l->type, "transcript") == 0 ? LINE_NODE
											  : LINE_OTHER;
	return l->a.id ? LINE_NODE : LINE_OTHER;
}

/* In GTF the tree is in gene_id and transcript_id. */
static void gtf_tree(struct line *l)
{
	struct attrs *a = &l->a;
	if (!a->biotype)
		a->biotype = a->tx_type ? a->tx_type : a->gene_type;
	if (strcmp(l->type, "gene") == 0) {
		a->id = a->gene_id;
	} else if (strcmp(l->type, "transcript") == 0) {
		a->id = a->tx_id;
		a->parent = a->gene_id;
	} else {
		a->parent = a->tx_id;
		a->version = NULL; /* the exon's own */
	}
}

static struct annotate_node *node_get(struct grx_ctx *cx, struct annotate_gff *g, const char *id, int *rc)
{
	struct annotate_node *n = grx_map_get(g->by_id, id);
	*rc = GRX_OK;
	if (n)
		return n;
	n = grx_arena_calloc(g->tmp, 1, sizeof *n);
	if (n)
		n->id = grx_arena_strdup(g->mem, id);
	if (!n || !n->id ||
		grx_grow(&g->node, &g->cap, g->n + 1, sizeof(struct annotate_node *), MAX_NODES) ||
		grx_map_set(g->by_id, id, n)) {
		*rc = grx_fail_nomem(cx, "gene models");
		return NULL;
	}
	n->tid = -1;
	g->node[g->n++] = n;
	return n;
}

static const char *keep(struct annotate_gff *g, const char *s)
{
	return s ? grx_arena_strdup(g->mem, s) : NULL;
}

static void cds_attrs(struct annotate_gff *g, const struct line *l, struct annotate_node *n)
{
	int64_t table;
	if (l->a.protein_id && !n->protein) {
		n->protein = keep(g, l->a.protein_id);
		n->protein_version = keep(g, l->a.version);
	}
	if (l->a.table && grx_parse_i64(l->a.table, &table))
		n->table = (int8_t)(table == 2 || table == 11 ? table : 1);
}

static int piece_add(
	struct grx_ctx *cx, struct annotate_gff *g, const struct line *l, const char *parent, bool cds)
{
	int rc;
	struct annotate_node *n = node_get(cx, g, parent, &rc);
	if (!n)
		return rc;
	if (n->tid < 0 && !n->seen) {
		n->tid = l->tid;
		n->strand = l->strand;
	}
	n->mixed |= n->tid != l->tid || n->strand != l->strand;
	struct annotate_piece **v = cds ? &n->cds : &n->exon;
	size_t *used = cds ? &n->n_cds : &n->n_exon, *cap = cds ? &n->cap_cds : &n->cap_exon;
	if (*used == *cap) {
		size_t bigger = *cap ? 2 * *cap : 8;
		if (bigger > MAX_PIECES)
			return grx_fail(cx, GRX_E_NOMEM, "%s has more than %d exons", parent, MAX_PIECES);
		*v = grx_arena_grow(g->tmp, *v, *used, bigger, sizeof **v);
		if (!*v)
			return grx_fail_nomem(cx, "gene models");
		*cap = bigger;
	}
	(*v)[(*used)++] = (struct annotate_piece){l->beg, l->end, l->phase};
	if (cds)
		cds_attrs(g, l, n);
	return GRX_OK;
}

/* Parent may name several transcripts that share the piece. */
static int piece_all(struct grx_ctx *cx, struct annotate_gff *g, const struct line *l, bool cds)
{
	if (!l->a.parent)
		return GRX_OK; /* a stray exon belongs to no transcript */
	char *list = grx_arena_strdup(g->tmp, l->a.parent), *next;
	if (!list)
		return grx_fail_nomem(cx, "gene models");
	for (; list; list = next) {
		next = strchr(list, ',');
		if (next)
			*next++ = '\0';
		int rc = piece_add(cx, g, l, list, cds);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

static int node_add(struct grx_ctx *cx, struct annotate_gff *g, const struct line *l)
{
	int rc;
	const struct attrs *a = &l->a;
	if (!a->id)
		return GRX_OK;
	struct annotate_node *n = node_get(cx, g, a->id, &rc);
	if (!n || n->seen)
		return rc; /* a discontinuous feature repeats its ID: the first line stands */
	if (n->tid >= 0)
		n->mixed |= n->tid != l->tid || n->strand != l->strand;
	n->seen = true;
	n->tid = l->tid;
	n->strand = l->strand;
	n->beg = l->beg;
	n->end = l->end;
	n->type = keep(g, l->type);
	n->parent = keep(g, a->parent);
	n->name = keep(g, a->name);
	n->biotype = keep(g, a->biotype ? a->biotype : a->tx_type ? a->tx_type : a->gene_type);
	n->symbol = keep(g, a->gene_name ? a->gene_name : a->gene);
	n->gene_id = keep(g, a->gene_id);
	n->tx_id = keep(g, a->tx_id);
	n->version = keep(g, a->version);
	n->tsl = keep(g, a->tsl);
	/* the CCDS mark is only needed for --pick */
	n->tag = a->ccds ? grx_arena_printf(g->mem, "%s,CCDS", a->tag ? a->tag : "") : keep(g, a->tag);
	return n->type ? GRX_OK : grx_fail_nomem(cx, "gene models");
}

static int parse_line(struct grx_ctx *cx, const struct grx_text *t, char *s, struct line *l, char **attr)
{
	char *f[9];
	const char *path = grx_text_path(t);
	long no = (long)grx_text_lineno(t);
	int n = grx_split(s, '\t', f, 9);
	if (n != 9 || strchr(f[8], '\t'))
		return grx_fail(cx, GRX_E_DATA,
			"%s:%ld: found %s%d columns, expected 9 separated by tabs: not GFF3 or GTF?", path,
			no, n == 9 ? "more than " : "", n);
	if (!grx_parse_i64(f[3], &l->beg) || !grx_parse_i64(f[4], &l->end) || l->beg < 1 || l->end < l->beg)
		return grx_fail(cx, GRX_E_DATA,
			"%s:%ld: start '%s' and end '%s': expected integers, 1 <= start <= end", path, no,
			f[3], f[4]);
	if (strlen(f[6]) != 1 || !strchr("+-.?", f[6][0]))
		return grx_fail(cx, GRX_E_DATA, "%s:%ld: strand '%s': expected + - . or ?", path, no, f[6]);
	if (strlen(f[7]) != 1 || !strchr("012.", f[7][0]))
		return grx_fail(cx, GRX_E_DATA, "%s:%ld: phase '%s': expected 0 1 2 or .", path, no, f[7]);
	l->seqid = f[0];
	l->type = f[2];
	l->beg--;
	l->strand = f[6][0] == '+' ? 1 : f[6][0] == '-' ? -1 : 0;
	l->phase = f[7][0] == '.' ? -1 : (int8_t)(f[7][0] - '0');
	*attr = f[8];
	return GRX_OK;
}

static int take_line(struct grx_ctx *cx, struct annotate_gff *g, struct line *l)
{
	switch (kind_of(l)) {
	case LINE_EXON:
		return piece_all(cx, g, l, false);
	case LINE_CDS:
	case LINE_STOP: /* GTF keeps the stop codon outside the CDS */
		return piece_all(cx, g, l, true);
	case LINE_NODE:
		return node_add(cx, g, l);
	default:
		return GRX_OK;
	}
}

/* Contig of a line, with the last answer kept: files are grouped by sequence. */
static int32_t seq_tid(const struct grx_contigs *d, const char *seqid, struct grx_str *last, int32_t last_tid)
{
	if (last->n && strcmp(last->s, seqid) == 0)
		return last_tid;
	grx_str_reset(last);
	grx_str_add(last, seqid);
	return grx_contigs_find_alias(d, seqid);
}

int annotate_gff_read(
	struct grx_ctx *cx, const char *path, const struct grx_contigs *d, struct annotate_gff *g)
{
	int rc = GRX_E_BUG;
	struct grx_text *t = NULL;
	struct grx_str last = {0}, tags = {0};
	int32_t tid = -1;
	int64_t n_feature = 0, n_ours = 0;
	GRX_TRY(grx_text_open(cx, path, &t));
	for (;;) {
		char *s, *attr = NULL;
		GRX_TRY(grx_text_line(cx, t, &s));
		if (!s || strncmp(s, "##FASTA", 7) == 0)
			break;
		if (*s == '#' || *s == '\0')
			continue;
		struct line l = {0};
		GRX_TRY(parse_line(cx, t, s, &l, &attr));
		n_feature++;
		l.tid = tid = seq_tid(d, l.seqid, &last, tid);
		if (l.tid < 0) {
			g->n_other_contig++;
			continue;
		}
		n_ours++;
		if (l.end > d->c[l.tid].len && d->c[l.tid].len > 0)
			GRX_TRY(grx_fail(cx, GRX_E_MISMATCH,
				"%s:%ld: end %lld is beyond %s (%lld bp): models of another build?", path,
				(long)grx_text_lineno(t), (long long)l.end, l.seqid,
				(long long)d->c[l.tid].len));
		l.gtf = attrs_are_gtf(attr);
		parse_attrs(attr, l.gtf, &l.a, &tags);
		if (l.gtf)
			gtf_tree(&l);
		GRX_TRY(take_line(cx, g, &l));
	}
	if (tags.oom || last.oom)
		GRX_TRY(grx_fail_nomem(cx, "gene models"));
	if (n_feature == 0)
		GRX_TRY(grx_fail(cx, GRX_E_DATA, "%s: found no feature lines, expected GFF3 or GTF", path));
	if (n_ours == 0)
		GRX_TRY(grx_fail(cx, GRX_E_MISMATCH,
			"%s: no sequence name in common with the input (found '%s', expected names like "
			"'%s')",
			path, last.n ? last.s : "?", d->n ? grx_contig_name(d, 0) : "?"));
	rc = GRX_OK;
out:
	grx_text_close(t);
	grx_str_clear(&last);
	grx_str_clear(&tags);
	return rc;
}
