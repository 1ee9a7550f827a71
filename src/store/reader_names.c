/* SPDX-License-Identifier: MIT */

#include "store/reader_names.h"

#include "store/reader_rows.h"

void names_init(struct names *names, struct reader *reader)
{
    *names = (struct names){.reader = reader};
    arena_init(&names->arena);
}

void names_done(struct names *names)
{
    arena_done(&names->arena);
}

const struct names_key *names_key(struct names *names, int64_t key, struct err *err)
{
    struct names_key *slot = &names->keys[(uint64_t)key % NAMES_SLOTS];

    /* Number 0 is none, which an empty slot says already. */
    if (slot->key == key)
        return slot;
    if (reader_origin(names->reader, key, &names->arena, &slot->origin, err) < 0)
        return NULL;
    slot->key = key;
    id_format((struct id){.kind = ID_KEY,
                          .time_ms = slot->origin.key_created_at_ms,
                          .row = key},
              slot->id);
    return slot;
}

const struct bytes *names_subscription(struct names *names, uint16_t number,
                                       struct err *err)
{
    struct names_text *slot = &names->subscriptions[number % NAMES_SLOTS];

    if (slot->number == number)
        return &slot->text;
    if (rows_subscription(names->reader, number, &names->arena, &slot->text, err) < 0)
        return NULL;
    slot->number = number;
    return &slot->text;
}

const struct bytes *names_function(struct names *names, int64_t version, struct err *err)
{
    struct names_text *slot = &names->functions[(uint64_t)version % NAMES_SLOTS];

    if (slot->number == version)
        return &slot->text;
    if (reader_function(names->reader, version, &names->arena, &slot->text, err) < 0)
        return NULL;
    slot->number = version;
    return &slot->text;
}
