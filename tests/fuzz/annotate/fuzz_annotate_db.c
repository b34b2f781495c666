/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_annotate_db.c -- a built database with bytes changed, its checksums made right again, is read in full:
 * it is refused with GRX_E_DATA or gives values of its types, and nothing outside the file is touched.
 * Input: a byte (bit 0: leave the checksums), then places of three bytes with a new byte each. */
#include <jansson.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/out.h"
#include "seeds.h"
#include "stage/annotate/db_block.h"

static struct {
	long cases, opened, blocks, values, refused;
} count;

static uint8_t *base;
static size_t n_base;

static void must(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "fuzz_annotate_db: BROKEN: %s\n", what);
		abort();
	}
}

static void write_sites(const char *path)
{
	FILE *f = fopen(path, "w");
	must(f != NULL, "temporary file");
	fputs("##fileformat=VCFv4.2\n##contig=<ID=1,length=1000000>\n##contig=<ID=2,length=1000000>\n"
	      "##INFO=<ID=AF,Number=A,Type=Float,Description=\"f\">\n##INFO=<ID=AC,Number=A,Type=Integer,"
	      "Description=\"i\">\n##INFO=<ID=RS,Number=1,Type=String,Description=\"s\">\n"
	      "##INFO=<ID=SIG,Number=.,Type=String,Description=\"s\">\n#"
	      "CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\t"
	      "INFO\n",
		f);
	for (int i = 0; i < 6000; i++)
		fprintf(f, "%d\t%d\t.\t%s\t%s\t.\t.\tAF=%.3g;AC=%d;RS=rs%d%s\n", 1 + i / 5000,
			10 + i % 5000 * 9, i % 7 ? "A" : "ACGTACGTACGTACGTACGTACGTACGTACGTACGT",
			i % 11 ? "C" : "<DUP>", i % 97 / 97., i % 5 ? i : -i, i * 3,
			i % 3   ? ""
			: i % 2 ? ";SIG=one"
				: ";SIG=two,three");
	must(fclose(f) == 0, "temporary file");
}

static void base_make(void)
{
	char dir[] = "/tmp/fuzz_annotate_db.XXXXXX", vcf[64], gxd[64], spec[160];
	struct grx_ctx cx = {.threads = 1, .outs = grx_outs_new(), .log = grx_log_new(0, false)};
	must(mkdtemp(dir) != NULL, "temporary folder");
	snprintf(vcf, sizeof vcf, "%s/a.vcf", dir);
	snprintf(gxd, sizeof gxd, "%s/a.gxd", dir);
	snprintf(spec, sizeof spec, "d=%s:AF,AC,RS,SIG", vcf);
	write_sites(vcf);
	const char *one[] = {spec};
	struct annotate_opt o = {.build_db = true, .db = {1, one}};
	struct grx_tool_io io = {.output = gxd, .summary = json_object()};
	must(annotate_db_tool(&o, &cx, &io) == GRX_OK && grx_outs_commit(&cx) == GRX_OK, cx.err.msg);
	FILE *f = fopen(gxd, "rb");
	must(f != NULL, "database");
	base = malloc(1 << 22);
	n_base = fread(base, 1, 1 << 22, f);
	fclose(f);
	unlink(vcf);
	unlink(gxd);
	rmdir(dir);
	json_decref(io.summary);
	grx_outs_free(cx.outs);
	grx_log_free(cx.log);
	must(n_base > sizeof(struct annotate_dbtail), "database");
}

static uint32_t u32(const uint8_t *p)
{
	uint32_t x;
	memcpy(&x, p, 4);
	return x;
}

static void put32(uint8_t *p, uint32_t x)
{
	memcpy(p, &x, 4);
}

static void block_fix(uint8_t *p, struct annotate_dbentry *e)
{
	uint32_t n = e->len >= 8 ? u32(p + 4) : 0;
	if (e->len < 8 || n > (e->len - 8) / 12)
		return;
	uint64_t at = 8 + (uint64_t)n * 12;
	for (uint32_t i = 0; i < n && at <= e->len; i++) {
		uint32_t len = u32(p + 8 + i * 12);
		if (len <= e->len - at)
			put32(p + 16 + i * 12, (uint32_t)crc32(0, p + at, len));
		at += len;
	}
	e->dir_crc = (uint32_t)crc32(0, p, 8 + n * 12);
}

/* Checksums right again, so that what lies behind them is reached. */
static void checksums_fix(uint8_t *p, size_t n)
{
	struct annotate_dbtail t;
	memcpy(&t, p + n - sizeof t, sizeof t);
	if (t.index_off < n && t.n_block < n / 40 && t.index_off + t.n_block * 40 <= n) {
		for (uint64_t i = 0; i < t.n_block; i++) {
			struct annotate_dbentry e;
			memcpy(&e, p + t.index_off + i * 40, 40);
			if (e.off <= n && e.len <= n - e.off)
				block_fix(p + e.off, &e);
			memcpy(p + t.index_off + i * 40, &e, 40);
		}
		t.index_crc = (uint32_t)crc32(0, p + t.index_off, (uInt)(t.n_block * 40));
	}
	if (t.meta_off < n && t.meta_len <= n - t.meta_off)
		t.meta_crc = (uint32_t)crc32(0, p + t.meta_off, (uInt)t.meta_len);
	t.crc = (uint32_t)crc32(0, (const Bytef *)&t, offsetof(struct annotate_dbtail, crc));
	memcpy(p + n - sizeof t, &t, sizeof t);
}

