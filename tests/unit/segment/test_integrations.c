/* SPDX-License-Identifier: MIT */

#include "segment/integrations.h"

#include "lib/cm.h"

#define WITH(integrations) "{\"type\":\"track\",\"integrations\":" integrations "}"

static const struct {
    const char *why;
    const char *event;
    const char *name;
    bool want;
} cases[] = {
    {"no integrations", "{\"type\":\"track\"}", "X", true},
    {"an empty object", WITH("{}"), "X", true},
    {"null, as deletes have it", WITH("null"), "X", true},
    {"an array, as deletes have it", WITH("[]"), "X", true},
    {"a text", WITH("\"none\""), "X", true},
    {"all", WITH("{\"All\":true}"), "X", true},
    {"none", WITH("{\"All\":false}"), "X", false},
    {"none, in lower case", WITH("{\"all\":false}"), "X", false},
    {"no other spelling of all", WITH("{\"ALL\":false}"), "X", true},
    {"All wins over all", WITH("{\"All\":true,\"all\":false}"), "X", true},
    {"wherever it stands", WITH("{\"all\":false,\"All\":true}"), "X", true},
    {"none but X", WITH("{\"All\":false,\"X\":true}"), "X", true},
    {"none but Y", WITH("{\"All\":false,\"Y\":true}"), "X", false},
    {"none but X, with options", WITH("{\"All\":false,\"X\":{}}"), "X", true},
    {"all but X", WITH("{\"All\":true,\"X\":false}"), "X", false},
    {"X is out, and nothing of all", WITH("{\"X\":false}"), "X", false},
    {"the documented default", WITH("{\"All\":true,\"Salesforce\":false}"), "Salesforce",
     false},
    {"case matters", WITH("{\"All\":false,\"x\":true}"), "X", false},
    {"a name with spaces and a dot", WITH("{\"Customer.io Two\":false}"),
     "Customer.io Two", false},
    {"part of a name with a dot", WITH("{\"Customer\":{\"io\":false}}"), "Customer.io",
     true},
    {"a function's name", WITH("{\"All\":false,\"My Function (My Workspace)\":true}"),
     "My Function (My Workspace)", true},
    {"a name with escapes", WITH("{\"\\u0058\\\"\":false}"), "X\"", false},
    {"a name of more than ASCII", WITH("{\"\xc3\x89\":false}"), "\xc3\x89", false},
    {"null is no", WITH("{\"X\":null}"), "X", false},
    {"an array is no", WITH("{\"X\":[1]}"), "X", false},
    {"a text is yes", WITH("{\"All\":false,\"X\":\"no\"}"), "X", true},
    {"an empty text is no", WITH("{\"X\":\"\"}"), "X", false},
    {"one is yes", WITH("{\"All\":0,\"X\":1}"), "X", true},
    {"zero is no", WITH("{\"X\":0}"), "X", false},
    {"minus zero is no", WITH("{\"X\":-0.0e5}"), "X", false},
    {"what rounds to zero is no", WITH("{\"X\":1e-999}"), "X", false},
    {"more than a double is yes", WITH("{\"All\":false,\"X\":1e999}"), "X", true},
    {"all as a number", WITH("{\"All\":0}"), "X", false},
    {"the last of two counts", WITH("{\"X\":true,\"X\":false}"), "X", false},
    {"the last integrations count",
     "{\"integrations\":{\"X\":true},\"integrations\":{\"X\":false}}", "X", false},
    {"only at the top", "{\"context\":{\"integrations\":{\"All\":false}}}", "X", true},
    {"X further down", WITH("{\"Y\":{\"X\":false}}"), "X", true},
    {"after a byte order mark", "\xef\xbb\xbf" WITH("{\"All\":false}"), "X", false},
    {"white space", WITH(" { \"All\" : false } "), "X", false},
};

static void the_object_decides(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool got =
            integrations_allow(bytes_str(cases[i].event), bytes_str(cases[i].name));

        if (got != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].why, got, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_object_decides),
    };

    return cmocka_run_group_tests_name("integrations", tests, NULL, NULL);
}
