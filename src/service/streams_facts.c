/* SPDX-License-Identifier: MIT */

/* What a message of the stream did not know when it was made, out of the store. */

#include "base/err.h"
#include "core/id.h"
#include "core/query_record.h"
#include "service/streams_state.h"
#include "store/reader.h"

static struct bytes id_in(struct arena *arena, enum id_kind kind, int64_t time_ms,
                          int64_t row)
{
    char text[ID_TEXT_LEN];

    id_format((struct id){.kind = kind, .time_ms = time_ms, .row = row}, text);
    return bytes_str(arena_text(arena, text));
}

static int complete_origin(struct reader *reader, int64_t key, struct arena *arena,
                           struct query_facts *facts, struct err *err)
{
    struct reader_origin origin;

    if (key == 0)
        return 0;
    if (reader_origin(reader, key, arena, &origin, err) < 0)
        return -1;
    facts->key_id = id_in(arena, ID_KEY, origin.key_created_at_ms, key);
    facts->key_name = origin.key_name;
    facts->install = origin.install;
    facts->source = origin.source;
    return 0;
}

/* Of the delivery that has moved, what its message did not know. */
static int complete_delivery(struct reader *reader, const struct message *message,
                             const struct reader_delivery *delivery, struct arena *arena,
                             struct query_facts *facts, struct err *err)
{
    struct query_facts record;

    if (delivery->row != facts->delivery_row)
        return 0;
    if (delivery->replay != 0)
        facts->replay_id =
            id_in(arena, ID_REPLAY, delivery->replay_created_at_ms, delivery->replay);
    if ((message->asked & QUERY_BIT(HAS)) != 0) {
        query_record_read(delivery->attempts_json, QUERY_BIT(HAS), &record);
        facts->has_log = record.has_log;
    }
    return message->function_version != 0
               ? reader_function(reader, message->function_version, arena,
                                 &facts->function, err)
               : 0;
}

/* Nothing of the message itself stays borrowed: its event may be gone. */
int streams_complete(struct reader *reader, const struct message *message,
                     struct query_facts *facts, struct arena *arena, struct err *err)
{
    struct reader_event event;
    int found = reader_get(reader, facts->event_row, arena, &event, err);

    if (found <= 0)
        return found;
    facts->received_at_ms = event.received_at_ms;
    facts->kind = event.kind;
    facts->name = event.name;
    facts->user_id = event.user_id;
    facts->anonymous_id = event.anonymous_id;
    facts->message_id = event.message_id;
    facts->subscription = event.subscription_name;
    facts->size_bytes = (int64_t)event.payload.len;
    facts->payload = event.payload;
    if (complete_origin(reader, event.key, arena, facts, err) < 0)
        return -1;
    for (size_t i = 0; i < event.n_deliveries; i++) {
        if (complete_delivery(reader, message, &event.deliveries[i], arena, facts, err) <
            0)
            return -1;
    }
    return 1;
}
