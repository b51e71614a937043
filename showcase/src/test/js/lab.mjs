// All four transports receive; polling asks more than WebSocket, and is later.
import assert from 'node:assert/strict';
import { assertFits, DESKTOP, PHONE, visit } from './harness.mjs';

const NAMES = ['poll', 'longPoll', 'sse', 'websocket'];

await visit(async ({ open }) => {
  const page = await open('/lab/');
  const figure = (name, key) => page.locator(`[data-transport=${name}] [data-figure=${key}]`);
  const number = async (name, key) =>
    Number((await figure(name, key).textContent()).replace(/[^\d.]/g, ''));
  const reaches = (name, least) =>
    page.waitForFunction(
      ([n, l]) =>
        Number(
          document
            .querySelector(`[data-transport=${n}] [data-figure=messages]`)
            .textContent.replace(/\D/g, ''),
        ) >= l,
      [name, least],
    );

  await page.locator('#rate:enabled').waitFor();
  await page.locator('#rate').focus();
  await page.keyboard.press('ArrowRight'); // 5 per second
  await page.waitForFunction(() => document.querySelector('#rate-value').textContent === '5');
  for (const name of NAMES) {
    await reaches(name, 30);
  }

  const minute = Object.fromEntries(
    await Promise.all(NAMES.map(async (name) => [name, await number(name, 'perMinute')])),
  );
  assert(minute.poll > minute.websocket, JSON.stringify(minute));
  assert(minute.longPoll > minute.websocket, JSON.stringify(minute));
  const perMessage = Object.fromEntries(
    await Promise.all(
      NAMES.map(async (name) => [name, await figure(name, 'perMessage').textContent()]),
    ),
  );
  assert(!perMessage.websocket.includes('KB'), JSON.stringify(perMessage));
  assert.equal(await number('websocket', 'requests'), 1);
  assert.equal(await number('sse', 'requests'), 1);
  const late = await Promise.all(
    ['poll', 'websocket'].map(async (name) => {
      const text = await figure(name, 'late').textContent();
      return parseFloat(text.replace('< ', '')) * (text.endsWith(' ms') ? 1 : 1000);
    }),
  );
  assert(late[0] > late[1], `polling is later: ${late}`);

  // One that is switched off receives nothing more, while the others do. What is shown is up to half
  // a second old, so the count is taken after a few more of the others have been shown.
  await page.locator('[data-transport=sse] input').uncheck();
  await reaches('websocket', (await number('websocket', 'messages')) + 8);
  const stopped = await number('sse', 'messages');
  await reaches('websocket', (await number('websocket', 'messages')) + 8);
  assert.equal(await number('sse', 'messages'), stopped);

  for (const viewport of [DESKTOP, PHONE]) {
    await page.setViewportSize(viewport);
    await assertFits(page);
  }
});
