/* SPDX-License-Identifier: GPL-3.0-or-later
 * trio_ped.c -- families from a PED or .fam file.
 * Six columns: family, person, father, mother, sex (1 male, 2 female), phenotype (2 affected, 1 not); 0 is
 * unknown or not there. Further columns (genotypes of a .ped) are not looked at. Source: PLINK 1.9 file
 * format reference, .fam. */
#include "stage/annotate/trio_int.h"

#include <string.h>

#include "base/map.h"
#include "io/text.h"

enum { COLUMNS = 6, GENERATIONS = 8 /* ancestors are followed this far to find a circle */ };

struct person {
	const char *family, *name, *father, *mother; /* NULL: 0 */
	enum grx_sex sex;
	int8_t affected;
	int64_t line;
};

struct reader {
	struct grx_ctx *cx;
	const char *path;
	struct grx_arena *mem;
	struct grx_map *by_name; /* person */
	struct person **v;
	size_t n, cap;
};

/* Up to COLUMNS fields separated by blanks, cut in place; the number of them. */
static int fields(char *s, char **field)
{
	int n = 0;
	while (n < COLUMNS) {
		s += strspn(s, " \t");
		if (!*s)
			break;
		field[n++] = s;
		s += strcspn(s, " \t");
		if (*s)
			*s++ = '\0';
	}
	return n;
}

static bool sex_of(const char *s, enum grx_sex *sex)
{
	*sex = strcmp(s, "1") == 0 ? GRX_SEX_MALE : strcmp(s, "2") == 0 ? GRX_SEX_FEMALE : GRX_SEX_UNKNOWN;
	return *sex != GRX_SEX_UNKNOWN || strcmp(s, "0") == 0 || strcmp(s, "-9") == 0 ||
	       strcmp(s, ".") == 0 || strcmp(s, "other") == 0 || strcmp(s, "unknown") == 0;
}

static const char *keep_parent(struct grx_arena *mem, const char *s, bool *oom)
{
	if (strcmp(s, "0") == 0 || strcmp(s, ".") == 0)
		return NULL;
	const char *c = grx_arena_strdup(mem, s);
	*oom |= !c;
	return c;
}

static int line_check(struct reader *r, const struct person *p, const char *sex)
{
	long long line = (long long)p->line;
	const struct person *old = grx_map_get(r->by_name, p->name);
	if (old)
		return grx_fail(r->cx, GRX_E_DATA,
			"%s:%lld: person '%s' was on line %lld already; names must be unique", r->path, line,
			p->name, (long long)old->line);
	if (sex)
		return grx_fail(r->cx, GRX_E_DATA,
			"%s:%lld: sex '%s' of '%s'; expected 1 (male), 2 (female) or 0 (unknown)", r->path,
			line, sex, p->name);
	if ((p->father && strcmp(p->father, p->name) == 0) || (p->mother && strcmp(p->mother, p->name) == 0))
		return grx_fail(r->cx, GRX_E_DATA, "%s:%lld: '%s' is its own parent", r->path, line, p->name);
	if (p->father && p->mother && strcmp(p->father, p->mother) == 0)
		return grx_fail(r->cx, GRX_E_DATA, "%s:%lld: '%s' has '%s' as father and mother", r->path,
			line, p->name, p->father);
	return GRX_OK;
}

static int line_read(struct reader *r, char *s, int64_t line)
{
	char *f[COLUMNS];
	int n = fields(s, f);
	if (n == 0 || f[0][0] == '#')
		return GRX_OK;
	if (n < COLUMNS)
		return grx_fail(r->cx, GRX_E_DATA,
			"%s:%lld: found %d columns, expected 6: family, person, father, mother, sex, "
			"phenotype",
			r->path, (long long)line, n);
	struct person *p = grx_arena_calloc(r->mem, 1, sizeof *p);
	bool oom = !p;
	if (oom)
		return grx_fail_nomem(r->cx, "families");
	p->family = grx_arena_strdup(r->mem, f[0]);
	p->name = grx_arena_strdup(r->mem, f[1]);
	p->father = keep_parent(r->mem, f[2], &oom);
	p->mother = keep_parent(r->mem, f[3], &oom);
	p->line = line;
	p->affected = strcmp(f[5], "2") == 0 ? 1 : strcmp(f[5], "1") == 0 ? 0 : -1;
	if (oom || !p->family || !p->name || grx_grow(&r->v, &r->cap, r->n + 1, sizeof(struct person *), 0))
		return grx_fail_nomem(r->cx, "families");
	bool known = sex_of(f[4], &p->sex);
	int rc = line_check(r, p, known ? NULL : f[4]);
	if (rc)
		return rc;
	r->v[r->n++] = p;
	return grx_map_set(r->by_name, p->name, p) ? grx_fail_nomem(r->cx, "families") : GRX_OK;
}

