/* SPDX-License-Identifier: MIT */

#include "core/rate.h"

enum { NEVER_WAIT_MS = 1000 };

static const double highest_per_second = 1e9;

/* Digits with an optional fraction. By hand: strtod() would ask the locale. */
static bool parse_number(struct bytes text, double *ret_number)
{
    struct bytes whole = bytes_take_until(&text, '.');
    double weight = 0.1;
    int64_t number = 0;

    if (whole.len == 0 || whole.ptr[0] == '-' || !bytes_to_i64(whole, &number))
        return false;
    *ret_number = (double)number;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        *ret_number += weight * (text.ptr[i] - '0');
        weight /= 10;
    }
    return true;
}

bool rate_parse(struct bytes text, double *ret_per_second)
{
    struct bytes amount = bytes_take_until(&text, '/');
    double number;
    double seconds;

    if (bytes_eq(text, BYTES("s")))
        seconds = 1;
    else if (bytes_eq(text, BYTES("m")))
        seconds = 60;
    else if (bytes_eq(text, BYTES("h")))
        seconds = 3600;
    else
        return false;
    if (!parse_number(amount, &number) || number <= 0 || number > highest_per_second)
        return false;
    *ret_per_second = number / seconds;
    return true;
}

static double burst_of(const struct rate *rate)
{
    double burst = rate->per_second / 10;

    return burst > 1 ? burst : 1;
}

static void refill(struct rate *rate, int64_t now_ms)
{
    double burst = burst_of(rate);

    if (rate->at_ms == 0)
        rate->tokens = burst;
    else if (now_ms > rate->at_ms)
        rate->tokens += rate->per_second * (double)(now_ms - rate->at_ms) / 1000;
    if (rate->tokens > burst)
        rate->tokens = burst;
    rate->at_ms = now_ms;
}

bool rate_take(struct rate *rate, int64_t now_ms, int64_t *ret_wait_ms)
{
    double wait_ms;

    *ret_wait_ms = NEVER_WAIT_MS;
    if (!(rate->per_second > 0))
        return false;
    refill(rate, now_ms);
    if (rate->tokens >= 1) {
        rate->tokens -= 1;
        *ret_wait_ms = 0;
        return true;
    }
    wait_ms = (1 - rate->tokens) * 1000 / rate->per_second;
    *ret_wait_ms = (int64_t)wait_ms + 1;
    return false;
}
