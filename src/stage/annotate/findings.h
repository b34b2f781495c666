/* SPDX-License-Identifier: GPL-3.0-or-later
 * findings.h -- whose findings are told: genes that were asked for, and the list of secondary findings only
 * on request. */
#ifndef GRX_STAGE_ANNOTATE_FINDINGS_H
#define GRX_STAGE_ANNOTATE_FINDINGS_H

#include "stage/annotate/annotate_int.h"

enum annotate_asked_kind {
	AT_ASK_NONE,      /* nobody asked; not on the list either */
	AT_ASK_WITHHELD,  /* on the list, which was not asked for */
	AT_ASK_SECONDARY, /* on the list, which was asked for */
	AT_ASK_GENE,      /* the gene was asked for */
};
struct annotate_asked;
/* --finding-genes and --secondary-findings; both need gene models. */
int annotate_asked_open(
	struct grx_ctx *cx, const struct annotate_state *st, struct annotate_asked **out) GRX_MUST;
void annotate_asked_close(struct annotate_asked *s);
/* Of allele `number` (1..) of the record; *gene, if not NULL, gets the gene that decides, or NULL. */
enum annotate_asked_kind annotate_asked_of(
	const struct annotate_state *st, const struct annotate_record *r, int32_t number, const char **gene);
/* The entry that names a finding: among equally severe ones the preferred transcript. NULL none. */
const struct annotate_entry *annotate_telling(const struct annotate_record *r, int32_t number);

/* "KIND/CHROM:POS:REF:ALT" of a fact, in w->keep; symbolic alleles with ":END", since several may begin at
 * one place. NULL: no memory. */
const char *annotate_allele_key(
	struct annotate_work *w, const char *kind, const struct annotate_record *r, int32_t number);
/* Copies of the allele in a genotype; *ploidy (may be NULL): its alleles, called or not. */
int annotate_copies(const struct grx_var *v, int32_t sample, int32_t allele, int *ploidy);
/* Does any sample carry it? */
bool annotate_carried(const struct grx_hdr *h, const struct grx_var *v, int32_t allele);
/* Genotype, depth and quality of a sample in a record; strings in mem. GRX_E_NOMEM. */
int annotate_because(struct annotate_work *w, const struct grx_var *v, int32_t sample, struct grx_arena *mem,
	struct grx_because *b) GRX_MUST;

/* Number i of FORMAT/key of a sample, rounded; -1 when it is missing or negative. */
int32_t annotate_fmt_int(const struct grx_var *v, const char *key, int32_t sample, int32_t i);
/* Is a classification as ClinVar writes it Pathogenic or Likely_pathogenic, and not Conflicting? */
bool annotate_is_pathogenic(const char *s);
/* Value i of a comma-separated column, in w->keep; NULL when there is none. GRX_E_NOMEM. */
int annotate_value_at(struct annotate_work *w, const char *s, int i, const char **out) GRX_MUST;

/* At the end: findings of the list that its rules do not report (one variant where two are needed, ...) are
 * left out of st->found; facts annotate/findings say what was looked for. */
int annotate_findings_finish(struct grx_ctx *cx, struct annotate_state *st, struct grx_facts *to) GRX_MUST;

#endif
