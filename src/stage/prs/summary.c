/* SPDX-License-Identifier: GPL-3.0-or-later
 * summary.c -- what a run says of its scores as a whole: rows by reason, builds, palindromes. */
#include <jansson.h>

#include "stage/prs/prs_int.h"

int prs_summary_add(const struct prs_state *st, struct json_t *summary)
{
	json_t *list = json_array();
	int bad = json_object_set_new(summary, "scores", list);
	bad |= json_object_set_new(summary, "palindromic_or_standardised_rows_far_from_own_frequency",
		json_integer(st->eng->n_freq_differs));
	for (int k = 0; k < st->set->n_file; k++) {
		struct prs_count c;
		const struct prs_file *f = &st->set->file[k];
		if (k == st->set->freq_file || k == st->set->loadings_file)
			continue;
		prs_count_file(st, k, &c);
		json_t *o = json_object(), *by = json_object();
		bad |= json_array_append_new(list, o);
		bad |= json_object_set_new(o, "id", json_string(st->set->col[f->col_beg].id));
		bad |= json_object_set_new(o, "columns", json_integer(f->col_end - f->col_beg));
		bad |= json_object_set_new(o, "build", json_string(f->build_text ? f->build_text : "NR"));
		bad |= json_object_set_new(o, "harmonised", json_boolean(f->harmonised));
		bad |= json_object_set_new(o, "lifted", json_boolean(f->lifted));
		bad |= json_object_set_new(o, "sha256", json_string(f->sha256));
		bad |= json_object_set_new(o, "rows", json_integer(c.n_rows));
		bad |= json_object_set_new(o, "matched", json_integer(c.n_matched));
		bad |= json_object_set_new(o, "palindromes", json_string(st->why_pal[k]));
		bad |= json_object_set_new(o, "rows_by_reason", by);
		for (int i = 0; i < PRS_N_CODE; i++)
			if (c.n[i] > 0)
				bad |= json_object_set_new(
					by, prs_code_name((enum prs_code)i), json_integer(c.n[i]));
	}
	return bad;
}
