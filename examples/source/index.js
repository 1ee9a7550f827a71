// A source function: webhooks of a shop become Segment events.
//
//   settings.secret  shared with the shop, which signs each request with it
//
// The shop sends X-Shop-Signature: sha256=HEX, an HMAC of the body as it was sent.

function isGenuine(body, signature, secret) {
  const wanted = crypto.createHmac('sha256', secret).update(body).digest();
  const given = Buffer.from(String(signature ?? '').replace(/^sha256=/, ''), 'hex');

  // Compared in constant time: how long it takes must not tell how much was right.
  return given.length === wanted.length && crypto.timingSafeEqual(given, wanted);
}

const isoTime = (seconds) => new Date(seconds * 1000).toISOString();

function onOrder({ order, customer }, { id, created }) {
  Segment.identify({
    userId: customer.id,
    traits: { email: customer.email, name: customer.name },
  });
  Segment.track({
    messageId: id, // of the webhook: when the shop repeats itself, Segment sees a duplicate
    event: 'Order Completed',
    userId: customer.id,
    timestamp: isoTime(created),
    properties: {
      order_id: order.id,
      revenue: order.total / 100, // cents, there
      currency: order.currency,
      products: order.lines.map(({ sku, quantity }) => ({ product_id: sku, quantity })),
    },
  });
}

// Not an event but a thing: goes to the warehouse as the table "products".
function onProduct({ product }) {
  Segment.set({
    collection: 'products',
    id: product.sku,
    properties: { name: product.name, price: product.price / 100 },
  });
}

async function onRequest(request, settings) {
  if (!settings.secret) throw new ValidationError('The setting "secret" is missing');
  const text = await request.text();

  if (!isGenuine(text, request.headers.get('X-Shop-Signature'), settings.secret))
    throw new ValidationError('The signature does not match');
  const hook = JSON.parse(text);

  switch (hook.type) {
    case 'order.completed':
      return onOrder(hook.data, hook);
    case 'product.changed':
      return onProduct(hook.data);
    default:
      throw new EventNotSupported(`${hook.type} not supported`);
  }
}
