/* SPDX-License-Identifier: MIT */

/*
 * GET /api/v1/events/export: all events that a query means, newest first, an event a
 * line. The desk reads a page at a time, the next one when the reader has taken most of
 * the last, so that nobody's pace holds up others or fills memory. One that fails is cut
 * off: a client sees that it is not whole.
 */

#include <pthread.h>

#include "base/err.h"
#include "base/mem.h"
#include "service/desk.h"
#include "service/live.h"
#include "service/site.h"
#include "store/reader.h"
#include "sys/clock.h"
#include "json/write.h"

enum {
    MAX_EXPORTS = 4,
    PAGE_EVENTS = 50,
    PAGE_BYTES = 128 << 20,
    BACKLOG_BYTES = 256 << 20,
    NEXT_BYTES = 1 << 20, /* when no more than this waits, the next page is read */
    WAIT_MS = 20,
    MAX_WAIT_MS = 60000, /* without any progress of the reader */
};

struct export
{
    struct desk_job job;
    struct site *site;
    struct query query;
    int64_t below_row;
    pthread_mutex_t lock;
    struct server_stream *stream;
    bool is_closed; /* under the lock: the stream is gone */
    bool is_done;   /* under the lock: the desk has ended with it */
    size_t n_waiting;
    int64_t waiting_since_ms;
};

/* By whoever is last: the desk or the stream. */
static void export_free(struct export *export)
{
    atomic_fetch_sub(&export->site->n_exports, 1);
    query_done(&export->query);
    pthread_mutex_destroy(&export->lock);
    free(export);
}

static void on_closed(void *arg)
{
    struct export *export = arg;
    bool is_last;

    pthread_mutex_lock(&export->lock);
    export->is_closed = true;
    is_last = export->is_done;
    pthread_mutex_unlock(&export->lock);
    if (is_last)
        export_free(export);
}

static void finish(struct export *export, bool is_whole)
{
    bool is_last;

    pthread_mutex_lock(&export->lock);
    export->is_done = true;
    is_last = export->is_closed;
    if (!is_last && is_whole)
        server_stream_end(export->stream);
    else if (!is_last)
        server_stream_cut(export->stream);
    pthread_mutex_unlock(&export->lock);
    if (is_last)
        export_free(export);
}

/* What the reader has not taken yet; -1: it is gone. */
static int64_t count_waiting(struct export *export)
{
    int64_t n = -1;

    pthread_mutex_lock(&export->lock);
    if (!export->is_closed)
        n = (int64_t)server_stream_backlog(export->stream);
    pthread_mutex_unlock(&export->lock);
    return n;
}

static bool send(struct export *export, struct bytes text)
{
    bool is_sent;

    pthread_mutex_lock(&export->lock);
    is_sent = !export->is_closed && server_stream_send(export->stream, text);
    pthread_mutex_unlock(&export->lock);
    return is_sent;
}

static bool send_page(struct export *export, const struct reader_page *page)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, PAGE_BYTES);
    for (size_t i = 0; i < page->n_events; i++) {
        struct write json;

        write_init(&json, &text);
        site_print_event(export->site, &json, &page->events[i]);
        buf_add_char(&text, '\n');
    }
    return !text.full && send(export, buf_bytes(&text));
}

static bool read_page(struct export *export, struct reader *reader)
{
    const struct reader_find find = {
        .query = &export->query,
        .below_row = export->below_row,
        .limit = PAGE_EVENTS,
        .needs_attempts = true,
        .live_state = live_state,
        .arg = export->site->live,
    };
    cleanup(arena_done) struct arena arena = {0};
    struct reader_page page;
    struct err err = {0};

    arena_init(&arena);
    if (reader_find(reader, &find, &arena, &page, &err) < 0)
        return false;
    export->below_row = page.next_row;
    return send_page(export, &page);
}

static void ask_again(struct export *export, int64_t wait_ms)
{
    export->job.at_ms = wait_ms > 0 ? clock_now_ms() + wait_ms : 0;
    if (!desk_ask(export->site->desk, &export->job))
        finish(export, /* is_whole= */ false);
}

/* True: it has not taken anything for too long. */
static bool is_stuck(struct export *export, size_t n_waiting)
{
    int64_t now_ms = clock_now_ms();

    if (n_waiting != export->n_waiting || export->waiting_since_ms == 0)
        export->waiting_since_ms = now_ms;
    export->n_waiting = n_waiting;
    return now_ms - export->waiting_since_ms > MAX_WAIT_MS;
}

static void go_on(struct export *export, struct reader *reader)
{
    bool is_good = read_page(export, reader);

    if (is_good && export->below_row != 0)
        ask_again(export, 0);
    else
        finish(export, is_good);
}

static void run_page(struct reader *reader, struct desk_job *job)
{
    struct export *export = container_of(job, struct export, job);
    int64_t n_waiting = count_waiting(export);

    if (n_waiting >= 0 && n_waiting <= NEXT_BYTES)
        go_on(export, reader);
    else if (n_waiting < 0 || is_stuck(export, (size_t)n_waiting))
        finish(export, /* is_whole= */ false);
    else
        ask_again(export, WAIT_MS);
}

static struct export *export_new(const struct site_call *call, const struct query *query)
{
    struct export *export = mem_new(struct export);

    export->site = call->site;
    export->query = *query;
    export->job.run_fn = run_page;
    pthread_mutex_init(&export->lock, NULL);
    return export;
}

void api_events_export(const struct site_call *call)
{
    struct export *export;
    struct query query;
    struct err err = {0};

    if (query_parse(server_query(call->request, "q"), clock_wall_ms(), &query, &err) <
        0) {
        err.exit_code = ERR_USAGE;
        site_problem_err(call->request, &err);
        return;
    }
    if (atomic_fetch_add(&call->site->n_exports, 1) >= MAX_EXPORTS) {
        atomic_fetch_sub(&call->site->n_exports, 1);
        query_done(&query);
        site_problem(call->request, 503, NULL, "too many exports run already");
        return;
    }
    export = export_new(call, &query);
    export->stream = server_stream_start(call->request, "application/x-ndjson",
                                         BACKLOG_BYTES, on_closed, export);
    ask_again(export, 0);
}
