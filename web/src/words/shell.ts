// SPDX-License-Identifier: MIT
// Texts that run in a shell: quoted so that nothing a stranger wrote is taken for a command.

import type { Exchange } from '../api/types';

export const quoted = (text: string): string => (/^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

export const command = (...words: string[]): string => ['partnerapp', ...words.map(quoted)].join(' ');

const variableOf = (name: string): string => `$${name.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`;

// What was a secret is a variable: the one who runs it has it in the environment.
function header(name: string, value: string): string {
  if (!value.includes('••')) return quoted(`${name}: ${value}`);
  const scheme = /^(Bearer|Basic) /.exec(value)?.[0] ?? '';

  return `"${name.replace(/["\\$`]/g, '')}: ${scheme}${variableOf(name)}"`;
}

export function curl({ method, url, headers, body }: Pick<Exchange, 'method' | 'url' | 'headers' | 'body'>): string {
  const lines = [`curl -X ${quoted(method)} ${quoted(url)}`];

  for (const [name, value] of Object.entries(headers ?? {}))
    if (!/^(content-length|host)$/i.test(name)) lines.push(`-H ${header(name, String(value))}`);
  if (body) lines.push(`--data-raw ${quoted(body)}`);
  return lines.join(' \\\n  ');
}
