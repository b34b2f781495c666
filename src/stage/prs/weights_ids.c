/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_ids.c -- positions for rows that give only an ID, from the IDs of the target.
 * The IDs asked for are in a Bloom filter (Bloom 1970, doi:10.1145/362686.362692), so that of the target's
 * only those that may be wanted are kept; both sides are then sorted on disk by the hash of the ID and
 * joined. */
#include <string.h>

#include "base/log.h"
#include "base/par.h"
#include "io/genosrc.h"
#include "stage/prs/weights_int.h"

enum { BLOOM_WORDS = 1 << 19, MAX_PLACES = 64 };

struct id_rec {
	struct prs_rec_head h;
	int32_t chrom, n;
	int64_t pos;
	char id[];
};

struct place {
	int32_t chrom;
	int64_t pos;
	const char *id;
};

struct join {
	struct prs_wb *b;
	struct prs_sorter *target; /* NULL: no IDs are known */
	const struct prs_rec_head *next;
	struct grx_arena *mem; /* of one hash */
	uint64_t key;
	int n_place;
	struct place place[MAX_PLACES];
	size_t n_seen, cap_seen; /* compat plink2: rows of one hash */
	struct seen {
		int32_t slot;
		int64_t line;
		const char *id, *ea;
	} * seen;
};

static bool bloom_has(const uint64_t *bloom, uint64_t h)
{
	uint64_t i = h >> 39, j = h & 0x1ffffff;
	return (bloom[i >> 6] >> (i & 63) & 1) && (bloom[j >> 6] >> (j & 63) & 1);
}

static int by_id_add(struct prs_wb *b, uint64_t key)
{
	if (!b->by_id) {
		int rc = prs_sorter_new(b->cx, b->run_bytes / 2, &b->by_id);
		if (rc)
			return rc;
		b->bloom = grx_calloc(BLOOM_WORDS, sizeof *b->bloom);
		if (!b->bloom)
			return grx_fail_nomem(b->cx, "IDs of scores");
	}
	uint64_t i = key >> 39, j = key & 0x1ffffff;
	b->bloom[i >> 6] |= (uint64_t)1 << (i & 63);
	b->bloom[j >> 6] |= (uint64_t)1 << (j & 63);
	b->n_by_id++;
	return GRX_OK;
}

int prs_wb_add(struct prs_wb *b, const struct prs_wrow *row, bool by_id)
{
	uint64_t key = by_id ? prs_id_hash(row->id) : prs_place_key(row->chrom, row->pos);
	struct prs_rec *r = prs_rec_pack(row, key, &b->rec);
	if (!r)
		return grx_fail_nomem(b->cx, "a row of scores");
	if (!by_id)
		return prs_sorter_add(b->cx, b->main, &r->h);
	int rc = by_id_add(b, key);
	return rc ? rc : prs_sorter_add(b->cx, b->by_id, &r->h);
}

/* One ID of a record. */
static int target_add(struct join *j, const char *id, size_t n, int32_t chrom, int64_t pos)
{
	struct grx_str *buf = &j->b->bytes;
	size_t size = (sizeof(struct id_rec) + n + 1 + 7) & ~(size_t)7;
	if (grx_grow(&buf->s, &buf->cap, size, 1, 0) != GRX_OK)
		return grx_fail_nomem(j->b->cx, "IDs of the target");
	struct id_rec *r = (struct id_rec *)(void *)buf->s;
	memset(r, 0, size);
	memcpy(r->id, id, n);
	r->h.key = prs_id_hash(r->id);
	r->h.size = (uint32_t)size;
	r->chrom = chrom;
	r->pos = pos;
	return bloom_has(j->b->bloom, r->h.key) ? prs_sorter_add(j->b->cx, j->target, &r->h) : GRX_OK;
}

/* A record may have several IDs, "rs1;rs2". */
static int target_record(struct join *j, const struct grx_geno *g, int32_t chrom)
{
	for (const char *p = g->id; p && *p;) {
		size_t n = strcspn(p, ";");
		int rc = n && !(n == 1 && *p == '.') ? target_add(j, p, n, chrom, g->pos) : GRX_OK;
		if (rc)
			return rc;
		p += n + (p[n] == ';');
	}
	return GRX_OK;
}

static int read_target(struct join *j)
{
	int rc = GRX_E_BUG, n;
	struct prs_wb *b = j->b;
	struct grx_genosrc *own = NULL, *src = b->o->ids;
	struct grx_genocur *cur = NULL;
	const struct grx_geno *g;
	int32_t tid = -1, chrom = -1;
	uint32_t n_seen = 0;
	GRX_TRY(prs_sorter_new(b->cx, b->run_bytes / 2, &j->target));
	if (!grx_genosrc_random(src)) { /* its only reader is wanted for the scores */
		struct grx_genosrc_opt o = {.path = grx_genosrc_path(src)};
		GRX_TRY(grx_genosrc_open(b->cx, &o, &own));
		src = own;
	}
	const struct grx_contigs *d = grx_genosrc_contigs(src);
	GRX_TRY(grx_genocur_open(b->cx, src, &cur));
	for (;;) {
		GRX_TRY(grx_genocur_next(b->cx, cur, &g, &n));
		if (n == 0)
			break;
		if (g[0].tid != tid) {
			tid = g[0].tid;
			chrom = prs_wb_chrom(b, grx_contig_name(d, tid));
			if (chrom < 0)
				goto out;
		}
		for (int i = 0; i < n; i++)
			GRX_TRY(target_record(j, &g[i], chrom));
		if ((++n_seen & 0xffff) == 0)
			GRX_TRY(grx_par_signal_check(b->cx));
	}
	GRX_TRY(prs_sorter_end(b->cx, j->target));
	GRX_TRY(prs_sorter_next(b->cx, j->target, &j->next));
	rc = GRX_OK;
out:
	grx_genocur_close(cur);
	grx_genosrc_close(own);
	return rc;
}

