/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_prs_plot.c -- the picture of scores: text that cannot break out, numbers that cannot leave the paper,
 * no drawing where there is no place. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stage/prs/plot_int.h"

static double panel[200];

static void setup(void)
{
	for (int i = 0; i < 200; i++)
		panel[i] = 1 + 0.01 * i + 0.0001 * (i % 7);
}

static struct prs_plot_cell cell(void)
{
	return (struct prs_plot_cell){.score = "PGS1",
		.sample = "S",
		.population = "EUR",
		.at = 2,
		.lo = 1.9,
		.hi = 2.1,
		.level = 0.95,
		.percentile = 50,
		.z = 0.1,
		.n_panel = 200,
		.panel = panel};
}

static bool has(const struct grx_str *b, const char *s)
{
	return b->s && strstr(b->s, s);
}

START_TEST(escaping)
{
	struct grx_str b = {0};
	prs_svg_text(&b, "<a href=\"x\">&\x1b[0m\x7f\xe2\x80\xae\xc2\x85\xff\xe6\x82\xa3\xf0\x9f\x98\x80");
	ck_assert_str_eq(b.s,
		"&lt;a "
		"href=&quot;x&quot;&gt;&amp;\xef\xbf\xbd[0m\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
		"\xe6\x82\xa3\xf0\x9f\x98\x80");
	grx_str_reset(&b);
	prs_svg_short(&b, "\xe6\x82\xa3\xe6\x82\xa3\xe6\x82\xa3", 2);
	ck_assert_str_eq(b.s, "\xe6\x82\xa3\xe6\x82\xa3\xe2\x80\xa6");
	grx_str_reset(&b);
	prs_svg_text(
		&b, "\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82"); /* overlong, surrogate, too large, cut */
	for (const char *p = b.s; *p; p += 3)
		ck_assert(strncmp(p, "\xef\xbf\xbd", 3) == 0);
	grx_str_clear(&b);
}
END_TEST

START_TEST(cell_places)
{
	struct grx_str b = {0};
	struct prs_plot_cell c = cell();
	prs_plot_cell(&b, &c, 0, 0);
	ck_assert(has(&b, "Percentile 50.0") && has(&b, "200 people of EUR"));
	ck_assert(has(&b, "95 % interval 1.9 to 2.1"));
	ck_assert(!has(&b, "Low confidence"));
	grx_str_reset(&b);
	c.lo = c.hi = c.at;
	c.warning = "Low confidence: x<y";
	prs_plot_cell(&b, &c, 0, 0);
	ck_assert(has(&b, "no interval") && has(&b, "Low confidence: x&lt;y"));
	grx_str_reset(&b);
	c.refused = "too few rows";
	prs_plot_cell(&b, &c, 0, 0);
	ck_assert(has(&b, "No place given") && has(&b, "too few rows"));
	ck_assert(!has(&b, "Percentile") && !has(&b, "interval"));
	grx_str_clear(&b);
}
END_TEST

/* Far away, without width, a panel of equal scores, huge numbers: nothing that is no number, nothing off the
 * paper. */
START_TEST(cell_extremes)
{
	static const double at[] = {2, -1e6, 1e6, 1e300, -1e-300, 0};
	double flat[50];
	for (int i = 0; i < 50; i++)
		flat[i] = 3;
	for (int k = 0; k < 12; k++) {
		struct grx_str b = {0};
		struct prs_plot_cell c = cell();
		c.at = at[k % 6];
		c.lo = c.at - fabs(c.at) / 2;
		c.hi = c.at + fabs(c.at) / 2;
		if (k >= 6) {
			c.panel = flat;
			c.n_panel = 50;
		}
		c.z = k % 2 ? NAN : c.z;
		prs_plot_cell(&b, &c, 0, 0);
		ck_assert_msg(!has(&b, "nan") && !has(&b, "inf\""), "%d: %s", k, b.s);
		for (const char *p = b.s; (p = strstr(p, "x=\"")); p += 3) {
			double x = atof(p + 3);
			ck_assert(x >= 0 && x <= PRS_PLOT_WIDTH);
		}
		ck_assert_uint_lt(b.n, 20000);
		grx_str_clear(&b);
	}
}
END_TEST

START_TEST(map_shapes)
{
	enum { N = 600, P = 12 };
	static double pc[2 * N];
	static int pop[N];
	const char *name[P];
	static char names[P][4];
	double at[6] = {0.5, 0.5, NAN, NAN, 1e9, -1e9};
	const char *sample[3] = {"A&B", "gone", "far"};
	struct grx_str b = {0}, again = {0};
	for (int i = 0; i < P; i++) {
		names[i][0] = 'P';
		names[i][1] = (char)('a' + i);
		name[i] = names[i];
	}
	for (int i = 0; i < N; i++) {
		pop[i] = i % (P + 1) - 1;
		pc[2 * i] = i % 17;
		pc[2 * i + 1] = i % 5 ? i % 23 : i % 29;
	}
	struct prs_plot_map m = {N, P, 3, pc, at, pop, name, sample};
	prs_plot_map(&b, &m, 0);
	prs_plot_map(&again, &m, 0);
	ck_assert_str_eq(b.s, again.s);
	ck_assert(has(&b, "A&amp;B") && has(&b, "not placed: 1") && has(&b, "samples (2)") &&
		  has(&b, "no population"));
	for (int i = 0; i < P; i++)
		ck_assert(has(&b, names[i]));
	ck_assert(!has(&b, "nan"));
	/* one component, nobody placed: still a picture */
	grx_str_reset(&b);
	m.n_person = 0;
	m.n_sample = 0;
	prs_plot_map(&b, &m, 0);
	ck_assert(!has(&b, "nan") && !has(&b, "inf"));
	grx_str_clear(&b);
	grx_str_clear(&again);
}
END_TEST

START_TEST(boxes)
{
	struct prs_plot_box v[2] = {{"A<", 10, 1, {-9, -1.5, -0.5, 0, 0.5, 1.5, 9}}, {"B", 0, 11, {0}}};
	struct grx_str b = {0};
	prs_plot_boxes(&b, v, 2, 0);
	ck_assert(has(&b, "A&lt;") && has(&b, "10, without: 1") && has(&b, "0, without: 11"));
	ck_assert_double_gt(prs_plot_boxes_height(2), prs_plot_boxes_height(1));
	grx_str_clear(&b);
	for (double s = 1e-9; s < 1e9; s *= 3.7) {
		double step = prs_svg_step(s, 5);
		ck_assert(s / step <= 5.0001 && s / step > 1.9);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("prs_plot");
	TCase *t = tcase_create("all");
	tcase_add_unchecked_fixture(t, setup, NULL);
	tcase_add_test(t, escaping);
	tcase_add_test(t, cell_places);
	tcase_add_test(t, cell_extremes);
	tcase_add_test(t, map_shapes);
	tcase_add_test(t, boxes);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
