/* SPDX-License-Identifier: MIT */

/* What an environment asks of its Runtime API (dossier §5.5). */

#include <stdio.h>

#include "lambda/host/environment.h"
#include "lambda/host/error_type.h"
#include "lambda/host/task.h"
#include "json/json.h"
#include "json/scan.h"
#include "json/write.h"

enum { ANSWER_BYTES = 1024, POSTED_BYTES = 8 << 20 };

#define PREFIX "/2018-06-01/runtime/"
#define INVOCATION PREFIX "invocation/"

const struct server_answer runtime_too_large = {
    .status = 413,
    .content_type = "application/json",
    .body = BYTES("{\"errorMessage\":\"Exceeded maximum allowed payload size (6291556 "
                  "bytes).\",\"errorType\":\"RequestEntityTooLarge\"}"),
};

/* --- answers ------------------------------------------------------------------------ */

static void refuse(struct post *post, int status, const char *type, const char *message)
{
    cleanup(buf_done) struct buf body = {0};
    struct server_answer answer = {.status = status, .content_type = "application/json"};
    struct write write;

    buf_init(&body, ANSWER_BYTES);
    write_init(&write, &body);
    write_object(&write);
    write_member_text(&write, "errorMessage", message);
    write_member_text(&write, "errorType", type);
    write_object_end(&write);
    answer.body = buf_bytes(&body);
    post_answer(post, &answer);
}

static void refuse_move(struct post *post, const char *message)
{
    refuse(post, 403, "InvalidStateTransition", message);
}

static void accept(struct post *post)
{
    post_answer(post, &(struct server_answer){.status = 202,
                                              .content_type = "application/json",
                                              .body = BYTES("{\"status\":\"OK\"}\n")});
}

/* --- the end of an invocation ------------------------------------------------------- */

/* Takes the invocation from its environment: it is about to be answered. */
static struct task *leave(struct environment *environment)
{
    struct task *task = environment->task;

    environment_read_output(environment);
    output_end(&environment->said);
    task->memory_bytes = child_peak_bytes(&environment->child);
    memcpy(environment->last_id, task->id, sizeof(environment->last_id));
    environment_finish(environment);
    return task;
}

struct posted {
    struct buf body; /* always JSON */
    char type[TYPE_BYTES];
    char message[1024];
};

static void posted_done(struct posted *posted)
{
    buf_done(&posted->body);
}

/* An error as a runtime posts it; what is no JSON is a message. */
static void read_error(const struct post *post, struct posted *ret_posted)
{
    cleanup(json_freep) struct json *json = NULL;
    struct bytes type, message;

    error_type_of(post_field(post, "lambda-runtime-function-error-type"),
                  ret_posted->type);
    buf_init(&ret_posted->body, POSTED_BYTES);
    if (json_parse(post->body, &json, NULL) == 0) {
        (void)buf_add(&ret_posted->body, post->body);
    } else {
        struct write write;

        write_init(&write, &ret_posted->body);
        write_object(&write);
        write_member_text(&write, "errorType", ret_posted->type);
        write_member_string(&write, "errorMessage", post->body);
        write_object_end(&write);
    }
    type = json_string(json_get(json, "errorType"));
    message = json_string(json_get(json, "errorMessage"));
    if (type.len > 0)
        snprintf(ret_posted->type, sizeof(ret_posted->type), "%.*s", BYTES_FMT(type));
    snprintf(ret_posted->message, sizeof(ret_posted->message), "%.*s",
             BYTES_FMT(message));
}

static void take_response(struct environment *environment, struct post *post)
{
    const struct bytes mode = post_field(post, "lambda-runtime-function-response-mode");

    if (mode.ptr != NULL && !bytes_eq_nocase(mode, BYTES("streaming")) &&
        !bytes_eq_nocase(mode, BYTES("buffered"))) {
        refuse(post, 400, "InvalidFunctionResponseMode",
               "Invalid function response mode header. Should be \"streaming\".");
        return;
    }
    task_end(leave(environment), NULL, BYTES(""), post->body);
    accept(post);
}

static void take_error(struct environment *environment, struct post *post)
{
    cleanup(posted_done) struct posted posted = {0};

    read_error(post, &posted);
    task_end(leave(environment), posted.type, bytes_str(posted.message),
             buf_bytes(&posted.body));
    accept(post);
}

