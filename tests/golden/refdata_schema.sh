#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# refdata_schema.sh -- the tables of refdata/pgx, refdata/rules and refdata/acmg against their schema.tsv: every column has a row and every
# row a column, required cells are filled, values are of the stated type, and every row names its source.
set -euo pipefail
cd "$(dirname "$0")/../.."
n=0
for dir in refdata/pgx refdata/rules refdata/acmg; do
	for table in "$dir"/*.tsv; do
		LC_ALL=C awk -F '\t' -v table="$(basename "$table" .tsv)" '
		BEGIN {
			pattern["id"] = "^[A-Za-z0-9._:+-]+$"
			pattern["gene"] = "^[A-Z0-9]+(-[A-Z0-9]+)?$"
			pattern["int"] = "^[0-9]+$"
			pattern["flag"] = "^[01]$"
			pattern["number"] = pattern["percent"] = "^[0-9]+(\\.[0-9]+)?([-|][0-9]+(\\.[0-9]+)?)*$"
			pattern["score"] = "^(\\.|n/a|inf|(\342\211\245)?[0-9]+(\\.[0-9]+)?)$"
			pattern["contig"] = "^chr([0-9]+|X|Y|M)$"
			pattern["bases"] = "^[ACGTMRWSYKVHDBN]+$"
			pattern["baselist"] = "^[ACGT]+(,[ACGT]+)*$"
			pattern["word"] = "^[A-Za-z/][A-Za-z_ /]*$"
			pattern["action"] = "^[A-Z0-9_]+$"
			pattern["actions"] = "^[A-Z0-9_]+([+][A-Z0-9_]+)*$"
			pattern["predicate"] = "^[!( ]*(P|AS|D|F|V)[(]"
			pattern["bound"] = "^(\\.|-?[0-9]+(\\.[0-9]+)?)$"
			pattern["text"] = "."
		}
		function bad(what) { print FILENAME ":" FNR ": " what; failed = 1 }
		FNR == 1 { header = 0 }
		/^##/ { next }
		NR == FNR {
			if (!header) { header = 1; next }
			# rule tables of any name share the schema of "rules"
			type[$1, $2] = $3; need[$1, $2] = $4; described[$1] = 1
			if (!($3 in pattern)) bad("type \"" $3 "\" is none of the known ones")
			next
		}
		!header {
			header = 1
			sub(/^#/, "", $1)
			if (table ~ /(^|[.])cases$/) table = "cases"
			if (table == "genes" && $2 == "key") table = "rules"
			if (table == "schema") for (i = 1; i <= NF; i++) { described[table] = 1; type[table, $i] = "text"; need[table, $i] = 1 }
			if (!(table in described) && $1 == "rule_id" && $2 == "version") table = "rules"
			# the column that every table has need not be described in each
			type[table, "source"] = "text"; need[table, "source"] = 1
			if (!(table in described)) { bad("no rows for table \"" table "\" in schema.tsv"); exit }
			for (i = 1; i <= NF; i++) {
				name[i] = $i; have[$i] = 1
				if (!((table, $i) in type)) bad("column \"" $i "\" is not in schema.tsv")
			}
			for (k in type) { split(k, a, SUBSEP); if (a[1] == table && !(a[2] in have)) bad("schema.tsv has a column \"" a[2] "\" that the table lacks") }
			if (!("source" in have)) bad("no column source")
			next
		}
		{
			for (i = 1; i <= NF; i++) {
				if ($i == "") { if (need[table, name[i]]) bad(name[i] " is empty") }
				else if ($i !~ pattern[type[table, name[i]]]) bad(name[i] " \"" $i "\" is not of type " type[table, name[i]])
			}
		}
		END { exit failed }' "$dir/schema.tsv" "$table" | head -20
		n=$((n + 1))
	done
done
echo "$n tables agree with their schema; every row has a source"
