/* SPDX-License-Identifier: MIT */

#include "core/config_rule.h"

#include "base/time_text.h"
#include "core/rate.h"
#include "json/write.h"

#define MASK "••••"

enum { NAME_MAX_LEN = 63, PORT_LAST = 65535 };

#define MEMBER(type, rule, base) ((type *)(void *)((char *)(base) + (rule)->offset))
#define MEMBER_CONST(type, rule, base)                                                   \
    ((type const *)(const void *)((const char *)(base) + (rule)->offset))

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool is_name(struct bytes text)
{
    static const char inside[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

    if (text.len == 0 || text.len > NAME_MAX_LEN || is_one_of(text.ptr[0], "_-"))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_one_of(text.ptr[i], inside))
            return false;
    }
    return true;
}

static bool is_method(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < 'A' || text.ptr[i] > 'Z')
            return false;
    }
    return text.len > 0 && text.len <= 16;
}

static bool has_blank_or_control(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7f)
            return true;
    }
    return false;
}

static bool is_url(struct bytes text)
{
    struct bytes rest = text;

    if (bytes_starts(text, BYTES("https://")))
        rest = bytes_slice(text, 8, text.len);
    else if (bytes_starts(text, BYTES("http://")))
        rest = bytes_slice(text, 7, text.len);
    return rest.len < text.len && rest.len > 0 && rest.ptr[0] != '/' &&
           !has_blank_or_control(text);
}

static bool is_route(struct bytes text, const char **ret_why)
{
    static const char *const reserved[] = {"/livez", "/readyz", "/healthz", "/auth",
                                           "/api",   "/sink",   "/metrics"};

    if (text.len < 2 || text.ptr[0] != '/' || bytes_ends(text, BYTES("/")) ||
        has_blank_or_control(text) || bytes_index(text, '?') < text.len ||
        bytes_index(text, '#') < text.len)
        return false;
    for (size_t i = 0; i < COUNT(reserved); i++) {
        struct bytes own = bytes_str(reserved[i]);

        if (bytes_starts(text, own) &&
            (text.len == own.len || text.ptr[own.len] == '/')) {
            *ret_why = "this path is partnerapp's own";
            return false;
        }
    }
    return true;
}

static const char *resolve(struct bytes path, const struct config_reading *reading)
{
    if (path.ptr[0] == '/')
        return arena_copy(reading->arena, path);
    while (bytes_starts(path, BYTES("./")) && path.len > 2)
        path = bytes_slice(path, 2, path.len);
    return arena_printf(reading->arena, "%.*s%.*s", BYTES_FMT(reading->folder),
                        BYTES_FMT(path));
}

static bool read_store(struct bytes text, const struct config_reading *reading,
                       const char **ret_store)
{
    const struct bytes sqlite = BYTES("sqlite:");

    if (bytes_starts(text, BYTES("postgresql://")) ||
        bytes_starts(text, BYTES("postgres://"))) {
        *ret_store = arena_copy(reading->arena, text);
        return true;
    }
    if (!bytes_starts(text, sqlite) || text.len == sqlite.len)
        return false;
    text = bytes_slice(text, sqlite.len, text.len);
    *ret_store = arena_printf(reading->arena, "sqlite:%s", resolve(text, reading));
    return true;
}

static bool read_port(struct bytes text, int *ret_port, const char **ret_why)
{
    int64_t port;

    if (!bytes_to_i64(text, &port) || port < 0)
        return false;
    if (port > PORT_LAST) {
        *ret_why = "ports end at 65535";
        return false;
    }
    *ret_port = (int)port;
    return true;
}

/* "host:port", "[::1]:8888", or a port alone. */
static bool read_address(struct bytes text, const struct config_reading *reading,
                         struct config_address *address, const char **ret_why)
{
    size_t colon = text.len;
    struct bytes host;

    while (colon > 0 && text.ptr[colon - 1] != ':')
        colon--;
    if (!read_port(bytes_slice(text, colon, text.len), &address->port, ret_why))
        return false;
    if (colon == 0)
        return true;
    host = bytes_slice(text, 0, colon - 1);
    if (bytes_starts(host, BYTES("[")) && bytes_ends(host, BYTES("]")))
        host = bytes_slice(host, 1, host.len - 2);
    else if (bytes_index(host, ':') < host.len) {
        *ret_why = "an IPv6 address stands in brackets: [::1]:8888";
        return false;
    }
    if (host.len == 0 || has_blank_or_control(host))
        return false;
    address->host = arena_copy(reading->arena, host);
    return true;
}

static bool in_range(const struct config_rule *rule, int64_t value, const char **ret_why)
{
    if (value < rule->least)
        *ret_why = "this is too small";
    if (value > rule->most)
        *ret_why = "this is too large";
    return value >= rule->least && value <= rule->most;
}

