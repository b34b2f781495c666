/* SPDX-License-Identifier: GPL-3.0-or-later
 * report_opt.c -- options of the report stage. */
#include "stage/report/report_int.h"

#define AT(f) offsetof(struct report_opt, f)

const struct grx_opt report_opt[] = {
	{"output", 'o', GRX_OPT_OUT, AT(output), NULL, NULL, "FILE",
		"write the report as one self-contained HTML page"},
	{"tsv", 0, GRX_OPT_OUT, AT(tsv), NULL, NULL, "FILE",
		"write recommendations and phenotypes as a table"},
	{"json", 0, GRX_OPT_OUT, AT(json), NULL, NULL, "FILE", "write the grouped facts as JSON"},
	{"lang", 0, GRX_OPT_CHOICE, AT(lang), "en", "en|zh", "LANG", "language of the page"},
	{"title", 0, GRX_OPT_STR, AT(title), NULL, NULL, "TEXT", "title of the page"},
	GRX_OPT_END,
};
