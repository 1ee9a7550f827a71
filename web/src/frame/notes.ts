// SPDX-License-Identifier: MIT
// A note on the desktop when a dead letter comes and nobody looks. Off until asked for.

import { Cell } from '../cell';
import { keep, kept } from '../kept';
import { counters } from '../live/stream';
import { plural } from '../words/count';

const QUIET_MS = 60000; // between two notes

export const mayNotify = (): boolean => 'Notification' in globalThis && Notification.permission !== 'denied';
export const wantsNotes = new Cell(kept('notes') === 'on' && 'Notification' in globalThis && Notification.permission === 'granted');

export async function askToNotify(isOn: boolean): Promise<void> {
  const isGranted = isOn && await Notification.requestPermission() === 'granted';

  wantsNotes.set(isGranted);
  keep('notes', isGranted ? 'on' : 'off');
}

export function startNotes(): void {
  let before: number | null = null;
  let saidAt = 0;

  counters.watch((now) => {
    if (!now) return;
    const came = before === null ? 0 : now.dead - before;

    if (came <= 0 || !document.hidden || !wantsNotes.value) {
      before = now.dead;
      return;
    }
    if (Date.now() - saidAt < QUIET_MS) return; // what comes meanwhile is in the next one
    saidAt = Date.now();
    before = now.dead;
    const note = new Notification(plural(came, 'dead letter'), { body: `partnerapp at ${location.host}: ${plural(now.dead, 'delivery', 'deliveries')} wait for you`, tag: 'partnerapp-dead' });

    note.onclick = () => { focus(); note.close(); };
  });
}
