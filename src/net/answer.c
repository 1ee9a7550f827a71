/* SPDX-License-Identifier: MIT */

#include "net/answer.h"

enum { MAX_HEADS = 16, HEAD_BYTES = 64 * 1024 };

void answer_init(struct answer *answer)
{
    *answer = (struct answer){0};
    buf_init(&answer->head, HEAD_BYTES);
    buf_init(&answer->body, 0);
}

void answer_done(struct answer *answer)
{
    buf_done(&answer->head);
    buf_done(&answer->body);
}

void answer_clear(struct answer *answer, size_t max_body_bytes)
{
    answer->part = ANSWER_NOTHING;
    answer->status = 0;
    answer->n_heads = 0;
    answer->n_fields = 0;
    buf_clear(&answer->head);
    buf_clear(&answer->body);
    answer->body.max_bytes = max_body_bytes;
}

/* "HTTP/1.1 200 OK" */
static bool begin(struct answer *answer, struct bytes line)
{
    int64_t status = 0;

    (void)bytes_take_until(&line, ' ');
    if (!bytes_to_i64(bytes_take_until(&line, ' '), &status))
        return false;
    answer->status = (int)status;
    answer->part = status >= 200 ? ANSWER_HEAD : ANSWER_INTERIM;
    answer->n_fields = 0;
    buf_clear(&answer->head);
    return ++answer->n_heads <= MAX_HEADS;
}

static bool add_field(struct answer *answer, struct bytes line)
{
    const struct bytes name = bytes_take_until(&line, ':');
    const struct bytes value = bytes_trim(line);

    if (answer->n_fields == COUNT(answer->fields))
        return true;
    answer->fields[answer->n_fields++] = (struct answer_field){
        answer->head.len, name.len, answer->head.len + name.len, value.len};
    (void)buf_add(&answer->head, name);
    (void)buf_add(&answer->head, value);
    return !answer->head.full;
}

bool answer_add_line(struct answer *answer, struct bytes line)
{
    line = bytes_trim(line);
    if (answer->part == ANSWER_BODY)
        return true;
    if (line.len == 0) {
        if (answer->part == ANSWER_HEAD)
            answer->part = ANSWER_BODY;
        return true;
    }
    if (answer->part != ANSWER_HEAD && bytes_starts(line, BYTES("HTTP/")))
        return begin(answer, line);
    return add_field(answer, line);
}

bool answer_add_body(struct answer *answer, struct bytes bytes, bool cut)
{
    struct buf *body = &answer->body;

    if (cut)
        bytes = bytes_slice(bytes, 0, body->max_bytes - body->len);
    return buf_add(body, bytes) == 0;
}

size_t answer_headers(const struct answer *answer, struct client_header *ret_headers)
{
    const struct bytes head = buf_bytes(&answer->head);

    for (size_t i = 0; i < answer->n_fields; i++) {
        const struct answer_field *field = &answer->fields[i];

        ret_headers[i].name = bytes_slice(head, field->name, field->name_len);
        ret_headers[i].value = bytes_slice(head, field->value, field->value_len);
    }
    return answer->n_fields;
}

bool answer_find(const struct answer *answer, struct bytes name, struct bytes *ret_value)
{
    const struct bytes head = buf_bytes(&answer->head);

    for (size_t i = 0; i < answer->n_fields; i++) {
        const struct answer_field *field = &answer->fields[i];

        if (!bytes_eq_nocase(bytes_slice(head, field->name, field->name_len), name))
            continue;
        *ret_value = bytes_slice(head, field->value, field->value_len);
        return true;
    }
    return false;
}
