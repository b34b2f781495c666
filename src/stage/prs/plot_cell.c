/* SPDX-License-Identifier: GPL-3.0-or-later
 * plot_cell.c -- one score of one person: the panel's histogram, the person's line and interval, what it
 * means in words. Without a place nothing is drawn that could be read as one. */
#include <math.h>

#include "stage/prs/plot_int.h"

enum { LEFT = 12, RIGHT = PRS_PLOT_CELL_W - 12, TOP = 76, BOTTOM = 186, MAX_BIN = 40, LINE = 66 };

struct scale {
	double lo, hi; /* of the axis */
	double x0, y0; /* corner of the cell */
};

static double x_of(const struct scale *s, double v)
{
	double f = (v - s->lo) / (s->hi - s->lo);
	return s->x0 + LEFT + fmin(fmax(f, 0), 1) * (RIGHT - LEFT);
}

/* Wraps words at LINE characters into lines from y on. */
static void words(struct grx_str *b, const char *s, double x, double y)
{
	while (*s) {
		int n = 0, cut = 0;
		while (n < LINE && s[n]) {
			n++;
			if (s[n] == ' ' || !s[n])
				cut = n;
		}
		if (!s[n] || cut == 0)
			cut = n;
		while (s[cut] && ((unsigned char)s[cut] & 0xc0) == 0x80)
			cut++; /* never within a character */
		struct grx_str part = {0};
		grx_str_addn(&part, s, (size_t)cut);
		grx_str_addf(b, "<text x=\"%.1f\" y=\"%.1f\">", x, y);
		prs_svg_text(b, part.s ? part.s : "");
		grx_str_add(b, "</text>\n");
		b->oom |= part.oom;
		grx_str_clear(&part);
		for (s += cut; *s == ' '; s++)
			;
		y += 17;
	}
}

/* Bins by Freedman and Diaconis (1981): 2 IQR / n^(1/3) wide. */
static int bins(const struct prs_plot_cell *c, const struct scale *s)
{
	int64_t n = c->n_panel;
	double iqr = c->panel[n - 1 - n / 4] - c->panel[n / 4], w = 2 * iqr / cbrt((double)n);
	int k = w > 0 ? (int)fmin(ceil((s->hi - s->lo) / w), MAX_BIN) : 10;
	return k < 5 ? 5 : k;
}

static void histogram(struct grx_str *b, const struct prs_plot_cell *c, const struct scale *s)
{
	int k = bins(c, s);
	int64_t n[MAX_BIN] = {0}, most = 1;
	for (int64_t i = 0; i < c->n_panel; i++) {
		int j = (int)((c->panel[i] - s->lo) / (s->hi - s->lo) * k);
		n[j < 0 ? 0 : j >= k ? k - 1 : j]++;
	}
	for (int j = 0; j < k; j++)
		most = n[j] > most ? n[j] : most;
	double w = (double)(RIGHT - LEFT) / k;
	grx_str_add(b, "<path fill=\"#b9cfe4\" stroke=\"#5b7fa3\" stroke-width=\"0.8\" d=\"");
	for (int j = 0; j < k; j++)
		if (n[j] > 0)
			grx_str_addf(b, "M%.1f %.1fV%.1fH%.1fV%.1f", s->x0 + LEFT + j * w, s->y0 + BOTTOM,
				s->y0 + BOTTOM - (double)n[j] / (double)most * (BOTTOM - TOP - 8),
				s->x0 + LEFT + (j + 1) * w, s->y0 + BOTTOM);
	grx_str_add(b, "\"/>\n");
}

static void axis(struct grx_str *b, const struct scale *s)
{
	double step = prs_svg_step(s->hi - s->lo, 4);
	char buf[32];
	grx_str_addf(b, "<path d=\"M%.1f %.1fH%.1f\" stroke=\"#444444\"/>\n", s->x0 + LEFT, s->y0 + BOTTOM,
		s->x0 + RIGHT);
	for (double v = ceil(s->lo / step) * step; v <= s->hi; v += step) {
		double shown = fabs(v) < 1e-9 * step ? 0 : v;
		grx_str_addf(b,
			"<path d=\"M%.1f %.1fv5\" stroke=\"#444444\"/><text x=\"%.1f\" y=\"%.1f\" "
			"text-anchor=\"middle\" font-size=\"12\">%s</text>\n",
			x_of(s, v), s->y0 + BOTTOM, x_of(s, v), s->y0 + BOTTOM + 18,
			grx_fmt_g(buf, shown, 6));
	}
}

