/* SPDX-License-Identifier: GPL-3.0-or-later
 * recommend.c -- the stage: facts + rule tables -> recommendations as facts.
 * All work is done in finish(): every sample in order of first appearance, every drug in order of name. */
#include "stage/recommend/recommend_int.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/out.h"
#include "genorx/stage.h"
#include "stage/stages.h"

struct counts {
	int64_t samples, drugs, rules, fired, level[RECOMMEND_L_ACT + 1], incomplete, robust, verify;
	int64_t not_assessed, ambiguous, no_rule, conflicts;
};

struct state {
	struct recommend_rules *rs;
	const struct recommend_opt *opt;
	bool *want; /* by drug */
	char version[32];
	struct grx_out *tsv;
	struct grx_arena *mem; /* one sample */
	struct grx_str text, text_zh, because, genes;
	struct counts n;
};

/* What emitting one drug of one sample needs. */
struct job {
	struct grx_ctx *cx;
	struct state *st;
	const struct recommend_drug *d;
	const struct recommend_sample *s;
	struct recommend_match match;
	struct grx_facts *out;
	bool current;
};

static void state_free(struct state *st)
{
	if (!st)
		return;
	recommend_rules_free(st->rs);
	grx_free(st->want);
	grx_arena_free(st->mem);
	grx_str_clear(&st->text);
	grx_str_clear(&st->text_zh);
	grx_str_clear(&st->because);
	grx_str_clear(&st->genes);
	grx_free(st);
}

static int unknown_drug(struct grx_ctx *cx, const struct recommend_rules *rs, const char *name)
{
	struct grx_str near = {0};
	const char **list = grx_malloc(rs->n_drug, sizeof(*list));
	int rc;

	if (!list)
		return grx_fail_nomem(cx, "drug names");
	for (size_t i = 0; i < rs->n_drug; i++)
		list[i] = rs->drug[i].name;
	recommend_near(name, list, rs->n_drug, 5, &near);
	rc = grx_fail(cx, GRX_E_USAGE, "--drugs: no rule for '%s'%s%s; `genorx rules list` shows all drugs",
		name, near.n ? "; near: " : "", near.n ? near.s : "");
	grx_str_clear(&near);
	grx_free(list);
	return rc;
}

static int drugs_select(struct grx_ctx *cx, struct state *st, const struct grx_strs *names)
{
	st->want = grx_calloc(st->rs->n_drug + 1, sizeof(*st->want));
	if (!st->want)
		return grx_fail_nomem(cx, "drugs");
	for (size_t i = 0; names->n == 0 && i < st->rs->n_drug; i++)
		st->want[i] = true;
	for (int i = 0; i < names->n; i++) {
		for (const char *s = names->v[i]; *s; s += *s == ',') {
			size_t n = strcspn(s, ",");
			char name[128];
			const struct recommend_drug *d;

			if (n == 0 || n >= sizeof(name))
				return grx_fail(cx, GRX_E_USAGE,
					"--drugs '%s': a drug name is empty or too long", names->v[i]);
			memcpy(name, s, n);
			name[n] = '\0';
			d = recommend_drug_find(st->rs, name);
			if (!d)
				return unknown_drug(cx, st->rs, name);
			st->want[d - st->rs->drug] = true;
			s += n;
		}
	}
	return GRX_OK;
}

