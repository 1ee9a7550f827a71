// SPDX-License-Identifier: MIT
// The events that match a query, running along with the server.

import { useEffect, useRef, useState } from 'preact/hooks';

import { addressOf } from '../../address';
import { ask, problemFrom, type Problem } from '../../api/ask';
import type { EventRow, List, Reached } from '../../api/types';
import { held, isPaused } from '../../live/pause';
import { onNews, type News } from '../../live/stream';
import { settle, takeNews, takePage, type Rows } from './rows';

const PAGE = 50;
const BURST = 200; // rows asked for when more come than are told
const GATHER_MS = 120; // what comes within it is drawn at once
const ASK_MS = 1000; // how often a search is asked again while something happens

export interface EventList {
  rows: EventRow[];
  nWaiting: number;
  nWaitingDead: number;
  hasHole: boolean;
  total: number | null;
  isMore: boolean;
  isLoading: boolean;
  partial: Reached | null; // how far the search came, when it is not at its end
  problem: Problem | null;
  more: () => void;
  showWaiting: () => void;
  reload: () => void;
}

interface Known extends Rows { q: string; total: number | null; next: string | null; partial: Reached | null; problem: Problem | null; isLoading: boolean }

const nothing = (q: string): Known => ({ q, shown: [], waiting: [], hasHole: false, total: null, next: null, partial: null, problem: null, isLoading: true });
const pageOf = (q: string, after = '', limit = PAGE): Promise<List<EventRow>> => ask(addressOf('/events', { q, limit: String(limit), after }));

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
      ({ data, next, total, partial = null }) => { if (!isOver) setKnown({ ...nothing(q), shown: data, next, total, partial, isLoading: false }); },
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
  const hole = useRef(false);
  const showWaiting = (): void => {
    if (hole.current) setTurn((n) => n + 1);
    else setKnown((old) => ({ ...old, ...settle(old, true) }));
  };

  hole.current = known.hasHole;
  useEffect(() => { if (known.hasHole && !isPaused.value && mayCome.current()) setTurn((n) => n + 1); }, [known.hasHole]);

  useEffect(() => isPaused.watch((paused) => { if (!paused && mayCome.current()) showWaiting(); }), []);
  return {
    rows: known.shown,
    nWaiting: known.waiting.length,
    nWaitingDead: known.waiting.filter((row) => row.deliveries.at(-1)?.state === 'dead').length,
    hasHole: known.hasHole,
    total: known.total,
    isMore: known.next !== null,
    isLoading: known.isLoading && known.shown.length === 0,
    partial: known.partial,
    problem: known.problem,
    showWaiting,
    reload: () => setTurn((n) => n + 1),
    more: () => {
      if (known.next === null) return;
      pageOf(q, known.next).then(({ data, next, partial = null }) => setKnown((old) =>
        (old.q === q ? { ...old, shown: [...old.shown, ...data.filter(({ id }) => !old.shown.some((one) => one.id === id))], next, partial } : old)),
      (error: unknown) => setKnown((old) => ({ ...old, problem: problemFrom(error) })));
    },
  };
}

type Change = (rows: Rows, isOpen: boolean) => Rows;

// Without a query the news are the rows, unless so much happens that the server tells only a part.
// Then, and with a query, only the server knows what there is: it is asked again, at most once a
// second and only while something happens.
function follow(q: string, apply: (change: Change) => void, reload: () => void): () => void {
  let gathered: News[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;
  let askedAt = 0;
  let isPartial = false;
  const run = (): void => {
    const news = gathered;
    const limit = isPartial ? BURST : PAGE;

    gathered = [];
    timer = null;
    if (q === '' && !isPartial) {
      apply((rows, isOpen) => takeNews(rows, news, isOpen));
      return;
    }
    askedAt = Date.now();
    isPartial = false;
    pageOf(q, '', limit).then(({ data }) => apply((rows, isOpen) => takePage(rows, data, isOpen)), () => undefined);
  };
  const stop = onNews((news) => {
    if (news.kind === 'reset' || news.kind === 'gap') reload();
    if (news.kind !== 'event' && news.kind !== 'delivery' && news.kind !== 'sampled' && news.kind !== 'back') return;
    if (news.kind === 'sampled' || news.kind === 'back') isPartial = true;
    else gathered.push(news);
    timer ??= setTimeout(run, q === '' && !isPartial ? GATHER_MS : Math.max(GATHER_MS, ASK_MS - (Date.now() - askedAt)));
  });

  return () => {
    stop();
    if (timer !== null) clearTimeout(timer);
  };
}
