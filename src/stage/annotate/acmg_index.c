/* SPDX-License-Identifier: GPL-3.0-or-later
 * acmg_index.c -- the index of classified protein changes: per transcript, ascending residues.
 * Layout, little-endian, all of it checked when it is read: head; n_tx + 1 transcripts (name, first change),
 * ascending names; n_contig names; text (its first string is the source); changes of 24 bytes. */
#include "stage/annotate/acmg_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/out.h"
#include "io/fasta.h"

#define MAGIC "GRXACMG2"

struct head {
	char magic[8];
	uint32_t one, n_tx, n_contig, n_text;
	uint64_t n_change, sum; /* FNV-1a of all that follows */
};
struct tx {
	uint32_t name, zero;
	uint64_t first;
};
struct annotate_acmg_index {
	char *data;
	const struct head *h;
	const struct tx *tx;
	const uint32_t *contig;
	const char *text;
	const struct annotate_acmg_change *c;
};

_Static_assert(sizeof(struct head) == 40 && sizeof(struct tx) == 16, "layout of the file");
_Static_assert(sizeof(struct annotate_acmg_change) == 24, "layout of the file");

/* --- reading --- */

static int slurp(struct grx_ctx *cx, const char *path, char **data, size_t *n)
{
	int rc = GRX_E_BUG;
	FILE *f = fopen(path, "rb");
	size_t cap = 0, got;
	*data = NULL;
	*n = 0;
	if (!f)
		return grx_fail(cx, GRX_E_NOINPUT, "%s: cannot be opened", path);
	do {
		GRX_TRY(grx_grow(data, &cap, *n + (1 << 20), 1, (size_t)1 << 36));
		got = fread(*data + *n, 1, cap - *n, f);
		*n += got;
	} while (got);
	rc = ferror(f) ? grx_fail(cx, GRX_E_IO, "%s: cannot be read", path) : GRX_OK;
out:
	fclose(f);
	return rc == GRX_E_NOMEM ? grx_fail_nomem(cx, "index") : rc;
}

/* Do the parts fill the file exactly? */
static bool sizes_fit(const struct head *h, size_t n)
{
	uint64_t left = n - sizeof *h;
	uint64_t tx = ((uint64_t)h->n_tx + 1) * sizeof(struct tx),
		 contig = ((uint64_t)h->n_contig + 1) / 2 * 8;
	if (h->n_text % 8 || h->n_text == 0 || tx > left || contig > left - tx ||
		h->n_text > left - tx - contig)
		return false;
	left -= tx + contig + h->n_text;
	return left % sizeof(struct annotate_acmg_change) == 0 &&
	       h->n_change == left / sizeof(struct annotate_acmg_change);
}

static bool change_fits(const struct annotate_acmg_index *x, uint64_t k, uint64_t first)
{
	const struct annotate_acmg_change *c = &x->c[k];
	bool named = c->contig < x->h->n_contig && c->cls < AC_N_CLASS && c->stars <= 4;
	return named && c->pos >= 1 && c->residue >= 1 && (k == first || c->residue >= c[-1].residue);
}

/* Transcript i, or the end of the last one. */
static bool tx_fits(const struct annotate_acmg_index *x, uint32_t i)
{
	const struct tx *t = &x->tx[i];
	bool last = i == x->h->n_tx;
	if (t->name >= x->h->n_text || t->first > x->h->n_change)
		return false;
	if (i == 0 ? t->first != 0 : t->first < t[-1].first)
		return false;
	if (last)
		return t->first == x->h->n_change;
	return i == 0 || strcmp(x->text + t[-1].name, x->text + t->name) < 0;
}

/* What is out of range, or NULL. */
static const char *broken(const struct annotate_acmg_index *x)
{
	const struct head *h = x->h;
	if (x->text[h->n_text - 1] != '\0')
		return "text";
	for (uint32_t i = 0; i < h->n_contig; i++)
		if (x->contig[i] >= h->n_text || !strchr(x->text + x->contig[i], '\t'))
			return "contig name";
	for (uint32_t i = 0; i <= h->n_tx; i++)
		if (!tx_fits(x, i))
			return "transcript";
	for (uint32_t i = 0; i < h->n_tx; i++)
		for (uint64_t k = x->tx[i].first; k < x->tx[i + 1].first; k++)
			if (!change_fits(x, k, x->tx[i].first))
				return "change";
	return NULL;
}

