/* SPDX-License-Identifier: GPL-3.0-or-later
 * report_int.h -- shared parts of the report stage.
 * A page is built in one growable string; every text of the facts goes through report_text(), which escapes
 * it. */
#ifndef GRX_STAGE_REPORT_INT_H
#define GRX_STAGE_REPORT_INT_H

#include <stdbool.h>

#include "base/str.h"
#include "genorx/genorx.h"

struct report_opt {
	const char *output; /* HTML */
	const char *tsv, *json;
	const char *lang;
	const char *title;
};
extern const struct grx_opt report_opt[];

enum report_lang { REPORT_EN, REPORT_ZH };

/* Strings of the page; the text of both languages is in lang.c, in this order. */
enum report_str {
	S_TITLE,
	S_SKIP,
	S_SECTIONS,
	S_SAMPLE,
	S_PIPELINE,
	S_RULES,
	S_QUALITY_OF_SAMPLE,
	S_COUNTS,
	S_RUO,
	S_RUO_TEXT,
	S_SUMMARY,
	S_MEDS,
	S_GENES,
	S_RISK,
	S_FINDINGS,
	S_WHY,
	S_QUALITY,
	S_LIMITS,
	S_METHODS,
	S_MOST_URGENT,
	S_LEVEL,
	S_WHAT,
	S_DO,
	S_EVIDENCE,
	S_WHY_LINK,
	S_NOTHING_URGENT,
	S_STANDARD_ROW,
	S_STANDARD_GATED,
	S_ACT,
	S_CAUTION,
	S_UNKNOWN,
	S_INFO,
	S_STANDARD,
	S_NOT_ASSESSED,
	S_REFUSED,
	S_MISSING,
	S_NO_MEDS,
	S_MEDS_CAPTION,
	S_MEDICINE,
	S_RECOMMENDATION,
	S_STRENGTH,
	S_SOURCE,
	S_GUIDELINE,
	S_POPULATION,
	S_VERIFY,
	S_MEDS_FOLDED,
	S_NO_GENES,
	S_GENES_CAPTION,
	S_GENE,
	S_DIPLOTYPE,
	S_PHENOTYPE,
	S_ACTIVITY,
	S_STATUS,
	S_LOCI,
	S_LOCI_OF,
	S_ST_CALLED,
	S_ST_PARTIAL,
	S_ST_AMBIGUOUS,
	S_ST_NO_MATCH,
	S_SAME_AS,
	S_ALSO_FITS,
	S_UNDOCUMENTED,
	S_NOTE,
	S_ANCHOR_ONLY,
	S_GENES_NOTE,
	S_CANDIDATES,
	S_NO_RISK,
	S_RISK_NOTE,
	S_PROBABILITY,
	S_INTERVAL,
	S_INTERVAL_COVERS,
	S_AVERAGE_RISK,
	S_AVERAGED_OVER,
	S_OF_PEOPLE,
	S_OF_PEOPLE_FEW,
	S_RISK_OUTSIDE,
	S_PRS_CAPTION,
	S_SCORE,
	S_TRAIT,
	S_SUM,
	S_PERCENTILE,
	S_COVERAGE,
	S_COVERAGE_W,
	S_PRS_NOTE,
	S_PRS_ALSO,
	S_NOT_ADJUSTED,
	S_AMONG,
	S_LOW_CONFIDENCE,
	S_MOST_SIMILAR,
	S_DISTANCE,
	S_PORTABILITY,
	S_LEVEL_INTERVAL,
	S_CLINICAL_CAPTION,
	S_ITEM,
	S_VALUE,
	S_NO_FINDINGS,
	S_FINDINGS_NOT_RUN,
	S_FINDINGS_NOT_ASKED,
	S_FINDINGS_ASKED,
	S_FINDINGS_SECONDARY,
	S_FINDINGS_BOTH,
	S_FINDINGS_NO_DB,
	S_FINDINGS_ACMG,
	S_FINDINGS_CAPTION,
	S_VARIANT,
	S_CONSEQUENCE,
	S_CLINVAR,
	S_GENOTYPE,
	S_WHY_INTRO,
	S_RULE,
	S_VERSION,
	S_BECAUSE,
	S_NO_EVIDENCE,
	S_LOCUS,
	S_POSITION,
	S_CHANGE,
	S_DEPTH,
	S_GQ,
	S_AD,
	S_NO_RECORD,
	S_NO_CALL,
	S_REF_LOCI,
	S_ALL_LOCI,
	S_LOCI_CAPTION,
	S_NO_QC,
	S_QC_CAPTION,
	S_RESULT,
	S_PASS,
	S_WARN,
	S_FAIL,
	S_MALE,
	S_FEMALE,
	S_PER_CONTIG,
	S_LIMITS_TEXT,
	S_LIMITS_CAPTION,
	S_REASON,
	S_NO_LIMITS,
	S_METHODS_TEXT,
	S_METHODS_CAPTION,
	S_STAGE,
	S_REFDATA,
	S_N_FACTS,
	S_OPTIONS,
	S_OTHER_CAPTION,
	S_OTHER,
	S_FOOTER,
	S_GATE_FAIL,
	S_GATE_WARN,
	S_FINDING_DO,
	S_NO_SAMPLES,
	S_N_STRINGS
};
const char *report_s(enum report_lang lang, enum report_str id);

