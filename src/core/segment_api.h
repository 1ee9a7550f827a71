/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * segment_api - calls of Segment's Config API (v1beta) or of its Public API, and what
 * their answers mean (dossier §7, §8).
 *
 * Both back ends behind the same nouns, because v1beta takes no new tokens. Here is only
 * text in and text out; net/segment_call speaks.
 */

#include "base/buf.h"

struct json;

enum segment_backend { SEGMENT_V1BETA = 0, SEGMENT_PUBLIC };

enum segment_noun {
    SEGMENT_WORKSPACES = 0,
    SEGMENT_SOURCES,
    SEGMENT_DESTINATIONS,
    SEGMENT_CATALOG_DESTINATIONS,
    SEGMENT_CATALOG_SOURCES,
};
enum segment_verb {
    SEGMENT_LIST = 0,
    SEGMENT_GET,
    SEGMENT_CREATE,
    SEGMENT_UPDATE,
    SEGMENT_DELETE,
};

/* What to do to what. Names are v1beta's ("workspaces/w/sources/s/destinations/d"); the
 * Public API's are ids ("sources/ID", "destinations/ID"; of the catalog, and of CREATE,
 * the catalog item's "ID" alone). A catalog item's v1beta name is whole, too
 * ("catalog/destinations/clearbrain"). */
struct segment_target {
    enum segment_backend backend;
    enum segment_noun noun;
    enum segment_verb verb;
    struct bytes name;   /* of GET, UPDATE, DELETE; CREATE: the new resource's */
    struct bytes parent; /* of LIST and CREATE: "workspaces/w", "workspaces/w/sources/s";
                            Public API: "sources/ID", empty for all destinations */
    struct bytes page_token; /* LIST: continue; empty: from the start */
    unsigned page_size;      /* 0: the API's */
};

/* A destination to be made or changed. */
struct segment_destination {
    bool is_enabled;
    struct bytes connection_mode; /* "CLOUD"; empty: not sent */
    struct bytes settings;        /* JSON object's text: {"apiKey":"…"} */
};

struct segment_request {
    const char *method;
    struct buf path; /* with query, from "/v1beta" or "/" */
    struct buf body; /* JSON; empty: none */
};
void segment_request_init(struct segment_request *request);
void segment_request_done(struct segment_request *request);

/*
 * -1 with @err for a name that is none, and for a call that there is not (only
 * destinations are made and changed here). @destination: CREATE and UPDATE; a value of
 * bullets is not sent. UPDATE sends the three mask paths of the reference client (§6.8),
 * but none that has no data: it would mean zero (§7.2).
 */
struct err;
must_check
int segment_api_write(const struct segment_target *target,
                      const struct segment_destination *destination,
                      struct segment_request *ret_request, struct err *err);

enum segment_verdict {
    SEGMENT_MALFORMED = 0, /* not what the API says: HTML, no JSON, too large; also a 4xx
                              without the API's error in it: a proxy said that */
    SEGMENT_FINE,
    SEGMENT_EXISTS,          /* 500 code 13 "destination already exists", or 409 code 6 */
    SEGMENT_UNAUTHENTICATED, /* 401: expired, replaced, revoked */
    SEGMENT_FORBIDDEN,       /* 403 insufficient scope */
    SEGMENT_NOT_FOUND,
    SEGMENT_INVALID,      /* 400, 422: what was sent is wrong */
    SEGMENT_LIMITED,      /* 429: *retry_after_ms, else back off */
    SEGMENT_UNAVAILABLE,  /* 5xx, and the 503 in plain text; no answer at all */
    SEGMENT_NOT_IMITATED, /* 501 */
};
const char *segment_verdict_text(enum segment_verdict verdict);
/*
 * @why: one sentence of the API's own (its `error` or `message`), made printable, at most
 * @why_size; a text for people, to be escaped on pages. The body may be NULL JSON of any
 * kind: look-ups chain. Control characters and what turns text around become blanks.
 */
must_check
enum segment_verdict segment_api_read(enum segment_backend backend, int status,
                                      struct bytes body, char *why, size_t why_size);
/*
 * The list or resource of a FINE answer, without envelope: of LIST an array (of
 * workspaces it may be the only one, bare); and the next page's token into @ret_next
 * (empty: the end, also when the page names itself). Borrowed from @answer; NULL when it
 * is not there.
 */
const struct json *segment_api_data(const struct segment_target *target,
                                    const struct json *answer, struct bytes *ret_next);
/* Milliseconds to wait before try number @tries (1…) of a call that was LIMITED or
 * UNAVAILABLE; -1: give up, because of too many tries or because Segment wants a minute
 * or more. @random: 32 bits. */
int64_t segment_api_wait_ms(unsigned tries, int64_t retry_after_ms, uint32_t random);

/*
 * How a destination differs from what we set: adds JSON
 * [{"setting":"apiKey","is":…,"should":…}] with secrets as "••••" (a setting whose name
 * or catalog type says so); "enabled" is one of the settings. connection_mode is never
 * compared (§7.5). True when it differs.
 */
must_check
bool segment_api_drift(const struct json *destination,
                       const struct segment_destination *wanted, struct buf *ret_json);
