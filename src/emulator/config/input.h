/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * config_input - what the Config API takes: strictly what it means, leniently how it is
 * written (dossier §7.1): single quotes, any content type, "true" for true, camelCase.
 */

#include "base/arena.h"
#include "segment/mask.h"

struct exchange;
struct json;

enum { CONFIG_BODY_BYTES = 4 << 20, CONFIG_TEXT_BYTES = 4096 };

/* The body as an object, an empty one when there is none; NULL after 400. Free it. */
must_check
struct json *config_read_body(struct exchange *exchange);
/* The same, quietly: NULL when it is none. */
must_check
struct json *config_peek_body(const struct exchange *exchange);
/* The resource: the member @key, or the body itself when it is not wrapped. */
const struct json *config_resource(const struct json *body, const char *key);
/* The member, in snake_case or camelCase; NULL when it is missing or null. */
const struct json *config_get(const struct json *resource, const char *key);

/* Each is false after 400; what is missing is *ret unchanged. */
must_check
bool config_read_bool(struct exchange *exchange, const struct json *resource,
                      const char *key, bool *ret_value);
/* At most CONFIG_TEXT_BYTES; points into the document. */
must_check
bool config_read_text(struct exchange *exchange, const struct json *resource,
                      const char *key, struct bytes *ret_text);
must_check
bool config_read_mask(struct exchange *exchange, const struct json *body,
                      const char *resource, const char *const *fields,
                      struct mask *ret_mask);

/* The path is a name: of @n_pairs its first pairs ("workspaces/acme/sources/js" has two);
 * a ":verb" is cut. The whole when it has no more. */
struct bytes config_name(const struct exchange *exchange, size_t n_pairs);
/* 404 unless the workspace, source, destination that the path begins with is there. */
must_check
bool config_has_parent(struct exchange *exchange, size_t n_pairs);
/* All values of a query parameter, which may repeat and be joined by ',': calls @fn with
 * each (arena copies), at most 100. */
void config_each_query(struct exchange *exchange, const char *name,
                       void (*fn)(void *arg, struct bytes value), void *arg);
