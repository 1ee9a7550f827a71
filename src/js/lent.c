/* SPDX-License-Identifier: MIT */
#include "js/lent.h"

#include <stdio.h>
#include <sys/resource.h>

#include "base/base64.h"
#include "base/hex.h"
#include "js/absent.h"
#include "js/hashing.h"
#include "js/signing.h"
#include "packages_text.h"
#include "sys/clock.h"
#include "sys/rand.h"

enum {
    MAX_RANDOM_BYTES = 1 << 20,
    MAX_ARGUMENT_BYTES = 64 << 20,
    MAX_ANSWER_BYTES = 128 << 20,
    MAX_ARGUMENTS = 5,
};

/* A call's first arguments as bytes, and room for what it answers. */
struct lending {
    struct buf arguments[MAX_ARGUMENTS];
    struct buf answer;
};

static void begin(struct lending *lending, const struct engine_call *call, size_t n)
{
    for (size_t i = 0; i < MAX_ARGUMENTS; i++) {
        buf_init(&lending->arguments[i], MAX_ARGUMENT_BYTES);
        if (i < n)
            (void)engine_text(call, i, &lending->arguments[i]);
    }
    buf_init(&lending->answer, MAX_ANSWER_BYTES);
}

static struct bytes argument(const struct lending *lending, size_t index)
{
    return buf_bytes(&lending->arguments[index]);
}

static void end(struct lending *lending)
{
    for (size_t i = 0; i < MAX_ARGUMENTS; i++)
        buf_done(&lending->arguments[i]);
    buf_done(&lending->answer);
}

/* Bytes when @ok, else undefined. */
static void end_bytes(struct lending *lending, struct engine_call *call, bool ok)
{
    if (ok)
        engine_return_bytes(call, buf_bytes(&lending->answer));
    end(lending);
}

static void end_text(struct lending *lending, struct engine_call *call, bool ok)
{
    if (ok)
        engine_return_text(call, buf_bytes(&lending->answer));
    end(lending);
}

/* native.random(n): n bytes; undefined when it is no number up to 1 MiB */
static void lend_random(void *arg, struct engine_call *call)
{
    double wish = engine_number(call, 0);
    struct buf bytes;
    char *room;

    (void)arg;
    if (!(wish >= 0 && wish <= MAX_RANDOM_BYTES))
        return;
    buf_init(&bytes, MAX_RANDOM_BYTES + 1);
    room = buf_room(&bytes, (size_t)wish + 1);
    if (room != NULL) {
        rand_bytes(room, (size_t)wish);
        buf_grew(&bytes, (size_t)wish);
        engine_return_bytes(call, buf_bytes(&bytes));
    }
    buf_done(&bytes);
}

/* native.hash(digest, data, length or 0): bytes; undefined: no such digest */
static void lend_hash(void *arg, struct engine_call *call)
{
    double length = engine_number(call, 2);
    struct lending lending;
    bool ok;

    (void)arg;
    begin(&lending, call, 2);
    ok = length >= 0 && length <= MAX_RANDOM_BYTES &&
         hashing_digest(argument(&lending, 0), argument(&lending, 1), (size_t)length,
                        &lending.answer);
    end_bytes(&lending, call, ok);
}

/* native.hmac(digest, key, data): bytes; undefined: no such digest */
static void lend_hmac(void *arg, struct engine_call *call)
{
    struct lending lending;
    bool ok;

    (void)arg;
    begin(&lending, call, 3);
    ok = hashing_mac(argument(&lending, 0), argument(&lending, 1), argument(&lending, 2),
                     &lending.answer);
    end_bytes(&lending, call, ok);
}

/* native.pbkdf2(digest, password, salt, iterations, length): bytes or undefined */
static void lend_pbkdf2(void *arg, struct engine_call *call)
{
    struct lending lending;
    bool ok;

    (void)arg;
    begin(&lending, call, 3);
    ok = hashing_pbkdf2(&(struct hashing_pbkdf2){.digest = argument(&lending, 0),
                                                 .password = argument(&lending, 1),
                                                 .salt = argument(&lending, 2),
                                                 .iterations = engine_number(call, 3),
                                                 .length = engine_number(call, 4)},
                        &lending.answer);
    end_bytes(&lending, call, ok);
}

/* native.scrypt(password, salt, N, r, p, length, memory): bytes or undefined */
static void lend_scrypt(void *arg, struct engine_call *call)
{
    struct lending lending;
    bool ok;

    (void)arg;
    begin(&lending, call, 2);
    ok = hashing_scrypt(&(struct hashing_scrypt){.password = argument(&lending, 0),
                                                 .salt = argument(&lending, 1),
                                                 .cost = engine_number(call, 2),
                                                 .block_size = engine_number(call, 3),
                                                 .parallel = engine_number(call, 4),
                                                 .length = engine_number(call, 5),
                                                 .max_bytes = engine_number(call, 6)},
                        &lending.answer);
    end_bytes(&lending, call, ok);
}

/* native.same(a, b): are the bytes the same, without telling how far */
static void lend_same(void *arg, struct engine_call *call)
{
    struct lending lending;

    (void)arg;
    begin(&lending, call, 2);
    engine_return_bool(call, hashing_same(argument(&lending, 0), argument(&lending, 1)));
    end(&lending);
}

/* native.describeKey(key, passphrase, is private): "rsa 2048" …; ": why" when it is none
 */
