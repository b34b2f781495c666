/* SPDX-License-Identifier: GPL-3.0-or-later
 * annotate.c -- the annotate stage: consequences and HGVS on every transcript, columns joined from databases,
 * findings. shard() reads constant state and edits the batch in place; counts and findings of a shard are
 * merged in order. */
#include "stage/annotate/annotate_int.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "bio/allele.h"
#include "io/factio.h"
#include "io/fasta.h"
#include "stage/stages.h"

#define MISMATCH_FRAC                                                                                        \
	0.001 /* REF against the FASTA: more than this and more than a handful is another build */
#define MISMATCH_MIN 10

/* --- alleles --- */

static bool is_sequence(const char *a)
{
	return a[strspn(a, "ACGTUNRYSWKMBDHV")] == '\0' && *a;
}

/* Do REF and all sequence ALTs start with the same base while some differ in length? */
static bool has_anchor(const struct grx_var *v)
{
	size_t n = strlen(v->allele[0]);
	bool indel = false;
	for (int32_t i = 1; i < v->n_allele; i++) {
		const char *a = v->allele[i];
		if (!is_sequence(a))
			continue;
		if (a[0] != v->allele[0][0])
			return false;
		indel |= strlen(a) != n;
	}
	return indel;
}

/* Minimal form: first the anchor base, so that an insertion stays behind it, then common ends. */
static void allele_trim(struct annotate_allele *a)
{
	if (a->ref_len == a->alt_len)
		return;
	if (a->ref_len && a->alt_len && a->ref[0] == a->alt[0]) {
		a->ref++, a->alt++, a->beg++;
		a->ref_len--, a->alt_len--;
	}
	while (a->ref_len && a->alt_len && a->ref[a->ref_len - 1] == a->alt[a->alt_len - 1]) {
		a->ref_len--, a->alt_len--;
		a->end--;
	}
	while (a->ref_len && a->alt_len && a->ref[0] == a->alt[0]) {
		a->ref++, a->alt++, a->beg++;
		a->ref_len--, a->alt_len--;
	}
}

/* False for alleles without a sequence; they are counted. */
static int allele_make(
	struct annotate_work *w, const struct grx_var *v, int32_t k, struct annotate_allele *a, bool *ok)
{
	const char *alt = v->allele[k];
	*ok = false;
	if (!is_sequence(alt) || !is_sequence(v->allele[0])) {
		if (strcmp(alt, "*") == 0)
			w->part->n_star++;
		else
			w->part->n_symbolic++;
		return GRX_OK;
	}
	memset(a, 0, sizeof *a);
	a->tid = v->tid;
	a->beg = v->pos;
	a->ref = v->allele[0];
	a->ref_len = (int32_t)strlen(a->ref);
	a->end = v->pos + a->ref_len;
	a->alt_len = (int32_t)strlen(alt);
	a->dna = grx_allele_is_acgt(alt);
	w->part->n_ambiguous += !a->dna;
	a->alt = alt;
	a->shown = has_anchor(v) ? alt + 1 : alt;
	if (!*a->shown)
		a->shown = "-";
	allele_trim(a);
	/* views into the record's strings must end where the allele ends */
	char *r = grx_arena_strndup(w->mem, a->ref, (size_t)a->ref_len);
	char *s = grx_arena_strndup(w->mem, a->alt, (size_t)a->alt_len);
	if (!r || !s)
		return grx_fail_nomem(w->cx, "allele");
	a->ref = r;
	a->alt = s;
	*ok = true;
	return GRX_OK;
}

static int ref_check(struct annotate_work *w, const struct grx_var *v, bool *mismatch)
{
	const char *ref = v->allele[0];
	int64_t n = (int64_t)strlen(ref);
	*mismatch = false;
	int rc = annotate_window(w, v->tid, v->pos, v->pos + n);
	if (rc)
		return rc;
	for (int64_t i = 0; i < n; i++) {
		char b = annotate_base(w, v->pos + i);
		if (b != ref[i] && strchr("ACGT", b) && strchr("ACGT", ref[i]))
			*mismatch = true;
	}
	w->part->n_ref_mismatch += *mismatch;
	return GRX_OK;
}

