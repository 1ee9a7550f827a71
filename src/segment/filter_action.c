/* SPDX-License-Identifier: MIT */

/* The third part of segment/filter: what happens to an event that meets a condition. */

#include "segment/filter.h"

#include "segment/filter_path.h"
#include "json/compact.h"
#include "json/json.h"
#include "json/scan.h"
#include "json/walk.h"
#include "json/write.h"

enum action {
    ACTION_NONE = 0,
    ACTION_SAMPLE,
    ACTION_DROP_EVENT,
    ACTION_DROP_FIELDS,
    ACTION_KEEP_FIELDS,
};

static const char *const sections[] = {"properties", "traits", "context"};

/* What is left of each field's path at some depth of an event. */
struct fields {
    struct bytes paths[FILTER_MAX_FIELDS];
    size_t n_paths;
    bool keeps; /* these and no others; else all but these */
};

static enum action kind_of(const struct json *action)
{
    static const struct {
        struct bytes type;
        enum action kind;
    } types[] = {{BYTES("sample_event"), ACTION_SAMPLE},
                 {BYTES("drop_event"), ACTION_DROP_EVENT},
                 {BYTES("blacklist_fields"), ACTION_DROP_FIELDS},
                 {BYTES("whitelist_fields"), ACTION_KEEP_FIELDS}};
    struct bytes type = json_string(json_get(action, "type"));

    for (size_t i = 0; i < COUNT(types); i++) {
        if (bytes_eq(type, types[i].type))
            return types[i].kind;
    }
    return ACTION_NONE;
}

static bool is_absent(const struct json *json)
{
    return json_kind(json) == JSON_MISSING || json_kind(json) == JSON_NULL;
}

static const char *check_sample(const struct json *action)
{
    const struct json *percent = json_get(action, "percent");
    const struct json *path = json_get(action, "path");
    struct bytes text = json_string(path);

    if (json_kind(percent) != JSON_INTEGER && json_kind(percent) != JSON_REAL)
        return "percent must be a number from 0 to 1";
    if (!(json_double(percent) >= 0 && json_double(percent) <= 1))
        return "percent must be a number from 0 to 1";
    if (!is_absent(path) && json_kind(path) != JSON_STRING)
        return "path must be a text";
    if (text.len > 0 && !filter_path_is(text))
        return "path must be names with dots between them";
    return "";
}

static const char *check_section(const struct json *section)
{
    const struct json *fields = json_get(section, "fields");

    if (json_kind(fields) != JSON_ARRAY)
        return "each of properties, traits and context must have a list of fields";
    if (json_count(fields) > FILTER_MAX_FIELDS)
        return "there may be 256 fields at most";
    for (size_t i = 0; i < json_count(fields); i++) {
        if (!filter_path_is(json_string(json_at(fields, i))))
            return "a field must be names with dots between them";
    }
    return "";
}

static bool is_section(const char *name)
{
    for (size_t i = 0; i < COUNT(sections); i++) {
        if (strcmp(name, sections[i]) == 0)
            return true;
    }
    return false;
}

static const char *check_fields(const struct json *action)
{
    const struct json *fields = json_get(action, "fields");
    const struct json *section;
    const char *name;
    const char *why = "";
    void *cursor = NULL;

    if (json_kind(fields) != JSON_OBJECT)
        return "fields must be an object";
    while (why[0] == '\0' && json_next(fields, &cursor, &name, &section))
        why = is_section(name) ? check_section(section)
                               : "fields may have properties, traits and context only";
    return why;
}

static const char *check_action(const struct json *action)
{
    if (json_kind(action) != JSON_OBJECT)
        return "an action must be an object";
    switch (kind_of(action)) {
    case ACTION_SAMPLE:
        return check_sample(action);
    case ACTION_DROP_EVENT:
        return "";
    case ACTION_DROP_FIELDS:
    case ACTION_KEEP_FIELDS:
        return check_fields(action);
    case ACTION_NONE:
        break;
    }
    return "an action's type must be drop_event, sample_event, whitelist_fields or "
           "blacklist_fields";
}

const char *filter_check_actions(const struct json *actions)
{
    const char *why = "";

    if (json_kind(actions) != JSON_ARRAY)
        return "actions must be a list";
    if (json_count(actions) > FILTER_MAX_ACTIONS)
        return "there may be 16 actions at most";
    for (size_t i = 0; why[0] == '\0' && i < json_count(actions); i++)
        why = check_action(json_at(actions, i));
    return why;
}

static uint64_t add_to_hash(uint64_t hash, uint32_t part)
{
    return (hash ^ part) * UINT64_C(0x100000001b3);
}