static int recommend_open(const void *opts, struct grx_ctx *cx, void **state)
{
	const struct recommend_opt *o = opts;
	struct state *st = grx_calloc(1, sizeof(*st));
	char *dir = NULL;
	int rc = GRX_E_BUG;

	if (!st)
		return grx_fail_nomem(cx, "recommend");
	*state = st;
	st->opt = o;
	st->mem = grx_arena_new();
	dir = recommend_rules_dir(cx, o->rules);
	if (!st->mem || !dir) {
		rc = grx_fail_nomem(cx, "recommend");
		goto out;
	}
	GRX_TRY(recommend_rules_load(cx, dir, NULL, &st->rs));
	memcpy(st->version, "rules:", 6);
	memcpy(st->version + 6, st->rs->sha256, 16);
	GRX_TRY(drugs_select(cx, st, &o->drugs));
	st->n.rules = (int64_t)st->rs->n;
	for (size_t i = 0; i < st->rs->n_drug; i++)
		st->n.drugs += st->want[i];
	if (o->tsv) {
		GRX_TRY(grx_out_open(cx, o->tsv, &st->tsv));
		grx_out_puts(st->tsv,
			"sample\tdrug\trule_id\taction\tlevel\tstrength\tpopulation\ttext\twhen\tbecause\n");
	}
	rc = GRX_OK;
out:
	grx_free(dir);
	return rc;
}

/* ---- evidence --------------------------------------------------------------------------------------------
 */

static int link_fact(struct job *j, struct grx_fact *f, const struct grx_fact *because)
{
	struct grx_str *b = &j->st->because;
	char buf[32];

	if (!because)
		return GRX_OK;
	if (b->n)
		grx_str_add(b, "; ");
	grx_str_add(b, because->key);
	if (because->status != GRX_FACT_OK)
		grx_str_add(b, "=missing");
	else if (because->value.type == GRX_V_STR)
		grx_str_addf(b, "=%s", because->value.str);
	else if (because->value.type == GRX_V_NUM)
		grx_str_addf(b, "=%s", grx_fmt_g(buf, because->value.num, 10));
	return grx_fact_because_fact(j->out, f, because->id);
}

static int link_gene(struct job *j, struct grx_fact *f, int gene, bool diplotype)
{
	const struct recommend_known *k = &j->s->gene[gene];
	int rc = link_fact(j, f, k->phenotype);

	if (!rc)
		rc = link_fact(j, f, k->activity);
	/* the phenotype fact links to the diplotype; without one the diplotype itself is the evidence */
	if (!rc && (diplotype || !k->phenotype))
		rc = link_fact(j, f, k->diplotype);
	return rc;
}

static bool names_gene(const struct recommend_rule *r, int gene, bool *diplotype)
{
	bool found = false;

	for (int i = 0; i < r->pred.n; i++) {
		const struct recommend_node *t = &r->pred.v[i];

		if (t->op < RECOMMEND_N_P || t->op == RECOMMEND_N_F || t->a != gene)
			continue;
		found = true;
		*diplotype = *diplotype || t->op == RECOMMEND_N_D;
	}
	return found;
}

/* Links of a rule (or, without one, of all genes of the drug); st->genes gets the gene names. */
static int link_all(struct job *j, struct grx_fact *f, const struct recommend_rule *r)
{
	int rc = GRX_OK;

	grx_str_reset(&j->st->because);
	grx_str_reset(&j->st->genes);
	for (int i = 0; !rc && i < j->d->n_gene; i++) {
		bool dip = false;

		if (r && !names_gene(r, j->d->gene[i], &dip))
			continue;
		if (j->st->genes.n)
			grx_str_addc(&j->st->genes, ',');
		grx_str_add(&j->st->genes, j->st->rs->genes.v[j->d->gene[i]]);
		rc = link_gene(j, f, j->d->gene[i], dip);
	}
	for (int i = 0; r && !rc && i < r->pred.n; i++)
		if (r->pred.v[i].op == RECOMMEND_N_F)
			rc = link_fact(j, f, j->s->fact[r->pred.v[i].a]);
	if (!rc && (j->st->because.oom || j->st->genes.oom))
		rc = GRX_E_NOMEM;
	return rc;
}

/* ---- facts ------------------------------------------------------------------------------------------------
 */

static int attr(struct job *j, struct grx_fact *f, const char *key, const char *val)
{
	return val && *val ? grx_fact_attr(j->out, f, key, "%s", val) : GRX_OK;
}

