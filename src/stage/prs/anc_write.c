/* SPDX-License-Identifier: GPL-3.0-or-later
 * anc_write.c -- the parts of a bundle beside its genotypes: loadings, people, settings. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/out.h"
#include "io/bgzout.h"
#include "math/linalg.h"
#include "stage/prs/anc_build.h"
#include "stage/prs/anc_files.h"

#define SPAN 256 /* loci written at a time */

const char *anc_drop_name(enum anc_drop d)
{
	static const char *const name[ANC_N_DROP] = {"used", "not_biallelic", "not_acgt", "filtered",
		"repeated", "not_snp", "not_autosome", "same_position", "palindromic", "excluded", "missing",
		"rare", "hwe", "ld"};
	return name[d];
}

/* --- projection of the people that do not train, one span of loci after the other */
static int project(struct grx_ctx *cx, struct anc_build *b, const int64_t span[2], double *u, double *x)
{
	int64_t first = b->m.n_train, n = b->m.n_person - first, words = anc_words(b->m.n_person);
	struct grx_mat xm = grx_mat_rows(x, span[1], n);
	if (n == 0)
		return GRX_OK;
	anc_standardise(&b->m, span, (int64_t[]){first, n}, x, n);
	for (int64_t l = 0; l < span[1]; l++)
		for (int64_t i = 0; i < n; i++) {
			b->norm2[i] += x[l * n + i] * x[l * n + i];
			b->called[i] += anc_get(b->m.word + (span[0] + l) * words, first + i) != 3;
		}
	return grx_gemm(cx, 1.0, grx_mat_t(xm), grx_mat_rows(u, span[1], b->pca.n), 1.0,
		grx_mat_rows(b->proj, n, b->pca.n));
}

static void loadings_header(struct grx_bgz *z, const struct anc_build *b)
{
	char line[64];
	bool known = strcmp(b->build_name, "unknown") != 0;
	grx_bgz_puts(z,
		"###PGS CATALOG SCORING FILE\n#format_version=2.0\n#pgs_id=components\n#weight_type=NR\n"
		"#genome_build=");
	grx_bgz_puts(z, known ? b->build_name : "NR");
	grx_bgz_puts(z, "\nchr_name\tchr_position\teffect_allele\tother_allele\tallelefrequency_effect\t"
			"effect_weight_inv_sd");
	for (int k = 0; k < b->pca.n; k++) {
		snprintf(line, sizeof(line), "\teffect_weight_PC%d", k + 1);
		grx_bgz_puts(z, line);
	}
	grx_bgz_puts(z, "\n");
}

/* u: loadings of the locus. Weights are those of ALT copies less their mean. */
static void loadings_row(
	struct grx_bgz *z, const struct anc_build *b, const struct anc_locus *l, const double *u)
{
	char num[40], line[160];
	snprintf(
		line, sizeof(line), "%d\t%lld\t%c\t%c\t", l->autosome, (long long)l->pos + 1, l->alt, l->ref);
	grx_bgz_puts(z, line);
	grx_bgz_puts(z, grx_fmt_g(num, l->mean / 2.0, 17));
	grx_bgz_puts(z, "\t");
	grx_bgz_puts(z, grx_fmt_g(num, l->inv_sd, 17));
	for (int k = 0; k < b->pca.n; k++) {
		grx_bgz_puts(z, "\t");
		grx_bgz_puts(z, grx_fmt_g(num, u[k] * l->inv_sd, 9));
	}
	grx_bgz_puts(z, "\n");
}

static int write_spans(struct grx_ctx *cx, struct anc_build *b, struct grx_bgz *z)
{
	int rc = GRX_E_BUG;
	int64_t other = b->m.n_person - b->m.n_train;
	double *u = grx_malloc(SPAN, (size_t)b->pca.n * sizeof(*u));
	double *x = grx_malloc(SPAN, (size_t)other * sizeof(*x));
	if (!u || !x) {
		rc = grx_fail_nomem(cx, "loadings");
		goto out;
	}
	for (int64_t at = 0; at < b->m.n_locus; at += SPAN) {
		int64_t span[2] = {at, b->m.n_locus - at < SPAN ? b->m.n_locus - at : SPAN};
		GRX_TRY(anc_pca_loadings(cx, &b->m, &b->pca, span, u));
		GRX_TRY(project(cx, b, span, u, x));
		for (int64_t l = 0; l < span[1]; l++)
			loadings_row(z, b, &b->m.locus[at + l], u + l * b->pca.n);
	}
	rc = GRX_OK;
out:
	grx_free(u);
	grx_free(x);
	return rc;
}