static void person(struct grx_str *b, const struct prs_plot_cell *c, const struct scale *s)
{
	double a = x_of(s, c->lo), z = x_of(s, c->hi), x = x_of(s, c->at);
	grx_str_addf(b,
		"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"#d55e00\" "
		"fill-opacity=\"0.25\"/>\n",
		a, s->y0 + TOP, fmax(z - a, 0.5), BOTTOM - TOP);
	grx_str_addf(b,
		"<path d=\"M%.1f %.1fV%.1f\" stroke=\"#8a3a00\" stroke-width=\"2.6\"/>\n"
		"<path d=\"M%.1f %.1fl-6 -8h12z\" fill=\"#8a3a00\"/>\n",
		x, s->y0 + TOP - 2, s->y0 + BOTTOM, x, s->y0 + TOP);
}

static void head(struct grx_str *b, const struct prs_plot_cell *c, double x, double y)
{
	grx_str_addf(b,
		"<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\" rx=\"4\" fill=\"#ffffff\" "
		"stroke=\"%s\"/>\n",
		x, y, PRS_PLOT_CELL_W, PRS_PLOT_CELL_H - 10,
		c->refused || c->warning ? "#222222" : "#bbbbbb");
	grx_str_addf(
		b, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"15\" font-weight=\"bold\">", x + LEFT, y + 22);
	prs_svg_short(b, c->score, 24);
	grx_str_add(b, ", ");
	prs_svg_short(b, c->sample, 22);
	grx_str_add(b, "</text>\n");
	if (c->trait) {
		grx_str_addf(b, "<text x=\"%.1f\" y=\"%.1f\" fill=\"#444444\">", x + LEFT, y + 40);
		prs_svg_short(b, c->trait, 60);
		grx_str_add(b, "</text>\n");
	}
}

/* Percentile, Z and population in words. */
static void place_text(struct grx_str *b, const struct prs_plot_cell *c, double x, double y)
{
	grx_str_addf(b, "<text x=\"%.1f\" y=\"%.1f\">", x + LEFT, y + 60);
	if (isfinite(c->percentile))
		grx_str_addf(b, "<tspan font-weight=\"bold\">Percentile %.1f</tspan> of ", c->percentile);
	grx_str_addf(b, "%lld people of ", (long long)c->n_panel);
	prs_svg_short(b, c->population, 20);
	if (isfinite(c->z))
		grx_str_addf(b, ", z %.2f", c->z);
	grx_str_add(b, "</text>\n");
}

static void desc(struct grx_str *b, const struct prs_plot_cell *c)
{
	grx_str_add(b, "<title>");
	prs_svg_text(b, c->score);
	grx_str_add(b, " of ");
	prs_svg_text(b, c->sample);
	if (c->refused) {
		grx_str_add(b, ": no place. ");
		prs_svg_text(b, c->refused);
	} else {
		grx_str_addf(b, ": percentile %.1f of %lld people of ", c->percentile, (long long)c->n_panel);
		prs_svg_text(b, c->population);
	}
	grx_str_add(b, "</title>\n");
}

static void drawing(struct grx_str *b, const struct prs_plot_cell *c, double x, double y)
{
	char t[3][32];
	struct scale s = {c->panel[0], c->panel[c->n_panel - 1], x, y};
	s.lo = fmin(s.lo, fmax(c->lo, c->at - (s.hi - s.lo)));
	s.hi = fmax(s.hi, fmin(c->hi, c->at + (s.hi - c->panel[0])));
	double pad = 0.04 * (s.hi - s.lo);
	s.lo -= pad > 0 ? pad : 1;
	s.hi += pad > 0 ? pad : 1;
	place_text(b, c, x, y);
	histogram(b, c, &s);
	person(b, c, &s);
	axis(b, &s);
	grx_str_addf(b, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"12\">%s, ", x + LEFT, y + BOTTOM + 36,
		grx_fmt_g(t[0], c->at, 5));
	if (c->hi > c->lo)
		grx_str_addf(b, "%s %% interval %s to %s", grx_fmt_g(t[1], 100 * c->level, 5),
			grx_fmt_g(t[2], c->lo, 5), grx_fmt_g(t[0], c->hi, 5));
	else
		grx_str_add(b, "no interval: genotypes and weights are taken as exact");
	grx_str_add(b, "</text>\n");
}

void prs_plot_cell(struct grx_str *b, const struct prs_plot_cell *c, double x, double y)
{
	grx_str_add(b, "<g>\n");
	desc(b, c);
	head(b, c, x, y);
	if (c->refused) {
		grx_str_addf(b, "<text x=\"%.1f\" y=\"%.1f\" font-weight=\"bold\">No place given</text>\n",
			x + LEFT, y + 76);
		words(b, c->refused, x + LEFT, y + 98);
	} else {
		drawing(b, c, x, y);
	}
	if (c->warning && !c->refused) {
		grx_str_addf(
			b, "<text x=\"%.1f\" y=\"%.1f\" font-weight=\"bold\">", x + LEFT, y + BOTTOM + 56);
		prs_svg_short(b, c->warning, LINE);
		grx_str_add(b, "</text>\n");
	}
	grx_str_add(b, "</g>\n");
}