/* --- one allele on its transcripts --- */

static int64_t gap_between(const struct annotate_tx *t, const struct annotate_allele *al)
{
	/* closed, 1-based distances between the nearest ends */
	int64_t s = al->beg + 1, e = al->end, d = INT64_MAX;
	const int64_t a[4] = {t->beg + 1 - s, t->beg + 1 - e, t->end - s, t->end - e};
	for (int i = 0; i < 4; i++) {
		int64_t x = a[i] < 0 ? -a[i] : a[i];
		d = x < d ? x : d;
	}
	return d;
}

/* Upstream or downstream within the distance; false when the transcript is too far. */
static bool entry_near(const struct annotate_opt *o, struct annotate_entry *e)
{
	const struct annotate_tx *t = e->tx;
	int64_t s = e->al->beg + 1, x = e->al->end;
	bool before = x < t->beg + 1 && x >= t->beg + 1 - o->distance;
	bool after = s > t->end && s <= t->end + o->distance;
	if (!before && !after)
		return false;
	e->distance = gap_between(t, e->al);
	e->terms = (t->strand > 0) == before ? AT_BIT(AT_UPSTREAM) : AT_BIT(AT_DOWNSTREAM);
	return true;
}

static int entry_within(struct annotate_work *w, struct annotate_entry *e)
{
	const struct annotate_tx *t = e->tx;
	const struct annotate_seq *q = NULL;
	struct annotate_allele *moved = grx_arena_alloc(w->mem, 1, sizeof *moved);
	struct annotate_eval ev;
	int rc;
	if (!moved)
		return grx_fail_nomem(w->cx, "allele");
	e->distance = -1;
	if (t->coding && (rc = annotate_tx_seq(w, (size_t)(t - w->st->models->tx), &q)))
		return rc;
	if ((rc = annotate_eval(w, t, q, e->al, &e->ev)))
		return rc;
	e->terms = annotate_consequence(&e->ev);
	if ((rc = annotate_shift(w, t->strand, e->al, moved)))
		return rc;
	/* an allele that reaches out of the transcript has no name on it */
	bool inside = e->al->beg >= t->beg && e->al->end <= t->end;
	if (inside && (rc = annotate_hgvs_c(w, t, moved, &e->hgvsc)))
		return rc;
	if (!e->ev.pl.in_cds)
		return GRX_OK;
	if ((rc = annotate_eval(w, t, q, moved, &ev)))
		return rc;
	return annotate_hgvs_p(w, &ev, e->terms, &e->hgvsp);
}

static int allele_entries(
	struct annotate_work *w, const struct annotate_allele *al, struct annotate_entry **out, int *n)
{
	const struct annotate_models *m = w->st->models;
	size_t lo, hi;
	int64_t dist = w->st->opt.distance;
	annotate_models_range(m, al->tid, al->beg - dist, al->end + dist, &lo, &hi);
	struct annotate_entry *v = grx_arena_calloc(w->mem, hi - lo + 1, sizeof *v);
	if (!v)
		return grx_fail_nomem(w->cx, "consequences");
	*out = v;
	*n = 0;
	for (size_t i = lo; i < hi; i++) {
		struct annotate_entry *e = &v[*n];
		memset(e, 0, sizeof *e);
		e->tx = &m->tx[i];
		e->al = al;
		if (annotate_overlap(al->beg + 1, al->end, e->tx->beg + 1, e->tx->end)) {
			int rc = entry_within(w, e);
			if (rc)
				return rc;
		} else if (!entry_near(&w->st->opt, e)) {
			continue;
		}
		++*n;
	}
	if (*n == 0)
		v[(*n)++] = (struct annotate_entry){.al = al, .terms = AT_BIT(AT_INTERGENIC), .distance = -1};
	return GRX_OK;
}

