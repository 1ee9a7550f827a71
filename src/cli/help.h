/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * help - the pages made from the table of commands (ux §2.8).
 */

struct call;
struct command;
struct print;

/* What bare `partnerapp` shows: at most 24 lines. */
void help_print_short(const struct print *print);
/* The whole table as one JSON object. */
void help_print_json(const struct print *print);
/* One command's page; examples first. */
void help_print_command(const struct print *print, const struct command *command);
/* Every command below @family ("events"). */
void help_print_family(const struct print *print, const char *family);
