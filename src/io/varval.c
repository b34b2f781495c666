/* SPDX-License-Identifier: GPL-3.0-or-later
 * varval.c -- validation of variant records, before the parser sees the text.
 * The parser takes POS "abc" for 0, a QUAL text for 0, a genotype of an allele that does not exist for a
 * genotype, and a NUL byte for the end of the line, all without a word: each of these would become a wrong
 * treatment. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "bio/contig.h"
#include "io/var_int.h"

enum { COL_CHROM, COL_POS, COL_ID, COL_REF, COL_ALT, COL_QUAL, COL_FILTER, COL_INFO, COL_FORMAT, N_COL };

/* How many values: a fixed number, per ALT, per allele, per genotype, any. */
enum { NUM_ANY = -1, NUM_A = -2, NUM_R = -3, NUM_G = -4 };

struct val_key {
	char name[48];
	int type; /* BCF_HT_x */
	int number;
	bool gt, nonneg;
};

struct val_str {
	char *s;
	size_t n;
};

struct grx_varval {
	const char *path;
	struct grx_varhdr *vh;
	bool sites_only;
	int n_sample;
	int64_t n;   /* records */
	int32_t rid; /* last record */
	int64_t pos;
	size_t cap_seen;
	int64_t *seen; /* per key id: number of the record that used it last */
	/* the record at hand */
	struct grx_ctx *cx;
	struct val_str col[N_COL];
	int n_allele;
	int32_t cur_rid;
	int64_t cur_pos; /* 0-based */
	/* FORMAT as last seen */
	struct grx_str fmt_text;
	int n_key;
	struct val_key *key;
	size_t cap_key;
	char last_alleles[256]; /* REF and ALT of the last record, for duplicates */
};

int grx_varval_new(
	struct grx_ctx *cx, const char *path, struct grx_varhdr *vh, bool sites_only, struct grx_varval **out)
{
	struct grx_varval *vv = grx_calloc(1, sizeof *vv);

	*out = vv;
	if (!vv)
		return grx_fail_nomem(cx, "variant checks");
	vv->path = path;
	vv->vh = vh;
	vv->sites_only = sites_only;
	vv->n_sample = bcf_hdr_nsamples(vh->live);
	grx_varval_rewind(vv);
	return GRX_OK;
}

void grx_varval_free(struct grx_varval *vv)
{
	if (!vv)
		return;
	grx_free(vv->seen);
	grx_free(vv->key);
	grx_str_clear(&vv->fmt_text);
	grx_free(vv);
}

void grx_varval_rewind(struct grx_varval *vv)
{
	vv->rid = -1;
	vv->pos = -2;
	vv->last_alleles[0] = '\0';
}

void grx_varval_seek(struct grx_varval *vv, int64_t n, const int64_t place[2])
{
	grx_varval_rewind(vv);
	vv->n = n;
	if (place[0] >= 0) {
		vv->rid = (int32_t)place[0];
		vv->pos = place[1];
	}
}

void grx_varval_place(const struct grx_varval *vv, int64_t place[2])
{
	place[0] = vv->rid;
	place[1] = vv->pos;
}

int64_t grx_varval_count(const struct grx_varval *vv)
{
	return vv->n;
}

/* "file: record 12 (chr1:345)" with what the record says. */
static int bad(struct grx_varval *vv, const char *what, const char *found, size_t n)
{
	const struct val_str *c = &vv->col[COL_CHROM], *p = &vv->col[COL_POS];

	return grx_fail(vv->cx, GRX_E_DATA, "%s: record %lld (%.*s:%.*s): %s: '%.*s'", vv->path,
		(long long)vv->n, (int)(c->n < 60 ? c->n : 60), c->s ? c->s : "",
		(int)(p->n < 30 ? p->n : 30), p->s ? p->s : "", what, (int)(n < 60 ? n : 60), found);
}

#define WARN(vv, text) grx_warn((vv)->cx, "%s: record %lld: " text, (vv)->path, (long long)(vv)->n)

/* ---- columns ---- */

static int bad_columns(struct grx_varval *vv, const char *what, int found)
{
	char buf[96];
	int want = vv->n_sample ? 9 + vv->n_sample : 8;

	snprintf(buf, sizeof buf, "%d, expected %d tab-separated", found, want);
	return bad(vv, what, buf, strlen(buf));
}

/* Find the first nine columns; *rest is the first sample column or NULL. */
static int cut_columns(struct grx_varval *vv, char *line, size_t *n, char **rest)
{
	char *s = line, *end = line + *n;
	int k = 0;

	*rest = NULL;
	memset(vv->col, 0, sizeof vv->col);
	if (*n == 0)
		return bad(vv, "blank line among the records", "", 0);
	if (*line == '#')
		return bad(vv, "header or comment line among the records", line, *n);
	for (; k < N_COL && s; k++) {
		char *tab = memchr(s, '\t', (size_t)(end - s));
		vv->col[k].s = s;
		vv->col[k].n = (size_t)((tab ? tab : end) - s);
		s = tab ? tab + 1 : NULL;
	}
	if (k < 8)
		return bad_columns(vv, "too few columns", k);
	for (int i = 0; i < 8; i++)
		if (vv->col[i].n == 0)
			return bad(vv, "empty column", "", 0);
	if (vv->sites_only) {
		*n = (size_t)(vv->col[COL_INFO].s + vv->col[COL_INFO].n - line);
		line[*n] = '\0';
		return GRX_OK;
	}
	if (vv->n_sample == 0)
		return s ? bad_columns(vv, "too many columns", 10) : GRX_OK;
	if (!s)
		return bad_columns(vv, "too few columns", k);
	*rest = s;
	return GRX_OK;
}

