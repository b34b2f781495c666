#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What people see of polygenic scores: picture, MultiQC, report, evidence chain.
load helper

# A panel of three populations with their own frequencies, two scores, four samples; made once.
bundle() {
	local dir="${BATS_RUN_TMPDIR:-/tmp}/prs_out"
	if [ ! -e "$dir/done" ]; then
		mkdir -p "$dir"
		awk 'BEGIN{srand(11); n=180; print "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>"
			print "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"x\">"
			h="#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"; for(i=1;i<=n;i++)h=h "\tP" i; print h
			for(m=1;m<=800;m++){f0=0.3+0.4*rand(); for(p=0;p<3;p++){f[p]=f0+0.6*(rand()-.5)}
				l="chr1\t" m*1000 "\t.\tA\t" (m%2?"G":"C") "\t.\t.\t.\tGT"
				for(i=1;i<=n;i++){p=(i-1)%3; a=rand()<f[p]; b=rand()<f[p]; l=l "\t" a "/" b} print l}}' >"$dir/panel.vcf"
		awk 'BEGIN{print "sample\tpopulation\tsuperpopulation"
			for(i=1;i<=180;i++)print "P" i "\tpop" (i-1)%3 "\t" substr("AFREASEUR",1+3*((i-1)%3),3)}' >"$dir/people.tsv"
		awk 'BEGIN{FS=OFS="\t"} /^##/{print;next} /^#/{print $1,$2,$3,$4,$5,$6,$7,$8,$9,"S1","S<2>","NONE","MIX";next}
			{print $1,$2,$3,$4,$5,$6,$7,$8,$9,NR%49?$10:"./.",$15,NR%3?"./.":$16,$(10+(NR*7)%180)}' "$dir/panel.vcf" >"$dir/in.vcf"
		for k in 1 2; do
			awk -v k=$k 'BEGIN{srand(k); print "###PGS CATALOG SCORING FILE\n#format_version=2.0\n#pgs_id=PGS90000" k
				print "#trait_reported=trait <b>" k "</b>\n#genome_build=GRCh38"
				print "rsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\tallelefrequency_effect"
				for(m=1;m<=800;m+=2)printf "rs%d\t1\t%d\t%s\tA\t%.6f\t0.4\n",m,m*1000,(m%2?"G":"C"),0.02*(rand()-.5)}' >"$dir/s$k.txt"
		done
		"$GENORX" prs --build-reference "$dir/ref" --people "$dir/people.tsv" --maf 0.01 --prune-r2 0.5 "$dir/panel.vcf" >&2 &&
			touch "$dir/done"
	fi
	echo "$dir"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "prs --plot: a picture of every sample and score; nothing that runs, names escaped" {
	d=$(bundle)
	run "$GENORX" prs --score "$d/s1.txt" --score "$d/s2.txt" --reference "$d/ref" --plot p.svg -o f.jsonl "$d/in.vcf"
	status_is 0
	[ "$(stat -c %a p.svg)" = 600 ]
	[ "$(grep -c 'PGS90000[12], ' p.svg)" -eq 8 ]
	grep -q 'S&lt;2&gt;' p.svg
	grep -q 'trait &lt;b&gt;1&lt;/b&gt;' p.svg
	if grep -qi '<script\|S<2>\|<b>\|href\|nan\|inf' p.svg; then return 1; fi
	[ "$(grep -c 'No place given' p.svg)" -eq 2 ]
	grep -q 'not placed: 1' p.svg
	for pop in AFR EAS EUR; do grep -q ">$pop (60)<" p.svg; done
	grep -q '4 of 4 samples, 2 of 2 scores' p.svg
	# genotypes drawn from everybody: like nobody
	[ "$(grep -c 'Low confidence: no population' p.svg)" -eq 2 ]
	[ "$(jq -r 'select(.id=="MIX|prs/PGS900001/percentile").attrs.ancestry_confidence' f.jsonl)" = low ]
	"$GENORX" prs -@ 3 --score "$d/s1.txt" --score "$d/s2.txt" --reference "$d/ref" --plot q.svg -o g.jsonl "$d/in.vcf"
	cmp p.svg q.svg
	cmp f.jsonl g.jsonl
}

