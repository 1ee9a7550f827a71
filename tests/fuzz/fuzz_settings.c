/* SPDX-License-Identifier: MIT */

/* What is accepted is one JSON object, and comes back from its own encoding. */

#include "fuzz/fuzz.h"
#include "segment/settings.h"
#include "json/scan.h"

static void check_round_trip(struct bytes json)
{
    struct scan_span root;
    struct scan_fault fault;
    struct buf header;
    struct buf again;

    CLAIM(scan_json(json, NULL, &root, &fault));
    CLAIM(root.kind == SCAN_OBJECT && root.text.len == json.len);
    buf_init(&header, 1 << 20);
    buf_init(&again, 1 << 20);
    CLAIM(settings_encode(json, &header) == 0);
    CLAIM(settings_decode(buf_bytes(&header), &again) == SETTINGS_GOOD);
    CLAIM(bytes_eq(json, buf_bytes(&again)));
    buf_done(&header);
    buf_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = bytes_of(data, size);
    struct buf header;
    struct buf json;

    buf_init(&header, 1 << 20);
    buf_init(&json, 1 << 20);
    if (settings_decode(input, &json) == SETTINGS_GOOD)
        check_round_trip(buf_bytes(&json));
    else
        CLAIM(json.len == 0);
    /* Once more with the input as what was encoded: mutation rarely gets through base64.
     */
    CLAIM(settings_encode(input, &header) == 0);
    if (settings_decode(buf_bytes(&header), &json) == SETTINGS_GOOD)
        check_round_trip(buf_bytes(&json));
    buf_done(&header);
    buf_done(&json);
    return 0;
}
