/* SPDX-License-Identifier: GPL-3.0-or-later
 * action.c -- action codes, their order of caution and their level.
 * The order of enum recommend_act is the order of caution: of two advices the higher code is the more
 * cautious. */
#include "stage/recommend/recommend_int.h"

#include <string.h>

static const struct {
	const char *name;
	enum recommend_level level;
} acts[RECOMMEND_A_N] = {
	[RECOMMEND_A_NONE] = {"", RECOMMEND_L_UNKNOWN},
	[RECOMMEND_A_STANDARD] = {"STANDARD", RECOMMEND_L_STANDARD},
	[RECOMMEND_A_NO_RECOMMENDATION] = {"NO_RECOMMENDATION", RECOMMEND_L_INFO},
	[RECOMMEND_A_RISK_ENHANCER] = {"RISK_ENHANCER", RECOMMEND_L_CAUTION},
	[RECOMMEND_A_REPORT_FINDING] = {"REPORT_FINDING", RECOMMEND_L_CAUTION},
	[RECOMMEND_A_REPORT_FINDING_BIALLELIC] = {"REPORT_FINDING_BIALLELIC", RECOMMEND_L_CAUTION},
	[RECOMMEND_A_MONITOR] = {"MONITOR", RECOMMEND_L_CAUTION},
	[RECOMMEND_A_TDM] = {"TDM", RECOMMEND_L_CAUTION},
	[RECOMMEND_A_OTHER_TEXT] = {"OTHER_TEXT", RECOMMEND_L_CAUTION},
	[RECOMMEND_A_ADDITIONAL_TEST] = {"ADDITIONAL_TEST", RECOMMEND_L_CAUTION},
	[RECOMMEND_A_INCREASE_DOSE] = {"INCREASE_DOSE", RECOMMEND_L_CAUTION},
	[RECOMMEND_A_DOSE_CAP] = {"DOSE_CAP", RECOMMEND_L_CAUTION},
	[RECOMMEND_A_REDUCE_DOSE_UNSPECIFIED] = {"REDUCE_DOSE_UNSPECIFIED", RECOMMEND_L_CAUTION},
	[RECOMMEND_A_DOSE_PCT_OF_STANDARD] = {"DOSE_PCT_OF_STANDARD", RECOMMEND_L_CAUTION},
	[RECOMMEND_A_REDUCE_DOSE] = {"REDUCE_DOSE", RECOMMEND_L_CAUTION},
	[RECOMMEND_A_REDUCE_DOSE_10X_3X_WEEK] = {"REDUCE_DOSE_10X_3X_WEEK", RECOMMEND_L_CAUTION},
	[RECOMMEND_A_ALTERNATIVE] = {"ALTERNATIVE", RECOMMEND_L_ACT},
	[RECOMMEND_A_AVOID] = {"AVOID", RECOMMEND_L_ACT},
	[RECOMMEND_A_CONTRAINDICATED] = {"CONTRAINDICATED", RECOMMEND_L_ACT},
};

const char *const recommend_num_name[RECOMMEND_NUM_N] = {
	"reduce_pct", "pct_of_standard", "increase_pct", "multiply", "cap_mg"};

enum recommend_act recommend_act_parse(const char *s, size_t n)
{
	for (int a = 1; a < RECOMMEND_A_N; a++)
		if (strlen(acts[a].name) == n && !strncmp(acts[a].name, s, n))
			return (enum recommend_act)a;
	return RECOMMEND_A_NONE;
}

const char *recommend_act_name(enum recommend_act a)
{
	return acts[a].name;
}

enum recommend_level recommend_act_level(enum recommend_act a)
{
	return acts[a].level;
}

const char *recommend_level_name(enum recommend_level l)
{
	static const char *const name[] = {"unknown", "info", "standard", "caution", "act"};

	return name[l];
}

/* The primary meaning of a row: more drug only when nothing in it says less. */
int recommend_act_direction(const char *actions)
{
	bool more = false;

	for (const char *s = actions; *s; s += *s == '+') {
		size_t n = strcspn(s, "+");
		enum recommend_act a = recommend_act_parse(s, n);

		s += n;
		if (a >= RECOMMEND_A_DOSE_CAP)
			return -1;
		more = more || a == RECOMMEND_A_INCREASE_DOSE;
	}
	return more;
}
