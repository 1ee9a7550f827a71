/* SPDX-License-Identifier: MIT */

#include "cli/print.h"

#include "lib/cm.h"

enum { MAX = 4096 };

static const struct {
    const char *why;
    const char *text;
    const char *want;
} cleaned[] = {
    {"plain", "Signed Up", "Signed Up"},
    {"UTF-8 stays", "José ☃", "José ☃"},
    {"an escape sequence loses its escape", "\033[31mred", "?[31mred"},
    {"a C1 control, as UTF-8", "a\xc2\x9bzb", "a?zb"},
    {"a line end is a blank", "a\nb\tc", "a b c"},
    {"carriage return cannot overwrite", "good\rbad", "good?bad"},
    {"DEL", "a\x7f", "a?"},
    {"a lone continuation byte", "a\x80z", "a?z"},
    {"a cut character", "a\xe2\x98", "a??"},
    {"overlong", "\xc0\xaf", "??"},
    {"empty", "", ""},
};

static void strangers_cannot_steer_the_terminal(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cleaned); i++) {
        cleanup(buf_done) struct buf got = {0};

        buf_init(&got, MAX);
        print_clean(bytes_str(cleaned[i].text), &got);
        if (strcmp(buf_text(&got), cleaned[i].want) != 0)
            fail_msg("%s: got `%s`, want `%s`", cleaned[i].why, buf_text(&got),
                     cleaned[i].want);
    }
}

static const struct {
    const char *why;
    int64_t duration_us;
    const char *want;
} durations[] = {
    {"under a millisecond", 340, "0.3 ms"},
    {"milliseconds with a digit", 5900, "5.9 ms"},
    {"no digit from 100 on", 234567, "234 ms"},
    {"seconds", 2500000, "2.5 s"},
    {"two units", 100 * INT64_C(1000000), "1 m 40 s"},
    {"days and hours", (3 * 86400 + 4 * 3600) * INT64_C(1000000), "3 d 4 h"},
    {"no second unit of zero", 3600 * INT64_C(1000000), "1 h"},
};

static void durations_read_well(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(durations); i++) {
        cleanup(buf_done) struct buf got = {0};

        buf_init(&got, MAX);
        print_duration(durations[i].duration_us, &got);
        if (strcmp(buf_text(&got), durations[i].want) != 0)
            fail_msg("%s: got `%s`, want `%s`", durations[i].why, buf_text(&got),
                     durations[i].want);
    }
}

static void sizes_read_well(void **state)
{
    cleanup(buf_done) struct buf got = {0};

    (void)state;
    buf_init(&got, MAX);
    print_size(812, &got);
    buf_add_char(&got, '|');
    print_size(1300000000, &got);
    buf_add_char(&got, '|');
    print_size(20000000000, &got);
    assert_string_equal("812 bytes|1.3 GB|20 GB", buf_text(&got));
}

static void cuts_between_characters(void **state)
{
    (void)state;
    assert_int_equal(3, print_width(BYTES("a☃b")));
    assert_true(bytes_eq(print_cut(BYTES("a☃b"), 2), BYTES("a☃")));
    assert_true(bytes_eq(print_cut(BYTES("ab"), 9), BYTES("ab")));
}

static void without_utf8_symbols_become_words(void **state)
{
    char text[MAX] = "";
    FILE *file = fmemopen(text, sizeof(text), "w");
    struct print print = {.file = file};

    (void)state;
    print_text(&print, "%s", "→ ✔ ✖ … é");
    fclose(file);
    assert_string_equal("-> ok x ... ?", text);
}

static const struct {
    const char *why;
    const char *color, *no_color, *force_color;
    bool want;
} colors[] = {
    {"a file has none", "auto", NULL, NULL, false},
    {"always", "always", NULL, NULL, true},
    {"always beats NO_COLOR: it was typed", "always", "1", NULL, true},
    {"FORCE_COLOR", "auto", NULL, "1", true},
    {"NO_COLOR beats FORCE_COLOR", "auto", "1", "1", false},
    {"an empty NO_COLOR is none", "auto", "", "1", true},
    {"never", "never", NULL, "1", false},
};

static void set_or_unset(const char *name, const char *value)
{
    if (value != NULL)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

static void colors_obey(void **state)
{
    FILE *file = tmpfile();

    (void)state;
    for (size_t i = 0; i < COUNT(colors); i++) {
        struct print print;

        set_or_unset("NO_COLOR", colors[i].no_color);
        set_or_unset("FORCE_COLOR", colors[i].force_color);
        print_setup(&print, file, colors[i].color);
        if (print.use_color != colors[i].want)
            fail_msg("%s: got %d", colors[i].why, print.use_color);
    }
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers_cannot_steer_the_terminal),
        cmocka_unit_test(durations_read_well),
        cmocka_unit_test(sizes_read_well),
        cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test(without_utf8_symbols_become_words),
        cmocka_unit_test(colors_obey),
    };

    return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}
