#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plants a bug: copies a source file with one piece of text replaced wherever it stands.

  plant.py SOURCE TARGET OLD NEW [OLD NEW ...]

Every OLD has to be there, so that a bug which the source outgrew is noticed."""

import sys


def main():
    source, target, *pairs = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        text = file.read()
    for old, new in zip(pairs[::2], pairs[1::2]):
        if old not in text:
            sys.exit(f"{source} has no {old!r} to be replaced")
        text = text.replace(old, new)
    with open(target, "w", encoding="utf-8") as file:
        file.write(text)


main()
