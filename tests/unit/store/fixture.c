/* SPDX-License-Identifier: MIT */

#include "fixture.h"

#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/slice.h"
#include "store/sql.h"

static const struct store_options options = {.dedupe_ms = FIXTURE_WINDOW_MS,
                                             .disk_bytes = 1 << 30};

int fixture_up(void **state)
{
    struct fixture *fixture = mem_new(struct fixture);
    const char *base = getenv("TMPDIR");

    snprintf(fixture->folder, sizeof(fixture->folder), "%s/store-XXXXXX",
             base != NULL && strlen(base) < 40 ? base : "/tmp");
    if (mkdtemp(fixture->folder) == NULL)
        fail_msg("no temporary folder");
    snprintf(fixture->path, sizeof(fixture->path), "%s/a.db", fixture->folder);
    fixture_reopen(fixture);
    *state = fixture;
    return 0;
}

void fixture_reopen(struct fixture *fixture)
{
    store_close(fixture->store);
    fixture->store = NULL;
    expect(fixture, 0,
           store_open(fixture->path, &options, &fixture->store, &fixture->err));
}

int fixture_down(void **state)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-lock"};
    struct fixture *fixture = *state;
    char path[128];

    store_close(fixture->store);
    for (size_t i = 0; i < COUNT(suffixes); i++) {
        snprintf(path, sizeof(path), "%s%s", fixture->path, suffixes[i]);
        (void)unlink(path);
    }
    if (rmdir(fixture->folder) < 0)
        fail_msg("%s is not empty", fixture->folder);
    free(fixture);
    return 0;
}

void fixture_expect(struct fixture *fixture, int want, int got, const char *call,
                    const char *file, int line)
{
    if (got == want)
        return;
    print_error("%s: got %d, want %d: %s\n", call, got, want,
                got < 0 ? fixture->err.text : "");
    _fail(file, line);
}

struct dedupe_mark fixture_mark(unsigned number)
{
    struct dedupe_mark mark;
    uint8_t sum[SHA256_LEN];
    struct bytes part = bytes_of(&number, sizeof(number));

    sha256_sum(&part, 1, sum);
    memcpy(mark.bytes, sum, DEDUPE_MARK_LEN);
    return mark;
}

static int64_t add_event(struct fixture *fixture, const char *payload,
                         int64_t received_at_ms, unsigned mark, int64_t key)
{
    struct store_event event = {.row = store_next_row(fixture->store),
                                .received_at_ms = received_at_ms,
                                .subscription = 1,
                                .key = key,
                                .has_mark = mark != 0,
                                .mark = fixture_mark(mark),
                                .payload = bytes_str(payload)};

    sha256_sum(&event.payload, 1, event.sha256);
    expect(fixture, 0, store_add_event(fixture->store, &event, &fixture->err));
    return event.row;
}

int64_t fixture_event(struct fixture *fixture, const char *payload,
                      int64_t received_at_ms, unsigned mark)
{
    return add_event(fixture, payload, received_at_ms, mark, 0);
}

int64_t fixture_keyed_event(struct fixture *fixture, const char *payload,
                            int64_t received_at_ms, int64_t key)
{
    return add_event(fixture, payload, received_at_ms, 0, key);
}

void fixture_settle(struct fixture *fixture, int64_t event, enum delivery_state state)
{
    struct store_delivery delivery = {.row = event,
                                      .event = event,
                                      .created_at_ms = 1000,
                                      .subscription = 1,
                                      .state = state,
                                      .attempts = 1,
                                      .first_attempt_ms = 1100,
                                      .next_at_ms = state == DELIVERY_RETRYING ? 5000 : 0,
                                      .settled_at_ms =
                                          delivery_is_terminal(state) ? 1200 : 0,
                                      .attempt_json = BYTES("{\"n\":1}")};

    expect(fixture, 0, store_put_delivery(fixture->store, &delivery, &fixture->err));
}

void fixture_begin(struct fixture *fixture)
{
    expect(fixture, 0, store_begin(fixture->store, &fixture->err));
}

void fixture_commit(struct fixture *fixture)
{
    expect(fixture, 0, store_commit(fixture->store, &fixture->err));
}

void fixture_index(struct fixture *fixture)
{
    bool has_filed = true;

    while ((store_next_row(fixture->store) + 1) % SLICE_ROWS != 0)
        ;
    while (has_filed)
        expect(fixture, 0, store_index_step(fixture->store, &has_filed, &fixture->err));
}

int64_t fixture_bought(struct fixture *fixture, int64_t received_at_ms,
                       enum delivery_state state, const char *user)
{
    char payload[128];
    int64_t row;

    snprintf(payload, sizeof(payload),
             "{\"type\":\"track\",\"event\":\"Bought\",\"userId\":\"%s\",\"messageId\":"
             "\"m1\"}",
             user);
    fixture_begin(fixture);
    row = fixture_event(fixture, payload, received_at_ms, 0);
    if (state != DELIVERY_NONE)
        fixture_settle(fixture, row, state);
    fixture_commit(fixture);
    return row;
}

void fixture_change(struct fixture *fixture, const char *literal)
{
    struct sql *sql;

    store_close(fixture->store);
    fixture->store = NULL;
    expect(fixture, 0, sql_open(fixture->path, SQL_WRITE, &sql, &fixture->err));
    expect(fixture, 0, sql_exec(sql, literal, &fixture->err));
    sql_close(sql);
}

int64_t fixture_ask(struct fixture *fixture, const char *literal)
{
    struct sql *sql;
    int64_t number;

    expect(fixture, 0, sql_open(fixture->path, SQL_READ, &sql, &fixture->err));
    expect(fixture, 0, sql_number(sql, literal, -1, &number, &fixture->err));
    sql_close(sql);
    return number;
}
