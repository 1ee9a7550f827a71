/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * config_problem - collecting what is wrong, each with its place in the source (ux §2.6).
 */

#include "base/err.h"
#include "core/config.h"
#include "core/yaml.h"

/* A text that a configuration came from, for showing lines of it. */
struct config_source {
    const char *name; /* "partnerapp.yaml" */
    struct bytes text;
};

/* Adds one; the result is valid until the next is added. */
printf_like(3, 4) struct err *config_problem(struct config_problems *problems,
                                             const char *code, const char *format, ...);
/* "--> file:line:column", the line, and carets under @at with @label (may be NULL).
 * Long lines are cut to what surrounds the place. Line 0: the file's name alone. */
void config_problem_at(struct err *err, const struct config_source *source,
                       struct yaml_place at, const char *label);
