/* SPDX-License-Identifier: MIT */

/* user: who may use the console. All of it is the admin API's; names become ids here. */

#include <stdio.h>

#include "base/err.h"
#include "base/secret.h"
#include "cli/api.h"
#include "cli/ask.h"
#include "cli/call.h"
#include "cli/columns.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "json/json.h"
#include "json/write.h"

enum { TEXT_MAX = 4 << 20, BODY_MAX = 1 << 14, PATH_BYTES = 256, PASSWORD_MAX = 4096 };

struct user_text { /* an answer, and where it was read from */
    struct buf text;
    struct json *json;
};

static void answer_done(struct user_text *answer)
{
    json_free(answer->json);
    if (answer->text.ptr != NULL)
        secret_wipe(answer->text.ptr, answer->text.len);
    buf_done(&answer->text);
}

static int ask(const struct call *call, const char *method, const char *path,
               struct bytes body, struct user_text *ret_answer, struct err *err)
{
    struct api api;

    buf_init(&ret_answer->text, TEXT_MAX);
    if (api_open(&api, call, err) < 0 ||
        api_call_text(&api, method, path, body, &ret_answer->text, err) < 0)
        return -1;
    return json_parse(buf_bytes(&ret_answer->text), &ret_answer->json, err);
}

/* "/api/v1/users/usr_…" of the user whose name is the first argument. */
static int find_path(const struct call *call, char ret_path[PATH_BYTES], struct err *err)
{
    const struct bytes name = bytes_str(call_arg(call, 0));
    cleanup(answer_done) struct user_text answer = {0};
    const struct json *rows;

    if (ask(call, "GET", "/api/v1/users", BYTES(""), &answer, err) < 0)
        return -1;
    rows = json_get(answer.json, "data");
    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json *row = json_at(rows, i);
        const struct bytes id = json_string(json_get(row, "id"));

        if (!bytes_eq_nocase(json_string(json_get(row, "name")), name))
            continue;
        snprintf(ret_path, PATH_BYTES, "/api/v1/users/%.*s", BYTES_FMT(id));
        return 0;
    }
    return err_code(err, "PA7005", ERR_NOT_FOUND, "there is no user `%.*s`",
                    BYTES_FMT(name));
}

/* Adds a member when --password-stdin was given. */
static int add_password(const struct call *call, struct write *json, struct err *err)
{
    cleanup(buf_done) struct buf password = {0};
    int answer;

    if (!call_has(call, "password-stdin"))
        return 0;
    buf_init(&password, PASSWORD_MAX);
    answer = input_read_secret("-", "password-stdin", &password, err);
    if (answer == 0)
        write_member_string(json, "password", buf_bytes(&password));
    if (password.ptr != NULL)
        secret_wipe(password.ptr, password.len);
    return answer;
}

static int send_change(const struct call *call, const char *method, const char *path,
                       struct user_text *ret_answer, struct err *err)
{
    cleanup(buf_done) struct buf body = {0};
    const char *role = call->n_args == 2 ? call_arg(call, 1) : NULL;
    struct write json;
    int answer = -1;

    buf_init(&body, BODY_MAX);
    write_init(&json, &body);
    write_object(&json);
    if (strcmp(method, "POST") == 0) {
        write_member_text(&json, "name", call_arg(call, 0));
        role = call_text(call, "role");
    }
    if (role != NULL)
        write_member_text(&json, "role", role);
    if (add_password(call, &json, err) == 0) {
        write_object_end(&json);
        answer = ask(call, method, path, buf_bytes(&body), ret_answer, err);
    }
    if (body.ptr != NULL)
        secret_wipe(body.ptr, body.len);
    return answer;
}

/* The link alone on stdout, so that a script can take it. */
static void print_link(const struct call *call, const struct json *invitation)
{
    print_text(&call->out, "%.*s\n", BYTES_FMT(json_string(json_get(invitation, "url"))));
    call_say(call, "For %s; opens once, until %.*s", call_arg(call, 0),
             BYTES_FMT(json_string(json_get(invitation, "expires_at"))));
}

