/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * app - a partner's registration in the Developer Center (dossier §6.1), as the OAuth
 * server needs it.
 */

#include "base/arena.h"

struct exchange;
struct world;

struct app {                /* texts lie in the arena it was read into */
    int64_t id;             /* 0: none */
    struct bytes workspace; /* slug of its owner */
    struct bytes slug, display_name;
    struct bytes client_id, client_secret;
    struct bytes scope;
    struct bytes redirect_uris; /* JSON list's text */
    bool is_public;             /* any workspace may install it */
    bool allows_reinstall;      /* a second install on one workspace */
    bool allows_secret_post;    /* its credentials may be in the body */
};

/* False: there is none of this client id, of this number. */
must_check
bool app_find_client(struct world *world, struct bytes client_id, struct arena *arena,
                     struct app *ret_app);
must_check
bool app_find(struct world *world, int64_t id, struct arena *arena, struct app *ret_app);
/* Is @uri one of its own, to the letter? */
must_check
bool app_has_redirect_uri(const struct app *app, struct bytes uri);
/* Its only one; ptr NULL when it has none or several. In @arena. */
struct bytes app_only_redirect_uri(const struct app *app, struct arena *arena);
