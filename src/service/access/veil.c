/* SPDX-License-Identifier: MIT */

#include "service/access/veil.h"

#include "core/query.h"
#include "core/shape.h"
#include "service/site.h"

static const char *const kept[] = {
    "advice",       "at",         "attempt",      "back_to",
    "body_bytes",   "cause",      "code",         "count",
    "created_at",   "dead",       "dead_letters", "delivered",
    "discarded",    "done",       "duration_ms",  "endpoint",
    "erased",       "error",      "event",        "failed",
    "first_at",     "id",         "index",        "install",
    "is_temporary", "is_whole",   "key",          "key_name",
    "kind",         "last_at",    "last_error",   "line",
    "looked_at",    "matched",    "message_id",   "method",
    "n_attempts",   "name",       "next",         "next_at",
    "number",       "outcome",    "received_at",  "recorded_with",
    "replay",       "settled_at", "size",         "size_bytes",
    "state",        "status",     "subscription", "total",
    "truncated",    "type",       "attempts",     "position",
    "length",       "sends",      NULL,
};
static const char *const closed[] = {
    "payload", "headers", "body", "settings", "logs", "result", "batch_result", NULL,
};
static const struct shape_rule rule = {kept, closed};

bool veil_is_for(const struct principal *principal)
{
    return principal->role < KEYRING_OPERATOR;
}

int veil_json(struct bytes json, struct buf *ret_text)
{
    return shape_json(json, &rule, ret_text) == 0 && !ret_text->full ? 0 : -1;
}

int veil_message(struct bytes message, struct buf *ret_text)
{
    static const char mark[] = "\ndata: ";
    const size_t at = bytes_find(message, BYTES("\ndata: ")) + sizeof(mark) - 1;

    if (at > message.len || !bytes_ends(message, BYTES("\n\n")))
        return -1;
    buf_add(ret_text, bytes_slice(message, 0, at));
    if (veil_json(bytes_slice(message, at, message.len - at - 2), ret_text) < 0)
        return -1;
    return buf_add_text(ret_text, "\n\n") == 0 ? 0 : -1;
}

bool veil_refuses(const struct site_call *call, const struct query *query)
{
    static const unsigned veiled = QUERY_OF_PAYLOAD | QUERY_BIT(USER) | QUERY_BIT(ANON);

    if (!veil_is_for(&call->principal) || !query_looks_at(query, veiled))
        return false;
    site_problem(call->request, 403, "PA3024",
                 "a viewer does not search in what events say: no words, no user:, "
                 "anon: or paths into the payload");
    return true;
}
