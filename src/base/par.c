/* SPDX-License-Identifier: GPL-3.0-or-later
 * par.c -- ordered map and merge: OpenMP tasks with dependences, or the pthread twin for ThreadSanitizer.
 * The producer waits for a slot's last merge before it reuses the slot, which bounds the live items. */
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

#ifndef GRX_PAR_PTHREAD
#include <omp.h>

static int run_parallel(struct grx_ctx *cx, int threads, const struct grx_par_ops *ops)
{
	struct loop l;
	int slots = grx_par_slots(threads);
	char *slot = grx_calloc((size_t)slots, 1); /* addresses for the dependences */
	char chain = 0;
	if (!slot)
		return grx_fail_nomem(cx, "the scheduler");
	loop_init(&l, cx, ops);
#pragma omp parallel num_threads(threads)
#pragma omp single
	for (uint64_t i = 0;; i++) {
		int k = (int)(i % (uint64_t)slots);
#pragma omp taskwait depend(inout : slot[k])
		if (!loop_next(&l, i, k))
			break;
#pragma omp task depend(inout : slot[k]) firstprivate(i, k) shared(l)
		loop_map(&l, i, k, omp_get_thread_num());
#pragma omp task depend(inout : slot[k]) depend(inout : chain) firstprivate(i, k) shared(l)
		loop_merge(&l, i, k);
	}
	(void)chain;
	grx_free(slot);
	return loop_end(&l);
}

#else /* the pthread twin */

struct twin {
	struct loop l;
	pthread_mutex_t next_lock, merge_lock;
	pthread_cond_t merged;
	uint64_t taken, done; /* items handed out under next_lock; merged under merge_lock */
	bool over;
	int slots;
};

struct worker {
	struct twin *t;
	pthread_t id;
	int number;
};

static void wait_until_merged(struct twin *t, uint64_t below)
{
	pthread_mutex_lock(&t->merge_lock);
	while (t->done < below)
		pthread_cond_wait(&t->merged, &t->merge_lock);
	pthread_mutex_unlock(&t->merge_lock);
}

static bool take_item(struct twin *t, uint64_t *i)
{
	pthread_mutex_lock(&t->next_lock);
	bool more = !t->over;
	if (more) {
		*i = t->taken;
		if (*i >= (uint64_t)t->slots)
			wait_until_merged(t, *i - (uint64_t)t->slots + 1);
		more = loop_next(&t->l, *i, (int)(*i % (uint64_t)t->slots));
		t->over = !more;
		t->taken += more;
	}
	pthread_mutex_unlock(&t->next_lock);
	return more;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct twin *t = w->t;
	uint64_t i;
	while (take_item(t, &i)) {
		int k = (int)(i % (uint64_t)t->slots);
		loop_map(&t->l, i, k, w->number);
		wait_until_merged(t, i);
		loop_merge(&t->l, i, k);
		pthread_mutex_lock(&t->merge_lock);
		t->done = i + 1;
		pthread_cond_broadcast(&t->merged);
		pthread_mutex_unlock(&t->merge_lock);
	}
	return NULL;
}

static int run_parallel(struct grx_ctx *cx, int threads, const struct grx_par_ops *ops)
{
	struct twin t = {.slots = grx_par_slots(threads)};
	struct worker *w = grx_calloc((size_t)threads, sizeof(*w));
	if (!w)
		return grx_fail_nomem(cx, "the scheduler");
	loop_init(&t.l, cx, ops);
	pthread_mutex_init(&t.next_lock, NULL);
	pthread_mutex_init(&t.merge_lock, NULL);
	pthread_cond_init(&t.merged, NULL);
	int n = 0;
	for (; n < threads; n++) {
		w[n] = (struct worker){.t = &t, .number = n};
		if (pthread_create(&w[n].id, NULL, work, &w[n]) != 0)
			break;
	}
	if (n == 0) {
		w[0] = (struct worker){.t = &t};
		work(&w[0]);
	}
	for (int i = 0; i < n; i++)
		pthread_join(w[i].id, NULL);
	grx_free(w);
	return loop_end(&t.l);
}
#endif

int grx_par_ordered(struct grx_ctx *cx, int threads, const struct grx_par_ops *ops)
{
	return threads <= 1 ? run_serial(cx, ops) : run_parallel(cx, threads, ops);
}
