/* SPDX-License-Identifier: MIT */

#include "segment/ingest.h"

/* Indexed by verdict. The texts are the dossier's (§9.6) but for the last two. */
static const struct {
    const char *text;
    const char *remedy;
} verdicts[INGEST_N_VERDICTS] = {
    [INGEST_BAD_REQUEST] = {"bad_request",
                            "Send one JSON object whose type is identify, track, page, "
                            "screen, group or alias."},
    [INGEST_NO_USER_ANON_ID] = {"no_user_anon_id",
                                "Give a userId or an anonymousId that is not empty."},
    [INGEST_EVENT_NOT_DEFINED] = {"event_not_defined",
                                  "Name what happened in the member \"event\"."},
    [INGEST_EVENT_NOT_STRING] = {"event_not_string",
                                 "The member \"event\" must be a text."},
    [INGEST_PROPERTIES_NOT_OBJECT] = {"properties_not_object",
                                      "Make properties an object, or leave it out."},
    [INGEST_TRAITS_NOT_OBJECT] = {"traits_not_object",
                                  "Make traits an object, or leave it out."},
    [INGEST_NAME_NOT_STRING] = {"name_not_string",
                                "Make the page's or screen's name a text, or leave it "
                                "out."},
    [INGEST_CATEGORY_NOT_STRING] = {"category_not_string",
                                    "Make the page's or screen's category a text, or "
                                    "leave it out."},
    [INGEST_ID_REQUIRED] = {"id_required",
                            "A group needs a groupId; an alias needs a userId and a "
                            "previousId."},
    [INGEST_ID_NOT_STRING] = {"id_not_string", "Make every id a text or a number."},
    [INGEST_GOOD] = {"good", ""},
    [INGEST_EMPTY_BATCH] = {"empty_batch", "Put at least one event into \"batch\"."},
    [INGEST_UNKNOWN_SOURCE] = {"unknown_source",
                               "No source has this write key; copy it from the source's "
                               "settings."},
    [INGEST_SOURCE_DISABLED] = {"source_disabled", "Enable the source."},
    [INGEST_SUPPRESSED] = {"suppressed",
                           "A regulation suppresses this userId; Unsuppress takes it "
                           "back."},
    [INGEST_TOO_LARGE] = {"too_large",
                          "Keep an event within 32 KB, its messageId within 100 "
                          "characters, and a batch within 2,500 events."},
};

const char *ingest_verdict_text(enum ingest_verdict verdict)
{
    return (size_t)verdict < COUNT(verdicts) ? verdicts[verdict].text : "";
}

const char *ingest_verdict_remedy(enum ingest_verdict verdict)
{
    return (size_t)verdict < COUNT(verdicts) ? verdicts[verdict].remedy : "";
}

static bool is_none_or(const struct scan_span *span, enum scan_kind kind)
{
    return span->kind == SCAN_NONE || span->kind == SCAN_NULL || span->kind == kind;
}

static enum ingest_verdict judge_ids(const struct envelope *envelope,
                                     const struct event *event)
{
    static const enum envelope_field ids[] = {ENVELOPE_USER_ID, ENVELOPE_ANONYMOUS_ID,
                                              ENVELOPE_GROUP_ID, ENVELOPE_PREVIOUS_ID};

    for (size_t i = 0; i < COUNT(ids); i++) {
        const struct scan_span *id = &envelope->fields[ids[i]];

        if (id->kind != SCAN_NUMBER && !is_none_or(id, SCAN_STRING))
            return INGEST_ID_NOT_STRING;
    }
    if (event->kind == EVENT_ALIAS)
        return event->user_id.len > 0 && event->previous_id.len > 0 ? INGEST_GOOD
                                                                    : INGEST_ID_REQUIRED;
    if (event->user_id.len == 0 && event->anonymous_id.len == 0)
        return INGEST_NO_USER_ANON_ID;
    if (event->kind == EVENT_GROUP && event->group_id.len == 0)
        return INGEST_ID_REQUIRED;
    return INGEST_GOOD;
}

/* Properties and traits are looked at whatever the kind, as event_judge does. */
static enum ingest_verdict judge_fields(const struct envelope *envelope,
                                        const struct event *event)
{
    const struct scan_span *fields = envelope->fields;
    bool has_name = event->kind == EVENT_PAGE || event->kind == EVENT_SCREEN;

    if (event->kind == EVENT_TRACK && !is_none_or(&fields[ENVELOPE_EVENT], SCAN_STRING))
        return INGEST_EVENT_NOT_STRING;
    if (event->kind == EVENT_TRACK && event->name.len == 0)
        return INGEST_EVENT_NOT_DEFINED;
    if (has_name && !is_none_or(&fields[ENVELOPE_NAME], SCAN_STRING))
        return INGEST_NAME_NOT_STRING;
    if (has_name && !is_none_or(&fields[ENVELOPE_CATEGORY], SCAN_STRING))
        return INGEST_CATEGORY_NOT_STRING;
    if (!is_none_or(&fields[ENVELOPE_PROPERTIES], SCAN_OBJECT))
        return INGEST_PROPERTIES_NOT_OBJECT;
    if (!is_none_or(&fields[ENVELOPE_TRAITS], SCAN_OBJECT))
        return INGEST_TRAITS_NOT_OBJECT;
    return INGEST_GOOD;
}

/* Well-formed UTF-8: each character has one byte that does not continue another. */
static size_t count_characters(struct bytes text)
{
    size_t n_characters = 0;

    for (size_t i = 0; i < text.len; i++)
        n_characters += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return n_characters;
}

static bool is_long(struct bytes message_id)
{
    return message_id.len > INGEST_MESSAGE_ID_MAX &&
           count_characters(message_id) > INGEST_MESSAGE_ID_MAX;
}

static enum ingest_verdict judge(const struct envelope *envelope, enum event_kind kind,
                                 struct buf *scratch, struct ingest_event *ret_event)
{
    struct event event;
    enum ingest_verdict verdict;
    bool fits;

    fits = event_read(envelope, kind, scratch, &event);
    *ret_event = (struct ingest_event){.kind = event.kind,
                                       .name = event.name,
                                       .message_id = event.message_id,
                                       .user_id = event.user_id,
                                       .title = event_title(&event)};
    if (!fits || event.kind < EVENT_IDENTIFY || event.kind > EVENT_ALIAS)
        return INGEST_BAD_REQUEST;
    if (is_long(event.message_id))
        return INGEST_TOO_LARGE;
    verdict = judge_ids(envelope, &event);
    return verdict == INGEST_GOOD ? judge_fields(envelope, &event) : verdict;
}

enum ingest_verdict ingest_judge(struct bytes text, enum event_kind kind,
                                 struct buf *scratch, struct ingest_event *ret_event)
{
    struct envelope envelope;

    *ret_event = (struct ingest_event){.kind = kind};
    if (!envelope_read(text, &envelope))
        return INGEST_BAD_REQUEST;
    return judge(&envelope, kind, scratch, ret_event);
}

enum ingest_verdict ingest_judge_read(const struct ingest_members *members,
                                      enum event_kind kind, struct buf *scratch,
                                      struct ingest_event *ret_event)
{
    return judge(&members->envelope, kind, scratch, ret_event);
}
