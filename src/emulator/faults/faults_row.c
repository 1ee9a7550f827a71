/* SPDX-License-Identifier: MIT */

#include "emulator/faults/faults_row.h"

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/time_text.h"
#include "json/json.h"

enum { PATH_MAX_BYTES = 256, METHOD_MAX_BYTES = 16, BODY_MAX_BYTES = 65536 };
enum { TIMES_MAX = 1000000, SPAN_MAX_MS = 366 * 24 * 3600 };

const char *const fault_wheres[] = {"auth",   "token",    "refresh", "config",
                                    "public", "tracking", "sink",    NULL};

/* Where a kind of fault can happen; NULL: wherever an answer is given. */
static const struct {
    const char *text;
    const char *wheres;
} kinds[FAULT_N] = {
    [FAULT_NONE] = {"none", ""},
    [FAULT_STATUS] = {"status", "auth token refresh config public tracking sink"},
    [FAULT_DELAY] = {"delay", "auth token refresh config public tracking sink"},
    [FAULT_HANG] = {"hang", "auth token refresh config public tracking sink"},
    [FAULT_CLOSE] = {"close", "auth token refresh config public tracking sink"},
    [FAULT_CUT] = {"cut", "auth token refresh config public tracking"},
    [FAULT_CONTENT_TYPE] = {"content_type", "auth token refresh config public tracking"},
    [FAULT_BAD_JSON] = {"bad_json", "auth token refresh config public tracking"},
    [FAULT_CONTENT_LENGTH] = {"content_length",
                              "auth token refresh config public tracking"},
    [FAULT_REDIRECT_LOOP] = {"redirect_loop",
                             "auth token refresh config public tracking"},
    [FAULT_DUPLICATE] = {"duplicate", "sink"},
    [FAULT_REORDER] = {"reorder", "sink"},
    [FAULT_BATCH] = {"batch", "sink"},
    [FAULT_LARGE] = {"large", "sink"},
    [FAULT_LETTER_CASE] = {"letter_case", "sink"},
    [FAULT_TOKEN_EXPIRED] = {"token_expired", "config public"},
    [FAULT_TOKEN_REVOKED] = {"token_revoked", "config public"},
    [FAULT_TOKEN_SCOPE] = {"token_scope", "config public"},
    [FAULT_CODE_USED] = {"code_used", "token"},
    [FAULT_STATE_CHANGED] = {"state_changed", "auth"},
    [FAULT_RATE_LIMIT] = {"rate_limit", "refresh config public tracking"},
};

const char *fault_what_text(enum fault_what what)
{
    return kinds[what].text;
}

enum fault_what fault_what_of(struct bytes text)
{
    for (int i = FAULT_NONE + 1; i < FAULT_N; i++) {
        if (bytes_eq(bytes_str(kinds[i].text), text))
            return (enum fault_what)i;
    }
    return FAULT_NONE;
}

bool fault_fits(const char *where, enum fault_what what)
{
    struct bytes rest = bytes_str(kinds[what].wheres);

    while (rest.len > 0) {
        if (bytes_eq(bytes_take_until(&rest, ' '), bytes_str(where)))
            return true;
    }
    return false;
}

/* --- members ------------------------------------------------------------------------ */

static int read_where(const struct json *json, struct fault_row *row, struct err *err)
{
    const struct bytes where = json_string(json_get(json, "where"));

    row->where = NULL;
    for (size_t i = 0; fault_wheres[i] != NULL; i++) {
        if (bytes_eq(bytes_str(fault_wheres[i]), where))
            row->where = fault_wheres[i];
    }
    if (row->where == NULL)
        return err_set(err, "where is auth, token, refresh, config, public, tracking or "
                            "sink");
    row->what = fault_what_of(json_string(json_get(json, "what")));
    if (row->what == FAULT_NONE)
        return err_set(err, "what is status, delay, hang, close or another kind of "
                            "fault");
    if (!fault_fits(row->where, row->what))
        return err_set(err, "%s is nothing that happens to %s",
                       fault_what_text(row->what), row->where);
    return 0;
}

/* An integer between @min and @max; *ret_value stays when there is none. */
static int read_number(const struct json *json, const char *key, int64_t min, int64_t max,
                       int64_t *ret_value, struct err *err)
{
    const struct json *value = json_get(json, key);

    if (value == NULL)
        return 0;
    if (json_kind(value) != JSON_INTEGER || json_i64(value) < min ||
        json_i64(value) > max)
        return err_set(err, "%s is a whole number from %lld to %lld", key, (long long)min,
                       (long long)max);
    *ret_value = json_i64(value);
    return 0;
}

static int read_text(const struct json *json, const char *key, size_t max_len,
                     struct bytes *ret_text, struct err *err)
{
    const struct json *value = json_get(json, key);

