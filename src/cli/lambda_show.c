/* SPDX-License-Identifier: MIT */

#include "cli/lambda_show.h"

#include "cli/call.h"
#include "sys/clock.h"
#include "json/write.h"

enum { LINE_BYTES = 256 << 10, ID_SHOWN = 8, LOG_COLUMNS = 2000 };

/* --- for machines ------------------------------------------------------------------- */

static void write_invocation(const struct host_notice *notice, struct write *write)
{
    write_member_text(write, "request_id", notice->id);
    write_member_text(write, "type", notice->is_event ? "Event" : "RequestResponse");
    write_member_bool(write, "ok", notice->error_type == NULL);
    write_member_text(write, "error_type", notice->error_type);
    write_member_text(write, "error_message",
                      notice->error_type != NULL ? notice->text : NULL);
    write_key(write, "duration_ms");
    write_double(write, (double)notice->duration_us / 1000);
    write_key(write, "init_ms");
    if (notice->init_us > 0)
        write_double(write, (double)notice->init_us / 1000);
    else
        write_null(write);
}

static void show_json(const struct call *call, const struct host_notice *notice)
{
    static const char *const events[] = {
        [HOST_LOG] = "log", [HOST_NOTE] = "note", [HOST_INVOCATION] = "invocation"};
    cleanup(buf_done) struct buf json = {0};
    struct write write;

    buf_init(&json, 8 * LINE_BYTES);
    write_init(&write, &json);
    write_object(&write);
    write_member_text(&write, "event", events[notice->kind]);
    write_member_time(&write, "time", clock_wall_ms());
    if (notice->environment > 0)
        write_member_i64(&write, "environment", notice->environment);
    if (notice->kind == HOST_INVOCATION)
        write_invocation(notice, &write);
    else
        write_member_text(&write, notice->kind == HOST_LOG ? "line" : "text",
                          notice->text);
    if (notice->kind == HOST_LOG)
        write_member_text(&write, "request_id", notice->id);
    write_object_end(&write);
    print_record(&call->out, buf_bytes(&json));
}

/* --- for people --------------------------------------------------------------------- */

static void print_now(const struct print *print)
{
    cleanup(buf_done) struct buf time = {0};

    buf_init(&time, LINE_BYTES);
    print_time(print, clock_wall_ms(), &time);
    print_styled(print, PRINT_DIM, "%s", buf_text(&time));
    print_text(print, "  ");
}

static void show_log(const struct print *print, struct bytes text)
{
    const struct bytes shown = print_cut(text, LOG_COLUMNS);

    print_styled(print, PRINT_DIM, "│ ");
    print_text(print, "%.*s%s\n", BYTES_FMT(shown), shown.len < text.len ? "…" : "");
}

static void show_note(const struct print *print, struct bytes text)
{
    print_now(print);
    print_styled(print, PRINT_YELLOW, "%.*s", BYTES_FMT(text));
    print_text(print, "\n");
}

static void show_invocation(const struct print *print, const struct host_notice *notice,
                            struct bytes text)
{
    const bool is_good = notice->error_type == NULL;
    cleanup(buf_done) struct buf line = {0};

    buf_init(&line, LINE_BYTES);
    buf_addf(&line, " %.*s  %s", ID_SHOWN, notice->id, notice->is_event ? "event " : "");
    print_duration(notice->duration_us, &line);
    if (notice->init_us > 0) {
        buf_add_text(&line, ", started in ");
        print_duration(notice->init_us, &line);
    }
    print_now(print);
    print_styled(print, is_good ? PRINT_GREEN : PRINT_RED, "%s", is_good ? "✔" : "✖");
    print_text(print, "%s", buf_text(&line));
    if (!is_good) {
        buf_clear(&line);
        print_clean(bytes_str(notice->error_type), &line);
        print_text(print, "  %s%s%.*s", buf_text(&line), text.len > 0 ? ": " : "",
                   BYTES_FMT(text));
    }
    print_text(print, "\n");
}

static void show_text(const struct call *call, const struct host_notice *notice)
{
    cleanup(buf_done) struct buf clean = {0};

    buf_init(&clean, LINE_BYTES);
    print_clean(bytes_str(notice->text), &clean);
    switch (notice->kind) {
    case HOST_LOG:
        show_log(&call->err, buf_bytes(&clean));
        break;
    case HOST_NOTE:
        show_note(&call->err, buf_bytes(&clean));
        break;
    case HOST_INVOCATION:
        show_invocation(&call->err, notice, buf_bytes(&clean));
        break;
    }
    fflush(call->err.file);
}

void lambda_show_notice(void *arg, const struct host_notice *notice)
{
    const struct call *call = arg;

    if (call->wants_json)
        show_json(call, notice);
    else if (!call->is_quiet)
        show_text(call, notice);
}
