#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# annotate: databases of each kind, and every way in which they are refused.
load helper

# A contig with a run of As, so that one deletion can be written in many places.
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	{
		echo ">chr1"
		echo "GATTACAGGCTCAAAAAAAAGTCCGATGCATTGCACCGTTAGACGTACCTGATCGGATCCTAGGCATGCAATGGC"
	} > ref.fa
	samtools faidx ref.fa
	{
		echo "##fileformat=VCFv4.2"
		echo "##contig=<ID=chr1,length=75>"
		echo '##INFO=<ID=OLD,Number=1,Type=Float,Description="old">'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
		printf 'chr1\t12\t.\tCA\tC\t50\tPASS\t.\n'
		printf 'chr1\t21\t.\tG\tT,C\t50\tPASS\tOLD=7\n'
		printf 'chr1\t30\t.\tA\tG\t50\tPASS\tOLD=8\n'
		printf 'chr1\t40\t.\tT\tTA\t50\tPASS\t.\n'
	} > in.vcf
	{
		echo "##fileformat=VCFv4.2"
		echo "##fileDate=2026-01-02"
		echo "##contig=<ID=1,length=75>"
		echo '##INFO=<ID=AF,Number=A,Type=Float,Description="frequency">'
		echo '##INFO=<ID=SIG,Number=.,Type=String,Description="significance">'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
		printf '1\t19\trs1\tAAG\tAG\t.\t.\tAF=0.25;SIG=Pathogenic,_low\n'
		printf '1\t21\trs2\tG\tC,A\t.\t.\tAF=0.01,0.02\n'
	} > db.vcf
	bgzip -kf db.vcf
	tabix -p vcf db.vcf.gz
	{
		printf '## scores 1.7\n#Chrom\tPos\tRef\tAlt\tRaw\tPHRED\tlabel\n'
		printf '1\t12\tCA\tC\t0.5\t12.25\ta;b c\n'
		printf '1\t21\tG\tC\tNA\t3\t.\n'
		printf '1\t21\tG\tT\t-1\t4\tx=y\n'
		printf '1\t30\ta\tg\t2\t5\tz\n'
	} | bgzip > s.tsv.gz
	tabix -s 1 -b 2 -e 2 s.tsv.gz
	{
		printf 'chr1\t11\t13\tcold\t5\n'
		printf 'chr1\t12\t21\thot\t6\n'
		printf 'chr1\t20\t21\thot\t7\n'
		printf 'chr1\t39\t40\tend\t8\n'
	} | bgzip > r.bed.gz
	tabix -p bed r.bed.gz
}

info() { # POS KEY
	bcftools query -f "%POS %INFO/$2\n" out.vcf | awk -v p="$1" '$1 == p { print $2 }'
}

refused() { # status text command...: and nothing is left behind
	local want=$1 text=$2
	shift 2
	rm -f out.vcf x.gxd
	run "$@"
	status_is "$want"
	[[ "$output" == *"$text"* ]] || { echo "no '$text' in: $output"; return 1; }
	[ ! -e out.vcf ]
	[ ! -e x.gxd ]
}

@test "annotate --db: a table by allele, its types, other names" {
	run "$GENORX" annotate -f ref.fa --db s=s.tsv.gz:PHRED,Raw,label,score:=PHRED,asText:=PHRED/String -O v -o out.vcf in.vcf
	status_is 0
	[ "$(info 12 s_PHRED)" = 12.25 ]
	[ "$(info 12 s_label)" = "a&b_c" ]
	[ "$(info 21 s_PHRED)" = 4,3 ]
	[ "$(info 21 s_Raw)" = -1,. ]
	[ "$(info 21 s_label)" = x%3Dy,. ]
	[ "$(info 21 score)" = 4,3 ]
	[ "$(info 30 asText)" = 5 ]
	[ "$(info 40 s_PHRED)" = . ]
	grep -q 'ID=s_PHRED,Number=A,Type=Float' out.vcf
	grep -q 'ID=asText,Number=A,Type=String' out.vcf
}

