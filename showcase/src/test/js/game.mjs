import assert from 'node:assert/strict';
import { assertFits, PHONE, visit } from './harness.mjs';

async function join(page, name) {
  await page.getByLabel(/Your name|你的名字/).fill(name);
  await page.getByRole('button', { name: /^(Play|开始)$/ }).click();
  await page.waitForFunction(() => window.halleyGame.me.health > 0 && window.halleyGame.me.x > 0);
}

/** Presses one key after the other until something has happened. */
async function walkUntil(page, happened) {
  await page.locator('#canvas').focus();
  for (const key of ['ArrowRight', 'KeyS', 'ArrowLeft', 'KeyW', 'ArrowRight']) {
    await page.keyboard.down(key);
    const done = await Promise.race([happened.then(() => true), page.waitForTimeout(900)]);
    await page.keyboard.up(key);
    if (done) {
      return;
    }
  }
  await happened;
}

await visit(async ({ open }) => {
  const ada = await open('/game/');
  await join(ada, 'Ada');
  const phone = await open('/game/', { viewport: PHONE, locale: 'zh-CN', colorScheme: 'dark' });
  await join(phone, '<i>哈雷</i>');
  await assertFits(ada);
  await assertFits(phone);

  // Each sees the other, and the other's steps. Names are text.
  await ada.getByRole('list').getByText('<i>哈雷</i>').waitFor();
  await phone.waitForFunction(() => window.halleyGame.find('Ada'));
  const before = await ada.waitForFunction(() => window.halleyGame.find('<i>哈雷</i>'));
  const walked = ada.waitForFunction(
    ({ x, y }) => {
      const now = window.halleyGame.find('<i>哈雷</i>');
      return now && Math.hypot(now.x - x, now.y - y) > 60;
    },
    await before.jsonValue(),
    { polling: 50 },
  );
  await walkUntil(phone, walked);
  await phone.context().close();
  await ada.waitForFunction(() => window.halleyGame.crowd === 1);

  // Who touches nothing is found by a monster and struck, sends nothing meanwhile, and comes back.
  const sent = () => ada.locator('[data-figure=sent]').textContent();
  const sentBefore = await sent();
  await ada.waitForFunction(() => window.halleyGame.me.health < 100, undefined, { timeout: 60_000 });
  await ada.getByText('They got you').waitFor({ timeout: 60_000 });
  await ada.waitForFunction(() => window.halleyGame.me.health > 0);
  assert.equal(await sent(), sentBefore);
});