static bool is_digits(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return n > 0;
}

static int check_order(struct grx_varval *vv)
{
	if (vv->cur_rid < vv->rid)
		return bad(vv, "not sorted: contigs are not in the order of the header, sort the file",
			vv->col[COL_CHROM].s, vv->col[COL_CHROM].n);
	if (vv->cur_rid == vv->rid && vv->cur_pos < vv->pos)
		return bad(vv, "not sorted: position below the record before, sort the file",
			vv->col[COL_POS].s, vv->col[COL_POS].n);
	return GRX_OK;
}

static int check_place(struct grx_varval *vv)
{
	const bcf_hdr_t *h = vv->vh->live;
	struct val_str *c = &vv->col[COL_CHROM], *p = &vv->col[COL_POS];
	char keep = c->s[c->n];
	int64_t pos = 0, len;

	c->s[c->n] = '\0';
	vv->cur_rid = bcf_hdr_name2id(h, c->s);
	c->s[c->n] = keep;
	if (vv->cur_rid < 0)
		return bad(vv, "contig is not declared in the header", c->s, c->n);
	if (!is_digits(p->s, p->n) || p->n > 12)
		return bad(vv, "POS is not a position", p->s, p->n);
	for (size_t i = 0; i < p->n; i++)
		pos = pos * 10 + (p->s[i] - '0');
	len = (int64_t)h->id[BCF_DT_CTG][vv->cur_rid].val->info[0];
	/* 0 and length + 1 stand for the telomeres */
	if ((len && pos > len + 1) || pos > INT32_MAX - 1)
		return bad(vv, "POS is beyond the contig", p->s, p->n);
	vv->cur_pos = pos - 1;
	return check_order(vv);
}

/* ---- alleles ---- */

static bool is_base(char c)
{
	switch (c) {
	case 'A':
	case 'C':
	case 'G':
	case 'T':
	case 'N':
	case 'a':
	case 'c':
	case 'g':
	case 't':
	case 'n':
		return true;
	default:
		return false;
	}
}

static bool is_seq(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_base(s[i]))
			return false;
	return n > 0;
}

static void upper(char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] >= 'a' && s[i] <= 'z')
			s[i] = (char)(s[i] - 32);
}

/* t[p[, ]p]t, [p[t, .t or t. (single breakends) */
static bool is_breakend(const char *s, size_t n)
{
	const char *a = memchr(s, '[', n), *b = memchr(s, ']', n);
	const char *open = a && (!b || a < b) ? a : b;

	if (!open)
		return (s[0] == '.' && is_seq(s + 1, n - 1)) ||
		       (n > 1 && s[n - 1] == '.' && is_seq(s, n - 1));
	const char *shut = memchr(open + 1, *open, n - (size_t)(open + 1 - s));
	const char *colon = shut ? memchr(open + 1, ':', (size_t)(shut - open - 1)) : NULL;
	if (!colon || colon == open + 1)
		return false;
	while (memchr(colon + 1, ':', (size_t)(shut - colon - 1)))
		colon = memchr(colon + 1, ':', (size_t)(shut - colon - 1));
	size_t before = (size_t)(open - s), after = n - (size_t)(shut + 1 - s);
	return is_digits(colon + 1, (size_t)(shut - colon - 1)) &&
	       ((before == 0 && is_seq(shut + 1, after)) || (after == 0 && is_seq(s, before)));
}

static bool is_symbolic(const char *s, size_t n)
{
	if (n < 3 || s[0] != '<' || s[n - 1] != '>')
		return false;
	for (size_t i = 1; i + 1 < n; i++)
		if (s[i] == ' ' || s[i] == '<' || s[i] == '>')
			return false;
	return true;
}

static int check_alt(struct grx_varval *vv, char *s, size_t n)
{
	const struct val_str *ref = &vv->col[COL_REF];

	if (n == 0)
		return bad(vv, "empty ALT allele", vv->col[COL_ALT].s, vv->col[COL_ALT].n);
	if (is_seq(s, n)) {
		upper(s, n);
		if (n == ref->n && memcmp(s, ref->s, n) == 0)
			return bad(vv, "ALT equals REF", s, n);
		return GRX_OK;
	}
	if ((n == 1 && *s == '*') || is_breakend(s, n))
		return GRX_OK;
	if (!is_symbolic(s, n))
		return bad(vv, "ALT is neither bases, '*', a symbol like <DEL> nor a breakend", s, n);
	return GRX_OK;
}

