// SPDX-License-Identifier: MIT
// What happens on the server, as it happens: one stream of Server-Sent Events for the browser. While
// none of its tabs is looked at there is no stream: the counters are asked for now and then.

import { Cell } from '../cell';
import { ask } from '../api/ask';
import type { Counters, State, Status } from '../api/types';
import { lookWho, me } from '../api/who';
import { share } from './share';

export type Link = 'connecting' | 'live' | 'reconnecting' | 'stale';

export interface EventNews { kind: 'event'; id: string; received_at: string; type: string; name: string | null; subscription: string | null; user_id: string | null }
export interface DeliveryNews {
  kind: 'delivery'; id: string; event: string; state: State; attempts: number; next_at: string | null; error: string | null; message: string | null; at: string;
}
export interface StatsNews { kind: 'stats'; at: string; counters: Counters }
export interface OtherNews { kind: 'install' | 'job' | 'reset' | 'back' | 'gap' | 'sampled' | 'hello'; [member: string]: unknown }
export type News = EventNews | DeliveryNews | StatsNews | OtherNews;

const STALE_MS = 5000;
const UNSEEN_MS = 5000; // without anybody looking, until the stream is closed
const SEEN_MS = 2000; // how often a tab that is looked at says so
const QUIET_MS = 10000; // between two questions while nobody looks
const kinds = ['event', 'delivery', 'stats', 'install', 'job', 'jobs', 'reset', 'gap', 'sampled', 'hello', 'message'];
const readers = new Set<(news: News) => void>();

export const link = new Cell<Link>('connecting');
export const counters = new Cell<Counters | null>(null);
export const newBuild = new Cell(false); // the server has another console than this page
export const missed = new Cell(0); // messages that the server could not hand over in time
export const sampled = new Cell<{ shown: number; of: number } | null>(null);

let heardAt = Date.now();

export const silenceMs = (): number => Date.now() - heardAt;

export function onNews(reader: (news: News) => void): () => void {
  readers.add(reader);
  return () => { readers.delete(reader); };
}

const ourBuild = document.querySelector<HTMLMetaElement>('meta[name=build]')?.content;

// The server says hello after each start: perhaps it is another one, with another console.
async function lookForNewBuild(): Promise<void> {
  try {
    const tag = (await fetch('/', { method: 'HEAD' })).headers.get('ETag');

    if (tag !== null) newBuild.set(!tag.includes(ourBuild ?? ''));
  } catch {
    // it says hello again when it is there
  }
}

function take(news: News): void {
  heardAt = Date.now();
  link.set('live');
  if (news.kind === 'stats') {
    counters.set((news as StatsNews).counters);
    sampled.set(null);
  } else if (news.kind === 'sampled') {
    const { shown, of } = news as OtherNews;

    sampled.set({ shown: Number(shown), of: Number(of) });
  } else if (news.kind === 'gap') {
    missed.set(missed.value + Number((news as OtherNews).missed));
  } else if (news.kind === 'hello') {
    void lookForNewBuild();
    if (me.value !== null) void lookWho(); // another role ends a stream, too
  }
  for (const reader of [...readers]) reader(news);
}

function parse(text: string, kind: string): News | null {
  try {
    const said: unknown = JSON.parse(text);

    if (typeof said !== 'object' || said === null) return null;
    return ('kind' in said ? said : { ...said, kind }) as News;
  } catch {
    return null;
  }
}

let seenAt = Date.now(); // when a tab of this browser was looked at, as far as this one knows

const watchers = new Set<() => void>();

function seen(): void {
  seenAt = Date.now();
  for (const watcher of [...watchers]) watcher();
}

// Nobody looks: asks for the counters, so that the tab's picture stays true, until somebody does.
function rest(tell: (message: unknown) => void): void {
  const look = (): void => {
    ask<Status>('/status').then((status) => {
      const news: StatsNews = { kind: 'stats', at: new Date().toISOString(), counters: status.counters };

      take(news);
      tell({ news });
    }, () => undefined); // who comes back sees that nothing is there
  };
  const timer = setInterval(look, QUIET_MS);
  const wake = (): void => {
    watchers.delete(wake);
    clearInterval(timer);
    take({ kind: 'back' });
    tell({ news: { kind: 'back' } });
    read(tell);
  };

  watchers.add(wake);
}

function read(tell: (message: unknown) => void): void {
  let isHeir = link.value !== 'connecting'; // another tab read until now
  const source = new EventSource('/api/v1/stream?topics=stats,events,jobs,installs');
  const onMessage = (kind: string) => ({ data }: MessageEvent<string>): void => {
    const news = parse(data, kind);

    if (news === null) return;
    take(news);
    tell({ news });
  };
  const setLink = (state: Link): void => {
    link.set(state);
    tell({ link: state });
  };

  const watch = setInterval(() => {
    if (Date.now() - seenAt < UNSEEN_MS) return;
    clearInterval(watch);
    source.close();
    rest(tell);
  }, 1000);

  for (const kind of kinds) source.addEventListener(kind, onMessage(kind));
  source.onopen = () => {
    // What came while nobody read has been told to no one: look again.
    if (isHeir || link.value === 'reconnecting' || link.value === 'stale') {
      take({ kind: 'reset' });
      tell({ news: { kind: 'reset' } });
    }
    isHeir = false;
    setLink('live');
  };
  source.onerror = () => {
    setLink('reconnecting');
    if (source.readyState !== EventSource.CLOSED) return;
    source.close();
    void lookWho(); // a session that is over is refused the stream as well
    clearInterval(watch);
    setTimeout(() => read(tell), 3000);
  };
}

export function startStream(): void {
  let tell: (message: unknown) => void = () => undefined;

  ({ tell } = share(() => read((message) => tell(message)), (message) => {
    const { news, link: state, isSeen } = message as { news?: News; link?: Link; isSeen?: boolean };

    if (isSeen) seen();
    if (news) take(news);
    if (state) link.set(state);
  }));
  const look = (): void => {
    if (document.hidden) return;
    seen();
    tell({ isSeen: true });
  };

  look();
  document.addEventListener('visibilitychange', look);
  setInterval(look, SEEN_MS);
  setInterval(() => {
    if (link.value === 'live' && !document.hidden && silenceMs() > STALE_MS) link.set('stale');
  }, 1000);
}
