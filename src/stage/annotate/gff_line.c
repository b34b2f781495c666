/* SPDX-License-Identifier: GPL-3.0-or-later
 * gff_line.c -- one line of GFF3 or GTF: columns, what it is, and the attributes that matter for it.
 * Of exons and CDS pieces, which are most of a file, only few attributes are looked at. */
#include "stage/annotate/model_int.h"

#include <string.h>

struct key {
	const char *key;
	uint8_t n;
	uint16_t at; /* offset in struct annotate_attrs */
};
#define KEY(k, f)                                                                                            \
	{                                                                                                    \
		k, sizeof k - 1, offsetof(struct annotate_attrs, f)                                          \
	}

static const struct key piece_keys[] = {KEY("Parent", parent), KEY("exception", exception), {NULL, 0, 0}};
static const struct key cds_keys[] = {KEY("ID", id), KEY("Parent", parent), KEY("transcript_id", tx_id),
	KEY("protein_id", protein_id), KEY("version", version), KEY("protein_version", protein_version),
	KEY("transl_table", table), KEY("transl_except", except), KEY("exception", exception),
	KEY("pseudo", pseudo), KEY("Dbxref", dbxref), KEY("start_range", low_open),
	KEY("end_range", high_open), KEY("locus_tag", locus), KEY("gene", gene), KEY("gene_id", gene_id),
	KEY("Name", name), KEY("ccdsid", ccds), {NULL, 0, 0}};
static const struct key node_keys[] = {KEY("ID", id), KEY("Parent", parent), KEY("Name", name),
	KEY("biotype", biotype), KEY("version", version), KEY("gene_id", gene_id),
	KEY("transcript_id", tx_id), KEY("Dbxref", dbxref), KEY("gene", gene), KEY("gene_name", gene_name),
	KEY("tag", tag), KEY("transcript_type", tx_type), KEY("transcript_biotype", tx_type),
	KEY("gene_type", gene_type), KEY("gene_biotype", gene_type), KEY("transcript_support_level", tsl),
	KEY("transcript_version", tx_version), KEY("ccdsid", ccds), KEY("ccds_id", ccds),
	KEY("hgnc_id", hgnc), KEY("Note", note), KEY("description", description), KEY("pseudo", pseudo),
	KEY("locus_tag", locus), KEY("Derives_from", derives), KEY("Is_circular", circular),
	KEY("exception", exception), KEY("stable_id", stable), KEY("binding_matrix_stable_id", matrix),
	{NULL, 0, 0}};
static const struct key match_keys[] = {
	KEY("Target", target), KEY("Gap", gap), KEY("num_mismatch", mismatch), {NULL, 0, 0}};
/* GTF: the pieces carry what their transcript and gene are */
static const struct key gtf_keys[] = {KEY("gene_id", gene_id), KEY("transcript_id", tx_id),
	KEY("gene_name", gene_name), KEY("gene_biotype", gene_type), KEY("gene_type", gene_type),
	KEY("transcript_biotype", tx_type), KEY("transcript_type", tx_type), KEY("biotype", biotype),
	KEY("protein_id", protein_id), KEY("protein_version", protein_version),
	KEY("transcript_version", tx_version), KEY("transcript_support_level", tsl), KEY("ccds_id", ccds),
	KEY("ccdsid", ccds), KEY("hgnc_id", hgnc), KEY("transl_except", except), KEY("transl_table", table),
	KEY("exception", exception), KEY("pseudo", pseudo), KEY("gene", gene), KEY("db_xref", dbxref),
	KEY("note", note), {NULL, 0, 0}};

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

void annotate_percent_decode(char *s)
{
	char *o = s = s + strcspn(s, "%");
	while (*s) {
		int h = *s == '%' && s[1] ? hex(s[1]) : -1, l = h >= 0 && s[2] ? hex(s[2]) : -1;
		if (l >= 0 && h * 16 + l > 31 && h * 16 + l < 127) {
			*o++ = (char)(h * 16 + l);
			s += 3;
		} else {
			*o++ = *s++;
		}
	}
	*o = '\0';
}

static void attr_put(const struct key *k, struct annotate_attrs *a, const char *key, size_t n, char *val)
{
	for (; k->key; k++)
		if (k->n == n && memcmp(k->key, key, n) == 0) {
			const char **to = (const char **)((char *)a + k->at);
			if (k->at != offsetof(struct annotate_attrs, parent))
				annotate_percent_decode(val);
			if (!*to || k->at == offsetof(struct annotate_attrs, tag))
				*to = val;
			return;
		}
}

/* `key=value;`. Parent stays encoded: it is a list, and an ID may hold a comma. */
static void attrs_gff3(char *s, const struct key *keys, struct annotate_attrs *a)
{
	while (*s) {
		while (*s == ' ' || *s == ';')
			s++;
		char *end = strchr(s, ';'), *eq;
		if (end)
			*end = '\0';
		eq = strchr(s, '=');
		if (eq) {
			size_t n = (size_t)(eq - s);
			while (n && s[n - 1] == ' ')
				n--;
			attr_put(keys, a, s, n, eq + 1);
		}
		if (!end)
			break;
		s = end + 1;
	}
}

