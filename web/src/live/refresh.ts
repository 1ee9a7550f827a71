// SPDX-License-Identifier: MIT
// A page that is no list of events looks again when something has happened, but rarely.

import { useEffect, useRef } from 'preact/hooks';

import { isPaused } from './pause';
import { onNews, type News } from './stream';

export function useRefresh(kinds: News['kind'][], everyMs: number, refresh: () => void): void {
  const latest = useRef(refresh);

  latest.current = refresh;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    let lastAt = 0;
    const run = (): void => {
      timer = null;
      lastAt = Date.now();
      latest.current();
    };
    const stop = onNews(({ kind }) => {
      if (timer !== null || isPaused.value || document.hidden || !(kinds.includes(kind) || kind === 'reset' || kind === 'back')) return;
      timer = setTimeout(run, Math.max(150, everyMs - (Date.now() - lastAt)));
    });

    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [everyMs, kinds.join()]);
}
