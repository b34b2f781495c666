#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Lint: floors, headers alone, who may include what, function size and complexity, format, cppcheck, shellcheck,
# option tables against man pages. Prints one line a check; exit 1 if any fails.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
bad=0
report() { # name, text of findings (empty = fine), remark
	if [[ -n $2 ]]; then
		bad=1
		printf 'FAILED  %s\n%s\n' "$1" "$2"
	else
		printf 'ok      %s%s\n' "$1" "${3:+: $3}"
	fi
}
mapfile -t src < <(git ls-files --cached --others --exclude-standard 'src/*.c' 'src/*.h' 'include/*.h')
mapfile -t all < <(git ls-files --cached --others --exclude-standard '*.c' '*.h')
mapfile -t scripts < <(git ls-files --cached --others --exclude-standard '*.sh' '*.bash' '.ci/*')

floors=$(awk '
function floor(p) {
	if (p ~ /^genorx\//) return 0
	sub(/\/.*/, "", p)
	return p == "base" ? 0 : p == "math" ? 1 : p == "bio" ? 2 : p == "io" ? 3 : p == "stage" ? 4 : p == "run" ? 5 : p == "cli" ? 6 : -1
}
function stage(p) { if (split(p, a, "/") > 2 && a[1] == "stage") return a[2]; return "" }
FNR == 1 { me = FILENAME; sub(/^src\//, "", me); sub(/^include\//, "", me) }
/^#include "/ {
	split($0, q, "\""); inc = q[2]
	if (floor(inc) < 0) { print FILENAME ":" FNR ": includes " inc ": no such floor"; next }
	if (floor(inc) > floor(me)) print FILENAME ":" FNR ": includes upwards: " inc
	if (floor(me) == 4 && stage(inc) != "" && stage(inc) != stage(me)) print FILENAME ":" FNR ": a stage includes another: " inc
}
/^#include <htslib/ && me !~ /^io\// { print FILENAME ":" FNR ": htslib outside io" }
/^#include <gsl/ && me !~ /^math\// { print FILENAME ":" FNR ": GSL outside math" }
(/^#include <omp.h>/ || /^#pragma omp/) && me != "base/par.c" && me !~ /_(avx2|avx512|sse)\.c$/ { print FILENAME ":" FNR ": OpenMP outside base/par.c" }
' "${src[@]}")
report "floors" "$floors" "${#src[@]} files"

calls=$(grep -n -E '\b(exit|abort|setlocale|system|popen|strtok|gets|sprintf|strcpy|strcat)\(' "${src[@]}" | grep -v -E '_exit\(|^src/cli/main.c|^[^:]*:[0-9]+:[ \t]*(/?\*|//)' || true)
report "no exit, abort, setlocale or unbounded string calls in the library" "$calls"

prints=$(grep -n -E '\b(printf|puts|putchar)\(|stdout\b' "${src[@]}" | grep -E '^src/(base|math|bio|io|stage|run)/' | grep -v -E 'GRX_PRINTF|__attribute__|src/base/(log|out)\.c|:[ \t]*/?\*|_(printf|puts)\(|(fprintf|snprintf|vsnprintf|fputs|asprintf)\(|"[^"]*(stdout|printf)[^"]*"' || true)
report "the library prints nothing to stdout" "$prints"

alone=$(for h in $(printf '%s\n' "${src[@]}" | grep '\.h$'); do
	gcc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Iinclude -Isrc -fsyntax-only -x c "$h" 2>&1 || echo "$h: does not compile alone"
done)
report "each header compiles alone" "$alone"

mapfile -t csrc < <(printf '%s\n' "${src[@]}" | grep '\.c$')
# columns of pmccabe: modified McCabe, McCabe, statements, first line, lines, file(line): function
table=$(pmccabe "${csrc[@]}" 2>/dev/null)
big=$(awk -F'\t' '$5 > 100 || $1 > 20 { print "  " $6 ": " $5 " lines, McCabe " $1 }' <<<"$table")
stats=$(awk -F'\t' '{ print $5 }' <<<"$table" | sort -n | awk '{ v[NR] = $1 } END { print NR " functions, median " v[int((NR + 1) / 2)] " lines, p95 " v[int(NR * .95)] ", longest " v[NR] }')
mcc=$(awk -F'\t' '{ print $1 }' <<<"$table" | sort -n | awk '{ v[NR] = $1 } END { print "McCabe p95 " v[int(NR * .95)] ", max " v[NR] }')
report "functions: at most 100 lines and McCabe 20" "$big" "$stats; $mcc"

fmt=$(clang-format --dry-run -Werror "${all[@]}" 2>&1 | grep -E 'error:' | head -n 20 || true)
report "clang-format" "$fmt" "${#all[@]} files"

cpp=$(cppcheck --quiet --std=c11 --language=c --enable=warning,portability --inline-suppr --error-exitcode=1 \
	--suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches -D_GNU_SOURCE -DGRX_PREFIX='""' -Iinclude -Isrc -j2 src 2>&1 || true)
report "cppcheck" "$(grep -E '(error|warning|portability):' <<<"$cpp" || true)"

sc=$(shellcheck -x "${scripts[@]}" 2>&1 || true)
report "shellcheck" "$sc" "${#scripts[@]} scripts"

man=$(for s in run qc call compare annotate pgx prs predict recommend report simulate rules why; do
	cmp -s <("$BUILD/genorx" man $s) docs/man/genorx-$s.1.scd || echo "  docs/man/genorx-$s.1.scd differs from the option table: run make docs"
done)
report "option tables against man pages" "$man"

marks=$(grep -n -i -E '\b(TODO|FIXME|XXX|not implemented|unimplemented|placeholder)\b' "${src[@]}" || true)
report "no marks of unfinished work" "$marks"

exit $bad
