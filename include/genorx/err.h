/* SPDX-License-Identifier: GPL-3.0-or-later
 * err.h -- exit statuses, the error chain, must-use marks.
 * Every fallible function returns one of these classes; the library never prints and never exits. */
#ifndef GENORX_ERR_H
#define GENORX_ERR_H

struct grx_ctx;

/* Exit statuses; never renumbered. A signal n is reported as 128 + n. */
enum grx_status {
	GRX_OK = 0,
	GRX_E_USAGE = 2,     /* the command line is wrong */
	GRX_E_DATA = 65,     /* invalid, truncated or corrupt input */
	GRX_E_NOINPUT = 66,  /* an input cannot be opened */
	GRX_E_MISMATCH = 67, /* inputs disagree: build, REF or M5, sample names, index of another file */
	GRX_E_BUG = 70,      /* internal error */
	GRX_E_NOMEM = 71,    /* out of memory or a limit reached */
	GRX_E_IO = 74,       /* read, write, full disk */
	GRX_E_TEMP = 75,     /* stopped with a checkpoint: run again */
	GRX_E_GATE = 77      /* QC, consent or budget refuses */
};

#define GRX_MUST         __attribute__((warn_unused_result))
#define GRX_PRINTF(a, b) __attribute__((format(printf, a, b)))

/* Needs `int rc` and a label `out:` in the function. */
#define GRX_TRY(expr)                                                                                        \
	do {                                                                                                 \
		if ((rc = (expr)) != 0)                                                                      \
			goto out;                                                                            \
	} while (0)

/* grx_fail() -- start an error chain: `what, found, expected, what to do`, with file:line or contig:pos.
 * Bytes outside printable ASCII are escaped as \xNN when printed. Keeps the first error if one is set.
 * Returns status, so that callers write `return grx_fail(cx, GRX_E_DATA, ...)`. */
int grx_fail(struct grx_ctx *cx, int status, const char *fmt, ...) GRX_PRINTF(3, 4);

/* grx_fail_add() -- add context to the chain and pass rc on (rc is what the failing callee returned). */
int grx_fail_add(struct grx_ctx *cx, int rc, const char *fmt, ...) GRX_PRINTF(3, 4);

/* grx_fail_nomem() -- GRX_E_NOMEM with the name of what was to be allocated. */
int grx_fail_nomem(struct grx_ctx *cx, const char *what);

#endif