static int attr_drug(struct job *j, struct grx_fact *f, const char *level)
{
	int rc;

	GRX_TRY(attr(j, f, "drug", j->d->name));
	GRX_TRY(attr(j, f, "drug_zh", j->d->zh));
	GRX_TRY(attr(j, f, "level", level));
	GRX_TRY(attr(j, f, "genes", j->st->genes.s));
	GRX_TRY(j->current ? attr(j, f, "current", "yes") : GRX_OK);
out:
	return rc;
}

static int attr_rule(struct job *j, struct grx_fact *f, const struct recommend_hit *h)
{
	const struct recommend_rule *r = h->rule;
	int rc;

	GRX_TRY(attr(j, f, "strength", r->strength));
	GRX_TRY(attr(j, f, "population", r->population));
	GRX_TRY(attr(j, f, "actions", h->action_only ? recommend_act_name(r->action) : r->actions));
	for (int i = 0; !h->action_only && i < RECOMMEND_NUM_N; i++)
		GRX_TRY(attr(j, f, recommend_num_name[i], r->num[i]));
	GRX_TRY(attr(j, f, "guideline", r->guideline));
	GRX_TRY(attr(j, f, "pmids", r->pmids));
	GRX_TRY(attr(j, f, "source", r->source));
	GRX_TRY(attr(j, f, "licence", r->licence));
	GRX_TRY(attr(j, f, "verify", r->verify ? "1" : "0"));
	GRX_TRY(attr(j, f, "when", r->when));
	GRX_TRY(grx_fact_attr(j->out, f, "rule_version", "%lld", (long long)r->version));
	f->rule = grx_facts_dup(j->out, r->id);
	f->refdata = grx_facts_dup(j->out, j->st->version);
	if (!f->rule || !f->refdata)
		rc = GRX_E_NOMEM;
out:
	return rc;
}

static void tsv_row(struct job *j, const struct recommend_rule *r, const char *action, const char *level,
	const char *text)
{
	if (!j->st->tsv)
		return;
	grx_out_printf(j->st->tsv, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", j->s->name, j->d->name,
		r ? r->id : ".", action, level, r && *r->strength ? r->strength : ".",
		r ? r->population : ".", text, r ? r->when : ".", j->st->because.n ? j->st->because.s : ".");
}

/* Genes whose call is partial (some loci without a genotype) although the phenotype stands. */
static int attr_partial(struct job *j, struct grx_fact *f, const struct recommend_rule *r)
{
	struct grx_str p = {0};
	int rc = GRX_OK;

	for (int i = 0; i < j->d->n_gene; i++) {
		const struct grx_fact *s = j->s->gene[j->d->gene[i]].status;
		bool dip = false;

		if (!s || s->value.type != GRX_V_STR || strcmp(s->value.str, "partial") != 0 ||
			!names_gene(r, j->d->gene[i], &dip))
			continue;
		grx_str_addf(&p, "%s%s", p.n ? "," : "", j->st->rs->genes.v[j->d->gene[i]]);
	}
	if (p.oom)
		rc = GRX_E_NOMEM;
	else if (p.n)
		rc = attr(j, f, "partial", p.s);
	grx_str_clear(&p);
	return rc;
}

