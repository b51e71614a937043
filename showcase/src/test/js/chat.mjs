// Two visitors in the chat, and a server that goes away and comes back between them.
import assert from 'node:assert/strict';
import { assertFits, PHONE, visit } from './harness.mjs';

/** What a browser says of a server that isn't there is what this is about. */
const AWAY = /net::ERR_|WebSocket connection to|WebSocket is already in|Failed to load resource/;

const texts = (page) => page.locator('.message p').allTextContents();
const people = (page) => page.locator('#people li');
const said = (page, text) => page.locator('.message', { hasText: text });

async function enter(open, name, room = '') {
  const page = await open(`/chat/${room}`);
  await page.getByText('connected by').first().waitFor();
  await page.fill('#name', name);
  await page.press('#name', 'Enter');
  await people(page).filter({ hasText: name }).waitFor();
  return page;
}

async function say(page, text) {
  await page.fill('#text', text);
  await page.press('#text', 'Enter');
}

await visit(
  async ({ open }) => {
    const ann = await enter(open, 'Ann');
    const bob = await enter(open, 'Bob');

    // Who comes is seen, with both names on both pages.
    await people(ann).filter({ hasText: 'Bob' }).waitFor();
    await people(bob).filter({ hasText: 'Ann' }).waitFor();
    await ann.locator('.event', { hasText: 'Bob came in' }).waitFor();

    // Who types is seen; then what was typed, and the typing ends.
    await ann.locator('#text').pressSequentially('hel');
    await bob.getByText('Ann is typing…').waitFor();
    await say(ann, '<b>hello</b> & 你好');
    await said(bob, '<b>hello</b> & 你好').waitFor();
    assert.equal(await bob.locator('#typing').textContent(), '');
    assert.equal(await bob.locator('.message b').count(), 1, 'markup is text: only the name is bold');

    // A name with two tabs is there once, and goes with the second.
    const second = await bob.context().newPage();
    await second.goto(bob.url());
    await people(second).filter({ hasText: 'Bob' }).waitFor();
    assert.equal(await people(ann).filter({ hasText: 'Bob' }).count(), 1);
    await second.close();

    // The server goes away. What is typed meanwhile comes once, in both windows, in one order.
    await ann.getByRole('button', { name: 'Restart the server' }).click();
    await ann.getByText('reconnecting…').waitFor();
    await bob.getByText('reconnecting…').waitFor();
    for (const number of [1, 2, 3]) {
      await say(ann, `from Ann while away ${number}`);
      await say(bob, `from Bob while away ${number}`);
    }
    assert.equal(await ann.locator('.message.waiting').count(), 3, 'they wait, in sight');
    await said(ann, 'from Bob while away 3').waitFor();
    await said(bob, 'from Ann while away 3').waitFor();
    await ann.getByText('connected again').waitFor();
    await ann.locator('.message.waiting').first().waitFor({ state: 'detached' });
    await bob.locator('.message.waiting').first().waitFor({ state: 'detached' });
    const all = await texts(ann);
    assert.equal(all.length, 7);
    assert.equal(new Set(all).size, 7, 'none twice');
    assert.deepEqual(await texts(bob), all, 'the same order');
    assert.equal(await people(ann).count(), 2, 'nobody left by that');

    // Who comes later reads what was said, and a reload does, too.
    const carol = await enter(open, 'Carol');
    await said(carol, 'from Ann while away 3').waitFor();
    assert.deepEqual(await texts(carol), all);
    await ann.reload();
    await said(ann, 'from Bob while away 3').waitFor();
    assert.deepEqual(await texts(ann), all);

    // Who leaves is seen.
    await carol.close({ runBeforeUnload: false });
    await bob.locator('.event', { hasText: 'Carol left' }).waitFor();
    await people(bob).filter({ hasText: 'Carol' }).waitFor({ state: 'detached' });

    // Another room is another channel; how many are there is seen in the first one.
    await ann.fill('#room', 'quiet-corner');
    await ann.press('#room', 'Enter');
    await ann.getByRole('heading', { name: 'quiet-corner' }).waitFor();
    await people(bob).filter({ hasText: 'Ann' }).waitFor({ state: 'detached' });
    await bob.locator('.rooms a', { hasText: 'quiet-corner' }).filter({ hasText: '1' }).waitFor();
    assert.deepEqual(await texts(ann), []);

    const phone = await open('/chat/', { viewport: PHONE, locale: 'zh-CN', colorScheme: 'dark' });
    await said(phone, '你好').waitFor();
    await assertFits(phone);
  },
  { ignore: [AWAY] },
);
