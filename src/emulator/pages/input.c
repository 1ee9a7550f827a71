/* SPDX-License-Identifier: MIT */

#include "emulator/pages/input.h"

#include "base/html.h"

static void show_label(struct buf *out, const char *name, struct bytes label,
                       bool is_required)
{
    html_addf(out, "<div class=\"field\"><label for=\"f-%s\">%b%s</label>", name, &label,
              is_required ? " (required)" : "");
}

static void show_hint(struct buf *out, const char *name, struct bytes hint)
{
    if (hint.len > 0)
        html_addf(out, "<span class=\"hint\" id=\"h-%s\">%b</span>", name, &hint);
}

/* Attributes that both kinds of input have. */
static void show_attributes(struct buf *out, const struct input *input)
{
    html_addf(out, " id=\"f-%s\" name=\"%s\"", input->name, input->name);
    if (input->hint.len > 0)
        html_addf(out, " aria-describedby=\"h-%s\"", input->name);
    if (input->is_required)
        html_add(out, " required");
}

void input_show(struct buf *out, const struct input *input)
{
    show_label(out, input->name, input->label, input->is_required);
    if (input->n_lines == 0) {
        html_addf(out, "<input type=\"%s\" autocomplete=\"%s\" spellcheck=\"false\"",
                  input->is_secret ? "password" : "text",
                  input->is_secret ? "new-password" : "off");
        show_attributes(out, input);
        html_addf(out, " value=\"%b\">", &input->value);
        if (input->is_secret)
            html_addf(out,
                      "<button type=\"button\" class=\"small\" data-show=\"f-%s\" "
                      "hidden>Show<span class=\"unseen\"> %b</span></button>",
                      input->name, &input->label);
    } else {
        html_add(out, "<textarea spellcheck=\"false\"");
        show_attributes(out, input);
        /* The line break that a browser drops, so that one of the text's own stays. */
        html_addf(out, " rows=\"%d\">\n%b</textarea>", (int)input->n_lines,
                  &input->value);
    }
    show_hint(out, input->name, input->hint);
    html_add(out, "</div>\n");
}

void input_choice_begin(struct buf *out, const char *name, struct bytes label)
{
    show_label(out, name, label, /* is_required= */ false);
    html_addf(out, "<select id=\"f-%s\" name=\"%s\">", name, name);
}

void input_option(struct buf *out, struct bytes value, struct bytes text,
                  bool is_selected)
{
    html_addf(out, "<option value=\"%b\"", &value);
    if (is_selected)
        html_add(out, " selected");
    html_addf(out, ">%b</option>", &text);
}

void input_choice_end(struct buf *out, struct bytes hint)
{
    html_add(out, "</select>");
    if (hint.len > 0)
        html_addf(out, "<span class=\"hint\">%b</span>", &hint);
    html_add(out, "</div>\n");
}

void input_tick(struct buf *out, const char *name, struct bytes label, bool is_ticked)
{
    html_addf(out,
              "<div class=\"field\"><label class=\"inline\"><input type=\"checkbox\" "
              "name=\"%s\" value=\"true\"",
              name);
    if (is_ticked)
        html_add(out, " checked");
    html_addf(out, "> %b</label></div>\n", &label);
}

void input_form(struct buf *out, const char *action)
{
    html_add(out, "<form method=\"post\"");
    if (action != NULL)
        html_addf(out, " action=\"%s\"", action);
    html_add(out, ">\n");
}

void input_hidden(struct buf *out, const char *name, struct bytes value)
{
    html_addf(out, "<input type=\"hidden\" name=\"%s\" value=\"%b\">", name, &value);
}
