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
	RECOMMEND_A_RISK_ENHANCER,
	RECOMMEND_A_REPORT_FINDING,
	RECOMMEND_A_REPORT_FINDING_BIALLELIC,
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
/* +1 more drug, -1 less drug or none, 0 neither: what two rules must not say at once. */
int recommend_act_direction(const char *actions);

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
	RECOMMEND_HAS,
	RECOMMEND_IN, /* only while parsing: a set becomes == joined by || */
	RECOMMEND_EXISTS
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
enum recommend_rhs {
	RECOMMEND_R_TEXT,
	RECOMMEND_R_NUM,
	RECOMMEND_R_NA,
	RECOMMEND_R_NO_RESULT,
	RECOMMEND_R_BOOL,
	RECOMMEND_R_EXISTS,
	RECOMMEND_R_COUNT /* V(): the fact is a count of which only the lower bound is known */
};

struct recommend_node {
	uint8_t op, cmp, rhs;
	int32_t a, b; /* children; for terms a = gene or fact number, b = fact of the item (has) */
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
	bool as_open;          /* as is a lower bound (">=3") */
	const char *diplotype; /* NULL unknown */
	double posterior;      /* of this candidate; -1 not told */
};
struct recommend_view {
	const struct recommend_gene *const *gene; /* by gene number */
	const struct grx_fact *const *fact;       /* by fact-key number; NULL absent */
};
enum recommend_tri recommend_eval(const struct recommend_pred *p, const struct recommend_view *w);
enum recommend_tri recommend_eval_term(const struct recommend_node *t, const struct recommend_view *w);
/* Is the node a term about a gene? */
bool recommend_is_gene_term(const struct recommend_node *t);
/* Is the allele ("*57:01") in an HLA typing of two types? Unknown when one is missing or too
 * coarse. */
enum recommend_tri recommend_hla_has(const char *typing, const char *allele);
/* Is the item in a list joined by , ; or |, without case; "codeine 30 mg" holds codeine. */
bool recommend_list_holds(const char *list, const char *item);
/* Does the list of medicines name the drug, with its salt, dose or partner, as taken now? */
bool recommend_drug_listed(const char *list, const char *drug);
/* 1 yes, 0 no ("no", false, 0, "stopped" ...), -1 the fact says nothing. */
int recommend_fact_bool(const struct grx_fact *f);

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
	int pop;       /* number in populations, -1 general or not listed */
	bool specific; /* names a diplotype: goes before rules on phenotypes */
};
struct recommend_drug {
	const char *name, *key; /* key: spaces as '_' */
	const char *zh;         /* "" unknown */
	int n, cap;
	int *rule; /* numbers in rules.v, in table order */
	int n_gene;
	int *gene;                            /* genes that its rules name */
	bool listed;                          /* in drugs.tsv or conditions.tsv */
	const char *condition, *condition_zh; /* no drug but a finding or a risk: what of; else NULL */
	const char *subject;                  /* its gene or name */
	bool secondary;                       /* only when asked for */
};
struct recommend_wording {
	const char *code, *role, *only_for, *en, *zh;
};
struct recommend_activity {
	const char *gene, *phenotype, *scores;
};
/* A drug that slows (inhibitor) or speeds (inducer) an enzyme; the enzyme CYP3A stands for all CYP3A genes.
 */
enum recommend_strength { RECOMMEND_WEAK = 1, RECOMMEND_MODERATE, RECOMMEND_STRONG };
struct recommend_perp {
	const char *drug, *enzyme, *zh;
	bool inducer, verify;
	enum recommend_strength strength;
	const char *source;
};
/* What it does to the result of a gene. */
enum recommend_model { RECOMMEND_NOT_MODELLED, RECOMMEND_UNCHANGED, RECOMMEND_SCORE_TIMES };
struct recommend_conv {
	const char *gene;
	bool inducer;
	enum recommend_strength strength;
	enum recommend_model model;
	double factor;
	const char *source;
};
struct recommend_class {
	const char *gene, *phenotype;
	double lo, hi; /* activity scores of the phenotype, both inside */
};
struct recommend_popul {
	const char *name, *group, *when, *en, *zh;
	struct recommend_pred pred;
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
	size_t n_perp, cap_perp;
	struct recommend_perp *perp; /* the helper tables of the same names */
	size_t n_conv, cap_conv;
	struct recommend_conv *conv;
	size_t n_class, cap_class;
	struct recommend_class *class;
	size_t n_popul, cap_popul;
	struct recommend_popul *popul;
	struct grx_map *by_id, *by_drug;
	char sha256[65]; /* over all rule and helper tables: the version of the rule set */
};

