// SPDX-License-Identifier: MIT
// Who can sign in, and as what. Nobody sets a password for another: a link lets the person choose it.

import { useState } from 'preact/hooks';

import { ask } from '../../api/ask';
import { useLoaded } from '../../api/loaded';
import { me } from '../../api/who';
import type { Invitation, List, Role, User } from '../../api/types';
import { useCell } from '../../cell';
import { say } from '../../parts/announce';
import { Command } from '../../parts/copy';
import { Dialog } from '../../parts/dialog';
import { useDoing } from '../../parts/doing';
import { Answer, Notice } from '../../parts/notice';
import { Once } from '../../parts/once';
import { Refused } from '../../parts/refused';
import { RolePick } from '../../parts/roles';
import { Sign } from '../../words/state';
import { When } from '../../words/when';

interface Over { kind: 'invite' | 'role' | 'link' | 'remove'; user?: User }

const pathOf = ({ id }: User): string => `/users/${encodeURIComponent(id)}`;

// What the server names is where it listens; the person comes by the name that works for us.
const linkOf = ({ url }: Invitation): string => {
  const { pathname, search } = new URL(url, location.origin);

  return location.origin + pathname + search;
};

function Link({ name, invitation, onClose }: { name: string; invitation: Invitation; onClose: () => void }) {
  return (
    <>
      <Once text={linkOf(invitation)} copy="Copy link">Give this link to <strong>{name}</strong>, who chooses a password with it. It works once, and ends <When at={invitation.expires_at} ago />.</Once>
      <p class="actions"><button type="button" onClick={onClose}>Done</button></p>
    </>
  );
}

function Invite({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [made, setMade] = useState<Invitation | null>(null);
  const { run, isBusy, problem } = useDoing();
  const invite = (event: Event): void => {
    event.preventDefault();
    run(ask<User & { invitation: Invitation }>('/users', { method: 'POST', body: { name: name.trim(), role } }), ({ invitation }) => { setMade(invitation); onDone(); });
  };

  return (
    <Dialog title="Invite somebody" onClose={onClose}>
      {made ? <Link name={name.trim()} invitation={made} onClose={onClose} /> : (
        <form class="form" onSubmit={invite}>
          <label>Name <input type="text" required autofocus maxLength={64} autocomplete="off" spellcheck={false} value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} /></label>
          <RolePick value={role} onPick={setRole} />
          <Refused problem={problem} />
          <p class="actions"><button type="submit" class="main" disabled={isBusy}>Make the link</button><button type="button" onClick={onClose}>Cancel</button></p>
        </form>
      )}
    </Dialog>
  );
}

function Change({ user, onClose, onDone }: { user: User; onClose: () => void; onDone: () => void }) {
  const [role, setRole] = useState<Role>(user.role);
  const { run, isBusy, problem } = useDoing();
  const change = (event: Event): void => {
    event.preventDefault();
    run(ask(pathOf(user), { method: 'PATCH', body: { role } }), () => { say(`${user.name} is ${role} now`); onDone(); onClose(); });
  };

  return (
    <Dialog title={`Role of ${user.name}`} onClose={onClose}>
      <form class="form" onSubmit={change}>
        <RolePick value={role} onPick={setRole} />
        <p class="muted">It holds at once, also where {user.name} is signed in.</p>
        <Refused problem={problem} />
        <p class="actions"><button type="submit" class="main" disabled={isBusy || role === user.role}>Change the role</button><button type="button" onClick={onClose}>Cancel</button></p>
      </form>
    </Dialog>
  );
}

