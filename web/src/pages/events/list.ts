// SPDX-License-Identifier: MIT
// The events that match a query, running along with the server.

import { useEffect, useRef, useState } from 'preact/hooks';

import { addressOf } from '../../address';
import { ask, problemFrom, type Problem } from '../../api/ask';
import type { EventRow, List } from '../../api/types';
import { held, isPaused } from '../../live/pause';
import { onNews, type News } from '../../live/stream';
import { settle, takeNews, takePage, type Rows } from './rows';

const PAGE = 50;
const GATHER_MS = 120; // what comes within it is drawn at once
const ASK_MS = 1000; // how often a search is asked again while something happens

export interface EventList {
  rows: EventRow[];
  nWaiting: number;
  total: number | null;
  isMore: boolean;
  isLoading: boolean;
  problem: Problem | null;
  more: () => void;
  showWaiting: () => void;
  reload: () => void;
}

interface Known extends Rows { q: string; total: number | null; next: string | null; problem: Problem | null; isLoading: boolean }

const nothing = (q: string): Known => ({ q, shown: [], waiting: [], total: null, next: null, problem: null, isLoading: true });
const pageOf = (q: string, after = ''): Promise<List<EventRow>> => ask(addressOf('/events', { q, limit: String(PAGE), after }));

// @isAtTop: whether rows may come in without moving what one reads.
export function useEventList(q: string, isAtTop: () => boolean): EventList {
  const [known, setKnown] = useState<Known>(() => nothing(q));
  const [turn, setTurn] = useState(0);
  const mayCome = useRef(isAtTop);

  mayCome.current = isAtTop;
  useEffect(() => {
    let isOver = false;

    setKnown((old) => (old.q === q ? { ...old, isLoading: true } : nothing(q)));
    pageOf(q).then(
      ({ data, next, total }) => { if (!isOver) setKnown({ ...nothing(q), shown: data, next, total, isLoading: false }); },
      (error: unknown) => { if (!isOver) setKnown({ ...nothing(q), problem: problemFrom(error), isLoading: false }); },
    );
    return () => { isOver = true; };
  }, [q, turn]);
  useEffect(() => follow(q, (change) => {
    setKnown((old) => {
      if (old.q !== q || old.problem || old.isLoading) return old;
      const rows = change(old, !isPaused.value && mayCome.current());
      const grown = rows.shown.length + rows.waiting.length - old.shown.length - old.waiting.length;

      return { ...old, ...rows, total: old.total === null ? null : old.total + Math.max(0, grown) };
    });
  }, () => setTurn((n) => n + 1)), [q]);
  useEffect(() => held.set(known.waiting.length), [known.waiting.length]);
  useEffect(() => () => held.set(0), []);
  const showWaiting = (): void => setKnown((old) => ({ ...old, ...settle(old, true) }));

  useEffect(() => isPaused.watch((paused) => { if (!paused && mayCome.current()) showWaiting(); }), []);
  return {
    rows: known.shown,
    nWaiting: known.waiting.length,
    total: known.total,
    isMore: known.next !== null,
    isLoading: known.isLoading && known.shown.length === 0,
    problem: known.problem,
    showWaiting,
    reload: () => setTurn((n) => n + 1),
    more: () => {
      if (known.next === null) return;
      pageOf(q, known.next).then(({ data, next }) => setKnown((old) =>
        (old.q === q ? { ...old, shown: [...old.shown, ...data.filter(({ id }) => !old.shown.some((one) => one.id === id))], next } : old)),
      (error: unknown) => setKnown((old) => ({ ...old, problem: problemFrom(error) })));
    },
  };
}

type Change = (rows: Rows, isOpen: boolean) => Rows;

// Without a query the news are the rows. With one only the server knows what matches: it is asked
// again, at most once a second and only while something happens.
function follow(q: string, apply: (change: Change) => void, reload: () => void): () => void {
  let gathered: News[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;
  let askedAt = 0;
  const run = (): void => {
    const news = gathered;

    gathered = [];
    timer = null;
    if (q === '') {
      apply((rows, isOpen) => takeNews(rows, news, isOpen));
      return;
    }
    askedAt = Date.now();
    pageOf(q).then(({ data }) => apply((rows, isOpen) => takePage(rows, data, isOpen)), () => undefined);
  };
  const stop = onNews((news) => {
    if (news.kind === 'reset' || news.kind === 'gap') reload();
    if (news.kind !== 'event' && news.kind !== 'delivery') return;
    gathered.push(news);
    timer ??= setTimeout(run, q === '' ? GATHER_MS : Math.max(GATHER_MS, ASK_MS - (Date.now() - askedAt)));
  });

  return () => {
    stop();
    if (timer !== null) clearTimeout(timer);
  };
}
