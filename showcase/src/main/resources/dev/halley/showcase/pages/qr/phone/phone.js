import { onLanguage, t } from '/shared/i18n.js';
import { startPage } from '/shared/page.js';
import texts from './texts.js';

// Discoverers of comets.
const NAMES = ['Caroline', 'Charles', 'Maria', 'William', 'Carolyn', 'Edmond'];
const NAME_KEY = 'halley.name';

const find = (id) => document.getElementById(id);
let shown = { heading: 'scanning' };
let ticket;

const code = () => location.hash.slice(1);

startPage('qr', texts);

function show(heading, explanation, sign = '') {
  shown = { heading, explanation };
  document.querySelector('.sign').setAttribute('class', `sign ${sign}`);
  find('ask').hidden = heading !== 'ask';
  write();
}

function write() {
  find('heading').textContent = t(shown.heading);
  find('explanation').textContent = shown.explanation ? t(shown.explanation) : '';
}

/** Asks the server; shows what is wrong, if something is, and then returns nothing. */
async function post(action, body) {
  try {
    const path = `/qr/codes/${encodeURIComponent(code())}/${action}`;
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.ok) {
      return answer;
    }
    show('refused', answer.status === 409 ? 'taken' : 'gone', 'bad');
  } catch {
    show('refused', 'unreachable', 'bad');
  }
  return undefined;
}

async function scan() {
  show('scanning');
  if (code() === '') {
    show('refused', 'noCode', 'bad');
    return;
  }
  // A page that is loaded again is still the phone that scanned.
  const key = `halley.ticket.${code()}`;
  ticket = sessionStorage.getItem(key);
  if (!ticket) {
    const answer = await post('scan', {});
    if (!answer) {
      return;
    }
    ({ ticket } = await answer.json());
    sessionStorage.setItem(key, ticket);
  }
  show('ask', 'askIs');
}

find('ask').addEventListener('submit', async (event) => {
  event.preventDefault();
  const name = find('name').value;
  localStorage.setItem(NAME_KEY, name);
  if (await post('confirm', { ticket, name })) {
    show('done', 'doneIs', 'done');
  }
});

find('decline').addEventListener('click', async () => {
  if (await post('decline', { ticket })) {
    show('declined', 'declinedIs', 'bad');
  }
});

find('name').value =
  localStorage.getItem(NAME_KEY) ?? NAMES[Math.floor(Math.random() * NAMES.length)];
addEventListener('hashchange', scan);
onLanguage(write);
scan();