static int place_add(struct join *j, const struct id_rec *r)
{
	for (int i = 0; i < j->n_place; i++)
		if (j->place[i].chrom == r->chrom && j->place[i].pos == r->pos &&
			strcmp(j->place[i].id, r->id) == 0)
			return GRX_OK;
	if (j->n_place == MAX_PLACES)
		return GRX_OK; /* ambiguous with two */
	const char *id = grx_arena_strdup(j->mem, r->id);
	if (!id)
		return grx_fail_nomem(j->b->cx, "IDs of the target");
	j->place[j->n_place++] = (struct place){r->chrom, r->pos, id};
	return GRX_OK;
}

/* Places of the IDs with this hash. */
static int places(struct join *j, uint64_t key)
{
	int rc = GRX_OK;
	if (j->key == key && (j->n_place || j->n_seen))
		return GRX_OK;
	j->key = key;
	j->n_place = 0;
	j->n_seen = 0;
	grx_arena_reset(j->mem);
	while (rc == GRX_OK && j->next && j->next->key <= key) {
		if (j->next->key == key)
			rc = place_add(j, (const struct id_rec *)j->next);
		if (rc == GRX_OK)
			rc = prs_sorter_next(j->b->cx, j->target, &j->next);
	}
	return rc;
}

/* plink2 refuses a file that names an allele of a variant twice. */
static int plink_twice(struct join *j, const struct prs_wrow *r)
{
	struct prs_wb *b = j->b;
	for (size_t i = 0; i < j->n_seen; i++) {
		const struct seen *s = &j->seen[i];
		if (s->slot == r->file && strcmp(s->id, r->id) == 0 && strcmp(s->ea, r->ea) == 0)
			return grx_fail(b->cx, GRX_E_DATA,
				"%s:%lld: variant %s allele %s was given on line %lld already; plink2 "
				"refuses "
				"such a file",
				b->set->file[b->slot_file[r->file]].path, (long long)r->line, r->id, r->ea,
				(long long)s->line);
	}
	const char *id = grx_arena_strdup(j->mem, r->id), *ea = grx_arena_strdup(j->mem, r->ea);
	if (!id || !ea ||
		grx_grow(&j->seen, &j->cap_seen, j->n_seen + 1, sizeof *j->seen, PRS_MAX_AT_ONE) != GRX_OK)
		return grx_fail_nomem(b->cx, "rows with one ID");
	j->seen[j->n_seen++] = (struct seen){r->file, r->line, id, ea};
	return GRX_OK;
}

static int place_row(struct join *j, const struct prs_rec *rec)
{
	struct prs_wb *b = j->b;
	struct prs_wrow r;
	const struct place *found = NULL;
	int rc = places(j, rec->h.key), n = 0;
	if (rc)
		return rc;
	prs_rec_row(rec, &r);
	struct prs_file *f = &b->set->file[b->slot_file[r.file]];
	for (int i = 0; i < j->n_place; i++)
		if (strcmp(j->place[i].id, r.id) == 0) {
			found = &j->place[i];
			n++;
		}
	if (b->o->compat_plink && f->matrix && (found || !b->o->ids)) {
		rc = plink_twice(j, &r);
		if (rc)
			return rc;
	}
	if (b->o->ids || r.chrom < 0) {
		r.chrom = -1;
		r.pos = -1;
		r.code = PRS_NO_POSITION;
	}
	if (n == 1) {
		r.chrom = found->chrom;
		r.pos = found->pos;
		r.code = PRS_NO_LOCUS;
		f->n_placed_by_id++;
	} else if (n > 1) {
		r.note = "the target has this ID at several positions";
		f->n_id_ambiguous++;
	}
	return prs_wb_add(b, &r, false);
}

int prs_wb_place_ids(struct prs_wb *b)
{
	int rc = GRX_E_BUG;
	struct join j = {.b = b};
	const struct prs_rec_head *h;
	if (b->n_by_id == 0)
		return GRX_OK;
	j.mem = grx_arena_new();
	if (!j.mem) {
		rc = grx_fail_nomem(b->cx, "IDs of scores");
		goto out;
	}
	GRX_TRY(prs_sorter_end(b->cx, b->by_id));
	if (b->o->ids && strcmp(grx_genosrc_path(b->o->ids), "-") == 0 && !grx_genosrc_random(b->o->ids)) {
		grx_warn(b->cx,
			"%lld rows of the scores give an ID and no position, and the input is a stream that "
			"cannot be "
			"read twice: they are not looked up",
			(long long)b->n_by_id);
	} else if (b->o->ids) {
		GRX_TRY(read_target(&j));
		b->set->disk->used_ids = 1;
	}
	for (;;) {
		GRX_TRY(prs_sorter_next(b->cx, b->by_id, &h));
		if (!h)
			break;
		if (b->slot_file[((const struct prs_rec *)h)->slot] >= 0)
			GRX_TRY(place_row(&j, (const struct prs_rec *)h));
	}
	rc = GRX_OK;
out:
	prs_sorter_free(j.target);
	grx_arena_free(j.mem);
	grx_free(j.seen);
	return rc;
}
