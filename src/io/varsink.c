/* SPDX-License-Identifier: GPL-3.0-or-later
 * varsink.c -- VCF and BCF out.
 * A record from a file goes out as it came, byte for byte in content, unless a stage changed it; then a copy
 * is edited. The raw records carry ids of the reader's header; the sink's header begins with the same ids
 * (var_int.h). */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <htslib/bgzf.h>
#include <htslib/hfile.h>
#include <htslib/kstring.h>
#include <htslib/tbx.h>

#include "base/mem.h"
#include "base/out.h"
#include "bio/contig.h"
#include "io/htsmisc.h"
#include "io/var_int.h"

#define TBI_MAX_LEN ((int64_t)1 << 29)

struct grx_varsink {
	char *path;
	const char *temp; /* borrowed from the registry */
	char type;
	bool index, ready, headed; /* ready: hdr is complete */
	const struct grx_hdr *h;
	htsFile *fp;
	bcf_hdr_t *hdr;
	bcf1_t *rec; /* scratch for records made here */
	int32_t tid;
	int64_t pos;
	int64_t n;
};

static const char *type_name(uint8_t type)
{
	static const char *const name[] = {"Flag", "Integer", "Float", "String"};

	return name[type <= GRX_T_STR ? type : GRX_T_STR];
}

static int io_fail(struct grx_ctx *cx, const struct grx_varsink *s, const char *what)
{
	int err = errno;

	return grx_fail(cx, GRX_E_IO, "%s: %s after %lld records: %s", s->path, what, (long long)s->n,
		err ? strerror(err) : "write error");
}

/* ---- header ---- */

static int append(struct grx_ctx *cx, struct grx_varsink *s, const char *line)
{
	errno = 0;
	/* some of its allocations fail in silence */
	int bad = bcf_hdr_append(s->hdr, line);
	if (errno == ENOMEM)
		return grx_fail_nomem(cx, "header");
	return bad ? grx_fail(cx, GRX_E_BUG, "%s: header line refused: %.80s", s->path, line) : GRX_OK;
}

/* In the input's header already? Then its type must be ours. */
static int declared_before(struct grx_ctx *cx, struct grx_varsink *s, const struct grx_hdr_line *l, bool *yes)
{
	static const int kind_of[] = {BCF_HL_INFO, BCF_HL_FMT, BCF_HL_FLT};
	static const int ht_of[] = {BCF_HT_FLAG, BCF_HT_INT, BCF_HT_REAL, BCF_HT_STR};
	int kind = kind_of[l->kind], id;

	/* lines appended since the last sync are in the dictionary but not in the id table */
	errno = 0;
	if (bcf_hdr_sync(s->hdr) < 0 || errno == ENOMEM)
		return grx_fail_nomem(cx, "header");
	id = bcf_hdr_id2int(s->hdr, BCF_DT_ID, l->id);

	*yes = id >= 0 && bcf_hdr_idinfo_exists(s->hdr, kind, id);
	if (!*yes || kind == BCF_HL_FLT || (int)bcf_hdr_id2type(s->hdr, kind, id) == ht_of[l->type])
		return GRX_OK;
	return grx_fail(cx, GRX_E_DATA,
		"%s: the input declares %s with another type than %s, which is to be written: remove it from "
		"the input "
		"first (bcftools annotate -x)",
		s->path, l->id, type_name(l->type));
}

static void add_quoted(struct grx_str *b, const char *s)
{
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			grx_str_addc(b, '\\');
		grx_str_addc(b, *s == '\n' ? ' ' : *s);
	}
}

