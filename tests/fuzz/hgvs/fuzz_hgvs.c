/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_hgvs.c -- HGVS names from arbitrary bytes: refused at a place inside the name, or a record whose REF
 * is the reference's; a record that has a genomic name leads back to itself through it. Usage: fuzz_hgvs [N]
 * 4 N names of the seeds 1..N fuzz_hgvs -s SEED      those of one seed fuzz_hgvs FILE...      names of these
 * bytes (what libFuzzer leaves) Built with clang -fsanitize=fuzzer and -DFZ_NO_MAIN it is driven by
 * libFuzzer. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/fasta.h"
#include "seeds.h"
#include "stage/annotate/hgvs_int.h"

#define SEQ                                                                                                  \
	"CAGTGCATCGTAGCTTCGGATCCTAGCATGGCGTCTCAGCATGGCTCGAAAAAAATGGGATCATCGTAAGTCCAGTTGACCTATTCGATTACCTCTTT" \
	"TCCACAG"                                                                                            \
	"TGGAAGAATTTCCCTACGGTTAATCATAGCTGATTCCGTCATCGGATTAGCCATGCATCACACACACANNNNNACACATTACGGCATC"
#define LEN ((int)sizeof SEQ - 1)

static struct {
	bool open;
	struct grx_ctx cx;
	struct annotate_state st;
	struct grx_shard sh;
	struct annotate_name_world world;
} b;
static struct {
	long name, parsed, record, back;
} count;

GRX_PRINTF(2, 3) static void die(const char *name, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fprintf(stderr, "fuzz_hgvs: '%s': ", name);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	abort();
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f))
		die(path, "cannot be written");
}

static void bench_open(void)
{
	static const char *names[] = {"1"};
	struct annotate_models *models;
	struct annotate_accessions *acc;
	char dir[] = "/tmp/fuzz_hgvs.XXXXXX", fa[64], fai[64], gff[64], text[1024];
	if (!mkdtemp(dir))
		die("", "no folder");
	snprintf(fa, sizeof fa, "%s/r.fa", dir);
	snprintf(fai, sizeof fai, "%s/r.fa.fai", dir);
	snprintf(gff, sizeof gff, "%s/m.gff3", dir);
	write_file(fa, ">1\n" SEQ "\n");
	snprintf(text, sizeof text, "1\t%d\t3\t%d\t%d\n", LEN, LEN, LEN + 1);
	write_file(fai, text);
	write_file(gff, "1\tx\tgene\t31\t142\t.\t+\t.\tID=gene:G;Name=S\n"
			"1\tx\tmRNA\t31\t142\t.\t+\t.\tID=transcript:T;Parent=gene:G;version=3\n"
			"1\tx\texon\t31\t65\t.\t+\t.\tParent=transcript:T\n"
			"1\tx\texon\t106\t142\t.\t+\t.\tParent=transcript:T\n"
			"1\tx\tCDS\t41\t65\t.\t+\t0\tParent=transcript:T\n"
			"1\tx\tCDS\t106\t128\t.\t+\t2\tParent=transcript:T\n"
			"1\tx\tgene\t10\t90\t.\t-\t.\tID=gene:H;Name=R\n"
			"1\tx\tlnc_RNA\t10\t90\t.\t-\t.\tID=transcript:U;Parent=gene:H\n"
			"1\tx\texon\t10\t30\t.\t-\t.\tParent=transcript:U\n"
			"1\tx\texon\t50\t90\t.\t-\t.\tParent=transcript:U\n");
	b.cx.threads = 1;
	b.cx.refdata = "refdata";
	if (grx_fasta_open(&b.cx, fa, &b.cx.fasta))
		die("", "%s", b.cx.err.msg);
	b.cx.contigs = grx_fasta_contigs(b.cx.fasta);
	struct annotate_models_opt mo = {.gff = gff};
	b.st.fasta_name = names;
	b.st.n_contig = 1;
	if (annotate_models_open(&b.cx, &mo, b.cx.contigs, &models) ||
		annotate_accessions_load(&b.cx, &acc) || annotate_hgvs_open(&b.cx, &b.st))
		die("", "%s", b.cx.err.msg);
	b.sh.tid = -1;
	b.world.w = (struct annotate_work){.st = &b.st,
		.cx = &b.cx,
		.sh = &b.sh,
		.mem = grx_arena_new(),
		.keep = grx_arena_new(),
		.win_mem = grx_arena_new()};
	b.world.contigs = b.cx.contigs;
	b.world.accessions = acc;
	b.world.models = models;
	unlink(fa);
	unlink(fai);
	unlink(gff);
	rmdir(dir);
	b.open = true;
}

/* False: the name is refused. */
static bool record_of(const char *name, struct annotate_named_record *r)
{
	struct annotate_name n;
	struct annotate_name_error e;
	struct grx_str why = {0};
	int32_t at = -1;
	if (!annotate_name_parse(name, &n, &e)) {
		if (e.at < 0 || (size_t)e.at > strlen(name) || !e.expected)
			die(name, "refused at %d", (int)e.at);
		return false;
	}
	count.parsed++;
	if (annotate_name_resolve(&b.world, &n, r, &why, &at))
		die(name, "%s", b.cx.err.msg);
	bool ok = why.n == 0;
	if (!ok && (at < 0 || (size_t)at > strlen(name)))
		die(name, "contradicts at %d", (int)at);
	grx_str_clear(&why);
	return ok;
}

