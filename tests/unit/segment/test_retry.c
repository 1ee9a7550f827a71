/* SPDX-License-Identifier: MIT */

#include "segment/retry.h"

#include "lib/cm.h"

#define MIDDLE 0x80000000u
#define HOUR_MS INT64_C(3600000)

static void the_next_attempt_is_due_when_the_schedule_says(void **state)
{
    static const struct {
        const char *why;
        unsigned attempts;
        int64_t first_ms, now_ms, retry_after_ms;
        uint32_t random;
        int64_t want;
    } cases[] = {
        {"the first retry", 1, 1000, 1000, 0, MIDDLE, 29000},
        {"at the earliest", 1, 0, 0, 0, 0, 21000},
        {"at the latest", 1, 0, 0, 0, UINT32_MAX, 34999},
        {"the second", 2, 0, 100, 0, MIDDLE, 56100},
        {"the ninth", 9, 0, 0, 0, MIDDLE, 7168000},
        {"the ninth at the earliest", 9, 0, 0, 0, 0, 5376000},
        {"the ninth at the latest", 9, 0, 0, 0, UINT32_MAX, 8959999},
        {"no tenth", 10, 0, 0, 0, MIDDLE, -1},
        {"never after very many", UINT32_MAX, 0, 0, 0, MIDDLE, -1},
        {"a count that was not set", 0, 0, 0, 0, MIDDLE, 28000},
        {"Retry-After lengthens", 1, 0, 0, 120000, MIDDLE, 120000},
        {"Retry-After does not shorten", 3, 0, 0, 1000, MIDDLE, 112000},
        {"a negative Retry-After", 1, 0, 0, INT64_MIN, MIDDLE, 28000},
        {"the window's last millisecond", 1, 0, 4 * HOUR_MS - 28000, 0, MIDDLE,
         4 * HOUR_MS},
        {"after the window", 1, 0, 4 * HOUR_MS - 27999, 0, MIDDLE, -1},
        {"Retry-After leads out of the window", 1, 0, 0, 4 * HOUR_MS + 1, MIDDLE, -1},
        {"Retry-After up to the window's end", 1, 0, 0, 4 * HOUR_MS, MIDDLE, 4 * HOUR_MS},
        {"Retry-After beyond all times", 1, 0, 1000, INT64_MAX, MIDDLE, -1},
        {"a clock at its end", 1, INT64_MAX, INT64_MAX, 0, MIDDLE, -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t got = retry_next_ms(cases[i].attempts, cases[i].first_ms, cases[i].now_ms,
                                    cases[i].retry_after_ms, cases[i].random);

        if (got != cases[i].want)
            fail_msg("%s: got %lld, want %lld", cases[i].why, (long long)got,
                     (long long)cases[i].want);
    }
}

static void nine_retries_take_almost_four_hours(void **state)
{
    int64_t now_ms = 0;
    unsigned attempts = 1;

    (void)state;
    for (;; attempts++) {
        int64_t next_ms = retry_next_ms(attempts, 0, now_ms, 0, MIDDLE);

        if (next_ms < 0)
            break;
        now_ms = next_ms;
    }
    assert_int_equal(attempts, 10);
    assert_int_equal(now_ms, 14308000);
}

static void check(const char *why, struct retry_reading got, enum retry_class class,
                  const char *counter, const char *code)
{
    if (got.class != class || strcmp(got.counter, counter) != 0 ||
        strcmp(got.code, code) != 0)
        fail_msg("%s: got %d %s %s, want %d %s %s", why, (int)got.class, got.counter,
                 got.code, (int)class, counter, code);
}

#define AGAIN "errors.awaiting-retry."
#define GONE "errors.discarded."

static void every_status_has_its_reading(void **state)
{
    static const struct {
        const char *why;
        int status;
        enum retry_class class;
        const char *counter, *code;
    } cases[] = {
        {"fine", 200, RETRY_DELIVERED, "successes", "200"},
        {"the last that is fine", 299, RETRY_DELIVERED, "successes", "299"},
        {"too many requests", 429, RETRY_AGAIN, AGAIN "429", "429"},
        {"the partner was slow", 408, RETRY_AGAIN, AGAIN "408", "408"},
        {"locked", 423, RETRY_AGAIN, AGAIN "423", "423"},
        {"broken", 500, RETRY_AGAIN, AGAIN "500", "500"},
        {"down", 503, RETRY_AGAIN, AGAIN "503", "503"},
        {"the last of its kind", 599, RETRY_AGAIN, AGAIN "599", "599"},
        {"not implemented", 501, RETRY_UNSUPPORTED, "UNSUPPORTED_EVENT_TYPE", "501"},
        {"bad request", 400, RETRY_DISCARDED, GONE "400", "400"},
        {"unauthorised", 401, RETRY_DISCARDED, GONE "401", "401"},
        {"forbidden", 403, RETRY_DISCARDED, GONE "403", "403"},
        {"not found", 404, RETRY_DISCARDED, GONE "404", "404"},
        {"a redirect not followed", 307, RETRY_DISCARDED, GONE "307", "307"},
        {"an answer that is none yet", 100, RETRY_DISCARDED, GONE "100", "100"},
        {"no status", 0, RETRY_AGAIN, AGAIN "0", "0"},
        {"not even a number of people", INT32_MIN, RETRY_AGAIN, AGAIN "-2147483648",
         "-2147483648"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check(cases[i].why, retry_of_status(cases[i].status), cases[i].class,
              cases[i].counter, cases[i].code);
}

static void no_answer_is_tried_again(void **state)
{
    (void)state;
    check("a timeout", retry_of_trouble("ETIMEDOUT"), RETRY_AGAIN, AGAIN "ETIMEDOUT",
          "ETIMEDOUT");
    check("a certificate", retry_of_trouble("TLS"), RETRY_AGAIN, AGAIN "TLS", "TLS");
    check("a name that is too long is cut",
          retry_of_trouble("0123456789012345678901234567890123456789"
                           "0123456789012345678901234567890123456789"),
          RETRY_AGAIN, AGAIN "0123456789012345678901234567890123456789",
          "012345678901234567890123456789012345678901234567890123456789012");
}

static void every_thrown_error_has_its_reading(void **state)
{
    static const struct {
        const char *why;
        const char *name;
        enum retry_class class;
        const char *counter, *code;
    } cases[] = {
        {"bad settings, by their name", "ValidationError", RETRY_DISCARDED,
         GONE "MESSAGE_REJECTED", "Message Rejected"},
        {"a bad event", "InvalidEventPayload", RETRY_DISCARDED, GONE "MESSAGE_REJECTED",
         "Message Rejected"},
        {"a type without handler", "EventNotSupported", RETRY_UNSUPPORTED,
         "UNSUPPORTED_EVENT_TYPE", "Unsupported Event Type"},
        {"to be tried again", "RetryError", RETRY_AGAIN, AGAIN "RETRY", "Retry"},
        {"any other", "TypeError", RETRY_DISCARDED, GONE "bad_request", "Bad Request"},
        {"a name that begins alike", "RetryErrors", RETRY_DISCARDED, GONE "bad_request",
         "Bad Request"},
        {"only insert functions drop", "DropEvent", RETRY_DISCARDED, GONE "bad_request",
         "Bad Request"},
        {"a thrown string", "", RETRY_DISCARDED, GONE "bad_request", "Bad Request"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check(cases[i].why,
              retry_of_function(true, false, true, bytes_str(cases[i].name)),
              cases[i].class, cases[i].counter, cases[i].code);
}

static void a_function_that_throws_nothing_has_its_reading(void **state)
{
    struct bytes none = BYTES("");

    (void)state;
    check("it returned", retry_of_function(true, false, false, none), RETRY_DELIVERED,
          "successes", "Delivered");
    check("it did not end", retry_of_function(true, true, false, none), RETRY_AGAIN,
          AGAIN "ETIMEDOUT", "Timeout");
    check("it does not load", retry_of_function(false, false, false, none),
          RETRY_DISCARDED, GONE "INVALID_SETTINGS", "Invalid Settings");
    check("it does not load, whatever it threw",
          retry_of_function(false, true, true, BYTES("RetryError")), RETRY_DISCARDED,
          GONE "INVALID_SETTINGS", "Invalid Settings");
}

#define LONG_TYPE "TypeTypeTypeTypeTypeTypeTypeTypeTypeTypeTypeTypeTypeTypeTypeTypeType"

static void every_invocation_has_its_reading(void **state)
{
    static const struct {
        const char *why;
        int status;
        const char *function_error, *error_type, *service_error;
        enum retry_class class;
        const char *counter, *code;
    } cases[] = {
        {"fine", 200, "", "", "", RETRY_DELIVERED, "successes", "200"},
        {"a type without error", 200, "", "RetryError", "", RETRY_DELIVERED, "successes",
         "200"},
        {"an error in spite of 200", 200, "Unhandled", "TypeError", "", RETRY_DISCARDED,
         GONE "EXECUTION_ERROR", "Execution Error"},
        {"an error without type", 200, "Handled", "", "", RETRY_DISCARDED,
         GONE "EXECUTION_ERROR", "Execution Error"},
        {"unsupported", 200, "Handled", "EventNotSupported", "", RETRY_UNSUPPORTED,
         "UNSUPPORTED_EVENT_TYPE", "Unsupported Event Type"},
        {"rejected", 200, "Handled", "ValidationError", "", RETRY_DISCARDED,
         GONE "MESSAGE_REJECTED", "Message Rejected"},
        {"rejected as well", 200, "Unhandled", "InvalidEventPayload", "", RETRY_DISCARDED,
         GONE "MESSAGE_REJECTED", "Message Rejected"},
        {"again", 200, "Unhandled", "RetryError", "", RETRY_AGAIN, AGAIN "RETRY",
         "Retry"},
        {"no answer", 0, "", "", "", RETRY_AGAIN, AGAIN "ETIMEDOUT",
         "Operation timedout"},
        {"no access", 403, "", "", "AccessDeniedException", RETRY_DISCARDED, GONE "403",
         "Accessdenied"},
        {"no access, without a word", 403, "", "", "", RETRY_DISCARDED, GONE "403",
         "Accessdenied"},
        {"bad credentials", 403, "", "", "UnrecognizedClientException", RETRY_DISCARDED,
         GONE "403", "Invalid Credentials"},
        {"old credentials, with a suffix", 403, "", "",
         "ExpiredTokenException:http://internal.example/", RETRY_DISCARDED, GONE "403",
         "Invalid Credentials"},
        {"too many", 429, "", "", "TooManyRequestsException", RETRY_AGAIN, AGAIN "429",
         "TooManyRequestsException"},
        {"no such function", 404, "", "", "ResourceNotFoundException:x", RETRY_DISCARDED,
         GONE "404", "ResourceNotFoundException"},
        {"too large", 413, "", "", "", RETRY_DISCARDED, GONE "413", "413"},
        {"the service is broken", 500, "", "", "ServiceException", RETRY_AGAIN,
         AGAIN "500", "ServiceException"},
        {"the runtime is broken", 502, "", "", "", RETRY_AGAIN, AGAIN "502", "502"},
        {"501 says nothing of event types", 501, "", "", "", RETRY_AGAIN, AGAIN "501",
         "501"},
        {"a type that is no word", 400, "", "", "a\nb", RETRY_DISCARDED, GONE "400",
         "400"},
        {"a type that is too long", 400, "", "", LONG_TYPE, RETRY_DISCARDED, GONE "400",
         "400"},
        {"an error's type does not count without 200", 500, "Unhandled", "RetryError", "",
         RETRY_AGAIN, AGAIN "500", "500"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check(cases[i].why,
              retry_of_invoke(cases[i].status, bytes_str(cases[i].function_error),
                              bytes_str(cases[i].error_type),
                              bytes_str(cases[i].service_error)),
              cases[i].class, cases[i].counter, cases[i].code);
}

static void every_refusal_of_a_role_has_its_reading(void **state)
{
    static const struct {
        const char *why;
        int status;
        const char *code_of_sts;
        enum retry_class class;
        const char *counter, *code;
    } cases[] = {
        {"no permission", 403, "AccessDenied", RETRY_DISCARDED, GONE "403",
         "Accessdenied"},
        {"no permission, without a word", 403, "", RETRY_DISCARDED, GONE "403",
         "Accessdenied"},
        {"a region that is off", 403, "RegionDisabledException", RETRY_DISCARDED,
         GONE "403", "Accessdenied"},
        {"an unknown key", 403, "InvalidClientTokenId", RETRY_DISCARDED, GONE "403",
         "Invalid Credentials"},
        {"a bad signature", 403, "SignatureDoesNotMatch", RETRY_DISCARDED, GONE "403",
         "Invalid Credentials"},
        {"no signature", 403, "MissingAuthenticationToken", RETRY_DISCARDED, GONE "403",
         "Invalid Credentials"},
        {"half a signature", 400, "IncompleteSignature", RETRY_DISCARDED, GONE "400",
         "Invalid Credentials"},
        {"an old token", 400, "ExpiredToken", RETRY_DISCARDED, GONE "400",
         "Invalid Credentials"},
        {"an old token by its other name", 403, "ExpiredTokenException", RETRY_DISCARDED,
         GONE "403", "Invalid Credentials"},
        {"an old signature", 400, "RequestExpired", RETRY_DISCARDED, GONE "400",
         "Invalid Credentials"},
        {"a bad role", 400, "ValidationError", RETRY_DISCARDED, GONE "400",
         "ValidationError"},
        {"a bad request, without a word", 400, "", RETRY_DISCARDED, GONE "400", "400"},
        {"an error's name for people is not for STS", 400, "RetryError", RETRY_DISCARDED,
         GONE "400", "RetryError"},
        {"too many, as STS says it", 400, "Throttling", RETRY_AGAIN, AGAIN "429",
         "Throttling"},
        {"too many, as others say it", 429, "", RETRY_AGAIN, AGAIN "429", "429"},
        {"the service is broken", 500, "InternalFailure", RETRY_AGAIN, AGAIN "500",
         "InternalFailure"},
        {"the service is away", 503, "ServiceUnavailable", RETRY_AGAIN, AGAIN "503",
         "ServiceUnavailable"},
        {"501 says nothing of event types", 501, "", RETRY_AGAIN, AGAIN "501", "501"},
        {"it goes elsewhere", 307, "", RETRY_DISCARDED, GONE "307", "307"},
        {"an answer without credentials", 200, "", RETRY_DISCARDED, GONE "200",
         "Invalid Credentials"},
        {"an answer that was cut", 204, "", RETRY_DISCARDED, GONE "204",
         "Invalid Credentials"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check(cases[i].why,
              retry_of_assume_role(cases[i].status, bytes_str(cases[i].code_of_sts)),
              cases[i].class, cases[i].counter, cases[i].code);
}

static void a_token_may_be_too_old(void **state)
{
    (void)state;
    assert_true(retry_is_expired_token(BYTES("ExpiredTokenException")));
    assert_true(retry_is_expired_token(BYTES("ExpiredTokenException:http://a/")));
    assert_true(retry_is_expired_token(BYTES("ExpiredToken")));
    assert_false(retry_is_expired_token(BYTES("UnrecognizedClientException")));
    assert_false(retry_is_expired_token(BYTES("expiredtokenexception")));
    assert_false(retry_is_expired_token(BYTES("")));
    assert_false(retry_is_expired_token(bytes_of(NULL, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_attempt_is_due_when_the_schedule_says),
        cmocka_unit_test(nine_retries_take_almost_four_hours),
        cmocka_unit_test(every_status_has_its_reading),
        cmocka_unit_test(no_answer_is_tried_again),
        cmocka_unit_test(every_thrown_error_has_its_reading),
        cmocka_unit_test(a_function_that_throws_nothing_has_its_reading),
        cmocka_unit_test(every_invocation_has_its_reading),
        cmocka_unit_test(every_refusal_of_a_role_has_its_reading),
        cmocka_unit_test(a_token_may_be_too_old),
    };

    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
