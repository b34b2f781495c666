# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Broken rule tables, shared by rules_broken.bats and tests/golden/rules_broken.sh.
# A case: NAME|awk program over the fields of a sound table|what the first error must hold. AT is the place, file:line:column.
# The sound table t.tsv: line 2 = poor metabolizer, line 3 = all other scores, line 4 = another drug.
broken_cases() {
	cat <<'EOF'
number_for_phenotype|FNR==2{$4="P(CYP2D6)==1"}|t.tsv:2:34	when: found '1', expected a quoted phenotype
order_of_phenotypes|FNR==2{$4="P(CYP2D6)>=\"Poor Metabolizer\""}|t.tsv:2:32	when: found '>=', expected ==
text_for_score|FNR==2{$4="AS(CYP2D6)==\"Poor\""}|t.tsv:2:35	when: found 'Poor', expected a number, NA or "No Result"
order_of_na|FNR==2{$4="AS(CYP2D6)>=NA"}|t.tsv:2:35	when: found 'NA', expected a number after an order comparison
open_quote|FNR==3{$4="P(CYP2D6)==\"Poor"}|t.tsv:3:34	when: text without its closing quote; expected a quoted phenotype
open_bracket|FNR==2{$4="(AS(CYP2D6)==0"}|t.tsv:2:37	when: the condition ends; expected ')'
single_ampersand|FNR==2{$4="AS(CYP2D6)==0 & P(TPMT)==\"x\""}|t.tsv:2:37	when: a character that no term begins with; expected &&, || or the end
nothing_after_and|FNR==2{$4="AS(CYP2D6)==0 &&"}|t.tsv:2:39	when: the condition ends; expected a term
unknown_term|FNR==2{$4="Q(CYP2D6)==0"}|t.tsv:2:23	when: found 'Q', expected a term: P(GENE), AS(GENE), D(GENE)
two_points|FNR==2{$4="AS(CYP2D6)>=1.2.3"}|t.tsv:2:35	when: found '1.2.3', expected a number
too_deep|FNR==2{p="";for(i=0;i<40;i++)p=p "(";$4=p "AS(CYP2D6)==0"}|t.tsv:2:55	when: found '(', expected less nesting (at most 32 levels)
unknown_action|FNR==2{$7="FORBID"}|t.tsv:2:52	unknown action code 'FORBID'
unknown_second_action|FNR==2{$8="AVOID+PRAY"}|t.tsv:2:58	actions: unknown code 'PRAY'
hidden_avoid|FNR==3{$8="STANDARD+AVOID"}|t.tsv:3:67	action STANDARD is less cautious than AVOID in actions; the primary action must be the most cautious
primary_not_listed|FNR==2{$8="CONTRAINDICATED"}|t.tsv:2:58	actions 'CONTRAINDICATED' does not hold the primary action AVOID
negative_dose|FNR==2{$9="-50"}|t.tsv:2:64	reduce_pct '-50' is not a number, range a-b or alternatives a|b within 0..100
reversed_range|FNR==2{$10="75-50"}|t.tsv:2:65	pct_of_standard '75-50' is not a number, range a-b
decimal_comma|FNR==2{$12="1,5"}|t.tsv:2:67	multiply '1,5' is not a number
same_id_twice|FNR==3{$1="T.codeine.1"}|t.tsv:3:1	rule_id 'T.codeine.1' is already at
blank_in_id|FNR==2{$1="T codeine"}|t.tsv:2:1	rule_id 'T codeine' must not hold '/', '|' or blanks
version_zero|FNR==2{$2="0"}|t.tsv:2:13	version '0' is not a whole number from 1
verify_word|FNR==2{$14="yes"}|t.tsv:2:69	verify 'yes' is not 0 or 1
no_source|FNR==2{$17=""}|t.tsv:2:75	source is empty
no_condition|FNR==4{$4=""}|t.tsv:4:33	when is empty
lost_column|FNR==1{$14="verified"}|t.tsv: no column 'verify'
short_row|FNR==3{NF=17}|t.tsv:3: 17 fields
byte_order_mark|FNR==1{$1="\357\273\277" $1}|t.tsv:1: begins with a byte-order mark
unknown_gene|FNR==2{$4="P(CYP2D66)==\"Poor Metabolizer\""}|t.tsv:2:23	T.codeine.1: gene unknown to refdata/pgx: CYP2D66, expected a gene of pgx/alleles.tsv
unknown_phenotype|FNR==4{$4="P(TPMT)!=\"No Result\" && P(TPMT)==\"Poor Metaboliser\""}|t.tsv:4:57	T.azathioprine.1: phenotype unknown to refdata/pgx: TPMT 'Poor Metaboliser'
score_without_scores|FNR==4{$4="AS(TPMT)==0"}|t.tsv:4:33	T.azathioprine.1: AS(TPMT), expected a gene with activity scores in activity.tsv
unknown_drug|FNR==4{$3="azathioprin"}|t.tsv:4	T.azathioprine.1: unknown drug 'azathioprin', expected a drug of drugs.tsv
contradiction|FNR==3{$4="AS(CYP2D6)>=0"}|t.tsv:3:23	T.codeine.2: holds together with T.codeine.1 and advises differently at CYP2D6=Poor Metabolizer (0)
same_condition_other_advice|FNR==3{$4="AS(CYP2D6)==0"}|t.tsv:3:23	T.codeine.2: same condition and population, other advice than T.codeine.1
case_contradicts|FILENAME~/cases/&&FNR==2{$3="not"}|cases.tsv:2:26	case of T.codeine.1: found 'fire', expected 'not' on AS(CYP2D6)=0
case_of_no_rule|FILENAME~/cases/&&FNR==2{$1="T.codein.1"}|cases.tsv:2:1	case of an unknown rule 'T.codein.1', expected a rule_id of this folder
case_without_facts|FILENAME~/cases/&&FNR==2{$2="AS(CYP2D6)=0 & CYP2D6"}|cases.tsv:2:28	case of T.codeine.1: 'CYP2D6', expected KEY=VALUE joined by ' & '
no_positive_case|FILENAME~/cases/&&FNR==2{$1="T.codeine.2";$3="not"}|t.tsv:2	T.codeine.1: no test case in which it fires; expected one of each in cases.tsv
pair_without_rule|FILENAME~/pairs/&&FNR==2{$1="tramadol"}|pairs.tsv:2:1	no rule for tramadol, expected one or a reason in no_rule
newer_format|FILENAME~/t.tsv/&&FNR==1{$0="##genorx-rules 2\n" $0}|t.tsv:1: rule table of format version '2'; this program reads only version 1
EOF
}

