/* SPDX-License-Identifier: MIT */

/*
 * Part of programs where coverage is measured (b_coverage), and nowhere else: what
 * SIGTERM ends writes its counts before it ends of it. A program that listens to the
 * signal itself ends in its own way and writes them then.
 */

#include <signal.h>
#include <unistd.h>

void __gcov_dump(void); /* gcc's */

static void on_term(int number)
{
    (void)alarm(10); /* if we came in the middle of what that needs */
    __gcov_dump();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

__attribute__((constructor)) static void listen_to_term(void)
{
    struct sigaction now;

    if (sigaction(SIGTERM, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
        (void)signal(SIGTERM, on_term);
}
