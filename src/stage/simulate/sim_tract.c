/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_tract.c -- tandem repeats of a sequence, and curves over their number of units.
 * Invariant: a tract can't be made longer to the left, so a change of length at its first base is
 * left-aligned. */
#include "stage/simulate/simulate_int.h"

enum { UNIT_MAX = 6 };

/* Bases from i on that repeat with period u. */
static int64_t run_length(const char *s, int64_t n, int64_t i, int u)
{
	int64_t j = i + u;

	while (j < n && s[j] == s[j - u])
		j++;
	return j - i;
}

static int unit_at(const char *s, int64_t n, int64_t i, int64_t *len)
{
	static const int least[UNIT_MAX + 1] = {0, 5, 4, 4, 3, 3, 3};
	int u;

	for (u = 1; u <= UNIT_MAX; u++) {
		*len = run_length(s, n, i, u);
		if (*len >= (int64_t)u * least[u] && (i == 0 || s[i - 1] != s[i - 1 + u]))
			return u;
	}
	return 0;
}

int simulate_tracts(struct grx_ctx *cx, const char *s, int64_t n, struct sim_tract **out, size_t *n_out)
{
	size_t cap = 0;
	int64_t i = 0, len;
	int u;

	*out = NULL;
	*n_out = 0;
	while (i < n) {
		u = s[i] == 'N' ? 0 : unit_at(s, n, i, &len);
		if (!u) {
			i++;
			continue;
		}
		if (grx_grow(out, &cap, *n_out + 1, sizeof(**out), 0)) {
			grx_free(*out);
			*out = NULL;
			return grx_fail_nomem(cx, "tandem repeats");
		}
		(*out)[(*n_out)++] = (struct sim_tract){i, i + len, u};
		i += len;
	}
	return GRX_OK;
}

double simulate_curve(const struct sim_point *p, int n, double x)
{
	int i;

	if (x <= p[0].x)
		return p[0].y;
	for (i = 1; i < n; i++)
		if (x <= p[i].x)
			return p[i - 1].y + (p[i].y - p[i - 1].y) * (x - p[i - 1].x) / (p[i].x - p[i - 1].x);
	return p[n - 1].y;
}
