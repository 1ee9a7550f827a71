/* SPDX-License-Identifier: MIT */

/* install list and get, and what the other verbs share with them. */

#include "cli/install.h"

#include <stdio.h>

#include "base/err.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/columns.h"
#include "cli/commands.h"
#include "json/json.h"

#define INSTALLS "/api/v1/installs"

int install_number(const char *text, int64_t *ret_number, struct err *err)
{
    struct bytes rest = bytes_str(text);
    const struct bytes prefix = BYTES("installs/");

    if (bytes_starts(rest, prefix))
        rest = bytes_slice(rest, prefix.len, rest.len);
    if (bytes_to_i64(rest, ret_number) && *ret_number > 0)
        return 0;
    err_code(err, "PA7003", ERR_USAGE,
             "an install is a number, as in installs/7; not `%s`", text);
    return err_help(err, "partnerapp install list");
}

void install_path(int64_t number, const char *verb, struct buf *ret_path)
{
    buf_init(ret_path, INSTALL_PATH_BYTES);
    buf_addf(ret_path, INSTALLS "/%lld%s", (long long)number, verb);
}

int64_t install_number_of(const struct json *row)
{
    struct bytes name = json_string(json_get(row, "install"));
    int64_t number = 0;

    if (bytes_starts(name, BYTES("installs/")))
        name = bytes_slice(name, 9, name.len);
    if (name.len > 0 && bytes_to_i64(name, &number))
        return number;
    return json_i64(json_get(row, "install"));
}

struct bytes install_text(const struct json *row, const char *member)
{
    return json_string(json_get(row, member));
}

int install_only(const struct api *api, int64_t *ret_number, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    const struct json *rows;

    if (api_call(api, "GET", INSTALLS, BYTES(""), &json, err) < 0)
        return -1;
    rows = json_get(json, "data");
    if (json_count(rows) == 0) {
        err_code(err, "PA5028", ERR_NOT_FOUND, "nobody has installed the app yet");
        return err_help(err, "partnerapp install start, or --token-file FILE");
    }
    if (json_count(rows) > 1) {
        err_code(err, "PA5029", ERR_USAGE, "there are several installs: which one?");
        return err_help(err, "--install N; partnerapp install list");
    }
    *ret_number = install_number_of(json_at(rows, 0));
    return 0;
}

int install_ask(const struct call *call, const char *method, const char *verb,
                struct bytes body, struct buf *ret_text, struct err *err)
{
    cleanup(buf_done) struct buf path = {0};
    struct api api;
    int64_t number;

    if (install_number(call_arg(call, 0), &number, err) < 0 ||
        api_open(&api, call, err) < 0)
        return -1;
    install_path(number, verb, &path);
    return api_call_text(&api, method, buf_text(&path), body, ret_text, err);
}

/* --- list --------------------------------------------------------------------------- */

static void add_name(struct columns *columns, const struct json *row)
{
    char name[32];

    snprintf(name, sizeof(name), "installs/%lld", (long long)install_number_of(row));
    columns_add_text(columns, name);
}

static void print_list(const struct call *call, const struct json *json)
{
    const struct json *rows = json_get(json, "data");
    struct columns columns;

    columns_init(&columns, "INSTALL STATE SOURCE DESTINATION SCOPE TOKEN_EXPIRES FAULT");
    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json *row = json_at(rows, i);
        struct bytes source = install_text(row, "source");
        struct bytes destination = install_text(row, "destination");
        struct bytes slash = BYTES("/destinations/");
        size_t at = bytes_find(destination, slash);

        add_name(&columns, row);
        columns_add(&columns, install_text(row, "state"));
        columns_add(&columns, source.len > 0 ? source : install_text(row, "workspace"));
        columns_add(&columns,
                    at < destination.len
                        ? bytes_slice(destination, at + slash.len, destination.len)
                        : destination);
        columns_add(&columns, install_text(row, "scope"));
        columns_add(&columns, install_text(row, "token_expires_at"));
        columns_add(&columns, install_text(row, "fault"));
    }
    if (columns_has_rows(&columns))
        columns_print(&columns, &call->out);
    else
        call_say(call, "No installs yet: partnerapp install start");
    columns_done(&columns);
}

int install_list_run(struct call *call, struct err *err)
{
    cleanup(buf_done) struct buf text = {0};
    cleanup(json_freep) struct json *json = NULL;
    struct api api;

    buf_init(&text, INSTALL_TEXT_BYTES);
    if (api_open(&api, call, err) < 0 ||
        api_call_text(&api, "GET", INSTALLS, BYTES(""), &text, err) < 0)
        return -1;
    if (call->wants_json) {
        print_record(&call->out, bytes_trim(buf_bytes(&text)));
        return 0;
    }
    if (json_parse(buf_bytes(&text), &json, err) < 0)
        return -1;
    print_list(call, json);
    return 0;
}

/* --- one ---------------------------------------------------------------------------- */

static void add_value(const struct json *value, struct buf *ret_text)
{
    cleanup(buf_done) struct buf raw = {0};

    buf_init(&raw, INSTALL_TEXT_BYTES);
    if (json_kind(value) == JSON_STRING)
        buf_add(&raw, json_string(value));
    else if (json_kind(value) == JSON_NULL || json_kind(value) == JSON_MISSING)
        buf_add_text(&raw, "-");
    else
        json_print(value, /* indented= */ false, &raw);
    print_clean(buf_bytes(&raw), ret_text);
}

void install_print(const struct call *call, const struct json *row)
{
    void *cursor = NULL;
    const char *key;
    const struct json *value;

    while (json_next(row, &cursor, &key, &value)) {
        cleanup(buf_done) struct buf text = {0};

        buf_init(&text, INSTALL_TEXT_BYTES);
        add_value(value, &text);
        print_text(&call->out, "  %-16s %s\n", key, buf_text(&text));
    }
}

bool install_print_drift(const struct call *call, const struct json *answer)
{
    const struct json *drift = json_get(answer, "drift");

    for (size_t i = 0; i < json_count(drift); i++) {
        const struct json *one = json_at(drift, i);
        cleanup(buf_done) struct buf is = {0};
        cleanup(buf_done) struct buf should = {0};
        cleanup(buf_done) struct buf name = {0};

        buf_init(&is, INSTALL_TEXT_BYTES);
        buf_init(&should, INSTALL_TEXT_BYTES);
        buf_init(&name, INSTALL_TEXT_BYTES);
        add_value(json_get(one, "is"), &is);
        add_value(json_get(one, "should"), &should);
        add_value(json_get(one, "setting"), &name);
        print_text(&call->out, "  %-16s is %s, should be %s\n", buf_text(&name),
                   buf_text(&is), buf_text(&should));
    }
    return json_count(drift) > 0;
}

int install_get_run(struct call *call, struct err *err)
{
    cleanup(buf_done) struct buf text = {0};
    cleanup(json_freep) struct json *json = NULL;

    buf_init(&text, INSTALL_TEXT_BYTES);
    if (install_ask(call, "GET", "", BYTES(""), &text, err) < 0)
        return -1;
    if (call->wants_json) {
        print_record(&call->out, bytes_trim(buf_bytes(&text)));
        return 0;
    }
    if (json_parse(buf_bytes(&text), &json, err) < 0)
        return -1;
    install_print(call, json);
    return 0;
}
