/* SPDX-License-Identifier: GPL-3.0-or-later
 * complex.c -- count haplotypes and diplotypes of named alleles in a sample.
 * Grammar, as scores of the PGS Catalog write it: PART, "PART; PART" (a haplotype), "HAP/HAP" or "HAP/X" (a
 * diplotype; X is any haplotype but those in "X!=[HAP, HAP]" of the description). What is unknown is tried
 * both ways, and so is the phase of several genes; only a count that comes out the same every way is given.
 */
#include "stage/prs/complex.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/str.h"
#include "stage/prs/complex_int.h"

enum { MAX_PART = 16, MAX_HAP = 12, MAX_GENE = 6, MAX_TEXT = 512, MAX_WAYS = 1 << 14 };

struct part {
	int gene;
	enum prs_tri has[2]; /* on the copies, in the order of the fact */
};

struct hap {
	int n;
	int part[4];
};

struct query {
	const struct prs_complex *c;
	const struct prs_complex_who *who;
	int n_part, n_gene, n_hap;
	struct part part[MAX_PART];
	char name[MAX_PART][48];
	char gene[MAX_GENE][24];
	struct hap hap[MAX_HAP]; /* the row's, then those that X is not */
	int n_row;               /* the row's: 1 haplotype, 2 diplotype */
	int x;                   /* which of the row's is X; -1 none */
	const char *why;
};

static const char *skip(const char *s)
{
	return s + strspn(s, " \t\"");
}

static bool refuse(struct query *q, const char *why)
{
	q->why = why;
	return false;
}

static int gene_index(struct query *q, const char *gene)
{
	for (int i = 0; i < q->n_gene; i++)
		if (strcmp(q->gene[i], gene) == 0)
			return i;
	if (q->n_gene == MAX_GENE || strlen(gene) >= sizeof q->gene[0])
		return -1;
	memcpy(q->gene[q->n_gene], gene, strlen(gene) + 1);
	return q->n_gene++;
}

/* The part of n bytes; -1 refused. locus: gene of a bare "*2" or "e4". */
static int part_add(struct query *q, const char *s, size_t n, const char *locus)
{
	char name[48];
	struct prs_name pn;
	while (n && isspace((unsigned char)s[n - 1]))
		n--;
	if (n == 0 || n >= sizeof name) {
		q->why = "the text of the row is not of a form known here";
		return -1;
	}
	memcpy(name, s, n);
	name[n] = '\0';
	for (int i = 0; i < q->n_part; i++)
		if (strcmp(q->name[i], name) == 0)
			return i;
	if (!prs_name_read(q->c, name, locus, &pn, &q->why))
		return -1;
	int g = gene_index(q, pn.gene);
	if (g < 0 || q->n_part == MAX_PART) {
		q->why = "the row names more alleles than are supported";
		return -1;
	}
	struct part *p = &q->part[q->n_part];
	p->gene = g;
	prs_name_count(q->c, &pn, q->who, p->has);
	memcpy(q->name[q->n_part], name, n + 1);
	return q->n_part++;
}

/* "PART; PART" of n bytes. */
static bool hap_add(struct query *q, const char *s, size_t n, const char *locus)
{
	if (q->n_hap == MAX_HAP)
		return refuse(q, "the row names more haplotypes than are supported");
	struct hap *h = &q->hap[q->n_hap];
	h->n = 0;
	for (const char *end = s + n; s < end;) {
		s += strspn(s, " \t\"");
		size_t k = 0;
		while (s + k < end && s[k] != ';')
			k++;
		if (s >= end)
			break;
		if (h->n == 4)
			return refuse(q, "the row names more alleles than are supported");
		int p = part_add(q, s, k, locus);
		if (p < 0)
			return false;
		h->part[h->n++] = p;
		s += k + 1;
	}
	if (h->n == 0)
		return refuse(q, "the text of the row is not of a form known here");
	q->n_hap++;
	return true;
}

static bool is_x(const char *s, size_t n)
{
	while (n && isspace((unsigned char)s[n - 1]))
		n--;
	return n == 1 && (*s == 'X' || *s == 'x');
}

/* "X!=[HAP, HAP]" */
static bool read_excluded(struct query *q, const char *note, const char *locus)
{
	const char *p = note ? strstr(note, "X!=[") : NULL;
	if (!p)
		return true; /* then X is what the other haplotype is not */
	p += 4;
	const char *end = strchr(p, ']');
	if (!end)
		return refuse(q, "the description of X is not of a form known here");
	while (p < end) {
		p = skip(p);
		size_t n = strcspn(p, ",]");
		if (!hap_add(q, p, n, locus))
			return false;
		p += n + 1;
	}
	return true;
}

