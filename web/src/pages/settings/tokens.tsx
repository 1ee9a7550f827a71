// SPDX-License-Identifier: MIT
// Tokens for the API. A new one is shown once, here, and never again.

import { useState } from 'preact/hooks';

import { ask } from '../../api/ask';
import { useLoaded } from '../../api/loaded';
import type { List, Role, Token } from '../../api/types';
import { say } from '../../parts/announce';
import { Command } from '../../parts/copy';
import { Dialog } from '../../parts/dialog';
import { useDoing } from '../../parts/doing';
import { Answer } from '../../parts/notice';
import { Once } from '../../parts/once';
import { Refused } from '../../parts/refused';
import { RolePick } from '../../parts/roles';
import { Sign } from '../../words/state';
import { When } from '../../words/when';

function Create({ onClose, onMade }: { onClose: () => void; onMade: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [token, setToken] = useState<string | null>(null);
  const { run, isBusy, problem } = useDoing();
  const make = (event: Event): void => {
    event.preventDefault();
    run(ask<{ token: string }>('/tokens', { method: 'POST', body: { name: name.trim(), role } }), (made) => { setToken(made.token); onMade(); });
  };

  return (
    <Dialog title="Make a token" onClose={onClose}>
      {token ? (
        <>
          <Once text={token} copy="Copy token">The token <strong>{name.trim()}</strong>, for the header <code>Authorization: Bearer …</code></Once>
          <p class="actions"><button type="button" onClick={onClose}>Done</button></p>
        </>
      ) : (
        <form class="form" onSubmit={make}>
          <label>Name <input type="text" required autofocus maxLength={100} autocomplete="off" placeholder="what it is for" value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} /></label>
          <RolePick value={role} onPick={setRole} />
          <Refused problem={problem} />
          <p class="actions"><button type="submit" class="main" disabled={isBusy}>Make the token</button><button type="button" onClick={onClose}>Cancel</button></p>
        </form>
      )}
    </Dialog>
  );
}

function Revoke({ token: { id, name }, onClose, onDone }: { token: Token; onClose: () => void; onDone: () => void }) {
  const { run, isBusy, problem } = useDoing();

  return (
    <Dialog title={`Revoke ${name}?`} onClose={onClose}>
      <p>A program that uses this token is refused from now on.</p>
      <Refused problem={problem} />
      <p class="actions"><button type="button" class="danger" disabled={isBusy} onClick={() => run(ask(`/tokens/${encodeURIComponent(id)}`, { method: 'DELETE' }), () => { say(`${name} is revoked`); onDone(); onClose(); })}>Revoke {name}</button><button type="button" onClick={onClose}>Cancel</button></p>
    </Dialog>
  );
}

export function Tokens() {
  const tokens = useLoaded<List<Token>>('/tokens');
  const [over, setOver] = useState<'make' | Token | null>(null);
  const close = (): void => setOver(null);

  return (
    <>
      <Answer of={tokens} what="tokens">{({ data }) => {
        const isUseKnown = data.some(({ last_used_at: used }) => used !== undefined);

        return (
          <>
            <p class="bar"><button type="button" class="main" onClick={() => setOver('make')}>Make a token…</button></p>
            {data.length === 0 ? <p class="muted">No token yet. Programs that use the API of a server need one; in dev nobody does.</p> : (
              <div class="table-frame"><table class="rows fold people">
                <thead><tr><th scope="col">Name</th><th scope="col">Role</th><th scope="col">Made</th>{isUseKnown && <th scope="col">Last used</th>}<th scope="col">State</th><th scope="col"><span class="unseen">Actions</span></th></tr></thead>
                <tbody>{[...data].sort((a, b) => Number(Boolean(a.revoked_at)) - Number(Boolean(b.revoked_at))).map((token) => (
                  <tr key={token.id}>
                    <th scope="row">{token.name}</th><td data-name="role">{token.role}</td><td data-name="made"><When at={token.created_at} ago /></td>
                    {isUseKnown && <td data-name="last used">{token.last_used_at ? <When at={token.last_used_at} ago /> : <span class="muted">never</span>}</td>}
                    <td>{token.revoked_at ? <Sign sign="–" tone="muted">revoked <When at={token.revoked_at} ago /></Sign> : <Sign sign="✔" tone="ok">valid</Sign>}</td>
                    <td><span class="actions">{!token.revoked_at && <button type="button" aria-label={`Revoke ${token.name}`} onClick={() => setOver(token)}>Revoke…</button>}</span></td>
                  </tr>
                ))}</tbody>
              </table></div>
            )}
          </>
        );
      }}</Answer>
      <Command>partnerapp token create</Command>
      {over === 'make' && <Create onClose={close} onMade={tokens.reload} />}
      {over !== null && over !== 'make' && <Revoke token={over} onClose={close} onDone={tokens.reload} />}
    </>
  );
}
