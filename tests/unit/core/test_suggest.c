/* SPDX-License-Identifier: MIT */

#include "core/suggest.h"

#include "lib/cm.h"

static const struct {
    const char *a, *b;
    size_t want;
} distances[] = {
    {"", "", 0},
    {"a", "", 1},
    {"", "abc", 3},
    {"same", "same", 0},
    {"Same", "sAME", 0},
    {"pubic_url", "public_url", 1},
    {"evnts", "events", 1},
    {"tpye", "type", 1},
    {"kitten", "sitting", 3},
    {"abc", "xyz", 3},
    {"abcdef", "badcfe", 3},
};

static void counts_edits_and_swaps(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(distances); i++) {
        size_t got =
            suggest_distance(bytes_str(distances[i].a), bytes_str(distances[i].b));
        size_t back =
            suggest_distance(bytes_str(distances[i].b), bytes_str(distances[i].a));

        if (got != distances[i].want || back != got)
            fail_msg("%s %s: got %zu and %zu, want %zu", distances[i].a, distances[i].b,
                     got, back, distances[i].want);
    }
}

static void a_word_without_end_is_bounded(void **state)
{
    char word[300];

    (void)state;
    memset(word, 'a', sizeof(word));
    assert_int_equal(suggest_distance(bytes_of(word, sizeof(word)), BYTES("a")), 300);
}

static const struct {
    const char *word, *want;
} nearest[] = {
    {"pubic_url", "public_url"}, {"pulbic", "public"}, {"admi", "admin"},  {"x", NULL},
    {"completely_else", NULL},   {"", NULL},           {"ADMIN", "admin"},
};

static void suggests_only_what_may_be_meant(void **state)
{
    static const char *const words[] = {"public", "admin", NULL, "public_url",
                                        "tls_cert"};

    (void)state;
    for (size_t i = 0; i < COUNT(nearest); i++) {
        const char *got =
            suggest_nearest(bytes_str(nearest[i].word), words, COUNT(words));

        if ((got == NULL) != (nearest[i].want == NULL) ||
            (got != NULL && strcmp(got, nearest[i].want) != 0))
            fail_msg("%s: got %s, want %s", nearest[i].word,
                     got != NULL ? got : "nothing",
                     nearest[i].want != NULL ? nearest[i].want : "nothing");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_edits_and_swaps),
        cmocka_unit_test(a_word_without_end_is_bounded),
        cmocka_unit_test(suggests_only_what_may_be_meant),
    };

    return cmocka_run_group_tests_name("suggest", tests, NULL, NULL);
}
