// SPDX-License-Identifier: MIT
// AWS Signature Version 4, seen from the receiving side.

import crypto from 'node:crypto';

const sha256 = (text) => crypto.createHash('sha256').update(text).digest('hex');
const hmac = (key, text) => crypto.createHmac('sha256', key).update(text).digest();
// What encodeURIComponent leaves and AWS does not.
const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

// Is @request ({method, url, headers, body}) signed with @secret, by the key id it names?
export function isSigned({ method, url, headers, body }, secret) {
  const match = /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(headers.authorization);

  if (!match) return false;
  const [, credential, names, signature] = match;
  const scope = credential.split('/').slice(1);
  const canonical = [
    method, url.split('/').map(encode).join('/'), '',
    ...names.split(';').map((name) => `${name}:${headers[name].trim()}`), '', names, sha256(body),
  ].join('\n');
  const key = scope.reduce((key, part) => hmac(key, part), `AWS4${secret}`);

  return hmac(key, ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope.join('/'), sha256(canonical)].join('\n'))
    .toString('hex') === signature;
}
