// Bundles editor.js: node bundle.mjs DIRECTORY makes editor.js and editor.licenses.txt there.
import { build } from 'esbuild';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const directory = process.argv[2];

const { metafile } = await build({
  entryPoints: ['editor.js'],
  outfile: join(directory, 'editor.js'),
  bundle: true,
  format: 'esm',
  legalComments: 'none',
  metafile: true,
  minify: true,
  target: 'es2022',
});

const packages = Object.keys(metafile.inputs)
  .map((input) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0])
  .filter((path) => path !== undefined);
const licenses = [...new Set(packages)].sort().map((path) => {
  const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const file = readdirSync(path).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : readFileSync(join(path, file), 'utf8').trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
});
writeFileSync(join(directory, 'editor.licenses.txt'), licenses.join('\n---\n\n'));
