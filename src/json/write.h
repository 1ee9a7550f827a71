/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * write - JSON text into a buf, piece by piece, commas by itself.
 *
 * The caller opens and closes in the right order; nothing here checks the grammar of the
 * caller. A full buf latches (base/buf): ask once at the end.
 */

#include "base/buf.h"

struct walk_member;

struct write {
    struct buf *out;
    bool need_comma;
};

void write_init(struct write *write, struct buf *out);
void write_object(struct write *write);     /* { */
void write_object_end(struct write *write); /* } */
void write_array(struct write *write);
void write_array_end(struct write *write);
/* A plain ASCII literal that needs no escaping. */
void write_key(struct write *write, const char *key);
/* Any text as a key. */
void write_key_string(struct write *write, struct bytes name);
/* The inside of a key that scan_json has accepted, as it is. */
void write_key_raw(struct write *write, struct bytes inside);
/* Escapes; bytes that are not UTF-8 become U+FFFD. */
void write_string(struct write *write, struct bytes text);
void write_text(struct write *write, const char *text); /* NULL writes null */
void write_i64(struct write *write, int64_t value);
/* Shortest round-trip text; NaN and infinities write null. */
void write_double(struct write *write, double value);
void write_bool(struct write *write, bool value);
void write_null(struct write *write);
/* RFC 3339 UTC with milliseconds; 0 writes null. */
void write_time(struct write *write, int64_t time_ms);
/* JSON text as it is (already checked by the caller); empty writes null. */
void write_raw(struct write *write, struct bytes json);
/* The same without its white space (json/compact). */
void write_compact(struct write *write, struct bytes json);
/* A member that json/walk has found: key and value as sent, without white space. */
void write_walked(struct write *write, const struct walk_member *member);

/* Key and value in one call. */
void write_member_string(struct write *write, const char *key, struct bytes text);
void write_member_text(struct write *write, const char *key, const char *text);
void write_member_i64(struct write *write, const char *key, int64_t value);
void write_member_bool(struct write *write, const char *key, bool value);
void write_member_time(struct write *write, const char *key, int64_t time_ms);
void write_member_raw(struct write *write, const char *key, struct bytes json);