/* --- requests ----------------------------------------------------------------------- */

static void take_next(struct environment *environment, struct post *post)
{
    if (environment->task != NULL) {
        refuse_move(post, "State transition from Running to Ready failed for runtime: an "
                          "invocation is open, answer it first");
        return;
    }
    if (environment->init_error.len > 0) {
        refuse_move(post, "State transition from InitError to Ready failed for runtime");
        return;
    }
    /* It has lost the connection that waited, and nobody else could be there. */
    if (environment->next != NULL)
        refuse_move(take(environment->next), "Another request waits for the next one");
    environment_wait(environment, post);
}

static void take_init_error(struct environment *environment, struct post *post)
{
    if (environment->state != ENVIRONMENT_STARTING || environment->init_error.len > 0) {
        refuse_move(post, "State transition to InitError failed for runtime: it has been "
                          "ready, or has failed before");
        return;
    }
    environment_read_output(environment);
    if (buf_add(&environment->init_error, post->body) != 0 || post->body.len == 0)
        (void)buf_add_text(&environment->init_error, "{}");
    error_type_of(post_field(post, "lambda-runtime-function-error-type"),
                  environment->init_type);
    environment_expect_end(environment);
    accept(post);
}

/* "response" of /2018-06-01/runtime/invocation/ID/response; empty when it is no such
 * path. */
static struct bytes verb_of(const struct post *post, struct bytes *ret_id)
{
    const struct bytes prefix = BYTES(INVOCATION);
    struct bytes rest = bytes_slice(post->path, prefix.len, post->path.len);

    if (!bytes_starts(post->path, prefix))
        return BYTES("");
    *ret_id = bytes_take_until(&rest, '/');
    return rest;
}

static bool is_current(const struct environment *environment, struct bytes id)
{
    return environment->task != NULL && bytes_eq(id, bytes_str(environment->task->id));
}

typedef void take_fn(struct environment *environment, struct post *post);

static void take_outcome(struct environment *environment, struct post *post,
                         struct bytes id, take_fn *fn)
{
    if (is_current(environment, id))
        fn(environment, post);
    else if (bytes_eq(id, bytes_str(environment->last_id)))
        refuse_move(post, "State transition failed for runtime: this invocation has been "
                          "answered");
    else
        refuse(post, 400, "InvalidRequestID", "Invalid request ID");
}

/* The listener has said 413. */
static void fail_too_large(struct environment *environment, struct post *post)
{
    struct bytes id = {0};
    const struct bytes verb = verb_of(post, &id);

    if (is_current(environment, id) && verb.len > 0)
        task_fail(leave(environment), "Function.ResponseSizeTooLarge",
                  "Response payload size exceeded maximum allowed payload size "
                  "(6291556 bytes).");
    post_free(post);
}

static void refuse_path(struct post *post)
{
    post_answer(post, &(struct server_answer){.status = 404,
                                              .content_type = "text/plain",
                                              .body = BYTES("404 page not found\n")});
}

static void take_post(struct environment *environment, struct post *post)
{
    struct bytes id = {0};
    const struct bytes verb = verb_of(post, &id);

    if (bytes_eq(verb, BYTES("response")))
        take_outcome(environment, post, id, take_response);
    else if (bytes_eq(verb, BYTES("error")))
        take_outcome(environment, post, id, take_error);
    else if (bytes_eq(post->path, BYTES(PREFIX "init/error")))
        take_init_error(environment, post);
    else
        refuse_path(post);
}

/* A page in a browser, which may reach this port, is no runtime. */
static bool is_browser(const struct post *post)
{
    return post_field(post, "origin").ptr != NULL ||
           post_field(post, "sec-fetch-site").ptr != NULL;
}

void runtime_front(void *arg, struct post *post)
{
    struct environment *environment = arg;

    if (post->is_refused)
        fail_too_large(environment, post);
    else if (is_browser(post))
        refuse(post, 403, "Forbidden", "a page in a browser is no runtime");
    else if (bytes_eq(post->method, BYTES("POST")))
        take_post(environment, post);
    else if (bytes_eq(post->method, BYTES("GET")) &&
             bytes_eq(post->path, BYTES(INVOCATION "next")))
        take_next(environment, post);
    else
        refuse_path(post);
}
