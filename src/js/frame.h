/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * frame - what the service and a runner say to each other over their socket.
 *
 * A frame is a 16-byte head {u32 magic, u16 type, u16 zero, u32 invocation, u32 length},
 * little endian, then @length bytes: fields {u16 tag, u16 zero, u32 length, bytes}. No
 * pointers, no descriptors, no JSON in control fields. At most FRAME_BYTES. Decoding what
 * a runner says is strict: an unknown type or tag, a field twice, a short field, trailing
 * bytes, or a type that its state does not allow ends that runner (style §3.7).
 */

#include "base/buf.h"

enum { FRAME_BYTES = 8 << 20, FRAME_HEAD_BYTES = 16, FRAME_MAX_FIELDS = 160 };

enum frame_type {
    FRAME_NONE = 0,
    /* down, to the runner */
    FRAME_LOAD,   /* NAME, SOURCE, KIND (enum pool_generation), FLAGS */
    FRAME_INVOKE, /* EVENT, SETTINGS, KIND (of event), FLAGS */
    FRAME_ANSWER, /* FETCH, TRANSPORT, STATUS, (HEADER, VALUE)*, BODY or ERROR */
    FRAME_CANCEL, /* nothing: forget this invocation */
    /* up, from the runner */
    FRAME_READY,  /* LAYERS; or ERROR: why it cannot start */
    FRAME_LOADED, /* GENERATION, HANDLER*; or ERROR_NAME, ERROR, LINE, COLUMN */
    FRAME_FETCH,  /* FETCH, METHOD, URL, (HEADER, VALUE)*, BODY, FLAGS (1: follow) */
    FRAME_LOG,    /* TEXT */
    FRAME_RESULT, /* VALUE; ERROR_NAME, ERROR, STACK, NOTE, LINE, COLUMN; HANDLER; FLAGS
                   */
    FRAME_N_TYPES,
};

enum frame_tag {
    TAG_NONE = 0,
    TAG_NAME,
    TAG_SOURCE,
    TAG_FLAGS,
    TAG_EVENT,
    TAG_SETTINGS,
    TAG_KIND,
    TAG_FETCH,
    TAG_TRANSPORT,
    TAG_STATUS,
    TAG_HEADER,
    TAG_VALUE,
    TAG_BODY,
    TAG_ERROR,
    TAG_LAYERS,
    TAG_GENERATION,
    TAG_HANDLER,
    TAG_ERROR_NAME,
    TAG_LINE,
    TAG_COLUMN,
    TAG_METHOD,
    TAG_URL,
    TAG_TEXT,
    TAG_STACK,
    TAG_NOTE,
    TAG_N,
};

enum frame_load_flags {
    LOAD_MAY_EVAL = 1u << 0,
    LOAD_EVAL_BY_GENERATION = 1u << 1, /* on for the first two, off for the third */
    LOAD_FRESH = 1u << 2,              /* a context for every invocation */
};
enum frame_invoke_flags {
    INVOKE_FOLDED = 1u << 0,
    INVOKE_BATCH = 1u << 1,   /* EVENT is a list */
    INVOKE_REQUEST = 1u << 2, /* EVENT is a request for onRequest */
};
enum frame_fetch_flags { FETCH_FOLLOWS = 1u << 0 };
enum frame_result_flags {
    RESULT_NO_HANDLER = 1u << 0,
    RESULT_TRANSFORM = 1u << 1,
    RESULT_STATUSES = 1u << 2, /* VALUE is a batch's status array */
};

struct frame_field {
    enum frame_tag tag;
    struct bytes value;
};

struct frame {
    enum frame_type type;
    uint32_t invocation; /* 0: none */
    size_t n_fields;
    struct frame_field fields[FRAME_MAX_FIELDS]; /* only n_fields are initialised */
};

enum frame_verdict {
    FRAME_BAD = 0, /* nonsense: end the peer */
    FRAME_PARTIAL, /* more bytes are needed */
    FRAME_WHOLE,
};

/*
 * Decodes the frame at the front of @bytes; *ret_len is how many bytes it took. Fields
 * are slices of @bytes. @from_runner: only the types that a runner may say (and else only
 * those that the service may say). Required and allowed tags are a table per type.
 */
must_check
enum frame_verdict frame_decode(struct bytes bytes, bool from_runner,
                                struct frame *ret_frame, size_t *ret_len);
/* The first field with @tag, ptr NULL when absent. */
struct bytes frame_get(const struct frame *frame, enum frame_tag tag);
bool frame_has(const struct frame *frame, enum frame_tag tag);
uint32_t frame_get_u32(const struct frame *frame, enum frame_tag tag); /* 0 when absent */

/*
 * Writing: begin, add fields, end. A frame that does not fit into @out, or is longer than
 * FRAME_BYTES, is taken back whole: end returns BUF_FULL and @out is as it was before.
 */
must_check
size_t frame_begin(struct buf *out, enum frame_type type, uint32_t invocation);
void frame_add(struct buf *out, enum frame_tag tag, struct bytes value);
void frame_add_u32(struct buf *out, enum frame_tag tag, uint32_t value);
must_check
int frame_end(struct buf *out, size_t begun);
