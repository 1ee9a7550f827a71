/* SPDX-License-Identifier: MIT */

#include "service/listeners.h"

#include <stdio.h>
#include <time.h>

#include "base/err.h"
#include "base/mem.h"
#include "net/listen.h"
#include "service/certificate.h"
#include "sys/clock.h"
#include "sys/inherit.h"
#include "sys/log.h"

enum {
    ADMIN_BODY_BYTES = 4 << 20,
    SINK_BODY_LIMIT = 16 << 20,
    MAX_CONNECTIONS = 10000,
    PUBLIC_DEADLINE_MS = 4500, /* Segment gives up after 5 s */
    ADMIN_DEADLINE_MS = 60000,
    IDLE_MS = 60000,
    WIND_DOWN_MS = 1000, /* that clients with TLS get to hear "close" */
};

struct listener {
    struct site *site;
    struct server *server;
    bool is_public, is_admin;
    const struct inherit_door *door; /* during the start; NULL: opens one of its own */
};

struct listeners {
    struct listener public, admin; /* in dev, admin has no server of its own */
    bool has_tls;
    int64_t wound_down_ms, left_at_us; /* monotonic */
};

static void on_head(struct server_request *request, void *arg)
{
    const struct listener *listener = arg;

    site_head(listener->site, request, listener->is_public, listener->is_admin);
}

static void on_body(struct server_request *request, void *arg)
{
    const struct listener *listener = arg;

    site_body(listener->site, request, listener->is_public, listener->is_admin);
}

static void on_turn(void *arg, size_t n_free)
{
    const struct listener *listener = arg;

    receive_turn_ends(&listener->site->receive, n_free == 0);
}

static int start(struct listener *listener, const struct config_address *address,
                 struct server_options *options, struct err *err)
{
    options->host = address->host;
    options->port = address->port;
    options->header_bytes = LISTENERS_HEADER_BYTES;
    options->max_connections = MAX_CONNECTIONS;
    options->idle_ms = IDLE_MS;
    options->head_fn = on_head;
    options->body_fn = on_body;
    options->turn_fn = listener->is_public ? on_turn : NULL;
    options->arg = listener;
    if (listener->door != NULL) {
        options->listen_fd = &listener->door->listen_fd;
        options->connections = listener->door->connections;
        options->n_connections = listener->door->n_connections;
    }
    if (server_start(options, &listener->server, err) == 0)
        return 0;
    if (err->exit_code == ERR_CONFLICT && !listener->site->is_dev) {
        err->help[0] = '\0';
        err_help(err, "give it another address: %s in partnerapp.yaml",
                 listener->is_public ? "server.public" : "server.admin");
    }
    return -1;
}

static int start_public(struct listeners *listeners, const struct config *config,
                        struct err *err)
{
    struct listener *listener = &listeners->public;
    struct server_options options = {
        .body_bytes =
            listener->is_admin ? SINK_BODY_LIMIT : (size_t)config->limits.body_bytes,
        .deadline_ms = listener->is_admin ? ADMIN_DEADLINE_MS : PUBLIC_DEADLINE_MS,
    };
    cleanup(certificate_done) struct certificate certificate = {0};
    int has_tls = certificate_read(&certificate, config, err);

    if (has_tls < 0)
        return -1;
    if (has_tls > 0) {
        listeners->has_tls = true;
        options.tls_cert = buf_text(&certificate.cert);
        options.tls_key = buf_text(&certificate.key);
    }
    return start(listener, &config->server.public_address, &options, err);
}

static int start_admin(struct listeners *listeners, const struct config *config,
                       struct err *err)
{
    struct server_options options = {.body_bytes = ADMIN_BODY_BYTES,
                                     .deadline_ms = ADMIN_DEADLINE_MS};

    return start(&listeners->admin, &config->server.admin_address, &options, err);
}

static void name_addresses(struct site *site, const struct config *config,
                           int public_port, int admin_port)
{
    const struct config_address *public = &config->server.public_address;
    const struct config_address *admin =
        site->is_dev ? public : &config->server.admin_address;

    snprintf(site->public_text, sizeof(site->public_text), "%s:%d", public->host,
             public_port);
    snprintf(site->admin_text, sizeof(site->admin_text), "%s:%d", admin->host,
             site->is_dev ? public_port : admin_port);
}

static const struct inherit_door *door_of(const struct inherit *inherit,
                                          enum inherit_which which)
{
    if (inherit == NULL || inherit->doors[which].listen_fd < 0)
        return NULL;
    return &inherit->doors[which];
}

/* The service manager's unit and our configuration may not agree; a unit is what was
 * meant, and a program that makes way leaves what it had. */
