/* SPDX-License-Identifier: GPL-3.0-or-later
 * svg.c -- precision against recall as a self-contained SVG: no script, no font or style from elsewhere.
 * The axes are cut so that the best points fill the plot; what lies below is clipped. Colours are told apart
 * by readers who do not see red or green (Okabe and Ito). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/out.h"
#include "base/str.h"
#include "stage/compare/compare_int.h"

enum { WIDTH = 820, HEIGHT = 640, LEFT = 90, RIGHT = 780, TOP = 60, BOTTOM = 560, MAX_DRAWN = 12 };

struct plot {
	struct grx_out *o;
	const struct compare_state *s;
	int n;
	const struct compare_curve *c[MAX_DRAWN];
	double low[2]; /* of recall, precision */
};

static const char *const colour[COMPARE_N_TYPE] = {"#0072b2", "#d55e00"};
static const char *const dash[] = {"none", "7 4", "2 3", "9 3 2 3", "4 4", "12 4"};

static double x_of(const struct plot *p, double recall)
{
	return LEFT + (recall - p->low[0]) / (1 - p->low[0]) * (RIGHT - LEFT);
}

static double y_of(const struct plot *p, double precision)
{
	return BOTTOM - (precision - p->low[1]) / (1 - p->low[1]) * (BOTTOM - TOP);
}

/* XML text; control characters are dropped. */
static void text(struct grx_out *o, const char *s)
{
	for (; *s; s++) {
		char c[2] = {*s, '\0'};
		if ((unsigned char)*s < ' ')
			continue;
		grx_out_puts(o, *s == '<'   ? "&lt;"
				: *s == '>' ? "&gt;"
				: *s == '&' ? "&amp;"
				: *s == '"' ? "&quot;"
					    : c);
	}
}

static bool drawable(const struct compare_curve *c)
{
	return c->n > 0 && isfinite(c->v[c->best].f1) && c->v[c->best].f1 > 0;
}

/* Lower end of an axis: the tightest that leaves the worst of the best points in the upper half. */
static double low_end(const struct plot *p, int axis)
{
	static const double step[] = {0.998, 0.995, 0.99, 0.98, 0.95, 0.9, 0.8, 0.5, 0};
	double worst = 1;
	for (int i = 0; i < p->n; i++) {
		const struct compare_point *b = &p->c[i]->v[p->c[i]->best];
		double x = axis ? b->precision : b->recall;
		worst = x < worst ? x : worst;
	}
	size_t i = 0;
	while (step[i] > 0 && 1 - step[i] < 2 * (1 - worst))
		i++;
	return step[i];
}

static void head(const struct plot *p)
{
	grx_out_printf(p->o,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
		"font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\" fill=\"#222222\">\n",
		WIDTH, HEIGHT, WIDTH, HEIGHT);
	grx_out_puts(p->o, "<title>Precision and recall of ");
	text(p->o, p->s->sample);
	grx_out_printf(
		p->o, "</title>\n<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n", WIDTH, HEIGHT);
	grx_out_printf(p->o, "<text x=\"%d\" y=\"34\" font-size=\"18\">Precision and recall of ", LEFT);
	text(p->o, p->s->sample);
	grx_out_printf(p->o, " by %s</text>\n", p->s->opt->score ? p->s->opt->score : "QUAL");
	grx_out_printf(p->o,
		"<clipPath id=\"area\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/></clipPath>\n",
		LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP);
}

static void axes(const struct plot *p)
{
	for (int k = 0; k <= 5; k++) {
		double r = p->low[0] + (1 - p->low[0]) * k / 5, q = p->low[1] + (1 - p->low[1]) * k / 5;
		int digits[2];
		for (int a = 0; a < 2; a++)
			digits[a] = 1 - p->low[a] > 0.15 ? 2 : 1 - p->low[a] > 0.015 ? 3 : 4;
		grx_out_printf(p->o,
			"<path d=\"M%.1f %dV%dM%d %.1fH%d\" stroke=\"#dddddd\" fill=\"none\"/>\n"
			"<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.*f</text>\n"
			"<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.*f</text>\n",
			x_of(p, r), TOP, BOTTOM, LEFT, y_of(p, q), RIGHT, x_of(p, r), BOTTOM + 20, digits[0],
			r, LEFT - 8, y_of(p, q) + 4.5, digits[1], q);
	}
	grx_out_printf(p->o,
		"<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#444444\"/>\n"
		"<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" font-size=\"15\">Recall</text>\n"
		"<text transform=\"translate(26 %d) rotate(-90)\" text-anchor=\"middle\" "
		"font-size=\"15\">Precision</text>\n",
		LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP, (LEFT + RIGHT) / 2, BOTTOM + 48, (TOP + BOTTOM) / 2);
}

static const char *dash_of(const struct plot *p, const struct compare_curve *c)
{
	int k = 0;
	for (int i = 0; i < p->n && p->c[i]->stratum != c->stratum; i++)
		k += i == 0 || p->c[i]->stratum != p->c[i - 1]->stratum;
	return dash[k % (int)(sizeof dash / sizeof *dash)];
}

