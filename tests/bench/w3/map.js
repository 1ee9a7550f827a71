// Renames and picks members, as most functions do.
async function onTrack(event, settings) {
  const { userId, event: name, timestamp, properties = {}, context = {} } = event;

  return {
    contact: userId, note: name, at: timestamp, plan: properties.plan, revenue: properties.revenue,
    email: context.traits?.email, page: context.page?.path, channel: settings.channel,
  };
}