static int cmp_str(const void *a, const void *b)
{
	const struct val_str *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return memcmp(x->s, y->s, x->n);
}

/* Sorting a copy keeps many alleles from costing their square. */
static int check_distinct(struct grx_varval *vv, const struct val_str *alt, int n)
{
	struct val_str *v = NULL;
	int rc = GRX_OK;

	if (n == 2)
		return cmp_str(&alt[0], &alt[1]) ? GRX_OK : bad(vv, "ALT allele twice", alt[0].s, alt[0].n);
	v = grx_malloc((size_t)n, sizeof *v);
	if (!v)
		return grx_fail_nomem(vv->cx, "alleles");
	memcpy(v, alt, (size_t)n * sizeof *v);
	qsort(v, (size_t)n, sizeof *v, cmp_str);
	for (int i = 1; i < n && !rc; i++)
		if (cmp_str(&v[i - 1], &v[i]) == 0)
			rc = bad(vv, "ALT allele twice", v[i].s, v[i].n);
	grx_free(v);
	return rc;
}

static int check_many_alts(struct grx_varval *vv, int n)
{
	struct val_str *alt = grx_malloc((size_t)n, sizeof *alt);
	char *s = vv->col[COL_ALT].s, *end = s + vv->col[COL_ALT].n;
	int rc = GRX_OK;

	if (!alt)
		return grx_fail_nomem(vv->cx, "alleles");
	for (int i = 0; i < n && !rc; i++) {
		char *comma = memchr(s, ',', (size_t)(end - s));
		alt[i] = (struct val_str){s, (size_t)((comma ? comma : end) - s)};
		rc = check_alt(vv, alt[i].s, alt[i].n);
		s = comma ? comma + 1 : end;
	}
	if (!rc)
		rc = check_distinct(vv, alt, n);
	grx_free(alt);
	return rc;
}

static int check_alleles(struct grx_varval *vv)
{
	struct val_str *r = &vv->col[COL_REF], *a = &vv->col[COL_ALT];
	int n = 1;

	if (!is_seq(r->s, r->n))
		return bad(vv, "REF is not a sequence of A C G T N", r->s, r->n);
	upper(r->s, r->n);
	int64_t len = (int64_t)vv->vh->live->id[BCF_DT_CTG][vv->cur_rid].val->info[0];
	if (len && vv->cur_pos + (int64_t)r->n > len + 1)
		return bad(vv, "REF reaches beyond the contig", r->s, r->n);
	vv->n_allele = 1;
	if (a->n == 1 && *a->s == '.')
		return GRX_OK;
	for (size_t i = 0; i < a->n; i++)
		n += a->s[i] == ',';
	if (n >= 65535)
		return bad(vv, "more than 65534 ALT alleles, the limit of BCF", "", 0);
	vv->n_allele = 1 + n;
	return n == 1 ? check_alt(vv, a->s, a->n) : check_many_alts(vv, n);
}

/* Same place and alleles as the record before: legal, but counted twice by the unwary. */
static void note_duplicate(struct grx_varval *vv)
{
	const struct val_str *r = &vv->col[COL_REF], *a = &vv->col[COL_ALT];
	char now[sizeof vv->last_alleles];
	bool fits = r->n + a->n + 2 <= sizeof now;

	if (fits) {
		memcpy(now, r->s, r->n);
		now[r->n] = '\t';
		memcpy(now + r->n + 1, a->s, a->n);
		now[r->n + 1 + a->n] = '\0';
	}
	if (fits && vv->rid == vv->cur_rid && vv->pos == vv->cur_pos && strcmp(now, vv->last_alleles) == 0)
		WARN(vv, "same position and alleles as the record before");
	memcpy(vv->last_alleles, fits ? now : "", fits ? strlen(now) + 1 : 1);
}

/* ---- values ---- */

/* [+-]digits[.digits][e[+-]digits]; *end is where it stops. No value: false. */
static bool scan_float(const char *s, const char **end)
{
	const char *p = s;
	int digits = 0;

	p += *p == '-' || *p == '+';
	for (; *p >= '0' && *p <= '9'; p++)
		digits++;
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++)
			digits++;
	if (!digits)
		return false;
	if (*p == 'e' || *p == 'E') {
		p++;
		p += *p == '-' || *p == '+';
		if (*p < '0' || *p > '9')
			return false;
		while (*p >= '0' && *p <= '9')
			p++;
	}
	*end = p;
	return true;
}

static bool scan_nan(const char *s, const char **end, bool inf)
{
	const char *p = s + (*s == '-' || *s == '+');

	if (strncasecmp(p, "nan", 3) != 0 && !(inf && strncasecmp(p, "inf", 3) == 0))
		return false;
	*end = p + 3;
	return true;
}

/* 32-bit integer within BCF's range (the lowest eight codes are reserved). */
static bool scan_int(const char *s, const char **end, bool *negative)
{
	const char *p = s + (*s == '-');
	int64_t x = 0;
	int n = 0;

	for (; *p >= '0' && *p <= '9' && n < 11; p++, n++)
		x = x * 10 + (*p - '0');
	if (n == 0 || n > 10)
		return false;
	if (*s == '-') {
		*negative = true;
		x = -x;
	}
	*end = p;
	return x <= INT32_MAX && x >= BCF_MIN_BT_INT32;
}

