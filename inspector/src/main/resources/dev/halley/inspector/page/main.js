// The page: connections on the left, what is said on the chosen one, and what is chosen of that.
import { showDetails } from './details.js';
import { count, make } from './format.js';
import { currentLanguage, say, switchLanguage } from './i18n.js';
import { isOfKind, KINDS, preview, row } from './timeline.js';

const MOST_EVENTS = 5000; // of a connection
const MOST_CONNECTIONS = 500;
const MOST_ROWS = 400;

const $ = (id) => document.getElementById(id);
const connections = new Map();
let log;
let chosenConnection;
let chosenEvent;
let totals = [0, 0, 0, 0, 0];
let paused = false;
let waiting = [];
let missed = 0;
let scheduled = false;

// ---- what arrives

function take(events) {
  if (paused) {
    waiting = waiting.concat(events).slice(-MOST_EVENTS);
    return;
  }
  for (const event of events) {
    let connection = connections.get(event.connection);
    if (!connection) {
      connection = { id: event.connection, name: `#${event.connection}`, events: [], broken: 0, count: 0 };
      connections.set(event.connection, connection);
      if (connections.size > MOST_CONNECTIONS) {
        connections.delete(connections.keys().next().value);
      }
    }
    connection.events.push(event);
    connection.count++;
    connection.broken += event.breaches?.length ?? 0;
    if (connection.events.length > MOST_EVENTS) {
      connection.events.splice(0, MOST_EVENTS / 10);
    }
    if (event.kind === 'open') {
      [connection.client, connection.server] = [event.client, event.server];
    } else if (event.kind === 'request') {
      connection.name = `${event.method} ${event.target}`;
    } else if (event.kind === 'handshake') {
      connection.name = `WebSocket ${event.target}`;
    } else if (event.kind === 'end') {
      connection.ended = true;
    }
    chosenConnection ??= connection;
  }
  schedule();
}

function listen() {
  const source = new EventSource('events');
  source.addEventListener('log', (event) => {
    if (log !== undefined && log !== event.data) {
      connections.clear();
      chosenConnection = undefined;
      chosenEvent = undefined;
    }
    log = event.data;
    $('state').textContent = '';
  });
  source.addEventListener('message', (event) => take(JSON.parse(event.data)));
  source.addEventListener('totals', (event) => {
    totals = JSON.parse(event.data);
    schedule();
  });
  source.addEventListener('gap', (event) => {
    missed += Number(event.data);
    schedule();
  });
  source.addEventListener('error', () => {
    $('state').textContent = say('lost');
  });
}

// ---- drawing, at most once a frame of the screen

function schedule() {
  if (!scheduled) {
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      draw();
    });
  }
}

function draw() {
  $('totals').textContent = say('totals', ...totals.map(count)) + (missed ? ` · ${say('gap', count(missed))}` : '');
  drawConnections();
  drawTimeline();
}

function drawConnections() {
  const list = $('connections');
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.id : undefined;
  const items = [...connections.values()].reverse().map((connection) =>
    make('li', {}, make('button', {
      type: 'button',
      'data-id': String(connection.id),
      'aria-current': connection === chosenConnection ? 'true' : undefined,
      onclick: () => chooseConnection(connection),
    }, make('span', { class: 'name' }, `#${connection.id} ${connection.name}`),
    make('span', { class: connection.broken ? 'about bad' : 'about' },
      say('about', count(connection.count), connection.broken) + (connection.ended ? ` · ${say('over')}` : '')))));
  list.replaceChildren(...(items.length ? items : [make('li', { class: 'empty' }, say('none'))]));
  if (focused) {
    list.querySelector(`[data-id="${focused}"]`)?.focus();
  }
}

function wanted(event) {
  const text = $('search').value.toLowerCase();
  return isOfKind(event, $('kind').value)
    && (!text || `${preview(event)} ${event.target ?? ''} ${event.opcode ?? ''}`.toLowerCase().includes(text));
}

let drawn = [];

