/* SPDX-License-Identifier: MIT */

#include "segment/invoke.h"

#include "lib/cm.h"

#define ARN "arn:aws:lambda:us-west-2:123456789012:function:"
#define X16 "xxxxxxxxxxxxxxxx"
#define X64 X16 X16 X16 X16

/* --- names -------------------------------------------------------------------------- */

static const struct {
    const char *why;
    struct bytes given;
    const char *name; /* NULL: refused */
    const char *qualifier;
} names[] = {
    {"a name", BYTES("hello"), "hello", ""},
    {"all kinds of letters", BYTES("Az-_09"), "Az-_09", ""},
    {"a name and an alias", BYTES("hello:live"), "hello", "live"},
    {"a name and a version", BYTES("hello:12"), "hello", "12"},
    {"the newest version", BYTES("hello:$LATEST"), "hello", "$LATEST"},
    {"a partial ARN", BYTES("123456789012:function:hello"), "hello", ""},
    {"a partial ARN, an alias", BYTES("123456789012:function:hello:live"), "hello",
     "live"},
    {"an ARN", BYTES(ARN "hello"), "hello", ""},
    {"an ARN with an alias", BYTES(ARN "hello:live"), "hello", "live"},
    {"another partition",
     BYTES("arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:hello"), "hello",
     ""},
    {"a function called function", BYTES("function"), "function", ""},
    {"and its alias", BYTES("function:live"), "function", "live"},
    {"and its ARN", BYTES(ARN "function:live"), "function", "live"},
    {"a function called arn", BYTES("arn:live"), "arn", "live"},
    {"64 characters", BYTES(X64), X64, ""},
    {"64 characters in an ARN", BYTES(ARN X64), X64, ""},
    {"65 characters", BYTES(X64 "x"), NULL, NULL},
    {"65 characters in an ARN", BYTES(ARN X64 "x"), NULL, NULL},
    {"an alias of 128 characters", BYTES("hello:" X64 X64), "hello", X64 X64},
    {"an alias of 129 characters", BYTES("hello:" X64 X64 "x"), NULL, NULL},
    {"nothing", BYTES(""), NULL, NULL},
    {"only a colon", BYTES(":"), NULL, NULL},
    {"no name before the alias", BYTES(":live"), NULL, NULL},
    {"no alias after the colon", BYTES("hello:"), NULL, NULL},
    {"no name at the ARN's end", BYTES(ARN), NULL, NULL},
    {"an alias too many", BYTES("hello:live:more"), NULL, NULL},
    {"an alias too many in an ARN", BYTES(ARN "hello:live:more"), NULL, NULL},
    {"colons without end", BYTES("a:b:c:d:e:f:g:h:i:j:k:l"), NULL, NULL},
    {"an ARN of another service",
     BYTES("arn:aws:sqs:us-west-2:123456789012:function:hello"), NULL, NULL},
    {"an ARN of another thing", BYTES("arn:aws:lambda:us-west-2:123456789012:layer:x"),
     NULL, NULL},
    {"an ARN of no partition",
     BYTES("arn:x:lambda:us-west-2:123456789012:function:hello"), NULL, NULL},
    {"an ARN without a region", BYTES("arn:aws:lambda::123456789012:function:hello"),
     NULL, NULL},
    {"an account of 11 digits", BYTES("12345678901:function:hello"), NULL, NULL},
    {"an account with a letter", BYTES("12345678901a:function:hello"), NULL, NULL},
    {"a path", BYTES("../hello"), NULL, NULL},
    {"a dot", BYTES("hello.js"), NULL, NULL},
    {"a space", BYTES("bon lo"), NULL, NULL},
    {"a NUL", BYTES("bon\0lo"), NULL, NULL},
    {"beside the letters", BYTES("[hello"), NULL, NULL},
    {"beside the digits", BYTES("hello/"), NULL, NULL},
    {"an umlaut", BYTES("h\xc3\xa4llo"), NULL, NULL},
    {"a high byte in the alias", BYTES("hello:\xff"), NULL, NULL},
    {"a dollar in the alias", BYTES("hello:$live"), NULL, NULL},
};

static void names_of_every_form_are_read(void **state)
{
    struct buf context;

    (void)state;
    buf_init(&context, INVOKE_CONTEXT_BYTES);
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct invoke_request request = {.name = names[i].given};
        struct invoke_call call;
        struct invoke_refusal refusal;
        const bool is_read = invoke_read(&request, &context, &call, &refusal);

        if (is_read != (names[i].name != NULL) || is_read != (refusal.status == 0) ||
            (!is_read && refusal.status != 400))
            fail_msg("%s: got %d with %d", names[i].why, is_read, refusal.status);
        if (is_read && (!bytes_eq(call.name, bytes_str(names[i].name)) ||
                        !bytes_eq(call.qualifier, bytes_str(names[i].qualifier))))
            fail_msg("%s: got %.*s %.*s, want %s %s", names[i].why, BYTES_FMT(call.name),
                     BYTES_FMT(call.qualifier), names[i].name, names[i].qualifier);
    }
    buf_done(&context);
}

