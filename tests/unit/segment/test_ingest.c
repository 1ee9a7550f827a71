/* SPDX-License-Identifier: MIT */

#include "segment/ingest.h"

#include "lib/cm.h"

#define USER "\"userId\":\"u\""

/* JSON in single quotes, so that it can be read. */
static const struct {
    const char *why;
    const char *text;
    enum event_kind path;
    enum ingest_verdict want;
    enum event_kind kind;
    const char *title;
} cases[] = {
    {"the path decides", "{'userId':'u','event':'E'}", EVENT_TRACK, INGEST_GOOD,
     EVENT_TRACK, "E"},
    {"the path decides against the event", "{'type':'page','userId':'u','event':'E'}",
     EVENT_TRACK, INGEST_GOOD, EVENT_TRACK, "E"},
    {"the event decides in a batch", "{'type':'Page','userId':'u','name':'Home'}",
     EVENT_NONE, INGEST_GOOD, EVENT_PAGE, "Home"},
    {"a type's key is folded too", "{'Type':'identify','userId':'u'}", EVENT_NONE,
     INGEST_GOOD, EVENT_IDENTIFY, "u"},
    {"a byte order mark", "\xef\xbb\xbf{'userId':'u'}", EVENT_IDENTIFY, INGEST_GOOD,
     EVENT_IDENTIFY, "u"},
    {"ids are numbers", "{'userId':7,'groupId':0}", EVENT_GROUP, INGEST_GOOD, EVENT_GROUP,
     "0"},
    {"an anonymousId is enough", "{'anonymousId':'a'}", EVENT_SCREEN, INGEST_GOOD,
     EVENT_SCREEN, "a"},
    {"null beside a good id", "{'userId':null,'anonymousId':'a'}", EVENT_IDENTIFY,
     INGEST_GOOD, EVENT_IDENTIFY, "a"},
    {"keys fold", "{'User ID':'u','previous_id':'p'}", EVENT_ALIAS, INGEST_GOOD,
     EVENT_ALIAS, "u"},
    {"null properties, name and category",
     "{'userId':'u','properties':null,'name':null,'category':null}", EVENT_PAGE,
     INGEST_GOOD, EVENT_PAGE, "u"},
    {"a track may have any name", "{'userId':'u','event':'E','name':7,'category':[]}",
     EVENT_TRACK, INGEST_GOOD, EVENT_TRACK, "E"},
    {"an identify may have any event", "{'userId':'u','event':{}}", EVENT_IDENTIFY,
     INGEST_GOOD, EVENT_IDENTIFY, "u"},
    {"of a key that comes twice the last counts", "{'userId':{},'userId':'v'}",
     EVENT_IDENTIFY, INGEST_GOOD, EVENT_IDENTIFY, "v"},

    {"no JSON", "{'userId':'u'", EVENT_IDENTIFY, INGEST_BAD_REQUEST, EVENT_IDENTIFY, ""},
    {"a list", "[{'userId':'u'}]", EVENT_IDENTIFY, INGEST_BAD_REQUEST, EVENT_IDENTIFY,
     ""},
    {"nothing", "", EVENT_NONE, INGEST_BAD_REQUEST, EVENT_NONE, ""},
    {"no type in a batch", "{'userId':'u'}", EVENT_NONE, INGEST_BAD_REQUEST, EVENT_NONE,
     "u"},
    {"another type", "{'type':'purchase','userId':'u'}", EVENT_NONE, INGEST_BAD_REQUEST,
     EVENT_NONE, "u"},
    {"a type that is no text", "{'type':7,'userId':'u'}", EVENT_NONE, INGEST_BAD_REQUEST,
     EVENT_NONE, "u"},
    {"delete is Segment's own", "{'type':'delete','userId':'u'}", EVENT_NONE,
     INGEST_BAD_REQUEST, EVENT_DELETE, "u"},
    {"a request is the store's own", "{'type':'request','userId':'u'}", EVENT_NONE,
     INGEST_BAD_REQUEST, EVENT_REQUEST, "u"},

    {"no id", "{'event':'E'}", EVENT_TRACK, INGEST_NO_USER_ANON_ID, EVENT_TRACK, "E"},
    {"empty ids", "{'userId':'','anonymousId':''}", EVENT_IDENTIFY,
     INGEST_NO_USER_ANON_ID, EVENT_IDENTIFY, ""},
    {"a group of nobody", "{'groupId':'g'}", EVENT_GROUP, INGEST_NO_USER_ANON_ID,
     EVENT_GROUP, "g"},
    {"a group without groupId", "{'userId':'u'}", EVENT_GROUP, INGEST_ID_REQUIRED,
     EVENT_GROUP, "u"},
    {"an alias without userId", "{'anonymousId':'a','previousId':'p'}", EVENT_ALIAS,
     INGEST_ID_REQUIRED, EVENT_ALIAS, "a"},
    {"an alias without previousId", "{'userId':'u'}", EVENT_ALIAS, INGEST_ID_REQUIRED,
     EVENT_ALIAS, "u"},
    {"an id is an object", "{'userId':{}}", EVENT_IDENTIFY, INGEST_ID_NOT_STRING,
     EVENT_IDENTIFY, ""},
    {"an id is true beside a good one", "{'userId':'u','anonymousId':true}",
     EVENT_IDENTIFY, INGEST_ID_NOT_STRING, EVENT_IDENTIFY, "u"},
    {"a groupId is a list", "{'userId':'u','groupId':['g']}", EVENT_GROUP,
     INGEST_ID_NOT_STRING, EVENT_GROUP, "u"},
    {"a previousId is false", "{'userId':'u','previousId':false}", EVENT_ALIAS,
     INGEST_ID_NOT_STRING, EVENT_ALIAS, "u"},

    {"no event", "{'userId':'u'}", EVENT_TRACK, INGEST_EVENT_NOT_DEFINED, EVENT_TRACK,
     "u"},
    {"an empty event", "{'userId':'u','event':''}", EVENT_TRACK, INGEST_EVENT_NOT_DEFINED,
     EVENT_TRACK, "u"},
    {"a null event", "{'userId':'u','event':null}", EVENT_TRACK, INGEST_EVENT_NOT_DEFINED,
     EVENT_TRACK, "u"},
    {"an event that is a number", "{'userId':'u','event':1}", EVENT_TRACK,
     INGEST_EVENT_NOT_STRING, EVENT_TRACK, "u"},
    {"properties are a list", "{'userId':'u','event':'E','properties':[]}", EVENT_TRACK,
     INGEST_PROPERTIES_NOT_OBJECT, EVENT_TRACK, "E"},
    {"traits are a text", "{'userId':'u','traits':'x'}", EVENT_IDENTIFY,
     INGEST_TRAITS_NOT_OBJECT, EVENT_IDENTIFY, "u"},
    {"a page's name is a number", "{'userId':'u','name':1}", EVENT_PAGE,
     INGEST_NAME_NOT_STRING, EVENT_PAGE, "1"},
    {"a screen's category is an object", "{'userId':'u','category':{}}", EVENT_SCREEN,
     INGEST_CATEGORY_NOT_STRING, EVENT_SCREEN, "u"},
};

