/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs_parse.c -- a DNA-level HGVS name (g., m., c., n.) taken apart.
 * Pure, without memory of its own: every byte sequence gives a name or the place where it stops being one.
 * Names that stand for no single sequence (uncertain positions, several alleles, protein and RNA names) are
 * refused with their reason. Source: HGVS nomenclature 21. */
#include <string.h>

#include "stage/annotate/hgvs_int.h"

#define MAX_NUMBER INT64_C(9999999999)

struct cursor {
	const char *s;
	int32_t at;
	const char *expected;
};

static bool refuse(struct cursor *c, const char *expected)
{
	if (!c->expected)
		c->expected = expected;
	return false;
}

static char peek(const struct cursor *c)
{
	return c->s[c->at];
}

static bool take(struct cursor *c, const char *word)
{
	size_t n = strlen(word);
	if (strncmp(c->s + c->at, word, n) != 0)
		return false;
	c->at += (int32_t)n;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool number(struct cursor *c, int64_t *out, const char *expected)
{
	int64_t x = 0;
	if (!is_digit(peek(c)))
		return refuse(c, expected);
	for (; is_digit(peek(c)); c->at++) {
		x = 10 * x + (peek(c) - '0');
		if (x > MAX_NUMBER)
			return refuse(c, "a number below 10,000,000,000");
	}
	*out = x;
	return true;
}

static int32_t bases(struct cursor *c, const char **seq)
{
	*seq = c->s + c->at;
	int32_t n = (int32_t)strspn(*seq, "ACGTN");
	c->at += n;
	return n;
}

/* --- the sequence --- */

static bool sequence(struct cursor *c, struct annotate_name *n)
{
	n->acc_n = (int32_t)strcspn(c->s, ":( \t");
	c->at = n->acc_n;
	if (n->acc_n == 0)
		return refuse(c, "a sequence, as NC_000021.9, chr21 or ENST00000311979.3");
	if (peek(c) == '(') {
		n->sel_at = ++c->at;
		n->sel_n = (int32_t)strcspn(c->s + c->at, ":() \t");
		c->at += n->sel_n;
		if (n->sel_n == 0 || peek(c) != ')')
			return refuse(c, "a transcript or a gene, then ')'");
		c->at++;
	}
	if (peek(c) != ':')
		return refuse(c, "':' behind the sequence");
	c->at++;
	char t = peek(c);
	if (t == 'p')
		return refuse(c, "a DNA name (g., m., c., n.): a protein name fits several DNA changes");
	if (t == 'r')
		return refuse(c, "a DNA name (g., m., c., n.), not one of RNA");
	if (!t || !strchr("gmcn", t) || c->s[c->at + 1] != '.')
		return refuse(c, "'g.', 'm.', 'c.' or 'n.'");
	n->type = t;
	c->at += 2;
	return true;
}

/* --- positions --- */

static bool coord(struct cursor *c, char type, struct annotate_coord *x)
{
	bool coding = type == 'c', minus = false;
	*x = (struct annotate_coord){0};
	if (coding && take(c, "*"))
		x->star = true;
	else if (coding && take(c, "-"))
		minus = true;
	if (peek(c) == '(' || peek(c) == '?')
		return refuse(c, "a known position: an uncertain one is no single allele");
	if (peek(c) == '[')
		return refuse(c, "one change: write the changes of an allele as names of their own");
	if (!number(c, &x->n, "a position"))
		return false;
	if (x->n == 0)
		return refuse(c, "a position: there is no 0");
	if (minus)
		x->n = -x->n;
	char sign = peek(c);
	if (type == 'g' || type == 'm' || (sign != '+' && sign != '-'))
		return true;
	c->at++;
	if (peek(c) == '?')
		return refuse(c, "a known offset");
	if (!number(c, &x->off, "a number of bases into the intron"))
		return false;
	if (x->off == 0)
		return refuse(c, "an offset of at least 1");
	x->off = sign == '-' ? -x->off : x->off;
	return true;
}

/* --- changes --- */

/* Bases or their number behind del, dup and inv: redundant, but checked. */
static bool stated(struct cursor *c, struct annotate_name *n)
{
	if (is_digit(peek(c)))
		return number(c, &n->ref_len, "a number of bases");
	n->ref_n = bases(c, &n->ref);
	return true;
}

static bool inserted(struct cursor *c, struct annotate_name *n)
{
	n->alt_n = bases(c, &n->alt);
	if (n->alt_n == 0)
		return refuse(c, "the inserted bases, spelled out with A, C, G, T or N");
	return true;
}

static bool deletion(struct cursor *c, struct annotate_name *n)
{
	n->kind = AT_NAME_DEL;
	if (!stated(c, n))
		return false;
	if (!take(c, "ins"))
		return true;
	n->kind = AT_NAME_DELINS;
	return inserted(c, n);
}

static bool copies(struct cursor *c, struct annotate_name *n, const char *seq, int32_t n_seq)
{
	if (n->n_unit == AT_NAME_UNITS)
		return refuse(c, "at most 16 units of a repeat");
	if (!take(c, "["))
		return refuse(c, "'>', or '[' and the number of copies");
	n->kind = AT_NAME_REPEAT;
	n->unit[n->n_unit].seq = seq;
	n->unit[n->n_unit].n = n_seq;
	if (!number(c, &n->unit[n->n_unit].count, "the number of copies"))
		return false;
	if (!take(c, "]"))
		return refuse(c, "']' behind one number of copies");
	n->n_unit++;
	return true;
}

static bool by_bases(struct cursor *c, struct annotate_name *n)
{
	const char *seq;
	int32_t k = bases(c, &seq);
	if (peek(c) == '>') {
		n->kind = AT_NAME_SUB;
		n->ref = seq;
		n->ref_n = k;
		if (k != 1 || n->range)
			return refuse(c, "one base before '>': write a longer replacement as delins");
		c->at++;
		n->alt_n = bases(c, &n->alt);
		return n->alt_n == 1 || refuse(c, "one base behind '>': write a longer one as delins");
	}
	if (peek(c) == '=') {
		n->kind = AT_NAME_SAME;
		n->ref = seq;
		n->ref_n = k;
		c->at++;
		return true;
	}
	while (copies(c, n, seq, k) && (k = bases(c, &seq)) > 0)
		;
	return !c->expected;
}

static bool change(struct cursor *c, struct annotate_name *n)
{
	n->change_at = c->at;
	if (take(c, "del"))
		return deletion(c, n);
	if (take(c, "dup")) {
		n->kind = AT_NAME_DUP;
		return stated(c, n);
	}
	if (take(c, "inv")) {
		n->kind = AT_NAME_INV;
		return stated(c, n);
	}
	if (take(c, "ins")) {
		n->kind = AT_NAME_INS;
		return n->range ? inserted(c, n)
				: refuse(c, "the two positions around an insertion, as 12_13ins");
	}
	if (strchr("ACGTN[=", peek(c)) && peek(c))
		return by_bases(c, n);
	return refuse(c, "a change: A>G, del, dup, ins, delins, inv, [n] or =");
}

bool annotate_name_parse(const char *s, struct annotate_name *out, struct annotate_name_error *e)
{
	struct cursor c = {.s = s};
	memset(out, 0, sizeof *out);
	out->text = s;
	bool ok = sequence(&c, out);
	out->pos_at = c.at;
	ok = ok && coord(&c, out->type, &out->a);
	out->b = out->a;
	if (ok && take(&c, "_")) {
		out->range = true;
		ok = coord(&c, out->type, &out->b);
	}
	ok = ok && change(&c, out);
	if (ok && peek(&c))
		ok = refuse(&c, "the end of the name");
	e->at = c.at;
	e->expected = c.expected;
	return ok;
}
