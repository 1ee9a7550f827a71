/* SPDX-License-Identifier: MIT */

#include "core/oauth.h"

#include <stdio.h>

#include "base/form.h"
#include "lib/cm.h"

#define STATE "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN-_0"
#define CODE "YL8a0w-Boz1EgZgmD2ELZvsxakjqSMwO8xe7tV-ToSk.nKaLX2QHocqalHR3O4BdoYdcopk3"

static void random_texts_are_what_urls_take(void **state)
{
    uint8_t random[32];
    char text[OAUTH_STATE_LEN + 1];

    (void)state;
    memset(random, 0xff, sizeof(random));
    oauth_random_text(random, text);
    assert_string_equal(text, "__________________________________________8");
    assert_int_equal(strlen(text), OAUTH_VERIFIER_LEN);
}

static struct oauth_request request(void)
{
    return (struct oauth_request){
        .id_url = BYTES("https://id.segmentapis.com"),
        .client_id = BYTES("d1ce4e85"),
        .redirect_uri = BYTES("http://localhost:8888/auth/segment/callback"),
        .scope = BYTES("destination/clearbrain"),
        .state = BYTES(STATE),
    };
}

static void five_parameters_go_in_the_reference_clients_order(void **state)
{
    struct oauth_request asked = request();
    struct buf url;

    (void)state;
    buf_init(&url, 4096);
    assert_int_equal(oauth_authorize_url(&asked, &url), 0);
    assert_string_equal(
        buf_text(&url),
        "https://id.segmentapis.com/oauth2/auth?client_id=d1ce4e85&redirect_uri="
        "http%3A%2F%2Flocalhost%3A8888%2Fauth%2Fsegment%2Fcallback&scope="
        "destination%2Fclearbrain&response_type=code&state=" STATE);
    buf_done(&url);
}

