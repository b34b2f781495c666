/* SPDX-License-Identifier: GPL-3.0-or-later
 * varask.c -- questions to headers and records as they were read: declared types, meta lines, columns. */
#include <string.h>

#include "io/var_int.h"

bool grx_varhdr_info(const struct grx_varhdr *vh, const char *key, const char **number, uint8_t *type)
{
	static const char *const digit[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
	const bcf_hdr_t *h = vh->pub;
	int id = bcf_hdr_id2int(h, BCF_DT_ID, key);

	if (id < 0 || !bcf_hdr_idinfo_exists(h, BCF_HL_INFO, id))
		return false;
	unsigned n = (unsigned)bcf_hdr_id2number(h, BCF_HL_INFO, id);
	switch (bcf_hdr_id2length(h, BCF_HL_INFO, id)) {
	case BCF_VL_A:
		*number = "A";
		break;
	case BCF_VL_R:
		*number = "R";
		break;
	case BCF_VL_G:
		*number = "G";
		break;
	case BCF_VL_FIXED:
		*number = n < 10 ? digit[n] : ".";
		break;
	default:
		*number = ".";
	}
	switch (bcf_hdr_id2type(h, BCF_HL_INFO, id)) {
	case BCF_HT_FLAG:
		*type = GRX_T_FLAG;
		break;
	case BCF_HT_INT:
		*type = GRX_T_INT;
		break;
	case BCF_HT_REAL:
		*type = GRX_T_FLOAT;
		break;
	default:
		*type = GRX_T_STR;
	}
	return true;
}

const char *grx_varhdr_meta(const struct grx_varhdr *vh, const char *key)
{
	bcf_hrec_t *r = bcf_hdr_get_hrec(vh->pub, BCF_HL_GEN, key, NULL, NULL);
	return r ? r->value : NULL;
}

bool grx_varsrc_info(struct grx_varsrc *s, const char *key, const char **number, uint8_t *type)
{
	const struct grx_hdr *h = grx_varsrc_hdr(s);
	return h->raw && grx_varhdr_info(h->raw, key, number, type);
}

const char *grx_varsrc_meta(struct grx_varsrc *s, const char *key)
{
	const struct grx_hdr *h = grx_varsrc_hdr(s);
	return h->raw ? grx_varhdr_meta(h->raw, key) : NULL;
}

const char *grx_varsrc_desc(struct grx_varsrc *s, const char *key, size_t *n)
{
	const struct grx_varhdr *vh = grx_varsrc_hdr(s)->raw;
	bcf_hrec_t *r = vh ? bcf_hdr_get_hrec(vh->pub, BCF_HL_INFO, "ID", key, NULL) : NULL;
	int i = r ? bcf_hrec_find_key(r, "Description") : -1;
	const char *p = i >= 0 ? r->vals[i] : "";
	*n = strlen(p);
	if (*n >= 2 && p[0] == '"' && p[*n - 1] == '"') {
		p++;
		*n -= 2;
	}
	return p;
}

bool grx_hdr_raw_info(const struct grx_hdr *h, const char *key, uint8_t *type)
{
	const char *number;
	return h->raw && grx_varhdr_info(h->raw, key, &number, type);
}

bool grx_hdr_raw_format(const struct grx_hdr *h, const char *key)
{
	const struct grx_varhdr *vh = h->raw;
	return vh && bcf_hdr_get_hrec(vh->pub, BCF_HL_FMT, "ID", key, NULL);
}
