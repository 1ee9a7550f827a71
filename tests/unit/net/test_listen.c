/* SPDX-License-Identifier: MIT */

#include "net/listen.h"

#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "lib/cm.h"
#include "net/port_owner.h"

static void binds_any_port_and_says_which(void **state)
{
    struct err err = {0};
    int fd = -1;
    int port = 0;

    (void)state;
    assert_int_equal(0, listen_open("127.0.0.1", 0, &fd, &port, &err));
    assert_true(port > 0);
    close(fd);
}

static void a_taken_port_names_who_holds_it(void **state)
{
    struct err err = {0};
    char want[64];
    int fd = -1;
    int other_fd = -1;
    int port = 0;

    (void)state;
    assert_int_equal(0, listen_open("127.0.0.1", 0, &fd, &port, &err));
    assert_int_equal(-1, listen_open("127.0.0.1", port, &other_fd, &port, &err));
    snprintf(want, sizeof(want), "port %d is taken by test_net_listen (pid %d)", port,
             (int)getpid());
    assert_string_equal(want, err.text);
    assert_string_equal("PA1020", err.code);
    assert_int_equal(ERR_CONFLICT, err.exit_code);
    assert_string_equal("partnerapp dev --port 8898", err.help);
    close(fd);
}

static void takes_a_socket_that_listens_and_nothing_else(void **state)
{
    struct err err = {0};
    char text[LISTEN_TEXT_LEN];
    char want[LISTEN_TEXT_LEN];
    int fd = -1;
    int port = 0;
    int adopted = 0;
    int pipe_fds[2];

    (void)state;
    assert_int_equal(0, listen_open("127.0.0.1", 0, &fd, &port, &err));
    assert_int_equal(0, listen_adopt(fd, &adopted, &err));
    assert_int_equal(port, adopted);
    listen_address(fd, text);
    snprintf(want, sizeof(want), "127.0.0.1:%d", port);
    assert_string_equal(want, text);
    close(fd);
    assert_int_equal(0, pipe(pipe_fds));
    assert_int_equal(-1, listen_adopt(pipe_fds[0], &adopted, &err));
    assert_non_null(strstr(err.text, "no listening socket"));
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    assert_int_equal(-1, listen_adopt(pipe_fds[0], &adopted, &err));
}

static void a_free_port_has_no_owner(void **state)
{
    struct port_owner owner;
    struct err err = {0};
    int fd = -1;
    int port = 0;

    (void)state;
    assert_int_equal(0, listen_open("127.0.0.1", 0, &fd, &port, &err));
    assert_int_equal(PORT_OWNER_FOUND, port_owner_find(port, &owner));
    assert_int_equal(getpid(), owner.pid);
    close(fd);
    assert_int_equal(PORT_OWNER_NONE, port_owner_find(port, &owner));
}

static void an_address_that_is_none_is_an_error(void **state)
{
    struct err err = {0};
    int fd = -1;
    int port = 0;

    (void)state;
    assert_int_equal(-1, listen_open("no such host", 0, &fd, &port, &err));
    assert_non_null(strstr(err.text, "listen on no such host"));
    assert_int_equal(-1, listen_open("203.0.113.9", 0, &fd, &port, &err));
    assert_true(err.text[0] != '\0');
    assert_int_equal(-1, fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binds_any_port_and_says_which),
        cmocka_unit_test(a_taken_port_names_who_holds_it),
        cmocka_unit_test(takes_a_socket_that_listens_and_nothing_else),
        cmocka_unit_test(a_free_port_has_no_owner),
        cmocka_unit_test(an_address_that_is_none_is_an_error),
    };

    return cmocka_run_group_tests_name("listen", tests, NULL, NULL);
}
