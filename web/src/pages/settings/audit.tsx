// SPDX-License-Identifier: MIT
// Who changed what, and what the server answered: written down before it was done.

import { useState } from 'preact/hooks';

import { address, addressOf, go } from '../../address';
import { usePages } from '../../api/pages';
import type { AuditRow } from '../../api/types';
import { useCell } from '../../cell';
import { Command } from '../../parts/copy';
import { Answer, Notice } from '../../parts/notice';
import { plural } from '../../words/count';
import { command } from '../../words/shell';
import { Sign } from '../../words/state';
import { When } from '../../words/when';

const PAGE = '50';

function Outcome({ status }: { status: number | null }) {
  if (status === null) return <Sign sign="?" tone="warn">no answer yet</Sign>;
  if (status < 400) return <Sign sign="✔" tone="ok">done</Sign>;
  return <Sign sign="✖" tone="error">{status === 401 || status === 403 ? 'refused' : 'failed'} {status}</Sign>;
}

function Find({ actor }: { actor: string }) {
  const [text, setText] = useState(actor);
  const find = (who: string): void => { setText(who); go(addressOf('/settings', { actor: who.trim() }, 'audit'), true); };

  return (
    <form class="bar" role="search" aria-label="Audit list" onSubmit={(event) => { event.preventDefault(); find(text); }}>
      <label>Who <input type="search" value={text} maxLength={100} autocomplete="off" spellcheck={false} onInput={({ currentTarget }) => setText(currentTarget.value)} /></label>
      <button type="submit">Find</button>
      {actor !== '' && <button type="button" class="chip term" onClick={() => find('')}>{actor} ✕<span class="unseen"> show everybody</span></button>}
    </form>
  );
}

export function Audit() {
  const { query } = useCell(address);
  const actor = query.get('actor') ?? '';
  const { first, rows, isMore, isBusy, more } = usePages<AuditRow>(addressOf('/audit', { limit: PAGE, actor }));

  return (
    <>
      <Find key={actor} actor={actor} />
      <Answer of={first} what="the audit list" rows={10}>{({ total }) => (rows.length === 0 ? (
        <Notice title={actor ? 'Nothing by that name' : 'Nothing was changed yet'}><p>{actor ? `No entry of “${actor}” is kept.` : 'Each change, each sign-in and each look at a secret will be here.'}</p></Notice>
      ) : (
        <>
          <div class="table-frame"><table class="rows fold audit">
            <thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">About</th><th scope="col">From</th><th scope="col">Outcome</th></tr></thead>
            <tbody>{rows.map((row) => (
              <tr key={row.id}>
                <td class="at"><When at={row.at} /></td>
                <td class="what">{row.actor.replace(/^user /, '')}{row.role && <span class="muted"> {row.role}</span>}</td>
                <td><code>{row.action}</code></td>
                <td data-name="about" class="about">{row.subject || <span class="muted">–</span>}</td>
                <td data-name="from" class="peer muted">{row.peer || '–'}</td>
                <td><Outcome status={row.status} /></td>
              </tr>
            ))}</tbody>
          </table></div>
          <p class="bar">{isMore && <button type="button" disabled={isBusy} onClick={more}>Older entries</button>}<span class="muted">{plural(rows.length, 'entry', 'entries')}{total !== null && total > rows.length && ` of ${plural(total, '', '').trim()}`}</span></p>
        </>
      ))}</Answer>
      <Command>{command('audit', 'list')}</Command>
    </>
  );
}
