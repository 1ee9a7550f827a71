/* SPDX-License-Identifier: MIT */

#include "core/query_record.h"
#include "model.h"
#include "store/reader.h"
#include "store/sql.h"

#include <stdio.h>

/*
 * The great test here: random events, filed and not, are searched in pages, and each
 * answer is compared with a walk over an array. The query itself judges both, so what is
 * tested is that sources, joins, paging and counts lose and invent nothing.
 */

static bool model_matches(const struct model_event *event, const struct reader_find *find)
{
    for (size_t i = 0; i < event->n_deliveries; i++) {
        const struct model_delivery *delivery = &event->deliveries[i];
        struct query_facts facts = {
            .event_row = event->row,
            .delivery_row = delivery->row,
            .received_at_ms = event->at_ms,
            .state = delivery->state,
            .kind = event->kind,
            .name = bytes_str(event->name),
            .user_id = bytes_str(event->user),
            .anonymous_id = bytes_str(event->anonymous),
            .message_id = bytes_str(event->message),
            .subscription = BYTES("default"),
            .key_name = bytes_str(event->key == 1   ? "acme"
                                  : event->key == 2 ? "umbrella"
                                                    : ""),
            .install = event->key == 2 ? 7 : 0,
            .source = bytes_str(event->key == 2 ? "workspaces/w/sources/web" : ""),
            .function = bytes_str(delivery->version == 1   ? "functions/one.js"
                                  : delivery->version == 2 ? "functions/two.js"
                                                           : ""),
            .attempts = delivery->attempts,
            .error_name = bytes_str(delivery->error),
            .size_bytes = (int64_t)strlen(event->payload),
            .payload = bytes_str(event->payload),
        };

        query_record_read(bytes_str(delivery->record), QUERY_OF_RECORD, &facts);

        if (find->live_state != NULL && !delivery_is_terminal(facts.state))
            facts.state = find->live_state(find->arg, delivery->row, facts.state);
        if (find->is_dead_list &&
            (delivery->state != DELIVERY_DEAD || delivery->is_superseded))
            continue;
        if (query_match(find->query, &facts))
            return true;
    }
    return false;
}

/* The next lower index in the model that matches; N_EVENTS: none. */
static size_t model_below(size_t index, const struct reader_find *find)
{
    while (index-- > 0) {
        if (model_matches(&model[index], find))
            return index;
    }
    return N_EVENTS;
}

/* The page is what comes next in the model; *next moves on. */
static void compare_page(const struct reader_page *page, const struct reader_find *find,
                         size_t *next, const char *text)
{
    for (size_t i = 0; i < page->n_events; i++) {
        int64_t want = *next < N_EVENTS ? model[*next].row : 0;

        if (page->events[i].row != want)
            fail_msg("%s: got row %d, want row %d", text, (int)page->events[i].row,
                     (int)want);
        assert_int_equal(page->events[i].n_deliveries, model[*next].n_deliveries);
        *next = model_below(*next, find);
    }
}

static void compare(struct fixture *f, struct reader *reader, struct reader_find find,
                    const char *text)
{
    size_t next = model_below(N_EVENTS, &find);
    int64_t n_found = 0, total;

    do {
        struct reader_page page;
        struct arena arena;

        arena_init(&arena);
        expect(f, 0, reader_find(reader, &find, &arena, &page, &f->err));
        compare_page(&page, &find, &next, text);
        n_found += (int64_t)page.n_events;
        total = page.total;
        find.below_row = page.next_row;
        arena_done(&arena);
    } while (find.below_row != 0);
    if (next < N_EVENTS)
        fail_msg("%s: row %d is missing", text, (int)model[next].row);
    assert_int_equal(total, n_found);
}

static enum delivery_state third_is_running(void *arg, int64_t row,
                                            enum delivery_state stored)
{
    (void)arg;
    return row % 3 == 0 ? DELIVERY_RUNNING : stored;
}

