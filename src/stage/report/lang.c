/* SPDX-License-Identifier: GPL-3.0-or-later
 * lang.c -- the words of the page in English and Chinese. */
#include "stage/report/report_int.h"

static const char *const text[S_N_STRINGS][2] = {
	[S_TITLE] = {"Precision-medicine report", "精准用药与风险报告"},
	[S_SKIP] = {"Skip to the summary", "跳到摘要"},
	[S_SECTIONS] = {"Sections", "目录"},
	[S_SAMPLE] = {"Sample", "样本"},
	[S_PIPELINE] = {"Software", "软件"},
	[S_RULES] = {"Rule table", "规则表"},
	[S_QUALITY_OF_SAMPLE] = {"Sample quality", "样本质量"},
	[S_COUNTS] = {"Needs attention", "需要关注"},
	[S_RUO] = {"Research use only.", "仅供研究使用。"},
	[S_RUO_TEXT] =
		{"A clinician must review every item, and an accredited laboratory must confirm a result "
		 "before any "
		 "therapy is changed. Do not start, stop or change a medicine because of this page alone.",
			"每一条都必须由临床医生审阅；在改变任何治疗之前，必须由有资质的实验室复核。不要仅凭本"
			"页开始、停止或更改用药。"},
	[S_SUMMARY] = {"Summary", "摘要"},
	[S_MEDS] = {"Medicines", "药物"},
	[S_GENES] = {"Genes", "基因"},
	[S_RISK] = {"Disease risk", "疾病风险"},
	[S_FINDINGS] = {"Variant findings", "变异发现"},
	[S_WHY] = {"Why: the evidence chain", "依据：证据链"},
	[S_QUALITY] = {"Quality", "质量"},
	[S_LIMITS] = {"Limits: what was not assessed", "局限：未评估的内容"},
	[S_METHODS] = {"Methods and provenance", "方法与来源"},
	[S_MOST_URGENT] = {"Most urgent first", "最紧急的在前"},
	[S_LEVEL] = {"Level", "级别"},
	[S_WHAT] = {"What", "对象"},
	[S_DO] = {"What to do", "建议"},
	[S_EVIDENCE] = {"Evidence", "证据"},
	[S_WHY_LINK] = {"why", "依据"},
	[S_NOTHING_URGENT] = {"No item needs action or caution among what was assessed. Section 8 lists what "
			      "was not assessed.",
		"在已评估的内容中，没有需要处理或注意的项目。未评估的内容见第 8 节。"},
	[S_STANDARD_ROW] = {"%d recommendations for standard use: no change needed on these grounds",
		"%d 条建议为常规用药：基因方面无需调整"},
	[S_STANDARD_GATED] = {"%d recommendations for standard use are not confirmed: the sample failed "
			      "quality control",
		"%d 条常规用药建议未获确认：样本质量不合格"},
	[S_ACT] = {"Act", "处理"},
	[S_CAUTION] = {"Caution", "注意"},
	[S_UNKNOWN] = {"Unknown", "未知"},
	[S_INFO] = {"Info", "信息"},
	[S_STANDARD] = {"Standard", "常规"},
	[S_NOT_ASSESSED] = {"not assessed", "未评估"},
	[S_REFUSED] = {"refused", "拒绝给出"},
	[S_MISSING] = {"not available", "缺失"},
	[S_NO_MEDS] = {"No medicine was assessed: the facts given hold no recommendation for this sample. "
		       "This does not mean that "
		       "standard doses are safe.",
		"未评估任何药物：所给事实中没有该样本的建议。这并不表示常规剂量是安全的。"},
	[S_MEDS_CAPTION] = {"Medicines that need action, caution or a test", "需要处理、注意或检测的药物"},
	[S_MEDICINE] = {"Medicine", "药物"},
	[S_RECOMMENDATION] = {"Recommendation", "建议"},
	[S_STRENGTH] = {"Strength", "强度"},
	[S_SOURCE] = {"Source", "来源"},
	[S_GUIDELINE] = {"Guideline", "指南"},
	[S_POPULATION] = {"Applies to", "适用人群"},
	[S_VERIFY] = {"Before use", "使用前"},
	[S_MEDS_FOLDED] = {"Medicines with standard use or information only (%d)",
		"常规用药或仅供参考的药物（%d）"},
	[S_NO_GENES] =
		{"No gene was assessed: the facts given hold no genotype of a pharmacogene for this sample.",
			"未评估任何基因：所给事实中没有该样本的药物基因型。"},
	[S_GENES_CAPTION] = {"Pharmacogenes", "药物基因"},
	[S_GENE] = {"Gene", "基因"},
	[S_DIPLOTYPE] = {"Diplotype", "双倍型"},
	[S_PHENOTYPE] = {"Phenotype", "表型"},
	[S_ACTIVITY] = {"Activity score", "活性评分"},
	[S_STATUS] = {"Status", "状态"},
	[S_LOCI] = {"Loci", "位点"},
	[S_LOCI_OF] = {"%s of %s not assessed", "%s / %s 未评估"},
	[S_ST_CALLED] = {"called", "已判定"},
	[S_ST_PARTIAL] = {"partial", "部分"},
	[S_ST_AMBIGUOUS] = {"ambiguous", "不明确"},
	[S_ST_NO_MATCH] = {"no match", "无匹配"},
	[S_SAME_AS] = {"cannot be told apart from", "无法与之区分"},
	[S_ALSO_FITS] = {"also fits the genotypes", "同样符合基因型"},
	[S_UNDOCUMENTED] = {"allele without definition", "无定义的等位变异"},
	[S_NOTE] = {"note", "注意"},
	[S_ANCHOR_ONLY] = {"indel loci known by their first base only", "仅凭首碱基判断的插入缺失位点"},
	[S_GENES_NOTE] = {"A gene is called normal only when every locus that could say otherwise was "
			  "genotyped. A missing locus "
			  "is shown as missing, never as reference.",
		"只有当所有可能推翻结论的位点都已分型时，才判定为正常。缺失的位点显示为缺失，绝不当作参考型"
		"。"},
	[S_CANDIDATES] = {"possible", "可能"},
	[S_NO_RISK] = {"No disease risk was assessed for this sample.", "未评估该样本的疾病风险。"},
	[S_RISK_NOTE] = {"Estimates for groups of people with the same inputs. They are not a diagnosis. "
			 "PREVENT equations hold for "
			 "people of 30 to 79 years without known cardiovascular disease and were derived in "
			 "the United States.",
		"这是对具有相同输入的人群的估计，不是诊断。PREVENT 方程适用于 30 至 79 "
		"岁、无已知心血管疾病者，并在美国人群中建立。"},
	[S_PROBABILITY] = {"Probability", "概率"},
	[S_INTERVAL] = {"interval", "区间"},
	[S_INTERVAL_COVERS] = {"The interval covers", "区间包括"},
	[S_AVERAGE_RISK] = {"Average of the population", "人群平均"},
	[S_AVERAGED_OVER] = {"Not known and averaged over the population", "未知、按人群平均"},
	[S_OF_PEOPLE] = {"Of %d people like this, about %d have the event in this time and %d do not.",
		"%d 名情况相同的人中，约 %d 人在此期间发生该事件，%d 人不发生。"},
	[S_OF_PEOPLE_FEW] = {"Of %d people like this, fewer than 1 has the event in this time.",
		"%d 名情况相同的人中，发生该事件的少于 1 人。"},
	[S_RISK_OUTSIDE] = {"Not assessed risk models", "未评估的风险模型"},
	[S_PRS_CAPTION] = {"Polygenic scores", "多基因评分"},
	[S_SCORE] = {"Score", "评分"},
	[S_TRAIT] = {"Trait", "性状"},
	[S_SUM] = {"Sum", "总和"},
	[S_PERCENTILE] = {"Percentile", "百分位"},
	[S_COVERAGE] = {"Variants found", "命中变异比例"},
	[S_COVERAGE_W] = {"Weight found", "命中权重比例"},
	[S_PRS_NOTE] = {"A raw sum has no meaning without a reference group of the same ancestry. Accuracy "
			"is lower in groups that "
			"the score was not built in.",
		"没有同一祖源的参照人群，原始总和没有意义。在评分未覆盖的人群中准确性较低。"},
	[S_PRS_ALSO] = {"A percentile is a place among people of a reference panel. It is not a risk, and a "
			"person at "
			"a high percentile need not fall ill.",
		"百分位表示在参照人群中的位置，不是患病风险；百分位高者也未必患病。"},
	[S_NOT_ADJUSTED] = {"not adjusted: no reference panel", "未校正：没有参照人群"},
	[S_AMONG] = {"among %lld people of %s", "在 %2$s 人群 %1$lld 人中"},
	[S_LOW_CONFIDENCE] = {"low confidence: no population of the panel fits this person",
		"可信度低：没有与此人相符的参照人群"},
	[S_MOST_SIMILAR] = {"Most similar people of the reference panel", "参照人群中最相似者"},
	[S_DISTANCE] =
		{"genetic distance from the panel's centre: greater than that of %.0f %% of its people",
			"与参照人群中心的遗传距离：大于其中 %.0f %% 的人"},
	[S_PORTABILITY] = {"scores predict less well at such a distance", "在此距离下评分的预测能力较低"},
	[S_LEVEL_INTERVAL] = {"%s %% interval %s to %s", "%s %% 区间 %s 至 %s"},
	[S_CLINICAL_CAPTION] = {"Clinical values given", "给定的临床数据"},
	[S_ITEM] = {"Item", "项目"},
	[S_VALUE] = {"Value", "数值"},
	[S_NO_FINDINGS] = {"No reportable variant was found among those assessed. A residual risk remains.",
		"在已评估的变异中没有需要报告的发现。仍有残余风险。"},
	[S_FINDINGS_NOT_RUN] = {"Not assessed: the facts given hold no variant annotation for this sample.",
		"未评估：所给事实中没有该样本的变异注释。"},
	[S_FINDINGS_NOT_ASKED] =
		{"Findings were not looked for: nobody asked for disease-causing variants, neither of named "
		 "genes nor of "
		 "the list of secondary findings. That none is shown here says nothing about the genome.",
			"未查找此类发现：没有人要求查找致病变异，既未指定基因，也未要求次要发现列表。此处没有"
			"显示并不说明基因组中没有。"},
	[S_FINDINGS_ASKED] =
		{"Looked for in the genes that were asked for only. Secondary findings were not looked for.",
			"仅在所要求的基因中查找。未查找次要发现。"},
	[S_FINDINGS_SECONDARY] =
		{"Secondary findings of the list ACMG SF v3.3 were looked for at the person's request; "
		 "other genes were not.",
			"应本人要求查找了 ACMG SF v3.3 列表中的次要发现；未查找其他基因。"},
	[S_FINDINGS_BOTH] =
		{"Looked for in the genes that were asked for and, at the person's request, in the list of "
		 "secondary findings ACMG SF v3.3.",
			"在所要求的基因中查找，并应本人要求在 ACMG SF v3.3 次要发现列表中查找。"},
	[S_FINDINGS_NO_DB] = {"Not assessed: no database of clinical significance was joined.",
		"未评估：未连接临床意义数据库。"},
	[S_FINDINGS_ACMG] = {"ACMG/AMP points", "ACMG/AMP 评分"},
	[S_FINDINGS_CAPTION] = {"Reportable variants", "需报告的变异"},
	[S_VARIANT] = {"Variant", "变异"},
	[S_CONSEQUENCE] = {"Consequence", "后果"},
	[S_CLINVAR] = {"Classification", "分类"},
	[S_GENOTYPE] = {"Genotype", "基因型"},
	[S_WHY_INTRO] = {"Each recommendation, back to the genotypes it rests on. Reference loci are "
			 "counted, not listed; the tables by "
			 "gene list every locus looked at.",
		"每条建议都追溯到其依据的基因型。参考型位点只计数；按基因的表格列出所有检查过的位点。"},
	[S_RULE] = {"Rule", "规则"},
	[S_VERSION] = {"version", "版本"},
	[S_BECAUSE] = {"Because", "因为"},
	[S_NO_EVIDENCE] = {"no evidence link in the facts", "事实中没有证据链接"},
	[S_LOCUS] = {"Locus", "位点"},
	[S_POSITION] = {"Position", "位置"},
	[S_CHANGE] = {"Change", "变化"},
	[S_DEPTH] = {"Depth", "深度"},
	[S_GQ] = {"GQ", "GQ"},
	[S_AD] = {"Reads per allele", "各等位基因读段"},
	[S_NO_RECORD] = {"no record: not assessed", "无记录：未评估"},
	[S_NO_CALL] = {"no call", "未判定"},
	[S_REF_LOCI] = {"Further loci genotyped as reference: %d", "另有 %d 个位点为参考型"},
	[S_ALL_LOCI] = {"All loci looked at, by gene", "按基因列出检查过的所有位点"},
	[S_LOCI_CAPTION] = {"Loci of %s", "%s 的位点"},
	[S_NO_QC] =
		{"Not assessed: no quality facts were given. Treat every result of this page with caution.",
			"未评估：没有给出质量数据。请谨慎对待本页的所有结果。"},
	[S_QC_CAPTION] = {"Quality measures", "质量指标"},
	[S_RESULT] = {"Gate", "判定"},
	[S_PASS] = {"Pass", "通过"},
	[S_WARN] = {"Warning", "警告"},
	[S_FAIL] = {"Fail", "不通过"},
	[S_MALE] = {"male", "男"},
	[S_FEMALE] = {"female", "女"},
	[S_PER_CONTIG] = {"Depth per contig", "各染色体深度"},
	[S_LIMITS_TEXT] = {"Sequencing may miss repeats, copy-number changes and genes with close copies "
			   "(for example CYP2D6, HLA). "
			   "Interactions between medicines, kidney and liver function, pregnancy and age are "
			   "not considered unless a "
			   "rule says so.",
		"测序可能遗漏重复序列、拷贝数变化以及具有高度相似拷贝的基因（如 "
		"CYP2D6、HLA）。除非规则说明，否则不考虑药物相互作用、肝肾功能、妊娠和年龄。"},
	[S_LIMITS_CAPTION] = {"Everything that is missing or was refused, with the reason",
		"所有缺失或被拒绝的内容及原因"},
	[S_REASON] = {"Reason", "原因"},
	[S_NO_LIMITS] = {"No fact of this sample is marked missing or refused. What was never looked at "
			 "can't be listed here.",
		"该样本没有标为缺失或被拒绝的事实。从未检查过的内容无法在此列出。"},
	[S_METHODS_TEXT] = {"Every statement above is a fact made by one of these steps; the fact file holds "
			    "all of them with their sources.",
		"以上每一条都是由下列步骤之一得出的事实；事实文件保存了全部内容及来源。"},
	[S_METHODS_CAPTION] = {"Steps, versions and reference tables", "步骤、版本与参考表"},
	[S_STAGE] = {"Step", "步骤"},
	[S_REFDATA] = {"Reference data", "参考数据"},
	[S_N_FACTS] = {"Facts", "事实数"},
	[S_OPTIONS] = {"Options", "选项"},
	[S_OTHER_CAPTION] = {"All other facts", "其他事实"},
	[S_OTHER] = {"Other facts (%d)", "其他事实（%d）"},
	[S_FOOTER] = {"This page is complete in itself: it loads nothing from a network and runs no script.",
		"本页自成一体：不从网络加载任何内容，不运行脚本。"},
	[S_GATE_FAIL] = {"The sample failed quality control. Do not use the results; sequence again.",
		"样本质量不合格。请勿使用结果，应重新测序。"},
	[S_GATE_WARN] = {"A quality measure is outside its usual range: see Quality.",
		"有质量指标超出常规范围：见“质量”。"},
	[S_FINDING_DO] = {"Confirm by an independent method and discuss with a geneticist",
		"用独立方法确认，并咨询遗传学专家"},
	[S_NO_SAMPLES] = {"The facts given are about no sample: nothing was assessed.",
		"所给事实不涉及任何样本：没有进行评估。"},
};

const char *report_s(enum report_lang lang, enum report_str id)
{
	return text[id][lang];
}
