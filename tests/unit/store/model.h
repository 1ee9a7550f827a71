/* SPDX-License-Identifier: MIT */
#pragma once

/* model - random events as a store has them, and as an array that can be walked. */

#include "fixture.h"
#include "segment/event.h"

enum { N_EVENTS = 400, BASE_MS = 1700000000, MAX_DELIVERIES = 3 };

struct model_delivery {
    int64_t row;
    enum delivery_state state;
    bool is_superseded;
    unsigned attempts;
    int64_t version;
    const char *error, *record;
};

struct model_event {
    int64_t row, at_ms;
    enum event_kind kind;
    char name[8], user[8], anonymous[8], message[8], payload[256];
    int64_t key;
    struct model_delivery deliveries[MAX_DELIVERIES];
    size_t n_deliveries;
};

extern struct model_event model[N_EVENTS];

/* Makes the model anew, by rand(), and stores it; nothing is filed yet. */
void model_fill(struct fixture *f);
