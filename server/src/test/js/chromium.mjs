// Opens a page in Chromium and runs a function in it, which may say() lines to this process' output.
import { launch } from './launch.mjs';

export async function inPage(page, run, argument, ...flags) {
  const browser = await launch(...flags);
  const tab = await browser.newPage();
  await tab.exposeFunction('say', (line) => console.log(line));
  await tab.goto(page);
  await tab.evaluate(run, argument);
}
