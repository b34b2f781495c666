/* SPDX-License-Identifier: GPL-3.0-or-later
 * anc_people.c -- people of a panel: their populations, and who trains. */
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/map.h"
#include "io/text.h"
#include "stage/prs/anc_build.h"

struct reader {
	struct anc_build *b;
	struct grx_map *by_name; /* sample -> its struct anc_person */
	bool *seen;
	int64_t n_match;
};

static bool is_word(const char *s, const char *const *word)
{
	for (; *word; word++)
		if (strcasecmp(s, *word) == 0)
			return true;
	return false;
}

/* No column, or an empty field: unrelated. */
static int unrelated_of(struct grx_ctx *cx, struct grx_table *t, const char *s, bool *out)
{
	static const char *const yes[] = {"", "1", "yes", "true", "y", "t", NULL};
	static const char *const no[] = {"0", "no", "false", "n", "f", NULL};
	*out = is_word(s, yes);
	if (*out || is_word(s, no))
		return GRX_OK;
	return grx_fail(cx, GRX_E_DATA, "%s:%lld: unrelated is '%s': expected yes or no", grx_table_path(t),
		(long long)grx_table_lineno(t), s);
}

static int read_row(struct grx_ctx *cx, struct reader *r, struct grx_table *t, const int col[4])
{
	const char *name = grx_table_get(t, col[0]);
	struct anc_person *p = grx_map_get(r->by_name, name);
	if (!p) {
		r->b->people.listed_absent++;
		return GRX_OK;
	}
	ptrdiff_t at = p - r->b->ref.person;
	if (r->seen[at])
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: sample '%s' is listed twice", grx_table_path(t),
			(long long)grx_table_lineno(t), name);
	r->seen[at] = true;
	r->n_match++;
	p->pop = grx_arena_strdup(r->b->mem, grx_table_get(t, col[1]));
	p->super = grx_arena_strdup(r->b->mem, grx_table_get(t, col[2]));
	if (!p->pop || !p->super)
		return grx_fail_nomem(cx, "people of the panel");
	return unrelated_of(cx, t, grx_table_get(t, col[3]), &r->b->unrelated[at]);
}

static int read_table(struct grx_ctx *cx, struct reader *r)
{
	int rc = GRX_E_BUG;
	struct grx_table *t = NULL;
	const char *path = r->b->o->people;
	int col[4];
	bool more;
	GRX_TRY(grx_table_open(cx, path, false, &t));
	GRX_TRY(grx_table_need(cx, t, "sample", &col[0]));
	GRX_TRY(grx_table_need(cx, t, "population", &col[1]));
	GRX_TRY(grx_table_need(cx, t, "superpopulation", &col[2]));
	col[3] = grx_table_col(t, "unrelated");
	for (;;) {
		GRX_TRY(grx_table_next(cx, t, &more));
		if (!more)
			break;
		GRX_TRY(read_row(cx, r, t, col));
	}
	rc = r->n_match > 0 ? GRX_OK
			    : grx_fail(cx, GRX_E_MISMATCH,
				      "%s: none of its samples is in %s: first sample there is '%s'", path,
				      r->b->o->panel, r->b->ref.person[0].sample);
out:
	grx_table_close(t);
	return rc;
}

static int name_people(
	struct grx_ctx *cx, struct anc_build *b, const char *const *sample, struct grx_map *by_name)
{
	for (int i = 0; i < b->ref.n_sample; i++) {
		struct anc_person *p = &b->ref.person[i];
		*p = (struct anc_person){.pop = "", .super = b->o->people ? "" : "panel", .super_i = -1};
		if (!*sample[i] || strpbrk(sample[i], " \t"))
			return grx_fail(cx, GRX_E_DATA,
				"%s: sample name '%s' is empty or has a blank, which a .fam file cannot "
				"hold: rename it",
				b->o->panel, sample[i]);
		p->sample = grx_arena_strdup(b->mem, sample[i]);
		b->unrelated[i] = !b->o->people;
		if (p->sample && grx_map_get(by_name, p->sample))
			return grx_fail(
				cx, GRX_E_DATA, "%s: sample '%s' is there twice", b->o->panel, p->sample);
		if (!p->sample || grx_map_set(by_name, p->sample, p) != GRX_OK)
			return grx_fail_nomem(cx, "people of the panel");
	}
	return GRX_OK;
}

int anc_people_read(struct grx_ctx *cx, struct anc_build *b, const char *const *sample, int n)
{
	int rc = GRX_E_BUG;
	struct reader r = {.b = b, .by_name = grx_map_new()};
	size_t size = (size_t)n + 1;
	b->ref.n_sample = n;
	b->people.n = n;
	b->ref.person = grx_arena_calloc(b->mem, size, sizeof(*b->ref.person));
	b->unrelated = grx_arena_calloc(b->mem, size, sizeof(*b->unrelated));
	b->n_missing = grx_arena_calloc(b->mem, size, sizeof(*b->n_missing));
	b->order = grx_arena_calloc(b->mem, size, sizeof(*b->order));
	r.seen = grx_arena_calloc(b->mem, size, sizeof(*r.seen));
	if (!r.by_name || !b->ref.person || !b->unrelated || !b->n_missing || !b->order || !r.seen) {
		rc = grx_fail_nomem(cx, "people of the panel");
		goto out;
	}
	GRX_TRY(name_people(cx, b, sample, r.by_name));
	if (b->o->people)
		GRX_TRY(read_table(cx, &r));
	for (int i = 0; i < n && b->o->people; i++) {
		b->people.not_listed += !r.seen[i];
		b->people.related += r.seen[i] && !b->unrelated[i];
	}
	if (b->people.listed_absent)
		grx_warn(cx, "%s: %lld of its samples are not in the panel", b->o->people,
			(long long)b->people.listed_absent);
	rc = GRX_OK;
out:
	grx_map_free(r.by_name);
	return rc;
}

int anc_people_train(struct grx_ctx *cx, struct anc_build *b)
{
	int32_t at = 0;
	for (int i = 0; i < b->ref.n_sample; i++) {
		bool bad = (double)b->n_missing[i] > b->o->mind * (double)b->n_snp;
		b->people.missing += b->unrelated[i] && bad;
		b->ref.person[i].train = b->unrelated[i] && !bad;
		b->people.train += b->ref.person[i].train;
	}
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < b->ref.n_sample; i++)
			if (b->ref.person[i].train == (pass == 0))
				b->order[at++] = i;
	b->m.n_person = b->ref.n_sample;
	b->m.n_train = b->people.train;
	if (b->people.train < 3)
		return grx_fail(cx, GRX_E_DATA,
			"%s: %lld people may train (%lld are not in the table of people, %lld related, %lld "
			"with more than "
			"%g of their genotypes missing): at least 3 are needed, and %d for adjusted scores",
			b->o->panel, (long long)b->people.train, (long long)b->people.not_listed,
			(long long)b->people.related, (long long)b->people.missing, b->o->mind,
			ANC_MIN_TRAIN);
	return GRX_OK;
}
