/* SPDX-License-Identifier: MIT */

#include "sys/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "lib/cm.h"

static const char *const environment[] = {"ONLY=this", NULL};

static void shell(const char *script, const int *fds, unsigned n_fds, struct child *child)
{
    const char *const arguments[] = {"sh", "-c", script, NULL};
    const struct child_options options = {.program = "/bin/sh",
                                          .arguments = arguments,
                                          .environment = environment,
                                          .pass_fds = fds,
                                          .n_pass_fds = n_fds};
    struct err err = {0};

    if (child_start(&options, child, &err) < 0)
        fail_msg("%s", err.text);
}

static int status_of(const char *script)
{
    struct child child;
    int status = 0;

    shell(script, NULL, 0, &child);
    child_reap(&child, &status);
    return status;
}

static const struct {
    const char *why;
    const char *script;
} truths[] = {
    {"the environment is exact",
     "test \"$(env | grep -cv -e ^PWD= -e ^_= -e ^SHLVL=)\" = 1 && test $ONLY = this"},
    {"no descriptor is inherited",
     "for n in 3 4 5 6 7 8 9; do test ! -e /proc/$$/fd/$n || exit 1; done"},
    {"stdin is empty", "test \"$(wc -c)\" = 0"},
    {"it leads its own session", "test $(cut -d' ' -f6 /proc/$$/stat) = $$"},
    /* By builtins alone: dash blocks signals while it forks, and its child shows it. */
    {"no signal is blocked or ignored",
     "while read -r key value; do case $key in SigBlk:|SigIgn:) case $value in "
     "*[!0]*) exit 1;; esac;; esac; done </proc/$$/status"},
};

static void starts_with_nothing_but_what_was_given(void **state)
{
    sigset_t some;
    int leak = dup(STDERR_FILENO); /* not close-on-exec, as a library's may be */

    (void)state;
    sigemptyset(&some);
    sigaddset(&some, SIGTERM);
    assert_int_equal(0, sigprocmask(SIG_BLOCK, &some, NULL));
    (void)signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < COUNT(truths); i++) {
        int status = status_of(truths[i].script);

        if (status != 0)
            fail_msg("%s: got status 0x%x, want 0", truths[i].why, (unsigned)status);
    }
    assert_int_equal(0, sigprocmask(SIG_UNBLOCK, &some, NULL));
    close(leak);
}

static void passes_descriptors_in_order(void **state)
{
    int one[2];
    int two[2];
    struct child child;
    char got[8] = "";
    int status;

    (void)state;
    assert_int_equal(0, pipe2(one, O_CLOEXEC));
    assert_int_equal(0, pipe2(two, O_CLOEXEC));
    shell("echo one >&3; echo two >&4", (const int[]){one[1], two[1]}, 2, &child);
    child_reap(&child, &status);
    assert_int_equal(0, status);
    assert_int_equal(4, read(one[0], got, sizeof(got)));
    assert_memory_equal("one\n", got, 4);
    assert_int_equal(4, read(two[0], got, sizeof(got)));
    assert_memory_equal("two\n", got, 4);
    for (int i = 0; i < 2; i++) {
        close(one[i]);
        close(two[i]);
    }
}

static void says_why_it_could_not_start(void **state)
{
    const char *const arguments[] = {"x", NULL};
    const struct child_options options = {
        .program = "/nonexistent/x", .arguments = arguments, .environment = environment};
    struct child child;
    struct err err = {0};

    (void)state;
    assert_int_equal(-1, child_start(&options, &child, &err));
    assert_string_equal("start /nonexistent/x: No such file or directory", err.text);
}

static void is_measured_killed_and_reaped(void **state)
{
    struct pollfd ended = {.events = POLLIN};
    int64_t rss_bytes;
    struct child child;
    int status;

    (void)state;
    shell("read forever </dev/zero", NULL, 0, &child);
    rss_bytes = child_rss_bytes(&child);
    assert_in_range(rss_bytes, 1, 1 << 26);
    assert_true(child_peak_bytes(&child) >= rss_bytes); /* read later: it grows */
    ended.fd = child.pidfd;
    assert_int_equal(0, poll(&ended, 1, 0));
    child_kill(&child, SIGKILL);
    assert_int_equal(1, poll(&ended, 1, 10000));
    child_reap(&child, &status);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(-1, child.pidfd);
    assert_int_equal(0, child_rss_bytes(&child));
    assert_int_equal(0, child_peak_bytes(&child));
    child_kill(&child, SIGKILL);
}

static void finds_what_lies_beside_it(void **state)
{
    struct err err = {0};
    char path[4096];

    (void)state;
    assert_int_equal(0, child_sibling("other", path, sizeof(path), &err));
    assert_non_null(strstr(path, "/other"));
    assert_int_equal(-1, child_sibling("other", path, 4, &err));
}

