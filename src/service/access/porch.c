/* SPDX-License-Identifier: MIT */

#include "service/access/porch.h"

#include <stdio.h>

#include "base/err.h"
#include "base/secret.h"
#include "service/access/audit.h"
#include "service/access/doorman.h"
#include "service/access/hasher.h"
#include "service/access/links.h"
#include "service/access/welcome.h"
#include "service/site.h"
#include "sys/log.h"

int porch_load(struct site *site, struct store *store, struct err *err)
{
    site->people = people_new();
    if (people_load(site->people, store, err) < 0)
        return -1;
    if (site->is_dev ||
        welcome_setup(site->people, store, site->vault, site->setup_code, err) == 0)
        return 0;
    if (err->exit_code != ERR_TRY_LATER)
        return -1;
    /* A full disk passes, and what is stored can be delivered meanwhile. */
    log_line(LOG_WARN, "no setup link is made before the next start",
             LOG_TEXT("why", err->text));
    site->setup_code[0] = '\0';
    *err = (struct err){0};
    return 0;
}

void porch_start(struct site *site, struct keeper *keeper)
{
    site->audit = audit_new(keeper);
    site->hasher = hasher_new();
    site->doorman = doorman_new();
}

/* The one secret that a log holds: it is void after an hour, and once it was used. */
void porch_tell(const struct site *site)
{
    char link[LINKS_BYTES];

    if (site->setup_code[0] == '\0')
        return;
    links_local(site, "/setup", site->setup_code, link);
    log_line(LOG_WARN,
             "the console has no user yet: this link makes the first one, once, within "
             "an hour",
             LOG_TEXT("link", link));
}

void porch_stop(struct site *site)
{
    hasher_stop(site->hasher); /* its jobs end as errands of keeper */
    audit_close(site->audit);
}

void porch_free(struct site *site)
{
    hasher_free(site->hasher);
    doorman_free(site->doorman);
    audit_free(site->audit);
    people_free(site->people);
    secret_wipe(site->setup_code, sizeof(site->setup_code));
}
