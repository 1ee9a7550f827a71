/* SPDX-License-Identifier: MIT */

#include "service/backfill.h"

#include "service/due.h"
#include "service/watermark.h"
#include "store/due.h"
#include "sys/mailbox.h"

enum { PART = 4096 };

static void on_queued(void *arg, const struct store_delivery *delivery)
{
    due_add(arg, delivery);
}

static void record_to(struct backfill *backfill, int64_t row)
{
    while (backfill->next < row)
        watermark_record(backfill->mark, backfill->next++);
}

int backfill_step(struct backfill *backfill, struct err *err)
{
    const struct store_range range = {backfill->next, backfill->end, PART};
    struct due *due;
    int64_t n_read;

    if (backfill_is_done(backfill))
        return 0;
    due = due_new();
    if (store_each_queued(backfill->store, &range, on_queued, due, &n_read, err) < 0) {
        due_free(due);
        return -1;
    }
    for (size_t i = 0; i < due->n_deliveries; i++) {
        record_to(backfill, due->deliveries[i].row);
        backfill->next++;
    }
    if (n_read < PART)
        record_to(backfill, backfill->end);
    mailbox_force(backfill->courier, &due->mail.link);
    return 1;
}