/* A comma-separated list of values of one key up to a byte of `stop`; counts values and missing ones. */
struct val_list {
	int n, n_missing;
	bool negative, nan;
};

static bool ends_here(char c, const char *stop)
{
	return c == '\0' || c == stop[0] || c == stop[1];
}

static bool scan_list(const struct val_key *k, const char *s, const char *stop, bool fmt, struct val_list *l,
	const char **end)
{
	*l = (struct val_list){0};
	for (;;) {
		bool ok = true;
		l->n++;
		if (*s == '.' && (s[1] == ',' || ends_here(s[1], stop))) {
			l->n_missing++;
			s++;
		} else if (k->type == BCF_HT_INT) {
			ok = scan_int(s, &s, &l->negative);
		} else if (k->type == BCF_HT_REAL) {
			if (scan_nan(s, &s, fmt))
				l->nan = true;
			else
				ok = scan_float(s, &s);
		} else {
			while (*s != ',' && !ends_here(*s, stop))
				s++;
		}
		*end = s;
		if (!ok || (*s != ',' && !ends_here(*s, stop)))
			return false;
		if (*s != ',')
			return true;
		s++;
	}
}

/* ---- keys ---- */

static bool key_ok(const char *s, size_t n)
{
	if (n == 0 || n >= sizeof((struct val_key *)0)->name)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s[i];
		bool alpha = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
		bool more = (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+';
		if (!alpha && !(more && (i > 0 || c != '.')))
			return false;
	}
	return true;
}

/* Give the parser a declaration; bounded, because each one costs header space. */
static int declare(struct grx_varval *vv, int kind, const char *name)
{
	static const char *const form[] = {
		[BCF_HL_FLT] = "##FILTER=<ID=%s,Description=\"Dummy\">",
		[BCF_HL_INFO] = "##INFO=<ID=%s,Number=1,Type=String,Description=\"Dummy\">",
		[BCF_HL_FMT] = "##FORMAT=<ID=%s,Number=1,Type=String,Description=\"Dummy\">",
	};
	struct grx_varhdr *vh = vv->vh;
	bool known = bcf_hdr_id2int(vh->live, BCF_DT_ID, name) >= 0;
	char line[160];

	grx_warn(vv->cx, "%s: record %lld: %s %s is not declared in the header", vv->path, (long long)vv->n,
		kind == BCF_HL_FLT    ? "FILTER"
		: kind == BCF_HL_INFO ? "INFO"
				      : "FORMAT",
		name);
	if (vh->n_undeclared == VAR_MAX_UNDECLARED)
		return bad(vv, "more than 1000 keys that the header does not declare", name, strlen(name));
	snprintf(line, sizeof line, form[kind], name);
	if (bcf_hdr_append(vh->live, line) || bcf_hdr_sync(vh->live))
		return grx_fail_nomem(vv->cx, "header");
	if (known) {
		vh->dual = true;
		return GRX_OK;
	}
	if (bcf_hdr_id2int(vh->live, BCF_DT_ID, name) != vh->n_id + vh->n_undeclared)
		return grx_fail(vv->cx, GRX_E_BUG, "%s: key %s has an unexpected number", vv->path, name);
	vh->name[vh->n_undeclared] = grx_strdup(name);
	if (!vh->name[vh->n_undeclared])
		return grx_fail_nomem(vv->cx, "header");
	vh->n_undeclared++;
	return GRX_OK;
}

/* Was key id seen in this record already? Marks it. */
static int mark_seen(struct grx_varval *vv, int id, bool *again)
{
	size_t old = vv->cap_seen;

	if ((size_t)id >= old) {
		if (grx_grow(&vv->seen, &vv->cap_seen, (size_t)id + 1, sizeof *vv->seen, 0))
			return grx_fail_nomem(vv->cx, "keys");
		memset(vv->seen + old, 0, (vv->cap_seen - old) * sizeof *vv->seen);
	}
	*again = vv->seen[id] == vv->n;
	vv->seen[id] = vv->n;
	return GRX_OK;
}

/* Look a key up (kind BCF_HL_INFO or BCF_HL_FMT), declaring it when unknown. */
static int look_up(struct grx_varval *vv, int kind, const char *s, size_t n, struct val_key *k)
{
	bcf_hdr_t *h = vv->vh->live;
	int id, rc = GRX_OK;

	if (!key_ok(s, n))
		return bad(vv, kind == BCF_HL_INFO ? "INFO key" : "FORMAT key", s, n);
	memcpy(k->name, s, n);
	k->name[n] = '\0';
	id = bcf_hdr_id2int(h, BCF_DT_ID, k->name);
	if (id < 0 || !bcf_hdr_idinfo_exists(h, kind, id)) {
		rc = declare(vv, kind, k->name);
		if (rc)
			return rc;
		id = bcf_hdr_id2int(h, BCF_DT_ID, k->name);
	}
	k->type = (int)bcf_hdr_id2type(h, kind, id);
	switch (bcf_hdr_id2length(h, kind, id)) {
	case BCF_VL_FIXED:
		k->number = (int)bcf_hdr_id2number(h, kind, id);
		break;
	case BCF_VL_A:
		k->number = NUM_A;
		break;
	case BCF_VL_R:
		k->number = NUM_R;
		break;
	case BCF_VL_G:
		k->number = NUM_G;
		break;
	default:
		k->number = NUM_ANY;
	}
	if (kind == BCF_HL_INFO) {
		bool again = false;
		rc = mark_seen(vv, id, &again);
		if (!rc && again)
			rc = bad(vv, "INFO key twice", s, n);
	}
	return rc;
}