/* `key "value";`, keys may come again: tags are joined, of others the first stands. */
static void attrs_gtf(char *s, const struct key *keys, struct annotate_attrs *a, struct grx_str *tags)
{
	grx_str_reset(tags);
	while (*s) {
		while (*s == ' ' || *s == ';')
			s++;
		char *key = s;
		s += strcspn(s, " ;");
		size_t n = (size_t)(s - key);
		if (*s != ' ')
			continue; /* a word without a value */
		while (*s == ' ')
			s++;
		char *val = s;
		if (*s == '"') {
			val = ++s;
			s += strcspn(s, "\"");
		} else {
			s += strcspn(s, ";");
		}
		if (*s)
			*s++ = '\0';
		if (n == 3 && memcmp(key, "tag", 3) == 0) {
			if (tags->n)
				grx_str_addc(tags, ',');
			grx_str_add(tags, val);
		} else {
			attr_put(keys, a, key, n, val);
		}
	}
	a->tag = tags->n ? tags->s : NULL;
}

/* A quoted value before any '=': GTF. */
static bool attrs_are_gtf(const char *s)
{
	const char *q = strpbrk(s, "\"=");
	return q && *q == '"';
}

static enum annotate_kind kind_of(const char *t, bool gtf)
{
	static const struct {
		const char *type;
		enum annotate_kind kind;
	} map[] = {{"exon", AT_L_EXON}, {"CDS", AT_L_CDS}, {"five_prime_UTR", AT_L_UTR},
		{"three_prime_UTR", AT_L_UTR}, {"five_prime_utr", AT_L_UTR}, {"three_prime_utr", AT_L_UTR},
		{"UTR", AT_L_UTR}, {"5UTR", AT_L_UTR}, {"3UTR", AT_L_UTR}, {"stop_codon", AT_L_STOP},
		{"Selenocysteine", AT_L_SEC}, {"stop_codon_redefined_as_selenocysteine", AT_L_SEC},
		{"cDNA_match", AT_L_MATCH}, {"region", AT_L_REGION}, {"start_codon", AT_L_OTHER}};
	for (size_t i = 0; i < sizeof map / sizeof *map; i++)
		if (strcmp(t, map[i].type) == 0)
			return map[i].kind;
	if (gtf)
		return strcmp(t, "gene") == 0 || strcmp(t, "transcript") == 0 ? AT_L_NODE : AT_L_OTHER;
	return AT_L_NODE;
}

static const struct key *keys_of(enum annotate_kind k, bool gtf)
{
	if (gtf)
		return gtf_keys;
	switch (k) {
	case AT_L_CDS:
		return cds_keys;
	case AT_L_NODE:
	case AT_L_REGION:
		return node_keys;
	case AT_L_MATCH:
		return match_keys;
	default:
		return piece_keys;
	}
}

/* Fields of an unsigned decimal number below 2^31; -1 otherwise. */
static int64_t place(const char *s)
{
	int64_t x = 0;
	const char *p = s;
	for (; *p >= '0' && *p <= '9' && p - s < 10; p++)
		x = 10 * x + (*p - '0');
	return p > s && *p == '\0' && x <= INT32_MAX ? x : -1;
}

int annotate_line_parse(struct grx_ctx *cx, const char *path, int64_t no, char *s, struct annotate_line *l,
	struct grx_str *tags)
{
	char *f[9];
	int n = grx_split(s, '\t', f, 9);
	if (n != 9 || strchr(f[8], '\t'))
		return grx_fail(cx, GRX_E_DATA,
			"%s:%ld: found %s%d columns, expected 9 separated by tabs: not GFF3 or GTF?", path,
			(long)no, n == 9 ? "more than " : "", n);
	int64_t beg = place(f[3]), end = place(f[4]);
	if (beg < 1 || end < beg)
		return grx_fail(cx, GRX_E_DATA,
			"%s:%ld: start '%s' and end '%s': expected integers, 1 <= start <= end < 2^31", path,
			(long)no, f[3], f[4]);
	if (strlen(f[6]) != 1 || !strchr("+-.?", f[6][0]))
		return grx_fail(
			cx, GRX_E_DATA, "%s:%ld: strand '%s': expected + - . or ?", path, (long)no, f[6]);
	if (strlen(f[7]) != 1 || !strchr("012.", f[7][0]))
		return grx_fail(
			cx, GRX_E_DATA, "%s:%ld: phase '%s': expected 0 1 2 or .", path, (long)no, f[7]);
	memset(l, 0, sizeof *l);
	l->seqid = f[0];
	l->source = f[1];
	l->type = f[2];
	l->beg = (int32_t)beg - 1;
	l->end = (int32_t)end;
	l->strand = f[6][0] == '+' ? 1 : f[6][0] == '-' ? -1 : 0;
	l->phase = f[7][0] == '.' ? -1 : (int8_t)(f[7][0] - '0');
	l->gtf = attrs_are_gtf(f[8]);
	l->kind = kind_of(f[2], l->gtf);
	if (l->kind == AT_L_OTHER)
		return GRX_OK;
	const struct key *keys = keys_of(l->kind, l->gtf);
	if (l->gtf)
		attrs_gtf(f[8], keys, &l->a, tags);
	else
		attrs_gff3(f[8], keys, &l->a);
	return tags->oom ? grx_fail_nomem(cx, "gene models") : GRX_OK;
}