static const char *const texts[] = {
    "",
    "is:dead",
    "is:queued",
    "is:retrying",
    "is:running",
    "is:delivered",
    "is:discarded",
    "user:u1",
    "event:N2",
    "event:N2 user:u1",
    "event:N2 is:dead",
    "-is:delivered",
    "type:page",
    "w3",
    "w3 user:u2 is:dead",
    "user:nobody",
    "sub:default -user:u1",
    "after:1970-01-20T16:13:22.000Z",
    "before:1970-01-20T16:13:22.000Z",
    "after:1970-01-20T16:13:21.000Z before:1970-01-20T16:13:23.000Z event:N1",
    "before:1970-01-20T16:13:21.000Z after:1970-01-20T16:13:23.000Z",
    "after:1970-01-20T16:13:21.000Z is:dead",
    "before:1970-01-20T16:13:21.000Z is:retrying",
    "after:2020-01-01 is:dead",
    "anon:u1",
    "anon:u*",
    "message:m3",
    "message:m3 OR message:m4 is:dead",
    "key:acme",
    "install:7",
    "source:web is:dead",
    "-source:web -key:acme",
    "fn:one",
    "fn:two.js is:delivered",
    "status:503",
    "status:5xx OR status:timeout",
    "-status:503 is:dead",
    "error:503",
    "error:*",
    "-error:*",
    "is:filtered",
    "attempts:>2",
    "attempts:0",
    "latency:>500ms",
    "latency:<4ms",
    "size:>130",
    "size:<=120 is:dead",
    "has:log",
    "has:log w3",
    "properties.word:w3",
    "-properties.word:w* OR is:dead",
    "payload.userId:u1",
    "user:u1 OR event:N1",
    "user:u1 OR is:dead",
    "is:dead OR is:queued OR is:discarded",
    "user:u1 is:dead OR event:N2 w5 OR message:m1",
    "after:1970-01-20T16:13:22.000Z user:u1 OR before:1970-01-20T16:13:20.500Z w1",
    "id:evt_0000000000000000000000001a OR user:u2",
    "is:running OR w2 error:timeout",
};

static void run_queries(struct fixture *f)
{
    struct reader *reader;

    expect(f, 0, reader_open(f->path, &reader, &f->err));
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct query query;
        struct reader_find find = {.query = &query, .limit = 7, .needs_total = true};

        expect(f, 0, query_parse(bytes_str(texts[i]), 0, &query, &f->err));
        compare(f, reader, find, texts[i]);
        find.is_dead_list = true;
        compare(f, reader, find, texts[i]);
        find.is_dead_list = false;
        find.live_state = third_is_running;
        compare(f, reader, find, texts[i]);
        query_done(&query);
    }
    reader_close(reader);
}

static void a_search_finds_what_a_walk_finds(void **state)
{
    struct fixture *f = *state;
    bool has_filed;

    srand(11);
    model_fill(f);
    run_queries(f); /* nothing is filed */
    for (int i = 0; i < 3; i++) {
        expect(f, 0, store_index_step(f->store, &has_filed, &f->err));
        assert_true(has_filed);
        run_queries(f);
    }
    fixture_index(f);
    run_queries(f);
}

/* Each look takes a millisecond. */
static int64_t slow_clock_us;

static int64_t slow_clock(void)
{
    slow_clock_us += 1000;
    return slow_clock_us;
}

static void a_search_that_takes_long_says_how_far_it_came(void **state)
{
    struct fixture *f = *state;
    struct reader_find find = {
        .limit = 5, .needs_total = true, .clock_us = slow_clock, .budget_us = 100000};
    struct reader_page page = {0};
    struct reader *reader;
    struct query query;
    int n_calls = 0;
    size_t n_looks = 0;

    srand(14);
    model_fill(f);
    expect(f, 0, reader_open(f->path, &reader, &f->err));
    expect(f, 0, query_parse(BYTES("nothing-has-this"), 0, &query, &f->err));
    find.query = &query;
    do {
        cleanup(arena_done) struct arena arena = {0};

        arena_init(&arena);
        expect(f, 0, reader_find(reader, &find, &arena, &page, &f->err));
        assert_int_equal(page.n_events, 0);
        assert_int_equal(page.is_partial, page.next_row != 0);
        assert_in_range(page.n_looks, 1, 101);
        if (page.is_partial) {
            size_t at = N_EVENTS;

            while (at > 0 && model[at - 1].row >= page.next_row)
                at--;
            assert_int_equal(page.looked_to_ms, model[at].at_ms);
            assert_int_equal(page.total, -1);
        }
        n_looks += page.n_looks;
        n_calls++;
        find.below_row = page.next_row;
    } while (find.below_row != 0);
    assert_in_range(n_calls, 4, 6);
    assert_int_equal(n_looks, N_EVENTS);
    query_done(&query);
    reader_close(reader);
}