static int column_read(struct grx_ctx *cx, const struct annotate_dbblock *b, int j, uint8_t type)
{
	static const uint8_t kind[] = {0, DB_INT, DB_FLOAT, DB_STR};
	struct annotate_dbcol col;
	int rc = annotate_dbblock_col(cx, b, j, type, &col);
	for (uint32_t i = 0; i < b->e->n_row && !rc; i++) {
		struct annotate_dbval v;
		unsigned sum = 0;
		rc = annotate_dbcol_get(cx, b, &col, i, &v);
		if (rc || v.kind == DB_NONE)
			continue;
		must(v.kind == kind[type], "kind of a value");
		for (int32_t k = 0; v.kind == DB_STR && k < v.n; k++)
			sum += (unsigned char)v.v.s[k];
		must(sum < UINT32_MAX, "text");
		count.values++;
	}
	return rc;
}

static int block_read(struct grx_ctx *cx, const struct annotate_gxd *g, const struct annotate_dbentry *e)
{
	struct annotate_dbblock b = {.path = g->path, .p = g->map + e->off, .e = e, .mem = grx_arena_new()};
	struct annotate_dbkeys k;
	int rc = annotate_dbblock_open(cx, &b);
	if (!rc)
		rc = annotate_dbblock_keys(cx, &b, &k);
	for (uint32_t i = 0; !rc && i < k.n; i++) {
		struct annotate_dbkey key = {.code = k.code[i]};
		must(k.pos[i] >= e->first && k.pos[i] <= e->last, "position of a key");
		if (key.code & DB_LONG) {
			annotate_dbkeys_text(&k, i, &key);
			must(annotate_dbkey_code(&key) == k.code[i], "text of a key");
		}
	}
	for (int j = 0; j < g->n_field && !rc; j++)
		rc = column_read(cx, &b, j, g->field[j].type);
	grx_arena_free(b.mem);
	count.blocks += !rc;
	return rc;
}

static void read_all(const char *path)
{
	struct grx_ctx cx = {.threads = 1};
	struct annotate_gxd *g;
	int rc = annotate_gxd_open(&cx, path, &g);
	count.opened += !rc;
	for (size_t i = 0; !rc && i < g->n_block; i++) {
		rc = block_read(&cx, g, &g->block[i]);
		if (rc) {
			must(rc == GRX_E_DATA && cx.err.msg[0], "status of a damaged block");
			count.refused++;
			grx_ctx_reset(&cx);
			rc = GRX_OK;
		}
	}
	must(rc == GRX_OK || (rc == GRX_E_DATA && cx.err.msg[0]), "status of a damaged database");
	annotate_gxd_close(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char path[64];
	if (!base)
		base_make();
	if (n < 1)
		return 0;
	uint8_t *p = malloc(n_base);
	must(p != NULL, "memory");
	memcpy(p, base, n_base);
	for (size_t i = 1; i + 4 <= n; i += 4)
		p[(data[i] | (size_t)data[i + 1] << 8 | (size_t)data[i + 2] << 16) % n_base] = data[i + 3];
	if (!(data[0] & 1))
		checksums_fix(p, n_base);
	size_t len = data[0] & 2 ? n_base - (data[0] >> 2) * n_base / 64 : n_base;
	int fd = memfd_create("db", 0);
	must(fd >= 0 && write(fd, p, len) == (ssize_t)len, "temporary file");
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	read_all(path);
	close(fd);
	free(p);
	count.cases++;
	return 0;
}

#ifndef FZ_NO_MAIN
static void place(uint8_t *b, size_t at, uint8_t x)
{
	b[0] = (uint8_t)at;
	b[1] = (uint8_t)(at >> 8);
	b[2] = (uint8_t)(at >> 16);
	b[3] = x;
}

/* Changes anywhere, or in the index and the end, or in the directories and heads of blocks. */
static void seeded(uint64_t seed)
{
	uint8_t b[1 + 4 * 8];
	struct annotate_dbtail t;
	seed_set(seed);
	if (!base)
		base_make();
	memcpy(&t, base + n_base - sizeof t, sizeof t);
	int n = 1 + (int)draw(8), where = (int)draw(4);
	b[0] = draw(10) ? 0 : draw(4) ? 1 : (uint8_t)draw(256);
	for (int i = 0; i < n; i++) {
		struct annotate_dbentry e;
		memcpy(&e, base + t.index_off + draw((uint32_t)t.n_block) * 40, 40);
		size_t at = where == 0   ? draw((uint32_t)n_base)
			    : where == 1 ? t.index_off + draw((uint32_t)(n_base - t.index_off))
			    : where == 2 ? e.off + draw(80)
					 : e.off + draw(e.len);
		place(b + 1 + 4 * i, at, draw(3) ? (uint8_t)draw(256) : (uint8_t)(base[at] ^ 1u << draw(8)));
	}
	LLVMFuzzerTestOneInput(b, 1 + 4 * (size_t)n);
}

int main(int argc, char **argv)
{
	seeds_run(argc, argv, 1500, seeded);
	printf("fuzz_annotate_db: %ld databases, %ld opened, %ld blocks read, %ld refused, %ld values of "
	       "their "
	       "types\n",
		count.cases, count.opened, count.blocks, count.refused, count.values);
	free(base);
	return 0;
}
#endif
