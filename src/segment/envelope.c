/* SPDX-License-Identifier: MIT */

#include "segment/envelope.h"

#include "json/walk.h"

enum { NAME_MAX_LEN = 17 }; /* originalTimestamp */

static const struct {
    struct bytes exact;
    struct bytes folded;
} names[ENVELOPE_N_FIELDS] = {
    [ENVELOPE_TYPE] = {BYTES("type"), BYTES("type")},
    [ENVELOPE_EVENT] = {BYTES("event"), BYTES("event")},
    [ENVELOPE_NAME] = {BYTES("name"), BYTES("name")},
    [ENVELOPE_USER_ID] = {BYTES("userId"), BYTES("userid")},
    [ENVELOPE_ANONYMOUS_ID] = {BYTES("anonymousId"), BYTES("anonymousid")},
    [ENVELOPE_GROUP_ID] = {BYTES("groupId"), BYTES("groupid")},
    [ENVELOPE_PREVIOUS_ID] = {BYTES("previousId"), BYTES("previousid")},
    [ENVELOPE_MESSAGE_ID] = {BYTES("messageId"), BYTES("messageid")},
    [ENVELOPE_PROPERTIES] = {BYTES("properties"), BYTES("properties")},
    [ENVELOPE_TRAITS] = {BYTES("traits"), BYTES("traits")},
    [ENVELOPE_CATEGORY] = {BYTES("category"), BYTES("category")},
    [ENVELOPE_CONTEXT] = {BYTES("context"), BYTES("context")},
    [ENVELOPE_INTEGRATIONS] = {BYTES("integrations"), BYTES("integrations")},
    [ENVELOPE_TIMESTAMP] = {BYTES("timestamp"), BYTES("timestamp")},
    [ENVELOPE_ORIGINAL_TIMESTAMP] = {BYTES("originalTimestamp"),
                                     BYTES("originaltimestamp")},
    [ENVELOPE_SENT_AT] = {BYTES("sentAt"), BYTES("sentat")},
    [ENVELOPE_RECEIVED_AT] = {BYTES("receivedAt"), BYTES("receivedat")},
    [ENVELOPE_CHANNEL] = {BYTES("channel"), BYTES("channel")},
    [ENVELOPE_PROJECT_ID] = {BYTES("projectId"), BYTES("projectid")},
    [ENVELOPE_VERSION] = {BYTES("version"), BYTES("version")},
    [ENVELOPE_WRITE_KEY] = {BYTES("writeKey"), BYTES("writekey")},
};

struct bytes envelope_name(enum envelope_field field)
{
    return names[field].exact;
}

enum envelope_field envelope_field_of(struct bytes key)
{
    bool has_escape = bytes_index(key, '\\') < key.len;

    for (size_t field = 0; field < ENVELOPE_N_FIELDS; field++) {
        if (has_escape ? walk_means(key, names[field].exact)
                       : bytes_eq(key, names[field].exact))
            return (enum envelope_field)field;
    }
    return ENVELOPE_N_FIELDS;
}

/* "User ID", "user_id", "USERID" all mean userId (dossier §2.6). */
static enum envelope_field find_folded(struct bytes key)
{
    char folded[NAME_MAX_LEN];
    size_t len = 0;
    size_t field = 0;

    while (key.len > 0) {
        uint32_t point = walk_point(&key);

        if (point == '_' || point == '-' || point == ' ')
            continue;
        if (point >= 0x80 || len == sizeof(folded))
            return ENVELOPE_N_FIELDS;
        folded[len++] = (char)(point >= 'A' && point <= 'Z' ? point + 'a' - 'A' : point);
    }
    while (field < ENVELOPE_N_FIELDS &&
           !bytes_eq(bytes_of(folded, len), names[field].folded))
        field++;
    return (enum envelope_field)field;
}

enum envelope_field envelope_add(struct envelope *envelope, struct bytes key,
                                 const struct scan_span *value)
{
    enum envelope_field exact = envelope_field_of(key);
    enum envelope_field folded;

    if (exact != ENVELOPE_N_FIELDS) {
        envelope->fields[exact] = *value;
        envelope->is_exact[exact] = true;
        return exact;
    }
    folded = find_folded(key);
    if (folded != ENVELOPE_N_FIELDS && envelope->fields[folded].kind == SCAN_NONE)
        envelope->fields[folded] = *value;
    return ENVELOPE_N_FIELDS;
}

static void keep_member(void *arg, const struct scan_member *member)
{
    (void)envelope_add(arg, member->key, &member->value);
}

bool envelope_read(struct bytes text, struct envelope *ret_envelope)
{
    const struct scan_visitor visitor = {.member = keep_member, .arg = ret_envelope};
    struct scan_span root;
    struct scan_fault fault;

    *ret_envelope = (struct envelope){0};
    return scan_json(text, &visitor, &root, &fault) && root.kind == SCAN_OBJECT;
}

bool envelope_next(struct scan_array *array, struct envelope *ret_envelope,
                   struct scan_span *ret_element)
{
    const struct scan_visitor visitor = {.member = keep_member, .arg = ret_envelope};

    *ret_envelope = (struct envelope){0};
    return scan_array_next(array, &visitor, ret_element);
}
