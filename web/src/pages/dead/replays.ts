// SPDX-License-Identifier: MIT
// Sending again: at once by ids, or by a query as a job of the server.

import { ask, problemFrom } from '../../api/ask';
import type { Job, ReplayPlan } from '../../api/types';
import { say } from '../../parts/announce';
import { plural } from '../../words/count';

export async function replayIds(ids: string[]): Promise<Job | null> {
  try {
    const job = await ask<Job>('/replays', { method: 'POST', body: { ids } });

    say(job.matched === 0 ? 'Nothing to replay: it is still on its way' : `Replaying ${plural(job.matched, 'delivery', 'deliveries')}`);
    return job;
  } catch (error) {
    say(`Not replayed: ${problemFrom(error).message}`, true);
    return null;
  }
}

export interface Wish { q: string; dead: boolean }

export const planOf = (wish: Wish): Promise<ReplayPlan> => ask('/replays', { method: 'POST', body: { ...wish, dry_run: true } });
export const startReplay = (wish: Wish): Promise<Job> => ask('/replays', { method: 'POST', body: wish });
export const discardDead = (q: string): Promise<{ discarded: number }> => ask(`/dead?q=${encodeURIComponent(q)}`, { method: 'DELETE' });
