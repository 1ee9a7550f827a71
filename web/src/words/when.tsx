// SPDX-License-Identifier: MIT
// Times: how long ago, or at what o'clock; whole when one points at them, RFC 3339 when copied.

import { Cell, useCell } from '../cell';
import { keep, kept } from '../kept';
import { copy } from '../parts/copy';

export const isUtc = new Cell(kept('zone') === 'utc');
export const now = new Cell(Date.now());

setInterval(() => { if (!document.hidden) now.set(Date.now()); }, 5000);
isUtc.watch((utc) => keep('zone', utc ? 'utc' : 'local'));

const zone = (): { timeZone?: string } => (isUtc.value ? { timeZone: 'UTC' } : {});

export function clock(at: string | number): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date(now.value).toDateString();
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', ...zone() });

  return isToday ? time : `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...zone() })} ${time}`;
}

export function span(ms: number): string {
  if (ms < 1) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const s = ms / 1000;

  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 60) return `${Math.round(s)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} m ${Math.round(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} m`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

function relative(at: number): string {
  const ms = now.value - at;

  if (Math.abs(ms) < 5000) return 'now';
  const words = span(Math.abs(ms)).replace(/ \d+ s$/, '').replace(/(\d+)\.\d s/, '$1 s');

  return ms < 0 ? `in ${words}` : `${words} ago`;
}

function whole(at: string): string {
  return new Date(at).toLocaleString('en-GB', {
    weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit',
    fractionalSecondDigits: 3, timeZoneName: 'short', ...zone(),
  });
}

// A time that is pressed is copied, whole.
export function CopyWhen({ at }: { at: string }) {
  return <button type="button" class="copy-id" aria-label={`Copy the time ${at}`} onClick={() => { void copy(at, at); }}><When at={at} ago /></button>;
}

export function When({ at, ago = false }: { at: string | null | undefined; ago?: boolean }) {
  useCell(isUtc);
  useCell(now);
  if (!at) return <span class="muted">–</span>;
  return <time class="when" dateTime={at} title={`${whole(at)}\n${at}`}>{ago ? relative(Date.parse(at)) : clock(at)}</time>;
}
