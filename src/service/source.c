/* SPDX-License-Identifier: MIT */

/*
 * What a source function collected through Segment.* goes to the Tracking API: events as
 * POST /v1/batch, objects of Segment.set() as POST /v1/set, {"collection","objects"} for
 * each collection (Segment documents no address for them; docs/reference/sources.md). One
 * request after the other, within its limits (dossier §2.9); one that fails ends the
 * attempt, and the next attempt runs the function again: message ids are the same then,
 * so that Segment drops what it has already.
 */

#include <stdio.h>

#include "base/mem.h"
#include "service/attempt.h"
#include "sys/clock.h"
#include "json/json.h"
#include "json/write.h"

enum {
    EVENT_BYTES = 32 << 10, /* of one event */
    PIECE_BYTES = 490000,   /* of one request; Segment takes 512,000 */
    PIECE_EVENTS = 2500,
    BODY_BYTES = 512000,
    ID_BYTES = 64,
};

struct piece { /* one request */
    const char *path;
    struct buf body;
    size_t n_items;
};

struct consignment {
    struct piece *pieces;
    size_t n_pieces, n_sent;
    const char *fault; /* what cannot be sent; NULL: all can */
};

void consignment_free(struct consignment *consignment)
{
    if (consignment == NULL)
        return;
    for (size_t i = 0; i < consignment->n_pieces; i++)
        buf_done(&consignment->pieces[i].body);
    free(consignment->pieces);
    free(consignment);
}

/* --- what is sent ------------------------------------------------------------------- */

struct packing {
    struct consignment *consignment;
    const char *path, *list; /* "/v1/batch", "batch" */
    struct bytes collection; /* of objects */
    bool is_open;            /* the last piece can take more */
};

static void begin_piece(struct packing *packing)
{
    struct consignment *consignment = packing->consignment;
    struct piece *piece;
    struct write json;

    consignment->pieces = mem_grow(consignment->pieces, consignment->n_pieces + 1,
                                   sizeof(*consignment->pieces));
    piece = &consignment->pieces[consignment->n_pieces++];
    *piece = (struct piece){.path = packing->path};
    buf_init(&piece->body, BODY_BYTES);
    write_init(&json, &piece->body);
    write_object(&json);
    if (packing->collection.len > 0)
        write_member_string(&json, "collection", packing->collection);
    else
        write_member_time(&json, "sentAt", clock_wall_ms());
    write_key(&json, packing->list);
    buf_add_char(&piece->body, '[');
    packing->is_open = true;
}

static void end_piece(struct packing *packing)
{
    struct consignment *consignment = packing->consignment;

    if (packing->is_open)
        buf_add_text(&consignment->pieces[consignment->n_pieces - 1].body, "]}");
    packing->is_open = false;
}

static void pack(struct packing *packing, const struct buf *item)
{
    struct consignment *consignment = packing->consignment;
    struct piece *piece;

    if (item->full) {
        consignment->fault = "larger than the 32 KiB that Segment takes";
        return;
    }
    if (packing->is_open) {
        piece = &consignment->pieces[consignment->n_pieces - 1];
        if (piece->body.len + item->len > PIECE_BYTES || piece->n_items == PIECE_EVENTS)
            end_piece(packing);
    }
    if (!packing->is_open)
        begin_piece(packing);
    piece = &consignment->pieces[consignment->n_pieces - 1];
    if (piece->n_items++ > 0)
        buf_add_char(&piece->body, ',');
    buf_add(&piece->body, buf_bytes(item));
}

/* A write key in it is another source's (dossier §4.8), an empty id is none. */
static bool is_left_out(const struct json *event, const char *name)
{
    if (strcmp(name, "messageId") == 0)
        return json_string(json_get(event, name)).len == 0;
    return strcmp(name, "writeKey") == 0;
}

static void write_value(struct write *json, const struct json *value)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, EVENT_BYTES);
    json_print(value, /* indented= */ false, &text);
    write_raw(json, buf_bytes(&text));
    json->out->full |= text.full;
}

typedef bool left_out_fn(const struct json *object, const char *name);

