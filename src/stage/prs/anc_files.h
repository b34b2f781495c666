/* SPDX-License-Identifier: GPL-3.0-or-later
 * anc_files.h -- names of the parts of a reference bundle: written by the builder, asked for by the reader.
 */
#ifndef GRX_PRS_ANC_FILES_H
#define GRX_PRS_ANC_FILES_H

#define ANC_FORMAT   "genorx-reference"
#define ANC_VERSION  1
#define ANC_BUNDLE   "bundle.json"
#define ANC_PEOPLE   "people.tsv"
#define ANC_LOADINGS "loadings.tsv.gz"

enum { ANC_N_PART = 5 };
/* All but bundle.json, which holds their hashes. */
static const char *const anc_part[ANC_N_PART] = {
	"panel.bed", "panel.bim", "panel.fam", ANC_PEOPLE, ANC_LOADINGS};

#endif
