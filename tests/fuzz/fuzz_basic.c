/* SPDX-License-Identifier: MIT */

/* What strictness accepts, lenience reads alike; and a key survives being formatted. */

#include "fuzz/fuzz.h"
#include "segment/basic.h"

static void check_round_trip(struct bytes key)
{
    struct buf header;
    struct buf scratch;
    struct bytes again;
    struct bytes raw;

    buf_init(&header, 1 << 20);
    buf_init(&scratch, 1 << 20);
    CLAIM(basic_format(key, &header) == 0);
    CLAIM(basic_parse(buf_bytes(&header), false, &scratch, &again, &raw) == BASIC_KEY);
    CLAIM(bytes_eq(key, again));
    CLAIM(raw.len == 0);
    buf_done(&header);
    buf_done(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes header = bytes_of(data, size);
    struct buf strict_scratch;
    struct buf lenient_scratch;
    struct bytes key;
    struct bytes lenient_key;
    struct bytes raw;
    enum basic_verdict strict;
    enum basic_verdict lenient;

    buf_init(&strict_scratch, 1 << 20);
    buf_init(&lenient_scratch, 1 << 20);
    strict = basic_parse(header, false, &strict_scratch, &key, &raw);
    CLAIM(raw.len == 0);
    lenient = basic_parse(header, true, &lenient_scratch, &lenient_key, &raw);
    if (strict == BASIC_KEY) {
        CLAIM(lenient == BASIC_KEY && bytes_eq(key, lenient_key) && raw.len == 0);
        check_round_trip(key);
    } else if (lenient == BASIC_KEY) {
        /* Lenience must never invent the empty key. */
        CLAIM(lenient_key.len > 0 && raw.len > 0 && is_within(raw, header));
    }
    check_round_trip(header);
    buf_done(&strict_scratch);
    buf_done(&lenient_scratch);
    return 0;
}
