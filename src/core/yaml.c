/* SPDX-License-Identifier: MIT */

#include "core/yaml.h"

#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>

struct builder {
    struct arena *arena;
    struct bytes text;
    struct fy_parser *parser;
    struct fy_diag *diag;
    struct yaml_node *open[YAML_DEPTH]; /* collections around the current place */
    size_t n_open;
    struct yaml_node *root;
    struct bytes key; /* read, its value not yet */
    struct yaml_place key_place;
    bool has_key;
    size_t n_documents;
    struct yaml_fault *fault;
};

printf_like(3, 4) static bool refuse(struct builder *builder, struct yaml_place place,
                                     const char *format, ...)
{
    va_list args;

    builder->fault->place = place;
    va_start(args, format);
    vsnprintf(builder->fault->why, sizeof(builder->fault->why), format, args);
    va_end(args);
    return false;
}

static struct yaml_place place_of(struct fy_event *event)
{
    const struct fy_mark *start = fy_event_start_mark(event);
    const struct fy_mark *end = fy_event_end_mark(event);
    struct yaml_place place = {.width = 1};

    if (start == NULL)
        return place;
    place.line = start->line + 1;
    place.column = start->column + 1;
    if (end != NULL && end->line == start->line && end->column > start->column)
        place.width = end->column - start->column;
    return place;
}

static struct bytes text_of(struct builder *builder, struct fy_token *token)
{
    size_t len = 0;
    const char *text = token != NULL ? fy_token_get_text(token, &len) : NULL;
    struct bytes bytes = bytes_of(text, text != NULL ? len : 0);

    return bytes_of(arena_copy(builder->arena, bytes), bytes.len);
}

static struct yaml_node *around(const struct builder *builder)
{
    return builder->n_open > 0 ? builder->open[builder->n_open - 1] : NULL;
}

static bool expects_key(const struct builder *builder)
{
    const struct yaml_node *parent = around(builder);

    return parent != NULL && parent->kind == YAML_MAPPING && !builder->has_key;
}

static void attach(struct builder *builder, struct yaml_node *node)
{
    struct yaml_node *parent = around(builder);

    if (parent == NULL) {
        builder->root = node;
        return;
    }
    if (builder->has_key) {
        node->key = builder->key;
        node->key_place = builder->key_place;
        builder->has_key = false;
    }
    if (parent->last != NULL)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
}

/* Of '''' inside single quotes the library (0.7.12) makes three quotes instead of two,
 * for which it has no room: it cuts as much off the end, and may forget to free memory.
 */
static bool is_misread(const struct builder *builder, struct fy_event *event)
{
    const struct fy_mark *start = fy_event_start_mark(event);
    const struct fy_mark *end = fy_event_end_mark(event);
    struct fy_token *token = event->scalar.value;

    if (token == NULL || fy_token_scalar_style(token) != FYSS_SINGLE_QUOTED ||
        start == NULL || end == NULL || end->input_pos < start->input_pos)
        return false;
    struct bytes inside =
        bytes_slice(builder->text, start->input_pos, end->input_pos - start->input_pos);
    return bytes_find(inside, BYTES("''''")) < inside.len;
}

static bool on_scalar(struct builder *builder, struct fy_event *event)
{
    struct fy_token *token = event->scalar.value;
    struct bytes text;
    struct yaml_node *node;

    if (is_misread(builder, event))
        return refuse(builder, place_of(event),
                      "'''' inside single quotes is not supported: use double quotes");
    text = text_of(builder, token);
    if (expects_key(builder)) {
        builder->key = text;
        builder->key_place = place_of(event);
        builder->has_key = true;
        return true;
    }
    node = arena_new(builder->arena, struct yaml_node);
    node->kind = YAML_SCALAR;
    node->place = place_of(event);
    node->text = text;
    node->is_plain = token == NULL || fy_token_scalar_style(token) == FYSS_PLAIN;
    if (node->place.line == 0 && builder->has_key)
        node->place = builder->key_place;
    /* The library's marks leave the quotes out; the caret should not. */
    if (!node->is_plain && node->place.column > 1) {
        node->place.column--;
        node->place.width = node->text.len > 0 ? node->place.width + 2 : 2;
    }
    attach(builder, node);
    return true;
}

static bool on_collection(struct builder *builder, struct fy_event *event,
                          enum yaml_kind kind)
{
    struct yaml_node *node;

    if (expects_key(builder))
        return refuse(builder, place_of(event), "a key must be plain text");
    if (builder->n_open == YAML_DEPTH)
        return refuse(builder, place_of(event), "more than %d levels deep", YAML_DEPTH);
    node = arena_new(builder->arena, struct yaml_node);
    node->kind = kind;
    node->place = place_of(event);
    attach(builder, node);
    builder->open[builder->n_open++] = node;
    return true;
}

