/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_reads.c -- the single reads behind each listed locus: which allele each one shows, as it was aligned.
 * Nothing is realigned or weighed as the caller does it, so that counts can differ from AD; every read over
 * the locus is counted, under an allele or with the reason why not. */
#include <stdlib.h>
#include <string.h>

#include "bio/contig.h"
#include "bio/seen.h"
#include "cli/why.h"
#include "io/fasta.h"
#include "io/readsrc.h"

enum { MAX_ALLELE = 16 };

enum why_left {
	LEFT_DUP,
	LEFT_SECONDARY,
	LEFT_SUPPLEMENTARY,
	LEFT_QCFAIL,
	LEFT_PARTIAL,
	LEFT_REFUSED,
	N_LEFT
};
static const char *const left_name[N_LEFT] = {"duplicate", "secondary", "supplementary",
	"failed quality check", "not over the whole locus", "malformed record"};

struct reader {
	struct grx_ctx *cx;
	const struct why_opt *opt;
	struct grx_readsrc *src;
	struct grx_arena *mem;
	bool bad;
};

/* One locus: its alleles, and what was counted. */
struct site {
	int32_t tid;
	int64_t beg, end;
	bool indel;
	int n; /* alleles; number n = any other */
	char *allele[MAX_ALLELE + 1];
	json_t *list[MAX_ALLELE + 1];
	int64_t count[MAX_ALLELE + 1], forward[MAX_ALLELE + 1], left[N_LEFT];
};

static void put(struct reader *rd, json_t *o, const char *key, json_t *v)
{
	if (json_object_set_new(o, key, v))
		rd->bad = true;
}

static void push(struct reader *rd, json_t *a, json_t *v)
{
	if (json_array_append_new(a, v))
		rd->bad = true;
}

static void site_free(struct site *s)
{
	for (int i = 0; i <= MAX_ALLELE; i++)
		json_decref(s->list[i]);
}

/* REF and ALTs that are sequences; of a reference block only REF is. */
static int site_read(struct reader *rd, const json_t *l, struct site *s)
{
	const char *ref = json_string_value(json_object_get(l, "ref"));
	const char *alt = json_string_value(json_object_get(l, "alt"));
	char *list = grx_arena_strdup(rd->mem, alt ? alt : ""), *v[MAX_ALLELE];
	int n = list ? grx_split(list, ',', v, MAX_ALLELE - 1) : 0;

	memset(s, 0, sizeof(*s));
	s->allele[s->n++] = grx_arena_strdup(rd->mem, ref ? ref : "N");
	for (int i = 0; i < n; i++) {
		if (v[i][0] == '<' || v[i][0] == '*' || v[i][0] == '.' || !v[i][0])
			continue;
		s->indel = s->indel || strlen(v[i]) != strlen(s->allele[0]);
		s->allele[s->n++] = v[i];
	}
	s->allele[s->n] = grx_arena_strdup(rd->mem, "other");
	for (int i = 0; i <= s->n; i++)
		s->list[i] = json_array();
	s->beg = json_integer_value(json_object_get(l, "pos")) - 1;
	s->end = s->beg + (int64_t)strlen(s->allele[0]);
	s->tid = grx_contigs_find_alias(
		grx_readsrc_contigs(rd->src), json_string_value(json_object_get(l, "chrom")));
	return list && s->allele[0] && s->allele[s->n] ? GRX_OK : grx_fail_nomem(rd->cx, "reads of a locus");
}

static int why_not(const struct grx_read *r, const struct grx_seen *seen)
{
	if (r->flag & GRX_R_SECONDARY)
		return LEFT_SECONDARY;
	if (r->flag & GRX_R_SUPPLEMENTARY)
		return LEFT_SUPPLEMENTARY;
	if (r->flag & GRX_R_QCFAIL)
		return LEFT_QCFAIL;
	if (r->flag & GRX_R_DUP)
		return LEFT_DUP;
	return seen->whole ? -1 : LEFT_PARTIAL;
}

static json_t *read_json(struct reader *rd, const struct grx_read *r, const struct grx_seen *seen)
{
	json_t *o = json_object(), *name = json_string(r->name);

	put(rd, o, "name", name ? name : json_string("(not UTF-8)"));
	put(rd, o, "strand", json_string(r->flag & GRX_R_REVERSE ? "-" : "+"));
	put(rd, o, "pos", json_integer(r->pos + 1));
	put(rd, o, "mapq", json_integer(r->mapq));
	if (seen->qual >= 0)
		put(rd, o, "qual", json_integer(seen->qual));
	put(rd, o, "seen", json_string(seen->bases));
	return o;
}

