/* SPDX-License-Identifier: GPL-3.0-or-later
 * varpass_text.c -- the form in which htslib writes VCF text.
 * It is exact only one way: what is said to be plain is what htslib writes; some other lines would be too. */
#include "io/varpass_text.h"

#include <string.h>

#include "base/mem.h"

enum { FLOAT_DIGITS = 6 }; /* that a 32-bit float keeps and htslib writes */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool varpass_float_plain(const char *s, size_t n)
{
	size_t i = 0, whole, zeros = 0, frac;

	i += n && *s == '-';
	s += i;
	n -= i;
	for (whole = 0; whole < n && is_digit(s[whole]); whole++)
		;
	if (whole == 0 || (*s == '0' && whole > 1) || whole > FLOAT_DIGITS)
		return false;
	if (whole == n)
		return *s != '0' || i == 0; /* -0 */
	if (s[whole] != '.' || whole + 1 == n || s[n - 1] == '0')
		return false;
	s += whole + 1;
	frac = n - whole - 1;
	for (size_t k = 0; k < frac; k++)
		if (!is_digit(s[k]))
			return false;
	if (s[-2] != '0' || whole > 1)
		return whole + frac <= FLOAT_DIGITS;
	while (s[zeros] == '0')
		zeros++;
	return zeros <= 3 && frac - zeros <= FLOAT_DIGITS; /* smaller ones get an exponent */
}

static bool int_plain(const char *s, size_t n)
{
	size_t k = n && *s == '-';

	if (n == k || (s[k] == '0' && n > 1))
		return false;
	for (; k < n; k++)
		if (!is_digit(s[k]))
			return false;
	return true;
}

/* Numbers between commas; '.' is missing. */
static bool list_plain(int type, const char *s, const char *end)
{
	for (;;) {
		const char *comma = memchr(s, ',', (size_t)(end - s));
		size_t n = (size_t)((comma ? comma : end) - s);
		if (!(n == 1 && *s == '.') &&
			!(type == BCF_HT_INT ? int_plain(s, n) : varpass_float_plain(s, n)))
			return false;
		if (!comma)
			return true;
		s = comma + 1;
	}
}

static bool value_plain(int type, const char *s, const char *end)
{
	if (s == end)
		return false;
	return type == BCF_HT_STR ||
	       ((type == BCF_HT_INT || type == BCF_HT_REAL) && list_plain(type, s, end));
}

/* ---- keys ---- */

static bool is_wanted(const int *id, int n, int key)
{
	for (int i = 0; i < n; i++)
		if (id[i] == key)
			return true;
	return false;
}

static bool key_set(const struct grx_varpass *p, int kind, const char *s, size_t n, struct varpass_key *k)
{
	if (n == 0 || n >= sizeof k->name)
		return false;
	memcpy(k->name, s, n);
	k->name[n] = '\0';
	k->n = n;
	int id = bcf_hdr_id2int(p->h, BCF_DT_ID, k->name);
	bool there = id >= 0 && bcf_hdr_idinfo_exists(p->h, kind, id), info = kind == BCF_HL_INFO;
	k->type = there ? (int)bcf_hdr_id2type(p->h, kind, id) : -1;
	k->gt = id == p->id_gt;
	k->wanted = is_wanted(info ? p->id_info : p->id_fmt, info ? p->n_id_info : p->n_id_fmt, id) ||
		    (info && id == p->id_end) || (!info && k->gt && !p->src->want.no_gt);
	return true;
}

/* Key of an INFO item: mostly the one that came at this place before. */
static const struct varpass_key *info_key(
	const struct grx_varpass *p, struct grx_varblock *b, const char *s, size_t n, size_t at)
{
	enum { KEPT = 256 };
	struct varpass_key k;

	for (size_t i = 0; i < b->n_key; i++) {
		const struct varpass_key *have = &b->key[(at + i) % b->n_key];
		if (have->n == n && memcmp(have->name, s, n) == 0)
			return have;
	}
	if (!key_set(p, BCF_HL_INFO, s, n, &k) ||
		grx_grow(&b->key, &b->cap_key, b->n_key + 1, sizeof *b->key, KEPT))
		return NULL;
	b->key[b->n_key] = k;
	return &b->key[b->n_key++];
}

