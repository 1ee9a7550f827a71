// SPDX-License-Identifier: MIT
// The list of events and what news make of it. Pure: a list goes in, a list comes out.

import type { DeliveryNews, EventNews, News } from '../../live/stream';
import type { Delivery, EventRow } from '../../api/types';

export interface Rows {
  shown: EventRow[];
  waiting: EventRow[]; // newer than what is shown: behind the pill
  hasHole: boolean; // more came than were told: between waiting and shown some are missing
}

const MOST = 500; // rows that a list keeps while it runs along

function rowOf(news: EventNews): EventRow {
  const { id, received_at, type, name, subscription, user_id } = news;

  return { id, received_at, type, name, subscription, user_id, deliveries: [] };
}

function deliveryOf(news: DeliveryNews, subscription: string | null): Delivery {
  const { id, state, attempts, next_at, error, at } = news;

  return { id, subscription, state, n_attempts: attempts, created_at: at, next_at, settled_at: null, replay: null, last_error: error, attempts: [] };
}

function withDelivery(row: EventRow, news: DeliveryNews): EventRow {
  const delivery = deliveryOf(news, row.subscription);
  const at = row.deliveries.findIndex(({ id }) => id === news.id);
  const deliveries = [...row.deliveries];

  if (at < 0) deliveries.push(delivery);
  else deliveries[at] = { ...deliveries[at], ...delivery, attempts: deliveries[at]?.attempts ?? [] };
  return { ...row, deliveries };
}

const changed = (list: EventRow[], moved: Map<string, DeliveryNews[]>): EventRow[] =>
  (list.some(({ id }) => moved.has(id)) ? list.map((row) => (moved.get(row.id) ?? []).reduce(withDelivery, row)) : list);

// Takes what came since the last time. @isOpen: new rows may come to the top.
export function takeNews(rows: Rows, news: News[], isOpen: boolean): Rows {
  const known = new Set([...rows.shown, ...rows.waiting].map(({ id }) => id));
  const came: EventRow[] = [];
  const moved = new Map<string, DeliveryNews[]>();

  for (const one of news) {
    if (one.kind === 'event' && !known.has((one as EventNews).id)) {
      came.unshift(rowOf(one as EventNews));
      known.add((one as EventNews).id);
    } else if (one.kind === 'delivery') {
      const { event } = one as DeliveryNews;

      moved.set(event, [...moved.get(event) ?? [], one as DeliveryNews]);
    }
  }
  return settle({ ...rows, shown: changed(rows.shown, moved), waiting: changed([...came, ...rows.waiting], moved) }, isOpen);
}

// Takes the first page as it is now: what is known is brought up to date, what is not has come.
export function takePage(rows: Rows, page: EventRow[], isOpen: boolean): Rows {
  const fresh = new Map(page.map((row) => [row.id, row]));
  const newer = (list: EventRow[]): EventRow[] => list.map((row) => fresh.get(row.id) ?? row);
  const known = new Set([...rows.shown, ...rows.waiting].map(({ id }) => id));
  const oldest = rows.shown.at(-1)?.id ?? '';
  const waiting = newer(rows.waiting);

  if (rows.shown.length > 0 && !rows.shown.some(({ id }) => fresh.has(id))) return { ...rows, waiting: page, hasHole: true };
  for (const row of page) if (!known.has(row.id) && row.id > oldest) waiting.push(row);
  waiting.sort((a, b) => (a.id < b.id ? 1 : -1));
  return settle({ ...rows, shown: newer(rows.shown), waiting }, isOpen);
}

export function settle(rows: Rows, isOpen: boolean): Rows {
  if (!isOpen) return { ...rows, waiting: rows.waiting.slice(0, MOST) };
  if (rows.waiting.length === 0 || rows.hasHole) return rows;
  return { ...rows, shown: [...rows.waiting, ...rows.shown].slice(0, MOST), waiting: [] };
}