static int parent_check(struct reader *r, const struct person *p, const char *name, enum grx_sex wrong)
{
	const struct person *q = name ? grx_map_get(r->by_name, name) : NULL;
	if (q && q->sex == wrong)
		return grx_fail(r->cx, GRX_E_DATA, "%s:%lld: the %s '%s' of '%s' is %s on line %lld", r->path,
			(long long)p->line, wrong == GRX_SEX_FEMALE ? "father" : "mother", name, p->name,
			wrong == GRX_SEX_FEMALE ? "female" : "male", (long long)q->line);
	return GRX_OK;
}

/* Is `who` met again among the ancestors of p? */
static bool circular(const struct reader *r, const struct person *p, const struct person *who, int depth)
{
	const char *const up[2] = {p->father, p->mother};
	for (int i = 0; i < 2; i++) {
		const struct person *q = up[i] ? grx_map_get(r->by_name, up[i]) : NULL;
		if (q && (q == who || (depth > 0 && circular(r, q, who, depth - 1))))
			return true;
	}
	return false;
}

static int people_check(struct reader *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct person *p = r->v[i];
		int rc = parent_check(r, p, p->father, GRX_SEX_FEMALE);
		if (!rc)
			rc = parent_check(r, p, p->mother, GRX_SEX_MALE);
		if (rc)
			return rc;
		if (circular(r, p, p, GENERATIONS))
			return grx_fail(r->cx, GRX_E_DATA, "%s:%lld: '%s' is among its own ancestors",
				r->path, (long long)p->line, p->name);
	}
	return GRX_OK;
}

/* Samples of the header by name: values point into h->sample. */
struct samples {
	const struct grx_hdr *h;
	struct grx_map *by_name;
};

static int32_t sample_of(const struct samples *s, const char *name)
{
	char *const *at = name ? grx_map_get(s->by_name, name) : NULL;
	return at ? (int32_t)(at - s->h->sample) : -1;
}

static int kids_fill(struct reader *r, const struct samples *samples, struct trio_ped *out)
{
	int64_t n_in = 0;
	out->kid = grx_arena_calloc(r->mem, r->n + 1, sizeof *out->kid);
	if (!out->kid)
		return grx_fail_nomem(r->cx, "families");
	for (size_t i = 0; i < r->n; i++) {
		const struct person *p = r->v[i];
		struct trio_kid k = {.kid = sample_of(samples, p->name),
			.father = sample_of(samples, p->father),
			.mother = sample_of(samples, p->mother),
			.name = p->name,
			.family = p->family,
			.father_name = p->father,
			.mother_name = p->mother,
			.sex = p->sex,
			.affected = p->affected};
		out->n_people++;
		out->n_not_in_header += k.kid < 0;
		n_in += k.kid >= 0;
		if (k.kid < 0 || (!p->father && !p->mother))
			continue;
		if (k.father < 0 && k.mother < 0) {
			out->n_without_parents++;
			continue;
		}
		out->n_parent_absent += k.father < 0 || k.mother < 0;
		out->kid[out->n_kid++] = k;
	}
	if (n_in == 0)
		return grx_fail(r->cx, GRX_E_MISMATCH,
			"%s names no sample of the input: found '%s' first, expected sample names of the VCF "
			"header",
			r->path, r->n ? r->v[0]->name : "nobody");
	return GRX_OK;
}

int annotate_ped_read(struct grx_ctx *cx, const char *path, const struct grx_hdr *h, struct grx_arena *mem,
	struct trio_ped *out)
{
	int rc = GRX_E_BUG;
	struct reader r = {.cx = cx, .path = path, .mem = mem, .by_name = grx_map_new()};
	struct samples samples = {h, grx_map_new()};
	struct grx_text *t = NULL;
	char *line;
	memset(out, 0, sizeof *out);
	if (!r.by_name || !samples.by_name)
		GRX_TRY(grx_fail_nomem(cx, "families"));
	for (int32_t i = 0; i < h->n_sample; i++)
		if (grx_map_set(samples.by_name, h->sample[i], &h->sample[i]))
			GRX_TRY(grx_fail_nomem(cx, "families"));
	GRX_TRY(grx_text_open(cx, path, &t));
	for (;;) {
		GRX_TRY(grx_text_line(cx, t, &line));
		if (!line)
			break;
		GRX_TRY(line_read(&r, line, grx_text_lineno(t)));
	}
	GRX_TRY(people_check(&r));
	GRX_TRY(kids_fill(&r, &samples, out));
	rc = GRX_OK;
out:
	grx_text_close(t);
	grx_map_free(r.by_name);
	grx_map_free(samples.by_name);
	grx_free(r.v);
	return rc;
}
