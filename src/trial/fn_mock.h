/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_mock - what requests of a function are answered when nothing is sent.
 *
 * A mock is a JSON object; a file of functions/NAME/mocks/ holds one or a list of them:
 *
 *     {"request": {"method": "POST", "url": "https://api.example.com/notes*"},
 *      "response": {"status": 201, "headers": {"retry-after": "2"}, "body": {"id": 7}}}
 *
 * "method" may be left out (any), "url" may end in "*" (anything from there on) or be
 * left out (any). "status" is 200 when left out; a body that is no text is sent as JSON.
 * {"error": "connect ECONNREFUSED"} instead of a status plays a request that nobody
 * answers. The first that fits is used.
 */

#include "base/arena.h"
#include "net/client.h"

struct err;
struct json;

struct fn_mock;
struct fn_mocks {
    struct arena arena;
    struct json **documents;
    size_t n_documents;
    const struct json **list; /* each one mock, in a document */
    size_t n;
};

/* Zeroed there are none. */
void fn_mocks_done(struct fn_mocks *mocks);
/* Adds those of all *.json files in @folder, by name; no folder is no mocks. */
must_check
int fn_mocks_read(struct fn_mocks *mocks, const char *folder, struct err *err);
/* Adds one mock or a list of them, which must outlive @mocks. @where is for messages. */
must_check
int fn_mocks_add(struct fn_mocks *mocks, const struct json *mock, const char *where,
                 struct err *err);
/* The answer to a request, its texts in @arena; false when no mock fits. */
must_check
bool fn_mocks_answer(const struct fn_mocks *mocks, const struct client_request *request,
                     struct arena *arena, struct client_response *ret_response);
