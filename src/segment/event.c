/* SPDX-License-Identifier: MIT */

#include "segment/event.h"

#include "segment/envelope.h"
#include "json/text.h"

static const struct bytes kinds[] = {
    [EVENT_NONE] = BYTES(""),           [EVENT_IDENTIFY] = BYTES("identify"),
    [EVENT_TRACK] = BYTES("track"),     [EVENT_PAGE] = BYTES("page"),
    [EVENT_SCREEN] = BYTES("screen"),   [EVENT_GROUP] = BYTES("group"),
    [EVENT_ALIAS] = BYTES("alias"),     [EVENT_DELETE] = BYTES("delete"),
    [EVENT_REQUEST] = BYTES("request"),
};

const char *event_kind_text(enum event_kind kind)
{
    return (size_t)kind < COUNT(kinds) ? kinds[kind].ptr : "";
}

enum event_kind event_kind_parse(struct bytes text)
{
    for (size_t kind = EVENT_IDENTIFY; kind < COUNT(kinds); kind++) {
        if (bytes_eq_nocase(text, kinds[kind]))
            return (enum event_kind)kind;
    }
    return EVENT_NONE;
}

static enum event_verdict refuse(struct event *event, enum event_verdict verdict,
                                 const char *why)
{
    size_t len = strlen(why);

    if (len >= sizeof(event->why))
        len = sizeof(event->why) - 1;
    memcpy(event->why, why, len);
    event->why[len] = '\0';
    return verdict;
}

/*
 * Slices of scratch would dangle if it moved while growing, so all the room that the
 * escaped fields can need is made beforehand. Meaning is never longer than its spelling.
 */
static void reserve(const struct envelope *envelope, struct buf *scratch)
{
    size_t wanted = 0;

    for (size_t field = 0; field < ENVELOPE_N_TEXTS; field++) {
        if (envelope->fields[field].has_escape)
            wanted += envelope->fields[field].text.len;
    }
    if (wanted > scratch->max_bytes)
        wanted = scratch->max_bytes;
    if (wanted > 0)
        (void)buf_room(scratch, wanted);
}

/* A string's meaning, a number's text, else nothing. False when scratch has no room. */
static bool read_text(const struct scan_span *span, struct buf *scratch,
                      struct bytes *ret_text)
{
    size_t start = scratch->len;

    if (span->kind == SCAN_NUMBER)
        *ret_text = span->text;
    if (span->kind != SCAN_STRING)
        return true;
    if (!span->has_escape) {
        *ret_text = scan_inside(span);
        return true;
    }
    if (scan_unescape(scan_inside(span), scratch) == BUF_FULL)
        return false;
    *ret_text = bytes_of(scratch->ptr + start, scratch->len - start);
    return true;
}

bool event_read(const struct envelope *envelope, enum event_kind kind,
                struct buf *scratch, struct event *ret_event)
{
    const struct scan_span *fields = envelope->fields;
    struct event *event = ret_event;
    bool fits = true;

    *event = (struct event){0};
    buf_clear(scratch);
    reserve(envelope, scratch);
    for (size_t field = 0; field < ENVELOPE_N_JUDGED; field++)
        event->is_folded |= fields[field].kind != SCAN_NONE && !envelope->is_exact[field];
    /* The type comes first: it must be known even when the rest does not fit. */
    if (fields[ENVELOPE_TYPE].kind == SCAN_STRING)
        fits &= read_text(&fields[ENVELOPE_TYPE], scratch, &event->type);
    event->kind = kind != EVENT_NONE ? kind : event_kind_parse(event->type);
    if (event->kind == EVENT_TRACK && fields[ENVELOPE_EVENT].kind == SCAN_STRING)
        fits &= read_text(&fields[ENVELOPE_EVENT], scratch, &event->name);
    if (event->kind == EVENT_PAGE || event->kind == EVENT_SCREEN)
        fits &= read_text(&fields[ENVELOPE_NAME], scratch, &event->name);
    fits &= read_text(&fields[ENVELOPE_USER_ID], scratch, &event->user_id);
    fits &= read_text(&fields[ENVELOPE_ANONYMOUS_ID], scratch, &event->anonymous_id);
    fits &= read_text(&fields[ENVELOPE_GROUP_ID], scratch, &event->group_id);
    fits &= read_text(&fields[ENVELOPE_PREVIOUS_ID], scratch, &event->previous_id);
    fits &= read_text(&fields[ENVELOPE_MESSAGE_ID], scratch, &event->message_id);
    return fits;
}

/* Printable and neither a control nor a mark that turns the direction of text. */
static bool is_shown(uint32_t point)
{
    return point >= 0x20 && (point < 0x7f || point > 0x9f) && point != 0x2028 &&
           point != 0x2029 && (point < 0x202a || point > 0x202e) &&
           (point < 0x2066 || point > 0x2069);
}

static enum event_verdict refuse_type(struct event *event)
{
    static const char not_supported[] = " not supported";
    const size_t room = sizeof(event->why) - sizeof(not_supported);
    struct bytes rest = event->type;
    size_t len = 0;