int annotate_acmg_index_open(struct grx_ctx *cx, const char *path, struct annotate_acmg_index **out)
{
	int rc = GRX_E_BUG;
	size_t n;
	struct annotate_acmg_index *x = grx_calloc(1, sizeof *x);
	if (!x)
		GRX_TRY(grx_fail_nomem(cx, "index"));
	GRX_TRY(slurp(cx, path, &x->data, &n));
	x->h = (const struct head *)x->data;
	if (n < sizeof *x->h || memcmp(x->h->magic, MAGIC, 8) != 0 || x->h->one != 1)
		GRX_TRY(grx_fail(cx, GRX_E_DATA,
			"%s: no index of classified variants: make one with annotate --build-acmg-index",
			path));
	if (!sizes_fit(x->h, n) || grx_hash_mem(x->data + sizeof *x->h, n - sizeof *x->h) != x->h->sum)
		GRX_TRY(grx_fail(cx, GRX_E_DATA, "%s: truncated or changed: build it again", path));
	x->tx = (const struct tx *)(x->data + sizeof *x->h);
	x->contig = (const uint32_t *)(x->tx + x->h->n_tx + 1);
	x->text = (const char *)(x->contig + ((uint64_t)x->h->n_contig + 1) / 2 * 2);
	x->c = (const struct annotate_acmg_change *)(x->text + x->h->n_text);
	const char *what = broken(x);
	if (what)
		GRX_TRY(grx_fail(cx, GRX_E_DATA, "%s: %s out of range: build it again", path, what));
	*out = x;
	x = NULL;
	rc = GRX_OK;
out:
	annotate_acmg_index_close(x);
	return rc;
}

void annotate_acmg_index_close(struct annotate_acmg_index *x)
{
	if (!x)
		return;
	grx_free(x->data);
	grx_free(x);
}

const char *annotate_acmg_index_source(const struct annotate_acmg_index *x)
{
	return x->text;
}

int annotate_acmg_index_contig(const struct annotate_acmg_index *x, const char *name)
{
	const char *c = grx_contig_canonical(name);
	size_t n = strlen(c);
	for (uint32_t i = 0; i < x->h->n_contig; i++) {
		const char *have = x->text + x->contig[i];
		if (strncmp(have, c, n) == 0 && have[n] == '\t')
			return (int)i;
	}
	return -1;
}

/* Places tell the variant's own entry from its companions: on another build it would be taken for one. */
static int same_build(struct grx_ctx *cx, const struct annotate_acmg_index *x)
{
	const struct grx_contigs *f = cx->fasta ? grx_fasta_contigs(cx->fasta) : NULL;
	for (int32_t i = 0; f && i < f->n; i++) {
		const char *name = grx_contig_name(f, i);
		int k = annotate_acmg_index_contig(x, name);
		int64_t n;
		if (k < 0)
			continue;
		const char *len = strchr(x->text + x->contig[k], '\t') + 1;
		if (!grx_parse_i64(len, &n) || n != f->c[i].len)
			return grx_fail(cx, GRX_E_MISMATCH,
				"--acmg-index is of another build: its contig %s has %s bases, expected %lld "
				"as the "
				"FASTA has: build it again with the reference in use",
				name, len, (long long)f->c[i].len);
	}
	return GRX_OK;
}

int annotate_acmg_index_check(
	struct grx_ctx *cx, const struct annotate_acmg_index *x, const struct annotate_state *st)
{
	uint32_t n = 0;
	size_t found;
	bool other;
	int rc = same_build(cx, x);
	for (uint32_t i = 0; i < x->h->n_tx && !rc; i++)
		n += annotate_models_find(st->models, x->text + x->tx[i].name, -1, &found, &other) !=
		     SIZE_MAX;
	if (!rc && !n && x->h->n_tx)
		grx_warn(cx,
			"--acmg-index: none of its %u transcripts (%s, ...) is in the gene models: PS1, PM1 "
			"and PM5 "
			"cannot be met; build it with the models in use",
			x->h->n_tx, x->text + x->tx[0].name);
	return rc;
}

