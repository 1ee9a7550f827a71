/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * envelope - an event's own members that Segment gives a meaning, found in one pass
 * (dossier §2.2, §2.6).
 *
 * Keys match exactly first, then without case, '_', '-' and spaces. Of an exact key that
 * comes twice the last wins, of folded ones the first. Nothing is judged here: event does
 * that for what partners receive, ingest for what customers send.
 */

#include "json/scan.h"

enum envelope_field {
    /* Texts that may need unescaping come first. */
    ENVELOPE_TYPE,
    ENVELOPE_EVENT,
    ENVELOPE_NAME,
    ENVELOPE_USER_ID,
    ENVELOPE_ANONYMOUS_ID,
    ENVELOPE_GROUP_ID,
    ENVELOPE_PREVIOUS_ID,
    ENVELOPE_MESSAGE_ID,
    ENVELOPE_N_TEXTS,
    ENVELOPE_PROPERTIES = ENVELOPE_N_TEXTS,
    ENVELOPE_TRAITS,
    ENVELOPE_N_JUDGED,
    /* What only ingest looks at. */
    ENVELOPE_CATEGORY = ENVELOPE_N_JUDGED,
    ENVELOPE_CONTEXT,
    ENVELOPE_INTEGRATIONS,
    ENVELOPE_TIMESTAMP,
    ENVELOPE_ORIGINAL_TIMESTAMP,
    ENVELOPE_SENT_AT,
    ENVELOPE_RECEIVED_AT,
    ENVELOPE_CHANNEL,
    ENVELOPE_PROJECT_ID,
    ENVELOPE_VERSION,
    ENVELOPE_WRITE_KEY,
    ENVELOPE_N_FIELDS,
};

struct envelope {
    struct scan_span fields[ENVELOPE_N_FIELDS]; /* SCAN_NONE: not there */
    bool is_exact[ENVELOPE_N_FIELDS];
};

/* Takes a member into @envelope, which begins as zeroes; says which field its key names
 * exactly, or N_FIELDS. For who walks an event that has been read before. */
enum envelope_field envelope_add(struct envelope *envelope, struct bytes key,
                                 const struct scan_span *value);
/* False when @text is no JSON or no object. Spans point into @text. */
must_check
bool envelope_read(struct bytes text, struct envelope *ret_envelope);
/* The same of an array's next element, whatever it is: no object has no fields. False:
 * there is no more, or @array's fault. */
must_check
bool envelope_next(struct scan_array *array, struct envelope *ret_envelope,
                   struct scan_span *ret_element);
/* The field whose exact name @key means (a key's inside, as sent); else N_FIELDS. */
enum envelope_field envelope_field_of(struct bytes key);
/* The exact name: "userId". */
struct bytes envelope_name(enum envelope_field field);