/* What a person typed keeps our session, our descriptors and its own name in PATH. */
static void a_command_is_left_with_what_is_ours(void **state)
{
    char script[128];
    const char *const arguments[] = {"sh", "-c", script, NULL};
    const struct child_options options = {.program = "sh",
                                          .arguments = arguments,
                                          .environment = environment,
                                          .is_command = true};
    struct child child;
    struct err err = {0};
    int status = 0;
    int kept = dup(STDERR_FILENO);

    (void)state;
    snprintf(script, sizeof(script),
             "test $(cut -d' ' -f6 /proc/$$/stat) = %d && test -e /proc/$$/fd/%d",
             (int)getsid(0), kept);
    assert_int_equal(0, child_start(&options, &child, &err));
    child_reap(&child, &status);
    assert_int_equal(0, status);
    close(kept);
}

static void standard_error_goes_where_it_is_sent(void **state)
{
    const char *const arguments[] = {"sh", "-c", "echo spoken >&2", NULL};
    int ends[2];
    const struct child_options options = {.program = "/bin/sh",
                                          .arguments = arguments,
                                          .environment = environment,
                                          .stderr_fd = &ends[1]};
    char text[32] = "";
    struct child child;
    struct err err = {0};
    int status = 0;

    (void)state;
    assert_int_equal(0, pipe2(ends, O_CLOEXEC));
    assert_int_equal(0, child_start(&options, &child, &err));
    child_reap(&child, &status);
    assert_int_equal(strlen("spoken\n"), read(ends[0], text, sizeof(text) - 1));
    assert_string_equal("spoken\n", text);
    close(ends[0]);
    close(ends[1]);
}

static void both_outputs_go_to_one_place_from_the_folder_it_works_in(void **state)
{
    const char *const arguments[] = {"sh", "-c", "pwd; echo spoken >&2", NULL};
    int ends[2];
    const struct child_options options = {.program = "sh",
                                          .arguments = arguments,
                                          .environment = environment,
                                          .folder = "/",
                                          .is_in_path = true,
                                          .output_fd = &ends[1]};
    char text[32] = "";
    struct child child;
    struct err err = {0};
    int status = 0;

    (void)state;
    assert_int_equal(0, pipe2(ends, O_CLOEXEC));
    assert_int_equal(0, child_start(&options, &child, &err));
    child_reap(&child, &status);
    assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
    assert_string_equal("/\nspoken\n", text);
    close(ends[0]);
    close(ends[1]);
}

static void what_works_below_a_shell_is_measured(void **state)
{
    int ends[2];
    char byte;
    struct child child;
    int status;

    (void)state;
    assert_int_equal(0, pipe2(ends, O_CLOEXEC));
    /* Busy, not asleep: what it would start for that is as large as it until it runs. */
    shell("sleep 1000 & (x=$(head -c 20000000 /dev/zero | tr '\\0' x); echo up >&3; "
          "while :; do :; done); true",
          &ends[1], 1, &child);
    assert_int_equal(1, read(ends[0], &byte, 1));
    child_adopt_largest(&child);
    assert_true(child.inner_pidfd >= 0);
    assert_true(child_rss_bytes(&child) > 15000000);
    child_kill_group(&child, SIGKILL);
    child_reap(&child, &status);
    close(ends[0]);
    close(ends[1]);
}

static void a_group_is_killed_whole_even_after_its_leader(void **state)
{
    int ends[2];
    struct pollfd ended = {.events = POLLIN};
    struct pollfd closed = {.events = POLLIN};
    char byte;
    struct child child;
    int status;

    (void)state;
    assert_int_equal(0, pipe2(ends, O_CLOEXEC));
    /* The one left behind holds the pipe open. */
    shell("sleep 1000 & exit 3", &ends[1], 1, &child);
    close(ends[1]);
    ended.fd = child.pidfd;
    assert_int_equal(1, poll(&ended, 1, 10000));
    closed.fd = ends[0];
    assert_int_equal(0, poll(&closed, 1, 0));
    child_kill_group(&child, SIGKILL);
    assert_int_equal(1, poll(&closed, 1, 10000));
    assert_int_equal(0, read(ends[0], &byte, 1));
    child_reap(&child, &status);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    child_kill_group(&child, SIGKILL);
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_with_nothing_but_what_was_given),
        cmocka_unit_test(passes_descriptors_in_order),
        cmocka_unit_test(a_command_is_left_with_what_is_ours),
        cmocka_unit_test(standard_error_goes_where_it_is_sent),
        cmocka_unit_test(both_outputs_go_to_one_place_from_the_folder_it_works_in),
        cmocka_unit_test(what_works_below_a_shell_is_measured),
        cmocka_unit_test(a_group_is_killed_whole_even_after_its_leader),
        cmocka_unit_test(says_why_it_could_not_start),
        cmocka_unit_test(is_measured_killed_and_reaped),
        cmocka_unit_test(finds_what_lies_beside_it),
    };

    return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
