/* SPDX-License-Identifier: MIT */

/* What a client asks of the host: Invoke, and AssumeRole (dossier §5.2, §5.4). */

#include <stdio.h>

#include "lambda/host/authorization.h"
#include "lambda/host/task.h"
#include "segment/invoke.h"
#include "sys/clock.h"
#include "sys/rand.h"

enum { ANSWER_BYTES = 4096, QUALIFIER_LEN = 128 };

#define PREFIX "/2015-03-31/functions/"
#define SUFFIX "/invocations"

const struct server_answer invoke_too_large = {
    .status = 413,
    .content_type = "application/json",
    .headers = {{"X-Amzn-ErrorType", "RequestTooLargeException"}},
    .body = BYTES("{\"Type\":\"User\",\"Message\":\"Request must be smaller than 6291456 "
                  "bytes for the InvokeFunction operation\"}"),
};

static void refuse(struct post *post, const struct invoke_refusal *refusal)
{
    cleanup(buf_done) struct buf body = {0};
    char id[UUID_LEN + 1];
    struct server_answer answer = {
        .status = refusal->status,
        .content_type = "application/json",
        .headers = {{"x-amzn-RequestId", id}, {"X-Amzn-ErrorType", refusal->type}},
    };

    task_make_id(id);
    if (refusal->status == 429)
        answer.headers[2] = (struct server_header){"Retry-After", "1"};
    buf_init(&body, ANSWER_BYTES);
    invoke_write_refusal(refusal, &body);
    answer.body = buf_bytes(&body);
    post_answer(post, &answer);
}

/* --- Invoke ------------------------------------------------------------------------- */

/* Of ?Qualifier=, beside or instead of the name's. */
static bool take_qualifier(const struct post *post, struct invoke_call *call,
                           struct invoke_refusal *refusal)
{
    const struct bytes qualifier = post->qualifier;
    const char *why = NULL;

    if (qualifier.len == 0)
        return true;
    if (qualifier.len > QUALIFIER_LEN)
        why = "Qualifier must be a version or an alias, at most 128 characters";
    else if (call->qualifier.len > 0 && !bytes_eq(qualifier, call->qualifier))
        why = "The derived qualifier from the function name does not match the specified "
              "qualifier.";
    for (size_t i = 0; i < qualifier.len && why == NULL; i++) {
        const char c = qualifier.ptr[i];
        const char lower = (char)(c | 0x20);

        if (!(c >= '0' && c <= '9') && !(lower >= 'a' && lower <= 'z') &&
            (c == '\0' || strchr("-_$", c) == NULL))
            why = "Qualifier must be a version or an alias: letters, digits, -, _ and $";
    }
    call->qualifier = qualifier;
    if (why != NULL)
        invoke_refuse(refusal, 400, "InvalidParameterValueException", "%s", why);
    return why == NULL;
}

static void answer_dry_run(struct post *post)
{
    char id[UUID_LEN + 1];

    task_make_id(id);
    post_answer(post, &(struct server_answer){.status = 204,
                                              .headers = {{"x-amzn-RequestId", id}}});
}

/* Events wait; callers do not. */
static bool has_room(struct host *host, const struct invoke_call *call)
{
    if (call->type == INVOKE_EVENT)
        return host->events.n_links + host->later.n_links < HOST_EVENTS;
    return !host_is_full(host);
}

static void take_call(struct host *host, struct post *post,
                      const struct invoke_call *call)
{
    struct invoke_refusal refusal = {0};
    struct task *task;

    if (call->type == INVOKE_DRY_RUN) {
        answer_dry_run(post);
        return;
    }
    if (!has_room(host, call)) {
        host_note(host, 0,
                  "refused with 429: all %u environments are busy (--concurrency)",
                  host->options.max_environments);
        invoke_refuse(&refusal, 429, "TooManyRequestsException", "Rate Exceeded.");
        refuse(post, &refusal);
        return;
    }
    task = task_new(host, post, call);
    list_push(task->is_event ? &host->events : &host->callers, &task->link);
    host_dispatch(host);
}

