/* SPDX-License-Identifier: MIT */

#include "lambda/package/template.h"

#include "lib/cm.h"

static const struct template_wish usual = {
    .code_uri = {"out.zip", 7}, .timeout_s = 5, .memory_mb = 512};

static void expect_line(const struct template_wish *wish, const char *why,
                        const char *line)
{
    cleanup(buf_done) struct buf text = {.max_bytes = 64 << 10};

    template_write(wish, &text);
    assert_false(text.full);
    if (strstr(buf_text(&text), line) == NULL)
        fail_msg("%s: no line %s in\n%s", why, line, buf_text(&text));
}

static const struct {
    const char *why;
    const char *line;
} lines[] = {
    {"SAM's", "\nTransform: AWS::Serverless-2016-10-31\n"},
    {"the runtime", "\n      Runtime: provided.al2023\n"},
    {"the handler", "\n      Handler: bootstrap\n"},
    {"the code", "\n      CodeUri: \"out.zip\"\n"},
    {"the time limit", "\n      Timeout: 5\n"},
    {"the memory", "\n      MemorySize: 512\n"},
    {"Segment's account", "\n                - arn:aws:iam::595280932656:root\n"},
    {"Segment's role", "\n                - arn:aws:iam::595280932656:role/"
                       "customer-lambda-prod-destination-access\n"},
    {"who assumes", "\n            Action: sts:AssumeRole\n"},
    {"on which condition", "\n              StringEquals:\n                "
                           "sts:ExternalId:\n                  Ref: ExternalId\n"},
    {"what the role may", "\n                Action: lambda:InvokeFunction\n"},
    {"one ARN", "\n  LambdaARN:\n"},
    {"the other ARN", "\n  RoleARN:\n"},
    {"where", "us-west-2"},
};

static void it_has_what_segment_demands(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++)
        expect_line(&usual, lines[i].why, lines[i].line);
}

static void what_is_not_given_is_asked_for(void **state)
{
    cleanup(buf_done) struct buf text = {.max_bytes = 64 << 10};
    struct template_wish wish = usual;

    (void)state;
    template_write(&wish, &text);
    assert_null(strstr(buf_text(&text), "Default:"));
    assert_null(strstr(buf_text(&text), "FunctionName:"));
    wish.external_id = BYTES("workspace1");
    wish.function_name = BYTES("hello");
    expect_line(&wish, "the external id", "\n    Default: \"workspace1\"\n");
    expect_line(&wish, "the name", "\n      FunctionName: \"hello\"\n");
}

static const struct {
    const char *why;
    struct bytes given;
    const char *want;
} texts[] = {
    {"plain", {"a b", 3}, "\"a b\""},
    {"what YAML would take for a comment", {"a #b", 4}, "\"a #b\""},
    {"what it would take for a boolean", {"no", 2}, "\"no\""},
    {"quotes and backslashes", {"a\"\\b", 4}, "\"a\\U00000022\\U0000005cb\""},
    {"the end of a line", {"a\nb", 3}, "\"a\\U0000000ab\""},
    {"a NUL", {"a\0b", 3}, "\"a\\U00000000b\""},
    {"another alphabet", {"\xc3\xa9\xf0\x9f\x98\x80", 6}, "\"\xc3\xa9\xf0\x9f\x98\x80\""},
    {"a line end of Unicode", {"\xe2\x80\xa8", 3}, "\"\\U00002028\""},
    {"a control of Unicode", {"\xc2\x85", 2}, "\"\\U00000085\""},
    {"a byte order mark", {"\xef\xbb\xbf", 3}, "\"\\U0000feff\""},
    {"no character", {"\xef\xbf\xbf", 3}, "\"\\U0000ffff\""},
    {"broken UTF-8", {"a\xff", 2}, "\"a\xef\xbf\xbd\""},
};

static void every_text_stays_a_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        cleanup(buf_done) struct buf line = {.max_bytes = 1024};
        struct template_wish wish = usual;

        wish.code_uri = texts[i].given;
        buf_addf(&line, "\n      CodeUri: %s\n      Runtime:", texts[i].want);
        expect_line(&wish, texts[i].why, buf_text(&line));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_what_segment_demands),
        cmocka_unit_test(what_is_not_given_is_asked_for),
        cmocka_unit_test(every_text_stays_a_text),
    };

    return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