/* ---- QUAL, FILTER, INFO ---- */

static int check_qual(struct grx_varval *vv)
{
	const struct val_str *q = &vv->col[COL_QUAL];
	const char *end = NULL;

	if (q->n == 1 && *q->s == '.')
		return GRX_OK;
	if (!scan_float(q->s, &end) || end != q->s + q->n)
		return bad(vv, "QUAL is not a number", q->s, q->n);
	if (memchr(q->s, 'e', q->n) || memchr(q->s, 'E', q->n) || q->n > 30) {
		char buf[64];
		double x;
		if (q->n >= sizeof buf)
			return bad(vv, "QUAL is not a number", q->s, q->n);
		memcpy(buf, q->s, q->n);
		buf[q->n] = '\0';
		if (!grx_parse_f64(buf, &x) || fabs(x) > 3e38)
			return bad(vv, "QUAL is out of range", q->s, q->n);
	}
	if (*q->s == '-')
		WARN(vv, "negative QUAL");
	return GRX_OK;
}

static int check_filter(struct grx_varval *vv)
{
	const struct val_str *f = &vv->col[COL_FILTER];
	const char *s = f->s, *end = f->s + f->n;
	char name[128];
	int n = 0;

	if (f->n == 1 && *f->s == '.')
		return GRX_OK;
	if (f->n == 4 && memcmp(f->s, "PASS", 4) == 0)
		return GRX_OK;
	while (s <= end) {
		const char *semi = memchr(s, ';', (size_t)(end - s));
		size_t k = (size_t)((semi ? semi : end) - s);
		if (k == 0 || k >= sizeof name || memchr(s, ' ', k) || memchr(s, ',', k) ||
			(k == 1 && *s == '0'))
			return bad(vv, "FILTER", f->s, f->n);
		memcpy(name, s, k);
		name[k] = '\0';
		if (strcmp(name, "PASS") == 0 || strcmp(name, ".") == 0)
			return bad(vv, "FILTER: PASS stands alone", f->s, f->n);
		int id = bcf_hdr_id2int(vv->vh->live, BCF_DT_ID, name);
		if (id < 0 || !bcf_hdr_idinfo_exists(vv->vh->live, BCF_HL_FLT, id)) {
			/* a declaration cannot hold these */
			if (strpbrk(name, "<>\"=\\"))
				return bad(vv, "FILTER", f->s, f->n);
			int rc = declare(vv, BCF_HL_FLT, name);
			if (rc)
				return rc;
		}
		n++;
		s += k + 1;
	}
	return GRX_OK;
}

/* Numbers that must fit the alleles are errors; others only look odd. */
static int check_number(struct grx_varval *vv, const struct val_key *k, const struct val_list *l)
{
	int64_t want = k->number == NUM_A ? vv->n_allele - 1 : vv->n_allele;

	if (k->number == NUM_ANY || k->number == NUM_G || (l->n == 1 && l->n_missing == 1) || l->n == want)
		return GRX_OK;
	if (k->number == NUM_A || k->number == NUM_R) {
		if (k->number == NUM_A && want == 0)
			return GRX_OK;
		return bad(vv, "number of values does not fit the alleles", k->name, strlen(k->name));
	}
	if (l->n != k->number)
		WARN(vv, "number of values differs from the header's Number");
	return GRX_OK;
}

/* With a breakend, callers write into END where its mate lies. */
static bool end_is_elsewhere(const struct val_str *alt)
{
	return memchr(alt->s, '[', alt->n) || memchr(alt->s, ']', alt->n) ||
	       (alt->n == 5 && (memcmp(alt->s, "<BND>", 5) == 0 || memcmp(alt->s, "<TRA>", 5) == 0));
}

static int check_end(struct grx_varval *vv, const char *val)
{
	int64_t len = (int64_t)vv->vh->live->id[BCF_DT_CTG][vv->cur_rid].val->info[0];
	long long end = strtoll(val, NULL, 10);

	if (*val == '.')
		return GRX_OK;
	if (end < vv->cur_pos + 1 && !end_is_elsewhere(&vv->col[COL_ALT]))
		return bad(vv, "END is before POS", val, strcspn(val, ";\t"));
	if (len && end > len)
		WARN(vv, "END is beyond the contig");
	return GRX_OK;
}

