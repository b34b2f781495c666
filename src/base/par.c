/* SPDX-License-Identifier: GPL-3.0-or-later
 * par.c -- ordered map and merge: a team of OpenMP threads, or of plain ones for ThreadSanitizer.
 * Every thread takes the next item, maps it, and merges what is due; none is set apart to hand out work, and
 * none waits for its turn to merge: whoever ends the item that is due merges all that lie ready behind it. An
 * item waits for the last merge of its slot, which bounds the live items. */
#include "base/par.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/ctx.h"
#include "base/mem.h"

/* Set by a signal handler: the one piece of process state, because a signal has no other way in. */
static volatile sig_atomic_t pending_signal;

void grx_par_signal_set(int sig)
{
	pending_signal = sig;
}

int grx_par_signal(void)
{
	return pending_signal;
}

int grx_par_slots(int threads)
{
	return threads <= 1 ? 1 : 2 * threads + 2;
}

int grx_par_signal_check(struct grx_ctx *cx)
{
	int sig = pending_signal;
	if (!sig)
		return GRX_OK;
	return grx_fail(cx, 128 + sig, "stopped by signal %d: unfinished outputs were removed", sig);
}

static int run_serial(struct grx_ctx *cx, const struct grx_par_ops *ops)
{
	for (uint64_t i = 0;; i++) {
		bool done = false;
		int rc = grx_par_signal_check(cx);
		if (rc == GRX_OK)
			rc = ops->next(ops->state, cx, i, 0, &done);
		if (rc != GRX_OK || done)
			return rc;
		rc = ops->map(ops->state, cx, i, 0, 0);
		if (rc == GRX_OK)
			rc = ops->merge(ops->state, cx, i, 0);
		if (rc != GRX_OK)
			return rc;
	}
}

/* Shared state of a parallel loop. */
struct loop {
	struct grx_ctx *cx;
	const struct grx_par_ops *ops;
	pthread_mutex_t lock;
	_Atomic uint64_t stop; /* lowest failing item; UINT64_MAX = none */
	int rc;                /* of that item, under lock */
	struct grx_errs err;
};

static void loop_init(struct loop *l, struct grx_ctx *cx, const struct grx_par_ops *ops)
{
	*l = (struct loop){.cx = cx, .ops = ops};
	pthread_mutex_init(&l->lock, NULL);
	atomic_init(&l->stop, UINT64_MAX);
}

static void loop_fail(struct loop *l, uint64_t i, int rc, const struct grx_ctx *child)
{
	pthread_mutex_lock(&l->lock);
	if (i < atomic_load(&l->stop)) {
		atomic_store(&l->stop, i);
		l->rc = rc;
		l->err = child->err;
	}
	pthread_mutex_unlock(&l->lock);
}

static int loop_end(struct loop *l)
{
	pthread_mutex_destroy(&l->lock);
	if (atomic_load(&l->stop) == UINT64_MAX)
		return GRX_OK;
	if (l->cx->err.status == GRX_OK)
		l->cx->err = l->err;
	return l->rc;
}

/* false = the loop is over (done or failed). */
static bool loop_next(struct loop *l, uint64_t i, int slot)
{
	struct grx_ctx child;
	bool done = false;
	if (i > atomic_load(&l->stop))
		return false;
	grx_ctx_child(l->cx, &child);
	int rc = grx_par_signal_check(&child);
	if (rc == GRX_OK)
		rc = l->ops->next(l->ops->state, &child, i, slot, &done);
	if (rc != GRX_OK)
		loop_fail(l, i, rc, &child);
	return rc == GRX_OK && !done;
}

static void loop_map(struct loop *l, uint64_t i, int slot, int thread)
{
	struct grx_ctx child;
	if (i >= atomic_load(&l->stop))
		return;
	grx_ctx_child(l->cx, &child);
	int rc = l->ops->map(l->ops->state, &child, i, slot, thread);
	if (rc != GRX_OK)
		loop_fail(l, i, rc, &child);
}

static void loop_merge(struct loop *l, uint64_t i, int slot)
{
	struct grx_ctx child;
	if (i >= atomic_load(&l->stop))
		return;
	grx_ctx_child(l->cx, &child);
	int rc = l->ops->merge(l->ops->state, &child, i, slot);
	if (rc != GRX_OK)
		loop_fail(l, i, rc, &child);
}

