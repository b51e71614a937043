// The operator's page: asks for the whole every two seconds and draws what changed in between.
import * as api from './api.js';
import { Chart } from './chart.js';
import { byId, element } from './dom.js';
import { bytes, count, quantile, rate, seconds, since, time } from './format.js';

const PERIOD = 2000;
const LINES = 50;
const TRANSPORTS = [
  ['sse', 'event streams', '--good'],
  ['websocket', 'WebSockets', '--accent'],
  ['halley_v1', 'halley.v1', '--violet'],
  ['long_poll', 'long polls', '--warn'],
  ['http', 'http', '--bad'],
];

// ---- the whole ----

const TILES = ['Connections', 'Subscriptions', 'Lagging', 'Channels', 'Log', 'Gaps', 'Refused', 'Latency, 99 %'];
const tiles = TILES.map((name) => {
  const value = element('dd', {}, '–');
  byId('tiles').append(element('div', {}, element('dt', {}, name), value));
  return value;
});

function chart(title, series, format, base) {
  const canvas = element('canvas', { role: 'img' });
  const keys = series.map((it) =>
    element('span', { class: `key c-${it.colour.slice(2)}` }, it.label),
  );
  byId('charts').append(
    element('figure', {}, element('figcaption', {}, title, ...keys), canvas),
  );
  return new Chart(canvas, series, format, base);
}

const charts = [
  chart('Connections', TRANSPORTS.map(([, label, colour]) => ({ label, colour })), rate),
  chart('Publications per second', [{ label: 'taken', colour: '--accent' }], rate),
  chart('Deliveries per second', TRANSPORTS.map(([, label, colour]) => ({ label, colour })), rate),
  chart(
    'Bytes per second',
    [
      { label: 'delivered', colour: '--good' },
      { label: 'published', colour: '--accent' },
    ],
    bytes,
    2,
  ),
];

let before;

function show(now) {
  const elapsed = before ? Math.max((now.time - before.time) / 1000, 0.001) : 1;
  const perSecond = (value) => (before ? Math.max(value(now) - value(before), 0) / elapsed : 0);
  const latency = quantile(now.latencyBounds, now.latencyCounts, before?.latencyCounts, 0.99);
  const all = Object.values(now.connections).reduce((a, b) => a + b, 0);
  const values = [
    count(all),
    count(now.subscriptions),
    count(now.lagging),
    now.channels === undefined ? '–' : count(now.channels),
    now.bytes === undefined ? '–' : bytes(now.bytes),
    count(now.gaps),
    count(now.counters.refused_requests + now.counters.connections_refused),
    latency === undefined ? '–' : `≤ ${seconds(latency)}`,
  ];
  values.forEach((text, i) => (tiles[i].textContent = text));
  charts[0].add(TRANSPORTS.map(([via]) => now.connections[via]));
  if (before) {
    charts[1].add([perSecond((it) => it.publications)]);
    charts[2].add(
      TRANSPORTS.map(([via]) =>
        perSecond((it) => it.deliveries[via] + (via === 'http' ? it.deliveries.poll : 0)),
      ),
    );
    charts[3].add([perSecond((it) => it.deliveredBytes), perSecond((it) => it.publishedBytes)]);
  }
  before = now;
}

async function refresh() {
  try {
    show(await api.overview());
    signedIn();
    say(`${time(Date.now())}`);
  } catch (e) {
    failed(e);
  }
}

function say(text, bad = false) {
  byId('state').textContent = text;
  byId('state').classList.toggle('bad', bad);
}

function failed(e) {
  if (e instanceof api.Unauthorized) {
    byId('wrong').textContent = api.hasKey() ? 'That is not this server’s API key.' : '';
    api.useKey(undefined);
    byId('login').hidden = false;
    byId('content').hidden = true;
    byId('leave').hidden = true;
    byId('details').close();
    say('');
  } else {
    say(e instanceof TypeError ? 'The server does not answer.' : e.message, true);
  }
}

// ---- the key ----

function signedIn() {
  if (byId('content').hidden) {
    byId('login').hidden = true;
    byId('content').hidden = false;
    list();
  }
  byId('leave').hidden = !api.hasKey();
}

