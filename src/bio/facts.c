/* SPDX-License-Identifier: GPL-3.0-or-later
 * facts.c -- the container of facts: insertion order kept, lookup by id. */
#include "genorx/facts.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "genorx/ctx.h"
#include "genorx/genorx.h"

struct grx_facts *grx_facts_new(void)
{
	struct grx_facts *fs = grx_calloc(1, sizeof(*fs));
	if (!fs)
		return NULL;
	fs->mem = grx_arena_new();
	fs->index = grx_map_new();
	if (!fs->mem || !fs->index) {
		grx_facts_free(fs);
		return NULL;
	}
	return fs;
}

void grx_facts_free(struct grx_facts *fs)
{
	if (!fs)
		return;
	grx_arena_free(fs->mem);
	grx_map_free(fs->index);
	grx_free(fs->v);
	grx_free(fs);
}

int grx_facts_reset(struct grx_facts *fs)
{
	grx_map_free(fs->index);
	fs->index = grx_map_new();
	fs->n = 0;
	grx_arena_reset(fs->mem);
	return fs->index ? GRX_OK : GRX_E_NOMEM;
}

const char *grx_facts_dup(struct grx_facts *fs, const char *s)
{
	return s ? grx_arena_strdup(fs->mem, s) : NULL;
}

double grx_fact_quantise(double x)
{
	char buf[32];
	double y;
	return isfinite(x) && grx_parse_f64(grx_fmt_g(buf, x, 10), &y) ? y : x;
}

int grx_facts_add(struct grx_ctx *cx, struct grx_facts *fs, const char *sample, const char *key,
	const char *stage, struct grx_fact **out)
{
	char *id = grx_arena_printf(fs->mem, "%s|%s", sample, key);
	struct grx_fact *f = grx_arena_calloc(fs->mem, 1, sizeof(*f));
	if (!id || !f || grx_grow(&fs->v, &fs->cap, fs->n + 1, sizeof *fs->v, 0) != GRX_OK)
		return grx_fail_nomem(cx, "facts");
	if (grx_map_get(fs->index, id))
		return grx_fail(cx, GRX_E_DATA, "fact %s is given twice: the inputs overlap", key);
	f->id = id;
	f->sample = grx_facts_dup(fs, sample);
	f->key = id + strlen(sample) + 1;
	f->n = -1;
	f->stage = grx_facts_dup(fs, stage);
	if (!f->sample || (stage && !f->stage) || grx_map_set(fs->index, id, f) != GRX_OK)
		return grx_fail_nomem(cx, "facts");
	fs->v[fs->n++] = f;
	*out = f;
	return GRX_OK;
}

int grx_fact_num_set(struct grx_facts *fs, struct grx_fact *f, double value, const char *unit)
{
	f->value = (struct grx_value){.type = GRX_V_NUM, .num = grx_fact_quantise(value)};
	f->unit = grx_facts_dup(fs, unit);
	return unit && !f->unit ? GRX_E_NOMEM : GRX_OK;
}

int grx_fact_str_set(struct grx_facts *fs, struct grx_fact *f, const char *value)
{
	f->value = (struct grx_value){.type = GRX_V_STR, .str = grx_facts_dup(fs, value)};
	return f->value.str ? GRX_OK : GRX_E_NOMEM;
}

int grx_facts_num(struct grx_ctx *cx, struct grx_facts *fs, const char *sample, const char *key,
	const char *stage, double value, const char *unit)
{
	struct grx_fact *f;
	if (!isfinite(value))
		return grx_facts_missing(cx, fs, sample, key, stage, "no data");
	int rc = grx_facts_add(cx, fs, sample, key, stage, &f);
	if (rc == GRX_OK && grx_fact_num_set(fs, f, value, unit) != GRX_OK)
		rc = grx_fail_nomem(cx, "facts");
	return rc;
}

int grx_facts_str(struct grx_ctx *cx, struct grx_facts *fs, const char *sample, const char *key,
	const char *stage, const char *value)
{
	struct grx_fact *f;
	int rc = grx_facts_add(cx, fs, sample, key, stage, &f);
	if (rc == GRX_OK && grx_fact_str_set(fs, f, value) != GRX_OK)
		rc = grx_fail_nomem(cx, "facts");
	return rc;
}

int grx_facts_missing(struct grx_ctx *cx, struct grx_facts *fs, const char *sample, const char *key,
	const char *stage, const char *reason)
{
	struct grx_fact *f;
	int rc = grx_facts_add(cx, fs, sample, key, stage, &f);
	if (rc != GRX_OK)
		return rc;
	f->status = GRX_FACT_MISSING;
	return grx_fact_attr(fs, f, "reason", "%s", reason) == GRX_OK ? GRX_OK : grx_fail_nomem(cx, "facts");
}

int grx_fact_attr(struct grx_facts *fs, struct grx_fact *f, const char *key, const char *fmt, ...)
{
	va_list ap, copy;
	if (grx_fact_attr_get(f, key))
		return GRX_E_BUG; /* a file with it could not be read */
	va_start(ap, fmt);
	va_copy(copy, ap);
	int n = vsnprintf(NULL, 0, fmt, copy);
	va_end(copy);
	char *val = n >= 0 ? grx_arena_alloc(fs->mem, (size_t)n + 1, 1) : NULL;
	if (val)
		vsnprintf(val, (size_t)n + 1, fmt, ap);
	va_end(ap);
	if (f->n_attr == f->cap_attr) {
		int cap = f->cap_attr ? f->cap_attr * 2 : 8;
		struct grx_attr *a = grx_arena_grow(
			fs->mem, f->attr, (size_t)f->n_attr, (size_t)cap, sizeof(*a));
		if (!a)
			return GRX_E_NOMEM;
		f->attr = a;
		f->cap_attr = cap;
	}
	const char *k = grx_facts_dup(fs, key);
	if (!val || !k)
		return GRX_E_NOMEM;
	f->attr[f->n_attr++] = (struct grx_attr){k, val};
	return GRX_OK;
}

