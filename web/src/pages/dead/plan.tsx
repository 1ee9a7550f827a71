// SPDX-License-Identifier: MIT
// What a replay would do, before it does it.

import { useEffect, useState } from 'preact/hooks';

import { problemFrom, type Problem } from '../../api/ask';
import type { DeadGroup, Job } from '../../api/types';
import { Command } from '../../parts/copy';
import { Dialog } from '../../parts/dialog';
import { Facts } from '../../parts/facts';
import { Failed, Skeleton } from '../../parts/notice';
import { plural } from '../../words/count';
import { command } from '../../words/shell';
import { When } from '../../words/when';
import { planOf, startReplay } from './replays';

interface Props { group: DeadGroup; title: string; onClose: () => void; onStarted: (job: string) => void }

export function Plan({ group, title, onClose, onStarted }: Props) {
  const [plan, setPlan] = useState<Job | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setIsBusy] = useState(false);

  useEffect(() => { planOf(group.q).then(setPlan, (error: unknown) => setProblem(problemFrom(error))); }, [group.q]);
  const start = (): void => {
    setIsBusy(true);
    startReplay(group.q).then(({ id }) => onStarted(id), (error: unknown) => { setProblem(problemFrom(error)); setIsBusy(false); });
  };

  return (
    <Dialog title="Replay: the plan" onClose={onClose}>
      {problem ? <Failed problem={problem} what="the replay" /> : !plan ? <Skeleton rows={3} /> : (
        <>
          <Facts rows={[
            ['Which', title], ['How many', plural(plan.matched, 'delivery', 'deliveries')],
            ['Died', <><When at={group.first_at} /> – <When at={group.last_at} /></>],
            ['How', 'each through the function as it is now, with a new delivery that is linked to the old one'],
          ]} />
          {group.is_temporary === false && <p class="warn">{group.advice ?? 'Trying again without a change will fail again.'}</p>}
          <p>Nothing has been sent yet. Endpoints that saw the first try see these again.</p>
          <p class="actions">
            <button type="button" class="main" disabled={isBusy || plan.matched === 0} onClick={start}>Replay {plural(plan.matched, 'delivery', 'deliveries')}</button>
            <button type="button" onClick={onClose}>Cancel</button>
          </p>
        </>
      )}
      <Command>{command('dead', 'replay', group.q)}</Command>
    </Dialog>
  );
}
