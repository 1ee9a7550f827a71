/* SPDX-License-Identifier: MIT */

#include "base/time_text.h"

#include <stdio.h>

enum { DAY_MS = 86400000 };

/* Days since 1970-01-01 of a civil date; months after February count from March. */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    int64_t shifted = month <= 2 ? year - 1 : year;
    int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int64_t year_of_era = shifted - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, int64_t *ret_year, int64_t *ret_month,
                            int64_t *ret_day)
{
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;

    *ret_day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    *ret_month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *ret_year = year_of_era + era * 400 + (*ret_month <= 2 ? 1 : 0);
}

/* By hand: printf costs more than all the rest of stamping an event. */
static void put_digits(char *to, size_t n_digits, int64_t value)
{
    while (n_digits-- > 0) {
        to[n_digits] = (char)('0' + value % 10);
        value /= 10;
    }
}

void time_text_format(int64_t time_ms, char ret_text[TIME_TEXT_LEN + 1])
{
    const int64_t lowest = days_from_civil(0, 1, 1) * DAY_MS;
    const int64_t highest = days_from_civil(10000, 1, 1) * DAY_MS - 1;
    int64_t year, month, day, days, rest;

    if (time_ms < lowest)
        time_ms = lowest;
    if (time_ms > highest)
        time_ms = highest;
    days = (time_ms >= 0 ? time_ms : time_ms - (DAY_MS - 1)) / DAY_MS;
    rest = time_ms - days * DAY_MS;
    civil_from_days(days, &year, &month, &day);
    memcpy(ret_text, "0000-00-00T00:00:00.000Z", TIME_TEXT_LEN + 1);
    put_digits(ret_text, 4, year);
    put_digits(ret_text + 5, 2, month);
    put_digits(ret_text + 8, 2, day);
    put_digits(ret_text + 11, 2, rest / 3600000);
    put_digits(ret_text + 14, 2, rest / 60000 % 60);
    put_digits(ret_text + 17, 2, rest / 1000 % 60);
    put_digits(ret_text + 20, 3, rest % 1000);
}

/* Exactly @n_digits digits at the front of *text, which then begins after them. */
static bool take_digits(struct bytes *text, size_t n_digits, int64_t *ret_value)
{
    struct bytes digits = bytes_slice(*text, 0, n_digits);

    if (digits.len != n_digits || digits.ptr[0] == '-' ||
        !bytes_to_i64(digits, ret_value))
        return false;
    *text = bytes_slice(*text, n_digits, text->len);
    return true;
}

static bool take_char(struct bytes *text, char c)
{
    if (text->len == 0 || text->ptr[0] != c)
        return false;
    *text = bytes_slice(*text, 1, text->len);
    return true;
}

static bool take_date(struct bytes *text, int64_t *ret_days)
{
    static const uint8_t lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t year, month, day;
    bool leap;

    if (!take_digits(text, 4, &year) || !take_char(text, '-') ||
        !take_digits(text, 2, &month) || !take_char(text, '-') ||
        !take_digits(text, 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > lengths[month - 1])
        return false;
    leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month == 2 && day == 29 && !leap)
        return false;
    *ret_days = days_from_civil(year, month, day);
    return true;
}

static bool take_fraction(struct bytes *text, int64_t *ret_ms)
{
    int64_t ms = 0;
    int64_t weight = 100;
    size_t n_digits = 0;

    if (!take_char(text, '.'))
        return true;
    while (text->len > 0 && text->ptr[0] >= '0' && text->ptr[0] <= '9') {
        ms += (text->ptr[0] - '0') * weight;
        weight /= 10;
        n_digits++;
        *text = bytes_slice(*text, 1, text->len);
    }
    *ret_ms = ms;
    return n_digits > 0;
}

static bool take_offset(struct bytes *text, int64_t *ret_ms)
{
    int64_t hours, minutes;
    bool west;

    *ret_ms = 0;
    if (take_char(text, 'Z') || take_char(text, 'z'))
        return true;
    west = take_char(text, '-');
    if (!west && !take_char(text, '+'))
        return false;
    if (!take_digits(text, 2, &hours))
        return false;
    (void)take_char(text, ':');
    if (!take_digits(text, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ret_ms = (hours * 60 + minutes) * 60000 * (west ? -1 : 1);
    return true;
}

bool time_text_parse(struct bytes text, int64_t *ret_time_ms)
{
    int64_t days, hour, minute, second;
    int64_t ms = 0;
    int64_t offset_ms;

    if (!take_date(&text, &days))
        return false;
    if (text.len == 0) {
        *ret_time_ms = days * DAY_MS;
        return true;
    }
    if (!take_char(&text, 'T') && !take_char(&text, 't') && !take_char(&text, ' '))
        return false;
    if (!take_digits(&text, 2, &hour) || !take_char(&text, ':') ||
        !take_digits(&text, 2, &minute) || !take_char(&text, ':') ||
        !take_digits(&text, 2, &second) || !take_fraction(&text, &ms) ||
        !take_offset(&text, &offset_ms) || text.len > 0)
        return false;
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    *ret_time_ms =
        days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + ms - offset_ms;
    return true;
}

static bool parse_scaled(struct bytes text, const char *const *units,
                         const int64_t *factors, size_t n_units, int64_t *ret_value)
{
    size_t n_digits = 0;
    int64_t number;
    struct bytes unit;

    while (n_digits < text.len && text.ptr[n_digits] >= '0' && text.ptr[n_digits] <= '9')
        n_digits++;
    unit = bytes_slice(text, n_digits, text.len);
    if (!bytes_to_i64(bytes_slice(text, 0, n_digits), &number))
        return false;
    for (size_t i = 0; i < n_units; i++) {
        if (bytes_eq_nocase(unit, bytes_str(units[i])))
            return !__builtin_mul_overflow(number, factors[i], ret_value);
    }
    return false;
}

bool time_text_parse_duration(struct bytes text, int64_t *ret_duration_ms)
{
    static const char *const units[] = {"ms", "s", "", "m", "h", "d"};
    static const int64_t factors[] = {1, 1000, 1000, 60000, 3600000, DAY_MS};

    return parse_scaled(text, units, factors, COUNT(units), ret_duration_ms);
}

bool time_text_parse_size(struct bytes text, int64_t *ret_bytes)
{
    static const char *const units[] = {"",    "b", "k",  "kb",  "kib", "m",  "mb",
                                        "mib", "g", "gb", "gib", "t",   "tb", "tib"};
    static const int64_t k = 1024;
    const int64_t factors[] = {1,
                               1,
                               k,
                               k,
                               k,
                               k * k,
                               k * k,
                               k * k,
                               k * k * k,
                               k * k * k,
                               k * k * k,
                               k * k * k * k,
                               k * k * k * k,
                               k * k * k * k};

    return parse_scaled(text, units, factors, COUNT(units), ret_bytes);
}

void time_text_format_duration(int64_t duration_ms, char ret_text[TIME_TEXT_LEN + 1])
{
    static const char *const units[] = {"d", "h", "m", "s"};
    static const int64_t factors[] = {DAY_MS, 3600000, 60000, 1000};

    for (size_t i = 0; i < COUNT(units); i++) {
        if (duration_ms != 0 && duration_ms % factors[i] == 0) {
            snprintf(ret_text, TIME_TEXT_LEN + 1, "%lld%s",
                     (long long)(duration_ms / factors[i]), units[i]);
            return;
        }
    }
    snprintf(ret_text, TIME_TEXT_LEN + 1, "%lldms", (long long)duration_ms);
}
