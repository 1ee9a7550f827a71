// SPDX-License-Identifier: MIT
// What an event is called in a list: its own name, or what it is and whom it is about.

import type { EventRow } from '../api/types';

export function titleOf({ type, name, user_id: user, group_id: group }: Pick<EventRow, 'type' | 'name' | 'user_id' | 'group_id'>): string {
  const kind = type.charAt(0).toUpperCase() + type.slice(1);

  if (type === 'track') return name ?? 'Track';
  if (type === 'page' || type === 'screen') return name ? `${kind}: ${name}` : kind;
  if (type === 'group') return group ? `${kind} ${group}` : kind;
  return user ? `${kind} ${user}` : kind;
}

export const newest = <T extends { deliveries: D[] }, D>(event: T): D | undefined => event.deliveries.at(-1);
