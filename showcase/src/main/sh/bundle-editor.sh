#!/bin/sh
# Bundles the document's editor with npm: bundle-editor.sh SOURCES WORK PAGES
# Where that can't be done the rest of the showcase is built all the same, and the document's page says what it lacks.
set -eu

sources=$1 work=$2 pages=$3

leave_out() {
  echo "WARNING: $1, so the showcase is built without the editor of its document" >&2
  exit 0
}

is_fresh() {
  [ -f "$pages/editor.js" ] && [ -z "$(find "$sources" -type f -newer "$pages/editor.js")" ]
}

if is_fresh; then
  exit 0
fi

command -v npm >/dev/null || leave_out 'npm is missing'
mkdir -p "$work" "$pages"
cp "$sources"/*.js "$sources"/*.mjs "$sources"/*.json "$sources"/.npmrc "$work"
cd "$work"
npm ci --ignore-scripts --prefer-offline --loglevel=error >/dev/null || leave_out 'npm could not install the packages'
node bundle.mjs "$pages"
