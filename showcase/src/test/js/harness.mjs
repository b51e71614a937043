// Visits the showcase with Chromium: node SCRIPT.mjs URL.
//   import { visit } from './harness.mjs';
//   await visit(async ({ url, open }) => {
//     const page = await open('/chat/');                    // a visitor of their own, with cookies
//     const phone = await open('/chat/', { viewport: PHONE });
//   });
// An error of a page (an exception, a failed request, console.error) fails the script at the end.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

const executablePath = '/usr/bin/chromium';
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** ignore: patterns of errors that the script provokes; flags: further ones for Chromium. */
export async function visit(script, { ignore = [], flags = [] } = {}) {
  assert(existsSync(executablePath), `${executablePath} is missing; ./verify installs it`);
  const url = process.argv[2];
  const browser = await chromium.launch({ executablePath, args: [...args, ...flags] });
  const errors = [];
  const note = (error) => {
    if (!ignore.some((pattern) => pattern.test(error))) {
      errors.push(error);
    }
  };
  const open = async (
    path,
    { viewport = DESKTOP, locale = 'en-US', colorScheme = 'light', hasTouch = false } = {},
  ) => {
    const context = await browser.newContext({ viewport, locale, colorScheme, hasTouch });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => note(`${page.url()}: ${error.stack}`));
    page.on('console', (message) => {
      if (message.type() === 'error') {
        note(`${page.url()}: ${message.text()} ${message.location().url ?? ''}`);
      }
    });
    await page.goto(url + path);
    return page;
  };
  try {
    await script({ url, browser, open });
    assert.deepEqual(errors, [], 'the pages have no errors');
  } finally {
    await browser.close();
  }
}

/** Fails if the page is wider than its window. */
export async function assertFits(page) {
  const { width, window } = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }));
  assert(width <= window, `${page.url()} is ${width} px wide in a window of ${window}`);
}
