/* SPDX-License-Identifier: GPL-3.0-or-later
 * steps.c -- the three steps of `genorx run` and how its options reach the stages. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"
#include "base/str.h"
#include "io/factio.h"
#include "run/pipe_int.h"
#include "run/registry.h"
#include "run/summary.h"

/* Options of one stage while it runs. */
struct stage_opts {
	const struct grx_stage *st;
	void *opts;
	struct grx_opt_set set;
	char *path[4]; /* output names made here */
	int n_path;
};

static int opts_init(struct grx_ctx *cx, struct stage_opts *so, const char *name)
{
	*so = (struct stage_opts){.st = grx_stage_find(name)};
	if (!so->st)
		return grx_fail(cx, GRX_E_BUG, "no stage %s", name);
	so->opts = grx_calloc(1, so->st->opts_size);
	so->set = (struct grx_opt_set){name, so->st->opts, so->opts};
	if (!so->opts)
		return grx_fail_nomem(cx, "options");
	return grx_opts_default(cx, &so->set, 1);
}

static void opts_clear(struct stage_opts *so)
{
	if (so->opts)
		grx_opts_clear(&so->set, 1);
	grx_free(so->opts);
	for (int i = 0; i < so->n_path; i++)
		grx_free(so->path[i]);
}

static int give(struct grx_ctx *cx, struct stage_opts *so, const char *name, const char *value)
{
	return value ? grx_opts_assign(cx, &so->set, 1, name, value) : GRX_OK;
}

static int give_list(struct grx_ctx *cx, struct stage_opts *so, const char *name, const struct grx_strs *l)
{
	int rc = GRX_OK;
	for (int i = 0; i < l->n && rc == GRX_OK; i++)
		rc = give(cx, so, name, l->v[i]);
	return rc;
}

/* An output file of the stage, under outdir. */
static int give_path(
	struct pipe *p, struct grx_ctx *cx, struct stage_opts *so, const char *name, const char *file)
{
	char *path = pipe_path(p, file);
	if (!path)
		return grx_fail_nomem(cx, "a path");
	so->path[so->n_path++] = path;
	return give(cx, so, name, path);
}

/* --set stage.option=value */
static int give_sets(struct pipe *p, struct grx_ctx *cx, struct stage_opts *so)
{
	size_t n = strlen(so->st->name);
	int rc = GRX_OK;
	for (int i = 0; i < p->o->set.n && rc == GRX_OK; i++) {
		const char *s = p->o->set.v[i], *eq = strchr(s, '=');
		char name[64];
		if (strncmp(s, so->st->name, n) != 0 || s[n] != '.')
			continue;
		size_t m = (size_t)(eq - s) - n - 1;
		snprintf(name, sizeof name, "%.*s", (int)m, s + n + 1); /* checked by check_set() */
		rc = give(cx, so, name, eq + 1);
	}
	return rc;
}

/* How options of `run` reach the stages: by name, so that the stage's own table stays the one place of its
 * options. */
enum forward_kind { FORWARD_TEXT, FORWARD_LIST, FORWARD_FLAG, FORWARD_FILE };

