/* SPDX-License-Identifier: MIT */

#include "lambda/host/output.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/cm.h"

/* Lines as they came, each in brackets. */
static void note(void *arg, struct bytes line)
{
    struct buf *got = arg;

    buf_addf(got, "[%.*s]", BYTES_FMT(line));
}

static const struct {
    const char *why;
    const char *pieces[4];
    const char *want;
} rows[] = {
    {"a line each", {"a\nb\n"}, "[a][b]"},
    {"a line in pieces", {"a", "b", "c\nd\n"}, "[abc][d]"},
    {"an empty line is one", {"\n\n"}, "[][]"},
    {"a carriage return before the end is part of it", {"a\r\nb\rc\n"}, "[a][b\rc]"},
    {"… also when they come apart", {"a\r", "\n"}, "[a]"},
    {"what is left at the end is a line", {"a\nb"}, "[a][b]"},
    {"nothing is none", {""}, ""},
};

static void lines_are_cut_where_they_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        cleanup(buf_done) struct buf got = {0};
        struct output output;

        buf_init(&got, 4096);
        output_init(&output, note, &got);
        for (size_t j = 0; j < 4 && rows[i].pieces[j] != NULL; j++)
            output_add(&output, bytes_str(rows[i].pieces[j]));
        output_end(&output);
        output_end(&output);
        output_done(&output);
        if (strcmp(buf_text(&got), rows[i].want) != 0)
            fail_msg("%s: got %s, want %s", rows[i].why, buf_text(&got), rows[i].want);
    }
}

static void count(void *arg, struct bytes line)
{
    size_t *counts = arg;

    counts[0]++;
    counts[1] += line.len;
    assert_true(line.len <= LINES_BYTES);
}

static void a_line_without_an_end_is_cut(void **state)
{
    cleanup(freep) char *text = malloc(3 * LINES_BYTES);
    size_t counts[2] = {0};
    struct output output;

    (void)state;
    memset(text, 'x', 3 * LINES_BYTES);
    output_init(&output, count, counts);
    output_add(&output, bytes_of(text, 100));
    output_add(&output, bytes_of(text, 2 * LINES_BYTES));
    assert_int_equal(2, counts[0]);
    output_end(&output);
    assert_int_equal(3, counts[0]);
    assert_int_equal(2 * LINES_BYTES + 100, counts[1]);
    output_done(&output);
}

static void a_pipe_is_read_until_its_end(void **state)
{
    cleanup(buf_done) struct buf got = {0};
    struct output output;
    int ends[2];

    (void)state;
    buf_init(&got, 4096);
    output_init(&output, note, &got);
    assert_int_equal(0, pipe2(ends, O_CLOEXEC | O_NONBLOCK));
    assert_true(output_read(&output, ends[0]));
    assert_int_equal(4, write(ends[1], "a\nb\n", 4));
    assert_true(output_read(&output, ends[0]));
    assert_string_equal("[a][b]", buf_text(&got));
    close(ends[1]);
    assert_false(output_read(&output, ends[0]));
    close(ends[0]);
    output_done(&output);
}

static void a_tail_is_the_last_of_it(void **state)
{
    struct tail tail = {0};
    char text[TAIL_BYTES + 10];

    (void)state;
    tail_add(&tail, BYTES("first "));
    tail_addf(&tail, "and %d", 2);
    assert_true(bytes_eq(tail_bytes(&tail), BYTES("first and 2")));
    memset(text, 'x', sizeof(text));
    tail_add(&tail, bytes_of(text, TAIL_BYTES - 5));
    assert_int_equal(TAIL_BYTES, tail.len);
    assert_true(bytes_starts(tail_bytes(&tail), BYTES("and 2xx")));
    tail_add(&tail, bytes_of(text, sizeof(text)));
    assert_int_equal(TAIL_BYTES, tail.len);
    assert_true(bytes_find(tail_bytes(&tail), BYTES("2")) == TAIL_BYTES);
    tail_add(&tail, BYTES(""));
    assert_int_equal(TAIL_BYTES, tail.len);
    tail_add(&tail, BYTES("end"));
    assert_true(bytes_ends(tail_bytes(&tail), BYTES("xend")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_cut_where_they_end),
        cmocka_unit_test(a_line_without_an_end_is_cut),
        cmocka_unit_test(a_pipe_is_read_until_its_end),
        cmocka_unit_test(a_tail_is_the_last_of_it),
    };

    return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
