/* SPDX-License-Identifier: MIT */

/* GET /api/v1/events[/{id}], GET /api/v1/dead: looking at events. */

#include "base/err.h"
#include "base/mem.h"
#include "base/time_text.h"
#include "core/id.h"
#include "service/access/veil.h"
#include "service/desk.h"
#include "service/live.h"
#include "service/site.h"
#include "store/reader.h"
#include "sys/clock.h"
#include "json/write.h"

enum {
    DEFAULT_LIMIT = 50,
    MAX_LIMIT = 1000,
    ANSWER_BYTES = 256 << 20,
    PREFIX_SHORTEST = 8,
    BUDGET_US = 100000, /* for looking; others wait for the desk meanwhile */
};

struct question {
    struct desk_job job;
    struct site *site;
    struct server_request *request;
    struct query query;
    int64_t below_row;
    size_t limit;
    bool is_dead_list;
    char id[32];   /* of one event, perhaps shortened */
    struct id one; /* when it is whole: an event's or a delivery's */
};

static void question_free(struct question *question)
{
    query_done(&question->query);
    free(question);
}

static void ask(struct question *question,
                void (*run_fn)(struct reader *reader, struct desk_job *job))
{
    question->job.run_fn = run_fn;
    if (desk_ask(question->site->desk, &question->job))
        return;
    site_problem(question->request, 503, NULL, "too many questions at once");
    question_free(question);
}

/* --- lists -------------------------------------------------------------------------- */

/* The time was up before the page was full: how far the search has come. */
static void print_partial(struct write *json, const struct reader_page *page)
{
    write_key(json, "partial");
    if (!page->is_partial) {
        write_null(json);
        return;
    }
    write_object(json);
    write_member_i64(json, "looked_at", (int64_t)page->n_looks);
    write_member_time(json, "back_to", page->looked_to_ms);
    write_object_end(json);
}

static void print_page(const struct question *question, const struct reader_page *page,
                       struct buf *body)
{
    char next[32];
    struct write json;

    write_init(&json, body);
    write_object(&json);
    write_key(&json, "data");
    write_array(&json);
    for (size_t i = 0; i < page->n_events; i++)
        site_print_event(question->site, &json, &page->events[i]);
    write_array_end(&json);
    if (page->next_row != 0) {
        site_event_id(page->next_row, 0, next);
        write_member_text(&json, "next", next);
    } else {
        write_member_text(&json, "next", NULL);
    }
    write_key(&json, "total");
    if (page->total >= 0)
        write_i64(&json, page->total);
    else
        write_null(&json);
    print_partial(&json, page);
    write_object_end(&json);
}

static void run_list(struct reader *reader, struct desk_job *job)
{
    struct question *question = container_of(job, struct question, job);
    const struct reader_find find = {
        .query = &question->query,
        .below_row = question->below_row,
        .limit = question->limit,
        .is_dead_list = question->is_dead_list,
        .needs_total = true,
        .needs_attempts = true,
        .clock_us = clock_now_us,
        .budget_us = BUDGET_US,
        .live_state = live_state,
        .arg = question->site->live,
    };
    cleanup(arena_done) struct arena arena = {0};
    cleanup(buf_done) struct buf body = {0};
    struct reader_page page;
    struct err err = {0};

    arena_init(&arena);
    buf_init(&body, ANSWER_BYTES);
    if (reader_find(reader, &find, &arena, &page, &err) < 0) {
        site_problem_err(question->request, &err);
    } else {
        print_page(question, &page, &body);
        site_json(question->request, 200, &body);
    }
    question_free(question);
}

static bool parse_limit(struct bytes text, size_t *ret_limit)
{
    int64_t limit = DEFAULT_LIMIT;

    if (text.len > 0 && (!bytes_to_i64(text, &limit) || limit < 1))
        return false;
    *ret_limit = limit < MAX_LIMIT ? (size_t)limit : MAX_LIMIT;
    return true;
}

/* A cursor is the id of the event after which (in time: below which) the page goes on. */
static bool parse_cursor(struct bytes text, int64_t *ret_row)
{
    struct id id;

    *ret_row = 0;
    if (text.len == 0)
        return true;
    if (!id_parse(text, &id) || id.kind != ID_EVENT)
        return false;
    *ret_row = id.row;
    return true;
}

static void list(const struct site_call *call, bool is_dead_list)
{
    struct question *question = mem_new(struct question);
    struct err err = {0};

    question->site = call->site;
    question->request = call->request;
    question->is_dead_list = is_dead_list;
    if (query_parse(server_query(call->request, "q"), clock_wall_ms(), &question->query,
                    &err) < 0) {
        site_problem_query(call->request, &question->query, &err);
        free(question);
        return;
    }
    if (veil_refuses(call, &question->query)) {
        question_free(question);
        return;
    }
    if (!parse_limit(server_query(call->request, "limit"), &question->limit) ||
        !parse_cursor(server_query(call->request, "after"), &question->below_row)) {
        site_problem(call->request, 400, NULL,
                     "limit must be a number from 1 on, after a cursor from \"next\"");
        question_free(question);
        return;
    }
    ask(question, run_list);
}

void api_events_list(const struct site_call *call)
{
    list(call, /* is_dead_list= */ false);
}

void api_dead_list(const struct site_call *call)
{
    list(call, /* is_dead_list= */ true);
}

