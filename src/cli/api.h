/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * api - requests to the admin listener of a running service (interface §6).
 *
 * Where it listens: --server, else DATA/admin.url (written by the service while it
 * listens), else http://127.0.0.1:8888. Who we are: $PARTNERAPP_TOKEN, else
 * DATA/admin.token. A service that does not answer is PA7010, exit 7.
 */

#include "base/buf.h"

struct call;
struct err;
struct json;

enum { API_ANSWER_MAX = 64 << 20, API_HEADERS = 8 };

struct api_header {
    const char *name, *value;
};

struct api_request {
    const char *method;
    const char *url;   /* absolute */
    struct bytes body; /* JSON; empty: none */
    const char *token; /* NULL: none */
    const struct api_header *headers;
    size_t n_headers;
};

struct api_answer {
    int status;
    struct buf storage; /* what body lies in */
    struct bytes body;
};

/* Blocking. 0 whatever the status is; -1 (PA7010) when there was no answer. */
must_check
int api_send(const struct api_request *request, struct api_answer *ret_answer,
             struct err *err);
void api_answer_done(struct api_answer *answer);

/* The admin side of the service that this call means. */
struct api {
    char base[256]; /* "http://127.0.0.1:8890", no slash at the end */
    char token[128];
    bool is_announced; /* by --server or DATA/admin.url, not only guessed */
};
must_check
int api_open(struct api *api, const struct call *call, struct err *err);

/* A request to @path ("/api/v1/status"). A status of 400 and above is a failure with the
 * exit code it deserves and what the service said. *ret_json (may be NULL) is the answer,
 * NULL when it was empty. */
must_check
int api_call(const struct api *api, const char *method, const char *path,
             struct bytes body, struct json **ret_json, struct err *err);
/* The same, with the answer's text. */
must_check
int api_call_text(const struct api *api, const char *method, const char *path,
                  struct bytes body, struct buf *ret_text, struct err *err);
/* A GET whose body goes to @fn as it comes, from byte @from on; @fn stops it by saying
 * false, which is no failure. */
must_check
int api_download(const struct api *api, const char *path, int64_t from,
                 bool (*fn)(void *arg, struct bytes bytes), void *arg, struct err *err);
/* Adds a part of a path, encoded: no '/' in it divides. */
void api_add_segment(struct buf *path, struct bytes value);
/* Adds "name=value" to a path, with '?' or '&' before and the value encoded. */
void api_add_query(struct buf *path, const char *name, struct bytes value);
/* Follows a stream of Server-Sent Events until @on_event says false or it ends. */
typedef bool api_event_fn(void *arg, struct bytes name, struct bytes data);
must_check
int api_follow(const struct api *api, const char *path, api_event_fn *fn, void *arg,
               struct err *err);
