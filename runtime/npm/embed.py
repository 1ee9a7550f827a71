#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a text as a C string: embed.py OUT NAME FILE gives `static const char NAME[]`."""

import pathlib
import sys

out, name, path = sys.argv[1:]
data = pathlib.Path(path).read_bytes() + b"\0"
with open(out, "w", encoding="ascii") as header:
    header.write(f"/* Made by runtime/npm/embed.py. */\n#pragma once\n\nstatic const char {name}[] = {{\n")
    for at in range(0, len(data), 24):
        row = (str(byte if byte < 128 else byte - 256) for byte in data[at : at + 24])
        header.write("    " + ",".join(row) + ",\n")
    header.write("};\n")
