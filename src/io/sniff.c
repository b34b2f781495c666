/* SPDX-License-Identifier: GPL-3.0-or-later
 * sniff.c -- file kinds by content, through htslib's detector. */
#include "io/sniff.h"

#include <errno.h>
#include <htslib/hfile.h>
#include <htslib/hts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/out.h"
#include "io/htsmisc.h"

/* htslib looks into the first compressed block only, and that may be empty: read on. */
static enum grx_file_kind sniff_inflated(const char *path)
{
	static const char vcf[] = "##fileformat=VCF";
	char head[sizeof vcf] = {0};
	gzFile f = gzopen(path, "rb");
	int n = f ? gzread(f, head, sizeof head - 1) : -1;

	if (f)
		gzclose(f);
	if (n >= 4 && memcmp(head, "BAM\1", 4) == 0)
		return GRX_FILE_READS;
	if ((n >= 4 && memcmp(head, "BCF\2", 4) == 0) || strcmp(head, vcf) == 0)
		return GRX_FILE_VARS;
	return GRX_FILE_OTHER;
}

int grx_file_sniff(struct grx_ctx *cx, const char *path, enum grx_file_kind *kind)
{
	struct stat st;
	*kind = GRX_FILE_OTHER;
	if (strcmp(path, "-") == 0)
		return GRX_OK;
	int rc = grx_network_check(cx, path);
	if (rc != GRX_OK)
		return rc;
	if (stat(path, &st) != 0)
		return grx_fail(
			cx, GRX_E_NOINPUT, "%s: cannot be opened: %s: check the name", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return grx_fail(cx, GRX_E_NOINPUT, "%s: is a folder, a file is expected", path);
	if (!S_ISREG(st.st_mode))
		return GRX_OK;
	hFILE *f = hopen(path, "rb");
	if (!f && (rc = grx_hts_sys_fail(cx, path, errno)) != GRX_OK)
		return rc;
	if (!f)
		return grx_fail(cx, GRX_E_NOINPUT, "%s: cannot be opened: %s", path, strerror(errno));
	htsFormat fmt;
	errno = 0;
	if (hts_detect_format(f, &fmt) == 0) {
		if (fmt.category == sequence_data)
			*kind = GRX_FILE_READS;
		else if (fmt.category == variant_data)
			*kind = GRX_FILE_VARS;
	}
	rc = grx_hts_sys_fail(cx, path, errno);
	hclose_abruptly(f);
	if (rc != GRX_OK)
		return rc;
	if (*kind == GRX_FILE_OTHER)
		*kind = sniff_inflated(path);
	return GRX_OK;
}

const char *grx_htslib_version(void)
{
	return hts_version();
}

int64_t grx_htslib_release(const char *version)
{
	const char *p = version;
	int64_t part[3] = {0, 0, 0};

	for (int i = 0; i < 3; i++) {
		while (*p >= '0' && *p <= '9' && part[i] < 1000)
			part[i] = part[i] * 10 + (*p++ - '0');
		if (*p != '.')
			break;
		p++;
	}
	return part[0] * 1000000 + part[1] * 1000 + part[2];
}

bool grx_htslib_cram_safe(const char *version)
{
	int64_t r = grx_htslib_release(version);

	return r >= 1023001 || (r >= 1022002 && r < 1023000) || (r >= 1021001 && r < 1022000);
}