static void take(struct reader *rd, struct site *s, const struct grx_read *r)
{
	struct grx_seen seen;
	int k = 0, left;

	if (r->pos >= s->end || r->end <= s->beg)
		return;
	grx_seen(r, s->beg, s->end, s->indel, &seen);
	left = why_not(r, &seen);
	if (left >= 0) {
		s->left[left]++;
		return;
	}
	while (k < s->n && (seen.spill || strcmp(s->allele[k], seen.bases) != 0))
		k++;
	s->count[k]++;
	s->forward[k] += !(r->flag & GRX_R_REVERSE);
	if ((int64_t)json_array_size(s->list[k]) < rd->opt->max_reads)
		push(rd, s->list[k], read_json(rd, r, &seen));
}

static json_t *site_json(struct reader *rd, struct site *s)
{
	json_t *o = json_object(), *alleles = json_array(), *left = json_object();
	int64_t n = 0;

	for (int k = 0; k <= s->n; k++) {
		json_t *a = json_object();

		n += s->count[k];
		put(rd, a, "allele", json_string(s->allele[k]));
		put(rd, a, "n", json_integer(s->count[k]));
		put(rd, a, "forward", json_integer(s->forward[k]));
		put(rd, a, "reverse", json_integer(s->count[k] - s->forward[k]));
		put(rd, a, "reads", json_incref(s->list[k]));
		push(rd, alleles, a);
	}
	for (int k = 0; k < N_LEFT; k++)
		if (s->left[k])
			put(rd, left, left_name[k], json_integer(s->left[k]));
	put(rd, o, "n", json_integer(n));
	put(rd, o, "alleles", alleles);
	put(rd, o, "left_out", left);
	return o;
}

static int locus(struct reader *rd, json_t *l)
{
	struct site s;
	struct grx_reads *b = NULL;
	int rc;

	grx_arena_reset(rd->mem);
	rc = site_read(rd, l, &s);
	if (rc == GRX_OK && s.tid < 0)
		rc = grx_fail(rd->cx, GRX_E_MISMATCH, "--reads %s: no contig %s", rd->opt->reads,
			json_string_value(json_object_get(l, "chrom")));
	if (rc == GRX_OK && (s.beg < 0 || s.end > grx_readsrc_contigs(rd->src)->c[s.tid].len))
		rc = grx_fail(rd->cx, GRX_E_DATA,
			"--reads %s: the facts name %s:%lld, which lies outside the contig", rd->opt->reads,
			json_string_value(json_object_get(l, "chrom")), (long long)s.beg + 1);
	if (rc == GRX_OK)
		rc = grx_readsrc_fetch(rd->cx, rd->src, 0, s.tid, s.beg, s.end, rd->mem, &b);
	for (size_t i = 0; rc == GRX_OK && i < b->n; i++)
		take(rd, &s, &b->v[i]);
	if (rc == GRX_OK) {
		s.left[LEFT_REFUSED] += (int64_t)b->n_refused;
		put(rd, l, "reads", site_json(rd, &s));
	}
	site_free(&s);
	return rc;
}

static int open_reads(struct reader *rd, const char *sample)
{
	struct grx_readsrc_opt o = {
		.path = rd->opt->reads, .fasta = rd->opt->fasta, .sample = sample, .workers = 1};
	int rc = grx_readsrc_open(rd->cx, &o, &rd->src);

	if (rc)
		return rc;
	if (!grx_readsrc_info(rd->src)->indexed)
		return grx_fail(rd->cx, GRX_E_NOINPUT,
			"--reads %s: found no index; make one with `samtools index`", rd->opt->reads);
	if (grx_contigs_build(grx_readsrc_contigs(rd->src)) != GRX_BUILD_38)
		return grx_fail(rd->cx, GRX_E_MISMATCH,
			"--reads %s: the loci are on GRCh38, the contig lengths of the file are not",
			rd->opt->reads);
	return GRX_OK;
}

int why_reads(struct grx_ctx *cx, const struct why_opt *o, json_t *doc)
{
	const char *sample = o->reads_sample ? o->reads_sample
					     : json_string_value(json_object_get(doc, "sample"));
	struct reader rd = {.cx = cx, .opt = o, .mem = grx_arena_new()};
	json_t *g, *l, *file;
	size_t i, k;
	int rc = GRX_E_BUG;

	if (!rd.mem) {
		rc = grx_fail_nomem(cx, "reads");
		goto out;
	}
	GRX_TRY(open_reads(&rd, sample));
	json_array_foreach(json_object_get(doc, "genes"), i, g)
	{
		json_array_foreach(json_object_get(json_object_get(g, "loci"), "shown"), k, l)
		{
			GRX_TRY(locus(&rd, l));
		}
	}
	file = json_object();
	put(&rd, file, "role", json_string("reads"));
	put(&rd, file, "path", json_string(o->reads));
	put(&rd, file, "sample", json_string(sample));
	put(&rd, file, "told_by", json_string("--reads"));
	push(&rd, json_object_get(doc, "files"), file);
	rc = rd.bad ? grx_fail_nomem(cx, "reads") : GRX_OK;
out:
	grx_readsrc_close(rd.src);
	grx_arena_free(rd.mem);
	return rc;
}