static void a_verifier_sends_its_hash_and_never_itself(void **state)
{
    struct oauth_request asked = request();
    struct buf url;

    (void)state;
    buf_init(&url, 4096);
    asked.verifier = BYTES("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_int_equal(oauth_authorize_url(&asked, &url), 0);
    assert_true(
        bytes_ends(buf_bytes(&url),
                   BYTES("&state=" STATE
                         "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
                         "&code_challenge_method=S256")));
    assert_int_equal(bytes_find(buf_bytes(&url), asked.verifier), url.len);
    buf_done(&url);
}

static void a_url_that_does_not_fit_is_said(void **state)
{
    static char long_text[8000];
    struct oauth_request asked = request();
    struct buf url;

    (void)state;
    buf_init(&url, 100);
    assert_int_equal(oauth_authorize_url(&asked, &url), BUF_FULL);
    assert_int_equal(url.len, 0);
    buf_done(&url);
    buf_init(&url, 1 << 20);
    memset(long_text, ' ', sizeof(long_text));
    asked.scope = bytes_of(long_text, sizeof(long_text));
    assert_int_equal(oauth_authorize_url(&asked, &url), BUF_FULL);
    assert_int_equal(url.len, 0);
    buf_done(&url);
}

#define S "&state=" STATE

static const struct {
    const char *why;
    const char *query;
    enum oauth_callback_verdict want;
    enum oauth_refusal refusal;
} callbacks[] = {
    {"the usual one", "code=" CODE "&scope=destination%2Fclearbrain" S,
     OAUTH_CALLBACK_CODE, OAUTH_REFUSAL_NONE},
    {"in another order", "state=" STATE "&code=" CODE, OAUTH_CALLBACK_CODE,
     OAUTH_REFUSAL_NONE},
    {"names and values may be encoded", "%63ode=%61b&st%61te=" STATE, OAUTH_CALLBACK_CODE,
     OAUTH_REFUSAL_NONE},
    {"what is not known is passed over", "code=a&x=1&x=2&=&&utm=%00" S,
     OAUTH_CALLBACK_CODE, OAUTH_REFUSAL_NONE},
    {"with an issuer", "code=a&iss=https%3A%2F%2Fid.segmentapis.com" S,
     OAUTH_CALLBACK_CODE, OAUTH_REFUSAL_NONE},
    {"nothing", "", OAUTH_CALLBACK_MALFORMED, OAUTH_REFUSAL_NONE},
    {"no state", "code=a", OAUTH_CALLBACK_MALFORMED, OAUTH_REFUSAL_NONE},
    {"an empty state", "code=a&state=", OAUTH_CALLBACK_MALFORMED, OAUTH_REFUSAL_NONE},
    {"a state that we never make", "code=a&state=123", OAUTH_CALLBACK_MALFORMED,
     OAUTH_REFUSAL_NONE},
    {"a longer state", "code=a" S "a", OAUTH_CALLBACK_MALFORMED, OAUTH_REFUSAL_NONE},
    {"a state with another letter",
     "code=a&state=.bcdefghijklmnopqrstuvwxyzABCDEFGHIJ"
     "KLMN-_0",
     OAUTH_CALLBACK_MALFORMED, OAUTH_REFUSAL_NONE},
    {"neither code nor error", "x=1" S, OAUTH_CALLBACK_MALFORMED, OAUTH_REFUSAL_NONE},
    {"both code and error", "code=a&error=access_denied" S, OAUTH_CALLBACK_MALFORMED,
     OAUTH_REFUSAL_NONE},
    {"an empty code", "code=" S, OAUTH_CALLBACK_MALFORMED, OAUTH_REFUSAL_NONE},
    {"two codes", "code=a&code=a" S, OAUTH_CALLBACK_MALFORMED, OAUTH_REFUSAL_NONE},
    {"two codes, one in disguise", "code=a&c%6Fde=b" S, OAUTH_CALLBACK_MALFORMED,
     OAUTH_REFUSAL_NONE},
    {"two states", "code=a" S S, OAUTH_CALLBACK_MALFORMED, OAUTH_REFUSAL_NONE},
    {"two descriptions", "error=access_denied&error_description=a&error_description=b" S,
     OAUTH_CALLBACK_MALFORMED, OAUTH_REFUSAL_NONE},
    {"a token that nobody asked for", "code=a&access_token=t" S, OAUTH_CALLBACK_MALFORMED,
     OAUTH_REFUSAL_NONE},
    {"a fragment", "code=a" S "&x=1#access_token=t", OAUTH_CALLBACK_MALFORMED,
     OAUTH_REFUSAL_NONE},
    {"an empty issuer", "code=a&iss=" S, OAUTH_CALLBACK_MALFORMED, OAUTH_REFUSAL_NONE},
    {"names are lower case", "CODE=a" S, OAUTH_CALLBACK_MALFORMED, OAUTH_REFUSAL_NONE},
    {"declined", "error=access_denied&error_description=no&error_hint=h" S,
     OAUTH_CALLBACK_REFUSED, OAUTH_ACCESS_DENIED},
    {"another scope", "error=invalid_scope" S, OAUTH_CALLBACK_REFUSED,
     OAUTH_INVALID_SCOPE},
    {"a second install",
     "error=invalid_request&error_description=The+install+already+exists." S,
     OAUTH_CALLBACK_REFUSED, OAUTH_INSTALLED_ALREADY},
    {"a second install, spaces otherwise, as a hint",
     "error=invalid_request&error_hint=install%20already%20exists" S,
     OAUTH_CALLBACK_REFUSED, OAUTH_INSTALLED_ALREADY},
    {"a second install by any other code",
     "error=conflict&error_description=install+already+exists" S, OAUTH_CALLBACK_REFUSED,
     OAUTH_INSTALLED_ALREADY},
    {"its text is not a code", "error=install+already+exists" S, OAUTH_CALLBACK_MALFORMED,
     OAUTH_REFUSAL_NONE},
    {"invalid_request", "error=invalid_request" S, OAUTH_CALLBACK_REFUSED,
     OAUTH_INVALID_REQUEST},
    {"unauthorized_client", "error=unauthorized_client" S, OAUTH_CALLBACK_REFUSED,
     OAUTH_UNAUTHORIZED_CLIENT},
    {"another response type", "error=unsupported_response_type" S, OAUTH_CALLBACK_REFUSED,
     OAUTH_UNSUPPORTED_RESPONSE_TYPE},
    {"an accident", "error=server_error" S, OAUTH_CALLBACK_REFUSED, OAUTH_SERVER_ERROR},
    {"later", "error=temporarily_unavailable" S, OAUTH_CALLBACK_REFUSED,
     OAUTH_TEMPORARILY_UNAVAILABLE},
    {"no code of anybody's", "error=%3Cscript%3Ealert(1)%3C/script%3E" S,
     OAUTH_CALLBACK_REFUSED, OAUTH_OTHER_REFUSAL},
    {"an empty error", "error=" S, OAUTH_CALLBACK_MALFORMED, OAUTH_REFUSAL_NONE},
    {"an error without a state", "error=access_denied", OAUTH_CALLBACK_MALFORMED,
     OAUTH_REFUSAL_NONE},
    {"Fosite's empty state", "error=invalid_scope&state=", OAUTH_CALLBACK_MALFORMED,
     OAUTH_REFUSAL_NONE},
};

static void every_callback_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(callbacks); i++) {
        struct oauth_callback callback;
        enum oauth_callback_verdict got;
        struct buf scratch;

        buf_init(&scratch, 8192);
        got = oauth_callback_read(bytes_str(callbacks[i].query), &scratch, &callback);
        if (got != callbacks[i].want || callback.refusal != callbacks[i].refusal)
            fail_msg("%s: got %d, refusal %d; want %d, %d", callbacks[i].why, (int)got,
                     (int)callback.refusal, (int)callbacks[i].want,
                     (int)callbacks[i].refusal);
        if (got != OAUTH_CALLBACK_MALFORMED &&
            !bytes_eq(callback.state, bytes_str(STATE)))
            fail_msg("%s: the state is %.*s", callbacks[i].why,
                     BYTES_FMT(callback.state));
        buf_done(&scratch);
    }
}

