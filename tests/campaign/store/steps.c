/* SPDX-License-Identifier: MIT */

#include "steps.h"

#include <stdio.h>

#include "content.h"
#include "store/erase.h"

enum { SUBSCRIPTION = 1, MAX_SETTLED = 12, MAX_PICKED = 5, ERASING_PERCENT = 2 };

/* A transaction as it goes, and what it did that others must hear of once it is over. */
struct batch {
    struct world *world;
    int64_t rows[1200]; /* numbers given to events */
    size_t n_rows;
    int64_t settled[MAX_SETTLED];
    size_t n_settled;
};

/* --- events ------------------------------------------------------------------------- */

static bool is_live(const struct world *world, int64_t row, unsigned content)
{
    const struct slot *slot = ledger_look(&world->ledger, row);

    return slot->kind == SLOT_EVENT && slot->has_mark && slot->content == content;
}

/* 1: the store has it already, and that is true. */
static int find_mark(struct world *world, unsigned content, struct dedupe_mark *ret_mark)
{
    int64_t row, at_ms;
    int result;

    content_mark(content, ret_mark->bytes);
    result =
        store_find_mark(world->store, ret_mark, world->now_ms, &row, &at_ms, &world->err);
    if (result == 1 && !is_live(world, row, content))
        world_wrong(world, "a duplicate of something that is not there", row);
    return result;
}

static struct bytes settings_of(unsigned content)
{
    return content % 5 == 0 ? BYTES("sealed") : (struct bytes){0};
}

static int add_event(struct batch *batch, unsigned content, bool has_mark)
{
    struct world *world = batch->world;
    cleanup(buf_done) struct buf text = {0};
    struct store_event event = {.row = store_next_row(world->store),
                                .received_at_ms = world->now_ms,
                                .subscription = SUBSCRIPTION,
                                .key = content % 3,
                                .has_mark = has_mark,
                                .settings = settings_of(content)};
    struct slot *slot = ledger_change(&world->ledger, event.row);

    if (slot->kind != SLOT_GAP)
        world_wrong(world, "a number was given twice", event.row);
    *slot = (struct slot){.kind = SLOT_EVENT,
                          .event = event.row,
                          .at_ms = event.received_at_ms,
                          .key = event.key,
                          .content = content,
                          .has_mark = has_mark,
                          .state = SLOT_QUEUED};
    batch->rows[batch->n_rows++] = event.row;
    buf_init(&text, CONTENT_MAX_BYTES);
    content_make(content, &text);
    event.payload = buf_bytes(&text);
    content_mark(content, event.mark.bytes);
    sha256_sum(&event.payload, 1, event.sha256);
    return store_add_event(world->store, &event, &world->err);
}

static int receive_one(struct batch *batch)
{
    struct world *world = batch->world;
    int64_t *tally = world->ledger.page.tally;
    bool has_mark = chance_in(&world->chance, 90);
    bool is_again = has_mark && world->n_contents > 0 && chance_in(&world->chance, 25);
    unsigned content =
        is_again ? chance_below(&world->chance, world->n_contents) : world->n_contents++;
    struct dedupe_mark mark;
    int found = has_mark ? find_mark(world, content, &mark) : 0;

    if (found < 0)
        return -1;
    tally[found > 0 ? TALLY_DUPLICATES : TALLY_ACCEPTED]++;
    return found > 0 ? 0 : add_event(batch, content, has_mark);
}

static int receive(struct batch *batch)
{
    struct chance *chance = &batch->world->chance;
    unsigned n = 1 + chance_below(chance, 8);

    if (chance_in(chance, 2) && !batch->world->is_slim)
        n = 100 + chance_below(chance, 1000); /* more than SQLite's cache holds */
    for (unsigned i = 0; i < n; i++) {
        if (receive_one(batch) < 0)
            return -1;
    }
    return 0;
}

/* --- settlements -------------------------------------------------------------------- */

static enum slot_state end_of(struct chance *chance)
{
    unsigned what = chance_below(chance, 100);

