/* SPDX-License-Identifier: MIT */

#include "core/config_rule.h"

#include "lib/cm.h"
#include "json/write.h"

/* One member of every type. */
struct values {
    const char *text;
    struct config_address address;
    int64_t number;
    int count;
    double rate;
    bool is_on;
    unsigned choice;
    struct secret secret;
};

static const char *const words[] = {"one", "two", NULL};

#define TEXT(kind)                                                                       \
    {                                                                                    \
        .type = (kind), .offset = offsetof(struct values, text)                          \
    }
#define NUMBER(kind, ...)                                                                \
    {                                                                                    \
        .type = (kind), .offset = offsetof(struct values, number), __VA_ARGS__           \
    }

static const struct config_rule name = TEXT(CONFIG_NAME);
static const struct config_rule route = TEXT(CONFIG_ROUTE);
static const struct config_rule path = TEXT(CONFIG_PATH);
static const struct config_rule store = TEXT(CONFIG_STORE);
static const struct config_rule url = TEXT(CONFIG_URL);
static const struct config_rule method = TEXT(CONFIG_METHOD);
static const struct config_rule word = {
    .type = CONFIG_TEXT, .offset = offsetof(struct values, text), .choices = words};
static const struct config_rule address = {.type = CONFIG_ADDRESS,
                                           .offset = offsetof(struct values, address)};
static const struct config_rule duration =
    NUMBER(CONFIG_DURATION, .least = 10, .most = 60000, .has_auto = true);
static const struct config_rule size =
    NUMBER(CONFIG_SIZE, .least = 1024, .most = 1 << 20);
static const struct config_rule number = NUMBER(CONFIG_NUMBER, .least = 1, .most = 9);
static const struct config_rule count = {.type = CONFIG_COUNT,
                                         .offset = offsetof(struct values, count),
                                         .least = 1,
                                         .most = 400,
                                         .has_auto = true};
static const struct config_rule rate = {.type = CONFIG_RATE,
                                        .offset = offsetof(struct values, rate)};
static const struct config_rule on_off = {.type = CONFIG_SWITCH,
                                          .offset = offsetof(struct values, is_on)};
static const struct config_rule choice = {
    .type = CONFIG_CHOICE, .offset = offsetof(struct values, choice), .choices = words};
static const struct config_rule secret = {.type = CONFIG_SECRET,
                                          .offset = offsetof(struct values, secret)};

