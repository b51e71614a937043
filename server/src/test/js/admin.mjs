// Uses the operator's page in Chromium: admin.mjs URL KEY SCREENSHOTS. Prints what it finds.
import { launch } from './launch.mjs';

const [url, key, screenshots] = process.argv.slice(2);
const browser = await launch();

async function open(options) {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.log('error', error.message));
  page.on('dialog', (dialog) => console.log('dialog', dialog.message()));
  page.on('console', (message) => {
    // The answer to the request without a key is an error to Chromium.
    if (message.type() === 'error' && !message.text().includes('401')) {
      console.log('error', message.text());
    }
  });
  await page.goto(url);
  await page.locator('#key').fill('wrong');
  await page.locator('#login button').click();
  await page.locator('#wrong', { hasText: 'not this server' }).waitFor();
  await page.locator('#key').fill(key);
  await page.locator('#login button').click();
  await page.locator('#connection-lines button').first().waitFor();
  return page;
}

const shoot = (page, name, options) =>
  page.screenshot({ path: `${screenshots}/admin-${name}.png`, ...options });

const desk = await open({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
console.log('sockets', await desk.locator('#connection-lines .tag', { hasText: 'websocket' }).count());
await desk.locator('#tab-channels').click();
await desk.locator('#channel-lines button', { hasText: '<img' }).waitFor();
console.log('channel', await desk.locator('#channel-lines button').first().textContent());
await desk.locator('#channel-lines button', { hasText: 'orders' }).click();
await desk.locator('dialog pre').first().waitFor();
console.log('newest', await desk.locator('dialog pre').first().textContent());
await desk.locator('#text').fill('by hand');
await desk.locator('#publish').click();
await desk.locator('dialog pre', { hasText: 'by hand' }).waitFor();
await shoot(desk, 'details');
await desk.locator('#close').click();
await desk.locator('#tab-connections').click();
console.log('ready');
await desk.waitForTimeout(12_000);
await shoot(desk, 'desktop');
await desk.locator('#theme').click();
await shoot(desk, 'dark');
await desk.locator('#transport').selectOption('websocket');
await desk.locator('#connection-lines button').first().click();
await desk.locator('#disconnect').click();
await desk.locator('dialog').waitFor({ state: 'hidden' });
console.log('markup', await desk.locator('main img, dialog img, main b').count());

for (const colorScheme of ['light', 'dark']) {
  const phone = await open({
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    deviceScaleFactor: 2,
    colorScheme,
  });
  await phone.waitForTimeout(4_500);
  const width = await phone.evaluate(() => document.documentElement.scrollWidth);
  console.log('phone is', width, 'wide');
  await shoot(phone, `phone-${colorScheme}`, { fullPage: true });
}
console.log('done');
await browser.close();
