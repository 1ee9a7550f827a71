/* SPDX-License-Identifier: MIT */

/* What the stream tells, as messages. */

#include <stdio.h>

#include "core/id.h"
#include "core/query_record.h"
#include "service/console/jobs.h"
#include "service/site.h"
#include "service/streams_state.h"
#include "sys/clock.h"
#include "json/write.h"

/* What of an event, and of a delivery, only the store knows when its message is made. */
static const unsigned asked_of_event =
    QUERY_OF_KEY | QUERY_BIT(MESSAGE) | QUERY_BIT(ANON);
static const unsigned asked_of_delivery =
    QUERY_OF_KEY | QUERY_OF_PAYLOAD | QUERY_BIT(MESSAGE) | QUERY_BIT(ANON) |
    QUERY_BIT(TYPE) | QUERY_BIT(EVENT) | QUERY_BIT(USER) | QUERY_BIT(ID) |
    QUERY_BIT(SIZE) | QUERY_BIT(FN) | QUERY_BIT(REPLAY) | QUERY_BIT(AFTER) |
    QUERY_BIT(BEFORE) | QUERY_BIT(HAS);

static struct bytes subscription_name(const struct snapshot *snapshot, uint16_t number)
{
    const struct snapshot_subscription *found = snapshot_by_number(snapshot, number);

    return bytes_str(found != NULL ? found->config->name : NULL);
}

static void write_subscription(struct write *json, struct bytes name)
{
    if (name.len > 0)
        write_member_string(json, "subscription", name);
    else
        write_member_text(json, "subscription", NULL);
}

void streams_event(struct streams *streams, const struct snapshot *snapshot,
                   const struct parcel *parcel)
{
    struct message message = {
        .topic = TOPIC_EVENTS, .kind = MESSAGE_EVENT, .asked = asked_of_event};
    struct write json;
    char id[32];

    if (!streams_are_wanted(streams))
        return;
    message.facts = (struct query_facts){
        .event_row = parcel->row,
        .delivery_row = parcel->row,
        .received_at_ms = parcel->received_at_ms,
        .state = DELIVERY_QUEUED,
        .kind = parcel->head.kind,
        .name = parcel->head.name,
        .user_id = parcel_user(parcel),
        .subscription = subscription_name(snapshot, parcel->subscription),
        .size_bytes = (int64_t)parcel->payload.len,
        .payload = parcel->payload,
    };
    buf_init(&message.text, STREAMS_MESSAGE_BYTES);
    streams_begin(streams, "event", &message.text);
    write_init(&json, &message.text);
    site_event_id(parcel->row, parcel->received_at_ms, id);
    write_object(&json);
    write_member_text(&json, "kind", "event");
    write_member_text(&json, "id", id);
    write_member_time(&json, "at", parcel->received_at_ms);
    write_member_time(&json, "received_at", parcel->received_at_ms);
    write_member_text(&json, "type", event_kind_text(parcel->head.kind));
    write_member_string(&json, "name", parcel->head.name);
    write_subscription(&json, message.facts.subscription);
    write_member_string(&json, "user_id", parcel_user(parcel));
    write_object_end(&json);
    streams_send(streams, &message);
    buf_done(&message.text);
}

static void print_delivery(const struct settlement *settlement, struct bytes subscription,
                           struct buf *text)
{
    const struct store_delivery *delivery = &settlement->delivery;
    struct write json;
    char id[ID_TEXT_LEN];