static int write_loadings(struct grx_ctx *cx, struct anc_build *b)
{
	struct grx_bgz *z = NULL;
	const char *path = anc_path(b, ANC_LOADINGS);
	size_t other = (size_t)(b->m.n_person - b->m.n_train) + 1;
	b->proj = grx_arena_calloc(b->mem, other, (size_t)b->pca.n * sizeof(*b->proj));
	b->norm2 = grx_arena_calloc(b->mem, other, sizeof(*b->norm2));
	b->called = grx_arena_calloc(b->mem, other, sizeof(*b->called));
	if (!path || !b->proj || !b->norm2 || !b->called)
		return grx_fail_nomem(cx, "loadings");
	int rc = grx_bgz_open(cx, path, false, &z);
	if (rc != GRX_OK)
		return rc;
	loadings_header(z, b);
	rc = write_spans(cx, b, z);
	int rc2 = grx_bgz_close(cx, z);
	return rc != GRX_OK ? rc : rc2;
}

/* --- people: those who train lie where the decomposition puts them, the others where OADP does */
static int place_people(struct grx_ctx *cx, struct anc_build *b)
{
	int rc = GRX_E_BUG;
	int64_t other = b->m.n_person - b->m.n_train;
	struct prs_projected *p = grx_calloc((size_t)other + 1, sizeof(*p));
	struct prs_place *out = grx_calloc((size_t)other + 1, sizeof(*out));
	if (!p || !out) {
		rc = grx_fail_nomem(cx, "people of the panel");
		goto out;
	}
	for (int64_t i = 0; i < b->m.n_train; i++) {
		struct anc_person *a = &b->ref.person[b->order[i]];
		a->placed = true;
		for (int k = 0; k < b->ref.n_pc; k++)
			a->pc[k] = b->pca.v[i * b->pca.n + k] * b->pca.sv[k];
	}
	for (int64_t i = 0; i < other; i++)
		p[i] = (struct prs_projected){b->proj + i * b->pca.n, b->norm2[i], b->called[i]};
	GRX_TRY(prs_place(cx, &b->ref, p, (int)other, out));
	for (int64_t i = 0; i < other; i++) {
		struct anc_person *a = &b->ref.person[b->order[b->m.n_train + i]];
		a->placed = out[i].placed;
		memcpy(a->pc, out[i].pc, sizeof(a->pc));
	}
	rc = GRX_OK;
out:
	grx_free(p);
	grx_free(out);
	return rc;
}

static int write_people(struct grx_ctx *cx, struct anc_build *b)
{
	struct grx_out *o = NULL;
	char num[40];
	const char *path = anc_path(b, ANC_PEOPLE);
	int rc = path ? grx_out_open(cx, path, &o) : grx_fail_nomem(cx, "a path");
	if (rc != GRX_OK)
		return rc;
	grx_out_puts(o, "sample\tpopulation\tsuperpopulation\ttraining\tplaced");
	for (int k = 0; k < b->ref.n_pc; k++)
		grx_out_printf(o, "\tPC%d", k + 1);
	grx_out_puts(o, "\n");
	for (int i = 0; i < b->ref.n_sample; i++) {
		const struct anc_person *a = &b->ref.person[i];
		grx_out_printf(o, "%s\t%s\t%s\t%s\t%s", a->sample, a->pop, a->super, a->train ? "yes" : "no",
			a->placed ? "yes" : "no");
		for (int k = 0; k < b->ref.n_pc; k++)
			grx_out_printf(o, "\t%s", a->placed ? grx_fmt_g(num, a->pc[k], 17) : ".");
		grx_out_puts(o, "\n");
	}
	return grx_out_close(cx, o);
}

/* --- bundle.json */
static json_t *settings_json(const struct prs_ref_opt *o)
{
	return json_pack("{sf sf sf sf sf sI sI sI sI}", "maf", o->maf, "geno", o->geno, "mind", o->mind,
		"hwe_p", o->hwe_p, "prune_r2", o->r2, "window_variants", (json_int_t)o->window_variants,
		"step_variants", (json_int_t)o->step_variants, "n_pc", (json_int_t)o->n_pc, "seed",
		(json_int_t)o->seed);
}