static void invoke(struct host *host, struct post *post, struct bytes name)
{
    const struct invoke_request request = {
        .name = name,
        .type = post_field(post, "x-amz-invocation-type"),
        .log_type = post_field(post, "x-amz-log-type"),
        .context = post_field(post, "x-amz-client-context"),
        .payload = post->body,
    };
    cleanup(buf_done) struct buf context = {0};
    struct invoke_refusal refusal;
    struct invoke_call call;

    buf_init(&context, INVOKE_CONTEXT_BYTES);
    if (authorization_check(&host->sts, post, clock_wall_ms(), &refusal) &&
        invoke_read(&request, &context, &call, &refusal) &&
        take_qualifier(post, &call, &refusal))
        take_call(host, post, &call);
    else
        refuse(post, &refusal);
}

/* --- STS ---------------------------------------------------------------------------- */

static void assume(struct host *host, struct post *post)
{
    cleanup(buf_done) struct buf xml = {0};
    uint8_t random[STS_RANDOM_BYTES];
    char id[UUID_LEN + 1];
    struct server_answer answer = {.content_type = "text/xml",
                                   .headers = {{"x-amzn-RequestId", id}}};

    task_make_id(id);
    rand_bytes(random, sizeof(random));
    buf_init(&xml, STS_XML_BYTES);
    if (authorization_is_broken(post_field(post, "authorization"))) {
        sts_write_error("IncompleteSignature",
                        "Authorization header requires 'Credential', 'SignedHeaders' and "
                        "'Signature' parameters.",
                        id, &xml);
        answer.status = 400;
    } else {
        answer.status =
            sts_answer(&host->sts, post->body, clock_wall_ms(), random, id, &xml);
    }
    if (answer.status != 200)
        host_note(host, 0, "AssumeRole was refused with %d", answer.status);
    answer.body = buf_bytes(&xml);
    post_answer(post, &answer);
}

/* --- both --------------------------------------------------------------------------- */

/* "fn" of /2015-03-31/functions/fn/invocations; false when it is no such path. */
static bool find_name(struct bytes path, struct bytes *ret_name)
{
    const struct bytes prefix = BYTES(PREFIX);
    const struct bytes suffix = BYTES(SUFFIX);

    if (!bytes_starts(path, prefix) || !bytes_ends(path, suffix) ||
        path.len <= prefix.len + suffix.len)
        return false;
    *ret_name = bytes_slice(path, prefix.len, path.len - prefix.len - suffix.len);
    return true;
}

/* A page of another site may have a browser on this machine send a request. */
static bool is_browser(const struct post *post)
{
    return post_field(post, "origin").ptr != NULL ||
           post_field(post, "sec-fetch-site").ptr != NULL;
}

static void refuse_browser(struct post *post)
{
    struct invoke_refusal refusal = {0};

    invoke_refuse(&refusal, 403, "AccessDeniedException",
                  "a page in a browser may not do that");
    refuse(post, &refusal);
}

static void refuse_path(struct post *post)
{
    struct invoke_refusal refusal = {0};

    invoke_refuse(&refusal, 404, "UnknownOperationException",
                  "this is a local Lambda host: POST " PREFIX "NAME" SUFFIX);
    refuse(post, &refusal);
}

void invoke_front(void *arg, struct post *post)
{
    struct host *host = arg;
    const bool is_post = bytes_eq(post->method, BYTES("POST"));
    struct bytes name;

    if (post->is_refused)
        post_free(post);
    else if (is_browser(post))
        refuse_browser(post);
    else if (is_post && bytes_eq(post->path, BYTES("/")))
        assume(host, post);
    else if (is_post && find_name(post->path, &name))
        invoke(host, post, name);
    else
        refuse_path(post);
}