    write_init(&json, text);
    id_format((struct id){.kind = ID_DELIVERY,
                          .time_ms = delivery->created_at_ms,
                          .extra = delivery->subscription,
                          .row = delivery->row},
              id);
    write_object(&json);
    write_member_text(&json, "kind", "delivery");
    write_member_text(&json, "id", id);
    write_member_text(&json, "event", settlement->event_id);
    write_member_time(&json, "at",
                      delivery->settled_at_ms != 0 ? delivery->settled_at_ms
                                                   : settlement->ended_at_ms);
    write_subscription(&json, subscription);
    write_member_text(&json, "state", delivery_state_text(delivery->state));
    write_member_i64(&json, "attempts", delivery->attempts);
    write_member_time(&json, "next_at", delivery->next_at_ms);
    write_member_text(&json, "error",
                      settlement->error_name[0] != '\0' ? settlement->error_name : NULL);
    write_member_text(&json, "message",
                      settlement->message[0] != '\0' ? settlement->message : NULL);
    write_object_end(&json);
}

/* What the attempt that has just ended says; earlier ones may have logged, too. */
static void read_record(const struct settlement *settlement, struct message *message)
{
    struct query_facts *facts = &message->facts;

    query_record_read(settlement->delivery.attempt_json, QUERY_OF_RECORD, facts);
    snprintf(message->cause, sizeof(message->cause), "%.*s",
             BYTES_FMT(facts->status_cause));
    facts->status_cause = bytes_str(message->cause);
    if (facts->has_log || facts->attempts <= 1)
        message->asked &= ~QUERY_BIT(HAS);
}

void streams_delivery(struct streams *streams, const struct snapshot *snapshot,
                      const struct settlement *settlement)
{
    const struct store_delivery *delivery = &settlement->delivery;
    struct message message = {
        .topic = TOPIC_EVENTS, .kind = MESSAGE_DELIVERY, .asked = asked_of_delivery};

    if (!streams_are_wanted(streams))
        return;
    snprintf(message.error_name, sizeof(message.error_name), "%s",
             settlement->error_name);
    message.facts = (struct query_facts){
        .event_row = delivery->event,
        .delivery_row = delivery->row,
        .state = delivery->state,
        .subscription = subscription_name(snapshot, delivery->subscription),
        .error_name = bytes_str(message.error_name),
        .attempts = delivery->attempts,
    };
    message.function_version = delivery->function_version;
    read_record(settlement, &message);
    buf_init(&message.text, STREAMS_MESSAGE_BYTES);
    streams_begin(streams, "delivery", &message.text);
    print_delivery(settlement, message.facts.subscription, &message.text);
    streams_send(streams, &message);
    buf_done(&message.text);
}

void streams_install(struct streams *streams, const char *what,
                     const struct store_install *install)
{
    struct message message = {.topic = TOPIC_INSTALLS};
    struct write json;

    if (!streams_are_wanted(streams))
        return;
    buf_init(&message.text, STREAMS_MESSAGE_BYTES);
    streams_begin(streams, "install", &message.text);
    write_init(&json, &message.text);
    write_object(&json);
    write_member_text(&json, "kind", "install");
    write_member_time(&json, "at", clock_wall_ms());
    write_member_text(&json, "what", what);
    write_key(&json, "install");
    site_print_install(&json, install);
    write_object_end(&json);
    streams_send(streams, &message);
    buf_done(&message.text);
}

void streams_export(void *arg, const struct store_export *export)
{
    struct streams *streams = arg;
    struct message message = {.topic = TOPIC_JOBS};
    struct write json;

    buf_init(&message.text, STREAMS_MESSAGE_BYTES);
    streams_begin(streams, "job", &message.text);
    write_init(&json, &message.text);
    write_object(&json);
    jobs_write_export(&json, export);
    write_object_end(&json);
    streams_send(streams, &message);
    buf_done(&message.text);
}

void streams_job(void *arg, const struct reader_replay *replay)
{
    struct streams *streams = arg;
    struct message message = {.topic = TOPIC_JOBS};
    struct write json;

    buf_init(&message.text, STREAMS_MESSAGE_BYTES);
    streams_begin(streams, "job", &message.text);
    write_init(&json, &message.text);
    write_object(&json);
    jobs_write(&json, replay);
    write_object_end(&json);
    streams_send(streams, &message);
    buf_done(&message.text);
}