/* The input's line stays, but says what the values now written mean. */
static int redescribe(struct grx_ctx *cx, struct grx_varsink *s, const struct grx_hdr_line *l)
{
	static const int kind_of[] = {BCF_HL_INFO, BCF_HL_FMT, BCF_HL_FLT};
	bcf_hrec_t *r = bcf_hdr_get_hrec(s->hdr, kind_of[l->kind], "ID", l->id, NULL);
	const char *desc = l->desc ? l->desc : "";
	int i = r ? bcf_hrec_find_key(r, "Description") : -1, bad = 0;

	if (i >= 0)
		bad |= bcf_hrec_set_val(r, i, desc, strlen(desc), 1);
	i = r && l->number ? bcf_hrec_find_key(r, "Number") : -1;
	if (i >= 0)
		bad |= bcf_hrec_set_val(r, i, l->number, strlen(l->number), 0);
	return bad ? grx_fail_nomem(cx, "header") : GRX_OK;
}

static int add_line(struct grx_ctx *cx, struct grx_varsink *s, const struct grx_hdr_line *l)
{
	static const char *const word[] = {"INFO", "FORMAT", "FILTER"};
	struct grx_str b = {0};
	bool yes = false;
	int rc = declared_before(cx, s, l, &yes);

	if (rc || yes)
		return rc ? rc : redescribe(cx, s, l);
	grx_str_addf(&b, "##%s=<ID=%s,", word[l->kind], l->id);
	if (l->kind != GRX_HDR_FILTER)
		grx_str_addf(&b, "Number=%s,Type=%s,", l->number ? l->number : ".", type_name(l->type));
	grx_str_add(&b, "Description=\"");
	add_quoted(&b, l->desc ? l->desc : "");
	grx_str_add(&b, "\">");
	rc = b.oom ? grx_fail_nomem(cx, "header") : append(cx, s, b.s);
	grx_str_clear(&b);
	return rc;
}

static int new_header(struct grx_ctx *cx, struct grx_varsink *s)
{
	const struct grx_contigs *d = s->h->contigs;
	struct grx_str b = {0};
	int rc = GRX_OK;

	errno = 0; /* it leaves lines out in silence when memory runs out */
	s->hdr = bcf_hdr_init("w");
	if (!s->hdr || errno == ENOMEM)
		return grx_fail_nomem(cx, "header");
	for (int32_t i = 0; d && i < d->n && !rc; i++) {
		grx_str_reset(&b);
		grx_str_addf(&b, "##contig=<ID=%s", d->c[i].name);
		if (d->c[i].len)
			grx_str_addf(&b, ",length=%lld", (long long)d->c[i].len);
		if (d->c[i].m5[0])
			grx_str_addf(&b, ",md5=%s", d->c[i].m5);
		grx_str_addc(&b, '>');
		rc = b.oom ? grx_fail_nomem(cx, "header") : append(cx, s, b.s);
	}
	grx_str_clear(&b);
	return rc;
}

static int add_samples(struct grx_ctx *cx, struct grx_varsink *s)
{
	errno = 0;
	for (int32_t i = 0; i < s->h->n_sample; i++)
		if (bcf_hdr_add_sample(s->hdr, s->h->sample[i]) < 0 || errno == ENOMEM)
			return errno == ENOMEM
				       ? grx_fail_nomem(cx, "header")
				       : grx_fail(cx, GRX_E_DATA, "%s: sample name refused (empty or twice?)",
						 s->path);
	return GRX_OK;
}

/* Stages declare columns until the first record is put, so the header waits for that. */
static int make_header(struct grx_ctx *cx, struct grx_varsink *s)
{
	int rc = GRX_E_BUG;
	const struct grx_varhdr *vh = s->h->raw;

	if (s->ready)
		return GRX_OK;
	if (vh) {
		errno = 0;
		s->hdr = bcf_hdr_dup(vh->pub);
		if (!s->hdr || errno == ENOMEM)
			return grx_fail_nomem(cx, "header");
	} else {
		GRX_TRY(new_header(cx, s));
	}
	for (size_t i = 0; i < s->h->n_line; i++)
		GRX_TRY(add_line(cx, s, &s->h->line[i]));
	for (size_t i = 0; i < s->h->n_meta; i++)
		GRX_TRY(append(cx, s, s->h->meta[i]));
	if (!vh)
		GRX_TRY(add_samples(cx, s));
	errno = 0;
	if (bcf_hdr_sync(s->hdr) < 0 || errno == ENOMEM)
		return grx_fail_nomem(cx, "header");
	s->ready = true;
	rc = GRX_OK;
out:
	return rc;
}