static void quoted(const char *text, struct buf *ret_text)
{
    buf_clear(ret_text);
    for (; *text != '\0'; text++)
        (void)buf_add_char(ret_text, *text == '\'' ? '"' : *text);
}

/* What has been accepted as JSON may be read first; the verdict is the same. */
static void judge_read(struct bytes text, size_t i, struct buf *scratch)
{
    struct ingest_members members;
    struct ingest_event event = {.kind = EVENT_NONE};
    struct scan_span root;
    struct scan_fault fault;
    enum ingest_verdict got = INGEST_BAD_REQUEST;

    if (!scan_json(text, NULL, &root, &fault))
        return;
    if (ingest_read(text, &members))
        got = ingest_judge_read(&members, cases[i].path, scratch, &event);
    if (got != cases[i].want || !bytes_eq(event.title, bytes_str(cases[i].title)))
        fail_msg("%s: read first: got %s of %.*s, want %s of %s", cases[i].why,
                 ingest_verdict_text(got), BYTES_FMT(event.title),
                 ingest_verdict_text(cases[i].want), cases[i].title);
}

static void every_event_is_judged(void **state)
{
    struct buf scratch;
    struct buf text;

    (void)state;
    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    buf_init(&text, 1000);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ingest_event event;
        enum ingest_verdict got;

        quoted(cases[i].text, &text);
        got = ingest_judge(buf_bytes(&text), cases[i].path, &scratch, &event);
        if (got != cases[i].want)
            fail_msg("%s: got %s, want %s", cases[i].why, ingest_verdict_text(got),
                     ingest_verdict_text(cases[i].want));
        if (event.kind != cases[i].kind)
            fail_msg("%s: got kind %d, want %d", cases[i].why, (int)event.kind,
                     (int)cases[i].kind);
        if (!bytes_eq(event.title, bytes_str(cases[i].title)))
            fail_msg("%s: got title %.*s, want %s", cases[i].why, BYTES_FMT(event.title),
                     cases[i].title);
        judge_read(buf_bytes(&text), i, &scratch);
    }
    buf_done(&text);
    buf_done(&scratch);
}

