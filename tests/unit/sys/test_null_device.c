/* SPDX-License-Identifier: MIT */

#include "sys/null_device.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cm.h"

enum { SKIPPED = 77 };

static void it_is_empty_and_takes_everything(void **state)
{
    int fd = null_device_open();
    char byte;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(0, read(fd, &byte, 1));
    assert_int_equal(1, write(fd, "x", 1));
    close(fd);
}

/* In a process of its own, whose root is a folder with nothing in it. */
static int try_without(void)
{
    char byte;
    int fd;

    if (geteuid() != 0 && unshare(CLONE_NEWUSER) < 0)
        return SKIPPED;
    if (chroot("/proc/self/fdinfo") < 0)
        return SKIPPED;
    (void)signal(SIGPIPE, SIG_IGN);
    close(STDIN_FILENO);
    fd = null_device_open();
    if (fd != STDIN_FILENO) /* the lowest that is free, as open() has it */
        return 1;
    if (read(fd, &byte, 1) != 0)
        return 2;
    if (write(fd, "x", 1) != -1 || errno != EPIPE)
        return 3;
    return null_device_open() < 0 ? 4 : 0;
}

static void without_dev_there_is_a_closed_line(void **state)
{
    int status = 0;
    pid_t pid = fork();

    (void)state;
    if (pid == 0)
        _exit(try_without());
    assert_int_equal(pid, waitpid(pid, &status, 0));
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == SKIPPED)
        skip();
    assert_int_equal(0, WEXITSTATUS(status));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_empty_and_takes_everything),
        cmocka_unit_test(without_dev_there_is_a_closed_line),
    };

    return cmocka_run_group_tests_name("null_device", tests, NULL, NULL);
}
