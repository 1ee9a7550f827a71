/* SPDX-License-Identifier: MIT */

#include "cli/fixture.h"

#include <stdio.h>

#include "base/err.h"
#include "base/hex.h"
#include "base/time_text.h"
#include "sys/clock.h"
#include "sys/rand.h"
#include "json/json.h"

#define PAGE_CONTEXT                                                                     \
    "\"context\":{\"ip\":\"203.0.113.9\",\"locale\":\"en-US\",\"library\":{\"name\":"    \
    "\"analytics.js\",\"version\":\"4.1.0\"},\"page\":{\"path\":\"/signup\",\"title\":"  \
    "\"Sign up\",\"url\":\"https://example.com/signup\"},\"userAgent\":\"Mozilla/5.0 "   \
    "(X11; Linux x86_64)\"}"
#define PHONE_CONTEXT                                                                    \
    "\"context\":{\"ip\":\"203.0.113.9\",\"locale\":\"en-US\",\"library\":{\"name\":"    \
    "\"analytics-ios\",\"version\":\"4.1.8\"},\"app\":{\"name\":\"Initech\","            \
    "\"version\":"                                                                       \
    "\"2.1\"},\"device\":{\"manufacturer\":\"Apple\",\"model\":\"iPhone15,2\"}}"
#define WEB                                                                              \
    "\"channel\":\"client\",\"integrations\":{},\"projectId\":\"website\","              \
    "\"version\":2,"

/* Shapes of the protocol dossier, §2.8. */
static const struct {
    const char *type;
    const char *text;
} fixtures[] = {
    {"identify",
     "{\"type\":\"identify\",\"anonymousId\":\"anonymous-1\",\"userId\":\"u1\","
     "\"traits\":{\"email\":\"calvin@example.com\",\"firstName\":\"Calvin\",\"lastName\":"
     "\"French\",\"plan\":\"pro\"}," WEB PAGE_CONTEXT "}"},
    {"track",
     "{\"type\":\"track\",\"anonymousId\":\"anonymous-1\",\"userId\":\"u1\",\"event\":"
     "\"Signed Up\",\"properties\":{\"plan\":\"pro\",\"accountType\":\"Facebook\"}," WEB
         PAGE_CONTEXT "}"},
    {"page",
     "{\"type\":\"page\",\"anonymousId\":\"anonymous-1\",\"userId\":\"u1\",\"name\":"
     "\"Home\",\"properties\":{\"path\":\"/\",\"title\":\"Home\",\"url\":"
     "\"https://example.com/\"}," WEB PAGE_CONTEXT "}"},
    {"screen",
     "{\"type\":\"screen\",\"anonymousId\":\"anonymous-1\",\"userId\":\"u1\",\"name\":"
     "\"Home\",\"properties\":{\"variation\":\"blue signup button\"}," WEB PHONE_CONTEXT
     "}"},
    {"group",
     "{\"type\":\"group\",\"anonymousId\":\"anonymous-1\",\"userId\":\"u1\",\"groupId\":"
     "\"initech\",\"traits\":{\"name\":\"Initech\",\"employees\":329,\"industry\":"
     "\"Technology\",\"plan\":\"enterprise\"}," WEB PAGE_CONTEXT "}"},
    {"alias", "{\"type\":\"alias\",\"previousId\":\"anonymous-1\",\"userId\":\"u1\"," WEB
                  PAGE_CONTEXT "}"},
    {"delete",
     "{\"type\":\"delete\",\"userId\":\"u1\",\"channel\":\"server\",\"version\":2,"
     "\"context\":{},\"integrations\":{}}"},
};

bool fixture_is_type(struct bytes type)
{
    for (size_t i = 0; i < COUNT(fixtures); i++) {
        if (bytes_eq(bytes_str(fixtures[i].type), type))
            return true;
    }
    return false;
}

static void stamp(struct json *event)
{
    char text[TIME_TEXT_LEN + 1];
    char id[64];
    uint8_t bits[12];
    char hex[2 * sizeof(bits) + 1];

    rand_bytes(bits, sizeof(bits));
    hex_encode(bits, sizeof(bits), hex);
    snprintf(id, sizeof(id), "trigger-%s", hex);
    time_text_format(clock_wall_ms(), text);
    json_set_string(event, "messageId", bytes_str(id));
    json_set_string(event, "timestamp", bytes_str(text));
    json_set_string(event, "originalTimestamp", bytes_str(text));
    json_set_string(event, "sentAt", bytes_str(text));
    json_set_string(event, "receivedAt", bytes_str(text));
}

static int change(struct json *event, const char *text, struct err *err)
{
    struct bytes value = bytes_str(text);
    struct bytes path = bytes_take_until(&value, '=');
    char path_text[512];

    if (strchr(text, '=') == NULL || path.len == 0 || path.len >= sizeof(path_text))
        return err_code(err, "PA7003", ERR_USAGE,
                        "--set wants PATH=VALUE, such as properties.plan=pro; not `%s`",
                        text);
    snprintf(path_text, sizeof(path_text), "%.*s", BYTES_FMT(path));
    if (json_set_path(event, path_text, value, err) < 0) {
        err->exit_code = ERR_USAGE;
        return err_wrap(err, "--set %s", path_text);
    }
    return 0;
}

int fixture_from(struct bytes text, const char *const *changes, size_t n_changes,
                 struct buf *ret_json, struct err *err)
{
    cleanup(json_freep) struct json *event = NULL;

    if (json_parse(text, &event, err) < 0) {
        snprintf(err->code, sizeof(err->code), "PA3004");
        return -1;
    }
    if (json_kind(event) != JSON_OBJECT)
        return err_code(err, "PA3004", ERR_FAILED, "an event is a JSON object");
    stamp(event);
    for (size_t i = 0; i < n_changes; i++) {
        if (change(event, changes[i], err) < 0)
            return -1;
    }
    if (json_print(event, /* indented= */ false, ret_json) != 0)
        return err_set(err, "the event is larger than %d bytes", FIXTURE_MAX);
    return 0;
}

int fixture_make(struct bytes type, const char *const *changes, size_t n_changes,
                 struct buf *ret_json, struct err *err)
{
    for (size_t i = 0; i < COUNT(fixtures); i++) {
        if (bytes_eq(bytes_str(fixtures[i].type), type))
            return fixture_from(bytes_str(fixtures[i].text), changes, n_changes, ret_json,
                                err);
    }
    return err_code(err, "PA7003", ERR_USAGE, "no event type `%.*s`", BYTES_FMT(type));
}
