import assert from 'node:assert/strict';
import { assertFits, PHONE, visit } from './harness.mjs';

async function join(page, name) {
  await page.getByLabel(/Your name|你的名字/).fill(name);
  await page.getByRole('button', { name: /^(Play|开始)$/ }).click();
  await page.waitForFunction(() => window.halleyGame.me.health > 0 && window.halleyGame.me.x > 0);
}

/** Holds one thing after the other until something has happened. */
async function holdUntil(happened, page, things, press, release) {
  for (const thing of things) {
    await press(thing);
    const done = await Promise.race([happened.then(() => true), page.waitForTimeout(900)]);
    await release(thing);
    if (done) {
      return;
    }
  }
  await happened;
}

/** Walks with the keys, in turn: there may be a wall. */
function walkByKeys(page, happened) {
  return holdUntil(
    happened,
    page,
    ['ArrowRight', 'KeyS', 'ArrowLeft', 'KeyW', 'ArrowDown'],
    (key) => page.keyboard.down(key),
    (key) => page.keyboard.up(key),
  );
}

/** Walks with the stick. */
async function walkByTouch(page, happened) {
  const box = await page.locator('#stick').boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await holdUntil(
    happened,
    page,
    [[50, 0], [0, 50], [-50, 0], [0, -50], [35, 35]],
    async ([toX, toY]) => {
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x + toX, y + toY);
    },
    () => page.mouse.up(),
  );
}

/** Settles when a player has walked, as somebody sees it. */
async function seenWalking(page, name) {
  const before = await page.waitForFunction((it) => window.halleyGame.find(it), name);
  const { x, y } = await before.jsonValue();
  return () =>
    page.waitForFunction(
      (it) => {
        const now = window.halleyGame.find(it.name);
        return now && Math.hypot(now.x - it.x, now.y - it.y) > 60;
      },
      { name, x, y },
      { polling: 50 },
    );
}

await visit(async ({ open }) => {
  const ada = await open('/game/');
  await join(ada, 'Ada');
  const options = { viewport: PHONE, locale: 'zh-CN', colorScheme: 'dark', hasTouch: true };
  const phone = await open('/game/', options);
  await join(phone, '<i>哈雷</i>');
  await assertFits(ada);
  await assertFits(phone);

  // Each sees the other, and the other's steps. Names are text.
  await ada.getByRole('list').getByText('<i>哈雷</i>').waitFor();
  await walkByTouch(phone, (await seenWalking(ada, '<i>哈雷</i>'))());
  await ada.locator('#canvas').focus();
  await walkByKeys(ada, (await seenWalking(phone, 'Ada'))());
  await phone.locator('#hit').hover();
  await phone.mouse.down();
  await phone.waitForFunction(() => window.halleyGame.me.strikes, undefined, { polling: 10 });
  await phone.mouse.up();
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
