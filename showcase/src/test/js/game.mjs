import assert from 'node:assert/strict';
import { assertFits, PHONE, visit } from './harness.mjs';

/** States come every 50 ms; a pause that people notice is longer than this. */
const LONGEST_PAUSE = 250;
const WINDOW = 5_000;

await visit(async ({ open }) => {
  const join = async (page, name) => {
    await page.getByLabel(/Your name|你的名字/).fill(name);
    await page.getByRole('button', { name: /^(Play|开始)$/ }).click();
    await page.waitForFunction(() => window.halleyGame.me.id > 0 && window.halleyGame.me.health > 0);
  };

  const ada = await open('/game/');
  await join(ada, 'Ada');

  const phone = await open('/game/', { viewport: PHONE, locale: 'zh-CN', colorScheme: 'dark' });
  await join(phone, '哈雷');
  await assertFits(ada);
  await assertFits(phone);

  // Each sees the other by name, and the other's steps.
  await ada.getByRole('list').getByText('哈雷').waitFor();
  await ada.waitForFunction(() => window.halleyGame.find('哈雷'));
  await phone.waitForFunction(() => window.halleyGame.find('Ada'));
  const before = await ada.evaluate(() => window.halleyGame.find('哈雷'));
  const walked = ada.waitForFunction(
    ({ x, y }) => {
      const now = window.halleyGame.find('哈雷');
      return now && Math.hypot(now.x - x, now.y - y) > 60;
    },
    before,
    { polling: 50 },
  );
  await phone.locator('#canvas').focus();
  for (const key of ['ArrowRight', 'KeyS', 'ArrowLeft', 'KeyW']) {
    await phone.keyboard.down(key);
    const done = await Promise.race([walked.then(() => true), ada.waitForTimeout(900)]);
    await phone.keyboard.up(key);
    if (done) {
      break;
    }
  }
  await walked;
  await phone.context().close();
  await ada.waitForFunction(() => window.halleyGame.crowd === 1);

  // Nobody touches anything from here on: a monster finds Ada.
  await ada.waitForFunction(() => window.halleyGame.me.health < 100, undefined, { timeout: 90_000 });

  // The best of many windows of five seconds: other work on this machine may disturb most of them.
  await ada.getByRole('button', { name: '100 bots' }).click();
  await ada.waitForFunction(() => window.halleyGame.crowd === 101);
  await ada.waitForTimeout(WINDOW);
  let best = { pause: Infinity };
  for (let tries = 0; tries < 40 && best.pause >= LONGEST_PAUSE; tries++) {
    await ada.waitForTimeout(1_000);
    const pace = await ada.evaluate((millis) => window.halleyGame.pace(millis), WINDOW);
    best = pace.pause < best.pause ? pace : best;
  }
  assert(best.pause < LONGEST_PAUSE, `states paused for ${best.pause} ms at best`);
  assert(best.rate > 15, `${best.rate} states came a second`);
  console.log(`with 100 bots: ${best.rate} states a second, the longest pause ${best.pause} ms`);
  await ada.getByRole('button', { name: 'No bots' }).click();
  await ada.waitForFunction(() => window.halleyGame.crowd === 1);

  // Names are text.
  const evil = await open('/game/');
  await join(evil, '<img src=x>');
  await ada.getByRole('list').getByText('<img src=x>').waitFor();
  assert.equal(await ada.locator('#best img').count(), 0);
});