static int write_header(struct grx_ctx *cx, struct grx_varsink *s)
{
	int rc = make_header(cx, s);

	if (rc)
		return rc;
	errno = 0;
	if (bcf_hdr_write(s->fp, s->hdr) < 0 || errno == ENOMEM)
		return errno == ENOMEM ? grx_fail_nomem(cx, "header")
				       : io_fail(cx, s, "header cannot be written");
	s->headed = true;
	return GRX_OK;
}

int grx_varsink_head(struct grx_ctx *cx, struct grx_varsink *s, const bcf_hdr_t **h)
{
	int rc = make_header(cx, s);

	*h = s->hdr;
	return rc;
}

char grx_varsink_type(const struct grx_varsink *s)
{
	return s->type;
}

/* ---- open ---- */

static htsFile *open_hts(struct grx_varsink *s)
{
	const char *mode = s->type == 'v' ? "w" : s->type == 'z' ? "wz" : s->type == 'u' ? "wbu" : "wb";

	if (strcmp(s->temp, "-") != 0)
		return hts_open(s->temp, mode);
	/* a duplicate, so that closing it reports a full disk and leaves fd 1 alone */
	int fd = dup(STDOUT_FILENO);
	hFILE *f = fd >= 0 ? hdopen(fd, "w") : NULL;
	htsFile *fp = f ? hts_hopen(f, "-", mode) : NULL;
	if (!f && fd >= 0)
		close(fd);
	else if (f && !fp)
		hclose_abruptly(f);
	return fp;
}

int grx_varsink_open(struct grx_ctx *cx, const char *path, char type, bool index, const struct grx_hdr *h,
	struct grx_varsink **out)
{
	int rc = GRX_E_BUG;
	struct grx_varsink *s = grx_calloc(1, sizeof *s);

	*out = NULL;
	if (!s)
		return grx_fail_nomem(cx, "variant writer");
	grx_hts_quiet();
	s->path = grx_strdup(strcmp(path, "-") == 0 ? "standard output" : path);
	s->type = type;
	s->h = h;
	s->tid = -1;
	s->rec = bcf_init();
	if (!s->path || !s->rec) {
		rc = grx_fail_nomem(cx, "variant writer");
		goto out;
	}
	if (!strchr("vzub", type)) {
		rc = grx_fail(cx, GRX_E_USAGE, "output type '%c': expected v, z, u or b", type);
		goto out;
	}
	GRX_TRY(grx_outs_temp(cx, path, &s->temp));
	/* a device or pipe has no place for an index */
	s->index = index && (type == 'z' || type == 'b') && strcmp(s->temp, path) != 0;
	errno = 0;
	s->fp = open_hts(s);
	if (!s->fp) {
		rc = errno == ENOMEM ? grx_fail_nomem(cx, "variant writer")
				     : io_fail(cx, s, "cannot be opened for writing");
		goto out;
	}
	*out = s;
	s = NULL;
	rc = GRX_OK;
out:
	grx_varsink_abandon(s);
	return rc;
}

void grx_varsink_abandon(struct grx_varsink *s)
{
	if (!s)
		return;
	if (s->fp)
		(void)!hts_close(s->fp);
	if (s->hdr)
		bcf_hdr_destroy(s->hdr);
	if (s->rec)
		bcf_destroy(s->rec);
	grx_free(s->path);
	grx_free(s);
}

/* ---- records ---- */

