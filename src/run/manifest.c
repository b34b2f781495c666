/* SPDX-License-Identifier: GPL-3.0-or-later
 * manifest.c -- step records (steps/NAME.json) for --resume, and manifest.json, written last: the completion
 * marker. A step's key is the SHA-256 of version, options that shape the output, and the content of every
 * input and table. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/opt.h"
#include "base/out.h"
#include "genorx/genorx.h"
#include "io/factio.h"
#include "io/sniff.h"
#include "run/content.h"
#include "run/pipe_int.h"
#include "run/summary.h"

static int add_input(struct pipe *p, struct grx_ctx *cx, const char *path, struct grx_str *key)
{
	char hex[80];
	int64_t bytes;
	int rc = grx_content_file(cx, path, hex, &bytes);
	if (rc != GRX_OK)
		return rc;
	grx_str_addf(key, "%s\n", hex);
	json_t *j = json_pack("{s:s, s:I, s:s}", "path", path, "bytes", (json_int_t)bytes, "sha256", hex);
	if (!j || json_array_append_new(p->inputs, j) != 0)
		return grx_fail_nomem(cx, "the manifest");
	return GRX_OK;
}

static int add_list(struct pipe *p, struct grx_ctx *cx, const struct grx_strs *l, struct grx_str *key)
{
	int rc = GRX_OK;
	for (int i = 0; i < l->n && rc == GRX_OK; i++)
		rc = add_input(p, cx, l->v[i], key);
	return rc;
}

/* "name=file:fields" */
static int add_dbs(struct pipe *p, struct grx_ctx *cx, struct grx_str *key)
{
	int rc = GRX_OK;
	for (int i = 0; i < p->o->db.n && rc == GRX_OK; i++) {
		const char *eq = strchr(p->o->db.v[i], '=');
		char *file = eq ? grx_strdup(eq + 1) : NULL;
		char *colon = file ? strrchr(file, ':') : NULL;
		if (colon) {
			*colon = '\0';
			rc = add_input(p, cx, file, key);
		}
		grx_free(file);
	}
	return rc;
}

/* Content of the files and folders that --set STAGE.OPTION=VALUE names (outputs are none). */
static int add_sets(struct pipe *p, struct grx_ctx *cx, struct grx_str *key)
{
	int rc = GRX_OK;
	for (int i = 0; i < p->o->set.n && rc == GRX_OK; i++) {
		const char *value = strchr(p->o->set.v[i], '=') + 1; /* checked by check_set() */
		struct stat st;
		if (pipe_set_type(p->o->set.v[i]) == GRX_OPT_OUT || stat(value, &st) != 0)
			continue;
		if (S_ISREG(st.st_mode))
			rc = add_input(p, cx, value, key);
		else if (S_ISDIR(st.st_mode))
			rc = grx_content_tree(cx, value, key);
	}
	return rc;
}

void grx_pipeline_text(const struct grx_run_opt *opt, const struct grx_common *common, struct grx_str *out)
{
	struct grx_run_opt o = *opt;
	struct grx_common c = *common;
	struct grx_opt_set set[GRX_COMMON_SETS];
	o.outdir = NULL;
	o.resume = false;
	o.stop_after = "report";
	o.write_sites = NULL;
	grx_common_neutral(&c);
	int n = grx_common_sets_run(grx_run_opts, &o, &c, set);
	grx_opts_text(set, n, out);
}

int pipe_keys(struct pipe *p, struct grx_ctx *cx)
{
	int rc = GRX_E_BUG;
	struct grx_str key = {0};
	grx_str_add(&key, GENORX_VERSION "\n");
	grx_pipeline_text(p->o, p->c, &key);
	grx_str_addc(&key, '\n');
	GRX_TRY(add_input(p, cx, p->input, &key));
	const char *single[] = {
		p->c->fasta, p->c->regions_file, p->o->clinical, p->o->gff, p->o->sites, p->o->prs_effect};
	for (size_t i = 0; i < sizeof single / sizeof *single; i++) {
		if (single[i])
			GRX_TRY(add_input(p, cx, single[i], &key));
	}
	GRX_TRY(add_list(p, cx, &p->o->score, &key));
	GRX_TRY(add_list(p, cx, &p->c->facts, &key));
	GRX_TRY(add_dbs(p, cx, &key));
	GRX_TRY(add_sets(p, cx, &key));
	GRX_TRY(grx_content_tree(cx, cx->refdata, &key));
	if (p->o->rules)
		GRX_TRY(grx_content_tree(cx, p->o->rules, &key));
	for (int i = 0; i < PIPE_STEPS; i++) {
		grx_str_addf(&key, "%s\n", p->step[i].name);
		if (key.oom) {
			rc = grx_fail_nomem(cx, "the manifest");
			goto out;
		}
		GRX_TRY(grx_content_text(cx, key.s, p->step[i].key));
	}
	rc = GRX_OK;
out:
	grx_str_clear(&key);
	return rc;
}

static char *record_path(const struct pipe *p, const struct pipe_step *s)
{
	struct grx_str name = {0};
	grx_str_addf(&name, "steps/%s.json", s->name);
	char *path = name.oom ? NULL : pipe_path(p, name.s);
	grx_str_clear(&name);
	return path;
}

