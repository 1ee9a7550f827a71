// SPDX-License-Identifier: MIT
// How the server itself does: what it looks at, with a command for what is not well, and its numbers.

import { useLoaded } from '../../api/loaded';
import type { Status } from '../../api/types';
import type { Health as Checked, HealthCheck } from '../../api/upkeep';
import { useRefresh } from '../../live/refresh';
import { Command } from '../../parts/copy';
import { Facts } from '../../parts/facts';
import { Answer } from '../../parts/notice';
import { bytes, count } from '../../words/count';
import { Sign } from '../../words/state';
import { span } from '../../words/when';

function Check({ check: { name, ok, text, remedy } }: { check: HealthCheck }) {
  return <li data-testid="check"><Sign sign={ok ? '✔' : '▲'} tone={ok ? 'ok' : 'warn'}>{name}</Sign><span>{text}</span>{remedy && <Command>{remedy}</Command>}</li>;
}

export function Health({ status: first }: { status: Status | null }) {
  const loaded = useLoaded<Status>('/status');
  const health = useLoaded<Checked>('/health');
  const status = { ...loaded, data: loaded.data ?? first };

  useRefresh(['stats'], 2000, loaded.reload);
  return (
    <>
      {!health.problem?.isMissing && <Answer of={health} what="its health">{({ checks }) => (
        <ul class="checks" aria-label="Checks">{[...checks].sort((a, b) => Number(a.ok) - Number(b.ok)).map((one) => <Check key={one.name} check={one} />)}</ul>
      )}</Answer>}
      <Answer of={status} what="its status">{(now) => (
        <Facts rows={[
          ['State', <Sign sign={now.status === 'ready' ? '✔' : '▲'} tone={now.status === 'ready' ? 'ok' : 'warn'}>{now.status}</Sign>],
          ['Version', now.version], ['Mode', now.mode], ['Up', span(now.uptime_ms)],
          ['Public', now.listeners.public], ['Admin', now.listeners.admin],
          ['Subscriptions', now.subscriptions.map(({ name, path }) => `${name} ${path}`).join(', ')],
          ['Events in', count(now.counters.accepted)], ['Waiting', count(now.queue_depth)],
          ['Store', now.store && <>{bytes(now.store.bytes)} of {bytes(now.store.limit_bytes)}</>],
          ['Runners', now.runners && `${now.runners.count}, ${bytes(now.runners.rss_bytes)}`],
          ['Sandbox', now.runners?.sandbox && `${now.runners.sandbox}: ${now.runners.sandbox_layers ?? ''}`],
        ]} />
      )}</Answer>
      <Command>partnerapp status</Command>
    </>
  );
}
