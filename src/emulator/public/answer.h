/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * public_answer - what the Public API says and takes (dossier §8).
 *
 * {"data":{…}} or {"errors":[{"type","message","field","status"}]}, compact, in the media
 * type that was asked for. Lists are counted: a cursor is the base64 of an offset.
 */

#include "base/bytes.h"

struct bearer;
struct buf;
struct exchange;
struct json;
struct sql_statement;
struct write;

/* The type of an error: "not-found" of 404. */
const char *public_error_type(int status);
/* @field may be NULL. The type follows from the status. */
printf_like(4, 5) void public_refuse(struct exchange *exchange, int status,
                                     const char *field, const char *format, ...);
void public_refuse_missing(struct exchange *exchange);

/* Between the two the handler writes members of "data". */
void public_begin(struct exchange *exchange, struct write *ret_write);
void public_send(struct exchange *exchange, struct write *write);
void public_answer_success(struct exchange *exchange); /* {"status":"SUCCESS"} */

/* The type to answer in: Accept's, of the four that there are. False after 406. */
must_check
bool public_choose_type(struct exchange *exchange);

/* The body as an object; NULL after 400. Free it. */
must_check
struct json *public_read_body(struct exchange *exchange);
/* Each is false after 422 with the field's name; what is missing is unchanged. */
must_check
bool public_read_text(struct exchange *exchange, const struct json *body,
                      const char *field, struct bytes *ret_text);
must_check
bool public_read_bool(struct exchange *exchange, const struct json *body,
                      const char *field, bool *ret_value);

/* Slug of the token's workspace. */
struct bytes public_workspace(const struct exchange *exchange);

typedef void public_write_fn(struct exchange *exchange, struct sql_statement *row,
                             struct write *write);

enum { PUBLIC_PAGE = 200, PUBLIC_PAGE_MAX = 1000 };

struct public_list {
    const char *member; /* "sources" */
    /* Literals: of the rows (?1 is @of, ?2 the LIMIT, ?3 the OFFSET) and of their number
     * (?1 is @of). */
    const char *rows, *count;
    struct bytes of;
    public_write_fn *write_fn;
};
void public_answer_list(struct exchange *exchange, const struct public_list *list);
/* The row of @literal with ?1 the workspace's slug and ?2 @id as the member @name; 404
 * when there is none. */
void public_answer_one(struct exchange *exchange, const char *literal, struct bytes id,
                       const char *name, public_write_fn *write_fn);
/* Writes the first column of that row into the arena; empty when there is none. */
struct bytes public_find(struct exchange *exchange, const char *literal, struct bytes id);
