/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_event - what a function is given: an event (or a batch of them, or a request) and
 * the customer's settings.
 *
 * Settings come from four places, the later win member by member: the subscription's in
 * the configuration, functions/NAME/settings.json, what stands beside the event,
 * the one who runs it. Without an `endpoint` they get
 * the one that `dev` delivers to, or one over https that nobody has where nothing is
 * sent.
 */

#include "base/buf.h"
#include "js/pool.h"
#include "segment/event.h"

struct err;
struct fn_code;
struct json;

/* What one call knows of settings, whichever event is run. */
struct fn_settings {
    struct json *configured;             /* of the subscription; NULL: none */
    struct json *file;                   /* of settings.json; NULL: there is none */
    struct json *given;                  /* of who runs it; NULL: none */
    bool is_unsent;                      /* no request of the code leaves this machine */
    void (*mask)(struct json *settings); /* replaces secrets in the whole; may be NULL */
};

/* Of a @code that has been read: its subscription's, and its file's. End with
 * fn_settings_done, also after -1. */
must_check
int fn_settings_read(struct fn_settings *settings, struct fn_code *code, struct err *err);
/* -1 unless @json is an object; @where is for the message. */
must_check
int fn_settings_want(const struct json *json, const char *where, struct err *err);
void fn_settings_done(struct fn_settings *settings);

struct fn_event {
    enum pool_entry entry;
    struct buf event;    /* JSON text */
    struct buf settings; /* JSON object's text; has an endpoint */
    struct buf endpoint; /* settings.endpoint */
    struct buf scratch;
    struct event judged; /* of POOL_EVENT: slices into event and scratch */
};

/* From text: a bare event, a list of them, or {event, settings, version}. End with
 * fn_event_done, also after -1. */
must_check
int fn_event_split(struct fn_event *event, struct bytes text, const char *where,
                   const struct fn_settings *settings, struct err *err);
/* From parts: @given's kind must fit @entry; @beside may be NULL. */
must_check
int fn_event_make(struct fn_event *event, enum pool_entry entry, const struct json *given,
                  const struct json *beside, const struct fn_settings *settings,
                  struct err *err);
void fn_event_done(struct fn_event *event);
