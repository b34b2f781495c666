/* SPDX-License-Identifier: GPL-3.0-or-later
 * genosrc_check.c -- all sample columns of a text record, by the types and numbers that the header declares.
 * Done for files of few samples, where a record costs little and a genome is one person's: damage in a column
 * that nobody reads says that the others may be damaged too. */
#include <string.h>

#include "io/genosrc_int.h"

static enum geno_shape shape_of(const bcf_hdr_t *h, int id)
{
	switch (bcf_hdr_id2length(h, BCF_HL_FMT, id)) {
	case BCF_VL_A:
		return GENO_ALT;
	case BCF_VL_R:
		return GENO_ALLELES;
	case BCF_VL_G:
		return GENO_GENOS;
	default:
		return GENO_ANY;
	}
}

void geno_format_types(const struct grx_geno *g, struct geno_format *f)
{
	const bcf_hdr_t *h = g->cur->vh->live;
	char name[64];

	for (int i = 0; i < f->n_key; i++) {
		struct geno_key *k = &f->key[i];
		snprintf(name, sizeof name, "%.*s", k->n, f->text + k->off);
		int id = bcf_hdr_id2int(h, BCF_DT_ID, name);
		k->type = BCF_HT_STR;
		if (id < 0 || !bcf_hdr_idinfo_exists(h, BCF_HL_FMT, id))
			continue;
		k->type = (uint8_t)bcf_hdr_id2type(h, BCF_HL_FMT, id);
		k->shape = (uint8_t)shape_of(h, id);
		k->counts = strcmp(name, "AD") == 0 || strcmp(name, "PL") == 0;
	}
}

static int bad(struct grx_ctx *cx, const struct grx_geno *g, const char *what, const char *s)
{
	return geno_bad(cx, g, what, s, strcspn(s, "\t"));
}

/* One field at *s; moved to its end. */
static int check_field(struct grx_ctx *cx, const struct grx_geno *g, const struct geno_key *k, const char **s)
{
	const char *from = *s, *end;
	const struct geno_ask ask = {"", k->shape, k->type == BCF_HT_REAL};
	const struct geno_sink sink = {
		&ask, NULL, geno_width(k->shape, g->n_allele), g->cur->sc.format.key[0].gt};
	struct geno_scan l;
	int n;

	if (*from == ':' || *from == '\t')
		return bad(cx, g,
			k->gt ? "genotype is wrong or names an allele that the record does not have"
			      : "empty sample value",
			from);
	if (k->gt) {
		end = geno_text_gt(from, g->n_allele, NULL, 0, &n);
		if (!end)
			return bad(cx, g,
				"genotype is wrong or names an allele that the record does not have", from);
	} else if ((k->type != BCF_HT_INT && k->type != BCF_HT_REAL) ||
		   (*from == '.' && (from[1] == ':' || from[1] == '\t'))) {
		end = from + strcspn(from, ":\t");
	} else {
		end = geno_scan_values(&sink, from, NULL, &l);
		if (!end)
			return bad(cx, g,
				ask.real ? "FORMAT value is not a number" : "FORMAT value is not an integer",
				from);
		if (l.negative && k->counts)
			return bad(cx, g, "negative value of AD or PL", from);
		if (!geno_fits(&sink, g, from, &l.n))
			return bad(cx, g, "number of values does not fit alleles and ploidy", from);
	}
	*s = end;
	return GRX_OK;
}

int geno_text_check(struct grx_ctx *cx, const struct grx_geno *g)
{
	const struct geno_rec *r = g->raw;
	const struct geno_format *f = &g->cur->sc.format;
	int at, rc;

	if (!r->cell || g->cur->s->n_file > GENO_CHECK_SAMPLES)
		return GRX_OK;
	rc = geno_text_key(cx, g, "GT", &at);
	if (rc)
		return rc;
	for (const char *s = r->cell; s <= r->end; s++) {
		for (int i = 0;; i++, s++) {
			if (i == f->n_key)
				return bad(cx, g, "sample with more values than FORMAT keys", s);
			rc = check_field(cx, g, &f->key[i], &s);
			if (rc)
				return rc;
			if (*s == '\t')
				break;
		}
	}
	return GRX_OK;
}
