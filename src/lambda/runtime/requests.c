/* SPDX-License-Identifier: MIT */

#include "lambda/runtime/requests.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/mem.h"

enum { KEY_DIGEST_BYTES = 16, FULL_KEY_BYTES = REQUESTS_KEY_BYTES + 12 };

struct sent {
    struct list_link link;
    struct requests *requests;
    struct client_call *call;
    struct arena arena; /* of the request's texts */
    struct client_request request;
    struct client_header headers[CLIENT_MAX_HEADERS];
    char key[FULL_KEY_BYTES];
    struct pool_invocation *invocation; /* of a fetch */
    uint32_t fetch;
    client_done_fn *fn;
    void *arg;
};

void requests_init(struct requests *requests, struct client *client,
                   const struct egress *egress)
{
    *requests = (struct requests){.client = client, .egress = egress};
}

void requests_name(struct requests *requests, struct bytes settings, struct bytes of)
{
    const struct bytes parts[] = {settings, BYTES("\n"), of};
    uint8_t sum[SHA256_LEN];
    char *at = requests->key;

    sha256_sum(parts, COUNT(parts), sum);
    at += snprintf(at, REQUESTS_KEY_BYTES, "inv_");
    for (int i = 0; i < KEY_DIGEST_BYTES; i++)
        at += snprintf(at, 3, "%02x", (unsigned)sum[i]);
}

/* It is on the list of those under way no more. */
static void sent_free(struct sent *sent)
{
    arena_done(&sent->arena);
    free(sent);
}

static void sent_end(struct sent *sent)
{
    list_remove(&sent->requests->under_way, &sent->link);
    sent_free(sent);
}

void requests_cancel(struct requests *requests)
{
    struct list_link *link;

    while ((link = list_pop(&requests->under_way)) != NULL) {
        struct sent *sent = list_entry(link, struct sent, link);

        client_cancel(sent->call);
        sent_free(sent);
    }
}

void requests_restart(struct requests *requests)
{
    requests_cancel(requests);
    requests->n_begun = 0;
}

static struct bytes keep(struct sent *sent, struct bytes text)
{
    return bytes_of(arena_copy(&sent->arena, text), text.len);
}

static struct sent *sent_new(struct requests *requests)
{
    struct sent *sent = mem_new(struct sent);

    sent->requests = requests;
    arena_init(&sent->arena);
    sent->request.headers = sent->headers;
    sent->request.timeout_ms = REQUESTS_TIMEOUT_MS;
    sent->request.egress = requests->egress;
    list_push(&requests->under_way, &sent->link);
    return sent;
}

static bool has_header(const struct sent *sent, struct bytes name)
{
    for (size_t i = 0; i < sent->request.n_headers; i++) {
        if (bytes_eq_nocase(sent->headers[i].name, name))
            return true;
    }
    return false;
}

/* The first of a name wins, as in the service. */
static void add_header(struct sent *sent, struct bytes name, struct bytes value)
{
    if (sent->request.n_headers < CLIENT_MAX_HEADERS && !has_header(sent, name))
        sent->headers[sent->request.n_headers++] =
            (struct client_header){.name = name, .value = value};
}

static void start(struct sent *sent, client_done_fn *fn)
{
    struct requests *requests = sent->requests;

    requests->n_begun++;
    (void)snprintf(sent->key, sizeof(sent->key), "%s-%u", requests->key,
                   requests->n_begun);
    add_header(sent, BYTES("Idempotency-Key"), bytes_str(sent->key));
    sent->call = client_start(requests->client, &sent->request, fn, sent);
}

/* --- fetches ------------------------------------------------------------------------ */

static void on_fetched(void *arg, const struct client_response *response)
{
    struct sent *sent = arg;
    struct pool_header headers[POOL_HEADERS];
    struct pool_response said = {
        .transport = response->transport,
        .error = response->error,
        .status = response->status,
        .headers = headers,
        .body = response->body,
    };

    for (size_t i = 0; i < response->n_headers && i < POOL_HEADERS; i++)
        headers[said.n_headers++] =
            (struct pool_header){response->headers[i].name, response->headers[i].value};
    pool_answer(sent->invocation, sent->fetch, &said);
    sent_end(sent);
}

void requests_fetch(struct requests *requests, struct pool_invocation *invocation,
                    uint32_t fetch, const struct pool_request *wanted)
{
    struct sent *sent = sent_new(requests);

    sent->invocation = invocation;
    sent->fetch = fetch;
    sent->request.method = keep(sent, wanted->method);
    sent->request.url = keep(sent, wanted->url);
    sent->request.body = keep(sent, wanted->body);
    sent->request.has_body = wanted->has_body;
    sent->request.keeps_redirects = true; /* fetch() follows them itself */
    for (size_t i = 0; i < wanted->n_headers; i++)
        add_header(sent, keep(sent, wanted->headers[i].name),
                   keep(sent, wanted->headers[i].value));
    start(sent, on_fetched);
}

/* --- the post ----------------------------------------------------------------------- */

static void on_posted(void *arg, const struct client_response *response)
{
    struct sent *sent = arg;
    client_done_fn *fn = sent->fn;
    void *fn_arg = sent->arg;

    sent_end(sent);
    fn(fn_arg, response);
}

void requests_post(struct requests *requests, struct bytes url, struct bytes body,
                   client_done_fn *fn, void *arg)
{
    struct sent *sent = sent_new(requests);

    sent->fn = fn;
    sent->arg = arg;
    sent->request.method = BYTES("POST");
    sent->request.url = keep(sent, url);
    sent->request.body = keep(sent, body);
    sent->request.has_body = true;
    add_header(sent, BYTES("Content-Type"), BYTES("application/json"));
    start(sent, on_posted);
}
