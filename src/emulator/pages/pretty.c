/* SPDX-License-Identifier: MIT */

#include "emulator/pages/pretty.h"

#include "base/err.h"
#include "base/html.h"
#include "segment/event.h"
#include "json/indent.h"
#include "json/json.h"
#include "json/scan.h"
#include "json/write.h"

enum { TEXT_BYTES = 8 << 20, N_SPACES = 2 };

void pretty_print(struct buf *ret_text, struct bytes text)
{
    struct scan_span root;
    struct scan_fault fault;

    if (scan_json(text, NULL, &root, &fault))
        indent_print(root.text, N_SPACES, ret_text);
    else
        buf_add(ret_text, text);
}

void pretty_show(struct buf *out, struct bytes text)
{
    cleanup(buf_done) struct buf pretty = {0};

    buf_init(&pretty, TEXT_BYTES);
    pretty_print(&pretty, text);
    html_add(out, "<pre>");
    html_text(out, buf_bytes(&pretty));
    html_add(out, "</pre>\n");
}

/* --- a call of analytics.js --------------------------------------------------------- */

/* Which members are the arguments, in order; NULL ends. */
static const char *const *arguments_of(enum event_kind kind)
{
    static const char *const arguments[EVENT_N_KINDS][4] = {
        [EVENT_IDENTIFY] = {"userId", "traits"},
        [EVENT_TRACK] = {"event", "properties"},
        [EVENT_PAGE] = {"category", "name", "properties"},
        [EVENT_SCREEN] = {"category", "name", "properties"},
        [EVENT_GROUP] = {"groupId", "traits"},
        [EVENT_ALIAS] = {"userId", "previousId"},
    };

    return arguments[kind];
}

static void print_call(struct buf *text, enum event_kind kind, const struct json *event)
{
    const char *separator = "";

    buf_addf(text, "analytics.%s(", event_kind_text(kind));
    for (const char *const *key = arguments_of(kind); *key != NULL; key++) {
        const struct json *argument = json_get(event, *key);

        if (json_kind(argument) <= JSON_NULL)
            continue;
        buf_add_text(text, separator);
        json_print(argument, /* indented= */ true, text);
        separator = ", ";
    }
    buf_add_text(text, ");");
}

void pretty_call(struct buf *out, struct bytes event)
{
    cleanup(json_freep) struct json *json = NULL;
    cleanup(buf_done) struct buf text = {0};
    struct err err = {0};
    enum event_kind kind = EVENT_NONE;

    buf_init(&text, TEXT_BYTES);
    if (json_parse(event, &json, &err) == 0)
        kind = event_kind_parse(json_string(json_get(json, "type")));
    if (kind == EVENT_NONE || arguments_of(kind)[0] == NULL) {
        pretty_show(out, event);
        return;
    }
    print_call(&text, kind, json);
    html_add(out, "<pre>");
    html_text(out, buf_bytes(&text));
    html_add(out, "</pre>\n");
}