/* A team at work. Lock order: next_lock, then state. */
struct team {
	struct loop l;
	pthread_mutex_t next_lock; /* guards taken and over; held during next() */
	uint64_t taken;
	bool over;
	pthread_mutex_t state; /* guards the rest */
	pthread_cond_t room;
	uint64_t merged; /* items before it are merged */
	bool merging;    /* a thread is at it */
	bool *mapped;    /* by slot: mapped and not merged */
	uint64_t slots;
};

static bool take_item(struct team *t, uint64_t *i)
{
	pthread_mutex_lock(&t->next_lock);
	bool more = !t->over;
	if (more) {
		*i = t->taken;
		pthread_mutex_lock(&t->state);
		while (*i - t->merged >= t->slots)
			pthread_cond_wait(&t->room, &t->state);
		pthread_mutex_unlock(&t->state);
		more = loop_next(&t->l, *i, (int)(*i % t->slots));
		t->over = !more;
		t->taken += more;
	}
	pthread_mutex_unlock(&t->next_lock);
	return more;
}

static void merge_due(struct team *t, uint64_t done)
{
	pthread_mutex_lock(&t->state);
	t->mapped[done % t->slots] = true;
	if (!t->merging) {
		t->merging = true;
		while (t->mapped[t->merged % t->slots]) {
			uint64_t i = t->merged;
			pthread_mutex_unlock(&t->state);
			loop_merge(&t->l, i, (int)(i % t->slots));
			pthread_mutex_lock(&t->state);
			t->mapped[i % t->slots] = false;
			t->merged++;
			pthread_cond_signal(&t->room);
		}
		t->merging = false;
	}
	pthread_mutex_unlock(&t->state);
}

static void work(struct team *t, int thread)
{
	uint64_t i;
	while (take_item(t, &i)) {
		loop_map(&t->l, i, (int)(i % t->slots), thread);
		merge_due(t, i);
	}
}

#ifndef GRX_PAR_PTHREAD
#include <omp.h>

static int team_run(struct team *t, int threads)
{
#pragma omp parallel num_threads(threads)
	work(t, omp_get_thread_num());
	return GRX_OK;
}

#else /* threads that ThreadSanitizer understands */

struct worker {
	struct team *t;
	pthread_t id;
	int number;
};

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	work(w->t, w->number);
	return NULL;
}

static int team_run(struct team *t, int threads)
{
	struct worker *w = grx_calloc((size_t)threads, sizeof(*w));
	int n = 0;
	if (!w)
		return grx_fail_nomem(t->l.cx, "the scheduler");
	for (; n < threads; n++) {
		w[n] = (struct worker){.t = t, .number = n};
		if (pthread_create(&w[n].id, NULL, worker_main, &w[n]) != 0)
			break;
	}
	if (n == 0)
		work(t, 0);
	for (int i = 0; i < n; i++)
		pthread_join(w[i].id, NULL);
	grx_free(w);
	return GRX_OK;
}
#endif

static int run_parallel(struct grx_ctx *cx, int threads, const struct grx_par_ops *ops)
{
	struct team t = {.slots = (uint64_t)grx_par_slots(threads)};
	t.mapped = grx_calloc(t.slots, sizeof(*t.mapped));
	if (!t.mapped)
		return grx_fail_nomem(cx, "the scheduler");
	loop_init(&t.l, cx, ops);
	pthread_mutex_init(&t.next_lock, NULL);
	pthread_mutex_init(&t.state, NULL);
	pthread_cond_init(&t.room, NULL);
	int rc = team_run(&t, threads);
	pthread_cond_destroy(&t.room);
	pthread_mutex_destroy(&t.state);
	pthread_mutex_destroy(&t.next_lock);
	grx_free(t.mapped);
	int end = loop_end(&t.l);
	return rc == GRX_OK ? end : rc;
}

int grx_par_ordered(struct grx_ctx *cx, int threads, const struct grx_par_ops *ops)
{
	return threads <= 1 ? run_serial(cx, ops) : run_parallel(cx, threads, ops);
}