@test "annotate --db: columns of the alleles by --db-key, without a header line by number" {
	zcat s.tsv.gz | grep -v '^#' | bgzip > n.tsv.gz
	tabix -s 1 -b 2 -e 2 n.tsv.gz
	refused 65 "--db-key" "$GENORX" annotate -f ref.fa --db s=n.tsv.gz:6 -o out.vcf in.vcf
	run "$GENORX" annotate -f ref.fa --db s=n.tsv.gz:6,L:=7 --db-key s=1,2,3,4 -O v -o out.vcf in.vcf
	status_is 0
	[ "$(info 21 s_6)" = 4,3 ]
	[ "$(info 30 L)" = z ]
	refused 2 "NAME of a --db" "$GENORX" annotate -f ref.fa --db s=n.tsv.gz:6 --db-key S=1,2,3,4 -o out.vcf in.vcf
	refused 2 "NAME of a --db" "$GENORX" annotate -f ref.fa --db s=n.tsv.gz:6 --db-key s -o out.vcf in.vcf
	refused 2 "NAME already" "$GENORX" annotate -f ref.fa --db s=s.tsv.gz:Raw --db s=s.tsv.gz:PHRED -o out.vcf in.vcf
	refused 2 "NAME already" "$GENORX" annotate --build-db -f ref.fa --db s=s.tsv.gz:Raw --db s=s.tsv.gz:PHRED -o x.gxd
	refused 67 "tabix -f" "$GENORX" annotate -f ref.fa --db s=n.tsv.gz:6 --db-key s=1,5,3,4 -o out.vcf in.vcf
	refused 65 "no column 'PHREDD': found" "$GENORX" annotate -f ref.fa --db s=s.tsv.gz:PHREDD -o out.vcf in.vcf
}

@test "annotate --db: intervals of a BED by overlap" {
	run "$GENORX" annotate -f ref.fa --db r=r.bed.gz:4,N:=5/Integer -O v -o out.vcf in.vcf
	status_is 0
	[ "$(info 12 r_4)" = "cold&hot" ]  # the deleted base 13
	[ "$(info 21 r_4)" = hot,hot ]
	[ "$(info 21 N)" = 6,6 ] || [ "$(info 21 N)" = 7,7 ]
	[ "$(info 40 r_4)" = end ] # an insertion next to it
	[ "$(info 30 r_4)" = . ]
}

@test "annotate --build-db: sources together, used again, all columns or some" {
	run "$GENORX" annotate --build-db -f ref.fa --db d=db.vcf.gz:AF,SIG,ID --db s=s.tsv.gz:PHRED --summary s.json -o x.gxd
	status_is 0
	[ "$(stat -c %a x.gxd)" = 600 ]
	[ "$(jq .stages.s.alleles s.json)" = 4 ]
	run "$GENORX" annotate -f ref.fa --db x=x.gxd -O v -o out.vcf --summary s.json in.vcf
	status_is 0
	[ "$(info 12 d_AF)" = 0.25 ]
	[ "$(info 12 d_SIG)" = "Pathogenic&_low" ]
	[ "$(info 12 d_ID)" = rs1 ]
	[ "$(info 12 s_PHRED)" = 12.25 ]
	[ "$(info 21 d_AF)" = .,0.01 ]
	[ "$(info 21 s_PHRED)" = 4,3 ]
	jq -r '.stages.annotate.databases.x.source' s.json | grep -q 'x.gxd (db.vcf.gz 2026-01-02 sha256:[0-9a-f]*; s.tsv.gz sha256:'
	[ "$(jq .stages.annotate.databases.x.alleles_matched s.json)" = 4 ]
	run "$GENORX" annotate -f ref.fa --db x=x.gxd:s_PHRED,freq:=d_AF -O v -o out.vcf in.vcf
	status_is 0
	[ "$(info 12 freq)" = 0.25 ]
	if grep -q d_SIG out.vcf; then return 1; fi
	mv x.gxd y.gxd
	refused 65 "no field 'AF': found d_AF" "$GENORX" annotate -f ref.fa --db x=y.gxd:AF -o out.vcf in.vcf
}

