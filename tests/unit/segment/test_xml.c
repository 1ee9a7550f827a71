/* SPDX-License-Identifier: MIT */

#include "segment/xml.h"

#include "lib/cm.h"

#define D8 "<d><d><d><d><d><d><d><d>"
#define E8 "</d></d></d></d></d></d></d></d>"

static const struct {
    const char *why;
    struct bytes document;
    const char *path;
    const char *inner; /* of the first; NULL: the document is refused */
    size_t n_found;
} documents[] = {
    {"a root", BYTES("<a>x</a>"), "a", "x", 1},
    {"a leaf", BYTES("<a><b>x</b></a>"), "a/b", "x", 1},
    {"what is inside, with its tags", BYTES("<a><b>x</b></a>"), "a", "<b>x</b>", 1},
    {"a declaration and space around", BYTES("<?xml version=\"1.0\"?>\n<a>x</a>\n"), "a",
     "x", 1},
    {"a byte order mark", BYTES("\xef\xbb\xbf<a>x</a>"), "a", "x", 1},
    {"attributes", BYTES("<a xmlns=\"https://x/\" y='\"' ><b z=\"1\">x</b></a>"), "a/b",
     "x", 1},
    {"space of every kind", BYTES("\t\r\n <a\t\r\n b=\"1\"\r>x</a\t>\r\t"), "a", "x", 1},
    {"digits in a name", BYTES("<a09>x</a09>"), "a09", "x", 1},
    {"an attribute of nothing", BYTES("<a b=\"\">x</a>"), "a", "x", 1},
    {"a slash inside an attribute", BYTES("<a b=\"/>\">x</a>"), "a", "x", 1},
    {"an empty element", BYTES("<a><b/></a>"), "a/b", "", 1},
    {"an empty element with attributes", BYTES("<a><b c=\"1\" /></a>"), "a/b", "", 1},
    {"an empty root", BYTES("<a/>"), "a", "", 1},
    {"space before the end", BYTES("<a>x</a >"), "a", "x", 1},
    {"the first of two", BYTES("<a><b>x</b><b>y</b></a>"), "a/b", "x", 2},
    {"not there", BYTES("<a><b>x</b></a>"), "a/c", "", 0},
    {"not at this place", BYTES("<a><c><b>x</b></c></a>"), "a/b", "", 0},
    {"not below the root", BYTES("<a><b>x</b></a>"), "b", "", 0},
    {"a path that is longer", BYTES("<a><b>x</b></a>"), "a/b/c", "", 0},
    {"a name that only begins so", BYTES("<a><bb>x</bb></a>"), "a/b", "", 0},
    {"16 levels", BYTES(D8 D8 E8 E8), "x", "", 0},
    {"17 levels", BYTES(D8 "<d>" D8 E8 "</d>" E8), "x", NULL, 0},
    {"nothing", BYTES(""), "a", NULL, 0},
    {"only space", BYTES(" \n"), "a", NULL, 0},
    {"only a declaration", BYTES("<?xml version=\"1.0\"?>"), "a", NULL, 0},
    {"no XML", BYTES("hello"), "a", NULL, 0},
    {"JSON", BYTES("{\"a\":1}"), "a", NULL, 0},
    {"text before the root", BYTES("x<a/>"), "a", NULL, 0},
    {"text after the root", BYTES("<a/>x"), "a", NULL, 0},
    {"two roots", BYTES("<a/><a/>"), "a", NULL, 0},
    {"an open root", BYTES("<a>x"), "a", NULL, 0},
    {"an open element", BYTES("<a><b>x</a>"), "a", NULL, 0},
    {"ends that cross", BYTES("<a><b></a></b>"), "a", NULL, 0},
    {"an end without a start", BYTES("</a>"), "a", NULL, 0},
    {"an end too many", BYTES("<a></a></a>"), "a", NULL, 0},
    {"a tag without an end", BYTES("<a"), "a", NULL, 0},
    {"a tag with a slash at its end", BYTES("<a/"), "a", NULL, 0},
    {"a lone bracket", BYTES("<"), "a", NULL, 0},
    {"a tag without a name", BYTES("<>x</>"), "a", NULL, 0},
    {"a space for a name", BYTES("< a>x</a>"), "a", NULL, 0},
    {"a name that begins with a digit", BYTES("<1>x</1>"), "1", NULL, 0},
    {"a NUL in a name", BYTES("<a\0b>x</a\0b>"), "a", NULL, 0},
    {"an attribute without quotes", BYTES("<a b=1>x</a>"), "a", NULL, 0},
    {"an attribute without a value", BYTES("<a b>x</a>"), "a", NULL, 0},
    {"an attribute that does not end", BYTES("<a b=\"1>x</a>"), "a", NULL, 0},
    {"an attribute at the very end", BYTES("<a b=\""), "a", NULL, 0},
    {"attributes without space", BYTES("<a b=\"1\"c=\"2\">x</a>"), "a", NULL, 0},
    {"a bracket in an attribute", BYTES("<a b=\"<\">x</a>"), "a", NULL, 0},
    {"a document type", BYTES("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"), "a", NULL,
     0},
    {"an outside entity", BYTES("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>"), "a",
     NULL, 0},
    {"a comment", BYTES("<a><!-- <b>x</b> --></a>"), "a/b", NULL, 0},
    {"CDATA", BYTES("<a><![CDATA[<b>x</b>]]></a>"), "a/b", NULL, 0},
    {"an instruction", BYTES("<a><?b c?></a>"), "a", NULL, 0},
    {"a declaration that is not first", BYTES(" <?xml version=\"1.0\"?><a/>"), "a", NULL,
     0},
    {"a declaration that does not end", BYTES("<?xml version=\"1.0\"><a/>"), "a", NULL,
     0},
};