static int check_info_item(struct grx_varval *vv, const char *s, size_t n)
{
	const char *eq = memchr(s, '=', n), *end;
	struct val_key k;
	struct val_list l;
	int rc = look_up(vv, BCF_HL_INFO, s, eq ? (size_t)(eq - s) : n, &k);

	if (rc)
		return rc;
	if (!eq) {
		if (k.type == BCF_HT_INT || k.type == BCF_HT_REAL)
			return bad(vv, "INFO key without its value", s, n);
		return GRX_OK;
	}
	if (k.type == BCF_HT_FLAG) {
		WARN(vv, "Flag with a value");
		return GRX_OK;
	}
	if (eq + 1 == s + n)
		return bad(vv, "INFO key without its value", s, n);
	k.nonneg = false;
	if (!scan_list(&k, eq + 1, ";\t", false, &l, &end))
		return bad(vv,
			k.type == BCF_HT_INT ? "INFO value is not an integer" : "INFO value is not a number",
			s, n);
	if (strcmp(k.name, "END") == 0 && (rc = check_end(vv, eq + 1)))
		return rc;
	return k.type == BCF_HT_STR && k.number >= 0 ? GRX_OK : check_number(vv, &k, &l);
}

static int check_info(struct grx_varval *vv)
{
	const struct val_str *f = &vv->col[COL_INFO];
	const char *s = f->s, *end = f->s + f->n;
	int n = 0;

	if (f->n == 1 && *f->s == '.')
		return GRX_OK;
	if (f->n > 1 && end[-1] == ';')
		end--; /* one trailing semicolon is common and harmless */
	while (s <= end) {
		const char *semi = memchr(s, ';', (size_t)(end - s));
		size_t k = (size_t)((semi ? semi : end) - s);
		int rc = check_info_item(vv, s, k);
		if (rc)
			return rc;
		if (++n > GRX_VAR_MAX_INFO)
			return bad(vv, "more than 65535 INFO keys, the limit of BCF", "", 0);
		s += k + 1;
	}
	return GRX_OK;
}

/* ---- FORMAT and samples ---- */

static int read_format(struct grx_varval *vv)
{
	const struct val_str *f = &vv->col[COL_FORMAT];
	const char *s = f->s, *end = f->s + f->n;
	int rc;

	if (vv->n_key && vv->fmt_text.n == f->n && memcmp(vv->fmt_text.s, s, f->n) == 0)
		return GRX_OK;
	vv->n_key = 0;
	while (s <= end) {
		const char *colon = memchr(s, ':', (size_t)(end - s));
		size_t k = (size_t)((colon ? colon : end) - s);
		if (grx_grow(&vv->key, &vv->cap_key, (size_t)vv->n_key + 1, sizeof *vv->key, 0))
			return grx_fail_nomem(vv->cx, "FORMAT keys");
		struct val_key *key = &vv->key[vv->n_key];
		rc = look_up(vv, BCF_HL_FMT, s, k, key);
		if (rc)
			return rc;
		key->gt = strcmp(key->name, "GT") == 0;
		key->nonneg = strcmp(key->name, "AD") == 0 || strcmp(key->name, "PL") == 0;
		if (key->gt && vv->n_key > 0)
			return bad(vv, "GT must be the first FORMAT key", f->s, f->n);
		for (int i = 0; i < vv->n_key; i++)
			if (strcmp(vv->key[i].name, key->name) == 0)
				return bad(vv, "FORMAT key twice", f->s, f->n);
		if (++vv->n_key > 255)
			return bad(vv, "more than 255 FORMAT keys, the limit of BCF", "", 0);
		s += k + 1;
	}
	grx_str_reset(&vv->fmt_text);
	grx_str_addn(&vv->fmt_text, f->s, f->n);
	return vv->fmt_text.oom ? grx_fail_nomem(vv->cx, "FORMAT") : GRX_OK;
}

/* Genotype up to ':' or tab; ploidy 0 when all of it is the single '.'. */
static bool scan_gt(const struct grx_varval *vv, const char *s, const char **end, int *ploidy)
{
	int n = 0;

	for (;;) {
		if (*s == '.') {
			s++;
		} else {
			int64_t a = 0;
			int d = 0;
			for (; *s >= '0' && *s <= '9' && d < 7; s++, d++)
				a = a * 10 + (*s - '0');
			if (d == 0 || a >= vv->n_allele)
				break;
		}
		n++;
		if (*s == '/' || *s == '|') {
			s++;
			continue;
		}
		*end = s;
		*ploidy = n;
		return *s == ':' || *s == '\t' || *s == '\0';
	}
	*end = s;
	return false;
}

/* Genotypes of n alleles at this ploidy; saturates. */
static int64_t n_genotypes(int n, int ploidy)
{
	int64_t c = 1;

	for (int i = 1; i <= ploidy; i++) {
		if (c > (INT64_MAX >> 20))
			return INT64_MAX;
		c = c * (n + i - 1) / i;
	}
	return c;
}

