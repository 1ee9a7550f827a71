/* SPDX-License-Identifier: MIT */

#include "lambda/host/sts.h"

#include "lib/cm.h"

#define ROLE "arn:aws:iam::123456789012:role/path/segment"
#define FORM "Action=AssumeRole&Version=2011-06-15&RoleSessionName=1557967167869889276"
#define ASKED FORM "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2Fsegment"

enum { NOW_MS = 1000000 };

static uint8_t random_bytes[STS_RANDOM_BYTES];

static int ask(struct sts *sts, struct bytes form, struct buf *xml)
{
    /* Another number each time: keys differ. */
    random_bytes[0]++;
    buf_init(xml, STS_XML_BYTES);
    return sts_answer(sts, form, NOW_MS, random_bytes, "request-1", xml);
}

static const struct {
    const char *why;
    const char *role, *external_id; /* that are trusted */
    struct bytes form;
    int status;
    const char *has;
} rows[] = {
    {"anything goes where nothing was set", NULL, NULL, BYTES(ASKED), 200,
     "<Arn>arn:aws:sts::123456789012:assumed-role/segment/1557967167869889276</Arn>"},
    {"the expiry is an hour away", NULL, NULL, BYTES(ASKED), 200,
     "<Expiration>1970-01-01T01:16:40Z</Expiration>"},
    {"or what was asked for", NULL, NULL, BYTES(ASKED "&DurationSeconds=900"), 200,
     "<Expiration>1970-01-01T00:31:40Z</Expiration>"},
    {"the role that was set", ROLE, NULL, BYTES(ASKED), 200, "<AccessKeyId>ASIA"},
    {"and the external id", ROLE, "ws-1", BYTES(ASKED "&ExternalId=ws-1"), 200,
     "<AccessKeyId>ASIA"},
    {"another role", "arn:aws:iam::123456789012:role/other", NULL, BYTES(ASKED), 403,
     "is not authorized to perform: sts:AssumeRole on resource: " ROLE "<"},
    {"another external id", ROLE, "ws-1", BYTES(ASKED "&ExternalId=ws-2"), 403,
     "<Code>AccessDenied</Code>"},
    {"no external id", NULL, "ws-1", BYTES(ASKED), 403, "<Code>AccessDenied</Code>"},
    {"no role", NULL, NULL, BYTES(FORM), 400, "<Code>ValidationError</Code>"},
    {"no session", NULL, NULL, BYTES("Action=AssumeRole&RoleArn=" ROLE), 400,
     "roleSessionName"},
    {"a session that is markup", NULL, NULL,
     BYTES("Action=AssumeRole&RoleArn=" ROLE "&RoleSessionName=%3Cb%3E"), 400,
     "roleSessionName"},
    {"too short", NULL, NULL, BYTES(ASKED "&DurationSeconds=899"), 400,
     "durationSeconds"},
    {"too long", NULL, NULL, BYTES(ASKED "&DurationSeconds=43201"), 400,
     "durationSeconds"},
    {"no number", NULL, NULL, BYTES(ASKED "&DurationSeconds=x"), 400, "durationSeconds"},
    {"markup in a role", ROLE, NULL,
     BYTES(FORM "&RoleArn=arn:aws:iam::1:role/%3Cscript%3E"), 403, "&lt;script&gt;"},
    {"another action", NULL, NULL, BYTES("Action=GetCallerIdentity"), 400,
     "<Code>InvalidAction</Code>"},
    {"nothing", NULL, NULL, BYTES(""), 400, "<Code>InvalidAction</Code>"},
};

static void roles_are_assumed_as_aws_would(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sts sts = {.role = rows[i].role, .external_id = rows[i].external_id};
        cleanup(buf_done) struct buf xml = {0};
        const int status = ask(&sts, rows[i].form, &xml);

        if (status != rows[i].status || strstr(buf_text(&xml), rows[i].has) == NULL)
            fail_msg("%s: got %d %s, want %d with %s", rows[i].why, status,
                     buf_text(&xml), rows[i].status, rows[i].has);
        assert_true((sts.n_made == 1) == (status == 200));
    }
}

static void what_was_handed_out_is_known_again_until_it_expires(void **state)
{
    struct sts sts = {0};
    cleanup(buf_done) struct buf xml = {0};
    const struct sts_credentials *made = &sts.kept[0];
    const struct sts_credentials *found = NULL;
    struct bytes key_id, token;

    (void)state;
    assert_int_equal(200, ask(&sts, BYTES(ASKED), &xml));
    key_id = bytes_str(made->key_id);
    token = bytes_str(made->token);
    assert_int_equal(20, key_id.len);
    assert_int_equal(40, strlen(made->secret));
    assert_non_null(strstr(buf_text(&xml), made->secret));
    assert_int_equal(STS_GOOD, sts_find(&sts, key_id, token, NOW_MS + 3599999, &found));
    assert_ptr_equal(made, found);
    assert_int_equal(STS_EXPIRED,
                     sts_find(&sts, key_id, token, NOW_MS + 3600000, &found));
    assert_int_equal(STS_UNKNOWN, sts_find(&sts, key_id, BYTES(""), NOW_MS, &found));
    assert_int_equal(STS_UNKNOWN,
                     sts_find(&sts, key_id, bytes_slice(token, 0, 63), NOW_MS, &found));
    assert_int_equal(STS_UNKNOWN, sts_find(&sts, BYTES("ASIAX"), token, NOW_MS, &found));
    assert_int_equal(STS_UNKNOWN, sts_find(&sts, BYTES(""), BYTES(""), NOW_MS, &found));
}

static void the_oldest_go(void **state)
{
    struct sts sts = {0};
    const struct sts_credentials *found = NULL;
    struct sts_credentials first;

    (void)state;
    for (size_t i = 0; i <= STS_KEPT; i++) {
        cleanup(buf_done) struct buf xml = {0};

        random_bytes[1] = (uint8_t)(i / 32);
        assert_int_equal(200, ask(&sts, BYTES(ASKED), &xml));
        if (i == 0)
            first = sts.kept[0];
    }
    assert_int_equal(STS_UNKNOWN, sts_find(&sts, bytes_str(first.key_id),
                                           bytes_str(first.token), NOW_MS, &found));
    assert_int_equal(STS_GOOD, sts_find(&sts, bytes_str(sts.kept[0].key_id),
                                        bytes_str(sts.kept[0].token), NOW_MS, &found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_are_assumed_as_aws_would),
        cmocka_unit_test(what_was_handed_out_is_known_again_until_it_expires),
        cmocka_unit_test(the_oldest_go),
    };

    return cmocka_run_group_tests_name("sts", tests, NULL, NULL);
}