/* What is read, as it is shown again; NULL: refused. */
static const struct {
    const struct config_rule *rule;
    const char *text;
    const char *want;
} cases[] = {
    {&name, "crm", "\"crm\""},
    {&name, "0-a_b", "\"0-a_b\""},
    {&name, "-a", NULL},
    {&name, "_a", NULL},
    {&name, "A", NULL},
    {&name, "a b", NULL},
    {&name, "a123456789012345678901234567890123456789012345678901234567890123", NULL},
    {&name, "", NULL},
    {&route, "/webhook", "\"/webhook\""},
    {&route, "/apiary", "\"/apiary\""},
    {&route, "/api", NULL},
    {&route, "/api/x", NULL},
    {&route, "/livez", NULL},
    {&route, "/auth/segment", NULL},
    {&route, "/metrics", NULL},
    {&route, "webhook", NULL},
    {&route, "/", NULL},
    {&route, "/a/", NULL},
    {&route, "/a?b", NULL},
    {&route, "/a b", NULL},
    {&path, "/abs/f.js", "\"/abs/f.js\""},
    {&path, "f.js", "\"/etc/p/f.js\""},
    {&path, "./f.js", "\"/etc/p/f.js\""},
    {&path, "../f.js", "\"/etc/p/../f.js\""},
    {&store, "sqlite:./p.db", "\"sqlite:/etc/p/p.db\""},
    {&store, "sqlite:/var/p.db", "\"sqlite:/var/p.db\""},
    {&store, "postgresql://h/d", "\"postgresql://h/d\""},
    {&store, "sqlite:", NULL},
    {&store, "p.db", NULL},
    {&url, "https://a.example/x?y=1", "\"https://a.example/x?y=1\""},
    {&url, "http://a", "\"http://a\""},
    {&url, "ftp://a", NULL},
    {&url, "https://", NULL},
    {&url, "https:///x", NULL},
    {&url, "https://a b", NULL},
    {&url, "a.example", NULL},
    {&method, "POST", "\"POST\""},
    {&method, "post", NULL},
    {&method, "PO ST", NULL},
    {&word, "two", "\"two\""},
    {&word, "three", NULL},
    {&address, "1.2.3.4:80", "\"1.2.3.4:80\""},
    {&address, "[::1]:80", "\"[::1]:80\""},
    {&address, "localhost:65535", "\"localhost:65535\""},
    {&address, "9000", "\"0.0.0.0:9000\""},
    {&address, "0", "\"0.0.0.0:0\""},
    {&address, "a:65536", NULL},
    {&address, "a:-1", NULL},
    {&address, "::1:80", NULL},
    {&address, ":80", NULL},
    {&address, "[]:80", NULL},
    {&address, "a", NULL},
    {&address, "a:", NULL},
    {&duration, "500ms", "\"500ms\""},
    {&duration, "30s", "\"30s\""},
    {&duration, "30", "\"30s\""},
    {&duration, "1m", "\"1m\""},
    {&duration, "auto", "\"auto\""},
    {&duration, "9ms", NULL},
    {&duration, "61s", NULL},
    {&duration, "0s", NULL},
    {&duration, "-5s", NULL},
    {&duration, "soon", NULL},
    {&size, "1KiB", "\"1KiB\""},
    {&size, "1536", "\"1536\""},
    {&size, "1MiB", "\"1MiB\""},
    {&size, "1023", NULL},
    {&size, "2MiB", NULL},
    {&number, "9", "9"},
    {&number, "10", NULL},
    {&number, "0", NULL},
    {&number, "auto", NULL},
    {&number, "1.5", NULL},
    {&count, "400", "400"},
    {&count, "auto", "\"auto\""},
    {&count, "401", NULL},
    {&count, "0", NULL},
    {&count, "99999999999999999999", NULL},
    {&rate, "50/s", "\"50/s\""},
    {&rate, "50", NULL},
    {&on_off, "on", "true"},
    {&on_off, "yes", "true"},
    {&on_off, "TRUE", "true"},
    {&on_off, "off", "false"},
    {&on_off, "no", "false"},
    {&on_off, "false", "false"},
    {&on_off, "1", NULL},
    {&choice, "one", "\"one\""},
    {&choice, "Two", "\"two\""},
    {&choice, "three", NULL},
    {&secret, "abc123", "\"••••\""},
    {&secret, "a b", "\"••••\""},
    {&secret, "abc\n", NULL},
    {&secret, "\"abc\"", NULL},
    {&secret, "'abc'", NULL},
    {&secret, " abc", NULL},
    {&secret, "a\nb", NULL},
};

static void reads_and_shows_again(void **state)
{
    struct arena arena;
    const struct config_reading reading = {.arena = &arena, .folder = BYTES("/etc/p/")};

    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct values values = {.address = {"0.0.0.0", 8888}};
        const char *why = NULL;
        struct write write;
        struct buf shown;
        bool ok = config_rule_read(cases[i].rule, bytes_str(cases[i].text), &reading,
                                   &values, &why);

        buf_init(&shown, 1024);
        write_init(&write, &shown);
        config_rule_show(cases[i].rule, &values, &write);
        if (ok != (cases[i].want != NULL) ||
            (ok && strcmp(buf_text(&shown), cases[i].want) != 0))
            fail_msg("\"%s\": got %s, want %s", cases[i].text,
                     ok ? buf_text(&shown) : "refused",
                     cases[i].want != NULL ? cases[i].want : "refused");
        buf_done(&shown);
        secret_done(&values.secret);
    }
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_shows_again),
    };

    return cmocka_run_group_tests_name("config_rule", tests, NULL, NULL);
}
