/* SPDX-License-Identifier: MIT */

/* The second half of json/json: documents change. */

#include "json/json.h"

#include <assert.h>

#include "base/err.h"
#include "json/node.h"

static void copy_value(struct json *to, const struct json *from)
{
    to->kind = from->kind;
    to->is_true = from->is_true;
    to->text = node_keep(to->document, from->text);
    for (const struct json *part = from->first; part != NULL; part = part->next) {
        struct json *copy = node_add_part(to);

        copy->key = node_keep(to->document, part->key);
        copy_value(copy, part);
    }
}

/* The member @key, made when there is none yet. */
static struct json *member_of(struct json *object, struct bytes key)
{
    struct json *member = node_find(object, key);

    if (member != NULL)
        return member;
    member = node_add_part(object);
    member->key = node_keep(object->document, key);
    return member;
}

static void set(struct json *object, struct bytes key, const struct json *value)
{
    struct json copy = {.document = object->document, .kind = JSON_NULL};

    assert(object->kind == JSON_OBJECT);
    /* Copied before anything is replaced: @value may be a part of @object. */
    if (value != NULL)
        copy_value(&copy, value);
    node_become(member_of(object, key), &copy);
}

void json_set(struct json *object, const char *key, const struct json *value)
{
    set(object, bytes_str(key), value);
}

void json_set_string(struct json *object, const char *key, struct bytes value)
{
    struct json string = {
        .document = object->document, .kind = JSON_STRING, .text = value};

    json_set(object, key, &string);
}

/* The object that @name leads to, made if need be; NULL when something else is there. */
static struct json *enter(struct json *object, struct bytes name)
{
    struct json *member;

    if (object->kind != JSON_OBJECT)
        return NULL;
    member = member_of(object, name);
    if (member->kind == JSON_MISSING)
        member->kind = JSON_OBJECT;
    return member;
}

int json_set_path(struct json *root, const char *path, struct bytes json_text,
                  struct err *err)
{
    struct bytes rest = bytes_str(path);
    struct bytes name = bytes_take_until(&rest, '.');
    struct json text = {.kind = JSON_STRING, .text = json_text};
    cleanup(json_freep) struct json *value = NULL;

    for (; rest.len > 0 && root != NULL; name = bytes_take_until(&rest, '.'))
        root = enter(root, name);
    if (root == NULL || root->kind != JSON_OBJECT)
        return err_set(err, "%s: something that is no object is in the way", path);
    if (json_parse(json_text, &value, NULL) < 0)
        set(root, name, &text);
    else
        set(root, name, value);
    return 0;
}

void json_merge(struct json *object, const struct json *over)
{
    const struct json *part = json_kind(over) == JSON_OBJECT ? over->first : NULL;

    for (; part != NULL; part = part->next)
        set(object, part->key, part);
}
