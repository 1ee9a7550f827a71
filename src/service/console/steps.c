/* SPDX-License-Identifier: MIT */

#include "service/console/steps.h"

#include "core/redact.h"
#include "core/safe_parts.h"

static void write_request(struct write *json, const struct step *step)
{
    write_key(json, "request");
    if (step->method == NULL) {
        write_null(json);
        return;
    }
    write_object(json);
    write_member_text(json, "method", step->method);
    write_member_string(json, "url", step->url);
    write_key(json, "query");
    if (step->query.len > 0)
        safe_parts_form(json, step->query, step->redact);
    else
        write_null(json);
    write_key(json, "body");
    if (step->has_form)
        safe_parts_form(json, step->body, step->redact);
    else
        safe_parts_json(json, step->body, step->redact);
    write_object_end(json);
}

static void write_response(struct write *json, const struct step *step)
{
    write_key(json, "response");
    if (step->status == 0) {
        write_null(json);
        return;
    }
    write_object(json);
    write_member_i64(json, "status", step->status);
    write_key(json, "body");
    safe_parts_json(json, step->answer, step->redact);
    write_object_end(json);
}

static void write_step(struct write *json, const struct step *step)
{
    write_object(json);
    write_member_time(json, "at", step->at_ms);
    write_member_text(json, "step", step->name);
    write_key(json, "duration_ms");
    if (step->duration_us >= 0)
        write_double(json, (double)step->duration_us / 1000.0);
    else
        write_null(json);
    write_key(json, "status");
    if (step->status != 0)
        write_i64(json, step->status);
    else
        write_null(json);
    write_member_bool(json, "ok", step->is_ok);
    write_member_text(json, "summary", step->summary);
    write_request(json, step);
    write_response(json, step);
    write_object_end(json);
}

void steps_add(struct buf *lines, const struct step *step)
{
    const size_t before = lines->len;
    struct write json;

    if (lines->full)
        return;
    write_init(&json, lines);
    write_step(&json, step);
    buf_add_char(lines, '\n');
    if (lines->full && lines->ptr != NULL) {
        lines->len = before;
        lines->ptr[before] = '\0';
    }
}
