// SPDX-License-Identifier: MIT
// Tokens for the API. A new one is shown once, here, and never again.

import { useState } from 'preact/hooks';

import { ask, problemFrom } from '../../api/ask';
import { useLoaded } from '../../api/loaded';
import type { List, Token } from '../../api/types';
import { say } from '../../parts/announce';
import { Command, CopyButton } from '../../parts/copy';
import { Answer } from '../../parts/notice';
import { When } from '../../words/when';

const roles = ['viewer', 'operator', 'admin'];

function Create({ onMade }: { onMade: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState('viewer');
  const [token, setToken] = useState<string | null>(null);
  const make = (event: Event): void => {
    event.preventDefault();
    ask<{ token: string }>('/tokens', { method: 'POST', body: { name, role } }).then(
      (made) => { setToken(made.token); setName(''); onMade(); }, (error: unknown) => say(problemFrom(error).message, true));
  };

  return (
    <>
      <form class="bar" onSubmit={make}>
        <label>Name <input type="text" required maxLength={100} value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} /></label>
        <label>Role <select value={role} onChange={({ currentTarget }) => setRole(currentTarget.value)}>{roles.map((one) => <option key={one}>{one}</option>)}</select></label>
        <button type="submit">Make a token</button>
      </form>
      {token && <p class="card" role="status">The new token, shown only now: <code class="secret">{token}</code> <CopyButton text={token}>Copy token</CopyButton></p>}
    </>
  );
}

export function Tokens() {
  const tokens = useLoaded<List<Token>>('/tokens');
  const revoke = (id: string): void => {
    ask(`/tokens/${encodeURIComponent(id)}`, { method: 'DELETE' }).then(() => { say('The token is gone'); tokens.reload(); }, (error: unknown) => say(problemFrom(error).message, true));
  };

  return (
    <>
      <Answer of={tokens} what="tokens">{({ data }) => (
        <>
          <Create onMade={tokens.reload} />
          {data.length === 0 ? <p class="muted">No token yet. Programs that use the API of a server need one; in dev nobody does.</p> : (
            <div class="table-frame"><table class="rows fold">
              <thead><tr><th scope="col">Name</th><th scope="col">Role</th><th scope="col">Made</th><th scope="col"><span class="unseen">Actions</span></th></tr></thead>
              <tbody>{data.map(({ id, name, role, created_at: made }) => <tr key={id}><th scope="row">{name}</th><td data-name="role">{role}</td><td data-name="made"><When at={made} ago /></td><td><button type="button" aria-label={`Revoke ${name}`} onClick={() => revoke(id)}>Revoke</button></td></tr>)}</tbody>
            </table></div>
          )}
        </>
      )}</Answer>
      <Command>partnerapp token create</Command>
    </>
  );
}
