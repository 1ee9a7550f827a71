/* SPDX-License-Identifier: MIT */

#include "cli/export_job.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/shell_word.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/events.h"
#include "sys/disk.h"
#include "json/json.h"
#include "json/write.h"

enum {
    NAME_BYTES = 4096,
    ID_BYTES = 64,
    BODY_BYTES = 64 << 10,
    FIRST_WAIT_MS = 20,
    LAST_WAIT_MS = 500,
};

/* What on_interrupt says: a handler of signals can make no text. */
static char farewell[NAME_BYTES * 5];

struct job {
    const struct call *call;
    struct api api;
    const char *name;
    char part[NAME_BYTES]; /* what is there of the file */
    char id[ID_BYTES];
    int64_t n_events, n_bytes; /* of the whole */
    int64_t n_taken;
    int file;
};

/* Ends as an interrupted program does, so that a shell sees it. */
static void on_interrupt(int number)
{
    (void)!write(STDERR_FILENO, farewell, strlen(farewell));
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

/* At once, whatever is waited for: a service that says nothing any more holds nobody. */
static void watch_interrupts(const struct job *job)
{
    const bool has_progress = job->call->err.is_terminal && !job->call->is_quiet;
    cleanup(buf_done) struct buf name = {0};

    buf_init(&name, NAME_BYTES * 4);
    shell_word(bytes_str(job->name), &name);
    snprintf(farewell, sizeof(farewell),
             "%sStopped; the service goes on with it. Continue: partnerapp events export "
             "--resume %s -o %s\n",
             has_progress ? "\r\033[K" : "", job->id, buf_text(&name));
    (void)signal(SIGINT, on_interrupt);
}

static void show(const struct job *job, const char *what, int64_t done, int64_t all)
{
    if (!job->call->err.is_terminal || job->call->is_quiet)
        return;
    print_text(&job->call->err, "\r\033[K%s  %lld", what, (long long)done);
    if (all >= 0)
        print_text(&job->call->err, " of %lld", (long long)all);
    fflush(job->call->err.file);
}

/* --- in the service -------------------------------------------------------------------
 */

static int begin(struct job *job, struct err *err)
{
    cleanup(json_freep) struct json *answer = NULL;
    cleanup(buf_done) struct buf query = {0};
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&query, EVENTS_QUERY_MAX);
    buf_init(&body, BODY_BYTES);
    events_query(job->call, 0, &query);
    write_init(&json, &body);
    write_object(&json);
    write_member_string(&json, "q", buf_bytes(&query));
    write_object_end(&json);
    if (api_call(&job->api, "POST", "/api/v1/exports", buf_bytes(&body), &answer, err) <
        0)
        return -1;
    snprintf(job->id, sizeof(job->id), "%.*s",
             BYTES_FMT(json_string(json_get(answer, "id"))));
    return 0;
}

static void wait_ms(int64_t duration_ms)
{
    struct timespec pause = {.tv_sec = duration_ms / 1000,
                             .tv_nsec = duration_ms % 1000 * 1000000};

    nanosleep(&pause, NULL);
}

/* 1: it is whole; 0: it runs. */
static int look(struct job *job, struct err *err)
{
    cleanup(json_freep) struct json *answer = NULL;
    cleanup(buf_done) struct buf path = {0};
    struct bytes state;

    buf_init(&path, NAME_BYTES);
    buf_add_text(&path, "/api/v1/exports/");
    api_add_segment(&path, bytes_str(job->id));
    if (api_call(&job->api, "GET", buf_text(&path), BYTES(""), &answer, err) < 0)
        return -1;
    state = json_string(json_get(answer, "state"));
    if (bytes_eq(state, BYTES("failed")))
        return err_set(err, "the export has failed: %.*s",
                       BYTES_FMT(json_string(json_get(answer, "error"))));
    job->n_events = json_i64(json_get(answer, "done"));
    job->n_bytes = json_i64(json_get(answer, "bytes"));
    show(job, "Exporting", job->n_events,
         json_kind(json_get(answer, "matched")) == JSON_INTEGER
             ? json_i64(json_get(answer, "matched"))
             : -1);
    return bytes_eq(state, BYTES("done"));
}

