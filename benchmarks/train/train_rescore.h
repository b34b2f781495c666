/* SPDX-License-Identifier: GPL-3.0-or-later
 * train_rescore.h -- the labelled records of the trainer and its steps. */
#ifndef TRAIN_RESCORE_H
#define TRAIN_RESCORE_H

#include <stdbool.h>
#include <stdint.h>

#include "stage/call/feature.h"
#include "stage/call/rescore.h"

#define MAX_FOLD 64

struct row {
	float x[CALL_N_FEAT];
	float qual;
	uint8_t type, wrong, pass, decoy;
	int16_t fold; /* the case; t1 and t1b are one */
	double raw;   /* score by a model that has not seen the case */
	double rs;    /* calibrated */
};

struct rows {
	size_t n, cap;
	struct row *v;
	int n_fold;
	char fold[MAX_FOLD][32]; /* names */
	double truth[CALL_RS_N]; /* true variants of all cases, within conf.bed */
};

/* train_read.c: add the table of one case (label.awk). 0, or -1 with a message on stderr. */
int rows_read(struct rows *d, const char *path);
void rows_free(struct rows *d);

/* Counts at a threshold of RS among records that pass the other filters. */
struct score {
	double tp, fp, decoy_fp, f1, f1_all; /* f1_all: false calls in decoys count as well */
};
/* train_eval.c */
struct score score_at(const struct rows *d, int type, double threshold);
/* Of all thresholds up to 1 that do not lower F1 in the confident regions, the one with the best F1
 * when decoys count as well; -1 when none is better than no filter. */
double best_threshold(const struct rows *d, int type);
/* Before and after, curve, calibration, as text. */
void report(const struct rows *d, int type, double threshold);
/* Logistic calibration of raw: slope >= 0 and offset. */
void platt_fit(const struct rows *d, int type, double *slope, double *offset);
double phred_of_odds(double log_odds);

#endif
