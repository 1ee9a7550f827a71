#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turn the schema's steps into C: embed.py OUT.c STEP.sql..."""
import pathlib
import sys

out, *steps = sys.argv[1:]
lines = ['#include "store/migrate.h"', '', 'const char *const migrate_steps[] = {']
for step in steps:
    for line in pathlib.Path(step).read_text(encoding='utf-8').splitlines():
        text = line.replace('\\', '\\\\').replace('"', '\\"')
        lines.append(f'    "{text}\\n"')
    lines.append('    ,')
lines += ['};', f'const int migrate_n_steps = {len(steps)};']
pathlib.Path(out).write_text('\n'.join(lines) + '\n', encoding='utf-8')
