/* SPDX-License-Identifier: MIT */

#include "service/unchangeable.h"

#include "base/err.h"
#include "base/mem.h"

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_same_address(const struct config_address *a,
                            const struct config_address *b)
{
    return a->port == b->port && strcmp(a->host, b->host) == 0;
}

int unchangeable_check(const struct config *now, const struct config *wanted,
                       struct err *err)
{
    const char *what = NULL;

    if (!is_same_address(&now->server.public_address, &wanted->server.public_address))
        what = "server.public";
    else if (!is_same_address(&now->server.admin_address, &wanted->server.admin_address))
        what = "server.admin";
    else if (!is_same_text(now->store, wanted->store))
        what = "store";
    else if (!is_same_text(now->master_key_file, wanted->master_key_file))
        what = "master_key_file";
    if (what == NULL)
        return 0;
    err_code(err, "PA1022", ERR_CONFIG, "`%s` cannot change while the service runs",
             what);
    return err_help(err, "restart the service, or change it back");
}
