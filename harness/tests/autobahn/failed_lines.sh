#!/bin/sh
# A line that says FAILED fails, and the line before it has the case.
if grep -B1 '"behavior": "FAILED"' "$1"; then
    exit 1
fi
