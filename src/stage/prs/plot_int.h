/* SPDX-License-Identifier: GPL-3.0-or-later
 * plot_int.h -- the picture of polygenic scores: what is drawn, apart from where it comes from.
 * Everything is drawn into one string, top to bottom; the same numbers give the same bytes. */
#ifndef GRX_PRS_PLOT_INT_H
#define GRX_PRS_PLOT_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum {
	PRS_PLOT_SAMPLES = 4, /* drawn one by one */
	PRS_PLOT_SCORES = 24,
	PRS_PLOT_BOXES = 200, /* scores summarised over all samples */
	PRS_PLOT_WIDTH = 980,
	PRS_PLOT_MARGIN = 24,
	PRS_PLOT_CELL_W = 456,
	PRS_PLOT_CELL_H = 262,
	PRS_PLOT_MAP_H = 520
};

/* One score of one sample among the people of one population. */
struct prs_plot_cell {
	const char *score, *sample, *trait; /* trait may be NULL */
	const char *population;
	const char *refused;                     /* NULL, or why there is no place: nothing is drawn then */
	const char *warning;                     /* NULL, or why the place is doubtful */
	double at, lo, hi, level, percentile, z; /* score and interval over the rows that the panel has too */
	int64_t n_panel;
	const double *panel; /* ascending, finite */
};

/* People of the panel, and samples, by two components. */
struct prs_plot_map {
	int n_person, n_pop, n_sample;
	const double *pc, *at; /* pairs; of a sample without place NAN */
	const int *pop;        /* 0 .. n_pop - 1; -1 none */
	const char *const *pop_name, *const *sample;
};

/* Quantiles over all samples of the Z of one score: 0, 5, 25, 50, 75, 95, 100 per cent. */
struct prs_plot_box {
	const char *score;
	int64_t n, n_without; /* samples with and without a Z */
	double q[7];
};

/* Bytes of the UTF-8 character at s; 0 when it is none. */
size_t prs_utf8_len(const unsigned char *s);
/* XML text and quoted attributes; control and bidirectional-override characters become U+FFFD. */
void prs_svg_text(struct grx_str *b, const char *s);
/* As text, at most so many characters; an ellipsis for the rest. */
void prs_svg_short(struct grx_str *b, const char *s, int max);
/* A round step that cuts a span into about n parts. */
double prs_svg_step(double span, int n);
/* Text for screen readers and as the heading. */
void prs_svg_title(struct grx_str *b, double y, const char *text);

void prs_plot_cell(struct grx_str *b, const struct prs_plot_cell *c, double x, double y);
void prs_plot_map(struct grx_str *b, const struct prs_plot_map *m, double y);
/* Height of the boxes' part. */
double prs_plot_boxes_height(int n);
void prs_plot_boxes(struct grx_str *b, const struct prs_plot_box *v, int n, double y);

#endif