/* FNV-1a of what the value means, its bits then mixed: the upper ones decide. */
static uint32_t hash_of(const struct scan_span *value)
{
    bool is_text = value->kind == SCAN_STRING;
    struct bytes rest = is_text ? scan_inside(value) : value->text;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    while (rest.len > 0) {
        if (is_text) {
            hash = add_to_hash(hash, walk_point(&rest));
            continue;
        }
        hash = add_to_hash(hash, (uint8_t)rest.ptr[0]);
        rest = bytes_slice(rest, 1, rest.len);
    }
    hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
    hash = (hash ^ hash >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return (uint32_t)(hash >> 32);
}

static bool is_sampled(const struct json *action, struct bytes event, uint32_t random)
{
    struct bytes path = json_string(json_get(action, "path"));
    struct scan_span value;

    if (path.len > 0 && filter_path_find(event, path, &value) && value.kind != SCAN_NULL)
        random = hash_of(&value);
    return random < json_double(json_get(action, "percent")) * 0x1p32;
}

static void add_path(struct fields *fields, struct bytes path)
{
    if (fields->n_paths < FILTER_MAX_FIELDS)
        fields->paths[fields->n_paths++] = path;
}

/* True when a path ends at @key; what leads on below it is in *ret_below. */
static bool ends_at(const struct fields *fields, struct bytes key,
                    struct fields *ret_below)
{
    bool ends = false;

    ret_below->n_paths = 0;
    ret_below->keeps = fields->keeps;
    for (size_t i = 0; i < fields->n_paths; i++) {
        struct bytes rest = fields->paths[i];

        if (!filter_path_means(filter_path_take(&rest), key))
            continue;
        if (rest.len > 0)
            add_path(ret_below, rest);
        else
            ends = true;
    }
    return ends;
}

/* Recursion is bounded: a path has FILTER_PATH_MAX_NAMES names at most. */
static void put_left(struct write *write, struct bytes object,
                     const struct fields *fields)
{
    struct fields below;
    struct walk_member member;

    write_object(write);
    while (walk_member(&object, &member)) {
        bool ends = ends_at(fields, member.key, &below);
        bool leads_on =
            !ends && below.n_paths > 0 && bytes_starts(member.value, BYTES("{"));

        if (leads_on) {
            write_key_raw(write, member.key);
            put_left(write, member.value, &below);
        } else if (ends == fields->keeps) {
            write_walked(write, &member);
        }
    }
    write_object_end(write);
}

/* False when the action does not name this member of the event. */
static bool read_fields(const struct json *action, struct bytes key,
                        struct fields *ret_fields)
{
    const struct json *list = NULL;

    for (size_t i = 0; i < COUNT(sections); i++) {
        if (walk_means(key, bytes_str(sections[i])))
            list = json_get(json_get(json_get(action, "fields"), sections[i]), "fields");
    }
    ret_fields->n_paths = 0;
    ret_fields->keeps = kind_of(action) == ACTION_KEEP_FIELDS;
    for (size_t i = 0; i < json_count(list) && i < FILTER_MAX_FIELDS; i++)
        add_path(ret_fields, json_string(json_at(list, i)));
    return list != NULL;
}

static bool print_left(const struct json *action, struct bytes event,
                       struct buf *ret_left)
{
    struct fields fields;
    struct walk_member member;
    struct write write;

    write_init(&write, ret_left);
    write_object(&write);
    while (walk_member(&event, &member)) {
        if (!bytes_starts(member.value, BYTES("{")) ||
            !read_fields(action, member.key, &fields)) {
            write_walked(&write, &member);
            continue;
        }
        write_key_raw(&write, member.key);
        put_left(&write, member.value, &fields);
    }
    write_object_end(&write);
    return !ret_left->full;
}

static bool stays(const struct json *actions, struct bytes event, uint32_t random)
{
    for (size_t i = 0; i < json_count(actions); i++) {
        const struct json *action = json_at(actions, i);
        enum action kind = kind_of(action);

        if (kind == ACTION_DROP_EVENT ||
            (kind == ACTION_SAMPLE && !is_sampled(action, event, random)))
            return false;
    }
    return true;
}

/* *left is the event and then what the last action has left of it, in @now. */
static bool run_fields(const struct json *actions, enum action kind, struct buf *now,
                       struct buf *spare, struct bytes *left)
{
    for (size_t i = 0; i < json_count(actions); i++) {
        const struct json *action = json_at(actions, i);
        struct buf before = *now;

        if (kind_of(action) != kind)
            continue;
        buf_clear(spare);
        if (!print_left(action, *left, spare))
            return false;
        *now = *spare;
        *spare = before;
        *left = buf_bytes(now);
    }
    return true;
}

enum filter_outcome filter_apply(const struct json *actions, struct bytes event,
                                 uint32_t random, struct buf *ret_event)
{
    struct scan_span root;
    struct bytes left;
    struct buf now;
    struct buf spare;
    bool is_kept;

    /* No path: the event itself. One that is no object is none. */
    if (!filter_path_find(event, BYTES(""), &root) || root.kind != SCAN_OBJECT ||
        !stays(actions, event, random))
        return FILTER_DROPPED;
    left = root.text;
    buf_init(&now, ret_event->max_bytes);
    buf_init(&spare, ret_event->max_bytes);
    is_kept = run_fields(actions, ACTION_DROP_FIELDS, &now, &spare, &left) &&
              run_fields(actions, ACTION_KEEP_FIELDS, &now, &spare, &left) &&
              compact_print(left, ret_event) == 0;
    buf_done(&now);
    buf_done(&spare);
    return is_kept ? FILTER_KEPT : FILTER_DROPPED;
}