@test "prs --plot: a cohort is drawn in part and summarised, and the picture says so" {
	d=$(bundle)
	run "$GENORX" prs --score "$d/s1.txt" --reference "$d/ref" --plot p.svg --no-facts -o f.jsonl "$d/panel.vcf"
	status_is 0
	grep -q '4 of 180 samples, 1 of 1 scores' p.svg
	grep -q 'All samples' p.svg
	[ "$(stat -c %s p.svg)" -lt 200000 ]
}

@test "prs --plot without a panel is a usage error" {
	d=$(bundle)
	run "$GENORX" prs --score "$d/s1.txt" --plot p.svg -o f.jsonl "$d/in.vcf"
	status_is 2
	output_has "--reference"
	nothing_left p.svg
}

@test "prs: places carry population, confidence and an interval" {
	d=$(bundle)
	"$GENORX" prs --score "$d/s1.txt" --reference "$d/ref" -o f.jsonl "$d/in.vcf"
	jq 'select(.id=="S1|prs/PGS900001/z_norm2") | .lo < .value and .value < .hi and .attrs.ancestry_confidence != null and .attrs.population == "AFR"' f.jsonl >got
	[ "$(cat got)" = true ]
	# the interval of z is that of the sum on the scale of the population, around its own middle
	jq -s 'map(select(.sample == "S1")) | (map(select(.key|endswith("/sum")))[0]) as $s | (map(select(.key|endswith("/z_pop")))[0]) as $z
		| ((($z.hi + $z.lo) / 2 - $z.value) | fabs) < 1e-8 and $z.hi - $z.lo > $s.hi - $s.lo' f.jsonl >got
	[ "$(cat got)" = true ]
	[ "$(jq -r 'select(.id=="NONE|prs/PGS900001/percentile").status' f.jsonl)" = missing ]
	[ "$(jq -r 'select(.key|test("/z_")) | select(.sample=="NONE").id' f.jsonl | wc -l)" -eq 0 ]
}

@test "prs --multiqc: two documents that MultiQC's custom content asks for" {
	d=$(bundle)
	run "$GENORX" prs --score "$d/s1.txt" --score "$d/s2.txt" --reference "$d/ref" --multiqc x_mqc.json --tsv s.tsv -o f.jsonl "$d/in.vcf"
	status_is 0
	jq -e '.id == "genorx_prs_samples" and .plot_type == "table" and (.section_name | length > 0) and (.data | length) == 8' x_mqc.json
	# every key of the rows has a header
	jq -e '(.headers | keys) as $h | [.data[] | keys[]] - $h == []' x_mqc.json
	jq -e '.id == "genorx_prs_rows" and .plot_type == "bargraph" and .parent_id == "genorx_prs"' x_rows_mqc.json
	jq -e '[.data[] | add] == [400, 400]' x_rows_mqc.json
	jq -e '.data["NONE | PGS900001"] | .status == "low_overlap" and (has("percentile") | not)' x_mqc.json
	[ "$(jq -r '.data["S1 | PGS900002"].n_matched' x_mqc.json)" = "$(awk '$1=="S1" && $2=="PGS900002"{print $4}' s.tsv)" ]
	[ "$(jq -r '.data["S1 | PGS900002"].percentile' x_mqc.json)" = "$(awk -F '\t' 'NR==1{for(i=1;i<=NF;i++)if($i=="percentile")k=i} $1=="S1" && $2=="PGS900002"{print $k}' s.tsv)" ]
	[ "$(stat -c %a x_mqc.json x_rows_mqc.json | tr '\n' ' ')" = "600 600 " ]
	run "$GENORX" prs --score "$d/s1.txt" --multiqc x.json -o f.jsonl "$d/in.vcf"
	status_is 0
	output_has "_mqc.json"
	[ -e x_rows.json ]
}

