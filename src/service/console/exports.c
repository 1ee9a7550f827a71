/* SPDX-License-Identifier: MIT */

#include "service/console/exports.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/list.h"
#include "base/mem.h"
#include "service/errand.h"
#include "service/live.h"
#include "service/site.h"
#include "store/reader.h"
#include "sys/clock.h"
#include "sys/disk.h"
#include "sys/log.h"
#include "json/write.h"

enum {
    PAGE_EVENTS = 100,
    BUDGET_US = 100000, /* of a page, which may then be short or empty */
    PAGE_BYTES = 128 << 20,
    SAVE_BYTES = 1 << 20,
    FREE_BYTES = 512 << 20, /* the store stops taking events long after that */
    FILE_MODE = 0600,
    PATH_BYTES = 4300,
    TIDY_S = 30,
    WHY_BYTES = 256,
};

struct export
{
    struct list_link link;
    struct store_export row; /* the thread's own; texts owned */
    struct query query;
    int64_t saved_bytes;
    int fd;                    /* -1: not open; the thread's, too */
    struct store_export shown; /* under the lock: as of the last turn */
    char why[WHY_BYTES];       /* of shown */
    bool is_removed;           /* nobody sees it; the thread lets it go */
    int64_t told_done;         /* for exports_each_moved */
    enum store_export_state told_state;
};

struct exports {
    char *folder;
    struct site *site;
    struct reader *reader;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct list all; /* the oldest first */
    size_t n_reserved;
    bool is_started, is_stopping;
};

/* --- one of them ------------------------------------------------------------------- */

static void path_of(const struct exports *exports, int64_t row, char *ret_path)
{
    snprintf(ret_path, PATH_BYTES, "%s/%lld.ndjson", exports->folder, (long long)row);
}

static void export_free(struct export *export)
{
    if (export->fd >= 0)
        close(export->fd);
    query_done(&export->query);
    free((char *)(uintptr_t) export->row.query.ptr);
    free((char *)(uintptr_t) export->row.why.ptr);
    free(export);
}

static struct bytes own(struct bytes text)
{
    return bytes_of(bytes_copy(text), text.len);
}

static void set_why(struct export *export, const char *why)
{
    free((char *)(uintptr_t) export->row.why.ptr);
    export->row.why = own(bytes_str(why));
}

/* Under the lock. */
static void show(struct export *export)
{
    export->shown = export->row;
    snprintf(export->why, sizeof(export->why), "%.*s", BYTES_FMT(export->row.why));
    export->shown.why = bytes_str(export->why);
}

static struct export *export_new(const struct store_export *row)
{
    struct export *export = mem_new(struct export);
    struct err err = {0};

    export->row = *row;
    export->row.query = own(row->query);
    export->row.why = own(row->why);
    export->saved_bytes = row->bytes;
    export->fd = -1;
    /* "after:2h" still means the time when it was asked for. */
    if (query_parse(export->row.query, row->created_at_ms, &export->query, &err) < 0 &&
        row->state == EXPORT_RUNNING) {
        export->row.state = EXPORT_FAILED;
        set_why(export, err.text);
    }
    show(export);
    return export;
}

static struct export *find_export(struct exports *exports, int64_t row)
{
    for (struct list_link *link = exports->all.first; link != NULL; link = link->next) {
        struct export *export = list_entry(link, struct export, link);

        if (export->row.row == row && !export->is_removed)
            return export;
    }
    return NULL;
}

/* The file first: a row without one is seen at the next start, and not the other way. */
static int write_removal(void *arg, struct store *store, struct err *err)
{
    return store_remove_export(store, *(const int64_t *)arg, err);
}

static void forget(struct exports *exports, int64_t row)
{
    char path[PATH_BYTES];
    struct err err = {0};

    path_of(exports, row, path);
    (void)unlink(path);
    if (errand_do(exports->site->keeper, write_removal, &row, &err) < 0)
        log_line(LOG_WARN, "an export is not forgotten", LOG_TEXT("why", err.text));
}

/* --- the work ---------------------------------------------------------------------- */

static int write_progress(void *arg, struct store *store, struct err *err)
{
    struct export *export = arg;

    return store_put_export(store, &export->row, err);
}