static int emit_hit(struct job *j, const struct recommend_hit *h)
{
	struct counts *n = &j->st->n;
	enum recommend_level level = recommend_hit_level(h);
	const char *action = recommend_act_name(h->rule->action);
	struct grx_str key = {0};
	struct grx_fact *f = NULL;
	int rc = GRX_E_BUG;

	grx_str_addf(&key, "recommend/%s/%s", j->d->key, h->rule->id);
	if (key.oom) {
		rc = GRX_E_NOMEM;
		goto out;
	}
	GRX_TRY(grx_facts_add(j->cx, j->out, j->s->name, key.s, "recommend", &f));
	GRX_TRY(grx_fact_str_set(j->out, f, action));
	GRX_TRY(link_all(j, f, h->rule));
	GRX_TRY(attr_drug(j, f, recommend_level_name(level)));
	GRX_TRY(attr_rule(j, f, h));
	GRX_TRY(attr(j, f, "incomplete", h->incomplete));
	GRX_TRY(attr_partial(j, f, h->rule));
	GRX_TRY(j->match.robust ? attr(j, f, "robust", h->action_only ? "action" : "yes") : GRX_OK);
	GRX_TRY(attr(j, f, "rules", h->rules));
	GRX_TRY(recommend_text(j->cx, j->st->rs, j->d, h, false, &j->st->text));
	GRX_TRY(recommend_text(j->cx, j->st->rs, j->d, h, true, &j->st->text_zh));
	GRX_TRY(attr(j, f, "text", j->st->text.s));
	GRX_TRY(attr(j, f, "text_zh", j->st->text_zh.s));
	tsv_row(j, h->rule, action, recommend_level_name(level), j->st->text.s);
	n->fired++;
	n->level[level]++;
	n->incomplete += h->incomplete != NULL;
	n->robust += j->match.robust;
	n->verify += h->rule->verify;
	rc = GRX_OK;
out:
	grx_str_clear(&key);
	return rc;
}

static int emit_conflict(struct job *j, const struct recommend_conflict *c, int number)
{
	struct grx_str key = {0};
	struct grx_fact *f = NULL;
	int rc = GRX_E_BUG;

	grx_str_addf(&key, "recommend/%s/conflict", j->d->key);
	if (number)
		grx_str_addf(&key, "/%d", number + 1);
	if (key.oom) {
		rc = GRX_E_NOMEM;
		goto out;
	}
	GRX_TRY(grx_facts_add(j->cx, j->out, j->s->name, key.s, "recommend", &f));
	GRX_TRY(grx_fact_str_set(j->out, f, recommend_act_name(c->worst)));
	grx_str_reset(&j->st->genes);
	GRX_TRY(attr_drug(j, f, recommend_level_name(recommend_act_level(c->worst))));
	GRX_TRY(attr(j, f, "population", c->population));
	GRX_TRY(attr(j, f, "rules", c->rules));
	GRX_TRY(attr(j, f, "actions", c->actions));
	GRX_TRY(grx_fact_attr(j->out, f, "text",
		"Rules %s hold together and advise differently (%s); the most cautious is %s. A person must "
		"decide.",
		c->rules, c->actions, recommend_act_name(c->worst)));
	for (int i = 0; i < j->match.n; i++) {
		const struct recommend_rule *r = j->match.hit[i].rule;
		struct grx_str id = {0};

		if (strcmp(r->population, c->population) != 0)
			continue;
		grx_str_addf(&id, "%s|recommend/%s/%s", j->s->name, j->d->key, r->id);
		rc = id.oom ? GRX_E_NOMEM : grx_fact_because_fact(j->out, f, id.s);
		grx_str_clear(&id);
		if (rc)
			goto out;
	}
	j->st->n.conflicts++;
	rc = GRX_OK;
out:
	grx_str_clear(&key);
	return rc;
}

static void reason_gene(struct grx_str *o, const char *gene, const struct recommend_known *k)
{
	const struct grx_fact *p = k->phenotype;
	const char *why = p ? grx_fact_attr_get(p, "reason") : NULL;
	const char *n = k->diplotype ? grx_fact_attr_get(k->diplotype, "n_loci") : NULL;
	const char *miss = k->diplotype ? grx_fact_attr_get(k->diplotype, "n_missing") : NULL;

	if (why && grx_starts(why, "not assessed: "))
		why += strlen("not assessed: ");
	if (k->cand[0].assessed)
		why = "what is known of it does not decide any rule";
	grx_str_addf(o, "%s%s not assessed (%s", o->n ? "; " : "", gene,
		why ? why
		: p ? "no value"
		    : "no result was given");
	if (k->cand[0].assessed && p && p->value.type == GRX_V_STR)
		grx_str_addf(o, ": %s", p->value.str);
	if (miss && n && strcmp(n, "0") != 0)
		grx_str_addf(o, "; %s of %s defining loci without a genotype", miss, n);
	grx_str_addc(o, ')');
}

