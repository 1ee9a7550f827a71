/* SPDX-License-Identifier: MIT */

#include "emulator/faults/faults_command.h"

#include "base/shell_word.h"
#include "base/time_text.h"
#include "json/json.h"

enum { BODY_BYTES = 1 << 17, SECOND_MS = 1000 };

static bool is(const struct json *fault, const char *key, const char *value)
{
    return bytes_eq(json_string(json_get(fault, key)), bytes_str(value));
}

static void add_text(const struct json *fault, const char *key, const char *flag,
                     struct buf *out)
{
    const struct bytes value = json_string(json_get(fault, key));

    if (value.len == 0)
        return;
    buf_addf(out, " --%s ", flag);
    shell_word(value, out);
}

static void add_number(const struct json *fault, const char *key, const char *flag,
                       struct buf *out)
{
    const struct json *value = json_get(fault, key);

    if (json_kind(value) == JSON_INTEGER)
        buf_addf(out, " --%s %lld", flag, (long long)json_i64(value));
}

static void add_duration(int64_t duration_ms, struct buf *out)
{
    char text[TIME_TEXT_LEN + 1];

    time_text_format_duration(duration_ms, text);
    buf_add_text(out, text);
}

static void add_delay(const struct json *fault, struct buf *out)
{
    const struct json *delay = json_get(fault, "delay_ms");
    const bool is_range = json_kind(delay) == JSON_ARRAY;

    if (delay == NULL)
        return;
    buf_add_text(out, " --delay ");
    add_duration(json_i64(is_range ? json_at(delay, 0) : delay), out);
    if (!is_range)
        return;
    buf_add_text(out, "..");
    add_duration(json_i64(json_at(delay, 1)), out);
}

/* A text that is not JSON itself goes as it is; all else as JSON. */
static void add_body(const struct json *fault, struct buf *out)
{
    const struct json *body = json_get(fault, "body");
    cleanup(buf_done) struct buf text = {0};

    if (body == NULL)
        return;
    buf_init(&text, BODY_BYTES);
    json_print(body, /* indented= */ false, &text);
    buf_add_text(out, " --body ");
    shell_word(buf_bytes(&text), out);
}

void faults_command_span(const struct json *fault, int64_t now_ms, struct buf *ret_span)
{
    const struct bytes span = json_string(json_get(fault, "for"));
    int64_t until_ms;

    if (span.len > 0)
        buf_add(ret_span, span);
    else if (time_text_parse(json_string(json_get(fault, "until")), &until_ms) &&
             until_ms > now_ms)
        add_duration((until_ms - now_ms + SECOND_MS - 1) / SECOND_MS * SECOND_MS,
                     ret_span);
}

int64_t faults_command_times(const struct json *fault)
{
    const int64_t times = json_i64(json_get(fault, "times"));
    const int64_t left = times - json_i64(json_get(fault, "fired"));

    return left > 0 ? left : 0;
}

static void add_end(const struct json *fault, int64_t now_ms, struct buf *out)
{
    cleanup(buf_done) struct buf span = {0};

    buf_init(&span, TIME_TEXT_LEN * 4);
    faults_command_span(fault, now_ms, &span);
    if (span.len > 0) {
        buf_add_text(out, " --for ");
        shell_word(buf_bytes(&span), out);
    }
    if (faults_command_times(fault) > 0)
        buf_addf(out, " --times %lld", (long long)faults_command_times(fault));
}

void faults_command(const struct json *fault, int64_t now_ms, struct buf *ret_command)
{
    const bool has_status = json_get(fault, "status") != NULL;

    buf_add_text(ret_command, "partnerapp emulator fault set ");
    shell_word(json_string(json_get(fault, "where")), ret_command);
    /* The flags --status and --delay say it by themselves. */
    if (!(is(fault, "what", "status") && has_status) &&
        !(is(fault, "what", "delay") && !has_status))
        add_text(fault, "what", "what", ret_command);
    add_number(fault, "status", "status", ret_command);
    add_number(fault, "code", "code", ret_command);
    add_body(fault, ret_command);
    add_delay(fault, ret_command);
    add_number(fault, "after_bytes", "after-bytes", ret_command);
    if (json_i64(json_get(fault, "percent")) != 100)
        add_number(fault, "percent", "percent", ret_command);
    add_end(fault, now_ms, ret_command);
    add_text(fault, "method", "method", ret_command);
    add_text(fault, "path", "path", ret_command);
}