static void save(struct exports *exports, struct export *export)
{
    struct err err = {0};

    if (export->fd >= 0 && fdatasync(export->fd) < 0 &&
        export->row.state == EXPORT_RUNNING) {
        export->row.state = EXPORT_FAILED;
        set_why(export, "its file cannot be written");
    }
    if (export->row.state != EXPORT_RUNNING) {
        export->row.ended_at_ms = clock_wall_ms();
        if (export->fd >= 0)
            close(export->fd);
        export->fd = -1;
    }
    export->saved_bytes = export->row.bytes;
    if (errand_do(exports->site->keeper, write_progress, export, &err) < 0)
        log_line(LOG_WARN, "how far an export is, is not saved",
                 LOG_TEXT("why", err.text));
}

/* What a crash had left behind what was saved goes; what it had lost is made again. */
static int open_file(struct exports *exports, struct export *export, struct err *err)
{
    char path[PATH_BYTES];

    path_of(exports, export->row.row, path);
    if (disk_file_bytes(path) < export->row.bytes)
        export->row.below = export->row.done = export->row.bytes = 0;
    export->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    if (export->fd < 0 || ftruncate(export->fd, export->row.bytes) < 0 ||
        lseek(export->fd, 0, SEEK_END) < 0)
        return err_sys(err, "%s", path);
    return 0;
}

static int append(struct export *export, struct bytes text, struct err *err)
{
    export->row.bytes += (int64_t)text.len;
    while (text.len > 0) {
        ssize_t n = write(export->fd, text.ptr, text.len);

        if (n < 0)
            return err_sys(err, "write");
        text = bytes_slice(text, (size_t)n, text.len);
    }
    return 0;
}

static int add_page(struct exports *exports, struct export *export,
                    const struct reader_page *page, struct err *err)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, PAGE_BYTES);
    for (size_t i = 0; i < page->n_events; i++) {
        struct write json;

        write_init(&json, &text);
        site_print_event(exports->site, &json, &page->events[i]);
        buf_add_char(&text, '\n');
    }
    if (text.full)
        return err_set(err, "an event is too large");
    export->row.done += (int64_t)page->n_events;
    export->row.below = page->next_row;
    if (page->next_row == 0) {
        export->row.state = EXPORT_DONE;
        export->row.matched = export->row.done;
    } else if (page->total >= 0 && export->row.matched < 0) {
        export->row.matched = page->total;
    }
    return append(export, buf_bytes(&text), err);
}

static int work(struct exports *exports, struct export *export, struct err *err)
{
    const struct reader_find find = {
        .query = &export->query,
        .below_row = export->row.below,
        .limit = PAGE_EVENTS,
        .needs_attempts = true,
        .needs_total = export->row.below == 0,
        .clock_us = clock_now_us,
        .budget_us = BUDGET_US,
        .live_state = live_state,
        .arg = exports->site->live,
    };
    cleanup(arena_done) struct arena arena = {0};
    struct reader_page page;
    int64_t free_bytes = disk_free_bytes(exports->folder);

    if (free_bytes >= 0 && free_bytes < FREE_BYTES)
        return err_set(err, "the disk has no room for it");
    if (export->fd < 0 && open_file(exports, export, err) < 0)
        return -1;
    arena_init(&arena);
    if (reader_find(exports->reader, &find, &arena, &page, err) < 0)
        return -1;
    return add_page(exports, export, &page, err);
}

static void take_turn(struct exports *exports, struct export *export)
{
    struct err err = {0};

    if (work(exports, export, &err) < 0) {
        export->row.state = EXPORT_FAILED;
        set_why(export, err.text);
    }
    if (export->row.state != EXPORT_RUNNING ||
        export->row.bytes - export->saved_bytes >= SAVE_BYTES)
        save(exports, export);
}

/* --- the thread -------------------------------------------------------------------- */

/* Under the lock: whose turn it is; it goes to the end of the line. */
static struct export *next_running(struct exports *exports)
{
    for (struct list_link *link = exports->all.first; link != NULL; link = link->next) {
        struct export *export = list_entry(link, struct export, link);

        if (export->shown.state != EXPORT_RUNNING || export->is_removed)
            continue;
        list_remove(&exports->all, &export->link);
        list_push(&exports->all, &export->link);
        return export;
    }
    return NULL;
}

/* Under the lock: those that have been whole for a day go. */
static void tidy(struct exports *exports)
{
    for (struct list_link *link = exports->all.first; link != NULL; link = link->next) {
        struct export *export = list_entry(link, struct export, link);

        if (export->shown.state != EXPORT_RUNNING &&
            clock_wall_ms() - export->shown.ended_at_ms > EXPORTS_KEPT_MS)
            export->is_removed = true;
    }
}

