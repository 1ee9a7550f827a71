/* SPDX-License-Identifier: MIT */

#include "segment/filter.h"

#include "json/json.h"
#include "json/scan.h"

#include "lib/cm.h"

/* JSON in single quotes, so that it can be read. */
static struct bytes quoted(const char *text, struct buf *ret_text)
{
    buf_clear(ret_text);
    for (; *text != '\0'; text++)
        (void)buf_add_char(ret_text, *text == '\'' ? '"' : *text);
    return buf_bytes(ret_text);
}

static struct json *parse(const char *text)
{
    struct json *json = NULL;
    struct buf buf;

    buf_init(&buf, 100000);
    if (json_parse(quoted(text, &buf), &json, NULL) < 0)
        fail_msg("%s is no JSON", text);
    buf_done(&buf);
    return json;
}

#define PERCENT "percent must be a number from 0 to 1"
#define FIELD "a field must be names with dots between them"
#define TYPE                                                                             \
    "an action's type must be drop_event, sample_event, whitelist_fields or "            \
    "blacklist_fields"

static const struct {
    const char *actions;
    const char *want;
} lists[] = {
    {"[]", ""},
    {"[{'type':'drop_event'}]", ""},
    {"[{'type':'sample_event','percent':0.25,'path':'userId'}]", ""},
    {"[{'type':'sample_event','percent':1,'path':''}]", ""},
    {"[{'type':'sample_event','percent':0,'path':null}]", ""},
    {"[{'type':'sample_event','percent':0}]", ""},
    {"[{'type':'whitelist_fields','fields':{'properties':{'fields':['a','b.c']}}}]", ""},
    {"[{'type':'blacklist_fields','fields':{'traits':{'fields':[]},'context':{'fields':"
     "['ip']}}}]",
     ""},
    {"[{'type':'blacklist_fields','fields':{}}]", ""},
    {"{}", "actions must be a list"},
    {"null", "actions must be a list"},
    {"[1]", "an action must be an object"},
    {"[{'type':'drop_event'},null]", "an action must be an object"},
    {"[{}]", TYPE},
    {"[{'type':'drop'}]", TYPE},
    {"[{'type':7}]", TYPE},
    {"[{'type':'sample_event'}]", PERCENT},
    {"[{'type':'sample_event','percent':'0.5'}]", PERCENT},
    {"[{'type':'sample_event','percent':1.01}]", PERCENT},
    {"[{'type':'sample_event','percent':-0.01}]", PERCENT},
    {"[{'type':'sample_event','percent':1e999}]", PERCENT},
    {"[{'type':'sample_event','percent':0.5,'path':7}]", "path must be a text"},
    {"[{'type':'sample_event','percent':0.5,'path':'a..b'}]",
     "path must be names with dots between them"},
    {"[{'type':'whitelist_fields'}]", "fields must be an object"},
    {"[{'type':'whitelist_fields','fields':[]}]", "fields must be an object"},
    {"[{'type':'whitelist_fields','fields':{'userId':{'fields':[]}}}]",
     "fields may have properties, traits and context only"},
    {"[{'type':'whitelist_fields','fields':{'traits':['a']}}]",
     "each of properties, traits and context must have a list of fields"},
    {"[{'type':'whitelist_fields','fields':{'traits':{'fields':[7]}}}]", FIELD},
    {"[{'type':'whitelist_fields','fields':{'traits':{'fields':['a','.b']}}}]", FIELD},
    {"[{'type':'whitelist_fields','fields':{'traits':{'fields':['']}}}]", FIELD},
};

static void lists_of_actions_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lists); i++) {
        struct json *actions = parse(lists[i].actions);
        const char *got = filter_check_actions(actions);

        if (strcmp(got, lists[i].want) != 0)
            fail_msg("%s: got \"%s\", want \"%s\"", lists[i].actions, got, lists[i].want);
        json_free(actions);
    }
    assert_string_equal(filter_check_actions(NULL), "actions must be a list");
}

