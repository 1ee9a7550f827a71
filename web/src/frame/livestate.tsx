// SPDX-License-Identifier: MIT
// Whether what one sees is what is: always in sight.

import { useEffect, useState } from 'preact/hooks';

import { useCell } from '../cell';
import { held, isPaused, toggle } from '../live/pause';
import { link, missed, sampled, silenceMs } from '../live/stream';
import { count } from '../words/count';
import { Sign } from '../words/state';

export function LiveState() {
  const state = useCell(link);
  const paused = useCell(isPaused);
  const waiting = useCell(held);
  const sample = useCell(sampled);
  const gap = useCell(missed);
  const [, setTick] = useState(0);

  useEffect(() => {
    const timer = state !== 'live' && state !== 'connecting' ? setInterval(() => setTick((n) => n + 1), 1000) : undefined;

    return () => clearInterval(timer);
  }, [state]);
  if (paused) return <Sign sign="❚❚" tone="warn">paused{waiting > 0 && ` · ${count(waiting)} new`}</Sign>;
  if (state === 'stale') return <Sign sign="▲" tone="warn">stale: {Math.round(silenceMs() / 1000)} s old</Sign>;
  if (state !== 'live') return <Sign sign="○" tone="muted">{state}{state === 'reconnecting' && ` (${Math.round(silenceMs() / 1000)} s)`}</Sign>;
  return <Sign sign="●" tone="ok">{sample ? `live · ${count(sample.shown)} of ${count(sample.of)}/s` : 'live'}{gap > 0 && ` · ${count(gap)} skipped`}</Sign>;
}

export function LiveSwitch() {
  const paused = useCell(isPaused);

  return (
    <button type="button" class="live-switch" aria-pressed={!paused} aria-keyshortcuts="." title="Key: ." onClick={toggle}>
      {paused ? '▶ Go live' : '❚❚ Pause'}
    </button>
  );
}