static bool read_row(struct query *q, const char *text, const char *note, const char *locus)
{
	const char *slash = strchr(text, '/'), *side[2] = {skip(text), slash ? skip(slash + 1) : NULL};
	size_t n[2] = {slash ? (size_t)(slash - side[0]) : strlen(side[0]), slash ? strlen(side[1]) : 0};
	q->n_row = slash ? 2 : 1;
	q->x = -1;
	if (slash && strchr(slash + 1, '/'))
		return refuse(q, "the text of the row is not of a form known here");
	for (int i = 0; i < q->n_row; i++) {
		if (slash && is_x(side[i], n[i])) {
			if (q->x >= 0)
				return refuse(q, "the text of the row is not of a form known here");
			q->x = i;
			q->hap[q->n_hap++].n = 0;
		} else if (!hap_add(q, side[i], n[i], locus)) {
			return false;
		}
	}
	return q->x < 0 || read_excluded(q, note, locus);
}

/* One way of reading the facts: bit i of way decides the i-th unknown, then the phases. */
struct way {
	bool has[MAX_PART][2];
	int swap[MAX_GENE];
};

static bool hap_is(const struct query *q, const struct way *w, int h, int chrom)
{
	for (int i = 0; i < q->hap[h].n; i++) {
		int p = q->hap[h].part[i];
		if (!w->has[p][chrom ^ w->swap[q->part[p].gene]])
			return false;
	}
	return true;
}

static bool side_is(const struct query *q, const struct way *w, int side, int chrom)
{
	if (side != q->x)
		return hap_is(q, w, side, chrom);
	if (q->n_hap == 2)
		return !hap_is(q, w, 1 - side, chrom);
	for (int h = 2; h < q->n_hap; h++)
		if (hap_is(q, w, h, chrom))
			return false;
	return true;
}

static int count_way(const struct query *q, unsigned bits)
{
	struct way w = {0};
	for (int i = 0; i < q->n_part; i++)
		for (int k = 0; k < 2; k++) {
			w.has[i][k] = q->part[i].has[k] == PRS_TRI_YES;
			if (q->part[i].has[k] == PRS_TRI_OPEN) {
				w.has[i][k] = bits & 1;
				bits >>= 1;
			}
		}
	for (int g = 1; g < q->n_gene; g++) {
		w.swap[g] = bits & 1;
		bits >>= 1;
	}
	if (q->n_row == 1)
		return hap_is(q, &w, 0, 0) + hap_is(q, &w, 0, 1);
	return (side_is(q, &w, 0, 0) && side_is(q, &w, 1, 1)) ||
	       (side_is(q, &w, 0, 1) && side_is(q, &w, 1, 0));
}

static bool count_all(struct query *q, double *copies)
{
	int open = 0;
	for (int i = 0; i < q->n_part; i++)
		open += (q->part[i].has[0] == PRS_TRI_OPEN) + (q->part[i].has[1] == PRS_TRI_OPEN);
	if (open + q->n_gene - 1 > 14)
		return refuse(q, "too little is known of the genes of the row");
	int n = count_way(q, 0);
	for (unsigned b = 1; b < 1u << (open + q->n_gene - 1); b++)
		if (count_way(q, b) != n)
			return refuse(
				q, open ? "a type of a gene of the row is not known, or too coarse to tell"
					: "on which copy the alleles of several genes lie is not known");
	*copies = n;
	return true;
}

/* HLA name in the rsID, and present or absent as the effect allele. */
static bool presence(const struct prs_wrow *r, const char **text, bool *absent)
{
	bool p = strcmp(r->ea, "P") == 0 || strcmp(r->ea, "+") == 0;
	*absent = strcmp(r->ea, "N") == 0 || strcmp(r->ea, "-") == 0;
	*text = p || *absent ? (r->id ? r->id : r->locus) : r->ea;
	return *text != NULL;
}

bool prs_complex_count(const struct prs_complex *c, const struct prs_wrow *row,
	const struct prs_complex_who *who, double *copies, const char **why, const char **gene)
{
	struct query q = {.c = c, .who = who};
	const char *text, *locus = row->locus;
	bool absent, ok;
	*copies = 0;
	if (gene)
		*gene = NULL;
	if (row->code == PRS_UNSUPPORTED_INTERACTION) {
		*why = "an interaction of variants";
		return false;
	}
	if (row->code == PRS_UNSUPPORTED_APOE)
		locus = "APOE";
	ok = presence(row, &text, &absent) && strlen(text) < MAX_TEXT &&
	     read_row(&q, text, row->note, locus) && count_all(&q, copies);
	if (ok && absent)
		*copies = (q.n_row == 1 ? 2 : 1) - *copies;
	*why = ok ? NULL : q.why ? q.why : "the text of the row is not of a form known here";
	if (ok && gene)
		*gene = prs_name_gene(q.gene[0]);
	return ok;
}
