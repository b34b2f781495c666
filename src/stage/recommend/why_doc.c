/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_doc.c -- members of the evidence document: text, lists, facts with their attributes. */
#include <string.h>

#include "stage/recommend/why_int.h"

enum { MAX_DEPTH = 8 };

void recommend_why_put(struct recommend_why *w, json_t *o, const char *key, json_t *v)
{
	if (json_object_set_new(o, key, v))
		w->bad = true;
}

void recommend_why_push(struct recommend_why *w, json_t *array, json_t *v)
{
	if (json_array_append_new(array, v))
		w->bad = true;
}

/* Tables of others need not be UTF-8, JSON must. */
static json_t *text(const char *s, size_t n)
{
	json_t *v = json_stringn(s, n);

	return v ? v : json_string("(not UTF-8)");
}

void recommend_why_str(struct recommend_why *w, json_t *o, const char *key, const char *v)
{
	if (v && *v)
		recommend_why_put(w, o, key, text(v, strlen(v)));
}

void recommend_why_list(
	struct recommend_why *w, json_t *o, const char *key, const char *list, const char *sep)
{
	json_t *a;

	if (!list || !*list)
		return;
	a = json_array();
	while (*list) {
		size_t n = strcspn(list, sep), beg = 0, end = n;

		while (beg < end && list[beg] == ' ')
			beg++;
		while (end > beg && list[end - 1] == ' ')
			end--;
		if (end > beg)
			recommend_why_push(w, a, text(list + beg, end - beg));
		list += n + (list[n] != '\0');
	}
	recommend_why_put(w, o, key, a);
}

static json_t *value(const struct grx_fact *f)
{
	switch (f->value.type) {
	case GRX_V_STR:
		return text(f->value.str, strlen(f->value.str));
	case GRX_V_BOOL:
		return json_boolean(f->value.num != 0);
	case GRX_V_NUM:
		return json_real(f->value.num);
	default:
		return json_null();
	}
}

static bool in(const char *const *list, const char *name)
{
	for (; list && *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

json_t *recommend_why_fact(struct recommend_why *w, const struct grx_fact *f, const char *const *skip)
{
	static const char *const status[] = {
		[GRX_FACT_OK] = "ok", [GRX_FACT_MISSING] = "missing", [GRX_FACT_REFUSED] = "refused"};
	json_t *o = json_object(), *attrs = json_object();

	recommend_why_str(w, o, "fact", f->id);
	recommend_why_put(w, o, "value", value(f));
	recommend_why_str(w, o, "unit", f->unit);
	recommend_why_put(w, o, "status", json_string(status[f->status]));
	for (int i = 0; i < f->n_attr; i++) {
		bool reason = !strcmp(f->attr[i].key, "reason");

		if (!in(skip, f->attr[i].key))
			recommend_why_str(w, reason ? o : attrs, f->attr[i].key, f->attr[i].val);
	}
	recommend_why_str(w, o, "stage", f->stage);
	recommend_why_str(w, o, "version", f->version);
	recommend_why_str(w, o, "table", f->refdata);
	recommend_why_put(w, o, "attrs", attrs);
	return o;
}

/* A fact is followed once: links may form a net. */
static bool followed(struct recommend_why *w, const struct grx_fact *f)
{
	if (grx_map_get(w->seen, f->id))
		return true;
	w->bad = w->bad || grx_map_set(w->seen, f->id, w);
	return false;
}

static json_t *tree(struct recommend_why *w, const struct grx_fact *f, int depth)
{
	json_t *o = recommend_why_fact(w, f, NULL), *because = json_array();

	for (int i = 0; i < f->n_because; i++) {
		const struct grx_because *b = &f->because[i];
		const struct grx_fact *to = b->fact ? grx_facts_by_id(w->fs, b->fact) : NULL;
		json_t *x;

		if (to && depth < MAX_DEPTH && !followed(w, to)) {
			x = tree(w, to, depth + 1);
		} else {
			x = json_object();
			recommend_why_str(w, x, "fact", b->fact);
			if (b->fact)
				recommend_why_str(
					w, x, "status", to ? "told elsewhere" : "not among the facts");
			recommend_why_locus(w, x, b);
		}
		recommend_why_push(w, because, x);
	}
	recommend_why_put(w, o, "because", because);
	return o;
}

void recommend_why_other(struct recommend_why *w, const struct grx_fact *f)
{
	if (!followed(w, f))
		recommend_why_push(w, w->facts, tree(w, f, 0));
}
