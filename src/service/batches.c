/* SPDX-License-Identifier: MIT */

#include "service/batches.h"

#include "base/digest.h"
#include "base/mem.h"
#include "service/courier_state.h"
#include "service/parcel.h"
#include "sys/rand.h"

void batches_init(struct batches *batches)
{
    *batches = (struct batches){0};
    map_init(&batches->by_customer, (const uint64_t[]){rand_u64(), rand_u64()});
}

void batches_free(struct batches *batches)
{
    map_done(&batches->by_customer);
}

static struct delivery *delivery_of(struct list_link *link)
{
    return list_entry(link, struct delivery, link);
}

static struct bytes name_of(const struct batch *batch)
{
    return bytes_of(batch->customer, sizeof(batch->customer));
}

static struct batch *batch_of(struct batches *batches, const struct parcel *parcel,
                              int64_t now_ms)
{
    const struct bytes parts[] = {bytes_of(&parcel->key, sizeof(parcel->key)),
                                  parcel->settings};
    uint8_t customer[SHA256_LEN];
    struct batch *batch;

    sha256_sum(parts, COUNT(parts), customer);
    batch = map_find(&batches->by_customer, bytes_of(customer, sizeof(customer)));
    if (batch != NULL)
        return batch;
    batch = mem_new(struct batch);
    memcpy(batch->customer, customer, sizeof(customer));
    batch->key = parcel->key;
    batch->since_ms = now_ms;
    map_put(&batches->by_customer, name_of(batch), batch);
    list_push(&batches->open, &batch->link);
    return batch;
}

/* By row, so that the same deliveries are the same batch whenever they come together. */
static void insert(struct list *deliveries, struct delivery *delivery)
{
    struct list larger = {0};

    while (deliveries->last != NULL &&
           delivery_of(deliveries->last)->row > delivery->row) {
        struct list_link *last = deliveries->last;

        list_remove(deliveries, last);
        list_push_front(&larger, last);
    }
    list_push(deliveries, &delivery->link);
    list_append_all(deliveries, &larger);
}

void batches_add(struct batches *batches, struct delivery *delivery,
                 const struct config_subscription *config, int64_t now_ms)
{
    struct batch *batch = batch_of(batches, delivery->parcel, now_ms);

    insert(&batch->deliveries, delivery);
    batches->n_deliveries++;
    batch->n_bytes += delivery->parcel->payload.len;
    if (batch->deliveries.n_links < (size_t)config->batch_size &&
        batch->n_bytes < BATCH_BYTES)
        return;
    batch->is_full = true;
    (void)map_remove(&batches->by_customer, name_of(batch));
    list_remove(&batches->open, &batch->link);
    list_push(&batches->full, &batch->link);
}

struct batch *batches_ripe(const struct batches *batches, const struct batch *after,
                           int64_t due_ms, bool is_short)
{
    struct list_link *link = after != NULL ? after->link.next : batches->full.first;
    struct batch *batch;

    if (link == NULL && (after == NULL || after->is_full))
        link = batches->open.first;
    if (link == NULL)
        return NULL;
    batch = list_entry(link, struct batch, link);
    return is_short || batch->since_ms <= due_ms || batch->is_full ? batch : NULL;
}

int64_t batches_since_ms(const struct batches *batches)
{
    if (list_is_empty(&batches->open))
        return INT64_MAX;
    return list_entry(batches->open.first, struct batch, link)->since_ms;
}

void batches_take(struct batches *batches, struct batch *batch,
                  struct list *ret_deliveries)
{
    if (batch->is_full) {
        list_remove(&batches->full, &batch->link);
    } else {
        (void)map_remove(&batches->by_customer, name_of(batch));
        list_remove(&batches->open, &batch->link);
    }
    batches->n_deliveries -= batch->deliveries.n_links;
    *ret_deliveries = batch->deliveries;
    free(batch);
}

void batches_dissolve(struct batches *batches, struct list *ready)
{
    struct list all = {0};
    struct list part;

    while (!list_is_empty(&batches->full) || !list_is_empty(&batches->open)) {
        struct list_link *first = batches->full.first;

        batches_take(
            batches,
            list_entry(first != NULL ? first : batches->open.first, struct batch, link),
            &part);
        list_append_all(&all, &part);
    }
    list_append_all(&all, ready);
    *ready = all;
}