static void what_was_sent_comes_out_decoded(void **state)
{
    struct oauth_callback callback;
    struct buf scratch;

    (void)state;
    buf_init(&scratch, 8192);
    assert_int_equal(oauth_callback_read(BYTES("state=" STATE "&code=a%2Fb%2Bc&iss=x"),
                                         &scratch, &callback),
                     OAUTH_CALLBACK_CODE);
    assert_true(bytes_eq(callback.code, BYTES("a/b+c")));
    assert_true(bytes_eq(callback.issuer, BYTES("x")));
    assert_int_equal(callback.description.len, 0);
    buf_done(&scratch);
}

/* 300 hostile ones: what is poisoned × how × where. None may be taken, none may make a
 * text longer than its bound. */
static const struct {
    const char *why;
    const char *bytes;
    size_t len;
} poisons[] = {
#define POISON(why, text)                                                                \
    {                                                                                    \
        why, text, sizeof(text) - 1                                                      \
    }
    POISON("a NUL", "a\0b"),
    POISON("a line break", "a\r\nSet-Cookie: x=1"),
    POISON("a tab", "a\tb"),
    POISON("an escape", "\x1b[2J"),
    POISON("a DEL", "a\x7f"),
    POISON("half a character", "a\xc3"),
    POISON("no UTF-8 at all", "\xff\xfe"),
    POISON("an overlong slash", "\xc0\xaf"),
    POISON("a surrogate", "\xed\xa0\x80"),
    POISON("text from right to left", "\xe2\x80\xae"),
    POISON("a space", "a b"),
    POISON("a space in front", " a"),
    POISON("a wide letter", "\xef\xbd\x81"),
    POISON("a letter with an accent", "\xc3\xa9"),
    POISON("an umlaut in Latin-1", "\xe4"),
#undef POISON
};
static const char *const poisoned[] = {"code", "error", "state", "iss"};

enum how { HOW_ENCODED = 0, HOW_RAW, HOW_LOWER, HOW_TWICE_NAMED, HOW_HUGE, N_HOW };

