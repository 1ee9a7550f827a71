/* SPDX-License-Identifier: MIT */

#include "cli/fn_record.h"

#include <ctype.h>
#include <stdio.h>

#include "base/err.h"
#include "cli/call.h"
#include "core/redact.h"
#include "sys/disk.h"
#include "trial/fn_case.h"
#include "trial/fn_code.h"
#include "trial/fn_verdict.h"
#include "json/json.h"
#include "json/write.h"

enum { JSON_BYTES = 16 << 20, FILE_MODE = 0644, NAME_BYTES = 48 };

/* "apiKey", "API_KEY", "client-secret" …: letters alone tell. */
static bool is_secret_name(const char *name)
{
    static const char *const parts[] = {"key",      "token",  "secret",
                                        "password", "passwd", "credential",
                                        "private",  "auth",   "signature"};
    char letters[NAME_BYTES + 1];
    size_t n = 0;

    for (; *name != '\0' && n < NAME_BYTES; name++) {
        if (isalpha((unsigned char)*name))
            letters[n++] = (char)tolower((unsigned char)*name);
    }
    letters[n] = '\0';
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (strstr(letters, parts[i]) != NULL)
            return true;
    }
    return false;
}

void fn_record_mask(struct json *settings)
{
    cleanup(json_freep) struct json *masked = json_object();
    const struct json *value;
    const char *name;
    void *cursor = NULL;

    while (json_next(settings, &cursor, &name, &value)) {
        char mask[NAME_BYTES + 16];

        if (json_kind(value) != JSON_STRING || !is_secret_name(name))
            continue;
        snprintf(mask, sizeof(mask), "masked-%.*s", NAME_BYTES, name);
        json_set_string(masked, name, bytes_str(mask));
    }
    json_merge(settings, masked);
}

static void find_secrets(const struct json *settings, struct redact *redact)
{
    const struct json *value;
    const char *name;
    void *cursor = NULL;

    while (json_next(settings, &cursor, &name, &value)) {
        if (json_kind(value) == JSON_STRING && is_secret_name(name))
            redact_add(redact, json_string(value));
    }
}

static void write_node(struct write *write, const char *key, const struct json *node)
{
    cleanup(buf_done) struct buf text = {0};

    if (json_kind(node) == JSON_MISSING)
        return;
    buf_init(&text, JSON_BYTES);
    json_print(node, /* indented= */ false, &text);
    write_member_raw(write, key, buf_bytes(&text));
}

/* Of a request what the code decided; durations and default headers are not its doing. */
static void write_request(struct write *write, const struct json *request)
{
    const struct json *value;
    const char *name;
    void *cursor = NULL;

    write_object(write);
    write_node(write, "method", json_get(request, "method"));
    write_node(write, "url", json_get(request, "url"));
    write_key(write, "headers");
    write_object(write);
    while (json_next(json_get(request, "headers"), &cursor, &name, &value)) {
        if (redact_is_secret_header(bytes_str(name)))
            write_member_text(write, name, "••••");
        else
            write_member_string(write, name, json_string(value));
    }
    write_object_end(write);
    write_node(write, "body", json_get(request, "body"));
    write_object_end(write);
}

static void write_expect(struct write *write, const struct json *happened)
{
    const struct json *error = json_get(happened, "error");
    const struct json *requests = json_get(happened, "requests");

    write_key(write, "expect");
    write_object(write);
    write_node(write, "outcome", json_get(happened, "outcome"));
    write_key(write, "error");
    if (json_kind(error) == JSON_OBJECT) {
        write_object(write);
        write_node(write, "name", json_get(error, "name"));
        write_node(write, "message", json_get(error, "message"));
        write_object_end(write);
    } else {
        write_null(write);
    }
    write_node(write, "result", json_get(happened, "result"));
    write_key(write, "requests");
    write_array(write);
    for (size_t i = 0; i < json_count(requests); i++)
        write_request(write, json_at(requests, i));
    write_array_end(write);
    write_node(write, "logs", json_get(happened, "logs"));
    write_object_end(write);
}

