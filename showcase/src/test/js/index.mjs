import assert from 'node:assert/strict';
import { assertFits, DESKTOP, PHONE, visit } from './harness.mjs';

const PAGES = ['/', '/lab/', '/qr/', '/game/', '/chat/', '/document/'];

await visit(async ({ open }) => {
  for (const path of PAGES) {
    for (const viewport of [DESKTOP, PHONE]) {
      const english = await open(path, { viewport, locale: 'en-GB', colorScheme: 'light' });
      await english.getByRole('link', { name: 'QR login' }).first().waitFor();
      await assertFits(english);
      const chinese = await open(path, { viewport, locale: 'zh-CN', colorScheme: 'dark' });
      await chinese.getByRole('link', { name: '扫码登录' }).first().waitFor();
      assert.equal(await chinese.evaluate(() => document.documentElement.lang), 'zh-CN');
      await assertFits(chinese);
      await english.context().close();
      await chinese.context().close();
    }
  }

  const page = await open('/');
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.getByRole('button', { name: 'Switch between light and dark' }).click();
  assert.notEqual(await background(), light, 'the theme changes');
  await page.getByRole('button', { name: '切换到中文' }).click();
  await page.getByRole('link', { name: '扫码登录' }).first().waitFor();
  await page.reload();
  await page.getByRole('link', { name: '扫码登录' }).first().waitFor();
});
