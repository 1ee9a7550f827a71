/* SPDX-License-Identifier: MIT */
#include "js/frame.h"

#include <assert.h>
#include <endian.h>

#define MAGIC 0x314a5350u /* "PSJ1" */
#define BIT(tag) (1u << (tag))

static_assert(TAG_N <= 32, "the tags of a rule are bits of 32");

/* What each type may carry. Every tag at most once, but for those of `many`. */
static const struct rule {
    bool from_runner;
    uint32_t required;
    uint32_t allowed;
    uint32_t many;
} rules[FRAME_N_TYPES] = {
    [FRAME_LOAD] = {false, BIT(TAG_NAME) | BIT(TAG_SOURCE),
                    BIT(TAG_FLAGS) | BIT(TAG_KIND), 0},
    [FRAME_INVOKE] = {false, BIT(TAG_EVENT) | BIT(TAG_SETTINGS) | BIT(TAG_KIND),
                      BIT(TAG_FLAGS), 0},
    [FRAME_ANSWER] = {false, BIT(TAG_FETCH) | BIT(TAG_TRANSPORT),
                      BIT(TAG_STATUS) | BIT(TAG_BODY) | BIT(TAG_ERROR),
                      BIT(TAG_HEADER) | BIT(TAG_VALUE)},
    [FRAME_CANCEL] = {false, 0, 0, 0},
    [FRAME_READY] = {true, 0, BIT(TAG_LAYERS) | BIT(TAG_ERROR), 0},
    [FRAME_LOADED] = {true, 0,
                      BIT(TAG_GENERATION) | BIT(TAG_ERROR_NAME) | BIT(TAG_ERROR) |
                          BIT(TAG_LINE) | BIT(TAG_COLUMN),
                      BIT(TAG_HANDLER)},
    [FRAME_FETCH] = {true, BIT(TAG_FETCH) | BIT(TAG_METHOD) | BIT(TAG_URL),
                     BIT(TAG_BODY) | BIT(TAG_FLAGS), BIT(TAG_HEADER) | BIT(TAG_VALUE)},
    [FRAME_LOG] = {true, BIT(TAG_TEXT), 0, 0},
    [FRAME_RESULT] = {true, 0,
                      BIT(TAG_VALUE) | BIT(TAG_ERROR_NAME) | BIT(TAG_ERROR) |
                          BIT(TAG_STACK) | BIT(TAG_NOTE) | BIT(TAG_LINE) |
                          BIT(TAG_COLUMN) | BIT(TAG_HANDLER) | BIT(TAG_FLAGS),
                      0},
};

static const uint32_t numbers = BIT(TAG_FLAGS) | BIT(TAG_KIND) | BIT(TAG_FETCH) |
                                BIT(TAG_TRANSPORT) | BIT(TAG_STATUS) | BIT(TAG_LAYERS) |
                                BIT(TAG_LINE) | BIT(TAG_COLUMN);

static uint16_t get_u16(const char *at)
{
    uint16_t value;

    memcpy(&value, at, sizeof(value));
    return le16toh(value);
}

static uint32_t get_u32(const char *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof(value));
    return le32toh(value);
}

static void put_u16(char *at, unsigned value)
{
    uint16_t little = htole16((uint16_t)value);

    memcpy(at, &little, sizeof(little));
}

static void put_u32(char *at, uint32_t value)
{
    uint32_t little = htole32(value);

    memcpy(at, &little, sizeof(little));
}

/* Takes one field off @bytes; false when it is cut off, unknown or of a wrong size. */
static bool take_field(struct bytes *bytes, struct frame_field *ret_field)
{
    unsigned tag;
    uint32_t len;

    if (bytes->len < 8)
        return false;
    tag = get_u16(bytes->ptr);
    len = get_u32(bytes->ptr + 4);
    if (tag == TAG_NONE || tag >= TAG_N || get_u16(bytes->ptr + 2) != 0 ||
        len > bytes->len - 8)
        return false;
    if ((numbers & BIT(tag)) != 0 && len != 4)
        return false;

    *ret_field = (struct frame_field){(enum frame_tag)tag, bytes_of(bytes->ptr + 8, len)};
    *bytes = bytes_of(bytes->ptr + 8 + len, bytes->len - 8 - len);
    return true;
}

/* A header's name comes right before its value, so that neither can be alone. */
static bool is_in_order(const struct frame *frame, enum frame_tag tag)
{
    bool after_header =
        frame->n_fields > 0 && frame->fields[frame->n_fields - 1].tag == TAG_HEADER;

    if ((rules[frame->type].many & BIT(TAG_HEADER)) == 0)
        return true;
    return after_header == (tag == TAG_VALUE);
}