static bool genotype_count_ok(const struct grx_varval *vv, int n, int ploidy, bool missing)
{
	if (missing) /* a lone '.' does not tell the ploidy */
		return n == vv->n_allele || n == n_genotypes(vv->n_allele, 2);
	return n == n_genotypes(vv->n_allele, ploidy);
}

/* One value list of a sample; s is moved to its end. */
static int check_value(struct grx_varval *vv, const struct val_key *k, const char **s, int ploidy)
{
	const char *from = *s;
	struct val_list l;
	size_t shown = strcspn(from, "\t");

	if (*from == ':' || *from == '\t' || !*from)
		return bad(vv, "empty sample value", k->name, strlen(k->name));
	if (k->type == BCF_HT_STR) {
		*s += strcspn(from, ":\t");
		return GRX_OK;
	}
	if (!scan_list(k, from, ":\t", true, &l, s))
		return bad(vv,
			k->type == BCF_HT_INT ? "FORMAT value is not an integer"
					      : "FORMAT value is not a number",
			from, shown);
	if (l.negative && k->nonneg)
		return bad(vv, "negative value of AD or PL", from, shown);
	if (l.negative && strcmp(k->name, "DP") == 0)
		WARN(vv, "negative DP");
	if (l.nan)
		WARN(vv, "FORMAT value is not finite: taken as missing");
	if (k->number == NUM_G && !(l.n == 1 && l.n_missing) &&
		!genotype_count_ok(vv, l.n, ploidy > 0 ? ploidy : 2, ploidy == 0))
		return bad(vv, "number of values does not fit alleles and ploidy", from, shown);
	return check_number(vv, k, &l);
}

/* A leading phase mark (VCF 4.4) would be misread: drop it. */
static void drop_mark(char *s, char *line, size_t *n)
{
	memmove(s, s + 1, (size_t)(line + *n - s));
	(*n)--;
}

static int check_sample(struct grx_varval *vv, const char **s)
{
	int k = 0, ploidy = -1, rc = GRX_OK;

	for (;; k++) {
		if (k == vv->n_key)
			return bad(vv, "sample with more values than FORMAT keys", *s, strcspn(*s, "\t"));
		const struct val_key *key = &vv->key[k];
		if (key->gt) {
			const char *from = *s;
			if (!scan_gt(vv, from, s, &ploidy))
				return bad(vv,
					"genotype is wrong or names an allele that the record does not have",
					from, strcspn(from, ":\t"));
			if (*from == '.' && ploidy == 1)
				ploidy = 0;
		} else {
			rc = check_value(vv, key, s, ploidy < 0 ? 2 : ploidy);
			if (rc)
				return rc;
		}
		if (**s != ':')
			return GRX_OK;
		(*s)++;
	}
}

static int check_samples(struct grx_varval *vv, char *line, size_t *n, char *rest)
{
	int i = 0, rc = read_format(vv);
	const char *s = rest;

	if (rc)
		return rc;
	for (;;) {
		if (vv->key[0].gt && (*s == '/' || *s == '|') && s[1] >= '.' && s[1] <= '9' && s[1] != '/') {
			WARN(vv, "phase mark before the first allele ignored");
			drop_mark((char *)s, line, n);
		}
		rc = check_sample(vv, &s);
		if (rc)
			return rc;
		i++;
		if (*s == '\0')
			break;
		if (i == vv->n_sample)
			return bad_columns(vv, "too many columns", 9 + i + 1);
		s++;
	}
	return i == vv->n_sample ? GRX_OK : bad_columns(vv, "too few columns", 9 + i);
}

static void next_record(struct grx_varval *vv)
{
	vv->rid = vv->cur_rid;
	vv->pos = vv->cur_pos;
}

int grx_varval_line(struct grx_ctx *cx, struct grx_varval *vv, char *line, size_t *n)
{
	int rc = GRX_E_BUG;
	char *rest;

	vv->cx = cx;
	vv->n++;
	GRX_TRY(cut_columns(vv, line, n, &rest));
	GRX_TRY(check_place(vv));
	GRX_TRY(check_alleles(vv));
	note_duplicate(vv);
	GRX_TRY(check_qual(vv));
	GRX_TRY(check_filter(vv));
	GRX_TRY(check_info(vv));
	if (rest)
		GRX_TRY(check_samples(vv, line, n, rest));
	next_record(vv);
	rc = GRX_OK;
out:
	vv->cx = NULL;
	return rc;
}

/* ---- decoded records ---- */

static int check_rec_gt(struct grx_varval *vv, bcf1_t *rec)
{
	const bcf_fmt_t *f = bcf_get_fmt(vv->vh->live, rec, "GT");

	if (!f || !f->n)
		return GRX_OK;
	for (size_t i = 0; i < (size_t)f->n * rec->n_sample; i++) {
		int32_t g = f->type == BCF_BT_INT8    ? (int8_t)f->p[i]
			    : f->type == BCF_BT_INT16 ? (int16_t)(f->p[2 * i] | f->p[2 * i + 1] << 8)
						      : 0;
		if (f->type == BCF_BT_INT32)
			memcpy(&g, f->p + 4 * i, 4);
		else if (f->type != BCF_BT_INT8 && f->type != BCF_BT_INT16)
			return bad(vv, "genotypes are not integers", "GT", 2);
		if (g > 0 && (g >> 1) > (int32_t)rec->n_allele)
			return bad(vv, "genotype names an allele that the record does not have", "GT", 2);
	}
	return GRX_OK;
}

