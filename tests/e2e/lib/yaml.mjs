// SPDX-License-Identifier: MIT
// As much YAML as the files in packaging/ are written in: mappings and lists by indentation,
// plain and double-quoted texts, | blocks. Anything else is an error, so that what passes here
// is what every other reader sees.

class Lines {
  constructor(text) {
    this.rows = text.split('\n').map((raw, i) => ({ raw, number: i + 1, indent: raw.search(/\S/), text: raw.trim() }));
    this.at = 0;
  }

  // The next line that says something.
  peek() {
    while (this.at < this.rows.length && (this.rows[this.at].text === '' || this.rows[this.at].text.startsWith('#'))) this.at++;
    return this.rows[this.at];
  }
}

function fail(row, what) {
  throw new Error(`line ${row.number}: ${what}: ${row.raw}`);
}

function scalar(text, row) {
  if (text.startsWith('"')) {
    if (!/^"(?:[^"\\]|\\["\\n])*"$/.test(text)) fail(row, 'a text that does not end, or an escape');
    return JSON.parse(text);
  }
  if (/^['[{&*!|>%@`]|: |\s#|:$/.test(text)) fail(row, 'not of the plain kind');
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return { true: true, false: false, null: null }[text] ?? text;
}

// The lines below a "|", without their common indentation.
function block(lines, indent) {
  const taken = [];

  while (lines.at < lines.rows.length && (lines.rows[lines.at].text === '' || lines.rows[lines.at].indent > indent))
    taken.push(lines.rows[lines.at++]);
  const least = Math.min(...taken.filter(({ text }) => text).map((row) => row.indent));

  return `${taken.map(({ raw }) => raw.slice(least)).join('\n').trimEnd()}\n`;
}

function member(lines, row, text, indent, into) {
  const [, key, rest] = /^([A-Za-z_][\w.-]*):(?: +(.*))?$/.exec(text) ?? fail(row, 'no "name: value"');

  if (key in into) fail(row, 'a name that is there already');
  if (rest === '|') into[key] = block(lines, indent);
  else if (rest !== undefined && rest !== '') into[key] = scalar(rest, row);
  else into[key] = node(lines, indent + 1);
}

function mapping(lines, indent, first) {
  const into = {};

  if (first) member(lines, first.row, first.text, indent, into);
  for (let row = lines.peek(); row?.indent === indent && !row.text.startsWith('- '); row = lines.peek()) {
    lines.at++;
    member(lines, row, row.text, indent, into);
  }
  return into;
}

function list(lines, indent) {
  const items = [];

  for (let row = lines.peek(); row?.indent === indent && row.text.startsWith('- '); row = lines.peek()) {
    const text = row.text.slice(2).trim();

    lines.at++;
    items.push(/^[A-Za-z_][\w.-]*:( |$)/.test(text) ? mapping(lines, indent + 2, { row, text }) : scalar(text, row));
  }
  return items;
}

function node(lines, least) {
  const row = lines.peek();

  if (!row || row.indent < least) return null;
  return row.text.startsWith('- ') ? list(lines, row.indent) : mapping(lines, row.indent);
}

export function parseYaml(text) {
  const lines = new Lines(text);
  const value = node(lines, 0);

  if (text.includes('\t')) throw new Error('a tabulator');
  if (lines.peek()) fail(lines.peek(), 'its indentation belongs to nothing');
  return value;
}
