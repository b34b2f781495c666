/* SPDX-License-Identifier: GPL-3.0-or-later
 * sv.c -- structural alleles of a record: what they are and where they lie.
 * Nothing is guessed: an allele whose extent the record does not give is counted, not judged. Source: VCF 4.4
 * sections 1.4.5, 3 and 5; names of classes from the Sequence Ontology as Ensembl VEP prints them. */
#include "stage/annotate/sv.h"

#include <jansson.h>
#include <string.h>

/* Longer symbols before their beginnings. */
static const struct symbol {
	const char *name;
	uint8_t type;
	const char *so;
} symbols[] = {
	{"DEL:ME:ALU", AT_SV_DEL, "Alu_deletion"},
	{"DEL:ME:HERV", AT_SV_DEL, "HERV_deletion"},
	{"DEL:ME:LINE1", AT_SV_DEL, "LINE1_deletion"},
	{"DEL:ME:L1", AT_SV_DEL, "LINE1_deletion"},
	{"DEL:ME:SVA", AT_SV_DEL, "SVA_deletion"},
	{"DEL:ME", AT_SV_DEL, "mobile_element_deletion"},
	{"DEL", AT_SV_DEL, "deletion"},
	{"DUP:TANDEM", AT_SV_DUP, "tandem_duplication"},
	{"DUP", AT_SV_DUP, "duplication"},
	{"INV", AT_SV_INV, "inversion"},
	{"CNV:TR", AT_SV_CNV, "tandem_repeat"},
	{"CNV", AT_SV_CNV, "copy_number_variation"},
	{"INS:ME:ALU", AT_SV_INS, "Alu_insertion"},
	{"INS:ME:HERV", AT_SV_INS, "HERV_insertion"},
	{"INS:ME:LINE1", AT_SV_INS, "LINE1_insertion"},
	{"INS:ME:L1", AT_SV_INS, "LINE1_insertion"},
	{"INS:ME:SVA", AT_SV_INS, "SVA_insertion"},
	{"INS:ME", AT_SV_INS, "mobile_element_insertion"},
	{"INS", AT_SV_INS, "insertion"},
	{"BND", AT_SV_BND, "chromosome_breakpoint"},
	{"TRA", AT_SV_BND, "chromosome_breakpoint"},
	{"CTX", AT_SV_BND, "chromosome_breakpoint"},
};

static const struct symbol *symbol_named(const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
		size_t m = strlen(symbols[i].name);
		if (n >= m && memcmp(s, symbols[i].name, m) == 0 && (n == m || s[m] == ':'))
			return &symbols[i];
	}
	return NULL;
}

/* <CN0>, <CN=2>: copies of this allele, one being the reference. */
static const struct symbol *copy_number(const char *s, size_t n)
{
	if (n < 3 || memcmp(s, "CN", 2) != 0)
		return NULL;
	size_t i = s[2] == '=' ? 3 : 2, from = i;
	int64_t copies = 0;
	for (; i < n && s[i] >= '0' && s[i] <= '9' && i - from < 9; i++)
		copies = 10 * copies + (s[i] - '0');
	if (i == from || i != n)
		return NULL;
	return copies == 0   ? symbol_named("DEL", 3)
	       : copies == 1 ? symbol_named("CNV", 3) /* the reference, or a loss where CN counts both */
			     : symbol_named("DUP", 3);
}

static const char *info_text(const struct grx_var *v, const char *key)
{
	const struct grx_field *f = grx_var_info(v, key);
	return f && f->type == GRX_T_STR && f->v.s[0] ? f->v.s[0] : "";
}

static const struct symbol *symbol_of(const struct grx_var *v, const char *alt)
{
	size_t n = strlen(alt);
	if (n < 3 || alt[0] != '<' || alt[n - 1] != '>')
		return NULL;
	const struct symbol *s = symbol_named(alt + 1, n - 2);
	if (!s)
		return copy_number(alt + 1, n - 2);
	/* <CNV> says no direction; the record may */
	const char *type = info_text(v, "SVTYPE");
	if (strcmp(alt, "<CNV>") == 0 && (strcmp(type, "DEL") == 0 || strcmp(type, "DUP") == 0))
		return symbol_named(type, 3);
	return s;
}

/* --- where it ends --- */

static bool info_int(const struct grx_var *v, const char *key, int32_t i, int64_t *x)
{
	const struct grx_field *f = grx_var_info(v, key);
	if (!f || i >= f->n)
		return false;
	if (f->type == GRX_T_INT && f->v.i[i] > GRX_INT_END) {
		*x = f->v.i[i];
		return true;
	}
	if (f->type == GRX_T_FLOAT && f->v.f[i] > -3e9f && f->v.f[i] < 3e9f) { /* false for NaN */
		*x = (int64_t)f->v.f[i];
		return true;
	}
	return false;
}

