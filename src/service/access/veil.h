/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * veil - what a viewer sees of events: how they are built and what became of them, not
 * what they say (ux §3.7). Payloads, addresses' paths, headers, bodies, logs and messages
 * are shapes (core/shape.h); what is not named as harmless is one too.
 */

#include "base/buf.h"
#include "service/access/principal.h"

struct query;
struct site_call;

must_check
bool veil_is_for(const struct principal *principal);
/* A JSON answer or a message of the stream, veiled, added to @ret_text; -1: it cannot be.
 */
must_check
int veil_json(struct bytes json, struct buf *ret_text);
must_check
int veil_message(struct bytes message, struct buf *ret_text);
/* True when @query looks at what is veiled, which would tell it piece by piece: then it
 * was answered with 403. */
must_check
bool veil_refuses(const struct site_call *call, const struct query *query);
