#!/usr/bin/env bash
# The golden vectors are those that the schemas give: vectors_current.sh SCHEMA_PROGRAM SOURCES
set -euo pipefail
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$1" generate vectors "$2/schemas" --out "$made"
diff -r -q -x README.md -x check.py "$made" "$2/conformance/vectors" || {
  echo "run ./dev publish"
  exit 1
}
