// SPDX-License-Identifier: MIT
// What only some roles may do: there for them, and a line that says so for the others.

import type { ComponentChildren } from 'preact';

import { me, useMay, whoMay } from '../api/who';
import type { Role } from '../api/types';

export function youAre(): string {
  return me.value === null ? '' : `; you are ${me.value.role === 'viewer' ? 'a' : 'an'} ${me.value.role}`;
}

// @to: "replay or discard". Without it the others see nothing.
export function Only({ role, to, children }: { role: Role; to?: string; children: ComponentChildren }) {
  if (useMay(role)) return <>{children}</>;
  return to === undefined ? null : <span class="muted only">Only {whoMay(role)} can {to}{youAre()}.</span>;
}

// On pages with values of events: why there are none to be seen.
export function Masked() {
  if (useMay('operator')) return null;
  return <p class="masked"><span aria-hidden="true">•••</span> Values are masked for your role, {me.value?.role ?? 'viewer'}: the names and the shape are those that came. {whoMay('operator').replace(/^a/, 'A')} sees the values.</p>;
}
