// Opens a page in Chromium and runs a function in it, which may say() lines to this process' output.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

export async function inPage(page, run, argument) {
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
  const tab = await browser.newPage();
  await tab.exposeFunction('say', (line) => console.log(line));
  await tab.goto(page);
  await tab.evaluate(run, argument);
}
