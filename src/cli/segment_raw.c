/* SPDX-License-Identifier: MIT */

/* segment api: a request as it is typed. */

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/segment_link.h"
#include "cli/segment_send.h"
#include "cli/segment_show.h"
#include "json/json.h"

enum { BODY_BYTES = 4 << 20, PATH_BYTES = 16384 };

static bool is_body(const char *text)
{
    return text[0] != '\0' && strchr("@{[", text[0]) != NULL;
}

/*
 * --data is the data folder everywhere else, and what curl calls a body: one that begins
 * as a body is taken out of the call, so that nobody looks for such a folder.
 */
static const char *take_body(struct call *call)
{
    const char *body = call_given(call, "body");
    size_t n_kept = 0;

    for (size_t i = 0; i < call->n_values; i++) {
        const bool is_data = strcmp(call->values[i].flag->name, "data") == 0;

        if (is_data && is_body(call->values[i].text))
            body = call->values[i].text;
        else
            call->values[n_kept++] = call->values[i];
    }
    call->n_values = n_kept;
    return body;
}

static int read_body(const char *given, struct buf *body, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    int answer = 0;

    if (given == NULL)
        return 0;
    if (given[0] == '@')
        answer = input_read(given + 1, body, err);
    else if (buf_add_text(body, given) != 0)
        answer = err_code(err, "PA7003", ERR_USAGE, "the body is too large");
    if (answer < 0 || json_parse(buf_bytes(body), &json, err) == 0)
        return answer;
    err_wrap(err, "the body is no JSON");
    err->exit_code = ERR_USAGE;
    return -1;
}

static int check_method(const char *method, struct err *err)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

    for (size_t i = 0; i < COUNT(methods); i++) {
        if (strcmp(method, methods[i]) == 0)
            return 0;
    }
    return err_code(err, "PA7003", ERR_USAGE,
                    "the method is one of GET, POST, PUT, PATCH, DELETE; not `%s`",
                    method);
}

int segment_api_run(struct call *call, struct err *err)
{
    cleanup(segment_link_done) struct segment_link link = {0};
    cleanup(segment_answer_done) struct segment_answer response = {0};
    cleanup(segment_request_done) struct segment_request request = {0};
    const char *method = call_arg(call, 0);
    const char *typed = call_arg(call, 1);
    int answer;

    segment_answer_init(&response);
    request.method = method;
    buf_init(&request.path, PATH_BYTES);
    buf_init(&request.body, BODY_BYTES);
    /* What follows the host's name must not become part of it. */
    buf_addf(&request.path, "%s%s", typed[0] == '/' ? "" : "/", typed);
    if (check_method(method, err) < 0 ||
        read_body(take_body(call), &request.body, err) < 0)
        return -1;
    answer = segment_link_open(&link, call, err);
    if (answer != 0)
        return answer;
    answer = segment_send(&link, call, &request, &response, err);
    if (answer == 0)
        segment_show_json(call, buf_bytes(&response.body));
    return answer < 0 ? -1 : 0;
}