/* Most urgent first; the order of the enum is the order on the page. */
enum report_level { LEVEL_ACT, LEVEL_CAUTION, LEVEL_UNKNOWN, LEVEL_INFO, LEVEL_STANDARD };

struct report_list {
	size_t n;
	const struct grx_fact **v;
};

struct report_page {
	struct grx_str b;
	const struct grx_ctx *cx;
	const struct report_opt *o;
	const struct grx_facts *facts;
	enum report_lang lang;
	int n_sample;
	const char **sample_name;
	/* the sample at hand */
	int si;
	const char *sample;
	int h;                   /* level of section headings: 2, or 3 below a sample's heading */
	struct report_list meds; /* recommend facts, most urgent first */
};

/* ---- model.c ---- */
/* Facts of p->sample whose key begins with prefix, in input order; v is grx_malloc memory. GRX_E_NOMEM. */
int report_select(const struct report_page *p, const char *prefix, struct report_list *out) GRX_MUST;
void report_list_free(struct report_list *l);
/* Part i of a key cut at '/', in buf. */
const char *report_part(const char *key, int i, char *buf, size_t cap);
/* The key after its first i parts. */
const char *report_rest(const char *key, int i);
const char *report_attr(const struct grx_fact *f, const char *key); /* "" when absent */
enum report_level report_level_of(const struct grx_fact *f);
/* Sort recommend facts: level, drug, key. */
void report_sort_meds(struct report_list *l);
/* Fact of the sample at hand; prefix and suffix make the key. NULL when absent. */
const struct grx_fact *report_find(
	const struct report_page *p, const char *prefix, const char *mid, const char *suffix);
/* Value as text in buf ("" when there is none). */
const char *report_value(const struct grx_fact *f, char *buf, size_t cap);
/* Recommendation text in the page's language. */
const char *report_rec_text(const struct grx_fact *f, enum report_lang lang);
/* Gene, diplotype and phenotype of the facts behind f, in one line. */
void report_evidence_text(const struct report_page *p, const struct grx_fact *f, struct grx_str *out);
/* Is a locus homozygous reference? A locus without record or without call is not. */
bool report_locus_is_ref(const struct grx_because *b);
bool report_locus_is_missing(const struct grx_because *b);

/* ---- html.c ---- */
void report_raw(struct report_page *p, const char *html);
void report_rawf(struct report_page *p, const char *fmt, ...) GRX_PRINTF(2, 3);
/* Escape text for HTML content and quoted attributes; control and bidirectional-override characters become
 * U+FFFD. */
void report_escape(struct grx_str *b, const char *text);
void report_text(struct report_page *p, const char *text);
void report_t(struct report_page *p, enum report_str id);
void report_para(struct report_page *p, const char *cls, enum report_str id);
void report_section_open(struct report_page *p, const char *slug, int number, enum report_str title);
void report_section_close(struct report_page *p);
void report_heading(struct report_page *p, int deeper, const char *text);
/* Tables: caption, n column heads. Cells carry their column's name for narrow screens. */
struct report_cols {
	int n;
	enum report_str col[8];
};
void report_table_open(struct report_page *p, const char *caption, const struct report_cols *c);
void report_table_close(struct report_page *p);
void report_row_open(struct report_page *p, const char *id); /* id NULL or a plain token */
void report_row_close(struct report_page *p);
void report_cell_open(
	struct report_page *p, const struct report_cols *c, int i); /* i == 0 is the row's head */
void report_cell_close(struct report_page *p, int i);
void report_cell(struct report_page *p, const struct report_cols *c, int i, const char *text);
void report_tag_level(struct report_page *p, enum report_level level);
/* cls: act cau unk ok */
void report_tag(struct report_page *p, const char *cls, const char *mark, const char *text);

/* ---- sections ---- */
int report_page_write(struct report_page *p) GRX_MUST;
int report_sec_summary(struct report_page *p) GRX_MUST;
int report_sec_meds(struct report_page *p) GRX_MUST;
int report_sec_genes(struct report_page *p) GRX_MUST;
int report_sec_risk(struct report_page *p) GRX_MUST;
/* scores.c: the table of polygenic scores, with where the person lies; *any = there are some. */
int report_scores(struct report_page *p, bool *any) GRX_MUST;
int report_sec_findings(struct report_page *p) GRX_MUST;
/* Findings may be shown: unless annotate says that nobody asked for them. */
bool report_findings_wanted(const struct report_page *p);
int report_sec_why(struct report_page *p) GRX_MUST;
int report_sec_quality(struct report_page *p) GRX_MUST;
int report_sec_limits(struct report_page *p) GRX_MUST;
int report_sec_methods(struct report_page *p) GRX_MUST;
/* Probability bar from 0 to a round maximum. */
void report_svg_risk(struct report_page *p, const struct grx_fact *f, const char *title);

/* ---- machine forms ---- */
/* A cell that a spreadsheet will not run and that cannot break the row. */
void report_tsv_cell(struct grx_str *b, const char *text);
int report_tsv_write(struct grx_ctx *cx, struct report_page *p, const char *path) GRX_MUST;
int report_json_write(struct grx_ctx *cx, struct report_page *p, const char *path) GRX_MUST;

#endif
