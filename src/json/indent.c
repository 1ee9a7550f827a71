/* SPDX-License-Identifier: MIT */

#include "json/indent.h"

#include "json/walk.h"

struct layout {
    struct buf *out;
    unsigned n_spaces;
    unsigned depth;
};

static void break_line(struct layout *layout)
{
    static const char spaces[INDENT_MAX_SPACES + 1] = "        ";

    buf_add_char(layout->out, '\n');
    for (unsigned i = 0; i < layout->depth; i++)
        buf_add(layout->out, bytes_of(spaces, layout->n_spaces));
}

/* After an opening bracket: closed at once, or a line deeper. */
static void open_bracket(struct layout *layout, struct bytes *rest)
{
    walk_space(rest);
    if (rest->len > 0 && (rest->ptr[0] == '}' || rest->ptr[0] == ']')) {
        buf_add_char(layout->out, rest->ptr[0]);
        *rest = bytes_slice(*rest, 1, rest->len);
        return;
    }
    layout->depth++;
    break_line(layout);
}

static void close_bracket(struct layout *layout, char bracket)
{
    if (layout->depth > 0)
        layout->depth--;
    break_line(layout);
    buf_add_char(layout->out, bracket);
}

static void print_string(struct layout *layout, struct bytes *rest)
{
    const struct bytes inside = walk_string(rest);

    buf_add_char(layout->out, '"');
    buf_add(layout->out, inside);
    buf_add_char(layout->out, '"');
}

static void print_mark(struct layout *layout, char mark, struct bytes *rest)
{
    switch (mark) {
    case '"':
        print_string(layout, rest);
        break;
    case '{':
    case '[':
        buf_add_char(layout->out, mark);
        open_bracket(layout, rest);
        break;
    case '}':
    case ']':
        close_bracket(layout, mark);
        break;
    case ',':
        buf_add_char(layout->out, mark);
        break_line(layout);
        break;
    case ':':
        buf_add_text(layout->out, ": ");
        break;
    default: /* of a number, true, false, null */
        buf_add_char(layout->out, mark);
    }
}

int indent_print(struct bytes json, unsigned n_spaces, struct buf *ret_text)
{
    struct layout layout = {.out = ret_text,
                            .n_spaces = n_spaces < INDENT_MAX_SPACES ? n_spaces
                                                                     : INDENT_MAX_SPACES};

    walk_space(&json);
    while (json.len > 0) {
        const char mark = json.ptr[0];

        json = bytes_slice(json, 1, json.len);
        print_mark(&layout, mark, &json);
        walk_space(&json);
    }
    return ret_text->full ? BUF_FULL : 0;
}