byId('login').addEventListener('submit', (event) => {
  event.preventDefault();
  api.useKey(byId('key').value);
  byId('key').value = '';
  refresh();
});

byId('leave').addEventListener('click', () => {
  api.useKey(undefined);
  location.reload();
});

// ---- the lists ----

let tab = 'connections';
const after = { connections: '', channels: '' };

async function list() {
  try {
    await (tab === 'connections' ? listConnections() : listChannels());
  } catch (e) {
    failed(e);
  }
}

function fill(id, lines, columns) {
  const none = element('tr', {}, element('td', { colspan: columns, class: 'empty' }, 'There are none.'));
  byId(id).replaceChildren(...(lines.length ? lines : [none]));
}

let nextConnection;
let nextChannel;

async function listConnections() {
  const query = { limit: LINES };
  if (after.connections) {
    query.after = after.connections;
  }
  if (byId('transport').value) {
    query.transport = byId('transport').value;
  }
  if (byId('lagging').checked) {
    query.lagging = 1;
  }
  const answer = await api.connections(query);
  nextConnection = answer.connections.at(-1)?.id;
  byId('more-connections').hidden = !answer.more;
  byId('first-connections').hidden = !after.connections;
  fill(
    'connection-lines',
    answer.connections.map((it) =>
      element(
        'tr',
        {},
        element('td', {}, element('span', { class: 'tag' }, it.transport), lagTag(it.lagging)),
        element(
          'td',
          { class: 'address' },
          element('button', { type: 'button', onclick: () => openConnection(it.id) }, it.address),
        ),
        element('td', {}, since(it.since)),
        element('td', {}, channelNames(it)),
        element('td', { class: 'number' }, bytes(it.pendingBytes)),
        element('td', { class: 'number' }, bytes(it.writtenBytes)),
      ),
    ),
    6,
  );
}

const lagTag = (lagging) => (lagging ? element('span', { class: 'tag bad' }, 'lagging') : '');

function channelNames(it) {
  const more = it.subscriptions - it.channels.length;
  return it.channels.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

async function listChannels() {
  const answer = await api.channels({
    limit: LINES,
    prefix: byId('prefix').value,
    after: after.channels,
  });
  nextChannel = answer.channels.at(-1)?.channel;
  byId('more-channels').hidden = !answer.more;
  byId('first-channels').hidden = !after.channels;
  fill(
    'channel-lines',
    answer.channels.map((it) =>
      element(
        'tr',
        {},
        element('td', {}, element('button', { type: 'button', onclick: () => openChannel(it.channel) }, it.channel)),
        element('td', { class: 'number' }, count(it.listeners)),
        element('td', { class: 'mono' }, it.head ?? '–'),
        element('td', { class: 'number' }, it.publications === undefined ? '–' : count(it.publications)),
        element('td', { class: 'number' }, it.bytes === undefined ? '–' : bytes(it.bytes)),
      ),
    ),
    5,
  );
}

function choose(name) {
  tab = name;
  for (const it of ['connections', 'channels']) {
    byId(it).hidden = it !== name;
    byId(`tab-${it}`).setAttribute('aria-selected', String(it === name));
  }
  list();
}

function restart(name) {
  after[name] = '';
  list();
}

byId('tab-connections').addEventListener('click', () => choose('connections'));
byId('tab-channels').addEventListener('click', () => choose('channels'));
byId('transport').addEventListener('change', () => restart('connections'));
byId('lagging').addEventListener('change', () => restart('connections'));
byId('prefix').addEventListener('input', () => restart('channels'));
byId('open-channel').addEventListener('click', () => byId('prefix').value && openChannel(byId('prefix').value));
byId('first-connections').addEventListener('click', () => restart('connections'));
byId('first-channels').addEventListener('click', () => restart('channels'));
byId('more-connections').addEventListener('click', () => {
  after.connections = nextConnection;
  list();
});
byId('more-channels').addEventListener('click', () => {
  after.channels = nextChannel;
  list();
});

// ---- one of them ----

const facts = (...pairs) =>
  element('dl', {}, ...pairs.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]));

function open(title, ...content) {
  byId('details-title').textContent = title;
  byId('details-body').replaceChildren(...content);
  if (!byId('details').open) {
    byId('details').showModal();
  }
}

byId('close').addEventListener('click', () => byId('details').close());