static void add_lower_hex(struct buf *query, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        (void)buf_addf(query, "%%%02x", (unsigned)(uint8_t)text.ptr[i]);
}

static void add_poison(struct buf *query, const char *name, struct bytes poison,
                       enum how how)
{
    static const char filling[] = "xxxxxxxxxxxxxxxx";

    (void)buf_addf(query, "&%s=", name);
    for (int i = 0; how == HOW_HUGE && i < 64; i++)
        (void)buf_add_text(query, filling);
    if (how == HOW_RAW)
        (void)buf_add(query, poison);
    else if (how == HOW_LOWER)
        add_lower_hex(query, poison);
    else
        (void)form_encode(poison, FORM_SPACE_PLUS, query);
    if (how == HOW_TWICE_NAMED)
        (void)buf_addf(query, "&%s=a", name);
}

static void build(struct buf *query, const char *name, struct bytes poison, enum how how)
{
    const bool is_error = strcmp(name, "error") == 0;

    buf_clear(query);
    if (strcmp(name, "state") != 0)
        (void)buf_add_text(query, "state=" STATE);
    if (strcmp(name, "code") != 0 && !is_error)
        (void)buf_add_text(query, "&code=a");
    add_poison(query, name, poison, how);
}

static void three_hundred_hostile_callbacks_give_nothing(void **state)
{
    int n = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(poisons) * COUNT(poisoned) * N_HOW; i++) {
        const size_t at = i / (COUNT(poisoned) * N_HOW);
        const char *name = poisoned[i / N_HOW % COUNT(poisoned)];
        struct oauth_callback callback;
        enum oauth_callback_verdict got;
        struct buf query;
        struct buf scratch;

        buf_init(&query, 20000);
        buf_init(&scratch, 8192);
        build(&query, name, bytes_of(poisons[at].bytes, poisons[at].len),
              (enum how)(i % N_HOW));
        got = oauth_callback_read(buf_bytes(&query), &scratch, &callback);
        if (got != OAUTH_CALLBACK_MALFORMED || callback.code.len > 0 ||
            callback.state.len > 0)
            fail_msg("%s in %s, %d: got %d", poisons[at].why, name, (int)(i % N_HOW),
                     (int)got);
        buf_done(&query);
        buf_done(&scratch);
        n++;
    }
    assert_int_equal(n, 300);
}

static void a_description_is_cut_between_two_characters(void **state)
{
    struct oauth_callback callback;
    struct buf query;
    struct buf scratch;

    (void)state;
    buf_init(&query, 8192);
    buf_init(&scratch, 8192);
    buf_add_text(&query, "error=access_denied" S "&error_description=a");
    for (int i = 0; i < 300; i++)
        buf_add_text(&query, "%C3%A9");
    buf_add_text(&query, "install+already+exists");
    assert_int_equal(oauth_callback_read(buf_bytes(&query), &scratch, &callback),
                     OAUTH_CALLBACK_REFUSED);
    assert_int_equal(callback.refusal, OAUTH_INSTALLED_ALREADY);
    assert_int_equal(callback.description.len, 199);
    buf_done(&query);
    buf_done(&scratch);
}

static void what_is_too_long_or_finds_no_room_is_malformed(void **state)
{
    struct oauth_callback callback;
    struct buf query;
    struct buf scratch;

    (void)state;
    buf_init(&query, 10000);
    buf_init(&scratch, 10000);
    buf_add_text(&query, "code=a" S "&x=");
    while (query.len < 8192)
        buf_add_char(&query, 'x');
    assert_int_equal(oauth_callback_read(buf_bytes(&query), &scratch, &callback),
                     OAUTH_CALLBACK_CODE);
    buf_add_char(&query, 'x');
    assert_int_equal(oauth_callback_read(buf_bytes(&query), &scratch, &callback),
                     OAUTH_CALLBACK_MALFORMED);
    buf_done(&scratch);
    buf_init(&scratch, 40);
    assert_int_equal(oauth_callback_read(BYTES("code=a" S), &scratch, &callback),
                     OAUTH_CALLBACK_MALFORMED);
    buf_done(&query);
    buf_done(&scratch);
}