    if (what < 50)
        return SLOT_DELIVERED;
    if (what < 75)
        return SLOT_RETRYING;
    return what < 85 ? SLOT_DISCARDED : SLOT_DEAD;
}

static void count_settled(int64_t *tally, enum slot_state state)
{
    tally[TALLY_ATTEMPTS]++;
    tally[TALLY_DELIVERED] += state == SLOT_DELIVERED;
    tally[TALLY_DISCARDED] += state == SLOT_DISCARDED;
    tally[TALLY_DEAD] += state == SLOT_DEAD;
}

/* Some were a person's wish to be forgotten. */
static int ask_erasure(struct world *world, const struct slot *slot)
{
    unsigned user = content_user(slot->content);
    int64_t *up_to = &world->ledger.page.erased_up_to[user];
    char name[16];

    if (slot->event - 1 > *up_to)
        *up_to = slot->event - 1;
    snprintf(name, sizeof(name), "u%u", user);
    return store_add_erasure(world->store, bytes_str(name), slot->event - 1, &world->err);
}

static int settle_one(struct batch *batch, int64_t row)
{
    struct world *world = batch->world;
    struct slot *slot = ledger_change(&world->ledger, row);
    struct store_delivery delivery;

    slot->state = end_of(&world->chance);
    slot->attempts++;
    slot->next_at_ms = slot->state == SLOT_RETRYING ? world->now_ms + 1000 : 0;
    count_settled(world->ledger.page.tally, slot->state);
    delivery = (struct store_delivery){
        .row = row,
        .event = slot->event,
        .created_at_ms = slot->at_ms,
        .subscription = SUBSCRIPTION,
        .replay = slot->replay,
        .state = (enum delivery_state)slot->state,
        .attempts = slot->attempts,
        .first_attempt_ms = slot->at_ms,
        .next_at_ms = slot->next_at_ms,
        .settled_at_ms = slot_has_ended(slot) ? world->now_ms : 0,
        .attempt_json = BYTES("{\"n\":1}"),
    };
    if (slot->state != SLOT_DELIVERED)
        delivery.error_name = BYTES("503");
    batch->settled[batch->n_settled++] = row;
    if (slot->kind == SLOT_EVENT && slot->state == SLOT_DELIVERED &&
        chance_in(&world->chance, ERASING_PERCENT) && ask_erasure(world, slot) < 0)
        return -1;
    return store_put_delivery(world->store, &delivery, &world->err);
}

static int settle(struct batch *batch)
{
    struct world *world = batch->world;
    unsigned n = chance_below(&world->chance, MAX_SETTLED);

    for (unsigned i = 0; i < n && world->n_open_rows > 0; i++) {
        size_t at = chance_below(&world->chance, (unsigned)world->n_open_rows);
        int64_t row = world->open_rows[at];

        world->open_rows[at] = world->open_rows[--world->n_open_rows];
        if (settle_one(batch, row) < 0)
            return -1;
    }
    return 0;
}

/* --- one transaction ---------------------------------------------------------------- */

static int save_tally(struct world *world)
{
    const int64_t *tally = world->ledger.page.tally;
    const struct store_tally saved = {
        .accepted = tally[TALLY_ACCEPTED],
        .duplicates = tally[TALLY_DUPLICATES],
        .replayed = tally[TALLY_REPLAYED],
        .delivered = tally[TALLY_DELIVERED],
        .discarded = tally[TALLY_DISCARDED],
        .dead = tally[TALLY_DEAD],
        .attempts = tally[TALLY_ATTEMPTS],
    };

    return store_save_tally(world->store, &saved, &world->err);
}

/* The transaction ends. @result: of what was put into it. */
static enum world_end conclude(struct world *world, int result)
{
    bool was_put = result == 0;
    enum world_end end;

    if (was_put)
        result = store_commit(world->store, &world->err);
    else
        store_rollback(world->store);
    end = world_judge(world, result);
    if (result == 0)
        ledger_commit(&world->ledger);
    else if (was_put && end == WORLD_ENDS)
        ledger_doubt(&world->ledger);
    else
        ledger_undo(&world->ledger);
    world->n_transactions += result == 0;
    return end;
}

