// SPDX-License-Identifier: MIT
// Giving dead letters up for good: asked for twice.

import { useState } from 'preact/hooks';

import { problemFrom } from '../../api/ask';
import type { DeadGroup } from '../../api/types';
import { say } from '../../parts/announce';
import { Command } from '../../parts/copy';
import { Dialog } from '../../parts/dialog';
import { plural } from '../../words/count';
import { command } from '../../words/shell';
import { discardDead } from './replays';

export function Discard({ group, title, onClose, onDone }: { group: Pick<DeadGroup, 'q' | 'count'>; title: string; onClose: () => void; onDone: () => void }) {
  const [isBusy, setIsBusy] = useState(false);
  const run = (): void => {
    setIsBusy(true);
    discardDead(group.q).then(({ discarded }) => { say(`Gave up ${plural(discarded, 'delivery', 'deliveries')}`); onDone(); },
      (error: unknown) => { say(problemFrom(error).message, true); setIsBusy(false); });
  };

  return (
    <Dialog title="Discard dead letters?" onClose={onClose}>
      <p>{plural(group.count, 'delivery', 'deliveries')} of {title} will not be sent any more. The events stay as long as the retention keeps them, and can still be replayed one by one.</p>
      <p class="actions"><button type="button" class="danger" disabled={isBusy} onClick={run}>Discard {plural(group.count, 'delivery', 'deliveries')}</button><button type="button" onClick={onClose}>Cancel</button></p>
      <Command>{command('dead', 'discard', group.q)}</Command>
    </Dialog>
  );
}
