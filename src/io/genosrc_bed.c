/* SPDX-License-Identifier: GPL-3.0-or-later
 * genosrc_bed.c -- plink 1 .bed. */
#include "io/genosrc_int.h"
struct geno_bed {
	int x;
};
int geno_bed_open(struct grx_ctx *cx, struct grx_genosrc *s)
{
	return grx_fail(cx, GRX_E_DATA, "%s: .bed", s->path);
}
void geno_bed_close(struct geno_bed *b)
{
	(void)b;
}
const uint8_t *geno_bed_sex(const struct geno_bed *b)
{
	(void)b;
	return NULL;
}
int geno_bedcur_open(struct grx_ctx *cx, struct grx_genocur *c)
{
	(void)c;
	return grx_fail(cx, GRX_E_BUG, "bed");
}
void geno_bedcur_close(struct geno_bedcur *b)
{
	(void)b;
}
int geno_bedcur_seek(struct grx_ctx *cx, struct grx_genocur *c, int32_t tid, int64_t beg, int64_t end)
{
	(void)c;
	(void)tid;
	(void)beg;
	(void)end;
	return grx_fail(cx, GRX_E_BUG, "bed");
}
int geno_bed_next(struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r, bool *more)
{
	(void)c;
	(void)r;
	(void)more;
	return grx_fail(cx, GRX_E_BUG, "bed");
}
