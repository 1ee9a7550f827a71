/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * sender - what a C handler sends, by partnerapp_post and partnerapp_send: net/client
 * with a loop of its own, turned until the answer is there. It runs inside of a turn of
 * the Runtime API's loop, which therefore stands still meanwhile; the two share nothing.
 *
 * Connections are kept from one invocation to the next.
 */

#include "base/bytes.h"

struct err;
struct sender;

/* @egress_allow: PARTNERAPP_EGRESS_ALLOW, hosts, addresses and CIDRs with commas or
 * blanks between; may be empty. -1 with @err when it cannot be read. */
must_check
int sender_new(struct bytes egress_allow, struct sender **ret_sender, struct err *err);
void sender_free(struct sender *sender); /* NULL is fine */
