/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_files.c -- the file that a run read: told by the manifest beside the facts.
 * Facts do not hold it, so that they are the same whether stages run fused or through files. A manifest
 * counts only when it lists the facts file with the content that it has now. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/why.h"
#include "run/content.h"

/* Does the manifest list this output with this hash? */
static bool listed(const json_t *manifest, const char *name, const char *hex)
{
	const json_t *s;
	size_t i;

	json_array_foreach(json_object_get(manifest, "steps"), i, s)
	{
		const char *h = json_string_value(json_object_get(json_object_get(s, "outputs"), name));

		if (h && !strcmp(h, hex))
			return true;
	}
	return false;
}

static bool have(const json_t *files, const char *path)
{
	const json_t *f;
	size_t i;

	json_array_foreach(files, i, f)
	{
		if (grx_streq(json_string_value(json_object_get(f, "path")), path))
			return true;
	}
	return false;
}

static int add(struct grx_ctx *cx, json_t *files, json_t *input, const char *manifest)
{
	json_t *o;

	if (!input || have(files, json_string_value(json_object_get(input, "path"))))
		return GRX_OK;
	o = json_copy(input);
	if (!o || json_object_set_new(o, "role", json_string("input of run")) ||
		json_object_set_new(o, "told_by", json_string(manifest)) || json_array_append(files, o)) {
		json_decref(o);
		return grx_fail_nomem(cx, "file names");
	}
	json_decref(o);
	return GRX_OK;
}

int why_files(struct grx_ctx *cx, const char *facts, json_t *doc)
{
	const char *slash = strrchr(facts, '/'), *name = slash ? slash + 1 : facts;
	struct grx_str path = {0};
	struct grx_ctx probe = *cx; /* what can't be read is no error here: the chain stands without it */
	json_t *m;
	char hex[80];
	int64_t bytes;
	int rc = GRX_OK;

	grx_str_addf(&path, "%.*smanifest.json", (int)(name - facts), facts);
	m = path.oom ? NULL : json_load_file(path.s, 0, NULL);
	if (m && grx_content_file(&probe, facts, hex, &bytes) == GRX_OK && listed(m, name, hex))
		rc = add(cx, json_object_get(doc, "files"), json_array_get(json_object_get(m, "inputs"), 0),
			path.s);
	json_decref(m);
	grx_str_clear(&path);
	return rc;
}