@test "annotate --db: an old column of the same type is replaced and counted, of another type refused" {
	run "$GENORX" annotate -f ref.fa --db d=db.vcf.gz:OLD:=AF -O v -o out.vcf --summary s.json in.vcf
	status_is 0
	[ "$(info 12 OLD)" = 0.25 ]
	[ "$(info 21 OLD)" = .,0.01 ]
	[ "$(info 30 OLD)" = . ] # not the old 8
	[ "$(jq .stages.annotate.databases.d.records_with_replaced_column s.json)" = 2 ]
	refused 65 "bcftools annotate -x INFO/OLD" "$GENORX" annotate -f ref.fa --db d=db.vcf.gz:OLD:=SIG -o out.vcf in.vcf
	refused 2 "comes from another --db" "$GENORX" annotate -f ref.fa --db d=db.vcf.gz:A:=AF --db e=db.vcf.gz:A:=AF -o out.vcf in.vcf
}

@test "annotate --db: another build, other contigs" {
	sed 's/length=75/length=76/' db.vcf | bgzip > len.vcf.gz
	tabix -p vcf len.vcf.gz
	refused 67 "another genome build" "$GENORX" annotate -f ref.fa --db d=len.vcf.gz:AF -o out.vcf in.vcf
	refused 67 "another genome build" "$GENORX" annotate --build-db -f ref.fa --db d=len.vcf.gz:AF -o x.gxd
	sed 's/ID=1,/ID=7,/; s/^1\t/7\t/' db.vcf | bgzip > db7.vcf.gz
	tabix -p vcf db7.vcf.gz
	refused 67 "no contig in common" "$GENORX" annotate -f ref.fa --db d=db7.vcf.gz:AF -o out.vcf in.vcf
	refused 67 "no contig in common" "$GENORX" annotate --build-db -f ref.fa --db d=db7.vcf.gz:AF -o x.gxd
	# REF disagrees at the common places
	{
		grep '^#' db.vcf
		for p in $(seq 1 40); do printf '1\t%d\t.\tN\tC\t.\t.\tAF=1\n' "$p"; done
	} | awk -v OFS='\t' 'BEGIN { split("GATTACAGGCTCAAAAAAAAGTCCGATGCATTGCACCGTT", b, "") }
		/^#/ { print; next } { $4 = b[$2] == "A" ? "T" : "A"; $5 = "C"; print }' | bgzip > other.vcf.gz
	tabix -p vcf other.vcf.gz
	{
		grep '^#' in.vcf
		awk 'BEGIN { split("GATTACAGGCTCAAAAAAAAGTCCGATGCATTGCACCGTT", b, "")
			for (p = 1; p <= 40; p++) printf "chr1\t%d\t.\t%s\t%s\t.\t.\t.\n", p, b[p], b[p] == "G" ? "T" : "G" }'
	} > all.vcf
	refused 67 "REF disagrees with the input at 40 of 40" "$GENORX" annotate -f ref.fa --db d=other.vcf.gz:AF -o out.vcf all.vcf
	"$GENORX" annotate --build-db --db d=other.vcf.gz:AF -o other.gxd
	refused 67 "REF disagrees with the input at 40 of 40" "$GENORX" annotate -f ref.fa --db d=other.gxd -o out.vcf all.vcf
	refused 67 "REF is not what the FASTA has" "$GENORX" annotate --build-db -f ref.fa --db d=other.vcf.gz:AF -o x.gxd
}

@test "annotate --db: unsorted, truncated, stale, without index or field" {
	{ cat db.vcf; printf '1\t5\t.\tA\tC\t.\t.\tAF=1\n'; } | bgzip > u.vcf.gz
	refused 65 "u.vcf.gz" "$GENORX" annotate --build-db -f ref.fa --db d=u.vcf.gz:AF -o x.gxd
	{ zcat s.tsv.gz; printf '1\t5\tA\tC\t1\t1\tl\n'; } > u.tsv
	refused 65 "line 7: 1:5 is not sorted" "$GENORX" annotate --build-db -f ref.fa --db d=u.tsv:PHRED -o x.gxd
	head -c -28 s.tsv.gz > t.tsv.gz
	cp s.tsv.gz.tbi t.tsv.gz.tbi
	refused 65 "truncated" "$GENORX" annotate -f ref.fa --db d=t.tsv.gz:PHRED -o out.vcf in.vcf
	touch -d '2 hours ago' s.tsv.gz.tbi
	refused 67 "tabix -f" "$GENORX" annotate -f ref.fa --db d=s.tsv.gz:PHRED -o out.vcf in.vcf
	rm s.tsv.gz.tbi
	refused 66 "no index" "$GENORX" annotate -f ref.fa --db d=s.tsv.gz:PHRED -o out.vcf in.vcf
	refused 65 "NOPE" "$GENORX" annotate -f ref.fa --db d=db.vcf.gz:NOPE -o out.vcf in.vcf
	refused 2 "which fields" "$GENORX" annotate -f ref.fa --db d=db.vcf.gz -o out.vcf in.vcf
	refused 66 "none.gxd" "$GENORX" annotate -f ref.fa --db d=none.gxd:A -o out.vcf in.vcf
	refused 65 "intervals have no alleles" "$GENORX" annotate --build-db -f ref.fa --db r=r.bed.gz:4 --db-key r=1,2,3 -o x.gxd
	refused 2 "give -o" "$GENORX" annotate --build-db -f ref.fa --db d=db.vcf.gz:AF
}

