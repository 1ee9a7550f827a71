/* SPDX-License-Identifier: MIT */

/* audit list: what was done by whom. */

#include "base/err.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/columns.h"
#include "cli/commands.h"
#include "json/json.h"

enum { TEXT_MAX = 8 << 20, PATH_BYTES = 512 };

static void print_rows(const struct call *call, const struct json *json)
{
    const struct json *rows = json_get(json, "data");
    struct columns columns;

    columns_init(&columns, "WHEN WHO ROLE WHAT SUBJECT FROM STATUS");
    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json *row = json_at(rows, i);

        columns_add(&columns, json_string(json_get(row, "at")));
        columns_add(&columns, json_string(json_get(row, "actor")));
        columns_add(&columns, json_string(json_get(row, "role")));
        columns_add(&columns, json_string(json_get(row, "action")));
        columns_add(&columns, json_string(json_get(row, "subject")));
        columns_add(&columns, json_string(json_get(row, "peer")));
        if (json_kind(json_get(row, "status")) == JSON_INTEGER)
            columns_add_i64(&columns, json_i64(json_get(row, "status")));
        else
            columns_add_text(&columns, "");
    }
    if (columns_has_rows(&columns))
        columns_print(&columns, &call->out);
    else
        call_say(call, "Nothing was done yet");
    columns_done(&columns);
    if (json_kind(json_get(json, "next")) == JSON_STRING)
        call_hint(call, "older: partnerapp audit list --after %.*s",
                  BYTES_FMT(json_string(json_get(json, "next"))));
}

int audit_list_run(struct call *call, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    cleanup(buf_done) struct buf path = {0};
    cleanup(buf_done) struct buf text = {0};
    const char *after = call_given(call, "after");
    struct api api;

    buf_init(&path, PATH_BYTES);
    buf_init(&text, TEXT_MAX);
    buf_addf(&path, "/api/v1/audit?limit=%lld", (long long)call_number(call, "limit"));
    if (after != NULL)
        api_add_query(&path, "after", bytes_str(after));
    if (api_open(&api, call, err) < 0 ||
        api_call_text(&api, "GET", buf_text(&path), BYTES(""), &text, err) < 0 ||
        json_parse(buf_bytes(&text), &json, err) < 0)
        return -1;
    if (call->wants_json)
        print_record(&call->out, bytes_trim(buf_bytes(&text)));
    else
        print_rows(call, json);
    return 0;
}
