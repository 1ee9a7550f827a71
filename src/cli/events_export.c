/* SPDX-License-Identifier: MIT */

/* events export: page after page, one event a line; into a file it is the service's work
 * (export_job.h). */

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/events.h"
#include "cli/export_job.h"
#include "json/json.h"

enum { PAGE_EVENTS = 200 };

static int write_events(const struct json *page, FILE *file, int64_t *n, struct err *err)
{
    const struct json *events = json_get(page, "data");
    struct buf text;

    buf_init(&text, EVENTS_TEXT_MAX);
    for (size_t i = 0; i < json_count(events); i++) {
        buf_clear(&text);
        json_print(json_at(events, i), /* indented= */ false, &text);
        buf_add_char(&text, '\n');
        fwrite(text.ptr, 1, text.len, file);
        *n += 1;
    }
    buf_done(&text);
    return ferror(file) != 0 ? err_sys(err, "write") : 0;
}

/* Large events may make a page too large to be answered: then smaller ones are asked for.
 */
static int fetch_page(const struct call *call, struct bytes query, struct bytes cursor,
                      struct buf *text, struct err *err)
{
    struct events_page wanted = {
        .path = "/api/v1/events", .query = query, .after = cursor, .limit = PAGE_EVENTS};
    int answer = events_fetch(call, &wanted, text, err);

    while (answer < 0 && err->exit_code == ERR_FAILED && wanted.limit > 1) {
        wanted.limit /= 4;
        buf_clear(text);
        answer = events_fetch(call, &wanted, text, err);
    }
    return answer;
}

/* One page; *cursor is then where the next begins, empty at the end. */
static int export_page(const struct call *call, struct bytes query, struct buf *cursor,
                       FILE *file, int64_t *n, struct err *err)
{
    cleanup(json_freep) struct json *page = NULL;
    struct buf text;
    int answer;

    buf_init(&text, EVENTS_TEXT_MAX);
    answer = fetch_page(call, query, buf_bytes(cursor), &text, err);
    if (answer == 0)
        answer = json_parse(buf_bytes(&text), &page, err);
    if (answer == 0)
        answer = write_events(page, file, n, err);
    buf_clear(cursor);
    buf_add(cursor, json_string(json_get(page, "next")));
    buf_done(&text);
    return answer;
}

static int export_all(const struct call *call, FILE *file, int64_t *n, struct err *err)
{
    struct buf query;
    struct buf cursor;
    int answer;

    buf_init(&query, EVENTS_QUERY_MAX);
    buf_init(&cursor, EVENTS_QUERY_MAX);
    events_query(call, 0, &query);
    do
        answer = export_page(call, buf_bytes(&query), &cursor, file, n, err);
    while (answer == 0 && cursor.len > 0);
    buf_done(&cursor);
    buf_done(&query);
    return answer;
}

int events_export_run(struct call *call, struct err *err)
{
    const char *name = call_text(call, "output");
    int64_t n = 0;
    int answer;

    if (strcmp(name, "-") == 0 && call_has(call, "resume"))
        return err_code(err, "PA7029", ERR_USAGE, "--resume wants -o FILE as well");
    if (strcmp(name, "-") == 0)
        answer = export_all(call, stdout, &n, err);
    else
        answer = export_job_run(call, name, &n, err);
    if (answer == 0)
        call_say(call, "export: %lld events%s%s", (long long)n,
                 strcmp(name, "-") == 0 ? "" : " to ",
                 strcmp(name, "-") == 0 ? "" : name);
    return answer;
}
