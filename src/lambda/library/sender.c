/* SPDX-License-Identifier: MIT */

#include "lambda/library/sender.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "core/redact.h"
#include "lambda/library/result.h"
#include "net/client.h"
#include "net/egress.h"
#include "sys/clock.h"
#include "sys/loop.h"

enum {
    MARGIN_MS = 100,   /* before the deadline, for the handler to answer */
    UNTOLD_MS = 5000,  /* without a deadline: as long as Segment waits (dossier §5.2) */
    SHOWN_BYTES = 200, /* of an answer's body, in a message */
    MAX_CONNECTIONS = 4,
    ALLOWED_MAX = 256,
};

struct sender {
    struct loop *loop;
    struct client *client;
    struct egress *egress;
};

/* Between the one that waits and the one that is called. */
struct wait {
    struct sender *sender;
    struct partnerapp_result *result;
    enum outcome_transport transport;
    const char *error;
};

static bool is_between(char c)
{
    return c == ',' || c == ' ' || c == '\t' || c == '\n';
}

/* The entries of @text, each with a NUL behind it; false when they are too many. */
static bool split(struct arena *arena, struct bytes text, const char **ret_entries,
                  size_t *ret_n)
{
    size_t n = 0;

    while (text.len > 0) {
        size_t len = 0;

        while (len < text.len && !is_between(text.ptr[len]))
            len++;
        if (len > 0 && n == ALLOWED_MAX)
            return false;
        if (len > 0)
            ret_entries[n++] = arena_copy(arena, bytes_slice(text, 0, len));
        text = bytes_slice(text, len + 1, text.len);
    }
    *ret_n = n;
    return true;
}

static int read_egress(struct bytes text, struct egress **ret_egress, struct err *err)
{
    cleanup(arena_done) struct arena arena = {0};
    const char *entries[ALLOWED_MAX];
    size_t n;

    if (!split(&arena, text, entries, &n))
        return err_set(err, "more than %d entries", (int)ALLOWED_MAX);
    return egress_new(entries, n, /* allow_loopback= */ false, ret_egress, err);
}

int sender_new(struct bytes egress_allow, struct sender **ret_sender, struct err *err)
{
    struct egress *egress = NULL;

    if (read_egress(egress_allow, &egress, err) < 0)
        return err_wrap(err, "PARTNERAPP_EGRESS_ALLOW");

    struct sender *sender = mem_new(struct sender);
    sender->egress = egress;
    sender->loop = loop_new();
    sender->client = client_new(sender->loop, MAX_CONNECTIONS);
    *ret_sender = sender;
    return 0;
}

void sender_free(struct sender *sender)
{
    if (sender == NULL)
        return;
    client_free(sender->client);
    loop_free(sender->loop);
    egress_free(sender->egress);
    free(sender);
}

static void on_done(void *arg, const struct client_response *response)
{
    struct wait *wait = arg;
    struct partnerapp_result *result = wait->result;

    wait->transport = response->transport;
    wait->error = arena_text(&result->arena, response->error);
    result->answer_status = response->status;
    result->answer =
        bytes_of(arena_copy(&result->arena, response->body), response->body.len);
    loop_stop(wait->sender->loop);
}

/* What an endpoint says may repeat what it was told. */
static const char *masked_answer(struct partnerapp_result *result,
                                 const struct client_request *request)
{
    const struct partnerapp_payload *payload = &result->payload;
    cleanup(redact_done) struct redact redact = {0};
    cleanup(buf_done) struct buf shown = {.max_bytes = CLIENT_RESPONSE_BYTES};
    struct bytes body = bytes_slice(bytes_trim(result->answer), 0, SHOWN_BYTES);

    redact_add_settings(&redact, bytes_of(payload->settings, payload->settings_len));
    for (size_t i = 0; i < request->n_headers; i++) {
        struct bytes credential = request->headers[i].value;

        if (!redact_is_secret_header(request->headers[i].name))
            continue;
        redact_add(&redact, credential);
        (void)bytes_take_until(&credential, ' '); /* "Bearer" */
        redact_add(&redact, credential);
    }
    (void)redact_text(&redact, body, &shown);
    return arena_copy(&result->arena, buf_bytes(&shown));
}

static int fail(struct partnerapp_result *result, const char *message)
{
    return partnerapp_fail(result, PARTNERAPP_FAILED, message);
}