static void elements_are_found_in_what_is_well_formed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(documents); i++) {
        struct xml_found found;
        const bool is_good = xml_find(documents[i].document, documents[i].path, &found);

        if (is_good != (documents[i].inner != NULL))
            fail_msg("%s: got %d", documents[i].why, is_good);
        if (is_good && (found.n_found != documents[i].n_found ||
                        !bytes_eq(found.inner, bytes_str(documents[i].inner))))
            fail_msg("%s: got %zu '%.*s', want %zu '%s'", documents[i].why, found.n_found,
                     BYTES_FMT(found.inner), documents[i].n_found, documents[i].inner);
    }
}

static void the_outside_has_the_tags(void **state)
{
    struct xml_found found;

    (void)state;
    assert_true(xml_find(BYTES("<a> <b c=\"1\">x</b > <b/></a>"), "a/b", &found));
    assert_true(bytes_eq(found.outer, BYTES("<b c=\"1\">x</b >")));
    assert_true(xml_find(BYTES("<a><b/></a>"), "a/b", &found));
    assert_true(bytes_eq(found.outer, BYTES("<b/>")));
}

/* Each shorter document is in memory of its own, so that a look too far is seen. */
static void no_beginning_of_a_document_is_one(void **state)
{
    static const char document[] = "<?xml version='1.0'?><a x=\"1\"><b>&amp;</b><c/></a>";

    (void)state;
    for (size_t len = 0; len < sizeof(document) - 1; len++) {
        char *text = malloc(len + 1);
        struct xml_found found;

        assert_non_null(text);
        memcpy(text, document, len);
        if (xml_find(bytes_of(text, len), "a/b", &found))
            fail_msg("the first %zu bytes: got a document", len);
        free(text);
    }
}

static const struct {
    const char *why;
    const char *inner;
    const char *want; /* NULL: refused */
} texts[] = {
    {"plain", "hello", "hello"},
    {"nothing", "", ""},
    {"the five entities", "&lt;&gt;&amp;&quot;&apos;", "<>&\"'"},
    {"meant once", "&amp;lt;", "&lt;"},
    {"a number", "a&#65;&#x42;&#X", NULL},
    {"numbers of either kind", "&#65;&#x42;&#x2022;", "AB\xe2\x80\xa2"},
    {"space by its number", "&#9;&#10;&#13;&#32;", "\t\n\r "},
    {"the last of Unicode", "&#1114111;&#x10ffff;", "\xf4\x8f\xbf\xbf\xf4\x8f\xbf\xbf"},
    {"hex digits", "&#x3aF;", "\xce\xaf"},
    {"UTF-8 stays", "\xe2\x80\xa2", "\xe2\x80\xa2"},
    {"an entity of one's own", "&b;", NULL},
    {"a lone ampersand", "a & b", NULL},
    {"an ampersand at the end", "a&", NULL},
    {"nothing between", "&;", NULL},
    {"no number", "&#;", NULL},
    {"no hex number", "&#x;", NULL},
    {"a letter in a number", "&#6a;", NULL},
    {"a NUL", "&#0;", NULL},
    {"a control", "&#7;", NULL},
    {"a surrogate", "&#xd800;", NULL},
    {"above Unicode", "&#x110000;", NULL},
    {"a number without end", "&#99999999999999999999;", NULL},
    {"an element", "a<b/>", NULL},
};

static void text_is_decoded_or_refused(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 100);
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct bytes added;
        bool is_good;

        buf_clear(&text);
        buf_add_text(&text, "<");
        is_good = xml_text(bytes_str(texts[i].inner), &text);
        added = bytes_slice(buf_bytes(&text), 1, text.len);
        if (is_good != (texts[i].want != NULL) ||
            !bytes_eq(added, bytes_str(texts[i].want)))
            fail_msg("%s: got %d '%s'", texts[i].why, is_good, buf_text(&text));
    }
    buf_done(&text);
    buf_init(&text, 4);
    assert_false(xml_text(BYTES("ab&amp;cd"), &text));
    assert_int_equal(text.len, 0);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_found_in_what_is_well_formed),
        cmocka_unit_test(the_outside_has_the_tags),
        cmocka_unit_test(no_beginning_of_a_document_is_one),
        cmocka_unit_test(text_is_decoded_or_refused),
    };

    return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
