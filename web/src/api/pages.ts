// SPDX-License-Identifier: MIT
// A list that comes in pages: the first at once, the next when asked for.

import { useState } from 'preact/hooks';

import { ask, problemFrom } from './ask';
import { useLoaded, type Loaded } from './loaded';
import type { List } from './types';
import { say } from '../parts/announce';

export interface Pages<T> {
  first: Loaded<List<T>>;
  rows: T[];
  isMore: boolean;
  isBusy: boolean;
  more: () => void;
}

// @path has a ? already.
export function usePages<T>(path: string): Pages<T> {
  const first = useLoaded<List<T>>(path);
  const [later, setLater] = useState<{ path: string; rows: T[]; next: string | null }>({ path, rows: [], next: null });
  const [isBusy, setIsBusy] = useState(false);
  const rest = later.path === path && later.rows.length > 0 ? later : null;
  const next = rest ? rest.next : first.data?.next ?? null;
  const more = (): void => {
    if (next === null || isBusy) return;
    setIsBusy(true);
    ask<List<T>>(`${path}&after=${encodeURIComponent(next)}`).then(
      (page) => setLater({ path, rows: [...rest?.rows ?? [], ...page.data], next: page.next }),
      (error: unknown) => say(problemFrom(error).message, true)).finally(() => setIsBusy(false));
  };

  return { first, rows: [...first.data?.data ?? [], ...rest?.rows ?? []], isMore: next !== null, isBusy, more };
}
