/* SPDX-License-Identifier: MIT */

#include "emulator/tracking/pipeline.h"

#include <stdio.h>

#include "base/mem.h"
#include "emulator/delivery/counters.h"
#include "emulator/delivery/deliveries.h"
#include "emulator/tracking/journal.h"
#include "emulator/tracking/known.h"
#include "emulator/tracking/seen.h"
#include "emulator/tracking/way.h"
#include "emulator/world/invent.h"
#include "emulator/world/world.h"
#include "segment/name.h"
#include "json/scan.h"

enum { GENERATED_ID_LEN = 32, USUAL_BYTES = 2048 };

struct pipeline {
    struct world *world;
    const struct pipeline_call *call;
    struct arena arena;
    int64_t now_ms; /* of the whole call */
    const struct known_source *source;
    struct buf scratch, stamped, filtered[2];
    unsigned n_verdicts[INGEST_N_VERDICTS];
    unsigned n_duplicates;
};

/* One event under way. */
struct item {
    struct bytes sent;
    struct bytes stamped;
    struct ingest_members *members;
    struct ingest_event found;
    enum ingest_verdict verdict;
    bool is_duplicate;
    unsigned n_destinations;
};

/* --- opening ------------------------------------------------------------------------ */

struct pipeline *pipeline_open(struct world *world, const struct pipeline_call *call)
{
    struct pipeline *pipeline = mem_new(struct pipeline);

    pipeline->world = world;
    pipeline->call = call;
    pipeline->now_ms = world_now_ms(world);
    arena_init(&pipeline->arena);
    buf_init(&pipeline->scratch, EVENT_SCRATCH_BYTES);
    buf_init(&pipeline->stamped, PIPELINE_EVENT_BYTES);
    buf_init(&pipeline->filtered[0], PIPELINE_EVENT_BYTES);
    buf_init(&pipeline->filtered[1], PIPELINE_EVENT_BYTES);
    (void)buf_room(&pipeline->stamped, USUAL_BYTES);
    pipeline->source = known_find(world, call->write_key);
    return pipeline;
}

/* --- suppression -------------------------------------------------------------------- */

/* By a regulation of the source or of its workspace (dossier §7.9). */
static bool is_suppressed(struct pipeline *pipeline, struct bytes user_id)
{
    const struct bytes source = pipeline->source->name;
    struct sql_statement *row;
    bool is_there;

    if (!pipeline->source->has_suppressed || user_id.len == 0)
        return false;
    row = world_use(pipeline->world, "SELECT 1 FROM suppressed WHERE user_id = ?1"
                                     " AND parent IN (?2, ?3)");
    sql_bind_text(row, 1, user_id);
    sql_bind_text(row, 2, source);
    sql_bind_text(row, 3, name_parent(source));
    is_there = world_step(pipeline->world, row);
    sql_reset(row);
    return is_there;
}

/* --- one event ---------------------------------------------------------------------- */

static bool stamp(struct pipeline *pipeline, struct item *item)
{
    const struct pipeline_call *call = pipeline->call;
    const struct ingest_stamp stamp = {
        .kind = item->found.kind,
        .received_at_ms = pipeline->now_ms,
        .message_id = item->found.message_id,
        .project_id = pipeline->source->project_id,
        .channel = call->is_browser ? "client" : "server",
        .ip = call->is_browser ? call->ip : bytes_of(NULL, 0),
        .batch_context = call->batch_context,
        .batch_integrations = call->batch_integrations,
        .batch_sent_at = call->batch_sent_at,
    };

    buf_clear(&pipeline->stamped);
    if (!ingest_print_read(item->members, &stamp, &pipeline->stamped))
        return false;
    item->stamped = buf_bytes(&pipeline->stamped);
    return true;
}

static void send(struct pipeline *pipeline, struct item *item)
{
    for (struct way *way = pipeline->source->ways; way != NULL; way = way->next) {
        struct bytes event;

        if (way_pass(pipeline->world, way, item->found.kind, item->stamped,
                     pipeline->filtered, &event) != WAY_OPEN)
            continue;
        deliveries_add(pipeline->world->deliveries, way->name, item->found.message_id,
                       event, pipeline->now_ms);
        item->n_destinations++;
    }
}

/* A good event of a source that may send. */
static void go_on(struct pipeline *pipeline, struct item *item)
{
    char id[INVENT_BYTES];
    char generated[INVENT_BYTES + 4];

    if (item->found.message_id.len == 0) {
        invent_alphanumeric(pipeline->world, GENERATED_ID_LEN, id);
        snprintf(generated, sizeof(generated), "api-%s", id);
        item->found.message_id = bytes_str(arena_text(&pipeline->arena, generated));
    } else {
        item->is_duplicate =
            !seen_add(pipeline->world, pipeline->source->project_id,
                      item->found.message_id, pipeline->now_ms + PIPELINE_SEEN_MS);
    }
    if (!stamp(pipeline, item))
        item->verdict = INGEST_TOO_LARGE;
    else if (!item->is_duplicate)
        send(pipeline, item);
}

