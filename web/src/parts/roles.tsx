// SPDX-License-Identifier: MIT
// Picking one of the three roles, each with what it means.

import { means, roles } from '../api/who';
import type { Role } from '../api/types';

export function RolePick({ value, onPick }: { value: Role; onPick: (role: Role) => void }) {
  return (
    <fieldset class="roles"><legend>Role</legend>
      {roles.map((one) => (
        <label key={one}><input type="radio" name="role" checked={value === one} onChange={() => onPick(one)} /> <span><strong>{one}</strong> <span class="muted">{means[one]}</span></span></label>
      ))}
    </fieldset>
  );
}
