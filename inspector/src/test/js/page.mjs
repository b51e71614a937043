// Looks at the tap's page in Chromium: page.mjs URL SCREENSHOTS. Prints what it finds.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [url, screenshots] = process.argv.slice(2);
const executablePath = '/usr/bin/chromium';
if (!existsSync(executablePath)) {
  console.error(`${executablePath} is missing; ./verify installs what the tests need`);
  process.exit(1);
}
const browser = await chromium.launch({
  executablePath,
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
process.on('SIGTERM', () => browser.close());

async function open(options) {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.log('error', error.message));
  page.on('console', (message) => message.type() === 'error' && console.log('error', message.text()));
  await page.goto(url);
  await page.waitForSelector('#timeline button');
  return page;
}

const frame = (page, text) => page.locator('#timeline button', { hasText: text }).first();
const shoot = (page, name) => page.screenshot({ path: `${screenshots}/${name}.png` });

const desk = await open({ viewport: { width: 1440, height: 900 } });
await frame(desk, 'binary 300 B').click();
await desk.locator('.field[data-field="key"]').first().hover();
console.log('key lights', await desk.locator('.bytes .lit').allTextContents());
console.log('in', await desk.locator('.diagram .lit').count(), 'cells');
await desk.locator('.bytes span').first().hover();
console.log('the first byte lights', await desk.locator('.diagram .lit .label').allTextContents());
await shoot(desk, 'desktop');

await desk.locator('.field[data-field="mask"]').focus();
console.log('focus says', (await desk.locator('.explained').first().textContent()).slice(0, 30));
await frame(desk, 'WebSocket handshake').click();
await desk.keyboard.press('ArrowDown');
console.log('down is at', await desk.locator('#timeline [aria-current] .what').textContent());
await desk.keyboard.press('k');
console.log('k is at', await desk.locator('#timeline [aria-current] .what').textContent());
console.log(await desk.locator('.verdict').textContent());
console.log('digest', await desk.locator('.steps code').nth(2).textContent());
await desk.locator('#theme').click();
await shoot(desk, 'dark');
await desk.locator('#language').click();
console.log(await desk.locator('.verdict').textContent(), await desk.locator('html').getAttribute('lang'));
await desk.locator('#language').click();

await desk.locator('#kind').selectOption('control');
console.log('control', await desk.locator('#timeline button').count());
await desk.locator('#search').fill('between');
console.log('found', await desk.locator('#timeline button').count());
await desk.locator('#search').fill('');
await desk.locator('#kind').selectOption('all');

console.log('ready');
await desk.locator('#connections button', { hasText: '#99' }).click();
console.log('live', await desk.locator('#timeline button .rule').textContent());
await desk.locator('#timeline button', { hasText: 'gzip' }).click();
console.log('coded', await desk.locator('#timeline [aria-current] .what').textContent());
console.log('decoded', await desk.locator('#details pre').textContent());
console.log('markup', await desk.locator('#timeline b').count());

const phone = await open({
  viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2,
});
await phone.locator('#connections button').last().click();
await frame(phone, 'binary 300 B').click();
const width = await phone.evaluate(() => document.documentElement.scrollWidth);
console.log('phone is', width, 'wide');
await phone.screenshot({ path: `${screenshots}/phone.png`, fullPage: true });
await browser.close();
