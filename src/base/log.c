/* SPDX-License-Identifier: GPL-3.0-or-later
 * log.c -- stderr log lines; locked; repeated messages are counted after the 20th. */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/mem.h"

#define LOG_KINDS  64
#define LOG_REPEAT 20

struct grx_log {
	pthread_mutex_t lock;
	int verbosity;
	bool json;
	double start_s;
	const char *kind[LOG_KINDS]; /* format strings seen: their address is the message's identity */
	int64_t seen[LOG_KINDS];
};

double grx_wall_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double grx_cpu_s(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

int64_t grx_peak_rss_bytes(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (int64_t)u.ru_maxrss * 1024;
}

struct grx_log *grx_log_new(int verbosity, bool json)
{
	struct grx_log *l = grx_calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	pthread_mutex_init(&l->lock, NULL);
	l->verbosity = verbosity;
	l->json = json;
	l->start_s = grx_wall_s();
	return l;
}

void grx_log_free(struct grx_log *l)
{
	if (!l)
		return;
	for (int i = 0; i < LOG_KINDS && l->kind[i]; i++) {
		if (l->seen[i] > LOG_REPEAT)
			fprintf(stderr, "genorx: warning: the message \"%.60s...\" came %lld times in all\n",
				l->kind[i], (long long)l->seen[i]);
	}
	pthread_mutex_destroy(&l->lock);
	grx_free(l);
}

char *grx_escape(const char *s, char *buf, size_t cap)
{
	size_t n = 0;
	for (const unsigned char *p = (const unsigned char *)s; *p && n + 5 < cap; p++) {
		if (*p >= 0x20 && *p < 0x7f)
			buf[n++] = (char)*p;
		else
			n += (size_t)snprintf(buf + n, cap - n, "\\x%02x", *p);
	}
	buf[n < cap ? n : cap - 1] = '\0';
	return buf;
}

/* Number of times this format has come, this one included. */
static int64_t count_kind(struct grx_log *l, const char *fmt)
{
	int i = 0;
	while (i < LOG_KINDS - 1 && l->kind[i] && l->kind[i] != fmt)
		i++;
	l->kind[i] = fmt;
	return ++l->seen[i];
}

static void print_json(const char *level, const char *stage, const char *text)
{
	fprintf(stderr, "{\"level\":\"%s\",\"stage\":\"%s\",\"message\":\"", level, stage);
	for (const char *p = text; *p; p++)
		fprintf(stderr, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
	fputs("\"}\n", stderr);
}

static void print_line(struct grx_ctx *cx, const char *level, const char *text)
{
	struct grx_log *l = cx->log;
	const char *stage = cx->stage ? cx->stage : "genorx";
	char safe[2048];
	grx_escape(text, safe, sizeof safe);
	if (l->json) {
		print_json(level, stage, safe);
	} else if (strcmp(level, "warning") == 0) {
		fprintf(stderr, "genorx: %s: warning: %s\n", stage, safe);
	} else {
		double wall = grx_wall_s() - l->start_s;
		fprintf(stderr, "[genorx %.1fs %.1fx %.2fG] %s: %s\n", wall,
			wall > 0 ? grx_cpu_s() / wall : 0.0, (double)grx_peak_rss_bytes() / 1e9, stage, safe);
	}
}

void grx_warn(struct grx_ctx *cx, const char *fmt, ...)
{
	if (!cx->log)
		return;
	pthread_mutex_lock(&cx->log->lock);
	if (count_kind(cx->log, fmt) <= LOG_REPEAT) {
		char text[1500];
		va_list ap;
		va_start(ap, fmt);
		vsnprintf(text, sizeof text, fmt, ap);
		va_end(ap);
		print_line(cx, "warning", text);
	}
	pthread_mutex_unlock(&cx->log->lock);
}

void grx_info(struct grx_ctx *cx, const char *fmt, ...)
{
	if (!cx->log || cx->log->verbosity < 1)
		return;
	char text[1500];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&cx->log->lock);
	print_line(cx, "info", text);
	pthread_mutex_unlock(&cx->log->lock);
}