static bool set_info(const bcf_hdr_t *h, bcf1_t *rec, const struct grx_field *f)
{
	switch (f->type) {
	case GRX_T_FLAG:
		return bcf_update_info_flag(h, rec, f->key, NULL, 1) >= 0;
	case GRX_T_INT:
		return bcf_update_info_int32(h, rec, f->key, f->v.i, f->n) >= 0;
	case GRX_T_FLOAT:
		return bcf_update_info_float(h, rec, f->key, f->v.f, f->n) >= 0;
	default:
		return bcf_update_info_string(h, rec, f->key, f->v.s && f->v.s[0] ? f->v.s[0] : ".") >= 0;
	}
}

static bool set_fmt(const bcf_hdr_t *h, bcf1_t *rec, const struct grx_field *f, int n_sample)
{
	if (f->type == GRX_T_INT)
		return bcf_update_format_int32(h, rec, f->key, f->v.i, f->n * n_sample) >= 0;
	if (f->type == GRX_T_FLOAT)
		return bcf_update_format_float(h, rec, f->key, f->v.f, f->n * n_sample) >= 0;
	const char **s = grx_malloc((size_t)n_sample, sizeof *s);
	bool ok = s != NULL;
	for (int i = 0; ok && i < n_sample; i++)
		s[i] = f->v.s[i] ? f->v.s[i] : ".";
	ok = ok && bcf_update_format_string(h, rec, f->key, s, n_sample) >= 0;
	grx_free(s);
	return ok;
}

static bool set_filters(const bcf_hdr_t *h, bcf1_t *rec, const struct grx_var *v)
{
	int *id = grx_malloc((size_t)v->n_filter + 1, sizeof *id);
	bool ok = id != NULL;

	for (int i = 0; ok && i < v->n_filter; i++) {
		id[i] = bcf_hdr_id2int(h, BCF_DT_ID, v->filter[i]);
		ok = id[i] >= 0;
	}
	ok = ok && bcf_update_filter(h, rec, id, v->n_filter) >= 0;
	grx_free(id);
	return ok;
}

static const char *bad_column(const struct grx_varsink *s, const struct grx_var *v);

int grx_varsink_full(struct grx_ctx *cx, const struct grx_varsink *s, const struct grx_var *v)
{
	return grx_fail(cx, GRX_E_DATA,
		"%s: %s:%lld: the columns to be written would make more than %d INFO fields, the limit of "
		"BCF: "
		"remove some from the input first (bcftools annotate -x)",
		s->path, grx_contig_name(s->h->contigs, v->tid), (long long)v->pos + 1, GRX_VAR_MAX_INFO);
}

/* htslib counts INFO fields in 16 bits and would begin anew. */
static bool has_room(const struct grx_varsink *s, bcf1_t *rec, const struct grx_var *v)
{
	int n = (int)rec->n_info;

	if (n + v->n_info <= GRX_VAR_MAX_INFO)
		return true;
	for (int i = 0; i < v->n_info; i++)
		n += !v->info[i].from_file && !bcf_get_info(s->hdr, rec, v->info[i].key);
	return n <= GRX_VAR_MAX_INFO;
}

/* Everything a stage may add or replace. */
static int set_columns(struct grx_ctx *cx, const struct grx_varsink *s, bcf1_t *rec, const struct grx_var *v)
{
	bool ok = true;
	int n_sample = s->h->n_sample;

	if (!has_room(s, rec, v))
		return grx_varsink_full(cx, s, v);
	for (int i = 0; ok && i < v->n_info; i++)
		if (!v->info[i].from_file)
			ok = set_info(s->hdr, rec, &v->info[i]);
	if (ok && v->gt && v->gt_dirty && n_sample)
		ok = bcf_update_genotypes(s->hdr, rec, v->gt, v->ploidy * n_sample) >= 0;
	for (int i = 0; ok && i < v->n_fmt && n_sample; i++)
		if (!v->fmt[i].from_file)
			ok = set_fmt(s->hdr, rec, &v->fmt[i], n_sample);
	if (ok)
		return GRX_OK;
	const char *key = bad_column(s, v);
	return key ? grx_fail(cx, GRX_E_BUG, "%s: column %s is written but not declared", s->path, key)
		   : grx_fail_nomem(cx, "record");
}

