// Takes the pictures of README.md: node pictures.mjs URL DIRECTORY, in target/js of the module, with
// ./halley demo running and the machine idle. Not a test.
import { PHONE, visit } from './harness.mjs';

const directory = process.argv[3];
const WIDTH = 1180;

await visit(async ({ open }) => {
  const lab = await open('/lab/', { viewport: { width: WIDTH, height: 1010 } });
  const qr = await open('/qr/', { viewport: { width: WIDTH, height: 830 } });
  for (const variant of ['poll', 'longPoll', 'websocket']) {
    await qr.locator(`#variants input[value=${variant}]`).check({ force: true });
    await qr.locator('#state[data-state=waiting]').waitFor();
    await qr.waitForTimeout(8000); // about what a person takes to find the phone
    const link = new URL(await qr.locator('#phone').getAttribute('href'));
    const phone = await open(link.pathname + link.hash, { viewport: PHONE });
    await phone.locator('#confirm').click();
    await qr.locator('#again').click();
    await phone.context().close();
  }
  await qr.locator('#state[data-state=waiting]').waitFor();
  await qr.waitForTimeout(2000);
  await qr.screenshot({ path: `${directory}/qr.png` });
  await lab.waitForTimeout(40_000); // a minute of messages
  await lab.screenshot({ path: `${directory}/lab.png` });
});