const struct annotate_acmg_change *annotate_acmg_index_at(
	const struct annotate_acmg_index *x, const char *tx, int32_t from, int32_t to, size_t *n)
{
	uint32_t lo = 0, hi = x->h->n_tx;
	*n = 0;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (strcmp(x->text + x->tx[mid].name, tx) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == x->h->n_tx || strcmp(x->text + x->tx[lo].name, tx) != 0)
		return NULL;
	uint64_t a = x->tx[lo].first, end = x->tx[lo + 1].first, b = end;
	while (a < b) {
		uint64_t mid = a + (b - a) / 2;
		if (x->c[mid].residue < from)
			a = mid + 1;
		else
			b = mid;
	}
	while (a + *n < end && x->c[a + *n].residue <= to)
		++*n;
	return &x->c[a];
}

/* --- writing --- */

static int row_order(const void *a, const void *b)
{
	const struct annotate_acmg_row *x = a, *y = b;
	int c = strcmp(x->tx, y->tx);
	if (c)
		return c;
	if (x->c.residue != y->c.residue)
		return x->c.residue < y->c.residue ? -1 : 1;
	if ((c = strcmp(x->contig, y->contig)))
		return c;
	if (x->c.pos != y->c.pos)
		return x->c.pos < y->c.pos ? -1 : 1;
	if (x->c.id != y->c.id)
		return x->c.id < y->c.id ? -1 : 1;
	return (x->c.cls > y->c.cls) - (x->c.cls < y->c.cls);
}

struct parts {
	struct grx_str text, tx, contig, change;
	const char *name[256];
	uint32_t n_tx, n_contig;
};

static bool contig_number(struct parts *p, const char *name, uint16_t *number)
{
	uint32_t i = 0;
	while (i < p->n_contig && strcmp(p->name[i], name) != 0)
		i++;
	if (i == sizeof p->name / sizeof *p->name)
		return false;
	if (i == p->n_contig) {
		uint32_t off = (uint32_t)p->text.n;
		p->name[p->n_contig++] = name;
		grx_str_addn(&p->contig, (const char *)&off, sizeof off);
		grx_str_addn(&p->text, name, strlen(name) + 1);
	}
	*number = (uint16_t)i;
	return true;
}

static bool parts_fill(struct parts *p, const char *source, struct annotate_acmg_row *row, size_t n)
{
	uint64_t k = 0;
	grx_str_addn(&p->text, source, strlen(source) + 1);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || strcmp(row[i].tx, row[i - 1].tx) != 0) {
			struct tx t = {(uint32_t)p->text.n, 0, k};
			grx_str_addn(&p->tx, (const char *)&t, sizeof t);
			grx_str_addn(&p->text, row[i].tx, strlen(row[i].tx) + 1);
			p->n_tx++;
		}
		if (!contig_number(p, row[i].contig, &row[i].c.contig))
			return false;
		grx_str_addn(&p->change, (const char *)&row[i].c, sizeof row[i].c);
		k++;
	}
	struct tx end = {0, 0, k};
	grx_str_addn(&p->tx, (const char *)&end, sizeof end);
	while (p->text.n % 8)
		grx_str_addn(&p->text, "", 1);
	if (p->n_contig % 2)
		grx_str_addn(&p->contig, "\0\0\0", 4);
	return true;
}