/* A copy that outlives the record, for findings. */
static struct annotate_entry *entry_keep(struct annotate_work *w, const struct annotate_entry *e)
{
	struct annotate_entry *k = grx_arena_calloc(w->keep, 1, sizeof *k);
	if (!k)
		return NULL;
	k->tx = e->tx;
	k->terms = e->terms;
	k->hgvsc = e->hgvsc ? grx_arena_strdup(w->keep, e->hgvsc) : NULL;
	k->hgvsp = e->hgvsp ? grx_arena_strdup(w->keep, e->hgvsp) : NULL;
	return k;
}

static int allele_csq(struct annotate_work *w, const struct annotate_allele *al, struct grx_str *csq,
	const struct annotate_entry **worst)
{
	struct annotate_entry *e = NULL;
	int n = 0, rc, top = 0;
	if ((rc = allele_entries(w, al, &e, &n)))
		return rc;
	for (int i = 1; i < n; i++)
		if (w->st->terms.rank[annotate_worst(e[i].terms)] <
			w->st->terms.rank[annotate_worst(e[top].terms)])
			top = i;
	w->part->n_consequence[annotate_worst(e[top].terms)]++;
	int pick = annotate_pick(w->st, e, n);
	for (int i = 0; i < n; i++)
		if ((!w->st->opt.pick || i == pick) && (rc = annotate_csq_entry(w, &e[i], csq)))
			return rc;
	if (w->st->find_db >= 0) {
		/* among equally severe ones the preferred transcript names the finding */
		const struct annotate_entry *p = &e[pick];
		*worst = entry_keep(
			w, annotate_worst(p->terms) == annotate_worst(e[top].terms) ? p : &e[top]);
		if (!*worst)
			return grx_fail_nomem(w->cx, "finding");
	}
	return GRX_OK;
}

static int record_csq(
	struct annotate_work *w, struct grx_var *v, struct grx_str *csq, const struct annotate_entry **worst)
{
	int rc;
	bool mismatch, ok;
	if (!w->st->fasta_name[v->tid]) {
		w->part->n_no_reference++;
		return GRX_OK;
	}
	if ((rc = ref_check(w, v, &mismatch)))
		return rc;
	grx_str_reset(csq);
	for (int32_t k = 1; k < v->n_allele; k++) {
		struct annotate_allele al;
		if ((rc = allele_make(w, v, k, &al, &ok)))
			return rc;
		if (!ok)
			continue;
		w->part->n_alleles++;
		al.ref_mismatch = mismatch;
		if ((rc = allele_csq(w, &al, csq, &worst[k - 1])))
			return rc;
	}
	if (!csq->n)
		return GRX_OK;
	struct grx_field *f = grx_var_info_set(w->keep, v, "CSQ", GRX_T_STR, 1);
	if (f)
		f->v.s[0] = grx_arena_strdup(w->keep, csq->s);
	return f && f->v.s[0] ? GRX_OK : grx_fail_nomem(w->cx, "CSQ");
}

/* --- the stage --- */

static int shard_records(struct annotate_work *w, const struct annotate_entry ***worst)
{
	struct grx_vars *b = w->sh->vars;
	struct grx_str csq = {0};
	int rc = GRX_OK;
	for (size_t i = 0; i < b->n && !rc; i++) {
		struct grx_var *v = &b->v[i];
		w->part->n_records++;
		if (grx_var_is_ref_block(v)) {
			w->part->n_ref_block++;
			continue;
		}
		worst[i] = grx_arena_calloc(w->keep, (size_t)v->n_allele, sizeof **worst);
		if (!worst[i])
			rc = grx_fail_nomem(w->cx, "consequences");
		else if (w->st->models)
			rc = record_csq(w, v, &csq, worst[i]);
		grx_arena_reset(w->mem);
	}
	grx_str_clear(&csq);
	return rc;
}

