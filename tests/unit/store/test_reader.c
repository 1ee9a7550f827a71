/* SPDX-License-Identifier: MIT */

#include "store/reader.h"

#include "core/query_record.h"
#include "fixture.h"
#include "store/installs.h"
#include "store/sql.h"

#include <stdio.h>

/*
 * The great test here: random events, filed and not, are searched in pages, and each
 * answer is compared with a walk over an array. The query itself judges both, so what is
 * tested is that sources, joins, paging and counts lose and invent nothing.
 */

enum { N_EVENTS = 400, BASE_MS = 1700000000, MAX_DELIVERIES = 3 };

struct model_delivery {
    int64_t row;
    enum delivery_state state;
    bool is_superseded;
    unsigned attempts;
    int64_t version;
    const char *error, *record;
};

struct model_event {
    int64_t row, at_ms;
    enum event_kind kind;
    char name[8], user[8], anonymous[8], message[8], payload[256];
    int64_t key;
    struct model_delivery deliveries[MAX_DELIVERIES];
    size_t n_deliveries;
};

static struct model_event model[N_EVENTS];

static void make_payload(struct model_event *event)
{
    static const char *const types[] = {"identify", "track", "page"};
    int type = rand() % 3;
    int len;

    event->kind = (enum event_kind)(EVENT_IDENTIFY + type);
    len =
        snprintf(event->payload, sizeof(event->payload), "{\"type\":\"%s\"", types[type]);
    if (type > 0) {
        snprintf(event->name, sizeof(event->name), "N%d", rand() % 4);
        len += snprintf(event->payload + len, sizeof(event->payload) - (size_t)len,
                        ",\"%s\":\"%s\"", type == 1 ? "event" : "name", event->name);
    }
    if (rand() % 3 > 0) {
        snprintf(event->user, sizeof(event->user), "u%d", rand() % 4);
        len += snprintf(event->payload + len, sizeof(event->payload) - (size_t)len,
                        ",\"userId\":\"%s\"", event->user);
    }
    if (event->user[0] == '\0' || rand() % 3 == 0) {
        snprintf(event->anonymous, sizeof(event->anonymous), "u%d", rand() % 4);
        len += snprintf(event->payload + len, sizeof(event->payload) - (size_t)len,
                        ",\"anonymousId\":\"%s\"", event->anonymous);
    }
    snprintf(event->message, sizeof(event->message), "m%d", rand() % 50);
    snprintf(event->payload + len, sizeof(event->payload) - (size_t)len,
             ",\"messageId\":\"%s\",\"properties\":{\"word\":\"w%d\"}%*s}",
             event->message, rand() % 9, rand() % 20, "");
}

static enum delivery_state any_state(void)
{
    static const enum delivery_state states[] = {
        DELIVERY_QUEUED,    DELIVERY_RETRYING, DELIVERY_DELIVERED,
        DELIVERY_DELIVERED, DELIVERY_DEAD,     DELIVERY_DISCARDED,
    };

    return states[rand() % (int)COUNT(states)];
}

/* How its attempts went, if there were any. */
static void make_record(struct model_delivery *delivery)
{
    static const struct {
        const char *error, *record;
    } ends[] = {
        {"503", "{\"duration_ms\":20,\"logs\":[],\"requests\":[{\"response\":{\"status\":"
                "503}}]}"},
        {"timeout",
         "{\"duration_ms\":900,\"logs\":[\"x\"],\"requests\":[{\"response\":null}],"
         "\"error\":{\"name\":\"timeout\"}}"},
        {"DropEvent", "{\"duration_ms\":3.5,\"logs\":[],\"requests\":[]}"},
    };
    size_t end = (size_t)rand() % COUNT(ends);

    if (delivery->state == DELIVERY_QUEUED)
        return;
    delivery->attempts = 1 + (unsigned)rand() % 4;
    delivery->version = rand() % 3;
    delivery->record = ends[end].record;
    if (delivery->state != DELIVERY_DELIVERED)
        delivery->error = ends[end].error;
}

static void put(struct fixture *f, const struct model_event *event,
                const struct model_delivery *delivery, int64_t replay)
{
    expect(f, 0,
           store_put_delivery(
               f->store,
               &(struct store_delivery){.row = delivery->row,
                                        .event = event->row,
                                        .replay = replay,
                                        .subscription = 1,
                                        .state = delivery->state,
                                        .attempts = delivery->attempts,
                                        .function_version = delivery->version,
                                        .error_name = bytes_str(delivery->error),
                                        .attempt_json = bytes_str(delivery->record)},
               &f->err));
}

