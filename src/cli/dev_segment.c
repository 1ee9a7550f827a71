/* SPDX-License-Identifier: MIT */

#include "cli/dev_segment.h"

#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/call.h"
#include "cli/diagnostic.h"
#include "cli/emulator_link.h"
#include "core/config.h"
#include "sys/disk.h"

enum { N_FLAGS = 16, PORT_LAST = 65535, URL_BYTES = 512, DEFAULT_PORT = 8888 };

#define CALLBACK "/auth/segment/callback"

/* --- what it is to be --------------------------------------------------------------- */

/* The app may have been made for the usual port before another one was chosen. */
static void add_redirect_uris(struct emulator_flags *flags, const struct config *config)
{
    const int port = config->server.public_address.port;

    emulator_flags_addf(flags, "redirect-uri", "http://localhost:%d" CALLBACK, port);
    if (port != DEFAULT_PORT)
        emulator_flags_addf(flags, "redirect-uri", "http://localhost:%d" CALLBACK,
                            DEFAULT_PORT);
    if (config->server.public_url != NULL)
        emulator_flags_addf(flags, "redirect-uri", "%s" CALLBACK,
                            config->server.public_url);
}

static void add_app(struct emulator_flags *flags, const struct config *config)
{
    if (!config->app.is_present)
        return;
    if (config->app.destination != NULL)
        emulator_flags_add(flags, "slug", config->app.destination);
    if (config->app.scope != NULL)
        emulator_flags_add(flags, "scope", config->app.scope);
}

/* Events of a source go to the first subscription that takes a destination's. */
static void add_subscription(struct emulator_flags *flags, const struct config *config)
{
    for (size_t i = 0; i < config->n_subscriptions; i++) {
        const struct config_subscription *one = &config->subscriptions[i];

        if (one->kind != CONFIG_DESTINATION)
            continue;
        emulator_flags_addf(flags, "subscription-url", "http://localhost:%d%s",
                            config->server.public_address.port, one->path);
        return;
    }
}

static int make_flags(struct call *call, const char *data, const struct config *config,
                      struct emulator_flags *flags, struct err *err)
{
    const int64_t port = call_number(call, "emulator-port");

    if (port > PORT_LAST)
        return err_code(err, "PA7003", ERR_USAGE, "--emulator-port is at most %d",
                        PORT_LAST);
    if (port != 0 && port == config->server.public_address.port) {
        err_code(err, "PA1020", ERR_CONFLICT,
                 "port %d cannot be both dev's own and the local Segment's", (int)port);
        return err_help(err, "partnerapp dev --emulator-port 8899");
    }
    emulator_flags_init(flags, &call->arena, N_FLAGS);
    emulator_flags_addf(flags, "port", "%lld", (long long)port);
    emulator_flags_add(flags, "public-api-port", "0");
    emulator_flags_addf(flags, "data", "%s/segment", data);
    add_redirect_uris(flags, config);
    add_app(flags, config);
    add_subscription(flags, config);
    return 0;
}

/* --- what the service has to know of it --------------------------------------------- */

static void point_at(const struct emulator_child *child, struct config *config)
{
    const struct {
        const char *name;
        const char **url;
    } rows[] = {
        {"SEGMENT_ID_URL", &config->segment.id_url},
        {"SEGMENT_APP_URL", &config->segment.app_url},
        {"SEGMENT_API_URL", &config->segment.api_url},
        {"SEGMENT_PUBLIC_API_URL", &config->segment.public_api_url},
        {"SEGMENT_TRACKING_URL", &config->segment.tracking_url},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        *rows[i].url =
            arena_text(&config->arena, emulator_child_text(child, rows[i].name));
    secret_set(&config->app.client_id,
               bytes_str(emulator_child_text(child, "CLIENT_ID")));
    secret_set(&config->app.client_secret,
               bytes_str(emulator_child_text(child, "CLIENT_SECRET")));
}

/* Where `partnerapp emulator …` finds it. */
static int announce(struct dev_segment *segment, const char *data, struct err *err)
{
    char url[URL_BYTES];

    if (!emulator_link_file(data, segment->url_file, sizeof(segment->url_file)))
        return err_set(err, "the path of the data folder is too long");
    snprintf(url, sizeof(url), "%s\n", dev_segment_url(segment));
    return disk_replace(segment->url_file, bytes_str(url), 0600, err);
}

/* --- life --------------------------------------------------------------------------- */

int dev_segment_start(struct dev_segment *segment, struct call *call, const char *data,
                      struct config *config, struct err *err)
{
    struct emulator_flags flags;

    *segment = (struct dev_segment){.call = call};
    if (make_flags(call, data, config, &flags, err) < 0 ||
        disk_make_folder(data, err) < 0 ||
        emulator_child_start(&segment->child, &flags,
                             "partnerapp dev --emulator-port 8899", err) < 0)
        return -1;
    segment->was_started = true;
    point_at(&segment->child, config);
    return announce(segment, data, err);
}

const char *dev_segment_url(const struct dev_segment *segment)
{
    return segment->was_started && emulator_child_runs(&segment->child)
               ? emulator_child_text(&segment->child, "SEGMENT_API_URL")
               : "";
}

const char *dev_segment_clock_url(const struct dev_segment *segment)
{
    return emulator_child_text(&segment->child, "PARTNERAPP_CLOCK_URL");
}

int dev_segment_end_fd(const struct dev_segment *segment)
{
    return segment->was_started ? segment->child.process.pidfd : -1;
}

int dev_segment_log_fd(const struct dev_segment *segment)
{
    return segment->was_started ? segment->child.log_fd : -1;
}

void dev_segment_ended(struct dev_segment *segment)
{
    struct err err = {0};

    emulator_child_ended(&segment->child, &err);
    err_help(&err, "dev goes on without it; start dev again to have it back");
    diagnostic_warn(&segment->call->err, &err);
    fflush(segment->call->err.file);
    unlink(segment->url_file);
}

void dev_segment_relay(struct dev_segment *segment)
{
    emulator_child_relay(&segment->child, &segment->call->err);
}

void dev_segment_stop(struct dev_segment *segment)
{
    if (!segment->was_started)
        return;
    if (segment->url_file[0] != '\0')
        unlink(segment->url_file);
    emulator_child_stop(&segment->child);
    segment->was_started = false;
}
