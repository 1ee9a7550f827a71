/* SPDX-License-Identifier: MIT */

#include "segment/retry.h"

#include <stdio.h>

int64_t retry_next_ms(unsigned attempts, int64_t first_attempt_ms, int64_t now_ms,
                      int64_t retry_after_ms, uint32_t random)
{
    int64_t wait_ms;
    int64_t last_ms;
    int64_t due_ms;

    if (attempts > RETRY_MAX)
        return -1;
    if (attempts < 1)
        attempts = 1;
    wait_ms = (int64_t)RETRY_FIRST_MS << (attempts - 1);
    /* From three quarters up to five. The product stays below 2^54. */
    wait_ms = wait_ms * 3 / 4 + (wait_ms / 2 * (int64_t)random >> 32);
    if (wait_ms < retry_after_ms)
        wait_ms = retry_after_ms;
    if (__builtin_add_overflow(first_attempt_ms, (int64_t)RETRY_WINDOW_MS, &last_ms) ||
        __builtin_add_overflow(now_ms, wait_ms, &due_ms) || due_ms > last_ms)
        return -1;
    return due_ms;
}

static struct retry_reading reading(enum retry_class class, const char *counter,
                                    const char *code)
{
    struct retry_reading r = {.class = class};

    snprintf(r.counter, sizeof(r.counter), "%s", counter);
    snprintf(r.code, sizeof(r.code), "%s", code);
    return r;
}

static struct retry_reading discarded(const char *counter, const char *code)
{
    struct retry_reading r = reading(RETRY_DISCARDED, "", code);

    snprintf(r.counter, sizeof(r.counter), "errors.discarded.%.40s", counter);
    return r;
}

static struct retry_reading again(const char *counter, const char *code)
{
    struct retry_reading r = reading(RETRY_AGAIN, "", code);

    snprintf(r.counter, sizeof(r.counter), "errors.awaiting-retry.%.40s", counter);
    return r;
}

static bool is_passing(int status)
{
    return status == 408 || status == 423 || status == 429 || status >= 500 ||
           status < 100;
}

struct retry_reading retry_of_status(int status)
{
    char code[16];

    snprintf(code, sizeof(code), "%d", status);
    if (status >= 200 && status <= 299)
        return reading(RETRY_DELIVERED, "successes", code);
    if (status == 501)
        return reading(RETRY_UNSUPPORTED, "UNSUPPORTED_EVENT_TYPE", code);
    return is_passing(status) ? again(code, code) : discarded(code, code);
}

struct retry_reading retry_of_trouble(const char *name)
{
    return again(name, name);
}

/* What a thrown error means to functions and to lambdas alike. False: nothing special. */
static bool read_error(struct bytes name, struct retry_reading *ret_reading)
{
    if (bytes_eq(name, BYTES("EventNotSupported")))
        *ret_reading = reading(RETRY_UNSUPPORTED, "UNSUPPORTED_EVENT_TYPE",
                               "Unsupported Event Type");
    else if (bytes_eq(name, BYTES("ValidationError")) ||
             bytes_eq(name, BYTES("InvalidEventPayload")))
        *ret_reading = discarded("MESSAGE_REJECTED", "Message Rejected");
    else if (bytes_eq(name, BYTES("RetryError")))
        *ret_reading = again("RETRY", "Retry");
    else
        return false;
    return true;
}

struct retry_reading retry_of_function(bool is_loaded, bool is_timeout, bool has_thrown,
                                       struct bytes error_name)
{
    struct retry_reading r;

    if (!is_loaded)
        return discarded("INVALID_SETTINGS", "Invalid Settings");
    if (is_timeout)
        return again("ETIMEDOUT", "Timeout");
    if (!has_thrown)
        return reading(RETRY_DELIVERED, "successes", "Delivered");
    return read_error(error_name, &r) ? r : discarded("bad_request", "Bad Request");
}

static bool is_word(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if ((c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') &&
            c != '.' && c != '_' && c != '-')
            return false;
    }
    return text.len > 0;
}

static bool is_one_of(struct bytes type, const char *const *types, size_t n_types)
{
    for (size_t i = 0; i < n_types; i++) {
        if (bytes_eq(type, bytes_str(types[i])))
            return true;
    }
    return false;
}

/* Lambda's names and STS's. */
static bool is_about_credentials(struct bytes type)
{
    static const char *const types[] = {
        "UnrecognizedClientException",  "InvalidSignatureException",
        "ExpiredTokenException",        "ExpiredToken",
        "InvalidClientTokenId",         "SignatureDoesNotMatch",
        "IncompleteSignature",          "MissingAuthenticationTokenException",
        "MissingAuthenticationToken",   "RequestExpired",
        "IncompleteSignatureException",
    };

    return is_one_of(type, types, COUNT(types));
}

bool retry_is_expired_token(struct bytes service_error)
{
    static const char *const types[] = {"ExpiredTokenException", "ExpiredToken"};

    return is_one_of(bytes_take_until(&service_error, ':'), types, COUNT(types));
}

/* The service itself did not run the function. */
static struct retry_reading read_service(int status, struct bytes type)
{
    struct retry_reading r = retry_of_status(status);

    /* The service knows no event types. */
    if (status == 501)
        r = again("501", "501");
    /* AWS adds ":http://…" to some types. */
    type = bytes_take_until(&type, ':');
    if (is_about_credentials(type))
        return discarded(r.code, "Invalid Credentials");
    if (status == 403)
        return discarded("403", "Accessdenied");
    if (is_word(type) && type.len < sizeof(r.code)) {
        memcpy(r.code, type.ptr, type.len);
        r.code[type.len] = '\0';
    }
    return r;
}

struct retry_reading retry_of_invoke(int status, struct bytes function_error,
                                     struct bytes error_type, struct bytes service_error)
{
    struct retry_reading r;

    if (status == 0)
        return again("ETIMEDOUT", "Operation timedout");
    if (status < 200 || status > 299)
        return read_service(status, service_error);
    if (function_error.len == 0)
        return retry_of_status(status);
    return read_error(error_type, &r) ? r
                                      : discarded("EXECUTION_ERROR", "Execution Error");
}

/* STS says it with status 400. */
static bool is_throttling(struct bytes code)
{
    static const char *const codes[] = {"Throttling", "ThrottlingException",
                                        "RequestLimitExceeded", "RequestThrottled"};

    return is_one_of(code, codes, COUNT(codes));
}

struct retry_reading retry_of_assume_role(int status, struct bytes code)
{
    struct retry_reading r = read_service(status, code);

    if (status >= 200 && status <= 299)
        return discarded(r.code, "Invalid Credentials");
    return is_throttling(code) ? again("429", r.code) : r;
}
