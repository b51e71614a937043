// Several visitors in one document: at once, one of them offline, and later ones.
import assert from 'node:assert/strict';
import { assertFits, PHONE, visit } from './harness.mjs';

const AWAY = /net::ERR_|WebSocket connection to|WebSocket is already in|Failed to load resource/;

const text = (page) => page.locator('.cm-content').evaluate((content) => {
  const lines = [...content.querySelectorAll('.cm-line')];
  return lines.map((line) => {
    const copy = line.cloneNode(true);
    copy.querySelectorAll('.cm-ySelectionCaret, .cm-placeholder').forEach((widget) => widget.remove());
    return copy.textContent.replace(/[\u200b\u2060\ufeff]/g, '');
  }).join('\n');
});

async function until(what, holds) {
  const end = Date.now() + 30_000;
  while (!(await holds())) {
    assert(Date.now() < end, `${what} within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function edit(open, options) {
  const page = await open('/document/', options);
  await page.getByText('connected by').first().waitFor();
  await page.locator('.cm-content').waitFor();
  return page;
}

const figure = (page, name) => page.locator(`[data-figure=${name}]`).textContent();

await visit(
  async ({ open }) => {
    const ann = await edit(open);
    const bob = await edit(open);
    await ann.fill('#name', 'Ann');
    await ann.press('#name', 'Enter');

    // Both type at once, at both ends.
    await ann.locator('.cm-content').click();
    await ann.keyboard.type('middle');
    await until('Bob has the word', async () => (await text(bob)) === 'middle');
    await bob.locator('.cm-content').click();
    await bob.keyboard.press('Control+Home');
    await ann.keyboard.press('Control+End');
    await Promise.all([
      ann.keyboard.type(' and Ann at the end', { delay: 5 }),
      bob.keyboard.type('Bob at the begin and ', { delay: 5 }),
    ]);
    const both = 'Bob at the begin and middle and Ann at the end';
    await until('both have both', async () => (await text(ann)) === both && (await text(bob)) === both);

    // Each sees the other and the other's cursor.
    await bob.locator('#people li', { hasText: 'Ann' }).waitFor();
    await bob.locator('.cm-ySelectionInfo', { hasText: 'Ann' }).waitFor({ state: 'attached' });

    // One is offline, both go on, and all of it is there in the end.
    await bob.context().setOffline(true);
    await bob.keyboard.type('[typed offline] ');
    const before = Number(await figure(ann, 'position'));
    await ann.keyboard.type(' [typed meanwhile]');
    await until('that is in the log', async () => Number(await figure(ann, 'position')) > before);
    assert(!(await text(ann)).includes('offline'), 'nothing came from there');
    assert(!(await text(bob)).includes('meanwhile'), 'nothing went there');
    await bob.context().setOffline(false);
    const merged = 'Bob at the begin and [typed offline] middle and Ann at the end [typed meanwhile]';
    await until('both have all', async () => (await text(ann)) === merged && (await text(bob)) === merged);

    // Who comes later has it from the log, and after a snapshot from that.
    const carol = await edit(open);
    await until('Carol has all', async () => (await text(carol)) === merged);
    await until('a snapshot covers all', async () => {
      const [position, covered] = [await figure(carol, 'position'), await figure(carol, 'covered')];
      return position !== '–' && position === covered;
    });
    const dave = await edit(open);
    await until('Dave has all', async () => (await text(dave)) === merged);
    assert.equal(await figure(dave, 'loaded'), '0', 'all of it from the snapshot');

    // The log forgets: it keeps 40 updates here. The document doesn't.
    await ann.keyboard.press('Control+End');
    for (let i = 0; i < 60; i++) {
      await ann.keyboard.type(`${i % 10}`, { delay: 60 });
    }
    const long = merged + '0123456789'.repeat(6);
    await until('Bob has the long text', async () => (await text(bob)) === long);
    assert(Number(await figure(bob, 'position')) > 60, 'more updates than the log keeps');
    const erin = await edit(open);
    await until('Erin has the long text', async () => (await text(erin)) === long);

    // The server comes back, and the document goes on.
    await ann.evaluate(() => fetch('/chat/restart', { method: 'POST' }));
    await ann.getByText('reconnecting…').waitFor();
    await ann.keyboard.type('!');
    await until('all have the end', async () =>
      (await Promise.all([ann, bob, carol, dave, erin].map(text))).every((each) => each === `${long}!`));

    const phone = await edit(open, { viewport: PHONE, locale: 'en-US', colorScheme: 'dark' });
    await until('the phone has all', async () => (await text(phone)) === `${long}!`);
    await assertFits(phone);
  },
  { ignore: [AWAY] },
);