static const struct forward {
	const char *stage, *option;
	enum forward_kind kind;
	size_t offset;    /* in struct grx_run_opt; of FILE unused */
	const char *file; /* of FILE: name under outdir */
} forwards[] = {
	{"qc", "json", FORWARD_FILE, 0, "qc.json"},
	{"qc", "multiqc", FORWARD_FILE, 0, "qc_mqc.json"},
	{"call", "sites", FORWARD_TEXT, offsetof(struct grx_run_opt, sites), NULL},
	{"call", "sex", FORWARD_TEXT, offsetof(struct grx_run_opt, sex), NULL},
	{"call", "gvcf", FORWARD_FLAG, offsetof(struct grx_run_opt, gvcf), NULL},
	{"annotate", "gff", FORWARD_TEXT, offsetof(struct grx_run_opt, gff), NULL},
	{"annotate", "db", FORWARD_LIST, offsetof(struct grx_run_opt, db), NULL},
	{"annotate", "finding-genes", FORWARD_TEXT, offsetof(struct grx_run_opt, finding_genes), NULL},
	{"annotate", "secondary-findings", FORWARD_FLAG, offsetof(struct grx_run_opt, secondary_findings),
		NULL},
	{"pgx", "tsv", FORWARD_FILE, 0, "pgx.tsv"},
	{"prs", "score", FORWARD_LIST, offsetof(struct grx_run_opt, score), NULL},
	{"prs", "tsv", FORWARD_FILE, 0, "scores.tsv"},
	{"predict", "clinical", FORWARD_TEXT, offsetof(struct grx_run_opt, clinical), NULL},
	{"predict", "prs-effect", FORWARD_TEXT, offsetof(struct grx_run_opt, prs_effect), NULL},
	{"recommend", "rules", FORWARD_TEXT, offsetof(struct grx_run_opt, rules), NULL},
	{"recommend", "findings", FORWARD_FLAG, offsetof(struct grx_run_opt, secondary_findings), NULL},
	{"report", "output", FORWARD_FILE, 0, "report.html"},
	{"report", "tsv", FORWARD_FILE, 0, "report.tsv"},
	{"report", "json", FORWARD_FILE, 0, "report.json"},
	{"report", "lang", FORWARD_TEXT, offsetof(struct grx_run_opt, lang), NULL},
	{"report", "title", FORWARD_TEXT, offsetof(struct grx_run_opt, title), NULL},
};

static int forward(struct pipe *p, struct grx_ctx *cx, struct stage_opts *so, const struct forward *f)
{
	const char *at = (const char *)p->o + f->offset;
	switch (f->kind) {
	case FORWARD_TEXT:
		return give(cx, so, f->option, *(const char *const *)at);
	case FORWARD_LIST:
		return give_list(cx, so, f->option, (const struct grx_strs *)at);
	case FORWARD_FLAG:
		return give(cx, so, f->option, *(const bool *)at ? "1" : NULL);
	case FORWARD_FILE:
		break;
	}
	return give_path(p, cx, so, f->option, f->file);
}

static int prepare(struct pipe *p, struct grx_ctx *cx, struct stage_opts *so, const char *name)
{
	int rc = opts_init(cx, so, name);
	for (size_t i = 0; i < sizeof forwards / sizeof *forwards && rc == GRX_OK; i++) {
		if (strcmp(forwards[i].stage, name) == 0)
			rc = forward(p, cx, so, &forwards[i]);
	}
	return rc == GRX_OK ? give_sets(p, cx, so) : rc;
}

/* Run the named stages as one leg; their facts go to made. */
static int run_leg(struct pipe *p, struct grx_ctx *cx, const char *const *names, struct grx_leg *leg)
{
	struct stage_opts so[GRX_LEG_STAGES];
	int rc = GRX_OK, n = 0;
	leg->common = p->c;
	leg->summary = p->summary;
	for (; names[n] && rc == GRX_OK; n++) {
		cx->stage = names[n];
		rc = prepare(p, cx, &so[n], names[n]);
		leg->stage[n] = (struct grx_leg_stage){.st = so[n].st, .opts = so[n].opts};
	}
	leg->n_stage = n;
	cx->facts = p->facts;
	if (rc == GRX_OK)
		rc = grx_leg_run(cx, leg);
	cx->facts = NULL;
	for (int i = 0; i < n; i++)
		opts_clear(&so[i]);
	return rc;
}

/* Known facts plus those made by the leg, written to outdir/file. */
static int keep_facts(struct pipe *p, struct grx_ctx *cx, const struct grx_facts *made, const char *file)
{
	int rc = grx_facts_append(cx, p->facts, made);
	char *path = pipe_path(p, file);
	if (rc == GRX_OK)
		rc = path ? grx_facts_write(cx, path, p->facts) : grx_fail_nomem(cx, "a path");
	grx_free(path);
	return rc;
}