function Renew({ user, onClose, onDone }: { user: User; onClose: () => void; onDone: () => void }) {
  const [made, setMade] = useState<Invitation | null>(null);
  const { run, isBusy, problem } = useDoing();
  const make = (): void => run(ask<Invitation | { invitation: Invitation }>(`${pathOf(user)}/invitation`, { method: 'POST' }),
    (answer) => { setMade('invitation' in answer ? answer.invitation : answer); onDone(); });

  return (
    <Dialog title={`New link for ${user.name}`} onClose={onClose}>
      {made ? <Link name={user.name} invitation={made} onClose={onClose} /> : (
        <>
          <p>With it {user.name} chooses a new password. A link made before does not work any more{user.has_password === false ? '.' : '; the password of now works until then.'}</p>
          <Refused problem={problem} />
          <p class="actions"><button type="button" class="main" autofocus disabled={isBusy} onClick={make}>Make the link</button><button type="button" onClick={onClose}>Cancel</button></p>
        </>
      )}
    </Dialog>
  );
}

function Remove({ user, onClose, onDone }: { user: User; onClose: () => void; onDone: () => void }) {
  const { run, isBusy, problem } = useDoing();

  return (
    <Dialog title={`Remove ${user.name}?`} onClose={onClose}>
      <p>{user.name} is signed out everywhere at once and cannot sign in again. What {user.name} did stays in the audit list.</p>
      <Refused problem={problem} />
      <p class="actions"><button type="button" class="danger" disabled={isBusy} onClick={() => run(ask(pathOf(user), { method: 'DELETE' }), () => { say(`${user.name} is removed`); onDone(); onClose(); })}>Remove {user.name}</button><button type="button" onClick={onClose}>Cancel</button></p>
    </Dialog>
  );
}

function Row({ user, isMe, onOver }: { user: User; isMe: boolean; onOver: (kind: Over['kind']) => void }) {
  const { name, role } = user;

  return (
    <tr data-user={name}>
      <th scope="row">{name}{isMe && <span class="muted"> (you)</span>}</th>
      <td data-name="role">{role}</td>
      <td>{user.has_password === false ? <Sign sign="◐" tone="warn">has a link, no password yet</Sign> : <Sign sign="✔" tone="ok">can sign in</Sign>}</td>
      <td data-name="since"><When at={user.created_at} ago /></td>
      <td><span class="actions">
        <button type="button" aria-label={`Change the role of ${name}`} onClick={() => onOver('role')}>Role…</button>
        <button type="button" aria-label={`New link for ${name}`} onClick={() => onOver('link')}>New link…</button>
        <button type="button" aria-label={`Remove ${name}`} onClick={() => onOver('remove')}>Remove…</button>
      </span></td>
    </tr>
  );
}

export function Users() {
  const users = useLoaded<List<User>>('/users');
  const who = useCell(me);
  const [over, setOver] = useState<Over | null>(null);
  const close = (): void => setOver(null);

  return (
    <>
      <Answer of={users} what="users">{({ data }) => (
        <>
          <p class="bar"><button type="button" class="main" onClick={() => setOver({ kind: 'invite' })}>Invite somebody…</button>
            {who?.kind === 'dev' && <span class="muted">In dev nobody signs in. Users count when the same data is served by <code>partnerapp serve</code>.</span>}</p>
          {data.length === 0 ? <Notice title="No user yet"><p>The first one is made by the setup link that <code>partnerapp serve</code> prints when it starts without users.</p></Notice> : (
            <div class="table-frame"><table class="rows fold people">
              <thead><tr><th scope="col">Name</th><th scope="col">Role</th><th scope="col">State</th><th scope="col">Since</th><th scope="col"><span class="unseen">Actions</span></th></tr></thead>
              <tbody>{data.map((user) => <Row key={user.id} user={user} isMe={who?.kind === 'user' && user.name === who.name} onOver={(kind) => setOver({ kind, user })} />)}</tbody>
            </table></div>
          )}
        </>
      )}</Answer>
      <Command>partnerapp user list</Command>
      {over?.kind === 'invite' && <Invite onClose={close} onDone={users.reload} />}
      {over?.kind === 'role' && over.user && <Change user={over.user} onClose={close} onDone={users.reload} />}
      {over?.kind === 'link' && over.user && <Renew user={over.user} onClose={close} onDone={users.reload} />}
      {over?.kind === 'remove' && over.user && <Remove user={over.user} onClose={close} onDone={users.reload} />}
    </>
  );
}
