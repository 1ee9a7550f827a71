/* SPDX-License-Identifier: MIT */

#include "base/accept.h"

enum precision { PRECISION_NONE = 0, PRECISION_ALL, PRECISION_FAMILY, PRECISION_TYPE };

/* "0.85" is 850: a digit, and at most three behind the point. */
static int parse_quality(struct bytes text)
{
    int quality = 0;
    int unit = ACCEPT_QUALITY_MAX;

    for (size_t i = 0; i < text.len && i < sizeof("0.000") - 1; i++) {
        if (i == 1 && text.ptr[i] == '.')
            continue;
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return ACCEPT_QUALITY_MAX;
        quality += (text.ptr[i] - '0') * unit;
        unit /= 10;
    }
    return quality < ACCEPT_QUALITY_MAX ? quality : ACCEPT_QUALITY_MAX;
}

static int find_quality(struct bytes parameters)
{
    while (parameters.len > 0) {
        const struct bytes parameter = bytes_trim(bytes_take_until(&parameters, ';'));

        if (bytes_starts(parameter, BYTES("q=")) || bytes_starts(parameter, BYTES("Q=")))
            return parse_quality(bytes_slice(parameter, 2, parameter.len));
    }
    return ACCEPT_QUALITY_MAX;
}

static enum precision judge(struct bytes range, struct bytes type)
{
    const struct bytes family = bytes_slice(type, 0, bytes_index(type, '/') + 1);

    if (bytes_eq(range, BYTES("*/*")))
        return PRECISION_ALL;
    if (bytes_eq_nocase(range, type))
        return PRECISION_TYPE;
    if (range.len == family.len + 1 && bytes_ends(range, BYTES("*")) &&
        bytes_eq_nocase(bytes_slice(range, 0, family.len), family))
        return PRECISION_FAMILY;
    return PRECISION_NONE;
}

int accept_quality(struct bytes header, struct bytes type)
{
    enum precision best = PRECISION_NONE;
    int quality = 0;

    if (bytes_trim(header).len == 0)
        return ACCEPT_QUALITY_MAX;
    while (header.len > 0) {
        struct bytes item = bytes_take_until(&header, ',');
        const struct bytes range = bytes_trim(bytes_take_until(&item, ';'));
        const enum precision precision = judge(range, type);

        if (precision > best) {
            best = precision;
            quality = find_quality(item);
        }
    }
    return quality;
}
