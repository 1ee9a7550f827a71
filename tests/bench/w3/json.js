// Copies, merges and writes the event several times over, as a function for a warehouse does.
async function onTrack(event, settings) {
  const rows = Object.entries(event.properties).map(([name, value]) => ({ id: event.messageId, name, value: JSON.stringify(value) }));
  const copy = JSON.parse(JSON.stringify(event));

  copy.properties = { ...copy.properties, rows, settings };
  copy.context.copies = [JSON.parse(JSON.stringify(copy.context)), JSON.parse(JSON.stringify(copy.context))];
  return { payload: JSON.stringify(copy), bytes: JSON.stringify(rows).length };
}