static bool read_quantity(const struct config_rule *rule, struct bytes text,
                          int64_t *ret_value, const char **ret_why)
{
    int64_t value = 0;
    bool is_auto = rule->has_auto && bytes_eq_nocase(text, BYTES("auto"));
    bool ok;

    if (rule->type == CONFIG_DURATION)
        ok = is_auto || time_text_parse_duration(text, &value);
    else if (rule->type == CONFIG_SIZE)
        ok = is_auto || time_text_parse_size(text, &value);
    else
        ok = is_auto || bytes_to_i64(text, &value);
    if (!ok || (!is_auto && !in_range(rule, value, ret_why)))
        return false;
    *ret_value = value;
    return true;
}

static bool read_count(const struct config_rule *rule, struct bytes text, int *ret_count,
                       const char **ret_why)
{
    int64_t value;

    if (!read_quantity(rule, text, &value, ret_why))
        return false;
    *ret_count = (int)value;
    return true;
}

static bool read_switch(struct bytes text, bool *ret_on)
{
    static const char *const words[] = {"off", "on", "false", "true", "no", "yes"};

    for (size_t i = 0; i < COUNT(words); i++) {
        if (bytes_eq_nocase(text, bytes_str(words[i]))) {
            *ret_on = i % 2 == 1;
            return true;
        }
    }
    return false;
}

static bool read_choice(const struct config_rule *rule, struct bytes text,
                        unsigned *ret_choice)
{
    for (unsigned i = 0; rule->choices[i] != NULL; i++) {
        if (bytes_eq_nocase(text, bytes_str(rule->choices[i]))) {
            *ret_choice = i;
            return true;
        }
    }
    return false;
}

static bool is_choice(const struct config_rule *rule, struct bytes text)
{
    unsigned choice;

    return read_choice(rule, text, &choice);
}

/* What spoils a secret that was copied, or NULL. */
static const char *spoiled_by(struct bytes text)
{
    char first = text.ptr[0];
    char last = text.ptr[text.len - 1];

    if (last == '\n' || last == '\r')
        return "it ends with a newline";
    if (first == last && is_one_of(first, "\"'") && text.len > 1)
        return "the quotes are part of it";
    if (is_one_of(first, "\"'"))
        return "it begins with a quote that is not closed in its line";
    if (bytes_starts(text, BYTES("CLIENT_")) && bytes_index(text, '=') < text.len)
        return "its name is part of it";
    if (bytes_trim(text).len < text.len)
        return "it begins or ends with white space";
    return has_blank_or_control(text) && memchr(text.ptr, '\n', text.len) != NULL
               ? "it has more than one line"
               : NULL;
}

static bool read_secret(struct bytes text, struct secret *secret, const char **ret_why)
{
    *ret_why = spoiled_by(text);
    if (*ret_why != NULL)
        return false;
    secret_set(secret, text);
    return true;
}

static bool read_text(const struct config_rule *rule, struct bytes text,
                      const struct config_reading *reading, const char **ret_text,
                      const char **ret_why)
{
    if (memchr(text.ptr, '\0', text.len) != NULL)
        return false;
    if (rule->type == CONFIG_STORE)
        return read_store(text, reading, ret_text);
    if (rule->type == CONFIG_PATH) {
        *ret_text = resolve(text, reading);
        return true;
    }
    if ((rule->type == CONFIG_NAME && !is_name(text)) ||
        (rule->type == CONFIG_ROUTE && !is_route(text, ret_why)) ||
        (rule->type == CONFIG_URL && !is_url(text)) ||
        (rule->type == CONFIG_METHOD && !is_method(text)) ||
        (rule->choices != NULL && !is_choice(rule, text)))
        return false;
    *ret_text = arena_copy(reading->arena, text);
    return true;
}

bool config_rule_read(const struct config_rule *rule, struct bytes text,
                      const struct config_reading *reading, void *base,
                      const char **ret_why)
{
    if (text.len == 0) {
        *ret_why = "this is empty";
        return false;
    }
    switch (rule->type) {
    case CONFIG_TEXT:
    case CONFIG_NAME:
    case CONFIG_ROUTE:
    case CONFIG_PATH:
    case CONFIG_STORE:
    case CONFIG_URL:
    case CONFIG_METHOD:
        return read_text(rule, text, reading, MEMBER(const char *, rule, base), ret_why);
    case CONFIG_ADDRESS:
        return read_address(text, reading, MEMBER(struct config_address, rule, base),
                            ret_why);
    case CONFIG_PORT:
        return read_port(text, &MEMBER(struct config_address, rule, base)->port, ret_why);
    case CONFIG_DURATION:
    case CONFIG_SIZE:
    case CONFIG_NUMBER:
        return read_quantity(rule, text, MEMBER(int64_t, rule, base), ret_why);
    case CONFIG_COUNT:
        return read_count(rule, text, MEMBER(int, rule, base), ret_why);
    case CONFIG_RATE:
        return rate_parse(text, MEMBER(double, rule, base));
    case CONFIG_SWITCH:
        return read_switch(text, MEMBER(bool, rule, base));
    case CONFIG_CHOICE:
        return read_choice(rule, text, MEMBER(unsigned, rule, base));
    case CONFIG_SECRET:
        return read_secret(text, MEMBER(struct secret, rule, base), ret_why);
    case CONFIG_JSON:
    case CONFIG_LIST:
        return false;
    }
    return false;
}