static const char *bad_column(const struct grx_varsink *s, const struct grx_var *v)
{
	for (int i = 0; i < v->n_info; i++)
		if (bcf_hdr_id2int(s->hdr, BCF_DT_ID, v->info[i].key) < 0)
			return v->info[i].key;
	for (int i = 0; i < v->n_fmt; i++)
		if (bcf_hdr_id2int(s->hdr, BCF_DT_ID, v->fmt[i].key) < 0)
			return v->fmt[i].key;
	return v->gt_dirty && bcf_hdr_id2int(s->hdr, BCF_DT_ID, "GT") < 0 ? "GT" : NULL;
}

static bool same_qual(float a, float b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

/* Did a stage change the fixed columns? Strings are compared by address: they are the record's own until
 * replaced. */
static bool site_changed(const struct grx_var *v, const bcf1_t *rec)
{
	if (v->pos != rec->pos || v->n_allele != (int32_t)rec->n_allele || !same_qual(v->qual, rec->qual) ||
		(v->id && v->id != rec->d.id) || (!v->id && strcmp(rec->d.id, ".") != 0))
		return true;
	for (int i = 0; i < v->n_allele; i++)
		if (v->allele[i] != rec->d.allele[i])
			return true;
	return false;
}

/* Name of an id of the reader's header, without touching the part that still grows. */
static const char *raw_name(const struct grx_varhdr *vh, int id)
{
	return id < vh->n_id ? vh->pub->id[BCF_DT_ID][id].key : vh->name[id - vh->n_id];
}

static bool filters_changed(const struct grx_varsink *s, const struct grx_var *v, const bcf1_t *rec)
{
	const struct grx_varhdr *vh = s->h->raw;

	if (v->n_filter != rec->d.n_flt)
		return true;
	for (int i = 0; i < v->n_filter; i++)
		if (strcmp(v->filter[i], raw_name(vh, rec->d.flt[i])) != 0)
			return true;
	return false;
}

static bool columns_changed(const struct grx_var *v)
{
	if (v->gt_dirty)
		return true;
	for (int i = 0; i < v->n_info; i++)
		if (!v->info[i].from_file)
			return true;
	for (int i = 0; i < v->n_fmt; i++)
		if (!v->fmt[i].from_file)
			return true;
	return false;
}

static bool set_site(const struct grx_varsink *s, bcf1_t *rec, const struct grx_var *v)
{
	rec->rid = v->tid;
	rec->pos = v->pos;
	rec->qual = v->qual;
	if (bcf_update_id(s->hdr, rec, v->id ? v->id : ".") < 0 ||
		bcf_update_alleles(s->hdr, rec, (const char **)v->allele, v->n_allele) < 0)
		return false;
	if (v->rlen > 0)
		rec->rlen = v->rlen;
	return true;
}

/* Keys that the input used without declaring them: VCF text can carry them, BCF cannot. */
static int rename_key(struct grx_ctx *cx, const struct grx_varsink *s, int *id, int kind)
{
	static const char *const form[] = {
		[BCF_HL_FLT] = "##FILTER=<ID=%s,Description=\"Dummy\">",
		[BCF_HL_INFO] = "##INFO=<ID=%s,Number=1,Type=String,Description=\"Dummy\">",
		[BCF_HL_FMT] = "##FORMAT=<ID=%s,Number=1,Type=String,Description=\"Dummy\">",
	};
	const struct grx_varhdr *vh = s->h->raw;
	bool is_new = *id >= vh->n_id;
	const char *name = raw_name(vh, *id);
	int to = is_new ? bcf_hdr_id2int(s->hdr, BCF_DT_ID, name) : *id;
	char line[160];

	if (to >= 0 && bcf_hdr_idinfo_exists(s->hdr, kind, to)) {
		*id = to;
		return GRX_OK;
	}
	if (s->type == 'u' || s->type == 'b')
		return grx_fail(cx, GRX_E_DATA,
			"%s: key %s is used but not declared in the input, which BCF cannot hold: write VCF "
			"(-O z) or add "
			"the header line (bcftools annotate -h)",
			s->path, name);
	snprintf(line, sizeof line, form[kind], name);
	if (bcf_hdr_append(s->hdr, line) || bcf_hdr_sync(s->hdr))
		return grx_fail_nomem(cx, "header");
	*id = bcf_hdr_id2int(s->hdr, BCF_DT_ID, name);
	return GRX_OK;
}

static int rename_keys(struct grx_ctx *cx, const struct grx_varsink *s, bcf1_t *rec)
{
	int rc = GRX_E_BUG;
	const struct grx_varhdr *vh = s->h->raw;

	if (!vh || (!vh->n_undeclared && !vh->dual))
		return GRX_OK;
	if (bcf_unpack(rec, BCF_UN_ALL) < 0)
		return grx_fail_nomem(cx, "record");
	for (int i = 0; i < rec->d.n_flt; i++)
		GRX_TRY(rename_key(cx, s, &rec->d.flt[i], BCF_HL_FLT));
	for (int i = 0; i < (int)rec->n_info; i++)
		GRX_TRY(rename_key(cx, s, &rec->d.info[i].key, BCF_HL_INFO));
	for (int i = 0; i < (int)rec->n_fmt; i++)
		GRX_TRY(rename_key(cx, s, &rec->d.fmt[i].id, BCF_HL_FMT));
	rc = GRX_OK;
out:
	return rc;
}

static int write_rec(struct grx_ctx *cx, struct grx_varsink *s, bcf1_t *rec)
{
	/* htslib's encoders drop values in silence when memory runs out; errno, 0 since put_var(), tells */
	if (errno == ENOMEM)
		return grx_fail_nomem(cx, "record");
	errno = 0;
	if (bcf_write(s->fp, s->hdr, rec) < 0)
		return errno == ENOMEM ? grx_fail_nomem(cx, "record") : io_fail(cx, s, "write failed");
	if (errno == ENOMEM)
		return grx_fail_nomem(cx, "record");
	return GRX_OK;
}

/* As bcf_dup(), which writes through the NULL of a failed allocation. NULL on exhausted memory. */
static bcf1_t *copy_rec(bcf1_t *from)
{
	bcf1_t *to;

	if (from->d.shared_dirty || from->d.indiv_dirty)
		return bcf_dup(from);
	to = bcf_init();
	if (!to)
		return NULL;
	if (kputsn(from->shared.s, from->shared.l, &to->shared) < 0 ||
		(from->indiv.l && kputsn(from->indiv.s, from->indiv.l, &to->indiv) < 0)) {
		bcf_destroy(to);
		return NULL;
	}
	to->rid = from->rid;
	to->pos = from->pos;
	to->rlen = from->rlen;
	to->qual = from->qual;
	to->n_info = from->n_info;
	to->n_allele = from->n_allele;
	to->n_fmt = from->n_fmt;
	to->n_sample = from->n_sample;
	return to;
}

/* An edited copy of a record of the file; given. */
static int edited(struct grx_ctx *cx, const struct grx_varsink *s, const struct grx_var *v, bcf1_t **out)
{
	int rc = GRX_E_BUG;
	bcf1_t *raw = v->raw, *rec = copy_rec(raw);
	bool site = site_changed(v, raw), filters = filters_changed(s, v, raw);

	*out = NULL;
	if (!rec || bcf_unpack(rec, BCF_UN_ALL) < 0) {
		rc = grx_fail_nomem(cx, "record");
		goto out;
	}
	GRX_TRY(rename_keys(cx, s, rec));
	if ((site && !set_site(s, rec, v)) || (filters && !set_filters(s->hdr, rec, v))) {
		rc = errno == ENOMEM
			     ? grx_fail_nomem(cx, "record")
			     : grx_fail(cx, GRX_E_BUG,
				       "%s: record %lld: FILTER or site cannot be set (FILTER not declared?)",
				       s->path, (long long)s->n + 1);
		goto out;
	}
	GRX_TRY(set_columns(cx, s, rec, v));
	*out = rec;
	rec = NULL;
	rc = GRX_OK;
out:
	if (rec)
		bcf_destroy(rec);
	return rc;
}

static int put_edited(struct grx_ctx *cx, struct grx_varsink *s, const struct grx_var *v)
{
	bcf1_t *rec;
	int rc = edited(cx, s, v, &rec);

	if (rc)
		return rc;
	rc = write_rec(cx, s, rec);
	bcf_destroy(rec);
	return rc;
}

/* Columns of a record that keeps its site are edited where they are: nothing reads the raw form after this.
 */
static int put_in_place(struct grx_ctx *cx, struct grx_varsink *s, const struct grx_var *v)
{
	int rc = set_columns(cx, s, v->raw, v);

	return rc ? rc : write_rec(cx, s, v->raw);
}

static bool keeps_site(const struct grx_varsink *s, const struct grx_var *v)
{
	const struct grx_varhdr *vh = s->h->raw;

	return !site_changed(v, v->raw) && !filters_changed(s, v, v->raw) && !vh->n_undeclared && !vh->dual;
}

static bool needs_edit(const struct grx_varsink *s, const struct grx_var *v)
{
	return columns_changed(v) || !keeps_site(s, v);
}

int grx_varsink_text(struct grx_ctx *cx, const struct grx_varsink *s, const struct grx_var *v, kstring_t *out)
{
	bool edit = needs_edit(s, v);
	bcf1_t *rec = v->raw;
	int rc;

	errno = 0;
	rc = edit ? edited(cx, s, v, &rec) : GRX_OK;
	if (rc)
		return rc;
	if (vcf_format(s->hdr, rec, out) < 0 || errno == ENOMEM)
		rc = grx_fail_nomem(cx, "record");
	if (edit)
		bcf_destroy(rec);
	return rc;
}

static int put_made(struct grx_ctx *cx, struct grx_varsink *s, const struct grx_var *v)
{
	int rc;
	bcf1_t *rec = s->rec;
	struct grx_var all = *v;

	bcf_clear(rec);
	all.gt_dirty = v->gt != NULL;
	if (!set_site(s, rec, v) || !set_filters(s->hdr, rec, v))
		return errno == ENOMEM ? grx_fail_nomem(cx, "record")
				       : grx_fail(cx, GRX_E_BUG,
						 "%s: record %lld: FILTER is written but not declared",
						 s->path, (long long)s->n + 1);
	rc = set_columns(cx, s, rec, &all);
	if (rc)
		return rc;
	rec->n_sample = (uint32_t)s->h->n_sample;
	if (v->rlen > 0)
		rec->rlen = v->rlen;
	return write_rec(cx, s, rec);
}

static int put_var(struct grx_ctx *cx, struct grx_varsink *s, const struct grx_var *v)
{
	int rc;

	if (v->tid < s->tid || (v->tid == s->tid && v->pos < s->pos))
		return grx_fail(cx, GRX_E_BUG, "%s: record %lld at contig %d position %lld is out of order",
			s->path, (long long)s->n + 1, (int)v->tid, (long long)v->pos + 1);
	s->tid = v->tid;
	s->pos = v->pos;
	errno = 0;
	if (!v->raw)
		rc = put_made(cx, s, v);
	else if (!keeps_site(s, v))
		rc = put_edited(cx, s, v);
	else
		rc = columns_changed(v) ? put_in_place(cx, s, v) : write_rec(cx, s, v->raw);
	if (!rc)
		s->n++;
	return rc;
}

int grx_varsink_put(struct grx_ctx *cx, struct grx_varsink *s, const struct grx_vars *b)
{
	int rc = s->headed ? GRX_OK : write_header(cx, s);

	for (size_t i = 0; i < b->n && !rc; i++)
		rc = put_var(cx, s, &b->v[i]);
	return rc;
}

static int write_bytes(struct grx_varsink *s, const struct grx_varbytes *b)
{
	if (s->type == 'v')
		return hwrite(s->fp->fp.hfile, b->p, b->n) == (ssize_t)b->n ? 0 : -1;
	if (!b->packed)
		return bgzf_write(s->fp->fp.bgzf, b->p, b->n) == (ssize_t)b->n ? 0 : -1;
	if (bgzf_flush(s->fp->fp.bgzf) < 0)
		return -1;
	return bgzf_raw_write(s->fp->fp.bgzf, b->p, b->n) == (ssize_t)b->n ? 0 : -1;
}

int grx_varsink_bytes(struct grx_ctx *cx, struct grx_varsink *s, const struct grx_varbytes *b)
{
	int rc = s->headed ? GRX_OK : write_header(cx, s);

	if (rc)
		return rc;
	errno = 0;
	if (b->n && write_bytes(s, b) < 0)
		return errno == ENOMEM ? grx_fail_nomem(cx, "record") : io_fail(cx, s, "write failed");
	s->n += (int64_t)b->n_rec;
	return GRX_OK;
}

/* ---- close ---- */

static bool needs_csi(const struct grx_varsink *s)
{
	const struct grx_contigs *d = s->h->contigs;

	if (s->type == 'b')
		return true;
	for (int32_t i = 0; d && i < d->n; i++)
		if (d->c[i].len >= TBI_MAX_LEN)
			return true;
	return false;
}

static int write_index(struct grx_ctx *cx, struct grx_varsink *s)
{
	int rc = GRX_E_BUG, built;
	bool csi = needs_csi(s);
	const char *temp;
	struct grx_str name = {0};

	grx_str_addf(&name, "%s%s", s->path, csi ? ".csi" : ".tbi");
	if (name.oom) {
		rc = grx_fail_nomem(cx, "index name");
		goto out;
	}
	GRX_TRY(grx_outs_temp(cx, name.s, &temp));
	errno = 0;
	built = s->type == 'b' ? bcf_index_build3(s->temp, temp, 14, 0)
			       : tbx_index_build3(s->temp, temp, csi ? 14 : 0, 0, &tbx_conf_vcf);
	if (built) {
		rc = errno == ENOMEM ? grx_fail_nomem(cx, "index")
				     : grx_fail(cx, GRX_E_IO, "%s: index cannot be written: %s", name.s,
					       errno ? strerror(errno) : "indexing failed");
		goto out;
	}
	rc = grx_outs_sync(cx, temp);
out:
	grx_str_clear(&name);
	return rc;
}

int grx_varsink_close(struct grx_ctx *cx, struct grx_varsink *s)
{
	int rc = s->headed ? GRX_OK : write_header(cx, s), bad;

	errno = 0;
	bad = hts_close(s->fp);
	s->fp = NULL;
	if (!rc && bad && errno == ENOMEM)
		rc = grx_fail_nomem(cx, "writing");
	else if (!rc && bad)
		rc = io_fail(cx, s, "write failed");
	if (!rc && strcmp(s->temp, "-") != 0)
		rc = grx_outs_sync(cx, s->temp);
	if (!rc && s->index)
		rc = write_index(cx, s);
	grx_varsink_abandon(s);
	return rc;
}