bool annotate_sv_length(const struct grx_var *v, int32_t k, int64_t *len)
{
	const struct grx_field *f = grx_var_info(v, "SVLEN");
	if (!f || (f->n != v->n_allele - 1 && f->n != 1) || !info_int(v, "SVLEN", f->n == 1 ? 0 : k - 1, len))
		return false;
	*len = *len < 0 ? -*len : *len;
	return true;
}

static bool interval_of(struct annotate_work *w, const struct grx_var *v, struct annotate_allele *a)
{
	int64_t *count = w->part->n_sv, len, end, top = w->cx->contigs->c[v->tid].len;
	bool have_len = annotate_sv_length(v, a->number, &len), have_end = info_int(v, "END", 0, &end);
	a->beg = v->pos + 1;
	if (!have_len && !have_end) {
		count[AT_SVN_NO_END]++;
		return false;
	}
	/* END is one for the record, so it cannot be that of each of several alleles */
	a->end = have_end && !(have_len && v->n_allele > 2) ? end : a->beg + len;
	if (a->end <= a->beg || (top && a->beg >= top)) {
		count[AT_SVN_BAD_END]++;
		return false;
	}
	if (top && a->end > top) {
		count[AT_SVN_CLIPPED]++;
		a->end = top;
	}
	return true;
}

/* --- breakends --- */

struct breakend {
	bool after;       /* the break is behind the bases of this record, not before them */
	const char *mate; /* "contig:pos"; NULL: a single breakend */
	size_t n_contig;
	int64_t mate_at; /* the mate's break lies before this base (0-based) */
	const char *bases;
	size_t n_bases;
};

/* t[p[  t]p]  [p[t  ]p]t  t.  .t */
static bool breakend_parse(const char *alt, struct breakend *b)
{
	size_t n = strlen(alt);
	const char *open = strpbrk(alt, "[]");
	*b = (struct breakend){.after = true, .bases = alt, .n_bases = n ? n - 1 : 0};
	if (!open) {
		if (n < 2 || (alt[0] == '.') == (alt[n - 1] == '.'))
			return false;
		b->after = alt[n - 1] == '.';
		b->bases += !b->after;
		return true;
	}
	const char *shut = strchr(open + 1, *open), *colon = shut;
	while (shut && colon > open && *colon != ':')
		colon--;
	if (!shut || colon <= open + 1 || shut - colon < 2 || shut - colon > 12)
		return false;
	int64_t p = 0;
	for (const char *c = colon + 1; c < shut; c++) {
		if (*c < '0' || *c > '9')
			return false;
		p = 10 * p + (*c - '0');
	}
	b->after = open != alt;
	b->mate = open + 1;
	b->n_contig = (size_t)(colon - open - 1);
	/* '[': the piece to the right of p, so the break is before it; ']': the piece that ends with p */
	b->mate_at = *open == '[' ? p - 1 : p;
	b->bases = b->after ? alt : shut + 1;
	b->n_bases = b->after ? (size_t)(open - alt) : (size_t)(alt + n - shut - 1);
	return true;
}

static void allele_start(const struct grx_var *v, int32_t k, struct annotate_allele *a)
{
	memset(a, 0, sizeof *a);
	a->tid = v->tid;
	a->number = k;
	a->ref = a->alt = "";
}

static int breakend_allele(
	struct annotate_work *w, const struct grx_var *v, const struct breakend *b, struct annotate_allele *a)
{
	a->sv = AT_SV_BND;
	a->beg = a->end = b->after ? v->pos + (int64_t)strlen(v->allele[0]) : v->pos;
	/* this end alone, as VEP shows it: the mate's end has the whole ALT */
	a->shown = grx_arena_printf(
		w->mem, b->after ? "%.*s." : ".%.*s", (int)(b->n_bases < 1000 ? b->n_bases : 1000), b->bases);
	if (!a->shown)
		return grx_fail_nomem(w->cx, "breakend");
	return GRX_OK;
}

int annotate_sv_mate(
	struct annotate_work *w, const struct grx_var *v, int32_t k, struct annotate_allele *a, bool *ok)
{
	struct breakend b;
	*ok = false;
	if (!breakend_parse(v->allele[k], &b) || !b.mate)
		return GRX_OK;
	char *name = grx_arena_strndup(w->mem, b.mate, b.n_contig);
	if (!name)
		return grx_fail_nomem(w->cx, "breakend");
	int32_t tid = grx_contigs_find(w->cx->contigs, name);
	int64_t len = tid < 0 ? 0 : w->cx->contigs->c[tid].len;
	if (tid < 0 || b.mate_at < 0 || (len && b.mate_at > len)) {
		w->part->n_sv[AT_SVN_NO_MATE]++;
		return GRX_OK;
	}
	allele_start(v, k, a);
	a->tid = tid;
	a->sv = AT_SV_BND;
	a->beg = a->end = b.mate_at;
	a->shown = v->allele[k];
	*ok = true;
	return GRX_OK;
}

