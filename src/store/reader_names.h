/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * reader_names - numbers of keys, subscriptions and functions as what people call them.
 *
 * A search meets the same few again and again, in any order: each is looked up once, as
 * long as its place in a small table is not taken by another.
 */

#include "core/id.h"
#include "store/reader.h"

enum { NAMES_SLOTS = 256 };

struct names_key {
    int64_t key;
    struct reader_origin origin;
    char id[ID_TEXT_LEN];
};

struct names_text {
    int64_t number;
    struct bytes text;
};

struct names {
    struct reader *reader;
    struct arena arena;
    struct names_key keys[NAMES_SLOTS];
    struct names_text subscriptions[NAMES_SLOTS], functions[NAMES_SLOTS];
};

void names_init(struct names *names, struct reader *reader);
void names_done(struct names *names);

/* Each NULL with @err; what is not there is empty. They live until the next of the kind
 * is asked for. */
must_check
const struct names_key *names_key(struct names *names, int64_t key, struct err *err);
must_check
const struct bytes *names_subscription(struct names *names, uint16_t number,
                                       struct err *err);
must_check
const struct bytes *names_function(struct names *names, int64_t version, struct err *err);
