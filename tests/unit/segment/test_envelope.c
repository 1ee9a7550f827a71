/* SPDX-License-Identifier: MIT */

#include "segment/envelope.h"

#include "lib/cm.h"

static const struct {
    const char *why;
    const char *text;
    enum envelope_field field;
    const char *value; /* NULL: not there */
    bool is_exact;
} cases[] = {
    {"exact", "{\"userId\":\"u\"}", ENVELOPE_USER_ID, "\"u\"", true},
    {"exact by an escape", "{\"user\\u0049d\":\"u\"}", ENVELOPE_USER_ID, "\"u\"", true},
    {"folded", "{\"User ID\":\"u\"}", ENVELOPE_USER_ID, "\"u\"", false},
    {"folded, the longest name", "{\"ORIGINAL_TIME-STAMP\":1}",
     ENVELOPE_ORIGINAL_TIMESTAMP, "1", false},
    {"longer than any name", "{\"originalTimestamps\":1}", ENVELOPE_ORIGINAL_TIMESTAMP,
     NULL, false},
    {"of exact keys the last wins", "{\"type\":1,\"type\":2}", ENVELOPE_TYPE, "2", true},
    {"of folded keys the first wins", "{\"Type\":1,\"TYPE\":2}", ENVELOPE_TYPE, "1",
     false},
    {"exact before folded", "{\"type\":1,\"TYPE\":2}", ENVELOPE_TYPE, "1", true},
    {"exact after folded", "{\"TYPE\":2,\"type\":1}", ENVELOPE_TYPE, "1", true},
    {"exact null hides folded", "{\"type\":null,\"TYPE\":2}", ENVELOPE_TYPE, "null",
     true},
    {"only the top level", "{\"context\":{\"userId\":1}}", ENVELOPE_USER_ID, NULL, false},
    {"a letter that looks alike", "{\"us\xc3\xa9rId\":1}", ENVELOPE_USER_ID, NULL, false},
    {"a letter whose last byte is that of one", "{\"\xc5\xb4ype\":1}", ENVELOPE_TYPE,
     NULL, false},
    {"an empty key", "{\"\":1,\"_\":2}", ENVELOPE_TYPE, NULL, false},
};

static void fields_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct envelope envelope;
        struct bytes got;

        assert_true(envelope_read(bytes_str(cases[i].text), &envelope));
        got = envelope.fields[cases[i].field].text;
        if (!bytes_eq(got, bytes_str(cases[i].value)))
            fail_msg("%s: got %.*s, want %s", cases[i].why, BYTES_FMT(got),
                     cases[i].value != NULL ? cases[i].value : "none");
        if (envelope.is_exact[cases[i].field] != cases[i].is_exact)
            fail_msg("%s: exact is %d", cases[i].why, !cases[i].is_exact);
    }
}

static void only_an_object_has_one(void **state)
{
    static const char *const texts[] = {"",     "[]",          "\"type\"",
                                        "null", "{\"type\":1", "{} {}"};
    struct envelope envelope;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (envelope_read(bytes_str(texts[i]), &envelope))
            fail_msg("%s: has an envelope", texts[i]);
    }
}

static void names_lead_to_their_fields(void **state)
{
    (void)state;
    for (size_t field = 0; field < ENVELOPE_N_FIELDS; field++)
        assert_int_equal(envelope_field_of(envelope_name((enum envelope_field)field)),
                         field);
    assert_int_equal(envelope_field_of(BYTES("user_id")), ENVELOPE_N_FIELDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_found),
        cmocka_unit_test(only_an_object_has_one),
        cmocka_unit_test(names_lead_to_their_fields),
    };

    return cmocka_run_group_tests_name("envelope", tests, NULL, NULL);
}
