/* SPDX-License-Identifier: MIT */

#include "segment/event.h"

#include "lib/cm.h"

#define USER "\"userId\":\"u1\""

static const struct {
    const char *why;
    const char *text;
    enum event_verdict want;
    const char *said; /* event.why */
} cases[] = {
    {"identify", "{\"type\":\"identify\"," USER "}", EVENT_GOOD, ""},
    {"identify of nobody known", "{\"type\":\"identify\",\"anonymousId\":\"a\"}",
     EVENT_GOOD, ""},
    {"track", "{\"type\":\"track\"," USER ",\"event\":\"Signed Up\"}", EVENT_GOOD, ""},
    {"a stored request is no event", "{\"type\":\"request\"," USER "}", EVENT_UNSUPPORTED,
     "request not supported"},
    {"page without name", "{\"type\":\"page\"," USER ",\"category\":null}", EVENT_GOOD,
     ""},
    {"screen", "{\"type\":\"screen\"," USER ",\"name\":\"Home\"}", EVENT_GOOD, ""},
    {"group", "{\"type\":\"group\"," USER ",\"groupId\":\"g\"}", EVENT_GOOD, ""},
    {"alias", "{\"type\":\"alias\"," USER ",\"previousId\":\"p\"}", EVENT_GOOD, ""},
    {"delete (a), the documented envelope",
     "{\"type\":\"delete\",\"channel\":\"server\",\"messageId\":\"delete-022bb90c-bbac\","
     "\"projectId\":\"abcd123\",\"userId\":\"5678\",\"context\":[],\"integrations\":[],"
     "\"receivedAt\":\"2019-02-19T23:58:54.387Z\"}",
     EVENT_GOOD, ""},
    {"delete (b), as seen alive",
     "{\"type\":\"delete\",\"userId\":\"u\",\"context\":null,\"integrations\":null,"
     "\"messageId\":\"delete-reg-6543321::job-2-P0OJ3CTID1\",\"originalTimestamp\":"
     "\"2020-05-09 23:54:49.209808489 +0000 UTC m=+70366.298768264\"}",
     EVENT_GOOD, ""},
    {"delete (c), the webhook sample",
     "{\"type\":\"delete\",\"userId\":\"019mr8mf4r\",\"timestamp\":"
     "\"2012-12-02T00:30:08.276Z\"}",
     EVENT_GOOD, ""},
    {"the alias sample with spaces in its keys",
     "{\"type\":\"alias\",\"User ID\":\"n\",\"Previous ID\":\"o\"}", EVENT_GOOD, ""},
    {"type in capitals", "{\"type\":\"TRACK\"," USER ",\"event\":\"x\"}", EVENT_GOOD, ""},
    {"ids that are numbers", "{\"type\":\"group\",\"userId\":7,\"groupId\":0}",
     EVENT_GOOD, ""},
    {"unknown members of any kind",
     "{\"type\":\"identify\"," USER ",\"email\":[{}],\"context\":7,\"version\":1.1}",
     EVENT_GOOD, ""},
    {"null properties", "{\"type\":\"page\"," USER ",\"properties\":null}", EVENT_GOOD,
     ""},
    {"a byte order mark", "\xef\xbb\xbf{\"type\":\"identify\"," USER "}", EVENT_GOOD, ""},
    {"one bad id beside a good one",
     "{\"type\":\"identify\",\"userId\":{},"
     "\"anonymousId\":\"a\"}",
     EVENT_GOOD, ""},

    {"no JSON", "type=track", EVENT_MALFORMED, "Malformed JSON"},
    {"nothing", "", EVENT_MALFORMED, "Malformed JSON"},
    {"an array", "[{\"type\":\"identify\"," USER "}]", EVENT_MALFORMED, "Malformed JSON"},
    {"a string", "\"track\"", EVENT_MALFORMED, "Malformed JSON"},
    {"JSON that breaks after the type", "{\"type\":\"identify\"," USER ",}",
     EVENT_MALFORMED, "Malformed JSON"},
    {"no type", "{" USER "}", EVENT_NO_TYPE, "Missing type"},
    {"type is empty", "{\"type\":\"\"," USER "}", EVENT_NO_TYPE, "Missing type"},
    {"type is null", "{\"type\":null," USER "}", EVENT_NO_TYPE, "Missing type"},
    {"type is a number", "{\"type\":1," USER "}", EVENT_NO_TYPE, "Missing type"},
    {"another type", "{\"type\":\"purchase\"," USER "}", EVENT_UNSUPPORTED,
     "purchase not supported"},
    {"type is unsupported before ids are missed", "{\"type\":\"batch\"}",
     EVENT_UNSUPPORTED, "batch not supported"},
    {"controls in a type are not shown",
     "{\"type\":\"a\\u0000\\n\\u001bb\xc2\x9b\xe2\x80\xae\x7f"
     "c\"}",
     EVENT_UNSUPPORTED, "abc not supported"},
    {"a type of nothing to show", "{\"type\":\"\\n\"}", EVENT_UNSUPPORTED,
     "Type not supported"},
    {"identify without id", "{\"type\":\"identify\"}", EVENT_INCOMPLETE,
     "Missing userId or anonymousId"},
    {"ids are empty", "{\"type\":\"identify\",\"userId\":\"\",\"anonymousId\":\"\"}",
     EVENT_INCOMPLETE, "Missing userId or anonymousId"},
    {"ids are null", "{\"type\":\"page\",\"userId\":null,\"anonymousId\":null}",
     EVENT_INCOMPLETE, "Missing userId or anonymousId"},
    {"ids are of a wrong kind", "{\"type\":\"page\",\"userId\":true,\"anonymousId\":[]}",
     EVENT_INCOMPLETE, "Missing userId or anonymousId"},
    {"track without event", "{\"type\":\"track\"," USER "}", EVENT_INCOMPLETE,
     "Missing event"},
    {"track with an empty event", "{\"type\":\"track\"," USER ",\"event\":\"\"}",
     EVENT_INCOMPLETE, "Missing event"},
    {"track with a number as event", "{\"type\":\"track\"," USER ",\"event\":5}",
     EVENT_INCOMPLETE, "Missing event"},
    {"group without groupId", "{\"type\":\"group\"," USER "}", EVENT_INCOMPLETE,
     "Missing groupId"},
    {"alias without userId",
     "{\"type\":\"alias\",\"anonymousId\":\"a\","
     "\"previousId\":\"p\"}",
     EVENT_INCOMPLETE, "Missing userId"},
    {"alias without previousId", "{\"type\":\"alias\"," USER "}", EVENT_INCOMPLETE,
     "Missing previousId"},
    {"delete without userId", "{\"type\":\"delete\",\"anonymousId\":\"a\"}",
     EVENT_INCOMPLETE, "Missing userId"},
    {"properties are a list", "{\"type\":\"page\"," USER ",\"properties\":[]}",
     EVENT_INCOMPLETE, "properties must be an object"},
    {"traits are text", "{\"type\":\"identify\"," USER ",\"traits\":\"x\"}",
     EVENT_INCOMPLETE, "traits must be an object"},
};

