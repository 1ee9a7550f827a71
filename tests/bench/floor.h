/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * floor - what the parts cost by themselves on this machine: below that nobody gets who
 * receives over HTTP, keeps durably, runs JavaScript and sends over HTTP.
 *
 *     floor receive PORT                           epoll, read, a minimal parser, write;
 *                                                  until standard input ends
 *     floor sync FOLDER SECONDS                    64 events of 1 KiB and an fdatasync,
 * in place of a file that has its size floor call HANDLER EVENT SETTINGS SECONDS
 * JavaScriptCore, text in, text out floor post PORT SECONDS libcurl's multi_socket, 64 in
 * flight
 *
 * Each prints {"n":…,"cpu_us":…}: events, and user + system time of one.
 */

#include <stdint.h>

struct floor_meter {
    int64_t cpu_us, wall_us; /* when it began */
};

void floor_begin(struct floor_meter *meter);
/* Since then. */
int64_t floor_wall_us(const struct floor_meter *meter);
int64_t floor_cpu_us(const struct floor_meter *meter);
/* Says why and exits. */
__attribute__((noreturn)) void floor_fail(const char *what);

void floor_call(char **arguments);
void floor_post(int port, double seconds);
