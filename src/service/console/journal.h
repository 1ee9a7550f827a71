/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * journal - the last messages of the stream, numbered, so that a page which was cut off
 * for a moment goes on where it was. Bounded in number and in bytes.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum { JOURNAL_MESSAGES = 10000, JOURNAL_BYTES = 8 << 20 };

struct journal_entry {
    char *text;
    size_t len;
    unsigned topic;
};

/* Zeroed: empty, the next number is 1. */
struct journal {
    struct journal_entry *entries; /* JOURNAL_MESSAGES of them, made with the first */
    uint64_t oldest, next;         /* numbers; oldest == next: empty */
    size_t n_bytes;
};

void journal_done(struct journal *journal);
/* The number that the next message gets. */
uint64_t journal_next(const struct journal *journal);
/* Copies @text. */
void journal_add(struct journal *journal, struct bytes text, unsigned topic);
/* Whether all messages after @number are here still, and are at most @max_bytes. */
must_check
bool journal_has_since(const struct journal *journal, uint64_t number, size_t max_bytes);
/* Calls @fn for each of them, the oldest first. */
void journal_each_since(const struct journal *journal, uint64_t number,
                        void (*fn)(void *arg, const struct journal_entry *entry),
                        void *arg);
