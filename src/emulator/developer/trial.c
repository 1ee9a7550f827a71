/* SPDX-License-Identifier: MIT */

#include "emulator/developer/trial.h"

#include "base/err.h"
#include "emulator/delivery/subscription.h"
#include "json/json.h"

/* --- sending ------------------------------------------------------------------------ */

struct trial {
    struct exchange *exchange;
    struct attempt *attempt;
    trial_fn *fn;
    void *arg;
};

static void on_done(void *arg, const struct attempt_result *result)
{
    const struct trial *trial = arg; /* in the exchange's arena */

    trial->fn(trial->exchange, trial->arg, result);
    exchange_finish(trial->exchange);
}

static void on_abandoned(struct exchange *exchange)
{
    const struct trial *trial = exchange->area_data;

    attempt_cancel(trial->attempt);
}

void trial_start(struct exchange *exchange, const struct target *target,
                 struct bytes event, trial_fn *fn, void *arg)
{
    struct trial *trial = arena_new(&exchange->arena, struct trial);

    trial->exchange = exchange;
    trial->fn = fn;
    trial->arg = arg;
    exchange->area_data = trial;
    exchange->abandoned_fn = on_abandoned;
    exchange_defer(exchange);
    trial->attempt = attempt_start(exchange->world, target, event, on_done, trial);
}

/* --- where to ----------------------------------------------------------------------- */

static void rename_member(struct json *object, const char *from, const char *to)
{
    const struct json *value = json_get(object, from);

    if (value != NULL)
        json_set(object, to, value);
}

int trial_target(struct exchange *exchange, int64_t app, const struct json *over,
                 struct target *ret_target, struct err *err)
{
    cleanup(json_freep) struct json *wish = json_object();
    cleanup(json_freep) struct json *subscription =
        subscription_read(exchange->world, app);

    if (subscription != NULL)
        json_merge(wish, subscription);
    if (over != NULL)
        json_merge(wish, over);
    rename_member(wish, "endpoint", "url");
    rename_member(wish, "apiKey", "api_key");
    if (target_of_json(wish, &exchange->arena, ret_target, err) < 0)
        return -1;
    target_default_external_id(exchange->world, app, &exchange->arena, ret_target);
    return 0;
}

struct bytes trial_default_event(enum target_kind kind)
{
    if (kind == TARGET_FUNCTION)
        return BYTES(
            "{\"type\":\"track\",\"event\":\"Registered\",\"userId\":\"test-user-23js8\","
            "\"timestamp\":\"2019-04-08T01:19:38.931Z\",\"email\":\"test@example.com\","
            "\"properties\":{\"plan\":\"Pro Annual\",\"accountType\":\"Facebook\"}}");
    return BYTES("{\"event\":\"Test Event Name\",\"userId\":\"test-user-xip99\","
                 "\"projectId\":\"23kwesej33\",\"messageId\":\"test-message-9qkgq\","
                 "\"timestamp\":\"2019-04-08T01:19:38.931Z\",\"type\":\"track\","
                 "\"email\":\"test@example.com\",\"properties\":{\"foo\":\"bar\"}}");
}
