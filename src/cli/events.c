/* SPDX-License-Identifier: MIT */

#include "cli/events.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/time_text.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/columns.h"
#include "json/json.h"

enum {
    PATH_BYTES = 8192,
    CELL_BYTES = 1024,
    ID_LEN = 30,     /* "evt_" and 26 characters */
    ID_SHORTEST = 12 /* what people still recognise */
};

const char events_query_notes[] =
    "Queries\n"
    "  is:dead             queued running retrying delivered discarded filtered dead\n"
    "  type:track  event:\"Signed Up\"  user:u42  anon:…\n"
    "  sub:crm  fn:hello  key:acme  install:ins_7  source:website\n"
    "  id:evt_…  message:…  replay:rpl_…\n"
    "  status:503  status:5xx  status:timeout  error:RetryError\n"
    "  attempts:>3  latency:>500ms  size:>32k  has:log\n"
    "  after:2h  before:2026-09-01\n"
    "  properties.plan:pro  traits.email:*@initech.com  context.ip:8.8.8.8\n"
    "  word  \"a phrase\"    in the payload as it was received\n"
    "  A blank is and, OR (in capitals) is weaker, -term excludes, * at an end is any "
    "rest.";

void events_query(const struct call *call, size_t first, struct buf *ret_query)
{
    for (size_t i = first; i < call->n_args; i++)
        buf_addf(ret_query, "%s%s", i > first ? " " : "", call->args[i]);
}

int events_fetch(const struct call *call, const struct events_page *page,
                 struct buf *ret_text, struct err *err)
{
    struct api api;
    struct buf path;
    char limit[24];
    int answer;

    buf_init(&path, PATH_BYTES);
    snprintf(limit, sizeof(limit), "%lld", (long long)page->limit);
    buf_add_text(&path, page->path);
    api_add_query(&path, "q", page->query);
    api_add_query(&path, "limit", bytes_str(limit));
    api_add_query(&path, "after", page->after);
    answer = api_open(&api, call, err);
    if (answer == 0 && path.full)
        answer = err_code(err, "PA7029", ERR_USAGE, "the query is too long");
    if (answer == 0)
        answer = api_call_text(&api, "GET", buf_text(&path), BYTES(""), ret_text, err);
    buf_done(&path);
    return answer;
}

const struct json *events_last_delivery(const struct json *event)
{
    const struct json *deliveries = json_get(event, "deliveries");
    size_t n = json_count(deliveries);

    return n > 0 ? json_at(deliveries, n - 1) : NULL;
}

const struct json *events_last_attempt(const struct json *delivery)
{
    const struct json *attempts = json_get(delivery, "attempts");
    size_t n = json_count(attempts);

    return n > 0 ? json_at(attempts, n - 1) : NULL;
}

int64_t events_n_attempts(const struct json *delivery)
{
    /* Of many attempts only some are kept, so the list may be shorter than the number. */
    return json_i64(json_get(delivery, "n_attempts"));
}

void events_add_answer(const struct json *delivery, struct buf *ret_text)
{
    const struct json *attempt = events_last_attempt(delivery);
    const struct json *requests = json_get(attempt, "requests");
    size_t n = json_count(requests);
    const struct json *request = n > 0 ? json_at(requests, n - 1) : NULL;
    struct bytes error = json_string(json_path(attempt, "error.message"));
    int64_t status = json_i64(json_path(request, "response.status"));

    if (error.len > 0)
        print_clean(error, ret_text);
    else if (status != 0)
        buf_addf(ret_text, "%lld", (long long)status);
    else
        print_clean(json_string(json_get(request, "error")), ret_text);
}

void events_add_time(const struct print *print, struct bytes rfc3339,
                     struct buf *ret_text)
{
    int64_t time_ms;

    if (time_text_parse(rfc3339, &time_ms))
        print_time(print, time_ms, ret_text);
    else
        print_clean(rfc3339, ret_text);
}

struct bytes events_short_id(struct bytes id, size_t len)
{
    return bytes_slice(id, 0, len);
}

static int compare_ids(const void *a, const void *b)
{
    return bytes_cmp(*(const struct bytes *)a, *(const struct bytes *)b);
}

static size_t common(struct bytes a, struct bytes b)
{
    size_t len = 0;

    while (len < a.len && len < b.len && a.ptr[len] == b.ptr[len])
        len++;
    return len;
}

/* The shortest length at which all ids of the page differ. */
static size_t short_length(struct arena *arena, const struct json *events)
{
    size_t n = json_count(events);
    struct bytes *ids = arena_zero(arena, (n + 1) * sizeof(*ids));
    size_t len = ID_SHORTEST;

    for (size_t i = 0; i < n; i++)
        ids[i] = json_string(json_get(json_at(events, i), "id"));
    qsort(ids, n, sizeof(*ids), compare_ids);
    for (size_t i = 1; i < n; i++) {
        size_t same = common(ids[i - 1], ids[i]) + 1;

        len = same > len ? same : len;
    }
    return len;
}

