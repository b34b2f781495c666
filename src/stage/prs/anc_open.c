/* SPDX-License-Identifier: GPL-3.0-or-later
 * anc_open.c -- opens a reference bundle: every part is there, is the one that was written, and fits the
 * others. */
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "io/text.h"
#include "stage/prs/anc_files.h"
#include "stage/prs/anc_int.h"

/* "people" -> its object; NULL absent. */
static int64_t json_count(const json_t *j, const char *group, const char *name)
{
	const json_t *x = json_object_get(json_object_get(j, group), name);
	return json_is_integer(x) ? (int64_t)json_integer_value(x) : -1;
}

static int bad_bundle(struct grx_ctx *cx, const char *path, const char *what)
{
	return grx_fail(cx, GRX_E_DATA,
		"%s: %s: it is not a bundle of this version: build the reference again", path, what);
}

static int read_counts(struct grx_ctx *cx, const char *path, const json_t *j, struct prs_ref *r)
{
	const char *format = json_string_value(json_object_get(j, "format"));
	const json_t *sv = json_object_get(json_object_get(j, "components"), "singular_values");
	int64_t n_sample = json_count(j, "people", "panel"), n_pc = json_count(j, "components", "kept");
	int64_t n_online = json_count(j, "components", "loadings");
	r->n_locus = json_count(j, "loci", "used");
	if (!format || strcmp(format, ANC_FORMAT) != 0 ||
		json_integer_value(json_object_get(j, "version")) != ANC_VERSION)
		return bad_bundle(cx, path, "format or version is another");
	if (n_sample < 3 || n_sample > 100000000 || n_pc < 2 || n_pc > ANC_MAX_PC || n_online < n_pc ||
		n_online > ANC_MAX_ONLINE || r->n_locus < 2 || json_array_size(sv) != (size_t)n_online)
		return bad_bundle(cx, path, "counts of people, loci and components do not fit");
	r->n_sample = (int)n_sample;
	r->n_pc = (int)n_pc;
	r->n_online = (int)n_online;
	for (int k = 0; k < r->n_online; k++) {
		r->sv[k] = json_number_value(json_array_get(sv, (size_t)k));
		if (!(r->sv[k] > 0) || !isfinite(r->sv[k]) || (k > 0 && r->sv[k] > r->sv[k - 1]))
			return bad_bundle(cx, path, "singular values are not positive and descending");
	}
	return GRX_OK;
}

static int check_part(struct grx_ctx *cx, const char *folder, const json_t *sha, const char *name)
{
	char path[4096], hex[65];
	const char *want = json_string_value(json_object_get(sha, name));
	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return grx_fail(cx, GRX_E_USAGE, "%s: the path is too long", folder);
	if (access(path, R_OK) != 0)
		return grx_fail(cx, GRX_E_NOINPUT,
			"%s: a part of the reference is missing or cannot be read: copy the whole "
			"folder, or build the reference again",
			path);
	int rc = grx_sha_file(cx, path, hex);
	if (rc != GRX_OK)
		return rc;
	if (!want || strcmp(want, hex) != 0)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: is not the file that was written with %s (SHA-256 %s, expected %s): "
			"build the reference again",
			path, ANC_BUNDLE, hex, want ? want : "none");
	return GRX_OK;
}

static int read_bundle(struct grx_ctx *cx, struct prs_ref *r, const char *folder)
{
	int rc = GRX_E_BUG;
	json_error_t err;
	json_t *j = NULL;
	char *path = grx_arena_printf(r->mem, "%s/" ANC_BUNDLE, folder);
	if (!path)
		return grx_fail_nomem(cx, "a path");
	if (access(path, R_OK) != 0)
		return grx_fail(cx, GRX_E_NOINPUT,
			"%s: cannot be read: expected a folder made by prs --build-reference", path);
	j = json_load_file(path, JSON_REJECT_DUPLICATES, &err);
	if (!j)
		return grx_fail(cx, GRX_E_DATA, "%s:%d: %s", path, err.line, err.text);
	GRX_TRY(read_counts(cx, path, j, r));
	for (int k = 0; k < ANC_N_PART; k++)
		GRX_TRY(check_part(cx, folder, json_object_get(j, "sha256"), anc_part[k]));
	rc = GRX_OK;
out:
	json_decref(j);
	return rc;
}

/* --- people.tsv */
struct people {
	struct prs_ref *r;
	int n;
};

static int person_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct people *p = arg;
	struct anc_person *a = &p->r->person[p->n];
	if (p->n == p->r->n_sample)
		return grx_fail(cx, GRX_E_MISMATCH, "%s:%lld: more people than the %d of bundle.json",
			grx_table_path(t), (long long)grx_table_lineno(t), p->r->n_sample);
	p->n++;
	a->sample = grx_arena_strdup(p->r->mem, grx_table_get(t, col[0]));
	a->pop = grx_arena_strdup(p->r->mem, grx_table_get(t, col[1]));
	a->super = grx_arena_strdup(p->r->mem, grx_table_get(t, col[2]));
	a->train = strcmp(grx_table_get(t, col[3]), "yes") == 0;
	a->placed = strcmp(grx_table_get(t, col[4]), "yes") == 0;
	a->super_i = -1;
	if (!a->sample || !a->pop || !a->super)
		return grx_fail_nomem(cx, "people of the panel");
	if (a->train && !a->placed)
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: trains, but has no components", grx_table_path(t),
			(long long)grx_table_lineno(t));
	for (int k = 0; a->placed && k < p->r->n_pc; k++) {
		int rc = grx_table_f64(cx, t, col[5 + k], &a->pc[k]);
		if (rc != GRX_OK)
			return rc;
	}
	return GRX_OK;
}

