/* SPDX-License-Identifier: MIT */

#include "service/install_news.h"

#include <stdio.h>

#include "core/enabling.h"
#include "store/installs.h"
#include "sys/clock.h"

/* Who is granted what: "workspaces/acme/sources/website · destination/demo". */
static void describe_grant(const struct store_install *install, char *text, size_t size)
{
    const struct bytes where =
        install->source.len > 0 ? install->source : install->workspace;

    snprintf(text, size, "%.*s · %.*s", BYTES_FMT(where), BYTES_FMT(install->scope));
}

bool install_news(struct install_news *news, enum registrar_event event,
                  const struct registrar_result *result)
{
    const struct store_install *install = result->install;
    struct service_notice *notice = &news->notice;

    *notice = (struct service_notice){.kind = NOTICE_INSTALL,
                                      .wall_ms = clock_wall_ms(),
                                      .text = "segment",
                                      .detail = news->detail,
                                      .state = news->state};
    snprintf(news->state, sizeof(news->state), "%.*s", BYTES_FMT(install->destination));
    snprintf(news->detail, sizeof(news->detail), "installs/%lld",
             (long long)install->number);
    switch (event) {
    case REGISTRAR_GRANTED:
        notice->text = "install";
        snprintf(news->detail, sizeof(news->detail), "installs/%lld granted",
                 (long long)install->number);
        describe_grant(install, news->state, sizeof(news->state));
        return true;
    case REGISTRAR_CREATED:
        notice->detail = "destination created";
        return true;
    case REGISTRAR_UPDATED:
        notice->detail = "destination updated";
        return true;
    case REGISTRAR_FAILED:
        notice->status = 1;
        notice->state = enabling_words(result->fault)->title;
        return true;
    case REGISTRAR_CHANGED:
        return false;
    }
    return false;
}