static void every_event_is_judged(void **state)
{
    struct buf scratch;

    (void)state;
    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct event event;
        enum event_verdict got = event_judge(bytes_str(cases[i].text), &scratch, &event);

        if (got != cases[i].want || strcmp(event.why, cases[i].said) != 0)
            fail_msg("%s: got %d %s, want %d %s", cases[i].why, (int)got, event.why,
                     (int)cases[i].want, cases[i].said);
    }
    buf_done(&scratch);
}

static const struct {
    const char *why;
    const char *members; /* after type, of a group event */
    const char *user_id;
    const char *group_id;
    bool is_folded;
} spellings[] = {
    {"exact", "\"userId\":\"u\",\"groupId\":\"g\"", "u", "g", false},
    {"snake", "\"user_id\":\"u\",\"GROUP_ID\":\"g\"", "u", "g", true},
    {"spaces and dashes", "\"User ID\":\"u\",\"group-id\":\"g\"", "u", "g", true},
    {"exact wins over an earlier folded",
     "\"user_id\":\"no\",\"userId\":\"u\","
     "\"groupId\":\"g\"",
     "u", "g", false},
    {"exact wins over a later folded",
     "\"userId\":\"u\",\"USERID\":\"no\","
     "\"groupId\":\"g\"",
     "u", "g", false},
    {"of folded the first", "\"user_id\":\"u\",\"USERID\":\"no\",\"groupId\":\"g\"", "u",
     "g", true},
    {"of exact the last", "\"userId\":\"no\",\"groupId\":\"g\",\"userId\":\"u\"", "u",
     "g", false},
    {"a key written with an escape", "\"user\\u0049d\":\"u\",\"groupId\":\"g\"", "u", "g",
     false},
    {"a folded key written with an escape", "\"user\\u0020ID\":\"u\",\"groupId\":\"g\"",
     "u", "g", true},
    {"numbers as their text", "\"userId\":1.50,\"groupId\":-7", "1.50", "-7", false},
    {"escaped ids", "\"userId\":\"\\u00e9\\n\",\"groupId\":\"\\/\\u0067\"", "\xc3\xa9\n",
     "/g", false},
    {"keys that only look alike",
     "\"userIds\":\"no\",\"userid2\":\"no\",\"userId\":\"u\","
     "\"groupId\":\"g\",\"user\xc3\xad"
     "d\":\"no\"",
     "u", "g", false},
};

