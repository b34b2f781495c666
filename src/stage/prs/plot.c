/* SPDX-License-Identifier: GPL-3.0-or-later
 * plot.c -- the picture of a run's polygenic scores (--plot): what is drawn of which samples and scores.
 * Few samples and scores are drawn one by one; of many, the first, and a summary of all. What is left out is
 * said in the picture. */
#include <stdlib.h>

#include "base/out.h"
#include "stage/prs/plot_int.h"
#include "stage/prs/prs_int.h"

/* Scores of the panel's people, by population. */
struct people {
	double *score, *some; /* [n_ref]; some: those of one population, ascending */
	int n;
};

static int up(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Scores of one column: for all people. */
static void people_score(const struct prs_state *st, int col, struct people *p)
{
	for (int i = 0; i < p->n; i++)
		p->score[i] = prs_result_sum(st, st->panel_eng, col, i, true);
}

static int64_t people_pick(const struct prs_state *st, struct people *p, int pop)
{
	int64_t n = 0;
	for (int i = 0; i < p->n; i++) {
		struct prs_ref_person a;
		prs_ref_person(st->ref, i, &a);
		if (a.train && a.pop == pop && isfinite(p->score[i]))
			p->some[n++] = p->score[i];
	}
	qsort(p->some, (size_t)n, sizeof *p->some, up);
	return n;
}

static const char *refusal(const struct prs_result *r)
{
	if (!r->ok)
		return "The score is refused: too few of its rows have a genotype.";
	if (!r->place->placed)
		return r->place->why ? r->place->why
				     : "the sample could not be placed among the panel's people";
	if (r->place->pop < 0)
		return "no population of the panel can be compared with";
	if (!r->adjusted->ok || !isfinite(r->adjusted->percentile))
		return r->adjusted->why ? r->adjusted->why : "not adjusted";
	return NULL;
}

static void cell_draw(struct grx_str *b, const struct prs_state *st, const struct prs_result *r,
	struct people *p, const double at[2])
{
	int col = (int)(r->col - st->set->col);
	struct prs_plot_cell c = {.score = r->col->id,
		.sample = r->sample,
		.trait = r->file->trait,
		.refused = refusal(r),
		.level = st->opt->level,
		.panel = p->some};
	if (!c.refused) {
		double half = (r->hi - r->lo) / 2;
		c.population = prs_ref_pop(st->ref, r->place->pop);
		c.n_panel = people_pick(st, p, r->place->pop);
		c.at = prs_result_sum(st, st->eng, col, r->index, true);
		c.lo = c.at - half;
		c.hi = c.at + half;
		c.percentile = r->adjusted->percentile;
		c.z = r->adjusted->z_pop;
		c.warning = r->place->low_confidence
				    ? "Low confidence: no population of the panel fits this sample"
				    : NULL;
	}
	if (!c.refused && c.n_panel < 2)
		c.refused = "too few people of the panel have this score";
	prs_plot_cell(b, &c, at[0], at[1]);
}

struct page {
	const struct prs_state *st;
	struct prs_count *count; /* by file */
	struct people people;
	struct grx_str body;
	double y;
	int n_score, n_sample; /* drawn one by one */
};

static void cells(struct page *p)
{
	const struct prs_state *st = p->st;
	int at = 0;
	prs_svg_title(&p->body, p->y + 14, "Scores among the most similar population");
	p->y += 28;
	for (int k = 0, drawn = 0; k < st->set->n_col && drawn < p->n_score; k++) {
		if (!prs_is_score(st->set, k))
			continue;
		drawn++;
		people_score(st, k, &p->people);
		for (int s = 0; s < p->n_sample; s++, at++) {
			struct prs_result r;
			double xy[2] = {PRS_PLOT_MARGIN + (at % 2) * (PRS_PLOT_CELL_W + 20.0),
				p->y + (at / 2) * (double)PRS_PLOT_CELL_H};
			prs_result_get(st, k, s, &p->count[st->set->col[k].file], &r);
			cell_draw(&p->body, st, &r, &p->people, xy);
		}
	}
	p->y += (at + 1) / 2 * (double)PRS_PLOT_CELL_H + 8;
}

static int map(struct grx_ctx *cx, struct page *p)
{
	int rc = GRX_E_BUG, n = p->people.n, n_pop = 0, n_sample = p->st->target.n_sample;
	struct prs_ref *ref = p->st->ref;
	double *pc = grx_malloc((size_t)n + 1, 2 * sizeof *pc),
	       *at = grx_malloc((size_t)n_sample, 2 * sizeof *at);
	int *pop = grx_malloc((size_t)n + 1, sizeof *pop);
	const char **name = grx_calloc((size_t)n + 1, sizeof *name);
	if (!pc || !at || !pop || !name) {
		rc = grx_fail_nomem(cx, "the map of the panel");
		goto out;
	}
	for (int i = 0; i < n; i++) {
		struct prs_ref_person a;
		prs_ref_person(ref, i, &a);
		pop[i] = a.pop < n ? a.pop : -1;
		pc[2 * i] = a.pc ? a.pc[0] : NAN;
		pc[2 * i + 1] = a.pc && prs_ref_n_pc(ref) > 1 ? a.pc[1] : a.pc ? 0 : NAN;
		if (pop[i] >= 0)
			name[pop[i]] = prs_ref_pop(ref, pop[i]);
		n_pop = pop[i] >= n_pop ? pop[i] + 1 : n_pop;
	}
	for (int i = 0; i < n_sample; i++)
		for (int k = 0; k < 2; k++)
			at[2 * i + k] = !p->st->place[i].placed ? NAN
					: k < prs_ref_n_pc(ref) ? p->st->place[i].pc[k]
								: 0;
	for (int i = 0; i < n_pop; i++)
		name[i] = name[i] ? name[i] : "";
	prs_plot_map(&p->body,
		&(struct prs_plot_map){.n_person = n,
			.n_pop = n_pop,
			.n_sample = n_sample,
			.pc = pc,
			.at = at,
			.pop = pop,
			.pop_name = name,
			.sample = (const char *const *)p->st->target.hdr->sample},
		p->y);
	p->y += PRS_PLOT_MAP_H;
	rc = GRX_OK;
out:
	grx_free(pc);
	grx_free(at);
	grx_free(pop);
	grx_free(name);
	return rc;
}

static void box_of(const struct page *p, int col, double *z, struct prs_plot_box *out)
{
	static const double at[7] = {0, 0.05, 0.25, 0.5, 0.75, 0.95, 1};
	const struct prs_state *st = p->st;
	out->score = st->set->col[col].id;
	for (int s = 0; s < st->target.n_sample; s++) {
		struct prs_result r;
		prs_result_get(st, col, s, &p->count[st->set->col[col].file], &r);
		if (!refusal(&r) && isfinite(r.adjusted->z_pop))
			z[out->n++] = r.adjusted->z_pop;
		else
			out->n_without++;
	}
	qsort(z, (size_t)out->n, sizeof *z, up);
	for (int i = 0; i < 7 && out->n > 0; i++)
		out->q[i] = z[(int64_t)(at[i] * (double)(out->n - 1) + 0.5)];
}

static int boxes(struct grx_ctx *cx, struct page *p)
{
	const struct prs_state *st = p->st;
	int n = 0, most = st->set->n_score < PRS_PLOT_BOXES ? st->set->n_score : PRS_PLOT_BOXES;
	double *z = grx_malloc((size_t)st->target.n_sample, sizeof *z);
	struct prs_plot_box *v = grx_calloc((size_t)most + 1, sizeof *v);
	if (z && v) {
		for (int k = 0; k < st->set->n_col && n < most; k++)
			if (prs_is_score(st->set, k))
				box_of(p, k, z, &v[n++]);
		prs_plot_boxes(&p->body, v, n, p->y);
		p->y += prs_plot_boxes_height(n);
	}
	int rc = z && v ? GRX_OK : grx_fail_nomem(cx, "quantiles of scores");
	grx_free(z);
	grx_free(v);
	return rc;
}

/* What the picture shows, and what of the run it does not. */
static void introduction(struct page *p, struct grx_str *b)
{
	int n = p->st->target.n_sample, k = p->st->set->n_score;
	grx_str_addf(b,
		"<text x=\"%d\" y=\"60\" fill=\"#444444\">A place among the people of a reference panel, "
		"over the rows that "
		"both have. It is not a risk and not a diagnosis.</text>\n",
		PRS_PLOT_MARGIN);
	grx_str_addf(b,
		"<text x=\"%d\" y=\"80\" fill=\"#444444\">Bars: people of the population named; line: the "
		"sample; band: "
		"interval of its score. Drawn one by one: %d of %d samples, %d of %d scores",
		PRS_PLOT_MARGIN, p->n_sample, n, p->n_score, k);
	if (k > PRS_PLOT_BOXES)
		grx_str_addf(b, "; summary: %d scores", PRS_PLOT_BOXES);
	grx_str_add(b, ".</text>\n");
}

static int write_page(struct grx_ctx *cx, struct page *p)
{
	struct grx_str head = {0};
	struct grx_out *o;
	grx_str_addf(&head,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" width=\"%d\" "
		"height=\"%.0f\" role=\"img\" "
		"aria-labelledby=\"t d\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\" "
		"fill=\"#222222\">\n"
		"<title id=\"t\">Polygenic scores among the people of a reference panel</title>\n"
		"<desc id=\"d\">Histograms of the panel's scores with the samples' places and intervals, and "
		"a map of the "
		"panel's principal components.</desc>\n"
		"<rect width=\"%d\" height=\"%.0f\" fill=\"#f7f7f7\"/>\n"
		"<text x=\"%d\" y=\"36\" font-size=\"22\" font-weight=\"bold\">Polygenic scores</text>\n",
		PRS_PLOT_WIDTH, p->y, PRS_PLOT_WIDTH, p->y, PRS_PLOT_WIDTH, p->y, PRS_PLOT_MARGIN);
	introduction(p, &head);
	if (head.oom || p->body.oom) {
		grx_str_clear(&head);
		return grx_fail_nomem(cx, "the picture");
	}
	int rc = grx_out_open(cx, p->st->opt->plot, &o);
	if (rc == GRX_OK) {
		grx_out_write(o, head.s, head.n);
		grx_out_write(o, p->body.s, p->body.n);
		grx_out_puts(o, "</svg>\n");
		rc = grx_out_close(cx, o);
	}
	grx_str_clear(&head);
	return rc;
}

int prs_plot_write(struct grx_ctx *cx, const struct prs_state *st)
{
	int rc = GRX_E_BUG, n = st->target.n_sample, k = st->set->n_score;
	struct page p = {.st = st, .y = 104};
	p.n_sample = n < PRS_PLOT_SAMPLES ? n : PRS_PLOT_SAMPLES;
	p.n_score = k < PRS_PLOT_SCORES ? k : PRS_PLOT_SCORES;
	p.people.n = prs_ref_n_sample(st->ref);
	p.people.score = grx_calloc((size_t)p.people.n + 1, sizeof *p.people.score);
	p.people.some = grx_calloc((size_t)p.people.n + 1, sizeof *p.people.some);
	p.count = grx_calloc((size_t)st->set->n_file, sizeof *p.count);
	if (!p.people.score || !p.people.some || !p.count) {
		rc = grx_fail_nomem(cx, "the picture");
		goto out;
	}
	for (int f = 0; f < st->set->n_file; f++)
		prs_count_file(st, f, &p.count[f]);
	GRX_TRY(map(cx, &p));
	cells(&p);
	if (n > p.n_sample || k > p.n_score)
		GRX_TRY(boxes(cx, &p));
	GRX_TRY(write_page(cx, &p));
	rc = GRX_OK;
out:
	grx_free(p.people.score);
	grx_free(p.people.some);
	grx_free(p.count);
	grx_str_clear(&p.body);
	return rc;
}
