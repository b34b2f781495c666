/* SPDX-License-Identifier: GPL-3.0-or-later
 * complex_name.c -- names of HLA alleles, serotypes, APOE and star alleles against the typing of a sample.
 * An HLA name is matched field by field: *24 is in *24:02; a typing of fewer fields than the name leaves it
 * open. A serotype is told by the longest prefix in refdata/prs/hla_serotype.tsv. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/text.h"
#include "stage/prs/complex_int.h"

struct serotype {
	char name[8], locus[16], prefix[16];
	enum prs_tri is;
};

struct prs_complex {
	struct serotype *row;
	size_t n, cap;
};

void prs_complex_close(struct prs_complex *c)
{
	if (c)
		grx_free(c->row);
	grx_free(c);
}

static bool copy(char *to, size_t size, const char *from)
{
	return snprintf(to, size, "%s", from) < (int)size;
}

static int serotype_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct prs_complex *c = arg;
	const char *is = grx_table_get(t, col[3]);
	if (grx_grow(&c->row, &c->cap, c->n + 1, sizeof *c->row, 0) != GRX_OK)
		return grx_fail_nomem(cx, "HLA serotypes");
	struct serotype *s = &c->row[c->n++];
	bool ok = copy(s->name, sizeof s->name, grx_table_get(t, col[0])) &&
		  copy(s->locus, sizeof s->locus, grx_table_get(t, col[1])) &&
		  copy(s->prefix, sizeof s->prefix, grx_table_get(t, col[2]));
	s->is = strcmp(is, "yes") == 0 ? PRS_TRI_YES : strcmp(is, "no") == 0 ? PRS_TRI_NO : PRS_TRI_OPEN;
	if (!ok || (s->is == PRS_TRI_OPEN && strcmp(is, "open") != 0))
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: not a row of serotypes", grx_table_path(t),
			(long long)grx_table_lineno(t));
	return GRX_OK;
}

int prs_complex_open(struct grx_ctx *cx, struct prs_complex **out)
{
	static const char *const name[] = {"serotype", "locus", "prefix", "is"};
	char *path = grx_refdata_path(cx, "prs/hla_serotype.tsv");
	struct prs_complex *c = grx_calloc(1, sizeof *c);
	int rc = path && c ? grx_table_each(cx, path, name, 4, serotype_row, c)
			   : grx_fail_nomem(cx, "HLA serotypes");
	grx_free(path);
	if (rc) {
		prs_complex_close(c);
		c = NULL;
	}
	*out = c;
	return rc;
}

const char *prs_name_gene(const char *gene)
{
	static const char *const t[] = {"HLA-A", "HLA-B", "HLA-C", "HLA-DRB1", "HLA-DRB3", "HLA-DRB4",
		"HLA-DRB5", "HLA-DQA1", "HLA-DQB1", "HLA-DPA1", "HLA-DPB1", "APOE", "CYP2B6", "CYP2C8",
		"CYP2C9", "CYP2C19", "CYP2D6", "CYP3A4", "CYP3A5", "CYP1A2", "CYP2A6", "CYP4F2"};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		if (strcmp(gene, t[i]) == 0)
			return t[i];
	return NULL;
}

/* Is "1502" of before 2010 *15:02? *92 and *95 then held the overflow of other groups, and HLA-DPB1 went on
 * with second numbers when 99 was reached: of these only *0202 and *0402 kept theirs, "0502" is *104:01. */
static bool old_name_kept(const char *gene, const char *s)
{
	if (strcmp(gene, "HLA-DPB1") == 0)
		return strcmp(s + 2, "01") == 0 || strcmp(s, "0202") == 0 || strcmp(s, "0402") == 0;
	return strncmp(s, "92", 2) != 0 && strncmp(s, "95", 2) != 0;
}

static bool hla_fields(const char *gene, const char *s, char *out, size_t size)
{
	size_t n = strspn(s, "0123456789");
	if (n == 4 && !s[n])
		return old_name_kept(gene, s) && snprintf(out, size, "*%.2s:%s", s, s + 2) < (int)size;
	for (const char *p = s;; p++) {
		n = strspn(p, "0123456789");
		if (n < 2 || n > 3)
			return false;
		p += n;
		if (!*p)
			return snprintf(out, size, "*%s", s) < (int)size;
		if (*p != ':')
			return false;
	}
}

