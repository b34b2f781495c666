/* SPDX-License-Identifier: GPL-3.0-or-later
 * db_spec.c -- what --db asks for: NAME=FILE:FIELD,NEW:=FIELD,FIELD/Float.
 * The list begins after the last ':' that is not the ':' of ':='. */
#include "stage/annotate/db_int.h"

#define NAME_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_."

static const char syntax[] =
	"expected NAME=FILE:FIELD,FIELD (NEW:=FIELD names the column, FIELD/Float its type)";

/* The ':' before the fields; NULL when there is none. */
static char *fields_begin(char *file)
{
	char *p = file + strlen(file);
	while (p > file) {
		p--;
		if (*p == ':' && p[1] != '=')
			return p;
	}
	return NULL;
}

static bool type_cut(char *key, struct annotate_dbfield *f)
{
	static const char *const name[] = {"Integer", "Float", "String"};
	static const uint8_t type[] = {GRX_T_INT, GRX_T_FLOAT, GRX_T_STR};
	char *slash = strrchr(key, '/');
	for (int i = 0; slash && i < 3; i++)
		if (strcmp(slash + 1, name[i]) == 0) {
			*slash = '\0';
			f->type = type[i];
			f->typed = true;
			return true;
		}
	return slash == NULL || grx_starts(key, "INFO/");
}

/* Columns that have a meaning of their own. */
static bool is_reserved(const char *name)
{
	static const char *const own[] = {"CSQ", "BCSQ", "BCSQ_OVER", "ACMG_CLASS", "ACMG_POINTS",
		"ACMG_CRITERIA", "END", "SVLEN", "SVTYPE"};
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (strcmp(name, own[i]) == 0)
			return true;
	return false;
}

static int column_name(struct grx_ctx *cx, const struct annotate_dbspec *sp, struct annotate_dbfield *f)
{
	struct grx_str s = {0};
	grx_str_addf(&s, "%s_%s", sp->name, f->key);
	if (s.oom)
		return grx_fail_nomem(cx, "database");
	/* names of table columns may hold what an INFO key may not */
	for (char *p = s.s; *p; p++)
		if (!strchr(NAME_LETTERS, *p))
			*p = '_';
	f->own[0] = s.s;
	f->column = s.s;
	return GRX_OK;
}

static int field_parse(
	struct grx_ctx *cx, struct annotate_dbspec *sp, char *p, struct annotate_dbfield *f, const char *spec)
{
	static const char *const fixed[] = {"", "ID", "QUAL", "FILTER"};
	char *as = strstr(p, ":=");
	if (!type_cut(as ? as + 2 : p, f))
		return grx_fail(cx, GRX_E_USAGE,
			"--db '%s': '%s': the type after '/' may be Integer, Float or String", spec, p);
	f->key = p;
	if (as) {
		*as = '\0';
		f->key = as + 2;
		f->column = p;
		f->named = true;
		if (!*p || p[strspn(p, NAME_LETTERS)] || strchr(".0123456789", *p))
			return grx_fail(cx, GRX_E_USAGE,
				"--db '%s': '%s' is no name for a column: letters, digits, '_' and '.', a "
				"letter first",
				spec, p);
		if (is_reserved(p))
			return grx_fail(cx, GRX_E_USAGE,
				"--db '%s': column %s has a meaning of its own: choose another name", spec,
				p);
	}
	for (int i = DB_ID; i <= DB_FILTER; i++)
		if (strcmp(f->key, fixed[i]) == 0)
			f->what = (uint8_t)i;
	if (grx_starts(f->key, "INFO/"))
		f->key += 5;
	if (!*f->key)
		return grx_fail(cx, GRX_E_USAGE, "--db '%s': a field without a name: %s", spec, syntax);
	return as ? GRX_OK : column_name(cx, sp, f);
}

static int fields_parse(struct grx_ctx *cx, struct annotate_dbspec *sp, char *p, const char *spec)
{
	int n = 1;
	for (const char *q = p; *q; q++)
		n += *q == ',';
	sp->field = grx_calloc((size_t)n, sizeof *sp->field);
	if (!sp->field)
		return grx_fail_nomem(cx, "database");
	while (sp->n_field < n) {
		char *next = p + strcspn(p, ",");
		struct annotate_dbfield *f = &sp->field[sp->n_field++];
		if (*next)
			*next++ = '\0';
		int rc = field_parse(cx, sp, p, f, spec);
		if (rc)
			return rc;
		for (int i = 0; i < sp->n_field - 1; i++)
			if (strcmp(sp->field[i].column, f->column) == 0)
				return grx_fail(
					cx, GRX_E_USAGE, "--db '%s': column %s twice", spec, f->column);
		p = next;
	}
	return GRX_OK;
}

int annotate_dbspec_parse(struct grx_ctx *cx, const char *text, struct annotate_dbspec *sp)
{
	*sp = (struct annotate_dbspec){.text = grx_strdup(text)};
	if (!sp->text)
		return grx_fail_nomem(cx, "database");
	char *eq = strchr(sp->text, '=');
	if (!eq || eq == sp->text || !eq[1])
		return grx_fail(cx, GRX_E_USAGE, "--db '%s': %s", text, syntax);
	*eq = '\0';
	sp->name = sp->text;
	sp->path = eq + 1;
	if (sp->name[strspn(sp->name, NAME_LETTERS)] || strchr(".0123456789", sp->name[0]))
		return grx_fail(cx, GRX_E_USAGE,
			"--db '%s': NAME may hold letters, digits, '_' and '.', a letter first", text);
	char *colon = fields_begin(eq + 1);
	if (!colon)
		return GRX_OK;
	if (colon == eq + 1 || !colon[1])
		return grx_fail(cx, GRX_E_USAGE, "--db '%s': %s", text, syntax);
	*colon = '\0';
	return fields_parse(cx, sp, colon + 1, text);
}

void annotate_dbspec_clear(struct annotate_dbspec *sp)
{
	for (int i = 0; i < sp->n_field; i++)
		for (int k = 0; k < 2; k++)
			grx_free(sp->field[i].own[k]);
	grx_free(sp->field);
	grx_free(sp->text);
	*sp = (struct annotate_dbspec){0};
}

const char *annotate_dbspec_key(const struct grx_strs *list, const char *name)
{
	size_t n = strlen(name);
	for (int i = 0; i < list->n; i++)
		if (strncmp(list->v[i], name, n) == 0 && list->v[i][n] == '=')
			return list->v[i] + n + 1;
	return NULL;
}

static bool same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");
	return strncmp(a, b, n) == 0 && b[n] == '=';
}

int annotate_db_names_check(struct grx_ctx *cx, const struct grx_strs *db, const struct grx_strs *keys)
{
	for (int i = 0; i < db->n; i++)
		for (int k = 0; k < i; k++)
			if (same_name(db->v[k], db->v[i]))
				return grx_fail(cx, GRX_E_USAGE,
					"--db '%s': another --db has this NAME already: give each its own",
					db->v[i]);
	for (int i = 0; i < keys->n; i++) {
		int k = 0;
		while (k < db->n && !same_name(keys->v[i], db->v[k]))
			k++;
		if (k == db->n || !strchr(keys->v[i], '='))
			return grx_fail(cx, GRX_E_USAGE,
				"--db-key '%s': expected NAME=CHROM,POS,REF,ALT or NAME=CHROM,BEG,END with "
				"the "
				"NAME of a --db",
				keys->v[i]);
	}
	return GRX_OK;
}
