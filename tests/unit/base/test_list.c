/* SPDX-License-Identifier: MIT */

#include "base/list.h"

#include <string.h>

#include "lib/cm.h"

struct item {
    int padding; /* so that the link is not at offset 0 */
    char name;
    struct list_link link;
};

static struct item items[4];

static int renew_items(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(items); i++)
        items[i] = (struct item){.name = (char)('a' + i)};
    return 0;
}

static void expect(const struct list *list, const char *want)
{
    char got[16] = "";
    char back[16] = "";
    size_t n = 0;
    size_t len = strlen(want);

    for (struct list_link *link = list->first; link != NULL; link = link->next)
        got[n++] = list_entry(link, struct item, link)->name;
    n = 0;
    for (struct list_link *link = list->last; link != NULL; link = link->prev)
        back[n++] = list_entry(link, struct item, link)->name;
    assert_string_equal(got, want);
    assert_int_equal(list->n_links, len);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(back[i], want[len - 1 - i]);
    assert_int_equal(list_is_empty(list), len == 0);
}

static void pushes_at_both_ends(void **state)
{
    struct list list = {0};

    (void)state;
    expect(&list, "");
    list_push(&list, &items[1].link);
    list_push(&list, &items[2].link);
    list_push_front(&list, &items[0].link);
    expect(&list, "abc");
}

static void removes_from_anywhere(void **state)
{
    static const struct {
        size_t remove;
        const char *want;
    } cases[] = {{0, "bc"}, {1, "ac"}, {2, "ab"}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct list list = {0};

        renew_items(state);
        for (size_t at = 0; at < 3; at++)
            list_push(&list, &items[at].link);
        list_remove(&list, &items[cases[i].remove].link);
        expect(&list, cases[i].want);
        assert_null(items[cases[i].remove].link.next);
        assert_null(items[cases[i].remove].link.prev);
    }
}

static void pops_until_empty_and_starts_again(void **state)
{
    struct list list = {0};

    (void)state;
    list_push(&list, &items[0].link);
    list_push(&list, &items[1].link);
    assert_ptr_equal(list_pop(&list), &items[0].link);
    assert_ptr_equal(list_pop(&list), &items[1].link);
    assert_null(list_pop(&list));
    list_push_front(&list, &items[2].link);
    expect(&list, "c");
}

static void appends_whole_lists(void **state)
{
    struct list list = {0};
    struct list other = {0};

    (void)state;
    list_append_all(&list, &other);
    expect(&list, "");
    list_push(&other, &items[0].link);
    list_push(&other, &items[1].link);
    list_append_all(&list, &other);
    expect(&list, "ab");
    expect(&other, "");
    list_push(&other, &items[2].link);
    list_append_all(&list, &other);
    expect(&list, "abc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(pushes_at_both_ends, renew_items),
        cmocka_unit_test_setup(removes_from_anywhere, renew_items),
        cmocka_unit_test_setup(pops_until_empty_and_starts_again, renew_items),
        cmocka_unit_test_setup(appends_whole_lists, renew_items),
    };

    return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
