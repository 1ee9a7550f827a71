// SPDX-License-Identifier: MIT
// Zips as somebody else reads them: Python's zipfile.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

const LIST = `
import json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(json.dumps([{'name': i.filename, 'mode': i.external_attr >> 16, 'system': i.create_system, 'time': i.date_time,
    'extra': len(i.extra), 'method': i.compress_type, 'size': i.file_size} for i in z.infolist()]))
`;
const UNPACK = `
import os, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
for i in z.infolist():
    os.chmod(z.extract(i, sys.argv[2]), (i.external_attr >> 16) & 0o777)
`;

// Its entries, after every checksum was found right.
export function entriesOf(zip) {
  return JSON.parse(execFileSync('python3', ['-c', LIST, zip]));
}

// As Lambda does: files with their modes, and nothing else.
export function unpack(zip, folder) {
  fs.mkdirSync(folder, { recursive: true });
  execFileSync('python3', ['-c', UNPACK, zip, folder]);
  return folder;
}