/* "e4", "E4", "APOE-e4", epsilon 4. */
static bool read_apoe(const char *s, struct prs_name *out)
{
	s += strncasecmp(s, "APOE", 4) == 0 ? 4 : 0;
	s += strspn(s, " -_*:");
	if (strncmp(s, "\xce\xb5", 2) == 0)
		s += 2;
	else if (*s == 'e' || *s == 'E')
		s++;
	if (*s < '2' || *s > '4' || s[1])
		return false;
	memcpy(out->gene, "APOE", 5);
	snprintf(out->allele, sizeof out->allele, "e%c", *s);
	return true;
}

static bool find_serotype(const struct prs_complex *c, const char *s, struct prs_name *out)
{
	for (size_t i = 0; c && i < c->n; i++)
		if (strcmp(c->row[i].name, s) == 0) {
			out->serotype = true;
			memcpy(out->gene, c->row[i].locus, sizeof c->row[i].locus);
			memcpy(out->allele, c->row[i].name, sizeof c->row[i].name);
			return true;
		}
	return false;
}

static bool read_hla(const struct prs_complex *c, const char *s, struct prs_name *out, const char **why)
{
	const char *star = strchr(s, '*');
	if (!star) {
		*why = strchr(s, '_') ? "an amino acid of an HLA gene"
				      : "an HLA serotype that is not in the tables";
		return find_serotype(c, s, out);
	}
	*why = "the HLA allele is not of a form known here";
	return snprintf(out->gene, sizeof out->gene, "HLA-%.*s", (int)(star - s), s) <
		       (int)sizeof out->gene &&
	       prs_name_gene(out->gene) && hla_fields(out->gene, star + 1, out->allele, sizeof out->allele);
}

bool prs_name_read(const struct prs_complex *c, const char *text, const char *locus, struct prs_name *out,
	const char **why)
{
	memset(out, 0, sizeof *out);
	if (grx_starts(text, "HLA-") || grx_starts(text, "HLA_"))
		return read_hla(c, text + 4, out, why);
	*why = "an APOE allele that is not e2, e3 or e4";
	if ((locus && strcmp(locus, "APOE") == 0) || strncasecmp(text, "APOE", 4) == 0)
		return read_apoe(text, out);
	*why = "the row names no gene or allele that is known here";
	const char *star = strchr(text, '*');
	if (star == text && locus && grx_starts(locus, "HLA-"))
		return copy(out->gene, sizeof out->gene, locus) && prs_name_gene(out->gene) &&
		       hla_fields(out->gene, star + 1, out->allele, sizeof out->allele);
	if (star && star != text && !grx_starts(text, "CYP"))
		return read_hla(c, text, out, why);
	if (!star)
		return find_serotype(c, text, out);
	int n = star == text && locus
			? snprintf(out->gene, sizeof out->gene, "%s", locus)
			: snprintf(out->gene, sizeof out->gene, "%.*s", (int)(star - text), text);
	return n < (int)sizeof out->gene && prs_name_gene(out->gene) && grx_starts(out->gene, "CYP") &&
	       copy(out->allele, sizeof out->allele, star);
}

/* Is the HLA type (from its asterisk on) of the allele `want`? */
static enum prs_tri hla_is(const char *type, const char *want)
{
	const char *t = type + 1, *w = want + 1;
	if (*type != '*')
		return PRS_TRI_OPEN;
	for (;;) {
		size_t nt = strspn(t, "0123456789"), nw = strspn(w, "0123456789");
		/* "1502" is a name of before 2010; "XX", "AB" stand for several */
		if (nt < 2 || nt > 3)
			return PRS_TRI_OPEN;
		if (nt != nw || strncmp(t, w, nt) != 0)
			return PRS_TRI_NO;
		t += nt;
		w += nw;
		/* a P or G group is called as its first member and may be another */
		if (*t && *t != ':')
			return (*t == 'P' || *t == 'G') && !t[1] && !*w ? PRS_TRI_YES : PRS_TRI_OPEN;
		if (!*w)
			break;
		w++;
		if (!*t)
			return PRS_TRI_OPEN;
		t++;
	}
	/* null and questionable alleles: the name fits, the molecule may be absent */
	size_t n = strlen(t);
	return n > 1 && isdigit((unsigned char)t[n - 2]) && strchr("NLSCAQ", t[n - 1]) ? PRS_TRI_OPEN
										       : PRS_TRI_YES;
}

