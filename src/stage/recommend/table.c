/* SPDX-License-Identifier: GPL-3.0-or-later
 * table.c -- load a folder of rule tables: every DIR/NAME.tsv that is not one of the helper tables holds
 * rules. Each row is checked whole here; with a list of issues given, a bad row is reported and left out,
 * else it fails. */
#include "stage/recommend/recommend_int.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ctx.h"
#include "base/hash.h"
#include "io/text.h"

enum { N_COL = 18, MAX_RULES = 1000000, RULES_VERSION = 1 };
enum {
	C_ID,
	C_VERSION,
	C_DRUG,
	C_WHEN,
	C_POP,
	C_STRENGTH,
	C_ACTION,
	C_ACTIONS,
	C_NUM,
	C_VERIFY = C_NUM + 5,
	C_GUIDE,
	C_PMIDS,
	C_SOURCE,
	C_LICENCE
};
static const char *const col_name[N_COL] = {"rule_id", "version", "drug", "when", "population", "strength",
	"action", "actions", "reduce_pct", "pct_of_standard", "increase_pct", "multiply", "cap_mg", "verify",
	"guideline_id", "pmids", "source", "licence"};
static const char *const helper[] = {"wording.tsv", "drugs.tsv", "schema.tsv", "activity.tsv",
	"corrections.tsv", "conditions.tsv", "inhibitors.tsv", "phenoconversion.tsv", "score_classes.tsv",
	"populations.tsv", "cases.tsv", "pairs.tsv"};

struct loader {
	struct grx_ctx *cx;
	struct recommend_issues *is;
	struct recommend_rules *rs;
	struct grx_table *t;
	int col[N_COL];
	struct grx_sha *sha;
};

/* Report a bad row at column `col` of the file (0 = whole row). *skip tells that the row is to be left out.
 */
GRX_PRINTF(4, 5) static int complain(struct loader *ld, int col, bool *skip, const char *fmt, ...)
{
	char what[512], where[32] = "";
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (col > 0)
		snprintf(where, sizeof(where), ":%d", col);
	*skip = true;
	if (!ld->is)
		return grx_fail(ld->cx, GRX_E_DATA, "%s:%lld%s: %s", grx_table_path(ld->t),
			(long long)grx_table_lineno(ld->t), where, what);
	ld->is->n_error++;
	grx_str_addf(ld->is->out, "error\t%s:%lld%s\t%s\n", grx_table_path(ld->t),
		(long long)grx_table_lineno(ld->t), where, what);
	return GRX_OK;
}

static const char *cell(const struct loader *ld, int c)
{
	return grx_table_get(ld->t, ld->col[c]);
}

/* 1-based character column of a field in its line. */
static int field_col(const struct loader *ld, int c)
{
	int n = 1;

	for (int i = 0; i < ld->col[c]; i++)
		n += (int)strlen(grx_table_get(ld->t, i)) + 1;
	return n;
}

static const char *keep(struct loader *ld, const char *s)
{
	return grx_arena_strdup(ld->rs->mem, s);
}

/* "a", "a-b" with a < b, or alternatives "a|b"; not negative, not above max. */
static bool number_ok(const char *s, double max)
{
	while (*s) {
		char buf[64], *dash;
		size_t n = strcspn(s, "|");
		double lo, hi;

		if (n == 0 || n >= sizeof(buf))
			return false;
		memcpy(buf, s, n);
		buf[n] = '\0';
		dash = strchr(buf, '-');
		if (dash)
			*dash++ = '\0';
		if (!grx_parse_f64(buf, &lo) || lo < 0 || lo > max)
			return false;
		if (dash && (!grx_parse_f64(dash, &hi) || hi <= lo || hi > max))
			return false;
		s += n;
		if (*s == '|' && !*++s)
			return false;
	}
	return true;
}

