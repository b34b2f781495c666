/* SPDX-License-Identifier: GPL-3.0-or-later
 * page.c -- the frame of the page: head with a content policy that forbids all loading, style, navigation,
 * sections. */
#include <stdio.h>
#include <string.h>

#include "stage/report/report_int.h"

static const char css[] =
	":root{--fg:#16202b;--mut:#44525f;--bd:#c3ccd5;--hd:#eef2f6;--link:#0b4f9e;--act:#8a1020;--actb:#"
	"fde8ea;--cau:#6a4300;"
	"--caub:#fff1cc;--unk:#3f3470;--unkb:#ecebf9;--ok:#0f4f2c;--okb:#e3f4ea;--inf:#0c4a6e;--infb:#e2f1fa}"
	"\n"
	"*{box-sizing:border-box}html{scroll-behavior:auto}\n"
	"body{font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans CJK SC','Microsoft "
	"YaHei',Arial,sans-serif;"
	"color:var(--fg);background:#fff;margin:0 auto;max-width:68rem;padding:1.2rem "
	"1.5rem;overflow-wrap:break-word}\n"
	"h1{font-size:1.7rem;line-height:1.2;margin:.2rem 0 .8rem}h2{font-size:1.3rem;margin:2.2rem 0 "
	".6rem;padding-bottom:.25rem;"
	"border-bottom:3px solid var(--link)}h3{font-size:1.1rem;margin:1.4rem 0 "
	".4rem}h4{font-size:1rem;margin:1rem 0 .3rem}\n"
	"p{margin:.5rem 0;max-width:52rem}a{color:var(--link);text-underline-offset:.15em}\n"
	"a:focus-visible,summary:focus-visible{outline:3px solid "
	"var(--link);outline-offset:2px;border-radius:2px}\n"
	".skip{position:absolute;left:-9999px}.skip:focus{position:static;display:inline-block;padding:.5rem}"
	"\n"
	".meta{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.7rem "
	"1.2rem;margin:.8rem 0}"
	".meta div{border-left:4px solid "
	"var(--bd);padding-left:.6rem}dt{color:var(--mut);font-size:.85rem}dd{margin:0;"
	"font-weight:600}.meta .tag{margin:.1rem .2rem .1rem 0}\n"
	".note{border:1px solid var(--bd);border-left:6px solid var(--act);border-radius:.3rem;padding:.6rem "
	".9rem;max-width:none}"
	".soft{color:var(--mut)}.gap{border:1px dashed var(--unk);border-left:6px solid "
	"var(--unk);background:var(--unkb);"
	"color:var(--unk);padding:.6rem .9rem;border-radius:.3rem;max-width:none}\n"
	"nav ul{list-style:none;padding:0;margin:1rem 0;display:flex;flex-wrap:wrap;gap:.4rem}nav "
	"a{display:block;padding:.35rem "
	".7rem;border:1px solid var(--bd);border-radius:1rem;text-decoration:none;background:var(--hd)}nav "
	"a:hover{"
	"text-decoration:underline}\n"
	".wrap{overflow-x:auto;margin:.6rem 0 "
	"1rem}table{border-collapse:collapse;width:100%}caption{text-align:left;"
	"font-weight:600;padding:.3rem 0;color:var(--mut)}\n"
	"th,td{border-bottom:1px solid var(--bd);padding:.5rem "
	".6rem;text-align:left;vertical-align:top}thead th{background:"
	"var(--hd);border-bottom:2px solid #8595a5;font-size:.9rem}tbody "
	"th{font-weight:600;min-width:7.5rem}code{overflow-wrap:anywhere}td "
	"p{margin:.3rem 0 0}\n"
	"table small,li "
	"small{color:var(--mut);font-size:.85rem;font-weight:400}.num{font-variant-numeric:tabular-nums}\n"
	".tag{display:inline-block;padding:.1rem .5rem;border:1px solid "
	"currentColor;border-radius:.35rem;font-weight:700;"
	"font-size:.92rem;line-height:1.35;white-space:nowrap}.act{color:var(--act);background:var(--actb)}."
	"cau{color:var(--cau);"
	"background:var(--caub)}.unk{color:var(--unk);background:var(--unkb);border-style:dashed}.ok{color:"
	"var(--ok);background:"
	"var(--okb)}.inf{color:var(--inf);background:var(--infb)}\n"
	"details{margin:.6rem 0;border:1px solid var(--bd);border-radius:.3rem;padding:.2rem "
	".8rem}summary{cursor:pointer;"
	"padding:.4rem 0;font-weight:600;min-height:24px}code{font:.92em "
	"ui-monospace,Menlo,Consolas,monospace}\n"
	".chain{border-left:4px solid var(--bd);padding:.1rem 0 .1rem 1rem;margin:.6rem 0 1.4rem}.chain "
	"ol,.chain ul{padding-left:"
	"1.3rem;margin:.3rem 0}.chain li{margin:.25rem 0}\n"
	".cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(19rem,1fr));gap:1rem}figure{margin:"
	"0;border:1px solid "
	"var(--bd);border-radius:.4rem;padding:.8rem}figcaption{font-size:.95rem}figure "
	"b{font-size:1.25rem}svg{display:block;"
	"width:100%;height:auto;margin:.4rem 0}svg text{font:13px system-ui,Arial,sans-serif;fill:#16202b}\n"
	"footer{margin-top:2.5rem;border-top:1px solid "
	"var(--bd);color:var(--mut);font-size:.9rem}article+article{margin-top:3rem;"
	"border-top:6px double var(--bd)}\n";