static int annotate_shard(const void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	int rc = GRX_E_BUG;
	const struct annotate_state *st = state;
	struct annotate_work w = {.st = st, .cx = cx, .sh = sh, .keep = sh->mem};
	sh->part = w.part = grx_arena_calloc(sh->mem, 1, sizeof *w.part);
	w.mem = grx_arena_new();
	w.win_mem = grx_arena_new();
	if (!w.part || !w.mem || !w.win_mem)
		GRX_TRY(grx_fail_nomem(cx, "shard"));
	w.part->found_end = &w.part->found;
	w.part->n_db_match = grx_arena_calloc(sh->mem, (size_t)st->n_db + 1, sizeof(int64_t));
	const struct annotate_entry ***worst = NULL;
	if (sh->vars)
		worst = grx_arena_calloc(sh->mem, sh->vars->n + 1, sizeof *worst);
	if (!w.part->n_db_match || (sh->vars && !worst))
		GRX_TRY(grx_fail_nomem(cx, "shard"));
	if (!sh->vars || !sh->vars->n) {
		rc = GRX_OK;
		goto out;
	}
	GRX_TRY(shard_records(&w, worst));
	GRX_TRY(annotate_db_join(&w));
	for (size_t i = 0; i < sh->vars->n && st->find_db >= 0; i++)
		if (worst[i])
			GRX_TRY(annotate_findings(&w, &sh->vars->v[i], worst[i]));
	rc = GRX_OK;
out:
	grx_arena_free(w.mem);
	grx_arena_free(w.win_mem);
	return rc;
}

static bool too_many_mismatches(const struct annotate_part *t)
{
	return t->n_ref_mismatch > MISMATCH_MIN &&
	       (double)t->n_ref_mismatch > MISMATCH_FRAC * (double)t->n_records;
}

static int mismatch_fail(struct grx_ctx *cx, const struct annotate_part *t)
{
	return grx_fail(cx, GRX_E_MISMATCH,
		"REF of %lld of %lld records is not what the FASTA has; expected fewer than 0.1 %%: give the "
		"reference of "
		"the same build",
		(long long)t->n_ref_mismatch, (long long)t->n_records);
}

static int annotate_merge(void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	struct annotate_state *st = state;
	struct annotate_part *t = &st->total;
	const struct annotate_part *p = sh->part;
	if (!p)
		return GRX_OK;
	t->n_records += p->n_records;
	t->n_alleles += p->n_alleles;
	t->n_ref_mismatch += p->n_ref_mismatch;
	t->n_star += p->n_star;
	t->n_symbolic += p->n_symbolic;
	t->n_ref_block += p->n_ref_block;
	t->n_no_reference += p->n_no_reference;
	t->n_ambiguous += p->n_ambiguous;
	t->n_entries += p->n_entries;
	for (int i = 0; i < AT_N; i++)
		t->n_consequence[i] += p->n_consequence[i];
	for (int i = 0; i < st->n_db; i++)
		t->n_db_match[i] += p->n_db_match[i];
	sh->part = NULL;
	/* a wholly wrong reference is not worth reading to the end */
	if (t->n_records >= 1000 && t->n_ref_mismatch > t->n_records / 2)
		return mismatch_fail(cx, t);
	return annotate_findings_merge(cx, p, st->found);
}

static int fasta_names(struct grx_ctx *cx, struct annotate_state *st)
{
	st->n_contig = cx->contigs->n;
	st->fasta_name = grx_calloc((size_t)st->n_contig + 1, sizeof *st->fasta_name);
	if (!st->fasta_name)
		return grx_fail_nomem(cx, "contig names");
	if (!cx->fasta)
		return GRX_OK;
	const struct grx_contigs *f = grx_fasta_contigs(cx->fasta);
	int32_t n = 0;
	for (int32_t i = 0; i < st->n_contig; i++) {
		const char *name = grx_contig_name(cx->contigs, i);
		int32_t k = grx_contigs_find(f, name);
		if (k < 0)
			k = grx_contigs_find_alias(f, name);
		if (k >= 0) {
			st->fasta_name[i] = grx_contig_name(f, k);
			n++;
		}
	}
	if (n == 0 && st->n_contig)
		return grx_fail(cx, GRX_E_MISMATCH,
			"the FASTA has no contig of the input: found '%s', expected '%s'",
			f->n ? grx_contig_name(f, 0) : "none", grx_contig_name(cx->contigs, 0));
	return GRX_OK;
}

