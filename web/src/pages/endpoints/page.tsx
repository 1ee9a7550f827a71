// SPDX-License-Identifier: MIT
// Endpoints: the hosts that requests go to, and how they do.

import { useState } from 'preact/hooks';

import { addressOf, go } from '../../address';
import { ask, problemFrom } from '../../api/ask';
import { useLoaded } from '../../api/loaded';
import type { Endpoint, List, Pong } from '../../api/types';
import { useKeys } from '../../frame/keys';
import { useRefresh } from '../../live/refresh';
import { say } from '../../parts/announce';
import { Command, copy } from '../../parts/copy';
import { Facts } from '../../parts/facts';
import { Link } from '../../parts/link';
import { Answer, Notice } from '../../parts/notice';
import { Only } from '../../parts/only';
import { Sparkline } from '../../parts/sparkline';
import { TimingBars } from '../../parts/timing';
import { count, plural } from '../../words/count';
import { command } from '../../words/shell';
import { Sign } from '../../words/state';
import { span, When } from '../../words/when';

function StateOfHost({ endpoint: { paused, state, failures } }: { endpoint: Endpoint }) {
  if (paused) return <Sign sign="❚❚" tone="warn">paused</Sign>;
  if (state === 'open') return <Sign sign="▲" tone="error">down</Sign>;
  if (state === 'half_open' || state === 'half-open') return <Sign sign="◐" tone="warn">being tried</Sign>;
  return failures > 0 ? <Sign sign="▲" tone="warn">failing</Sign> : <Sign sign="✔" tone="ok">up</Sign>;
}

// Any answer below 500 shows that somebody is there: a ping has no credentials.
function Ping({ pong }: { pong: Pong }) {
  const isGood = pong.status !== null && pong.status < 500;

  return (
    <div class="ping" data-testid="ping">
      <p role="status"><Sign sign={isGood ? '✔' : '✖'} tone={isGood ? 'ok' : 'error'}>{pong.status === null ? pong.error ?? pong.transport : isGood ? `it answers (${pong.status})` : `it answers ${pong.status}`}</Sign> <span class="muted">in {span(pong.duration_ms)}</span></p>
      <TimingBars timing={pong.timing} />
    </div>
  );
}

const share = (ratio: number | null | undefined): string => (ratio === null || ratio === undefined ? '–' : `${(ratio * 100).toFixed(ratio === 1 || ratio === 0 ? 0 : 1)} %`);
const lasted = (ms: number | null | undefined): string => (ms === null || ms === undefined ? '–' : span(ms));

function Detail({ endpoint, onChange }: { endpoint: Endpoint; onChange: () => void }) {
  const [pong, setPong] = useState<Pong | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const call = async (what: string): Promise<void> => {
    setIsBusy(true);
    try {
      const answer = await ask<Pong>(`/endpoints/${encodeURIComponent(endpoint.host)}/${what}`, { method: 'POST' });

      if (what === 'ping') setPong(answer);
      else say(what === 'pause' ? `${endpoint.host} is paused: deliveries wait` : `${endpoint.host} goes on`);
      onChange();
    } catch (error) {
      say(problemFrom(error).message, true);
    }
    setIsBusy(false);
  };

  return (
    <section class="card" aria-label={endpoint.host}>
      <h2>{endpoint.host}</h2>
      <Facts rows={[
        ['State', <StateOfHost endpoint={endpoint} />], ['Breaker', `${endpoint.breaker}${endpoint.failures > 0 ? `, ${plural(endpoint.failures, 'failure')} in a row` : ''}`],
        ['Last hour', endpoint.recent && <><Sparkline values={endpoint.recent} what="requests" /> {share(endpoint.ok_ratio)} ok, p95 {lasted(endpoint.p95_ms)}</>],
        ['Waiting', count(endpoint.waiting)], ['In flight', count(endpoint.in_flight)],
        ['Last answer', endpoint.last_status ?? null], ['Last error', endpoint.last_error],
        ['Last success', endpoint.last_success_at && <When at={endpoint.last_success_at} ago />], ['Last failure', endpoint.last_failure_at && <When at={endpoint.last_failure_at} ago />],
      ]} />
      <p class="actions">
        <Only role="operator" to="ping or pause it">
        <button type="button" disabled={isBusy} onClick={() => { void call('ping'); }}>Ping</button>
        <button type="button" disabled={isBusy} onClick={() => { void call(endpoint.paused ? 'resume' : 'pause'); }}>{endpoint.paused ? 'Resume' : 'Pause'}</button>
        </Only>
        <Link class="button" to={addressOf('/events', { q: 'is:retrying' })}>What waits</Link>
      </p>
      {pong && <Ping pong={pong} />}
      <Command>{command('endpoint', 'ping', endpoint.host)}</Command>
    </section>
  );
}

export function EndpointsPage({ name }: { name: string }) {
  const list = useLoaded<List<Endpoint>>('/endpoints');
  const chosen = list.data?.data.find(({ host }) => host === name);

  useRefresh(['delivery'], 1500, list.reload);
  useKeys({ Y: () => { void copy('partnerapp endpoint list', 'command'); }, ...(name && { Escape: () => go('/endpoints') }) });
  return (
    <section class="page">
      <header class="page-head"><h1>Endpoints</h1><span class="muted">the hosts that requests go to</span></header>
      <Answer of={list} what="endpoints">{({ data }) => (data.length === 0 ? (
        <Notice title="No endpoint yet"><p>A host comes onto this list with the first request that goes to it.</p><Command>partnerapp trigger track</Command></Notice>
      ) : (
        <div class="table-frame"><table class="rows fold">
          <thead><tr><th scope="col">Host</th><th scope="col">State</th><th scope="col">Last hour</th><th scope="col" class="number">OK</th><th scope="col" class="number">p95</th><th scope="col" class="number">Waiting</th><th scope="col">Last answer</th><th scope="col">Last success</th></tr></thead>
          <tbody>{data.map((one) => (
            <tr key={one.host} class={one.host === name ? 'is-current' : ''}>
              <td class="what"><Link to={`/endpoints/${encodeURIComponent(one.host)}`}>{one.host}</Link></td>
              <td><StateOfHost endpoint={one} /></td>
              <td data-name="last hour"><Sparkline values={one.recent} what="requests" /></td>
              <td class="number" data-name="ok">{share(one.ok_ratio)}</td>
              <td class="number" data-name="p95">{lasted(one.p95_ms)}</td>
              <td class="number" data-name="waiting">{count(one.waiting)}</td>
              <td data-name="last answer">{one.last_status ?? one.last_error ?? '–'}</td>
              <td data-name="last success"><When at={one.last_success_at} ago /></td>
            </tr>
          ))}</tbody>
        </table></div>
      ))}</Answer>
      {chosen && <Detail key={chosen.host} endpoint={chosen} onChange={list.reload} />}
      {name && list.data && !chosen && <Notice title="There is no such endpoint"><p>No request has gone to <code>{name}</code>.</p></Notice>}
      <Command>partnerapp endpoint list</Command>
    </section>
  );
}
