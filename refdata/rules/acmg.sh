#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# acmg.sh -- write acmg.tsv (rules) and conditions.tsv (what they are about) from the list of secondary findings; acmg_cases.sh
# writes their test cases.
# usage: acmg.sh [DIR]    (reads ../acmg/secondary.tsv, writes to DIR, by default beside itself)
# One rule a gene: what is to be reported follows the list's last column. Genes, disorders and inheritance are facts; no
# sentence of the list is copied. Recessive genes need two variants: two different ones may lie on one chromosome, which the
# advice says. The Chinese names of the disorders are in this script.
set -eu
[ $# -le 1 ] || { echo "usage: acmg.sh [DIR]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
dir=${1:-$here}
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
cat >"$tmp" <<'NAMES'
X-linked adrenoleukodystrophy|X 连锁肾上腺脑白质营养不良
Familial thoracic aortic aneurysm|家族性胸主动脉瘤
Hypertrophic cardiomyopathy|肥厚型心肌病
Hereditary hemorrhagic telangiectasia|遗传性出血性毛细血管扩张症
Familial adenomatous polyposis|家族性腺瘤性息肉病
Familial hypercholesterolemia|家族性高胆固醇血症
Wilson disease|肝豆状核变性（Wilson 病）
Dilated cardiomyopathy|扩张型心肌病
Myofibrillar myopathy|肌原纤维肌病
Juvenile polyposis syndrome|幼年性息肉病综合征
Hereditary breast and ovarian cancer|遗传性乳腺癌和卵巢癌
Hereditary breast cancer|遗传性乳腺癌
Biotinidase deficiency|生物素酶缺乏症
Malignant hyperthermia|恶性高热
Long-QT syndrome type 1|长 QT 综合征 1 型
Long-QT syndrome type 2|长 QT 综合征 2 型
Long QT syndrome type 3|长 QT 综合征 3 型
Long-QT syndrome type 14|长 QT 综合征 14 型
Long-QT syndrome type 15|长 QT 综合征 15 型
Long-QT syndrome type 16|长 QT 综合征 16 型
Long QT syndrome|长 QT 综合征
Catecholaminergic polymorphic ventricular tachycardia|儿茶酚胺敏感性多形性室性心动过速
Ehlers-Danlos syndrome, vascular type|血管型 Ehlers-Danlos 综合征
Cerebrotendinous xanthomatosis|脑腱黄瘤病
Arrhythmogenic right ventricular cardiomyopathy|致心律失常性右室心肌病
Marfan syndrome|马方综合征
Pompe disease|庞贝病
Fabry disease|法布里病
Hereditary hemochromatosis|遗传性血色病
Maturity-Onset of Diabetes of the Young|青少年发病的成人型糖尿病（MODY）
Hereditary paraganglioma-pheochromocytoma syndrome|遗传性副神经节瘤-嗜铬细胞瘤综合征
Multiple endocrine neoplasia type 1|多发性内分泌腺瘤病 1 型
Multiple endocrine neoplasia type 2A|多发性内分泌腺瘤病 2A 型
Multiple endocrine neoplasia type 2B|多发性内分泌腺瘤病 2B 型
Familial medullary thyroid cancer|家族性甲状腺髓样癌
Lynch syndrome|林奇综合征
MUTYH-associated polyposis|MUTYH 相关息肉病
NF2-related schwannomatosis|NF2 相关神经鞘瘤病
Ornithine transcarbamylase deficiency|鸟氨酸氨甲酰转移酶缺乏症
PTEN hamartoma tumor syndrome|PTEN 错构瘤综合征
Retinoblastoma|视网膜母细胞瘤
RPE65-related retinopathy|RPE65 相关视网膜病变
Brugada syndrome|Brugada 综合征
Loeys-Dietz syndrome|Loeys-Dietz 综合征
Peutz-Jeghers syndrome|Peutz-Jeghers 综合征
Li-Fraumeni syndrome|Li-Fraumeni 综合征
Tuberous sclerosis complex|结节性硬化症
Hereditary transthyretin-related amyloidosis|遗传性转甲状腺素蛋白淀粉样变性
Von Hippel-Lindau syndrome|Von Hippel-Lindau 综合征
WT1-related Wilms tumor|WT1 相关肾母细胞瘤
NAMES
LC_ALL=C awk -F '\t' -v OFS='\t' -v dir="$dir" '
NR == FNR { split($0, a, "|"); zh[a[1]] = a[2]; next }
FNR == 1 { next }
{
	d = $3
	sub(/Dliated/, "Dilated", d)
	sub(/ \(.*/, "", d)
	if (!(d in zh)) { print "acmg.sh: no Chinese name for " d > "/dev/stderr"; bad = 1 }
	if (!($1 in n)) order[++m] = $1
	if (!(($1, d) in had)) {
		had[$1, d] = 1
		name[$1] = name[$1] (n[$1]++ ? "; " : "") d
		zhs[$1] = zhs[$1] (zhs[$1] == "" ? "" : "；") zh[d]
	}
	rep[$1] = $8
	inh[$1] = $6
}
function when(g, r) {
	if (r == "All P and LP" || r == "All hemi, het, homozygous P and LP") return "V(" g ")>=1"
	if (r == "P and LP (2 variants)") return "V(" g ")>=2"
	if (r ~ /^p\.C282Y homozygotes only/) return "V(" g ",\"p.Cys282Tyr\")>=2"
	if (r ~ /truncating variants only/) return "V(" g ",\"truncating\")>=1"
	if (r ~ /^All hemi or homozygous/) return "V(" g ",\"hemizygous\")>=1 || V(" g ")>=2"
	print "acmg.sh: " g ": cannot read \"" r "\"" > "/dev/stderr"
	bad = 1
}
END {
	rules = dir "/acmg.tsv"; conds = dir "/conditions.tsv"
	print "##genorx-rules 1" > rules
	print "rule_id", "version", "drug", "when", "population", "strength", "action", "actions", "reduce_pct",
		"pct_of_standard", "increase_pct", "multiply", "cap_mg", "verify", "guideline_id", "pmids", "source", "licence" > rules
	print "drug", "subject", "condition", "condition_zh", "zh", "kind", "source" > conds
	src = "ACMG SF v3.3 list of secondary findings, 2025"
	for (i = 1; i <= m; i++) {
		g = order[i]
		w = when(g, rep[g])
		# the sentence speaks of two copies only where the condition asks for two
		two = inh[g] == "AR" && w ~ />=2$/
		odd = inh[g] == "AR" && !two
		act = two ? "REPORT_FINDING_BIALLELIC" : "REPORT_FINDING"
		if (odd) {
			name[g] = name[g] "; recessive: one copy alone makes a carrier"
			zhs[g] = zhs[g] "；隐性遗传：仅一个拷贝者为携带者"
		}
		print "ACMG.SF33." g, odd ? 2 : 1, "secondary finding " g, w, "general", "", act, act, "", "", "", "", "", odd, "ACMG.SF.v3.3",
			"37347242", src "; statement of the version before: PMID 37347242" \
			(odd ? "; the list reports all P and LP variants of this recessive gene, to be verified" : ""), "GPL-3.0-or-later" > rules
		print "secondary finding " g, g, name[g], zhs[g], "次要发现：" g, "secondary", src "; Chinese names: genorx" > conds
	}
	print "polygenic risk of coronary artery disease", "coronary artery disease", "coronary artery disease", "冠状动脉疾病", "冠状动脉疾病多基因风险",
		"risk", "see prs.tsv; Chinese names: genorx" > conds
	exit bad
}' "$tmp" "$here/../acmg/secondary.tsv"