@test "why: the evidence behind a polygenic score" {
	d=$(bundle)
	"$GENORX" prs --score "$d/s1.txt" --reference "$d/ref" -o f.jsonl "$d/in.vcf"
	run "$GENORX" why S1 prs/PGS900001 f.jsonl
	status_is 0
	output_has "polygenic score PGS900001 (trait <b>1</b>), sample S1"
	output_has "interval covers"
	output_has "people of AFR, confidence"
	output_has "largest terms (5)"
	[ "$("$GENORX" why --json S1 prs/PGS900001/sum f.jsonl | jq '[.terms[].term | fabs] == ([.terms[].term | fabs] | sort | reverse)')" = true ]
	# the largest term is the weight times the copies of the allele
	"$GENORX" why --json S1 prs/PGS900001 f.jsonl | jq -r '.terms[0] | [.pos, .effect_allele, .gt, .term] | @tsv' >t
	pos=$(cut -f1 t)
	w=$(awk -v p="$pos" '$3==p{print $6}' "$d/s1.txt")
	n=$(cut -f3 t | tr -cd 1 | wc -c)
	[ "$(awk -v w="$w" -v n="$n" 'BEGIN{printf "%.6g", w*n}')" = "$(cut -f4 t)" ]
	run "$GENORX" why NONE prs/PGS900001 f.jsonl
	status_is 0
	output_has "refused"
	run "$GENORX" why S1 prs/OTHER f.jsonl
	status_is 2
	output_has "they hold: PGS900001"
	run "$GENORX" why --what-if rs1=0/1 S1 prs/PGS900001 f.jsonl
	status_is 2
}

@test "prs: the genotypes behind a score are the same from VCF and BCF" {
	d=$(bundle)
	bcftools view -Ob -o in.bcf "$d/in.vcf" 2>/dev/null
	"$GENORX" prs --score "$d/s1.txt" -o a.jsonl "$d/in.vcf"
	"$GENORX" prs --score "$d/s1.txt" -o b.jsonl in.bcf
	cmp a.jsonl b.jsonl
	[ "$(jq -r 'select(.id=="S1|prs/PGS900001/sum").because[].gt' b.jsonl | grep -c '[01]/[01]')" -eq 5 ]
}

@test "report: scores with interval, place and confidence, or not adjusted" {
	cat >f.jsonl <<'JSON'
{"id":"A|prs/X1/sum","sample":"A","key":"prs/X1/sum","value":1.5,"unit":"score","lo":1.25,"hi":1.75,"n":10,"status":"ok","source":{"stage":"prs"},"attrs":{"trait":"a <i>trait</i>","level":"0.9","interval":"missing genotypes"}}
{"id":"A|prs/X1/percentile","sample":"A","key":"prs/X1/percentile","value":87.25,"unit":"percent","n":503,"status":"ok","source":{"stage":"prs"},"attrs":{"population":"EUR","ancestry_confidence":"low"}}
{"id":"A|prs/X2/sum","sample":"A","key":"prs/X2/sum","value":2.5,"unit":"score","lo":2.5,"hi":2.5,"n":10,"status":"ok","source":{"stage":"prs"}}
{"id":"A|prs/X3/sum","sample":"A","key":"prs/X3/sum","value":null,"status":"refused","source":{"stage":"prs"},"attrs":{"reason":"2 of 10 rows have a genotype"}}
{"id":"A|prs/ancestry/similar","sample":"A","key":"prs/ancestry/similar","value":"EUR","status":"ok","source":{"stage":"prs"},"attrs":{"ancestry_confidence":"low","portability":"far"}}
{"id":"A|prs/ancestry/distance_quantile","sample":"A","key":"prs/ancestry/distance_quantile","value":0.97,"unit":"frac","status":"ok","source":{"stage":"prs"}}
JSON
	run "$GENORX" report -o r.html f.jsonl
	status_is 0
	grep -q '90 % interval 1.25 to 1.75' r.html
	grep -q 'among 503 people of EUR' r.html
	[ "$(grep -c 'low confidence' r.html)" -ge 1 ]
	grep -q 'not adjusted: no reference panel' r.html
	grep -q '2 of 10 rows have a genotype' r.html
	grep -q 'greater than that of 97 %' r.html
	grep -q 'predict less well' r.html
	if grep -q '<i>trait\|>ancestry<' r.html; then return 1; fi
	"$GENORX" report --lang zh -o z.html f.jsonl
	grep -q '90 % 区间 1.25 至 1.75' z.html
	grep -q '在 EUR 人群 503 人中' z.html
	grep -q '未校正' z.html
}

