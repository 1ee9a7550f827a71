/* SPDX-License-Identifier: MIT */

#include "service/streams.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/mem.h"
#include "core/id.h"
#include "net/server.h"
#include "service/site.h"
#include "json/write.h"

enum { MAX_STREAMS = 64, BACKLOG_BYTES = 1 << 20, MESSAGE_BYTES = 16 << 10 };

struct listener {
    struct list_link link;
    struct streams *streams;
    struct server_stream *stream;
};

struct streams {
    pthread_mutex_t lock;
    struct list listeners;
    atomic_size_t n_listeners;
    bool is_ended;
};

struct streams *streams_new(void)
{
    struct streams *streams = mem_new(struct streams);

    pthread_mutex_init(&streams->lock, NULL);
    return streams;
}

void streams_free(struct streams *streams)
{
    if (streams == NULL)
        return;
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
    free(listener);
}

void streams_add(struct streams *streams, struct server_request *request)
{
    struct listener *listener;

    pthread_mutex_lock(&streams->lock);
    if (streams->listeners.n_links >= MAX_STREAMS || streams->is_ended) {
        pthread_mutex_unlock(&streams->lock);
        site_problem(request, 503, NULL, "too many streams are open");
        return;
    }
    listener = mem_new(struct listener);
    listener->streams = streams;
    listener->stream = server_stream_start(request, "text/event-stream", BACKLOG_BYTES,
                                           on_closed, listener);
    list_push(&streams->listeners, &listener->link);
    atomic_store(&streams->n_listeners, streams->listeners.n_links);
    server_stream_send(listener->stream, BYTES(": open\n\n"));
    pthread_mutex_unlock(&streams->lock);
}

void streams_end(struct streams *streams)
{
    pthread_mutex_lock(&streams->lock);
    streams->is_ended = true;
    for (struct list_link *link = streams->listeners.first; link != NULL;
         link = link->next)
        server_stream_end(list_entry(link, struct listener, link)->stream);
    pthread_mutex_unlock(&streams->lock);
}

static void send_all(struct streams *streams, struct buf *message)
{
    buf_add_text(message, "\n\n");
    if (message->full)
        return;
    pthread_mutex_lock(&streams->lock);
    for (struct list_link *link = streams->listeners.first; link != NULL;
         link = link->next)
        server_stream_send(list_entry(link, struct listener, link)->stream,
                           buf_bytes(message));
    pthread_mutex_unlock(&streams->lock);
}

static void write_subscription(struct write *json, const struct snapshot *snapshot,
                               uint16_t number)
{
    const struct snapshot_subscription *found = snapshot_by_number(snapshot, number);

    write_member_text(json, "subscription", found != NULL ? found->config->name : NULL);
}

void streams_event(struct streams *streams, const struct snapshot *snapshot,
                   const struct parcel *parcel)
{
    cleanup(buf_done) struct buf message = {0};
    struct write json;
    char id[32];

    if (atomic_load(&streams->n_listeners) == 0)
        return;
    buf_init(&message, MESSAGE_BYTES);
    buf_add_text(&message, "event: event\ndata: ");
    write_init(&json, &message);
    site_event_id(parcel->row, parcel->received_at_ms, id);
    write_object(&json);
    write_member_text(&json, "kind", "event");
    write_member_text(&json, "id", id);
    write_member_time(&json, "at", parcel->received_at_ms);
    write_member_time(&json, "received_at", parcel->received_at_ms);
    write_member_text(&json, "type", event_kind_text(parcel->kind));
    write_member_string(&json, "name", parcel->name);
    write_subscription(&json, snapshot, parcel->subscription);
    write_member_string(&json, "user_id", parcel->user_id);
    write_object_end(&json);
    send_all(streams, &message);
}

void streams_delivery(struct streams *streams, const struct snapshot *snapshot,
                      const struct settlement *settlement)
{
    const struct store_delivery *delivery = &settlement->delivery;
    cleanup(buf_done) struct buf message = {0};
    struct write json;
    char id[ID_TEXT_LEN];

    if (atomic_load(&streams->n_listeners) == 0)
        return;
    buf_init(&message, MESSAGE_BYTES);
    buf_add_text(&message, "event: delivery\ndata: ");
    write_init(&json, &message);
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
    write_subscription(&json, snapshot, delivery->subscription);
    write_member_text(&json, "state", delivery_state_text(delivery->state));
    write_member_i64(&json, "attempts", delivery->attempts);
    write_member_time(&json, "next_at", delivery->next_at_ms);
    write_member_text(&json, "error",
                      settlement->error_name[0] != '\0' ? settlement->error_name : NULL);
    write_member_text(&json, "message",
                      settlement->message[0] != '\0' ? settlement->message : NULL);
    write_object_end(&json);
    send_all(streams, &message);
}

void api_stream_get(const struct site_call *call)
{
    streams_add(call->site->streams, call->request);
}
