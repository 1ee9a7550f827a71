/* SPDX-License-Identifier: MIT */
#pragma once

/* control_routes - handlers of /_emulator/… that lie beside what they control; the table
 * is in control.c. */

struct exchange;
