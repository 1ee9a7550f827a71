/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * page - what a runner is doing this moment, in memory shared with the service.
 *
 * The runner writes it around every entry into the engine; the service only looks. So a
 * handler that never returns is seen at work without asking anybody. A hostile runner can
 * write lies: they cost its own function, since every invocation has its limit besides.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct page {
    atomic_uint sequence;    /* odd: inside the engine; grows by one at enter and leave */
    atomic_uint invocation;  /* 0: loading, or none */
    atomic_llong entered_us; /* monotonic */
    atomic_llong spent_us;   /* inside, of all slices that ended */
};

enum { PAGE_BYTES = 4096 };

/* One stretch of work; equal sequences are the same stretch. */
struct page_slice {
    bool is_running;
    uint32_t sequence;
    uint32_t invocation;
    int64_t entered_us;
};

static inline void page_enter(struct page *page, uint32_t invocation, int64_t now_us)
{
    atomic_store_explicit(&page->invocation, invocation, memory_order_relaxed);
    atomic_store_explicit(&page->entered_us, now_us, memory_order_relaxed);
    atomic_fetch_add_explicit(&page->sequence, 1, memory_order_release);
}

static inline void page_leave(struct page *page, int64_t now_us)
{
    int64_t slice_us =
        now_us - atomic_load_explicit(&page->entered_us, memory_order_relaxed);

    atomic_fetch_add_explicit(&page->spent_us, slice_us, memory_order_relaxed);
    atomic_fetch_add_explicit(&page->sequence, 1, memory_order_release);
}

static inline struct page_slice page_look(struct page *page)
{
    struct page_slice slice = {
        .sequence = atomic_load_explicit(&page->sequence, memory_order_acquire)};

    slice.invocation = atomic_load_explicit(&page->invocation, memory_order_relaxed);
    slice.entered_us = atomic_load_explicit(&page->entered_us, memory_order_relaxed);
    atomic_thread_fence(memory_order_acquire);
    /* Torn when it moved on meanwhile: then it is certainly not the one that hangs. */
    slice.is_running =
        (slice.sequence & 1) != 0 &&
        atomic_load_explicit(&page->sequence, memory_order_relaxed) == slice.sequence;
    return slice;
}
