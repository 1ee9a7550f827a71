/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * page - the forms of login, setup and invitation: one page each, without JavaScript,
 * under a policy that lets nothing in. They work in a text browser too.
 */

#include "net/server.h"
#include "service/access/cookie.h"
#include "service/access/form_token.h"

enum page_kind { PAGE_LOGIN = 0, PAGE_SETUP, PAGE_INVITATION, PAGE_MESSAGE };

struct page {
    enum page_kind kind;
    int status;
    const char *fault;     /* a sentence; NULL: none */
    const char *remedy;    /* of a message: what to do */
    struct bytes name;     /* as it was typed, or the invited user's */
    struct bytes next;     /* where the login leads to */
    struct bytes code;     /* of the link */
    int64_t retry_after_s; /* 0: none */
    const char *token;     /* of the form */
    const char *cookie;    /* Set-Cookie's text; "" or NULL: none */
};
void page_answer(struct server_request *request, const struct page *page);
