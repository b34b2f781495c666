/* SPDX-License-Identifier: GPL-3.0-or-later
 * varidx.c -- random access to indexed VCF and BCF.
 * An index of another file gives silently empty answers: its contigs must be those of the header, and it must
 * not be older than the data. After every query the stream's error code is looked at, since the iterator
 * calls an error the end. */
#include <errno.h>
#include <string.h>

#include <htslib/kseq.h>
#include <htslib/tbx.h>

#include "base/mem.h"
#include "bio/contig.h"
#include "io/htsmisc.h"
#include "io/var_int.h"

struct grx_varidx {
	char *path;
	htsFile *fp;
	tbx_t *tbx;     /* VCF */
	hts_idx_t *idx; /* BCF */
	hts_itr_t *itr;
	kstring_t line;
	bool sites_only;
	struct grx_varhdr *vh;
	struct grx_varval *vv;
};

static const char *const suffix[] = {".csi", ".tbi", NULL};

int grx_varidx_exists(struct grx_ctx *cx, const char *path, bool *yes)
{
	char *found = NULL;
	int rc;

	*yes = false;
	if (strcmp(path, "-") == 0)
		return GRX_OK;
	rc = grx_index_find(cx, path, suffix, &found);
	*yes = found != NULL;
	grx_free(found);
	return rc;
}

void grx_varidx_close(struct grx_varidx *x)
{
	if (!x)
		return;
	if (x->itr)
		hts_itr_destroy(x->itr);
	if (x->tbx)
		tbx_destroy(x->tbx);
	if (x->idx)
		hts_idx_destroy(x->idx);
	if (x->fp)
		(void)!hts_close(x->fp);
	grx_varval_free(x->vv);
	grx_varhdr_free(x->vh);
	free(x->line.s);
	grx_free(x->path);
	grx_free(x);
}

struct grx_varhdr *grx_varidx_hdr(struct grx_varidx *x)
{
	return x->vh;
}

static int read_text_header(struct grx_ctx *cx, struct grx_varidx *x)
{
	struct grx_str text = {0};
	int rc;

	errno = 0;
	while (hts_getline(x->fp, KS_SEP_LINE, &x->line) >= 0) {
		if (x->line.l == 0 || x->line.s[0] != '#')
			break;
		grx_str_addn(&text, x->line.s, x->line.l);
		grx_str_addc(&text, '\n');
		if (strncmp(x->line.s, "#CHROM", 6) == 0)
			break;
	}
	rc = text.oom ? grx_fail_nomem(cx, "header") : grx_hts_sys_fail(cx, x->path, errno);
	if (rc == GRX_OK && !text.n)
		rc = grx_fail(cx, GRX_E_DATA, "%s: not a VCF: no ##fileformat line", x->path);
	else if (rc == GRX_OK)
		rc = grx_varhdr_parse(cx, x->path, &text, x->sites_only, &x->vh);
	grx_str_clear(&text);
	return rc;
}

static int read_bcf_header(struct grx_ctx *cx, struct grx_varidx *x)
{
	errno = 0;
	bcf_hdr_t *h = bcf_hdr_read(x->fp);
	int rc = h ? GRX_OK : grx_hts_sys_fail(cx, x->path, errno);

	if (rc)
		return rc;
	if (!h)
		return grx_fail(cx, GRX_E_DATA, "%s: BCF header cannot be read", x->path);
	if ((x->sites_only && bcf_hdr_set_samples(h, NULL, 0) < 0) || errno == ENOMEM) {
		bcf_hdr_destroy(h);
		return grx_fail_nomem(cx, "header");
	}
	return grx_varhdr_take(cx, x->path, h, &x->vh);
}

/* Every contig that the index of a VCF names must be in the header. */
static int check_names(struct grx_ctx *cx, struct grx_varidx *x, const char *index)
{
	int n = 0, rc = GRX_OK;
	const char **name = tbx_seqnames(x->tbx, &n);

	for (int i = 0; i < n && !rc; i++)
		if (bcf_hdr_name2id(x->vh->live, name[i]) < 0)
			rc = grx_fail(cx, GRX_E_MISMATCH,
				"%s: index of another file: contig %s is not in the header of %s", index,
				name[i], x->path);
	free(name);
	return rc;
}

static int load_index(struct grx_ctx *cx, struct grx_varidx *x)
{
	int rc = GRX_E_BUG;
	char *index = NULL;
	bool is_bcf = x->fp->format.format == bcf;

	GRX_TRY(grx_index_find(cx, x->path, suffix, &index));
	if (!index)
		return grx_fail(cx, GRX_E_NOINPUT,
			"%s: no index (.csi or .tbi): make one by `bcftools index %s`", x->path, x->path);
	GRX_TRY(grx_index_fresh(cx, x->path, index, "bcftools index -f"));
	errno = 0;
	if (is_bcf)
		x->idx = bcf_index_load3(x->path, index, HTS_IDX_SILENT_FAIL);
	else
		x->tbx = tbx_index_load3(x->path, index, HTS_IDX_SILENT_FAIL);
	if (!x->idx && !x->tbx) {
		GRX_TRY(grx_hts_sys_fail(cx, index, errno));
		rc = grx_fail(cx, GRX_E_MISMATCH,
			"%s: index is damaged: make it again by `bcftools index -f`", index);
		goto out;
	}
	if (x->tbx)
		GRX_TRY(check_names(cx, x, index));
	else if (hts_idx_nseq(x->idx) > x->vh->live->n[BCF_DT_CTG]) {
		rc = grx_fail(cx, GRX_E_MISMATCH, "%s: index of another file: more contigs than %s declares",
			index, x->path);
		goto out;
	}
	rc = GRX_OK;
out:
	grx_free(index);
	return rc;
}