/* Under the lock, which is let go meanwhile. */
static void sleep_until_changed(struct exports *exports)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += TIDY_S;
    pthread_cond_timedwait(&exports->changed, &exports->lock, &until);
    tidy(exports);
}

/* Likewise. */
static void work_on(struct exports *exports, struct export *export)
{
    pthread_mutex_unlock(&exports->lock);
    take_turn(exports, export);
    pthread_mutex_lock(&exports->lock);
    show(export);
}

static struct export *find_removed(struct exports *exports)
{
    for (struct list_link *link = exports->all.first; link != NULL; link = link->next) {
        struct export *export = list_entry(link, struct export, link);

        if (export->is_removed)
            return export;
    }
    return NULL;
}

/* Likewise. */
static void let_go(struct exports *exports, struct export *export)
{
    list_remove(&exports->all, &export->link);
    pthread_mutex_unlock(&exports->lock);
    forget(exports, export->row.row);
    export_free(export);
    pthread_mutex_lock(&exports->lock);
}

static void *exports_main(void *arg)
{
    struct exports *exports = arg;

    pthread_mutex_lock(&exports->lock);
    while (!exports->is_stopping) {
        struct export *removed = find_removed(exports);
        struct export *export = removed == NULL ? next_running(exports) : NULL;

        if (removed != NULL)
            let_go(exports, removed);
        else if (export != NULL)
            work_on(exports, export);
        else
            sleep_until_changed(exports);
    }
    pthread_mutex_unlock(&exports->lock);
    for (struct list_link *link = exports->all.first; link != NULL; link = link->next) {
        struct export *export = list_entry(link, struct export, link);

        if (export->row.bytes != export->saved_bytes)
            save(exports, export);
    }
    return NULL;
}

/* --- life -------------------------------------------------------------------------- */

