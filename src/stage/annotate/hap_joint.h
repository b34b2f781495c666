/* SPDX-License-Identifier: GPL-3.0-or-later
 * hap_joint.h -- the coding changes of one transcript and what one haplotype makes of them. */
#ifndef GRX_STAGE_ANNOTATE_HAP_JOINT_H
#define GRX_STAGE_ANNOTATE_HAP_JOINT_H

#include "stage/annotate/hap.h"
#include "stage/annotate/hap_int.h"

/* One allele on the CDS as annotate_seq has it (pad counted), sense strand; [beg, end) 0-based, beg == end
 * inserts before beg. An unknown change covers [beg, end): what is there on this haplotype is not known. */
struct hap_change {
	int64_t beg, end, alt_len;
	const char *alt;
	struct annotate_entry *e; /* NULL: unknown */
	bool shifts;              /* of an unknown one: some allele of the record shifts the frame */
	int64_t pos;              /* 0-based, of its record */
};

/* A joint change met on some haplotype: the members, and what is said of them. */
struct hap_joint {
	struct annotate_hap hap;
	uint64_t hash;
	int32_t n, *member; /* changes, sense order */
	int32_t last_sample;
	struct hap_joint *next;
};

/* A coding transcript with the changes that records of the shard make. */
struct hap_tx {
	const struct annotate_tx *t;
	const struct annotate_seq *seq;
	size_t n_change, cap_change, n_site, cap_site;
	struct hap_change *change;
	struct hap_site *site; /* ascending */
	bool candidate;        /* some changes may act together */
	int64_t codon_edge;    /* last codon touched so far, in the direction of the genome */
	struct hap_tree tree;
	struct hap_joint *joint;
};

/* One record on one transcript: changes [first, first + n) by ascending allele, then the unknown one. */
struct hap_site {
	size_t rec;
	int32_t first, n, unknown;
};

/* What a haplotype carries jointly: to[*n], at most as many as it has changes. */
int annotate_hap_judge(
	struct annotate_work *w, struct hap_tx *x, int32_t node, struct hap_joint **to, int32_t *n) GRX_MUST;

#endif
