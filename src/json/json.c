/* SPDX-License-Identifier: MIT */

#include "json/json.h"

#include <assert.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "json/node.h"
#include "json/number.h"
#include "json/scan.h"
#include "json/walk.h"
#include "json/write.h"

struct json *node_add_part(struct json *parent)
{
    struct json *part = arena_new(&parent->document->arena, struct json);

    part->document = parent->document;
    if (parent->last != NULL)
        parent->last->next = part;
    else
        parent->first = part;
    parent->last = part;
    part->place = parent->n_parts++;
    return part;
}

void node_become(struct json *to, const struct json *from)
{
    struct json kept = *to;

    *to = *from;
    to->key = kept.key;
    to->next = kept.next;
    to->place = kept.place;
}

struct json *node_find(const struct json *object, struct bytes name)
{
    struct json *part = json_kind(object) == JSON_OBJECT ? object->first : NULL;

    while (part != NULL && !bytes_eq(part->key, name))
        part = part->next;
    return part;
}

struct bytes node_keep(struct document *document, struct bytes text)
{
    return bytes_of(arena_copy(&document->arena, text), text.len);
}

static struct bytes keep_string(struct document *document, struct bytes inside)
{
    struct bytes kept;
    struct buf meaning;

    if (bytes_index(inside, '\\') == inside.len)
        return node_keep(document, inside);
    buf_init(&meaning, inside.len);
    (void)scan_unescape(inside, &meaning); /* never longer than what it is made of */
    kept = node_keep(document, buf_bytes(&meaning));
    buf_done(&meaning);
    return kept;
}

static int order_members(const void *a, const void *b)
{
    const struct json *left = *(struct json *const *)a;
    const struct json *right = *(struct json *const *)b;

    int order = bytes_cmp(left->key, right->key);

    return order != 0 ? order
                      : (left->place > right->place) - (left->place < right->place);
}

/* Takes the members out that have lost their kind. */
static void drop_marked(struct json *object)
{
    struct json **link = &object->first;

    object->last = NULL;
    while (*link != NULL) {
        if ((*link)->kind == JSON_MISSING) {
            *link = (*link)->next;
            object->n_parts--;
            continue;
        }
        object->last = *link;
        link = &(*link)->next;
    }
}

/*
 * Of a key that comes twice the last value stays, at the first one's place. Sorted,
 * because a stranger's object may have very many members.
 */
static void drop_duplicates(struct json *object)
{
    struct json **sorted = mem_grow(NULL, object->n_parts, sizeof(struct json *));
    bool marked = false;
    size_t n = 0;
    size_t kept = 0;

    for (struct json *part = object->first; part != NULL; part = part->next)
        sorted[n++] = part;
    if (n > 1)
        qsort(sorted, n, sizeof(struct json *), order_members);
    for (size_t i = 1; i < n; i++) {
        if (!bytes_eq(sorted[kept]->key, sorted[i]->key)) {
            kept = i;
            continue;
        }
        node_become(sorted[kept], sorted[i]);
        sorted[i]->kind = JSON_MISSING;
        marked = true;
    }
    free(sorted);
    if (marked)
        drop_marked(object);
}

static void read_value(struct bytes *rest, struct json *node);

static char peek(struct bytes *rest)
{
    walk_space(rest);
    return rest->len > 0 ? rest->ptr[0] : '\0';
}

static void skip_char(struct bytes *rest)
{
    *rest = bytes_slice(*rest, 1, rest->len);
}

static void read_parts(struct bytes *rest, struct json *node)
{
    char c;

    skip_char(rest);
    while ((c = peek(rest)) != '\0' && c != ']' && c != '}') {
        struct json *part;

        if (c == ',') {
            skip_char(rest);
            continue;
        }
        part = node_add_part(node);
        if (node->kind == JSON_OBJECT) {
            skip_char(rest);
            part->key = keep_string(node->document, walk_string(rest));
            (void)peek(rest);
            skip_char(rest);
        }
        read_value(rest, part);
    }
    skip_char(rest);
    if (node->kind == JSON_OBJECT)
        drop_duplicates(node);
}

static void read_scalar(struct bytes *rest, struct json *node)
{
    struct bytes text = walk_scalar(rest);
    int64_t integer;

    switch (text.len > 0 ? text.ptr[0] : 'n') {
    case 'n':
        node->kind = JSON_NULL;
        return;
    case 't':
    case 'f':
        node->kind = JSON_BOOL;
        node->is_true = text.ptr[0] == 't';
        return;
    default:
        node->kind = bytes_to_i64(text, &integer) ? JSON_INTEGER : JSON_REAL;
        node->text = node_keep(node->document, text);
        return;
    }
}

/* Recursion is bounded: the text has passed scan_json, hence nests SCAN_DEPTH at most. */
static void read_value(struct bytes *rest, struct json *node)
{
    switch (peek(rest)) {
    case '{':
        node->kind = JSON_OBJECT;
        read_parts(rest, node);
        return;
    case '[':
        node->kind = JSON_ARRAY;
        read_parts(rest, node);
        return;
    case '"':
        node->kind = JSON_STRING;
        skip_char(rest);
        node->text = keep_string(node->document, walk_string(rest));
        return;
    default:
        read_scalar(rest, node);
        return;
    }
}

static struct json *document_new(enum json_kind kind)
{
    struct document *document = mem_new(struct document);

    arena_init(&document->arena);
    document->root.document = document;
    document->root.kind = kind;
    return &document->root;
}

