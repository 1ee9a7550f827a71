/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * dedupe - what makes two accepted events one (architecture §6).
 *
 * Same customer key (without one: same subscription), same messageId, same content. The
 * mark is the first 16 bytes of a SHA-256 over these three, lengths included. Content is
 * the event's bytes: a messageId is the customer's choice, and must never make us drop an
 * event that differs.
 */

#include "base/digest.h"

enum { DEDUPE_MARK_LEN = 16 };

struct dedupe_mark {
    uint8_t bytes[DEDUPE_MARK_LEN];
};

/* @owner: "key:<number>" or "sub:<name>". @message_id is not empty. */
void dedupe_mark_of(struct bytes owner, struct bytes message_id,
                    const uint8_t content[SHA256_LEN], struct dedupe_mark *ret_mark);
