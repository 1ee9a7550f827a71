/* SPDX-License-Identifier: MIT */

#include "service/streams.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/id.h"
#include "core/query_record.h"
#include "net/server.h"
#include "service/desk.h"
#include "service/site.h"
#include "store/reader.h"
#include "sys/clock.h"
#include "json/write.h"

enum {
    MAX_STREAMS = 64,
    BACKLOG_BYTES = 1 << 20,
    MESSAGE_BYTES = 16 << 10,
    MAX_UNJUDGED = 10000,
    STATS_MS = 1000,
};

/* What of an event, and of a delivery, only the store knows when its message is made. */
static const unsigned asked_of_event =
    QUERY_OF_KEY | QUERY_BIT(MESSAGE) | QUERY_BIT(ANON);
static const unsigned asked_of_delivery =
    QUERY_OF_KEY | QUERY_OF_PAYLOAD | QUERY_BIT(MESSAGE) | QUERY_BIT(ANON) |
    QUERY_BIT(TYPE) | QUERY_BIT(EVENT) | QUERY_BIT(USER) | QUERY_BIT(ID) |
    QUERY_BIT(SIZE) | QUERY_BIT(FN) | QUERY_BIT(REPLAY) | QUERY_BIT(AFTER) |
    QUERY_BIT(BEFORE) | QUERY_BIT(HAS);

struct listener {
    struct list_link link;
    struct streams *streams;
    struct server_stream *stream;
    struct query query;
    bool is_ended;
};

struct message {
    struct list_link link; /* while the desk has not judged it */
    struct query_facts facts;
    unsigned asked; /* the facts that are missing */
    int64_t function_version;
    char error_name[64]; /* what facts.error_name borrows */
    char cause[16];      /* and facts.status_cause */
    struct buf text;
};

struct streams {
    pthread_mutex_t lock;
    struct list listeners;
    atomic_size_t n_listeners;
    bool is_ended;
    const struct site *site; /* since the first listener */
    struct list unjudged;    /* messages; the oldest first */
    struct desk_job judging, counting;
    bool is_judging, is_counting; /* the job is with the desk */
};

struct streams *streams_new(void)
{
    struct streams *streams = mem_new(struct streams);

    pthread_mutex_init(&streams->lock, NULL);
    return streams;
}

static void message_free(struct message *message)
{
    buf_done(&message->text);
    free(message);
}

void streams_free(struct streams *streams)
{
    struct list_link *link;

    if (streams == NULL)
        return;
    while ((link = list_pop(&streams->unjudged)) != NULL)
        message_free(list_entry(link, struct message, link));
    pthread_mutex_destroy(&streams->lock);
    free(streams);
}

static void on_closed(void *arg)
{
    struct listener *listener = arg;
    struct streams *streams = listener->streams;

    pthread_mutex_lock(&streams->lock);
    list_remove(&streams->listeners, &listener->link);
    atomic_store(&streams->n_listeners, streams->listeners.n_links);
    pthread_mutex_unlock(&streams->lock);
    query_done(&listener->query);
    free(listener);
}

/* Under the lock, as all that follows up to what was made for other threads. */
static void end(struct listener *listener)
{
    if (!listener->is_ended)
        server_stream_end(listener->stream);
    listener->is_ended = true;
}

void streams_end(struct streams *streams)
{
    pthread_mutex_lock(&streams->lock);
    streams->is_ended = true;
    for (struct list_link *link = streams->listeners.first; link != NULL;
         link = link->next)
        end(list_entry(link, struct listener, link));
    pthread_mutex_unlock(&streams->lock);
}

static void send(const struct listener *listener, const struct buf *text)
{
    if (!listener->is_ended)
        server_stream_send(listener->stream, buf_bytes(text));
}

/* --- the numbers, once a second ------------------------------------------------------
 */

static void print_stats(const struct site *site, struct buf *text)
{
    struct tally_counts counts;
    struct write json;

    tally_counts(site->tally, &counts);
    buf_add_text(text, "event: stats\ndata: ");
    write_init(&json, text);
    write_object(&json);
    write_member_text(&json, "kind", "stats");
    write_member_time(&json, "at", clock_wall_ms());
    site_print_counters(&json, &counts);
    write_object_end(&json);
    buf_add_text(text, "\n\n");
}