static bool decode_fields(struct bytes rest, struct frame *frame)
{
    const struct rule *rule = &rules[frame->type];
    uint32_t may = rule->required | rule->allowed | rule->many;
    uint32_t seen = 0;

    while (rest.len > 0) {
        struct frame_field field;

        if (frame->n_fields == FRAME_MAX_FIELDS || !take_field(&rest, &field))
            return false;
        if ((may & BIT(field.tag)) == 0 || (seen & ~rule->many & BIT(field.tag)) != 0 ||
            !is_in_order(frame, field.tag))
            return false;
        seen |= BIT(field.tag);
        frame->fields[frame->n_fields++] = field;
    }
    return (seen & rule->required) == rule->required &&
           (frame->n_fields == 0 || frame->fields[frame->n_fields - 1].tag != TAG_HEADER);
}

enum frame_verdict frame_decode(struct bytes bytes, bool from_runner,
                                struct frame *ret_frame, size_t *ret_len)
{
    unsigned type;
    uint32_t len;

    if (bytes.len < FRAME_HEAD_BYTES)
        return FRAME_PARTIAL;
    type = get_u16(bytes.ptr + 4);
    len = get_u32(bytes.ptr + 12);
    if (get_u32(bytes.ptr) != MAGIC || type == FRAME_NONE || type >= FRAME_N_TYPES ||
        get_u16(bytes.ptr + 6) != 0 || len > FRAME_BYTES - FRAME_HEAD_BYTES ||
        rules[type].from_runner != from_runner)
        return FRAME_BAD;
    if (bytes.len - FRAME_HEAD_BYTES < len)
        return FRAME_PARTIAL;

    ret_frame->type = (enum frame_type)type;
    ret_frame->invocation = get_u32(bytes.ptr + 8);
    ret_frame->n_fields = 0;
    *ret_len = FRAME_HEAD_BYTES + len;
    if (!decode_fields(bytes_of(bytes.ptr + FRAME_HEAD_BYTES, len), ret_frame))
        return FRAME_BAD;
    return FRAME_WHOLE;
}

static const struct frame_field *find(const struct frame *frame, enum frame_tag tag)
{
    for (size_t i = 0; i < frame->n_fields; i++)
        if (frame->fields[i].tag == tag)
            return &frame->fields[i];
    return NULL;
}

struct bytes frame_get(const struct frame *frame, enum frame_tag tag)
{
    const struct frame_field *field = find(frame, tag);

    return field != NULL ? field->value : bytes_of(NULL, 0);
}

bool frame_has(const struct frame *frame, enum frame_tag tag)
{
    return find(frame, tag) != NULL;
}

uint32_t frame_get_u32(const struct frame *frame, enum frame_tag tag)
{
    struct bytes value = frame_get(frame, tag);

    return value.len == 4 ? get_u32(value.ptr) : 0;
}

size_t frame_begin(struct buf *out, enum frame_type type, uint32_t invocation)
{
    size_t begun = out->len;
    char head[FRAME_HEAD_BYTES] = {0};

    out->full = false;
    put_u32(head, MAGIC);
    put_u16(head + 4, type);
    put_u32(head + 8, invocation);
    (void)buf_add(out, bytes_of(head, sizeof(head)));
    return begun;
}

void frame_add(struct buf *out, enum frame_tag tag, struct bytes value)
{
    char head[8] = {0};

    if (value.len > FRAME_BYTES) {
        out->full = true;
        return;
    }
    put_u16(head, tag);
    put_u32(head + 4, (uint32_t)value.len);
    (void)buf_add(out, bytes_of(head, sizeof(head)));
    (void)buf_add(out, value);
}

void frame_add_u32(struct buf *out, enum frame_tag tag, uint32_t value)
{
    char little[4];

    put_u32(little, value);
    frame_add(out, tag, bytes_of(little, sizeof(little)));
}

int frame_end(struct buf *out, size_t begun)
{
    if (out->full || out->len - begun > FRAME_BYTES) {
        out->full = false;
        if (out->ptr != NULL) {
            out->len = begun;
            out->ptr[begun] = '\0';
        }
        return BUF_FULL;
    }
    put_u32(out->ptr + begun + 12, (uint32_t)(out->len - begun - FRAME_HEAD_BYTES));
    return 0;
}
