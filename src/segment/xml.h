/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * xml - one element of a small document that a stranger wrote, such as AWS's answers.
 *
 * Strict, bounded, and without XML's machinery: elements, attributes and text, the five
 * entities and numbers, a declaration at the start. A document type, comments, CDATA and
 * processing instructions are refused, and so are more than XML_DEPTH levels. Names are
 * compared as they are written: prefixes mean nothing here.
 */

#include "base/buf.h"

enum { XML_DEPTH = 16 };

struct xml_found {      /* slices of the document: of the first one */
    struct bytes outer; /* with its tags */
    struct bytes inner; /* between them */
    size_t n_found;
};

/* Looks for the elements at @path ("ErrorResponse/Error/Code", from the root). False: the
 * document is not well-formed, or of what is refused; nothing of it is to be used. */
must_check
bool xml_find(struct bytes document, const char *path, struct xml_found *ret_found);
/* Adds the meaning of an element's inside; bytes that are no UTF-8 stay. False, and
 * nothing added: there are elements in it, a reference to what is none, or it does not
 * fit. */
must_check
bool xml_text(struct bytes inner, struct buf *ret_text);
