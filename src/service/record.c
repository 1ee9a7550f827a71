/* SPDX-License-Identifier: MIT */

#include "service/record.h"

#include "core/id.h"
#include "js/pool.h"

const char *record_outcome_text(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_DELIVERED:
        return "delivered";
    case OUTCOME_DISCARDED:
        return "discarded";
    case OUTCOME_DEAD:
        return "dead";
    case OUTCOME_NONE:
    case OUTCOME_RETRY:
        break;
    }
    return "retry";
}

static void write_redacted(struct write *json, const struct redact *redact,
                           struct bytes text, size_t max_bytes)
{
    cleanup(buf_done) struct buf masked = {0};
    /* Masked before it is cut, so that no secret is cut in two and half of it shown. */
    struct bytes judged = bytes_slice(text, 0, max_bytes * 2);

    if (!redact_finds(redact, judged)) {
        write_string(json, bytes_slice(text, 0, max_bytes));
        return;
    }
    buf_init(&masked, RECORD_BYTES * 64);
    if (redact_text(redact, judged, &masked) != 0)
        buf_clear(&masked);
    write_string(json, bytes_slice(buf_bytes(&masked), 0, max_bytes));
}

static void write_body(struct write *json, const struct redact *redact, struct bytes body)
{
    write_key(json, "body");
    write_redacted(json, redact, body, RECORD_BODY_BYTES);
    if (body.len > RECORD_BODY_BYTES)
        write_member_i64(json, "body_bytes", (int64_t)body.len);
}

/* A peer may send anything as a name; a key must not need escaping. */
static void header_name(struct bytes name, char *ret_text, size_t size)
{
    struct bytes shown = bytes_slice(name, 0, size - 1);

    for (size_t i = 0; i < shown.len; i++) {
        char c = shown.ptr[i];

        ret_text[i] = c > ' ' && c < 127 && c != '"' && c != '\\' ? c : '?';
    }
    ret_text[shown.len] = '\0';
}

static void write_headers(struct write *json, const struct redact *redact,
                          const struct client_header *headers, size_t n_headers)
{
    char name[128];

    write_key(json, "headers");
    write_object(json);
    for (size_t i = 0; i < n_headers; i++) {
        header_name(headers[i].name, name, sizeof(name));
        write_key(json, name);
        if (redact_is_secret_header(headers[i].name))
            write_text(json, "••••");
        else
            write_redacted(json, redact, headers[i].value, RECORD_BODY_BYTES);
    }
    write_object_end(json);
}

static void write_response(struct write *json, const struct redact *redact,
                           const struct client_response *response)
{
    write_key(json, "response");
    if (response->transport != TRANSPORT_OK) {
        write_null(json);
        return;
    }
    write_object(json);
    write_member_i64(json, "status", response->status);
    write_headers(json, redact, response->headers, response->n_headers);
    write_body(json, redact, response->body);
    write_object_end(json);
}

/* Microseconds as milliseconds: as write_double() writes a thousandth of them, which
 * takes a dozen times as long to find. */
static void write_ms(struct write *json, int64_t us)
{
    uint64_t left = us > 0 ? (uint64_t)us : 0;
    char text[24];
    size_t at = sizeof(text);

    for (int place = 3; left > 0 || place >= 0; place--, left /= 10) {
        if (place > 0 && at == sizeof(text) && left % 10 == 0)
            continue;
        if (place == 0 && at < sizeof(text))
            text[--at] = '.';
        text[--at] = (char)('0' + left % 10);
    }
    write_raw(json, bytes_of(text + at, sizeof(text) - at));
}

static void write_part(struct write *json, const char *key, int64_t part_us)
{
    write_key(json, key);
    if (part_us > 0)
        write_ms(json, part_us);
    else
        write_null(json);
}

void record_timing(struct write *json, const struct client_response *response)
{
    const struct client_timing *timing = &response->timing;

    write_key(json, "timing");
    if (timing->dns_us + timing->connect_us + timing->first_byte_us == 0) {
        write_null(json);
        return;
    }
    write_object(json);
    write_part(json, "dns_ms", timing->dns_us);
    write_part(json, "connect_ms", timing->connect_us);
    write_part(json, "tls_ms", timing->tls_us);
    write_part(json, "first_byte_ms", timing->first_byte_us);
    write_part(json, "total_ms", response->duration_us);
    write_object_end(json);
}