int grx_fact_because(struct grx_facts *fs, struct grx_fact *f, const struct grx_because *b)
{
	if (f->n_because == f->cap_because) {
		int cap = f->cap_because ? f->cap_because * 2 : 8;
		struct grx_because *v = grx_arena_grow(
			fs->mem, f->because, (size_t)f->n_because, (size_t)cap, sizeof(*v));
		if (!v)
			return GRX_E_NOMEM;
		f->because = v;
		f->cap_because = cap;
	}
	struct grx_because *d = &f->because[f->n_because];
	*d = *b;
	const char **str[] = {&d->fact, &d->chrom, &d->ref, &d->alt, &d->name, &d->gt, &d->ad};
	for (size_t i = 0; i < sizeof str / sizeof *str; i++) {
		const char *s = *str[i];
		*str[i] = grx_facts_dup(fs, s);
		if (s && !*str[i])
			return GRX_E_NOMEM;
	}
	f->n_because++;
	return GRX_OK;
}

int grx_fact_because_fact(struct grx_facts *fs, struct grx_fact *f, const char *id)
{
	return grx_fact_because(fs, f, &(struct grx_because){.fact = id, .dp = -1, .gq = -1});
}

static int copy_links(struct grx_facts *fs, struct grx_fact *d, const struct grx_fact *s)
{
	int rc = GRX_OK;
	for (int i = 0; i < s->n_because && rc == GRX_OK; i++)
		rc = grx_fact_because(fs, d, &s->because[i]);
	for (int i = 0; i < s->n_attr && rc == GRX_OK; i++)
		rc = grx_fact_attr(fs, d, s->attr[i].key, "%s", s->attr[i].val);
	return rc;
}

int grx_facts_append(struct grx_ctx *cx, struct grx_facts *fs, const struct grx_facts *from)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct grx_fact *s = from->v[i];
		struct grx_fact *d;
		int rc = grx_facts_add(cx, fs, s->sample, s->key, s->stage, &d);
		if (rc != GRX_OK)
			return rc;
		d->value = s->value;
		d->value.str = grx_facts_dup(fs, s->value.str);
		d->unit = grx_facts_dup(fs, s->unit);
		d->has_lo = s->has_lo;
		d->has_hi = s->has_hi;
		d->lo = s->lo;
		d->hi = s->hi;
		d->n = s->n;
		d->status = s->status;
		d->version = grx_facts_dup(fs, s->version);
		d->refdata = grx_facts_dup(fs, s->refdata);
		d->rule = grx_facts_dup(fs, s->rule);
		if ((s->value.str && !d->value.str) || copy_links(fs, d, s) != GRX_OK)
			return grx_fail_nomem(cx, "facts");
	}
	return GRX_OK;
}

int grx_facts_stamp(struct grx_facts *fs)
{
	const char *version = grx_facts_dup(fs, GENORX_VERSION);
	for (size_t i = 0; version && i < fs->n; i++)
		if (!fs->v[i]->version && fs->v[i]->stage)
			fs->v[i]->version = version;
	return version ? GRX_OK : GRX_E_NOMEM;
}

/* Keep the facts of a sample and those of none (sample), or those not made by a stage. */
static int facts_filter(
	struct grx_ctx *cx, struct grx_facts *fs, const char *stage, const char *sample, size_t *n)
{
	size_t kept = 0;
	struct grx_map *index = grx_map_new(); /* maps do not forget: a new one with what stays */
	if (!index)
		return grx_fail_nomem(cx, "facts");
	for (size_t i = 0; i < fs->n; i++) {
		struct grx_fact *f = fs->v[i];
		if (sample ? *f->sample && strcmp(f->sample, "*") != 0 && strcmp(f->sample, sample) != 0
			   : grx_streq(f->stage, stage))
			continue;
		if (grx_map_set(index, f->id, f) != GRX_OK) {
			grx_map_free(index);
			return grx_fail_nomem(cx, "facts");
		}
		fs->v[kept++] = f;
	}
	*n = fs->n - kept;
	fs->n = kept;
	grx_map_free(fs->index);
	fs->index = index;
	return GRX_OK;
}

int grx_facts_drop_stage(struct grx_ctx *cx, struct grx_facts *fs, const char *stage, size_t *n)
{
	return facts_filter(cx, fs, stage, NULL, n);
}

int grx_facts_keep_sample(struct grx_ctx *cx, struct grx_facts *fs, const char *sample, size_t *n)
{
	return facts_filter(cx, fs, NULL, sample, n);
}

const struct grx_fact *grx_facts_by_id(const struct grx_facts *fs, const char *id)
{
	return grx_map_get(fs->index, id);
}

const struct grx_fact *grx_facts_find(const struct grx_facts *fs, const char *sample, const char *key)
{
	struct grx_str id = {0};
	grx_str_addf(&id, "%s|%s", sample, key);
	const struct grx_fact *f = id.oom ? NULL : grx_facts_by_id(fs, id.s);
	grx_str_clear(&id);
	return f;
}

const char *grx_fact_attr_get(const struct grx_fact *f, const char *key)
{
	for (int i = 0; i < f->n_attr; i++) {
		if (strcmp(f->attr[i].key, key) == 0)
			return f->attr[i].val;
	}
	return NULL;
}