static void write_members(struct write *json, const struct json *object,
                          left_out_fn *is_out)
{
    const struct json *value;
    const char *name;
    void *cursor = NULL;

    while (json_next(object, &cursor, &name, &value)) {
        if (is_out(object, name))
            continue;
        write_key_string(json, bytes_str(name));
        write_value(json, value);
    }
}

static void write_event(const struct json *event, const char *id, struct buf *ret_text)
{
    struct write json;

    write_init(&json, ret_text);
    write_object(&json);
    write_members(&json, event, is_left_out);
    if (is_left_out(event, "messageId"))
        write_member_text(&json, "messageId", id);
    write_object_end(&json);
}

static void pack_events(struct attempt *attempt, const struct json *events)
{
    struct packing packing = {
        .consignment = attempt->to_send, .path = "/v1/batch", .list = "batch"};
    cleanup(buf_done) struct buf text = {0};
    char id[ID_BYTES];

    buf_init(&text, EVENT_BYTES);
    for (size_t i = 0; i < json_count(events); i++) {
        buf_clear(&text);
        snprintf(id, sizeof(id), "%s-%zu", attempt->id, i + 1);
        write_event(json_at(events, i), id, &text);
        pack(&packing, &text);
    }
    end_piece(&packing);
}

static struct bytes collection_of(const struct json *objects, size_t at)
{
    return json_string(json_get(json_at(objects, at), "collection"));
}

/* Said once for all objects of a request. */
static bool is_collection(const struct json *object, const char *name)
{
    (void)object;
    return strcmp(name, "collection") == 0;
}

static void write_object_of(const struct json *object, struct buf *ret_text)
{
    struct write json;

    write_init(&json, ret_text);
    write_object(&json);
    write_members(&json, object, is_collection);
    write_object_end(&json);
}

/* Those of the collection that the object at @first is in. */
static void pack_collection(struct attempt *attempt, const struct json *objects,
                            size_t first)
{
    struct packing packing = {.consignment = attempt->to_send,
                              .path = "/v1/set",
                              .list = "objects",
                              .collection = collection_of(objects, first)};
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, EVENT_BYTES);
    for (size_t i = first; i < json_count(objects); i++) {
        if (!bytes_eq(collection_of(objects, i), packing.collection))
            continue;
        buf_clear(&text);
        write_object_of(json_at(objects, i), &text);
        pack(&packing, &text);
    }
    end_piece(&packing);
}

static void pack_objects(struct attempt *attempt, const struct json *objects)
{
    for (size_t i = 0; i < json_count(objects); i++) {
        size_t first = 0;

        while (!bytes_eq(collection_of(objects, first), collection_of(objects, i)))
            first++;
        if (first == i)
            pack_collection(attempt, objects, i);
    }
}

/* --- sending ------------------------------------------------------------------------ */

static void send_next(struct attempt *attempt)
{
    const struct consignment *consignment = attempt->to_send;
    const struct piece *piece;

    if (consignment->n_sent == consignment->n_pieces) {
        settle_attempt(attempt, OUTCOME_DELIVERED, NULL, NULL);
        return;
    }
    piece = &consignment->pieces[consignment->n_sent];
    outgoing_send_segment(attempt, piece->path, buf_bytes(&piece->body));
}

void source_sent(struct attempt *attempt)
{
    attempt->to_send->n_sent++;
    send_next(attempt);
}

/* All or nothing: what cannot be sent must not make the rest be sent without it. */
void source_send(struct attempt *attempt, struct bytes collected)
{
    cleanup(json_freep) struct json *json = NULL;
    char message[96];

    attempt->to_send = mem_new(struct consignment);
    if (collected.len > 0 && json_parse(collected, &json, NULL) == 0) {
        pack_events(attempt, json_get(json, "events"));
        pack_objects(attempt, json_get(json, "objects"));
    }
    if (attempt->to_send->fault == NULL) {
        send_next(attempt);
        return;
    }
    snprintf(message, sizeof(message), "an event or object is %s; nothing was sent",
             attempt->to_send->fault);
    settle_attempt(attempt, OUTCOME_DEAD, "EventTooLarge", message);
}