static void back(const char *name, const struct annotate_named_record *r)
{
	size_t nr = strlen(r->ref), na = strlen(r->alt);
	/* an indel begins behind its anchor; before the first base the anchor follows */
	size_t head = nr != na && r->ref[0] == r->alt[0], tail = 0;
	if (nr != na && !head && r->pos == 0 && r->ref[nr - 1] == r->alt[na - 1])
		tail = 1;
	char ref[4096], alt[4096];
	if (nr >= sizeof ref || na >= sizeof alt)
		return;
	snprintf(ref, sizeof ref, "%.*s", (int)(nr - head - tail), r->ref + head);
	snprintf(alt, sizeof alt, "%.*s", (int)(na - head - tail), r->alt + head);
	struct annotate_allele al = {.tid = r->tid,
		.beg = r->pos + (int64_t)head,
		.end = r->pos + (int64_t)(nr - tail),
		.ref = ref,
		.alt = alt,
		.ref_len = (int32_t)(nr - head - tail),
		.alt_len = (int32_t)(na - head - tail),
		.dna = strspn(alt, "ACGT") == strlen(alt) && strspn(ref, "ACGT") == strlen(ref)};
	struct annotate_moved mv = {.al = &al};
	struct annotate_named_record again;
	struct grx_str o = {0};
	if (annotate_hgvs_g(&b.world.w, &mv, &o))
		die(name, "%s", b.cx.err.msg);
	if (o.n) {
		count.back++;
		if (!record_of(o.s, &again))
			die(name, "its name %s is refused", o.s);
		if (again.pos != r->pos || strcmp(again.ref, r->ref) != 0 || strcmp(again.alt, r->alt) != 0)
			die(name, "%lld %s %s became %s: %lld %s %s", (long long)r->pos, r->ref, r->alt, o.s,
				(long long)again.pos, again.ref, again.alt);
	}
	grx_str_clear(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char name[4096];
	struct annotate_named_record r;
	if (!b.open)
		bench_open();
	if (n >= sizeof name)
		n = sizeof name - 1;
	memcpy(name, data, n);
	name[n] = '\0';
	count.name++;
	if (record_of(name, &r)) {
		count.record++;
		size_t nr = strlen(r.ref);
		if (r.pos < 0 || r.pos + (int64_t)nr > LEN || strncmp(SEQ + r.pos, r.ref, nr) != 0)
			die(name, "REF %s at %lld is not the reference's", r.ref, (long long)r.pos);
		if (strcmp(r.alt, ".") != 0)
			back(name, &r);
	}
	grx_arena_reset(b.world.w.mem);
	grx_arena_reset(b.world.w.keep);
	return 0;
}

#ifndef FZ_NO_MAIN
static void piece(struct grx_str *s, const char *const *of, uint32_t n)
{
	grx_str_add(s, of[draw(n)]);
}

static void place(struct grx_str *s, bool tx)
{
	static const char *const sign[] = {"", "", "", "-", "*"};
	if (tx)
		piece(s, sign, 5);
	grx_str_addf(s, "%d", (int)draw(draw(8) ? (uint32_t)LEN + 3 : 12));
	if (tx && draw(5) == 0)
		grx_str_addf(s, "%+d", (int)draw(50) - 25);
}

static void bases_add(struct grx_str *s)
{
	for (uint32_t n = draw(4) ? draw(4) : draw(12); n > 0; n--)
		grx_str_addc(s, "ACGTN"[draw(40) ? draw(4) : 4]);
}

static void seeded(uint64_t seed)
{
	static const char *const head[] = {"1:g.", "chr1:g.", "1:m.", "T.3:c.", "T:n.", "U:n.", "T(S):c.",
		"U.1:c.", "NC_000001.11:g.", "2:g.", "p."};
	static const char *const verb[] = {"del", "dup", "ins", "delins", "inv", "=", ">", "con", "["};
	struct grx_str s = {0};
	seed_set(seed);
	for (int k = 0; k < 4; k++) {
		grx_str_reset(&s);
		uint32_t h = draw(draw(4) ? 7 : 11);
		grx_str_add(&s, head[h]);
		bool tx = h >= 3 && h < 8;
		place(&s, tx);
		if (draw(3)) {
			grx_str_addc(&s, '_');
			place(&s, tx);
		}
		uint32_t v = draw(12);
		if (v >= 9 || v == 6)
			bases_add(&s);
		if (v < 9)
			piece(&s, &verb[v], 1);
		if (v >= 9 || v == 8)
			grx_str_addf(&s, "%s%d]", v >= 9 ? "[" : "", (int)draw(9));
		else if (draw(4))
			bases_add(&s);
		/* and sometimes a byte that does not belong there */
		if (s.n && draw(6) == 0)
			s.s[draw((uint32_t)s.n)] = (char)(1 + draw(126));
		LLVMFuzzerTestOneInput((const uint8_t *)s.s, s.n);
	}
	grx_str_clear(&s);
}

int main(int argc, char **argv)
{
	seeds_run(argc, argv, 2000, seeded);
	printf("fuzz_hgvs: %ld inputs, %ld are names, %ld records, %ld led back by their genomic name\n",
		count.name, count.parsed, count.record, count.back);
	return 0;
}
#endif
