/* SPDX-License-Identifier: GPL-3.0-or-later
 * tool_pheno.h -- the phenotype tables of refdata/pgx as tool_pheno.c reads and tool_grid.c checks them. */
#ifndef GRX_RECOMMEND_TOOL_PHENO_H
#define GRX_RECOMMEND_TOOL_PHENO_H

#include "stage/recommend/tools_int.h"

enum { RECOMMEND_MAX_VALUES = 512 };
enum recommend_pheno_mode {
	RECOMMEND_M_PAIR,
	RECOMMEND_M_SINGLE,
	RECOMMEND_M_SUM,
	RECOMMEND_M_SUM_NA,
	RECOMMEND_M_N
};

struct recommend_pheno_row {
	const char *phenotype, *f1, *f2;
	enum recommend_pheno_mode mode;
	double lo, hi;
	struct recommend_place at;
};
/* One gene: its rows, and what its alleles can have. */
struct recommend_pheno {
	const char *gene;
	int n_row, cap_row;
	struct recommend_pheno_row *row;
	struct recommend_names function;
	int n_value;
	double value[RECOMMEND_MAX_VALUES];
	bool na; /* some allele with a function has no number */
};
struct recommend_phenos {
	const struct recommend_rules *rs;
	struct recommend_issues *is;
	struct grx_arena *mem;
	int n, cap;
	struct recommend_pheno **v;
	const char *file; /* phenotypes.tsv */
};

/* The gene, new when unknown; NULL: no memory. */
struct recommend_pheno *recommend_pheno_get(struct recommend_phenos *t, const char *gene);
/* false when the gene holds RECOMMEND_MAX_VALUES already. */
bool recommend_pheno_value(struct recommend_pheno *p, double x);
/* Every finding about the rows of all genes, and about activity.tsv and score_classes.tsv of the rules. */
void recommend_phenos_check(struct recommend_phenos *t);

#endif
