// SPDX-License-Identifier: MIT
// Events to try a function with, one of each kind.

const base = { userId: 'u1', messageId: 'test-1', timestamp: '2026-01-31T12:00:00.000Z', context: { ip: '203.0.113.7', library: { name: 'console' } } };

export const samples: { name: string; event: Record<string, unknown> }[] = [
  { name: 'track: Signed Up', event: { type: 'track', event: 'Signed Up', properties: { plan: 'pro' }, ...base } },
  { name: 'identify', event: { type: 'identify', traits: { name: 'Ana', email: 'ana@example.com' }, ...base } },
  { name: 'page: Home', event: { type: 'page', name: 'Home', properties: { path: '/' }, ...base } },
  { name: 'screen: Start', event: { type: 'screen', name: 'Start', properties: {}, ...base } },
  { name: 'group', event: { type: 'group', groupId: 'acme', traits: { name: 'Acme' }, ...base } },
  { name: 'alias', event: { type: 'alias', previousId: 'anonymous-1', ...base } },
  { name: 'delete', event: { type: 'delete', ...base } },
];