/* @n times @item with commas between, in @before and @after. */
static const char *check_many(const char *before, const char *item, size_t n,
                              const char *after)
{
    struct json *actions;
    const char *why;
    struct buf text;

    buf_init(&text, 100000);
    (void)buf_add_text(&text, before);
    for (size_t i = 0; i < n; i++)
        (void)buf_addf(&text, "%s%s", i > 0 ? "," : "", item);
    (void)buf_add_text(&text, after);
    actions = parse(buf_text(&text));
    why = filter_check_actions(actions);
    json_free(actions);
    buf_done(&text);
    return why;
}

static void actions_and_fields_are_counted(void **state)
{
    static const char before[] =
        "[{'type':'blacklist_fields','fields':{'traits':{'fields':[";

    (void)state;
    assert_string_equal(check_many("[", "{'type':'drop_event'}", 16, "]"), "");
    assert_string_equal(check_many("[", "{'type':'drop_event'}", 17, "]"),
                        "there may be 16 actions at most");
    assert_string_equal(check_many(before, "'a'", 256, "]}}}]"), "");
    assert_string_equal(check_many(before, "'a'", 257, "]}}}]"),
                        "there may be 256 fields at most");
}

#define DROP(section, fields)                                                            \
    "{'type':'blacklist_fields','fields':{'" section "':{'fields':[" fields "]}}}"
#define KEEP(section, fields)                                                            \
    "{'type':'whitelist_fields','fields':{'" section "':{'fields':[" fields "]}}}"

