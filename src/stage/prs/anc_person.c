/* SPDX-License-Identifier: GPL-3.0-or-later
 * anc_person.c -- what others may see of the panel's people. */
#include "stage/prs/anc_int.h"

void prs_ref_person(const struct prs_ref *r, int i, struct prs_ref_person *out)
{
	const struct anc_person *a = &r->person[i];
	*out = (struct prs_ref_person){.sample = a->sample,
		.population = a->pop,
		.pop = a->super_i,
		.train = a->train,
		.pc = a->train || a->placed ? a->pc : NULL};
}