static void run_counting(struct reader *reader, struct desk_job *job)
{
    struct streams *streams = container_of(job, struct streams, counting);
    cleanup(buf_done) struct buf text = {0};

    (void)reader;
    buf_init(&text, MESSAGE_BYTES);
    print_stats(streams->site, &text);
    pthread_mutex_lock(&streams->lock);
    for (struct list_link *link = streams->listeners.first; link != NULL;
         link = link->next)
        send(list_entry(link, struct listener, link), &text);
    job->at_ms = clock_now_ms() + STATS_MS;
    streams->is_counting = streams->listeners.n_links > 0 && !streams->is_ended &&
                           desk_ask(streams->site->desk, job);
    pthread_mutex_unlock(&streams->lock);
}

static void start_counting(struct streams *streams)
{
    if (streams->is_counting)
        return; /* the job is the desk's until it runs */
    streams->counting.run_fn = run_counting;
    streams->counting.at_ms = 0;
    streams->is_counting = desk_ask(streams->site->desk, &streams->counting);
}

/* --- a new listener ------------------------------------------------------------------
 */

void streams_add(struct streams *streams, const struct site_call *call)
{
    struct listener *listener;
    struct query query;
    struct err err = {0};

    if (query_parse(server_query(call->request, "q"), clock_wall_ms(), &query, &err) <
        0) {
        site_problem_query(call->request, &query, &err);
        return;
    }
    pthread_mutex_lock(&streams->lock);
    if (streams->listeners.n_links >= MAX_STREAMS || streams->is_ended) {
        pthread_mutex_unlock(&streams->lock);
        query_done(&query);
        site_problem(call->request, 503, NULL, "too many streams are open");
        return;
    }
    listener = mem_new(struct listener);
    listener->streams = streams;
    listener->query = query;
    listener->stream = server_stream_start(call->request, "text/event-stream",
                                           BACKLOG_BYTES, on_closed, listener);
    list_push(&streams->listeners, &listener->link);
    atomic_store(&streams->n_listeners, streams->listeners.n_links);
    server_stream_send(listener->stream, BYTES(": open\n\n"));
    streams->site = call->site;
    start_counting(streams);
    pthread_mutex_unlock(&streams->lock);
}

/* --- to whom it goes -----------------------------------------------------------------
 */

/* To those whose query says yes by what is known. True when somebody's says neither yes
 * nor no without the facts that are missing. */
static bool send_known(struct streams *streams, const struct message *message)
{
    bool needs_more = false;

    for (struct list_link *link = streams->listeners.first; link != NULL;
         link = link->next) {
        const struct listener *listener = list_entry(link, struct listener, link);
        enum query_answer answer =
            query_judge(&listener->query, &message->facts, message->asked);

        needs_more |= answer == QUERY_UNKNOWN;
        if (answer == QUERY_YES)
            send(listener, &message->text);
    }
    return needs_more;
}

/* With all @facts, to those who could not be answered without. */
static void send_late(struct streams *streams, const struct message *message,
                      const struct query_facts *facts)
{
    for (struct list_link *link = streams->listeners.first; link != NULL;
         link = link->next) {
        const struct listener *listener = list_entry(link, struct listener, link);

        if (query_judge(&listener->query, facts, message->asked) == QUERY_UNKNOWN &&
            query_match(&listener->query, facts))
            send(listener, &message->text);
    }
}

/* The desk does not keep up: like a reader that is too slow. */
static void cut_off(struct streams *streams, const struct message *message)
{
    for (struct list_link *link = streams->listeners.first; link != NULL;
         link = link->next) {
        struct listener *listener = list_entry(link, struct listener, link);

        if (query_judge(&listener->query, &message->facts, message->asked) ==
            QUERY_UNKNOWN)
            end(listener);
    }
}

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

