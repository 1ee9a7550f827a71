// SPDX-License-Identifier: MIT
// How far a replay is. It is the server's work: the page may be left, or loaded again.

import { useEffect } from 'preact/hooks';

import { addressOf } from '../../address';
import { useLoaded } from '../../api/loaded';
import type { Job } from '../../api/types';
import { useRefresh } from '../../live/refresh';
import { Link } from '../../parts/link';
import { Answer } from '../../parts/notice';
import { count } from '../../words/count';

const LOOK_MS = 2000; // also when no news come

export function Progress({ id, onClose, onDone }: { id: string; onClose: () => void; onDone: () => void }) {
  const job = useLoaded<Job>(`/replays/${encodeURIComponent(id)}`);
  const isOver = job.data !== null && job.data.state !== 'running';

  useRefresh(['delivery', 'job'], 300, () => { if (!isOver) job.reload(); });
  useEffect(() => {
    if (isOver) onDone();
    const timer = isOver ? undefined : setInterval(job.reload, LOOK_MS);

    return () => clearInterval(timer);
  }, [isOver]);
  return (
    <div class="progress" data-testid="progress">
      <Answer of={job} what="this replay" rows={1}>{({ matched, done, failed, state }) => (
        <>
          <p><strong>{state === 'running' ? 'Replaying' : 'Replayed'}</strong> {count(done)} of {count(matched)}{failed > 0 && <span class="error">, {count(failed)} failed again</span>}</p>
          <progress max={Math.max(1, matched)} value={done} aria-label="Replay" />
          <p class="actions"><Link to={addressOf('/events', { q: `replay:${id}` })}>Look at them</Link><button type="button" class="quiet" onClick={onClose}>Dismiss</button></p>
        </>
      )}</Answer>
    </div>
  );
}