/* What a BCF record says of itself twice must agree: samples with the header, length with REF. */
static int check_rec_sizes(struct grx_varval *vv, bcf1_t *rec)
{
	bool symbolic = false;

	if (!vv->sites_only && (int)rec->n_sample != bcf_hdr_nsamples(vv->vh->live))
		return bad(vv, "record and header differ in the number of samples", "", 0);
	for (int i = 1; i < (int)rec->n_allele; i++)
		symbolic |= strpbrk(rec->d.allele[i], "<[]") != NULL;
	if (!symbolic && !bcf_get_info(vv->vh->live, rec, "END") &&
		rec->rlen != (hts_pos_t)strlen(rec->d.allele[0]))
		return bad(vv, "record length differs from that of REF", rec->d.allele[0],
			strlen(rec->d.allele[0]));
	return GRX_OK;
}

int grx_varval_rec(struct grx_ctx *cx, struct grx_varval *vv, bcf1_t *rec)
{
	int rc = GRX_E_BUG;
	const bcf_hdr_t *h = vv->vh->live;
	struct grx_str alt = {0};
	char digits[24], *pos = digits + sizeof digits - 1;

	vv->cx = cx;
	vv->n++;
	memset(vv->col, 0, sizeof vv->col);
	if (rec->rid < 0 || rec->rid >= h->n[BCF_DT_CTG])
		return bad(vv, "contig number is not in the header", "", 0);
	if (rec->pos < -1)
		return bad(vv, "position is negative", "", 0);
	/* not by snprintf(), which would be a tenth of the time of a database that is read through */
	*pos = '\0';
	for (uint64_t x = (uint64_t)(rec->pos + 1); x || !*pos; x /= 10)
		*--pos = (char)('0' + x % 10);
	vv->col[COL_POS] = (struct val_str){pos, strlen(pos)};
	char *name = grx_strdup(h->id[BCF_DT_CTG][rec->rid].key);
	if (!name)
		return grx_fail_nomem(cx, "record");
	vv->col[COL_CHROM] = (struct val_str){name, strlen(name)};
	GRX_TRY(check_place(vv));
	errno = 0;
	if (bcf_unpack(rec, vv->sites_only ? BCF_UN_SHR : BCF_UN_ALL) < 0 || errno == ENOMEM ||
		rec->n_allele < 1) {
		rc = errno == ENOMEM ? grx_fail_nomem(cx, "record")
				     : bad(vv, "record cannot be decoded", "", 0);
		goto out;
	}
	vv->col[COL_REF] = (struct val_str){rec->d.allele[0], strlen(rec->d.allele[0])};
	for (int i = 1; i < (int)rec->n_allele; i++) {
		if (i > 1)
			grx_str_addc(&alt, ',');
		grx_str_add(&alt, rec->d.allele[i]);
	}
	if (rec->n_allele == 1)
		grx_str_add(&alt, ".");
	if (alt.oom) {
		rc = grx_fail_nomem(cx, "record");
		goto out;
	}
	vv->col[COL_ALT] = (struct val_str){alt.s, alt.n};
	GRX_TRY(check_alleles(vv));
	GRX_TRY(check_rec_sizes(vv, rec));
	note_duplicate(vv);
	if (!bcf_float_is_missing(rec->qual) && !isfinite(rec->qual)) {
		rc = bad(vv, "QUAL is not finite", "", 0);
		goto out;
	}
	if (!vv->sites_only)
		GRX_TRY(check_rec_gt(vv, rec));
	next_record(vv);
	rc = GRX_OK;
out:
	grx_str_clear(&alt);
	grx_free(name);
	vv->cx = NULL;
	return rc;
}

int grx_varval_alleles(struct grx_ctx *cx, struct grx_varval *vv, const struct grx_varsite *s)
{
	char pos[32];
	char *name = vv->vh->live->id[BCF_DT_CTG][s->rid].key
			     ? grx_strdup(vv->vh->live->id[BCF_DT_CTG][s->rid].key)
			     : NULL;
	int rc;

	if (!name)
		return grx_fail_nomem(cx, "record");
	vv->cx = cx;
	vv->n = s->record;
	memset(vv->col, 0, sizeof vv->col);
	snprintf(pos, sizeof pos, "%lld", (long long)s->pos + 1);
	vv->col[COL_CHROM] = (struct val_str){name, strlen(name)};
	vv->col[COL_POS] = (struct val_str){pos, strlen(pos)};
	vv->col[COL_REF] = (struct val_str){s->ref, strlen(s->ref)};
	vv->col[COL_ALT] = (struct val_str){s->alt, strlen(s->alt)};
	vv->cur_rid = s->rid;
	vv->cur_pos = s->pos;
	rc = check_alleles(vv);
	vv->cx = NULL;
	grx_free(name);
	return rc;
}
