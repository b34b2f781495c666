/* SPDX-License-Identifier: GPL-3.0-or-later
 * facts.h -- currency three: facts, one JSON object a line.
 * A fact = {id, sample, key, value, unit, lo, hi, n, status, because, source, attrs}. id is "SAMPLE|KEY" and
 * unique. Missing is never zero: status MISSING carries no value and says why in attrs "reason". Numbers are
 * quantised to 10 significant digits when added, so that memory and file agree. */
#ifndef GENORX_FACTS_H
#define GENORX_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "genorx/err.h"

struct grx_arena;

enum grx_fact_status { GRX_FACT_OK, GRX_FACT_MISSING, GRX_FACT_REFUSED };
enum grx_value_type { GRX_V_NULL, GRX_V_NUM, GRX_V_STR, GRX_V_BOOL };

struct grx_value {
	enum grx_value_type type;
	double num;      /* NUM; BOOL as 0 or 1 */
	const char *str; /* STR */
};

/* A link to evidence: another fact (id), or a locus seen in the reads or the VCF. */
struct grx_because {
	const char *fact; /* id of a fact, or NULL for a locus */
	const char *chrom;
	int64_t pos;           /* 1-based, as in the VCF */
	const char *ref, *alt; /* alt may be "." or comma-separated */
	const char *name;      /* rsID or defining-locus name, or NULL */
	const char *gt;        /* "0/1"; "./." no-call; NULL = no record at all (not assessed) */
	int32_t dp, gq;        /* -1 absent */
	const char *ad;        /* "12,15" or NULL */
};

struct grx_attr {
	const char *key, *val;
};

struct grx_fact {
	const char *id, *sample, *key;
	struct grx_value value;
	const char *unit;
	bool has_lo, has_hi;
	double lo, hi;
	int64_t n; /* -1 absent */
	enum grx_fact_status status;
	int n_because, cap_because;
	struct grx_because *because;
	int n_attr, cap_attr;
	struct grx_attr *attr;                        /* in order of addition */
	const char *stage, *version, *refdata, *rule; /* source; NULL if absent */
};

/* Where facts go when a file is written as they are made: lines of JSON, in order. */
struct grx_facts_sink {
	int (*put)(
		struct grx_facts_sink *sink, struct grx_ctx *cx, const char *lines, size_t n, size_t n_facts);
};

/* Owns an arena; facts stay at their address for its life. */
struct grx_facts {
	struct grx_facts_sink *sink; /* NULL, or takes what a cohort's stage hands over by grx_facts_put() */
	struct grx_arena *mem;
	size_t n, cap;
	struct grx_fact **v;
	void *index; /* by id */
};

struct grx_facts *grx_facts_new(void);
void grx_facts_free(struct grx_facts *fs);
/* Empty it; the facts and their strings are gone. */
int grx_facts_reset(struct grx_facts *fs) GRX_MUST;

/* grx_facts_add() -- new fact with value NULL, status OK and the source stage given. sample and key are
 * copied. A second fact of the same sample and key: GRX_E_DATA. *out stays valid for the life of fs. */
int grx_facts_add(struct grx_ctx *cx, struct grx_facts *fs, const char *sample, const char *key,
	const char *stage, struct grx_fact **out) GRX_MUST;
/* Shorthands: add with a value. unit may be NULL. */
int grx_facts_num(struct grx_ctx *cx, struct grx_facts *fs, const char *sample, const char *key,
	const char *stage, double value, const char *unit) GRX_MUST;
int grx_facts_str(struct grx_ctx *cx, struct grx_facts *fs, const char *sample, const char *key,
	const char *stage, const char *value) GRX_MUST;
/* Status MISSING with the reason. */
int grx_facts_missing(struct grx_ctx *cx, struct grx_facts *fs, const char *sample, const char *key,
	const char *stage, const char *reason) GRX_MUST;

int grx_fact_num_set(struct grx_facts *fs, struct grx_fact *f, double value, const char *unit) GRX_MUST;
int grx_fact_str_set(struct grx_facts *fs, struct grx_fact *f, const char *value) GRX_MUST;
/* GRX_E_BUG for a key that the fact has. */
int grx_fact_attr(struct grx_facts *fs, struct grx_fact *f, const char *key, const char *fmt, ...)
	GRX_PRINTF(4, 5) GRX_MUST;
/* Copies b and its strings. */
int grx_fact_because(struct grx_facts *fs, struct grx_fact *f, const struct grx_because *b) GRX_MUST;
int grx_fact_because_fact(struct grx_facts *fs, struct grx_fact *f, const char *id) GRX_MUST;
/* Copy s into the container's arena; NULL in, NULL out. */
const char *grx_facts_dup(struct grx_facts *fs, const char *s);
/* Deep copy of every fact of `from`; a clash of ids is GRX_E_DATA. */
int grx_facts_append(struct grx_ctx *cx, struct grx_facts *fs, const struct grx_facts *from) GRX_MUST;

/* Leave out the facts that a stage made, because it is about to make them anew; *n = how many. */
int grx_facts_drop_stage(struct grx_ctx *cx, struct grx_facts *fs, const char *stage, size_t *n) GRX_MUST;
/* Leave out the facts of other samples; those about no sample ("" or "*") stay. *n = how many were left out.
 */
int grx_facts_keep_sample(struct grx_ctx *cx, struct grx_facts *fs, const char *sample, size_t *n) GRX_MUST;

/* Facts made by a stage of this program and not yet marked get its version. */
int grx_facts_stamp(struct grx_facts *fs) GRX_MUST;

/* NULL when absent. */
const struct grx_fact *grx_facts_find(const struct grx_facts *fs, const char *sample, const char *key);
const struct grx_fact *grx_facts_by_id(const struct grx_facts *fs, const char *id);
const char *grx_fact_attr_get(const struct grx_fact *f, const char *key);
/* Quantise to 10 significant digits, as files hold it. */
double grx_fact_quantise(double x);

#endif
