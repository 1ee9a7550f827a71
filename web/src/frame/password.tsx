// SPDX-License-Identifier: MIT
// A new password for oneself. Managers fill it in, and what was copied can be pasted.

import { useState } from 'preact/hooks';

import { ask } from '../api/ask';
import { say } from '../parts/announce';
import { Dialog } from '../parts/dialog';
import { useDoing } from '../parts/doing';
import { Refused } from '../parts/refused';

export function Password({ name, onClose }: { name: string; onClose: () => void }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const { run, isBusy, problem } = useDoing();
  const change = (event: Event): void => {
    event.preventDefault();
    run(ask('/me/password', { method: 'POST', body: { current, new: next } }), () => { say('The password is changed; your other sessions have ended'); onClose(); });
  };

  return (
    <Dialog title="Change password" onClose={onClose}>
      <form class="form" onSubmit={change}>
        <input type="text" class="unseen" autocomplete="username" value={name} readOnly tabIndex={-1} aria-hidden="true" />
        <label>Current password <input type="password" autocomplete="current-password" required autofocus value={current} onInput={({ currentTarget }) => setCurrent(currentTarget.value)} /></label>
        <label>New password <input type="password" autocomplete="new-password" required minLength={12} aria-describedby="password-rule" value={next} onInput={({ currentTarget }) => setNext(currentTarget.value)} /></label>
        <p class="muted" id="password-rule">At least 12 characters, and not your name. Your other sessions end.</p>
        <Refused problem={problem} />
        <p class="actions"><button type="submit" class="main" disabled={isBusy}>Change password</button><button type="button" onClick={onClose}>Cancel</button></p>
      </form>
    </Dialog>
  );
}
