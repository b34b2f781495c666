/* SPDX-License-Identifier: GPL-3.0-or-later
 * assemble.h -- inside the call stage: candidate alleles that no CIGAR shows, from soft clips and from local
 * assembly.
 *
 * clip.c finds clusters of clips and joins them across deletions and duplications; assemble.c chooses windows
 * and feeds their reads (assemble_reads.c) to a de Bruijn graph (assemble_graph.c); every way that leaves the
 * reference path and returns to it (assemble_path.c) and says something new (assemble_known.c) is split into
 * changes (hapdiff.c). Bases are codes: A C G T = 0..3, 4 breaks a sequence. Everything depends on the reads
 * around a place only, never on where the shard begins. */
#ifndef GRX_STAGE_CALL_ASSEMBLE_H
#define GRX_STAGE_CALL_ASSEMBLE_H

#include "stage/call/call_int.h"

#define CALL_CLIP_FRAGS 64 /* fragments of a clip cluster that are told apart; it counts no further */

#define ASM_MAX_LEN   CALL_MAX_LEN
#define ASM_MAX_NODE  8192 /* of a graph */
#define ASM_MAX_WAY   512  /* nodes off the reference path */
#define ASM_MAX_ALT   (ASM_MAX_WAY + 128)
#define ASM_MAX_WIN   400 /* bases of a window, with room */
#define ASM_MIN_READS 2
#define ASM_MIN_FRAC  0.08 /* of the depth */

/* Reads clipped at one place. right: the clip follows the aligned bases. */
struct call_clip {
	int64_t pos; /* first reference base the read does not show (right), or the first it does (left) */
	int32_t aln, n;
	bool right;
};

struct call_clips {
	struct call_clip *v;
	size_t n, cap;
};

/* Collect good clips and sort them by (side, place). One pass over w->aln; most reads cost one test.
 * Not good: fewer than 5 bases, low quality, adapter (beyond the start of the mate). */
int call_clips_collect(struct call_work *w, struct call_clips *c) GRX_MUST;
/* Next cluster: v[*i .. returned end); *n_frag gets its fragments. Clusters of few fragments come too. */
size_t call_clips_cluster(const struct call_work *w, const struct call_clips *c, size_t i, int *n_frag);
/* Deletion and duplication that explain the cluster v[i..j): into a[], their number (in a tandem repeat both
 * can). What is clipped must be found within ASM_MAX_LEN, with at most one mismatch in 12 bases, and not be a
 * simple repeat. */
int call_clips_join(
	const struct call_work *w, const struct call_clips *c, size_t i, size_t j, struct call_allele a[2]);
/* Reads of a sample with a good clip that begins in [beg, end). Cost: the reads around. */
int call_clips_within(const struct call_work *w, int sample, int64_t beg, int64_t end);
/* Is the clip on this side adapter, read through the end of a short fragment? */
bool call_clip_is_adapter(const struct call_aln *a, bool right);

/* Sequences of a window: seq[0 .. end - beg) is the reference, then come reads, each ended by a 4. */
struct call_seqset {
	struct call_work *w;
	int64_t beg, end; /* of the window */
	uint8_t *seq;     /* of ASM_MAX_SEQ */
	int32_t n_seq;
	int32_t read_len; /* of the longest read */
	bool full;        /* reads were left out for want of room */
	int32_t *away;    /* reads without a place whose mates have one, by position */
	int32_t n_away;
};
#define ASM_MAX_SEQ (1 << 19)
/* List the reads without a place. One pass over the reads of the shard. */
int call_asm_away(struct call_seqset *s) GRX_MUST;
/* Fill seq for [beg, end): reads equal to the reference are left out, they show no other way. Bases of poor
 * quality become 4; above --max-depth fragments are chosen by name. with_away: mates without a place, too. */
void call_asm_take(struct call_seqset *s, bool with_away);

/* k-mer with its ways on. Nodes 0..n_rk - 1 are those of the reference, in order. */
struct call_gnode {
	int32_t next[4];
	uint16_t w[4];
	int32_t off; /* of the k-mer in buf */
	bool has_in, reach, on_way;
};

struct call_graph {
	int k, n_ref, n_rk; /* k-mer size; bases and k-mers of the reference */
	const uint8_t *buf; /* reference, then reads */
	struct call_gnode *node;
	int32_t n, cap;
	int32_t *slot;
	uint32_t mask;
	uint64_t top; /* weight of the first base in the hash */
	int min_w;
	bool full, cyclic; /* more nodes than allowed; a way that comes back to itself */
};

/* Reference k-mers as a path. False: some k-mer occurs twice, k is too small. Slots: power of 2. */
bool call_graph_start(struct call_graph *g, const uint8_t *buf, int n_ref, int k, uint32_t n_slot);
/* Add the sequence buf[off .. off + len). */
void call_graph_thread(struct call_graph *g, int32_t off, int32_t len);
/* Drop light edges off the reference, tie loose ends back to it, mark what leads back to it. */
void call_graph_finish(struct call_graph *g);

/* A way off the reference: its bases [beg, end) (window index; end < beg: a duplication) read alt. */
struct call_way {
	int beg, end, n;
	int n_read; /* lightest edge */
	uint8_t alt[ASM_MAX_ALT];
};
typedef int (*call_way_fn)(void *to, const struct call_way *way);
/* All ways, heaviest first at every fork, bounded; *cut counts forks not followed to the end. */
int call_graph_ways(struct call_graph *g, call_way_fn fn, void *to, int64_t *cut) GRX_MUST;

/* One difference; positions are indices of the two sequences. */
struct call_diff {
	int rpos, rlen, apos, alen;
};
#define ASM_MAX_DIFF 24
/* Changes that turn ref[0..nr) into alt[0..na): global affine alignment (costs as the common mappers have
 * them), single substitutions apart, gaps as far left as possible. mem: dp of ASM_DP_BYTES. Returns their
 * number, 0 for equal sequences, -1: too long or too many. Cost: nr x na of what is left after trimming. */
#define ASM_DP_BYTES (512 * 512)
int call_hapdiff(const uint8_t *ref, int nr, const uint8_t *alt, int na, uint8_t *dp, struct call_diff *d);

/* The bases [beg, end) of ref, which lies at pos, replaced by alt[0..na). */
struct call_seqs {
	const uint8_t *ref, *alt;
	int64_t pos;
	int beg, end, na;
};
#define ASM_MAX_OPEN 4096
/* Can the first n_known alleles of w->ind (sorted) and the substitutions of the columns spell it? seen: of
 * ASM_DP_BYTES, open: of ASM_MAX_OPEN. */
bool call_asm_known(
	struct call_work *w, size_t n_known, const struct call_seqs *q, uint8_t *seen, int32_t *open);

/* Add alleles to w->ind (indels) and w->asm_snv. After call_indels_merge(), which is called again when there
 * is anything new. */
int call_assemble_candidates(struct call_work *w) GRX_MUST;

#endif
