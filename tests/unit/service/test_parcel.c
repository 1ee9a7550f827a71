/* SPDX-License-Identifier: MIT */

#include "service/parcel.h"

#include <stdio.h>

#include "lib/cm.h"

#define SETTINGS "{\"apiKey\":\"secret\"}"

struct want {
    const char *payload;
    const char *name, *user, *anonymous, *group, *previous, *message, *whose;
    const char *why;
};

static const struct want wants[] = {
    {"{\"type\":\"track\",\"event\":\"Bought\",\"userId\":\"u1\",\"messageId\":\"m1\"}",
     "Bought", "u1", "", "", "", "m1", "u1", "all of it is in the payload"},
    {"{\"type\":\"track\",\"event\":\"\\u0042ought\",\"anonymousId\":\"a\\/1\"}",
     "Bought", "", "a/1", "", "", "", "a/1", "what was unescaped is in no payload"},
    {"{\"type\":\"group\",\"userId\":7,\"groupId\":\"\\ng\",\"messageId\":\"m\\t\"}", "",
     "7", "", "\ng", "", "m\t", "7", "both, one beside the other"},
    {"{\"type\":\"alias\",\"userId\":\"new\",\"previousId\":\"old\"}", "", "new", "", "",
     "old", "", "new", "an alias has a previous id"},
};

static void check(const struct want *want, const char *what, struct bytes got,
                  const char *wanted)
{
    if (!bytes_eq(got, bytes_str(wanted)))
        fail_msg("%s: got %s \"%.*s\", want \"%s\"", want->why, what, BYTES_FMT(got),
                 wanted);
}

/* What it was made of may go. */
static struct parcel *make(const struct want *want)
{
    cleanup(buf_done) struct buf scratch = {0};
    static char text[256];
    struct event event;
    struct parcel *parcel;

    snprintf(text, sizeof(text), "%s", want->payload);
    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    if (event_judge(bytes_str(text), &scratch, &event) != EVENT_GOOD)
        fail_msg("%s: %s", want->why, event.why);
    parcel = parcel_new(bytes_str(text), BYTES(SETTINGS), &event);
    memset(text, '?', strlen(text));
    if (scratch.len > 0)
        memset(scratch.ptr, '?', scratch.len);
    return parcel;
}

static void a_parcel_has_its_head_whatever_becomes_of_the_event(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(wants); i++) {
        const struct want *want = &wants[i];
        struct parcel *parcel = make(want);
        const struct event_head *head = &parcel->head;

        check(want, "payload", parcel->payload, want->payload);
        check(want, "settings", parcel->settings, SETTINGS);
        check(want, "name", head->name, want->name);
        check(want, "user", head->user_id, want->user);
        check(want, "anonymous id", head->anonymous_id, want->anonymous);
        check(want, "group", head->group_id, want->group);
        check(want, "previous id", head->previous_id, want->previous);
        check(want, "message id", head->message_id, want->message);
        check(want, "whose", parcel_user(parcel), want->whose);
        parcel_free(parcel);
    }
}

static void a_parcel_counts_what_it_holds(void **state)
{
    struct parcel *plain = make(&wants[0]);
    struct parcel *escaped = make(&wants[1]);

    (void)state;
    assert_int_equal(parcel_bytes(plain),
                     sizeof(*plain) + strlen(wants[0].payload) + strlen(SETTINGS));
    assert_int_equal(parcel_bytes(escaped), sizeof(*escaped) + strlen(wants[1].payload) +
                                                strlen(SETTINGS) + strlen("Boughta/1"));
    parcel_free(plain);
    parcel_free(escaped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parcel_has_its_head_whatever_becomes_of_the_event),
        cmocka_unit_test(a_parcel_counts_what_it_holds),
    };

    return cmocka_run_group_tests_name("parcel", tests, NULL, NULL);
}