# broken_make DIR: a sound folder of rules with cases and pairs
broken_sound() {
	mkdir -p "$1"
	cp "$ROOT"/refdata/rules/{wording,drugs,activity}.tsv "$1/"
	{
		grep -m1 '^rule_id' "$ROOT/refdata/rules/cpic.tsv"
		printf 'T.codeine.1\t1\tcodeine\tAS(CYP2D6)==0\tgeneral\tStrong\tAVOID\tAVOID\t\t\t\t\t\t0\tG1\t\ttest\tCC0-1.0\n'
		printf 'T.codeine.2\t1\tcodeine\tAS(CYP2D6)>0||AS(CYP2D6)==NA\tgeneral\tStrong\tSTANDARD\tSTANDARD\t\t\t\t\t\t0\tG1\t\ttest\tCC0-1.0\n'
		printf 'T.azathioprine.1\t1\tazathioprine\tP(TPMT)=="Poor Metabolizer"\tgeneral\tStrong\tAVOID\tAVOID\t\t\t\t\t\t0\tG2\t\ttest\tCC0-1.0\n'
	} >"$1/t.tsv"
	{
		printf 'rule_id\tfacts\texpect\tsource\n'
		printf 'T.codeine.1\tAS(CYP2D6)=0\tfire\ttest\nT.codeine.1\tAS(CYP2D6)=1\tnot\ttest\n'
		printf 'T.codeine.2\tAS(CYP2D6)=1\tfire\ttest\nT.codeine.2\tP(CYP2D6)=?\tnot\ttest\n'
		printf 'T.azathioprine.1\tP(TPMT)=Poor Metabolizer\tfire\ttest\nT.azathioprine.1\tP(TPMT)=Indeterminate\tnot\ttest\n'
	} >"$1/cases.tsv"
	printf 'drug\tgenes\tguideline_id\tno_rule\ncodeine\tCYP2D6\tG1\t\nazathioprine\tTPMT\tG2\t\nwarfarin\tCYP2C9\t\tflow chart\n' >"$1/pairs.tsv"
}

# broken_make DIR PROGRAM: the sound folder, changed
broken_make() {
	local f
	broken_sound "$1"
	for f in t cases pairs; do
		# programs without a file name speak of t.tsv
		[[ $f = t || $2 = *FILENAME* ]] || continue
		awk -F'\t' -v OFS='\t' "$2"'{print}' "$1/$f.tsv" >"$1/$f.new" && mv "$1/$f.new" "$1/$f.tsv"
	done
}

# broken_check NAME DIR: sets said to the first error, found to whether it is the expected one
broken_check() {
	local name=$1 dir=$2 row program want text
	row=$(broken_cases | grep "^$name|") || return 1
	# the expectation may hold '|': the program ends at the first '}|'
	program=${row#*|} want=${program#*\}|} program=${program%%\}|*}\}
	broken_make "$dir" "$program"
	text=$("$GENORX" rules check "$dir" 2>&1)
	broken_status=$?
	said=$(printf '%s\n' "$text" | grep -m1 -F "$want" || printf '%s\n' "$text" | grep -m1 -i error)
	[[ $broken_status -eq 65 && $said = *"$want"* ]]
}