@test "annotate --db: a damaged built database is refused" {
	"$GENORX" annotate --build-db -f ref.fa --db d=db.vcf.gz:AF,SIG -o a.gxd
	n=$(stat -c %s a.gxd)
	for k in 1 20 60 100 "$((n - 20))"; do
		cp a.gxd b.gxd
		printf '\377' | dd of=b.gxd bs=1 seek="$k" conv=notrunc status=none
		cmp -s a.gxd b.gxd && continue
		rm -f out.vcf
		run "$GENORX" annotate -f ref.fa --db d=b.gxd:d_AF,d_SIG -o out.vcf in.vcf
		status_is 65
		[ ! -e out.vcf ]
	done
	head -c "$((n - 1))" a.gxd > b.gxd
	refused 65 "its end is missing" "$GENORX" annotate -f ref.fa --db d=b.gxd -o out.vcf in.vcf
}

@test "annotate --db: texts of a VCF that INFO cannot hold, the same direct and built" {
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=1,length=75>\n##INFO=<ID=S,Number=1,Type=String,Description="s">\n'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
		printf '1\t21\t.\tG\tT,C\t.\t.\tS=a=b\n1\t30\t.\ta\tg\t.\t.\tS=x y\n'
	} | bgzip > t.vcf.gz
	tabix -p vcf t.vcf.gz
	"$GENORX" annotate --build-db -f ref.fa --db d=t.vcf.gz:S -o t.gxd
	for db in d=t.vcf.gz:S d=t.gxd; do
		run "$GENORX" annotate -f ref.fa --db "$db" -O v -o out.vcf in.vcf
		status_is 0
		[ "$(info 21 d_S)" = a%3Db,a%3Db ]
		[ "$(info 30 d_S)" = x_y ]
	done
}

@test "annotate --db: identifiers in a table are no Floats" {
	{
		printf '#Chrom\tPos\tRef\tAlt\tid\tzip\tn\n'
		printf '1\t21\tG\tC\t123456789\t0012\t16777216\n'
	} | bgzip > i.tsv.gz
	tabix -s 1 -b 2 -e 2 i.tsv.gz
	run "$GENORX" annotate -f ref.fa --db i=i.tsv.gz:id,zip,n,f:=id/Float -O v -o out.vcf in.vcf
	status_is 0
	[ "$(info 21 i_id)" = .,123456789 ]
	[ "$(info 21 i_zip)" = .,0012 ]
	grep -q 'ID=i_n,Number=A,Type=Float' out.vcf
	grep -q 'ID=f,Number=A,Type=Float' out.vcf
	# a later row
	{
		printf '#Chrom\tPos\tRef\tAlt\tid\n'
		for _ in $(seq 1001); do printf '1\t20\tA\tC\t5\n'; done
		printf '1\t21\tG\tC\t123456789\n'
	} | bgzip > l.tsv.gz
	tabix -s 1 -b 2 -e 2 l.tsv.gz
	refused 65 "id/String" "$GENORX" annotate -f ref.fa --db i=l.tsv.gz:id -o out.vcf in.vcf
}