/* --- one event ---------------------------------------------------------------------- */

static void answer_event(const struct question *question,
                         const struct reader_event *event)
{
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    site_print_event(question->site, &json, event);
    site_json(question->request, 200, &body);
}

/* Also of another time than the row's: it is an id of a store that was here before. */
static bool is_meant(const struct id *id, const struct reader_event *event)
{
    if (id->kind == ID_EVENT)
        return id->time_ms == event->received_at_ms;
    for (size_t i = 0; i < event->n_deliveries; i++) {
        if (event->deliveries[i].row == id->row)
            return id->time_ms == event->deliveries[i].created_at_ms;
    }
    return false;
}

int api_events_find(struct reader *reader, const struct id *id, struct arena *arena,
                    struct reader_event *ret_event, struct err *err)
{
    int64_t row = id->row; /* an event's first delivery has its row */
    int found = 0;

    if (id->kind == ID_DELIVERY)
        found = reader_event_of(reader, id->row, &row, err);
    if (found >= 0)
        found = reader_get(reader, row, arena, ret_event, err);
    return found > 0 ? (int)is_meant(id, ret_event) : found;
}

static void answer_found(struct reader *reader, const struct question *question,
                         const struct id *id)
{
    cleanup(arena_done) struct arena arena = {0};
    struct reader_event event;
    struct err err = {0};
    int found;

    arena_init(&arena);
    found = api_events_find(reader, id, &arena, &event, &err);
    if (found < 0)
        site_problem_err(question->request, &err);
    else if (found == 0)
        site_problem(question->request, 404, "PA7005", "there is no event with this id");
    else
        answer_event(question, &event);
}

static void run_get(struct reader *reader, struct desk_job *job)
{
    struct question *question = container_of(job, struct question, job);

    answer_found(reader, question, &question->one);
    question_free(question);
}

/* The shortened id's full form with every missing character @filler. */
static bool pad_id(const char *text, char filler, struct id *ret_id)
{
    char full[ID_TEXT_LEN];
    size_t len = strlen(text);

    if (len >= sizeof(full))
        return false;
    memset(full, filler, sizeof(full) - 1);
    memcpy(full, text, len);
    return id_parse(bytes_of(full, sizeof(full) - 1), ret_id);
}

/* The only event whose id begins so; kind NONE: none, or several (*ret_is_ambiguous). */
static struct id find_by_prefix(struct reader *reader, const struct question *question,
                                bool *ret_is_ambiguous)
{
    const struct reader_find find = {.query = &question->query, .limit = MAX_LIMIT};
    cleanup(arena_done) struct arena arena = {0};
    struct reader_page page;
    struct id found = {.kind = ID_NONE};
    struct err err = {0};

    arena_init(&arena);
    *ret_is_ambiguous = false;
    if (reader_find(reader, &find, &arena, &page, &err) < 0)
        return found;
    for (size_t i = 0; i < page.n_events; i++) {
        const struct reader_event *event = &page.events[i];
        char text[32];

        site_event_id(event->row, event->received_at_ms, text);
        if (strncmp(text, question->id, strlen(question->id)) != 0)
            continue;
        *ret_is_ambiguous |= found.kind != ID_NONE;
        found = (struct id){
            .kind = ID_EVENT, .time_ms = event->received_at_ms, .row = event->row};
    }
    return found;
}

static void run_prefix(struct reader *reader, struct desk_job *job)
{
    struct question *question = container_of(job, struct question, job);
    bool is_ambiguous;
    struct id id = find_by_prefix(reader, question, &is_ambiguous);

    if (is_ambiguous)
        site_problem(question->request, 409, "PA7006",
                     "several events begin with this id: give more of it");
    else if (id.kind == ID_NONE)
        site_problem(question->request, 404, "PA7005", "there is no event with this id");
    else
        answer_found(reader, question, &id);
    question_free(question);
}

static bool query_of_prefix(struct question *question)
{
    cleanup(buf_done) struct buf text = {0};
    char from[TIME_TEXT_LEN + 1], to[TIME_TEXT_LEN + 1];
    struct id low, high;
    struct err err;

    if (strlen(question->id) < PREFIX_SHORTEST || !pad_id(question->id, '0', &low) ||
        !pad_id(question->id, 'z', &high) || low.kind != ID_EVENT)
        return false;
    time_text_format(low.time_ms, from);
    time_text_format(high.time_ms + 1, to);
    buf_init(&text, 256);
    buf_addf(&text, "after:%s before:%s", from, to);
    return query_parse(buf_bytes(&text), 0, &question->query, &err) == 0;
}

void api_events_get(const struct site_call *call)
{
    struct question *question = mem_new(struct question);
    struct id id;

    question->site = call->site;
    question->request = call->request;
    question->id[0] = '\0';
    strncat(question->id, call->parameters[0].ptr,
            call->parameters[0].len < sizeof(question->id) - 1
                ? call->parameters[0].len
                : sizeof(question->id) - 1);
    if (id_parse(call->parameters[0], &id) &&
        (id.kind == ID_EVENT || id.kind == ID_DELIVERY)) {
        question->one = id;
        ask(question, run_get);
    } else if (query_of_prefix(question)) {
        ask(question, run_prefix);
    } else {
        site_problem(call->request, 404, "PA7005", "there is no event with this id");
        question_free(question);
    }
}
