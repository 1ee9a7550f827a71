/* SPDX-License-Identifier: MIT */

#include "service/waiters.h"

#include "lib/cm.h"
#include "net/server.h"
#include "service/keeper.h"

/* In the place of the server and of keeper. */
static int told; /* the status; 0: no answer */
static bool store_has_failed;

void server_answer(struct server_request *request, const struct server_answer *answer)
{
    (void)request;
    told = answer->status;
}

void server_answer_message(struct server_request *request, int status,
                           const char *message)
{
    (void)request;
    (void)message;
    told = status;
}

bool keeper_has_failed(const struct keeper *keeper)
{
    (void)keeper;
    return store_has_failed;
}

enum end { END_SETTLED, END_FORGOTTEN, END_STOPPED };

static void answers_what_may_be_promised(void **state)
{
    static const struct {
        const char *why;
        enum end end;
        enum outcome outcome;
        bool has_failed;
        int want;
    } rows[] = {
        {"delivered", END_SETTLED, OUTCOME_DELIVERED, false, 200},
        {"it will be tried again", END_SETTLED, OUTCOME_RETRY, false, 202},
        {"it took too long", END_FORGOTTEN, OUTCOME_NONE, false, 202},
        {"the service stops", END_STOPPED, OUTCOME_NONE, false, 202},
        {"an outcome that was not stored", END_SETTLED, OUTCOME_DELIVERED, true, 503},
        {"it took too long, and the store has failed", END_FORGOTTEN, OUTCOME_NONE, true,
         503},
        {"the service stops because the store has failed", END_STOPPED, OUTCOME_NONE,
         true, 503},
    };
    struct loop *loop = loop_new();
    static char request, keeper;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct waiters waiters;
        struct waiter waiter = {0};

        waiters_init(&waiters, loop);
        waiters.keeper = (const struct keeper *)(const void *)&keeper;
        told = 0;
        store_has_failed = rows[i].has_failed;
        waiters_add(&waiters, &waiter, (struct server_request *)(void *)&request,
                    "evt_1");
        if (rows[i].end == END_SETTLED)
            waiters_answer(&waiters, &waiter, rows[i].outcome, NULL, NULL);
        else if (rows[i].end == END_FORGOTTEN)
            waiters_forget(&waiters, &waiter);
        waiters_done(&waiters);
        if (told != rows[i].want)
            fail_msg("%s: got %d, want %d", rows[i].why, told, rows[i].want);
    }
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_what_may_be_promised),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
