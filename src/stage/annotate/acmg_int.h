/* SPDX-License-Identifier: GPL-3.0-or-later
 * acmg_int.h -- inside ACMG/AMP classification: codes, rules by gene, inputs by role, one allele's case.
 * A criterion is met, not met, or not assessed with the reason; what is missing never makes one met. */
#ifndef GRX_STAGE_ANNOTATE_ACMG_INT_H
#define GRX_STAGE_ANNOTATE_ACMG_INT_H

#include "base/map.h"
#include "bio/allele.h"
#include "stage/annotate/acmg.h"

enum annotate_acmg_code {
	AC_PVS1,
	AC_PS1,
	AC_PS2,
	AC_PS3,
	AC_PS4,
	AC_PM1,
	AC_PM2,
	AC_PM3,
	AC_PM4,
	AC_PM5,
	AC_PM6,
	AC_PP1,
	AC_PP2,
	AC_PP3,
	AC_PP4,
	AC_PP5,
	AC_BA1,
	AC_BS1,
	AC_BS2,
	AC_BS3,
	AC_BS4,
	AC_BP1,
	AC_BP2,
	AC_BP3,
	AC_BP4,
	AC_BP5,
	AC_BP6,
	AC_BP7,
	AC_N
};
enum annotate_acmg_strength {
	AC_SUPPORTING,
	AC_MODERATE,
	AC_STRONG,
	AC_VERY_STRONG,
	AC_ALONE,
	AC_N_STRENGTH
};
enum annotate_acmg_state { AC_NOT_ASSESSED, AC_NOT_MET, AC_MET };
enum annotate_acmg_class {
	AC_BENIGN,
	AC_LIKELY_BENIGN,
	AC_UNCERTAIN,
	AC_LIKELY_PATHOGENIC,
	AC_PATHOGENIC,
	AC_N_CLASS
};

extern const char *const annotate_acmg_code_name[AC_N];
extern const char *const annotate_acmg_strength_name[AC_N_STRENGTH]; /* as a suffix: "Supporting" */
extern const char *const annotate_acmg_class_name[AC_N_CLASS];       /* "Likely_pathogenic" */
enum annotate_acmg_strength annotate_acmg_default(int code);
static inline bool annotate_acmg_benign(int code)
{
	return code >= AC_BA1;
}
/* -1 unknown */
int annotate_acmg_code_of(const char *name);
int annotate_acmg_strength_of(const char *name);

/* Texts are NULL unless they were asked for (struct annotate_acmg_case) and live as long as the record. */
struct annotate_acmg_crit {
	uint8_t state, strength; /* strength: of a met one */
	const char *value;       /* what was measured */
	const char *threshold;   /* what it was compared with */
	const char *why;         /* a sentence: branch of the tree, reason for not assessing */
	const char *source;      /* of the value: file and version; of the threshold: publication */
};
struct annotate_acmg_result {
	struct annotate_acmg_crit c[AC_N];
	int points; /* BA1 is outside the sum */
	double posterior;
	enum annotate_acmg_class by_points, by_2015;
};

/* --- acmg_points.c --- */
/* Met criteria by direction and strength; a benign moderate one counts as supporting in the rules of 2015,
 * which have none. */
struct annotate_acmg_counts {
	int vs, s, m, p, ba, bs, bp;
};
/* Odds 350^(points / 8); Tavtigian 2020. */
double annotate_acmg_odds(int points);
double annotate_acmg_posterior(int points, double prior);
enum annotate_acmg_class annotate_acmg_2015(const struct annotate_acmg_counts *n);
/* Points from which a class holds: pathogenic, likely pathogenic (at least); likely benign, benign (at most).
 */
struct annotate_acmg_cut {
	int pathogenic, likely_pathogenic, likely_benign, benign;
};
enum annotate_acmg_class annotate_acmg_by_points(int points, bool ba1, const struct annotate_acmg_cut *cut);
int annotate_acmg_points(const struct annotate_acmg_crit *c, struct annotate_acmg_counts *n);