static void print_answer(const struct call *call, const struct user_text *answer,
                         const char *done)
{
    const struct json *invitation = json_get(answer->json, "invitation");

    if (call->wants_json)
        print_record(&call->out, bytes_trim(buf_bytes(&answer->text)));
    else if (json_kind(invitation) == JSON_OBJECT)
        print_link(call, invitation);
    else
        call_say(call, "%s: %s", call_arg(call, 0), done);
}

int user_add_run(struct call *call, struct err *err)
{
    cleanup(answer_done) struct user_text answer = {0};

    if (send_change(call, "POST", "/api/v1/users", &answer, err) < 0)
        return -1;
    print_answer(call, &answer, "added, with that password");
    return 0;
}

int user_role_run(struct call *call, struct err *err)
{
    cleanup(answer_done) struct user_text answer = {0};
    char path[PATH_BYTES];

    if (find_path(call, path, err) < 0 ||
        send_change(call, "PATCH", path, &answer, err) < 0)
        return -1;
    print_answer(call, &answer, call_arg(call, 1));
    return 0;
}

static int set_password(const struct call *call, const char *path, struct err *err)
{
    cleanup(answer_done) struct user_text answer = {0};

    if (send_change(call, "PATCH", path, &answer, err) < 0)
        return -1;
    print_answer(call, &answer, "has that password now, and is signed out everywhere");
    return 0;
}

int user_password_run(struct call *call, struct err *err)
{
    cleanup(answer_done) struct user_text answer = {0};
    char path[PATH_BYTES];
    char link_path[PATH_BYTES + 16];

    if (find_path(call, path, err) < 0)
        return -1;
    if (call_has(call, "password-stdin"))
        return set_password(call, path, err);
    snprintf(link_path, sizeof(link_path), "%s/invitation", path);
    if (ask(call, "POST", link_path, BYTES(""), &answer, err) < 0)
        return -1;
    if (call->wants_json)
        print_record(&call->out, bytes_trim(buf_bytes(&answer.text)));
    else
        print_link(call, answer.json);
    return 0;
}

int user_remove_run(struct call *call, struct err *err)
{
    cleanup(answer_done) struct user_text answer = {0};
    char path[PATH_BYTES];
    char question[160];
    int consent;

    if (find_path(call, path, err) < 0)
        return -1;
    snprintf(question, sizeof(question), "Remove %s, and end all sessions?",
             call_arg(call, 0));
    consent = ask_yes(call, question, err);
    if (consent != 0)
        return consent < 0 ? -1 : 0;
    if (ask(call, "DELETE", path, BYTES(""), &answer, err) < 0)
        return -1;
    print_answer(call, &answer, "removed");
    return 0;
}

int user_list_run(struct call *call, struct err *err)
{
    cleanup(answer_done) struct user_text answer = {0};
    const struct json *rows;
    struct columns columns;

    if (ask(call, "GET", "/api/v1/users", BYTES(""), &answer, err) < 0)
        return -1;
    if (call->wants_json) {
        print_record(&call->out, bytes_trim(buf_bytes(&answer.text)));
        return 0;
    }
    rows = json_get(answer.json, "data");
    columns_init(&columns, "NAME ROLE PASSWORD CREATED");
    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json *row = json_at(rows, i);

        columns_add(&columns, json_string(json_get(row, "name")));
        columns_add(&columns, json_string(json_get(row, "role")));
        columns_add_text(&columns,
                         json_bool(json_get(row, "has_password")) ? "set" : "not yet");
        columns_add(&columns, json_string(json_get(row, "created_at")));
    }
    if (columns_has_rows(&columns))
        columns_print(&columns, &call->out);
    else
        call_say(call, "None yet: partnerapp user add NAME --role admin");
    columns_done(&columns);
    return 0;
}
