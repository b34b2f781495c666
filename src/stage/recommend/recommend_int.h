/* SPDX-License-Identifier: GPL-3.0-or-later
 * recommend_int.h -- rule tables, their compiled conditions, and what a sample looks like to them.
 * A rule set is constant once loaded; it owns an arena in which all its strings and nodes live.
 * Words: a *view* is one definite state of all genes that the rules name (one candidate of each ambiguous
 * gene). */
#ifndef GRX_RECOMMEND_INT_H
#define GRX_RECOMMEND_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "genorx/ctx.h"
#include "genorx/facts.h"
#include "genorx/opt.h"

/* ---- actions, most cautious last -------------------------------------------------------------------------
 */
enum recommend_act {
	RECOMMEND_A_NONE,
	RECOMMEND_A_STANDARD,
	RECOMMEND_A_NO_RECOMMENDATION,
	RECOMMEND_A_MONITOR,
	RECOMMEND_A_TDM,
	RECOMMEND_A_OTHER_TEXT,
	RECOMMEND_A_ADDITIONAL_TEST,
	RECOMMEND_A_INCREASE_DOSE,
	RECOMMEND_A_DOSE_CAP,
	RECOMMEND_A_REDUCE_DOSE_UNSPECIFIED,
	RECOMMEND_A_DOSE_PCT_OF_STANDARD,
	RECOMMEND_A_REDUCE_DOSE,
	RECOMMEND_A_REDUCE_DOSE_10X_3X_WEEK,
	RECOMMEND_A_ALTERNATIVE,
	RECOMMEND_A_AVOID,
	RECOMMEND_A_CONTRAINDICATED,
	RECOMMEND_A_N
};
enum recommend_level {
	RECOMMEND_L_UNKNOWN,
	RECOMMEND_L_INFO,
	RECOMMEND_L_STANDARD,
	RECOMMEND_L_CAUTION,
	RECOMMEND_L_ACT
};

/* Code of a name; RECOMMEND_A_NONE when unknown. */
enum recommend_act recommend_act_parse(const char *s, size_t n);
const char *recommend_act_name(enum recommend_act a);
enum recommend_level recommend_act_level(enum recommend_act a);
const char *recommend_level_name(enum recommend_level l);

/* ---- conditions ------------------------------------------------------------------------------------------
 */
/* Kleene's strong three-valued logic: and = min, or = max, not = 2 - x. */
enum recommend_tri { RECOMMEND_FALSE, RECOMMEND_UNKNOWN, RECOMMEND_TRUE };

enum recommend_tok_type {
	RECOMMEND_T_END,
	RECOMMEND_T_NAME,
	RECOMMEND_T_STR,
	RECOMMEND_T_NUM,
	RECOMMEND_T_OP,
	RECOMMEND_T_BAD
};
enum recommend_cmp {
	RECOMMEND_EQ,
	RECOMMEND_NE,
	RECOMMEND_LT,
	RECOMMEND_LE,
	RECOMMEND_GT,
	RECOMMEND_GE,
	RECOMMEND_HAS
};

/* One token: text is borrowed from the source, without quotes for a string. */
struct recommend_tok {
	enum recommend_tok_type type;
	const char *s;
	size_t n;
	int col; /* 1-based in the condition */
};
/* Next token from *p; moves *p behind it. RECOMMEND_T_BAD with s = what is wrong. O(length of the token). */
void recommend_lex(const char *src, const char **p, struct recommend_tok *t);

enum recommend_op {
	RECOMMEND_N_AND,
	RECOMMEND_N_OR,
	RECOMMEND_N_NOT,
	RECOMMEND_N_P,
	RECOMMEND_N_AS,
	RECOMMEND_N_D,
	RECOMMEND_N_F
};
enum recommend_rhs { RECOMMEND_R_TEXT, RECOMMEND_R_NUM, RECOMMEND_R_NA, RECOMMEND_R_NO_RESULT };

struct recommend_node {
	uint8_t op, cmp, rhs;
	int32_t a, b; /* children; for terms a = gene or fact number */
	int32_t col;  /* terms: 1-based column in the condition */
	double num;
	const char *str;
};
/* Children come before parents; the last node is the root. */
struct recommend_pred {
	int n, cap;
	struct recommend_node *v;
};

/* Interned names: genes of P/AS/D, fact keys of F. */
struct recommend_names {
	int n, cap;
	const char **v;
};
int recommend_intern(
	struct grx_arena *mem, struct recommend_names *names, const char *s, size_t n); /* -1: no memory */

struct recommend_rules;
/* Compile src into out. On an error: err (256 bytes) says what is wrong, *col is the 1-based column in src
 * and the result is GRX_E_DATA. O(length); nesting is limited to 32. */
int recommend_parse(struct recommend_rules *rs, const char *src, struct recommend_pred *out, char err[256],
	int *col) GRX_MUST;

/* ---- what is known of one gene ----------------------------------------------------------------------------
 */
enum recommend_as_kind { RECOMMEND_AS_ABSENT, RECOMMEND_AS_NA, RECOMMEND_AS_NUM };
struct recommend_gene {
	bool assessed; /* false: no result; every term but == "No Result" is unknown */
	int n_label;   /* phenotype names that hold at once (HLA genes have several) */
	const char **label;
	enum recommend_as_kind as_kind;
	double as;
	const char *diplotype; /* NULL unknown */
};
struct recommend_view {
	const struct recommend_gene *const *gene; /* by gene number */
	const struct grx_fact *const *fact;       /* by fact-key number; NULL absent */
};
enum recommend_tri recommend_eval(const struct recommend_pred *p, const struct recommend_view *w);
enum recommend_tri recommend_eval_term(const struct recommend_node *t, const struct recommend_view *w);

