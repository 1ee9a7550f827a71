/* SPDX-License-Identifier: MIT */

#include "lambda/runtime/verdict.h"

#include <stdio.h>

#include "lib/cm.h"
#include "net/client.h"

static void check(const char *why, struct verdict *got, const char *type,
                  const char *message)
{
    if (got->is_good != (type == NULL))
        fail_msg("%s: it is %s", why, got->is_good ? "good" : "not good");
    if (type != NULL && (!bytes_eq(got->failure.type, bytes_str(type)) ||
                         !bytes_eq(got->failure.message, bytes_str(message))))
        fail_msg("%s: got %.*s \"%.*s\", want %s \"%s\"", why,
                 BYTES_FMT(got->failure.type), BYTES_FMT(got->failure.message), type,
                 message);
    verdict_done(got);
}

static void a_run_keeps_its_class_unless_it_is_worth_another_try(void **state)
{
    static const struct {
        const char *why;
        enum outcome_run run;
        const char *name, *message;
        const char *want_type, *want_message; /* NULL: good */
    } cases[] = {
        {"it returned", RUN_RETURNED, "", "", NULL, NULL},
        {"an older generation's value beside an error", RUN_RETURNED, "X", "y", NULL,
         NULL},
        {"a class", RUN_THREW, "TypeError", "no", "TypeError", "no"},
        {"a rejection", RUN_THREW, "ValidationError", "no", "ValidationError", "no"},
        {"a drop", RUN_THREW, "DropEvent", "no", "DropEvent", "no"},
        {"no Error", RUN_THREW, "", "text", "Error", "text"},
        {"RetryError", RUN_THREW, "RetryError", "busy", "RetryError", "busy"},
        {"time", RUN_TIMEOUT, "Timeout", "too long", "RetryError", "Timeout: too long"},
        {"memory", RUN_MEMORY, "Memory", "too much", "RetryError", "Memory: too much"},
        {"a crash", RUN_CRASHED, "Crash", "gone", "RetryError", "Crash: gone"},
        {"unset", RUN_NONE, "", "", "RetryError", "Error: "},
        {"no handler", RUN_NO_HANDLER, "EventNotSupported", "page not supported",
         "EventNotSupported", "page not supported"},
        {"no handler, no name", RUN_NO_HANDLER, "", "x", "EventNotSupported", "x"},
        {"not loaded", RUN_NOT_LOADED, "", "x", "InvalidSettings", "x"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct pool_result result = {
            .run = cases[i].run,
            .error_name = bytes_str(cases[i].name),
            .error_message = bytes_str(cases[i].message),
        };
        struct verdict got;

        verdict_of_run(&result, 0, &got);
        check(cases[i].why, &got, cases[i].want_type, cases[i].want_message);
    }
}

static void a_batch_is_tried_again_when_one_of_its_events_is_to_be(void **state)
{
    static const struct {
        const char *why, *statuses;
        size_t n_events;
        const char *want; /* NULL: good */
    } cases[] = {
        {"all delivered", "[{\"status\":200},{\"status\":201}]", 2, NULL},
        {"one is refused for good", "[{\"status\":200},{\"status\":400}]", 2, NULL},
        {"one is not supported", "[{\"status\":501}]", 1, NULL},
        {"one is to be tried again", "[{\"status\":200},{\"status\":500}]", 2,
         "1 of the batch's 2 events are to be tried again"},
        {"both", "[{\"status\":429},{\"status\":408}]", 2,
         "2 of the batch's 2 events are to be tried again"},
        {"a real number", "[{\"status\":503.0}]", 1,
         "1 of the batch's 1 events are to be tried again"},
        {"too few: no list of statuses", "[{\"status\":500}]", 2, NULL},
        {"an entry without one: no list of statuses", "[{\"status\":500},{}]", 2, NULL},
        {"a status that is none", "[{\"status\":-1}]", 1, NULL},
        {"no JSON", "[", 1, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct pool_result result = {
            .run = RUN_RETURNED,
            .has_statuses = true,
            .value = bytes_str(cases[i].statuses),
        };
        struct verdict got;

        verdict_of_run(&result, cases[i].n_events, &got);
        check(cases[i].why, &got, cases[i].want != NULL ? "RetryError" : NULL,
              cases[i].want);
    }
}

static void the_endpoint_decides(void **state)
{
    static const struct {
        const char *why;
        enum outcome_transport transport;
        int status;
        const char *error;
        const char *want_type, *want_message;
    } cases[] = {
        {"201", TRANSPORT_OK, 201, "", NULL, NULL},
        {"503", TRANSPORT_OK, 503, "", "RetryError",
         "RequestFailed: the endpoint answered 503"},
        {"429", TRANSPORT_OK, 429, "", "RetryError",
         "RequestFailed: the endpoint answered 429"},
        {"400", TRANSPORT_OK, 400, "", "RequestFailed", "the endpoint answered 400"},
        {"307", TRANSPORT_OK, 307, "", "RequestFailed", "the endpoint answered 307"},
        {"501", TRANSPORT_OK, 501, "", "EventNotSupported", "the endpoint answered 501"},
        {"no answer", TRANSPORT_TIMEOUT, 0, "no answer within 5000 ms", "RetryError",
         "RequestFailed: no answer within 5000 ms"},
        {"not allowed", TRANSPORT_EGRESS, 0, "refused", "RequestFailed", "refused"},
        {"unset", TRANSPORT_NONE, 0, "", "RetryError", "RequestFailed: "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct client_response response = {.transport = cases[i].transport,
                                           .status = cases[i].status};
        struct verdict got;

        snprintf(response.error, sizeof(response.error), "%s", cases[i].error);
        verdict_of_post(&response, &got);
        check(cases[i].why, &got, cases[i].want_type, cases[i].want_message);
    }
}

static void a_payload_without_a_run_keeps_its_type(void **state)
{
    struct verdict got;

    (void)state;
    verdict_refuse(&got, "InvalidEventPayload", "%d of them", 2);
    check("refused", &got, "InvalidEventPayload", "2 of them");
    verdict_refuse(&got, "RetryError", "%s", "no room");
    check("to be tried again", &got, "RetryError", "no room");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_keeps_its_class_unless_it_is_worth_another_try),
        cmocka_unit_test(a_batch_is_tried_again_when_one_of_its_events_is_to_be),
        cmocka_unit_test(the_endpoint_decides),
        cmocka_unit_test(a_payload_without_a_run_keeps_its_type),
    };

    return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