/* Where the loader puts complaints: NULL = the first one fails the load; else they are listed and counted. */
struct recommend_issues {
	struct grx_str *out;
	int64_t n_error, n_warning;
};
int recommend_rules_load(struct grx_ctx *cx, const char *dir, struct recommend_issues *is,
	struct recommend_rules **out) GRX_MUST;
void recommend_rules_free(struct recommend_rules *rs);
/* The helper tables of rs->dir, after the rules; sha takes what they say. */
struct grx_sha;
int recommend_helpers_load(struct grx_ctx *cx, struct recommend_rules *rs, struct grx_sha *sha) GRX_MUST;
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
	bool contradict; /* its phenotype does not have its activity score: both are candidates */
	bool evidence;   /* the candidates stem from reads or genotypes, none from a locus without data */
	const struct grx_fact *phenotype, *activity, *diplotype, *status; /* NULL absent */
	/* a drug taken now that acts on the gene's enzyme; genetic is the result without it, NULL when the
	 * result stays as it is */
	const struct recommend_perp *by;
	const struct recommend_conv *model;
	const struct recommend_known *genetic;
};
/* The findings that a V() term counts. */
struct recommend_found {
	int n;
	const struct grx_fact **v;
};
struct recommend_sample {
	const char *name;
	struct recommend_known *gene;  /* by gene number */
	const struct grx_fact **fact;  /* by fact-key number; the count for a V() term */
	struct recommend_found *found; /* by fact-key number */
	enum recommend_tri *pop;       /* by population number */
	int n_taken;                   /* rows of rules.perp whose drug is taken now */
	const struct recommend_perp **taken;
};
/* A variant/ fact; the next one of the same sample, in the order of the facts. */
struct recommend_finding {
	const struct grx_fact *fact;
	const struct recommend_finding *next;
};
/* What holds for all samples: the command line, and the variant/ facts by sample. */
struct recommend_ask {
	const struct grx_strs *population;
	double min_posterior;
	struct grx_map *findings; /* sample -> struct recommend_finding */
};
/* Fills s from the facts; everything lives in mem. ask NULL: populations by the facts, no findings. */
int recommend_sample_read(struct grx_ctx *cx, const struct recommend_rules *rs, const struct grx_facts *fs,
	const struct recommend_ask *ask, const char *name, struct grx_arena *mem,
	struct recommend_sample *s) GRX_MUST;
/* Is the drug (or its Chinese name) among the sample's clinical/medication facts? */
bool recommend_taken(const struct grx_facts *fs, const char *sample, const char *drug, const char *zh);
/* All variant/ facts into by_sample; they live in mem. O(facts). */
int recommend_findings_index(struct grx_ctx *cx, const struct grx_facts *fs, struct grx_arena *mem,
	struct grx_map *by_sample) GRX_MUST;
/* Counts of V() terms, from the sample's findings. O(terms x findings of the sample). */
int recommend_variants_read(struct grx_ctx *cx, const struct recommend_rules *rs,
	const struct recommend_finding *first, struct grx_arena *mem, struct recommend_sample *s) GRX_MUST;
/* Which populations the sample belongs to: asked for, else by the clinical facts. */
int recommend_populations_read(struct grx_ctx *cx, const struct recommend_rules *rs,
	const struct recommend_ask *ask, struct grx_arena *mem, struct recommend_sample *s) GRX_MUST;
/* Drugs taken now that act on an enzyme of the rules' genes. */
int recommend_comedication_read(struct grx_ctx *cx, const struct recommend_rules *rs,
	const struct grx_facts *fs, struct grx_arena *mem, struct recommend_sample *s) GRX_MUST;
/* The strongest drug in `taken` on the gene, not counting `but`; *model gets what it does (NULL: not
 * modelled, or drugs that work against each other). NULL when there is none. */
const struct recommend_perp *recommend_perpetrator(const struct recommend_rules *rs,
	const struct recommend_sample *s, const char *gene, const char *but,
	const struct recommend_conv **model);
/* The sample as the drug meets it: results of its genes converted by the other drugs taken. *out shares what
 * stays; *changed tells whether any result was converted. */
int recommend_convert(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	const struct recommend_sample *s, struct grx_arena *mem, struct recommend_sample *out,
	bool *changed) GRX_MUST;
