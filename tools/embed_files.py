#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes files as a C table: embed_files.py OUT DEPFILE NAME ROOT FOLDER... gives
`static const struct embedded_file NAME[]` with every file below ROOT/FOLDER (path from
ROOT, text), sorted by path; the last has a NULL path."""

import pathlib
import sys

out, depfile, name, root, *folders = sys.argv[1:]
base = pathlib.Path(root)
files = sorted(
    (path for folder in folders for path in (base / folder).rglob("*") if path.is_file()),
    key=lambda path: path.as_posix(),
)


def quoted(data: bytes) -> str:
    """The bytes as C string literals of at most one line each."""
    text = ""
    for line in data.splitlines(keepends=True):
        escaped = "".join(
            chr(byte) if 32 <= byte < 127 and byte not in b'"\\?' else f"\\{byte:03o}"
            for byte in line
        )
        text += f'\n        "{escaped}"'
    return text or '\n        ""'


with open(out, "w", encoding="ascii") as header:
    header.write("/* Made by embed_files.py. */\n#pragma once\n\n")
    header.write('#include "base/embedded_file.h"\n\n')
    header.write(f"static const struct embedded_file {name}[] = {{\n")
    for path in files:
        where = path.relative_to(base).as_posix()
        header.write(f'    {{"{where}", BYTES({quoted(path.read_bytes())})}},\n')
    header.write("    {NULL, BYTES(\"\")},\n};\n")
with open(depfile, "w", encoding="utf-8") as deps:
    deps.write(f"{out}: " + " ".join(str(path) for path in files) + "\n")