static void lend_key(void *arg, struct engine_call *call)
{
    struct lending lending;

    (void)arg;
    begin(&lending, call, 2);
    (void)buf_add_text(&lending.answer, ": ");
    if (signing_describe(&(struct signing_key){.text = argument(&lending, 0),
                                               .passphrase = argument(&lending, 1),
                                               .is_private = engine_number(call, 2) != 0},
                         &lending.answer, &lending.answer))
        buf_drop_front(&lending.answer, 2);
    end_text(&lending, call, true);
}

/* Any number of a stranger's as an int. */
static int small_number(const struct engine_call *call, size_t index)
{
    double number = engine_number(call, index);

    return number >= INT16_MIN && number <= INT16_MAX ? (int)number : INT16_MAX;
}

static struct signing signing_of(const struct lending *lending,
                                 const struct engine_call *call, size_t first_number)
{
    return (struct signing){
        .digest = argument(lending, 0),
        .key = {.text = argument(lending, 2), .passphrase = argument(lending, 3)},
        .padding = (enum signing_padding)small_number(call, first_number),
        .salt_length = small_number(call, first_number + 1),
    };
}

/* native.sign(digest, data, key, passphrase, padding, salt length): bytes, or text: why
 */
static void lend_sign(void *arg, struct engine_call *call)
{
    struct lending lending;
    struct signing wish;
    struct buf why;

    (void)arg;
    begin(&lending, call, 4);
    buf_init(&why, SIGNING_MAX_BYTES);
    wish = signing_of(&lending, call, 4);
    wish.key.is_private = true;
    if (signing_sign(&wish, argument(&lending, 1), &lending.answer, &why))
        engine_return_bytes(call, buf_bytes(&lending.answer));
    else
        engine_return_text(call, buf_bytes(&why));
    buf_done(&why);
    end(&lending);
}

/* native.verify(digest, data, key, passphrase, signature, padding, salt length): a bool,
 * or text: why */
static void lend_verify(void *arg, struct engine_call *call)
{
    struct lending lending;
    struct signing wish;
    bool is_genuine = false;

    (void)arg;
    begin(&lending, call, 5);
    wish = signing_of(&lending, call, 5);
    if (signing_verify(&wish, argument(&lending, 1), argument(&lending, 4), &is_genuine,
                       &lending.answer))
        engine_return_bool(call, is_genuine);
    else
        engine_return_text(call, buf_bytes(&lending.answer));
    end(&lending);
}

/* native.hex(bytes): text */
static void lend_hex(void *arg, struct engine_call *call)
{
    struct lending lending;
    struct bytes bytes;
    char *room;

    (void)arg;
    begin(&lending, call, 1);
    bytes = argument(&lending, 0);
    room = buf_room(&lending.answer, 2 * bytes.len + 1);
    if (room != NULL) {
        hex_encode((const uint8_t *)bytes.ptr, bytes.len, room);
        buf_grew(&lending.answer, 2 * bytes.len);
    }
    end_text(&lending, call, true);
}

/* native.base64(bytes): text, padded */
static void lend_base64(void *arg, struct engine_call *call)
{
    struct lending lending;
    bool ok;

    (void)arg;
    begin(&lending, call, 1);
    ok = base64_encode(argument(&lending, 0), &lending.answer) == 0;
    end_text(&lending, call, ok);
}

/* native.package(name): what its script is, a function; undefined: no such package */
static void lend_package(void *arg, struct engine_call *call)
{
    struct lending lending;

    (void)arg;
    begin(&lending, call, 1);
    for (size_t i = 0; i < COUNT(packages); i++)
        if (bytes_eq(packages[i].name, argument(&lending, 0)))
            engine_return_script(call, packages[i].name, packages[i].script);
    end(&lending);
}

/* native.clock(): microseconds, as text; only differences mean something */
static void lend_clock(void *arg, struct engine_call *call)
{
    char text[32];

    (void)arg;
    (void)snprintf(text, sizeof(text), "%lld", (long long)clock_now_us());
    engine_return_text(call, bytes_str(text));
}

/* native.memory(): the most bytes that this process has held, as text */
static void lend_memory(void *arg, struct engine_call *call)
{
    struct rusage usage = {0};
    char text[32];

    (void)arg;
    (void)getrusage(RUSAGE_SELF, &usage);
    (void)snprintf(text, sizeof(text), "%lld", (long long)usage.ru_maxrss * 1024);
    engine_return_text(call, bytes_str(text));
}

/* native.absent(name, is it a module): what to use instead; undefined: nothing known */
static void lend_absent(void *arg, struct engine_call *call)
{
    struct lending lending;
    const char *instead;

    (void)arg;
    begin(&lending, call, 1);
    instead = engine_number(call, 1) != 0 ? absent_module(argument(&lending, 0))
                                          : absent_global(argument(&lending, 0));
    if (instead != NULL)
        engine_return_text(call, bytes_str(instead));
    end(&lending);
}

const struct engine_native lent_natives[] = {
    {"random", lend_random},   {"hash", lend_hash},
    {"hmac", lend_hmac},       {"pbkdf2", lend_pbkdf2},
    {"scrypt", lend_scrypt},   {"same", lend_same},
    {"describeKey", lend_key}, {"sign", lend_sign},
    {"verify", lend_verify},   {"hex", lend_hex},
    {"base64", lend_base64},   {"package", lend_package},
    {"absent", lend_absent},   {"clock", lend_clock},
    {"memory", lend_memory},   {NULL, NULL},
};

void lent_warm_up(void)
{
    hashing_warm_up();
}
