/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_q.h -- one what-if question, shared by the files that answer it. */
#ifndef GRX_CLI_WHY_Q_H
#define GRX_CLI_WHY_Q_H

#include "cli/why.h"
#include "stage/pgx/pgx_tool.h"

/* One question. side[0]: as the facts have it; side[1]: as set by hand. */
struct why_q {
	struct grx_ctx *cx;
	const struct why_opt *opt;
	const struct grx_facts *fs;
	const char *sample, *drug;
	struct grx_pgx_tool *tool;
	struct grx_pgx_edit edit[GRX_PGX_EDIT_MAX];
	const char *suppose[GRX_PGX_EDIT_MAX]; /* "GENE=DIPLOTYPE", borrowed */
	int n_edit, n_suppose;
	struct grx_facts *gene[2]; /* of the genes called anew */
	struct grx_facts *advice[2];
	struct grx_str notes;
	json_t *doc, *changes;
	bool bad;
};

/* Values as text: of a fact that is missing the reason; "none" without a fact. */
void why_q_value(struct grx_str *o, const struct grx_fact *f);
void why_q_str(struct why_q *q, json_t *o, const char *key, const char *s);
const char *why_q_gene(const json_t *g); /* name of a gene of the document */

/* Read --what-if; call the genes that it touches, both sides. */
int why_q_parse(struct why_q *q) GRX_MUST;
int why_q_call(struct why_q *q) GRX_MUST;
bool why_q_changed(const struct why_q *q, const char *gene);

/* Fill `changes` from both sides. */
void why_q_compare_genes(struct why_q *q);
int why_q_compare_advice(struct why_q *q) GRX_MUST;
/* Note where calling anew, nothing changed, does not give what the facts say. */
void why_q_baseline(struct why_q *q);
/* Members "notes" and "set" of the answer. */
void why_q_notes(struct why_q *q, json_t *o);
void why_q_set(struct why_q *q, json_t *o);

#endif
