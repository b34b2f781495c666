/* SPDX-License-Identifier: GPL-3.0-or-later
 * out_json.c -- JSON lines: one object a record, keys as in VEP's JSON.
 * Values are those of the columns; lists are arrays, numbers are numbers, what is empty is left out. Text
 * that is not UTF-8 becomes U+FFFD, so that every line is valid. */
#include "stage/annotate/out_int.h"

#include "bio/contig.h"
#include "genorx/vars.h"
#include "stage/annotate/db.h"

/* --- one entry --- */

enum kind { STRING, NUMBER, LIST, YES };
/* Order of the keys; names as VEP has them, lower case. */
static const struct member {
	uint8_t col, kind;
	const char *key; /* NULL: the feature's, by its type */
} member[] = {
	{AC_ALLELE, STRING, "variant_allele"},
	{AC_ALLELE_NUM, NUMBER, "allele_num"},
	{AC_CONSEQUENCE, LIST, "consequence_terms"},
	{AC_IMPACT, STRING, "impact"},
	{AC_GENE, STRING, "gene_id"},
	{AC_SYMBOL, STRING, "gene_symbol"},
	{AC_SYMBOL_SOURCE, STRING, "gene_symbol_source"},
	{AC_HGNC, STRING, "hgnc_id"},
	{AC_FEATURE, STRING, NULL},
	{AC_BIOTYPE, STRING, "biotype"},
	{AC_STRAND, NUMBER, "strand"},
	{AC_CANONICAL, YES, "canonical"},
	{AC_MANE, LIST, "mane"},
	{AC_MANE_SELECT, STRING, "mane_select"},
	{AC_MANE_CLINICAL, STRING, "mane_plus_clinical"},
	{AC_TSL, NUMBER, "tsl"},
	{AC_APPRIS, STRING, "appris"},
	{AC_CCDS, STRING, "ccds"},
	{AC_ENSP, STRING, "protein_id"},
	{AC_SOURCE, STRING, "source"},
	{AC_EXON, STRING, "exon"},
	{AC_INTRON, STRING, "intron"},
	{AC_HGVSC, STRING, "hgvsc"},
	{AC_HGVSP, STRING, "hgvsp"},
	{AC_HGVS_OFFSET, NUMBER, "hgvs_offset"},
	{AC_HGVSG, STRING, "hgvsg"},
	{AC_AMINO, STRING, "amino_acids"},
	{AC_CODONS, STRING, "codons"},
	{AC_DISTANCE, NUMBER, "distance"},
	{AC_FLAGS, LIST, "flags"},
	{AC_PICK, NUMBER, "pick"},
	{AC_NMD, STRING, "nmd"},
	{AC_OVERLAP_BP, NUMBER, "bp_overlap"},
	{AC_OVERLAP_PC, NUMBER, "percentage_overlap"},
	{AC_HAP_CONSEQUENCE, LIST, "hap_consequence_terms"},
	{AC_HAP_HGVSP, STRING, "hap_hgvsp"},
	{AC_HAP_CHANGES, STRING, "hap_changes"},
	{AC_HAP_POS, NUMBER, "hap_pos"},
	{AC_HAP_SAMPLES, NUMBER, "hap_samples"},
	{AC_HAP_FLAGS, LIST, "hap_flags"},
};

static bool is_number(const char *s, size_t n)
{
	size_t sign = n > 1 && *s == '-';
	for (size_t i = sign; i < n; i++)
		if ((s[i] < '0' || s[i] > '9') && (s[i] != '.' || i == sign || i + 1 == n))
			return false;
	return n > sign && n < 19 && (n == sign + 1 || s[sign] != '0' || s[sign + 1] == '.');
}

static void value_add(struct grx_str *o, enum kind kind, const char *s, size_t n, char sep)
{
	if (kind == LIST)
		annotate_json_list(o, s, n, sep);
	else if (kind == YES)
		grx_str_addc(o, '1');
	else if (kind == NUMBER && is_number(s, n))
		grx_str_addn(o, s, n);
	else
		annotate_json_stringn(o, s, n);
}

/* NAME_start and NAME_end; an end that is not known is left out. */
static void range_add(struct grx_str *o, const char *start, const char *end, int64_t a, int64_t b)
{
	if (a && b && a > b) {
		int64_t x = a;
		a = b;
		b = x;
	}
	if (a) {
		annotate_json_key(o, start);
		grx_str_addi(o, a);
	}
	if (b) {
		annotate_json_key(o, end);
		grx_str_addi(o, b);
	}
}

static void ranges_add(struct grx_str *o, const struct annotate_entry *e)
{
	const struct annotate_place *l = &e->ev.pl;
	if (!e->tx || e->distance >= 0)
		return;
	range_add(o, "cdna_start", "cdna_end", l->cdna_beg, l->cdna_end);
	range_add(o, "cds_start", "cds_end", l->cds_beg, l->cds_end);
	range_add(o, "protein_start", "protein_end", l->pep_beg, l->pep_end);
}