static void reason_state(struct grx_str *o, const char *gene, const struct recommend_known *k)
{
	const struct recommend_gene *g = &k->cand[0];
	char buf[32];

	grx_str_addf(o, "%s%s ", o->n ? ", " : "no rule for ", gene);
	for (int i = 0; i < k->n_cand && k->n_cand > 1; i++)
		grx_str_addf(o, "%s%s", i ? "|" : "", k->cand[i].n_label ? k->cand[i].label[0] : "?");
	if (k->n_cand > 1)
		return;
	grx_str_add(o, g->n_label ? g->label[0] : g->diplotype ? g->diplotype : "without a phenotype");
	if (g->as_kind == RECOMMEND_AS_NUM)
		grx_str_addf(o, " (activity score %s)", grx_fmt_g(buf, g->as, 6));
}

/* Why no advice is given; genes gets the genes at fault. */
static void reason(struct job *j, struct grx_str *o, struct grx_str *genes)
{
	for (int i = 0; i < j->d->n_gene; i++) {
		const char *gene = j->st->rs->genes.v[j->d->gene[i]];
		const struct recommend_known *k = &j->s->gene[j->d->gene[i]];
		bool fault = j->match.outcome == RECOMMEND_NO_RULE;

		if (j->match.outcome == RECOMMEND_NOT_ASSESSED)
			fault = !j->match.gene[j->d->gene[i]]->assessed;
		else if (j->match.outcome == RECOMMEND_AMBIGUOUS)
			fault = k->ambiguous;
		if (!fault)
			continue;
		grx_str_addf(genes, "%s%s", genes->n ? "," : "", gene);
		if (j->match.outcome == RECOMMEND_NOT_ASSESSED)
			reason_gene(o, gene, k);
		else if (j->match.outcome == RECOMMEND_NO_RULE)
			reason_state(o, gene, k);
		else
			grx_str_addf(o, "%s%s ambiguous", o->n ? ", " : "", gene);
	}
	if (j->match.outcome == RECOMMEND_AMBIGUOUS)
		grx_str_add(o, ": the candidates lead to different advice");
}

static int emit_none(struct job *j)
{
	static const char *const cause[] = {[RECOMMEND_NOT_ASSESSED] = "missing",
		[RECOMMEND_AMBIGUOUS] = "ambiguous",
		[RECOMMEND_NO_RULE] = "no_rule"};
	struct counts *n = &j->st->n;
	struct grx_str key = {0}, why = {0}, genes = {0};
	struct grx_fact *f = NULL;
	int rc = GRX_E_NOMEM;

	grx_str_addf(&key, "recommend/%s/not_assessed", j->d->key);
	reason(j, &why, &genes);
	if (key.oom || why.oom || genes.oom)
		goto out;
	GRX_TRY(grx_facts_add(j->cx, j->out, j->s->name, key.s, "recommend", &f));
	f->status = GRX_FACT_MISSING;
	f->refdata = grx_facts_dup(j->out, j->st->version);
	GRX_TRY(attr(j, f, "reason", why.s));
	GRX_TRY(link_all(j, f, NULL));
	grx_str_reset(&j->st->genes);
	grx_str_add(&j->st->genes, genes.s ? genes.s : "");
	GRX_TRY(attr_drug(j, f, "unknown"));
	GRX_TRY(attr(j, f, "cause", cause[j->match.outcome]));
	GRX_TRY(attr(j, f, "possible", j->match.possible));
	if (j->match.outcome == RECOMMEND_AMBIGUOUS)
		GRX_TRY(attr(j, f, "worst", recommend_act_name(j->match.worst)));
	tsv_row(j, NULL, "not_assessed", "unknown", why.n ? why.s : ".");
	n->not_assessed += j->match.outcome == RECOMMEND_NOT_ASSESSED;
	n->ambiguous += j->match.outcome == RECOMMEND_AMBIGUOUS;
	n->no_rule += j->match.outcome == RECOMMEND_NO_RULE;
	rc = GRX_OK;
out:
	grx_str_clear(&key);
	grx_str_clear(&why);
	grx_str_clear(&genes);
	return rc;
}

