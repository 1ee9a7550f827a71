/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * json - small documents as trees: requests to the admin API, settings, API answers.
 *
 * Built on json/scan, hence as strict and as bounded; not for the hot path, where spans
 * do. A document owns all its nodes; nodes are borrowed from it and die with it. Numbers
 * keep the text they were sent with.
 */

#include "base/buf.h"

struct err;
struct json; /* a node; the root is also the document */

enum json_kind {
    JSON_MISSING = 0, /* the kind of a NULL node, so look-ups chain without checks */
    JSON_NULL,
    JSON_BOOL,
    JSON_INTEGER,
    JSON_REAL, /* also an integer that int64_t does not hold */
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

/* Parses one value (any kind at the top). -1 with line and column in @err. */
must_check
int json_parse(struct bytes text, struct json **ret_json, struct err *err);
void json_free(struct json *root); /* NULL is fine */
void json_freep(struct json **root);

enum json_kind json_kind(const struct json *json);
/* Each is NULL, 0, false or empty when the node is missing or of another kind. */
const struct json *json_get(const struct json *object, const char *key);
const struct json *json_at(const struct json *array, size_t index);
size_t json_count(const struct json *array_or_object);
struct bytes json_string(const struct json *string);
int64_t json_i64(const struct json *number);
double json_double(const struct json *number);
bool json_bool(const struct json *boolean);
/* Walks members in order: *cursor starts NULL; false at the end. */
bool json_next(const struct json *object, void **cursor, const char **ret_key,
               const struct json **ret_value);
/* Walks a dotted path of keys and indexes. */
const struct json *json_path(const struct json *root, const char *path);

/* A new empty object (root). */
must_check
struct json *json_object(void);
/* Sets a copy of @value; overwrites. */
void json_set(struct json *object, const char *key, const struct json *value);
void json_set_string(struct json *object, const char *key, struct bytes value);
/* Sets at a dotted path, making objects on the way; @json_text is parsed as JSON, and
 * taken as a string when it is none ("plan=pro"). -1 when a non-object is in the way. */
must_check
int json_set_path(struct json *root, const char *path, struct bytes json_text,
                  struct err *err);
/* Members of @over replace those of @object (not deep). */
void json_merge(struct json *object, const struct json *over);
/* Serialises; compact, or indented by two. Numbers keep their value. */
int json_print(const struct json *json, bool indented, struct buf *ret_text);
