/* SPDX-License-Identifier: MIT */

#include "service/due.h"

#include "base/mem.h"

struct due *due_new(void)
{
    struct due *due = mem_new(struct due);

    due->mail.kind = MAIL_DUE;
    return due;
}

void due_add(struct due *due, const struct store_delivery *delivery)
{
    if (due->n_deliveries == due->capacity) {
        due->capacity = due->capacity > 0 ? due->capacity * 2 : 16;
        due->deliveries =
            mem_grow(due->deliveries, due->capacity, sizeof(*due->deliveries));
    }
    due->deliveries[due->n_deliveries++] = *delivery;
}

void due_free(struct due *due)
{
    if (due == NULL)
        return;
    free(due->deliveries);
    free(due);
}
