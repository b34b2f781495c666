/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_feature.c -- regulatory features of the models: of --regulatory, else those compiled with the models.
 */
#include "stage/annotate/model_int.h"

static const struct annotate_image *image(const struct annotate_models *m)
{
	return m->has_reg ? &m->reg : &m->im;
}

size_t annotate_models_next_feature(const struct annotate_models *m, size_t i, size_t hi, int64_t beg)
{
	const struct annotate_image *im = image(m);
	const struct annotate_im_feature *f = im->sec[AT_S_FEATURE];
	struct annotate_ends v = {&f->end, sizeof *f, im->n[AT_S_FEATURE], im->sec[AT_S_FTREE]};
	int32_t x = beg > INT32_MAX ? INT32_MAX : beg < INT32_MIN ? INT32_MIN : (int32_t)beg;
	size_t k = annotate_tree_next(&v, i, hi, x);
	return k < hi ? k : hi;
}

void annotate_models_features(
	const struct annotate_models *m, int32_t tid, int64_t beg, int64_t end, size_t *lo, size_t *hi)
{
	const struct annotate_image *im = image(m);
	const struct annotate_im_feature *f = im->sec[AT_S_FEATURE];
	*lo = *hi = 0;
	if (tid < 0 || tid >= m->n_tid || m->fcontig[tid] < 0)
		return;
	const struct annotate_im_contig *c = (const struct annotate_im_contig *)im->sec[AT_S_CONTIG] +
					     m->fcontig[tid];
	size_t a = c->ffirst, b = a + c->fn;
	while (a < b) {
		size_t mid = a + (b - a) / 2;
		if (f[mid].beg <= end)
			a = mid + 1;
		else
			b = mid;
	}
	*hi = a;
	*lo = annotate_models_next_feature(m, c->ffirst, a, beg);
}

void annotate_models_feature(const struct annotate_models *m, size_t i, struct annotate_feature *f)
{
	const struct annotate_image *im = image(m);
	const struct annotate_im_feature *x = (const struct annotate_im_feature *)im->sec[AT_S_FEATURE] + i;
	*f = (struct annotate_feature){.beg = x->beg,
		.end = x->end,
		.motif = x->motif,
		.id = annotate_image_str(im, x->id),
		.biotype = annotate_image_str(im, x->biotype)};
}

bool annotate_models_has_features(const struct annotate_models *m)
{
	return (m->has_reg ? m->reg.n[AT_S_FEATURE] : m->im.n[AT_S_FEATURE]) > 0;
}
