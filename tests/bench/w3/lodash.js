// The same trade in lodash's words: pick, omit, group, sort, sum up.
async function onTrack(event, settings) {
  const properties = _.omit(event.properties, ['coupon']);
  const pairs = _.toPairs(_.mapKeys(properties, (value, name) => _.snakeCase(name)));
  const byType = _.groupBy(pairs, ([, value]) => typeof value);

  return {
    channel: settings.channel,
    who: _.get(event, 'context.traits.email', event.userId),
    numbers: _.sumBy(byType.number, ([, value]) => value),
    texts: _.map(_.sortBy(byType.string, [([name]) => name]), ([name, value]) => `${_.startCase(name)}: ${value}`),
    page: _.pick(event.context.page, ['path', 'url']),
  };
}