static void add_first(struct fixture *f, struct model_event *event)
{
    struct model_delivery *first = &event->deliveries[event->n_deliveries++];

    *first = (struct model_delivery){.row = event->row, .state = any_state()};
    /* Below the low-water mark nothing waits without a row. */
    if (event < &model[N_EVENTS / 3] && first->state == DELIVERY_QUEUED)
        first->state = DELIVERY_RETRYING;
    make_record(first);
    /* A first delivery that is queued has no row. */
    if (first->state != DELIVERY_QUEUED)
        put(f, event, first, 0);
    first->is_superseded = first->state == DELIVERY_DEAD && rand() % 2 == 0;
    if (first->is_superseded)
        expect(f, 0, store_supersede_dead(f->store, event->row, 1, &f->err));
}

static void add_replay(struct fixture *f, struct model_event *event)
{
    struct model_delivery *replay = &event->deliveries[event->n_deliveries++];

    *replay =
        (struct model_delivery){.row = store_next_row(f->store), .state = any_state()};
    make_record(replay);
    put(f, event, replay, 1);
}

/* Keys 1 and 2, of which one came with an install; functions 1 and 2. */
static void fill_names(struct fixture *f)
{
    static const char *const names[] = {"acme", "umbrella"};
    static const char *const files[] = {"functions/one.js", "functions/two.js"};
    uint8_t sha256[SHA256_LEN] = {0};

    for (size_t i = 0; i < COUNT(names); i++) {
        struct store_key key = {.name = bytes_str(names[i]), .created_at_ms = 1000};
        int64_t version;

        expect(f, 0, store_new_key_row(f->store, &key.row, &f->err));
        key.hash[0] = (uint8_t)i;
        key.sealed = BYTES("sealed");
        expect(f, 0, store_add_key(f->store, &key, &f->err));
        expect(f, 0,
               store_function_version(f->store, bytes_str(files[i]), sha256, BYTES("x"),
                                      1, &version, &f->err));
    }
    struct store_install install = {.number = 7,
                                    .key = 2,
                                    .source = BYTES("workspaces/w/sources/web"),
                                    .state = BYTES("active")};

    expect(f, 0, store_put_install(f->store, &install, &install.row, &f->err));
}

static void fill(struct fixture *f)
{
    int64_t at_ms = BASE_MS, replay;
    uint16_t number;

    memset(model, 0, sizeof(model));
    fixture_begin(f);
    fill_names(f);
    expect(f, 0, store_subscription(f->store, BYTES("default"), &number, &f->err));
    expect(f, 0, store_add_replay(f->store, BYTES("is:dead"), 1, 1500, &replay, &f->err));
    for (size_t i = 0; i < N_EVENTS; i++) {
        struct model_event *event = &model[i];

        /* The clock runs, and now and then jumps either way. */
        at_ms += rand() % 50 == 0 ? rand() % 20000 - 10000 : rand() % 20;
        event->at_ms = at_ms;
        /* Gaps, so that there are many spans of rows. */
        for (int gap = i % 8 == 7 ? rand() % 300 : 0; gap > 0; gap--)
            (void)store_next_row(f->store);
        make_payload(event);
        event->key = rand() % 3;
        event->row = fixture_keyed_event(f, event->payload, at_ms, event->key);
        add_first(f, event);
        while (event->n_deliveries < MAX_DELIVERIES && rand() % 6 == 0)
            add_replay(f, event);
    }
    expect(f, 0, store_save_low_water(f->store, model[N_EVENTS / 3].row, &f->err));
    fixture_commit(f);
}

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

        query_record_read(bytes_str(delivery->record), &facts);

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

static void run_queries(struct fixture *f)
{
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
    size_t n;

    srand(11);
    fill(f);
    run_queries(f); /* all of it in the tail */
    expect(f, 0, store_index_step(f->store, N_EVENTS / 2, &n, &f->err));
    run_queries(f);
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
    fill(f);
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
    fill(f);
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
    fill(f);
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

/* Rows that an older version filed have no size: the payload tells it. */
static void what_was_filed_before_has_its_size_too(void **state)
{
    struct fixture *f = *state;
    struct sql *sql;

    srand(17);
    fill(f);
    fixture_index(f);
    expect(f, 0, sql_open(f->path, SQL_WRITE, &sql, &f->err));
    expect(f, 0, sql_exec(sql, "UPDATE search SET size = NULL", &f->err));
    sql_close(sql);
    run_queries(f);
}

static void check_event(struct fixture *f, struct reader *reader,
                        const struct model_event *want)
{
    struct reader_event got;
    struct arena arena;

    arena_init(&arena);
    expect(f, 1, reader_get(reader, want->row, &arena, &got, &f->err));
    assert_true(bytes_eq(got.payload, bytes_str(want->payload)));
    assert_true(bytes_eq(got.name, bytes_str(want->name)));
    assert_true(bytes_eq(got.user_id, bytes_str(want->user)));
    assert_true(bytes_eq(got.anonymous_id, bytes_str(want->anonymous)));
    assert_true(bytes_eq(got.subscription_name, BYTES("default")));
    assert_int_equal(got.kind, want->kind);
    assert_int_equal(got.received_at_ms, want->at_ms);
    assert_int_equal(got.n_deliveries, want->n_deliveries);
    for (size_t i = 0; i < want->n_deliveries; i++) {
        int64_t row;

        assert_int_equal(got.deliveries[i].row, want->deliveries[i].row);
        assert_int_equal(got.deliveries[i].state, want->deliveries[i].state);
        expect(f, 1, reader_event_of(reader, want->deliveries[i].row, &row, &f->err));
        assert_int_equal(row, want->row);
    }
    arena_done(&arena);
}

static void an_event_is_shown_whole(void **state)
{
    struct fixture *f = *state;
    struct reader *reader;

    srand(12);
    fill(f);
    expect(f, 0, reader_open(f->path, &reader, &f->err));
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < N_EVENTS; i++)
            check_event(f, reader, &model[i]);
        fixture_index(f);
    }
    reader_close(reader);
}

