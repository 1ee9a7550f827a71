/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * setup - the configuration of this call, gathered from where it may stand.
 *
 * Reads the files (partnerapp.yaml, .env) and hands their texts to core/config, which
 * decides. What must outlive the loading (nothing does) is not kept.
 */

#include "core/config.h"

struct call;

enum { SETUP_MAX_FLAGS = 8 };

struct setup {
    struct arena arena;
    struct buf file, dotenv;
    const char *file_path; /* NULL: there is none */
    const char *flags[SETUP_MAX_FLAGS + 1];
    size_t n_flags;
    bool is_dev;
};

/*
 * Finds and reads the files: --config, else ./partnerapp.yaml, else (not in dev)
 * /etc/partnerapp/partnerapp.yaml, else none. -1 when one is there but unreadable, or a
 * named one is absent. End with setup_done, also after -1.
 */
must_check
int setup_read(struct setup *setup, const struct call *call, bool is_dev,
               struct err *err);
void setup_done(struct setup *setup);
/* A value that wins over all others: setup_flag(s, "server.public=127.0.0.1:%d", 9000).
 */
printf_like(2, 3) void setup_flag(struct setup *setup, const char *format, ...);
void setup_sources(const struct setup *setup, struct config_sources *ret_sources);

/* Whether a key that begins with @prefix ("segment.") has a value from anywhere but its
 * default. */
bool setup_has(const struct setup *setup, const char *prefix);

enum { SETUP_BROKEN = 1 };
/* SETUP_BROKEN: every problem has been shown on stderr, with a count. */
must_check
int setup_load(const struct setup *setup, const struct call *call,
               struct config **ret_config);

/* Shows them all on stderr, with a count. */
void setup_show_problems(const struct call *call, const struct config_problems *problems);

/* --data, else @is_dev decides. For commands that talk to a service: what is there. */
const char *setup_data(const struct call *call, bool is_dev);
const char *setup_client_data(const struct call *call);

/* The path of partnerapp-runner: beside this program, or $PARTNERAPP_RUNNER. */
must_check
int setup_runner(char *ret_path, size_t size, struct err *err);
/* $PARTNERAPP_CLOCK_URL, or NULL: whose time this process follows. */
const char *setup_clock_url(void);
/* Says to sys/log what the configuration wants; @at_most caps the level. */
void setup_log(const struct config *config, const struct call *call,
               enum config_log_level at_most);
