// SPDX-License-Identifier: MIT
// Overview: the numbers of a span of time, how they came about, and what needs somebody.

import { address, addressOf, go } from '../../address';
import { useLoaded } from '../../api/loaded';
import type { Stats } from '../../api/types';
import { useCell } from '../../cell';
import { useKeys } from '../../frame/keys';
import { LiveSwitch } from '../../frame/livestate';
import { useRefresh } from '../../live/refresh';
import { Command, copy } from '../../parts/copy';
import { Answer } from '../../parts/notice';
import { isUtc } from '../../words/when';
import { NeedsAttention } from './attention';
import { Chart } from './chart';
import { Tiles } from './tiles';

const spans = [['15m', '15 min'], ['1h', '1 h'], ['24h', '24 h'], ['7d', '7 d']] as const;

export function OverviewPage() {
  const { query } = useCell(address);
  const utc = useCell(isUtc);
  const last = spans.find(([one]) => one === query.get('last'))?.[0] ?? '15m';
  const stats = useLoaded<Stats>(`/stats?last=${last}`);

  useRefresh(['event', 'delivery', 'stats'], last === '15m' ? 2000 : 10000, stats.reload);
  useKeys({ Y: () => { void copy('partnerapp status', 'command'); } });
  return (
    <section class="page overview">
      <header class="page-head">
        <h1>Overview</h1>
        <span class="pick" role="group" aria-label="Span of time">
          {spans.map(([one, name]) => <button key={one} type="button" aria-pressed={one === last} onClick={() => go(addressOf('/', { last: one === '15m' ? undefined : one }), true)}>{name}</button>)}
        </span>
        <span class="pick" role="group" aria-label="Times">
          <button type="button" aria-pressed={!utc} onClick={() => isUtc.set(false)}>local</button>
          <button type="button" aria-pressed={utc} onClick={() => isUtc.set(true)}>UTC</button>
        </span>
        <LiveSwitch />
      </header>
      <Answer of={stats} what="statistics" rows={6}>{(data) => (
        <>
          <Tiles totals={data.totals} last={last} />
          {data.attention.length > 0 && <NeedsAttention rows={data.attention} onDone={stats.reload} />}
          <Chart title="Throughput" unit="events per second" stats={data} lines={[
            { name: 'received', tone: 'link', of: ({ received }) => perSecond(received, data.step_s) },
            { name: 'delivered', tone: 'ok', dash: [6, 3], of: ({ delivered }) => perSecond(delivered, data.step_s) },
            { name: 'dead', tone: 'error', dash: [2, 3], of: ({ dead }) => perSecond(dead, data.step_s) },
          ]} />
          <Chart title="Latency, end to end" unit="ms" stats={data} lines={[
            { name: 'p50', tone: 'ok', of: ({ p50_ms }) => p50_ms },
            { name: 'p95', tone: 'link', dash: [6, 3], of: ({ p95_ms }) => p95_ms },
            { name: 'p99', tone: 'warn', dash: [2, 3], of: ({ p99_ms }) => p99_ms },
          ]} />
          {data.attention.length === 0 && <NeedsAttention rows={[]} onDone={stats.reload} />}
        </>
      )}</Answer>
      <Command>partnerapp status</Command>
    </section>
  );
}

const perSecond = (n: number | null, seconds: number): number | null => (n === null ? null : n / Math.max(1, seconds));
