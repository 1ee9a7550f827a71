/* SPDX-License-Identifier: MIT */

#include "emulator/pages/partner_event.h"

#include "base/html.h"
#include "json/json.h"

enum { ID_BYTES = 100 };

/* What a stranger's answer may put into a link. */
static bool is_id(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char lower = (char)(text.ptr[i] | 0x20);

        if (!(lower >= 'a' && lower <= 'z') &&
            !(text.ptr[i] >= '0' && text.ptr[i] <= '9') && text.ptr[i] != '_' &&
            text.ptr[i] != '-')
            return false;
    }
    return text.len > 0 && text.len <= ID_BYTES;
}

static struct bytes find_id(const struct json *call)
{
    const struct json *value;
    const char *name;
    void *cursor = NULL;

    while (json_next(json_get(call, "response_headers"), &cursor, &name, &value)) {
        if (bytes_eq_nocase(bytes_str(name), BYTES("X-Partnerapp-Event-Id")))
            return json_string(value);
    }
    return bytes_of(NULL, 0);
}

/* "http://127.0.0.1:8888" of "http://127.0.0.1:8888/webhook"; empty for anything else
 * than http and https. */
static struct bytes origin_of(struct bytes url)
{
    const struct bytes mark = BYTES("://");
    const size_t at = bytes_find(url, mark);
    const struct bytes rest = bytes_slice(url, at + mark.len, url.len);

    if (!bytes_starts(url, BYTES("http://")) && !bytes_starts(url, BYTES("https://")))
        return bytes_of(NULL, 0);
    return bytes_slice(url, 0, at + mark.len + bytes_index(rest, '/'));
}

bool partner_event_show(struct buf *out, const struct json *call)
{
    const struct bytes id = find_id(call);
    const struct bytes origin = origin_of(json_string(json_get(call, "url")));

    if (!is_id(id) || origin.len == 0)
        return false;
    html_addf(out,
              "<a href=\"%b/api/v1/events/%b\" rel=\"noreferrer\"><code>%b</code></a>",
              &origin, &id, &id);
    return true;
}
