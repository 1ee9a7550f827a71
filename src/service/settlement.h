/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * settlement - how an attempt ended; courier's letter to keeper and back.
 *
 * It comes back when it is on stable storage. Only then may the next attempt begin or the
 * delivery be forgotten, so what was done is always recorded before what follows.
 */

#include "service/mail.h"
#include "store/store.h"

struct settlement {
    struct mail mail;               /* MAIL_SETTLEMENT */
    struct store_delivery delivery; /* attempt_json and error_name point into the bufs */
    struct buf attempt;
    char error_name[64];
    char message[256];   /* for who waits in mode inline */
    char event_id[32];   /* empty when its bytes were not in memory */
    int64_t ended_at_ms; /* wall */
    int64_t due_ms; /* of a retry, lines_now_ms: the wall may jump before it is stored */
    int64_t latency_us; /* received to delivered, of the first delivery */
    bool erases_user;   /* a delete event, delivered: with privacy.erase_on_delete */
    char *user_id;      /* owned; of that delete event */
    bool is_lost;       /* the store has failed: it comes back without being recorded */
    void *owner;        /* courier's delivery */
};
