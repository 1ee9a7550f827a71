// Masks what looks personal and takes an address apart.
async function onTrack(event) {
  const text = JSON.stringify(event);
  const masked = text
    .replace(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '<mail>')
    .replace(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, '<address>')
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '<id>');
  const [, scheme, host, path] = /^(\w+):\/\/([^/]+)(\/[^?]*)/.exec(event.context.page.url) ?? [];

  return { masked, scheme, host, path, hits: (text.match(/[A-Z]\w+/g) ?? []).length };
}
