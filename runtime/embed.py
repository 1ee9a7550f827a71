#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the runtime's files, joined into one function, as a C header of ASCII."""

import pathlib
import re
import struct
import subprocess
import sys

out, *files = sys.argv[1:]
text = "(function (native, isFirst) {\n'use strict';\n"
text += "".join(pathlib.Path(name).read_text() for name in files) + "})"
# The files share one scope: a name declared twice would stop every runner without a word.
checked = pathlib.Path(out).with_suffix(".js")
checked.write_text(text, encoding="utf-8")
if subprocess.run(["node", "--check", str(checked)], check=False).returncode != 0:
    sys.exit(f"the runtime's files, joined as {checked}, are no script")
# The engine then uses the text where it lies, for every context, without a copy.
text = re.sub(
    r"[^\x00-\x7f]",
    lambda found: "".join(
        f"\\u{unit:04x}" for unit in struct.unpack("<2H", found[0].encode("utf-16-le"))
    )
    if ord(found[0]) > 0xFFFF
    else f"\\u{ord(found[0]):04x}",
    text,
)
rows = [text.encode()[at : at + 20] for at in range(0, len(text.encode()), 20)]
with open(out, "w", encoding="ascii") as header:
    header.write("/* Made from runtime/ by embed.py. */\n#pragma once\n\n")
    header.write("static const unsigned char runtime_text[] = {\n")
    for row in rows:
        header.write("    " + ", ".join(str(byte) for byte in row) + ",\n")
    header.write("};\n")
