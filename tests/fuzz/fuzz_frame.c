/* SPDX-License-Identifier: MIT */

/* What is decoded lies within what was given, and says again what it said. */

#include "fuzz/fuzz.h"
#include "js/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = bytes_of(data, size > 0 ? size - 1 : 0);
    struct frame frame;
    struct buf again;
    size_t begun;
    size_t len = 0;

    if (size == 0 ||
        frame_decode(bytes, (data[size - 1] & 1) != 0, &frame, &len) != FRAME_WHOLE)
        return 0;
    CLAIM(len <= bytes.len);
    CLAIM(frame.n_fields <= FRAME_MAX_FIELDS);
    buf_init(&again, FRAME_BYTES);
    begun = frame_begin(&again, frame.type, frame.invocation);
    for (size_t i = 0; i < frame.n_fields; i++) {
        CLAIM(is_within(frame.fields[i].value, bytes));
        frame_add(&again, frame.fields[i].tag, frame.fields[i].value);
    }
    CLAIM(frame_end(&again, begun) == 0);
    CLAIM(bytes_eq(buf_bytes(&again), bytes_slice(bytes, 0, len)));
    buf_done(&again);
    return 0;
}
