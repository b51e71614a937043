import { clockOffset, localMillis } from '/shared/clock.js';
import { element } from '/shared/dom.js';
import { formatBytes, formatMillis, formatNumber, onLanguage, t, translate } from '/shared/i18n.js';
import {
  listenByLongPoll,
  listenByPoll,
  listenBySse,
  listenByWebSocket,
} from '/shared/listen.js';
import { startPage } from '/shared/page.js';
import { Chart, forgetOld } from './chart.js';
import { Tally } from './tally.js';
import texts from './texts.js';

const CHANNEL = '/channels/lab';
const RATES = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20];
const REDRAW_MILLIS = 100;
const SAMPLE_MILLIS = 500;

startPage('lab', texts);

let offset = 0;
let control;
let lastControl;
const slider = document.querySelector('#rate');

const intervalMillis = () =>
  Number(document.querySelector('#interval input:checked').value);

const transports = [
  ['poll', (wire) => listenByPoll(CHANNEL, wire, { intervalMillis })],
  ['longPoll', (wire) => listenByLongPoll(CHANNEL, wire)],
  ['sse', (wire) => listenBySse(CHANNEL, wire)],
  ['websocket', (wire) => listenByWebSocket(CHANNEL, wire)],
].map(([name, listen]) => newTransport(name, listen));

function newTransport(name, listen) {
  const tally = new Tally();
  const wire = {
    request: (bytes) => tally.request(localMillis(), bytes),
    received: (bytes) => tally.bytes(localMillis(), bytes),
    message: ({ sent }) => tally.message(localMillis(), localMillis() + offset - sent),
  };
  const property = name === 'longPoll' ? '--long-poll' : `--${name}`;
  const figures = {};
  const list = element('dl', { class: 'figures' });
  for (const key of ['late', 'late95', 'perMinute', 'perSecond', 'perMessage', 'messages', 'requests']) {
    figures[key] = element('dd', { 'data-figure': key }, '–');
    list.append(element('div', {}, element('dt', { 'data-t': key }), figures[key]));
  }
  const transport = { name, tally, figures, property, stop: undefined };
  const box = element('input', { type: 'checkbox', checked: true, role: 'switch' });
  box.addEventListener('change', () => {
    transport.stop?.();
    transport.stop = box.checked ? listen(wire) : undefined;
  });
  transport.start = () => (transport.stop = listen(wire));
  const card = element(
    'article',
    { class: 'card transport', 'data-transport': name },
    element(
      'header',
      {},
      element('h2', { 'data-t': name }),
      element('label', { class: 'switch' }, box, element('span', { 'data-t': 'on' })),
    ),
    element('p', { 'data-t': `${name}Is` }),
    list,
  );
  card.style.setProperty('--series', `var(${property})`);
  translate(card);
  document.querySelector('#transports').append(card);
  return transport;
}

// ---- the publisher's rate ----

function openControl() {
  const url = new URL('control', location.href.replace(/^http/, 'ws'));
  control = new WebSocket(url);
  control.onmessage = ({ data }) => {
    lastControl = JSON.parse(data);
    slider.disabled = false;
    if (document.activeElement !== slider || !slider.matches(':active')) {
      slider.value = RATES.findLastIndex((rate) => rate <= lastControl.rate + 1e-9);
    }
    showControl();
  };
  control.onclose = () => {
    lastControl = undefined;
    slider.disabled = true;
    showControl();
    setTimeout(openControl, 2000);
  };
}

function showControl() {
  document.querySelector('#rate-value').textContent = lastControl ? lastControl.rate : '…';
  document.querySelector('#watchers').textContent = lastControl
    ? t('watchers', { count: lastControl.watchers })
    : t('noControl');
  slider.setAttribute('aria-valuetext', lastControl?.rate ?? '');
}

slider.addEventListener('input', () => {
  control.send(JSON.stringify({ rate: RATES[slider.value] }));
});

// ---- what is shown ----

const charts = [
  new Chart(document.querySelector('#late'), {
    series: transports.map((s) => ({ colour: s.property, points: s.tally.ages })),
    format: formatTick,
    logarithmic: [0.1, 10_000],
  }),
  new Chart(document.querySelector('#requests'), {
    series: transports.map((s) => ({ colour: s.property, points: s.tally.requestRates })),
    format: (value) => formatNumber(value, value % 1 === 0 ? 0 : 1),
  }),
  new Chart(document.querySelector('#bytes'), {
    series: transports.map((s) => ({ colour: s.property, points: s.tally.byteRates })),
    format: formatBytes,
  }),
];

function formatTick(millis) {
  return millis >= 1000 ? `${millis / 1000} s` : `${millis} ms`;
}

function showFigures({ tally, figures }) {
  const late = tally.agePercentile(0.5);
  const late95 = tally.agePercentile(0.95);
  figures.late.textContent = late === undefined ? '–' : formatMillis(late);
  figures.late95.textContent = late95 === undefined ? '–' : formatMillis(late95);
  figures.perMinute.textContent = formatNumber(tally.requestsPerMinute());
  figures.perSecond.textContent = formatBytes(tally.bytesPerSecond());
  const perMessage = tally.bytesPerMessage();
  figures.perMessage.textContent = perMessage === undefined ? '–' : formatBytes(perMessage);
  figures.messages.textContent = formatNumber(tally.messages);
  figures.requests.textContent = formatNumber(tally.requests);
}

function sample() {
  const now = localMillis();
  for (const transport of transports) {
    transport.tally.sample(now);
    showFigures(transport);
  }
}

function redraw() {
  const now = localMillis();
  for (const { tally } of transports) {
    [tally.ages, tally.requestRates, tally.byteRates].forEach((p) => forgetOld(p, now));
  }
  charts.forEach((chart) => chart.draw(now));
}

onLanguage(showControl);
showControl();
openControl();
offset = await clockOffset();
transports.forEach((transport) => transport.start());
setInterval(sample, SAMPLE_MILLIS);
setInterval(redraw, REDRAW_MILLIS);
