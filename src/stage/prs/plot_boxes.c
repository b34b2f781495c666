/* SPDX-License-Identifier: GPL-3.0-or-later
 * plot_boxes.c -- many samples at a glance: for each score the quantiles of their Z among the most similar
 * people. Expected of samples like the panel: half of them in the box, nine of ten between the whiskers' ends
 * at +-1.64. */
#include <math.h>

#include "stage/prs/plot_int.h"

enum { LEFT = 210, RIGHT = 860, ROW = 24, TOP = 62 };

double prs_plot_boxes_height(int n)
{
	return TOP + ROW * n + 60.0;
}

static double x_of(double z)
{
	return LEFT + (fmin(fmax(z, -5), 5) + 5) / 10 * (RIGHT - LEFT);
}

static void axis(struct grx_str *b, double y, int n)
{
	double bottom = y + TOP + ROW * n;
	grx_str_addf(b, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#eeeeee\"/>\n",
		x_of(-1.6449), y + TOP - 6, x_of(1.6449) - x_of(-1.6449), bottom - y - TOP + 6);
	for (int z = -5; z <= 5; z++)
		grx_str_addf(b,
			"<path d=\"M%.1f %.1fV%.1f\" stroke=\"%s\"/><text x=\"%.1f\" y=\"%.1f\" "
			"text-anchor=\"middle\" "
			"font-size=\"12\">%d</text>\n",
			x_of(z), y + TOP - 6, bottom, z ? "#cccccc" : "#444444", x_of(z), bottom + 18, z);
	grx_str_addf(b,
		"<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">z in the most similar population (beyond "
		"5 drawn at 5)</text>\n",
		x_of(0), bottom + 40);
}

static void one(struct grx_str *b, const struct prs_plot_box *v, double y)
{
	grx_str_addf(b, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 10, y + 5);
	prs_svg_short(b, v->score, 24);
	grx_str_addf(b, "</text><text x=\"%d\" y=\"%.1f\" font-size=\"12\">%lld", RIGHT + 10, y + 5,
		(long long)v->n);
	if (v->n_without)
		grx_str_addf(b, ", without: %lld", (long long)v->n_without);
	grx_str_add(b, "</text>\n");
	if (v->n == 0)
		return;
	grx_str_addf(b,
		"<path d=\"M%.1f %.1fH%.1fM%.1f %.1fv8M%.1f %.1fv8\" stroke=\"#222222\" fill=\"none\"/>\n"
		"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"14\" fill=\"#b9cfe4\" "
		"stroke=\"#222222\"/>\n"
		"<path d=\"M%.1f %.1fv14\" stroke=\"#8a3a00\" stroke-width=\"2.6\"/>\n"
		"<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.2\"/><circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.2\"/>\n",
		x_of(v->q[1]), y, x_of(v->q[5]), x_of(v->q[1]), y - 4, x_of(v->q[5]), y - 4, x_of(v->q[2]),
		y - 7, fmax(x_of(v->q[4]) - x_of(v->q[2]), 0.5), x_of(v->q[3]), y - 7, x_of(v->q[0]), y,
		x_of(v->q[6]), y);
}

void prs_plot_boxes(struct grx_str *b, const struct prs_plot_box *v, int n, double y)
{
	grx_str_add(b, "<g>\n<title>Quantiles of all samples' z by score</title>\n");
	prs_svg_title(b, y + 14, "All samples");
	grx_str_addf(b,
		"<text x=\"%d\" y=\"%.1f\" fill=\"#444444\">Box: middle half of the samples; bar: median; "
		"whiskers: 5 and "
		"95 %%; dots: extremes. Grey: 90 %% of the population.</text>\n",
		PRS_PLOT_MARGIN, y + 36);
	axis(b, y, n);
	for (int i = 0; i < n; i++)
		one(b, &v[i], y + TOP + ROW * i + 10);
	grx_str_add(b, "</g>\n");
}
