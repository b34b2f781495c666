/* SPDX-License-Identifier: GPL-3.0-or-later
 * genosrc_check.c -- all sample columns of a text record, by the types and numbers that the header declares.
 * Done for files of few samples, where a record costs little and a genome is one person's: a damaged column
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

static int check_key(struct grx_ctx *cx, const struct grx_geno *g, const char *key)
{
	const bcf_hdr_t *h = g->cur->vh->live;
	int id = bcf_hdr_id2int(h, BCF_DT_ID, key);
	struct geno_col c = {0};
	bool have = false;

	if (id < 0 || !bcf_hdr_idinfo_exists(h, BCF_HL_FMT, id) || strcmp(key, "GT") == 0)
		return GRX_OK;
	unsigned type = bcf_hdr_id2type(h, BCF_HL_FMT, id);
	if (type != BCF_HT_INT && type != BCF_HT_REAL)
		return GRX_OK;
	const struct geno_ask ask = {key, shape_of(h, id), type == BCF_HT_REAL};
	int rc = geno_col(cx, g, &ask, &c, &have);
	bool counts = strcmp(key, "AD") == 0 || strcmp(key, "PL") == 0;
	for (size_t i = 0; !rc && counts && have && i < (size_t)c.n * (size_t)c.n_sample; i++) {
		int32_t x = geno_col_int(&c, i);
		if (x < 0 && x != GRX_INT_MISSING && x != GRX_INT_END)
			rc = geno_bad(cx, g, "negative value of AD or PL", key, 2);
	}
	return rc;
}

int geno_text_check(struct grx_ctx *cx, const struct grx_geno *g)
{
	struct geno_rec *r = (struct geno_rec *)g->raw;
	const struct geno_format *f = &g->cur->sc.format;
	char key[64];
	int rc = GRX_OK;

	if (r->checked || g->cur->s->n_file > GENO_CHECK_SAMPLES)
		return GRX_OK;
	r->checked = true;
	for (int i = 0; i < f->n_key && !rc; i++) {
		if ((size_t)f->key[i].n >= sizeof key)
			continue;
		memcpy(key, f->text + f->key[i].off, (size_t)f->key[i].n);
		key[f->key[i].n] = '\0';
		rc = check_key(cx, g, key);
	}
	return rc;
}