static void name_socket(struct listener *listener, int port, char *text, size_t size)
{
    char address[LISTEN_TEXT_LEN];

    if (listener->door == NULL)
        return;
    listen_address(listener->door->listen_fd, address);
    snprintf(text, size, "%s", address);
    if (port != 0 && port != server_port(listener->server))
        log_line(LOG_WARN,
                 "the socket that was handed over is used, not the address of "
                 "the configuration",
                 LOG_TEXT("listener", listener->is_public ? "public" : "admin"),
                 LOG_TEXT("socket", address), LOG_I64("configured_port", port));
    listener->door = NULL;
}

int listeners_start(struct site *site, const struct config *config,
                    const struct inherit *inherit, struct listeners **ret_listeners,
                    struct err *err)
{
    struct listeners *listeners = mem_new(struct listeners);

    listeners->public =
        (struct listener){.site = site, .is_public = true, .is_admin = site->is_dev};
    listeners->admin = (struct listener){.site = site, .is_admin = true};
    listeners->public.door = door_of(inherit, INHERIT_PUBLIC);
    listeners->admin.door = door_of(inherit, INHERIT_ADMIN);
    /* Before somebody asks; a port that the kernel chooses nobody knows yet. */
    name_addresses(site, config, config->server.public_address.port,
                   config->server.admin_address.port);
    /* The public one last: who hears from it that all is ready may go to the other. */
    if ((!site->is_dev && start_admin(listeners, config, err) < 0) ||
        start_public(listeners, config, err) < 0) {
        listeners_stop(listeners, 0);
        return -1;
    }
    if (config->server.public_address.port == 0 || config->server.admin_address.port == 0)
        name_addresses(site, config, listeners_public_port(listeners),
                       listeners_admin_port(listeners));
    name_socket(&listeners->public, config->server.public_address.port, site->public_text,
                sizeof(site->public_text));
    name_socket(&listeners->admin, config->server.admin_address.port, site->admin_text,
                sizeof(site->admin_text));
    *ret_listeners = listeners;
    return 0;
}

int listeners_public_port(const struct listeners *listeners)
{
    return server_port(listeners->public.server);
}

int listeners_admin_port(const struct listeners *listeners)
{
    return server_port(listeners->admin.server != NULL ? listeners->admin.server
                                                       : listeners->public.server);
}

void listeners_drain(struct listeners *listeners)
{
    server_drain(listeners->public.server);
    if (listeners->admin.server != NULL)
        server_drain(listeners->admin.server);
}

/* Without TLS there is no need: these connections go along. */
void listeners_wind_down(struct listeners *listeners)
{
    listeners->wound_down_ms = clock_now_ms();
    if (listeners->has_tls)
        server_wind_down(listeners->public.server);
}

void listeners_leave(struct listeners *listeners)
{
    int64_t left_ms = listeners->wound_down_ms + WIND_DOWN_MS - clock_now_ms();
    const struct timespec wait = {.tv_sec = left_ms / 1000,
                                  .tv_nsec = left_ms % 1000 * 1000000};

    if (listeners->has_tls && left_ms > 0)
        nanosleep(&wait, NULL);
    listeners->left_at_us = clock_now_us();
    server_leave(listeners->public.server);
    if (listeners->admin.server != NULL)
        server_leave(listeners->admin.server);
}

static void left(const struct listener *listener, struct inherit_door *ret_door)
{
    struct server_left left;

    if (listener->server == NULL)
        return;
    server_left(listener->server, &left);
    *ret_door =
        (struct inherit_door){left.listen_fd, left.connections, left.n_connections};
    log_line(left.n_cut > 0 ? LOG_WARN : LOG_INFO, "sockets are handed over",
             LOG_TEXT("listener", listener->is_public ? "public" : "admin"),
             LOG_I64("connections", (int64_t)left.n_connections),
             LOG_I64("unanswered", left.n_cut));
}

void listeners_left(struct listeners *listeners, struct inherit *ret_inherit)
{
    *ret_inherit = (struct inherit){.doors = {{.listen_fd = -1}, {.listen_fd = -1}},
                                    .closed_at_us = listeners->left_at_us};
    left(&listeners->public, &ret_inherit->doors[INHERIT_PUBLIC]);
    left(&listeners->admin, &ret_inherit->doors[INHERIT_ADMIN]);
}

static unsigned n_open(const struct listeners *listeners)
{
    unsigned n = 0;

    if (listeners->public.server != NULL)
        n += server_n_open(listeners->public.server);
    if (listeners->admin.server != NULL)
        n += server_n_open(listeners->admin.server);
    return n;
}

void listeners_stop(struct listeners *listeners, int64_t grace_ms)
{
    const struct timespec step = {.tv_nsec = 2000000};
    int64_t until_ms = clock_now_ms() + grace_ms;

    if (listeners == NULL)
        return;
    while (n_open(listeners) > 0 && clock_now_ms() < until_ms)
        nanosleep(&step, NULL);
    if (listeners->public.server != NULL)
        server_stop(listeners->public.server);
    if (listeners->admin.server != NULL)
        server_stop(listeners->admin.server);
    free(listeners);
}
