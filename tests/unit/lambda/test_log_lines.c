/* SPDX-License-Identifier: MIT */

#include "lambda/runtime/log_lines.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "lib/cm.h"

static void every_line_has_the_id_in_front(void **state)
{
    static const struct {
        const char *why;
        struct bytes text;
        const char *want;
    } cases[] = {
        {"a line", BYTES("one"), "id\tone\n"},
        {"nothing", BYTES(""), "id\t\n"},
        {"two lines", BYTES("one\ntwo"), "id\tone\nid\ttwo\n"},
        {"a line break at its end", BYTES("one\n"), "id\tone\n"},
        {"an empty line between", BYTES("a\n\nb"), "id\ta\nid\t\nid\tb\n"},
        {"a tab stays", BYTES("a\tb"), "id\ta\tb\n"},
        {"control characters", BYTES("a\r\x1b[31m\0z\x7f"), "id\ta  [31m z \n"},
        {"UTF-8", BYTES("日本語"), "id\t日本語\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf got;

        buf_init(&got, 1024);
        log_lines_add(&got, BYTES("id"), cases[i].text);
        if (strcmp(buf_text(&got), cases[i].want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&got), cases[i].want);
        buf_done(&got);
    }
}

static void a_reader_that_is_gone_costs_nothing(void **state)
{
    struct buf text;
    int ends[2];

    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    buf_init(&text, 1024);
    buf_add_text(&text, "id\tline\n");
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    close(ends[0]);
    log_lines_write(ends[1], &text);
    close(ends[1]);
    log_lines_write(-1, &text);
    buf_done(&text);
}

static void all_of_it_is_written(void **state)
{
    char got[64] = "";
    struct buf text;
    int ends[2];

    (void)state;
    buf_init(&text, 1024);
    buf_add_text(&text, "id\tone\nid\ttwo\n");
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    log_lines_write(ends[1], &text);
    assert_int_equal(read(ends[0], got, sizeof(got) - 1), text.len);
    assert_string_equal(got, buf_text(&text));
    close(ends[0]);
    close(ends[1]);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_has_the_id_in_front),
        cmocka_unit_test(a_reader_that_is_gone_costs_nothing),
        cmocka_unit_test(all_of_it_is_written),
    };

    return cmocka_run_group_tests_name("log_lines", tests, NULL, NULL);
}