static enum prs_tri serotype_is(const struct prs_complex *c, const char *type, const char *name)
{
	enum prs_tri best = PRS_TRI_NO;
	size_t longest = 0;
	bool coarse = false;
	for (size_t i = 0; i < c->n; i++) {
		const struct serotype *s = &c->row[i];
		if (strcmp(s->name, name) != 0)
			continue;
		enum prs_tri t = hla_is(type, s->prefix);
		coarse = coarse || t == PRS_TRI_OPEN;
		if (t == PRS_TRI_YES && strlen(s->prefix) > longest) {
			longest = strlen(s->prefix);
			best = s->is;
		}
	}
	return coarse ? PRS_TRI_OPEN : best;
}

/* "*2" in "*2", "*2.001"; "*2x2", "*36+*10": several genes on one copy. */
static enum prs_tri star_is(const char *type, const char *want)
{
	size_t n = strlen(want);
	if (*type != '*' || strpbrk(type, "x+"))
		return PRS_TRI_OPEN;
	if (strncmp(type, want, n) != 0)
		return PRS_TRI_NO;
	return !type[n] || type[n] == '.'        ? PRS_TRI_YES
	       : isdigit((unsigned char)type[n]) ? PRS_TRI_NO
						 : PRS_TRI_OPEN;
}

static enum prs_tri type_is(const struct prs_complex *c, const struct prs_name *n, const char *type)
{
	struct prs_name own = {.serotype = false};
	if (strcmp(n->gene, "APOE") == 0)
		return !read_apoe(type, &own)               ? PRS_TRI_OPEN
		       : strcmp(own.allele, n->allele) == 0 ? PRS_TRI_YES
							    : PRS_TRI_NO;
	const char *star = strchr(type, '*');
	if (!star)
		return PRS_TRI_OPEN;
	if (!grx_starts(n->gene, "HLA-"))
		return star_is(star, n->allele);
	return n->serotype ? serotype_is(c, star, n->allele) : hla_is(star, n->allele);
}

/* A diplotype "A/B" of n bytes; false when it is none. */
static bool pair_is(const struct prs_complex *c, const struct prs_name *name, const char *s, size_t n,
	enum prs_tri has[2])
{
	char buf[128];
	if (n >= sizeof buf)
		return false;
	memcpy(buf, s, n);
	buf[n] = '\0';
	char *slash = strchr(buf, '/');
	if (!slash || strchr(slash + 1, '/') || strstr(buf, "; "))
		return false;
	*slash = '\0';
	has[0] = type_is(c, name, buf);
	has[1] = type_is(c, name, slash + 1 + strspn(slash + 1, " "));
	return true;
}

/* The diplotype as text when the fact is sure. */
static const char *typing(const struct prs_complex_who *who, const char *gene)
{
	char key[64];
	double p;
	snprintf(key, sizeof key, "pgx/%s/diplotype", gene);
	const struct grx_fact *f = who->facts ? grx_facts_find(who->facts, who->sample, key) : NULL;
	if (!f || f->status != GRX_FACT_OK || f->value.type != GRX_V_STR)
		return NULL;
	const char *post = grx_fact_attr_get(f, "posterior");
	return post && (!grx_parse_f64(post, &p) || p < 0.99) ? NULL : f->value.str;
}

void prs_name_count(const struct prs_complex *c, const struct prs_name *n, const struct prs_complex_who *who,
	enum prs_tri has[2])
{
	const char *s = typing(who, n->gene);
	enum prs_tri one[2];
	has[0] = has[1] = PRS_TRI_OPEN;
	for (bool first = true; s && *s; first = false) {
		const char * or = strstr(s, " OR ");
		bool ok = pair_is(c, n, s, or ? (size_t)(or -s) : strlen(s), one);
		if (ok && first)
			memcpy(has, one, sizeof one);
		/* candidates must agree; on which copy is of no matter for one gene, but may be for several
		 */
		if (!ok || has[0] != one[0] || has[1] != one[1]) {
			has[0] = has[1] = PRS_TRI_OPEN;
			return;
		}
		s = or ? or +4 : NULL;
	}
}