static json_t *loci_json(const struct anc_build *b)
{
	json_t *j = json_pack("{sI sI sI}", "records", (json_int_t)b->n_record, "panel",
		(json_int_t)b->n_panel, "used", (json_int_t)b->m.n_locus);
	json_t *drop = json_object();
	bool bad = !j || !drop;
	for (int k = ANC_USED + 1; k < ANC_N_DROP && !bad; k++)
		bad = json_object_set_new(
			drop, anc_drop_name((enum anc_drop)k), json_integer((json_int_t)b->drop[k]));
	bad = bad || json_object_set(j, "dropped", drop);
	json_decref(drop);
	if (!bad)
		return j;
	json_decref(j);
	return NULL;
}

static json_t *people_json(const struct anc_people_count *p)
{
	return json_pack("{sI sI sI sI sI sI}", "panel", (json_int_t)p->n, "training", (json_int_t)p->train,
		"not_listed", (json_int_t)p->not_listed, "related", (json_int_t)p->related,
		"missing_genotypes", (json_int_t)p->missing, "listed_but_absent",
		(json_int_t)p->listed_absent);
}

static json_t *components_json(const struct anc_build *b)
{
	json_t *sv = json_array();
	for (int k = 0; k < b->pca.n; k++)
		if (json_array_append_new(sv, json_real(b->pca.sv[k]))) {
			json_decref(sv);
			return NULL;
		}
	return json_pack("{si si sI sb sf so}", "kept", b->ref.n_pc, "loadings", b->pca.n, "passes",
		(json_int_t)b->pca.n_pass, "converged", b->pca.converged, "residual", b->pca.worst,
		"singular_values", sv);
}

static json_t *hashes_json(struct grx_ctx *cx, const struct anc_build *b)
{
	json_t *j = json_object();
	char hex[65];
	for (int k = 0; k < ANC_N_PART; k++) {
		const char *path = anc_path(b, anc_part[k]);
		if (!path || grx_sha_file(cx, path, hex) != GRX_OK ||
			json_object_set_new(j, anc_part[k], json_string(hex))) {
			json_decref(j);
			return NULL;
		}
	}
	return j;
}

static int write_bundle(struct grx_ctx *cx, struct anc_build *b)
{
	json_t *files = hashes_json(cx, b);
	if (!files && cx->err.status)
		return cx->err.status;
	json_t *j = json_pack("{ss si ss sb so so so so so}", "format", ANC_FORMAT, "version", ANC_VERSION,
		"build", b->build_name, "reference_allele_recorded", !b->ref_unsure, "settings",
		settings_json(b->o), "loci", loci_json(b), "people", people_json(&b->people), "components",
		components_json(b), "sha256", files);
	char *text = j ? json_dumps(j, JSON_INDENT(1) | JSON_PRESERVE_ORDER) : NULL;
	const char *path = anc_path(b, ANC_BUNDLE);
	struct grx_out *o = NULL;
	int rc = text && path ? grx_out_open(cx, path, &o) : grx_fail_nomem(cx, "bundle.json");
	if (rc == GRX_OK) {
		grx_out_puts(o, text);
		grx_out_puts(o, "\n");
		rc = grx_out_close(cx, o);
	}
	free(text);
	json_decref(j);
	return rc;
}

int anc_write_all(struct grx_ctx *cx, struct anc_build *b)
{
	int rc = GRX_E_BUG;
	memcpy(b->ref.sv, b->pca.sv, (size_t)b->pca.n * sizeof(*b->ref.sv));
	b->ref.n_online = b->pca.n;
	b->ref.n_pc = b->o->n_pc < b->pca.n ? (int)b->o->n_pc : b->pca.n;
	b->ref.n_locus = b->m.n_locus;
	b->ref.mem = b->mem;
	GRX_TRY(write_loadings(cx, b));
	GRX_TRY(place_people(cx, b));
	GRX_TRY(write_people(cx, b));
	GRX_TRY(grx_outs_commit(cx)); /* hashes are of what is in place */
	GRX_TRY(write_bundle(cx, b));
	GRX_TRY(grx_outs_commit(cx));
	rc = GRX_OK;
out:
	return rc;
}