/* Every code known and none more cautious than the primary one. */
static int actions_check(struct loader *ld, struct recommend_rule *r, bool *skip)
{
	const char *s = r->actions;
	bool primary = false;

	for (;;) {
		size_t n = strcspn(s, "+");
		enum recommend_act a = recommend_act_parse(s, n);

		if (a == RECOMMEND_A_NONE)
			return complain(ld, field_col(ld, C_ACTIONS), skip, "actions: unknown code '%.*s'",
				(int)n, s);
		if (recommend_act_level(a) > recommend_act_level(r->action))
			return complain(ld, field_col(ld, C_ACTION), skip,
				"action %s is less cautious than %s in actions; the primary action must be "
				"the most cautious",
				recommend_act_name(r->action), recommend_act_name(a));
		primary = primary || a == r->action;
		if (!s[n])
			break;
		s += n + 1;
	}
	if (!primary)
		return complain(ld, field_col(ld, C_ACTIONS), skip,
			"actions '%s' does not hold the primary action %s", r->actions,
			recommend_act_name(r->action));
	return GRX_OK;
}

static int numbers_read(struct loader *ld, struct recommend_rule *r, bool *skip)
{
	static const double max[RECOMMEND_NUM_N] = {100, 100, 1000, 100, 1e6};

	for (int i = 0; i < RECOMMEND_NUM_N; i++) {
		const char *s = cell(ld, C_NUM + i);

		if (!number_ok(s, max[i]))
			return complain(ld, field_col(ld, C_NUM + i), skip,
				"%s '%s' is not a number, range a-b or alternatives a|b within 0..%g",
				recommend_num_name[i], s, max[i]);
		r->num[i] = keep(ld, s);
		if (!r->num[i])
			return grx_fail_nomem(ld->cx, "rule numbers");
	}
	return GRX_OK;
}

static int texts_read(struct loader *ld, struct recommend_rule *r)
{
	r->id = keep(ld, cell(ld, C_ID));
	r->drug = keep(ld, cell(ld, C_DRUG));
	r->when = keep(ld, cell(ld, C_WHEN));
	r->population = keep(ld, cell(ld, C_POP));
	r->strength = keep(ld, cell(ld, C_STRENGTH));
	r->actions = keep(ld, cell(ld, C_ACTIONS));
	r->guideline = keep(ld, cell(ld, C_GUIDE));
	r->pmids = keep(ld, cell(ld, C_PMIDS));
	r->source = keep(ld, cell(ld, C_SOURCE));
	r->licence = keep(ld, cell(ld, C_LICENCE));
	r->file = keep(ld, grx_table_path(ld->t));
	r->line = grx_table_lineno(ld->t);
	if (!r->id || !r->drug || !r->when || !r->population || !r->strength || !r->actions ||
		!r->guideline || !r->pmids || !r->source || !r->licence || !r->file)
		return grx_fail_nomem(ld->cx, "rule texts");
	return GRX_OK;
}

static int required_check(struct loader *ld, bool *skip)
{
	static const int need[] = {C_ID, C_VERSION, C_DRUG, C_WHEN, C_POP, C_ACTION, C_ACTIONS, C_VERIFY,
		C_GUIDE, C_SOURCE, C_LICENCE};

	for (size_t i = 0; i < sizeof(need) / sizeof(need[0]); i++)
		if (!*cell(ld, need[i]))
			return complain(ld, field_col(ld, need[i]), skip, "%s is empty", col_name[need[i]]);
	return GRX_OK;
}

static int scalars_read(struct loader *ld, struct recommend_rule *r, bool *skip)
{
	const char *s = cell(ld, C_VERSION), *v = cell(ld, C_VERIFY), *a = cell(ld, C_ACTION);
	const struct recommend_rule *old = grx_map_get(ld->rs->by_id, cell(ld, C_ID));

	if (old)
		return complain(ld, field_col(ld, C_ID), skip, "rule_id '%s' is already at %s:%lld", old->id,
			old->file, (long long)old->line);
	if (strpbrk(cell(ld, C_ID), "/| ") != NULL)
		return complain(ld, field_col(ld, C_ID), skip,
			"rule_id '%s' must not hold '/', '|' or blanks", cell(ld, C_ID));
	if (!grx_parse_i64(s, &r->version) || r->version < 1)
		return complain(
			ld, field_col(ld, C_VERSION), skip, "version '%s' is not a whole number from 1", s);
	if (strcmp(v, "0") != 0 && strcmp(v, "1") != 0)
		return complain(ld, field_col(ld, C_VERIFY), skip, "verify '%s' is not 0 or 1", v);
	r->verify = v[0] == '1';
	r->action = recommend_act_parse(a, strlen(a));
	if (r->action == RECOMMEND_A_NONE)
		return complain(ld, field_col(ld, C_ACTION), skip, "unknown action code '%s'", a);
	return GRX_OK;
}