static void every_refusal_has_a_text(void **state)
{
    (void)state;
    assert_string_equal(oauth_refusal_text(OAUTH_REFUSAL_NONE), "");
    assert_string_equal(oauth_refusal_text(OAUTH_ACCESS_DENIED), "access_denied");
    assert_string_equal(oauth_refusal_text((enum oauth_refusal)99), "");
    for (int i = OAUTH_ACCESS_DENIED; i <= OAUTH_OTHER_REFUSAL; i++)
        assert_true(strlen(oauth_refusal_text((enum oauth_refusal)i)) > 0);
}

static void the_form_of_the_exchange_is_the_reference_clients(void **state)
{
    struct buf form;

    (void)state;
    buf_init(&form, 1000);
    assert_int_equal(
        oauth_exchange_form(BYTES("a/b"), BYTES("http://localhost/cb"), BYTES(""), &form),
        0);
    assert_string_equal(buf_text(&form), "code=a%2Fb&grant_type=authorization_code&"
                                         "redirect_uri=http%3A%2F%2Flocalhost%2Fcb");
    buf_clear(&form);
    assert_int_equal(oauth_exchange_form(BYTES("a"), BYTES("b"), BYTES("v"), &form), 0);
    assert_string_equal(buf_text(&form), "code=a&grant_type=authorization_code&"
                                         "redirect_uri=b&code_verifier=v");
    buf_done(&form);
    buf_init(&form, 20);
    assert_true(oauth_exchange_form(BYTES("a"), BYTES("b"), BYTES("v"), &form) != 0);
    buf_done(&form);
}

static void credentials_are_joined_raw(void **state)
{
    struct buf value;

    (void)state;
    buf_init(&value, 100);
    assert_int_equal(oauth_basic(BYTES("Aladdin"), BYTES("open sesame"), &value), 0);
    assert_string_equal(buf_text(&value), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    buf_done(&value);
    buf_init(&value, 10);
    assert_int_equal(oauth_basic(BYTES("Aladdin"), BYTES("x"), &value), BUF_FULL);
    assert_int_equal(value.len, 0);
    buf_done(&value);
}

static const struct {
    const char *why;
    int64_t expires_at_ms, now_ms;
    bool want;
} refreshes[] = {
    {"an hour left", 3600000, 0, false},
    {"five minutes to the millisecond", 300000, 0, false},
    {"less", 300000, 1, true},
    {"over", 1000000, 2000000, true},
    {"never had one", 0, 1000, true},
    {"a clock that went back", 3600000, -5, false},
    {"the end of time", INT64_MAX, INT64_MAX, true},
    {"its beginning", INT64_MIN, INT64_MIN, true},
};

static void a_token_is_renewed_five_minutes_before_its_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refreshes); i++) {
        if (oauth_needs_refresh(refreshes[i].expires_at_ms, refreshes[i].now_ms) !=
            refreshes[i].want)
            fail_msg("%s: want %d", refreshes[i].why, refreshes[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_texts_are_what_urls_take),
        cmocka_unit_test(five_parameters_go_in_the_reference_clients_order),
        cmocka_unit_test(a_verifier_sends_its_hash_and_never_itself),
        cmocka_unit_test(a_url_that_does_not_fit_is_said),
        cmocka_unit_test(every_callback_is_judged),
        cmocka_unit_test(what_was_sent_comes_out_decoded),
        cmocka_unit_test(three_hundred_hostile_callbacks_give_nothing),
        cmocka_unit_test(a_description_is_cut_between_two_characters),
        cmocka_unit_test(what_is_too_long_or_finds_no_room_is_malformed),
        cmocka_unit_test(every_refusal_has_a_text),
        cmocka_unit_test(the_form_of_the_exchange_is_the_reference_clients),
        cmocka_unit_test(credentials_are_joined_raw),
        cmocka_unit_test(a_token_is_renewed_five_minutes_before_its_end),
    };

    return cmocka_run_group_tests_name("oauth", tests, NULL, NULL);
}
