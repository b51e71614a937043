// What is published to npm: its size, its types, its files.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import * as halley from '../halley.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MOST_BYTES = 13 * 1024;

test('the module has less than 13 KiB, compressed', async (t) => {
  const module = await readFile(`${ROOT}/halley.js`);
  const { length } = gzipSync(module, { level: 9 });
  t.diagnostic(`halley.js: ${module.length} bytes, ${length} compressed`);
  assert.ok(length < MOST_BYTES, `${length} bytes`);
});

test('the types fit what people write', async () => {
  await run('node', ['node_modules/typescript/bin/tsc', '--project', 'test/types'], { cwd: ROOT }).catch(({ stdout }) =>
    assert.fail(stdout),
  );
});

test('the types name what the module exports and its classes have', async () => {
  const types = await readFile(`${ROOT}/halley.d.ts`, 'utf8');
  const classes = [...types.matchAll(/^export class (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(classes.sort(), Object.keys(halley).sort());
  const client = new halley.Halley('http://127.0.0.1');
  for (const [name, object] of [
    ['class Halley', client],
    ['interface Channel', client.channel('x')],
  ]) {
    const [body] = types.slice(types.search(new RegExp(`^export ${name}\\b`, 'm'))).split('\n}');
    const members = [...body.matchAll(/^ {2}(?:readonly )?(\w+)[<(:]/gm)].map(([, member]) => member);
    const missing = members.filter((member) => member !== 'constructor' && !(member in object));
    assert.ok(members.length > 3);
    assert.deepEqual(missing, [], name);
  }
  client.close();
});

test('the package has the module, its types and a page about it, and depends on nothing', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json'], { cwd: ROOT });
  const [{ files }] = [JSON.parse(stdout)].flat();
  assert.deepEqual(files.map(({ path }) => path).sort(), ['README.md', 'halley.d.ts', 'halley.js', 'package.json']);
  const { dependencies } = JSON.parse(await readFile(`${ROOT}/package.json`, 'utf8'));
  assert.equal(dependencies, undefined);
});
