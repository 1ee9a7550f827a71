/* SPDX-License-Identifier: MIT */

#include "service/load.h"

#include "base/err.h"
#include "base/secret.h"
#include "store/due.h"
#include "store/vault.h"
#include "sys/log.h"

enum { SEALED_MAX = 64 << 10, PAYLOAD_MAX = 64 << 20 };

void loader_init(struct loader *loader, struct store *store, const struct vault *vault)
{
    *loader = (struct loader){.store = store, .vault = vault};
    buf_init(&loader->sealed, SEALED_MAX);
    buf_init(&loader->payload, PAYLOAD_MAX);
    buf_init(&loader->settings, SEALED_MAX);
}

void loader_done(struct loader *loader)
{
    buf_done(&loader->sealed);
    buf_done(&loader->payload);
    buf_done(&loader->settings);
}

/* Stored events were judged good; an erased one is empty and has no one to go to. */
static struct parcel *unpack(const struct loader *loader,
                             const struct store_event *stored)
{
    cleanup(buf_done) struct buf scratch = {0};
    struct event event;
    struct parcel *parcel;

    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    if (stored->payload.len == 0 ||
        event_judge_stored(stored->payload, &scratch, &event) != EVENT_GOOD)
        return NULL;
    parcel = parcel_new(stored->payload, buf_bytes(&loader->settings), &event);
    parcel->row = stored->row;
    parcel->received_at_ms = stored->received_at_ms;
    parcel->subscription = stored->subscription;
    parcel->key = stored->key;
    return parcel;
}

/* Which event it delivers, where only its number is known. */
static int read_delivery(struct loader *loader, struct load_item *item)
{
    struct store_delivery delivery;
    struct err err = {0};
    int found = store_find_started(loader->store, item->row, &delivery, &err);

    if (found < 0)
        log_line(LOG_ERROR, "a stored delivery cannot be read now",
                 LOG_I64("delivery", item->row), LOG_TEXT("why", err.text));
    item->event = found > 0 ? delivery.event : item->row;
    item->replay = found > 0 ? delivery.replay : 0;
    item->created_at_ms = found > 0 ? delivery.created_at_ms : 0;
    return found;
}

/* 1 with the parcel; 0 there is nothing that could be delivered any more; -1 it could not
 * be read now. */
static int read_event(struct loader *loader, struct load_item *item)
{
    const int64_t row = item->event;
    struct store_event stored;
    struct err err = {0};
    int found;

    buf_clear(&loader->sealed);
    buf_clear(&loader->payload);
    buf_clear(&loader->settings);
    found = store_load_event(loader->store, row, &loader->sealed, &loader->payload,
                             &stored, &err);
    if (found < 0)
        log_line(LOG_ERROR, "a stored event cannot be read now", LOG_I64("event", row),
                 LOG_TEXT("why", err.text));
    if (found <= 0)
        return found;
    stored.row = row;
    if (item->created_at_ms == 0)
        item->created_at_ms = stored.received_at_ms;
    if (stored.settings.len > 0 && !vault_unseal(loader->vault, "settings", row,
                                                 stored.settings, &loader->settings)) {
        log_line(LOG_ERROR, "the settings of a stored event do not open",
                 LOG_I64("event", row));
        return 0;
    }
    item->parcel = unpack(loader, &stored);
    secret_wipe(loader->settings.ptr, loader->settings.len);
    return item->parcel != NULL;
}

void loader_read(struct loader *loader, struct load *load)
{
    for (size_t i = 0; i < load->n_items; i++) {
        struct load_item *item = &load->items[i];

        if (item->event == 0 && read_delivery(loader, item) < 0)
            continue;
        item->is_gone = read_event(loader, item) == 0;
    }
}
