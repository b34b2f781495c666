/* SPDX-License-Identifier: GPL-3.0-or-later
 * acmg_build.c -- --build-acmg-index: a VCF of classified variants, annotated by the stage's own engine, to
 * the index of protein changes. Only the transcript that speaks for a gene is kept, and only (likely)
 * pathogenic and (likely) benign variants; what is left out is counted. */
#include "stage/annotate/acmg_int.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "io/fasta.h"
#include "io/varsrc.h"
#include "stage/annotate/record.h"
#include "stage/stages.h"

#define BATCH 4096

struct building {
	const struct annotate_state *st;
	struct annotate_acmg_row *row;
	size_t n, cap;
	int64_t n_record, n_other_class, n_no_protein, n_kept;
};

static const char *info_text(const struct grx_var *v, const char *key)
{
	const struct grx_field *f = grx_var_info(v, key);
	return f && f->type == GRX_T_STR && f->v.s[0] ? f->v.s[0] : NULL;
}

/* A protein change at one residue, or '.' for any other change of the protein that begins there. */
static bool change_of(const struct annotate_entry *e, struct annotate_acmg_change *c)
{
	const struct annotate_eval *ev = &e->ev;
	if (!e->tx || !e->tx->coding || ev->pl.pep_beg < 1 || ev->pl.pep_beg > INT32_MAX)
		return false;
	bool one = (e->terms & AT_BIT(AT_MISSENSE)) && ev->ref_pep && ev->alt_pep &&
		   strlen(ev->ref_pep) == 1 && strlen(ev->alt_pep) == 1;
	bool other = e->terms &
		     (AT_BIT(AT_STOP_GAINED) | AT_BIT(AT_FRAMESHIFT) | AT_BIT(AT_STOP_LOST) |
			     AT_BIT(AT_START_LOST) | AT_BIT(AT_INFRAME_INSERTION) |
			     AT_BIT(AT_INFRAME_DELETION) | AT_BIT(AT_PROTEIN_ALTERING) | AT_BIT(AT_MISSENSE));
	c->residue = (int32_t)ev->pl.pep_beg;
	c->ref = ev->ref_pep && *ev->ref_pep ? *ev->ref_pep : '.';
	c->alt = one ? ev->alt_pep[0] : '.';
	return one || other;
}

/* The preferred transcript of each gene that the allele changes, and those of MANE Plus Clinical, which may
 * speak for it too. */
static bool speaks(const struct annotate_entry *e, int32_t n, int32_t i)
{
	for (int32_t j = 0; j < n && !(e[i].tx->flags & AT_TX_MANE_CLINICAL); j++)
		if (j != i && e[j].tx && e[j].tx->coding && e[j].tx->gene_no == e[i].tx->gene_no &&
			e[j].distance < 0 &&
			(e[j].tx->pick < e[i].tx->pick || (e[j].tx->pick == e[i].tx->pick && j < i)))
			return false;
	return true;
}

/* As the FASTA has it: records are judged on contigs that it has. */
static int64_t contig_len(const struct annotate_work *w, int32_t tid)
{
	const struct grx_contigs *f = grx_fasta_contigs(w->cx->fasta);
	int32_t k = grx_contigs_find(f, w->st->fasta_name[tid]);
	return k < 0 ? 0 : f->c[k].len;
}

static int allele_add(struct building *b, struct annotate_work *w, const struct annotate_record *r, int32_t a,
	int cls, int stars)
{
	const struct grx_var *v = r->v;
	const struct annotate_entry *e = r->entry[a];
	struct grx_change norm;
	bool ok, any = false;
	int rc = annotate_acmg_normal(
		w, v->tid, v->pos, v->allele[0], v->allele[r->al[a].number], &norm, &ok);
	if (rc || !ok)
		return rc;
	for (int32_t i = 0; i < r->n_entry[a]; i++) {
		struct annotate_acmg_row x = {.c = {.pos = (int32_t)norm.pos + 1,
						      .cls = (uint8_t)cls,
						      .stars = (uint8_t)stars,
						      .id = annotate_acmg_change_id(&norm)}};
		const char *contig = grx_contig_canonical(grx_contig_name(w->cx->contigs, v->tid));
		if (e[i].distance >= 0 || !change_of(&e[i], &x.c) || !speaks(e, r->n_entry[a], i))
			continue;
		if (strlen(e[i].tx->id) >= sizeof x.tx || strlen(contig) + 20 > sizeof x.contig ||
			x.c.pos < 1)
			continue;
		snprintf(x.tx, sizeof x.tx, "%s", e[i].tx->id);
		snprintf(x.contig, sizeof x.contig, "%s\t%lld", contig, (long long)contig_len(w, v->tid));
		if (grx_grow(&b->row, &b->cap, b->n + 1, sizeof *b->row, (size_t)1 << 31))
			return grx_fail_nomem(w->cx, "classified variants");
		b->row[b->n++] = x;
		any = true;
	}
	b->n_kept += any;
	b->n_no_protein += !any;
	return GRX_OK;
}

static int record_add(struct building *b, struct annotate_work *w, struct grx_var *v)
{
	struct annotate_record r;
	const char *sig = info_text(v, "CLNSIG");
	int cls = sig ? annotate_acmg_clnsig(sig) : -1, rc;
	b->n_record++;
	if (cls < 0 || cls == AC_UNCERTAIN) {
		b->n_other_class++;
		return GRX_OK;
	}
	if ((rc = annotate_record_make(w, v, &r)))
		return rc;
	for (int32_t a = 0; a < r.n_al && !rc; a++)
		rc = allele_add(b, w, &r, a, cls, annotate_acmg_stars(info_text(v, "CLNREVSTAT")));
	return rc;
}

