/* SPDX-License-Identifier: GPL-3.0-or-later
 * html.c -- writing HTML: escaping, tables, headings, tags. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stage/report/report_int.h"

void report_raw(struct report_page *p, const char *html)
{
	grx_str_add(&p->b, html);
}

void report_rawf(struct report_page *p, const char *fmt, ...)
{
	char buf[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof buf, fmt, ap);
	va_end(ap);
	grx_str_add(&p->b, buf);
}

/* Bytes of a character that reorders or hides text: C1 controls, bidirectional overrides, zero-width marks.
 */
static size_t unsafe_char(const unsigned char *s)
{
	if (s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f)
		return 2;
	if (s[0] == 0xe2 && s[1] == 0x80 &&
		((s[2] >= 0x8b && s[2] <= 0x8f) || (s[2] >= 0xaa && s[2] <= 0xae)))
		return 3;
	if (s[0] == 0xe2 && s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9)
		return 3;
	return 0;
}

void report_escape(struct grx_str *b, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	for (; *s; s++) {
		size_t bad = unsafe_char(s);
		if (bad || *s == 0x7f || (*s < 0x20 && *s != '\n' && *s != '\t')) {
			grx_str_add(b, "&#xFFFD;");
			s += bad ? bad - 1 : 0;
		} else if (*s == '&') {
			grx_str_add(b, "&amp;");
		} else if (*s == '<') {
			grx_str_add(b, "&lt;");
		} else if (*s == '>') {
			grx_str_add(b, "&gt;");
		} else if (*s == '"') {
			grx_str_add(b, "&quot;");
		} else if (*s == '\'') {
			grx_str_add(b, "&#39;");
		} else {
			grx_str_addc(b, (char)*s);
		}
	}
}

void report_text(struct report_page *p, const char *text)
{
	report_escape(&p->b, text);
}

void report_t(struct report_page *p, enum report_str id)
{
	report_escape(&p->b, report_s(p->lang, id));
}

void report_para(struct report_page *p, const char *cls, enum report_str id)
{
	report_rawf(p, "<p class=\"%s\">", cls);
	report_t(p, id);
	report_raw(p, "</p>\n");
}

void report_section_open(struct report_page *p, const char *slug, int number, enum report_str title)
{
	report_rawf(p, "<section id=\"s%d-%s\" aria-labelledby=\"s%d-%s-h\"><h%d id=\"s%d-%s-h\">%d ", p->si,
		slug, p->si, slug, p->h, p->si, slug, number);
	report_t(p, title);
	report_rawf(p, "</h%d>\n", p->h);
}

void report_section_close(struct report_page *p)
{
	report_raw(p, "</section>\n");
}

void report_heading(struct report_page *p, int deeper, const char *text)
{
	report_rawf(p, "<h%d>", p->h + deeper);
	report_text(p, text);
	report_rawf(p, "</h%d>\n", p->h + deeper);
}

void report_table_open(struct report_page *p, const char *caption, const struct report_cols *c)
{
	report_raw(p, "<div class=\"wrap\"><table><caption>");
	report_text(p, caption);
	report_raw(p, "</caption><thead><tr>");
	for (int i = 0; i < c->n; i++) {
		report_raw(p, "<th scope=\"col\">");
		report_t(p, c->col[i]);
		report_raw(p, "</th>");
	}
	report_raw(p, "</tr></thead><tbody>\n");
}

void report_table_close(struct report_page *p)
{
	report_raw(p, "</tbody></table></div>\n");
}

void report_row_open(struct report_page *p, const char *id)
{
	if (id)
		report_rawf(p, "<tr id=\"%s\">", id);
	else
		report_raw(p, "<tr>");
}

void report_row_close(struct report_page *p)
{
	report_raw(p, "</tr>\n");
}

void report_cell_open(struct report_page *p, const struct report_cols *c, int i)
{
	report_raw(p, i == 0 ? "<th scope=\"row\" data-l=\"" : "<td data-l=\"");
	report_t(p, c->col[i]);
	report_raw(p, "\"><div>");
}

void report_cell_close(struct report_page *p, int i)
{
	report_raw(p, i == 0 ? "</div></th>" : "</div></td>");
}

void report_cell(struct report_page *p, const struct report_cols *c, int i, const char *text)
{
	report_cell_open(p, c, i);
	report_text(p, text);
	report_cell_close(p, i);
}

void report_tag(struct report_page *p, const char *cls, const char *mark, const char *text)
{
	report_rawf(p, "<span class=\"tag %s\"><span aria-hidden=\"true\">%s</span> ", cls, mark);
	report_text(p, text);
	report_raw(p, "</span>");
}

void report_tag_level(struct report_page *p, enum report_level level)
{
	static const struct {
		const char *cls, *mark;
		enum report_str name;
	} t[] = {{"act", "!", S_ACT}, {"cau", "~", S_CAUTION}, {"unk", "?", S_UNKNOWN}, {"inf", "i", S_INFO},
		{"ok", "&#10003;", S_STANDARD}};

	report_tag(p, t[level].cls, t[level].mark, report_s(p->lang, t[level].name));
}
