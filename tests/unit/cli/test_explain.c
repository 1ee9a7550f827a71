/* SPDX-License-Identifier: MIT */

#include "cli/explain.h"

#include <string.h>

#include "base/attr.h"
#include "lib/cm.h"

enum { LINE_COLUMNS = 90 };

static size_t longest_line(const char *text)
{
    size_t longest = 0;

    while (*text != '\0') {
        size_t len = strcspn(text, "\n");

        longest = len > longest ? len : longest;
        text += len + (text[len] == '\n');
    }
    return longest;
}

static void every_page_is_whole(void **state)
{
    size_t n_pages;
    const struct explain_page *pages = explain_pages(&n_pages);

    (void)state;
    for (size_t i = 0; i < n_pages; i++) {
        if (pages[i].what[0] == '\0' || pages[i].cause[0] == '\0' ||
            pages[i].fix[0] == '\0')
            fail_msg("%s: a part is empty", pages[i].code);
        if (longest_line(pages[i].cause) > LINE_COLUMNS ||
            longest_line(pages[i].fix) > LINE_COLUMNS)
            fail_msg("%s: a line is too long", pages[i].code);
        if (i > 0 && strcmp(pages[i - 1].code, pages[i].code) >= 0)
            fail_msg("%s: not in order, or twice", pages[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_is_whole),
    };

    return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