/* --- acmg_table.c: refdata/acmg and --acmg-rules --- */
enum annotate_acmg_key {
	AK_PRIOR,
	AK_POINTS_P,
	AK_POINTS_LP,
	AK_POINTS_LB,
	AK_POINTS_B,
	AK_BA1_AF,
	AK_MIN_AN,
	AK_BS1_AF,
	AK_BS1_DEFAULT_FOR,
	AK_PREVALENCE,
	AK_ALLELIC,
	AK_GENETIC,
	AK_PENETRANCE,
	AK_BS2_HOM,
	AK_BS2_HET,
	AK_BS2_HEMI,
	AK_FULL_PENETRANCE,
	AK_PM2_AC,
	AK_PM2_AF,
	AK_PM2_AF_RECESSIVE,
	AK_PM2_ABSENT,
	AK_PM1_WINDOW,
	AK_PM1_MIN,
	AK_MIN_STARS,
	AK_PM1_PP3_CAP,
	AK_PP3_WITH_PS1,
	AK_PM4_SINGLE,
	AK_REPEAT_COPIES,
	AK_PP2_Z,
	AK_MISSENSE_Z,
	AK_MISSENSE_MECHANISM,
	AK_TRUNCATING_ONLY,
	AK_MISSENSE_TOOL,
	AK_BP4_MAX,
	AK_SPLICEAI_PP3,
	AK_SPLICEAI_BP4,
	AK_BP7_INTRON_5,
	AK_BP7_INTRON_3,
	AK_PVS1_REMOVED,
	AK_PVS1_NMD,
	AK_PVS1_CRITICAL_MIN,
	AK_LOF,
	AK_LOF_TOLERATED,
	AK_CRITICAL,
	AK_INHERITANCE,
	AK_FACT_MIN,
	AK_N
};
struct annotate_acmg_val {
	const char *text; /* NULL: not said */
	double num;
	const char *source;
};
struct annotate_acmg_gene {
	struct annotate_acmg_val v[AK_N];
};
/* An interval of a predictor's scores. */
struct annotate_acmg_score {
	const char *tool;
	uint8_t code, strength;
	bool has_above, has_below, above_incl, below_incl;
	double above, below;
	const char *source;
};
struct annotate_acmg_exempt {
	const char *gene, *change, *source;
	const char *chrom; /* canonical name; place: of the change on GRCh38, trimmed */
	struct grx_change place;
};
struct annotate_acmg_rules {
	struct grx_arena *mem;
	struct grx_map *gene; /* struct annotate_acmg_gene */
	struct annotate_acmg_gene *dflt;
	size_t n_score, cap_score, n_exempt, cap_exempt;
	struct annotate_acmg_score *score;
	struct annotate_acmg_exempt *exempt;
	const char *version; /* of the shipped tables, and the file that was merged */
};
/* file: rows that go before the shipped ones, or NULL. Errors name file:line. */
int annotate_acmg_rules_open(struct grx_ctx *cx, const char *file, struct annotate_acmg_rules **out) GRX_MUST;
void annotate_acmg_rules_free(struct annotate_acmg_rules *r);
/* What holds in a gene (NULL: none known): its own row, else the default; text NULL when neither says. */
const struct annotate_acmg_val *annotate_acmg_rule(
	const struct annotate_acmg_rules *r, const struct annotate_acmg_gene *g, enum annotate_acmg_key k);
/* Does "10-20,30-40" reach into [from, to]? */
bool annotate_acmg_in_ranges(const char *ranges, int64_t from, int64_t to);
/* The interval that holds x; NULL between them. *known: is the tool in the table at all? */
const struct annotate_acmg_score *annotate_acmg_score(
	const struct annotate_acmg_rules *r, const char *tool, double x, bool *known);

/* --- acmg_input.c: values by role --- */
enum annotate_acmg_role {
	AR_AF,
	AR_FAF,
	AR_AC,
	AR_AN,
	AR_NHOMALT,
	AR_NHEMI,
	AR_SITE_AN,
	AR_REVEL,
	AR_BAYESDEL,
	AR_VEST4,
	AR_MUTPRED2,
	AR_CADD,
	AR_SPLICEAI,
	AR_CLNSIG,
	AR_CLNREVSTAT,
	AR_AN_MAX,
	AR_FILTER,
	AR_N
};
struct annotate_acmg_input {
	const char *column; /* NULL: no such input */
	const char *source; /* name of the database, its version */
};
int annotate_acmg_roles(struct grx_ctx *cx, const struct annotate_state *st, struct grx_arena *mem,
	struct annotate_acmg_input in[AR_N]) GRX_MUST;
