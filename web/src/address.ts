// SPDX-License-Identifier: MIT
// Where one is: every view has an address that brings it back, and Back goes back.

import { Cell } from './cell';

export interface Address {
  path: string;
  query: URLSearchParams;
  part: string; // what stands after #
}

function read(): Address {
  return { path: location.pathname, query: new URLSearchParams(location.search), part: location.hash.slice(1) };
}

export const address = new Cell<Address>(read());

addEventListener('popstate', () => address.set(read()));
addEventListener('hashchange', () => address.set(read()));

// @replaces: the view is the same one, looked at otherwise; Back does not pass through it.
export function go(to: string, replaces = false): void {
  if (to === location.pathname + location.search + location.hash) return;
  if (replaces) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  address.set(read());
}

export function addressOf(path: string, query: Record<string, string | undefined> = {}, part = ''): string {
  const text = new URLSearchParams(Object.entries(query).filter((one): one is [string, string] => Boolean(one[1]))).toString();

  return path + (text && `?${text}`) + (part && `#${part}`);
}

export const searchFor = (q: string): string => addressOf('/events', { q });
