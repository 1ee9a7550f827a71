/* SPDX-License-Identifier: MIT */

/* keys and token: what customers send and what operators show. */

#include "base/err.h"
#include "base/secret.h"
#include "cli/access.h"
#include "cli/call.h"
#include "cli/columns.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "json/json.h"

enum { VALUE_MAX = 4096, JSON_BYTES = 16 << 20, LIST_BYTES = 4096 };

/* With --json the answer itself; else the secret alone, so that a script can take it. */
static int print_created(const struct call *call, struct bytes text, const char *member,
                         struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;

    if (call->wants_json) {
        print_record(&call->out, bytes_trim(text));
        return 0;
    }
    if (json_parse(text, &json, err) < 0)
        return -1;
    print_text(&call->out, "%.*s\n", BYTES_FMT(json_string(json_get(json, member))));
    call_say(call, "%.*s; shown only now, keep it safe",
             BYTES_FMT(json_string(json_get(json, "id"))));
    return 0;
}

static int create(const struct call *call, enum access_kind kind,
                  const struct access_new *wanted, struct err *err)
{
    struct buf json;
    int answer;

    buf_init(&json, JSON_BYTES);
    answer = access_create(call, kind, wanted, &json, err);
    if (answer == 0)
        answer = print_created(call, buf_bytes(&json),
                               kind == ACCESS_KEYS ? "key" : "token", err);
    secret_wipe(json.ptr, json.len);
    buf_done(&json);
    return answer;
}

int keys_create_run(struct call *call, struct err *err)
{
    struct access_new wanted = {.name = call_text(call, "name")};
    const char *file = call_given(call, "value-file");
    struct buf value;
    struct buf subscriptions;
    int answer = 0;

    buf_init(&value, VALUE_MAX);
    buf_init(&subscriptions, LIST_BYTES);
    if (file != NULL)
        answer = input_read_secret(file, "value-file", &value, err);
    for (size_t i = 0; i < call->n_values; i++) {
        if (strcmp(call->values[i].flag->name, "subscription") == 0)
            buf_addf(&subscriptions, "%s%s", subscriptions.len > 0 ? "," : "",
                     call->values[i].text);
    }
    wanted.value = buf_bytes(&value);
    wanted.subscriptions = buf_bytes(&subscriptions);
    if (answer == 0)
        answer = create(call, ACCESS_KEYS, &wanted, err);
    secret_wipe(value.ptr, value.len);
    buf_done(&value);
    buf_done(&subscriptions);
    return answer;
}

int token_create_run(struct call *call, struct err *err)
{
    struct access_new wanted = {.name = call_text(call, "name"),
                                .role = call_text(call, "role")};

    return create(call, ACCESS_TOKENS, &wanted, err);
}

static void add_scope(struct columns *columns, enum access_kind kind,
                      const struct json *row)
{
    const struct json *subscriptions = json_get(row, "subscriptions");
    struct buf text;

    if (kind == ACCESS_TOKENS) {
        columns_add(columns, json_string(json_get(row, "role")));
        return;
    }
    buf_init(&text, LIST_BYTES);
    for (size_t i = 0; i < json_count(subscriptions); i++)
        buf_addf(&text, "%s%.*s", i > 0 ? "," : "",
                 BYTES_FMT(json_string(json_at(subscriptions, i))));
    columns_add(columns, text.len > 0 ? buf_bytes(&text) : BYTES("all"));
    buf_done(&text);
}

static int print_list(const struct call *call, enum access_kind kind, struct bytes text,
                      struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    const struct json *rows;
    struct columns columns;

    if (json_parse(text, &json, err) < 0)
        return -1;
    rows = json_get(json, "data");
    columns_init(&columns, kind == ACCESS_KEYS ? "ID NAME SUBSCRIPTIONS CREATED REVOKED"
                                               : "ID NAME ROLE CREATED REVOKED");
    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json *row = json_at(rows, i);

        columns_add(&columns, json_string(json_get(row, "id")));
        columns_add(&columns, json_string(json_get(row, "name")));
        add_scope(&columns, kind, row);
        columns_add(&columns, json_string(json_get(row, "created_at")));
        columns_add(&columns, json_string(json_get(row, "revoked_at")));
    }
    if (columns_has_rows(&columns))
        columns_print(&columns, &call->out);
    else
        call_say(call, "None yet: partnerapp %s create",
                 kind == ACCESS_KEYS ? "keys" : "token");
    columns_done(&columns);
    return 0;
}

static int list(const struct call *call, enum access_kind kind, struct err *err)
{
    struct buf json;
    int answer;

    buf_init(&json, JSON_BYTES);
    answer = access_list(call, kind, &json, err);
    if (answer == 0 && call->wants_json)
        print_record(&call->out, bytes_trim(buf_bytes(&json)));
    else if (answer == 0)
        answer = print_list(call, kind, buf_bytes(&json), err);
    buf_done(&json);
    return answer;
}

static int revoke(const struct call *call, enum access_kind kind, struct err *err)
{
    cleanup(buf_done) struct buf id = {0};

    buf_init(&id, LIST_BYTES);
    if (access_revoke(call, kind, call_arg(call, 0), &id, err) < 0)
        return -1;
    if (call->wants_json)
        print_text(&call->out, "{\"id\":\"%s\",\"revoked\":true}\n", buf_text(&id));
    else
        call_say(call, "Revoked %s", buf_text(&id));
    return 0;
}

int keys_list_run(struct call *call, struct err *err)
{
    return list(call, ACCESS_KEYS, err);
}

int keys_revoke_run(struct call *call, struct err *err)
{
    return revoke(call, ACCESS_KEYS, err);
}

int token_list_run(struct call *call, struct err *err)
{
    return list(call, ACCESS_TOKENS, err);
}

int token_revoke_run(struct call *call, struct err *err)
{
    return revoke(call, ACCESS_TOKENS, err);
}