static int fail_at(struct bytes text, const struct scan_fault *fault, struct err *err)
{
    size_t line = 1;
    size_t column = 1;

    for (size_t i = 0; i < fault->offset && i < text.len; i++) {
        bool is_tail = ((uint8_t)text.ptr[i] & 0xc0) == 0x80;

        column += !is_tail;
        if (text.ptr[i] == '\n') {
            line++;
            column = 1;
        }
    }
    return err_set(err, "line %zu, column %zu: %s", line, column, fault->why);
}

int json_parse(struct bytes text, struct json **ret_json, struct err *err)
{
    struct scan_span root;
    struct scan_fault fault;
    struct json *node;

    if (!scan_json(text, NULL, &root, &fault))
        return fail_at(text, &fault, err);
    node = document_new(JSON_MISSING);
    read_value(&root.text, node);
    *ret_json = node;
    return 0;
}

void json_free(struct json *root)
{
    struct document *document;

    if (root == NULL)
        return;
    document = root->document;
    assert(root == &document->root);
    arena_done(&document->arena);
    free(document);
}

void json_freep(struct json **root)
{
    json_free(*root);
}

enum json_kind json_kind(const struct json *json)
{
    return json != NULL ? json->kind : JSON_MISSING;
}

const struct json *json_get(const struct json *object, const char *key)
{
    return node_find(object, bytes_str(key));
}

const struct json *json_at(const struct json *array, size_t index)
{
    const struct json *part = json_kind(array) == JSON_ARRAY ? array->first : NULL;

    for (; part != NULL && index > 0; index--)
        part = part->next;
    return part;
}

size_t json_count(const struct json *array_or_object)
{
    return array_or_object != NULL ? array_or_object->n_parts : 0;
}

struct bytes json_string(const struct json *string)
{
    return json_kind(string) == JSON_STRING ? string->text : bytes_of(NULL, 0);
}

int64_t json_i64(const struct json *number)
{
    int64_t integer = 0;
    double real;

    if (json_kind(number) == JSON_INTEGER && bytes_to_i64(number->text, &integer))
        return integer;
    real = json_double(number);
    /* Both bounds are exact doubles; the upper one is already too large. */
    /* cppcheck-suppress incorrectLogicOperator ; it does not read hexadecimal reals */
    return real >= -0x1p63 && real < 0x1p63 ? (int64_t)real : 0;
}

double json_double(const struct json *number)
{
    enum json_kind kind = json_kind(number);

    return kind == JSON_INTEGER || kind == JSON_REAL ? number_parse(number->text) : 0;
}

bool json_bool(const struct json *boolean)
{
    return json_kind(boolean) == JSON_BOOL && boolean->is_true;
}

bool json_next(const struct json *object, void **cursor, const char **ret_key,
               const struct json **ret_value)
{
    struct json *part = *cursor;

    if (json_kind(object) != JSON_OBJECT)
        return false;
    part = part == NULL ? object->first : part->next;
    if (part == NULL)
        return false;
    *cursor = part;
    *ret_key = part->key.ptr;
    *ret_value = part;
    return true;
}

const struct json *json_path(const struct json *root, const char *path)
{
    struct bytes rest = bytes_str(path);

    while (root != NULL && rest.len > 0) {
        struct bytes name = bytes_take_until(&rest, '.');
        int64_t index;

        if (root->kind == JSON_OBJECT)
            root = node_find(root, name);
        else if (bytes_to_i64(name, &index) && index >= 0)
            root = json_at(root, (size_t)index);
        else
            root = NULL;
    }
    return root;
}

struct json *json_object(void)
{
    return document_new(JSON_OBJECT);
}

static void print_string(struct bytes text, struct buf *ret_text)
{
    struct write write;

    write_init(&write, ret_text);
    write_string(&write, text);
}

static void new_line(size_t depth, bool indented, struct buf *ret_text)
{
    if (!indented)
        return;
    (void)buf_add_char(ret_text, '\n');
    for (size_t i = 0; i < depth; i++)
        (void)buf_add_text(ret_text, "  ");
}

static void print_value(const struct json *json, size_t depth, bool indented,
                        struct buf *ret_text);

static void print_parts(const struct json *json, size_t depth, bool indented,
                        struct buf *ret_text)
{
    bool is_object = json->kind == JSON_OBJECT;

    (void)buf_add_char(ret_text, is_object ? '{' : '[');
    for (const struct json *part = json->first; part != NULL; part = part->next) {
        if (part != json->first)
            (void)buf_add_char(ret_text, ',');
        new_line(depth + 1, indented, ret_text);
        if (is_object) {
            print_string(part->key, ret_text);
            (void)buf_add_text(ret_text, indented ? ": " : ":");
        }
        print_value(part, depth + 1, indented, ret_text);
    }
    if (json->first != NULL)
        new_line(depth, indented, ret_text);
    (void)buf_add_char(ret_text, is_object ? '}' : ']');
}

static void print_value(const struct json *json, size_t depth, bool indented,
                        struct buf *ret_text)
{
    switch (json_kind(json)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        print_parts(json, depth, indented, ret_text);
        return;
    case JSON_STRING:
        print_string(json->text, ret_text);
        return;
    case JSON_INTEGER:
    case JSON_REAL:
        (void)buf_add(ret_text, json->text);
        return;
    case JSON_BOOL:
        (void)buf_add_text(ret_text, json->is_true ? "true" : "false");
        return;
    case JSON_MISSING:
    case JSON_NULL:
        (void)buf_add_text(ret_text, "null");
        return;
    }
}

int json_print(const struct json *json, bool indented, struct buf *ret_text)
{
    print_value(json, 0, indented, ret_text);
    return ret_text->full ? BUF_FULL : 0;
}
