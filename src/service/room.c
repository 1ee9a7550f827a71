/* SPDX-License-Identifier: MIT */

#include "service/room.h"

#include "store/store.h"
#include "sys/log.h"

static void say_full(struct room *room, bool is_full)
{
    if (is_full == room->is_full)
        return;
    room->is_full = is_full;
    log_line(is_full ? LOG_WARN : LOG_INFO,
             is_full ? "the disk is full; answering 503"
                     : "writing works again; accepting events");
}

void room_note_full(struct room *room, int64_t now_ms)
{
    atomic_store(&room->is_there, false);
    room->full_at_ms = now_ms;
    say_full(room, true);
}

void room_note_well(struct room *room)
{
    say_full(room, false);
}

void room_look(struct room *room, struct store *store, int64_t now_ms)
{
    bool has_room = store_has_room(store, now_ms);

    if (now_ms - room->measured_at_ms >= ROOM_MEASURE_MS) {
        atomic_store(&room->store_bytes, store_bytes(store));
        room->measured_at_ms = now_ms;
    }
    if (room->is_full) {
        atomic_store(&room->is_there,
                     has_room && now_ms - room->full_at_ms >= ROOM_HOLD_MS);
        return;
    }
    if (has_room != atomic_exchange(&room->is_there, has_room))
        log_line(has_room ? LOG_INFO : LOG_WARN,
                 has_room ? "there is room again; accepting events"
                          : "the disk limit is reached; answering 503");
}
