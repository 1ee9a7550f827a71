/* SPDX-License-Identifier: MIT */

#include "emulator/inspector/inspector_show.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/shell_word.h"
#include "emulator/frame/emulator.h"
#include "emulator/inspector/inspector.h"
#include "emulator/inspector/masking.h"
#include "json/write.h"

/* --- JSON --------------------------------------------------------------------------- */

/* "Name: value\n" lines as a list of pairs: names may repeat. */
static void write_headers(struct write *write, const char *key, struct bytes lines)
{
    write_key(write, key);
    write_array(write);
    while (lines.len > 0) {
        struct bytes line = bytes_take_until(&lines, '\n');
        const struct bytes name = bytes_take_until(&line, ':');

        write_array(write);
        write_string(write, name);
        write_string(write, bytes_trim(line));
        write_array_end(write);
    }
    write_array_end(write);
}

static void write_fault(struct write *write, unsigned number)
{
    char text[16];

    snprintf(text, sizeof(text), "f%u", number);
    write_member_text(write, "fault", number != 0 ? text : NULL);
}

void inspector_write(const struct inspector_call *call, bool is_short,
                     struct write *write)
{
    write_object(write);
    write_member_i64(write, "number", (int64_t)call->number);
    write_member_time(write, "at", call->at_ms);
    write_member_text(write, "area", call->area);
    write_member_text(write, "where", call->where);
    write_member_string(write, "method", call->method);
    write_member_string(write, "target", call->target);
    write_member_i64(write, "status", call->status);
    write_member_i64(write, "duration_us", call->duration_us);
    write_fault(write, call->fault);
    write_member_string(write, "remark", call->remark);
    if (!is_short) {
        write_headers(write, "request_headers", call->request_headers);
        write_member_string(write, "request_body", call->request_body);
        write_headers(write, "response_headers", call->response_headers);
        write_member_string(write, "response_body", call->response_body);
    }
    write_object_end(write);
}

/* --- curl --------------------------------------------------------------------------- */

static bool is_where(const struct inspector_call *call, const char *where)
{
    return call->where != NULL && strcmp(call->where, where) == 0;
}

bool inspector_is_clients_own(struct bytes name)
{
    static const char *const names[] = {
        "Host",   "Content-Length",  "Connection", "Transfer-Encoding",
        "Expect", "Accept-Encoding", "User-Agent", "X-Emulator-Replay"};

    for (size_t i = 0; i < COUNT(names); i++) {
        if (bytes_eq_nocase(name, bytes_str(names[i])))
            return true;
    }
    return false;
}

static void add_credential(const struct inspector_call *call, struct bytes value,
                           struct buf *ret_command)
{
    if (bytes_starts(value, BYTES("Bearer ")))
        buf_addf(ret_command, " \\\n  -H \"Authorization: Bearer $%s\"",
                 is_where(call, "public") ? "SEGMENT_PUBLIC_API_TOKEN" : "SEGMENT_TOKEN");
    else if (is_where(call, "tracking"))
        buf_add_text(ret_command, " \\\n  -u \"$SEGMENT_WRITE_KEY:\"");
    else
        buf_add_text(ret_command, " \\\n  -u \"$CLIENT_ID:$CLIENT_SECRET\"");
}

static void add_header(const struct inspector_call *call, struct bytes line,
                       struct buf *ret_command)
{
    struct bytes value = line;
    const struct bytes name = bytes_take_until(&value, ':');

    if (inspector_is_clients_own(name))
        return;
    if (bytes_eq_nocase(name, BYTES("Authorization"))) {
        add_credential(call, bytes_trim(value), ret_command);
        return;
    }
    if (bytes_find(value, BYTES(MASKING_MARK)) < value.len)
        return; /* a cookie: nobody can type it */
    buf_add_text(ret_command, " \\\n  -H ");
    shell_word(line, ret_command);
}

void inspector_curl(struct emulator *emulator, const struct inspector_call *call,
                    struct buf *ret_command)
{
    cleanup(buf_done) struct buf url = {0};
    const int port = is_where(call, "public") ? emulator_public_port(emulator)
                                              : emulator_port(emulator);
    struct bytes lines = call->request_headers;

    buf_init(&url, call->target.len + 64);
    buf_addf(&url, "http://localhost:%d%.*s", port, BYTES_FMT(call->target));
    buf_add_text(ret_command, "curl -i -X ");
    shell_word(call->method, ret_command);
    buf_add_char(ret_command, ' ');
    shell_word(buf_bytes(&url), ret_command);
    while (lines.len > 0)
        add_header(call, bytes_take_until(&lines, '\n'), ret_command);
    if (call->request_body.len > 0) {
        buf_add_text(ret_command, " \\\n  --data-raw ");
        shell_word(call->request_body, ret_command);
    }
}
