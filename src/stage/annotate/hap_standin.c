/* SPDX-License-Identifier: GPL-3.0-or-later
 * hap_standin.c -- until hgvs.c has it: no protein name. */
#include "stage/annotate/hgvs.h"

int annotate_hgvs_protein(struct annotate_work *w, const struct annotate_tx *t, const char *ref,
	const char *alt, struct grx_str *o)
{
	(void)w;
	(void)t;
	(void)ref;
	grx_str_add(o, alt);
	return GRX_OK;
}