int annotate_sv_allele(
	struct annotate_work *w, const struct grx_var *v, int32_t k, struct annotate_allele *a, bool *ok)
{
	const char *alt = v->allele[k];
	struct breakend b;
	*ok = false;
	allele_start(v, k, a);
	if (strcmp(alt, "<NON_REF>") == 0 || strcmp(alt, "<*>") == 0 || strcmp(alt, ".") == 0) {
		w->part->n_sv[AT_SVN_NON_REF]++;
		return GRX_OK;
	}
	if (breakend_parse(alt, &b)) {
		w->part->n_sv[AT_SVN_JUDGED]++;
		*ok = true;
		return breakend_allele(w, v, &b, a);
	}
	const struct symbol *s = symbol_of(v, alt);
	if (!s) {
		w->part->n_sv[AT_SVN_UNKNOWN]++;
		return GRX_OK;
	}
	a->sv = s->type;
	a->shown = s->so;
	if (s->type == AT_SV_INS || s->type == AT_SV_BND)
		a->beg = a->end = v->pos + 1;
	else if (!interval_of(w, v, a))
		return GRX_OK;
	w->part->n_sv[AT_SVN_JUDGED]++;
	*ok = true;
	return GRX_OK;
}

/* --- names and numbers for the writers --- */

static bool is_bases(const char *s)
{
	return *s && s[strspn(s, "ACGTUNRYSWKMBDHV")] == '\0';
}

const char *annotate_variant_class(const struct grx_var *v, const struct annotate_allele *al)
{
	if (al->sv)
		return al->sv == AT_SV_BND ? "chromosome_breakpoint" : al->shown;
	/* all alleles of the record, without the base that they share where their lengths differ */
	size_t anchor = annotate_has_anchor(v) ? 1 : 0, n = strlen(v->allele[0]) - anchor;
	int empty = 0, same = 0, other = 0;
	for (int32_t i = 1; i < v->n_allele; i++) {
		if (!is_bases(v->allele[i])) {
			other++;
			continue;
		}
		size_t m = strlen(v->allele[i]) - anchor;
		empty += m == 0;
		same += m == n;
	}
	int n_alt = v->n_allele - 1;
	if (other)
		return "sequence_alteration";
	if (n == 0)
		return empty ? "sequence_alteration" : "insertion";
	if (empty)
		return empty == n_alt ? "deletion" : "sequence_alteration";
	return same < n_alt ? "indel" : n == 1 ? "SNV" : "substitution";
}

int64_t annotate_sv_overlap(const struct annotate_allele *al, int64_t beg, int64_t end)
{
	int64_t lo = al->beg > beg ? al->beg : beg, hi = al->end < end ? al->end : end;
	return al->sv && hi > lo ? hi - lo : 0;
}

double annotate_sv_overlap_pc(const struct annotate_allele *al, int64_t beg, int64_t end)
{
	return end > beg ? 100.0 * (double)annotate_sv_overlap(al, beg, end) / (double)(end - beg) : 0;
}

/* --- counts --- */

void annotate_sv_merge(struct annotate_part *total, const struct annotate_part *part)
{
	for (int i = 0; i < AT_SVN_N; i++)
		total->n_sv[i] += part->n_sv[i];
}

int annotate_sv_summary(const struct annotate_part *total, struct json_t *to)
{
	static const char *const key[AT_SVN_N] = {[AT_SVN_JUDGED] = "judged",
		[AT_SVN_NON_REF] = "skipped_non_ref",
		[AT_SVN_UNKNOWN] = "skipped_unknown_symbol",
		[AT_SVN_NO_END] = "skipped_without_end_or_length",
		[AT_SVN_BAD_END] = "skipped_end_not_after_start",
		[AT_SVN_CLIPPED] = "cut_at_end_of_contig",
		[AT_SVN_NO_MATE] = "breakend_mates_outside_the_contigs"};
	json_t *o = json_object();
	if (!o || json_object_set_new(to, "structural_alleles", o))
		return GRX_E_NOMEM;
	for (int i = 0; i < AT_SVN_N; i++)
		if (json_object_set_new(o, key[i], json_integer((json_int_t)total->n_sv[i])))
			return GRX_E_NOMEM;
	return GRX_OK;
}