/* Points that fall on one place of the paper are drawn once. */
static void line(const struct plot *p, const struct compare_curve *c)
{
	double last[2] = {-1, -1};
	char cmd = 'M';
	grx_out_printf(p->o,
		"<path clip-path=\"url(#area)\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\" "
		"stroke-linejoin=\"round\" stroke-dasharray=\"%s\" d=\"",
		colour[c->type], dash_of(p, c));
	for (size_t i = 0; i < c->n; i++) {
		double x = x_of(p, c->v[i].recall), y = y_of(p, c->v[i].precision);
		if (i && i + 1 < c->n && i != c->best && fabs(x - last[0]) + fabs(y - last[1]) < 0.3)
			continue;
		grx_out_printf(p->o, "%c%.1f %.1f", cmd, x, y);
		cmd = 'L';
		last[0] = x;
		last[1] = y;
	}
	grx_out_puts(p->o, "\"/>\n");
}

static void label_text(const struct plot *p, const struct compare_curve *c)
{
	grx_out_puts(p->o, compare_type_name(c->type));
	if (c->stratum != COMPARE_S_ALL) {
		grx_out_puts(p->o, " ");
		text(p->o, p->s->strata.name[c->stratum]);
	}
}

/* Ring on the best point; beside it, for the curves of all variants, its F1, moved off the label above. */
static void best_point(const struct plot *p, const struct compare_curve *c, double *label_y)
{
	const struct compare_point *b = &c->v[c->best];
	const char *col = colour[c->type];
	double x = x_of(p, b->recall), y = y_of(p, b->precision), ly = y + 24;
	grx_out_printf(p->o,
		"<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"#ffffff\" stroke=\"%s\" "
		"stroke-width=\"2.5\"/>\n",
		x, y, col);
	if (c->stratum != COMPARE_S_ALL)
		return;
	if (ly < *label_y + 18)
		ly = *label_y + 18;
	*label_y = ly;
	grx_out_printf(p->o,
		"<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"%s\" stroke-width=\"0.8\"/>\n"
		"<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\" fill=\"%s\" stroke=\"#ffffff\" "
		"stroke-width=\"4\" paint-order=\"stroke\">",
		x - 4, y + 4, x - 16, ly - 5, col, x - 20, ly, col);
	label_text(p, c);
	grx_out_printf(p->o, " F1 %.4f</text>\n", b->f1);
}

static void legend(const struct plot *p)
{
	int h = 30 + 20 * p->n, top = BOTTOM - 14 - h;
	grx_out_printf(p->o,
		"<rect x=\"%d\" y=\"%d\" width=\"500\" height=\"%d\" fill=\"#ffffff\" fill-opacity=\"0.9\" "
		"stroke=\"#bbbbbb\"/>\n<text x=\"%d\" y=\"%d\" font-size=\"12\" fill=\"#555555\">best F1 at "
		"its "
		"threshold, with true positives of the truth, false positives</text>\n",
		LEFT + 14, top, h, LEFT + 26, top + 18);
	for (int i = 0; i < p->n; i++) {
		const struct compare_curve *c = p->c[i];
		const struct compare_point *b = &c->v[c->best];
		char t[32], tp[32];
		int y = top + 38 + 20 * i;
		grx_out_printf(p->o,
			"<path d=\"M%d %dh34\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\"/>\n"
			"<text x=\"%d\" y=\"%d\">",
			LEFT + 26, y - 4, colour[c->type], dash_of(p, c), LEFT + 70, y);
		label_text(p, c);
		grx_out_printf(p->o, ": %.4f at %s%s (%s of %lld, %lld)</text>\n", b->f1,
			isfinite(b->score) ? "\xe2\x89\xa5 " : "any",
			isfinite(b->score) ? grx_fmt_g(t, b->score, 4) : "",
			grx_fmt_g(tp, floor(b->tp + 0.5), 12), (long long)c->truth, (long long)b->fp);
	}
}

static int by_height(const void *a, const void *b)
{
	const struct compare_curve *x = *(const struct compare_curve *const *)a,
				   *y = *(const struct compare_curve *const *)b;
	double d = x->v[x->best].precision - y->v[y->best].precision;
	if (d != 0)
		return d > 0 ? -1 : 1;
	return x->type != y->type ? x->type - y->type : x->stratum - y->stratum;
}

static void draw(struct plot *p)
{
	const struct compare_curve *order[MAX_DRAWN];
	double label_y = TOP;
	for (int a = 0; a < 2; a++)
		p->low[a] = low_end(p, a);
	head(p);
	axes(p);
	for (int i = 0; i < p->n; i++)
		line(p, p->c[i]);
	if (p->n) {
		memcpy(order, p->c, (size_t)p->n * sizeof(*order));
		qsort(order, (size_t)p->n, sizeof(*order), by_height);
		legend(p);
	} else {
		grx_out_printf(p->o,
			"<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">no curve: no true positives</text>\n",
			(LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2);
	}
	for (int i = 0; i < p->n; i++)
		best_point(p, order[i], &label_y);
	grx_out_puts(p->o, "</svg>\n");
}

int compare_write_svg(struct grx_ctx *cx, const struct compare_state *s, const struct compare_curves *cs)
{
	struct plot p = {.s = s};
	int rc = grx_out_open(cx, s->opt->svg, &p.o);
	if (rc)
		return rc;
	for (int i = 0; i < cs->n && p.n < MAX_DRAWN; i++)
		if (drawable(&cs->v[i]))
			p.c[p.n++] = &cs->v[i];
	draw(&p);
	return grx_out_close(cx, p.o);
}