@test "prs: the place among the panel's people does not depend on company, frequencies or mode" {
	d=$(bundle)
	# 60 people of one population, a tenth of the calls missing
	awk 'BEGIN{FS=OFS="\t"; srand(5)} /^##/{print;next} {l=$1; for(i=2;i<=9;i++)l=l OFS $i
		for(i=10;i<=NF;i+=3)l=l OFS (/^#/||rand()>.1?$i:"./."); print l}' "$d/panel.vcf" >pop.vcf
	awk 'BEGIN{FS=OFS="\t"; print "chr_name","chr_position","ref","alt","freq"} /^#/{next}
		{n=c=0; for(i=10;i<=NF;i++)if($i!="./."){n+=2;c+=substr($i,1,1)+substr($i,3,1)} print 1,$2,$4,$5,c/n}' pop.vcf >f.tsv
	for o in '' '--freq f.tsv' '--compat pgsc_calc' '--compat plink2' '--missing zero'; do
		# shellcheck disable=SC2086
		"$GENORX" prs --score "$d/s1.txt" --reference "$d/ref" --min-overlap 0 $o -o o.jsonl pop.vcf
		jq -c 'select(.key|startswith("prs/ancestry/"))|[.id,.value,.attrs.pc1,.attrs.pc2]' o.jsonl >"place${o:+2}"
		[ -s place ]
		[ -z "$o" ] || cmp place place2
	done
	[ "$(jq -r 'select(.[0]|endswith("similar"))|.[1]' place | sort | uniq -c | awk '$2=="AFR"{print $1}')" -ge 55 ]
}

# Everybody's most frequent allele of one population, at all loci: farther out than anybody of it.
extreme() {
	awk 'BEGIN{FS=OFS="\t"} /^##/{print;next} /^#/{print $1,$2,$3,$4,$5,$6,$7,$8,$9,"FAR","NEAR";next}
		{n=0; for(i=10;i<=NF;i+=3)n+=gsub(1,1,$i); print $1,$2,$3,$4,$5,$6,$7,$8,$9,(n>60?"1/1":"0/0"),$10}' "$1/panel.vcf"
}

@test "prs, predict: a person beyond the panel and one like nobody get no risk from the adjusted score" {
	d=$(bundle)
	extreme "$d" >far.vcf
	"$GENORX" prs --score "$d/s1.txt" --reference "$d/ref" --tsv t.tsv -o far.jsonl far.vcf
	[ "$(jq -r 'select(.id=="FAR|prs/PGS900001/z_norm2").attrs.extrapolated' far.jsonl)" = yes ]
	[ "$(awk -F '\t' 'NR==1{for(i=1;i<=NF;i++)c[$i]=i} $1=="FAR"{print $c["ancestry_confidence"], $c["extrapolated"]}' t.tsv)" = "low yes" ]
	[ "$(awk -F '\t' 'NR==1{for(i=1;i<=NF;i++)c[$i]=i} $1=="NEAR"{print $c["ancestry_confidence"], $c["extrapolated"]}' t.tsv)" = "high no" ]
	"$GENORX" prs --score "$d/s1.txt" --reference "$d/ref" -o in.jsonl "$d/in.vcf"
	printf 'model\toutcome\thorizon\tscore_id\tscore_value\tmean\tsd\tsex\tage_from\tage_to\tkind\teffect\tk\tsource\n' >m.tsv
	for v in z_norm2 z_pop sum; do
		printf 'm_%s\tx\tlifetime\tPGS900001\t%s\t0\t0.2\tany\t.\t.\tlog_or_per_sd\t0.4\t0.1\ttest\n' $v $v >>m.tsv
	done
	for f in far in; do "$GENORX" predict --risk-model m.tsv -o $f.risk.jsonl $f.jsonl; done
	# the status of every sample's risk from z_norm2, z_pop and the sum
	jq -r 'select(.key|test("predict/m_")) | [.sample, .key, .status] | @tsv' far.risk.jsonl in.risk.jsonl >got
	for who in FAR MIX NONE; do
		for v in z_norm2 z_pop sum; do grep -q "^$who	predict/m_$v/lifetime/x	refused" got; done
	done
	for who in NEAR S1; do
		for v in z_norm2 z_pop sum; do grep -q "^$who	predict/m_$v/lifetime/x	ok" got; done
	done
	"$GENORX" report -s FAR -o r.html far.risk.jsonl
	grep -q 'is an extrapolation' r.html
	"$GENORX" why FAR prs/PGS900001 far.risk.jsonl >why
	grep -q 'extrapolated *yes' why
}

@test "report, predict: --sample of several keeps the others out" {
	d=$(bundle)
	"$GENORX" prs --score "$d/s1.txt" --reference "$d/ref" -o f.jsonl "$d/in.vcf"
	"$GENORX" report -s S1 -o one.html --tsv one.tsv --json one.json f.jsonl
	grep -q PGS900001 one.html
	if grep -q 'MIX\|NONE' one.html one.tsv one.json; then return 1; fi
	printf 'sample\tage\tsex\nS1\t50\tfemale\nMIX\t51\tmale\n' >c.tsv
	"$GENORX" predict -s S1 --clinical c.tsv -o p.jsonl f.jsonl
	[ "$(jq -r .sample p.jsonl | grep -v '^\*$' | sort -u)" = S1 ]
	run "$GENORX" report -s NOBODY -o none.html f.jsonl
	status_is 67
	[ ! -e none.html ]
}

@test "prs, predict: rows without genotype and frequency, standardised sums and levels reach the risk" {
	d=$(bundle)
	printf 'model\toutcome\thorizon\tscore_id\tscore_value\tmean\tsd\tsex\tage_from\tage_to\tkind\teffect\tk\tsource\n' >m.tsv
	printf 'm\tx\tlifetime\tPGS900001\tsum\t0\t0.2\tany\t.\t.\tlog_or_per_sd\t0.4\t0.1\ttest\n' >>m.tsv
	# one row in 25 is not in the input; with frequencies it has an expectation, without it adds nothing
	awk -F '\t' '/^#/ || $2 % 50000 != 1000' "$d/in.vcf" >part.vcf
	awk 'BEGIN{FS=OFS="\t"} /^#/{print;next} {NF=6; print}' "$d/s1.txt" >nofreq.txt
	"$GENORX" prs --score "$d/s1.txt" -o a.jsonl part.vcf
	[ "$(jq -r 'select(.id=="S<2>|prs/PGS900001/sum").attrs | [.n_as_zero, .n_uncovered_expected] | @tsv' a.jsonl)" = "0	16" ]
	"$GENORX" prs --score nofreq.txt -o b.jsonl part.vcf
	[ "$(jq -r 'select(.id=="S<2>|prs/PGS900001/sum").attrs | [.n_as_zero, .n_uncovered_expected] | @tsv' b.jsonl)" = "16	" ]
	"$GENORX" prs --score "$d/s1.txt" --standardise centre -o c.jsonl part.vcf
	for f in a b c; do
		"$GENORX" predict --risk-model m.tsv -o $f.risk.jsonl $f.jsonl
		jq -r 'select(.id=="S<2>|predict/m/lifetime/x") | [.status, .attrs.reason] | @tsv' $f.risk.jsonl >$f.got
	done
	grep -q '^ok' a.got
	grep -q '^refused.*neither a genotype nor a frequency' b.got
	grep -q '^refused.*standardised genotypes' c.got
	# the risk states 95 % whatever --level the score was made with
	"$GENORX" prs --score "$d/s1.txt" --level 0.5 -o e.jsonl "$d/in.vcf"
	"$GENORX" prs --score "$d/s1.txt" -o f.jsonl "$d/in.vcf"
	for f in e f; do
		"$GENORX" predict --risk-model m.tsv -o $f.risk.jsonl $f.jsonl
		jq -r 'select(.id=="S1|predict/m/lifetime/x") | "\(.lo * 1e6 | round) \(.hi * 1e6 | round)"' $f.risk.jsonl >$f.got
	done
	cmp e.got f.got
}

@test "prs: an option of another job is refused, not passed over" {
	d=$(bundle)
	run "$GENORX" prs --score "$d/s1.txt" --clump-r2 0.5 -o f.jsonl "$d/in.vcf"
	status_is 2
	output_has "--clump-r2 is for --construct"
	run "$GENORX" prs --score "$d/s1.txt" --people "$d/people.tsv" -o f.jsonl "$d/in.vcf"
	status_is 2
	run "$GENORX" prs --build-reference new --tsv t.tsv "$d/panel.vcf"
	status_is 2
	output_has "--tsv is for scoring"
	[ ! -e new ]
	run "$GENORX" prs --build-reference new --construct ct "$d/panel.vcf"
	status_is 2
	output_has "give one of them"
}
