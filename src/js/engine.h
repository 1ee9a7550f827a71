/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * engine - JavaScript contexts; engine.c is the only file with JavaScriptCore.
 *
 * The runtime (runtime/ of the repository) is one script: a function that is given the
 * natives and answers an object of entries. C calls entries, entries call natives. The
 * natives are held by the runtime's closure alone: no code of a user reaches them.
 * Promises settle when an entry is left, so each call below is one whole slice.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;
struct engine_vm;   /* a heap, and what the contexts in it have in common */
struct engine;      /* one context: globals of its own */
struct engine_call; /* a native's arguments, and its answer */

typedef void engine_native_fn(void *arg, struct engine_call *call);
struct engine_native {
    const char *name; /* NULL ends a table */
    engine_native_fn *fn;
};

/* For natives. A missing argument is undefined. */
bool engine_has(const struct engine_call *call, size_t index); /* not undefined, null */
/* Objects have no number or text here: making one would run a user's code inside of a
 * native. */
double engine_number(const struct engine_call *call, size_t index); /* 0 when none */
/* Adds a Uint8Array's bytes, or what is no object as its UTF-8. */
int engine_text(const struct engine_call *call, size_t index, struct buf *out);
void engine_return_text(struct engine_call *call, struct bytes utf8);
void engine_return_bytes(struct engine_call *call, struct bytes bytes);
void engine_return_bool(struct engine_call *call, bool value);
/* Evaluates @source as a plain script; the native returns its value, or throws what it
 * throws. */
void engine_return_script(struct engine_call *call, struct bytes name,
                          struct bytes source);
/* The same with the texts of two arguments, the name and the source. */
void engine_return_run(struct engine_call *call, size_t name, size_t source);
/* eval() and new Function() throw an EvalError when they are off. */
void engine_allow_eval(const struct engine_call *call, bool may_eval);

enum engine_entry {
    ENGINE_LOAD,
    ENGINE_INVOKE,
    ENGINE_ANSWER,
    ENGINE_CANCEL,
    ENGINE_TIMER,
    ENGINE_N_ENTRIES,
};

enum engine_kind {
    ENGINE_UNDEFINED = 0,
    ENGINE_NUMBER,
    ENGINE_TEXT,
    ENGINE_JSON,
    ENGINE_BYTES
};
struct engine_value {
    enum engine_kind kind;
    double number;
    struct bytes bytes; /* TEXT, JSON: UTF-8; JSON that does not parse is undefined */
};
#define ENGINE_OF_NUMBER(n) ((struct engine_value){ENGINE_NUMBER, (double)(n), {NULL, 0}})
#define ENGINE_OF(kind, b) ((struct engine_value){(kind), 0, (b)})

/* @runtime: ASCII, used where it lies. @natives: tables, ended by a NULL; borrowed too.
 * The VM is freed after all of its engines. */
struct engine_vm *engine_vm_new(struct bytes runtime,
                                const struct engine_native *const *natives);
void engine_vm_free(struct engine_vm *vm);
/*
 * Makes a context and runs the runtime in it. The first of a @vm also warms up, so that
 * nothing is loaded lazily later; threads of the engine exist afterwards. @arg is given
 * to all natives.
 */
must_check
struct engine *engine_new(struct engine_vm *vm, void *arg, struct err *err);
void engine_free(struct engine *engine);
/* False when the entry itself threw, which only a user who broke the runtime achieves:
 * *ret_why then gets the exception's text. */
must_check
bool engine_enter(struct engine *engine, enum engine_entry entry,
                  const struct engine_value *values, size_t n_values,
                  struct buf *ret_why);
