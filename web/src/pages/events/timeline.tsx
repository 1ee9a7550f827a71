// SPDX-License-Identifier: MIT
// From the event's arrival to its end, to scale: by logarithm when that took long.

import type { Delivery, EventRow } from '../../api/types';
import { span } from '../../words/when';

const LONG_MS = 10 * 60 * 1000;
const CLOSEST = 4; // per cent: dots that are nearer to each other cannot be told apart

interface Dot { key: string; ms: number; title: string; name: string; tone: string; attempt: number | null }

function dotsOf(event: EventRow, delivery: Delivery): Dot[] {
  const began = Date.parse(delivery.created_at ?? event.received_at);
  const dots: Dot[] = [{ key: 'in', ms: 0, title: 'received and stored', name: 'in', tone: '', attempt: null }];

  delivery.attempts.forEach((attempt, i) => {
    const ms = Math.max(0, Date.parse(attempt.at) - began);
    const status = attempt.requests?.at(-1)?.response?.status;
    const tone = attempt.outcome === 'delivered' ? 'ok' : /retry/i.test(attempt.outcome) ? 'warn' : attempt.outcome === 'discarded' ? '' : 'error';

    dots.push({ key: attempt.id, ms, name: String(i + 1), tone, attempt: i,
      title: `Attempt ${i + 1} after ${span(ms)}: ${attempt.outcome}${status ? `, ${status}` : ''}, took ${span(attempt.duration_ms ?? 0)}` });
  });
  return dots;
}

// Where each dot stands, in per cent; those too close to each other are moved apart.
function placesOf(dots: Dot[]): number[] {
  const longest = Math.max(1, ...dots.map(({ ms }) => ms));
  const scale = longest > LONG_MS ? (ms: number) => Math.log1p(ms) / Math.log1p(longest) : (ms: number) => ms / longest;
  const gap = Math.min(CLOSEST, 96 / Math.max(1, dots.length - 1));
  const places = dots.map(({ ms }) => 2 + scale(ms) * 96);

  for (let i = 1; i < places.length; i++) places[i] = Math.max(places[i] ?? 0, (places[i - 1] ?? 0) + gap);
  for (let i = places.length - 1; i >= 0; i--) places[i] = Math.min(places[i] ?? 0, i === places.length - 1 ? 98 : (places[i + 1] ?? 98) - gap);
  return places;
}

export function Timeline({ event, delivery, current, onPick }: { event: EventRow; delivery: Delivery; current: string; onPick: (attempt: number) => void }) {
  const dots = dotsOf(event, delivery);
  const places = placesOf(dots);

  return (
    <ol class="timeline" aria-label="Attempts over time">
      {dots.map(({ key, name, title, tone, attempt, ms }, i) => (
        <li key={key} style={{ left: `${places[i] ?? 0}%` }}>
          {attempt === null ? <span class="dot" title={title} /> :
            <button type="button" class={`dot ${tone}`} title={title} aria-label={title} aria-current={key === current ? 'step' : undefined} onClick={() => onPick(attempt)} />}
          <span class="dot-name" aria-hidden="true">{name}</span>
          {(i === dots.length - 1) && <span class="dot-at" aria-hidden="true">{span(ms)}</span>}
        </li>
      ))}
    </ol>
  );
}