static void record(struct batch *batch, const int64_t *rows, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++)
        watermark_record(&batch->world->mark, rows[i]);
}

enum world_end steps_batch(struct world *world)
{
    not_zeroed struct batch batch;
    enum world_end end;
    int result = 0;

    batch.world = world;
    batch.n_rows = batch.n_settled = 0;
    result = store_begin(world->store, &world->err);
    if (result != 0)
        return world_judge(world, result);
    ledger_begin(&world->ledger);
    if (chance_in(&world->chance, 80))
        result = receive(&batch);
    if (result == 0)
        result = settle(&batch);
    if (result == 0)
        result = save_tally(world);
    if (result == 0)
        result =
            store_save_low_water(world->store, watermark_low(&world->mark), &world->err);
    end = conclude(world, result);
    if (end == WORLD_GOES_ON)
        record(&batch, batch.settled, batch.n_settled);
    else
        record(&batch, batch.rows, batch.n_rows); /* gaps */
    if (end != WORLD_ENDS)
        world_list_open(world);
    return end;
}

/* --- errands ------------------------------------------------------------------------ */

static int add_key(struct world *world)
{
    struct store_key key = {
        .name = BYTES("n"), .sealed = BYTES("sealed"), .created_at_ms = world->now_ms};
    char name[24], text[32];

    if (store_new_key_row(world->store, &key.row, &world->err) < 0)
        return -1;
    world->n_keys++;
    memcpy(key.hash, &world->n_keys, sizeof(world->n_keys));
    snprintf(name, sizeof(name), "key %lld ", (long long)key.row);
    snprintf(text, sizeof(text), "%02x%02x%02x%02x 0", key.hash[0], key.hash[1],
             key.hash[2], key.hash[3]);
    ledger_fact(&world->ledger, name, text);
    return store_add_key(world->store, &key, &world->err);
}

static int pause_endpoint(struct world *world)
{
    unsigned number = chance_below(&world->chance, 4);
    bool is_paused = chance_in(&world->chance, 50);
    char name[16], fact[32], text[24];

    snprintf(name, sizeof(name), "host%u", number);
    snprintf(fact, sizeof(fact), "paused %s ", name);
    snprintf(text, sizeof(text), "%lld", (long long)world->now_ms);
    /* What is paused already stays as it is: a pause begins with an end here. */
    ledger_no_fact(&world->ledger, fact);
    if (store_set_paused(world->store, bytes_str(name), false, world->now_ms,
                         &world->err) < 0)
        return -1;
    if (!is_paused)
        return 0;
    ledger_fact(&world->ledger, fact, text);
    return store_set_paused(world->store, bytes_str(name), true, world->now_ms,
                            &world->err);
}

static int add_version(struct world *world)
{
    static char source[3000];
    uint8_t sha256[SHA256_LEN] = {0};
    size_t len = chance_below(&world->chance, sizeof(source));
    char name[24], text[32];
    int64_t version;

    memset(source, 'x', sizeof(source));
    world->n_versions++;
    memcpy(sha256, &world->n_versions, sizeof(world->n_versions));
    if (store_function_version(world->store, BYTES("f"), sha256, bytes_of(source, len),
                               world->now_ms, &version, &world->err) < 0)
        return -1;
    snprintf(name, sizeof(name), "version %lld ", (long long)version);
    snprintf(text, sizeof(text), "f %zu", len);
    ledger_fact(&world->ledger, name, text);
    return 0;
}

/* A start does it, and a reload: a name gets its number. */
static int number_subscription(struct world *world)
{
    char name[24], key[24];
    uint16_t number;

    snprintf(name, sizeof(name), "s%u", chance_below(&world->chance, 8));
    if (store_subscription(world->store, bytes_str(name), &number, &world->err) < 0)
        return -1;
    snprintf(key, sizeof(key), "sub %u ", number);
    ledger_fact(&world->ledger, key, name);
    return 0;
}

