/* SPDX-License-Identifier: MIT */

#include "core/config.h"

#include "core/config_rule.h"
#include "lib/cm.h"

static void the_table_is_consistent(void **state)
{
    size_t n_keys;
    const struct config_key *keys = config_keys(&n_keys);

    (void)state;
    for (size_t i = 0; i < n_keys; i++) {
        const struct config_key *key = &keys[i];

        assert_non_null(key->rule);
        assert_true(key->help[0] != '\0' && key->kind[0] != '\0');
        assert_non_null(key->default_text);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(keys[j].name, key->name);
        if (strncmp(key->name, "subscriptions[]", 15) == 0)
            assert_null(key->environment);
        if (strncmp(key->name, "server.public", 14) == 0 ||
            strcmp(key->name, "store") == 0 || strcmp(key->name, "master_key_file") == 0)
            assert_false(key->is_reloadable);
    }
}

static void environment_names_follow_from_the_keys(void **state)
{
    size_t n_keys;
    const struct config_key *keys = config_keys(&n_keys);

    (void)state;
    for (size_t i = 0; i < n_keys; i++) {
        char want[128] = "PARTNERAPP_";
        size_t at = strlen(want);

        if (keys[i].environment == NULL ||
            strncmp(keys[i].environment, "CLIENT_", 7) == 0)
            continue;
        for (const char *c = keys[i].name; *c != '\0'; c++)
            want[at++] = *c == '.' ? '_' : (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
        want[at] = '\0';
        assert_string_equal(keys[i].environment, want);
    }
}

static void every_default_is_what_its_own_rule_accepts(void **state)
{
    size_t n_keys;
    const struct config_key *keys = config_keys(&n_keys);
    /* Room for either of the two that offsets are in. */
    union {
        struct config config;
        struct config_subscription subscription;
    } values;
    struct arena arena;
    const struct config_reading reading = {.arena = &arena};

    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < n_keys; i++) {
        const struct config_rule *rule = keys[i].rule;
        const char *text = keys[i].default_text;
        const char *why = NULL;

        if (rule->is_computed || rule->type == CONFIG_JSON || rule->type == CONFIG_LIST ||
            strcmp(text, "null") == 0)
            continue;
        memset(&values, 0, sizeof(values));
        if (!config_rule_read(rule, bytes_str(text), &reading, &values, &why))
            fail_msg("%s: %s", keys[i].name, text);
        text = keys[i].default_in_dev;
        if (text != NULL &&
            !config_rule_read(rule, bytes_str(text), &reading, &values, &why))
            fail_msg("%s in dev: %s", keys[i].name, text);
    }
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_consistent),
        cmocka_unit_test(environment_names_follow_from_the_keys),
        cmocka_unit_test(every_default_is_what_its_own_rule_accepts),
    };

    return cmocka_run_group_tests_name("config_keys", tests, NULL, NULL);
}