static void add_row(struct columns *columns, const struct print *out,
                    const struct json *event, size_t id_len)
{
    const struct json *delivery = events_last_delivery(event);
    struct buf text;

    buf_init(&text, CELL_BYTES);
    events_add_time(out, json_string(json_get(event, "received_at")), &text);
    columns_add(columns, buf_bytes(&text));
    columns_add(columns, events_short_id(json_string(json_get(event, "id")), id_len));
    columns_add(columns, json_string(json_get(event, "type")));
    columns_add(columns, json_string(json_get(event, "name")));
    columns_add(columns, json_string(json_get(event, "subscription")));
    columns_add(columns, json_string(json_get(delivery, "state")));
    columns_add_i64(columns, events_n_attempts(delivery));
    buf_clear(&text);
    events_add_answer(delivery, &text);
    columns_add(columns, buf_bytes(&text));
    buf_done(&text);
}

/* "looked at 120000 events, back to 13:02" */
static void add_looked(const struct print *out, const struct json *partial,
                       struct buf *ret_text)
{
    buf_addf(ret_text, "looked at %lld events, back to ",
             (long long)json_i64(json_get(partial, "looked_at")));
    events_add_time(out, json_string(json_get(partial, "back_to")), ret_text);
}

/* "3 of 22. More: …" on stderr. */
static void say_rest(const struct call *call, const struct json *page, size_t n)
{
    cleanup(buf_done) struct buf text = {0};
    struct bytes next = json_string(json_get(page, "next"));
    const struct json *total = json_get(page, "total");
    const struct json *partial = json_get(page, "partial");

    buf_init(&text, CELL_BYTES);
    if (json_kind(partial) == JSON_OBJECT) {
        buf_addf(&text, "%zu so far: ", n);
        add_looked(&call->err, partial, &text);
        call_say(call, "%s. More: --after %.*s", buf_text(&text), BYTES_FMT(next));
    } else if (n == 0) {
        call_say(call, "No match.");
    } else if (next.len == 0) {
        call_say(call, "%zu of %zu.", n, n);
    } else if (json_kind(total) == JSON_INTEGER) {
        call_say(call, "%zu of %lld. More: --limit %zu, or --after %.*s", n,
                 (long long)json_i64(total), n * 10, BYTES_FMT(next));
    } else {
        call_say(call, "%zu of many. More: --limit %zu, or --after %.*s", n, n * 10,
                 BYTES_FMT(next));
    }
}

static void print_page(const struct call *call, const struct json *page)
{
    const struct json *events = json_get(page, "data");
    struct columns columns;
    size_t id_len;

    columns_init(&columns, "WHEN ID TYPE NAME SUB STATE TRIES LAST_ANSWER");
    id_len = call->out.is_terminal ? short_length(&columns.arena, events) : ID_LEN;
    for (size_t i = 0; i < json_count(events); i++)
        add_row(&columns, &call->out, json_at(events, i), id_len);
    if (columns_has_rows(&columns))
        columns_print(&columns, &call->out);
    columns_done(&columns);
    say_rest(call, page, json_count(events));
}

static int fetch(const struct call *call, const struct events_page *wanted,
                 struct buf *text, struct json **ret_page, struct err *err)
{
    buf_clear(text);
    if (events_fetch(call, wanted, text, err) < 0)
        return -1;
    return json_parse(buf_bytes(text), ret_page, err);
}

/* The service broke it off before it found anything. */
static bool goes_on(const struct json *page)
{
    return json_count(json_get(page, "data")) == 0 &&
           json_kind(json_get(page, "partial")) == JSON_OBJECT;
}

/* Such a search goes on here: it never takes one call long enough to hold up others. */
static int find_some(const struct call *call, struct events_page wanted, struct buf *text,
                     struct json **ret_page, struct err *err)
{
    cleanup(buf_done) struct buf cursor = {0};

    buf_init(&cursor, EVENTS_QUERY_MAX);
    while (fetch(call, &wanted, text, ret_page, err) == 0) {
        if (!goes_on(*ret_page))
            return 0;
        buf_clear(&cursor);
        buf_add(&cursor, json_string(json_get(*ret_page, "next")));
        wanted.after = buf_bytes(&cursor);
        json_free(take(*ret_page));
    }
    return -1;
}

int events_list(const struct call *call, const char *path, struct err *err)
{
    cleanup(json_freep) struct json *found = NULL;
    cleanup(buf_done) struct buf query = {0};
    cleanup(buf_done) struct buf text = {0};
    struct events_page page = {.path = path,
                               .after = bytes_str(call_given(call, "after")),
                               .limit = call_number(call, "limit")};

    buf_init(&query, EVENTS_QUERY_MAX);
    buf_init(&text, EVENTS_TEXT_MAX);
    events_query(call, 0, &query);
    page.query = buf_bytes(&query);
    if (find_some(call, page, &text, &found, err) < 0)
        return -1;
    if (call->wants_json)
        print_record(&call->out, bytes_trim(buf_bytes(&text)));
    else
        print_page(call, found);
    return 0;
}
