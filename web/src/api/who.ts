// SPDX-License-Identifier: MIT
// Who asks, and what that role may do. The server decides; the pages only do not offer what it would refuse.

import { Cell, useCell } from '../cell';
import { ask, problemFrom } from './ask';
import { keepDrafts } from './leave';
import type { Me, Role } from './types';

export const roles: Role[] = ['viewer', 'operator', 'admin'];

export const means: Record<Role, string> = {
  viewer: 'sees what happens and how it went; values of events are masked',
  operator: 'sees the values too; replays, discards, pauses and exports',
  admin: 'everything: deploys functions, users, tokens, the audit list',
};

export const me = new Cell<Me | null>(null);

export const mayBe = (who: Me | null, role: Role): boolean => who !== null && roles.indexOf(who.role) >= roles.indexOf(role);

export const may = (role: Role): boolean => mayBe(me.value, role);

export const useMay = (role: Role): boolean => mayBe(useCell(me), role);

// "an operator or an admin": who may do what needs @role.
export const whoMay = (role: Role): string => roles.slice(roles.indexOf(role)).map((one) => `${/^[ao]/.test(one) ? 'an' : 'a'} ${one}`).join(' or ');

// Without an answer nobody is known, and nothing is offered that changes anything.
export async function lookWho(): Promise<void> {
  try {
    const now = await ask<Me>('/me');

    if (JSON.stringify(now) === JSON.stringify(me.value)) return;
    if (me.value !== null && me.value.role !== now.role) keepDrafts(); // the page begins anew
    me.set(now);
  } catch (error) {
    if (me.value === null) me.set({ kind: 'unknown', name: '', role: problemFrom(error).isMissing ? 'admin' : 'viewer', expires_at: null });
  }
}