void record_request(struct buf *out, const struct redact *redact,
                    const struct client_request *request,
                    const struct client_response *response)
{
    struct write json;
    size_t before = out->len;

    /* The first ones are kept, without a gap. */
    if (out->full)
        return;
    if (before > 0)
        buf_add_char(out, ',');
    write_init(&json, out);
    write_object(&json);
    write_member_string(&json, "method", request->method);
    write_key(&json, "url");
    write_redacted(&json, redact, request->url, RECORD_BODY_BYTES);
    write_headers(&json, redact, request->headers, request->n_headers);
    write_body(&json, redact, request->body);
    write_response(&json, redact, response);
    write_key(&json, "duration_ms");
    write_ms(&json, response->duration_us);
    record_timing(&json, response);
    if (response->n_sent > 1)
        write_member_i64(&json, "sends", response->n_sent);
    write_key(&json, "error");
    if (response->transport == TRANSPORT_OK)
        write_null(&json);
    else
        write_redacted(&json, redact, bytes_str(response->error), RECORD_BODY_BYTES);
    /* The word that a search by status: looks for. */
    if (response->transport != TRANSPORT_OK)
        write_member_text(&json, "cause", outcome_transport_text(response->transport));
    write_object_end(&json);
    /* Half an object would spoil those before it. */
    if (out->full) {
        out->len = before;
        out->ptr[before] = '\0';
    }
}

static void write_error(struct write *json, const struct redact *redact,
                        const struct record_attempt *attempt)
{
    write_key(json, "error");
    if (attempt->error_name == NULL) {
        write_null(json);
        return;
    }
    write_object(json);
    write_member_text(json, "name", attempt->error_name);
    write_key(json, "message");
    write_redacted(json, redact, bytes_str(attempt->error_message), RECORD_BODY_BYTES);
    if (attempt->thrown.len > 0)
        write_raw(json, attempt->thrown);
    write_object_end(json);
}

/* The function's return value, redacted as text: masks stand inside strings, so what was
 * JSON stays JSON. */
static void write_result(struct write *json, const struct redact *redact,
                         const struct pool_result *result)
{
    cleanup(buf_done) struct buf masked = {0};

    buf_init(&masked, RECORD_BYTES);
    write_key(json, "result");
    if (result->value.len > RECORD_BODY_BYTES ||
        redact_text(redact, result->value, &masked) != 0) {
        write_null(json);
        return;
    }
    write_raw(json, buf_bytes(&masked));
}

static void write_logs(struct write *json, const struct redact *redact,
                       const struct pool_result *result)
{
    write_key(json, "logs");
    write_array(json);
    for (size_t i = 0; i < result->n_logs; i++)
        write_redacted(json, redact, result->logs[i], POOL_LOG_LINE_BYTES);
    write_array_end(json);
}

void record_run(struct buf *out, const struct redact *redact,
                const struct pool_result *result)
{
    struct write json;

    write_init(&json, out);
    write_result(&json, redact, result);
    write_logs(&json, redact, result);
}

void record_throw(struct buf *out, const struct redact *redact,
                  const struct pool_result *result)
{
    struct write json;

    write_init(&json, out);
    if (result->line > 0)
        write_member_i64(&json, "line", result->line);
    if (result->error_note.len == 0)
        return;
    write_key(&json, "note");
    write_redacted(&json, redact, result->error_note, RECORD_BODY_BYTES);
}

static void write_batch(struct write *json, const struct record_batch *batch)
{
    if (batch == NULL)
        return;
    write_key(json, "batch");
    write_object(json);
    write_member_text(json, "id", batch->id);
    write_member_i64(json, "size", (int64_t)batch->size);
    write_member_i64(json, "index", (int64_t)batch->index);
    if (batch->recorded_with != NULL)
        write_member_text(json, "recorded_with", batch->recorded_with);
    write_object_end(json);
}

static void write_attempt(struct write *json, const struct redact *redact,
                          const struct record_attempt *attempt)
{
    const struct id id = {.kind = ID_ATTEMPT,
                          .time_ms = attempt->at_ms,
                          .extra = (uint16_t)attempt->number,
                          .row = attempt->delivery_row};
    char text[ID_TEXT_LEN];

    id_format(id, text);
    write_member_text(json, "id", text);
    write_member_time(json, "at", attempt->at_ms);
    write_key(json, "duration_ms");
    write_ms(json, attempt->duration_us);
    write_member_text(json, "outcome", record_outcome_text(attempt->outcome));
    write_error(json, redact, attempt);
    write_batch(json, attempt->batch);
}

bool record_attempt(struct buf *out, const struct redact *redact,
                    const struct record_attempt *attempt)
{
    struct write json;

    write_init(&json, out);
    write_object(&json);
    write_attempt(&json, redact, attempt);
    write_raw(&json, attempt->said.len > 0 ? attempt->said
                                           : BYTES("\"result\":null,\"logs\":[]"));
    write_key(&json, "requests");
    write_array(&json);
    if (attempt->requests.len > 0)
        write_raw(&json, attempt->requests);
    write_array_end(&json);
    write_object_end(&json);
    if (!out->full)
        return true;
    buf_clear(out);
    write_init(&json, out);
    write_object(&json);
    write_attempt(&json, redact, attempt);
    write_member_bool(&json, "truncated", true);
    write_object_end(&json);
    return false;
}
