#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Each broken rule table is refused with its place (file:line:column), what was found and what was expected.
load helper
load broken_rules

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# the case named by the test
broken() {
	broken_check "$1" "$BATS_TEST_TMPDIR/r" || {
		echo "$1: status $broken_status: $said" >&2
		return 1
	}
}

@test "broken tables: the sound one passes without errors or warnings" {
	broken_sound r
	run "$GENORX" rules check r
	status_is 0
	output_has "test cases 6"
	output_has "errors 0	warnings 0"
}

@test "broken table: number for phenotype" { broken number_for_phenotype; }
@test "broken table: order of phenotypes" { broken order_of_phenotypes; }
@test "broken table: text for score" { broken text_for_score; }
@test "broken table: order of na" { broken order_of_na; }
@test "broken table: open quote" { broken open_quote; }
@test "broken table: open bracket" { broken open_bracket; }
@test "broken table: single ampersand" { broken single_ampersand; }
@test "broken table: nothing after and" { broken nothing_after_and; }
@test "broken table: unknown term" { broken unknown_term; }
@test "broken table: two points" { broken two_points; }
@test "broken table: too deep" { broken too_deep; }
@test "broken table: unknown action" { broken unknown_action; }
@test "broken table: unknown second action" { broken unknown_second_action; }
@test "broken table: hidden avoid" { broken hidden_avoid; }
@test "broken table: primary not listed" { broken primary_not_listed; }
@test "broken table: negative dose" { broken negative_dose; }
@test "broken table: reversed range" { broken reversed_range; }
@test "broken table: decimal comma" { broken decimal_comma; }
@test "broken table: same id twice" { broken same_id_twice; }
@test "broken table: blank in id" { broken blank_in_id; }
@test "broken table: version zero" { broken version_zero; }
@test "broken table: verify word" { broken verify_word; }
@test "broken table: no source" { broken no_source; }
@test "broken table: no condition" { broken no_condition; }
@test "broken table: lost column" { broken lost_column; }
@test "broken table: short row" { broken short_row; }
@test "broken table: byte order mark" { broken byte_order_mark; }
@test "broken table: unknown gene" { broken unknown_gene; }
@test "broken table: unknown phenotype" { broken unknown_phenotype; }
@test "broken table: score without scores" { broken score_without_scores; }
@test "broken table: unknown drug" { broken unknown_drug; }
@test "broken table: contradiction" { broken contradiction; }
@test "broken table: same condition other advice" { broken same_condition_other_advice; }
@test "broken table: case contradicts" { broken case_contradicts; }
@test "broken table: case of no rule" { broken case_of_no_rule; }
@test "broken table: case without facts" { broken case_without_facts; }
@test "broken table: no positive case" { broken no_positive_case; }
@test "broken table: pair without rule" { broken pair_without_rule; }
@test "broken table: newer format" { broken newer_format; }