static int open_file(struct grx_ctx *cx, struct grx_varidx *x)
{
	int rc = GRX_E_BUG;
	char *name = NULL;

	GRX_TRY(grx_readable_check(cx, x->path));
	GRX_TRY(grx_hts_name(cx, x->path, &name));
	errno = 0;
	x->fp = hts_open(name, "r");
	if (!x->fp) {
		GRX_TRY(grx_hts_sys_fail(cx, x->path, errno));
		rc = grx_fail(cx, GRX_E_NOINPUT, "%s: cannot be opened: %s", x->path, strerror(errno));
		goto out;
	}
	if ((x->fp->format.format != vcf && x->fp->format.format != bcf) ||
		x->fp->format.compression != bgzf) {
		rc = grx_fail(cx, GRX_E_DATA,
			"%s: random access needs a bgzip-compressed VCF or BCF: make one by `bcftools view "
			"-Oz`",
			x->path);
		goto out;
	}
	GRX_TRY(grx_bgzf_eof_check(cx, x->fp->fp.bgzf, x->path, false));
	rc = GRX_OK;
out:
	grx_free(name);
	return rc;
}

int grx_varidx_open(struct grx_ctx *cx, const char *path, bool sites_only, struct grx_varidx **out)
{
	int rc = GRX_E_BUG;
	struct grx_varidx *x = grx_calloc(1, sizeof *x);

	*out = NULL;
	if (!x || !(x->path = grx_strdup(path))) {
		grx_free(x);
		return grx_fail_nomem(cx, "index");
	}
	grx_hts_quiet();
	x->sites_only = sites_only;
	GRX_TRY(open_file(cx, x));
	if (x->fp->format.format == bcf)
		GRX_TRY(read_bcf_header(cx, x));
	else
		GRX_TRY(read_text_header(cx, x));
	GRX_TRY(load_index(cx, x));
	GRX_TRY(grx_varval_new(cx, path, x->vh, sites_only, &x->vv));
	*out = x;
	x = NULL;
	rc = GRX_OK;
out:
	grx_varidx_close(x);
	return rc;
}

int grx_varidx_seek(struct grx_ctx *cx, struct grx_varidx *x, int rid, int64_t beg, int64_t end)
{
	const char *name = bcf_hdr_id2name(x->vh->live, rid);
	int tid = rid;

	if (x->itr)
		hts_itr_destroy(x->itr);
	x->itr = NULL;
	grx_varval_rewind(x->vv);
	if (x->tbx)
		tid = name ? tbx_name2id(x->tbx, name) : -1;
	if (tid < 0 || end <= beg)
		return GRX_OK; /* no record of this contig */
	if (end > INT32_MAX)
		end = INT32_MAX;
	x->itr = x->tbx ? tbx_itr_queryi(x->tbx, tid, beg, end) : bcf_itr_queryi(x->idx, tid, beg, end);
	return x->itr ? GRX_OK : grx_fail_nomem(cx, "query");
}

static int next_text(struct grx_ctx *cx, struct grx_varidx *x, bcf1_t **rec, int *got)
{
	int rc;
	size_t n;

	*got = tbx_itr_next(x->fp, x->tbx, x->itr, &x->line);
	if (*got < 0)
		return GRX_OK;
	n = x->line.l;
	if (n && x->line.s[n - 1] == '\r')
		n--;
	if (memchr(x->line.s, 0, n))
		return grx_fail(cx, GRX_E_DATA, "%s: NUL byte in a record", x->path);
	x->line.s[n] = '\0';
	rc = grx_varval_line(cx, x->vv, x->line.s, &n);
	x->line.l = n;
	return rc ? rc : grx_var_parse(cx, x->path, x->vh->live, &x->line, rec);
}

static int next_bcf(struct grx_ctx *cx, struct grx_varidx *x, bcf1_t **rec, int *got)
{
	bcf1_t *r = bcf_init();
	int rc;

	if (!r)
		return grx_fail_nomem(cx, "record");
	*got = bcf_itr_next(x->fp, x->itr, r);
	if (*got < 0) {
		bcf_destroy(r);
		return GRX_OK;
	}
	if (x->sites_only)
		r->n_sample = 0;
	else if (x->vh->live->keep_samples && bcf_subset_format(x->vh->live, r) < 0) {
		bcf_destroy(r);
		return grx_fail_nomem(cx, "record");
	}
	rc = grx_varval_rec(cx, x->vv, r);
	if (rc)
		bcf_destroy(r);
	else
		*rec = r;
	return rc;
}

int grx_varidx_next(struct grx_ctx *cx, struct grx_varidx *x, bcf1_t **rec)
{
	int rc, got = -1;

	*rec = NULL;
	if (!x->itr)
		return GRX_OK;
	errno = 0;
	rc = x->tbx ? next_text(cx, x, rec, &got) : next_bcf(cx, x, rec, &got);
	if (rc || got >= 0)
		return rc;
	if (got < -1 || x->fp->fp.bgzf->errcode)
		return grx_bgzf_fail(cx, x->fp->fp.bgzf, x->path, "in a query");
	return GRX_OK;
}