static const struct {
    const char *why;
    const char *actions;
    const char *event;
    const char *want; /* NULL: dropped */
} cases[] = {
    {"nothing to do", "[]", " { 'a' : [ 1.50 , ' ' ] } ", "{'a':[1.50,' ']}"},
    {"nothing to do after a byte order mark", "[]", "\xef\xbb\xbf{}", "{}"},
    {"an event is an object", "[]", "[{'properties':{}}]", NULL},
    {"dropped", "[{'type':'drop_event'}]", "{}", NULL},
    {"dropped whatever comes before", "[" KEEP("traits", "'a'") ",{'type':'drop_event'}]",
     "{}", NULL},
    {"all are sampled", "[{'type':'sample_event','percent':1}]", "{}", "{}"},
    {"none is sampled", "[{'type':'sample_event','percent':0}]", "{}", NULL},
    {"none is sampled by a path", "[{'type':'sample_event','percent':0,'path':'a'}]",
     "{'a':1}", NULL},

    {"a field goes", "[" DROP("properties", "'a'") "]",
     "{'x':1,'properties':{'a':1,'b':2}}", "{'x':1,'properties':{'b':2}}"},
    {"fields go", "[" DROP("traits", "'a','c'") "]", "{'traits':{'a':1,'b':2,'c':3}}",
     "{'traits':{'b':2}}"},
    {"a field that is not there", "[" DROP("traits", "'z'") "]", "{'traits':{'a':1}}",
     "{'traits':{'a':1}}"},
    {"a field below goes", "[" DROP("context", "'page.url'") "]",
     "{'context':{'page':{'url':1,'path': 2},'url':3}}",
     "{'context':{'page':{'path':2},'url':3}}"},
    {"the last field leaves an object", "[" DROP("context", "'page.url'") "]",
     "{'context':{'page':{'url':1}}}", "{'context':{'page':{}}}"},
    {"an object goes whole", "[" DROP("context", "'page'") "]",
     "{'context':{'page':{'url':1}}}", "{'context':{}}"},
    {"a dotted name finds no number", "[" DROP("context", "'page.url'") "]",
     "{'context':{'page':7}}", "{'context':{'page':7}}"},
    {"a dotted name enters no list", "[" DROP("context", "'page.url'") "]",
     "{'context':{'page':[{'url':1}]}}", "{'context':{'page':[{'url':1}]}}"},
    {"a dot in a key", "[" DROP("properties", "'a\\\\.b'") "]",
     "{'properties':{'a.b':1,'a':{'b':2}}}", "{'properties':{'a':{'b':2}}}"},
    {"a key with escapes", "[" DROP("properties", "'a'") "]",
     "{'properties':{'\\u0061':1,'b':2}}", "{'properties':{'b':2}}"},
    {"a section with escapes", "[" DROP("properties", "'a'") "]",
     "{'propertie\\u0073':{'a':1}}", "{'propertie\\u0073':{}}"},
    {"both of a key that comes twice", "[" DROP("traits", "'a'") "]",
     "{'traits':{'a':1,'a':2,'b':3}}", "{'traits':{'b':3}}"},
    {"both of a section that comes twice", "[" DROP("traits", "'a'") "]",
     "{'traits':{'a':1},'traits':{'a':2}}", "{'traits':{},'traits':{}}"},
    {"names match exactly", "[" DROP("traits", "'A'") "]", "{'traits':{'a':1}}",
     "{'traits':{'a':1}}"},
    {"another section stays", "[" DROP("traits", "'a'") "]",
     "{'properties':{'a':1},'a':2}", "{'properties':{'a':1},'a':2}"},
    {"a section below another stays", "[" DROP("traits", "'a'") "]",
     "{'context':{'traits':{'a':1}}}", "{'context':{'traits':{'a':1}}}"},
    {"traits in the context", "[" DROP("context", "'traits.a'") "]",
     "{'context':{'traits':{'a':1}}}", "{'context':{'traits':{}}}"},
    {"a section that is no object stays", "[" DROP("traits", "'a'") "]",
     "{'traits':[ 1 ]}", "{'traits':[1]}"},
    {"names of other scripts", "[" DROP("traits", "'\xc3\xa9.\xe2\x82\xac'") "]",
     "{'traits':{'\\u00e9':{'\xe2\x82\xac':1}}}", "{'traits':{'\\u00e9':{}}}"},

    {"a field is kept", "[" KEEP("properties", "'a'") "]",
     "{'x':1,'properties':{'a': [ 1 ],'b':2}}", "{'x':1,'properties':{'a':[1]}}"},
    {"no field is kept", "[" KEEP("properties", "") "]", "{'properties':{'a':1}}",
     "{'properties':{}}"},
    {"a field below is kept", "[" KEEP("context", "'page.url','ip'") "]",
     "{'context':{'page':{'url':1,'path':2},'url':3,'ip':'4'}}",
     "{'context':{'page':{'url':1},'ip':'4'}}"},
    {"what leads to no object is not kept", "[" KEEP("context", "'page.url'") "]",
     "{'context':{'page':7}}", "{'context':{}}"},
    {"what leads on is kept though it ends empty", "[" KEEP("context", "'page.url'") "]",
     "{'context':{'page':{'x':1}}}", "{'context':{'page':{}}}"},
    {"the whole and a part of it", "[" KEEP("context", "'page.url','page'") "]",
     "{'context':{'page':{'x':1}}}", "{'context':{'page':{'x':1}}}"},
    {"a section that is not named stays", "[" KEEP("traits", "'a'") "]",
     "{'properties':{'b':1}}", "{'properties':{'b':1}}"},

    {"fields are dropped before others are kept",
     "[" KEEP("traits", "'a','b'") "," DROP("traits", "'a'") "]",
     "{'traits':{'a':1,'b':2,'c':3}}", "{'traits':{'b':2}}"},
    {"two of a kind, one after the other",
     "[" DROP("traits", "'a'") "," DROP("traits", "'b'") "," DROP("context", "'c'") "]",
     "{'traits':{'a':1,'b':2,'c':3},'context':{'c':1}}",
     "{'traits':{'c':3},'context':{}}"},
    {"two sections of one action",
     "[{'type':'whitelist_fields','fields':{'traits':{'fields':['a']},"
     "'properties':{'fields':['b']}}}]",
     "{'traits':{'a':1,'b':2},'properties':{'a':1,'b':2},'context':{'a':1}}",
     "{'traits':{'a':1},'properties':{'b':2},'context':{'a':1}}"},
};

static void actions_are_run(void **state)
{
    struct buf event;
    struct buf want;
    struct buf got;

    (void)state;
    buf_init(&event, 10000);
    buf_init(&want, 10000);
    buf_init(&got, 10000);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct json *actions = parse(cases[i].actions);
        enum filter_outcome outcome;

        assert_string_equal(filter_check_actions(actions), "");
        buf_clear(&got);
        outcome = filter_apply(actions, quoted(cases[i].event, &event), 0x80000000, &got);
        (void)quoted(cases[i].want != NULL ? cases[i].want : "", &want);
        if (outcome != (cases[i].want != NULL ? FILTER_KEPT : FILTER_DROPPED) ||
            strcmp(buf_text(&got), buf_text(&want)) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&got),
                     buf_text(&want));
        json_free(actions);
    }
    buf_done(&event);
    buf_done(&want);
    buf_done(&got);
}

