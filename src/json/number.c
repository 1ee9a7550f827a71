/* SPDX-License-Identifier: MIT */

#include "json/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * A double can lie within half a unit of a decimal of up to 767 digits; what follows
 * these many can only break a tie, and one digit more stands for all of it.
 */
enum { DIGITS_MAX = 800 };

/* Any decimal of this many digits survives the way to a double and back. */
enum { DIGITS_EXACT = DBL_DIG, DIGITS_ENOUGH = 17 };

/* 0.d₁d₂d₃… × 10^point, no zero at either end; zero has no digits. */
struct decimal {
    char digits[DIGITS_MAX + 1];
    size_t n_digits;
    int64_t point;
    bool negative;
};

static void strip_zeros(struct decimal *decimal)
{
    while (decimal->n_digits > 0 && decimal->digits[decimal->n_digits - 1] == '0')
        decimal->n_digits--;
}

static void add_digit(struct decimal *decimal, char digit, bool is_fraction)
{
    if (decimal->n_digits == 0 && digit == '0') {
        decimal->point -= is_fraction;
        return;
    }
    decimal->point += !is_fraction;
    if (decimal->n_digits < DIGITS_MAX)
        decimal->digits[decimal->n_digits++] = digit;
    else if (digit != '0')
        decimal->digits[DIGITS_MAX] = '1';
}

/* Saturates far beyond any text's length, where only the sign matters. */
static int64_t read_exponent(struct bytes text)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    int64_t exponent = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] >= '0' && text.ptr[i] <= '9' && exponent < INT64_MAX / 1000)
            exponent = exponent * 10 + (text.ptr[i] - '0');
    }
    return negative ? -exponent : exponent;
}

static void read_decimal(struct bytes text, struct decimal *ret_decimal)
{
    bool is_fraction = false;
    size_t i = 0;

    *ret_decimal = (struct decimal){.digits = {[DIGITS_MAX] = '0'}};
    for (; i < text.len && text.ptr[i] != 'e' && text.ptr[i] != 'E'; i++) {
        if (text.ptr[i] == '-')
            ret_decimal->negative = true;
        else if (text.ptr[i] == '.')
            is_fraction = true;
        else
            add_digit(ret_decimal, text.ptr[i], is_fraction);
    }
    if (i < text.len)
        ret_decimal->point += read_exponent(bytes_slice(text, i + 1, text.len));
    if (ret_decimal->digits[DIGITS_MAX] != '0')
        ret_decimal->n_digits = DIGITS_MAX + 1;
    strip_zeros(ret_decimal);
}

/* The absolute value. Given to strtod without a point, which locales spell differently.
 */
static double to_double(const struct decimal *decimal)
{
    char text[DIGITS_MAX + 32];
    int64_t exponent = decimal->point - (int64_t)decimal->n_digits;

    if (decimal->n_digits == 0 || decimal->point < -400)
        return 0;
    if (decimal->point > 400)
        return HUGE_VAL;
    snprintf(text, sizeof(text), "%.*se%lld", (int)decimal->n_digits, decimal->digits,
             (long long)exponent);
    return strtod(text, NULL);
}

/* The nearest decimal of @n_digits digits. */
static void round_to(double value, size_t n_digits, struct decimal *ret_decimal)
{
    char text[DIGITS_ENOUGH + 16];
    char *exponent;

    snprintf(text, sizeof(text), "%.*e", (int)n_digits - 1, value);
    exponent = strchr(text, 'e');
    ret_decimal->n_digits = n_digits;
    ret_decimal->digits[0] = text[0];
    if (n_digits > 1)
        memcpy(ret_decimal->digits + 1, exponent - (n_digits - 1), n_digits - 1);
    ret_decimal->point = strtol(exponent + 1, NULL, 10) + 1;
}

static void count_up(struct decimal *decimal)
{
    size_t i = decimal->n_digits;

    while (i > 0 && decimal->digits[i - 1] == '9')
        decimal->digits[--i] = '0';
    if (i > 0) {
        decimal->digits[i - 1]++;
        return;
    }
    decimal->digits[0] = '1';
    decimal->point++;
}

