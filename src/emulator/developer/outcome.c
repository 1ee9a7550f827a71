/* SPDX-License-Identifier: MIT */

#include "emulator/developer/outcome.h"

#include "base/html.h"
#include "emulator/developer/test_event.h"
#include "emulator/pages/duration.h"
#include "emulator/pages/pretty.h"

enum { TEXT_BYTES = 1 << 20 };

/* --- banners ------------------------------------------------------------------------ */

static bool is_success(const struct attempt_result *result)
{
    return result->reading.class == RETRY_DELIVERED;
}

static void begin_banner(struct buf *out, const struct attempt_result *result)
{
    switch (result->reading.class) {
    case RETRY_DELIVERED:
        html_add(out, "<p class=\"note is-ok\" role=\"status\">✔ ");
        break;
    case RETRY_UNSUPPORTED:
        html_add(out, "<p class=\"note is-warn\" role=\"status\">▲ ");
        break;
    case RETRY_NONE:
    case RETRY_AGAIN:
    case RETRY_DISCARDED:
        html_add(out, "<p class=\"note is-error\" role=\"status\">✖ ");
        break;
    }
}

static void show_call_banner(struct buf *out, enum target_kind kind,
                             const struct attempt_result *result,
                             const struct attempt_call *call)
{
    begin_banner(out, result);
    if (call == NULL)
        html_addf(out, "Nothing was sent: %s", result->reading.code);
    else if (call->status == 0)
        html_addf(out, "No Response from Endpoint: %b", &call->trouble);
    else if (kind == TARGET_LAMBDA && !is_success(result))
        html_addf(out, "%s: %d in Response from Endpoint", result->reading.code,
                  call->status);
    else
        html_addf(out, "%d %s in Response from Endpoint", call->status,
                  is_success(result) ? "Success" : "Failure");
    html_add(out, "</p>\n");
}

static void show_message(struct buf *out, const struct attempt_result *result)
{
    if (result->message.len > 0 && !is_success(result))
        html_addf(out, "<p><bdi>%b</bdi></p>\n", &result->message);
}

/* --- one call ----------------------------------------------------------------------- */

static void show_request(struct buf *out, const struct attempt_call *call)
{
    html_addf(out, "<p class=\"mono\"><strong>%b</strong> <bdi>%b</bdi></p>\n",
              &call->method, &call->url);
    html_add(out, "<h4>Headers</h4>\n");
    pretty_show(out, call->headers);
    html_add(out, "<h4>Body</h4>\n");
    pretty_show(out, call->body);
}

static void show_response(struct buf *out, const struct attempt_call *call)
{
    cleanup(buf_done) struct buf text = {0};

    if (call->status == 0) {
        html_addf(out, "<p class=\"is-error\">No answer: <bdi>%b</bdi></p>\n",
                  &call->trouble);
        return;
    }
    buf_init(&text, TEXT_BYTES);
    test_event_print_response(call, &text);
    html_add(out, "<pre>");
    html_text(out, buf_bytes(&text));
    html_add(out, "</pre>\n");
}

static void show_call(struct buf *out, const struct attempt_call *call,
                      const char *request, const char *response)
{
    html_addf(out, "<div class=\"columns\"><section><h3>%s</h3>\n", request);
    show_request(out, call);
    html_addf(out, "</section><section><h3>%s <span class=\"muted\">", response);
    duration_show(out, call->duration_us);
    html_add(out, "</span></h3>\n");
    show_response(out, call);
    html_add(out, "</section></div>\n");
}

/* --- a function's run --------------------------------------------------------------- */

static void show_log(struct buf *out, const struct attempt_result *result)
{
    html_add(out, "<pre>");
    for (size_t i = 0; i < result->n_logs; i++)
        html_addf(out, "%b\n", &result->logs[i]);
    html_add(out, "</pre>\n");
    if (result->n_logs == 0)
        html_add(out, "<p class=\"hint\">Nothing was logged.</p>\n");
}

/* Of a lambda that was asked for it. */
static void show_tail(struct buf *out, const struct attempt_result *result)
{
    if (result->n_logs == 0)
        return;
    html_add(out, "<h3>Log Output</h3>\n");
    show_log(out, result);
}

static void show_run(struct buf *out, const struct attempt_result *result)
{
    html_add(out, "<div class=\"columns\"><section><h3>Callback Return</h3>\n");
    if (result->error.len > 0)
        pretty_show(out, result->error);
    else
        pretty_show(out, result->returned.len > 0 ? result->returned : BYTES("null"));
    html_add(out, "</section><section><h3>Log Output</h3>\n");
    show_log(out, result);
    html_add(out, "</section></div>\n");
    for (size_t i = 0; i < result->n_calls; i++)
        show_call(out, &result->calls[i], "Request of the function", "Response");
}

static void show_run_banner(struct buf *out, const struct attempt_result *result)
{
    begin_banner(out, result);
    if (is_success(result))
        html_add(out, "Successfully executed Function");
    else
        html_addf(out, "Function failed: %s", result->reading.code);
    html_add(out, "</p>\n");
}

/* --- the two pages ------------------------------------------------------------------ */

void outcome_show_test(struct buf *out, enum target_kind kind,
                       const struct attempt_result *result)
{
    /* Of a lambda the Invoke, which comes last (dossier §5.3). */
    const size_t told =
        kind == TARGET_LAMBDA && result->n_calls > 0 ? result->n_calls - 1 : 0;
    const struct attempt_call *call = result->n_calls > 0 ? &result->calls[told] : NULL;

    if (kind == TARGET_FUNCTION) {
        show_run_banner(out, result);
        show_message(out, result);
        show_run(out, result);
        return;
    }
    show_call_banner(out, kind, result, call);
    show_message(out, result);
    for (size_t i = 0; i < result->n_calls; i++)
        show_call(out, &result->calls[i], "Request from Segment",
                  "Response from Endpoint");
    show_tail(out, result);
}

void outcome_show_delivery(struct buf *out, const struct attempt_result *result)
{
    begin_banner(out, result);
    if (is_success(result))
        html_add(out, "Test event received by destination.");
    else
        html_addf(out, "The destination did not take the test event: %s",
                  result->reading.code);
    html_add(out, "</p>\n");
    show_message(out, result);
    html_addf(out, "<p>%d API call%s</p>\n", (int)result->n_calls,
              result->n_calls == 1 ? "" : "s");
    for (size_t i = 0; i < result->n_calls; i++) {
        if (result->n_calls > 1)
            html_addf(out, "<h3 class=\"muted\">%d / %d</h3>\n", (int)i + 1,
                      (int)result->n_calls);
        show_call(out, &result->calls[i], "Request", "Response");
    }
    if (result->n_calls == 0)
        show_run(out, result);
    else
        show_tail(out, result);
}
