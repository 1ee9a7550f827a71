// SPDX-License-Identifier: MIT
// Dead letters, grouped by what went wrong, because that is how they are mended.

import { useState } from 'preact/hooks';

import { address, addressOf, go } from '../../address';
import { useLoaded } from '../../api/loaded';
import type { ConfigRow, DeadGroup, List } from '../../api/types';
import type { Kept, Retention } from '../../api/upkeep';
import { useCell } from '../../cell';
import { useKeys } from '../../frame/keys';
import { dismiss, follow, startExport } from '../../jobs/mine';
import { useRefresh } from '../../live/refresh';
import { Command, copy } from '../../parts/copy';
import { Link } from '../../parts/link';
import { Answer, Notice } from '../../parts/notice';
import { Only } from '../../parts/only';
import { plural } from '../../words/count';
import { command } from '../../words/shell';
import { Sign } from '../../words/state';
import { When } from '../../words/when';
import { Discard } from './discard';
import { Plan } from './plan';
import { Progress } from './progress';

const titleOf = ({ subscription, endpoint, error, status }: DeadGroup): string =>
  [subscription, endpoint, status ?? error].filter((one) => one !== null && one !== '').join(' · ');

function Group({ group, onReplay, onDiscard }: { group: DeadGroup; onReplay: () => void; onDiscard: () => void }) {
  const title = titleOf(group);

  return (
    <li class="group">
      <div class="group-head">
        <h2><Link to={addressOf('/events', { q: group.q })}>{title || 'unknown cause'}</Link></h2>
        <span class="count">{plural(group.count, 'delivery', 'deliveries')}</span>
        <span class="muted"><When at={group.first_at} /> – <When at={group.last_at} /></span>
      </div>
      <p class="advice">
        {group.is_temporary === null ? null : group.is_temporary ? <Sign sign="↻" tone="warn">usually temporary</Sign> : <Sign sign="✖" tone="error">needs a change first</Sign>}
        {' '}{group.advice}
      </p>
      {group.message && <p class="muted">The newest: <q>{group.message}</q></p>}
      <p class="actions">
        <Only role="operator" to="replay, export or discard them">
        <button type="button" class="main" aria-label={`Replay ${title}`} onClick={onReplay}>Replay…</button>
        <button type="button" aria-label={`Export ${title}`} onClick={() => { void startExport(group.q); }}>Export</button>
        <button type="button" aria-label={`Discard ${title}`} onClick={onDiscard}>Discard…</button>
        </Only>
      </p>
    </li>
  );
}

// As this server is configured.
function attemptsOf(config: ConfigRow[] | undefined): string {
  const of = (name: string): string | null => {
    const row = config?.find(({ key }) => key === name || key.endsWith(`.${name}`));

    return row?.value === null || row?.value === undefined || row.value === '' ? null : String(row.value);
  };
  const n = of('retry.attempts');
  const span = of('retry.over');

  return n ? `after ${n} attempts${span ? ` over ${span}` : ''}` : 'when all its attempts are used up';
}

export function DeadPage() {
  const { query } = useCell(address);
  const groups = useLoaded<List<DeadGroup>>('/dead/groups');
  const [over, setOver] = useState<{ kind: 'plan' | 'discard'; group: DeadGroup } | null>(null);
  const kept = useLoaded<Retention>('/retention').data?.dead as Kept | undefined;
  const config = useLoaded<{ data: ConfigRow[] }>(groups.data?.data.length === 0 ? '/config' : null);
  const job = query.get('job');

  useRefresh(['delivery', 'job'], 1000, groups.reload);
  useKeys({ Y: () => { void copy(command('dead', 'list'), 'command'); } });
  return (
    <section class="page">
      <header class="page-head"><h1>Dead letters</h1>
        <span class="muted">{groups.data && groups.data.data.length > 0 && `${plural(groups.data.data.reduce((n, one) => n + one.count, 0), 'delivery', 'deliveries')} in ${plural(groups.data.data.length, 'group')}`}</span>
        {kept?.goes_at && <span class="muted">the oldest goes <When at={kept.goes_at} ago /></span>}
      </header>
      {job && <Progress id={job} onClose={() => { dismiss(job); go('/dead', true); }} onDone={groups.reload} />}
      <Answer of={groups} what="groups of dead letters">{({ data }) => (data.length === 0 ? (
        <Notice title="Nothing here, which is good">
          <p>A delivery lands here {attemptsOf(config.data?.data)}, or at once when trying again cannot help: a 4xx answer, an error in the code.</p>
          <p>From here it can be sent again once the cause is mended.</p>
        </Notice>
      ) : (
        <ul class="groups">{data.map((group) => <Group key={group.q + titleOf(group)} group={group} onReplay={() => setOver({ kind: 'plan', group })} onDiscard={() => setOver({ kind: 'discard', group })} />)}</ul>
      ))}</Answer>
      {groups.problem?.isMissing && <p><Link to={addressOf('/events', { q: 'is:dead' })}>All dead deliveries, one by one</Link></p>}
      <Command>partnerapp dead list</Command>
      {over?.kind === 'plan' && (
        <Plan wish={{ q: over.group.q, dead: true }} title={titleOf(over.group)} facts={[['Died', <><When at={over.group.first_at} /> – <When at={over.group.last_at} /></>]]}
          warning={over.group.is_temporary === false ? over.group.advice ?? 'Trying again without a change will fail again.' : null}
          onClose={() => setOver(null)} onStarted={(id) => { setOver(null); follow(id); go(addressOf('/dead', { job: id })); }} />
      )}
      {over?.kind === 'discard' && <Discard group={over.group} title={titleOf(over.group)} onClose={() => setOver(null)} onDone={() => { setOver(null); groups.reload(); }} />}
    </section>
  );
}
