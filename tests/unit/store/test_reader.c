/* SPDX-License-Identifier: MIT */

#include "store/reader.h"

#include <stdio.h>
#include <stdlib.h>

#include "model.h"

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
    model_fill(f);
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
    for (row = -1; row < 3; row++)
        expect(f, 0, reader_get(reader, row, &arena, &event, &f->err));
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
    model_fill(f);
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
        T(an_event_is_shown_whole),
        T(what_is_not_there_is_an_answer),
        T(a_replay_and_the_rows_are_counted),
        T(a_reader_sees_commits_and_nothing_else),
        T(a_store_that_is_not_there_is_not_made),
    };

    return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