/* ---- rules ------------------------------------------------------------------------------------------------
 */
enum recommend_num {
	RECOMMEND_REDUCE,
	RECOMMEND_PCT,
	RECOMMEND_INCREASE,
	RECOMMEND_MULTIPLY,
	RECOMMEND_CAP,
	RECOMMEND_NUM_N
};
extern const char *const recommend_num_name[RECOMMEND_NUM_N];

struct recommend_rule {
	const char *id, *drug, *when, *population, *strength, *guideline, *pmids, *source, *licence;
	const char *file;
	int when_col; /* 1-based column of the condition in its line */
	int64_t line, version;
	enum recommend_act action;
	const char *actions;
	const char *num[RECOMMEND_NUM_N]; /* text as in the table, "" absent */
	bool verify;
	const char *signature; /* actions and numbers: rules with equal ones advise the same */
	struct recommend_pred pred;
};
struct recommend_drug {
	const char *name, *key; /* key: spaces as '_' */
	const char *zh;         /* "" unknown */
	int n, cap;
	int *rule; /* numbers in rules.v, in table order */
	int n_gene;
	int *gene;   /* genes that its rules name */
	bool listed; /* in drugs.tsv */
};
struct recommend_wording {
	const char *code, *role, *only_for, *en, *zh;
};
struct recommend_activity {
	const char *gene, *phenotype, *scores;
};
struct recommend_rules {
	struct grx_arena *mem;
	const char *dir;
	struct recommend_names genes, keys;
	size_t n, cap;
	struct recommend_rule *v;
	size_t n_drug, cap_drug;
	struct recommend_drug *drug; /* sorted by name */
	size_t n_word, cap_word;
	struct recommend_wording *word;
	size_t n_act, cap_act;
	struct recommend_activity *act;
	struct grx_map *by_id, *by_drug;
	char sha256[65]; /* over all rule tables: the version of the rule set */
};

/* Where the loader puts complaints: NULL = the first one fails the load; else they are listed and counted. */
struct recommend_issues {
	struct grx_str *out;
	int64_t n_error, n_warning;
};
int recommend_rules_load(struct grx_ctx *cx, const char *dir, struct recommend_issues *is,
	struct recommend_rules **out) GRX_MUST;
void recommend_rules_free(struct recommend_rules *rs);
/* dir or, when NULL, refdata/rules; given: grx_free(). */
char *recommend_rules_dir(struct grx_ctx *cx, const char *dir);
const struct recommend_drug *recommend_drug_find(const struct recommend_rules *rs, const char *name);
/* Up to max names of the list nearest to name, joined by ", ". */
void recommend_near(const char *name, const char *const *list, size_t n, int max, struct grx_str *out);

/* ---- one sample -------------------------------------------------------------------------------------------
 */
/* A gene as its facts tell it: one or several candidates. */
struct recommend_known {
	int n_cand; /* 1 unless ambiguous */
	struct recommend_gene *cand;
	bool ambiguous;
	const struct grx_fact *phenotype, *activity, *diplotype, *status; /* NULL absent */
};
struct recommend_sample {
	const char *name;
	struct recommend_known *gene; /* by gene number */
	const struct grx_fact **fact; /* by fact-key number */
};
/* Fills s from the facts; everything lives in mem. */
int recommend_sample_read(struct grx_ctx *cx, const struct recommend_rules *rs, const struct grx_facts *fs,
	const char *name, struct grx_arena *mem, struct recommend_sample *s) GRX_MUST;

struct recommend_hit {
	const struct recommend_rule *rule;
	const char *incomplete; /* genes of the rule without a result, ','-joined, or NULL */
	const char *rules;      /* all rules that gave the same advice over the candidates, or NULL */
	const struct recommend_gene *const *gene; /* the view in which it fired */
	const struct recommend_sample *sample;
	bool action_only; /* the candidates agree on the call to act, not on its details */
};
enum recommend_outcome { RECOMMEND_FIRED, RECOMMEND_NOT_ASSESSED, RECOMMEND_AMBIGUOUS, RECOMMEND_NO_RULE };
struct recommend_match {
	enum recommend_outcome outcome;
	bool robust; /* several candidates, one advice */
	int n;
	struct recommend_hit *hit;
	const struct recommend_gene *const *gene; /* the (first) view, by gene number */
	const char *possible;                     /* AMBIGUOUS: "ACTION (rule)|..." */
	enum recommend_act worst;                 /* AMBIGUOUS: the most cautious of them */
};
int recommend_match_drug(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	const struct recommend_sample *s, struct grx_arena *mem, struct recommend_match *out) GRX_MUST;
/* Level of one hit: never `standard` or `info` while a gene of the rule has no result. */
enum recommend_level recommend_hit_level(const struct recommend_hit *h);

/* Rules of one population that disagree: returns how many populations do, -1 when memory runs out; conf[i]
 * from mem. */
struct recommend_conflict {
	const char *population, *rules, *actions;
	enum recommend_act worst;
};
int recommend_conflicts(
	struct grx_arena *mem, const struct recommend_match *m, struct recommend_conflict **conf);

/* Our own sentence for a hit, in English or Chinese. */
int recommend_text(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	const struct recommend_hit *h, bool zh, struct grx_str *out) GRX_MUST;

/* Enumerate all results that the genes of a drug can have: overlaps, rules that never hold, results without a
 * rule. */
int recommend_grid_check(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	struct recommend_issues *is) GRX_MUST;

struct recommend_opt {
	const char *rules, *tsv;
	struct grx_strs drugs;
};
extern const struct grx_opt recommend_opt[];

#endif
