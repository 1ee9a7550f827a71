/* SPDX-License-Identifier: MIT */

#include "sys/log.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cm.h"

enum { OUTPUT_BYTES = 16 * 1024 };

/* Standard error into a pipe while one line is written. */
struct capture {
    int fds[2];
    int saved;
};

static void capture_begin(struct capture *capture)
{
    assert_int_equal(0, pipe(capture->fds));
    capture->saved = dup(STDERR_FILENO);
    dup2(capture->fds[1], STDERR_FILENO);
}

static void capture_end(struct capture *capture, char ret_text[OUTPUT_BYTES])
{
    dup2(capture->saved, STDERR_FILENO);
    close(capture->saved);
    close(capture->fds[1]);
    ssize_t n = read(capture->fds[0], ret_text, OUTPUT_BYTES - 1);
    ret_text[n > 0 ? n : 0] = '\0';
    close(capture->fds[0]);
}

static void write_value(enum log_format format, const char *value,
                        char ret_line[OUTPUT_BYTES])
{
    struct capture capture;

    capture_begin(&capture);
    log_setup(&(struct log_options){.level = LOG_INFO, .format = format});
    log_line(LOG_INFO, "text", LOG_TEXT("key", value), LOG_I64("n", -7));
    capture_end(&capture, ret_line);
}

/* The line without its time, which is as long as @n_time characters. */
static const struct {
    const char *why;
    const char *value;
    const char *pretty;
    const char *logfmt;
    const char *json;
} cases[] = {
    {"a plain value", "abc", "text  key=abc  n=-7", "msg=\"text\" key=abc n=-7",
     "\"msg\":\"text\",\"key\":\"abc\",\"n\":-7}"},
    {"a space needs quotes", "a b", "text  key=\"a b\"  n=-7",
     "msg=\"text\" key=\"a b\" n=-7", "\"msg\":\"text\",\"key\":\"a b\",\"n\":-7}"},
    {"an empty value is visible", "", "text  key=\"\"  n=-7",
     "msg=\"text\" key=\"\" n=-7", "\"msg\":\"text\",\"key\":\"\",\"n\":-7}"},
    {"quotes and backslashes", "a\"\\", "text  key=\"a\\\"\\\\\"  n=-7",
     "msg=\"text\" key=\"a\\\"\\\\\" n=-7",
     "\"msg\":\"text\",\"key\":\"a\\\"\\\\\",\"n\":-7}"},
    {"a line break forges no line", "x\nlevel=error",
     "text  key=\"x\\nlevel=error\"  n=-7", "msg=\"text\" key=\"x\\nlevel=error\" n=-7",
     "\"msg\":\"text\",\"key\":\"x\\nlevel=error\",\"n\":-7}"},
    {"an equals sign forges no key", "a=b", "text  key=\"a=b\"  n=-7",
     "msg=\"text\" key=\"a=b\" n=-7", "\"msg\":\"text\",\"key\":\"a=b\",\"n\":-7}"},
    {"an escape sequence moves no cursor", "\x1b[2J", "text  key=\"\\u001b[2J\"  n=-7",
     "msg=\"text\" key=\"\\u001b[2J\" n=-7",
     "\"msg\":\"text\",\"key\":\"\\u001b[2J\",\"n\":-7}"},
    {"nor does its 8-bit form", "\xc2\x9b", "text  key=\"\\u009b\"  n=-7",
     "msg=\"text\" key=\"\\u009b\" n=-7",
     "\"msg\":\"text\",\"key\":\"\\u009b\",\"n\":-7}"},
    {"nothing turns the reading direction", "a\xe2\x80\xae",
     "text  key=\"a\\u202e\"  n=-7", "msg=\"text\" key=\"a\\u202e\" n=-7",
     "\"msg\":\"text\",\"key\":\"a\\u202e\",\"n\":-7}"},
    {"letters of the world pass", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
     "text  key=\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"  n=-7",
     "msg=\"text\" key=\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\" n=-7",
     "\"msg\":\"text\",\"key\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\",\"n\":-7}"},
    {"a byte that is no UTF-8 is replaced", "a\xff\xc0\x80",
     "text  key=\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"  n=-7",
     "msg=\"text\" key=\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\" n=-7",
     "\"msg\":\"text\",\"key\":\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\",\"n\":-7}"},
};