/* --- headers and payloads ----------------------------------------------------------- */

#define NONE                                                                             \
    {                                                                                    \
        NULL, 0                                                                          \
    }

static const struct {
    const char *why;
    struct bytes type, log_type, context, payload;
    int status; /* 0: read */
    const char *error;
    enum invoke_type want_type;
    bool wants_tail;
    const char *want_context;
} requests[] = {
    {"nothing but a name", NONE, NONE, NONE, BYTES(""), 0, NULL, INVOKE_REQUEST_RESPONSE,
     false, ""},
    {"the usual", BYTES("RequestResponse"), BYTES("None"), BYTES("e30="), BYTES("{}"), 0,
     NULL, INVOKE_REQUEST_RESPONSE, false, "{}"},
    {"the dossier's context", NONE, NONE, BYTES("eyJhcGlLZXkiOiJhYmNkMTIzNCJ9"),
     BYTES("{}"), 0, NULL, INVOKE_REQUEST_RESPONSE, false, "{\"apiKey\":\"abcd1234\"}"},
    {"an Event with its tail", BYTES("Event"), BYTES("Tail"), NONE, BYTES("[1]"), 0, NULL,
     INVOKE_EVENT, true, ""},
    {"a dry run", BYTES("DryRun"), NONE, NONE, BYTES(" 5 "), 0, NULL, INVOKE_DRY_RUN,
     false, ""},
    {"an unknown type", BYTES("Later"), NONE, NONE, BYTES("{}"), 400,
     "InvalidParameterValueException", 0, false, ""},
    {"a type in small letters", BYTES("event"), NONE, NONE, BYTES("{}"), 400,
     "InvalidParameterValueException", 0, false, ""},
    {"an empty type", BYTES(""), NONE, NONE, BYTES("{}"), 400,
     "InvalidParameterValueException", 0, false, ""},
    {"an unknown log type", NONE, BYTES("Head"), NONE, BYTES("{}"), 400,
     "InvalidParameterValueException", 0, false, ""},
    {"a context that is no base64", NONE, NONE, BYTES("!!!"), BYTES("{}"), 400,
     "InvalidRequestContentException", 0, false, ""},
    {"plain JSON as a context", NONE, NONE, BYTES("{}"), BYTES("{}"), 400,
     "InvalidRequestContentException", 0, false, ""},
    {"base64 of half an object", NONE, NONE, BYTES("eyJhIjo="), BYTES("{}"), 400,
     "InvalidRequestContentException", 0, false, ""},
    {"base64 of a list", NONE, NONE, BYTES("W10="), BYTES("{}"), 400,
     "InvalidRequestContentException", 0, false, ""},
    {"base64 of a text", NONE, NONE, BYTES("ImEi"), BYTES("{}"), 400,
     "InvalidRequestContentException", 0, false, ""},
    {"an empty context", NONE, NONE, BYTES(""), BYTES("{}"), 400,
     "InvalidRequestContentException", 0, false, ""},
    {"a payload that is no JSON", NONE, NONE, NONE, BYTES("{\"a\":"), 400,
     "InvalidRequestContentException", 0, false, ""},
    {"a payload that is no JSON beside a good context", NONE, NONE, BYTES("e30="),
     BYTES("{"), 400, "InvalidRequestContentException", 0, false, ""},
    {"two payloads", NONE, NONE, NONE, BYTES("{}{}"), 400,
     "InvalidRequestContentException", 0, false, ""},
    {"a payload of odd bytes", NONE, NONE, NONE, BYTES("\"\xff\""), 400,
     "InvalidRequestContentException", 0, false, ""},
};

