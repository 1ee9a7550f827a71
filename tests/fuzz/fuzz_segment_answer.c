/* SPDX-License-Identifier: MIT */

/* Whatever Segment answers: one printable sentence, JSON about the differences, a request
 * for the next page that is one line, and no mask sent back. */

#include "core/segment_api.h"

#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "json/json.h"
#include "json/scan.h"

enum { WHY_BYTES = 64 };

static void check_sentence(enum segment_backend backend, int status, struct bytes body)
{
    char why[WHY_BYTES];
    const enum segment_verdict verdict =
        segment_api_read(backend, status, body, why, sizeof(why));
    const size_t len = strnlen(why, sizeof(why));
    size_t n;

    CLAIM(len < sizeof(why));
    CLAIM((verdict == SEGMENT_FINE) <= (status / 100 == 2 && len == 0));
    CLAIM(segment_verdict_text(verdict)[0] != '\0');
    for (size_t i = 0; i < len; i += n) {
        n = utf8_sequence_len(why + i, len - i);
        CLAIM(n > 0);
        CLAIM((uint8_t)why[i] >= 0x20 && why[i] != 0x7f);
    }
}

/* A list's answer leads to the next page, never to this one again. */
static void check_page(enum segment_backend backend, const struct json *answer)
{
    struct segment_target target = {.backend = backend,
                                    .noun = SEGMENT_CATALOG_DESTINATIONS,
                                    .page_token = BYTES("a")};
    struct segment_request request;
    struct bytes next;

    (void)segment_api_data(&target, answer, &next);
    CLAIM(!bytes_eq(next, target.page_token));
    target.page_token = next;
    segment_request_init(&request);
    if (segment_api_write(&target, NULL, &request, NULL) == 0) {
        const struct bytes path = buf_bytes(&request.path);

        for (size_t i = 0; i < path.len; i++)
            CLAIM(path.ptr[i] > ' ' && path.ptr[i] <= '~');
        CLAIM(bytes_index(path, '#') == path.len);
    }
    segment_request_done(&request);
}

static bool is_json(struct bytes text)
{
    struct scan_span root;
    struct scan_fault fault;

    return scan_json(text, NULL, &root, &fault);
}

/* The answer as what we want to set, and as what is set. */
static void check_settings(const struct json *answer, struct bytes text)
{
    const struct segment_target target = {
        .noun = SEGMENT_DESTINATIONS,
        .verb = SEGMENT_UPDATE,
        .name = BYTES("workspaces/w/sources/s/destinations/d")};
    const struct segment_destination wanted = {true, BYTES("CLOUD"), text};
    struct segment_request request;
    struct buf drift;

    buf_init(&drift, 1 << 22);
    segment_request_init(&request);
    CLAIM(segment_api_drift(answer, &wanted, &drift) == (drift.len > 2));
    CLAIM(is_json(buf_bytes(&drift)));
    if (segment_api_write(&target, &wanted, &request, NULL) == 0) {
        CLAIM(is_json(buf_bytes(&request.body)));
        CLAIM(bytes_find(buf_bytes(&request.body), BYTES("\"value\":\"••••")) ==
              request.body.len);
    }
    buf_done(&drift);
    segment_request_done(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 201, 400, 401, 403, 404, 409, 429, 500, 501, 0};
    const struct bytes body = bytes_of(data, size);
    struct json *json = NULL;

    for (size_t i = 0; i < COUNT(statuses); i++) {
        check_sentence(SEGMENT_V1BETA, statuses[i], body);
        check_sentence(SEGMENT_PUBLIC, statuses[i], body);
    }
    if (json_parse(body, &json, NULL) < 0)
        return 0;
    check_page(SEGMENT_V1BETA, json);
    check_page(SEGMENT_PUBLIC, json);
    check_settings(json, body);
    json_free(json);
    return 0;
}
