/* SPDX-License-Identifier: MIT */

#include "emulator/pages/debugger_stream.h"

#include "base/mem.h"
#include "emulator/frame/emulator.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/place.h"
#include "emulator/tracking/journal.h"
#include "emulator/world/world.h"
#include "json/write.h"

enum { BACKLOG_BYTES = 1 << 18, EVENT_BYTES = 4096 };

/* Of one reader. Freed by its end, which the listener's thread tells. */
struct watch {
    struct emulator *emulator;
    struct journal *journal; /* NULL: it has ended */
    struct journal_listener listener;
    struct server_stream *stream;
    struct buf text;
    char source[sizeof(((struct journal_entry *)0)->source)];
};

static void write_entry(const struct journal_entry *entry, struct write *write)
{
    write_object(write);
    write_member_i64(write, "number", (int64_t)entry->number);
    write_member_text(write, "kind", event_kind_text(entry->kind));
    write_member_text(write, "title", entry->title);
    write_member_time(write, "time", entry->at_ms);
    write_member_text(write, "verdict",
                      entry->is_duplicate ? "duplicate"
                                          : ingest_verdict_text(entry->verdict));
    write_member_bool(write, "isGood",
                      entry->verdict == INGEST_GOOD && !entry->is_duplicate);
    write_object_end(write);
}

static void on_entry(void *arg, const struct journal_entry *entry)
{
    struct watch *watch = arg;
    struct write write;

    if (entry == NULL) {
        journal_unlisten(watch->journal, &watch->listener);
        watch->journal = NULL;
        server_stream_end(watch->stream);
        return;
    }
    if (strcmp(entry->source, watch->source) != 0)
        return;
    buf_clear(&watch->text);
    buf_add_text(&watch->text, "data: ");
    write_init(&write, &watch->text);
    write_entry(entry, &write);
    buf_add_text(&watch->text, "\n\n");
    if (!watch->text.full) /* a reader that was cut off is about to be told */
        (void)server_stream_send(watch->stream, buf_bytes(&watch->text));
}

/* In the listener's thread, never within server_stream_send. */
static void on_closed(void *arg)
{
    struct watch *watch = arg;
    struct emulator *emulator = watch->emulator;

    emulator_enter(emulator);
    if (watch->journal != NULL)
        journal_unlisten(watch->journal, &watch->listener);
    buf_done(&watch->text);
    free(watch);
    emulator_leave(emulator);
}

void debugger_get_stream(struct exchange *exchange)
{
    struct place place;
    struct watch *watch;

    if (!place_find_source(exchange, &place))
        return;
    watch = mem_new(struct watch);
    watch->emulator = exchange->emulator;
    watch->journal = exchange->world->journal;
    watch->listener = (struct journal_listener){.fn = on_entry, .arg = watch};
    buf_init(&watch->text, EVENT_BYTES);
    memcpy(watch->source, place.source.ptr,
           place.source.len < sizeof(watch->source) ? place.source.len
                                                    : sizeof(watch->source) - 1);
    watch->stream = server_stream_start(exchange->request, "text/event-stream",
                                        BACKLOG_BYTES, on_closed, watch);
    journal_listen(watch->journal, &watch->listener);
    exchange->is_streaming = true;
    /* So that a browser knows at once that it is connected. */
    (void)server_stream_send(watch->stream, BYTES(": live\n\n"));
}
