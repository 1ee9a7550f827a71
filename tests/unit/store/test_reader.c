/* SPDX-License-Identifier: MIT */

#include "store/reader.h"

#include "fixture.h"

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
};

struct model_event {
    int64_t row, at_ms;
    enum event_kind kind;
    char name[8], user[8], anonymous[8], payload[256];
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
    snprintf(event->payload + len, sizeof(event->payload) - (size_t)len,
             ",\"messageId\":\"m%d\",\"properties\":{\"word\":\"w%d\"}}", rand() % 50,
             rand() % 9);
}

static enum delivery_state any_state(void)
{
    static const enum delivery_state states[] = {
        DELIVERY_QUEUED,    DELIVERY_RETRYING, DELIVERY_DELIVERED,
        DELIVERY_DELIVERED, DELIVERY_DEAD,     DELIVERY_DISCARDED,
    };

    return states[rand() % (int)COUNT(states)];
}

static void add_first(struct fixture *f, struct model_event *event)
{
    struct model_delivery *first = &event->deliveries[event->n_deliveries++];

    *first = (struct model_delivery){.row = event->row, .state = any_state()};
    /* Below the low-water mark nothing waits without a row. */
    if (event < &model[N_EVENTS / 3] && first->state == DELIVERY_QUEUED)
        first->state = DELIVERY_RETRYING;
    /* A first delivery that is queued has no row. */
    if (first->state != DELIVERY_QUEUED)
        fixture_settle(f, event->row, first->state);
    first->is_superseded = first->state == DELIVERY_DEAD && rand() % 2 == 0;
    if (first->is_superseded)
        expect(f, 0, store_supersede_dead(f->store, event->row, 1, &f->err));
}

static void add_replay(struct fixture *f, struct model_event *event)
{
    struct model_delivery *replay = &event->deliveries[event->n_deliveries++];

    *replay =
        (struct model_delivery){.row = store_next_row(f->store), .state = any_state()};
    expect(f, 0,
           store_put_delivery(f->store,
                              &(struct store_delivery){.row = replay->row,
                                                       .event = event->row,
                                                       .replay = 1,
                                                       .subscription = 1,
                                                       .state = replay->state},
                              &f->err));
}

static void fill(struct fixture *f)
{
    int64_t at_ms = BASE_MS, replay;
    uint16_t number;

    memset(model, 0, sizeof(model));
    fixture_begin(f);
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
        event->row = fixture_event(f, event->payload, at_ms, 0);
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
            .subscription = BYTES("default"),
            .payload = bytes_str(event->payload),
        };

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
            want.attempts += j == 0 && one != DELIVERY_QUEUED;
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
        T(an_event_is_shown_whole),
        T(what_is_not_there_is_an_answer),
        T(a_replay_and_the_rows_are_counted),
        T(a_reader_sees_commits_and_nothing_else),
        T(a_store_that_is_not_there_is_not_made),
    };

    return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