/* 1: it can be replayed. As a replay's errand, that looks before. */
static int is_there(struct world *world, int64_t event)
{
    cleanup(buf_done) struct buf settings = {0};
    cleanup(buf_done) struct buf payload = {0};
    struct store_event loaded;
    int result;

    buf_init(&settings, 1000);
    buf_init(&payload, CONTENT_MAX_BYTES);
    result =
        store_load_event(world->store, event, &settings, &payload, &loaded, &world->err);
    return result == 1 && loaded.payload.len == 0 ? 0 : result;
}

static int replay_one(struct world *world, int64_t event, int64_t replay)
{
    const struct store_delivery delivery = {.row = store_next_row(world->store),
                                            .event = event,
                                            .created_at_ms = world->now_ms,
                                            .subscription = SUBSCRIPTION,
                                            .replay = replay,
                                            .state = DELIVERY_QUEUED};
    struct slot *slot = ledger_change(&world->ledger, event);

    slot->may_be_gone = slot->may_be_blank = false;
    if (slot->state == SLOT_DEAD && slot->superseded == 0)
        slot->superseded = replay;
    slot = ledger_change(&world->ledger, delivery.row);
    if (slot->kind != SLOT_GAP)
        world_wrong(world, "a number was given twice", delivery.row);
    *slot = (struct slot){.kind = SLOT_REPLAY,
                          .event = event,
                          .at_ms = world->now_ms,
                          .content = world->ledger.slots[event].content,
                          .replay = replay,
                          .state = SLOT_QUEUED};
    world->ledger.page.tally[TALLY_REPLAYED]++;
    if (store_put_delivery(world->store, &delivery, &world->err) < 0)
        return -1;
    return store_supersede_dead(world->store, event, replay, &world->err);
}

static int replay_some(struct world *world)
{
    const unsigned n_slots = (unsigned)world->ledger.n_slots;
    int64_t replay;

    if (store_add_replay(world->store, BYTES("is:dead"), 1, world->now_ms, &replay,
                         &world->err) < 0)
        return -1;
    for (int i = 0; i < MAX_PICKED && n_slots > 0; i++) {
        int64_t row = chance_below(&world->chance, n_slots);
        const struct slot *slot = ledger_look(&world->ledger, row);
        int result = 0;

        if (slot->kind == SLOT_EVENT && !slot->is_gone && slot_has_ended(slot))
            result = is_there(world, row);
        if (result == 1)
            result = replay_one(world, row, replay);
        if (result < 0)
            return -1;
    }
    return 0;
}

static int discard_some(struct world *world)
{
    int64_t *tally = world->ledger.page.tally;

    for (size_t row = 1; row < world->ledger.n_slots; row++) {
        const struct slot *slot = &world->ledger.slots[row];
        bool is_changed = false;

        if (slot->kind == SLOT_GAP || slot->state != SLOT_DEAD ||
            !chance_in(&world->chance, 10))
            continue;
        if (store_discard_dead(world->store, (int64_t)row, world->now_ms, &is_changed,
                               &world->err) < 0)
            return -1;
        if (!is_changed)
            continue;
        ledger_change(&world->ledger, (int64_t)row)->state = SLOT_DISCARDED;
        tally[TALLY_DEAD]--;
        tally[TALLY_DISCARDED]++;
    }
    return 0;
}

enum world_end steps_errand(struct world *world)
{
    static int (*const errands[])(struct world *) = {add_key,     pause_endpoint,
                                                     add_version, number_subscription,
                                                     replay_some, discard_some};
    unsigned which = chance_below(&world->chance, COUNT(errands));
    enum world_end end;
    int result;

    result = store_begin(world->store, &world->err);
    if (result != 0)
        return world_judge(world, result);
    ledger_begin(&world->ledger);
    result = errands[which](world);
    if (result == 0)
        result = save_tally(world);
    end = conclude(world, result);
    if (end != WORLD_ENDS)
        world_list_open(world);
    return end;
}