/* However late it is: each call looks at one event at least. */
static void a_search_without_time_gets_on_all_the_same(void **state)
{
    struct fixture *f = *state;
    struct reader_find find = {.limit = 5, .clock_us = slow_clock};
    struct reader_page page = {0};
    struct reader *reader;
    struct query query;
    size_t n_calls = 0;

    srand(15);
    model_fill(f);
    expect(f, 0, reader_open(f->path, &reader, &f->err));
    expect(f, 0, query_parse(BYTES("nothing-has-this"), 0, &query, &f->err));
    find.query = &query;
    do {
        cleanup(arena_done) struct arena arena = {0};

        arena_init(&arena);
        expect(f, 0, reader_find(reader, &find, &arena, &page, &f->err));
        find.below_row = page.next_row;
        n_calls++;
    } while (find.below_row != 0 && n_calls < 1000);
    assert_int_equal(n_calls, N_EVENTS);
    query_done(&query);
    reader_close(reader);
}

static void new_events_do_not_move_the_pages(void **state)
{
    struct fixture *f = *state;
    struct reader_find find = {.limit = 7};
    struct reader_page page = {0};
    struct reader *reader;
    struct query query;
    size_t next;

    srand(16);
    model_fill(f);
    expect(f, 0, reader_open(f->path, &reader, &f->err));
    expect(f, 0, query_parse(BYTES("user:u1 OR is:dead"), 0, &query, &f->err));
    find.query = &query;
    next = model_below(N_EVENTS, &find);
    do {
        cleanup(arena_done) struct arena arena = {0};

        arena_init(&arena);
        expect(f, 0, reader_find(reader, &find, &arena, &page, &f->err));
        compare_page(&page, &find, &next, "while events come");
        find.below_row = page.next_row;
        fixture_begin(f);
        fixture_event(f, "{\"type\":\"track\",\"event\":\"new\",\"userId\":\"u1\"}",
                      BASE_MS + 900000, 0);
        fixture_commit(f);
        fixture_index(f);
    } while (find.below_row != 0);
    assert_int_equal(next, N_EVENTS);
    query_done(&query);
    reader_close(reader);
}

/* Rows that version 3 filed have no size: the payload tells it. */
static void what_an_older_version_filed_is_found_as_well(void **state)
{
    struct fixture *f = *state;
    struct sql *sql;

    srand(17);
    model_fill(f);
    fixture_index(f);
    store_close(f->store);
    f->store = NULL;
    expect(f, 0, sql_open(f->path, SQL_WRITE, &sql, &f->err));
    expect(f, 0,
           sql_exec(sql,
                    "DROP TABLE install_step; DROP TABLE minute; DROP TABLE export;"
                    "DROP TABLE user; DROP TABLE session; DROP TABLE invitation; DROP "
                    "TABLE audit;"
                    "DROP INDEX install_key;" FIXTURE_VERSION_6
                    "ALTER TABLE search DROP COLUMN size; PRAGMA user_version=3",
                    &f->err));
    sql_close(sql);
    fixture_reopen(f);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM search WHERE size IS NOT NULL"),
                     0);
    run_queries(f);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_search_finds_what_a_walk_finds),
        T(a_search_that_takes_long_says_how_far_it_came),
        T(a_search_without_time_gets_on_all_the_same),
        T(new_events_do_not_move_the_pages),
        T(what_an_older_version_filed_is_found_as_well),
    };

    return cmocka_run_group_tests_name("reader_find", tests, NULL, NULL);
}
