# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
# Cohorts and scores for the benchmarks of prs, kept in a folder between runs. Sourced after versus/lib.sh, never run.

# Makes what is absent or was made by other arguments: NAME in folder $dir by prs_gen ARGUMENTS.
gen() { # name arguments
	local name=$1
	shift
	if [[ ! -e $dir/$name.made || $(cat "$dir/$name.made") != "$*" ]]; then
		rm -rf "$dir/$name".*
		mkdir -p "$dir"
		"${BUILD:-build}/prs_gen" -o "$dir/$name" "$@"
		printf '%s\n' "$*" >"$dir/$name.made"
	fi
}

gen_build() {
	make --no-print-directory BUILD="${BUILD:-build}" "${BUILD:-build}/prs_gen" >/dev/null || skip "prs_gen does not build"
}

has_opt() { "$genorx" prs --help | grep -c -- "--$1\b" >/dev/null; }
