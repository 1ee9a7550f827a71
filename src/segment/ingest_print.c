/* SPDX-License-Identifier: MIT */

/* The second half of segment/ingest: an accepted event is stamped. */

#include "segment/ingest.h"

#include "base/time_text.h"
#include "json/walk.h"
#include "json/write.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

enum { TIME_BYTES_MAX = 64 };

/* What an object gets when it has no such member itself. */
struct addition {
    struct walk_member member; /* the value is JSON, or a text */
    bool is_text;
    bool has_escape; /* the key */
    bool is_given;   /* the object has it itself */
};

/* Two more than a batch may bring: ip and library. */
struct additions {
    struct addition items[INGEST_MAX_DEFAULTS + 2];
    size_t n_items;
};

struct print {
    const struct ingest_stamp *stamp;
    const struct envelope *envelope;
    struct write write;
    bool is_done[ENVELOPE_N_FIELDS];
};

static bool is_given(const struct scan_span *span)
{
    bool is_empty = span->kind == SCAN_STRING && span->text.len == 2;

    return span->kind != SCAN_NONE && span->kind != SCAN_NULL && !is_empty;
}

static void put_key(struct print *print, enum envelope_field field)
{
    write_key(&print->write, envelope_name(field).ptr);
}

static void put_value(struct print *print, enum envelope_field field,
                      const struct scan_span *value)
{
    put_key(print, field);
    write_compact(&print->write, value->text);
}

static void put_text(struct print *print, enum envelope_field field, struct bytes text)
{
    put_key(print, field);
    write_string(&print->write, text);
}

/* Null, "" or what we do not understand: as it was sent. A folded one stays where it is.
 */
static void put_as_sent(struct print *print, enum envelope_field field)
{
    if (print->envelope->is_exact[field])
        put_value(print, field, &print->envelope->fields[field]);
}

/* The event's own value, else ours, if there is one. */
static void put_own_or(struct print *print, enum envelope_field field, struct bytes text)
{
    const struct scan_span *own = &print->envelope->fields[field];

    if (is_given(own))
        put_value(print, field, own);
    else if (text.len > 0)
        put_text(print, field, text);
    else
        put_as_sent(print, field);
}

static void put_type(struct print *print)
{
    put_text(print, ENVELOPE_TYPE, bytes_str(event_kind_text(print->stamp->kind)));
}

static void put_message_id(struct print *print)
{
    const struct scan_span *own = &print->envelope->fields[ENVELOPE_MESSAGE_ID];

    /* What the judge does not read as an id is none. */
    if (own->kind == SCAN_NUMBER || (own->kind == SCAN_STRING && is_given(own)))
        put_value(print, ENVELOPE_MESSAGE_ID, own);
    else
        put_text(print, ENVELOPE_MESSAGE_ID, print->stamp->message_id);
}

static void put_sent_at(struct print *print)
{
    put_own_or(print, ENVELOPE_SENT_AT, print->stamp->batch_sent_at);
}

static void put_channel(struct print *print)
{
    put_own_or(print, ENVELOPE_CHANNEL, bytes_str(print->stamp->channel));
}

static void put_project_id(struct print *print)
{
    put_text(print, ENVELOPE_PROJECT_ID, print->stamp->project_id);
}

static void put_version(struct print *print)
{
    put_key(print, ENVELOPE_VERSION);
    write_i64(&print->write, 2);
}

/* write_time would print 1970's first millisecond as null. */
static void put_time(struct print *print, enum envelope_field field, int64_t time_ms)
{
    char text[TIME_TEXT_LEN + 1];

    time_text_format(time_ms, text);
    put_text(print, field, bytes_of(text, TIME_TEXT_LEN));
}

static void put_received_at(struct print *print)
{
    put_time(print, ENVELOPE_RECEIVED_AT, print->stamp->received_at_ms);
}

static const struct scan_span *original_time(const struct print *print)
{
    const struct scan_span *original =
        &print->envelope->fields[ENVELOPE_ORIGINAL_TIMESTAMP];

    return is_given(original) ? original : &print->envelope->fields[ENVELOPE_TIMESTAMP];
}

static void put_original_timestamp(struct print *print)
{
    const struct scan_span *original = original_time(print);

    if (is_given(original))
        put_value(print, ENVELOPE_ORIGINAL_TIMESTAMP, original);
    else
        put_as_sent(print, ENVELOPE_ORIGINAL_TIMESTAMP);
}

