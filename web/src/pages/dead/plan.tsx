// SPDX-License-Identifier: MIT
// What a replay would do, before it does it: how many, and what becomes of the one that goes first.

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { problemFrom, type Problem } from '../../api/ask';
import { useLoaded } from '../../api/loaded';
import type { First, FunctionInfo, List, ReplayPlan } from '../../api/types';
import { Command } from '../../parts/copy';
import { Dialog } from '../../parts/dialog';
import { Facts } from '../../parts/facts';
import { Link } from '../../parts/link';
import { Failed, Skeleton } from '../../parts/notice';
import { plural } from '../../words/count';
import { command } from '../../words/shell';
import { Outcome } from '../functions/outcome';
import { planOf, startReplay, type Wish } from './replays';

function FirstRun({ first }: { first: First }) {
  return (
    <section class="first-run" aria-label="The first event, tried" data-testid="first">
      <h3>The first one, tried with the code that is in service</h3>
      {first.event && <p><Link to={`/events/${first.event}`}>{first.name ?? first.event}</Link> <span class="muted">{first.subscription}</span></p>}
      {first.run ? <><Outcome run={first.run} isBrief /><p class="muted">Its requests were answered here; nothing was sent.</p></> : <p class="muted">Not tried: {first.why ?? 'there is nothing to run'}.</p>}
    </section>
  );
}

interface Props {
  wish: Wish;
  title: string;
  facts?: [string, ComponentChildren][];
  warning?: string | null;
  onClose: () => void;
  onStarted: (job: string) => void;
}

export function Plan({ wish, title, facts = [], warning = null, onClose, onStarted }: Props) {
  const [plan, setPlan] = useState<ReplayPlan | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const functions = useLoaded<List<FunctionInfo>>('/functions');
  const first = plan?.first ?? null;
  const fn = functions.data?.data.find(({ subscription }) => subscription === first?.subscription);
  const isBad = first?.run != null && (first.run.error != null || first.run.outcome === 'dead');

  useEffect(() => { planOf(wish).then(setPlan, (error: unknown) => setProblem(problemFrom(error))); }, [wish.q, wish.dead]);
  const start = (): void => {
    setIsBusy(true);
    startReplay(wish).then(({ id }) => onStarted(id), (error: unknown) => { setProblem(problemFrom(error)); setIsBusy(false); });
  };

  return (
    <Dialog title="Replay: the plan" onClose={onClose} class="plan">
      {problem ? <Failed problem={problem} what="the replay" /> : !plan ? <><p role="status">Counting, and trying the first one…</p><Skeleton rows={3} /></> : (
        <>
          <Facts rows={[
            ['Which', title], ['How many', plural(plan.matched, 'delivery', 'deliveries')], ...facts,
            ['Code', fn && `${fn.path}, v${fn.version}`],
            ['How', 'each as a new delivery that is linked to the old one, at the endpoint\'s own pace'],
          ]} />
          {warning && <p class="warn">{warning}</p>}
          {first && <FirstRun first={first} />}
          {isBad && !warning && <p class="warn">The first one fails again. Mend the code or its settings before you replay.</p>}
          <p>Nothing has been sent yet. Endpoints that saw the first try see these again.</p>
          <p class="actions">
            <button type="button" class={isBad ? 'danger' : 'main'} disabled={isBusy || plan.matched === 0} onClick={start}>Replay {plural(plan.matched, 'delivery', 'deliveries')}{isBad && ' anyway'}</button>
            <button type="button" onClick={onClose}>Cancel</button>
          </p>
        </>
      )}
      <Command>{wish.dead ? command('dead', 'replay', wish.q) : command('events', 'replay', wish.q)}</Command>
    </Dialog>
  );
}