/* ---- samples ----------------------------------------------------------------------------------------------
 */

/* Does a "codeine; warfarin" list hold the drug? */
static bool list_holds(const char *list, const struct recommend_drug *d)
{
	while (*list) {
		size_t n;

		list += strspn(list, " ,;|");
		n = strcspn(list, ",;|");
		while (n && list[n - 1] == ' ')
			n--;
		if (n && ((strlen(d->name) == n && !strncasecmp(list, d->name, n)) ||
				 (strlen(d->zh) == n && !strncmp(list, d->zh, n))))
			return true;
		list += n + strspn(list + n, " ");
	}
	return false;
}

/* Facts clinical/medication (a list) and clinical/medication/NAME mark drugs taken now. */
static bool is_current(const struct grx_facts *fs, const char *sample, const struct recommend_drug *d)
{
	const struct grx_fact *f = grx_facts_find(fs, sample, "clinical/medication");
	struct grx_str key = {0};
	bool found = f && f->status == GRX_FACT_OK && f->value.type == GRX_V_STR &&
		     list_holds(f->value.str, d);

	for (int i = 0; i < 2 && !found; i++) {
		grx_str_reset(&key);
		grx_str_addf(&key, "clinical/medication/%s", i ? d->key : d->name);
		f = key.oom ? NULL : grx_facts_find(fs, sample, key.s);
		found = f && f->status == GRX_FACT_OK &&
			!(f->value.type == GRX_V_STR && !strcasecmp(f->value.str, "no")) &&
			!(f->value.type != GRX_V_STR && f->value.num == 0);
	}
	grx_str_clear(&key);
	return found;
}

static int drug_do(struct job *j)
{
	struct recommend_match *m = &j->match;
	struct recommend_conflict *conf;
	int rc, n;

	GRX_TRY(recommend_match_drug(j->cx, j->st->rs, j->d, j->s, j->st->mem, m));
	j->current = is_current(j->cx->facts, j->s->name, j->d);
	if (m->outcome != RECOMMEND_FIRED) {
		rc = emit_none(j);
		goto out;
	}
	for (int i = 0; i < m->n; i++)
		GRX_TRY(emit_hit(j, &m->hit[i]));
	n = recommend_conflicts(j->st->mem, m, &conf);
	if (n < 0) {
		rc = GRX_E_NOMEM;
		goto out;
	}
	for (int i = 0; i < n; i++)
		GRX_TRY(emit_conflict(j, &conf[i], i));
out:
	return rc;
}

static int sample_do(struct grx_ctx *cx, struct state *st, const char *name, struct grx_facts *out)
{
	struct recommend_sample s = {0};
	struct job j = {.cx = cx, .st = st, .s = &s, .out = out};
	int rc;

	grx_arena_reset(st->mem);
	GRX_TRY(recommend_sample_read(cx, st->rs, cx->facts, name, st->mem, &s));
	for (size_t i = 0; i < st->rs->n_drug; i++) {
		if (!st->want[i])
			continue;
		j.d = &st->rs->drug[i];
		GRX_TRY(drug_do(&j));
	}
	st->n.samples++;
out:
	/* lower levels report exhausted memory by status alone */
	if (rc == GRX_E_NOMEM)
		rc = grx_fail_nomem(cx, "recommendations");
	return rc;
}

/* A new sample with evidence that rules can use: any fact but run-wide ones (sample "" or ".") and our own.
 */