static bool check_plain(struct builder *builder, struct fy_event *event,
                        const struct fy_token *anchor, const struct fy_token *tag)
{
    if (anchor != NULL)
        return refuse(builder, place_of(event), "anchors (`&name`) are not supported");
    if (tag != NULL)
        return refuse(builder, place_of(event), "tags (`!name`) are not supported");
    return true;
}

static bool on_event(struct builder *builder, struct fy_event *event)
{
    switch (event->type) {
    case FYET_SCALAR:
        return check_plain(builder, event, event->scalar.anchor, event->scalar.tag) &&
               on_scalar(builder, event);
    case FYET_MAPPING_START:
        return check_plain(builder, event, event->mapping_start.anchor,
                           event->mapping_start.tag) &&
               on_collection(builder, event, YAML_MAPPING);
    case FYET_SEQUENCE_START:
        return check_plain(builder, event, event->sequence_start.anchor,
                           event->sequence_start.tag) &&
               on_collection(builder, event, YAML_SEQUENCE);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        builder->n_open--;
        return true;
    case FYET_ALIAS:
        return refuse(builder, place_of(event), "aliases (`*name`) are not supported");
    case FYET_DOCUMENT_START:
        if (++builder->n_documents > 1)
            return refuse(builder, place_of(event),
                          "only one document may be in the file");
        return true;
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_END:
        return true;
    }
    return true;
}

/* The library's own complaint; its first is the cause, others follow from it. */
static bool check_diag(struct builder *builder)
{
    void *cursor = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(builder->diag, &cursor);
    struct yaml_place place = {.line = 1, .column = 1, .width = 1};

    if (error == NULL && !fy_diag_got_error(builder->diag))
        return true;
    if (error != NULL && error->line > 0)
        place =
            (struct yaml_place){error->line, error->column > 0 ? error->column : 1, 1};
    return refuse(builder, place, "%s",
                  error != NULL && error->msg != NULL ? error->msg : "not YAML");
}

/* No text has them, and the library does not always come back from them. */
static bool is_foreign(unsigned char c)
{
    return (c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7f || c >= 0xfe;
}

/* Directives are refused with them: of a malformed one the library (0.7.12) reads for
 * ever, and a configuration needs none. */
static bool check_bytes(struct builder *builder, struct bytes text)
{
    struct yaml_place place = {.line = 1, .column = 1, .width = 1};

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (is_foreign(c))
            return refuse(builder, place, "the byte 0x%02x does not belong in a text", c);
        if (c == '%' && place.column == 1)
            return refuse(builder, place, "directives (`%%NAME`) are not supported");
        place.column = c == '\n' || c == '\r' ? 1 : place.column + 1;
        place.line += c == '\n' ? 1 : 0;
    }
    return true;
}

static bool build(struct builder *builder, struct bytes text)
{
    struct fy_event *event;
    bool ok = true;

    if (!check_bytes(builder, text))
        return false;
    /* Without a text there is no document, and the library wants at least one byte. */
    if (bytes_trim(text).len == 0)
        return true;
    if (fy_parser_set_string(builder->parser, text.ptr, text.len) != 0)
        return refuse(builder, (struct yaml_place){1, 1, 1}, "not readable as YAML");
    while (ok && (event = fy_parser_parse(builder->parser)) != NULL) {
        ok = on_event(builder, event);
        fy_parser_event_free(builder->parser, event);
    }
    return ok && check_diag(builder);
}

/* The library's diagnostics go nowhere: they are collected and said in our words. */
static void swallow(struct fy_diag *diag, void *user, const char *text, size_t len)
{
    (void)diag;
    (void)user;
    (void)text;
    (void)len;
}

bool yaml_parse(struct bytes text, struct arena *arena, struct yaml_node **ret_root,
                struct yaml_fault *ret_fault)
{
    struct builder builder = {.arena = arena, .text = text, .fault = ret_fault};
    struct fy_diag_cfg diag_cfg;
    struct fy_parse_cfg cfg = {0};
    bool ok;

    if (text.len > YAML_MAX_BYTES)
        return refuse(&builder, (struct yaml_place){1, 1, 1},
                      "larger than %d KiB, which no configuration is",
                      YAML_MAX_BYTES / 1024);
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.output_fn = swallow;
    diag_cfg.colorize = false;
    builder.diag = fy_diag_create(&diag_cfg);
    fy_diag_set_collect_errors(builder.diag, true);
    cfg.flags = FYPCF_COLLECT_DIAG | FYPCF_JSON_NONE;
    cfg.diag = builder.diag;
    builder.parser = fy_parser_create(&cfg);
    ok = build(&builder, text);
    fy_parser_destroy(builder.parser);
    fy_diag_destroy(builder.diag);
    if (ok)
        *ret_root = builder.root;
    return ok;
}

bool yaml_is_null(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR && node->is_plain &&
           (node->text.len == 0 || bytes_eq(node->text, BYTES("~")) ||
            bytes_eq_nocase(node->text, BYTES("null")));
}
