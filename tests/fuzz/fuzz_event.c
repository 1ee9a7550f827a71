/* SPDX-License-Identifier: MIT */

/* The verdict and the envelope agree, and every slice lies where it may. */

#include "fuzz/fuzz.h"
#include "segment/event.h"
#include "json/scan.h"

enum { SMALL_SCRATCH_BYTES = 64 }; /* so that it does overflow at times */

static void check_slices(const struct event *event, struct bytes text,
                         struct bytes scratch)
{
    const struct bytes slices[] = {
        event->type,     event->name,        event->user_id,    event->anonymous_id,
        event->group_id, event->previous_id, event->message_id, event_title(event)};

    for (size_t i = 0; i < COUNT(slices); i++)
        CLAIM(is_within(slices[i], text) || is_within(slices[i], scratch));
}

static void check_good(const struct event *event)
{
    CLAIM(event->kind != EVENT_NONE);
    CLAIM(event->kind == event_kind_parse(event->type));
    CLAIM(event->user_id.len > 0 || event->anonymous_id.len > 0);
    CLAIM(event->kind != EVENT_TRACK || event->name.len > 0);
    CLAIM(event->kind != EVENT_DELETE || event->user_id.len > 0);
    CLAIM(event->why[0] == '\0');
}

/* As the only element of an array it is the same event. */
static void judge_in_array(struct bytes text, enum event_verdict verdict,
                           const struct event *event)
{
    cleanup(buf_done) struct buf whole = {0};
    cleanup(buf_done) struct buf scratch = {0};
    struct scan_array array;
    struct bytes element;
    enum event_verdict got;
    struct event again;

    buf_init(&whole, text.len + 2);
    buf_init(&scratch, SMALL_SCRATCH_BYTES);
    (void)buf_add_char(&whole, '[');
    (void)buf_add(&whole, text);
    (void)buf_add_char(&whole, ']');
    scan_array_init(&array, buf_bytes(&whole));
    if (!event_judge_next(&array, &scratch, &element, &got, &again))
        CLAIM(verdict == EVENT_MALFORMED || /* the array is a level more */
              strcmp(array.fault.why, "nested too deeply") == 0);
    else if (verdict != EVENT_MALFORMED)
        CLAIM(got == verdict && again.kind == event->kind &&
              bytes_eq(again.message_id, event->message_id) &&
              bytes_eq(again.name, event->name) && strcmp(again.why, event->why) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = bytes_of(data, size);
    struct scan_span root;
    struct scan_fault fault;
    struct event event;
    struct buf scratch;
    enum event_verdict verdict;

    buf_init(&scratch, SMALL_SCRATCH_BYTES);
    verdict = event_judge(text, &scratch, &event);
    check_slices(&event, text, buf_bytes(&scratch));
    CLAIM((verdict == EVENT_MALFORMED) ==
          (!scan_json(text, NULL, &root, &fault) || root.kind != SCAN_OBJECT));
    if (verdict == EVENT_GOOD)
        check_good(&event);
    else
        CLAIM(event.why[0] != '\0');
    if (!bytes_starts(text, BYTES("\xef\xbb\xbf"))) /* one leads a text, no element */
        judge_in_array(text, verdict, &event);
    for (size_t i = 0; event.why[i] != '\0'; i++)
        CLAIM((uint8_t)event.why[i] >= ' ' && event.why[i] != 0x7f);
    buf_done(&scratch);
    return 0;
}