static bool is_sample(const struct grx_fact *f)
{
	return *f->sample && strcmp(f->sample, ".") != 0 && !grx_starts(f->key, "genorx/");
}

static int recommend_each(void *state, struct grx_ctx *cx, struct grx_facts *out)
{
	struct state *st = state;
	struct grx_map *seen = grx_map_new();
	int rc = GRX_OK;

	if (!seen)
		return grx_fail_nomem(cx, "samples");
	for (size_t i = 0; !rc && cx->facts && i < cx->facts->n; i++) {
		const struct grx_fact *f = cx->facts->v[i];

		if (!is_sample(f) || grx_map_get(seen, f->sample))
			continue;
		if (grx_map_set(seen, f->sample, st))
			rc = grx_fail_nomem(cx, "samples");
		else
			rc = sample_do(cx, st, f->sample, out);
	}
	grx_map_free(seen);
	return rc;
}

static int summary_add(struct grx_ctx *cx, const struct state *st, json_t *summary)
{
	const struct counts *n = &st->n;
	json_t *c = json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "samples",
		(json_int_t)n->samples, "drugs", (json_int_t)n->drugs, "rules", (json_int_t)n->rules,
		"recommendations", (json_int_t)n->fired, "incomplete", (json_int_t)n->incomplete,
		"robust_over_candidates", (json_int_t)n->robust, "to_verify_with_guideline",
		(json_int_t)n->verify, "not_assessed", (json_int_t)n->not_assessed, "ambiguous",
		(json_int_t)n->ambiguous, "no_rule", (json_int_t)n->no_rule, "conflicts",
		(json_int_t)n->conflicts, "level_unknown", (json_int_t)n->level[RECOMMEND_L_UNKNOWN]);

	if (!c)
		return grx_fail_nomem(cx, "summary");
	for (int l = RECOMMEND_L_INFO; l <= RECOMMEND_L_ACT; l++) {
		char key[32];

		snprintf(key, sizeof(key), "level_%s", recommend_level_name((enum recommend_level)l));
		json_object_set_new(c, key, json_integer((json_int_t)n->level[l]));
	}
	json_object_set_new(summary, "rules_sha256", json_string(st->rs->sha256));
	if (json_object_set_new(summary, "counts", c))
		return grx_fail_nomem(cx, "summary");
	return GRX_OK;
}

static int recommend_finish(void *state, struct grx_ctx *cx, struct grx_facts *out, json_t *summary)
{
	struct state *st = state;
	int rc = GRX_E_BUG;

	(void)out;
	if (st->tsv) {
		struct grx_out *tsv = st->tsv;

		st->tsv = NULL;
		GRX_TRY(grx_out_close(cx, tsv));
	}
	if (st->n.samples == 0) {
		rc = grx_fail(cx, GRX_E_DATA,
			"recommend: the facts name no sample; give the output of `genorx pgx` (facts "
			"pgx/GENE/phenotype)");
		goto out;
	}
	if (summary)
		GRX_TRY(summary_add(cx, st, summary));
	grx_info(cx, "recommend: %lld recommendations for %lld samples, %lld drugs not assessed",
		(long long)st->n.fired, (long long)st->n.samples, (long long)st->n.not_assessed);
	rc = GRX_OK;
out:
	return rc;
}

static void recommend_close(void *state)
{
	struct state *st = state;

	if (st && st->tsv) { /* an earlier error counts */
		struct grx_ctx quiet = {0};

		(void)!grx_out_close(&quiet, st->tsv);
	}
	state_free(st);
}

const struct grx_stage grx_stage_recommend = {
	.name = "recommend",
	.brief = "treatment recommendations from facts and rule tables",
	.takes = GRX_FACTS,
	.gives = GRX_FACTS,
	.usage = "facts.jsonl",
	.opts_size = sizeof(struct recommend_opt),
	.opts = recommend_opt,
	.open = recommend_open,
	.each = recommend_each,
	.finish = recommend_finish,
	.close = recommend_close,
};
