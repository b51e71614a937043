// What curl publishes slides into the corner of two pages, and so does what the form publishes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { visit } from './harness.mjs';

await visit(async ({ url, open }) => {
  const index = await open('/');
  const other = await open('/qr/', { locale: 'zh-CN' });
  for (const page of [index, other]) {
    await page.locator('.popups[data-listening]').waitFor({ state: 'attached' });
  }

  const line = await index.locator('#popup-curl').textContent();
  assert.equal(line, `curl -d 'Hello from curl' ${url}/channels/popup`);
  execFileSync('sh', ['-c', `${line} --silent --show-error --max-time 20`]);
  for (const page of [index, other]) {
    await page.locator('.popup', { hasText: 'Hello from curl' }).waitFor();
  }

  await index.locator('#popup-text').fill('<img src=x onerror=alert(1)>');
  await index.keyboard.press('Enter');
  for (const page of [index, other]) {
    await page.locator('.popup', { hasText: '<img src=x onerror=alert(1)>' }).waitFor();
    assert.equal(await page.locator('.popup img').count(), 0, 'a notice is text');
  }
  await other.locator('.popup', { hasText: 'Hello from curl' }).getByRole('button').click();
  await other.locator('.popup', { hasText: 'Hello from curl' }).waitFor({ state: 'detached' });
});
