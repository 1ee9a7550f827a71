/* SPDX-License-Identifier: MIT */

#include "emulator/pages/attempt_list.h"

#include <stdio.h>

#include "base/html.h"
#include "emulator/pages/duration.h"
#include "emulator/pages/partner_event.h"
#include "emulator/pages/pretty.h"
#include "json/json.h"

enum { TEXT_BYTES = 16 << 20, TIME_OF_DAY_AT = 11, TIME_OF_DAY_LEN = 12 };

static struct bytes text_of(const struct json *object, const char *key)
{
    return json_string(json_get(object, key));
}

static void show_json(struct buf *out, const struct json *json)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, TEXT_BYTES);
    json_print(json, /* indented= */ true, &text);
    pretty_show(out, buf_bytes(&text));
}

static void show_side(struct buf *out, const char *title, const struct json *headers,
                      struct bytes body)
{
    html_addf(out, "<section><h4>%s</h4>\n", title);
    show_json(out, headers);
    if (body.len > 0)
        pretty_show(out, body);
    html_add(out, "</section>\n");
}

static void show_call(struct buf *out, const struct json *call)
{
    const struct bytes method = text_of(call, "method"), url = text_of(call, "url");
    const struct bytes error = text_of(call, "error");
    const int status = (int)json_i64(json_get(call, "status"));
    char title[64];

    html_addf(out, "<p class=\"mono\"><strong>%b</strong> <bdi>%b</bdi></p>\n", &method,
              &url);
    html_add(out, "<div class=\"columns\">");
    show_side(out, "Request to destination", json_get(call, "headers"),
              text_of(call, "body"));
    snprintf(title, sizeof(title), "Response from destination: %d", status);
    if (status > 0)
        show_side(out, title, json_get(call, "response_headers"),
                  text_of(call, "response_body"));
    else
        html_addf(out,
                  "<section><h4>No response</h4><p class=\"is-error\"><bdi>%b</bdi></p>"
                  "</section>\n",
                  &error);
    html_add(out, "</div>\n");
    if (partner_event_show(out, call))
        html_add(out, " <span class=\"hint\">the event at partnerapp</span>\n");
}

/* What a function gave back, and what it has logged. */
static void show_run(struct buf *out, const struct json *attempt)
{
    const struct json *logs = json_get(attempt, "logs");
    const struct json *error = json_get(attempt, "error");

    if (json_kind(error) > JSON_NULL)
        show_json(out, error);
    for (size_t i = 0; i < json_count(logs); i++) {
        const struct bytes line = json_string(json_at(logs, i));

        html_addf(out, "<pre>%b</pre>\n", &line);
    }
}

static void show_attempt(struct buf *out, const struct json *attempt, size_t number)
{
    const struct bytes at = text_of(attempt, "at"), code = text_of(attempt, "code");
    const struct bytes time = bytes_slice(at, TIME_OF_DAY_AT, TIME_OF_DAY_LEN);
    const struct bytes message = text_of(attempt, "message");
    const struct json *calls = json_get(attempt, "calls");

    html_addf(out,
              "<h3>Attempt %d <span class=\"muted\"><time datetime=\"%b\">%b</time> · ",
              (int)number, &at, &time);
    duration_show(out, (int64_t)(1000 * json_double(json_get(attempt, "duration_ms"))));
    html_addf(out, "</span></h3>\n<p><strong><bdi>%b</bdi></strong> <bdi>%b</bdi></p>\n",
              &code, &message);
    for (size_t i = 0; i < json_count(calls); i++)
        show_call(out, json_at(calls, i));
    show_run(out, attempt);
}

void attempt_list_show(struct buf *out, const struct json *attempts)
{
    for (size_t i = 0; i < json_count(attempts); i++)
        show_attempt(out, json_at(attempts, i), i + 1);
}
