/* SPDX-License-Identifier: MIT */

#include "emulator/delivery/settling.h"

#include <stdio.h>

#include "emulator/delivery/attempt.h"
#include "emulator/delivery/counters.h"
#include "emulator/delivery/delivery.h"
#include "emulator/world/invent.h"
#include "emulator/world/world.h"

enum { COUNTER_BYTES = 80 };

static void count(const struct settling *settling, const char *counter)
{
    if (counter[0] != '\0')
        counters_add(settling->world, settling->delivery->destination, counter, 1);
}

static void note(const struct settling *settling, const struct attempt_result *result,
                 int64_t next_at_ms)
{
    const struct delivery_attempt attempt = {
        .result = result,
        .began_at_ms = settling->began_at_ms,
        .ended_at_ms = world_now_ms(settling->world),
        .next_at_ms = next_at_ms,
    };

    delivery_note_attempt(settling->delivery, settling->arena, &attempt);
}

void settling_expire(const struct settling *settling, const char *code)
{
    char counter[COUNTER_BYTES];

    snprintf(counter, sizeof(counter), "errors.expired.%s", code);
    count(settling, counter);
    settling->delivery->next_at_ms = 0;
    delivery_end(settling->world, settling->delivery, DELIVERY_EXPIRED, settling->number);
}

static int64_t take_again(const struct settling *settling,
                          const struct attempt_result *result)
{
    struct delivery *delivery = settling->delivery;
    const int64_t next_at_ms =
        retry_next_ms(delivery->n_attempts + 1, delivery->first_attempt_at_ms,
                      world_now_ms(settling->world), result->retry_after_ms,
                      invent_u32(settling->world));

    if (next_at_ms < 0) {
        note(settling, result, 0);
        settling_expire(settling, result->reading.code);
        return 0;
    }
    note(settling, result, next_at_ms);
    delivery_wait(settling->world, delivery);
    return next_at_ms;
}

static enum delivery_end end_of(enum retry_class class)
{
    if (class == RETRY_DELIVERED)
        return DELIVERY_DELIVERED;
    return class == RETRY_UNSUPPORTED ? DELIVERY_UNSUPPORTED : DELIVERY_DISCARDED;
}

int64_t settling_take(const struct settling *settling,
                      const struct attempt_result *result)
{
    struct delivery *delivery = settling->delivery;
    const enum retry_class class = result->reading.class;

    count(settling, result->reading.counter);
    if (class == RETRY_NONE || class == RETRY_AGAIN)
        return take_again(settling, result);
    note(settling, result, 0);
    if (class == RETRY_DELIVERED)
        counters_note_latency(settling->world, delivery->destination, delivery->id,
                              world_now_ms(settling->world) - delivery->received_at_ms);
    delivery_end(settling->world, delivery, end_of(class), settling->number);
    return 0;
}

void settling_refuse(const struct settling *settling, const char *code, const char *why)
{
    struct attempt_result result = {.reading = {.class = RETRY_DISCARDED},
                                    .message = bytes_str(why)};

    snprintf(result.reading.counter, sizeof(result.reading.counter),
             "errors.discarded.%s", code);
    snprintf(result.reading.code, sizeof(result.reading.code), "%s", code);
    count(settling, result.reading.counter);
    note(settling, &result, 0);
    delivery_end(settling->world, settling->delivery, DELIVERY_DISCARDED,
                 settling->number);
}
