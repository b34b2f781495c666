/* SPDX-License-Identifier: GPL-3.0-or-later
 * tools_int.h -- what the files behind `genorx rules` share: findings and the single checks.
 * A finding is one line: error|warning|note, TAB, file:line[:column], TAB, what was found and expected.
 * Checks go on after an error so that one run tells all of them. */
#ifndef GRX_RECOMMEND_TOOLS_INT_H
#define GRX_RECOMMEND_TOOLS_INT_H

#include "io/text.h"
#include "stage/recommend/recommend_int.h"

enum recommend_sev { RECOMMEND_S_NOTE, RECOMMEND_S_WARNING, RECOMMEND_S_ERROR };
/* A place in a file; col 0 = the whole line, line 0 = the whole file. */
struct recommend_place {
	const char *file;
	int64_t line;
	int col;
};

/* A term about a gene; its node's `a` is the gene. */
static inline bool recommend_gene_term(const struct recommend_node *t)
{
	return t->op == RECOMMEND_N_P || t->op == RECOMMEND_N_AS || t->op == RECOMMEND_N_D;
}

/* Add one finding to is->out and count it. */
void recommend_find(struct recommend_issues *is, enum recommend_sev sev, struct recommend_place at,
	const char *fmt, ...) GRX_PRINTF(4, 5);
/* Place of column `col` (by number) in the current row of t. */
struct recommend_place recommend_cell_at(const struct grx_table *t, int col);
/* Load a folder of rule tables; dir NULL = the shipped one. is NULL: the first bad row fails. */
int recommend_tool_load(struct grx_ctx *cx, const char *dir, struct recommend_issues *is,
	struct recommend_rules **rs) GRX_MUST;
/* A sample, and the rules of a drug for it with its co-medication, as `recommend` with default options has
 * them. */
int recommend_tool_sample(struct grx_ctx *cx, const struct recommend_rules *rs, const struct grx_facts *fs,
	const char *name, struct grx_arena *mem, struct recommend_sample *s) GRX_MUST;
int recommend_tool_match(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	const struct recommend_sample *s, struct grx_arena *mem, struct recommend_match *m) GRX_MUST;
/* Does the rule name this gene? */
bool recommend_rule_names(const struct recommend_rules *rs, const struct recommend_rule *r, const char *gene);

/* refdata/pgx/phenotypes.tsv against the functions and activity values of alleles.tsv, gene by gene: each
 * pair of functions (single function where single alleles occur) and each reachable activity score has
 * exactly one phenotype; ranges do not cross; activity.tsv of the rules names the same scores. Absent tables:
 * a note. O(alleles + functions^2 per gene). */
int recommend_check_phenotypes(
	struct grx_ctx *cx, const struct recommend_rules *rs, struct recommend_issues *is) GRX_MUST;

/* Replay cases.tsv and *.cases.tsv of the folder through the engine; a rule without a case in which it fires
 * (or, for rules about genes without a result, is withheld) and one in which it does not: an error when the
 * folder has cases or require is set, else one warning. *n = cases replayed. */
int recommend_check_cases(struct grx_ctx *cx, const struct recommend_rules *rs, bool require,
	struct recommend_issues *is, int64_t *n) GRX_MUST;

/* pairs.tsv of the folder: each pair of drug and genes has a rule that names them or a stated reason, and
 * each drug with rules is in it. An absent table is fine for a folder other than the shipped one. */
int recommend_check_pairs(
	struct grx_ctx *cx, const struct recommend_rules *rs, struct recommend_issues *is) GRX_MUST;

struct grx_rules_diff;
/* Lines `patient`, `drug` and `cohort` for the facts of job. Memory: one sample and the names of all. */
int recommend_cohort_diff(struct grx_ctx *cx, const struct grx_rules_diff *job,
	const struct recommend_rules *a, const struct recommend_rules *b, struct grx_str *out) GRX_MUST;

/* Canonical text of a condition: parsing it gives the same condition, printing that gives the same text. */
void recommend_print(const struct recommend_rules *rs, const struct recommend_pred *p, struct grx_str *out);

#endif
