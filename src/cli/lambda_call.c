/* SPDX-License-Identifier: MIT */

#include "cli/lambda_call.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/err.h"
#include "base/form.h"
#include "net/egress.h"
#include "segment/invoke.h"
#include "segment/sigv4.h"
#include "sys/clock.h"

enum { URL_BYTES = 16 << 10, VALUE_BYTES = 16 << 10, ANSWER_BYTES = 8 << 20 };

/* The address was typed by the operator: any may be reached. */
static const char *const anywhere[] = {"0.0.0.0/0", "::/0"};

struct credentials {
    const char *key_id, *secret, *token;
};

static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

static struct credentials find_credentials(void)
{
    const struct credentials own = {variable("AWS_ACCESS_KEY_ID"),
                                    variable("AWS_SECRET_ACCESS_KEY"),
                                    variable("AWS_SESSION_TOKEN")};

    if (own.key_id == NULL || own.secret == NULL)
        return (struct credentials){.key_id = "local", .secret = "local"};
    return own;
}

/* The one that an ARN names, else the environment's. */
static const char *find_region(struct lambda_call *call, const char *function)
{
    struct bytes rest = bytes_str(function);
    const char *own = variable("AWS_REGION");

    if (!bytes_starts(rest, BYTES("arn:")))
        return own != NULL ? own : "us-west-2";
    for (int i = 0; i < 3; i++)
        (void)bytes_take_until(&rest, ':');
    return arena_copy(&call->arena, bytes_take_until(&rest, ':'));
}

static void add_header(struct lambda_call *call, const char *name, const char *value)
{
    call->headers[call->request.n_headers++] =
        (struct client_header){bytes_str(name), bytes_str(value)};
}

static const char *encode(struct lambda_call *call, struct bytes bytes)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, VALUE_BYTES);
    (void)base64_encode(bytes, &text);
    return arena_copy(&call->arena, buf_bytes(&text));
}

/* Host and every header so far is signed. */
static void sign(struct lambda_call *call, const struct lambda_wish *wish,
                 struct bytes host, struct bytes path)
{
    const struct credentials credentials = find_credentials();
    cleanup(buf_done) struct buf value = {0};
    char date[SIGV4_DATE_LEN + 1];
    struct sigv4_request request = {
        .method = call->request.method,
        .path = path,
        .body = wish->payload,
        .region = bytes_str(find_region(call, wish->function)),
        .service = BYTES("lambda"),
        .key_id = bytes_str(credentials.key_id),
        .secret = bytes_str(credentials.secret),
        .date = date,
    };

    sigv4_date(clock_wall_ms(), date);
    add_header(call, "x-amz-date", arena_text(&call->arena, date));
    if (credentials.token != NULL)
        add_header(call, "x-amz-security-token", credentials.token);
    for (size_t i = 0; i < call->request.n_headers; i++)
        request.headers[request.n_headers++] =
            (struct sigv4_header){call->headers[i].name, call->headers[i].value};
    request.headers[request.n_headers++] = (struct sigv4_header){BYTES("host"), host};
    buf_init(&value, VALUE_BYTES);
    (void)sigv4_authorization(&request, &value);
    add_header(call, "authorization", arena_copy(&call->arena, buf_bytes(&value)));
}

/* Where the path begins in a URL: after its host. */
static size_t path_offset(struct bytes url)
{
    const size_t scheme = bytes_find(url, BYTES("://"));
    const size_t host = scheme < url.len ? scheme + strlen("://") : 0;
    const struct bytes rest = bytes_slice(url, host, url.len);

    return host + bytes_index(rest, '/');
}

static int build(struct lambda_call *call, const struct lambda_wish *wish,
                 struct err *err)
{
    const struct bytes base = bytes_str(wish->url);
    const size_t origin = path_offset(base);
    struct bytes prefix = bytes_slice(base, origin, base.len);
    cleanup(buf_done) struct buf name = {0};
    cleanup(buf_done) struct buf host = {0};
    const char *path;

    buf_init(&name, URL_BYTES);
    buf_init(&host, URL_BYTES);
    (void)form_encode(bytes_str(wish->function), FORM_SPACE_PERCENT, &name);
    if (!client_url_endpoint(base, &host) || name.full)
        return err_code(err, "PA7003", ERR_USAGE, "--url wants an http or https address");
    while (bytes_ends(prefix, BYTES("/")))
        prefix.len--;
    path = arena_printf(&call->arena, "%.*s/2015-03-31/functions/%s/invocations",
                        BYTES_FMT(prefix), buf_text(&name));
    call->request.url = bytes_str(arena_printf(
        &call->arena, "%.*s%s", BYTES_FMT(bytes_slice(base, 0, origin)), path));
    add_header(call, "content-type", "application/json");
    add_header(call, "x-amz-invocation-type", wish->type);
    if (wish->wants_tail)
        add_header(call, "x-amz-log-type", "Tail");
    if (wish->context.len > 0)
        add_header(call, "x-amz-client-context", encode(call, wish->context));
    sign(call, wish, bytes_of(arena_copy(&call->arena, buf_bytes(&host)), host.len),
         bytes_str(path));
    return 0;
}

static struct bytes find(struct lambda_call *call, const struct client_response *response,
                         struct bytes name)
{
    for (size_t i = 0; i < response->n_headers; i++) {
        const struct client_header *header = &response->headers[i];

        if (bytes_eq_nocase(header->name, name))
            return bytes_of(arena_copy(&call->arena, header->value), header->value.len);
    }
    return BYTES("");
}

static void on_answer(void *arg, const struct client_response *response)
{
    struct lambda_call *call = arg;

    call->duration_us = response->duration_us;
    if (response->transport == TRANSPORT_OK) {
        call->status = response->status;
        call->function_error = find(call, response, BYTES("X-Amz-Function-Error"));
        call->refusal = find(call, response, BYTES("X-Amzn-ErrorType"));
        call->request_id = find(call, response, BYTES("x-amzn-RequestId"));
        call->body =
            bytes_of(arena_copy(&call->arena, response->body), response->body.len);
        (void)!base64_decode(find(call, response, BYTES("X-Amz-Log-Result")), &call->log);
    } else {
        snprintf(call->error, sizeof(call->error), "%s", response->error);
    }
    call->done_fn(call->arg);
}

int lambda_call_start(struct lambda_call *call, struct loop *loop,
                      const struct lambda_wish *wish, void (*done_fn)(void *arg),
                      void *arg, struct err *err)
{
    *call = (struct lambda_call){.done_fn = done_fn, .arg = arg};
    arena_init(&call->arena);
    buf_init(&call->log, VALUE_BYTES);
    if (egress_new(anywhere, COUNT(anywhere), /* allow_loopback= */ true, &call->egress,
                   err) < 0)
        return -1;
    call->request = (struct client_request){
        .method = BYTES("POST"),
        .headers = call->headers,
        .body = wish->payload,
        .has_body = true,
        .keeps_redirects = true, /* the signature is for this path alone */
        .timeout_ms = wish->timeout_ms,
        .max_response_bytes = ANSWER_BYTES,
        .egress = call->egress,
    };
    if (build(call, wish, err) < 0)
        return -1;
    call->client = client_new(loop, 1);
    (void)client_start(call->client, &call->request, on_answer, call);
    return 0;
}

void lambda_call_done(struct lambda_call *call)
{
    if (call->client != NULL)
        client_free(take(call->client));
    egress_free(take(call->egress));
    buf_done(&call->log);
    arena_done(&call->arena);
}