extern const char *const annotate_acmg_role_name[AR_N];

/* --- acmg_index.c: classified protein changes --- */
struct annotate_acmg_change {
	int32_t residue, pos; /* pos: 1-based, of the normalised change */
	uint16_t contig;
	char ref, alt; /* residues; alt '.' when the change is no substitution of one residue */
	uint8_t cls;   /* enum annotate_acmg_class */
	uint8_t stars;
	uint16_t reserved;
	uint64_t id; /* of the normalised alleles */
};
struct annotate_acmg_index;
int annotate_acmg_index_open(struct grx_ctx *cx, const char *path, struct annotate_acmg_index **out) GRX_MUST;
void annotate_acmg_index_close(struct annotate_acmg_index *x);
/* GRX_E_MISMATCH when it was built on another reference; warns when none of its transcripts is known. */
int annotate_acmg_index_check(
	struct grx_ctx *cx, const struct annotate_acmg_index *x, const struct annotate_state *st) GRX_MUST;
const char *annotate_acmg_index_source(const struct annotate_acmg_index *x);
/* Changes of a transcript (by id without version) at residues from..to, ascending. */
const struct annotate_acmg_change *annotate_acmg_index_at(
	const struct annotate_acmg_index *x, const char *tx, int32_t from, int32_t to, size_t *n);
/* Number of a contig in the index by canonical name; -1. */
int annotate_acmg_index_contig(const struct annotate_acmg_index *x, const char *name);
/* One line of what was collected; sorted and written by annotate_acmg_index_write(). */
struct annotate_acmg_row {
	char tx[32], contig[48]; /* contig: canonical name, tab, its length */
	struct annotate_acmg_change c;
};
int annotate_acmg_index_write(struct grx_ctx *cx, const char *path, const char *source,
	struct annotate_acmg_row *row, size_t n) GRX_MUST;
/* CLNSIG to a class; -1 for what is none of the five (conflicting, low penetrance, risk factors). */
int annotate_acmg_clnsig(const char *s);
int annotate_acmg_stars(const char *revstat);
/* Identity of a normalised change, without its place. */
uint64_t annotate_acmg_change_id(const struct grx_change *c);
/* Trimmed and left-aligned; allele text of w->mem. False for alleles without a sequence. */
int annotate_acmg_normal(struct annotate_work *w, int32_t tid, int64_t pos, const char *ref, const char *alt,
	struct grx_change *c, bool *ok) GRX_MUST;

/* --- acmg_evidence.c --- */
struct annotate_acmg_evidence {
	const struct annotate_acmg_evidence *next; /* of the same allele */
	int code, state, strength;
	const char *note, *source; /* source: file:line */
};
int annotate_acmg_evidence_open(struct grx_ctx *cx, const struct annotate_state *st, const char *path,
	struct grx_arena *mem, struct grx_map **out) GRX_MUST;
/* "tid:pos:ref:alt" of a normalised change. */
char *annotate_acmg_key(struct grx_arena *mem, int32_t tid, const struct grx_change *c);

