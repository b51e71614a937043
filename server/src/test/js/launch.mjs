// Starts Chromium without a window, and without whatever talks to others by itself.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const executablePath = '/usr/bin/chromium';

/** flags: further ones for Chromium. It ends with this process. */
export async function launch(...flags) {
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
      ...flags,
    ],
  });
  process.on('SIGTERM', () => browser.close());
  return browser;
}