static void the_judge_says_name_and_message_id(void **state)
{
    struct ingest_event event;
    struct buf scratch;

    (void)state;
    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    assert_int_equal(
        ingest_judge(BYTES("{" USER ",\"event\":\"\\u0045\",\"message_id\":\"m\"}"),
                     EVENT_TRACK, &scratch, &event),
        INGEST_GOOD);
    assert_true(bytes_eq(event.name, BYTES("E")));
    assert_true(bytes_eq(event.message_id, BYTES("m")));
    assert_true(bytes_eq(event.user_id, BYTES("u")));
    buf_done(&scratch);
}

static void an_id_beyond_scratch_is_refused(void **state)
{
    struct ingest_event event;
    struct buf scratch;

    (void)state;
    buf_init(&scratch, 4);
    assert_int_equal(ingest_judge(BYTES("{\"userId\":\"12345\\n\"}"), EVENT_IDENTIFY,
                                  &scratch, &event),
                     INGEST_BAD_REQUEST);
    buf_done(&scratch);
}

static void a_message_id_has_at_most_100_characters(void **state)
{
    static const struct {
        const char *why, *character;
        int n_characters;
        enum ingest_verdict want;
    } ids[] = {
        {"a hundred", "a", 100, INGEST_GOOD},
        {"one more", "a", 101, INGEST_TOO_LARGE},
        {"a hundred of four bytes each", "\xf0\x9f\x98\x80", 100, INGEST_GOOD},
        {"one more of these", "\xf0\x9f\x98\x80", 101, INGEST_TOO_LARGE},
        {"a hundred that are escaped", "\\u0041", 100, INGEST_GOOD},
    };
    struct ingest_event event;
    struct buf scratch, text;

    (void)state;
    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    buf_init(&text, 1000);
    for (size_t i = 0; i < COUNT(ids); i++) {
        enum ingest_verdict got;

        buf_clear(&text);
        buf_add_text(&text, "{" USER ",\"messageId\":\"");
        for (int n = 0; n < ids[i].n_characters; n++)
            buf_add_text(&text, ids[i].character);
        buf_add_text(&text, "\"}");
        got = ingest_judge(buf_bytes(&text), EVENT_IDENTIFY, &scratch, &event);
        if (got != ids[i].want)
            fail_msg("%s: got %s, want %s", ids[i].why, ingest_verdict_text(got),
                     ingest_verdict_text(ids[i].want));
    }
    buf_done(&text);
    buf_done(&scratch);
}

static void every_verdict_has_its_words(void **state)
{
    (void)state;
    for (int verdict = 0; verdict < INGEST_N_VERDICTS; verdict++) {
        const char *text = ingest_verdict_text((enum ingest_verdict)verdict);
        const char *remedy = ingest_verdict_remedy((enum ingest_verdict)verdict);

        assert_true(text != NULL && text[0] != '\0');
        assert_true(remedy != NULL && (remedy[0] == '\0') == (verdict == INGEST_GOOD));
    }
    assert_string_equal(ingest_verdict_text(INGEST_N_VERDICTS), "");
    assert_string_equal(ingest_verdict_remedy(INGEST_N_VERDICTS), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_is_judged),
        cmocka_unit_test(the_judge_says_name_and_message_id),
        cmocka_unit_test(an_id_beyond_scratch_is_refused),
        cmocka_unit_test(a_message_id_has_at_most_100_characters),
        cmocka_unit_test(every_verdict_has_its_words),
    };

    return cmocka_run_group_tests_name("ingest", tests, NULL, NULL);
}
