/* SPDX-License-Identifier: GPL-3.0-or-later
 * codon.c -- genetic codes 1, 2 and 11, and names of residues.
 * Invariant: input is upper case; anything outside ACGT is handled as an ambiguous base. */
#include "stage/annotate/annotate_int.h"

/* Bases in the order T C A G, index 16 b1 + 4 b2 + b3. Source: NCBI genetic codes. */
static const char code_1[65] = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG";
static const char code_2[65] = "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG";

static int base_index(char b)
{
	switch (b) {
	case 'T':
		return 0;
	case 'C':
		return 1;
	case 'A':
		return 2;
	case 'G':
		return 3;
	default:
		return -1;
	}
}

char annotate_codon(const char *c, int table)
{
	const char *code = table == 2 ? code_2 : code_1;
	int lo[3], hi[3];
	for (int i = 0; i < 3; i++) {
		int b = base_index(c[i]);
		lo[i] = b < 0 ? 0 : b;
		hi[i] = b < 0 ? 3 : b;
	}
	char aa = 0;
	for (int i = lo[0]; i <= hi[0]; i++)
		for (int j = lo[1]; j <= hi[1]; j++)
			for (int k = lo[2]; k <= hi[2]; k++) {
				char x = code[16 * i + 4 * j + k];
				if (aa && x != aa)
					return 'X';
				aa = x;
			}
	return aa;
}

char *annotate_translate(struct grx_arena *mem, const char *s, int64_t n, int table, int64_t *n_out)
{
	int64_t m = n / 3;
	char *p = grx_arena_alloc(mem, (size_t)m + 1, 1);
	if (!p)
		return NULL;
	for (int64_t i = 0; i < m; i++)
		p[i] = annotate_codon(s + 3 * i, table);
	p[m] = '\0';
	if (n_out)
		*n_out = m;
	return p;
}

const char *annotate_three(char aa)
{
	static const char *const name[26] = {"Ala", "Asx", "Cys", "Asp", "Glu", "Phe", "Gly", "His", "Ile",
		"Xle", "Lys", "Leu", "Met", "Asn", "Pyl", "Pro", "Gln", "Arg", "Ser", "Thr", "Sec", "Val",
		"Trp", "Xaa", "Tyr", "Glx"};
	if (aa == '*')
		return "Ter";
	return aa >= 'A' && aa <= 'Z' ? name[aa - 'A'] : "Xaa";
}