    while (rest.len > 0) {
        const char *start = rest.ptr;
        bool shown = is_shown(text_take_point(&rest));
        size_t point_len = (size_t)(rest.ptr - start);

        if (len + point_len > room)
            break;
        if (!shown)
            continue;
        memcpy(event->why + len, start, point_len);
        len += point_len;
    }
    memcpy(event->why + len, not_supported, sizeof(not_supported));
    if (len == 0)
        return refuse(event, EVENT_UNSUPPORTED, "Type not supported");
    return EVENT_UNSUPPORTED;
}

/* What a kind lacks (dossier §2.1), or NULL. */
static const char *missing(const struct event *event)
{
    bool needs_user = event->kind == EVENT_ALIAS || event->kind == EVENT_DELETE;

    if (needs_user && event->user_id.len == 0)
        return "Missing userId";
    if (event->user_id.len == 0 && event->anonymous_id.len == 0)
        return "Missing userId or anonymousId";
    if (event->kind == EVENT_TRACK && event->name.len == 0)
        return "Missing event";
    if (event->kind == EVENT_GROUP && event->group_id.len == 0)
        return "Missing groupId";
    if (event->kind == EVENT_ALIAS && event->previous_id.len == 0)
        return "Missing previousId";
    return NULL;
}

static bool is_object_or_none(const struct scan_span *span)
{
    return span->kind == SCAN_NONE || span->kind == SCAN_NULL ||
           span->kind == SCAN_OBJECT;
}

static enum event_verdict judge(const struct envelope *envelope, bool fits,
                                struct event *event)
{
    const char *why;

    if (event->type.len == 0 && fits)
        return refuse(event, EVENT_NO_TYPE, "Missing type");
    if (event->kind == EVENT_NONE && fits)
        return refuse_type(event);
    if (!fits)
        return refuse(event, EVENT_INCOMPLETE, "Identifier too long");
    why = missing(event);
    if (why != NULL)
        return refuse(event, EVENT_INCOMPLETE, why);
    if (!is_object_or_none(&envelope->fields[ENVELOPE_PROPERTIES]))
        return refuse(event, EVENT_INCOMPLETE, "properties must be an object");
    if (!is_object_or_none(&envelope->fields[ENVELOPE_TRAITS]))
        return refuse(event, EVENT_INCOMPLETE, "traits must be an object");
    return EVENT_GOOD;
}

static enum event_verdict judge_malformed(struct buf *scratch, struct event *ret_event)
{
    *ret_event = (struct event){0};
    buf_clear(scratch);
    return refuse(ret_event, EVENT_MALFORMED, "Malformed JSON");
}

static enum event_verdict judge_envelope(const struct envelope *envelope, bool is_stored,
                                         struct buf *scratch, struct event *ret_event)
{
    const bool fits = event_read(envelope, EVENT_NONE, scratch, ret_event);

    if (ret_event->kind == EVENT_REQUEST) {
        if (is_stored)
            return EVENT_GOOD;
        ret_event->kind = EVENT_NONE;
    }
    return judge(envelope, fits, ret_event);
}

enum event_verdict event_judge(struct bytes text, struct buf *scratch,
                               struct event *ret_event)
{
    struct envelope envelope;

    return envelope_read(text, &envelope)
               ? judge_envelope(&envelope, /* is_stored= */ false, scratch, ret_event)
               : judge_malformed(scratch, ret_event);
}

enum event_verdict event_judge_stored(struct bytes text, struct buf *scratch,
                                      struct event *ret_event)
{
    struct envelope envelope;

    return envelope_read(text, &envelope)
               ? judge_envelope(&envelope, /* is_stored= */ true, scratch, ret_event)
               : judge_malformed(scratch, ret_event);
}

bool event_judge_next(struct scan_array *array, struct buf *scratch,
                      struct bytes *ret_text, enum event_verdict *ret_verdict,
                      struct event *ret_event)
{
    struct envelope envelope;
    struct scan_span element;

    if (!envelope_next(array, &envelope, &element))
        return false;
    *ret_text = element.text;
    *ret_verdict =
        element.kind == SCAN_OBJECT
            ? judge_envelope(&envelope, /* is_stored= */ false, scratch, ret_event)
            : judge_malformed(scratch, ret_event);
    return true;
}

struct event_head event_head_of(const struct event *event)
{
    return (struct event_head){.kind = event->kind,
                               .name = event->name,
                               .user_id = event->user_id,
                               .anonymous_id = event->anonymous_id,
                               .group_id = event->group_id,
                               .previous_id = event->previous_id,
                               .message_id = event->message_id};
}

struct bytes event_title(const struct event *event)
{
    if (event->name.len > 0)
        return event->name;
    if (event->kind == EVENT_GROUP && event->group_id.len > 0)
        return event->group_id;
    return event->user_id.len > 0 ? event->user_id : event->anonymous_id;
}
