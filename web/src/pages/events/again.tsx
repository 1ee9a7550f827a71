// SPDX-License-Identifier: MIT
// Edit & send: the same event with other members, as a new one.

import { useState } from 'preact/hooks';

import type { EventRow } from '../../api/types';
import { Dialog } from '../../parts/dialog';
import { indented } from '../../parts/json';
import { sendTest } from './none';

// A message id makes a second event a duplicate of the first.
function draftOf(payload: unknown): string {
  if (typeof payload !== 'object' || payload === null) return indented(payload);
  return indented(Object.fromEntries(Object.entries(payload).filter(([name]) => name !== 'messageId')));
}

export function Again({ event, path, onClose }: { event: EventRow; path: string; onClose: () => void }) {
  const [text, setText] = useState(() => draftOf(event.payload));
  let fault: string | null = null;

  try {
    JSON.parse(text);
  } catch (error) {
    fault = error instanceof Error ? error.message : 'not JSON';
  }
  return (
    <Dialog title="Edit and send" onClose={onClose} class="wide">
      <p class="muted">Goes to <code>{path}</code> as a new event.</p>
      <label class="unseen" for="again">The event, as JSON</label>
      <textarea id="again" rows={16} spellcheck={false} value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
      <p class={fault ? 'error' : 'muted'} role="status">{fault ?? 'It is JSON.'}</p>
      <p class="actions">
        <button type="button" class="main" disabled={fault !== null} onClick={() => { void sendTest(path, JSON.parse(text)).then((ok) => { if (ok) onClose(); }); }}>Send</button>
        <button type="button" onClick={onClose}>Cancel</button>
      </p>
    </Dialog>
  );
}
