/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * reply - an answer as the server keeps it until it is on the wire.
 *
 * A copy of a struct server_answer in two buffers that are used again for the next
 * request, so that an answer which crosses threads costs no allocation.
 */

#include "base/buf.h"
#include "net/server.h"

struct reply {
    int status;
    bool close;
    enum server_spoil spoil;
    size_t cut_after;
    bool has_file;
    int file; /* owned while has_file */
    int64_t file_from, file_bytes;
    struct buf fields; /* name NUL value NUL … */
    struct buf body;
};

void reply_init(struct reply *reply);
void reply_done(struct reply *reply);
/* Copies. Fields with a line break inside, which would be two fields, are left out. */
void reply_set(struct reply *reply, const struct server_answer *answer);
/* {"message":"…"} as application/json; @retry_after in seconds, 0: none. */
void reply_set_message(struct reply *reply, int status, const char *message,
                       int retry_after_s);
/* Walks the fields: *cursor starts at 0; false at the end. */
bool reply_next(const struct reply *reply, size_t *cursor, const char **ret_name,
                const char **ret_value);
/* The whole answer as HTTP/1.1 text with "Connection: close", added to @ret_text: whole
 * or spoiled as it was set (nothing of SERVER_HANG_UP). */
void reply_format(const struct reply *reply, const char *reason, struct buf *ret_text);
