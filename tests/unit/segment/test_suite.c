/* SPDX-License-Identifier: MIT */

#include "segment/suite.h"

#include "base/err.h"
#include "segment/event.h"
#include "json/json.h"

#include "lib/cm.h"

/* Copied by hand from the dossier, §3.10: members besides type and timestamp. */
static const struct {
    const char *why;
    const char *name, *event;
} cases[SUITE_EVENTS] = {
    {"the first", "Anonymous User Navigates to Homepage",
     "{\"anonymousId\":\"anonymous-1\",\"name\":\"Home\","
     "\"properties\":{\"url\":\"https://segment.com\"},"
     "\"timestamp\":\"2019-05-31T23:27:37Z\",\"type\":\"page\"}"},
    {"another page", "Anonymous User Navigates to Signup Page",
     "{\"anonymousId\":\"anonymous-1\",\"name\":\"Signup\","
     "\"properties\":{\"url\":\"https://segment.com/signup\"},"
     "\"timestamp\":\"2019-05-31T23:27:37Z\",\"type\":\"page\"}"},
    {"both ids appear", "Identify Anonymous User",
     "{\"anonymousId\":\"anonymous-1\",\"timestamp\":\"2019-05-31T23:27:37Z\","
     "\"traits\":{\"email\":\"calvinfo@segment.com\",\"first_name\":\"Calvin\","
     "\"last_name\":\"French-Owen\",\"phone\":\"555-555-5555\"},"
     "\"type\":\"identify\",\"userId\":\"identified-1\"}"},
    {"a lower-case word in the event's name", "User Signs Up",
     "{\"anonymousId\":\"anonymous-1\",\"event\":\"Signed up\","
     "\"properties\":{\"referrer\":\"paid\"},\"timestamp\":\"2019-05-31T23:27:37Z\","
     "\"type\":\"track\",\"userId\":\"identified-1\"}"},
    {"numbers, and a key with a space", "User is Grouped into myUsers",
     "{\"anonymousId\":\"anonymous-1\",\"groupId\":\"myUsers\","
     "\"timestamp\":\"2019-05-31T23:27:37Z\",\"traits\":{\"employees\":329,"
     "\"industry\":\"Technology\",\"name\":\"Initech\",\"plan\":\"enterprise\","
     "\"total billed\":830},\"type\":\"group\",\"userId\":\"identified-1\"}"},
    {"the sixth", "User enables an Integration",
     "{\"anonymousId\":\"anonymous-1\",\"event\":\"Integration Enabled\","
     "\"properties\":{\"name\":\"Google Analytics\"},"
     "\"timestamp\":\"2019-05-31T23:27:37Z\",\"type\":\"track\","
     "\"userId\":\"identified-1\"}"},
    {"the seventh", "User Invites a Teammate",
     "{\"anonymousId\":\"anonymous-1\",\"event\":\"Invited Teammate\","
     "\"properties\":{\"email\":\"calvins-teammate@segment.com\"},"
     "\"timestamp\":\"2019-05-31T23:27:37Z\",\"type\":\"track\","
     "\"userId\":\"identified-1\"}"},
    {"the last", "User Opens Mobile Application",
     "{\"anonymousId\":\"anonymous-1\",\"name\":\"Home\","
     "\"properties\":{\"variation\":\"blue signup button\"},"
     "\"timestamp\":\"2019-05-31T23:27:37Z\",\"type\":\"screen\","
     "\"userId\":\"identified-1\"}"},
};

static struct json *parse(struct bytes text)
{
    struct json *json = NULL;
    struct err err = {0};

    if (json_parse(text, &json, &err) < 0)
        fail_msg("%s", err.text);
    return json;
}

static void the_eight_events_are_segments(void **state)
{
    (void)state;
    for (size_t i = 0; i < SUITE_EVENTS; i++) {
        const struct suite_event suite = suite_event(i);
        cleanup(json_freep) struct json *fixture = parse(suite.fixture);
        cleanup(buf_done) struct buf event = {.max_bytes = 4096};

        json_print(json_get(fixture, "event"), /* indented= */ false, &event);
        if (strcmp(suite.name, cases[i].name) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, suite.name, cases[i].name);
        if (strcmp(buf_text(&event), cases[i].event) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&event),
                     cases[i].event);
        assert_string_equal(json_string(json_path(fixture, "settings.apiKey")).ptr,
                            "abcd1234");
        assert_string_equal(json_string(json_get(fixture, "version")).ptr, "1.0");
    }
}

static void the_extra_ones_are_what_the_suite_lacks(void **state)
{
    static const enum event_kind kinds[] = {EVENT_ALIAS, EVENT_DELETE};

    (void)state;
    for (size_t i = SUITE_EVENTS; i < SUITE_EVENTS_WITH_EXTRA; i++) {
        cleanup(json_freep) struct json *fixture = parse(suite_event(i).fixture);
        const struct bytes type = json_string(json_path(fixture, "event.type"));

        assert_int_equal(event_kind_parse(type), kinds[i - SUITE_EVENTS]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_eight_events_are_segments),
        cmocka_unit_test(the_extra_ones_are_what_the_suite_lacks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
