/* SPDX-License-Identifier: MIT */

#include "net/answer.h"

#include "lib/cm.h"

static bool add_lines(struct answer *answer, const char *const *lines, size_t n_lines)
{
    for (size_t i = 0; i < n_lines; i++) {
        if (!answer_add_line(answer, bytes_str(lines[i])))
            return false;
    }
    return true;
}

static int begin(void **state)
{
    struct answer *answer = calloc(1, sizeof(*answer));

    answer_init(answer);
    answer_clear(answer, 100);
    *state = answer;
    return 0;
}

static int end(void **state)
{
    answer_done(*state);
    free(*state);
    return 0;
}

static void interim_answers_are_forgotten_and_trailers_ignored(void **state)
{
    static const char *const lines[] = {
        "HTTP/1.1 103 Early Hints\r\n", "Link: x\r\n",  "\r\n", "HTTP/1.1 200 OK\r\n",
        "X-Name:  a: b \r\n",           "X-Empty:\r\n", "\r\n", "X-Trailer: late\r\n",
        "HTTP/1.1 500 Forged\r\n",
    };
    struct client_header headers[CLIENT_MAX_HEADERS];
    struct answer *answer = *state;
    struct bytes value;

    assert_true(add_lines(answer, lines, COUNT(lines)));
    assert_int_equal(200, answer->status);
    assert_int_equal(ANSWER_BODY, answer->part);
    assert_int_equal(2, answer_headers(answer, headers));
    assert_true(bytes_eq(headers[0].name, BYTES("X-Name")));
    assert_true(bytes_eq(headers[0].value, BYTES("a: b")));
    assert_true(answer_find(answer, BYTES("x-empty"), &value));
    assert_int_equal(0, value.len);
    assert_false(answer_find(answer, BYTES("Link"), &value));
    assert_false(answer_find(answer, BYTES("X-Trailer"), &value));
}

static void interim_answers_without_end_are_too_much(void **state)
{
    static const char *const lines[] = {"HTTP/1.1 100 Continue", ""};
    struct answer *answer = *state;

    for (int i = 0; i < 16; i++)
        assert_true(add_lines(answer, lines, COUNT(lines)));
    assert_false(add_lines(answer, lines, COUNT(lines)));
}

static void more_fields_than_there_is_room_for_are_dropped(void **state)
{
    struct client_header headers[CLIENT_MAX_HEADERS];
    struct answer *answer = *state;

    assert_true(answer_add_line(answer, BYTES("HTTP/1.1 200 OK")));
    for (int i = 0; i < CLIENT_MAX_HEADERS + 10; i++)
        assert_true(answer_add_line(answer, BYTES("X: y")));
    assert_int_equal(CLIENT_MAX_HEADERS, answer_headers(answer, headers));
}

static void a_head_beyond_its_bound_is_too_much(void **state)
{
    static char line[3000] = "X: ";
    struct answer *answer = *state;
    int n_lines = 0;

    memset(line + 3, 'y', sizeof(line) - 3);
    assert_true(answer_add_line(answer, BYTES("HTTP/1.1 200 OK")));
    while (n_lines < 60 && answer_add_line(answer, bytes_of(line, sizeof(line))))
        n_lines++;
    assert_int_equal(64 * 1024 / 2998, n_lines);
}

static void a_status_that_is_none_is_refused(void **state)
{
    assert_false(answer_add_line(*state, BYTES("HTTP/1.1 OK")));
}

#define WITH_ANSWER(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ANSWER(interim_answers_are_forgotten_and_trailers_ignored),
        WITH_ANSWER(interim_answers_without_end_are_too_much),
        WITH_ANSWER(more_fields_than_there_is_room_for_are_dropped),
        WITH_ANSWER(a_head_beyond_its_bound_is_too_much),
        WITH_ANSWER(a_status_that_is_none_is_refused),
    };

    return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