static enum filter_outcome sample(const char *actions, struct bytes event,
                                  uint32_t random)
{
    struct json *json = parse(actions);
    enum filter_outcome outcome;
    struct buf got;

    buf_init(&got, 10000);
    outcome = filter_apply(json, event, random, &got);
    buf_done(&got);
    json_free(json);
    return outcome;
}

static void chance_decides_without_a_path(void **state)
{
    static const char quarter[] = "[{'type':'sample_event','percent':0.25}]";
    static const char by_user[] = "[{'type':'sample_event','percent':0.25,'path':'u'}]";

    (void)state;
    assert_int_equal(sample(quarter, BYTES("{}"), 0x3fffffff), FILTER_KEPT);
    assert_int_equal(sample(quarter, BYTES("{}"), 0x40000000), FILTER_DROPPED);
    assert_int_equal(
        sample("[{'type':'sample_event','percent':1}]", BYTES("{}"), UINT32_MAX),
        FILTER_KEPT);
    assert_int_equal(sample(by_user, BYTES("{}"), 0), FILTER_KEPT);
    assert_int_equal(sample(by_user, BYTES("{\"u\":null}"), UINT32_MAX), FILTER_DROPPED);
    assert_int_equal(sample(by_user, BYTES("{\"u\":null}"), 0), FILTER_KEPT);
}

static void one_user_stays_in_or_out(void **state)
{
    static const char quarter[] = "[{'type':'sample_event','percent':0.25,'path':'u'}]";
    size_t n_kept = 0;
    struct buf event;

    (void)state;
    buf_init(&event, 1000);
    for (int i = 0; i < 4000; i++) {
        enum filter_outcome as_text;

        buf_clear(&event);
        (void)buf_addf(&event, "{\"u\":\"%d\"}", i);
        as_text = sample(quarter, buf_bytes(&event), 0);
        assert_int_equal(sample(quarter, buf_bytes(&event), UINT32_MAX), as_text);
        buf_clear(&event);
        (void)buf_addf(&event, "{\"u\":%d}", i);
        assert_int_equal(sample(quarter, buf_bytes(&event), 0), as_text);
        n_kept += as_text == FILTER_KEPT;
    }
    assert_in_range(n_kept, 900, 1100);
    assert_int_equal(sample(quarter, BYTES("{\"u\":\"ab\"}"), 0),
                     sample(quarter, BYTES("{\"u\":\"\\u0061b\"}"), 0));
    buf_done(&event);
}

static void what_does_not_fit_is_dropped(void **state)
{
    struct json *none = parse("[]");
    struct json *drop = parse("[" DROP("traits", "'a'") "]");
    struct buf small;

    (void)state;
    buf_init(&small, 20);
    assert_int_equal(filter_apply(none, BYTES("{\"a\":\"012345678901234\"}"), 0, &small),
                     FILTER_DROPPED);
    buf_clear(&small);
    assert_int_equal(
        filter_apply(drop, BYTES("{\"traits\":{\"b\":\"0123456789\"}}"), 0, &small),
        FILTER_DROPPED);
    buf_clear(&small);
    assert_int_equal(
        filter_apply(drop, BYTES("{\"traits\":{\"a\":\"0123456789\"}}"), 0, &small),
        FILTER_KEPT);
    assert_string_equal(buf_text(&small), "{\"traits\":{}}");
    json_free(none);
    json_free(drop);
    buf_done(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_actions_are_checked),
        cmocka_unit_test(actions_and_fields_are_counted),
        cmocka_unit_test(actions_are_run),
        cmocka_unit_test(chance_decides_without_a_path),
        cmocka_unit_test(one_user_stays_in_or_out),
        cmocka_unit_test(what_does_not_fit_is_dropped),
    };

    return cmocka_run_group_tests_name("filter_action", tests, NULL, NULL);
}