static bool read_time(const struct scan_span *span, int64_t *ret_time_ms)
{
    struct bytes inside = scan_inside(span);
    char plain[TIME_BYTES_MAX];
    size_t len = 0;

    if (span->kind != SCAN_STRING)
        return false;
    if (!span->has_escape)
        return time_text_parse(inside, ret_time_ms);
    while (inside.len > 0) {
        uint32_t point = walk_point(&inside);

        if (point >= 0x80 || len == sizeof(plain))
            return false;
        plain[len++] = (char)point;
    }
    return time_text_parse(bytes_of(plain, len), ret_time_ms);
}

static bool read_sent_at(const struct print *print, int64_t *ret_time_ms)
{
    const struct scan_span *own = &print->envelope->fields[ENVELOPE_SENT_AT];

    return is_given(own) ? read_time(own, ret_time_ms)
                         : time_text_parse(print->stamp->batch_sent_at, ret_time_ms);
}

/* Times that parse have four-digit years, so only the caller's can be extreme. */
static int64_t corrected(int64_t received_at_ms, int64_t age_ms)
{
    int64_t time_ms;

    if (__builtin_sub_overflow(received_at_ms, age_ms, &time_ms))
        return age_ms > 0 ? INT64_MIN : INT64_MAX;
    return time_ms;
}

static void put_timestamp(struct print *print)
{
    const struct scan_span *own = &print->envelope->fields[ENVELOPE_TIMESTAMP];
    int64_t received_at_ms = print->stamp->received_at_ms;
    int64_t sent_at_ms;
    int64_t original_ms;

    if (read_sent_at(print, &sent_at_ms) && read_time(original_time(print), &original_ms))
        put_time(print, ENVELOPE_TIMESTAMP,
                 corrected(received_at_ms, sent_at_ms - original_ms));
    else if (is_given(own))
        put_value(print, ENVELOPE_TIMESTAMP, own);
    else
        put_time(print, ENVELOPE_TIMESTAMP, received_at_ms);
}

static bool has_escape(struct bytes key)
{
    return bytes_index(key, '\\') < key.len;
}

static struct addition *find_addition(struct additions *additions, struct bytes key)
{
    bool is_escaped = has_escape(key);

    for (size_t i = 0; i < additions->n_items; i++) {
        struct addition *item = &additions->items[i];
        bool by_meaning = is_escaped || item->has_escape;

        if (by_meaning ? walk_order(item->member.key, key) == 0
                       : bytes_eq(item->member.key, key))
            return item;
    }
    return NULL;
}

static void add_addition(struct additions *additions, const struct addition *addition)
{
    struct addition *item = find_addition(additions, addition->member.key);

    if (item == NULL)
        item = &additions->items[additions->n_items++];
    *item = *addition;
    item->has_escape = has_escape(item->member.key);
}

/* Members are counted before they are compared, else a batch could make each of its
 * events cost the square of its own size. */
static void add_defaults(struct additions *additions, struct bytes object)
{
    struct addition addition = {0};

    for (size_t i = 0; i < INGEST_MAX_DEFAULTS; i++) {
        if (!walk_member(&object, &addition.member))
            return;
        add_addition(additions, &addition);
    }
}

static void put_addition(struct print *print, const struct addition *addition)
{
    if (!addition->is_text) {
        write_walked(&print->write, &addition->member);
        return;
    }
    write_key_raw(&print->write, addition->member.key);
    write_string(&print->write, addition->member.value);
}

static void put_object(struct print *print, enum envelope_field field,
                       struct additions *additions)
{
    struct bytes rest = print->envelope->fields[field].text;
    struct walk_member member;

    put_key(print, field);
    write_object(&print->write);
    while (walk_member(&rest, &member)) {
        struct addition *item = find_addition(additions, member.key);

        if (item != NULL)
            item->is_given = true;
        write_walked(&print->write, &member);
    }
    for (size_t i = 0; i < additions->n_items; i++) {
        if (!additions->items[i].is_given)
            put_addition(print, &additions->items[i]);
    }
    write_object_end(&print->write);
}

static bool can_be_object(const struct scan_span *span)
{
    return span->kind == SCAN_NONE || span->kind == SCAN_NULL ||
           span->kind == SCAN_OBJECT;
}

static void put_context(struct print *print)
{
    const struct addition ip = {.member = {.key = BYTES("ip"), .value = print->stamp->ip},
                                .is_text = true};
    const struct addition library = {
        .member = {.key = BYTES("library"),
                   .value = BYTES("{\"name\":\"unknown\",\"version\":\"unknown\"}")}};
    struct additions additions not_zeroed;

    if (!can_be_object(&print->envelope->fields[ENVELOPE_CONTEXT])) {
        put_as_sent(print, ENVELOPE_CONTEXT);
        return;
    }
    additions.n_items = 0;
    add_defaults(&additions, print->stamp->batch_context);
    if (ip.member.value.len > 0 && find_addition(&additions, ip.member.key) == NULL)
        add_addition(&additions, &ip);
    if (find_addition(&additions, library.member.key) == NULL)
        add_addition(&additions, &library);
    put_object(print, ENVELOPE_CONTEXT, &additions);
}

