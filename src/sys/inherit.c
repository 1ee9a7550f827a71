/* SPDX-License-Identifier: MIT */

#include "sys/inherit.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/mem.h"

#define CLOSED_AT "PARTNERAPP_CLOSED_AT_US"

enum { FIRST_FD = 3, NAMES_BYTES = 100 << 10 };

static const char *const door_names[INHERIT_DOORS] = {"public", "admin"};

/* --- from the program before ---------------------------------------------------------
 */

static void take_connection(struct inherit_door *door, int fd)
{
    door->connections = mem_grow(door->connections, door->n_connections + 1, sizeof(int));
    door->connections[door->n_connections++] = fd;
}

static int take_listener(struct inherit_door *door, const char *name, int fd,
                         struct err *err)
{
    if (door->listen_fd >= 0) {
        err_code(err, "PA1023", ERR_CONFIG,
                 "two sockets named \"%s\" were handed over, we can use one", name);
        return err_help(err,
                        "one ListenStream= of the socket unit: [::]:PORT is IPv4 too");
    }
    door->listen_fd = fd;
    return 0;
}

/* 1: it has one of our names. */
static int take_named(struct inherit *inherit, struct bytes name, int fd, struct err *err)
{
    bool is_connection = name.len > 0 && name.ptr[name.len - 1] == '+';

    if (is_connection)
        name.len--;
    for (size_t i = 0; i < INHERIT_DOORS; i++) {
        if (!bytes_eq(name, bytes_str(door_names[i])))
            continue;
        if (is_connection)
            take_connection(&inherit->doors[i], fd);
        else if (take_listener(&inherit->doors[i], door_names[i], fd, err) < 0)
            return -1;
        return 1;
    }
    return 0;
}

static int take_all(struct inherit *inherit, int n_fds, struct bytes names,
                    struct err *err)
{
    int n_named = 0;

    for (int i = 0; i < n_fds; i++) {
        int result =
            take_named(inherit, bytes_take_until(&names, ':'), FIRST_FD + i, err);

        if (result < 0)
            return -1;
        n_named += result;
    }
    if (n_named > 0)
        return 0;
    for (int i = 0; i < n_fds && i < INHERIT_DOORS; i++)
        inherit->doors[i].listen_fd = FIRST_FD + i;
    return 0;
}

/* 0: none, or they are another process's. */
static int n_given(void)
{
    const char *fds = getenv("LISTEN_FDS");
    const char *pid = getenv("LISTEN_PID");
    int64_t n_fds = 0;
    int64_t owner = 0;

    if (fds == NULL || pid == NULL || !bytes_to_i64(bytes_str(fds), &n_fds) ||
        !bytes_to_i64(bytes_str(pid), &owner) || owner != getpid() || n_fds < 0)
        return 0;
    return n_fds < INHERIT_MAX ? (int)n_fds : INHERIT_MAX;
}

int inherit_take(struct inherit *ret_inherit, struct err *err)
{
    const char *names = getenv("LISTEN_FDNAMES");
    int n_fds = n_given();
    int result;

    *ret_inherit = (struct inherit){.doors = {{.listen_fd = -1}, {.listen_fd = -1}}};
    for (int i = 0; i < n_fds; i++)
        (void)fcntl(FIRST_FD + i, F_SETFD, FD_CLOEXEC);
    result = take_all(ret_inherit, n_fds, bytes_str(names != NULL ? names : ""), err);
    if (n_fds > 0 && getenv(CLOSED_AT) != NULL &&
        !bytes_to_i64(bytes_str(getenv(CLOSED_AT)), &ret_inherit->closed_at_us))
        ret_inherit->closed_at_us = 0;
    unsetenv(CLOSED_AT);
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDNAMES");
    return result;
}

/* --- to the program after ------------------------------------------------------------
 */

struct heirloom {
    int fd;
    const char *name, *suffix;
};

static int by_fd(const void *a, const void *b)
{
    return ((const struct heirloom *)a)->fd - ((const struct heirloom *)b)->fd;
}

static size_t list_all(const struct inherit *inherit, struct heirloom *list)
{
    size_t n = 0;

    for (size_t i = 0; i < INHERIT_DOORS; i++) {
        if (inherit->doors[i].listen_fd >= 0)
            list[n++] = (struct heirloom){inherit->doors[i].listen_fd, door_names[i], ""};
    }
    for (size_t i = 0; i < INHERIT_DOORS; i++) {
        const struct inherit_door *door = &inherit->doors[i];

        for (size_t j = 0; j < door->n_connections && n < INHERIT_MAX; j++)
            list[n++] = (struct heirloom){door->connections[j], door_names[i], "+"};
    }
    return n;
}

static int announce(const struct inherit *inherit, size_t n_fds, const char *names,
                    struct err *err)
{
    char number[24];
    char pid[24];
    char closed_at[24];

    snprintf(closed_at, sizeof(closed_at), "%lld", (long long)inherit->closed_at_us);
    snprintf(number, sizeof(number), "%zu", n_fds);
    snprintf(pid, sizeof(pid), "%d", (int)getpid());
    if (setenv("LISTEN_FDS", number, 1) < 0 || setenv("LISTEN_PID", pid, 1) < 0 ||
        setenv("LISTEN_FDNAMES", names, 1) < 0 || setenv(CLOSED_AT, closed_at, 1) < 0)
        return err_sys(err, "the environment of the next program");
    return 0;
}

/* From the lowest up: a descriptor moves to one below its own, or stays, so it never
 * takes the place of one that is still to be moved. */
static int move_all(const struct heirloom *list, size_t n_fds, struct err *err)
{
    for (size_t i = 0; i < n_fds; i++) {
        int target = FIRST_FD + (int)i;
        int r =
            list[i].fd == target ? fcntl(target, F_SETFD, 0) : dup2(list[i].fd, target);

        if (r < 0)
            return err_sys(err, "leave a socket to the next program");
    }
    return 0;
}

int inherit_leave(const struct inherit *inherit, struct err *err)
{
    cleanup(buf_done) struct buf names = {0};
    struct heirloom *list = mem_zero(INHERIT_MAX * sizeof(*list));
    size_t n_fds = list_all(inherit, list);
    int result;

    qsort(list, n_fds, sizeof(*list), by_fd);
    buf_init(&names, NAMES_BYTES);
    for (size_t i = 0; i < n_fds; i++) {
        if (i > 0)
            buf_add_char(&names, ':');
        buf_add_text(&names, list[i].name);
        buf_add_text(&names, list[i].suffix);
    }
    (void)close_range(FIRST_FD, ~0U, CLOSE_RANGE_CLOEXEC);
    result = move_all(list, n_fds, err);
    free(list);
    return result < 0 ? -1 : announce(inherit, n_fds, buf_text(&names), err);
}

void inherit_done(struct inherit *inherit)
{
    for (size_t i = 0; i < INHERIT_DOORS; i++)
        free(inherit->doors[i].connections);
    *inherit = (struct inherit){.doors = {{.listen_fd = -1}, {.listen_fd = -1}}};
}