static void judge(struct pipeline *pipeline, struct item *item)
{
    item->verdict = INGEST_TOO_LARGE;
    item->found.title = BYTES("an event above 32 KB");
    if (item->sent.len <= INGEST_EVENT_BYTES) {
        item->verdict = INGEST_BAD_REQUEST;
        item->found = (struct ingest_event){.kind = pipeline->call->kind};
        if (ingest_read(item->sent, item->members))
            item->verdict = ingest_judge_read(item->members, pipeline->call->kind,
                                              &pipeline->scratch, &item->found);
    }
    if (pipeline->source->verdict != INGEST_GOOD)
        item->verdict = pipeline->source->verdict;
    else if (item->verdict == INGEST_GOOD && is_suppressed(pipeline, item->found.user_id))
        item->verdict = INGEST_SUPPRESSED;
}

static void copy_text(char *to, size_t size, struct bytes text)
{
    const size_t len = text.len < size ? text.len : size - 1;

    if (len > 0)
        memcpy(to, text.ptr, len);
    to[len] = '\0';
}

static void record(struct pipeline *pipeline, const struct item *item)
{
    struct journal_entry entry = {
        .at_ms = pipeline->now_ms,
        .verdict = item->verdict,
        .is_duplicate = item->is_duplicate,
        .kind = item->found.kind,
        .stamped = item->stamped,
        .n_destinations = item->n_destinations,
    };

    if (item->sent.len <= INGEST_EVENT_BYTES)
        entry.sent = item->sent;
    copy_text(entry.source, sizeof(entry.source), pipeline->source->name);
    copy_text(entry.title, sizeof(entry.title), item->found.title);
    copy_text(entry.message_id, sizeof(entry.message_id), item->found.message_id);
    journal_add(pipeline->world->journal, &entry);
    pipeline->n_verdicts[item->verdict]++;
    if (item->is_duplicate)
        pipeline->n_duplicates++;
}

enum ingest_verdict pipeline_put(struct pipeline *pipeline, struct bytes event)
{
    struct ingest_members members not_zeroed;
    struct item item = {.sent = event, .members = &members};

    judge(pipeline, &item);
    if (item.verdict == INGEST_GOOD)
        go_on(pipeline, &item);
    record(pipeline, &item);
    return item.verdict;
}

void pipeline_discard(struct pipeline *pipeline, enum ingest_verdict verdict,
                      unsigned n_events)
{
    char title[64];
    struct item item = {.verdict = verdict};

    if (pipeline->source->verdict != INGEST_GOOD)
        item.verdict = pipeline->source->verdict;
    if (n_events > 0)
        snprintf(title, sizeof(title), "a batch of %u events", n_events);
    else
        snprintf(title, sizeof(title), "an empty batch");
    item.found.title = bytes_str(title);
    record(pipeline, &item);
    if (n_events > 1)
        pipeline->n_verdicts[item.verdict] += n_events - 1;
}

/* --- closing ------------------------------------------------------------------------ */

static void count(struct pipeline *pipeline)
{
    const struct bytes name =
        pipeline->source->name.len > 0 ? pipeline->source->name : BYTES(COUNTERS_UNKNOWN);
    unsigned n_received = 0;

    for (size_t i = 0; i < INGEST_N_VERDICTS; i++) {
        const unsigned n_events = pipeline->n_verdicts[i];

        n_received += n_events;
        if (n_events > 0 && i != INGEST_GOOD)
            counters_add(pipeline->world, name,
                         ingest_verdict_text((enum ingest_verdict)i), n_events);
    }
    if (n_received > 0)
        counters_add(pipeline->world, name, "received", n_received);
    if (pipeline->n_duplicates > 0)
        counters_add(pipeline->world, name, "duplicate", pipeline->n_duplicates);
    way_count_all(pipeline->world, pipeline->source->ways);
}

void pipeline_close(struct pipeline *pipeline)
{
    if (pipeline == NULL)
        return;
    count(pipeline);
    seen_purge(pipeline->world);
    buf_done(&pipeline->scratch);
    buf_done(&pipeline->stamped);
    buf_done(&pipeline->filtered[0]);
    buf_done(&pipeline->filtered[1]);
    arena_done(&pipeline->arena);
    free(pipeline);
}

enum ingest_verdict pipeline_take(struct world *world, const struct pipeline_call *call,
                                  struct bytes event)
{
    struct pipeline *pipeline = pipeline_open(world, call);
    const enum ingest_verdict verdict = pipeline_put(pipeline, event);

    pipeline_close(pipeline);
    return verdict;
}

/* --- Segment's own events ----------------------------------------------------------- */

void pipeline_take_own(struct world *world, struct bytes source, struct bytes event)
{
    struct scan_span message_id = {.kind = SCAN_NONE};
    struct arena arena;
    struct way *ways;

    arena_init(&arena);
    ways = way_read_all(world, source, &arena);
    if (!scan_find(event, BYTES("messageId"), &message_id))
        message_id.kind = SCAN_NONE;
    for (struct way *way = ways; way != NULL; way = way->next) {
        if (way_pass_own(world, way) == WAY_OPEN)
            deliveries_add(world->deliveries, way->name, scan_inside(&message_id), event,
                           world_now_ms(world));
    }
    way_count_all(world, ways);
    way_done_all(ways);
    arena_done(&arena);
}
