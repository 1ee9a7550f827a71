// SPDX-License-Identifier: MIT
// What somebody should look at, with the place to do so, and what is mostly done about it.

import { useState } from 'preact/hooks';

import { ask, problemFrom } from '../../api/ask';
import type { Attention, Pong } from '../../api/types';
import { say } from '../../parts/announce';
import { Link } from '../../parts/link';
import { Only } from '../../parts/only';
import { Sign } from '../../words/state';
import { span, When } from '../../words/when';

const pageOf = ({ kind, subject, path }: Attention): string => {
  if (path?.startsWith('/') && !path.startsWith('//') && !path.startsWith('/api/')) return path;
  if (kind === 'endpoint') return `/endpoints/${encodeURIComponent(subject)}`;
  if (kind === 'install') return `/${subject}`;
  return kind === 'function' ? `/functions/${encodeURIComponent(subject)}` : '/settings#health';
};

interface Act { title: string; path: string; done: (answer: unknown) => string }

const saysPong = (answer: unknown): string => {
  const { host, status, error, duration_ms: ms } = answer as Pong;

  return status === null ? `${host} does not answer: ${error ?? 'no connection'}` : `${host} answers ${status} in ${span(ms)}`;
};

// What can be done from here, and be undone.
function actsOf({ kind, subject, text }: Attention): Act[] {
  const endpoint = `/endpoints/${encodeURIComponent(subject)}`;
  const install = /^installs\/(\d+)$/.exec(subject)?.[1];

  if (kind === 'endpoint' && subject !== kind)
    return [{ title: 'Ping', path: `${endpoint}/ping`, done: saysPong }, /\bpaused\b/.test(text) ? { title: 'Resume', path: `${endpoint}/resume`, done: () => `${subject} goes on` } : { title: 'Pause', path: `${endpoint}/pause`, done: () => `${subject} is paused: deliveries wait` }];
  if (kind === 'install' && install) return [{ title: 'Refresh', path: `/installs/${install}/refresh`, done: () => 'Got a new token' }];
  return [];
}

function Acts({ row, onDone }: { row: Attention; onDone: () => void }) {
  const [isBusy, setIsBusy] = useState(false);
  const run = ({ path, done }: Act): void => {
    setIsBusy(true);
    ask(path, { method: 'POST' }).then((answer) => { say(done(answer)); onDone(); }, (error: unknown) => say(problemFrom(error).message, true)).finally(() => setIsBusy(false));
  };

  return <>{actsOf(row).map((act) => <button key={act.title} type="button" disabled={isBusy} aria-label={`${act.title} ${row.subject}`} onClick={() => run(act)}>{act.title}</button>)}</>;
}

export function NeedsAttention({ rows, onDone }: { rows: Attention[]; onDone: () => void }) {
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      {rows.length === 0 ? <p class="muted"><Sign sign="✔" tone="ok">Nothing.</Sign> All endpoints, installs and functions are well.</p> : (
        <ul class="attention">
          {rows.map((row) => (
            <li key={row.kind + row.subject}>
              <Sign sign="▲" tone="warn">{row.subject}</Sign> <span>{row.text}</span> {row.since && <span class="muted">since <When at={row.since} /></span>}
              <span class="actions"><Link class="button" to={pageOf(row)} label={`Look at ${row.subject}`}>Look</Link><Only role="operator"><Acts row={row} onDone={onDone} /></Only></span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