static void every_request_is_read_or_refused(void **state)
{
    struct buf context;

    (void)state;
    buf_init(&context, INVOKE_CONTEXT_BYTES);
    for (size_t i = 0; i < COUNT(requests); i++) {
        const struct invoke_request request = {BYTES("hello"), requests[i].type,
                                               requests[i].log_type, requests[i].context,
                                               requests[i].payload};
        struct invoke_call call;
        struct invoke_refusal refusal;
        const bool is_read = invoke_read(&request, &context, &call, &refusal);

        if (is_read != (requests[i].status == 0) || refusal.status != requests[i].status)
            fail_msg("%s: got %d, want %d", requests[i].why, refusal.status,
                     requests[i].status);
        if (!is_read && strcmp(refusal.type, requests[i].error) != 0)
            fail_msg("%s: got %s, want %s", requests[i].why, refusal.type,
                     requests[i].error);
        if (!is_read && (refusal.message[0] == '\0' || context.len > 0))
            fail_msg("%s: got '%s' and a context", requests[i].why, refusal.message);
        if (is_read && (call.type != requests[i].want_type ||
                        call.wants_tail != requests[i].wants_tail ||
                        !bytes_eq(call.context, bytes_str(requests[i].want_context))))
            fail_msg("%s: got %d %d %.*s", requests[i].why, (int)call.type,
                     call.wants_tail, BYTES_FMT(call.context));
    }
    buf_done(&context);
}

/* A JSON text of @len bytes: "xx…" */
static char *long_text(size_t len)
{
    char *text = malloc(len + 1);

    assert_non_null(text);
    memset(text, 'x', len);
    text[0] = text[len - 1] = '"';
    text[len] = '\0';
    return text;
}

static int status_of(const struct invoke_request *request)
{
    struct buf context;
    struct invoke_call call;
    struct invoke_refusal refusal;
    bool is_read;

    buf_init(&context, INVOKE_CONTEXT_BYTES);
    is_read = invoke_read(request, &context, &call, &refusal);
    assert_int_equal(is_read, refusal.status == 0);
    if (refusal.status == 413)
        assert_string_equal(refusal.type, "RequestTooLargeException");
    buf_done(&context);
    return refusal.status;
}

static void payloads_are_taken_up_to_their_limit(void **state)
{
    static const struct {
        const char *why;
        const char *type;
        size_t len;
        int want;
    } cases[] = {
        {"6 MB", "RequestResponse", 6 << 20, 0},
        {"a byte more", "RequestResponse", (6 << 20) + 1, 413},
        {"a dry run's byte more", "DryRun", (6 << 20) + 1, 413},
        {"1 MB for later", "Event", 1 << 20, 0},
        {"a byte more for later", "Event", (1 << 20) + 1, 413},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = long_text(cases[i].len);
        const struct invoke_request request = {
            .name = BYTES("hello"),
            .type = bytes_str(cases[i].type),
            .payload = bytes_of(text, cases[i].len),
        };
        const int got = status_of(&request);

        if (got != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].why, got, cases[i].want);
        free(text);
    }
}

/* Base64 of {"a":"xxx…"}; padding may be missing. */
static void contexts_are_taken_up_to_their_limit(void **state)
{
    char text[INVOKE_CONTEXT_BYTES + 2];
    struct invoke_request request = {.name = BYTES("hello")};

    (void)state;
    memcpy(text, "eyJhIjoi", 8); /* {"a":" */
    for (size_t i = 8; i < 3580; i += 4)
        memcpy(text + i, "eHh4", 4); /* xxx */
    memcpy(text + 3580, "In0", 3);   /* "} */
    request.context = bytes_of(text, INVOKE_CONTEXT_BYTES);
    assert_int_equal(status_of(&request), 0);
    memcpy(text + 3580, "In0=", 4);
    request.context = bytes_of(text, INVOKE_CONTEXT_BYTES + 1);
    assert_int_equal(status_of(&request), 400);
}

/* --- refusals ----------------------------------------------------------------------- */

static void a_refusal_is_written_in_lambdas_words(void **state)
{
    struct invoke_refusal refusal = {0};
    char text[400];
    struct buf body;

    (void)state;
    buf_init(&body, 1000);
    invoke_refuse(&refusal, 404, "ResourceNotFoundException", "no \"%s\"", "hello");
    invoke_write_refusal(&refusal, &body);
    assert_string_equal(buf_text(&body),
                        "{\"Type\":\"User\",\"Message\":\"no \\\"hello\\\"\"}");
    assert_int_equal(refusal.status, 404);
    assert_string_equal(refusal.type, "ResourceNotFoundException");
    buf_clear(&body);
    invoke_refuse(&refusal, 500, "ServiceException", "ours");
    invoke_write_refusal(&refusal, &body);
    assert_string_equal(buf_text(&body), "{\"Type\":\"Service\",\"Message\":\"ours\"}");
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    invoke_refuse(&refusal, 429, "TooManyRequestsException", "%s", text);
    assert_int_equal(strlen(refusal.message), sizeof(refusal.message) - 1);
    buf_done(&body);
}

/* --- payloads ----------------------------------------------------------------------- */

