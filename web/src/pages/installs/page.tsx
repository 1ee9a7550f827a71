// SPDX-License-Identifier: MIT
// Installs: who has connected, and the button by which they did.

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { go } from '../../address';
import { ask, problemFrom } from '../../api/ask';
import { useLoaded } from '../../api/loaded';
import type { Install, List, Status } from '../../api/types';
import { useCell } from '../../cell';
import { useKeys } from '../../frame/keys';
import { useRefresh } from '../../live/refresh';
import { say } from '../../parts/announce';
import { Command, copy } from '../../parts/copy';
import { Dialog } from '../../parts/dialog';
import { Facts } from '../../parts/facts';
import { Code, indented } from '../../parts/json';
import { Link } from '../../parts/link';
import { Answer } from '../../parts/notice';
import { Only } from '../../parts/only';
import { plural } from '../../words/count';
import { Sign } from '../../words/state';
import { now, span, When } from '../../words/when';
import { Button, Flow } from './button';
import { Steps } from './steps';

const last = (name: string | null): string => name?.split('/').pop() ?? '–';

const states: Record<string, [string, string, string]> = {
  enabled: ['✔', 'ok', 'active'], exchanged: ['◐', 'warn', 'being set up'], keyed: ['◐', 'warn', 'being set up'],
  reinstall: ['▲', 'error', 'needs the button again'], revoked: ['✖', 'error', 'removed by the customer'],
};

function StateOfInstall({ state }: { state: string }) {
  const [sign, tone, words] = states[state] ?? ['?', 'muted', state];

  return <Sign sign={sign} tone={tone}>{words}</Sign>;
}

function left(at: string): ComponentChildren {
  const ms = Date.parse(at) - now.value;

  return ms > 0 ? <>{span(ms).replace(/ \d+ s$/, '')} left</> : <Sign sign="▲" tone="warn">expired</Sign>;
}

function Detail({ install, onChange }: { install: Install; onChange: () => void }) {
  const whole = useLoaded<Install>(`/installs/${install.number}`);

  const [isAsking, setIsAsking] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const call = async (what: string, done: string, method = 'POST', body?: unknown): Promise<void> => {
    setIsBusy(true);
    try {
      await ask(`/installs/${install.number}${what}`, { method, ...(body !== undefined && { body }) });
      say(done);
    } catch (error) {
      say(problemFrom(error).message, true);
    }
    setIsBusy(false);
    whole.reload();
    onChange();
  };

  useEffect(whole.reload, [install.updated_at, install.token_generation, install.synced_at]);
  return (
    <section class="card" aria-label={install.install}>
      <h2>{install.install}</h2>
      <Facts rows={[
        ['State', <StateOfInstall state={install.state} />], ['Workspace', install.workspace], ['Source', install.source], ['Destination', install.destination], ['Scope', install.scope],
        ['Token', install.token_expires_at && <>number {install.token_generation}, until <When at={install.token_expires_at} /></>], ['Connected', <When at={install.created_at} ago />],
        ['Compared', install.synced_at && <When at={install.synced_at} ago />], ['Last fault', install.fault && <code>{install.fault}</code>],
      ]} />
      {install.drift !== null && install.drift !== undefined && <><h3>How the destination differs</h3><Code label="Drift" text={indented(install.drift)} /></>}
      <p class="actions">
        <Only role="operator" to="refresh, compare or set it again">
        <button type="button" disabled={isBusy} onClick={() => { void call('/refresh', 'Got a new token'); }}>Refresh the token</button>
        <button type="button" disabled={isBusy} onClick={() => { void call('/sync', 'Compared the destination'); }}>Compare</button>
        <button type="button" disabled={isBusy} onClick={() => { void call('/sync', 'Set the destination again', 'POST', { mend: true }); }}>Set again</button>
        </Only>
        <Only role="admin"><button type="button" disabled={isBusy} onClick={() => setIsAsking(true)}>Forget…</button></Only>
      </p>
      {whole.data?.steps && <Steps steps={whole.data.steps} />}
      <Command>{`partnerapp install get ${install.number}`}</Command>
      {isAsking && (
        <Dialog title={`Forget ${install.install}?`} onClose={() => setIsAsking(false)}>
          <p>Our copy and its token go. Segment still has the install; the customer removes the app there.</p>
          <p class="actions"><button type="button" class="danger" onClick={() => { setIsAsking(false); void call('', `Forgot ${install.install}`, 'DELETE').then(() => go('/installs')); }}>Forget it</button><button type="button" onClick={() => setIsAsking(false)}>Cancel</button></p>
        </Dialog>
      )}
    </section>
  );
}

export function InstallsPage({ name, status }: { name: string; status: Status | null }) {
  const list = useLoaded<List<Install>>('/installs');
  const chosen = list.data?.data.find(({ number }) => String(number) === name);

  useCell(now);
  useRefresh(['install'], 300, list.reload);
  useKeys({ Y: () => { void copy('partnerapp install list', 'command'); }, ...(name && { Escape: () => go('/installs') }) });
  return (
    <section class="page">
      <header class="page-head"><h1>Installs</h1><span class="muted">{list.data && list.data.data.length > 0 && plural(list.data.data.length, 'install')}</span></header>
      <Button status={status} onStarted={list.reload} />
      <Answer of={list} what="installs">{({ data }) => (data.length === 0 ? <Flow /> : (
        <div class="table-frame"><table class="rows fold">
          <thead><tr><th scope="col">Install</th><th scope="col">Workspace / source</th><th scope="col">Scope</th><th scope="col">Destination</th><th scope="col">Token</th><th scope="col">State</th></tr></thead>
          <tbody>{data.map((one) => (
            <tr key={one.number} class={one === chosen ? 'is-current' : ''}>
              <td class="what"><Link to={`/${one.install}`}>{one.install}</Link></td>
              <td>{last(one.workspace)} / {last(one.source)}</td>
              <td data-name="scope">{one.scope ?? '–'}</td>
              <td data-name="destination">{last(one.destination)}</td>
              <td data-name="token">{one.token_expires_at ? left(one.token_expires_at) : '–'}</td>
              <td><StateOfInstall state={one.state} /></td>
            </tr>
          ))}</tbody>
        </table></div>
      ))}</Answer>
      {chosen && <Detail key={chosen.number} install={chosen} onChange={list.reload} />}
      <Command>partnerapp install list</Command>
    </section>
  );
}
