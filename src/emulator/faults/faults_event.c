/* SPDX-License-Identifier: MIT */

#include "emulator/faults/faults_event.h"

#include <stdio.h>

#include "base/mem.h"
#include "json/scan.h"
#include "json/write.h"

/* --- changed events ----------------------------------------------------------------- */

/* "{" and the members, without the closing brace; empty when it is no object. */
static struct bytes open_object(struct bytes event, struct bytes *ret_separator)
{
    struct scan_span root;
    struct scan_fault fault;
    struct bytes members;

    *ret_separator = BYTES("");
    if (!scan_json(event, NULL, &root, &fault) || root.kind != SCAN_OBJECT)
        return bytes_of(NULL, 0);
    members = bytes_slice(root.text, 0, root.text.len - 1);
    if (bytes_trim(bytes_slice(members, 1, members.len)).len > 0)
        *ret_separator = BYTES(",");
    return members;
}

void fault_event_large(struct bytes event, struct buf *ret_text)
{
    static const char key[] = "\"padding\":\"";
    struct bytes separator;
    const struct bytes open = open_object(event, &separator);
    const size_t len = open.len + separator.len + sizeof(key) - 1 + sizeof("\"}") - 1;

    if (open.len == 0 || len > FAULT_EVENT_LARGE_BYTES)
        return;
    buf_add(ret_text, open);
    buf_add(ret_text, separator);
    buf_add_text(ret_text, key);
    for (size_t i = len; i < FAULT_EVENT_LARGE_BYTES; i++)
        buf_add_char(ret_text, 'x');
    buf_add_text(ret_text, "\"}");
}

struct rewrite {
    struct write write;
    unsigned number; /* of the copy */
    bool is_odd;     /* keys in another case */
};

/* Spellings that partners are told to accept (dossier §2.6). */
static struct bytes odd_spelling(struct bytes key)
{
    static const struct {
        const char *key, *odd;
    } odds[] = {{"userId", "User_ID"},
                {"anonymousId", "anonymous_id"},
                {"messageId", "MessageID"},
                {"previousId", "Previous ID"},
                {"groupId", "GROUPID"},
                {"receivedAt", "received_at"},
                {"sentAt", "SentAt"},
                {"originalTimestamp", "Original-Timestamp"},
                {"timestamp", "TimeStamp"},
                {"projectId", "project_id"},
                {"properties", "Properties"},
                {"traits", "TRAITS"},
                {"integrations", "Integrations"}};

    for (size_t i = 0; i < COUNT(odds); i++) {
        if (bytes_eq(key, bytes_str(odds[i].key)))
            return bytes_str(odds[i].odd);
    }
    return key;
}

/* "id-17": each copy of a batch is an event of its own. */
static void write_number(struct rewrite *rewrite, const struct scan_span *id)
{
    struct write *write = &rewrite->write;

    if (id->kind != SCAN_STRING) {
        write_raw(write, id->text);
        return;
    }
    if (write->need_comma)
        buf_add_char(write->out, ',');
    buf_add(write->out, bytes_slice(id->text, 0, id->text.len - 1));
    buf_addf(write->out, "-%u\"", rewrite->number);
    write->need_comma = true;
}

static void on_member(void *arg, const struct scan_member *member)
{
    struct rewrite *rewrite = arg;
    struct write *write = &rewrite->write;
    const struct bytes key = rewrite->is_odd ? odd_spelling(member->key) : member->key;

    if (write->need_comma)
        buf_add_char(write->out, ',');
    buf_addf(write->out, "\"%.*s\":", BYTES_FMT(key));
    write->need_comma = false;
    if (rewrite->number > 0 && bytes_eq(key, BYTES("messageId")))
        write_number(rewrite, &member->value);
    else
        write_raw(write, member->value.text);
}

static void add_rewritten(struct bytes event, unsigned number, bool is_odd,
                          struct buf *ret_text)
{
    struct rewrite rewrite = {.number = number, .is_odd = is_odd};
    const struct scan_visitor visitor = {.member = on_member, .arg = &rewrite};
    struct scan_span root;
    struct scan_fault fault;

    write_init(&rewrite.write, ret_text);
    write_object(&rewrite.write);
    if (scan_json(event, &visitor, &root, &fault)) /* it was looked at before */
        write_object_end(&rewrite.write);
}

static bool is_object(struct bytes event)
{
    struct bytes separator;

    return open_object(event, &separator).len > 0;
}

void fault_event_odd_case(struct bytes event, struct buf *ret_text)
{
    if (is_object(event))
        add_rewritten(event, 0, /* is_odd= */ true, ret_text);
}

void fault_event_batch(struct bytes event, struct buf *ret_text)
{
    if (!is_object(event))
        return;
    buf_add_char(ret_text, '[');
    for (unsigned i = 1; i <= FAULT_EVENT_BATCH; i++) {
        if (i > 1)
            buf_add_char(ret_text, ',');
        add_rewritten(event, i, /* is_odd= */ false, ret_text);
    }
    buf_add_char(ret_text, ']');
}

/* --- drawing ------------------------------------------------------------------------ */

static void change(enum fault_what what, struct bytes event, struct buf *ret_text)
{
    if (what == FAULT_BATCH)
        fault_event_batch(event, ret_text);
    else if (what == FAULT_LARGE)
        fault_event_large(event, ret_text);
    else if (what == FAULT_LETTER_CASE)
        fault_event_odd_case(event, ret_text);
    if (ret_text->full)
        buf_clear(ret_text); /* too large for a hundred: sent as it is */
}

static const char *trouble_of(enum fault_what what)
{
    if (what == FAULT_HANG)
        return "ETIMEDOUT";
    return what == FAULT_CLOSE ? "ECONNRESET" : NULL;
}

static int64_t delay_of(const struct fault *fault)
{
    if (fault->what == FAULT_REORDER && fault->delay_ms == 0)
        return FAULT_EVENT_LATER_MS;
    return fault->what == FAULT_REORDER || fault->what == FAULT_DELAY ? fault->delay_ms
                                                                      : 0;
}

struct fault_event faults_event(struct world *world, struct bytes destination,
                                struct bytes event, struct buf *ret_text)
{
    static const enum fault_what wanted[] = {
        FAULT_STATUS,  FAULT_DELAY, FAULT_HANG,  FAULT_CLOSE,      FAULT_DUPLICATE,
        FAULT_REORDER, FAULT_BATCH, FAULT_LARGE, FAULT_LETTER_CASE};
    const struct fault fault =
        faults_draw(world, "sink", bytes_of(NULL, 0), destination, wanted, COUNT(wanted));

    change(fault.what, event, ret_text);
    return (struct fault_event){
        .id = fault.id,
        .what = fault.what,
        .status = fault.what == FAULT_STATUS ? fault.status : 0,
        .trouble = trouble_of(fault.what),
        .delay_ms = delay_of(&fault),
        .is_twice = fault.what == FAULT_DUPLICATE,
    };
}
