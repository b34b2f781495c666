#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Make refdata/risk/prevent.tsv (long form, zero coefficients left out) from the wide coefficient tables of the PREVENT
# supplement, one file per model and horizon. Usage: convert.sh FOLDER > prevent.tsv
set -eu
dir=${1:?usage: convert.sh FOLDER_OF_COEFFICIENT_TABLES}
printf 'model\thorizon\tsex\toutcome\tterm\tcoefficient\tsource\n'
for file in base_10 base_30 hba1c_10 hba1c_30 uacr_10 uacr_30 sdi_10 sdi_30 full_10 full_30; do
	awk -F'\t' -v OFS='\t' -v model="prevent_${file%_*}" -v horizon="${file#*_}y" '
	BEGIN {
		t["Age, per 10 years"] = t["Age, 10 years"] = "age"
		t["Age squared"] = "age_squared"
		t["non-HDL-C per 1 mmol/L"] = "nonhdl"
		t["HDL-C per 0.3 mmol/L"] = "hdl"
		t["SBP <110 per 20 mmHg"] = "sbp_below_110"
		t["SBP ≥110 per 20 mmHg"] = "sbp_from_110"
		t["Diabetes"] = "diabetes"
		t["Current smoking"] = "smoker"
		t["BMI <30, per 5 kg/m2"] = "bmi_below_30"
		t["BMI 30+, per 5 kg/m2"] = "bmi_from_30"
		t["eGFR <60, per -15 ml"] = "egfr_below_60"
		t["eGFR 60+, per -15 ml"] = "egfr_from_60"
		t["Anti-hypertensive use"] = "bp_treatment"
		t["Statin use"] = "statin"
		t["Treated SBP ≥110 mm Hg per 20 mm Hg"] = "treated_sbp_from_110"
		t["Treated non-HDL-C"] = "treated_nonhdl"
		t["Age per 10yr * non-HDL-C per 1 mmol/L"] = "age_x_nonhdl"
		t["Age per 10yr * HDL-C per 0.3 mmol/L"] = "age_x_hdl"
		t["Age per 10yr * SBP ≥110 mm Hg per 20 mmHg"] = "age_x_sbp_from_110"
		t["Age per 10yr * diabetes"] = "age_x_diabetes"
		t["Age per 10yr * current smoking"] = "age_x_smoker"
		t["Age per 10yr * BMI 30+ per 5 kg/m2"] = "age_x_bmi_from_30"
		t["Age per 10yr * eGFR <60, per -15 ml"] = "age_x_egfr_below_60"
		t["SDI decile categories 4-6 vs. 1-3"] = "sdi_4_to_6"
		t["SDI decile categories 7-10 vs. 1-3"] = "sdi_7_to_10"
		t["Missing SDI"] = "sdi_missing"
		t["ln-ACR, mg/g, per 1 ln unit"] = "ln_uacr"
		t["Missing ACR/PCR/Dipstick"] = "uacr_missing"
		t["HbA1c in DM, per 1%"] = "hba1c_diabetes"
		t["HbA1c no DM, per 1%"] = "hba1c_no_diabetes"
		t["Missing HbA1c"] = "hba1c_missing"
		t["Constant"] = "constant"
	}
	{ sub(/\r$/, "") }
	NR == 1 {
		n = NF
		for (i = 2; i <= NF; i++) {
			sex[i] = $i; sub(/_.*/, "", sex[i])
			outcome[i] = $i; sub(/^[a-z]*_/, "", outcome[i])
		}
		next
	}
	!($1 in t) { print "convert.sh: unknown term: " $1 > "/dev/stderr"; exit 1 }
	{
		for (i = 2; i <= n; i++)
			if ($i != 0)
				print model, horizon, sex[i], outcome[i], t[$1], $i, \
					"Khan 2024 Circulation 149:430 doi:10.1161/CIRCULATIONAHA.123.067626 supplement"
	}' "$dir/${file}yr.tsv"
done
