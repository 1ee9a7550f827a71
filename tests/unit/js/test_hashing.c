/* SPDX-License-Identifier: MIT */
#include "js/hashing.h"

#include "base/hex.h"
#include "lib/cm.h"

enum { ROOM_BYTES = 4096 };

static const char *hex_of(const struct buf *buf)
{
    static char text[2 * ROOM_BYTES + 1];

    hex_encode((const uint8_t *)buf_text(buf), buf->len, text);
    return text;
}

static const struct {
    const char *why;
    struct bytes name, data;
    size_t length;
    const char *want; /* NULL: refused */
} digests[] = {
    {"MD5 (RFC 1321)", BYTES("md5"), BYTES("abc"), 0, "900150983cd24fb0d6963f7d28e17f72"},
    {"SHA-1 (RFC 3174)", BYTES("sha1"), BYTES("abc"), 0,
     "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {"SHA-256 of nothing", BYTES("SHA256"), BYTES(""), 0,
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"a length that one may choose", BYTES("shake128"), BYTES(""), 4, "7f9c2ba4"},
    {"a length that one may not choose", BYTES("sha256"), BYTES(""), 4, NULL},
    {"no such digest", BYTES("sha0"), BYTES(""), 0, NULL},
    {"the empty name", BYTES(""), BYTES(""), 0, NULL},
    {"a name longer than any", BYTES("sha256sha256sha256sha256sha256sha256"), BYTES(""),
     0, NULL},
};

static void sums_up(void **state)
{
    struct buf sum;

    (void)state;
    buf_init(&sum, ROOM_BYTES);
    for (size_t i = 0; i < COUNT(digests); i++) {
        buf_clear(&sum);
        const bool ok =
            hashing_digest(digests[i].name, digests[i].data, digests[i].length, &sum);
        const char *got = ok ? hex_of(&sum) : "refused";
        const char *want = digests[i].want != NULL ? digests[i].want : "refused";

        if (strcmp(got, want) != 0)
            fail_msg("%s: got %s, want %s", digests[i].why, got, want);
    }
    buf_done(&sum);
}

static void makes_codes(void **state)
{
    struct buf sum;

    (void)state;
    buf_init(&sum, ROOM_BYTES);
    assert_true(hashing_mac(BYTES("sha256"), BYTES("Jefe"), /* RFC 4231, case 2 */
                            BYTES("what do ya want for nothing?"), &sum));
    assert_string_equal(
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", hex_of(&sum));
    buf_clear(&sum);
    assert_true(hashing_mac(BYTES("md5"), BYTES(""), BYTES(""), &sum));
    assert_string_equal("74e6f7298a9c2d168935f58c001bad88", hex_of(&sum));
    assert_false(hashing_mac(BYTES("shake128"), BYTES("k"), BYTES("d"), &sum));
    assert_false(hashing_mac(BYTES("none"), BYTES("k"), BYTES("d"), &sum));
    buf_done(&sum);
}

static void derives_keys(void **state)
{
    struct hashing_pbkdf2 slow = {.digest = BYTES("sha1"),
                                  .password = BYTES("password"),
                                  .salt = BYTES("salt"),
                                  .iterations = 2,
                                  .length = 20};
    struct hashing_scrypt hard = {
        .cost = 16, .block_size = 1, .parallel = 1, .length = 8, .max_bytes = 1 << 20};
    struct buf key;

    (void)state;
    buf_init(&key, ROOM_BYTES);
    assert_true(hashing_pbkdf2(&slow, &key)); /* RFC 6070 */
    assert_string_equal("ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957", hex_of(&key));
    buf_clear(&key);
    assert_true(hashing_scrypt(&hard, &key)); /* RFC 7914, its first bytes */
    assert_string_equal("77d6576238657b20", hex_of(&key));
    slow.iterations = 0;
    assert_false(hashing_pbkdf2(&slow, &key));
    slow.iterations = 1e300;
    assert_false(hashing_pbkdf2(&slow, &key));
    hard.cost = 15;
    assert_false(hashing_scrypt(&hard, &key));
    hard.cost = 1e12;
    assert_false(hashing_scrypt(&hard, &key));
    hard.cost = 16;
    hard.max_bytes = 64;
    assert_false(hashing_scrypt(&hard, &key));
    buf_done(&key);
}

static void compares(void **state)
{
    (void)state;
    assert_true(hashing_same(BYTES("a\0b"), BYTES("a\0b")));
    assert_false(hashing_same(BYTES("a\0b"), BYTES("a\0c")));
    assert_false(hashing_same(BYTES("a"), BYTES("ab")));
    assert_true(hashing_same(BYTES(""), BYTES("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_up),
        cmocka_unit_test(makes_codes),
        cmocka_unit_test(derives_keys),
        cmocka_unit_test(compares),
    };

    hashing_warm_up();
    return cmocka_run_group_tests_name("hashing", tests, NULL, NULL);
}
