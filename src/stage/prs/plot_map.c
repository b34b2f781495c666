/* SPDX-License-Identifier: GPL-3.0-or-later
 * plot_map.c -- the panel's people by two components, a shape and a colour for each population, and the
 * samples. */
#include <math.h>

#include "stage/prs/plot_int.h"

enum {
	LEFT = 90,
	RIGHT = 690,
	TOP = 34,
	BOTTOM = 450,
	N_SHAPE = 7,
	N_COLOUR = 8,
	MOST_DRAWN = 6000,
	MOST_LABELS = 12
};

/* Okabe and Ito, and grey; 7 shapes and 8 colours: 56 pairs. Their lightness differs as well. */
static const char *const colour[N_COLOUR] = {
	"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#666666", "#7a4fa3"};
static const char *const shape[N_SHAPE] = {"m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z", /* disc */
	"m-3.4 2.8h6.8l-3.4-6.2z",                                               /* triangle */
	"m-2.7-2.7h5.4v5.4h-5.4z",                                               /* square */
	"m0-3.9l3.3 3.9l-3.3 3.9l-3.3-3.9z",                                     /* diamond */
	"m-3.4-2.8h6.8l-3.4 6.2z",                                               /* triangle down */
	"m-0.9-3.6h1.8v2.7h2.7v1.8h-2.7v2.7h-1.8v-2.7h-2.7v-1.8h2.7z",           /* plus */
	"m-3.3-1.2h6.6v2.4h-6.6z"};                                              /* bar */

struct area {
	double lo[2], hi[2], y;
};

static double x_of(const struct area *a, double v)
{
	return LEFT + (v - a->lo[0]) / (a->hi[0] - a->lo[0]) * (RIGHT - LEFT);
}

static double y_of(const struct area *a, double v)
{
	return a->y + BOTTOM - (v - a->lo[1]) / (a->hi[1] - a->lo[1]) * (BOTTOM - TOP);
}

static void grow(struct area *a, const double *pc)
{
	for (int k = 0; k < 2 && isfinite(pc[0]) && isfinite(pc[1]); k++) {
		a->lo[k] = fmin(a->lo[k], pc[k]);
		a->hi[k] = fmax(a->hi[k], pc[k]);
	}
}

static void area_of(const struct prs_plot_map *m, double y, struct area *a)
{
	*a = (struct area){{INFINITY, INFINITY}, {-INFINITY, -INFINITY}, y};
	for (int i = 0; i < m->n_person; i++)
		grow(a, m->pc + 2 * i);
	for (int i = 0; i < m->n_sample; i++)
		grow(a, m->at + 2 * i);
	for (int k = 0; k < 2; k++) {
		if (!(a->hi[k] >= a->lo[k]))
			a->lo[k] = a->hi[k] = 0;
		double pad = 0.05 * (a->hi[k] - a->lo[k]);
		a->lo[k] -= pad > 0 ? pad : 1;
		a->hi[k] += pad > 0 ? pad : 1;
	}
}

static void axes(struct grx_str *b, const struct area *a)
{
	char buf[32];
	grx_str_addf(b,
		"<rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%d\" fill=\"#ffffff\" "
		"stroke=\"#444444\"/>\n",
		LEFT, a->y + TOP, RIGHT - LEFT, BOTTOM - TOP);
	for (int k = 0; k < 2; k++) {
		double step = prs_svg_step(a->hi[k] - a->lo[k], 5);
		for (double v = ceil(a->lo[k] / step) * step; v <= a->hi[k]; v += step) {
			grx_fmt_g(buf, fabs(v) < 1e-9 * step ? 0 : v, 4);
			if (k == 0)
				grx_str_addf(b,
					"<path d=\"M%.1f %.1fv5\" stroke=\"#444444\"/><text x=\"%.1f\" "
					"y=\"%.1f\" "
					"text-anchor=\"middle\" font-size=\"12\">%s</text>\n",
					x_of(a, v), a->y + BOTTOM, x_of(a, v), a->y + BOTTOM + 19, buf);
			else
				grx_str_addf(b,
					"<path d=\"M%d %.1fh-5\" stroke=\"#444444\"/><text x=\"%d\" "
					"y=\"%.1f\" "
					"text-anchor=\"end\" font-size=\"12\">%s</text>\n",
					LEFT, y_of(a, v), LEFT - 8, y_of(a, v) + 4, buf);
		}
	}
	grx_str_addf(b,
		"<text x=\"%d\" y=\"%.1f\" text-anchor=\"middle\">Component 1</text>\n"
		"<text transform=\"translate(34 %.1f) rotate(-90)\" text-anchor=\"middle\">Component "
		"2</text>\n",
		(LEFT + RIGHT) / 2, a->y + BOTTOM + 40, a->y + (TOP + BOTTOM) / 2.0);
}