static void check(const char *why, enum log_format format, const char *value,
                  const char *want)
{
    char line[OUTPUT_BYTES];
    char wanted[OUTPUT_BYTES];
    size_t len;

    write_value(format, value, line);
    (void)snprintf(wanted, sizeof(wanted), "%s\n", want);
    len = strlen(line);
    if (len < strlen(wanted) || strcmp(line + len - strlen(wanted), wanted) != 0)
        fail_msg("%s, format %d: got %s, want …%s", why, (int)format, line, wanted);
    if (strchr(line, '\n') != line + len - 1)
        fail_msg("%s: more than one line: %s", why, line);
}

static void no_value_can_forge_a_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        check(cases[i].why, LOG_PRETTY, cases[i].value, cases[i].pretty);
        check(cases[i].why, LOG_LOGFMT, cases[i].value, cases[i].logfmt);
        check(cases[i].why, LOG_JSON, cases[i].value, cases[i].json);
    }
}

static void a_line_starts_with_its_time_and_level(void **state)
{
    char line[OUTPUT_BYTES];
    int at = 0;

    (void)state;
    write_value(LOG_PRETTY, "v", line);
    (void)sscanf(line, "%*2d:%*2d:%*2d.%*3d  text%n", &at);
    assert_int_equal(18, at);
    write_value(LOG_LOGFMT, "v", line);
    at = 0;
    (void)sscanf(line, "time=%*4d-%*2d-%*2dT%*2d:%*2d:%*2d.%*3dZ level=info%n", &at);
    assert_int_equal(40, at);
    write_value(LOG_JSON, "v", line);
    at = 0;
    (void)sscanf(line, "{\"time\":\"%*4d-%*2d-%*2dT%*2d:%*2d:%*2d.%*3dZ\",\"level\":\"%n",
                 &at);
    assert_int_equal(44, at);
}

static void journald_gets_a_priority_and_no_time(void **state)
{
    struct capture capture;
    char line[OUTPUT_BYTES];
    char stream[64];
    struct stat st;

    (void)state;
    capture_begin(&capture);
    assert_int_equal(0, fstat(STDERR_FILENO, &st));
    (void)snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
                   (unsigned long long)st.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    log_setup(&(struct log_options){.level = LOG_INFO, .format = LOG_LOGFMT});
    log_line(LOG_WARN, "text");
    unsetenv("JOURNAL_STREAM");
    capture_end(&capture, line);
    assert_string_equal("<4>level=warn msg=\"text\"\n", line);
}

static void an_inherited_journal_that_is_not_ours_changes_nothing(void **state)
{
    char line[OUTPUT_BYTES];

    (void)state;
    setenv("JOURNAL_STREAM", "1:1", 1);
    write_value(LOG_LOGFMT, "v", line);
    unsetenv("JOURNAL_STREAM");
    assert_int_equal(0, strncmp(line, "time=", 5));
}

static void what_is_too_long_is_cut_and_stays_one_whole_line(void **state)
{
    static const enum log_format formats[] = {LOG_PRETTY, LOG_LOGFMT, LOG_JSON};
    char value[8000];
    char line[OUTPUT_BYTES];

    (void)state;
    memset(value, '\x01', sizeof(value) - 1); /* six characters each when escaped */
    value[sizeof(value) - 1] = '\0';
    for (size_t i = 0; i < COUNT(formats); i++) {
        write_value(formats[i], value, line);
        assert_in_range(strlen(line), 20, 4096);
        assert_int_equal('\n', line[strlen(line) - 1]);
    }
    assert_non_null(strstr(line, "}\n"));
}

