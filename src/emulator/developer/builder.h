/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * builder - the Settings Builder of App Info: which settings the app's customers fill in
 * (dossier §3.3).
 *
 * It changes the app's catalog item, as PUT /_emulator/catalog/destinations/{slug} does
 * (config/definition.h). A key is made from the label once, when the setting is added:
 * what customers have typed hangs on it.
 */

struct app;
struct exchange;

/* The table and the form, empty or (?edit=KEY) for one of them; after a post, as it was
 * typed. */
void builder_show(struct exchange *exchange, const struct app *app);
/* A post of one of its forms ("do" is "setting" or "remove-setting"). NULL: it is done;
 * else why not. */
const char *builder_post(struct exchange *exchange, const struct app *app);
