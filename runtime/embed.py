#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the runtime's files, joined into one function, as a C header."""

import pathlib
import sys

out, *files = sys.argv[1:]
text = "(function (native, isFirst) {\n'use strict';\n"
text += "".join(pathlib.Path(name).read_text() for name in files) + "})"
rows = [text.encode()[at : at + 20] for at in range(0, len(text.encode()), 20)]
with open(out, "w", encoding="ascii") as header:
    header.write("/* Made from runtime/ by embed.py. */\n#pragma once\n\n")
    header.write("static const unsigned char runtime_text[] = {\n")
    for row in rows:
        header.write("    " + ", ".join(str(byte) for byte in row) + ",\n")
    header.write("};\n")