/** Rows that are there stay: so the focus does, and the eye. */
function drawTimeline() {
  const list = $('timeline');
  const events = chosenConnection?.events.filter(wanted) ?? [];
  const shown = events.slice(-MOST_ROWS);
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  const same = drawn.length > 0 && drawn[0] === shown[0] && shown.length >= drawn.length;
  if (same) {
    list.append(...shown.slice(drawn.length).map((event) => row(event, choose)));
  } else {
    const older = events.length - shown.length;
    list.replaceChildren(
      ...(older ? [make('li', { class: 'older' }, say('older', count(older)))] : []),
      ...shown.map((event) => row(event, choose)));
  }
  drawn = shown;
  $('client-end').textContent = chosenConnection?.client ?? '';
  $('server-end').textContent = chosenConnection?.server ?? '';
  markChosen();
  if (atEnd && !chosenEvent) {
    list.scrollTop = list.scrollHeight;
  }
}

function markChosen() {
  for (const button of $('timeline').querySelectorAll('button')) {
    const isChosen = chosenEvent !== undefined && button.dataset.seq === String(chosenEvent.seq);
    if (isChosen) {
      button.setAttribute('aria-current', 'true');
    } else {
      button.removeAttribute('aria-current');
    }
  }
}

// ---- choosing

function chooseConnection(connection) {
  chosenConnection = connection;
  chosenEvent = undefined;
  drawn = [];
  $('details').replaceChildren(make('p', { class: 'empty' }, say('choose')));
  draw();
}

function choose(event) {
  chosenEvent = event;
  markChosen();
  const around = event.kind === 'handshake'
    ? ['request', 'response'].map((kind) =>
      chosenConnection.events.find((e) => e.kind === kind && e.exchange === event.exchange))
    : [];
  showDetails($('details'), event, around);
  if (matchMedia('(max-width: 900px)').matches && document.activeElement?.dataset.seq) {
    $('details-pane').scrollIntoView({ block: 'start' });
  }
}

/** Up and down go through a list, right and left between the panes. */
function keys(event) {
  const list = event.target.closest('#timeline, #connections');
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (list && step) {
    const buttons = [...list.querySelectorAll('button')];
    const next = buttons[buttons.indexOf(event.target) + step];
    if (next) {
      next.focus();
      next.click();
    }
    event.preventDefault();
  } else if (list?.id === 'connections' && event.key === 'ArrowRight') {
    $('timeline').querySelector('button')?.focus();
  } else if (list?.id === 'timeline' && event.key === 'ArrowLeft') {
    $('connections').querySelector('[aria-current]')?.focus();
  } else if (list?.id === 'timeline' && event.key === 'ArrowRight') {
    $('details').querySelector('[tabindex]')?.focus();
  } else if (event.target.closest('#details') && event.key === 'ArrowLeft') {
    $('timeline').querySelector('[aria-current]')?.focus();
  }
}

// ---- what never changes but for its language

function label() {
  document.documentElement.lang = currentLanguage() === 'zh' ? 'zh-CN' : 'en';
  for (const pane of ['connections', 'timeline', 'details']) {
    $(`${pane}-title`).textContent = say(pane);
  }
  $('pause').textContent = paused ? say('resume') : say('pause');
  $('language').textContent = say('language');
  $('theme').textContent = say('theme');
  $('search').placeholder = say('search');
  $('search').setAttribute('aria-label', say('search'));
  $('kind').setAttribute('aria-label', say('filterLabel'));
  const kind = $('kind').value || 'all';
  $('kind').replaceChildren(...KINDS.map((it) => make('option', { value: it }, say(it))));
  $('kind').value = kind;
  drawn = [];
  draw();
  if (chosenEvent) {
    choose(chosenEvent);
  } else {
    $('details').replaceChildren(make('p', { class: 'empty' }, say('choose')));
  }
}

function redraw() {
  drawn = [];
  draw();
}

$('language').addEventListener('click', () => {
  switchLanguage();
  label();
});
$('theme').addEventListener('click', () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  localStorage.setItem('halley-tap-theme', root.dataset.theme);
});
$('pause').addEventListener('click', () => {
  paused = !paused;
  $('pause').setAttribute('aria-pressed', String(paused));
  $('pause').textContent = paused ? say('resume') : say('pause');
  if (!paused) {
    take(waiting);
    waiting = [];
  }
});
$('filter').addEventListener('submit', (event) => event.preventDefault());
$('kind').addEventListener('change', redraw);
$('search').addEventListener('input', redraw);
document.addEventListener('keydown', keys);
const theme = localStorage.getItem('halley-tap-theme');
if (theme) {
  document.documentElement.dataset.theme = theme;
}
label();
listen();
