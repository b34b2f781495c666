/* SPDX-License-Identifier: GPL-3.0-or-later
 * reads.h -- currency one: a batch of aligned reads in coordinate order.
 * Packed as in BAM: seq 4 bits a base (=ACMGRSVTWYHKDBN), cigar (len << 4 | op), op in MIDNSHP=X.
 * A batch holds every placed read that overlaps [halo_beg, halo_end) of its shard, duplicates and secondary
 * alignments included; stages filter. A read is "owned" by the shard whose core holds its pos. */
#ifndef GENORX_READS_H
#define GENORX_READS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum grx_read_flag {
	GRX_R_PAIRED = 1,
	GRX_R_PROPER = 2,
	GRX_R_UNMAPPED = 4,
	GRX_R_MUNMAPPED = 8,
	GRX_R_REVERSE = 16,
	GRX_R_MREVERSE = 32,
	GRX_R_READ1 = 64,
	GRX_R_READ2 = 128,
	GRX_R_SECONDARY = 256,
	GRX_R_QCFAIL = 512,
	GRX_R_DUP = 1024,
	GRX_R_SUPPLEMENTARY = 2048
};

enum grx_cigar_op { GRX_C_M = 0, GRX_C_I, GRX_C_D, GRX_C_N, GRX_C_S, GRX_C_H, GRX_C_P, GRX_C_EQ, GRX_C_X };
#define GRX_CIG_OP(c)  ((int)((c)&15u))
#define GRX_CIG_LEN(c) ((int64_t)((c) >> 4))
/* consumes query: M I S = X; consumes reference: M D N = X */
#define GRX_CIG_QUERY(op) ((0x193 >> (op)) & 1)
#define GRX_CIG_REF(op)   ((0x18D >> (op)) & 1)

struct grx_read {
	int32_t tid;
	int64_t pos, end; /* [pos, end) on the reference */
	uint16_t flag;
	uint8_t mapq;  /* 255 = unavailable */
	int32_t l_seq; /* 0 when SEQ is '*' */
	uint32_t n_cigar;
	const uint32_t *cigar;
	const uint8_t *seq;  /* (l_seq + 1) / 2 bytes */
	const uint8_t *qual; /* l_seq bytes, phred; qual[0] == 255 means absent */
	int32_t mtid;
	int64_t mpos, isize;
	const char *name;   /* NUL-terminated */
	uint64_t name_hash; /* equal for both mates */
	int32_t nm;         /* NM tag, -1 absent */
	uint16_t sample;    /* index into grx_reads_info.samples */
	bool no_qual;       /* bases without qualities: qual[0] == 255 */
	bool over;          /* beyond --depth-limit: left out for stages that set `thin` */
};

/* Why a record of the file is not in the batch. */
enum grx_refusal {
	GRX_REFUSED_CIGAR,  /* reaches beyond its contig, or covers no base of it */
	GRX_REFUSED_SEQ,    /* SEQ is '*' */
	GRX_REFUSED_SAMPLE, /* of a sample that was not chosen */
	GRX_REFUSED_RG,     /* its sample can't be told (only with --allow-unknown-rg) */
	GRX_REFUSED_GAP,    /* CIGAR with a deletion or skip longer than GRX_MAX_GAP */
	GRX_REFUSED_DEPTH,  /* beyond --depth-limit */
	GRX_REFUSALS
};

/* The longest human intron has 1.2 Mb; no aligner reports more as one gap of a read. */
enum { GRX_MAX_GAP = 1500000 };

/* n such records that begin at pos. */
struct grx_refused {
	int64_t pos;
	uint32_t n;
	enum grx_refusal why;
};

struct grx_reads {
	size_t n, cap;
	struct grx_read *v; /* ascending pos; equal pos: by sample, then file, then as in the file */
	/* refused records of the window, and how many of them the shard owns, by reason: grx_reads_own() */
	size_t n_refused;
	const struct grx_refused *refused;
	int64_t owned_refused[GRX_REFUSALS];
	int64_t n_bad_cigar, n_no_seq; /* of owned_refused: CIGAR and GAP; SEQ */
};

/* Count the refused records whose pos lies in the core [beg, end): each is owned by one shard. */
void grx_reads_own(struct grx_reads *b, int64_t beg, int64_t end);

/* Base i of a packed sequence as a 4-bit code; grx_nt16 maps it to a letter. */
#define GRX_SEQ_CODE(seq, i) ((seq)[(i) >> 1] >> ((~(i)&1) << 2) & 15)
extern const char grx_nt16[17];          /* "=ACMGRSVTWYHKDBN" */
extern const int8_t grx_nt16_to_nt4[16]; /* A C G T -> 0 1 2 3, others 4 */

#endif