static void keys_match_exactly_then_folded(void **state)
{
    struct buf scratch;
    struct buf text;

    (void)state;
    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    buf_init(&text, 1000);
    for (size_t i = 0; i < COUNT(spellings); i++) {
        struct event event;

        buf_clear(&text);
        assert_int_equal(buf_addf(&text, "{\"type\":\"group\",%s}", spellings[i].members),
                         0);
        if (event_judge(buf_bytes(&text), &scratch, &event) != EVENT_GOOD)
            fail_msg("%s: %s", spellings[i].why, event.why);
        if (!bytes_eq(event.user_id, bytes_str(spellings[i].user_id)) ||
            !bytes_eq(event.group_id, bytes_str(spellings[i].group_id)))
            fail_msg("%s: got %.*s and %.*s", spellings[i].why, BYTES_FMT(event.user_id),
                     BYTES_FMT(event.group_id));
        if (event.is_folded != spellings[i].is_folded)
            fail_msg("%s: is_folded is %d", spellings[i].why, event.is_folded);
    }
    buf_done(&scratch);
    buf_done(&text);
}

static void the_envelope_is_read(void **state)
{
    struct buf scratch;
    struct event event;

    (void)state;
    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    assert_int_equal(
        event_judge(BYTES("{\"type\":\"Track\",\"event\":\"A\\tB\",\"name\":\"no\","
                          "\"messageId\":\"m\",\"anonymousId\":\"a\"}"),
                    &scratch, &event),
        EVENT_GOOD);
    assert_int_equal(event.kind, EVENT_TRACK);
    assert_true(bytes_eq(event.type, BYTES("Track")));
    assert_true(bytes_eq(event.name, BYTES("A\tB")));
    assert_true(bytes_eq(event.message_id, BYTES("m")));
    assert_true(bytes_eq(event.anonymous_id, BYTES("a")));
    assert_int_equal(event.user_id.len, 0);
    assert_int_equal(
        event_judge(BYTES("{\"type\":\"page\",\"event\":\"no\",\"name\":\"N\""
                          ",\"userId\":\"u\",\"messageId\":12}"),
                    &scratch, &event),
        EVENT_GOOD);
    assert_true(bytes_eq(event.name, BYTES("N")));
    assert_true(bytes_eq(event.message_id, BYTES("12")));
    buf_done(&scratch);
}

static void escaped_ids_are_bounded_by_scratch(void **state)
{
    struct buf scratch;
    struct event event;

    (void)state;
    buf_init(&scratch, 8);
    assert_int_equal(
        event_judge(BYTES("{\"type\":\"identify\",\"userId\":\"\\n23456789\"}"), &scratch,
                    &event),
        EVENT_INCOMPLETE);
    assert_string_equal(event.why, "Identifier too long");
    assert_int_equal(event.kind, EVENT_IDENTIFY);
    assert_int_equal(
        event_judge(BYTES("{\"type\":\"identify\",\"userId\":\"\\n234567\"}"), &scratch,
                    &event),
        EVENT_GOOD);
    assert_int_equal(event_judge(BYTES("{\"type\":\"identify\",\"userId\":\"long but "
                                       "plain\"}"),
                                 &scratch, &event),
                     EVENT_GOOD);
    buf_done(&scratch);
}

