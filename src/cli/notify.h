/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * notify - tell the service manager how we are (sd_notify's datagram, without the
 * library). Does nothing when nobody asked ($NOTIFY_SOCKET); never fails.
 */

void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);
