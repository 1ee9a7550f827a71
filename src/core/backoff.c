/* SPDX-License-Identifier: MIT */

#include "core/backoff.h"

#include <stdio.h>

#include "base/time_text.h"

enum { HTTP_DATE_MAX = 40, SHORTEST_WAIT_MS = 1 };

/* For exponents that an integer would not hold. */
static double power_of_two(unsigned exponent)
{
    double power = 1;

    for (unsigned i = 0; i < exponent; i++)
        power *= 2;
    return power;
}

int64_t backoff_wait_ms(const struct backoff *backoff, unsigned attempts_made,
                        uint32_t random, int64_t retry_after_ms)
{
    int64_t least = retry_after_ms < BACKOFF_RETRY_AFTER_MAX_MS
                        ? retry_after_ms
                        : BACKOFF_RETRY_AFTER_MAX_MS;
    double jitter = 0.5 + (double)random / 4294967296.0;
    double wait = 0;
    int64_t wait_ms;

    if (least < SHORTEST_WAIT_MS)
        least = SHORTEST_WAIT_MS;
    if (backoff->attempts < 2 || attempts_made < 1)
        return least;
    if (attempts_made > backoff->attempts - 1)
        attempts_made = backoff->attempts - 1;
    /* One fraction instead of base and factor: both may leave a double's range. */
    wait = (double)backoff->over_ms * jitter * power_of_two(attempts_made - 1) /
           (power_of_two(backoff->attempts - 1) - 1);
    wait_ms = (int64_t)(wait + 0.5);
    return wait_ms > least ? wait_ms : least;
}

int64_t backoff_fit_ms(int64_t wait_ms, int64_t least_ms, int64_t left_ms)
{
    if (left_ms <= 0 || wait_ms <= left_ms)
        return wait_ms;
    if (least_ms > BACKOFF_RETRY_AFTER_MAX_MS)
        least_ms = BACKOFF_RETRY_AFTER_MAX_MS;
    return least_ms > left_ms ? wait_ms : left_ms;
}

int64_t backoff_resume_ms(int64_t next_at_ms, int64_t first_attempt_ms, int64_t now_ms)
{
    int64_t from_ms = now_ms > first_attempt_ms ? now_ms : first_attempt_ms;

    return next_at_ms > from_ms ? next_at_ms - from_ms : 0;
}

int64_t backoff_deadline_ms(const struct backoff *backoff, int64_t first_attempt_ms)
{
    return first_attempt_ms + backoff->over_ms + backoff->over_ms / 2;
}

struct http_date {
    int year, month, day, hour, minute, second;
};

static int month_number(const char name[4])
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12; i++) {
        if (strncmp(name, names + 3 * i, 3) == 0)
            return i + 1;
    }
    return 0;
}

/* The three forms that RFC 9110 §5.6.7 wants understood; the first is the one in use. */
static bool read_date(const char *text, struct http_date *date)
{
    char month[4] = "";
    int n_read =
        sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT", &date->day, month,
               &date->year, &date->hour, &date->minute, &date->second);

    if (n_read != 6) {
        n_read =
            sscanf(text, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT", &date->day,
                   month, &date->year, &date->hour, &date->minute, &date->second);
        date->year += date->year < 70 ? 2000 : 1900;
    }
    if (n_read != 6)
        n_read =
            sscanf(text, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d", month, &date->day,
                   &date->hour, &date->minute, &date->second, &date->year);
    date->month = month_number(month);
    return n_read == 6;
}

static bool parse_http_date(struct bytes header, int64_t *ret_time_ms)
{
    struct http_date date = {0};
    char text[HTTP_DATE_MAX + 1] = "";
    char rfc3339[96];

    if (header.len > HTTP_DATE_MAX)
        return false;
    memcpy(text, header.ptr, header.len);
    if (!read_date(text, &date))
        return false;
    snprintf(rfc3339, sizeof(rfc3339), "%04d-%02d-%02dT%02d:%02d:%02dZ", date.year,
             date.month, date.day, date.hour, date.minute, date.second);
    return time_text_parse(bytes_str(rfc3339), ret_time_ms);
}

int64_t backoff_retry_after_ms(struct bytes header, int64_t now_ms)
{
    int64_t number;
    int64_t wait_ms;

    header = bytes_trim(header);
    if (header.len == 0)
        return 0;
    if (bytes_to_i64(header, &number)) {
        if (number <= 0)
            return 0;
        return __builtin_mul_overflow(number, 1000, &wait_ms) ? INT64_MAX : wait_ms;
    }
    if (!parse_http_date(header, &number) || number <= now_ms)
        return 0;
    return number - now_ms;
}
