/* SPDX-License-Identifier: GPL-3.0-or-later
 * strerr_learn.c -- the stage's learn step: one model per sample, and its report in header and summary. */
#include "stage/call/call_int.h"
#include "stage/call/strerr.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

static const char *const class_name[CALL_STR_N] = {
	"A/T homopolymer", "G/C homopolymer", "dinucleotide", "trinucleotide", "longer"};
static const char *const class_key[CALL_STR_N] = {"AT", "GC", "di", "tri", "longer"};
static const int shown[] = {6, 8, 10, 12, 15, 20};
enum { N_SHOWN = sizeof(shown) / sizeof(*shown) };

int call_learn_start(struct call_state *st, struct grx_ctx *cx)
{
	st->n_sample = cx->reads && cx->reads->n_sample > 0 ? cx->reads->n_sample : 1;
	st->sample = grx_calloc((size_t)st->n_sample, sizeof(*st->sample));
	st->count = grx_calloc((size_t)st->n_sample, sizeof(*st->count));
	if (!st->sample || !st->count)
		return grx_fail_nomem(cx, "the model of a sample");
	for (int i = 0; i < st->n_sample; i++)
		call_strmodel_default(&st->sample[i].strmodel);
	return GRX_OK;
}

static const char *source_of(const struct call_strmodel *m)
{
	return m->reliable ? "reads" : m->n_stut > 0 ? "few_reads" : "default";
}

/* Rates per read at the units shown, two digits: a user sees what the calls rest on. The sample is named by
 * its column: a name can hold what has a meaning in a header. */
static int header_line(struct grx_ctx *cx, int column, const struct call_sample *s)
{
	const struct call_strmodel *m = &s->strmodel;
	char t[1024];
	int n = snprintf(t, sizeof(t),
		"##genorx_str_model=sample_%d;source=%s;pcr_level=%.2f;units=", column + 1, source_of(m),
		m->level);
	for (int i = 0; i < N_SHOWN; i++)
		n += snprintf(t + n, sizeof(t) - (size_t)n, "%s%d", i ? "," : "", shown[i]);
	for (int c = 0; c < CALL_STR_N; c++) {
		n += snprintf(t + n, sizeof(t) - (size_t)n, ";%s=", class_key[c]);
		for (int i = 0; i < N_SHOWN; i++)
			n += snprintf(
				t + n, sizeof(t) - (size_t)n, "%s%.2g", i ? "," : "", m->rate[c][shown[i]]);
	}
	return grx_hdr_meta_add(cx, cx->hdr, t);
}

static const char *sample_name(const struct grx_ctx *cx, int i)
{
	if (!cx->reads || !cx->reads->sample)
		return "sample";
	return cx->reads->samples && i < cx->reads->n_sample ? cx->reads->samples[i] : cx->reads->sample;
}

static int learn_end(struct call_state *st, struct grx_ctx *cx)
{
	int rc = GRX_OK;
	for (int i = 0; i < st->n_sample && rc == GRX_OK; i++) {
		call_sample_fit(&st->count[i], &st->sample[i]);
		call_strcount_free(&st->count[i]);
		rc = header_line(cx, i, &st->sample[i]);
	}
	return rc;
}

int call_learn(void *state, struct grx_ctx *cx, struct grx_shard *sh, bool *enough)
{
	struct call_state *st = state;
	if (!sh)
		return learn_end(st, cx);
	*enough = true;
	if (st->opt.no_learn)
		return GRX_OK;
	for (int i = 0; i < st->n_sample; i++) {
		if (call_strerr_count(sh, st->n_sample > 1 ? i : -1, &st->count[i]) != GRX_OK)
			return grx_fail_nomem(cx, "counts of repeats");
		*enough = *enough && call_strcount_enough(&st->count[i]);
	}
	return GRX_OK;
}

void call_learn_free(struct call_state *st)
{
	for (int i = 0; st->count && i < st->n_sample; i++)
		call_strcount_free(&st->count[i]);
	grx_free(st->count);
	grx_free(st->sample);
}

/* Three significant digits: what the data bear, and the same text on any machine. */
static json_t *number(double x)
{
	char t[32];
	snprintf(t, sizeof(t), "%.3g", x);
	return json_real(strtod(t, NULL));
}

static json_t *rates_json(const struct call_strmodel *m)
{
	json_t *all = json_object();
	for (int c = 0; c < CALL_STR_N; c++) {
		json_t *o = json_object();
		for (int i = 0; i < N_SHOWN; i++) {
			char key[8];
			snprintf(key, sizeof(key), "%d", shown[i]);
			json_object_set_new(o, key, number(m->rate[c][shown[i]]));
		}
		json_object_set_new(all, class_name[c], o);
	}
	return all;
}

static json_t *sample_json(const char *name, const struct call_sample *s)
{
	const struct call_strmodel *m = &s->strmodel;
	json_t *o = json_object();
	json_object_set_new(o, "sample", json_string(name));
	json_object_set_new(o, "stutter_source", json_string(source_of(m)));
	json_object_set_new(o, "pcr_level", number(m->level));
	json_object_set_new(o, "stutter_per_read_by_units", rates_json(m));
	json_object_set_new(o, "reads_over_repeats", number(m->n_read));
	json_object_set_new(o, "stutter_reads", number(m->n_stut));
	json_object_set_new(o, "repeats_left_out_for_depth", json_integer(m->n_skipped));
	json_object_set_new(o, "depth_median", number(s->depth_median));
	json_object_set_new(o, "depth_mad", number(s->depth_mad));
	json_object_set_new(o, "positions", json_integer(s->n_pos));
	json_object_set_new(o, "read_length", number(s->read_len));
	json_object_set_new(o, "insert_median", number(s->ins_median));
	json_object_set_new(o, "insert_mad", number(s->ins_mad));
	json_object_set_new(o, "mismatch_rate", number(s->mismatch_rate));
	return o;
}

int call_learn_summary(const struct call_state *st, struct grx_ctx *cx, struct json_t *summary)
{
	json_t *a = json_array();
	for (int i = 0; st->sample && i < st->n_sample; i++)
		json_array_append_new(a, sample_json(sample_name(cx, i), &st->sample[i]));
	if (!a || json_object_set_new(summary, "learned", a) != 0)
		return grx_fail_nomem(cx, "the summary");
	return GRX_OK;
}
