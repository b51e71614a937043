// The frame of every page: header, footer, languages, and the corner pop-up.
//   import { startPage } from '/shared/page.js';
//   startPage('lab', texts);
import { element, svg } from './dom.js';
import { addTexts, switchLanguage, translate } from './i18n.js';
import { listenForPopups } from './popup.js';
import frameTexts from './texts.js';

const PAGES = [
  ['lab', 'navLab'],
  ['qr', 'navQr'],
  ['chat', 'navChat'],
  ['game', 'navGame'],
  ['document', 'navDocument'],
];

/** Puts the frame around the page named, one of PAGES' or 'index', and translates all. */
export function startPage(name, texts = {}) {
  document.body.prepend(
    element('a', { class: 'skip', href: '#main', 'data-t': 'skip' }, 'Skip to the content'),
    header(name),
  );
  document.querySelector('main').id = 'main';
  document.body.append(element('footer', { class: 'site-footer', 'data-t': 'footer' }));
  addTexts({ ...frameTexts, ...texts });
  listenForPopups();
  linkTap();
}

/** Who watches what the pages say does so on this machine: a phone couldn't open the link. */
async function linkTap() {
  if (!['127.0.0.1', '[::1]', 'localhost'].includes(location.hostname)) {
    return;
  }
  const answer = await fetch('/shared/tap', { cache: 'no-store' });
  if (answer.status === 200) {
    const { url } = await answer.json();
    const link = element('a', { href: url, target: '_blank', 'data-t': 'navTap' });
    document.querySelector('.site-nav').append(link);
    translate(link);
  }
}

function header(name) {
  const nav = element('nav', { class: 'site-nav', 'data-t-aria-label': 'navMain' });
  for (const [page, text] of PAGES) {
    const current = page === name ? 'page' : undefined;
    nav.append(element('a', { href: `/${page}/`, 'data-t': text, 'aria-current': current }));
  }
  return element(
    'header',
    { class: 'site-header' },
    element('div', { class: 'inner' }, brand(), nav, tools()),
  );
}

function brand() {
  const comet = svg(
    '0 0 32 32',
    { d: 'M19.5 6.5a6 6 0 1 1 0 12 6 6 0 0 1 0-12z', fill: 'currentColor' },
    {
      d: 'M14 20 4 28M11.5 14.5 3 21M18 22.5 11 29',
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': '2',
      'stroke-linecap': 'round',
    },
  );
  return element('a', { class: 'brand', href: '/' }, comet, 'Halley');
}

function tools() {
  const theme = svg('0 0 24 24', {
    d: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 2v14a7 7 0 0 1 0-14z',
    fill: 'currentColor',
  });
  return element(
    'div',
    { class: 'site-tools' },
    element('button', {
      type: 'button',
      'data-t': 'otherLanguage',
      'data-t-aria-label': 'switchLanguage',
      onclick: switchLanguage,
    }),
    element(
      'button',
      {
        type: 'button',
        'data-t-aria-label': 'switchTheme',
        'data-t-title': 'switchTheme',
        onclick: () => window.halleyTheme.toggle(),
      },
      theme,
    ),
  );
}
