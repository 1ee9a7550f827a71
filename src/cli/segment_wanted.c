/* SPDX-License-Identifier: MIT */

#include "cli/segment_wanted.h"

#include "base/err.h"
#include "base/secret.h"
#include "cli/call.h"
#include "cli/input.h"
#include "json/json.h"
#include "json/write.h"

enum { SETTINGS_BYTES = 1 << 20, BODY_BYTES = 2 << 20 };

/* --- settings ----------------------------------------------------------------------- */

/* A file's content is always text: a key of digits is no number. */
static int add_file(struct json *settings, const char *name, const char *file,
                    struct err *err)
{
    cleanup(buf_done) struct buf value = {0};
    int answer;

    buf_init(&value, SETTINGS_BYTES);
    answer = input_read_secret(file, "set", &value, err);
    if (answer == 0)
        json_set_string(settings, name, buf_bytes(&value));
    if (value.ptr != NULL)
        secret_wipe(value.ptr, value.len);
    return answer;
}

static int add_setting(struct json *settings, const char *text, struct err *err)
{
    struct bytes value = bytes_str(text);
    struct bytes name = bytes_take_until(&value, '=');
    cleanup(json_freep) struct json *parsed = NULL;
    cleanup(freep) char *key = bytes_copy(name);

    if (name.len == 0 || name.len == strlen(text)) {
        err_code(err, "PA7003", ERR_USAGE, "--set wants NAME=VALUE; not `%s`", text);
        return err_help(err, "--set apiKey=@key.txt, --set region=eu, --set limit=10");
    }
    if (bytes_starts(value, BYTES("@")))
        return add_file(settings, key, value.ptr + 1, err);
    if (json_parse(value, &parsed, NULL) == 0)
        json_set(settings, key, parsed);
    else
        json_set_string(settings, key, value);
    return 0;
}

static int read_settings(struct segment_wanted *wanted, const struct call *call,
                         struct err *err)
{
    cleanup(json_freep) struct json *settings = json_object();

    for (size_t i = 0; i < call->n_values; i++) {
        if (strcmp(call->values[i].flag->name, "set") != 0)
            continue;
        wanted->has_settings = true;
        if (add_setting(settings, call->values[i].text, err) < 0)
            return -1;
    }
    if (json_print(settings, /* indented= */ false, &wanted->settings) != 0)
        return err_code(err, "PA7003", ERR_USAGE, "the settings are too large");
    return 0;
}

int segment_wanted_read(struct segment_wanted *wanted, const struct call *call,
                        enum segment_verb verb, struct err *err)
{
    const char *mode = call_given(call, "connection-mode");
    const bool is_on = call_has(call, "enabled");

    *wanted = (struct segment_wanted){
        .has_enabled = is_on || call_has(call, "disabled"),
        .has_mode = mode != NULL,
    };
    buf_init(&wanted->settings, SETTINGS_BYTES);
    if (is_on && call_has(call, "disabled"))
        return err_code(err, "PA7003", ERR_USAGE, "--enabled or --disabled, not both");
    if (mode == NULL && verb == SEGMENT_CREATE)
        mode = "CLOUD";
    if (read_settings(wanted, call, err) < 0)
        return -1;
    wanted->destination = (struct segment_destination){
        .is_enabled = is_on,
        .connection_mode = bytes_str(mode),
        .settings = buf_bytes(&wanted->settings),
    };
    return 0;
}

void segment_wanted_done(struct segment_wanted *wanted)
{
    if (wanted->settings.ptr != NULL)
        secret_wipe(wanted->settings.ptr, wanted->settings.len);
    buf_done(&wanted->settings);
}

bool segment_wanted_is_something(const struct segment_wanted *wanted)
{
    return wanted->has_enabled || wanted->has_mode || wanted->has_settings;
}

/* --- only what was given ------------------------------------------------------------ */

static void write_paths(const struct segment_wanted *wanted, struct write *write)
{
    const struct {
        bool is_given;
        const char *path;
    } rows[] = {
        {wanted->has_enabled, "destination.enabled"},
        {wanted->has_settings, "destination.config"},
        {wanted->has_mode, "destination.connection_mode"},
    };

    write_object(write);
    write_key(write, "paths");
    write_array(write);
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].is_given)
            write_text(write, rows[i].path);
    }
    write_array_end(write);
    write_object_end(write);
}

static bool is_kept(const struct segment_wanted *wanted, const char *member)
{
    if (strcmp(member, "enabled") == 0)
        return wanted->has_enabled;
    return strcmp(member, "settings") != 0 || wanted->has_settings;
}

/* v1beta has a mask; the Public API leaves alone what is not sent. */
static void write_narrowed(const struct segment_wanted *wanted,
                           enum segment_backend backend, const struct json *body,
                           struct buf *ret_text)
{
    const bool is_public = backend == SEGMENT_PUBLIC;
    struct write write;
    void *cursor = NULL;
    const char *key;
    const struct json *value;

    write_init(&write, ret_text);
    write_object(&write);
    while (json_next(body, &cursor, &key, &value)) {
        cleanup(buf_done) struct buf text = {0};

        if (strcmp(key, "update_mask") == 0 || (is_public && !is_kept(wanted, key)))
            continue;
        buf_init(&text, BODY_BYTES);
        json_print(value, /* indented= */ false, &text);
        write_key_string(&write, bytes_str(key));
        write_raw(&write, buf_bytes(&text));
    }
    if (!is_public) {
        write_key(&write, "update_mask");
        write_paths(wanted, &write);
    }
    write_object_end(&write);
}

int segment_wanted_narrow(const struct segment_wanted *wanted,
                          enum segment_backend backend, struct buf *body, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    cleanup(buf_done) struct buf narrowed = {0};

    buf_init(&narrowed, BODY_BYTES);
    if (json_parse(buf_bytes(body), &json, err) < 0)
        return -1;
    write_narrowed(wanted, backend, json, &narrowed);
    buf_clear(body);
    if (narrowed.full || buf_add(body, buf_bytes(&narrowed)) != 0)
        return err_set(err, "the body is too large");
    return 0;
}

/* --- sources ------------------------------------------------------------------------ */

static void write_v1beta(struct write *write, struct bytes name, const char *catalog)
{
    cleanup(buf_done) struct buf item = {0};

    buf_init(&item, BODY_BYTES);
    buf_addf(&item, "%s%s", strchr(catalog, '/') != NULL ? "" : "catalog/sources/",
             catalog);
    write_key(write, "source");
    write_object(write);
    write_member_string(write, "name", name);
    write_member_string(write, "catalog_name", buf_bytes(&item));
    write_object_end(write);
}

int segment_wanted_source(const struct call *call, enum segment_backend backend,
                          struct bytes name, struct buf *body, struct err *err)
{
    const char *catalog = call_given(call, "catalog");
    struct write write;

    if (catalog == NULL) {
        err_code(err, "PA7003", ERR_USAGE, "what kind of source? --catalog is missing");
        return err_help(err, "partnerapp segment catalog sources");
    }
    buf_clear(body);
    write_init(&write, body);
    write_object(&write);
    if (backend == SEGMENT_PUBLIC) {
        write_member_string(&write, "slug", name);
        write_member_bool(&write, "enabled", true);
        write_member_text(&write, "metadataId", catalog);
        write_member_raw(&write, "settings", BYTES("{}"));
    } else {
        write_v1beta(&write, name, catalog);
    }
    write_object_end(&write);
    return 0;
}
