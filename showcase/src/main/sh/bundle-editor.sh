#!/bin/sh
# Bundles the document's editor with npm: bundle-editor.sh SOURCES WORK PAGES
# Without npm the rest of the showcase is built all the same, and the document's page says what it lacks.
set -eu

sources=$1 work=$2 pages=$3

if ! command -v npm >/dev/null; then
  echo 'WARNING: npm is missing, so the showcase is built without the editor of its document' >&2
  exit 0
fi

is_fresh() {
  [ -f "$pages/editor.js" ] && [ -z "$(find "$sources" -type f -newer "$pages/editor.js")" ]
}

if is_fresh; then
  exit 0
fi

mkdir -p "$work" "$pages"
cp "$sources"/*.js "$sources"/*.mjs "$sources"/*.json "$sources"/.npmrc "$work"
cd "$work"
npm ci --ignore-scripts --prefer-offline --loglevel=error >/dev/null
node bundle.mjs "$pages"