/* Growing scratch must not move the ids that are already in it. */
static void many_long_escaped_ids_stay_whole(void **state)
{
    static const char *const keys[] = {"userId", "anonymousId", "groupId", "previousId"};
    struct buf scratch;
    struct buf text;
    struct event event;

    (void)state;
    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    buf_init(&text, 10000);
    (void)buf_add_text(&text, "{\"type\":\"\\u0067roup\"");
    for (size_t i = 0; i < COUNT(keys); i++)
        assert_int_equal(
            buf_addf(&text, ",\"%s\":\"\\n%0*zu\"", keys[i], 200 << i, i + 1), 0);
    (void)buf_add_char(&text, '}');
    assert_int_equal(event_judge(buf_bytes(&text), &scratch, &event), EVENT_GOOD);
    assert_true(bytes_eq(event.type, BYTES("group")));
    assert_int_equal(event.user_id.len, 201);
    assert_true(bytes_starts(event.user_id, BYTES("\n000")));
    assert_true(bytes_ends(event.user_id, BYTES("0001")));
    assert_true(bytes_ends(event.anonymous_id, BYTES("0002")));
    assert_true(bytes_ends(event.group_id, BYTES("0003")));
    assert_true(bytes_ends(event.previous_id, BYTES("0004")));
    buf_done(&scratch);
    buf_done(&text);
}

static void a_long_type_is_cut_at_a_character(void **state)
{
    struct buf scratch;
    struct buf text;
    struct event event;

    (void)state;
    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    buf_init(&text, 10000);
    (void)buf_add_text(&text, "{\"type\":\"x");
    for (int i = 0; i < 1000; i++)
        (void)buf_add_text(&text, "\xe2\x82\xac");
    (void)buf_add_text(&text, "\"}");
    assert_int_equal(event_judge(buf_bytes(&text), &scratch, &event), EVENT_UNSUPPORTED);
    assert_true(bytes_ends(bytes_str(event.why), BYTES("\xe2\x82\xac not supported")));
    buf_done(&scratch);
    buf_done(&text);
}

static void a_title_is_what_identifies_best(void **state)
{
    static const struct {
        const char *text;
        const char *want;
    } titles[] = {
        {"{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\"}", "E"},
        {"{\"type\":\"page\",\"userId\":\"u\",\"name\":\"Home\"}", "Home"},
        {"{\"type\":\"page\",\"userId\":\"u\"}", "u"},
        {"{\"type\":\"group\",\"userId\":\"u\",\"groupId\":\"g\"}", "g"},
        {"{\"type\":\"identify\",\"userId\":\"u\",\"anonymousId\":\"a\"}", "u"},
        {"{\"type\":\"identify\",\"anonymousId\":\"a\"}", "a"},
        {"{\"type\":\"delete\",\"userId\":\"u\"}", "u"},
    };
    struct buf scratch;

    (void)state;
    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    for (size_t i = 0; i < COUNT(titles); i++) {
        struct event event;

        assert_int_equal(event_judge(bytes_str(titles[i].text), &scratch, &event),
                         EVENT_GOOD);
        assert_true(bytes_eq(event_title(&event), bytes_str(titles[i].want)));
    }
    buf_done(&scratch);
}

static void what_a_source_got_is_good_in_the_store(void **state)
{
    struct buf scratch;
    struct event event;

    (void)state;
    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    assert_int_equal(event_judge_stored(BYTES("{\"type\":\"request\",\"body\":\"\"}"),
                                        &scratch, &event),
                     EVENT_GOOD);
    assert_int_equal(event.kind, EVENT_REQUEST);
    assert_int_equal(event_judge_stored(BYTES("{\"type\":\"other\"}"), &scratch, &event),
                     EVENT_UNSUPPORTED);
    buf_done(&scratch);
}

static void kinds_have_their_texts(void **state)
{
    (void)state;
    for (int kind = EVENT_IDENTIFY; kind < EVENT_N_KINDS; kind++)
        assert_int_equal(
            event_kind_parse(bytes_str(event_kind_text((enum event_kind)kind))), kind);
    assert_string_equal(event_kind_text(EVENT_NONE), "");
    assert_int_equal(event_kind_parse(BYTES("")), EVENT_NONE);
    assert_int_equal(event_kind_parse(BYTES("Delete")), EVENT_DELETE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_is_judged),
        cmocka_unit_test(keys_match_exactly_then_folded),
        cmocka_unit_test(the_envelope_is_read),
        cmocka_unit_test(escaped_ids_are_bounded_by_scratch),
        cmocka_unit_test(many_long_escaped_ids_stay_whole),
        cmocka_unit_test(a_long_type_is_cut_at_a_character),
        cmocka_unit_test(a_title_is_what_identifies_best),
        cmocka_unit_test(what_a_source_got_is_good_in_the_store),
        cmocka_unit_test(kinds_have_their_texts),
    };

    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
