/* SPDX-License-Identifier: MIT */

/* partnerapp.yaml and .env, parted by a NUL. A configuration or at least one problem,
 * with words; a secret of the file is in none of them; and what loads is shown. */

#include "base/err.h"
#include "core/config.h"
#include "fuzz/fuzz.h"

static void check_problems(const struct config_problems *problems, bool is_quoted)
{
    CLAIM(problems->n_items > 0);
    for (size_t i = 0; i < problems->n_items; i++) {
        CLAIM(problems->items[i].text[0] != '\0');
        CLAIM(strncmp(problems->items[i].code, "PA1", 3) == 0);
        CLAIM(problems->items[i].exit_code == ERR_CONFIG);
        CLAIM(is_quoted || strstr(problems->items[i].text, "canary-7f3a") == NULL);
        CLAIM(is_quoted || strstr(problems->items[i].place, "canary-7f3a") == NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const environment[] = {"CLIENT_SECRET= canary-7f3a",
                                              "PARTNERAPP_LIMITS_QUEUE=canary", NULL};
    struct bytes rest = bytes_of(data, size);
    struct bytes file = bytes_take_until(&rest, '\0');
    const struct config_sources sources = {
        .file = file,
        .file_path = "/etc/partnerapp/partnerapp.yaml",
        .dotenv = rest,
        .environment = size % 3 == 0 ? environment : NULL,
        .is_dev = size % 2 == 0,
    };
    struct config_problems problems = {0};
    struct config *config = NULL;
    struct buf shown;
    const int loaded = config_load(&sources, &config, &problems);

    buf_init(&shown, 1 << 20);
    if (loaded < 0) {
        check_problems(&problems, memmem(data, size, "canary", 6) != NULL);
        CLAIM(config_show(&sources, &shown) < 0);
    } else {
        CLAIM(config != NULL && problems.n_items == 0);
        for (size_t i = 0; i < config->n_subscriptions; i++) {
            const struct config_subscription *one = &config->subscriptions[i];

            CLAIM(one->name != NULL && one->path != NULL && one->path[0] == '/');
            CLAIM(config_by_name(config, bytes_str(one->name)) == one);
            CLAIM(config_by_path(config, bytes_str(one->path)) == one);
        }
        CLAIM(config_show(&sources, &shown) == 0);
        config_free(config);
    }
    buf_done(&shown);
    config_problems_done(&problems);
    return 0;
}
