// SPDX-License-Identifier: MIT
// Where one is signed in; an admin sees where everybody is. Ending one works at once.

import { useState } from 'preact/hooks';

import { ask, problemFrom } from '../../api/ask';
import { useLoaded } from '../../api/loaded';
import { me, useMay } from '../../api/who';
import type { List, Session } from '../../api/types';
import { useCell } from '../../cell';
import { say } from '../../parts/announce';
import { Answer, Notice } from '../../parts/notice';
import { When } from '../../words/when';

export function Sessions() {
  const sessions = useLoaded<List<Session>>('/sessions');
  const who = useCell(me);
  const isAdmin = useMay('admin');
  const [isOwn, setIsOwn] = useState(false);
  const end = ({ id, user }: Session): void => {
    ask(`/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' }).then(() => { say(`Ended a session of ${user}`); sessions.reload(); }, (error: unknown) => say(problemFrom(error).message, true));
  };

  return (
    <Answer of={sessions} what="sessions">{({ data }) => {
      const shown = isOwn ? data.filter(({ user }) => user === who?.name) : data;

      if (data.length === 0) return <Notice title="Nobody is signed in"><p>{who?.kind === 'dev' ? 'In dev nobody has to: only this machine is served.' : 'A session begins when somebody signs in with a browser.'}</p></Notice>;
      return (
        <>
          <p class="bar">{isAdmin && <label><input type="checkbox" checked={isOwn} onChange={({ currentTarget }) => setIsOwn(currentTarget.checked)} /> only mine</label>}
            <span class="muted">A session ends by itself after 30 minutes without use, and after 12 hours.</span></p>
          <div class="table-frame"><table class="rows fold people">
            <thead><tr><th scope="col">User</th><th scope="col">Signed in</th><th scope="col">Last used</th><th scope="col">Ends</th><th scope="col"><span class="unseen">Actions</span></th></tr></thead>
            <tbody>{shown.map((one) => (
              <tr key={one.id} class={one.is_current ? 'is-current' : ''}>
                <th scope="row">{one.user}{one.is_current && <span class="muted"> (this one)</span>}</th>
                <td data-name="signed in"><When at={one.created_at} ago /></td><td data-name="last used"><When at={one.used_at} ago /></td><td data-name="ends"><When at={one.expires_at} ago /></td>
                <td><span class="actions">{one.is_current ? <form method="post" action="/logout"><button type="submit">Sign out</button></form> : <button type="button" aria-label={`End the session of ${one.user}`} onClick={() => end(one)}>End it</button>}</span></td>
              </tr>
            ))}</tbody>
          </table></div>
        </>
      );
    }}</Answer>
  );
}
