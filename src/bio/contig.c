/* SPDX-License-Identifier: GPL-3.0-or-later
 * contig.c -- contig dictionary, builds, sexes, ploidies.
 * Lengths and pseudo-autosomal regions: Genome Reference Consortium, GRCh37.p13 and GRCh38.p14 assembly
 * reports. */
#include "bio/contig.h"

#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"

struct grx_contigs *grx_contigs_new(void)
{
	struct grx_contigs *d = grx_calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->by_name = grx_map_new();
	if (!d->by_name) {
		grx_free(d);
		return NULL;
	}
	return d;
}

void grx_contigs_free(struct grx_contigs *d)
{
	if (!d)
		return;
	for (int32_t i = 0; i < d->n; i++)
		grx_free(d->c[i].name);
	grx_free(d->c);
	grx_map_free(d->by_name);
	grx_free(d);
}

int grx_contigs_add(struct grx_ctx *cx, struct grx_contigs *d, const char *name, int64_t len, const char *m5)
{
	if (grx_contigs_find(d, name) >= 0)
		return grx_fail(cx, GRX_E_DATA, "contig %s is listed twice: fix the header", name);
	size_t cap = (size_t)d->cap;
	if (grx_grow(&d->c, &cap, (size_t)d->n + 1, sizeof *d->c, INT32_MAX / 2) != GRX_OK)
		return grx_fail_nomem(cx, "the contig dictionary");
	d->cap = (int32_t)cap;
	struct grx_contig *c = &d->c[d->n];
	*c = (struct grx_contig){.name = grx_strdup(name), .len = len};
	if (m5 && strlen(m5) == 32)
		memcpy(c->m5, m5, 33);
	if (!c->name || grx_map_set(d->by_name, name, (void *)(intptr_t)(d->n + 1)) != GRX_OK) {
		grx_free(c->name);
		return grx_fail_nomem(cx, "the contig dictionary");
	}
	d->n++;
	return GRX_OK;
}

int32_t grx_contigs_find(const struct grx_contigs *d, const char *name)
{
	return (int32_t)(intptr_t)grx_map_get(d->by_name, name) - 1;
}

const char *grx_contig_canonical(const char *name)
{
	const char *s = grx_starts(name, "chr") ? name + 3 : name;
	return strcmp(s, "M") == 0 ? "MT" : s;
}

int32_t grx_contigs_find_alias(const struct grx_contigs *d, const char *name)
{
	const char *s = grx_contig_canonical(name);
	char buf[128];
	int32_t tid = grx_contigs_find(d, name);
	if (tid < 0)
		tid = grx_contigs_find(d, s);
	if (tid < 0 && strcmp(s, "MT") == 0)
		tid = grx_contigs_find(d, "M");
	if (tid < 0 && snprintf(buf, sizeof buf, "chr%s", strcmp(s, "MT") == 0 ? "M" : s) < (int)sizeof buf)
		tid = grx_contigs_find(d, buf);
	return tid;
}

const char *grx_contig_name(const struct grx_contigs *d, int32_t tid)
{
	return tid >= 0 && tid < d->n ? d->c[tid].name : "*";
}

static const struct {
	const char *name;
	int64_t len37, len38;
} primary[] = {
	{"1", 249250621, 248956422},
	{"2", 243199373, 242193529},
	{"3", 198022430, 198295559},
	{"4", 191154276, 190214555},
	{"5", 180915260, 181538259},
	{"6", 171115067, 170805979},
	{"7", 159138663, 159345973},
	{"8", 146364022, 145138636},
	{"9", 141213431, 138394717},
	{"10", 135534747, 133797422},
	{"11", 135006516, 135086622},
	{"12", 133851895, 133275309},
	{"13", 115169878, 114364328},
	{"14", 107349540, 107043718},
	{"15", 102531392, 101991189},
	{"16", 90354753, 90338345},
	{"17", 81195210, 83257441},
	{"18", 78077248, 80373285},
	{"19", 59128983, 58617616},
	{"20", 63025520, 64444167},
	{"21", 48129895, 46709983},
	{"22", 51304566, 50818468},
	{"X", 155270560, 156040895},
	{"Y", 59373566, 57227415},
};

int64_t grx_build_contig_len(enum grx_build b, const char *canonical)
{
	for (size_t i = 0; i < sizeof primary / sizeof *primary; i++)
		if (strcmp(primary[i].name, canonical) == 0)
			return b == GRX_BUILD_37   ? primary[i].len37
			       : b == GRX_BUILD_38 ? primary[i].len38
						   : 0;
	return 0;
}

static enum grx_build build_of(const char *name, int64_t len)
{
	for (size_t i = 0; i < sizeof primary / sizeof *primary; i++) {
		if (strcmp(primary[i].name, name) != 0)
			continue;
		if (len == primary[i].len37)
			return GRX_BUILD_37;
		if (len == primary[i].len38)
			return GRX_BUILD_38;
	}
	return GRX_BUILD_UNKNOWN;
}

enum grx_build grx_contigs_build(const struct grx_contigs *d)
{
	enum grx_build b = GRX_BUILD_UNKNOWN;
	for (int32_t i = 0; i < d->n; i++) {
		enum grx_build one = build_of(grx_contig_canonical(d->c[i].name), d->c[i].len);
		if (one == GRX_BUILD_UNKNOWN)
			continue;
		if (b != GRX_BUILD_UNKNOWN && b != one)
			return GRX_BUILD_UNKNOWN;
		b = one;
	}
	return b;
}

const char *grx_build_name(enum grx_build b)
{
	return b == GRX_BUILD_37 ? "GRCh37" : b == GRX_BUILD_38 ? "GRCh38" : "unknown";
}

/* Pseudo-autosomal regions, 0-based half-open. */
static const struct {
	enum grx_build build;
	char chrom;
	int64_t beg, end;
} par[] = {
	{GRX_BUILD_38, 'X', 10000, 2781479},
	{GRX_BUILD_38, 'X', 155701382, 156030895},
	{GRX_BUILD_38, 'Y', 10000, 2781479},
	{GRX_BUILD_38, 'Y', 56887902, 57217415},
	{GRX_BUILD_37, 'X', 60000, 2699520},
	{GRX_BUILD_37, 'X', 154931043, 155260560},
	{GRX_BUILD_37, 'Y', 10000, 2649520},
	{GRX_BUILD_37, 'Y', 59034049, 59363566},
};

static bool in_par(enum grx_build b, char chrom, int64_t pos)
{
	for (size_t i = 0; i < sizeof par / sizeof *par; i++) {
		if (par[i].build == b && par[i].chrom == chrom && pos >= par[i].beg && pos < par[i].end)
			return true;
	}
	return false;
}

int grx_ploidy_at(const struct grx_contigs *d, enum grx_build b, enum grx_sex sex, int32_t tid, int64_t pos)
{
	const char *c = grx_contig_canonical(grx_contig_name(d, tid));
	if (strcmp(c, "MT") == 0)
		return 1;
	bool x = strcmp(c, "X") == 0, y = strcmp(c, "Y") == 0;
	if ((!x && !y) || sex == GRX_SEX_UNKNOWN || in_par(b, c[0], pos))
		return 2;
	if (x)
		return sex == GRX_SEX_MALE ? 1 : 2;
	return sex == GRX_SEX_MALE ? 1 : 0;
}
