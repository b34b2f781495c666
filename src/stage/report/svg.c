/* SPDX-License-Identifier: GPL-3.0-or-later
 * svg.c -- inline drawings. */
#include <math.h>
#include <stdio.h>

#include "stage/report/report_int.h"

/* Next of 5, 10, 20, 50, 100 per cent. */
static double round_max(double x)
{
	static const double step[] = {0.05, 0.1, 0.2, 0.5, 1.0};

	for (int i = 0; i < 5; i++)
		if (x <= step[i] * 0.95)
			return step[i];
	return 1.0;
}

static double clamp(double x, double hi)
{
	return x < 0 ? 0 : x > hi ? hi : x;
}

void report_svg_risk(struct report_page *p, const struct grx_fact *f, const char *title)
{
	double top = f->has_hi ? f->hi : f->value.num,
	       max = round_max(top > f->value.num ? top : f->value.num);
	double scale = 400.0 / max, w = clamp(f->value.num, max) * scale;

	report_raw(p, "<svg viewBox=\"0 0 440 62\" role=\"img\" aria-label=\"");
	report_text(p, title);
	report_rawf(p, ": %.1f %%\">", f->value.num * 100);
	report_raw(p, "<rect x=\"20\" y=\"12\" width=\"400\" height=\"20\" rx=\"3\" fill=\"#e6ebf0\"/>");
	report_rawf(p, "<rect x=\"20\" y=\"12\" width=\"%.1f\" height=\"20\" rx=\"3\" fill=\"#6ea3dc\"/>", w);
	if (f->has_lo && f->has_hi)
		report_rawf(p,
			"<path d=\"M%.1f 22H%.1fM%.1f 15V29M%.1f 15V29\" stroke=\"#16202b\" "
			"stroke-width=\"2.5\" fill=\"none\"/>",
			20 + clamp(f->lo, max) * scale, 20 + clamp(f->hi, max) * scale,
			20 + clamp(f->lo, max) * scale, 20 + clamp(f->hi, max) * scale);
	for (int i = 0; i <= 2; i++) {
		double x = 20 + 200.0 * i;
		report_rawf(p,
			"<path d=\"M%.0f 32V38\" stroke=\"#44525f\"/><text x=\"%.0f\" y=\"53\" "
			"text-anchor=\"%s\">%g %%</text>",
			x, x,
			i == 0   ? "start"
			: i == 1 ? "middle"
				 : "end",
			max * 50 * i);
	}
	report_raw(p, "</svg>");
}
