// SPDX-License-Identifier: MIT
// The work that is under way, on every page: how far it is, and what to do with it.

import { useEffect } from 'preact/hooks';

import { addressOf } from '../address';
import { ask, problemFrom } from '../api/ask';
import { useLoaded } from '../api/loaded';
import type { Job } from '../api/types';
import { useCell } from '../cell';
import { useRefresh } from '../live/refresh';
import { say } from '../parts/announce';
import { Link } from '../parts/link';
import { bytes, count, plural } from '../words/count';
import { command } from '../words/shell';
import { Sign } from '../words/state';
import { dismiss, mine } from './mine';

const LOOK_MS = 2000; // also when no news come

const isExport = (id: string): boolean => id.startsWith('exp_');

function Words({ job }: { job: Job }) {
  const what = isExport(job.id) ? 'Export' : 'Replay';
  const isRunning = job.state === 'running' || job.state === 'planned';

  if (isRunning) return <Sign sign="◐" tone="muted">{what} is under way</Sign>;
  if (job.state === 'done') return <Sign sign="✔" tone="ok">{what} is done</Sign>;
  return <Sign sign={job.state === 'cancelled' ? '–' : '✖'} tone={job.state === 'cancelled' ? 'muted' : 'error'}>{what} {job.state === 'cancelled' ? 'was cancelled' : 'failed'}</Sign>;
}

function Row({ id }: { id: string }) {
  const path = `/${isExport(id) ? 'exports' : 'replays'}/${encodeURIComponent(id)}`;
  const job = useLoaded<Job>(path);
  const isOver = job.data !== null && job.data.state !== 'running';
  const isGone = job.problem?.status === 404;
  const end = (words: string): void => {
    ask(path, { method: 'DELETE' }).then(() => { say(words); dismiss(id); }, (error: unknown) => say(problemFrom(error).message, true));
  };

  useRefresh(['job'], 300, () => { if (!isOver) job.reload(); });
  useEffect(() => {
    const timer = isOver ? undefined : setInterval(job.reload, LOOK_MS);

    return () => clearInterval(timer);
  }, [isOver]);
  useEffect(() => { if (isGone) dismiss(id); }, [isGone]);
  if (!job.data) return null;
  const { done, failed, q, bytes: size, error } = job.data;
  const matched = job.data.matched as number | null; // null: too many to be counted

  return (
    <li data-testid="job">
      <Words job={job.data} />
      {q && <code class="job-q">{q}</code>}
      <span class="muted">{isOver ? plural(done, isExport(id) ? 'event' : 'delivery', isExport(id) ? 'events' : 'deliveries') : matched === null ? `${count(done)} so far` : `${count(done)} of ${count(matched)}`}{size ? `, ${bytes(size)}` : ''}{failed > 0 && <span class="error">, {count(failed)} failed</span>}</span>
      {error && <span class="error">{error}</span>}
      {!isOver && <progress max={Math.max(1, matched ?? 1)} {...(matched !== null && { value: done })} aria-label={`${isExport(id) ? 'Export' : 'Replay'} ${q ?? id}`} />}
      <span class="actions">
        {isExport(id) && job.data.state === 'done' && <a class="button" href={`/api/v1${path}/file`} download title={command('events', 'export', q ?? '', '-o', 'events.ndjson')}>Download</a>}
        {isExport(id) && !isOver && <button type="button" onClick={() => end('The export is cancelled')}>Cancel</button>}
        {!isExport(id) && <Link class="button" to={addressOf('/events', { q: `replay:${id}` })}>Look at them</Link>}
        {isOver && <button type="button" class="quiet" aria-label="Dismiss" onClick={() => dismiss(id)}>✕</button>}
      </span>
    </li>
  );
}

// @except: what the page shows itself.
export function JobStrip({ except }: { except: string | null }) {
  const ids = useCell(mine).filter((id) => id !== except);

  if (ids.length === 0) return null;
  return <ul class="jobs" aria-label="Work under way">{ids.map((id) => <Row key={id} id={id} />)}</ul>;
}
