/* SPDX-License-Identifier: GPL-3.0-or-later
 * hap.h -- phased alleles of one transcript taken together (Danecek & McCarthy 2017, as bcftools csq does).
 */
#ifndef GRX_STAGE_ANNOTATE_HAP_H
#define GRX_STAGE_ANNOTATE_HAP_H

#include "stage/annotate/annotate_int.h"

/* A joint change of a protein by several records on one haplotype. Lives as long as the shard. */
struct annotate_hap {
	uint64_t terms;
	const char *hgvsp;   /* of the joint change; "" none */
	const char *changes; /* "105G>A+107del": what is joined, CDS or genomic coordinates */
	int64_t at;          /* 1-based position of the record that carries it; others point there */
	bool unphased;       /* phase is not known: one of the possible haplotypes */
	bool behind_stop;    /* terms and hgvsp are of the stop that the others make; the allele itself, the
				last of `changes`, is not translated */
	int32_t n_sample;    /* samples that carry it */
};

/* All joint changes that an allele is part of, on the haplotypes of different samples. */
struct annotate_hap_of {
	const struct annotate_hap *hap;
	const struct annotate_hap_of *next;
};

/* Counts of a shard into those of the run; then into the summary. */
void annotate_hap_merge(struct annotate_hap_count *to, const struct annotate_hap_count *from);
int annotate_hap_summary(const struct annotate_hap_count *c, struct json_t *to) GRX_MUST;
/* Between records at prev and next (0-based, of tid): may a block of records not end there? */
bool annotate_hap_joined(const struct annotate_state *st, int32_t tid, int64_t prev, int64_t next);
/* All records of a shard, after their entries: sets entry->hap; with --bcsq also INFO and FORMAT BCSQ. */
int annotate_hap_shard(struct annotate_work *w, struct annotate_record *r, size_t n) GRX_MUST;
int annotate_hap_declare(struct grx_ctx *cx, const struct annotate_opt *o, struct grx_hdr *h) GRX_MUST;

#endif
