// A process that ends and another one with empty logs: node newprocess.mjs URL CONTROL-URL kept|lost
import assert from 'node:assert/strict';
import { visit } from './harness.mjs';

const AWAY = /net::ERR_|WebSocket connection to|WebSocket is already in|Failed to load resource/;
const [, , , control, expected] = process.argv;

const texts = (page) => page.locator('.message p').allTextContents();

async function say(page, text) {
  await page.fill('#text', text);
  await page.press('#text', 'Enter');
}

await visit(
  async ({ open }) => {
    const ann = await open('/chat/');
    const bob = await open('/chat/');
    await bob.getByText('connected by').first().waitFor();
    await ann.getByText('connected by').first().waitFor();
    await say(ann, 'before');
    await bob.locator('.message', { hasText: 'before' }).waitFor();

    const writer = await open('/document/');
    await writer.getByText('connected by').first().waitFor();
    await writer.locator('.cm-content').click();
    await writer.keyboard.type('only in this window');

    await fetch(control, { method: 'POST' });

    // Both are told that the log is another, and go on.
    await ann.locator('.event.gap').waitFor();
    await bob.locator('.event.gap').waitFor();
    const notice = expected === 'kept' ? 'read its file' : 'its memory was empty';
    assert.match(await bob.locator('.event.gap').textContent(), new RegExp(notice));
    await say(ann, 'after');
    await bob.locator('.message', { hasText: 'after' }).waitFor();
    assert.deepEqual(await texts(bob), ['before', 'after'], 'what was on the screen stays, and once');
    assert.equal(await ann.locator('#people li').count(), 2, 'both are here again');

    // Who comes later has what the server has, and no more.
    const carol = await open('/chat/');
    await carol.locator('.message', { hasText: 'after' }).waitFor();
    assert.deepEqual(await texts(carol), expected === 'kept' ? ['before', 'after'] : ['after']);

    // A document is in every page that shows it: the new log gets it from there.
    const reader = await open('/document/');
    await reader.locator('.cm-line', { hasText: 'only in this window' }).waitFor();
  },
  { ignore: [AWAY] },
);