/* --- one allele --- */
struct annotate_acmg {
	struct grx_arena *mem;
	struct annotate_acmg_rules *rules;
	struct annotate_acmg_index *index; /* NULL without --acmg-index */
	struct grx_map *evidence;          /* NULL without --evidence */
	struct annotate_acmg_input in[AR_N];
	struct annotate_acmg_cut cut;
	double prior;
	bool placed; /* the places of the exempt variants are those of the input */
};
struct annotate_acmg_case {
	struct annotate_work *w;
	const struct annotate_acmg *a;
	const struct annotate_record *r;
	const struct annotate_allele *al;
	const struct annotate_entry *e;     /* on the transcript that speaks for the gene; NULL none */
	const struct annotate_entry *other; /* of the same gene, with loss of function where e has none */
	const char *gene_name;              /* NULL none */
	const struct annotate_acmg_gene *gene;
	struct grx_change change; /* normalised */
	bool has_change;
	bool unmarked; /* transcripts disagree on loss of function and the models mark none as the one */
	int contig;    /* in the index; -1 */
	bool texts;    /* are value, threshold, why wanted? */
	bool oom;
	/* what one criterion leaves for another */
	bool splice_benign; /* the splice predictor says no effect */
	bool splice_damage; /* it says there is one */
	bool pp3_by_missense;
	bool exempt;
	struct annotate_acmg_result *res;
};
/* Set a criterion; texts only when wanted. */
struct annotate_acmg_crit *annotate_acmg_set(struct annotate_acmg_case *k, int code, int state, int strength);
void annotate_acmg_why(struct annotate_acmg_case *k, int code, const char *fmt, ...) GRX_PRINTF(3, 4);
void annotate_acmg_value(struct annotate_acmg_case *k, int code, const char *fmt, ...) GRX_PRINTF(3, 4);
void annotate_acmg_threshold(struct annotate_acmg_case *k, int code, const char *fmt, ...) GRX_PRINTF(3, 4);
void annotate_acmg_source(struct annotate_acmg_case *k, int code, const char *value, const char *rule);
static inline const struct annotate_acmg_val *annotate_acmg_get(
	const struct annotate_acmg_case *k, enum annotate_acmg_key key)
{
	return annotate_acmg_rule(k->a->rules, k->gene, key);
}
/* The protein change is not known: the reference has N there, or an end of the allele is not exonic. */
#define AC_UNKNOWN_WHY "the change of the protein cannot be worked out from the reference"
bool annotate_acmg_unknown(const struct annotate_acmg_case *k);
/* Is the value of the rule this word? */
bool annotate_acmg_is(const struct annotate_acmg_case *k, enum annotate_acmg_key key, const char *word);
/* False: no such input, or no value for the allele. */
bool annotate_acmg_num(const struct annotate_acmg_case *k, enum annotate_acmg_role role, double *x);
/* Frequencies and counts are an allele's: of several values in one text nobody knows whose they are. */
#define AC_SEVERAL_WHY "several values in one column belong to no single allele"
bool annotate_acmg_several(const struct annotate_acmg_case *k, enum annotate_acmg_role role);
const char *annotate_acmg_text(const struct annotate_acmg_case *k, enum annotate_acmg_role role);
/* Classified changes of residues from..to of the case's transcript that are not the case's own. */
struct annotate_acmg_near {
	int n_p_missense, n_b_missense; /* pathogenic or likely; benign or likely; one residue substituted */
	int n_p_any;                    /* pathogenic or likely, whatever the change */
};
void annotate_acmg_near(
	const struct annotate_acmg_case *k, int64_t from, int64_t to, struct annotate_acmg_near *n);
bool annotate_acmg_own(const struct annotate_acmg_case *k, const struct annotate_acmg_change *c);

void annotate_acmg_freq(struct annotate_acmg_case *k); /* acmg_freq.c: BA1 BS1 BS2 PM2 */
/* Are the places of the exempt variants those of the input? */
bool annotate_acmg_placed(const struct grx_ctx *cx);
int annotate_acmg_pvs1(struct annotate_acmg_case *k) GRX_MUST;   /* acmg_pvs1.c */
void annotate_acmg_protein(struct annotate_acmg_case *k);        /* acmg_protein.c: PS1 PM1 PM5 PP2 BP1 */
int annotate_acmg_length(struct annotate_acmg_case *k) GRX_MUST; /* acmg_length.c: PM4 BP3 */
void annotate_acmg_predict(struct annotate_acmg_case *k);        /* acmg_predict.c: PP3 BP4 BP7 */
/* acmg_rules.c: criteria that only people can judge, evidence given, then what must not count twice. */
int annotate_acmg_finish_case(struct annotate_acmg_case *k) GRX_MUST;
/* Terms of null variants. */
#define AC_NULL_TERMS                                                                                        \
	(AT_BIT(AT_STOP_GAINED) | AT_BIT(AT_FRAMESHIFT) | AT_BIT(AT_SPLICE_ACCEPTOR) |                       \
		AT_BIT(AT_SPLICE_DONOR) | AT_BIT(AT_START_LOST) | AT_BIT(AT_TRANSCRIPT_ABLATION))

/* --- acmg_fact.c --- */
struct annotate_acmg_part;
/* Keep the classification for every carrier. */
int annotate_acmg_keep(struct annotate_acmg_case *k) GRX_MUST;

#endif
