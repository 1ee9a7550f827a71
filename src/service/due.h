/* SPDX-License-Identifier: MIT */
#pragma once

/* due - deliveries that are in the store and have to be made: found at start, or a
 * replay's. Their bytes are loaded when their turn comes. */

#include "service/mail.h"
#include "store/store.h"

struct due {
    struct mail mail;                  /* MAIL_DUE */
    struct store_delivery *deliveries; /* owned; slices in them are empty */
    size_t n_deliveries;
    size_t capacity;
};

must_check
struct due *due_new(void);
void due_add(struct due *due, const struct store_delivery *delivery);
void due_free(struct due *due);