static int batch_add(struct building *b, struct grx_ctx *cx, struct grx_vars *vs, struct grx_arena *keep)
{
	int rc = GRX_E_BUG;
	struct annotate_part part = {0};
	struct grx_shard sh = {.tid = -1, .vars = vs, .mem = keep};
	struct annotate_work w = {.st = b->st, .cx = cx, .sh = &sh, .keep = keep, .part = &part};
	w.mem = grx_arena_new();
	w.win_mem = grx_arena_new();
	if (!w.mem || !w.win_mem)
		GRX_TRY(grx_fail_nomem(cx, "batch"));
	for (size_t i = 0; i < vs->n; i++) {
		GRX_TRY(record_add(b, &w, &vs->v[i]));
		grx_arena_reset(w.mem);
	}
	if (part.n_ref_mismatch > 10 && part.n_ref_mismatch * 1000 > b->n_record)
		GRX_TRY(grx_fail(cx, GRX_E_MISMATCH,
			"REF of %lld records is not what the FASTA has: give the reference of the same build",
			(long long)part.n_ref_mismatch));
	rc = GRX_OK;
out:
	grx_str_clear(&w.txt);
	grx_arena_free(w.mem);
	grx_arena_free(w.win_mem);
	return rc;
}

static int all_records(struct building *b, struct grx_ctx *cx, struct grx_varsrc *src)
{
	int rc = GRX_OK;
	for (bool more = true; more && !rc;) {
		struct grx_arena *mem = grx_arena_new();
		struct grx_vars *vs = NULL;
		rc = mem ? grx_varsrc_next(cx, src, mem, BATCH, &vs) : grx_fail_nomem(cx, "batch");
		more = !rc && vs->n > 0;
		if (more)
			rc = batch_add(b, cx, vs, mem);
		grx_vars_release(vs);
		grx_arena_free(mem);
	}
	return rc;
}

/* Name of the file and its date, where its header gives one. */
static const char *source_of(struct grx_arena *mem, const char *path, const struct building *b)
{
	const char *slash = strrchr(path, '/');
	return grx_arena_printf(
		mem, "%s (%lld classified variants)", slash ? slash + 1 : path, (long long)b->n_kept);
}

static int counts(const struct building *b, json_t *o)
{
	const struct {
		const char *key;
		int64_t n;
	} row[] = {{"records", b->n_record}, {"kept", b->n_kept}, {"entries", (int64_t)b->n},
		{"other_or_uncertain_class", b->n_other_class}, {"no_change_of_protein", b->n_no_protein}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (o && json_object_set_new(o, row[i].key, json_integer((json_int_t)row[i].n)))
			return GRX_E_NOMEM;
	return GRX_OK;
}

int annotate_acmg_tool(const struct annotate_opt *o, struct grx_ctx *cx, const struct grx_tool_io *io)
{
	static const char *const keys[] = {"CLNSIG", "CLNREVSTAT", NULL};
	int rc = GRX_E_BUG;
	struct building b = {0};
	struct grx_varsrc *src = NULL;
	struct grx_arena *mem = grx_arena_new();
	struct annotate_opt mine = {.gff = o->gff,
		.model_cache = o->model_cache,
		.strict = o->strict,
		.no_hgvs = true,
		.ref_mismatch = "flag"};
	void *state = NULL;
	struct grx_fasta *own = NULL;
	if (!mem)
		GRX_TRY(grx_fail_nomem(cx, "index"));
	if (io->n_input != 1 || !io->output || !o->gff)
		GRX_TRY(grx_fail(cx, GRX_E_USAGE,
			"--build-acmg-index: give -f, -g, -o and one VCF with CLNSIG and CLNREVSTAT"));
	if (!cx->fasta && io->fasta) {
		GRX_TRY(grx_fasta_open(cx, io->fasta, &own));
		cx->fasta = own;
	}
	struct grx_varsrc_opt so = {.path = io->input[0], .info = keys, .sites_only = true};
	GRX_TRY(grx_varsrc_open(cx, &so, &src));
	cx->contigs = grx_varsrc_contigs(src);
	cx->hdr = grx_varsrc_hdr(src);
	GRX_TRY(grx_stage_annotate.open(&mine, cx, &state));
	b.st = state;
	GRX_TRY(all_records(&b, cx, src));
	const char *source = source_of(mem, io->input[0], &b);
	if (!source)
		GRX_TRY(grx_fail_nomem(cx, "index"));
	GRX_TRY(annotate_acmg_index_write(cx, io->output, source, b.row, b.n));
	grx_info(cx, "%lld of %lld records kept: %zu protein changes", (long long)b.n_kept,
		(long long)b.n_record, b.n);
	rc = counts(&b, io->summary) ? grx_fail_nomem(cx, "summary") : GRX_OK;
out:
	grx_stage_annotate.close(state);
	grx_varsrc_close(src);
	if (own)
		cx->fasta = NULL;
	grx_fasta_close(own);
	cx->contigs = NULL;
	cx->hdr = NULL;
	grx_free(b.row);
	grx_arena_free(mem);
	return rc;
}
