/* SPDX-License-Identifier: GPL-3.0-or-later
 * train_read.c -- labelled records from the tables of label.awk. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "train_rescore.h"

enum { C_TYPE = 3, C_AREA, C_WRONG, C_PASS, C_QUAL, C_FEAT, C_ALL = C_FEAT + CALL_N_FEAT };

static struct row *push(struct rows *d)
{
	if (d->n == d->cap) {
		size_t cap = d->cap ? d->cap * 2 : 4096;
		struct row *p = realloc(d->v, cap * sizeof(*p));
		if (!p)
			return NULL;
		d->v = p;
		d->cap = cap;
	}
	memset(&d->v[d->n], 0, sizeof(*d->v));
	return &d->v[d->n++];
}

static int header_check(char **f, int n, const char *path)
{
	for (int i = 0; i < CALL_N_FEAT; i++)
		if (n != C_ALL || call_feat_find(f[C_FEAT + i]) != i) {
			fprintf(stderr, "train_rescore: %s: features are not those of this program\n", path);
			return -1;
		}
	return 0;
}

/* The case without the letter at its end: what shares its sequence is left out together. */
static int fold_of(struct rows *d, const char *name)
{
	char key[32];
	snprintf(key, sizeof(key), "%s", name);
	size_t n = strlen(key);
	if (n > 1 && isalpha((unsigned char)key[n - 1]))
		key[n - 1] = 0;
	for (int i = 0; i < d->n_fold; i++)
		if (strcmp(d->fold[i], key) == 0)
			return i;
	if (d->n_fold == MAX_FOLD)
		return MAX_FOLD - 1;
	memcpy(d->fold[d->n_fold], key, sizeof(key));
	return d->n_fold++;
}

static int row_take(struct rows *d, char **f, int n, const char *path)
{
	double x;
	struct row *r = n == C_ALL ? push(d) : NULL;
	if (!r) {
		fprintf(stderr, "train_rescore: %s: a row with %d fields, or no memory\n", path, n);
		return -1;
	}
	r->type = strcmp(f[C_TYPE], "SNV") == 0 ? CALL_RS_SNV : CALL_RS_INDEL;
	r->decoy = strcmp(f[C_AREA], "decoy") == 0;
	r->wrong = f[C_WRONG][0] == '1';
	r->pass = f[C_PASS][0] == '1';
	r->fold = (int16_t)fold_of(d, f[0]);
	for (int i = -1; i < CALL_N_FEAT; i++) {
		if (!grx_parse_f64(f[C_FEAT + i], &x)) {
			fprintf(stderr, "train_rescore: %s: '%s' is no number\n", path, f[C_FEAT + i]);
			return -1;
		}
		*(i < 0 ? &r->qual : &r->x[i]) = (float)x;
	}
	return 0;
}

int rows_read(struct rows *d, const char *path)
{
	FILE *fp = fopen(path, "r");
	char *line = NULL, *f[C_ALL + 1];
	size_t cap = 0;
	int rc = fp ? 0 : -1;
	bool header = false;
	if (!fp)
		perror(path);
	while (rc == 0 && getline(&line, &cap, fp) > 0) {
		line[strcspn(line, "\n")] = 0;
		int n = grx_split(line, '\t', f, C_ALL + 1);
		if (strcmp(f[0], "##truth") == 0 && n == 5) {
			d->truth[CALL_RS_SNV] += strtod(f[2], NULL);
			d->truth[CALL_RS_INDEL] += strtod(f[4], NULL);
		} else if (!header) {
			rc = header_check(f, n, path);
			header = true;
		} else {
			rc = row_take(d, f, n, path);
		}
	}
	free(line);
	if (fp)
		fclose(fp);
	return rc;
}

void rows_free(struct rows *d)
{
	free(d->v);
}