/* What the endpoints said, so that the test needs no network. */
static void write_answers(struct write *write, const struct json *requests)
{
    write_key(write, "answers");
    write_array(write);
    for (size_t i = 0; i < json_count(requests); i++) {
        const struct json *request = json_at(requests, i);
        const struct json *response = json_get(request, "response");

        write_object(write);
        write_key(write, "request");
        write_object(write);
        write_node(write, "method", json_get(request, "method"));
        write_node(write, "url", json_get(request, "url"));
        write_object_end(write);
        write_key(write, "response");
        write_object(write);
        if (json_kind(response) == JSON_OBJECT) {
            write_node(write, "status", json_get(response, "status"));
            write_node(write, "headers", json_get(response, "headers"));
            write_node(write, "body", json_get(response, "body"));
        } else {
            write_node(write, "error", json_get(request, "error"));
        }
        write_object_end(write);
        write_object_end(write);
    }
    write_array_end(write);
}

static struct json *happened_in(const struct fn_verdict *verdict)
{
    cleanup(buf_done) struct buf text = {0};
    struct json *tree = NULL;
    struct write write;

    buf_init(&text, JSON_BYTES);
    write_init(&write, &text);
    write_object(&write);
    fn_play_write(&verdict->play, &write);
    write_object_end(&write);
    if (json_parse(buf_bytes(&text), &tree, NULL) < 0)
        return json_object();
    return tree;
}

static void write_test(struct write *write, const struct fn_verdict *verdict,
                       const struct json *settings, bool is_live)
{
    cleanup(json_freep) struct json *happened = happened_in(verdict);
    bool is_request = verdict->of->entry == POOL_REQUEST;

    write_object(write);
    write_member_text(write, "name", verdict->of->name);
    write_member_raw(write, is_request ? "request" : "event",
                     buf_bytes(&verdict->event.event));
    write_node(write, "settings", settings);
    if (is_live)
        write_answers(write, json_get(happened, "requests"));
    else
        write_node(write, "answers", verdict->of->answers);
    write_expect(write, happened);
    write_object_end(write);
}

static void indent(struct bytes compact, struct buf *ret_json)
{
    cleanup(json_freep) struct json *tree = NULL;

    if (json_parse(compact, &tree, NULL) == 0)
        json_print(tree, /* indented= */ true, ret_json);
    buf_add_char(ret_json, '\n');
}

void fn_record_text(const struct fn_verdict *verdict, bool is_live, struct buf *ret_json)
{
    cleanup(json_freep) struct json *settings = NULL;
    cleanup(buf_done) struct buf text = {0};
    cleanup(buf_done) struct buf masked = {0};
    struct redact redact = {0};
    struct write write;

    buf_init(&text, JSON_BYTES);
    buf_init(&masked, JSON_BYTES);
    write_init(&write, &text);
    if (json_parse(buf_bytes(&verdict->event.settings), &settings, NULL) < 0)
        settings = json_object();
    if (is_live)
        find_secrets(settings, &redact);
    cleanup(json_freep) struct json *shown = json_object();
    json_merge(shown, settings);
    fn_record_mask(shown);
    write_test(&write, verdict, shown, is_live);
    redact_text(&redact, buf_bytes(&text), &masked);
    redact_done(&redact);
    indent(buf_bytes(&masked), ret_json);
}

/* "04-user-signs-up.json"; an own test is written over its own file. */
static const char *path_for(struct fn_code *code, const struct fn_case *of)
{
    char name[NAME_BYTES + 1];
    size_t n = 0;

    if (of->path != NULL)
        return of->path;
    for (const char *c = of->name; *c != '\0' && n < NAME_BYTES; c++) {
        if (isalnum((unsigned char)*c))
            name[n++] = (char)tolower((unsigned char)*c);
        else if (n > 0 && name[n - 1] != '-')
            name[n++] = '-';
    }
    name[n] = '\0';
    return arena_printf(&code->arena, "%s/tests/%02u-%s.json", fn_code_folder(code),
                        of->number, name);
}

int fn_record_write(const struct call *call, struct fn_code *code,
                    const struct fn_verdict *verdict, struct err *err)
{
    const char *path = path_for(code, verdict->of);
    const char *folder = arena_printf(&code->arena, "%s/tests", fn_code_folder(code));
    cleanup(buf_done) struct buf json = {0};

    if (disk_exists(path) && !call_has(call, "force")) {
        call_say(call, "kept     %s (--force writes it anew)", path);
        return 0;
    }
    buf_init(&json, JSON_BYTES);
    fn_record_text(verdict, call_has(call, "live"), &json);
    if (disk_make_folder(folder, err) < 0 ||
        disk_replace(path, buf_bytes(&json), FILE_MODE, err) < 0)
        return -1;
    call_say(call, "written  %s", path);
    return 0;
}
