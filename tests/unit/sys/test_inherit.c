/* SPDX-License-Identifier: MIT */

#include "sys/inherit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "lib/cm.h"

/* --- what is taken ------------------------------------------------------------------ */

struct taking {
    const char *why;
    const char *fds, *names; /* NULL: unset */
    bool is_for_us;
    int result;
    int public_fd, admin_fd;
    size_t n_public, n_admin; /* connections */
};

static const struct taking takings[] = {
    {"nothing was handed over", NULL, NULL, true, 0, -1, -1, 0, 0},
    {"for another process", "2", "public:admin", false, 0, -1, -1, 0, 0},
    {"by name", "2", "admin:public", true, 0, 4, 3, 0, 0},
    {"without names: in order", "2", NULL, true, 0, 3, 4, 0, 0},
    {"with names that are not ours: in order", "1", "partnerapp.socket", true, 0, 3, -1,
     0, 0},
    {"a name of ours among others", "2", "else:admin", true, 0, -1, 4, 0, 0},
    {"connections", "4", "public:public+:admin+:public+", true, 0, 3, -1, 2, 1},
    {"two of a name", "2", "public:public", true, -1, 3, -1, 0, 0},
    {"a number that is none", "two", "public:admin", true, 0, -1, -1, 0, 0},
    {"fewer than none", "-1", "public", true, 0, -1, -1, 0, 0},
    {"no more than three: the fourth has a name only", "1", "public:admin", true, 0, 3,
     -1, 0, 0},
};

static void put(const char *name, const char *value)
{
    if (value == NULL)
        unsetenv(name);
    else
        setenv(name, value, 1);
}

static void takes_what_the_environment_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(takings); i++) {
        const struct taking *want = &takings[i];
        struct inherit got;
        struct err err = {0};
        char pid[24];

        snprintf(pid, sizeof(pid), "%d", (int)getpid() + (want->is_for_us ? 0 : 1));
        put("LISTEN_PID", pid);
        put("LISTEN_FDS", want->fds);
        put("LISTEN_FDNAMES", want->names);
        int result = inherit_take(&got, &err);
        if (result != want->result || got.doors[0].listen_fd != want->public_fd ||
            got.doors[1].listen_fd != want->admin_fd ||
            got.doors[0].n_connections != want->n_public ||
            got.doors[1].n_connections != want->n_admin)
            fail_msg("%s: got %d, %d and %d, %zu and %zu connections", want->why, result,
                     got.doors[0].listen_fd, got.doors[1].listen_fd,
                     got.doors[0].n_connections, got.doors[1].n_connections);
        assert_string_equal(want->result < 0 ? "PA1023" : "", err.code);
        assert_null(getenv("LISTEN_FDS"));
        assert_null(getenv("LISTEN_PID"));
        assert_null(getenv("LISTEN_FDNAMES"));
        inherit_done(&got);
    }
}

/* --- what is left ------------------------------------------------------------------- */

enum { N_PIPES = 40 };

static bool says(int fd, char want)
{
    char got = 0;

    return read(fd, &got, 1) == 1 && got == want;
}

/* Leaves descriptors in an order that is none, and takes them again: 0 when each is still
 * what it was, and has the same place. */
static int leave_and_take(void)
{
    int ends[N_PIPES][2];
    int connections[N_PIPES - 2];
    struct inherit before = {.doors = {{.connections = connections}}, .closed_at_us = 7};
    struct inherit after;
    struct err err = {0};

    for (int i = 0; i < N_PIPES; i++) {
        if (pipe2(ends[i], O_CLOEXEC) < 0 || write(ends[i][1], &(char){(char)i}, 1) != 1)
            return 1;
    }
    before.doors[INHERIT_PUBLIC].listen_fd = ends[N_PIPES - 1][0];
    before.doors[INHERIT_ADMIN].listen_fd = ends[0][0];
    for (int i = 1; i < N_PIPES - 1; i++)
        connections[before.doors[INHERIT_PUBLIC].n_connections++] = ends[i][0];
    if (inherit_leave(&before, &err) < 0 || fcntl(3, F_GETFD) != 0 ||
        fcntl(3 + N_PIPES, F_GETFD) != FD_CLOEXEC)
        return 2;
    if (inherit_take(&after, &err) < 0 || fcntl(3, F_GETFD) != FD_CLOEXEC)
        return 3;
    if (after.closed_at_us != 7 ||
        after.doors[INHERIT_PUBLIC].n_connections != N_PIPES - 2)
        return 4;
    if (!says(after.doors[INHERIT_PUBLIC].listen_fd, N_PIPES - 1) ||
        !says(after.doors[INHERIT_ADMIN].listen_fd, 0))
        return 5;
    for (int i = 1; i < N_PIPES - 1; i++) {
        if (!says(after.doors[INHERIT_PUBLIC].connections[i - 1], (char)i))
            return 6;
    }
    inherit_done(&after);
    return 0;
}

/* In a child: descriptors below are overwritten, the test's own too. */
static void what_is_left_is_what_is_taken(void **state)
{
    int status = -1;
    pid_t child;

    (void)state;
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(leave_and_take());
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFEXITED(status));
    assert_int_equal(0, WEXITSTATUS(status));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_the_environment_names),
        cmocka_unit_test(what_is_left_is_what_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
