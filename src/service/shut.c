/* SPDX-License-Identifier: MIT */

#include "service/shut.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/config.h"
#include "net/server.h"
#include "service/certificate.h"
#include "service/listeners.h"
#include "service/paths.h"
#include "service/site.h"
#include "sys/disk.h"
#include "sys/inherit.h"

/* Nothing is waited for here, so nobody has a reason to be slow. */
enum { MAX_CONNECTIONS = 1000, DEADLINE_MS = 4500, IDLE_MS = 5000, BODY_BYTES = 1 << 20 };

/* The index has 32 KiB for each 32 MiB of log; the rest is for what a start writes. */
enum { ROOM_BYTES = 4 << 20 };

static const struct reason {
    const char *code, *text;
} reasons[] = {
    {"PA6004", "the disk of the store is full"},
    {"PA6007", "another program has locked the store"},
};

struct shut {
    const struct reason *reason;
    char folder[PATHS_BYTES]; /* of the store */
    struct server *servers[INHERIT_DOORS];
};

/* Each door in the words that it has always; nobody's body is looked at. */
static void on_public_head(struct server_request *request, void *arg)
{
    static const struct server_answer alive = {
        .status = 200, .content_type = "text/plain", .body = BYTES("ok\n")};
    const struct shut *shut = arg;

    if (bytes_eq(server_path(request), BYTES("/livez")))
        server_answer(request, &alive);
    else
        server_answer_message(request, 503, shut->reason->text);
}

static void on_admin_head(struct server_request *request, void *arg)
{
    const struct shut *shut = arg;

    site_problem(request, 503, shut->reason->code, shut->reason->text);
}

/* on_head has answered. */
static void on_body(struct server_request *request, void *arg)
{
    (void)request;
    (void)arg;
}

static void forget_connections(struct inherit_door *door)
{
    free(door->connections);
    door->connections = NULL;
    door->n_connections = 0;
}

/* The server closes what it has got. */
static int copy_socket(const struct inherit_door *door, int *ret_fd, struct err *err)
{
    *ret_fd = fcntl(door->listen_fd, F_DUPFD_CLOEXEC, 0);
    return *ret_fd < 0 ? err_sys(err, "keep the socket that was handed over") : 0;
}

static int open_door(struct shut *shut, enum inherit_which which,
                     const struct config_address *address, struct inherit *inherit,
                     const struct certificate *certificate, struct err *err)
{
    struct inherit_door *door = &inherit->doors[which];
    int listen_fd = -1;
    struct server_options options = {
        .host = address->host,
        .port = address->port,
        .connections = door->connections,
        .n_connections = door->n_connections,
        .tls_cert = certificate != NULL ? buf_text(&certificate->cert) : NULL,
        .tls_key = certificate != NULL ? buf_text(&certificate->key) : NULL,
        .header_bytes = LISTENERS_HEADER_BYTES,
        .body_bytes = BODY_BYTES,
        .max_connections = MAX_CONNECTIONS,
        .deadline_ms = DEADLINE_MS,
        .idle_ms = IDLE_MS,
        .head_fn = which == INHERIT_PUBLIC ? on_public_head : on_admin_head,
        .body_fn = on_body,
        .arg = shut,
    };

    if (door->listen_fd >= 0) {
        if (copy_socket(door, &listen_fd, err) < 0)
            return -1;
        options.listen_fd = &listen_fd;
    }
    if (server_start(&options, &shut->servers[which], err) < 0)
        return -1;
    forget_connections(door);
    return 0;
}

static int open_public(struct shut *shut, const struct config *config,
                       struct inherit *inherit, struct err *err)
{
    cleanup(certificate_done) struct certificate certificate = {0};
    int has_tls = certificate_read(&certificate, config, err);

    if (has_tls < 0)
        return -1;
    return open_door(shut, INHERIT_PUBLIC, &config->server.public_address, inherit,
                     has_tls > 0 ? &certificate : NULL, err);
}

static void name_folder(struct shut *shut, const struct config *config, const char *data)
{
    char *slash;

    paths_store(config, data, shut->folder);
    slash = strrchr(shut->folder, '/');
    if (slash == NULL)
        strcpy(shut->folder, ".");
    else
        slash[slash == shut->folder ? 1 : 0] = '\0';
}

static const struct reason *find_reason(const char *code)
{
    for (size_t i = 0; i < COUNT(reasons); i++) {
        if (strcmp(reasons[i].code, code) == 0)
            return &reasons[i];
    }
    return NULL;
}

bool shut_may_pass(const char *code)
{
    return find_reason(code) != NULL;
}

int shut_start(const struct config *config, const char *data, const char *code,
               struct inherit *inherit, struct shut **ret_shut, struct err *err)
{
    struct shut *shut = mem_new(struct shut);

    shut->reason = find_reason(code);
    assert(shut->reason != NULL);
    name_folder(shut, config, data);
    if (open_door(shut, INHERIT_ADMIN, &config->server.admin_address, inherit, NULL,
                  err) < 0 ||
        open_public(shut, config, inherit, err) < 0) {
        shut_stop(shut);
        return -1;
    }
    *ret_shut = shut;
    return 0;
}

bool shut_has_room(const struct shut *shut)
{
    const int64_t free_bytes = disk_free_bytes(shut->folder);

    return free_bytes < 0 || free_bytes >= ROOM_BYTES;
}

void shut_stop(struct shut *shut)
{
    if (shut == NULL)
        return;
    for (size_t i = 0; i < INHERIT_DOORS; i++) {
        if (shut->servers[i] != NULL)
            server_stop(shut->servers[i]);
    }
    free(shut);
}