    if (value == NULL)
        return 0;
    if (json_kind(value) != JSON_STRING || json_string(value).len > max_len)
        return err_set(err, "%s is a text of at most %zu bytes", key, max_len);
    *ret_text = json_string(value);
    return 0;
}

static bool is_wait(const struct json *value, int64_t *ret_ms)
{
    *ret_ms = json_i64(value);
    return json_kind(value) == JSON_INTEGER && *ret_ms >= 0 &&
           *ret_ms <= FAULT_ROW_DELAY_MAX_MS;
}

/* "delay_ms": 500, or [2000,6000]. */
static int read_delay(const struct json *json, struct fault_row *row, struct err *err)
{
    const struct json *value = json_get(json, "delay_ms");
    const bool is_range = json_kind(value) == JSON_ARRAY && json_count(value) == 2;

    if (value == NULL && row->what == FAULT_DELAY)
        return err_set(err, "a delay needs delay_ms");
    if (value == NULL)
        return 0;
    if (!is_wait(is_range ? json_at(value, 0) : value, &row->delay_min_ms) ||
        !is_wait(is_range ? json_at(value, 1) : value, &row->delay_max_ms) ||
        row->delay_max_ms < row->delay_min_ms)
        return err_set(err,
                       "delay_ms is milliseconds from 0 to %d, or [least, most]; to "
                       "never answer is \"hang\"",
                       FAULT_ROW_DELAY_MAX_MS);
    return 0;
}

/* "for", a duration, or "until", a time. */
static int read_end(const struct json *json, int64_t now_ms, struct fault_row *row,
                    struct err *err)
{
    const struct json *span = json_get(json, "for");
    const struct json *until = json_get(json, "until");
    int64_t span_ms = json_i64(span);

    if (span != NULL && json_kind(span) != JSON_INTEGER &&
        !time_text_parse_duration(json_string(span), &span_ms))
        return err_set(err, "for is a duration, such as \"20s\"");
    if (span != NULL && (span_ms <= 0 || span_ms > SPAN_MAX_MS * INT64_C(1000)))
        return err_set(err, "for is longer than nothing and at most a year");
    if (until != NULL && json_kind(until) != JSON_NULL &&
        (!time_text_parse(json_string(until), &row->until_ms) || row->until_ms <= now_ms))
        return err_set(err, "until is a time that has not been yet");
    if (span != NULL)
        row->until_ms = now_ms + span_ms;
    return 0;
}

static int read_numbers(const struct json *json, struct fault_row *row, struct err *err)
{
    int64_t status = row->status, code = row->code, percent = row->percent;

    if (read_number(json, "status", 200, 599, &status, err) < 0 ||
        read_number(json, "code", 0, 16, &code, err) < 0 ||
        read_number(json, "percent", 1, 100, &percent, err) < 0 ||
        read_number(json, "times", 1, TIMES_MAX, &row->times, err) < 0 ||
        read_number(json, "after_bytes", 0, BODY_MAX_BYTES, &row->after_bytes, err) < 0)
        return -1;
    row->status = (int)status;
    row->code = (int)code;
    row->percent = (int)percent;
    return 0;
}

/* A member that nobody reads is a slip: "percentage" would be a fault at 100 %. */
static int check_names(const struct json *json, struct err *err)
{
    static const char *const names[] = {
        "where",   "what", "method", "path",  "status",      "code", "body", "delay_ms",
        "percent", "for",  "until",  "times", "after_bytes", "id",   "fired"};
    const struct json *value;
    const char *key;
    void *cursor = NULL;

    while (json_next(json, &cursor, &key, &value)) {
        bool is_known = false;

        for (size_t i = 0; i < COUNT(names); i++)
            is_known = is_known || strcmp(names[i], key) == 0;
        if (!is_known)
            return err_set(err, "a fault has no member of that name: %.40s", key);
    }
    return 0;
}

int fault_row_read(const struct json *json, int64_t now_ms, int64_t forgotten_ms,
                   struct fault_row *ret_row, struct err *err)
{
    struct fault_row row = {.status = 503, .code = -1, .after_bytes = -1, .percent = 100};

    if (json_kind(json) != JSON_OBJECT)
        return err_set(err, "a fault is a JSON object");
    if (check_names(json, err) < 0 || read_where(json, &row, err) < 0 ||
        read_numbers(json, &row, err) < 0 || read_delay(json, &row, err) < 0 ||
        read_end(json, now_ms, &row, err) < 0 ||
        read_text(json, "method", METHOD_MAX_BYTES, &row.method, err) < 0 ||
        read_text(json, "path", PATH_MAX_BYTES, &row.path, err) < 0)
        return -1;
    row.body = json_get(json, "body");
    if (row.until_ms == 0 && row.times == 0)
        row.until_ms = now_ms + forgotten_ms;
    *ret_row = row;
    return 0;
}
