// The corner pop-up of every page: a notice published on the channel "popup" slides in.
import { clockOffset, localMillis } from './clock.js';
import { element } from './dom.js';
import { formatMillis, t } from './i18n.js';

const CHANNEL = 'popup';
const SHOWN_AT_ONCE = 4;
const STAYS_MILLIS = 9000;
const MAX_LENGTH = 400;

/** Shows what is published from now on. */
export async function listenForPopups() {
  const corner = element('div', { class: 'popups', role: 'status', 'aria-live': 'polite' });
  document.body.append(corner);
  // The page needn't wait for it.
  const { Halley } = await import('/halley/halley.js');
  const halley = new Halley(location.origin);
  halley.on('state', ({ state }) => corner.toggleAttribute('data-listening', state === 'open'));
  const channel = halley.channel(CHANNEL);
  const offset = await clockOffset();
  channel.on('message', ({ data, time }) => {
    const text = typeof data === 'string' ? data : data?.text;
    if (typeof text === 'string' && text.trim() !== '') {
      show(corner, text, localMillis() + offset - time);
    }
  });
}

function show(corner, text, age) {
  while (corner.childElementCount >= SHOWN_AT_ONCE) {
    corner.firstElementChild.remove();
  }
  const notice = element('div', { class: 'popup' }, element('p', {}, text.slice(0, MAX_LENGTH)));
  const leave = () => {
    notice.classList.add('leaving');
    setTimeout(() => notice.remove(), 220);
  };
  notice.append(
    element('small', {}, t('popupVia', { age: formatMillis(age) })),
    element('button', { type: 'button', 'aria-label': t('popupDismiss'), onclick: leave }, '×'),
  );
  corner.append(notice);
  setTimeout(leave, STAYS_MILLIS);
}