/* Narrow screens and paper. */
static const char css_media[] =
	"@media(max-width:44rem){body{padding:.8rem}h1{font-size:1.4rem}.wrap{overflow:visible}thead{"
	"position:absolute;left:-9999px}"
	"table,tbody,tr,th,td,caption{display:block;width:100%}tbody "
	"th{min-width:0}td>div,th>div{min-width:0;overflow-wrap:anywhere}tr{border:1px solid "
	"var(--bd);border-radius:.4rem;margin:.6rem 0;"
	"padding:.3rem .2rem}tbody th,td{border:0;padding:.25rem "
	".6rem;display:grid;grid-template-columns:7.7rem 1fr;gap:.5rem}"
	"tbody "
	"th[data-l]::before,td[data-l]::before{content:attr(data-l);color:var(--mut);font-weight:400;font-"
	"size:.85rem}"
	"td>div:empty::after{content:'\\2013'}.cards{grid-template-columns:1fr}.tag{white-space:normal}}\n"
	"@media print{@page{size:A4;margin:14mm 12mm "
	"16mm}body{font-size:9.5pt;max-width:none;padding:0}nav,.skip{display:none}"
	"h1{font-size:16pt}h2{font-size:12.5pt;break-after:avoid}h3,h4,caption{break-after:avoid}tr,figure,."
	"note,.chain li{"
	"break-inside:avoid}thead{display:table-header-group}.tag{print-color-adjust:exact;-webkit-print-"
	"color-adjust:exact}"
	".wrap{overflow:visible}a{color:inherit;text-decoration:none}article+article{break-before:page}}\n";

static void head(struct report_page *p, const char *title)
{
	report_rawf(p, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
		p->lang == REPORT_ZH ? "zh-CN" : "en");
	report_raw(p, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
		      "'unsafe-inline'; img-src "
		      "data:; script-src 'none'; base-uri 'none'; form-action 'none'\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		      "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
	report_text(p, title);
	report_raw(p, "</title>\n<style>\n");
	report_raw(p, css);
	report_raw(p, css_media);
	report_raw(p, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">");
	report_t(p, S_SKIP);
	report_raw(p, "</a>\n");
}

static void meta_open(struct report_page *p, enum report_str label)
{
	report_raw(p, "<div><dt>");
	report_t(p, label);
	report_raw(p, "</dt><dd>");
}

static void meta_gate(struct report_page *p)
{
	const struct grx_fact *f = report_find(p, "qc/gate", "", "");
	char buf[64];
	const char *v = report_value(f, buf, sizeof buf);

	meta_open(p, S_QUALITY_OF_SAMPLE);
	if (strcmp(v, "pass") == 0)
		report_tag(p, "ok", "&#10003;", report_s(p->lang, S_PASS));
	else if (strcmp(v, "warn") == 0)
		report_tag(p, "cau", "~", report_s(p->lang, S_WARN));
	else if (strcmp(v, "fail") == 0)
		report_tag(p, "act", "!", report_s(p->lang, S_FAIL));
	else
		report_tag(p, "unk", "?", report_s(p->lang, S_NOT_ASSESSED));
	f = report_find(p, "qc/depth/mean", "", "");
	if (f && f->status == GRX_FACT_OK && f->value.type == GRX_V_NUM)
		report_rawf(p, " <span class=\"num\">%.1f&#215;</span>", f->value.num);
	report_raw(p, "</dd></div>");
}

static void meta_counts(struct report_page *p)
{
	int n[5] = {0};
	static const enum report_str name[] = {S_ACT, S_CAUTION, S_UNKNOWN};
	static const char *const cls[] = {"act", "cau", "unk"};
	char buf[64];

	for (size_t i = 0; i < p->meds.n; i++)
		n[report_level_of(p->meds.v[i])]++;
	meta_open(p, S_COUNTS);
	for (int i = 0; i < 3; i++) {
		snprintf(buf, sizeof buf, "%d %s", n[i], report_s(p->lang, name[i]));
		if (n[i])
			report_tag(p, cls[i], i == 0 ? "!" : i == 1 ? "~" : "?", buf);
	}
	if (!p->meds.n)
		report_tag(p, "unk", "?", report_s(p->lang, S_NOT_ASSESSED));
	else if (!n[0] && !n[1] && !n[2])
		report_raw(p, "0");
	report_raw(p, "</dd></div>");
}

/* What identifies the sample and the rules behind it. */
static void sample_meta(struct report_page *p)
{
	const char *rules = NULL;

	for (size_t i = 0; i < p->meds.n && !rules; i++)
		rules = p->meds.v[i]->refdata;
	report_raw(p, "<dl class=\"meta\">");
	meta_open(p, S_SAMPLE);
	report_text(p, p->sample);
	report_raw(p, "</dd></div>");
	meta_gate(p);
	meta_counts(p);
	meta_open(p, S_RULES);
	report_text(p, rules ? rules : report_s(p->lang, S_MISSING));
	report_raw(p, "</dd></div>");
	meta_open(p, S_PIPELINE);
	report_raw(p, "genorx " GENORX_VERSION "</dd></div></dl>\n");
}

static void ruo(struct report_page *p)
{
	report_raw(p, "<p class=\"note\"><strong>");
	report_t(p, S_RUO);
	report_raw(p, "</strong> ");
	report_t(p, S_RUO_TEXT);
	report_raw(p, "</p>\n");
}

static void nav_links(struct report_page *p)
{
	static const struct {
		const char *slug;
		enum report_str name;
	} t[] = {{"summary", S_SUMMARY}, {"meds", S_MEDS}, {"genes", S_GENES}, {"risk", S_RISK},
		{"findings", S_FINDINGS}, {"why", S_WHY}, {"quality", S_QUALITY}, {"limits", S_LIMITS},
		{"methods", S_METHODS}};

	report_raw(p, "<nav aria-label=\"");
	report_t(p, S_SECTIONS);
	report_raw(p, "\"><ul>");
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		report_rawf(p, "<li><a href=\"#s%d-%s\">%d ", p->si, t[i].slug, (int)i + 1);
		report_t(p, t[i].name);
		report_raw(p, "</a></li>");
	}
	report_raw(p, "</ul></nav>\n");
}

