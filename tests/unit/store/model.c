/* SPDX-License-Identifier: MIT */

#include "model.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/installs.h"

struct model_event model[N_EVENTS];

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

void model_fill(struct fixture *f)
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
        /* Gaps, so that there are several slices, and many spans of rows. */
        for (int gap = i % 8 == 7 ? rand() % 3000 : 0; gap > 0; gap--)
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