static const struct {
    const char *why;
    const char *payload, *base, *context;
    const char *event; /* NULL: refused */
    const char *settings;
} payloads[] = {
    {"a bare event", "{\"type\":\"track\"}", "", "", "{\"type\":\"track\"}", "{}"},
    {"a track event's name is no event", "{\"type\":\"track\",\"event\":\"Signed Up\"}",
     "", "", "{\"type\":\"track\",\"event\":\"Signed Up\"}", "{}"},
    {"a name beside settings is no event either", "{\"event\":\"a\",\"settings\":{}}", "",
     "", "{\"event\":\"a\",\"settings\":{}}", "{}"},
    {"an envelope", "{\"event\":{\"a\":1},\"settings\":{\"b\":2},\"version\":\"1.0\"}",
     "", "", "{\"a\":1}", "{\"b\":2}"},
    {"an envelope with a list", "{\"event\":[{}],\"settings\":{}}", "", "", "[{}]", "{}"},
    {"no settings, no envelope", "{\"event\":{\"a\":1}}", "", "", "{\"event\":{\"a\":1}}",
     "{}"},
    {"settings that are none", "{\"event\":{},\"settings\":[]}", "", "",
     "{\"event\":{},\"settings\":[]}", "{}"},
    {"a list", " [{\"type\":\"track\"},{}] ", "", "", "[{\"type\":\"track\"},{}]", "{}"},
    {"a list of envelopes is a list", "[{\"event\":{},\"settings\":{}}]", "", "",
     "[{\"event\":{},\"settings\":{}}]", "{}"},
    {"nothing is an empty event", "", "", "", "{}", "{}"},
    {"a byte order mark goes", "\xef\xbb\xbf{}", "", "", "{}", "{}"},
    {"bytes stay as they are", "{ \"a\" : 1.0 }", "", "", "{ \"a\" : 1.0 }", "{}"},
    {"settings of the environment", "{}", "{\"a\":1}", "", "{}", "{\"a\":1}"},
    {"settings of the context", "{}", "", "{\"apiKey\":\"k\"}", "{}",
     "{\"apiKey\":\"k\"}"},
    {"later ones win, member by member",
     "{\"event\":{},\"settings\":{\"b\":2,\"c\":2,\"o\":{\"y\":1}}}",
     "{\"a\":1,\"b\":1,\"c\":1,\"o\":{\"x\":1}}", "{\"c\":3}", "{}",
     "{\"a\":1,\"b\":2,\"c\":3,\"o\":{\"y\":1}}"},
    {"an environment that is no object counts for nothing", "{}", "[1]", "{\"c\":3}",
     "{}", "{\"c\":3}"},
    {"an environment that is no JSON counts for nothing", "{}", "{", "", "{}", "{}"},
    {"a text", "\"hello\"", "", "", NULL, NULL},
    {"a number", "5", "", "", NULL, NULL},
    {"null", "null", "", "", NULL, NULL},
    {"no JSON", "{", "", "", NULL, NULL},
};

static void every_payload_is_unwrapped(void **state)
{
    struct buf settings;

    (void)state;
    buf_init(&settings, 1000);
    for (size_t i = 0; i < COUNT(payloads); i++) {
        struct bytes event = {0};
        const bool is_read =
            invoke_unwrap(bytes_str(payloads[i].payload), bytes_str(payloads[i].base),
                          bytes_str(payloads[i].context), &event, &settings);

        if (is_read != (payloads[i].event != NULL))
            fail_msg("%s: got %d", payloads[i].why, is_read);
        if (is_read && (!bytes_eq(event, bytes_str(payloads[i].event)) ||
                        strcmp(buf_text(&settings), payloads[i].settings) != 0))
            fail_msg("%s: got %.*s %s, want %s %s", payloads[i].why, BYTES_FMT(event),
                     buf_text(&settings), payloads[i].event, payloads[i].settings);
    }
    buf_done(&settings);
}

static void settings_that_do_not_fit_are_refused(void **state)
{
    struct bytes event = {0};
    struct buf settings;

    (void)state;
    buf_init(&settings, 10);
    assert_false(invoke_unwrap(BYTES("{}"), BYTES("{\"a\":\"0123456789\"}"), BYTES(""),
                               &event, &settings));
    buf_done(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_every_form_are_read),
        cmocka_unit_test(every_request_is_read_or_refused),
        cmocka_unit_test(payloads_are_taken_up_to_their_limit),
        cmocka_unit_test(contexts_are_taken_up_to_their_limit),
        cmocka_unit_test(a_refusal_is_written_in_lambdas_words),
        cmocka_unit_test(every_payload_is_unwrapped),
        cmocka_unit_test(settings_that_do_not_fit_are_refused),
    };

    return cmocka_run_group_tests_name("invoke", tests, NULL, NULL);
}