/* One path per population; of a large panel every so many people, counted over the whole panel. */
static int people(struct grx_str *b, const struct prs_plot_map *m, const struct area *a, int pop)
{
	int every = 1 + (m->n_person - 1) / MOST_DRAWN, n = 0;
	const char *s = pop < 0 ? "m-1 0h2" : shape[pop % N_SHAPE],
		   *c = pop < 0 ? "#999999" : colour[pop % N_COLOUR];
	for (int i = 0; i < m->n_person; i++) {
		if (m->pop[i] != pop || !isfinite(m->pc[2 * i]) || n++ % every)
			continue;
		if (n == 1)
			grx_str_addf(b,
				"<path fill=\"%s\" fill-opacity=\"0.75\" stroke=\"%s\" stroke-width=\"0.4\" "
				"d=\"",
				c, c);
		grx_str_addf(b, "M%.1f %.1f%s", x_of(a, m->pc[2 * i]), y_of(a, m->pc[2 * i + 1]), s);
	}
	if (n)
		grx_str_add(b, "\"/>\n");
	return n;
}

static void legend_line(struct grx_str *b, double y, int pop, const char *name, int n)
{
	grx_str_addf(b,
		"<path fill=\"%s\" transform=\"translate(722 %.1f) scale(1.7)\" d=\"M0 0%s\"/>\n<text "
		"x=\"740\" y=\"%.1f\">",
		pop < 0 ? "#999999" : colour[pop % N_COLOUR], y - 4.5,
		pop < 0 ? "m-3 -1h6v2h-6z" : shape[pop % N_SHAPE], y);
	prs_svg_short(b, name, 18);
	grx_str_addf(b, " (%d)</text>\n", n);
}

static void sample_mark(struct grx_str *b, double x, double y)
{
	grx_str_addf(b,
		"<path d=\"M%.1f %.1fl3 7.6 8 .5-6.2 5.2 2 8-6.8-4.4-6.8 4.4 2-8-6.2-5.2 8-.5z\" "
		"fill=\"#000000\" stroke=\"#ffffff\" "
		"stroke-width=\"1.6\"/>\n",
		x, y - 10.0);
}

static void samples(struct grx_str *b, const struct prs_plot_map *m, const struct area *a)
{
	for (int i = 0; i < m->n_sample; i++) {
		if (!isfinite(m->at[2 * i]))
			continue;
		double x = x_of(a, m->at[2 * i]), y = y_of(a, m->at[2 * i + 1]);
		if (m->n_sample > MOST_LABELS) {
			grx_str_addf(b,
				"<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.2\" fill=\"#000000\" "
				"stroke=\"#ffffff\" stroke-width=\"0.6\"/>\n",
				x, y);
			continue;
		}
		bool left = x > RIGHT - 120;
		sample_mark(b, x, y);
		grx_str_addf(b,
			"<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-weight=\"bold\" "
			"stroke=\"#ffffff\" "
			"stroke-width=\"4\" paint-order=\"stroke\">",
			left ? x - 13 : x + 13, y + 4.5, left ? "end" : "start");
		prs_svg_short(b, m->sample[i], 16);
		grx_str_add(b, "</text>\n");
	}
}

void prs_plot_map(struct grx_str *b, const struct prs_plot_map *m, double y)
{
	struct area a;
	int missing = 0;
	double at = y + TOP + 14;
	area_of(m, y, &a);
	grx_str_add(b, "<g>\n<title>People of the reference panel and samples by two principal "
		       "components</title>\n");
	prs_svg_title(b, y + 14, "Samples among the people of the reference panel");
	axes(b, &a);
	for (int p = -1; p < m->n_pop; p++) {
		int n = people(b, m, &a, p);
		if (n == 0 || at > y + BOTTOM - 40)
			continue;
		legend_line(b, at, p, p < 0 ? "no population" : m->pop_name[p], n);
		at += 22;
	}
	samples(b, m, &a);
	for (int i = 0; i < m->n_sample; i++)
		missing += !isfinite(m->at[2 * i]);
	if (m->n_sample > MOST_LABELS)
		grx_str_addf(b, "<circle cx=\"722\" cy=\"%.1f\" r=\"3.5\"/>", at + 5);
	else
		sample_mark(b, 722, at + 6);
	grx_str_addf(b, "<text x=\"740\" y=\"%.1f\">samples (%d)</text>\n", at + 10, m->n_sample - missing);
	if (missing)
		grx_str_addf(b, "<text x=\"714\" y=\"%.1f\">not placed: %d</text>\n", at + 32, missing);
	grx_str_add(b, "</g>\n");
}
