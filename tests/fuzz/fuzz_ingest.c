/* SPDX-License-Identifier: MIT */

/* An accepted event, stamped, is an event again: JSON, compact, good to the receiver's
 * judge as well, each stamp there once, no writeKey, and stamping it again changes
 * nothing but the times. */

#include "fuzz/fuzz.h"
#include "segment/envelope.h"
#include "segment/ingest.h"
#include "json/compact.h"
#include "json/scan.h"
#include "json/walk.h"

enum { OUT_BYTES = 1 << 20 };

static const struct bytes contexts[] = {
    BYTES(""),
    BYTES("{}"),
    BYTES("{\"ip\":\"1.2.3.4\",\"library\":{\"name\":\"l\"}}"),
    BYTES("{\"a\\u0062\":[ 1 ],\"ab\":2, \"traits\":{\"a\":1}}"),
};

static const struct bytes times[] = {
    BYTES(""),
    BYTES("2020-01-01T00:00:00Z"),
    BYTES("9999-12-31T23:59:59.999999-23:59"),
    BYTES("\xff\"soon\n"),
};

static const int64_t clocks[] = {1577836800000, 0, INT64_MIN, INT64_MAX};

static void check_once(struct bytes event, enum envelope_field field, size_t want)
{
    struct walk_member member;
    size_t n = 0;

    while (walk_member(&event, &member))
        n += envelope_field_of(member.key) == field;
    CLAIM(n == want);
}

static void check_printed(struct bytes event, const struct ingest_event *before)
{
    struct buf scratch;
    struct buf compact;
    struct event after;

    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    buf_init(&compact, OUT_BYTES);
    CLAIM(event_judge(event, &scratch, &after) == EVENT_GOOD);
    CLAIM(after.kind == before->kind);
    CLAIM(after.message_id.len > 0);
    CLAIM(compact_print(event, &compact) == 0);
    CLAIM(bytes_eq(buf_bytes(&compact), event));
    check_once(event, ENVELOPE_WRITE_KEY, 0);
    check_once(event, ENVELOPE_TYPE, 1);
    check_once(event, ENVELOPE_MESSAGE_ID, 1);
    check_once(event, ENVELOPE_RECEIVED_AT, 1);
    check_once(event, ENVELOPE_TIMESTAMP, 1);
    check_once(event, ENVELOPE_VERSION, 1);
    buf_done(&scratch);
    buf_done(&compact);
}

/* Null and "" stay as they were sent and stand for nothing. */
static bool is_given(const struct scan_span *value)
{
    return value->kind != SCAN_NONE && value->kind != SCAN_NULL &&
           !bytes_eq(value->text, BYTES("\"\""));
}

/* Members that depend on no clock are the same when the event comes in once more. */
static void check_again(struct bytes event, const struct ingest_stamp *stamp)
{
    static const struct bytes stable[] = {
        BYTES("type"),    BYTES("messageId"),    BYTES("originalTimestamp"),
        BYTES("context"), BYTES("integrations"), BYTES("sentAt")};
    struct buf again;

    buf_init(&again, OUT_BYTES);
    CLAIM(ingest_print(event, stamp, &again));
    for (size_t i = 0; i < COUNT(stable); i++) {
        struct scan_span first = {0};
        struct scan_span second = {0};
        bool was_there = scan_find(event, stable[i], &first);

        /* The second time the first one's timestamp has become the original. */
        if (!is_given(&first) && bytes_eq(stable[i], BYTES("originalTimestamp")))
            continue;
        CLAIM(scan_find(buf_bytes(&again), stable[i], &second) == was_there);
        CLAIM(bytes_eq(first.text, second.text));
    }
    buf_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t choice = size > 0 ? data[0] : 0;
    struct bytes text = size > 0 ? bytes_of(data + 1, size - 1) : bytes_of("", 0);
    /* 1 to 6 from a path, 0 from a batch. */
    enum event_kind path = (enum event_kind)(choice % (EVENT_ALIAS + 1));
    struct ingest_stamp stamp = {
        .received_at_ms = clocks[choice >> 6],
        .message_id = BYTES("api-1"),
        .project_id = BYTES("p"),
        .channel = choice & 1 ? "server" : NULL,
        .ip = choice & 2 ? BYTES("::1") : BYTES(""),
        .batch_context = contexts[choice >> 2 & 3],
        .batch_integrations = contexts[choice >> 4 & 3],
        .batch_sent_at = times[choice >> 3 & 3],
    };
    struct ingest_event event;
    struct buf scratch;
    struct buf out;

    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    buf_init(&out, OUT_BYTES);
    if (ingest_judge(text, path, &scratch, &event) == INGEST_GOOD) {
        stamp.kind = event.kind;
        CLAIM(event.kind >= EVENT_IDENTIFY && event.kind <= EVENT_ALIAS);
        CLAIM(ingest_print(text, &stamp, &out));
        check_printed(buf_bytes(&out), &event);
        check_again(buf_bytes(&out), &stamp);
    }
    buf_done(&scratch);
    buf_done(&out);
    return 0;
}
