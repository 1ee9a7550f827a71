/* SPDX-License-Identifier: MIT */

/*
 * jump - preloaded into a program: its monotonic clocks stand JUMP_S seconds further on
 * as soon as the file JUMP_FILE is there. For claims about time limits of minutes.
 */

#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time);

int clock_gettime(clockid_t clock, struct timespec *time)
{
    const char *file = getenv("JUMP_FILE");
    const char *seconds = getenv("JUMP_S");
    const long answer = syscall(SYS_clock_gettime, clock, time);

    if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE && file != NULL &&
        seconds != NULL && access(file, F_OK) == 0)
        time->tv_sec += atol(seconds);
    return (int)answer;
}
