/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * events - asking a service for events, and showing them (events …, dead …).
 */

#include "base/buf.h"

struct call;
struct columns;
struct err;
struct json;
struct print;

enum { EVENTS_QUERY_MAX = 2048, EVENTS_TEXT_MAX = 64 << 20 };

/* What help says of queries. */
extern const char events_query_notes[];
/* Adds the call's arguments, from @first on, as one query: joined by blanks. */
void events_query(const struct call *call, size_t first, struct buf *ret_query);
/* One page of @path ("/api/v1/events"); @after may be empty. */
struct events_page {
    const char *path;
    struct bytes query, after;
    int64_t limit;
};
must_check
int events_fetch(const struct call *call, const struct events_page *page,
                 struct buf *ret_text, struct err *err);
/* `events list` and `dead list`: fetches with the call's flags, prints. */
must_check
int events_list(const struct call *call, const char *path, struct err *err);

/* The delivery that decides what an event shows: the newest one. */
const struct json *events_last_delivery(const struct json *event);
/* The last attempt of a delivery; NULL when there was none. */
const struct json *events_last_attempt(const struct json *delivery);
/* "503 POST https://…", the error, or nothing: what came back last. */
void events_add_answer(const struct json *delivery, struct buf *ret_text);
/* How many attempts a delivery had. */
int64_t events_n_attempts(const struct json *delivery);
/* Time text (RFC 3339) as this stream shows times. */
void events_add_time(const struct print *print, struct bytes rfc3339,
                     struct buf *ret_text);
/* The id, shortened to what tells it from others on this page. */
struct bytes events_short_id(struct bytes id, size_t len);
