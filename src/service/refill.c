/* SPDX-License-Identifier: MIT */

/*
 * What a line holds in memory. Deliveries with their bytes stand at its front, as many as
 * the bounds allow; of the rest it knows the numbers only (core/row_set.h), and keeper
 * reads them, the oldest first, when few are left at the front.
 */

#include "base/mem.h"
#include "service/courier_state.h"
#include "service/keeper.h"
#include "sys/clock.h"

enum { FEW = LOAD_MAX / 2 }; /* that keep a line busy until more are read */

/* Half of what is left, so there is always some room for a line that comes later. */
bool refill_is_full(const struct line *line)
{
    const size_t resident_bytes = line->courier->resident_bytes;

    return resident_bytes >= COURIER_RESIDENT_BYTES ||
           line->resident_bytes > COURIER_RESIDENT_BYTES - resident_bytes;
}

void refill_later(struct line *line, int64_t row)
{
    row_set_add(&line->later, row);
    lines_wake(line);
}

/* The first of those that are there without their bytes, for @load. */
static void ask_for_bytes(struct line *line, struct load *load)
{
    struct list_link *link = line->ready.first;

    while (link != NULL && load->n_items < LOAD_MAX) {
        struct delivery *delivery = list_entry(link, struct delivery, link);

        link = link->next;
        if (delivery->parcel != NULL)
            break;
        load->items[load->n_items++] = (struct load_item){
            .row = delivery->row, .event = delivery->event, .owner = delivery};
        list_remove(&line->ready, &delivery->link);
    }
}

void refill_line(struct line *line)
{
    bool is_short = line->ready.n_links < FEW && line->later.n_rows > 0;
    struct load *load;

    if (line->n_loading > 0)
        return;
    if (!is_short &&
        (list_is_empty(&line->ready) ||
         list_entry(line->ready.first, struct delivery, link)->parcel != NULL))
        return;
    load = mem_new(struct load);
    load->mail.kind = MAIL_LOAD;
    load->owner = line;
    ask_for_bytes(line, load);
    while (is_short && line->later.n_rows > 0 && load->n_items < LOAD_MAX)
        load->items[load->n_items++] =
            (struct load_item){.row = row_set_take(&line->later)};
    line->n_loading = load->n_items;
    keeper_load(line->courier->keeper, load);
}

/* The delivery of @item, which may have none yet. NULL: it stays a number. */
static struct delivery *delivery_of(struct line *line, const struct load_item *item)
{
    struct store_delivery stored = {
        .row = item->row,
        .event = item->event,
        .replay = item->replay,
        .created_at_ms = item->created_at_ms,
        .state = DELIVERY_QUEUED,
    };

    if (item->owner != NULL)
        return item->owner;
    if (item->parcel == NULL && (!item->is_gone || line->courier->is_stopping)) {
        row_set_add(&line->later, item->row);
        return NULL;
    }
    if (stored.created_at_ms == 0) /* not even its event is there */
        stored.created_at_ms = clock_wall_ms();
    return delivery_new(line, &stored);
}

/* Puts it in front of those that are younger: events may have come meanwhile. */
static void put_in_order(struct line *line, struct delivery *delivery, struct list *older)
{
    while (!list_is_empty(&line->ready) &&
           list_entry(line->ready.first, struct delivery, link)->row < delivery->row)
        list_push(older, list_pop(&line->ready));
    list_push(older, &delivery->link);
}

static void take_item(struct line *line, const struct load_item *item, struct list *older)
{
    struct delivery *delivery = delivery_of(line, item);

    if (delivery == NULL)
        return;
    if (item->parcel == NULL && item->is_gone && !line->courier->is_stopping) {
        attempt_expire(delivery, "the event was erased or is past its retention");
        return;
    }
    if (item->parcel != NULL)
        delivery_set_parcel(line->courier, delivery, item->parcel);
    put_in_order(line, delivery, older);
}

void refill_take(struct load *load)
{
    struct line *line = load->owner;
    struct list older = {0};
    bool is_read = false;

    for (size_t i = 0; i < load->n_items; i++) {
        is_read |= load->items[i].parcel != NULL || load->items[i].is_gone;
        take_item(line, &load->items[i], &older);
    }
    list_append_all(&older, &line->ready);
    line->ready = older;
    line->n_loading = 0;
    if (is_read)
        lines_wake(line);
    else if (!line->courier->is_stopping)
        loop_timer_set(&line->wake, COURIER_RELOAD_MS);
    free(load);
}
