// SPDX-License-Identifier: MIT
// What Segment sent: as the call that makes it, or as it is.

import { useState } from 'preact/hooks';

import type { EventRow } from '../../api/types';
import { CopyButton } from '../../parts/copy';
import { Facts } from '../../parts/facts';
import { Code, indented } from '../../parts/json';

type Members = Record<string, unknown>;

const membersOf = (value: unknown): Members => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Members : {});

// analytics.track("Signed Up", {…}): what a customer's site would have called.
export function callOf({ type, name, user_id: user, group_id: group, payload }: EventRow): string | null {
  const { properties, traits, previousId } = membersOf(payload);
  const list = (...values: unknown[]): string => values.filter((one) => one !== undefined && one !== null).map((one) => indented(one)).join(', ');

  switch (type) {
    case 'track': case 'page': case 'screen': return `analytics.${type}(${list(name, properties)})`;
    case 'identify': return `analytics.identify(${list(user, traits)})`;
    case 'group': return `analytics.group(${list(group, traits)})`;
    case 'alias': return `analytics.alias(${list(user, previousId)})`;
    default: return null;
  }
}

export function SentTab({ event }: { event: EventRow }) {
  const [isRaw, setIsRaw] = useState(false);
  const call = callOf(event);
  const raw = indented(event.payload);

  if (event.erased) return <p>The payload was erased, as the retention of this server or a request for deletion asked.</p>;
  return (
    <>
      <div class="bar">
        {call && (
          <span class="pick" role="group" aria-label="View">
            <button type="button" aria-pressed={!isRaw} onClick={() => setIsRaw(false)}>Pretty</button>
            <button type="button" aria-pressed={isRaw} onClick={() => setIsRaw(true)}>Raw</button>
          </span>
        )}
        <CopyButton text={raw}>Copy JSON</CopyButton>
      </div>
      <Code label="What was sent" text={isRaw || !call ? raw : call} />
      <Facts rows={[
        ['message id', event.message_id ?? null], ['user', event.user_id], ['anonymous', event.anonymous_id ?? null], ['group', event.group_id ?? null],
        ['key', event.key ? event.key_name ?? event.key : null],
      ]} />
    </>
  );
}