int exports_new(const char *data, struct exports **ret_exports, struct err *err)
{
    struct exports *exports = mem_new(struct exports);
    pthread_condattr_t monotonic;
    char path[PATH_BYTES];

    pthread_mutex_init(&exports->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&exports->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    snprintf(path, sizeof(path), "%s/exports", data);
    exports->folder = mem_text(path);
    *ret_exports = exports;
    return disk_make_folder(path, err);
}

static void load_one(void *arg, const struct store_export *row)
{
    struct exports *exports = arg;

    list_push(&exports->all, &export_new(row)->link);
}

int exports_load(struct exports *exports, struct store *store, struct err *err)
{
    return store_each_export(store, load_one, exports, err);
}

int exports_start(struct exports *exports, struct site *site, const char *store_path,
                  struct err *err)
{
    exports->site = site;
    if (reader_open(store_path, &exports->reader, err) < 0)
        return -1;
    if (pthread_create(&exports->thread, NULL, exports_main, exports) != 0)
        abort();
    pthread_setname_np(exports->thread, "exports");
    exports->is_started = true;
    return 0;
}

void exports_stop(struct exports *exports)
{
    if (exports == NULL || !exports->is_started)
        return;
    pthread_mutex_lock(&exports->lock);
    exports->is_stopping = true;
    pthread_cond_signal(&exports->changed);
    pthread_mutex_unlock(&exports->lock);
    pthread_join(exports->thread, NULL);
    exports->is_started = false;
    reader_close(exports->reader);
    exports->reader = NULL;
}

void exports_free(struct exports *exports)
{
    struct list_link *link;

    if (exports == NULL)
        return;
    exports_stop(exports);
    while ((link = list_pop(&exports->all)) != NULL)
        export_free(list_entry(link, struct export, link));
    pthread_cond_destroy(&exports->changed);
    pthread_mutex_destroy(&exports->lock);
    free(exports->folder);
    free(exports);
}

/* --- what is asked ----------------------------------------------------------------- */

static size_t n_running(const struct exports *exports)
{
    size_t n = exports->n_reserved;

    for (struct list_link *link = exports->all.first; link != NULL; link = link->next) {
        const struct export *export = list_entry(link, struct export, link);

        n += export->shown.state == EXPORT_RUNNING && !export->is_removed;
    }
    return n;
}

/* Under the lock: of those that have ended, the first to go; NULL: none. */
static struct export *oldest_ended(const struct exports *exports)
{
    struct export *oldest = NULL;

    for (struct list_link *link = exports->all.first; link != NULL; link = link->next) {
        struct export *export = list_entry(link, struct export, link);

        if (export->shown.state != EXPORT_RUNNING && !export->is_removed &&
            (oldest == NULL || export->row.row < oldest->row.row))
            oldest = export;
    }
    return oldest;
}

enum exports_verdict exports_reserve(struct exports *exports)
{
    const int64_t free_bytes = disk_free_bytes(exports->folder);
    struct export *oldest = NULL;
    bool is_taken;

    if (free_bytes >= 0 && free_bytes < FREE_BYTES)
        return EXPORTS_NO_ROOM;
    pthread_mutex_lock(&exports->lock);
    is_taken = n_running(exports) < EXPORTS_RUNNING && !exports->is_stopping;
    if (is_taken)
        exports->n_reserved++;
    if (is_taken && exports->all.n_links >= EXPORTS_KEPT)
        oldest = oldest_ended(exports);
    if (oldest != NULL)
        oldest->is_removed = true;
    pthread_cond_signal(&exports->changed);
    pthread_mutex_unlock(&exports->lock);
    return is_taken ? EXPORTS_BEGUN : EXPORTS_TOO_MANY;
}

void exports_unreserve(struct exports *exports)
{
    pthread_mutex_lock(&exports->lock);
    exports->n_reserved--;
    pthread_mutex_unlock(&exports->lock);
}

void exports_add(struct exports *exports, const struct store_export *row)
{
    struct export *export = export_new(row);

    pthread_mutex_lock(&exports->lock);
    exports->n_reserved--;
    list_push(&exports->all, &export->link);
    pthread_cond_signal(&exports->changed);
    pthread_mutex_unlock(&exports->lock);
}

static void copy_shown(const struct export *export, struct arena *arena,
                       struct store_export *ret)
{
    *ret = export->shown;
    ret->query = bytes_of(arena_copy(arena, export->row.query), export->row.query.len);
    ret->why = bytes_of(arena_copy(arena, export->shown.why), export->shown.why.len);
}

/* Under the lock. */
static struct export *find_exact(struct exports *exports, int64_t row,
                                 int64_t created_at_ms)
{
    struct export *export = find_export(exports, row);

    return export != NULL && export->row.created_at_ms == created_at_ms ? export : NULL;
}

bool exports_find(struct exports *exports, int64_t row, int64_t created_at_ms,
                  struct arena *arena, struct store_export *ret_export)
{
    const struct export *export;

    pthread_mutex_lock(&exports->lock);
    export = find_exact(exports, row, created_at_ms);
    if (export != NULL)
        copy_shown(export, arena, ret_export);
    pthread_mutex_unlock(&exports->lock);
    return export != NULL;
}

bool exports_remove(struct exports *exports, int64_t row, int64_t created_at_ms)
{
    struct export *export;

    pthread_mutex_lock(&exports->lock);
    export = find_exact(exports, row, created_at_ms);
    if (export != NULL)
        export->is_removed = true;
    pthread_cond_signal(&exports->changed);
    pthread_mutex_unlock(&exports->lock);
    return export != NULL;
}

int64_t exports_free_bytes(const struct exports *exports)
{
    return disk_free_bytes(exports->folder);
}

int exports_open(struct exports *exports, int64_t row)
{
    char path[PATH_BYTES];

    path_of(exports, row, path);
    return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

void exports_list(struct exports *exports, struct arena *arena,
                  struct exports_list *ret_list)
{
    ret_list->n = 0;
    pthread_mutex_lock(&exports->lock);
    for (struct list_link *link = exports->all.first;
         link != NULL && ret_list->n < COUNT(ret_list->list); link = link->next) {
        const struct export *export = list_entry(link, struct export, link);
        size_t at = ret_list->n;

        if (export->is_removed)
            continue;
        for (; at > 0 && ret_list->list[at - 1].row < export->row.row; at--)
            ret_list->list[at] = ret_list->list[at - 1];
        copy_shown(export, arena, &ret_list->list[at]);
        ret_list->n++;
    }
    pthread_mutex_unlock(&exports->lock);
}

void exports_each_moved(struct exports *exports,
                        void (*fn)(void *arg, const struct store_export *export),
                        void *arg)
{
    pthread_mutex_lock(&exports->lock);
    for (struct list_link *link = exports->all.first; link != NULL; link = link->next) {
        struct export *export = list_entry(link, struct export, link);

        if (export->is_removed || (export->shown.done == export->told_done &&
                                   export->shown.state == export->told_state))
            continue;
        export->told_done = export->shown.done;
        export->told_state = export->shown.state;
        fn(arg, &export->shown);
    }
    pthread_mutex_unlock(&exports->lock);
}
