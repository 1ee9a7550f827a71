/* SPDX-License-Identifier: MIT */

#include "service/listeners.h"

#include <stdio.h>
#include <time.h>

#include "base/err.h"
#include "base/mem.h"
#include "sys/clock.h"
#include "sys/disk.h"

enum {
    /* 32 KiB of settings must fit, and the library clears this much for every request. */
    HEADER_BYTES = 44 << 10,
    ADMIN_BODY_BYTES = 4 << 20,
    SINK_BODY_LIMIT = 16 << 20,
    MAX_CONNECTIONS = 10000,
    PUBLIC_DEADLINE_MS = 4500, /* Segment gives up after 5 s */
    ADMIN_DEADLINE_MS = 60000,
    IDLE_MS = 60000,
    PEM_BYTES = 1 << 20,
};

struct listener {
    struct site *site;
    struct server *server;
    bool is_public, is_admin;
};

struct listeners {
    struct listener public, admin; /* in dev, admin has no server of its own */
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

static int start(struct listener *listener, const struct config_address *address,
                 struct server_options *options, struct err *err)
{
    options->host = address->host;
    options->port = address->port;
    options->header_bytes = HEADER_BYTES;
    options->max_connections = MAX_CONNECTIONS;
    options->idle_ms = IDLE_MS;
    options->head_fn = on_head;
    options->body_fn = on_body;
    options->arg = listener;
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
    cleanup(buf_done) struct buf cert = {0};
    cleanup(buf_done) struct buf key = {0};

    buf_init(&cert, PEM_BYTES);
    buf_init(&key, PEM_BYTES);
    if (config->server.tls_cert != NULL && config->server.tls_key != NULL) {
        if (disk_read(config->server.tls_cert, &cert, err) < 0 ||
            disk_read(config->server.tls_key, &key, err) < 0)
            return err_wrap(err, "server.tls_cert, server.tls_key");
        options.tls_cert = buf_text(&cert);
        options.tls_key = buf_text(&key);
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

int listeners_start(struct site *site, const struct config *config,
                    struct listeners **ret_listeners, struct err *err)
{
    struct listeners *listeners = mem_new(struct listeners);

    listeners->public =
        (struct listener){.site = site, .is_public = true, .is_admin = site->is_dev};
    listeners->admin = (struct listener){.site = site, .is_admin = true};
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
