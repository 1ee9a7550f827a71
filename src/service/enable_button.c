/* SPDX-License-Identifier: MIT */

/* GET /auth/segment/button.svg: the button, for sites that want no markup of their own.
 */

#include <stdio.h>

#include "service/site.h"

enum { SVG_BYTES = 2048 };

static const struct theme {
    const char *name, *ground, *ink, *edge;
} themes[] = {
    {"light", "#ffffff", "#1f2a37", "#c5ccd3"},
    {"dark", "#1f2a37", "#ffffff", "#1f2a37"},
    {"green", "#1f7a4d", "#ffffff", "#1f7a4d"},
};

void enable_button(const struct site_call *call)
{
    const struct bytes wanted = server_query(call->request, "theme");
    const struct theme *theme = &themes[0];
    char text[SVG_BYTES];
    struct server_answer answer = {
        .status = 200,
        .content_type = "image/svg+xml",
        .headers = {{"Cache-Control", "public, max-age=86400"},
                    {"Content-Security-Policy", "default-src 'none'"},
                    {"Cross-Origin-Resource-Policy", "cross-origin"},
                    {"X-Content-Type-Options", "nosniff"}},
    };

    for (size_t i = 0; i < COUNT(themes); i++) {
        if (bytes_eq(wanted, bytes_str(themes[i].name)))
            theme = &themes[i];
    }
    snprintf(text, sizeof(text),
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"200\" height=\"40\" "
             "role=\"img\" aria-label=\"Enable with Segment\">\n"
             "<title>Enable with Segment</title>\n"
             "<rect x=\"0.5\" y=\"0.5\" width=\"199\" height=\"39\" rx=\"4\" "
             "fill=\"%s\" stroke=\"%s\"/>\n"
             "<text x=\"100\" y=\"25\" text-anchor=\"middle\" font-size=\"15\" "
             "font-family=\"system-ui, sans-serif\" fill=\"%s\">Enable with Segment"
             "</text>\n</svg>\n",
             theme->ground, theme->edge, theme->ink);
    answer.body = bytes_str(text);
    server_answer(call->request, &answer);
}