async function openConnection(id) {
  try {
    const it = await api.connection(id);
    open(
      it.address,
      facts(
        ['Transport', it.transport],
        ['Since', new Date(it.since).toLocaleString()],
        ['Lagging', it.lagging ? 'yes' : 'no'],
        ['Pending', bytes(it.pendingBytes)],
        ['Written', bytes(it.writtenBytes)],
      ),
      element('h3', {}, 'Subscriptions'),
      ...it.subscribed.map((sub) =>
        element(
          'p',
          {},
          element('button', { type: 'button', onclick: () => openChannel(sub.channel) }, sub.channel),
          ' ',
          element('span', { class: 'mono' }, sub.position),
          ' ',
          lagTag(sub.lagging),
        ),
      ),
      it.subscribed.length ? '' : element('p', { class: 'faint' }, 'None.'),
      element('h3', {}, 'End it'),
      element('button', { type: 'button', class: 'danger', id: 'disconnect', onclick: () => endConnection(id) }, 'Disconnect'),
    );
  } catch (e) {
    failed(e);
  }
}

async function endConnection(id) {
  try {
    await api.disconnect(id);
    byId('details').close();
    list();
  } catch (e) {
    failed(e);
  }
}

async function openChannel(name) {
  try {
    open(name, ...(await describe(name)), ...publishing(name));
  } catch (e) {
    if (e instanceof api.Unauthorized) {
      failed(e);
    } else {
      open(name, element('p', { class: 'faint' }, 'Nobody uses it.'), ...publishing(name));
    }
  }
}

async function describe(name) {
  const it = await api.channel(name);
  const listeners = Object.entries(it.listenersBy).map(([via, n]) => `${n} ${via}`).join(', ');
  const newest = it.newest ?? [];
  return [
    facts(
      ['Head', it.head ?? '–'],
      ['Kept', it.publications === undefined ? '–' : `${count(it.publications)}, ${bytes(it.bytes)}`],
      ['Listeners', listeners || 'none'],
      ...(it.members ? [['Present', present(it)]] : []),
    ),
    element('h3', {}, 'Newest publications'),
    ...newest.map((publication) =>
      element(
        'div',
        { class: 'publication' },
        element('span', { class: 'mono' }, publication.position),
        ` · ${time(publication.time)} · ${publication.type.toLowerCase()} · ${bytes(publication.bytes)}`,
        element('pre', {}, publication.text),
      ),
    ),
    newest.length ? '' : element('p', { class: 'faint' }, 'None are kept.'),
  ];
}

function present({ members, present: all, anonymous }) {
  const more = all > members.length ? ` and ${count(all - members.length)} more` : '';
  return `${members.join(', ') || 'nobody'}${more}${anonymous ? `; ${count(anonymous)} without a name` : ''}`;
}

function publishing(name) {
  const text = element('textarea', { id: 'text', 'aria-label': 'What to publish', spellcheck: 'false' });
  const type = element(
    'select',
    { 'aria-label': 'Type' },
    element('option', { value: 'text/plain' }, 'text'),
    element('option', { value: 'application/json' }, 'JSON'),
  );
  const said = element('span', { class: 'faint', role: 'status' });
  const send = async () => {
    try {
      await api.publish(name, type.value, text.value);
      await openChannel(name);
    } catch (e) {
      said.textContent = e.message;
      said.className = 'bad';
    }
  };
  return [
    element('h3', {}, 'Publish'),
    text,
    element(
      'div',
      { class: 'row' },
      type,
      element('button', { type: 'button', class: 'primary', id: 'publish', onclick: send }, 'Publish'),
      said,
    ),
  ];
}

// ---- the theme ----

const THEME = 'halley.theme';
const stored = localStorage.getItem(THEME);
if (stored === 'light' || stored === 'dark') {
  document.documentElement.dataset.theme = stored;
}

byId('theme').addEventListener('click', () => {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  localStorage.setItem(THEME, root.dataset.theme);
  charts.forEach((it) => it.draw());
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => charts.forEach((it) => it.draw()));

setInterval(() => document.hidden || (byId('login').hidden && refresh()), PERIOD);
setInterval(() => document.hidden || byId('content').hidden || byId('details').open || list(), 5000);
refresh();
