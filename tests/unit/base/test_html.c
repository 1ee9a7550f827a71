/* SPDX-License-Identifier: MIT */

#include "base/html.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cm.h"

#define GONE "\xef\xbf\xbd"

static void what_is_not_ours_is_escaped(void **state)
{
    static const struct {
        const char *why;
        struct bytes text;
        const char *want;
    } cases[] = {
        {"a tag", BYTES("<script>"), "&lt;script&gt;"},
        {"out of an attribute", BYTES("\" onload='x'"), "&quot; onload=&#39;x&#39;"},
        {"an entity", BYTES("&lt;"), "&amp;lt;"},
        {"tab and line breaks", BYTES("a\tb\r\nc"), "a\tb\r\nc"},
        {"letters beyond ASCII", BYTES("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
         "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"a NUL", BYTES("a\0b"), "a" GONE "b"},
        {"the bell and delete", BYTES("\a\x7f"), GONE GONE},
        {"an escape sequence of a terminal", BYTES("\x1b[31m"), GONE "[31m"},
        {"a control of two bytes", BYTES("\xc2\x85\xc2\x9f"), GONE GONE},
        {"a hard space is no control", BYTES("\xc2\xa0"), "\xc2\xa0"},
        {"a tail alone", BYTES("\x80"), GONE},
        {"half a character swallows nothing", BYTES("\xe2\x82<"), GONE GONE "&lt;"},
        {"a long form of <", BYTES("\xc0\xbc"), GONE GONE},
        {"half a character at the end", BYTES("\xf0\x9f"), GONE GONE},
        {"a surrogate", BYTES("\xed\xa0\x80"), GONE GONE GONE},
        {"nothing", BYTES(""), ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(buf_done) struct buf got = {.max_bytes = 1000};

        assert_int_equal(html_text(&got, cases[i].text), 0);
        if (strcmp(buf_text(&got), cases[i].want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&got), cases[i].want);
    }
}

static void holes_are_filled_in_order(void **state)
{
    cleanup(buf_done) struct buf got = {.max_bytes = 1000};
    struct bytes bytes = BYTES("a&b");

    (void)state;
    assert_int_equal(html_addf(&got, "<b>%s</b>%d|%l|%b", "x<y", -7, INT64_MIN, &bytes),
                     0);
    assert_string_equal(buf_text(&got), "<b>x&lt;y</b>-7|-9223372036854775808|a&amp;b");
    buf_clear(&got);
    assert_int_equal(html_addf(&got, "100%%%s", (const char *)NULL), 0);
    assert_int_equal(html_addf(&got, ""), 0);
    assert_int_equal(html_addf(&got, "%s%s%s%s%s%s%s", "1", "2", "3", "4", "5", "6", "7"),
                     0);
    assert_string_equal(buf_text(&got), "100%1234567");
}

static void a_filled_text_is_no_markup_for_the_next_hole(void **state)
{
    cleanup(buf_done) struct buf got = {.max_bytes = 1000};

    (void)state;
    assert_int_equal(html_addf(&got, "%s%s", "%s%d", "x"), 0);
    assert_string_equal(buf_text(&got), "%s%dx");
}

static void a_literal_stays_as_it_is(void **state)
{
    cleanup(buf_done) struct buf got = {.max_bytes = 1000};

    (void)state;
    assert_int_equal(html_add(&got, "<p class=\"x\">100%</p>&amp;"), 0);
    assert_string_equal(buf_text(&got), "<p class=\"x\">100%</p>&amp;");
}

static void a_page_beyond_the_maximum_is_known_to_be_cut(void **state)
{
    cleanup(buf_done) struct buf got = {.max_bytes = 8};

    (void)state;
    assert_int_equal(html_text(&got, BYTES("<<<")), BUF_FULL);
    assert_true(got.full);
    assert_string_equal(buf_text(&got), "&lt;&lt;");
    assert_int_equal(html_addf(&got, "%d", 1), BUF_FULL);
    assert_int_equal(html_addf(&got, "%%%s", "x"), BUF_FULL);
    assert_int_equal(html_add(&got, "x"), BUF_FULL);
}

/* Built by hand, so that the compiler does not see what is wrong with it. */
static int fill_in_child(const char *literal)
{
    int status = 0;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        struct buf got = {.max_bytes = 1};
        struct rlimit no_core = {0};

        signal(SIGABRT, SIG_DFL);
        setrlimit(RLIMIT_CORE, &no_core);
        html_addf_literal(&got, literal, 1);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void an_unknown_hole_ends_the_process(void **state)
{
    static const struct {
        const char *why;
        const char *literal;
        bool want_end;
    } cases[] = {
        {"a hole that is known", "%d", false},
        {"a letter of printf's", "%u", true},
        {"a width", "%2d", true},
        {"per cent at the end", "abc%", true},
        {"behind what did not fit", "abcdef%x", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int status = fill_in_child(cases[i].literal);
        bool ended = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;

        if (ended != cases[i].want_end)
            fail_msg("%s: got status %d, want %s", cases[i].why, status,
                     cases[i].want_end ? "SIGABRT" : "0");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_ours_is_escaped),
        cmocka_unit_test(holes_are_filled_in_order),
        cmocka_unit_test(a_filled_text_is_no_markup_for_the_next_hole),
        cmocka_unit_test(a_literal_stays_as_it_is),
        cmocka_unit_test(a_page_beyond_the_maximum_is_known_to_be_cut),
        cmocka_unit_test(an_unknown_hole_ends_the_process),
    };

    return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
