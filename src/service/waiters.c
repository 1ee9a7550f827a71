/* SPDX-License-Identifier: MIT */

#include "service/waiters.h"

#include <stdio.h>

#include "net/server.h"
#include "service/keeper.h"
#include "json/write.h"

enum { WAIT_MS = 4000, ANSWER_BYTES = 16384 };

static void on_timer(void *arg)
{
    struct waiters *waiters = arg;
    int64_t now_ms = loop_now_ms(waiters->loop);

    while (!list_is_empty(&waiters->list)) {
        struct waiter *waiter = list_entry(waiters->list.first, struct waiter, link);

        if (waiter->until_ms > now_ms) {
            loop_timer_set(&waiters->timer, waiter->until_ms - now_ms);
            return;
        }
        waiters_forget(waiters, waiter);
    }
}

void waiters_init(struct waiters *waiters, struct loop *loop)
{
    *waiters = (struct waiters){.loop = loop};
    loop_timer_init(&waiters->timer, loop, on_timer, waiters);
}

void waiters_forget_all(struct waiters *waiters)
{
    while (!list_is_empty(&waiters->list))
        waiters_forget(waiters, list_entry(waiters->list.first, struct waiter, link));
}

void waiters_done(struct waiters *waiters)
{
    waiters_forget_all(waiters);
    loop_timer_done(&waiters->timer);
}

void waiters_add(struct waiters *waiters, struct waiter *waiter,
                 struct server_request *request, const char *event_id)
{
    waiter->request = request;
    waiter->until_ms = loop_now_ms(waiters->loop) + WAIT_MS;
    snprintf(waiter->event_id, sizeof(waiter->event_id), "%s", event_id);
    if (list_is_empty(&waiters->list))
        loop_timer_set(&waiters->timer, WAIT_MS);
    list_push(&waiters->list, &waiter->link);
}

static void print_accepted(const struct waiter *waiter, struct buf *body)
{
    struct write json;

    write_init(&json, body);
    write_object(&json);
    write_member_i64(&json, "accepted", 1);
    write_member_i64(&json, "duplicates", 0);
    write_member_raw(&json, "rejected", BYTES("[]"));
    write_key(&json, "ids");
    write_array(&json);
    write_text(&json, waiter->event_id);
    write_array_end(&json);
    write_object_end(&json);
}

static void print_message(const char *message, struct buf *body)
{
    struct write json;

    write_init(&json, body);
    write_object(&json);
    write_member_text(&json, "message", message != NULL ? message : "");
    write_object_end(&json);
}

void waiters_answer(struct waiters *waiters, struct waiter *waiter, enum outcome outcome,
                    const char *error_name, const char *message)
{
    cleanup(buf_done) struct buf body = {0};
    struct server_answer answer = {.content_type = "application/json"};

    if (waiter->request == NULL)
        return;
    list_remove(&waiters->list, &waiter->link);
    if (waiters->keeper != NULL && keeper_has_failed(waiters->keeper)) {
        server_answer_message(take(waiter->request), 503, "Temporarily unavailable");
        return;
    }
    answer.status = outcome_inline_status(outcome, bytes_str(error_name));
    answer.headers[0] = (struct server_header){"X-Partnerapp-Event-Id", waiter->event_id};
    buf_init(&body, ANSWER_BYTES);
    if (answer.status < 300)
        print_accepted(waiter, &body);
    else
        print_message(message, &body);
    answer.body = buf_bytes(&body);
    server_answer(take(waiter->request), &answer);
}

void waiters_forget(struct waiters *waiters, struct waiter *waiter)
{
    waiters_answer(waiters, waiter, OUTCOME_RETRY, NULL, NULL);
}