static int wait_for(struct job *job, struct err *err)
{
    int64_t pause_ms = FIRST_WAIT_MS;
    int answer;

    while ((answer = look(job, err)) == 0) {
        wait_ms(pause_ms);
        pause_ms = pause_ms * 2 > LAST_WAIT_MS ? LAST_WAIT_MS : pause_ms * 2;
    }
    return answer < 0 ? -1 : 0;
}

/* --- here -----------------------------------------------------------------------------
 */

static bool on_bytes(void *arg, struct bytes bytes)
{
    struct job *job = arg;

    while (bytes.len > 0) {
        ssize_t n = write(job->file, bytes.ptr, bytes.len);

        if (n < 0)
            return false;
        job->n_taken += n;
        bytes = bytes_slice(bytes, (size_t)n, bytes.len);
    }
    show(job, "Taking", job->n_taken, job->n_bytes);
    return true;
}

/* From where an earlier try has ended. */
static int take_rest(struct job *job, struct err *err)
{
    char path[128];

    job->n_taken = lseek(job->file, 0, SEEK_END);
    if (job->n_taken > job->n_bytes) {
        if (ftruncate(job->file, 0) < 0 || lseek(job->file, 0, SEEK_SET) < 0)
            return err_sys(err, "%s", job->part);
        job->n_taken = 0;
    }
    if (job->n_taken == job->n_bytes)
        return 0;
    snprintf(path, sizeof(path), "/api/v1/exports/%s/file", job->id);
    if (api_download(&job->api, path, job->n_taken, on_bytes, job, err) < 0)
        return -1;
    if (job->n_taken != job->n_bytes)
        return err_sys(err, "%s", job->part);
    return 0;
}

static int take_file(struct job *job, struct err *err)
{
    int result;

    job->file = open(job->part, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (job->file < 0)
        return err_sys(err, "%s", job->part);
    result = take_rest(job, err);
    if (result == 0 && fsync(job->file) < 0)
        result = err_sys(err, "%s", job->part);
    close(job->file);
    if (result == 0 && rename(job->part, job->name) < 0)
        result = err_sys(err, "%s", job->name);
    return result;
}

/* Nobody wants it twice; where that fails the service does it after a day. */
static void forget(const struct job *job)
{
    char path[128];
    struct err err;

    snprintf(path, sizeof(path), "/api/v1/exports/%s", job->id);
    if (api_call(&job->api, "DELETE", path, BYTES(""), NULL, &err) < 0)
        return;
}

static int name_job(struct job *job, struct err *err)
{
    const char *resumed = call_given(job->call, "resume");

    if ((size_t)snprintf(job->part, sizeof(job->part), "%s.part", job->name) >=
        sizeof(job->part))
        return err_set(err, "the file's name is too long");
    if (resumed == NULL) {
        (void)unlink(job->part); /* of another export */
        return begin(job, err);
    }
    if (!bytes_starts(bytes_str(resumed), BYTES("exp_")) ||
        strlen(resumed) >= sizeof(job->id))
        return err_code(err, "PA7029", ERR_USAGE, "`%s` is no export's id (exp_…)",
                        resumed);
    snprintf(job->id, sizeof(job->id), "%s", resumed);
    return 0;
}

int export_job_run(const struct call *call, const char *name, int64_t *ret_n,
                   struct err *err)
{
    struct job job = {.call = call, .name = name};

    if (api_open(&job.api, call, err) < 0)
        return -1;
    if (name_job(&job, err) < 0)
        return -1;
    watch_interrupts(&job);
    if (wait_for(&job, err) < 0 || take_file(&job, err) < 0)
        return -1;
    if (call->err.is_terminal && !call->is_quiet)
        print_text(&call->err, "\r\033[K");
    forget(&job);
    *ret_n = job.n_events;
    return 0;
}
