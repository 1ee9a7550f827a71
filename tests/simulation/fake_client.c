/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <time.h>

#include "base/list.h"
#include "base/mem.h"
#include "core/id.h"
#include "net/client.h"
#include "simulation/fakes.h"
#include "simulation/kernel.h"
#include "simulation/oracle.h"
#include "simulation/partners.h"

struct client {
    struct loop *loop;
    struct list calls;
};

struct client_call {
    struct list_link link;
    struct client *client;
    struct client_request request;
    client_done_fn *fn;
    void *arg;
    struct alarm end;
    struct partner_answer answer;
    int line;
    int64_t row; /* of the delivery; 0: of several */
    int64_t began_us;
    bool is_seen; /* the oracle knows of it */
};

struct client *client_new(struct loop *loop, unsigned max_connections_per_host)
{
    struct client *client = mem_new(struct client);

    (void)max_connections_per_host;
    client->loop = loop;
    return client;
}

/* It is on its client's list no more. */
static void call_free(struct client_call *call)
{
    if (call->is_seen && !fake_sys_is_dead())
        oracle_request_drops(call->line, call->row);
    alarm_stop(&call->end);
    free(call);
}

void client_free(struct client *client)
{
    struct list_link *link;

    if (client == NULL)
        return;
    while ((link = list_pop(&client->calls)) != NULL)
        call_free(list_entry(link, struct client_call, link));
    free(client);
}

void client_cancel(struct client_call *call)
{
    list_remove(&call->client->calls, &call->link);
    call_free(call);
}

/* A date has whole seconds: it may mean up to one less. */
static void write_date(struct partner_answer *answer)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t at = (time_t)((kernel_wall_ms() + answer->retry_after_ms) / 1000);
    struct tm tm;

    gmtime_r(&at, &tm);
    snprintf(answer->retry_after, sizeof(answer->retry_after),
             "Thu, %02d %s %04d %02d:%02d:%02d GMT", tm.tm_mday, months[tm.tm_mon],
             tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    answer->retry_after_ms = (int64_t)at * 1000 - kernel_wall_ms();
    if (answer->retry_after_ms < 0)
        answer->retry_after_ms = 0;
}

static void end_call(struct client_call *call)
{
    struct partner_answer *answer = &call->answer;
    struct client_header header = {.name = BYTES("Retry-After")};
    struct client_response response = {.transport = answer->transport,
                                       .status = answer->status,
                                       .headers = &header,
                                       .duration_us = kernel_now_us() - call->began_us};
    client_done_fn *fn = call->fn;
    void *arg = call->arg;

    if (answer->retry_after[0] == '@')
        write_date(answer);
    if (answer->transport != TRANSPORT_OK)
        snprintf(response.error, sizeof(response.error), "%s",
                 outcome_transport_text(answer->transport));
    header.value = bytes_str(answer->retry_after);
    response.n_headers = answer->transport == TRANSPORT_OK && header.value.len > 0;
    oracle_request_ends(call->line, call->row, call->request.body, answer);
    const struct partner_answer said = *answer;

    header.value = bytes_str(said.retry_after);
    call->is_seen = false;
    client_cancel(call);
    fn(arg, &response);
}

static void on_end(void *arg)
{
    struct client_call *call = arg;

    if (fake_sys_is_dead())
        return;
    fake_loop_turn(call->client->loop);
    end_call(call);
    oracle_turn_ends();
}

/* "dlv_…-1": which delivery it is of. */
static void read_key(struct client_call *call)
{
    struct bytes key = {0};
    struct id id;

    for (size_t i = 0; i < call->request.n_headers; i++) {
        if (bytes_eq_nocase(call->request.headers[i].name, BYTES("Idempotency-Key")))
            key = call->request.headers[i].value;
    }
    if (!id_parse(bytes_take_until(&key, '-'), &id) || id.kind != ID_DELIVERY)
        return;
    call->row = id.row;
    call->line = id.extra - 1;
}

/* "https://p1.example/l2": of subscription 2. */
static int line_of(struct bytes url)
{
    return url.len > 0 ? url.ptr[url.len - 1] - '0' : 0;
}

/* The function's own requests are several deliveries', or look so. */
static bool is_functions(struct bytes url)
{
    return bytes_find(url, BYTES("/f")) < url.len;
}

struct client_call *client_start(struct client *client,
                                 const struct client_request *request, client_done_fn *fn,
                                 void *arg)
{
    struct client_call *call = mem_new(struct client_call);

    call->client = client;
    call->request = *request;
    call->fn = fn;
    call->arg = arg;
    call->began_us = kernel_now_us();
    alarm_init(&call->end, on_end, call);
    list_push(&client->calls, &call->link);
    if (fake_sys_is_dead())
        return call;
    read_key(call);
    call->line = line_of(request->url);
    if (is_functions(request->url))
        call->row = 0;
    call->is_seen = true;
    oracle_request_begins(call->line, call->row, request->body);
    partners_answer(partners_of_url(request->url), &call->answer);
    if (call->answer.after_us > request->timeout_ms * 1000) {
        call->answer.after_us = request->timeout_ms * 1000;
        call->answer.transport = TRANSPORT_TIMEOUT;
    }
    alarm_set(&call->end, call->answer.after_us);
    return call;
}