@test "annotate --db: a table that counts from 0 keeps its alleles, direct and built" {
	{
		printf '#chrom\tstart\tend\tref\talt\tscore\n'
		printf '1\t20\t21\tG\tC\t5\n1\t20\t21\tG\tT\t7\n1\t29\t30\tA\tT\t9\n'
	} | bgzip > z.bed.gz
	tabix -p bed z.bed.gz
	"$GENORX" annotate --build-db -f ref.fa --db z=z.bed.gz:score -o z.gxd
	for db in z=z.bed.gz:score z=z.gxd; do
		run "$GENORX" annotate -f ref.fa --db "$db" -O v -o out.vcf in.vcf
		status_is 0
		[ "$(info 21 z_score)" = 7,5 ]
		[ "$(info 30 z_score)" = . ] # A>T has the 9, not A>G
	done
	run "$GENORX" annotate -f ref.fa --db z=z.bed.gz:score --db-key z=chrom,start,end -O v -o out.vcf in.vcf
	status_is 0
	[ "$(info 30 z_score)" = 9 ]
}

@test "annotate --db: a table's padding counts the same with and without neighbours" {
	awk 'BEGIN { srand(7); s = ""; for (i = 0; i < 4000; i++) s = s substr("ACGT", int(rand() * 4) + 1, 1)
		print ">chr1\n" s > "w.fa"
		h = "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=4000>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
		printf "%s", h > "dense.vcf"; printf "%s", h > "sparse.vcf"; print "#Chrom\tPos\tRef\tAlt\tpad" > "w.tsv"
		for (p = 1450; p <= 3000; p += 50) {
			r = substr(s, p, 1); a = r == "A" ? "C" : "A"
			printf "chr1\t%d\t.\t%s\t%s\t.\t.\t.\n", p, r, a > "dense.vcf"
			if (p == 2500 || p == 3000) printf "chr1\t%d\t.\t%s\t%s\t.\t.\t.\n", p, r, a > "sparse.vcf"
			if (p != 2500 && p != 3000) continue
			n = p == 2500 ? 900 : 1100
			printf "chr1\t%d\t%s\t%s%s\t%d\n", p - n, substr(s, p - n, n + 1), substr(s, p - n, n), a, n > "w.tsv"
		} }'
	samtools faidx w.fa
	bgzip w.tsv
	tabix -s 1 -b 2 -e 2 w.tsv.gz
	for in in dense sparse; do
		"$GENORX" annotate -f w.fa --db d=w.tsv.gz:pad -O v -o out.vcf "$in.vcf"
		[ "$(info 2500 d_pad)" = 900 ]
		[ "$(info 3000 d_pad)" = . ]
	done
	"$GENORX" annotate --build-db -f w.fa --db d=w.tsv.gz:pad -o w.gxd
	"$GENORX" annotate -f w.fa --db d=w.gxd -O v -o out.vcf sparse.vcf
	[ "$(info 3000 d_pad)" = 1100 ]
}

@test "annotate --db: structural alleles: the base at POS is not theirs, SVLEN for END, no end is no match" {
	{
		printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=75>\n'
		printf '##INFO=<ID=END,Number=1,Type=Integer,Description="e">\n##INFO=<ID=SVLEN,Number=A,Type=Integer,Description="l">\n'
		printf '##INFO=<ID=AF,Number=A,Type=Float,Description="f">\n'
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
	} > h.vcf
	{ cat h.vcf; printf 'chr1\t%d\t.\tA\t<DEL>\t50\tPASS\t%s\n' 37 END=50 42 SVLEN=-5 56 AF=0.5; } > in.vcf
	{ cat h.vcf; printf 'chr1\t%d\t.\tA\t<DEL>\t50\tPASS\t%s;AF=0.25\n' 37 END=50 42 END=47 56 SVLEN=-9; } | bgzip > sv.vcf.gz
	tabix -p vcf sv.vcf.gz
	printf 'chr1\t30\t37\tat_pos\nchr1\t46\t47\tlast_of_two\nchr1\t49\t50\tlast\nchr1\t50\t51\tafter\n' | bgzip > sv.bed.gz
	tabix -p bed sv.bed.gz
	run "$GENORX" annotate -f ref.fa --ref-mismatch flag --db s=sv.bed.gz:4 --db d=sv.vcf.gz:AF -O v -o out.vcf in.vcf
	status_is 0
	[ "$(info 37 s_4)" = "last_of_two&last" ]
	[ "$(info 42 s_4)" = last_of_two ]
	[ "$(info 37 d_AF)" = 0.25 ]
	[ "$(info 42 d_AF)" = 0.25 ]
	[ "$(info 56 d_AF)" = . ]
}
