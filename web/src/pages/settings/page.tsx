// SPDX-License-Identifier: MIT
// Settings: what holds here and where it comes from, who comes in, health, looks.

import { address, go } from '../../address';
import type { Status } from '../../api/types';
import { useCell } from '../../cell';
import { useKeys } from '../../frame/keys';
import { copy } from '../../parts/copy';
import { Tabs } from '../../parts/tabs';
import { Appearance } from './appearance';
import { Audit } from './audit';
import { Configuration } from './configuration';
import { ForAdmins } from './foradmins';
import { Health } from './health';
import { Retention } from './retention';
import { Sessions } from './sessions';
import { Support } from './support';
import { Tokens } from './tokens';
import { Users } from './users';

const tabs = [
  { id: 'configuration', title: 'Configuration' },
  { id: 'users', title: 'Users' },
  { id: 'sessions', title: 'Sessions' },
  { id: 'tokens', title: 'Tokens' },
  { id: 'audit', title: 'Audit' },
  { id: 'retention', title: 'Retention' },
  { id: 'health', title: 'Health' },
  { id: 'support', title: 'Support' },
  { id: 'appearance', title: 'Appearance' },
];

export function SettingsPage({ status }: { status: Status | null }) {
  const { part } = useCell(address);
  const current = tabs.find(({ id }) => id === part)?.id ?? 'configuration';

  useKeys({ Y: () => { void copy('partnerapp config show --origin', 'command'); } });
  return (
    <section class="page settings">
      <header class="page-head"><h1>Settings</h1></header>
      <Tabs label="Settings" tabs={tabs} current={current} onPick={(id) => go(`/settings#${id}`, true)}>
        {current === 'configuration' && <Configuration />}
        {current === 'users' && <ForAdmins what="Users"><Users /></ForAdmins>}
        {current === 'sessions' && <Sessions />}
        {current === 'tokens' && <ForAdmins what="Tokens"><Tokens /></ForAdmins>}
        {current === 'audit' && <ForAdmins what="Entries of the audit list"><Audit /></ForAdmins>}
        {current === 'retention' && <Retention />}
        {current === 'health' && <Health status={status} />}
        {current === 'support' && <Support />}
        {current === 'appearance' && <Appearance />}
      </Tabs>
    </section>
  );
}