/* Nothing of the message itself is borrowed any more: its event may be gone. */
static int complete(struct reader *reader, const struct message *message,
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

static void judge(struct streams *streams, struct reader *reader,
                  const struct message *message)
{
    cleanup(arena_done) struct arena arena = {0};
    struct query_facts facts = message->facts;
    struct err err;

    arena_init(&arena);
    if (complete(reader, message, &facts, &arena, &err) <= 0)
        return; /* retention was faster */
    pthread_mutex_lock(&streams->lock);
    send_late(streams, message, &facts);
    pthread_mutex_unlock(&streams->lock);
}

static void run_judging(struct reader *reader, struct desk_job *job)
{
    struct streams *streams = container_of(job, struct streams, judging);
    struct list messages;
    struct list_link *link;

    pthread_mutex_lock(&streams->lock);
    messages = streams->unjudged;
    streams->unjudged = (struct list){0};
    streams->is_judging = false;
    pthread_mutex_unlock(&streams->lock);
    while ((link = list_pop(&messages)) != NULL) {
        struct message *message = list_entry(link, struct message, link);

        judge(streams, reader, message);
        message_free(message);
    }
}

/* Takes the message's text. */
static void leave_to_desk(struct streams *streams, struct message *message)
{
    struct message *kept;

    if (streams->unjudged.n_links >= MAX_UNJUDGED) {
        cut_off(streams, message);
        return;
    }
    kept = mem_new(struct message);
    *kept = *message;
    message->text = (struct buf){0};
    kept->facts.error_name = bytes_str(kept->error_name);
    kept->facts.status_cause = bytes_str(kept->cause);
    list_push(&streams->unjudged, &kept->link);
    if (streams->is_judging)
        return; /* as above: not ours to write to */
    streams->judging.run_fn = run_judging;
    streams->is_judging = desk_ask(streams->site->desk, &streams->judging);
}

static void send_message(struct streams *streams, struct message *message)
{
    buf_add_text(&message->text, "\n\n");
    if (message->text.full)
        return;
    pthread_mutex_lock(&streams->lock);
    if (send_known(streams, message))
        leave_to_desk(streams, message);
    pthread_mutex_unlock(&streams->lock);
}

/* --- messages ------------------------------------------------------------------------
 */

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
    struct message message = {.asked = asked_of_event};
    struct write json;
    char id[32];

    if (atomic_load(&streams->n_listeners) == 0)
        return;
    message.facts = (struct query_facts){
        .event_row = parcel->row,
        .delivery_row = parcel->row,
        .received_at_ms = parcel->received_at_ms,
        .state = DELIVERY_QUEUED,
        .kind = parcel->kind,
        .name = parcel->name,
        .user_id = parcel->user_id,
        .subscription = subscription_name(snapshot, parcel->subscription),
        .size_bytes = (int64_t)parcel->payload.len,
        .payload = parcel->payload,
    };
    buf_init(&message.text, MESSAGE_BYTES);
    buf_add_text(&message.text, "event: event\ndata: ");
    write_init(&json, &message.text);
    site_event_id(parcel->row, parcel->received_at_ms, id);
    write_object(&json);
    write_member_text(&json, "kind", "event");
    write_member_text(&json, "id", id);
    write_member_time(&json, "at", parcel->received_at_ms);
    write_member_time(&json, "received_at", parcel->received_at_ms);
    write_member_text(&json, "type", event_kind_text(parcel->kind));
    write_member_string(&json, "name", parcel->name);
    write_subscription(&json, message.facts.subscription);
    write_member_string(&json, "user_id", parcel->user_id);
    write_object_end(&json);
    send_message(streams, &message);
    buf_done(&message.text);
}

static void print_delivery(const struct settlement *settlement, struct bytes subscription,
                           struct buf *text)
{
    const struct store_delivery *delivery = &settlement->delivery;
    struct write json;
    char id[ID_TEXT_LEN];

    buf_add_text(text, "event: delivery\ndata: ");
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
    struct message message = {.asked = asked_of_delivery};

    if (atomic_load(&streams->n_listeners) == 0)
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
    buf_init(&message.text, MESSAGE_BYTES);
    print_delivery(settlement, message.facts.subscription, &message.text);
    send_message(streams, &message);
    buf_done(&message.text);
}

void streams_install(struct streams *streams, const char *what,
                     const struct store_install *install)
{
    struct message message = {.asked = 0};
    struct write json;

    if (atomic_load(&streams->n_listeners) == 0)
        return;
    buf_init(&message.text, MESSAGE_BYTES);
    buf_add_text(&message.text, "event: install\ndata: ");
    write_init(&json, &message.text);
    write_object(&json);
    write_member_text(&json, "kind", "install");
    write_member_time(&json, "at", clock_wall_ms());
    write_member_text(&json, "what", what);
    write_key(&json, "install");
    site_print_install(&json, install);
    write_object_end(&json);
    send_message(streams, &message);
    buf_done(&message.text);
}

void api_stream_get(const struct site_call *call)
{
    streams_add(call->site->streams, call);
}
