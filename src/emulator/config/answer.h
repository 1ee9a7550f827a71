/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * config_answer - what the Config API says: resources with all their members, one space a
 * level; lists in pages; errors of exactly two members (dossier §7, §7.1).
 */

#include "base/bytes.h"

struct exchange;
struct json;
struct sql_statement;
struct world;
struct write;

/* Those of gRPC; each has one HTTP status. */
enum config_code {
    CONFIG_INVALID = 3,
    CONFIG_NOT_FOUND = 5,
    CONFIG_EXISTS = 6,
    CONFIG_DENIED = 7,
    CONFIG_EXHAUSTED = 8,
    CONFIG_UNIMPLEMENTED = 12,
    CONFIG_INTERNAL = 13,
    CONFIG_UNAUTHENTICATED = 16,
};

/* {"error":"…","code":3}; nothing of the request may be written before or after. */
printf_like(3, 4) void config_refuse(struct exchange *exchange, enum config_code code,
                                     const char *format, ...);
void config_refuse_missing(struct exchange *exchange); /* 404 "not found" */

/* Between the two the handler writes one value, compact; out comes 200, indented. */
void config_begin(struct exchange *exchange, struct write *ret_write);
void config_send(struct exchange *exchange);
void config_answer_nothing(struct exchange *exchange); /* exactly {} */

/* Writes the resource of a row; column 0 is its rowid. May run other literals. */
typedef void config_write_fn(struct exchange *exchange, struct sql_statement *row,
                             struct write *write);

struct config_list {
    const char *member; /* "sources" */
    /* A literal: ?1 is @of, ?2 the rowid after which to begin, ?3 the LIMIT. */
    const char *literal;
    struct bytes of;
    config_write_fn *write_fn;
};

enum { CONFIG_PAGE = 100 };

/* The page that page_size and page_token ask for; 400 for a token that is none of ours.
 * Pages go by rowid, so nothing is skipped when a resource goes between two of them. */
void config_answer_list(struct exchange *exchange, const struct config_list *list);
/* The one row of @literal with @name as ?1, or 404. */
void config_answer_one(struct exchange *exchange, const char *literal, struct bytes name,
                       config_write_fn *write_fn);
/* Does @literal have a row with @name as ?1? */
must_check
bool config_exists(struct world *world, const char *literal, struct bytes name);

/* "workspaces/acme" */
void config_write_workspace_name(struct write *write, const char *key, struct bytes slug);
/* JSON text, or @otherwise when it is empty. */
void config_write_json(struct write *write, const char *key, struct bytes json,
                       const char *otherwise);
/* A node; @otherwise (JSON text) when it is missing or null. */
void config_write_node(struct write *write, const char *key, const struct json *node,
                       const char *otherwise);
