// SPDX-License-Identifier: MIT
// A tab that only an admin fills, and what the others read there.

import type { ComponentChildren } from 'preact';

import { useMay } from '../../api/who';
import { Notice } from '../../parts/notice';
import { youAre } from '../../parts/only';

export function ForAdmins({ what, children }: { what: string; children: ComponentChildren }) {
  if (useMay('admin')) return <>{children}</>;
  return <Notice title={`${what} are for admins`}><p>Only an admin sees and changes them{youAre()}. An admin can give you another role.</p></Notice>;
}