static void show_duration(const struct config_rule *rule, int64_t value,
                          struct write *write)
{
    char text[TIME_TEXT_LEN + 1];

    if (value == 0 && rule->has_auto) {
        write_text(write, "auto");
        return;
    }
    time_text_format_duration(value, text);
    write_text(write, text);
}

/* In the largest unit that says it exactly. */
static void show_size(int64_t value, struct write *write)
{
    static const char *const units[] = {"", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    struct buf text;

    while (value != 0 && value % 1024 == 0 && unit + 1 < COUNT(units)) {
        value /= 1024;
        unit++;
    }
    buf_init(&text, 64);
    buf_addf(&text, "%lld%s", (long long)value, units[unit]);
    write_string(write, buf_bytes(&text));
    buf_done(&text);
}

static void show_address(const struct config_address *address, struct write *write)
{
    const char *host = address->host != NULL ? address->host : "";
    struct buf text;

    buf_init(&text, 512);
    buf_addf(&text, strchr(host, ':') != NULL ? "[%s]:%d" : "%s:%d", host, address->port);
    write_string(write, buf_bytes(&text));
    buf_done(&text);
}

static void show_rate(double per_second, struct write *write)
{
    struct buf text;

    if (!(per_second > 0)) {
        write_null(write);
        return;
    }
    buf_init(&text, 64);
    buf_addf(&text, "%.6g/s", per_second);
    write_string(write, buf_bytes(&text));
    buf_done(&text);
}

static void show_list(const struct config_rule *rule, const void *base,
                      struct write *write)
{
    const char *const *items = *MEMBER_CONST(const char **, rule, base);
    size_t n_items =
        *(const size_t *)(const void *)((const char *)base + rule->count_offset);

    write_array(write);
    for (size_t i = 0; i < n_items; i++)
        write_text(write, items[i]);
    write_array_end(write);
}

static void show_count(const struct config_rule *rule, int64_t value, struct write *write)
{
    if (value == 0 && rule->has_auto)
        write_text(write, "auto");
    else
        write_i64(write, value);
}

void config_rule_show(const struct config_rule *rule, const void *base,
                      struct write *write)
{
    switch (rule->type) {
    case CONFIG_TEXT:
    case CONFIG_NAME:
    case CONFIG_ROUTE:
    case CONFIG_PATH:
    case CONFIG_STORE:
    case CONFIG_URL:
    case CONFIG_METHOD:
        write_text(write, *MEMBER_CONST(const char *, rule, base));
        return;
    case CONFIG_ADDRESS:
    case CONFIG_PORT:
        show_address(MEMBER_CONST(struct config_address, rule, base), write);
        return;
    case CONFIG_DURATION:
        show_duration(rule, *MEMBER_CONST(int64_t, rule, base), write);
        return;
    case CONFIG_SIZE:
        show_size(*MEMBER_CONST(int64_t, rule, base), write);
        return;
    case CONFIG_NUMBER:
        show_count(rule, *MEMBER_CONST(int64_t, rule, base), write);
        return;
    case CONFIG_COUNT:
        show_count(rule, *MEMBER_CONST(int, rule, base), write);
        return;
    case CONFIG_RATE:
        show_rate(*MEMBER_CONST(double, rule, base), write);
        return;
    case CONFIG_SWITCH:
        write_bool(write, *MEMBER_CONST(bool, rule, base));
        return;
    case CONFIG_CHOICE:
        write_text(write, rule->choices[*MEMBER_CONST(unsigned, rule, base)]);
        return;
    case CONFIG_SECRET:
        write_text(write,
                   secret_is_set(MEMBER_CONST(struct secret, rule, base)) ? MASK : NULL);
        return;
    case CONFIG_JSON:
        write_raw(write, bytes_str(*MEMBER_CONST(const char *, rule, base)));
        return;
    case CONFIG_LIST:
        show_list(rule, base, write);
        return;
    }
}