static const char *feature_key(const struct annotate_entry *e)
{
	return e->tx                             ? "transcript_id"
	       : e->feature && e->feature->motif ? "motif_feature_id"
						 : "regulatory_feature_id";
}

/* Columns of the allele know no entry. */
static const struct annotate_cell *cell_for(
	const struct annotate_cell *entry, const struct annotate_cell *allele, enum annotate_col k)
{
	switch (annotate_column[k].scope) {
	case AC_OF_ALLELE:
		return allele;
	case AC_OF_TX:
		return entry;
	default:
		return entry->may >> k & 1 ? entry : NULL;
	}
}

static int entry_add(struct annotate_work *w, const struct annotate_cell *c, struct grx_str *o)
{
	struct annotate_buf *b = &w->part->out->tmp;
	struct annotate_cell al = *c;
	al.e = NULL;
	size_t need = annotate_cell_bound(c) + annotate_cell_bound(&al);
	if (c->e->tx)
		need += annotate_tx_bound(c->e->tx);
	b->n = 0;
	char *p = annotate_buf_room(w->keep, b, need);
	if (!p)
		return grx_fail_nomem(w->cx, "JSON");
	annotate_json_next(o);
	grx_str_addc(o, '{');
	for (size_t i = 0; i < sizeof member / sizeof *member; i++) {
		const struct member *m = &member[i];
		const struct annotate_cell *of = cell_for(c, &al, m->col);
		size_t n = of ? (size_t)(annotate_cell_put(of, m->col, p) - p) : 0;
		if (!n)
			continue;
		annotate_json_key(o, m->key ? m->key : feature_key(c->e));
		value_add(o, m->kind, p, n, c->style->list);
	}
	ranges_add(o, c->e);
	grx_str_addc(o, '}');
	return GRX_OK;
}

/* --- one record --- */

enum group { TRANSCRIPT, REGULATORY, MOTIF, INTERGENIC, GROUPS };
static const char *const group_key[GROUPS] = {"transcript_consequences", "regulatory_feature_consequences",
	"motif_feature_consequences", "intergenic_consequences"};

static enum group group_of(const struct annotate_entry *e)
{
	return e->tx ? TRANSCRIPT : !e->feature ? INTERGENIC : e->feature->motif ? MOTIF : REGULATORY;
}

static int group_add(struct annotate_work *w, struct annotate_cell *c, enum group g, struct grx_str *o)
{
	const struct annotate_record *r = c->r;
	bool any = false;
	for (int32_t i = 0; i < r->n_al; i++)
		for (int32_t k = 0; k < r->n_entry[i]; k++) {
			const struct annotate_entry *e = &r->entry[i][k];
			if (group_of(e) != g || !annotate_out_wants(w->st, r, i, k))
				continue;
			if (!any) {
				annotate_json_key(o, group_key[g]);
				grx_str_addc(o, '[');
			}
			any = true;
			c->i = i;
			c->al = &r->al[i];
			annotate_cell_entry(
				c, e, w->st->opt.flag_pick && annotate_out_picked(w->st, r, i, k));
			int rc = entry_add(w, c, o);
			if (rc)
				return rc;
		}
	if (any)
		grx_str_addc(o, ']');
	return GRX_OK;
}

/* A column of the allele as text under a key; nothing when it is empty. */
static int column_add(struct annotate_work *w, const struct annotate_cell *c, enum annotate_col k,
	const char *key, struct grx_str *o)
{
	struct annotate_buf *b = &w->part->out->tmp;
	b->n = 0;
	char *p = annotate_buf_room(w->keep, b, annotate_cell_bound(c));
	if (!p)
		return grx_fail_nomem(w->cx, "JSON");
	size_t n = (size_t)(annotate_cell_put(c, k, p) - p);
	if (n) {
		annotate_json_key(o, key);
		annotate_json_stringn(o, p, n);
	}
	return GRX_OK;
}

static void known_add(const struct annotate_cell *c, struct annotate_buf *b, struct grx_str *o)
{
	size_t n = (size_t)(annotate_cell_put(c, AC_EXISTING, b->s) - b->s);
	const char *s = b->s, *end = s + n;
	if (!n)
		return;
	annotate_json_key(o, "colocated_variants");
	grx_str_addc(o, '[');
	while (s < end) {
		const char *to = memchr(s, c->style->list, (size_t)(end - s));
		to = to ? to : end;
		annotate_json_next(o);
		grx_str_add(o, "{\"id\":");
		annotate_json_stringn(o, s, (size_t)(to - s));
		grx_str_addc(o, '}');
		s = to + 1;
	}
	grx_str_addc(o, ']');
}