/*
 * Above a power of two the doubles lie twice as far apart as below it. The nearest
 * decimal may then miss on the narrow side, while its upper neighbour hits on the wide
 * one.
 */
static bool round_hits(double value, size_t n_digits, struct decimal *ret_decimal)
{
    round_to(value, n_digits, ret_decimal);
    if (to_double(ret_decimal) == value)
        return true;
    count_up(ret_decimal);
    return to_double(ret_decimal) == value;
}

/* @value is positive and finite. */
static void shortest(double value, struct decimal *ret_decimal)
{
    /* Where doubles have lost precision, even one digit may do. */
    size_t n_digits = value < DBL_MIN ? 1 : DIGITS_EXACT;

    while (n_digits < DIGITS_ENOUGH && !round_hits(value, n_digits, ret_decimal))
        n_digits++;
    if (n_digits == DIGITS_ENOUGH)
        round_to(value, n_digits, ret_decimal);
    strip_zeros(ret_decimal);
}

struct pen {
    char *text;
    size_t len;
};

static void put(struct pen *pen, const char *digits, size_t len)
{
    memcpy(pen->text + pen->len, digits, len);
    pen->len += len;
}

static void put_zeros(struct pen *pen, int64_t count)
{
    for (; count > 0; count--)
        put(pen, "0", 1);
}

static void put_exponent(struct pen *pen, const struct decimal *decimal)
{
    int exponent = (int)decimal->point - 1;

    put(pen, decimal->digits, 1);
    if (decimal->n_digits > 1) {
        put(pen, ".", 1);
        put(pen, decimal->digits + 1, decimal->n_digits - 1);
    }
    pen->len += (size_t)snprintf(pen->text + pen->len, NUMBER_TEXT_MAX - pen->len, "e%+d",
                                 exponent);
}

/* At most 17 digits: Number::toString of ECMA-262. */
static size_t print(const struct decimal *decimal, char ret_text[NUMBER_TEXT_MAX])
{
    struct pen pen = {.text = ret_text};
    int64_t n_digits = (int64_t)decimal->n_digits;
    int64_t point = decimal->point;

    if (n_digits == 0) {
        put(&pen, "0", 1);
        return pen.len;
    }
    if (decimal->negative)
        put(&pen, "-", 1);
    if (point > 21 || point <= -6) {
        put_exponent(&pen, decimal);
    } else if (point <= 0) {
        put(&pen, "0.", 2);
        put_zeros(&pen, -point);
        put(&pen, decimal->digits, decimal->n_digits);
    } else if (point >= n_digits) {
        put(&pen, decimal->digits, decimal->n_digits);
        put_zeros(&pen, point - n_digits);
    } else {
        put(&pen, decimal->digits, (size_t)point);
        put(&pen, ".", 1);
        put(&pen, decimal->digits + point, (size_t)(n_digits - point));
    }
    return pen.len;
}

size_t number_format(double value, char ret_text[NUMBER_TEXT_MAX])
{
    struct decimal decimal;

    if (!isfinite(value)) {
        memcpy(ret_text, "null", 4);
        return 4;
    }
    decimal.n_digits = 0;
    decimal.point = 0;
    decimal.negative = value < 0;
    if (value < 0 || value > 0)
        shortest(fabs(value), &decimal);
    return print(&decimal, ret_text);
}

double number_parse(struct bytes number)
{
    struct decimal decimal;
    double value;

    read_decimal(number, &decimal);
    value = to_double(&decimal);
    return decimal.negative ? -value : value;
}

size_t number_canonical(struct bytes number, char ret_text[NUMBER_TEXT_MAX])
{
    struct decimal decimal;
    double value;

    read_decimal(number, &decimal);
    /* The usual number is its own shortest form, once its zeros are off. */
    if (decimal.n_digits <= DIGITS_EXACT && decimal.point > -300 && decimal.point < 300)
        return print(&decimal, ret_text);
    value = to_double(&decimal);
    return number_format(decimal.negative ? -value : value, ret_text);
}
