import { startPage } from '/shared/page.js';
import { t } from '/shared/i18n.js';
import texts from './texts.js';

startPage('index', texts);

const form = document.querySelector('#popup-form');
const result = document.querySelector('#popup-result');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const field = form.elements.text;
  result.textContent = '';
  try {
    const answer = await fetch('/channels/popup', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ text: field.value }),
    });
    const { position, error } = await answer.json();
    result.textContent = answer.ok ? t('popupSent', { position }) : error.message;
    if (answer.ok) {
      form.reset();
    }
  } catch {
    result.textContent = t('unreachable');
  }
});

const curl = document.querySelector('#popup-curl');
curl.textContent = `curl -d 'Hello from curl' ${location.origin}/channels/popup`;

document.querySelector('#popup-copy').addEventListener('click', async ({ target }) => {
  try {
    await navigator.clipboard.writeText(curl.textContent);
    target.textContent = t('copied');
  } catch {
    // Without a secure context there is no clipboard: the line is selected instead.
    getSelection().selectAllChildren(curl);
    target.textContent = t('selected');
  }
  setTimeout(() => (target.textContent = t('copy')), 2000);
});
