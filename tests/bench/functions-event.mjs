// SPDX-License-Identifier: MIT
// The event and the settings that the handlers of `make bench` get.

export const settings = { channel: '#signups', apiKey: 'abcd1234' };

// A track call as a browser library sends it, 1 KiB of JSON, with a messageId of its own.
export function eventText(n) {
  const event = {
    type: 'track', event: 'Order Completed', userId: `user-${n % 1000}`, anonymousId: '507f191e-810c-4197-9de8-60ea00000000',
    messageId: `ajs-next-${String(n).padStart(12, '0')}`, timestamp: '2026-03-01T12:00:00.000Z',
    originalTimestamp: '2026-03-01T11:59:59.900Z', sentAt: '2026-03-01T12:00:00.000Z', version: 2, channel: 'client',
    properties: { order_id: 'o-50314b8e', plan: 'pro', revenue: 39.95, currency: 'EUR', coupon: 'spring', products: 3, gift: false },
    context: {
      ip: '203.0.113.9', locale: 'de-DE', timezone: 'Europe/Berlin', library: { name: 'analytics.js', version: 'next-1.53.0' },
      page: { path: '/checkout', referrer: 'https://shop.example.com/cart', title: 'Checkout', url: 'https://shop.example.com/checkout' },
      campaign: { name: 'spring', source: 'news', medium: 'email' }, traits: { email: 'ada@acme.example', plan: 'pro' },
    },
    integrations: {},
  };
  const text = JSON.stringify({ ...event, userAgent: '' });

  return JSON.stringify({ ...event, userAgent: 'M'.repeat(Math.max(0, 1024 - text.length)) });
}