/* Do the outputs have the recorded hashes? */
static bool outputs_intact(struct pipe *p, struct grx_ctx *cx, const json_t *outputs)
{
	const char *name;
	json_t *v;
	void *it = json_object_iter((json_t *)outputs);
	for (; it; it = json_object_iter_next((json_t *)outputs, it)) {
		char hex[80];
		int64_t bytes;
		name = json_object_iter_key(it);
		v = json_object_iter_value(it);
		char *path = pipe_path(p, name);
		struct grx_ctx probe = *cx; /* a missing file is no error here */
		bool same = path && access(path, R_OK) == 0 &&
			    grx_content_file(&probe, path, hex, &bytes) == GRX_OK && json_is_string(v) &&
			    strcmp(json_string_value(v), hex) == 0;
		grx_free(path);
		if (!same)
			return false;
	}
	return true;
}

int pipe_resume(struct pipe *p, struct grx_ctx *cx, const struct pipe_step *s, bool *done)
{
	char *path = record_path(p, s);
	json_t *rec = path ? json_load_file(path, 0, NULL) : NULL;
	const json_t *outputs = json_object_get(rec, "outputs");
	const char *key = json_string_value(json_object_get(rec, "key"));
	int rc = GRX_OK;
	/* sites can only be written by the step that asks for them */
	bool asked = p->o->write_sites && strcmp(s->name, "variants") == 0;
	*done = !asked && key && strcmp(key, s->key) == 0 && json_is_object(outputs) &&
		json_object_size(outputs) == (size_t)s->n_file && outputs_intact(p, cx, outputs);
	json_decref(rec);
	grx_free(path);
	if (!*done)
		return rc;
	const char *facts = strcmp(s->name, "variants") == 0 ? "steps/variants.jsonl"
			    : strcmp(s->name, "facts") == 0  ? "facts.jsonl"
							     : NULL;
	if (facts) {
		path = pipe_path(p, facts);
		rc = path ? grx_facts_read(cx, path, p->facts) : grx_fail_nomem(cx, "a path");
		grx_free(path);
	}
	return rc;
}

/* {"file": "sha256", ...} of the step's outputs as they lie on disk. */
static int hash_outputs(struct pipe *p, struct grx_ctx *cx, const struct pipe_step *s, json_t *into)
{
	int rc = GRX_OK;
	for (int i = 0; i < s->n_file && rc == GRX_OK; i++) {
		char hex[80];
		int64_t bytes;
		char *path = pipe_path(p, s->file[i]);
		rc = path ? grx_content_file(cx, path, hex, &bytes) : grx_fail_nomem(cx, "a path");
		if (rc == GRX_OK && json_object_set_new(into, s->file[i], json_string(hex)) != 0)
			rc = grx_fail_nomem(cx, "the manifest");
		grx_free(path);
	}
	return rc;
}

int pipe_record(struct pipe *p, struct grx_ctx *cx, const struct pipe_step *s)
{
	char *path = record_path(p, s);
	json_t *outputs = json_object();
	json_t *rec = json_pack("{s:s, s:s, s:O}", "step", s->name, "key", s->key, "outputs", outputs);
	int rc = path && rec ? hash_outputs(p, cx, s, outputs) : grx_fail_nomem(cx, "the manifest");
	if (rc == GRX_OK)
		rc = grx_json_write(cx, path, rec);
	if (rc == GRX_OK)
		rc = grx_outs_commit(cx);
	json_decref(rec);
	json_decref(outputs);
	grx_free(path);
	return rc;
}

static int add_steps(struct pipe *p, struct grx_ctx *cx, json_t *steps)
{
	int rc = GRX_OK;
	for (int i = 0; i < PIPE_STEPS && rc == GRX_OK; i++) {
		json_t *outputs = json_object();
		json_t *j = json_pack("{s:s, s:s, s:O}", "step", p->step[i].name, "key", p->step[i].key,
			"outputs", outputs);
		rc = j ? hash_outputs(p, cx, &p->step[i], outputs) : grx_fail_nomem(cx, "the manifest");
		if (rc == GRX_OK && json_array_append(steps, j) != 0)
			rc = grx_fail_nomem(cx, "the manifest");
		json_decref(j);
		json_decref(outputs);
		if (strcmp(p->step[i].name, p->o->stop_after) == 0)
			break;
	}
	return rc;
}

int pipe_manifest(struct pipe *p, struct grx_ctx *cx)
{
	char when[32];
	time_t now = time(NULL);
	struct tm tm;
	struct grx_str text = {0};
	json_t *steps = json_array();
	char *path = pipe_path(p, "manifest.json");
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	grx_pipeline_text(p->o, p->c, &text);
	json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:b, s:O, s:O}", "genorx", GENORX_VERSION, "htslib",
		grx_htslib_version(), "finished", when, "options", text.s ? text.s : "", "complete",
		strcmp(p->o->stop_after, "report") == 0, "inputs", p->inputs, "steps", steps);
	int rc = j && path ? add_steps(p, cx, steps) : grx_fail_nomem(cx, "the manifest");
	if (rc == GRX_OK)
		rc = grx_json_write(cx, path, j);
	if (rc == GRX_OK)
		rc = grx_outs_commit(cx);
	json_decref(j);
	json_decref(steps);
	grx_str_clear(&text);
	grx_free(path);
	return rc;
}