static void levels_below_the_set_one_are_silent(void **state)
{
    struct capture capture;
    char line[OUTPUT_BYTES];

    (void)state;
    capture_begin(&capture);
    log_setup(&(struct log_options){.level = LOG_WARN, .format = LOG_PRETTY});
    log_line(LOG_INFO, "text");
    log_line(LOG_DEBUG, "text");
    capture_end(&capture, line);
    assert_string_equal("", line);
    assert_true(log_is_on(LOG_WARN));
    assert_false(log_is_on(LOG_INFO));
}

static void errors_are_counted_and_marked(void **state)
{
    struct capture capture;
    char line[OUTPUT_BYTES];
    uint64_t n_before = log_n_errors();

    (void)state;
    capture_begin(&capture);
    log_setup(&(struct log_options){.format = LOG_PRETTY});
    log_line(LOG_ERROR, "the disk is full");
    capture_end(&capture, line);
    assert_non_null(strstr(line, "  error: the disk is full\n"));
    assert_int_equal(n_before + 1, log_n_errors());
}

static void a_limit_swallows_and_says_how_many(void **state)
{
    struct log_limit limit = {0};
    unsigned n_written = 0;
    unsigned n_dropped = 0;

    (void)state;
    for (int i = 0; i < 1000; i++)
        n_written += log_limit(&limit, 5, &n_dropped);
    assert_in_range(n_written, 5, 10); /* a second may end in between */
    limit.second--;                    /* the next second */
    limit.n_dropped = 42;
    assert_true(log_limit(&limit, 5, &n_dropped));
    assert_int_equal(42, n_dropped);
    assert_true(log_limit(&limit, 5, &n_dropped));
    assert_int_equal(0, n_dropped);
}

static size_t count_lines(int fd, char *text, size_t size)
{
    ssize_t n = read(fd, text, size - 1);
    size_t n_lines = 0;

    text[n > 0 ? n : 0] = '\0';
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        n_lines++;
    return n_lines;
}

static void nobody_waits_for_who_reads_the_log(void **state)
{
    enum { LINES = 3000, PIPE_BYTES = 1 << 20 };
    struct capture capture;
    char *text = test_malloc(PIPE_BYTES);
    size_t n_written, n_after;
    const char *notice;
    unsigned n_missing = 0;

    (void)state;
    capture_begin(&capture);
    log_setup(&(struct log_options){.level = LOG_INFO, .format = LOG_LOGFMT});
    for (int i = 0; i < LINES; i++) /* far more than a pipe holds */
        log_line(LOG_INFO, "text", LOG_I64("n", i));
    n_written = count_lines(capture.fds[0], text, PIPE_BYTES);
    log_line(LOG_INFO, "the last");
    n_after = count_lines(capture.fds[0], text, PIPE_BYTES);
    dup2(capture.saved, STDERR_FILENO);
    notice = strstr(text, "lines are missing\" lines=");
    assert_true(n_written > 0 && n_written < LINES);
    assert_int_equal(2, n_after);
    assert_non_null(notice);
    assert_int_equal(1, sscanf(notice, "lines are missing\" lines=%u", &n_missing));
    assert_int_equal(LINES, n_written + n_missing);
    assert_non_null(strstr(text, "the last"));
    close(capture.saved);
    close(capture.fds[0]);
    close(capture.fds[1]);
    test_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_value_can_forge_a_line),
        cmocka_unit_test(a_line_starts_with_its_time_and_level),
        cmocka_unit_test(journald_gets_a_priority_and_no_time),
        cmocka_unit_test(an_inherited_journal_that_is_not_ours_changes_nothing),
        cmocka_unit_test(what_is_too_long_is_cut_and_stays_one_whole_line),
        cmocka_unit_test(levels_below_the_set_one_are_silent),
        cmocka_unit_test(errors_are_counted_and_marked),
        cmocka_unit_test(a_limit_swallows_and_says_how_many),
        cmocka_unit_test(nobody_waits_for_who_reads_the_log),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
