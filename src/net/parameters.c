/* SPDX-License-Identifier: MIT */

#include "net/parameters.h"

#include "base/form.h"
#include "base/mem.h"
#include "base/secret.h"

static size_t count_at_most(struct bytes query)
{
    size_t n = 1;

    for (size_t i = 0; i < query.len; i++)
        n += query.ptr[i] == '&';
    return n;
}

bool parameters_are_too_many(struct bytes query)
{
    return count_at_most(query) > PARAMETERS_MAX;
}

static bool take_field(struct bytes *rest, struct buf *text,
                       struct framing_field *ret_field)
{
    const struct bytes before = *rest;

    if (!form_next(rest, text, &ret_field->name, &ret_field->value))
        return false;
    if (memchr(before.ptr, '=', before.len - rest->len) == NULL)
        ret_field->value = bytes_of(NULL, 0);
    return true;
}

void parameters_read(struct parameters *parameters, struct bytes query)
{
    struct buf *text = &parameters->text;

    if (parameters->is_read)
        return;
    parameters->is_read = true;
    if (query.len == 0)
        return;
    /* Decoding makes nothing longer, so the text never moves. */
    buf_init(text, query.len);
    (void)buf_room(text, query.len);
    parameters->fields = mem_zero(count_at_most(query) * sizeof(struct framing_field));
    while (take_field(&query, text, &parameters->fields[parameters->n_fields]))
        parameters->n_fields++;
}

void parameters_done(struct parameters *parameters)
{
    secret_wipe(parameters->text.ptr, parameters->text.len);
    buf_done(&parameters->text);
    free(parameters->fields);
    *parameters = (struct parameters){0};
}