static int read_people(struct grx_ctx *cx, struct prs_ref *r, const char *folder)
{
	char pc[ANC_MAX_PC][8];
	const char *name[5 + ANC_MAX_PC] = {"sample", "population", "superpopulation", "training", "placed"};
	struct people p = {.r = r};
	const char *path = grx_arena_printf(r->mem, "%s/" ANC_PEOPLE, folder);
	r->person = grx_arena_calloc(r->mem, (size_t)r->n_sample, sizeof(*r->person));
	if (!path || !r->person)
		return grx_fail_nomem(cx, "people of the panel");
	for (int k = 0; k < r->n_pc; k++) {
		snprintf(pc[k], sizeof(pc[k]), "PC%d", k + 1);
		name[5 + k] = pc[k];
	}
	int rc = grx_table_each(cx, path, name, 5 + r->n_pc, person_row, &p);
	if (rc == GRX_OK && p.n != r->n_sample)
		rc = grx_fail(
			cx, GRX_E_MISMATCH, "%s: %d people, bundle.json says %d", path, p.n, r->n_sample);
	return rc;
}

/* Same people in the same order as the genotypes. */
static int check_fam(struct grx_ctx *cx, const struct prs_ref *r, const char *folder)
{
	int rc = GRX_E_BUG, n = 0;
	struct grx_text *t = NULL;
	const char *path = grx_arena_printf(r->mem, "%s/panel.fam", folder);
	char *line, *f[6];
	GRX_TRY(path ? grx_text_open(cx, path, &t) : grx_fail_nomem(cx, "a path"));
	for (;; n++) {
		GRX_TRY(grx_text_line(cx, t, &line));
		if (!line)
			break;
		if (n >= r->n_sample || grx_split(line, '\t', f, 6) < 2 ||
			strcmp(f[1], r->person[n].sample) != 0) {
			rc = grx_fail(cx, GRX_E_MISMATCH,
				"%s:%d: is not the person on line %d of " ANC_PEOPLE, path, n + 1, n + 2);
			goto out;
		}
	}
	rc = n == r->n_sample ? GRX_OK
			      : grx_fail(cx, GRX_E_MISMATCH, "%s: %d people, " ANC_PEOPLE " has %d", path, n,
					r->n_sample);
out:
	grx_text_close(t);
	return rc;
}

static void warn_clouds(struct grx_ctx *cx, const struct prs_ref *r, const char *folder)
{
	for (int p = 0; p < r->n_pop; p++)
		if (r->cloud[p].why)
			grx_warn(cx, "%s: nobody is compared with population %s (%lld people): %s", folder,
				r->pop[p], (long long)r->cloud[p].n, r->cloud[p].why);
}

int prs_ref_open(struct grx_ctx *cx, const char *folder, struct prs_ref **out)
{
	int rc = GRX_E_BUG;
	*out = NULL;
	struct grx_arena *mem = grx_arena_new();
	struct prs_ref *r = mem ? grx_arena_calloc(mem, 1, sizeof(*r)) : NULL;
	if (!r) {
		grx_arena_free(mem);
		return grx_fail_nomem(cx, "reference");
	}
	r->mem = mem;
	GRX_TRY(read_bundle(cx, r, folder));
	GRX_TRY(read_people(cx, r, folder));
	GRX_TRY(check_fam(cx, r, folder));
	GRX_TRY(anc_clouds(cx, r));
	r->panel = grx_arena_printf(mem, "%s/panel.bed", folder);
	r->loadings = grx_arena_printf(mem, "%s/" ANC_LOADINGS, folder);
	rc = r->panel && r->loadings ? GRX_OK : grx_fail_nomem(cx, "a path");
	warn_clouds(cx, r, folder);
out:
	if (rc == GRX_OK)
		*out = r;
	else
		prs_ref_close(r);
	return rc;
}

void prs_ref_close(struct prs_ref *r)
{
	if (r)
		grx_arena_free(r->mem);
}

const char *prs_ref_panel(const struct prs_ref *r)
{
	return r->panel;
}

const char *prs_ref_loadings(const struct prs_ref *r)
{
	return r->loadings;
}

int prs_ref_n_sample(const struct prs_ref *r)
{
	return r->n_sample;
}

int prs_ref_n_pc(const struct prs_ref *r)
{
	return r->n_pc;
}

int prs_ref_n_online(const struct prs_ref *r)
{
	return r->n_online;
}

int64_t prs_ref_n_locus(const struct prs_ref *r)
{
	return r->n_locus;
}

const char *prs_ref_pop(const struct prs_ref *r, int pop)
{
	return pop >= 0 && pop < r->n_pop ? r->pop[pop] : NULL;
}
