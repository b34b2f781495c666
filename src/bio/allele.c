/* SPDX-License-Identifier: GPL-3.0-or-later
 * allele.c -- pure functions on alleles.
 * Left alignment follows Tan, Abecasis, Kang 2015 (doi:10.1093/bioinformatics/btv112). */
#include "bio/allele.h"

#include <string.h>

bool grx_allele_is_acgt(const char *a)
{
	return *a && a[strspn(a, "ACGT")] == '\0';
}

bool grx_allele_is_seq(const char *a)
{
	return *a && a[strspn(a, "ACGTNacgtn")] == '\0';
}

char grx_complement(char base)
{
	static const char from[] = "ACGTUMRWSYKVHDBNacgtumrwsykvhdbn";
	static const char to[] = "TGCAAKYWSRMBDHVNtgcaakywsrmbdhvn";
	const char *p = base ? strchr(from, base) : NULL;
	return p ? to[p - from] : 'N';
}

void grx_revcomp(const char *s, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = grx_complement(s[n - 1 - i]);
	out[n] = '\0';
}

bool grx_is_palindromic(const char *a, const char *b)
{
	return a[0] && !a[1] && b[0] && !b[1] && grx_complement(a[0]) == b[0];
}

bool grx_is_transition(char a, char b)
{
	return (a == 'A' && b == 'G') || (a == 'G' && b == 'A') || (a == 'C' && b == 'T') ||
	       (a == 'T' && b == 'C');
}

bool grx_iupac_has(char iupac, char base)
{
	static const struct {
		char code;
		const char *bases;
	} table[] = {
		{'A', "A"},
		{'C', "C"},
		{'G', "G"},
		{'T', "T"},
		{'R', "AG"},
		{'Y', "CT"},
		{'S', "CG"},
		{'W', "AT"},
		{'K', "GT"},
		{'M', "AC"},
		{'B', "CGT"},
		{'D', "AGT"},
		{'H', "ACT"},
		{'V', "ACG"},
		{'N', "ACGT"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (table[i].code == iupac)
			return base && strchr(table[i].bases, base) != NULL;
	}
	return false;
}

void grx_change_trim(struct grx_change *c)
{
	while (c->ref_len && c->alt_len && c->ref[c->ref_len - 1] == c->alt[c->alt_len - 1]) {
		c->ref_len--;
		c->alt_len--;
	}
	while (c->ref_len && c->alt_len && c->ref[0] == c->alt[0]) {
		c->ref++;
		c->alt++;
		c->ref_len--;
		c->alt_len--;
		c->pos++;
	}
}

/* Copy the indel's sequence into buf and return it, NULL if c is no pure indel. */
static char *indel_copy(struct grx_change *c, char *buf, int *n)
{
	if ((c->ref_len == 0) == (c->alt_len == 0))
		return NULL;
	*n = c->ref_len ? c->ref_len : c->alt_len;
	memcpy(buf, c->ref_len ? c->ref : c->alt, (size_t)*n);
	return buf;
}

static void indel_point(struct grx_change *c, const char *buf)
{
	if (c->ref_len)
		c->ref = buf;
	else
		c->alt = buf;
}

/* Rotating by one base a step: start marks the first base of the ring, so that a step costs O(1). */
static void unroll(char *s, int n, int start)
{
	for (int i = 0; i < 3; i++) {
		int lo = i == 0 ? 0 : i == 1 ? start : 0, hi = i == 0 ? start : n;
		for (hi--; lo < hi; lo++, hi--) {
			char t = s[lo];
			s[lo] = s[hi];
			s[hi] = t;
		}
	}
}

void grx_change_left_align(struct grx_change *c, const char *ref, int64_t ref_beg, int64_t ref_end, char *buf)
{
	int n, start = 0;
	char *s = indel_copy(c, buf, &n);
	if (!s || c->pos > ref_end)
		return;
	while (c->pos > ref_beg) {
		int last = start == 0 ? n - 1 : start - 1;
		if (ref[c->pos - 1 - ref_beg] != s[last])
			break;
		start = last;
		c->pos--;
	}
	unroll(s, n, start);
	indel_point(c, s);
}

void grx_change_right_align(
	struct grx_change *c, const char *ref, int64_t ref_beg, int64_t ref_end, char *buf)
{
	int n, start = 0;
	char *s = indel_copy(c, buf, &n);
	if (!s || c->pos < ref_beg)
		return;
	while (c->pos + c->ref_len < ref_end) {
		if (ref[c->pos + c->ref_len - ref_beg] != s[start])
			break;
		start = start + 1 == n ? 0 : start + 1;
		c->pos++;
	}
	unroll(s, n, start);
	indel_point(c, s);
}

enum grx_class grx_allele_class(const char *ref, const char *alt)
{
	if (!grx_allele_is_seq(ref) || !grx_allele_is_seq(alt))
		return GRX_CLASS_SYMBOLIC;
	struct grx_change c = {0, ref, alt, (int)strlen(ref), (int)strlen(alt)};
	grx_change_trim(&c);
	if (c.ref_len == 0)
		return GRX_CLASS_INS;
	if (c.alt_len == 0)
		return GRX_CLASS_DEL;
	if (c.ref_len == 1 && c.alt_len == 1)
		return GRX_CLASS_SNV;
	return c.ref_len == c.alt_len ? GRX_CLASS_MNV : GRX_CLASS_COMPLEX;
}
