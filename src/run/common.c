/* SPDX-License-Identifier: GPL-3.0-or-later
 * common.c -- common option tables and what they mean. */
#include "run/common.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define AT(f) offsetof(struct grx_common, f)

static const struct grx_opt opts_ref[] = {
	{"fasta", 'f', GRX_OPT_IN, AT(fasta), NULL, NULL, "FILE",
		"reference sequence with .fai (and .gzi if bgzipped)"},
	GRX_OPT_END,
};

static const struct grx_opt opts_region[] = {
	{"region", 'r', GRX_OPT_LIST, AT(region), NULL, NULL, "CHR[:BEG-END]", "only this region, 1-based"},
	{"regions-file", 'R', GRX_OPT_IN, AT(regions_file), NULL, NULL, "BED",
		"only the regions of this BED file"},
	GRX_OPT_END,
};

static const struct grx_opt opts_reads[] = {
	{"depth-limit", 0, GRX_OPT_INT, AT(depth_limit), "1000", "0..1000000", "READS",
		"call from at most so many reads per sample and file that begin in the same 64 bases, chosen "
		"by "
		"name; 0 = all"},
	{"shard-size", 0, GRX_OPT_INT, AT(shard_size), "0", "0..10000000", "BASES",
		"cut reads into pieces of this size; 0 = by the number of files; results do not depend on "
		"it"},
	{"allow-unknown-rg", 0, GRX_OPT_FLAG, AT(allow_unknown_rg), NULL, NULL, NULL,
		"accept reads whose read group is not in the header: of the only sample, else left out and "
		"counted"},
	{"strict-cram", 0, GRX_OPT_FLAG, AT(strict_cram), NULL, NULL, NULL,
		"refuse CRAM when the CRAM decoder of the htslib in use has known memory errors: before "
		"1.21.1, and "
		"1.22.0, 1.22.1 and 1.23.0"},
	GRX_OPT_END,
};

static const struct grx_opt opts_output[] = {
	{"output", 'o', GRX_OPT_OUT, AT(output), "-", NULL, "FILE", "where to write; - is standard output"},
	GRX_OPT_END,
};

static const struct grx_opt opts_type[] = {
	{"output-type", 'O', GRX_OPT_CHOICE, AT(output_type), NULL, "v|z|u|b", NULL,
		"VCF, bgzipped VCF, BCF uncompressed or BCF; default by the name's ending"},
	GRX_OPT_END,
};

static const struct grx_opt opts_general[] = {
	{"threads", '@', GRX_OPT_INT, AT(threads), "0", "0..256", "INT",
		"worker threads; 0 = SLURM_CPUS_PER_TASK or 1; output bytes do not depend on it"},
	{"sample", 's', GRX_OPT_STR, AT(sample), NULL, NULL, "NAME",
		"the sample to use when the input holds several; call takes a list A,B too"},
	{"facts", 0, GRX_OPT_LIST, AT(facts), NULL, NULL, "FILE", "facts from elsewhere, JSON Lines or TSV"},
	{"refdata", 0, GRX_OPT_STR, AT(refdata), NULL, NULL, "DIR", "folder of reference tables"},
	{"summary", 0, GRX_OPT_OUT, AT(summary), NULL, NULL, "FILE",
		"write counts, versions and timings as JSON"},
	{"allow-missing-eof", 0, GRX_OPT_FLAG, AT(allow_missing_eof), NULL, NULL, NULL,
		"accept a BAM without its end-of-file block (it may be truncated)"},
	{"allow-other-reference", 0, GRX_OPT_FLAG, AT(allow_other_reference), NULL, NULL, NULL,
		"accept a reference whose contig lengths or M5 differ from the input's header"},
	{"allow-network", 0, GRX_OPT_FLAG, AT(allow_network), NULL, NULL, NULL,
		"accept remote addresses as inputs"},
	{"verbose", 'v', GRX_OPT_FLAG, AT(verbose), NULL, NULL, NULL, "log progress to standard error"},
	{"log-json", 0, GRX_OPT_FLAG, AT(log_json), NULL, NULL, NULL, "log as JSON lines"},
	GRX_OPT_END,
};

bool grx_common_output_given(const struct grx_common *c)
{
	return c->output != opts_output[0].def; /* the parser hands on the words that it was given */
}

static void push(struct grx_opt_set *set, int *n, const char *title, const struct grx_opt *opts, void *into)
{
	set[(*n)++] = (struct grx_opt_set){title, opts, into};
}

int grx_common_sets(const struct grx_stage *st, void *opts, struct grx_common *c, struct grx_opt_set *set)
{
	int n = 0;
	unsigned stream = st->takes & (GRX_READS | GRX_VARS);
	if (st->opts)
		push(set, &n, "Options", st->opts, opts);
	if (stream)
		push(set, &n, "Reference", opts_ref, c);
	if (stream && !st->no_regions)
		push(set, &n, "Regions", opts_region, c);
	if (st->takes & GRX_READS)
		push(set, &n, "Reads", opts_reads, c);
	if (!grx_opts_has(st->opts, "output"))
		push(set, &n, "Output", opts_output, c);
	if (st->gives & GRX_VARS)
		push(set, &n, "Output format", opts_type, c);
	push(set, &n, "General", opts_general, c);
	return n;
}

int grx_common_sets_run(const struct grx_opt *opts, void *into, struct grx_common *c, struct grx_opt_set *set)
{
	int n = 0;
	push(set, &n, "Options", opts, into);
	push(set, &n, "Reference", opts_ref, c);
	push(set, &n, "Regions", opts_region, c);
	push(set, &n, "Reads", opts_reads, c);
	push(set, &n, "General", opts_general, c);
	return n;
}

void grx_common_neutral(struct grx_common *c)
{
	c->threads = c->shard_size = 0;
	c->verbose = c->log_json = false;
	c->summary = NULL;
	c->output = "-";
}

int grx_common_threads(const struct grx_common *c)
{
	int64_t n = c->threads;
	const char *env = getenv("SLURM_CPUS_PER_TASK");
	if (n <= 0 && !(env && grx_parse_i64(env, &n)))
		n = 1;
	return n < 1 ? 1 : n > 256 ? 256 : (int)n;
}

static char *join(const char *dir, size_t n, const char *rest)
{
	struct grx_str s = {0};
	grx_str_addn(&s, dir, n);
	grx_str_add(&s, rest);
	if (s.oom)
		grx_str_clear(&s);
	return s.s;
}

/* refdata beside the executable (build/genorx -> ../refdata, or share/genorx/refdata); NULL if neither is
 * there. */
static char *beside_executable(void)
{
	static const char *const rel[] = {"/../refdata", "/../share/genorx/refdata", "/../../refdata"};
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	if (n <= 0)
		return NULL;
	exe[n] = '\0';
	char *slash = strrchr(exe, '/');
	size_t dir = slash ? (size_t)(slash - exe) : 0;
	for (size_t i = 0; i < sizeof rel / sizeof *rel; i++) {
		char *p = join(exe, dir, rel[i]);
		if (p && access(p, R_OK | X_OK) == 0)
			return p;
		grx_free(p);
	}
	return NULL;
}

char *grx_common_refdata(const struct grx_common *c)
{
	const char *env = getenv("GENORX_REFDATA");
	if (c->refdata)
		return grx_strdup(c->refdata);
	if (env && *env)
		return grx_strdup(env);
	char *p = beside_executable();
	return p ? p : grx_strdup(GRX_PREFIX "/share/genorx/refdata");
}