/* The columns of one database for one allele. */
static void database_add(const struct annotate_db *db, const struct annotate_cell *c, struct grx_str *o)
{
	struct grx_str t = {0};
	bool any = false;
	for (int f = 0; f < annotate_db_n_field(db); f++) {
		grx_str_reset(&t);
		annotate_db_value(c->r->v, annotate_db_column(db, f), c->al->number, &t);
		if (!t.n)
			continue;
		if (!any) {
			annotate_json_next(o);
			grx_str_add(o, "{\"allele\":");
			annotate_json_string(o, c->al->shown);
			grx_str_add(o, ",\"fields\":{");
		}
		any = true;
		annotate_json_key(o, annotate_db_column(db, f));
		annotate_json_stringn(o, t.s, t.n);
	}
	if (any)
		grx_str_add(o, "}}");
	o->oom |= t.oom;
	grx_str_clear(&t);
}

static void databases_add(struct annotate_work *w, struct annotate_cell *c, struct grx_str *o)
{
	const struct annotate_record *r = c->r;
	if (!w->st->n_db)
		return;
	annotate_json_key(o, "custom_annotations");
	grx_str_addc(o, '{');
	for (int d = 0; d < w->st->n_db; d++) {
		annotate_json_key(o, annotate_db_name(w->st->db[d]));
		grx_str_addc(o, '[');
		for (c->i = 0; c->i < r->n_al; c->i++) {
			c->al = &r->al[c->i];
			database_add(w->st->db[d], c, o);
		}
		grx_str_addc(o, ']');
	}
	grx_str_addc(o, '}');
}

/* The record's first five columns, as it was read. */
static void input_add(const struct annotate_work *w, const struct grx_var *v, struct grx_str *o)
{
	struct grx_str t = {0};
	grx_str_addf(&t, "%s\t%lld\t%s\t%s\t", grx_contig_name(w->cx->contigs, v->tid), (long long)v->pos + 1,
		v->id ? v->id : ".", v->allele[0]);
	for (int32_t i = 1; i < v->n_allele; i++)
		grx_str_addf(&t, "%s%s", i > 1 ? "," : "", v->allele[i]);
	annotate_json_key(o, "input");
	annotate_json_stringn(o, t.s ? t.s : "", t.n);
	o->oom |= t.oom;
	grx_str_clear(&t);
}

static void place_add(const struct annotate_work *w, const struct annotate_cell *c, struct grx_str *o)
{
	const struct annotate_record *r = c->r;
	int32_t anchor = annotate_has_anchor(r->v);
	const char *ref = r->v->allele[0] + anchor;
	struct grx_str t = {0};
	annotate_json_key(o, "seq_region_name");
	annotate_json_string(o, grx_contig_name(w->cx->contigs, r->v->tid));
	annotate_json_key(o, "start");
	grx_str_addi(o, c->al->sv ? c->al->beg + 1 : r->v->pos + 1 + anchor);
	annotate_json_key(o, "end");
	grx_str_addi(o, c->al->sv ? c->al->end : r->v->pos + (int64_t)strlen(r->v->allele[0]));
	grx_str_add(o, ",\"strand\":1");
	grx_str_add(&t, *ref ? ref : "-");
	for (int32_t i = 0; i < r->n_al; i++)
		grx_str_addf(&t, "/%s", r->al[i].shown);
	annotate_json_key(o, "allele_string");
	annotate_json_stringn(o, t.s ? t.s : "", t.n);
	o->oom |= t.oom;
	grx_str_clear(&t);
}

static int record_text(struct annotate_work *w, struct annotate_cell *c, struct grx_str *o)
{
	const struct annotate_record *r = c->r;
	int worst = AT_N - 1, rc;
	for (int32_t i = 0; i < r->n_al; i++) {
		int t = annotate_worst(r->entry[i][r->worst[i]].terms);
		worst = t < worst ? t : worst;
	}
	grx_str_addc(o, '{');
	input_add(w, r->v, o);
	if ((rc = column_add(w, c, AC_UPLOADED, "id", o)))
		return rc;
	place_add(w, c, o);
	if ((rc = column_add(w, c, AC_CLASS, "variant_class", o)))
		return rc;
	annotate_json_key(o, "most_severe_consequence");
	annotate_json_string(o, annotate_term_name[worst]);
	known_add(c, &w->part->out->tmp, o);
	databases_add(w, c, o);
	for (int g = 0; g < GROUPS && !w->st->opt.most_severe; g++)
		if ((rc = group_add(w, c, (enum group)g, o)))
			return rc;
	grx_str_add(o, "}\n");
	return GRX_OK;
}

int annotate_json_record(struct annotate_work *w, const struct annotate_record *r)
{
	struct annotate_rows *rows = &w->part->out->json;
	struct annotate_cell c = {
		.w = w, .o = w->st->out, .style = &w->st->out->json_style, .r = r, .al = &r->al[0]};
	struct grx_str *o = &w->txt;
	grx_str_reset(o);
	int rc = record_text(w, &c, o);
	if (rc)
		return rc;
	char *p = o->oom ? NULL : annotate_buf_room(w->keep, &rows->buf, o->n);
	if (!p)
		return grx_fail_nomem(w->cx, "JSON");
	memcpy(p, o->s, o->n);
	rows->buf.n += o->n;
	return annotate_rows_take(w, rows);
}
