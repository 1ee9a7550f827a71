// What a handler typically does: takes an event apart and makes another service's message.
async function onTrack(event, settings) {
  const { userId, event: name, timestamp, properties = {}, context = {} } = event;
  const { plan, revenue, ...rest } = properties;
  const fields = Object.entries(rest).map(([title, value]) => ({ title, value: String(value), short: true }));

  return JSON.stringify({
    channel: settings.channel,
    text: `${context.traits?.email ?? userId} did ${name}`,
    attachments: [{
      author_name: `UserID: ${userId}`,
      title: `${plan} plan`,
      title_link: context.page?.url,
      ts: Math.floor(Date.parse(timestamp) / 1000),
      fields: [{ title: 'Revenue', value: Number(revenue ?? 0).toFixed(2), short: false }, ...fields],
    }],
  });
}