static void nav_samples(struct report_page *p)
{
	report_raw(p, "<nav aria-label=\"");
	report_t(p, S_SAMPLE);
	report_raw(p, "\"><ul>");
	for (int i = 0; i < p->n_sample; i++) {
		report_rawf(p, "<li><a href=\"#s%d\">", i);
		report_text(p, p->sample_name[i]);
		report_raw(p, "</a></li>");
	}
	report_raw(p, "</ul></nav>\n");
}

static int sections(struct report_page *p)
{
	int rc = GRX_E_BUG;

	GRX_TRY(report_sec_summary(p));
	GRX_TRY(report_sec_meds(p));
	GRX_TRY(report_sec_genes(p));
	GRX_TRY(report_sec_risk(p));
	GRX_TRY(report_sec_findings(p));
	GRX_TRY(report_sec_why(p));
	GRX_TRY(report_sec_quality(p));
	GRX_TRY(report_sec_limits(p));
	GRX_TRY(report_sec_methods(p));
	rc = GRX_OK;
out:
	return rc;
}

static int sample_article(struct report_page *p, int i)
{
	int rc = GRX_E_BUG;

	p->si = i;
	p->sample = p->sample_name[i];
	p->h = p->n_sample > 1 ? 3 : 2;
	GRX_TRY(report_select(p, "recommend/", &p->meds));
	report_sort_meds(&p->meds);
	report_rawf(p, "<article id=\"s%d\">\n", i);
	if (p->n_sample > 1) {
		report_raw(p, "<h2>");
		report_text(p, p->sample);
		report_raw(p, "</h2>\n");
	}
	sample_meta(p);
	if (i == 0)
		ruo(p);
	nav_links(p);
	GRX_TRY(sections(p));
	report_raw(p, "</article>\n");
	rc = GRX_OK;
out:
	report_list_free(&p->meds);
	return rc;
}

int report_page_write(struct report_page *p)
{
	int rc = GRX_E_BUG;
	const char *title = p->o->title && *p->o->title ? p->o->title : report_s(p->lang, S_TITLE);

	head(p, title);
	report_raw(p, "<header>\n<h1>");
	report_text(p, title);
	report_raw(p, "</h1>\n");
	if (p->n_sample > 1)
		nav_samples(p);
	report_raw(p, "</header>\n<main id=\"main\">\n");
	if (!p->n_sample) {
		ruo(p);
		report_para(p, "gap", S_NO_SAMPLES);
	}
	for (int i = 0; i < p->n_sample; i++)
		GRX_TRY(sample_article(p, i));
	report_raw(p, "</main>\n<footer><p>");
	report_t(p, S_FOOTER);
	report_raw(p, "</p></footer>\n</body>\n</html>\n");
	rc = GRX_OK;
out:
	return rc;
}