/* One gene of it, for a drug named `but` or NULL. */
int recommend_convert_gene(struct grx_ctx *cx, const struct recommend_rules *rs,
	const struct recommend_sample *s, int gene, const char *but, struct grx_arena *mem,
	struct recommend_known *out) GRX_MUST;

struct recommend_hit {
	const struct recommend_rule *rule;
	const char *incomplete; /* genes of the rule without a result, ','-joined, or NULL */
	const char *rules;      /* all rules that gave the same advice over the candidates, or NULL */
	const struct recommend_gene *const *gene; /* the view in which it fired */
	const struct recommend_sample *sample;
	bool decided;     /* it rests on the most probable of several candidates */
	bool action_only; /* the candidates agree on the call to act, not on its details */
	bool pop_unknown; /* not known whether the sample belongs to the rule's population */
	bool unsure;      /* the result it rests on is less probable than asked for */
	bool unmodelled;  /* a drug taken now acts on a gene of the rule, how much is not modelled */
	double posterior; /* of this advice; -1 not told */
	const struct recommend_rule
		*severe; /* what a less probable candidate calls for, if graver; or NULL */
	double severe_posterior;
	const char *alone; /* advice of the genetic result alone where it differs, or NULL */
	bool alone_act;    /* ... and calls for act: it holds again when the other drug is stopped */
	const char *finer; /* rules on a diplotype that may apply but cannot be decided, or NULL */
};
enum recommend_outcome { RECOMMEND_FIRED, RECOMMEND_NOT_ASSESSED, RECOMMEND_AMBIGUOUS, RECOMMEND_NO_RULE };
struct recommend_match {
	enum recommend_outcome outcome;
	bool robust;  /* several candidates, one advice */
	bool decided; /* several advices, one probable enough */
	int n;
	struct recommend_hit *hit;
	const struct recommend_gene *const *gene; /* the view of the hits, or the first, by gene number */
	const char *possible;                     /* the other advices: "ACTION (rule)|..." */
	enum recommend_act worst;
	enum recommend_level least; /* AMBIGUOUS: the lowest level that any of the advices has */
	int n_excluded;             /* rules that hold, but for a population that the sample is not of */
};
/* Rules of drug d for sample s, over every combination of candidates (at most 4,096, else GRX_E_DATA). */
int recommend_match_drug(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	const struct recommend_sample *s, double min_posterior, struct grx_arena *mem,
	struct recommend_match *out) GRX_MUST;
enum recommend_level recommend_hit_level(const struct recommend_hit *h);

/* Rules of one population that disagree: returns how many populations do, -1 when memory runs out; conf[i]
 * from mem. */
struct recommend_conflict {
	const char *population, *rules, *actions;
	enum recommend_act worst;
	bool opposite; /* more drug against less drug: no order of severity settles that */
};
int recommend_conflicts(
	struct grx_arena *mem, const struct recommend_match *m, struct recommend_conflict **conf);

/* A term or an action code in words; itself when wording.tsv has no row TERM for it. */
const char *recommend_term(const struct recommend_rules *rs, const char *term, bool zh);
/* "Insufficient data: reason", and what holds whichever candidate is true. */
int recommend_text_none(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	const char *reason, const struct recommend_match *m, bool zh, struct grx_str *out) GRX_MUST;
/* What a drug taken now makes of a gene, as a sentence. */
int recommend_text_conversion(struct grx_ctx *cx, const struct recommend_rules *rs,
	const struct recommend_known *k, int gene, bool zh, struct grx_str *out) GRX_MUST;
/* "Poor Metabolizer (activity score 0)", candidates joined by "or". */
void recommend_state_text(
	const struct recommend_rules *rs, const struct recommend_known *k, bool zh, struct grx_str *out);
/* Does the rule rest on a gene that pgx judged in a compatibility mode, not by what is safe? */
bool recommend_compat(const struct recommend_drug *d, const struct recommend_hit *h);
/* Our own sentence for a hit, in English or Chinese. */
int recommend_text(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	const struct recommend_hit *h, bool zh, struct grx_str *out) GRX_MUST;

/* Enumerate all results that the genes of a drug can have: overlaps, rules that never hold, results without a
 * rule. */
int recommend_grid_check(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	struct recommend_issues *is) GRX_MUST;

/* GQ 20, the usual bound for a genotype call. */
#define RECOMMEND_MIN_POSTERIOR 0.99

struct recommend_opt {
	const char *rules, *tsv;
	struct grx_strs drugs, population;
	double min_posterior;
	bool findings;
};
extern const struct grx_opt recommend_opt[];

#endif