static int databases_open(struct grx_ctx *cx, struct annotate_state *st)
{
	int n = st->opt.db.n;
	st->find_db = st->find_field = -1;
	st->db = grx_calloc((size_t)n + 1, sizeof(struct annotate_db *));
	st->total.n_db_match = grx_calloc((size_t)n + 1, sizeof(int64_t));
	if (!st->db || !st->total.n_db_match)
		return grx_fail_nomem(cx, "databases");
	for (int i = 0; i < n; i++) {
		int rc = annotate_db_open(cx, st->opt.db.v[i], &st->db[i]);
		if (rc)
			return rc;
		st->n_db++;
		if ((rc = annotate_db_declare(cx, st->db[i], cx->hdr)))
			return rc;
		const char *want = st->opt.finding_field;
		int f = annotate_db_field(st->db[i], want, want ? NULL : "CLNSIG");
		if (f >= 0 && st->find_db < 0) {
			st->find_db = i;
			st->find_field = f;
		}
	}
	if (st->opt.finding_field && st->find_db < 0)
		return grx_fail(cx, GRX_E_USAGE, "--finding-field %s: no --db gives such a column",
			st->opt.finding_field);
	return GRX_OK;
}

static void annotate_close(void *state);

static int annotate_open(const void *opts, struct grx_ctx *cx, void **state)
{
	int rc = GRX_E_BUG;
	const struct annotate_opt *o = opts;
	struct annotate_state *st = NULL;
	if (!o->gff && o->db.n == 0)
		GRX_TRY(grx_fail(cx, GRX_E_USAGE, "nothing to annotate with: give -g/--gff, --db or both"));
	if (o->gff && !cx->fasta)
		GRX_TRY(grx_fail(cx, GRX_E_USAGE, "-g/--gff needs the reference sequence: give -f/--fasta"));
	st = grx_calloc(1, sizeof *st);
	if (!st || !(st->found = grx_facts_new()))
		GRX_TRY(grx_fail_nomem(cx, "annotate"));
	st->opt = *o;
	st->find_db = st->find_field = -1;
	GRX_TRY(annotate_terms_load(cx, &st->terms));
	GRX_TRY(fasta_names(cx, st));
	if (o->gff) {
		GRX_TRY(annotate_models_load(cx, o->gff, cx->contigs, &st->models));
		GRX_TRY(annotate_csq_declare(cx, cx->hdr));
		grx_info(cx, "%zu transcripts from %s", st->models->n, o->gff);
	}
	if (o->db.n && !cx->fasta)
		grx_warn(cx, "without -f/--fasta indels are matched as written, not left-aligned");
	GRX_TRY(databases_open(cx, st));
	*state = st;
	st = NULL;
	rc = GRX_OK;
out:
	annotate_close(st);
	return rc;
}

static int summary_int(json_t *o, const char *key, int64_t n)
{
	return json_object_set_new(o, key, json_integer((json_int_t)n)) ? GRX_E_NOMEM : GRX_OK;
}

static int summary_models(const struct annotate_models *m, json_t *o)
{
	json_t *j = json_object();
	if (!j || json_object_set_new(o, "models", j))
		return GRX_E_NOMEM;
	return summary_int(j, "transcripts", (int64_t)m->n) ||
			       summary_int(j, "features_on_other_contigs", m->n_other_contig) ||
			       summary_int(j, "dropped_strand_or_contig_disagree", m->n_bad_strand) ||
			       summary_int(j, "dropped_cds_outside_exons", m->n_cds_outside) ||
			       summary_int(j, "dropped_parent_line_missing", m->n_orphan) ||
			       summary_int(j, "overlapping_pieces", m->n_overlapping) ||
			       summary_int(j, "cds_phase_disagrees", m->n_phase)
		       ? GRX_E_NOMEM
		       : GRX_OK;
}