int annotate_acmg_index_write(
	struct grx_ctx *cx, const char *path, const char *source, struct annotate_acmg_row *row, size_t n)
{
	int rc = GRX_E_BUG;
	struct parts *p = grx_calloc(1, sizeof *p);
	struct grx_str all = {0};
	struct grx_out *o = NULL;
	if (!p)
		GRX_TRY(grx_fail_nomem(cx, "index"));
	if (n)
		qsort(row, n, sizeof *row, row_order);
	if (!parts_fill(p, source, row, n))
		GRX_TRY(grx_fail(cx, GRX_E_DATA, "classified variants lie on more than 256 contigs"));
	grx_str_addn(&all, p->tx.s, p->tx.n);
	if (p->contig.n)
		grx_str_addn(&all, p->contig.s, p->contig.n);
	grx_str_addn(&all, p->text.s, p->text.n);
	if (p->change.n)
		grx_str_addn(&all, p->change.s, p->change.n);
	if (all.oom || p->tx.oom || p->text.oom || p->contig.oom || p->change.oom)
		GRX_TRY(grx_fail_nomem(cx, "index"));
	struct head h = {.one = 1,
		.n_tx = p->n_tx,
		.n_contig = p->n_contig,
		.n_text = (uint32_t)p->text.n,
		.n_change = n,
		.sum = grx_hash_mem(all.s, all.n)};
	memcpy(h.magic, MAGIC, 8);
	GRX_TRY(grx_out_open(cx, path, &o));
	grx_out_write(o, &h, sizeof h);
	grx_out_write(o, all.s, all.n);
	rc = grx_out_close(cx, o);
out:
	grx_str_clear(&all);
	if (p) {
		grx_str_clear(&p->text);
		grx_str_clear(&p->tx);
		grx_str_clear(&p->contig);
		grx_str_clear(&p->change);
	}
	grx_free(p);
	return rc;
}

/* --- words of ClinVar --- */

int annotate_acmg_clnsig(const char *s)
{
	/* the classification ends where other terms begin: "Pathogenic|drug_response"; what is joined to it
	 * by a comma ("Pathogenic,_low_penetrance", written with '&' by a join) makes it another one */
	static const struct {
		const char *word;
		enum annotate_acmg_class cls;
	} known[] = {{"Pathogenic", AC_PATHOGENIC}, {"Likely_pathogenic", AC_LIKELY_PATHOGENIC},
		{"Pathogenic/Likely_pathogenic", AC_LIKELY_PATHOGENIC},
		{"Uncertain_significance", AC_UNCERTAIN}, {"Likely_benign", AC_LIKELY_BENIGN},
		{"Benign/Likely_benign", AC_LIKELY_BENIGN}, {"Benign", AC_BENIGN}};
	size_t n = strcspn(s, "|");
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strlen(known[i].word) == n && strncmp(known[i].word, s, n) == 0)
			return (int)known[i].cls;
	return -1;
}

int annotate_acmg_stars(const char *s)
{
	if (!s)
		return 0;
	if (strstr(s, "practice_guideline"))
		return 4;
	if (strstr(s, "reviewed_by_expert_panel"))
		return 3;
	if (strstr(s, "multiple_submitters"))
		return 2;
	return strstr(s, "single_submitter") ? 1 : 0;
}

uint64_t annotate_acmg_change_id(const struct grx_change *c)
{
	return grx_hash_mem(c->ref, (size_t)c->ref_len) * UINT64_C(0x9E3779B97F4A7C15) +
	       grx_hash_mem(c->alt, (size_t)c->alt_len);
}

int annotate_acmg_normal(struct annotate_work *w, int32_t tid, int64_t pos, const char *ref, const char *alt,
	struct grx_change *c, bool *ok)
{
	*ok = grx_allele_is_seq(ref) && grx_allele_is_seq(alt);
	if (!*ok)
		return GRX_OK;
	*c = (struct grx_change){pos, ref, alt, (int)strlen(ref), (int)strlen(alt)};
	grx_change_trim(c);
	if ((c->ref_len == 0) == (c->alt_len == 0) || !w->st->fasta_name[tid])
		return GRX_OK;
	char *buf = grx_arena_alloc(
		w->mem, (size_t)(c->ref_len > c->alt_len ? c->ref_len : c->alt_len) + 1, 1);
	if (!buf)
		return grx_fail_nomem(w->cx, "allele");
	int rc = annotate_window(w, tid, c->pos - 1000, c->pos + c->ref_len + 1);
	if (!rc)
		grx_change_left_align(c, w->win, w->win_beg, w->win_beg + w->win_n, buf);
	return rc;
}