static int when_read(struct loader *ld, struct recommend_rule *r, bool *skip)
{
	char err[256];
	int col, rc = recommend_parse(ld->rs, r->when, &r->pred, err, &col);

	r->when_col = field_col(ld, C_WHEN);
	if (rc == GRX_E_NOMEM)
		return grx_fail_nomem(ld->cx, "condition");
	if (rc)
		return complain(ld, field_col(ld, C_WHEN) + col - 1, skip, "when: %s", err);
	for (int i = 0; i < r->pred.n; i++)
		r->specific = r->specific ||
			      (r->pred.v[i].op == RECOMMEND_N_D && r->pred.v[i].rhs != RECOMMEND_R_NO_RESULT);
	return GRX_OK;
}

static int row_add(struct loader *ld, const struct recommend_rule *r)
{
	struct recommend_rules *rs = ld->rs;
	struct recommend_rule *v;
	int rc = grx_grow(&rs->v, &rs->cap, rs->n + 1, sizeof(*rs->v), MAX_RULES);

	if (rc)
		return grx_fail_nomem(ld->cx, "rules");
	v = &rs->v[rs->n];
	*v = *r;
	v->signature = grx_arena_printf(rs->mem, "%s;%s;%s;%s;%s;%s", r->actions, r->num[0], r->num[1],
		r->num[2], r->num[3], r->num[4]);
	/* the map must not hold an address that grows away: it holds a copy of its own */
	struct recommend_rule *own = grx_arena_alloc(rs->mem, 1, sizeof(*own));

	if (!v->signature || !own)
		return grx_fail_nomem(ld->cx, "rules");
	*own = *v;
	if (grx_map_set(rs->by_id, v->id, own))
		return grx_fail_nomem(ld->cx, "rule index");
	rs->n++;
	return GRX_OK;
}

static int row_read(struct loader *ld)
{
	struct recommend_rule r = {0};
	bool skip = false;
	int rc;

	for (int c = 0; c < N_COL; c++) {
		grx_sha_add(ld->sha, cell(ld, c), strlen(cell(ld, c)));
		grx_sha_add(ld->sha, "\t", 1);
	}
	GRX_TRY(required_check(ld, &skip));
	if (!skip)
		GRX_TRY(scalars_read(ld, &r, &skip));
	if (skip)
		goto out;
	GRX_TRY(texts_read(ld, &r));
	GRX_TRY(numbers_read(ld, &r, &skip));
	if (!skip)
		GRX_TRY(actions_check(ld, &r, &skip));
	if (!skip)
		GRX_TRY(when_read(ld, &r, &skip));
	if (!skip)
		GRX_TRY(row_add(ld, &r));
out:
	return rc;
}

/* The line "#genorx-rules N" (or ##) before the header tells the version of the format; without it N is 1. */
static int version_check(struct loader *ld, const char *path, bool *told)
{
	static const char mark[] = "genorx-rules";
	struct grx_text *t = NULL;
	char *line = NULL;
	int rc = grx_text_open(ld->cx, path, &t);

	if (rc)
		return rc;
	for (;;) {
		int64_t v = 0;

		GRX_TRY(grx_text_line(ld->cx, t, &line));
		if (!line || *line != '#')
			break;
		line += strspn(line, "#");
		if (!grx_starts(line, mark))
			continue;
		*told = true;
		line += sizeof(mark) - 1;
		line += strspn(line, " \t=");
		if (!grx_parse_i64(line, &v) || v < 1 || v > RULES_VERSION) {
			rc = grx_fail(ld->cx, GRX_E_DATA,
				"%s:%lld: rule table of format version '%s'; this program reads %s %d: use a "
				"newer genorx, or a table of a version it knows",
				path, (long long)grx_text_lineno(t), line,
				RULES_VERSION > 1 ? "1 to" : "only version", RULES_VERSION);
			goto out;
		}
	}
	rc = GRX_OK;
out:
	grx_text_close(t);
	return rc;
}

