/* SPDX-License-Identifier: MIT */

#include "segment/signature.h"

#include "base/digest.h"
#include "lib/cm.h"

/* printf '{"cool":true}' | openssl dgst -sha1 -hmac abc123 */
#define COOL "5099cab379b3be52908387457007040cc934ef86"
#define FIRST "c702b94a2569dd8d2f7185ce0ae951021bef4706"
#define WHOLE_ARRAY "685cf04ec172d3adcac0b8f25c923bb4d56ed1eb"
#define SPACED "fdec24bd763f47592cfa6aa439ad519c1d811475"
#define PURCHASE "fcd77893b8d5ec14eed96c1e6c903dd03f6028e2"
#define JOSE "d1e4ce7ce042aedf0230f94d212fff8bed3d7bf7"
#define DELETION "ced000525293abb31676139bd177053b069f1ae1"
#define CANONICAL "a6cd51ce8390d5fe8a50616406e3c1cb52894613"

#define TWO "[{\"cool\":false},{\"cool\":true}]"
#define BOUGHT                                                                           \
    "{\"type\":\"track\",\"userId\":\"019mr8mf4r\",\"event\":\"Purchased an Item\","     \
    "\"properties\":{\"revenue\":\"39.95\",\"shippingMethod\":\"2-day\"},"               \
    "\"timestamp\":\"2012-12-02T00:30:08.276Z\"}"
#define SNOW                                                                             \
    "{\"type\":\"identify\",\"userId\":\"5678\",\"traits\":{\"name\":\"Jos\xc3\xa9 "     \
    "\xe2\x98\x83\",\"n\":1}}"
#define GONE                                                                             \
    "{\"type\":\"delete\",\"userId\":\"019mr8mf4r\",\"timestamp\":\"2012-12-02T00:30:"   \
    "08."                                                                                \
    "276Z\"}"

static const struct {
    const char *why;
    const char *secret;
    const char *body;
    const char *header;
    enum signature_verdict want;
} cases[] = {
    {"an object", "abc123", "{\"cool\":true}", COOL, SIGNATURE_GENUINE},
    {"digits of upper case", "abc123", "{\"cool\":true}",
     "5099CAB379B3BE52908387457007040CC934EF86", SIGNATURE_GENUINE},
    {"space around the header", "abc123", "{\"cool\":true}", " " COOL "\t",
     SIGNATURE_GENUINE},
    {"an array by its first element", "abc123", TWO, FIRST, SIGNATURE_GENUINE},
    {"the rest of an array is not signed", "abc123", "[{\"cool\":false},7]", FIRST,
     SIGNATURE_GENUINE},
    {"never the whole array", "abc123", TWO, WHOLE_ARRAY, SIGNATURE_MISMATCH},
    {"never another element", "abc123", TWO, COOL, SIGNATURE_MISMATCH},
    {"an element is not its own array", "abc123", "{\"cool\":false}", FIRST,
     SIGNATURE_GENUINE},
    {"a purchase", "sharedsecretvalue", BOUGHT, PURCHASE, SIGNATURE_GENUINE},
    {"beyond ASCII", "s3cret", SNOW, JOSE, SIGNATURE_GENUINE},
    {"a deletion", "s3cret", GONE, DELETION, SIGNATURE_GENUINE},
    {"the canonical form of another spelling", "s3cret",
     "{\"b\":1.0,\"2\":\"x\",\"1\":\"y\",\"u\":\"\\u2028\\/\xc3\xa9\"}", CANONICAL,
     SIGNATURE_GENUINE},
    {"indented by a proxy", "abc123", "{\n  \"cool\" : true\n}\n", COOL,
     SIGNATURE_GENUINE},
    {"signed with its white space", "abc123", "{ \"cool\": true }", SPACED,
     SIGNATURE_GENUINE},
    {"an element signed with its white space", "abc123", "[{ \"cool\": true }]", SPACED,
     SIGNATURE_GENUINE},
    {"white space that was not signed", "abc123", "{\"cool\": true }", SPACED,
     SIGNATURE_MISMATCH},
    {"an indented array", "abc123", "[ { \"cool\" : false } ,\n {} ]", FIRST,
     SIGNATURE_GENUINE},
    {"with a byte order mark", "abc123", "\xef\xbb\xbf{\"cool\":true}", COOL,
     SIGNATURE_GENUINE},
    {"another secret", "abc124", "{\"cool\":true}", COOL, SIGNATURE_MISMATCH},
    {"another body", "abc123", "{\"cool\":1}", COOL, SIGNATURE_MISMATCH},
    {"one digit off", "abc123", "{\"cool\":true}",
     "5099cab379b3be52908387457007040cc934ef87", SIGNATURE_MISMATCH},
    {"an empty array", "abc123", "[]", COOL, SIGNATURE_UNSIGNABLE},
    {"an empty array with space", "abc123", " [ ] ", COOL, SIGNATURE_UNSIGNABLE},
    {"not JSON", "abc123", "cool=true", COOL, SIGNATURE_UNSIGNABLE},
    {"not JSON after the first element", "abc123", "[{\"cool\":false},]", FIRST,
     SIGNATURE_UNSIGNABLE},
    {"an empty body", "abc123", "", COOL, SIGNATURE_UNSIGNABLE},
    {"no header", "abc123", "{\"cool\":true}", "", SIGNATURE_MALFORMED},
    {"a digit short", "abc123", "{\"cool\":true}",
     "5099cab379b3be52908387457007040cc934ef8", SIGNATURE_MALFORMED},
    {"a prefix", "abc123", "{\"cool\":true}", "sha1=" COOL, SIGNATURE_MALFORMED},
    {"no hexadecimal", "abc123", "{\"cool\":true}",
     "5099cab379b3be52908387457007040cc934ef8g", SIGNATURE_MALFORMED},
};

static void every_case_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct hmac_sha1 *secret = hmac_sha1_new(bytes_str(cases[i].secret));
        enum signature_verdict got = signature_verify(bytes_str(cases[i].header),
                                                      bytes_str(cases[i].body), secret);

        if (got != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].why, (int)got, (int)cases[i].want);
        hmac_sha1_free(secret);
    }
}

static void signing_is_as_segment_does(void **state)
{
    static const struct {
        const char *body;
        const char *want; /* NULL: cannot be signed */
    } bodies[] = {
        {"{\"cool\":true}", COOL},
        {TWO, FIRST},
        {"[ {\"cool\":false} ]", FIRST},
        {"[]", NULL},
        {"", NULL},
        {"{\"cool\":}", NULL},
    };
    struct hmac_sha1 *secret = hmac_sha1_new(BYTES("abc123"));

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        char hex[41] = "";
        bool ok = signature_sign(bytes_str(bodies[i].body), secret, hex);

        if (ok != (bodies[i].want != NULL) || (ok && strcmp(hex, bodies[i].want) != 0))
            fail_msg("%s: got %s", bodies[i].body, hex);
    }
    hmac_sha1_free(secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_is_judged),
        cmocka_unit_test(signing_is_as_segment_does),
    };

    return cmocka_run_group_tests_name("signature", tests, NULL, NULL);
}
