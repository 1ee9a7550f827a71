/* SPDX-License-Identifier: MIT */

#include "emulator/faults/faults_row.h"

#include "base/err.h"
#include "base/mem.h"
#include "lib/cm.h"
#include "json/json.h"

enum { NOW = 1000000, FORGOTTEN = 600000 };

static int read_row(const char *text, struct json **ret_json, struct fault_row *ret_row,
                    struct err *err)
{
    if (json_parse(bytes_str(text), ret_json, err) < 0)
        fail_msg("%s: %s", text, err->text);
    return fault_row_read(*ret_json, NOW, FORGOTTEN, ret_row, err);
}

static void reads_a_whole_row(void **state)
{
    cleanup(json_freep) struct json *json = NULL;
    struct fault_row row;
    struct err err = {0};

    (void)state;
    assert_int_equal(
        read_row("{\"where\":\"config\",\"method\":\"POST\",\"path\":\"/destinations\","
                 "\"what\":\"status\",\"status\":429,\"code\":8,\"body\":{\"a\":1},"
                 "\"delay_ms\":[2000,6000],\"percent\":30,\"for\":\"20s\",\"times\":3}",
                 &json, &row, &err),
        0);
    assert_string_equal(row.where, "config");
    assert_int_equal(row.what, FAULT_STATUS);
    assert_true(bytes_eq(row.method, BYTES("POST")));
    assert_true(bytes_eq(row.path, BYTES("/destinations")));
    assert_int_equal(row.status, 429);
    assert_int_equal(row.code, 8);
    assert_int_equal(json_kind(row.body), JSON_OBJECT);
    assert_int_equal(row.delay_min_ms, 2000);
    assert_int_equal(row.delay_max_ms, 6000);
    assert_int_equal(row.percent, 30);
    assert_int_equal(row.until_ms, NOW + 20000);
    assert_int_equal(row.times, 3);
}

static const struct {
    const char *why;
    const char *text;
    int64_t until_ms, times;
} ends[] = {
    {"forgotten", "{\"where\":\"sink\",\"what\":\"hang\"}", NOW + FORGOTTEN, 0},
    {"by count only", "{\"where\":\"sink\",\"what\":\"hang\",\"times\":1}", 0, 1},
    {"milliseconds", "{\"where\":\"sink\",\"what\":\"hang\",\"for\":5}", NOW + 5, 0},
    {"a time",
     "{\"where\":\"sink\",\"what\":\"hang\",\"until\":\"1970-01-01T01:00:00Z\"}", 3600000,
     0},
    {"as GET prints it",
     "{\"id\":3,\"fired\":1,\"where\":\"sink\",\"what\":\"hang\","
     "\"until\":\"1970-01-01T01:00:00.000Z\",\"percent\":100}",
     3600000, 0},
};

static void always_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ends); i++) {
        cleanup(json_freep) struct json *json = NULL;
        struct fault_row row = {0};
        struct err err = {0};

        if (read_row(ends[i].text, &json, &row, &err) < 0)
            fail_msg("%s: %s", ends[i].why, err.text);
        if (row.until_ms != ends[i].until_ms || row.times != ends[i].times)
            fail_msg("%s: got until %lld, times %lld", ends[i].why,
                     (long long)row.until_ms, (long long)row.times);
    }
}

static const struct {
    const char *why;
    const char *text;
} refused[] = {
    {"no object", "[]"},
    {"no place", "{\"what\":\"hang\"}"},
    {"unknown place", "{\"where\":\"moon\",\"what\":\"hang\"}"},
    {"no kind", "{\"where\":\"sink\"}"},
    {"a kind that is none", "{\"where\":\"sink\",\"what\":\"none\"}"},
    {"not there", "{\"where\":\"config\",\"what\":\"duplicate\"}"},
    {"not there either", "{\"where\":\"sink\",\"what\":\"bad_json\"}"},
    {"no code at the sink", "{\"where\":\"sink\",\"what\":\"code_used\"}"},
    {"a slip", "{\"where\":\"sink\",\"what\":\"hang\",\"percentage\":3}"},
    {"0 %", "{\"where\":\"sink\",\"what\":\"hang\",\"percent\":0}"},
    {"101 %", "{\"where\":\"sink\",\"what\":\"hang\",\"percent\":101}"},
    {"half a per cent", "{\"where\":\"sink\",\"what\":\"hang\",\"percent\":0.5}"},
    {"a status below an answer's",
     "{\"where\":\"sink\",\"what\":\"status\",\"status\":100}"},
    {"no status at all", "{\"where\":\"sink\",\"what\":\"status\",\"status\":600}"},
    {"0 times", "{\"where\":\"sink\",\"what\":\"hang\",\"times\":0}"},
    {"a delay without one", "{\"where\":\"sink\",\"what\":\"delay\"}"},
    {"backwards", "{\"where\":\"sink\",\"what\":\"delay\",\"delay_ms\":[2,1]}"},
    {"three", "{\"where\":\"sink\",\"what\":\"delay\",\"delay_ms\":[1,2,3]}"},
    {"longer than anybody waits",
     "{\"where\":\"sink\",\"what\":\"delay\",\"delay_ms\":60001}"},
    {"negative", "{\"where\":\"sink\",\"what\":\"delay\",\"delay_ms\":-1}"},
    {"no duration", "{\"where\":\"sink\",\"what\":\"hang\",\"for\":\"soon\"}"},
    {"no time", "{\"where\":\"sink\",\"what\":\"hang\",\"for\":0}"},
    {"too long", "{\"where\":\"sink\",\"what\":\"hang\",\"for\":\"9999d\"}"},
    {"over already",
     "{\"where\":\"sink\",\"what\":\"hang\",\"until\":\"1970-01-01T00:00:01Z\"}"},
    {"until is no number", "{\"where\":\"sink\",\"what\":\"hang\",\"until\":5}"},
    {"path is a text", "{\"where\":\"sink\",\"what\":\"hang\",\"path\":5}"},
};

static void refuses_what_makes_no_sense(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        cleanup(json_freep) struct json *json = NULL;
        struct fault_row row = {0};
        struct err err = {0};

        if (read_row(refused[i].text, &json, &row, &err) == 0)
            fail_msg("%s: taken", refused[i].why);
        assert_true(err.text[0] != '\0');
    }
}

static void names_lead_there_and_back(void **state)
{
    (void)state;
    for (int what = FAULT_NONE + 1; what < FAULT_N; what++) {
        const char *text = fault_what_text((enum fault_what)what);
        bool is_anywhere = false;

        assert_int_equal(fault_what_of(bytes_str(text)), what);
        for (size_t i = 0; fault_wheres[i] != NULL; i++)
            is_anywhere =
                is_anywhere || fault_fits(fault_wheres[i], (enum fault_what)what);
        if (!is_anywhere)
            fail_msg("%s: nowhere", text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_whole_row),
        cmocka_unit_test(always_ends),
        cmocka_unit_test(refuses_what_makes_no_sense),
        cmocka_unit_test(names_lead_there_and_back),
    };

    return cmocka_run_group_tests_name("faults_row", tests, NULL, NULL);
}