static void put_integrations(struct print *print)
{
    struct additions additions not_zeroed;

    if (print->stamp->batch_integrations.len == 0 ||
        !can_be_object(&print->envelope->fields[ENVELOPE_INTEGRATIONS])) {
        put_as_sent(print, ENVELOPE_INTEGRATIONS);
        return;
    }
    additions.n_items = 0;
    add_defaults(&additions, print->stamp->batch_integrations);
    put_object(print, ENVELOPE_INTEGRATIONS, &additions);
}

static void put_nothing(struct print *print)
{
    (void)print;
}

/* What stands in place of a member, wherever it was sent; NULL: it stays. */
static void (*const stampers[ENVELOPE_N_FIELDS])(struct print *print) = {
    [ENVELOPE_TYPE] = put_type,
    [ENVELOPE_MESSAGE_ID] = put_message_id,
    [ENVELOPE_CONTEXT] = put_context,
    [ENVELOPE_INTEGRATIONS] = put_integrations,
    [ENVELOPE_ORIGINAL_TIMESTAMP] = put_original_timestamp,
    [ENVELOPE_SENT_AT] = put_sent_at,
    [ENVELOPE_RECEIVED_AT] = put_received_at,
    [ENVELOPE_TIMESTAMP] = put_timestamp,
    [ENVELOPE_CHANNEL] = put_channel,
    [ENVELOPE_PROJECT_ID] = put_project_id,
    [ENVELOPE_VERSION] = put_version,
    [ENVELOPE_WRITE_KEY] = put_nothing,
};

static void put_member(struct print *print, const struct walk_member *member,
                       enum envelope_field field)
{
    if (field == ENVELOPE_N_FIELDS || stampers[field] == NULL) {
        write_walked(&print->write, member);
        return;
    }
    if (!print->is_done[field])
        stampers[field](print);
    print->is_done[field] = true;
}

/* Walked, not scanned: it is known that @text is JSON. */
bool ingest_read(struct bytes text, struct ingest_members *ret_members)
{
    struct ingest_members *members = ret_members;
    struct walk_member member;

    if (bytes_starts(text, BYTES(BYTE_ORDER_MARK)))
        text = bytes_slice(text, strlen(BYTE_ORDER_MARK), text.len);
    walk_space(&text);
    members->envelope = (struct envelope){0};
    members->n_items = 0;
    members->tail = text;
    if (text.len == 0 || text.ptr[0] != '{')
        return false;
    while (walk_member(&text, &member)) {
        struct scan_span value = scan_span_of(member.value);
        enum envelope_field field = envelope_add(&members->envelope, member.key, &value);

        if (members->n_items == INGEST_MEMBERS_KEPT)
            continue;
        members->items[members->n_items] = member;
        members->fields[members->n_items++] = field;
        members->tail = text;
    }
    return true;
}

static void put_members(struct print *print, const struct ingest_members *members)
{
    struct bytes tail = members->tail;
    struct walk_member member;

    for (size_t i = 0; i < members->n_items; i++)
        put_member(print, &members->items[i], members->fields[i]);
    while (walk_member(&tail, &member))
        put_member(print, &member, envelope_field_of(member.key));
}

bool ingest_print_read(const struct ingest_members *members,
                       const struct ingest_stamp *stamp, struct buf *ret_event)
{
    struct print print = {.stamp = stamp, .envelope = &members->envelope};

    /* Before anything is walked: it would be walked for each event of the batch. */
    if (stamp->batch_context.len > ret_event->max_bytes ||
        stamp->batch_integrations.len > ret_event->max_bytes)
        return false;
    write_init(&print.write, ret_event);
    write_object(&print.write);
    put_members(&print, members);
    for (size_t field = 0; field < ENVELOPE_N_FIELDS; field++) {
        if (stampers[field] != NULL && !print.is_done[field])
            stampers[field](&print);
    }
    write_object_end(&print.write);
    return !ret_event->full;
}

bool ingest_print(struct bytes text, const struct ingest_stamp *stamp,
                  struct buf *ret_event)
{
    struct ingest_members members not_zeroed;

    return ingest_read(text, &members) && ingest_print_read(&members, stamp, ret_event);
}