/* Stages of the first leg, NULL-ended. */
static void variant_stages(const struct pipe *p, const char *names[GRX_LEG_STAGES])
{
	int n = 0;
	/* call first: qc then sees its variants too */
	if (p->input_is_reads)
		names[n++] = "call";
	names[n++] = "qc";
	if (p->o->gff || p->o->db.n)
		names[n++] = "annotate";
	names[n++] = "pgx";
	if (p->o->score.n)
		names[n++] = "prs";
	names[n] = NULL;
}

static bool list_has(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

bool pipe_has_stage(const struct pipe *p, const char *name)
{
	static const char *const later[] = {"predict", "recommend", "report", NULL};
	const char *first[GRX_LEG_STAGES];
	variant_stages(p, first);
	return list_has(first, name) || list_has(later, name);
}

static int step_variants(struct pipe *p, struct grx_ctx *cx)
{
	const char *names[GRX_LEG_STAGES];
	variant_stages(p, names);
	struct grx_facts *made = grx_facts_new();
	char *calls = pipe_path(p, "calls.vcf.gz");
	struct grx_leg leg = {
		.input = p->input,
		.input_is_reads = p->input_is_reads,
		.vars_path = calls,
		.vars_type = 'z',
		.sites_path = p->o->write_sites,
		.out = made,
	};
	int rc = made && calls ? run_leg(p, cx, names, &leg) : grx_fail_nomem(cx, "facts");
	if (rc == GRX_OK)
		rc = keep_facts(p, cx, made, "steps/variants.jsonl");
	grx_facts_free(made);
	grx_free(calls);
	return rc;
}

/* One stage over facts; its facts join the known ones. */
static int facts_stage(struct pipe *p, struct grx_ctx *cx, const char *name)
{
	const char *names[] = {name, NULL};
	struct grx_facts *made = grx_facts_new();
	struct grx_leg leg = {.out = made};
	int rc = made ? run_leg(p, cx, names, &leg) : grx_fail_nomem(cx, "facts");
	if (rc == GRX_OK)
		rc = grx_facts_append(cx, p->facts, made);
	grx_facts_free(made);
	return rc;
}

static int step_facts(struct pipe *p, struct grx_ctx *cx)
{
	int rc = facts_stage(p, cx, "predict");
	if (rc == GRX_OK)
		rc = facts_stage(p, cx, "recommend");
	if (rc != GRX_OK)
		return rc;
	char *path = pipe_path(p, "facts.jsonl");
	rc = path ? grx_facts_write(cx, path, p->facts) : grx_fail_nomem(cx, "a path");
	grx_free(path);
	return rc;
}

static int step_report(struct pipe *p, struct grx_ctx *cx)
{
	int rc = facts_stage(p, cx, "report");
	char *path = pipe_path(p, "summary.json");
	if (rc == GRX_OK)
		rc = path ? grx_summary_write(cx, path, p->summary) : grx_fail_nomem(cx, "a path");
	grx_free(path);
	return rc;
}

static void add_file(struct pipe_step *s, const char *name)
{
	s->file[s->n_file++] = name;
}

void pipe_plan(struct pipe *p)
{
	p->step[0] = (struct pipe_step){.name = "variants", .run = step_variants};
	p->step[1] = (struct pipe_step){.name = "facts", .run = step_facts};
	p->step[2] = (struct pipe_step){.name = "report", .run = step_report};
	add_file(&p->step[0], "calls.vcf.gz");
	add_file(&p->step[0], "calls.vcf.gz.tbi");
	add_file(&p->step[0], "qc.json");
	add_file(&p->step[0], "qc_mqc.json");
	add_file(&p->step[0], "pgx.tsv");
	if (p->o->score.n)
		add_file(&p->step[0], "scores.tsv");
	add_file(&p->step[0], "steps/variants.jsonl");
	add_file(&p->step[1], "facts.jsonl");
	add_file(&p->step[2], "report.html");
	add_file(&p->step[2], "report.tsv");
	add_file(&p->step[2], "report.json");
	add_file(&p->step[2], "summary.json");
}
