// Logs in by each of the three ways, with a page and a phone in browsers of their own.
import assert from 'node:assert/strict';
import { assertFits, DESKTOP, PHONE, visit } from './harness.mjs';

const state = (page, name) => page.locator(`#state[data-state=${name}]`).waitFor();

await visit(async ({ url, open }) => {
  const page = await open('/qr/');
  const link = async () => new URL(await page.locator('#phone').getAttribute('href'));
  const phoneAt = async (address) =>
    open(address.pathname + address.hash, { viewport: PHONE, locale: 'zh-CN' });
  const requests = {};

  for (const variant of ['poll', 'longPoll', 'websocket']) {
    await page.locator(`#variants input[value=${variant}]`).check({ force: true });
    await state(page, 'waiting');
    const address = await link();
    assert.equal(address.origin, url, 'the link has the host by which the page was reached');
    if (variant === 'poll') {
      await page.waitForFunction(
        () => Number(document.querySelector('[data-figure=requests]').textContent) >= 3,
      );
    }
    const phone = await phoneAt(address);
    await state(page, 'scanned');
    await assertFits(phone);
    await phone.locator('#name').fill(`<b>${variant}</b>`);
    await phone.locator('#confirm').click();
    await page.locator('#welcome').waitFor();
    assert.equal(
      await page.locator('#hello').textContent(),
      `Welcome, <b>${variant}</b>`,
      'names are text',
    );
    const cells = await page.locator(`[data-variant=${variant}] td`).allTextContents();
    assert.match(cells[0], /^(< )?[\d.]+ m?s$/);
    requests[variant] = Number(cells[1]);
    await phone.getByText('完成').waitFor();
    await page.locator('#again').click();

    // Used once: the same link leads nowhere now.
    const second = await browserSays(phoneAt, address);
    assert.match(second, /此码无效/);
    await phone.context().close();
  }
  assert.equal(requests.websocket, 1, 'a WebSocket asks once');
  assert(requests.poll >= 3, JSON.stringify(requests));

  // The phone may say no.
  await page.locator('#renew').click();
  await state(page, 'waiting');
  const phone = await phoneAt(await link());
  await phone.locator('#decline').click();
  await state(page, 'declined');
  for (const viewport of [DESKTOP, PHONE]) {
    await page.setViewportSize(viewport);
    await assertFits(page);
  }
}, { ignore: [/status of 404 .*\/scan$/] });

async function browserSays(phoneAt, address) {
  const phone = await phoneAt(address);
  await phone.locator('.sign.bad').waitFor();
  const heading = await phone.locator('#heading').textContent();
  await phone.context().close();
  return heading;
}