static int summary_fill(const struct annotate_state *st, json_t *o)
{
	const struct annotate_part *t = &st->total;
	const struct {
		const char *key;
		int64_t n;
	} row[] = {{"records", t->n_records}, {"alleles_annotated", t->n_alleles}, {"entries", t->n_entries},
		{"ref_mismatch", t->n_ref_mismatch}, {"skipped_star_alleles", t->n_star},
		{"skipped_symbolic_alleles", t->n_symbolic}, {"skipped_reference_blocks", t->n_ref_block},
		{"records_on_contigs_without_reference", t->n_no_reference},
		{"ambiguous_alleles", t->n_ambiguous}, {"findings", (int64_t)st->found->n}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (summary_int(o, row[i].key, row[i].n))
			return GRX_E_NOMEM;
	json_t *dbs = json_object();
	if (!dbs || json_object_set_new(o, "alleles_in_databases", dbs))
		return GRX_E_NOMEM;
	for (int i = 0; i < st->n_db; i++)
		if (summary_int(dbs, annotate_db_name(st->db[i]), t->n_db_match[i]))
			return GRX_E_NOMEM;
	return st->models ? summary_models(st->models, o) : GRX_OK;
}

/* annotate/n/TERM: alleles by their most severe term. */
static int counts_fill(struct grx_ctx *cx, const struct annotate_part *t, struct grx_facts *fs)
{
	const char *who = cx->hdr && cx->hdr->n_sample == 1 ? cx->hdr->sample[0] : "cohort";
	for (int i = 0; i < AT_N; i++) {
		char key[96];
		if (!t->n_consequence[i])
			continue;
		snprintf(key, sizeof key, "annotate/n/%s", annotate_term_name[i]);
		int rc = grx_facts_num(cx, fs, who, key, "annotate", (double)t->n_consequence[i], NULL);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

static int annotate_finish(void *state, struct grx_ctx *cx, struct grx_facts *to, struct json_t *summary)
{
	struct annotate_state *st = state;
	const struct annotate_part *t = &st->total;
	if (too_many_mismatches(t))
		return mismatch_fail(cx, t);
	if (t->n_ref_mismatch)
		grx_warn(cx, "REF of %lld of %lld records is not what the FASTA has: flagged REF_MISMATCH",
			(long long)t->n_ref_mismatch, (long long)t->n_records);
	if (summary_fill(st, summary))
		return grx_fail_nomem(cx, "summary");
	int rc = GRX_E_BUG;
	struct grx_facts *mine = grx_facts_new();
	if (!mine)
		GRX_TRY(grx_fail_nomem(cx, "facts"));
	if (st->models)
		GRX_TRY(counts_fill(cx, t, mine));
	GRX_TRY(grx_facts_append(cx, mine, st->found));
	if (st->opt.facts_out)
		GRX_TRY(grx_facts_write(cx, st->opt.facts_out, mine));
	GRX_TRY(grx_facts_append(cx, to, mine));
	rc = GRX_OK;
out:
	grx_facts_free(mine);
	return rc;
}

static void annotate_close(void *state)
{
	struct annotate_state *st = state;
	if (!st)
		return;
	for (int i = 0; i < st->n_db; i++)
		annotate_db_close(st->db[i]);
	grx_free(st->db);
	grx_free(st->total.n_db_match);
	grx_free(st->fasta_name);
	grx_facts_free(st->found);
	annotate_models_free(st->models);
	grx_free(st);
}

const struct grx_stage grx_stage_annotate = {
	.name = "annotate",
	.brief = "consequence, HGVS, population frequency and clinical significance of variants",
	.takes = GRX_VARS,
	.gives = GRX_VARS,
	.usage = "in.vcf.gz",
	.opts_size = sizeof(struct annotate_opt),
	.opts = annotate_opts,
	.open = annotate_open,
	.shard = annotate_shard,
	.merge = annotate_merge,
	.finish = annotate_finish,
	.close = annotate_close,
};