static bool info_plain(const struct grx_varpass *p, struct grx_varblock *b, const char *s, const char *end)
{
	if (end - s == 1 && *s == '.')
		return true;
	for (size_t at = 0;; at++) {
		const char *semi = memchr(s, ';', (size_t)(end - s)), *stop = semi ? semi : end;
		const char *eq = memchr(s, '=', (size_t)(stop - s));
		const struct varpass_key *k = info_key(p, b, s, (size_t)((eq ? eq : stop) - s), at);
		if (!k || k->wanted || k->type < 0)
			return false;
		if (eq ? !value_plain(k->type, eq + 1, stop) : k->type != BCF_HT_FLAG)
			return false;
		if (!semi)
			return true;
		s = semi + 1;
	}
}

/* ---- samples ---- */

/* Keys of a FORMAT, mostly that of the line before. False: one of them is wanted or not known. */
static bool format_plain(const struct grx_varpass *p, struct grx_varblock *b, const char *s, size_t n)
{
	if (b->n_fmt && b->n_fmt_text == n && memcmp(b->fmt_text, s, n) == 0)
		return true;
	b->n_fmt = 0;
	if (grx_grow(&b->fmt_text, &b->cap_fmt_text, n + 1, 1, 0))
		return false;
	memcpy(b->fmt_text, s, n);
	b->n_fmt_text = n;
	const char *end = s + n;
	for (size_t k = 0;; k++) {
		const char *colon = memchr(s, ':', (size_t)(end - s)), *stop = colon ? colon : end;
		if (grx_grow(&b->fmt, &b->cap_fmt, k + 1, sizeof *b->fmt, 0) ||
			!key_set(p, BCF_HL_FMT, s, (size_t)(stop - s), &b->fmt[k]) || b->fmt[k].wanted ||
			b->fmt[k].type < 0)
			return false;
		if (!colon) {
			b->n_fmt = k + 1;
			return true;
		}
		s = colon + 1;
	}
}

static bool gt_plain(const char *s, const char *end)
{
	for (;;) {
		const char *from = s;
		if (*s == '.')
			s++;
		else
			while (is_digit(*s))
				s++;
		if (s == from || (*from == '0' && s - from > 1))
			return false;
		if (s == end)
			return true;
		if (*s != '/' && *s != '|')
			return false;
		s++;
	}
}

/* Cells with a value for each key; end is the NUL behind the line. */
static bool samples_plain(const struct grx_varblock *b, const char *s)
{
	for (size_t k = 0;;) {
		const char *end = s;
		while (*end && *end != ':' && *end != '\t')
			end++;
		const struct varpass_key *f = &b->fmt[k];
		if (f->gt ? k > 0 || !gt_plain(s, end) : !value_plain(f->type, s, end))
			return false;
		if (*end == ':' ? ++k == b->n_fmt : k + 1 != b->n_fmt)
			return false;
		if (!*end)
			return true;
		if (*end == '\t')
			k = 0;
		s = end + 1;
	}
}

/* ---- the line ---- */

static bool filter_plain(const char *s, const char *end)
{
	return s < end && *s != ';' && end[-1] != ';' && !memchr(s, 0, (size_t)(end - s));
}

static bool alt_plain(const char *s, size_t n)
{
	return !memchr(s, '<', n) && !memchr(s, '[', n) && !memchr(s, ']', n) && !(*s == '.' && n > 1);
}

/* The columns; *samples: the first cell or NULL. */
static int cut(struct varpass_line *l, char **stop, const char **samples)
{
	char *s = l->s, *end = l->s + l->n;
	int n = 0;

	for (; n < 9 && s; n++) {
		char *tab = memchr(s, '\t', (size_t)(end - s));
		l->col[n] = s;
		stop[n] = tab ? tab : end;
		s = tab ? tab + 1 : NULL;
	}
	*samples = s;
	return n;
}

bool varpass_line_plain(const struct grx_varpass *p, struct grx_varblock *b, struct varpass_line *l)
{
	char *stop[9], **col = l->col;
	const char *samples;
	bool has = bcf_hdr_nsamples(p->h) > 0;

	/* 7 stands for "missing" in htslib's texts */
	if (cut(l, stop, &samples) != (has ? 9 : 8) || has != (samples != NULL) || memchr(l->s, 7, l->n))
		return false;
	size_t n_qual = (size_t)(stop[5] - col[5]);
	l->n_info = (size_t)(stop[7] - col[7]);
	if (!int_plain(col[1], (size_t)(stop[1] - col[1])) || !alt_plain(col[4], (size_t)(stop[4] - col[4])))
		return false;
	if (!(n_qual == 1 && *col[5] == '.') && !varpass_float_plain(col[5], n_qual))
		return false;
	if (!filter_plain(col[6], stop[6]) || !info_plain(p, b, col[7], stop[7]))
		return false;
	return !has || (format_plain(p, b, col[8], (size_t)(stop[8] - col[8])) && samples_plain(b, samples));
}
