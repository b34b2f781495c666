#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# hgvs_clinvar.sh -- genomic HGVS names of real ClinVar records on three chromosomes: every name that can be judged is
# ClinVar's (one record has none there), and every name of ours leads back to its record. All contigs, with a table of
# kinds: benchmarks/truth/hgvs_clinvar.sh.
set -euo pipefail
cd "$(dirname "$0")/../.."
export GENORX=${GENORX:-$PWD/build/genorx} GENORX_REFDATA=${GENORX_REFDATA:-$PWD/refdata} GRX_SHARED=${GRX_SHARED:-${SHARED:-../shared}}
if [[ ! -d $GRX_SHARED/data/annot/clinvar ]]; then
	echo "hgvs_clinvar: SKIP: no data/annot/clinvar in the shared data"
	exit 77
fi
for tool in samtools bgzip; do
	if ! command -v $tool > /dev/null; then
		echo "hgvs_clinvar: SKIP: $tool is not installed"
		exit 77
	fi
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
benchmarks/truth/hgvs_clinvar.sh "$tmp" chr19 chr21 chr22 | tee "$tmp/report"
awk '/^all / { n = $2; judged = $4; same = $5 }
	/^VCF -> our name/ { for (i = 1; i <= NF; i++) if ($i == "names,") names = $(i - 1); else if ($i == "same") back = $(i - 2) }
	END {
		if (n < 3000 || judged < 3000 || judged - same > 1) { print "names: " same " of " judged " as in ClinVar, expected all but one"; bad = 1 }
		if (names < 3000 || back != names) { print "round trip: " back " of " names; bad = 1 }
		if (!bad) printf "hgvs_clinvar: %d of %d names as in ClinVar, %d of %d round trips\n", same, judged, back, names
		exit bad
	}' "$tmp/report"
