#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The workflow files: the Snakefile runs two samples; the Slurm script runs a task as the scheduler would.
load helper

@test "Snakefile: two samples to their reports" {
	command -v snakemake >/dev/null || skip "snakemake is not installed"
	[ -z "${GENORX_SANITIZED:-}" ] || skip "the stages it runs are tested one by one under the sanitizers"
	T=$BATS_TEST_TMPDIR
	"$GENORX" simulate --seed 11 --donors 2 --depth 15 -o "$T/d"
	printf 'a\t%s\nb\t%s\n' "$T/d/donor1.bam" "$T/d/donor2.bam" >"$T/samples.tsv"
	cd "$T"
	HOME=$T snakemake -s "$ROOT/pipeline/snakemake/Snakefile" --cores 2 --quiet all \
		--config samples="$T/samples.tsv" ref="$T/d/ref.fa.gz" out="$T/out" genorx="$GENORX" scores="$T/d/score.txt" >&2
	for s in a b; do
		[ -s "$T/out/$s/report.html" ]
		[ -s "$T/out/$s/facts.jsonl" ]
		[ -s "$T/out/$s/run/manifest.json" ]
		grep -q GRXDEMO01 "$T/out/$s/report.html"
	done
}

@test "Slurm script: array task picks its sample and threads" {
	T=$BATS_TEST_TMPDIR
	D=$(donor)
	printf 'x\t/nonexistent.bam\ny\t%s\n' "$D/donor1.bam" >"$T/samples.tsv"
	SLURM_ARRAY_TASK_ID=2 SLURM_CPUS_PER_TASK=2 GENORX="$GENORX" bash "$ROOT/pipeline/slurm/genorx.sbatch" \
		"$T/samples.tsv" "$D/ref.fa.gz" "$T/out"
	[ -s "$T/out/y/manifest.json" ]
	SLURM_ARRAY_TASK_ID=1 GENORX="$GENORX" run bash "$ROOT/pipeline/slurm/genorx.sbatch" \
		"$T/samples.tsv" "$D/ref.fa.gz" "$T/out"
	status_is 66
	printf '../z\t%s\n' "$D/donor1.bam" >"$T/samples.tsv"
	SLURM_ARRAY_TASK_ID=1 GENORX="$GENORX" run bash "$ROOT/pipeline/slurm/genorx.sbatch" \
		"$T/samples.tsv" "$D/ref.fa.gz" "$T/out"
	status_is 65
}