static int table_read(struct loader *ld, const char *path)
{
	bool more = true, told = false;
	int rc = version_check(ld, path, &told);

	if (!rc)
		rc = grx_table_open(ld->cx, path, told, &ld->t);
	if (rc)
		return rc;
	for (int c = 0; c < N_COL; c++)
		GRX_TRY(grx_table_need(ld->cx, ld->t, col_name[c], &ld->col[c]));
	for (;;) {
		GRX_TRY(grx_table_next(ld->cx, ld->t, &more));
		if (!more)
			break;
		GRX_TRY(row_read(ld));
	}
out:
	grx_table_close(ld->t);
	ld->t = NULL;
	return rc;
}

static int is_rule_table(const struct dirent *e)
{
	if (e->d_name[0] == '.' || !grx_ends(e->d_name, ".tsv") || grx_ends(e->d_name, ".cases.tsv"))
		return 0;
	for (size_t i = 0; i < sizeof(helper) / sizeof(helper[0]); i++)
		if (!strcmp(e->d_name, helper[i]))
			return 0;
	return 1;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int tables_read(struct loader *ld)
{
	struct dirent **e = NULL;
	const char *dir = ld->rs->dir;
	int n = scandir(dir, &e, is_rule_table, by_name), rc = GRX_OK;

	if (n < 0)
		return grx_fail(ld->cx, GRX_E_NOINPUT,
			"%s: cannot open the folder of rule tables; give one with --rules", dir);
	if (n == 0)
		rc = grx_fail(ld->cx, GRX_E_NOINPUT, "%s: no rule table (*.tsv) in this folder", dir);
	for (int i = 0; i < n; i++) {
		const char *path = grx_arena_printf(ld->rs->mem, "%s/%s", dir, e[i]->d_name);

		if (!rc)
			rc = path ? table_read(ld, path) : grx_fail_nomem(ld->cx, "path");
		free(e[i]);
	}
	free(e);
	if (!rc && ld->rs->n == 0 && !ld->is)
		rc = grx_fail(ld->cx, GRX_E_DATA, "%s: the rule tables hold no rule", dir);
	return rc;
}

static int drug_cmp(const void *a, const void *b)
{
	return strcmp(((const struct recommend_drug *)a)->name, ((const struct recommend_drug *)b)->name);
}

static int drug_gene_add(struct recommend_rules *rs, struct recommend_drug *d, int gene)
{
	int *v;

	for (int i = 0; i < d->n_gene; i++)
		if (d->gene[i] == gene)
			return GRX_OK;
	v = grx_arena_grow(rs->mem, d->gene, (size_t)d->n_gene, (size_t)d->n_gene + 1, sizeof(*v));
	if (!v)
		return GRX_E_NOMEM;
	d->gene = v;
	d->gene[d->n_gene++] = gene;
	return GRX_OK;
}

static int drug_rule_add(struct recommend_rules *rs, struct recommend_drug *d, int rule)
{
	const struct recommend_pred *p = &rs->v[rule].pred;

	if (d->n == d->cap) {
		int cap = d->cap ? 2 * d->cap : 8;
		int *v = grx_arena_grow(rs->mem, d->rule, (size_t)d->n, (size_t)cap, sizeof(*v));

		if (!v)
			return GRX_E_NOMEM;
		d->rule = v;
		d->cap = cap;
	}
	d->rule[d->n++] = rule;
	for (int i = 0; i < p->n; i++) {
		if (p->v[i].op == RECOMMEND_N_P || p->v[i].op == RECOMMEND_N_AS ||
			p->v[i].op == RECOMMEND_N_D)
			if (drug_gene_add(rs, d, p->v[i].a))
				return GRX_E_NOMEM;
	}
	return GRX_OK;
}

static int drug_new(struct recommend_rules *rs, const char *name)
{
	struct recommend_drug *d;
	char *key;

	if (grx_grow(&rs->drug, &rs->cap_drug, rs->n_drug + 1, sizeof(*rs->drug), 100000))
		return GRX_E_NOMEM;
	key = grx_arena_strdup(rs->mem, name);
	if (!key)
		return GRX_E_NOMEM;
	for (char *c = key; *c; c++)
		if (*c == ' ' || *c == '/' || *c == '|')
			*c = '_';
	d = &rs->drug[rs->n_drug++];
	*d = (struct recommend_drug){.name = name, .key = key, .zh = ""};
	return GRX_OK;
}

/* Group the rules by drug, drugs sorted by name. */
static int drugs_build(struct loader *ld)
{
	struct recommend_rules *rs = ld->rs;

	for (size_t i = 0; i < rs->n; i++) {
		if (grx_map_get(rs->by_drug, rs->v[i].drug))
			continue;
		if (drug_new(rs, rs->v[i].drug) || grx_map_set(rs->by_drug, rs->v[i].drug, rs))
			return grx_fail_nomem(ld->cx, "drugs");
	}
	if (rs->n_drug)
		qsort(rs->drug, rs->n_drug, sizeof(*rs->drug), drug_cmp);
	for (size_t i = 0; i < rs->n_drug; i++)
		if (grx_map_set(rs->by_drug, rs->drug[i].name, &rs->drug[i]))
			return grx_fail_nomem(ld->cx, "drugs");
	for (size_t i = 0; i < rs->n; i++)
		if (drug_rule_add(rs, grx_map_get(rs->by_drug, rs->v[i].drug), (int)i))
			return grx_fail_nomem(ld->cx, "drugs");
	return GRX_OK;
}

int recommend_rules_load(
	struct grx_ctx *cx, const char *dir, struct recommend_issues *is, struct recommend_rules **out)
{
	struct loader ld = {.cx = cx, .is = is};
	int rc = GRX_E_BUG;

	ld.rs = grx_calloc(1, sizeof(*ld.rs));
	ld.sha = grx_sha_new();
	if (ld.rs) {
		ld.rs->mem = grx_arena_new();
		ld.rs->by_id = grx_map_new();
		ld.rs->by_drug = grx_map_new();
	}
	if (!ld.rs || !ld.sha || !ld.rs->mem || !ld.rs->by_id || !ld.rs->by_drug ||
		!(ld.rs->dir = grx_arena_strdup(ld.rs->mem, dir))) {
		rc = grx_fail_nomem(cx, "rule tables");
		goto out;
	}
	GRX_TRY(tables_read(&ld));
	GRX_TRY(drugs_build(&ld));
	GRX_TRY(recommend_helpers_load(cx, ld.rs, ld.sha));
	rc = GRX_OK;
out:
	if (ld.sha) {
		char hex[65];
		int end = grx_sha_end(ld.sha, hex);

		if (!rc && end)
			rc = grx_fail(cx, end, "cannot hash the rule tables");
		if (!rc)
			memcpy(ld.rs->sha256, hex, sizeof(hex));
	}
	if (rc)
		recommend_rules_free(ld.rs);
	else
		*out = ld.rs;
	return rc;
}

void recommend_rules_free(struct recommend_rules *rs)
{
	if (!rs)
		return;
	grx_free(rs->v);
	grx_free(rs->drug);
	grx_free(rs->word);
	grx_free(rs->act);
	grx_free(rs->perp);
	grx_free(rs->conv);
	grx_free(rs->class);
	grx_free(rs->popul);
	grx_map_free(rs->by_id);
	grx_map_free(rs->by_drug);
	grx_arena_free(rs->mem);
	grx_free(rs);
}

char *recommend_rules_dir(struct grx_ctx *cx, const char *dir)
{
	return dir ? grx_strdup(dir) : grx_refdata_path(cx, "rules");
}

const struct recommend_drug *recommend_drug_find(const struct recommend_rules *rs, const char *name)
{
	const struct recommend_drug *d = grx_map_get(rs->by_drug, name);

	for (size_t i = 0; !d && i < rs->n_drug; i++)
		if (!strcasecmp(rs->drug[i].name, name) || !strcasecmp(rs->drug[i].key, name) ||
			(*name && !strcmp(rs->drug[i].zh, name)))
			d = &rs->drug[i];
	return d;
}