static void what_is_not_there_is_an_answer(void **state)
{
    struct fixture *f = *state;
    struct reader *reader;
    struct reader_event event;
    struct reader_replay replay;
    struct arena arena;
    int64_t row;

    arena_init(&arena);
    expect(f, 0, reader_open(f->path, &reader, &f->err));
    expect(f, 0, reader_get(reader, 99, &arena, &event, &f->err));
    expect(f, 0, reader_event_of(reader, 99, &row, &f->err));
    expect(f, 0, reader_replay(reader, 99, &arena, &replay, &f->err));
    reader_close(reader);
    arena_done(&arena);
}

static void a_replay_and_the_rows_are_counted(void **state)
{
    struct fixture *f = *state;
    struct store_tally want = {0}, got;
    struct reader_replay replay, want_replay = {0};
    struct reader *reader;
    struct arena arena;

    srand(13);
    fill(f);
    for (size_t i = 0; i < N_EVENTS; i++) {
        want.accepted++;
        for (size_t j = 0; j < model[i].n_deliveries; j++) {
            enum delivery_state one = model[i].deliveries[j].state;

            want.delivered += one == DELIVERY_DELIVERED;
            want.discarded += one == DELIVERY_DISCARDED;
            want.dead += one == DELIVERY_DEAD;
            want.replayed += j > 0;
            want.attempts += model[i].deliveries[j].attempts;
            want_replay.delivered += j > 0 && one == DELIVERY_DELIVERED;
            want_replay.dead += j > 0 && one == DELIVERY_DEAD;
        }
    }
    arena_init(&arena);
    expect(f, 0, reader_open(f->path, &reader, &f->err));
    expect(f, 0, reader_count(reader, &got, &f->err));
    assert_memory_equal(&got, &want, sizeof(want));
    expect(f, 1, reader_replay(reader, 1, &arena, &replay, &f->err));
    assert_true(bytes_eq(replay.query, BYTES("is:dead")));
    assert_int_equal(replay.delivered, want_replay.delivered);
    assert_int_equal(replay.dead, want_replay.dead);
    reader_close(reader);
    arena_done(&arena);
}

static void a_reader_sees_commits_and_nothing_else(void **state)
{
    struct fixture *f = *state;
    struct reader *reader;
    struct store_tally got;

    expect(f, 0, reader_open(f->path, &reader, &f->err));
    fixture_begin(f);
    fixture_event(f, "{}", 1000, 0);
    expect(f, 0, reader_count(reader, &got, &f->err));
    assert_int_equal(got.accepted, 0);
    fixture_commit(f);
    expect(f, 0, reader_count(reader, &got, &f->err));
    assert_int_equal(got.accepted, 1);
    reader_close(reader);
}

static void a_store_that_is_not_there_is_not_made(void **state)
{
    struct fixture *f = *state;
    struct reader *reader;
    char path[128];

    snprintf(path, sizeof(path), "%s/none.db", f->folder);
    expect(f, -1, reader_open(path, &reader, &f->err));
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_search_finds_what_a_walk_finds),
        T(a_search_that_takes_long_says_how_far_it_came),
        T(a_search_without_time_gets_on_all_the_same),
        T(new_events_do_not_move_the_pages),
        T(what_was_filed_before_has_its_size_too),
        T(an_event_is_shown_whole),
        T(what_is_not_there_is_an_answer),
        T(a_replay_and_the_rows_are_counted),
        T(a_reader_sees_commits_and_nothing_else),
        T(a_store_that_is_not_there_is_not_made),
    };

    return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
