// The pages link to the tap's page where a browser on this machine shows them: node tap.mjs URL TAP-PAGE.
import assert from 'node:assert/strict';
import { assertFits, PHONE, visit } from './harness.mjs';

const tap = process.argv[3];
const flags = ['--host-resolver-rules=MAP demo.test 127.0.0.1'];

await visit(
  async ({ url, open }) => {
    const page = await open('/lab/', { locale: 'en-GB' });
    const link = page.getByRole('link', { name: 'Frames' });
    await link.waitFor();
    assert.equal(await link.getAttribute('href'), tap);
    await page.getByRole('button', { name: '切换到中文' }).click();
    await page.getByRole('link', { name: '看帧' }).waitFor();
    await assertFits(page);

    const phone = await open('/lab/', { viewport: PHONE });
    await phone.getByRole('link', { name: 'Frames' }).waitFor();
    await assertFits(phone);

    // As a phone comes, by another name: it couldn't open the tap's page, so it isn't told of it.
    const asked = [];
    phone.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await phone.goto(`http://demo.test:${new URL(url).port}/lab/`);
    await phone.getByRole('link', { name: 'QR login' }).first().waitFor();
    assert.equal(await phone.getByRole('link', { name: 'Frames' }).count(), 0);
    assert(asked.includes('/shared/page.js') && !asked.includes('/shared/tap'), `${asked}`);
  },
  { flags },
);