/* Without path and query, which may hold a secret. */
static const char *describe(const struct wait *wait, const struct client_request *request)
{
    struct partnerapp_result *result = wait->result;
    struct arena *arena = &result->arena;
    cleanup(buf_done) struct buf endpoint = {.max_bytes = CLIENT_RESPONSE_BYTES};
    const char *answer;

    if (strstr(wait->error, "egress.allow") != NULL)
        return arena_printf(arena, "%s, here the variable PARTNERAPP_EGRESS_ALLOW",
                            wait->error);
    if (wait->transport != TRANSPORT_OK)
        return wait->error;
    if (!client_url_endpoint(request->url, &endpoint))
        (void)buf_add_text(&endpoint, "the endpoint");
    answer = masked_answer(result, request);
    return arena_printf(arena, "%s answered %d%s%s", buf_text(&endpoint),
                        result->answer_status, *answer != '\0' ? ": " : "", answer);
}

static int judge(const struct wait *wait, const struct client_request *request)
{
    struct partnerapp_result *result = wait->result;
    enum partnerapp_outcome outcome = PARTNERAPP_FAILED;

    switch (outcome_of_http(wait->transport, result->answer_status)) {
    case OUTCOME_DELIVERED:
        return partnerapp_fail(result, PARTNERAPP_DELIVERED, NULL);
    case OUTCOME_NONE:
    case OUTCOME_RETRY:
        outcome = PARTNERAPP_RETRY;
        break;
    case OUTCOME_DISCARDED:
        outcome = PARTNERAPP_NOT_SUPPORTED;
        break;
    case OUTCOME_DEAD:
        break;
    }
    return partnerapp_fail(result, outcome, describe(wait, request));
}

static int exchange(struct partnerapp_result *result, struct client_request *request)
{
    struct wait wait = {.sender = result->sender, .result = result};
    const int64_t deadline_ms = result->payload.deadline_ms;

    result->answer = (struct bytes){0};
    result->answer_status = 0;
    result->is_answer_judged = false;
    request->timeout_ms =
        deadline_ms != 0 ? deadline_ms - clock_wall_ms() - MARGIN_MS : UNTOLD_MS;
    if (request->timeout_ms <= 0)
        return partnerapp_fail(result, PARTNERAPP_RETRY,
                               "no time was left before the deadline");
    (void)client_start(wait.sender->client, request, on_done, &wait);
    loop_run(wait.sender->loop);
    return judge(&wait, request);
}

/* False when @line has no colon. */
static bool read_header(const char *line, struct client_header *ret_header)
{
    struct bytes value = bytes_str(line);

    if (strchr(line, ':') == NULL)
        return false;
    ret_header->name = bytes_take_until(&value, ':');
    ret_header->value = bytes_trim(value);
    return true;
}

/* NULL when all is well, else why not. */
static const char *read_headers(const char *const *lines, struct client_header *headers,
                                size_t *ret_n)
{
    bool has_type = false;
    size_t n = 0;

    for (; lines != NULL && *lines != NULL; lines++) {
        /* One is kept for the content type. */
        if (n == CLIENT_MAX_HEADERS - 1)
            return "partnerapp_send takes no more than 63 headers";
        if (!read_header(*lines, &headers[n]))
            return "a header of partnerapp_send has no colon";
        has_type |= bytes_eq_nocase(headers[n++].name, BYTES("Content-Type"));
    }
    if (!has_type)
        headers[n++] =
            (struct client_header){BYTES("Content-Type"), BYTES("application/json")};
    *ret_n = n;
    return NULL;
}

int partnerapp_send(struct partnerapp_result *result, const char *method, const char *url,
                    const char *const *headers, const char *body)
{
    struct client_header read[CLIENT_MAX_HEADERS];
    struct client_request request = {
        .method = bytes_str(method),
        .url = bytes_str(url),
        .headers = read,
        .body = bytes_str(body),
        .has_body = body != NULL,
        .cuts_response = true,
        .is_plain_local = true,
        .egress = result->sender->egress,
    };
    const char *why = read_headers(headers, read, &request.n_headers);

    return why != NULL ? fail(result, why) : exchange(result, &request);
}

int partnerapp_post(struct partnerapp_result *result, const char *url,
                    const char *authorization, const char *json)
{
    const bool is_authorized = authorization != NULL && *authorization != '\0';
    const char *headers[] = {NULL, NULL};

    if (is_authorized)
        headers[0] = partnerapp_format(result, "Authorization: %s", authorization);
    return partnerapp_send(result, "POST", url, headers, json);
}
