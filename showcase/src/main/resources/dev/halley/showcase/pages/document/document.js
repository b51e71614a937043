// The document's page. Its updates are on document.NAME; beside it are .cursors, .snapshots and .asks.
import { element } from '/shared/dom.js';
import { formatNumber, onLanguage, t } from '/shared/i18n.js';
import { meteredClient } from '/shared/metered.js';
import { startPage } from '/shared/page.js';
import { TrafficMeter } from '/shared/traffic.js';
import { clockOffset, localMillis } from '/shared/clock.js';
import { Compaction } from './compaction.js';
import { Cursors } from './cursors.js';
import { DocumentSync } from './sync.js';
import texts from './texts.js';

/** Pasted at once they fit into one publication of the server, whatever the script. */
const MOST_CHARACTERS = 50_000;
const SHOWN_PEOPLE = 12;

startPage('document', texts);

const find = (id) => document.getElementById(id);

async function start() {
  let editor;
  try {
    editor = await import('./editor.js');
  } catch {
    notice(t('missing'));
    return;
  }
  const meter = new TrafficMeter();
  find('traffic').append(meter.element);
  const halley = meteredClient(meter);
  const fetch = (url, options) => meter.fetch(url, options);
  const name = documentName();
  const { Y } = editor;
  const doc = new Y.Doc();
  const text = doc.getText('text');
  const cursors = new Cursors({ editor, doc, halley, name });
  const began = clockOffset().then((offset) => localMillis() + offset);
  let compaction;
  const sync = new DocumentSync({
    Y, doc, halley, fetch, name,
    on: {
      applied: async (bytes, time) => {
        compaction.applied(bytes);
        draw();
        // What was there before us isn't late.
        meter.message(time < (await began) ? undefined : localMillis() + (await clockOffset()) - time);
      },
      snapshot: (covers) => compaction.covered(covers),
      gap: () => notice(t('gap')),
      complete: (is) => notice(is ? '' : t('incomplete')),
      waiting: (is) => (find('waiting').hidden = !is || halley.state === 'open'),
      refused: (why) => notice(t('refused', { why })),
    },
  });
  compaction = new Compaction({
    Y, doc, halley, fetch, name, sync,
    on: {
      covered: (position) => (find('covered').textContent = position.split(':')[1]),
      refused: (why) => notice(t('refused', { why })),
    },
  });

  const view = openEditor(editor, text, cursors.awareness);
  halley.on('state', ({ state, transport }) => {
    drawState(state, transport);
    if (state === 'open') {
      cursors.sayAgain();
      find('waiting').hidden = true;
    }
  });
  cursors.awareness.on('change', () => drawPeople(cursors.people()));
  text.observe(() => drawSize(text.length));
  nameField(cursors);
  const draw = () => {
    find('position').textContent = sync.position?.split(':')[1] ?? '–';
    if (!isSettled) {
      find('loaded').textContent = formatNumber(sync.updates);
    }
  };
  let isSettled = false;
  onLanguage(() => {
    drawState(halley.state, halley.stats.transport);
    drawPeople(cursors.people());
    drawSize(text.length);
  });
  drawSize(0);
  drawState('connecting');
  await sync.start();
  draw();
  setTimeout(() => (isSettled = true), 1_500);
  if (matchMedia('(pointer: fine)').matches) {
    view.focus();
  }
}

function documentName() {
  const wanted = location.hash.slice(1);
  return /^[a-z0-9-]{1,24}$/.test(wanted) ? wanted : 'shared';
}

function openEditor(editor, text, awareness) {
  const { EditorState, EditorView, keymap, defaultKeymap, placeholder, yCollab, yUndoManagerKeymap, Y } = editor;
  const fits = (change) =>
    !change.isUserEvent('input') || change.newDoc.length <= Math.max(MOST_CHARACTERS, change.startState.doc.length);
  return new EditorView({
    parent: find('editor'),
    state: EditorState.create({
      doc: text.toString(),
      extensions: [
        keymap.of([...yUndoManagerKeymap, ...defaultKeymap]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': t('text') }),
        EditorState.changeFilter.of(fits),
        placeholder(t('placeholder')),
        yCollab(text, awareness, { undoManager: new Y.UndoManager(text) }),
        EditorView.theme({
          '&.cm-focused': { outline: 'none' },
          '.cm-content': { caretColor: 'var(--text)', fontFamily: 'var(--sans)', padding: '0.75rem 0.5rem' },
          '.cm-scroller': { lineHeight: '1.6' },
          '.cm-placeholder': { color: 'var(--soft)' },
          '.cm-ySelectionInfo': {
            fontFamily: 'var(--sans)', fontSize: '0.7rem', padding: '0 4px', borderRadius: '4px', color: '#fff',
            opacity: '0.9', top: '-1.4em', left: '-1px',
          },
        }),
      ],
    }),
  });
}

// ---- what is drawn ----

let wasOpen = false;

function drawState(state, transport) {
  const isOpen = state === 'open';
  wasOpen ||= isOpen;
  const key = isOpen ? 'stateOpen' : !navigator.onLine ? 'stateOffline' : wasOpen ? 'stateWaiting' : 'stateConnecting';
  find('state').textContent = t(key, { transport: transport ?? '' });
  find('state').className = `badge ${isOpen ? 'good' : 'warn'}`;
  find('waiting').textContent = t('waiting');
}

function drawPeople(people) {
  const items = people.slice(0, SHOWN_PEOPLE).map(({ name, color, isMe }) => {
    const item = element('li', {}, isMe ? t('you', { name }) : name);
    item.style.setProperty('--who', color);
    return item;
  });
  if (people.length > SHOWN_PEOPLE) {
    items.push(element('li', {}, t('more', { count: people.length - SHOWN_PEOPLE })));
  }
  find('people').replaceChildren(...items);
}

function drawSize(count) {
  find('size').textContent = t('size', { count: formatNumber(count), most: formatNumber(MOST_CHARACTERS) });
}

function notice(text) {
  find('notice').textContent = text;
  find('notice').hidden = text === '';
}

function nameField(cursors) {
  const field = find('name');
  try {
    field.value = localStorage.getItem('halley.chat.name') ?? '';
  } catch {
    // Storage may be forbidden.
  }
  field.value ||= `Comet ${100 + (crypto.getRandomValues(new Uint16Array(1))[0] % 900)}`;
  cursors.introduce(field.value);
  field.addEventListener('change', () => {
    field.value = field.value.trim() || field.defaultValue || 'Comet';
    cursors.introduce(field.value);
    try {
      localStorage.setItem('halley.chat.name', field.value);
    } catch {
      // As above.
    }
  });
  find('who').addEventListener('submit', (event) => {
    event.preventDefault();
    field.blur();
  });
}

addEventListener('hashchange', () => location.reload());
start();
