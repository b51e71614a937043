// A frame as RFC 6455 section 5.2 draws it, with its own bits in it and its bytes below.
import { bytesOf, count, hex, hexOf, make, textOf } from './format.js';
import { say } from './i18n.js';

const ROW = 32;
const MOST_BYTES = 256;

/** The fields of a header: what they are called, where their bits are, which bytes they lie in. */
export function fieldsOf(header, opcode) {
  const length = header[1] & 0x7f;
  const masked = header[1] >> 7 === 1;
  const extended = length === 126 ? 2 : length === 127 ? 8 : 0;
  const fields = [
    { id: 'fin', label: 'FIN', at: 0, bits: 1 },
    { id: 'rsv1', label: 'RSV1', at: 1, bits: 1 },
    { id: 'rsv2', label: 'RSV2', at: 2, bits: 1 },
    { id: 'rsv3', label: 'RSV3', at: 3, bits: 1 },
    { id: 'opcode', label: `opcode: ${opcode}`, at: 4, bits: 4 },
    { id: 'mask', label: 'MASK', at: 8, bits: 1 },
    { id: 'length', label: `Payload len: ${length}`, at: 9, bits: 7 },
  ];
  if (extended) {
    fields.push({ id: 'extended', label: 'Extended payload length', at: 16, bits: extended * 8 });
  }
  if (masked) {
    fields.push({ id: 'key', label: 'Masking-key', at: 16 + extended * 8, bits: 32 });
  }
  return fields;
}

function light(root, ids, on) {
  for (const id of ids) {
    for (const element of root.querySelectorAll(`[data-field~="${id}"]`)) {
      element.classList.toggle('lit', on);
    }
  }
  root.querySelector('.explained').textContent = on
    ? ids.map((id) => say(`f_${id}`)).join(' ') : say('hint');
}

/** Pointing at something or moving to it lights all that belongs to the same fields. */
function listen(root, element, ids) {
  for (const [event, on] of [['pointerenter', true], ['pointerleave', false], ['focus', true], ['blur', false]]) {
    element.addEventListener(event, () => light(root, ids, on));
  }
}

function cell(root, field, bits, label, span) {
  const element = make('div', {
    class: span < 3 ? 'field narrow' : 'field',
    tabindex: 0,
    'data-field': field.id,
    'aria-label': `${field.label}: ${bits}. ${say(`f_${field.id}`)}`,
  }, make('span', { class: 'bits', 'aria-hidden': 'true' }, ...Array.from(bits, (b) => make('span', {}, b))),
  make('span', { class: 'label', 'aria-hidden': 'true' }, label));
  element.style.gridColumn = `span ${span}`;
  listen(root, element, [field.id]);
  return element;
}

function diagram(root, header, payload, frame) {
  const grid = make('div', { class: 'diagram' });
  for (let i = 0; i < ROW; i++) {
    grid.append(make('span', { class: 'tick', 'aria-hidden': 'true' }, String(i)));
  }
  const all = Array.from(header, (byte) => byte.toString(2).padStart(8, '0')).join('');
  let used = 0;
  for (const field of fieldsOf(header, frame.opcode)) {
    for (let at = field.at; at < field.at + field.bits;) {
      const room = ROW - (at % ROW);
      const span = Math.min(room, field.at + field.bits - at);
      const label = field.id === 'extended' ? `${field.label}: ${count(frame.length)}` : field.label;
      grid.append(cell(root, field, all.slice(at, at + span), label, span));
      at += span;
      used = at;
    }
  }
  const field = { id: 'payload', label: `Payload data: ${count(frame.length)}` };
  const sent = Array.from(payload.subarray(0, 6), (byte) => byte.toString(2).padStart(8, '0')).join('');
  const room = ROW - (used % ROW);
  if (sent.length > 0) {
    grid.append(cell(root, field, sent.slice(0, room), field.label, Math.min(room, sent.length)));
  }
  if (sent.length > room) {
    const rest = sent.slice(room, room + ROW);
    grid.append(cell(root, field, rest, `${field.label} …`, rest.length));
  }
  return grid;
}

function wireBytes(root, header, payload, frame) {
  const fields = fieldsOf(header, frame.opcode);
  const list = make('div', { class: 'bytes' });
  const add = (byte, ids) => {
    const element = make('span', { 'data-field': ids.join(' ') }, hex(byte));
    listen(root, element, ids);
    list.append(element);
  };
  header.forEach((byte, i) => add(byte, fields
    .filter((f) => f.at < i * 8 + 8 && f.at + f.bits > i * 8).map((f) => f.id)));
  payload.subarray(0, MOST_BYTES).forEach((byte) => add(byte, ['payload']));
  if (frame.contentLength > Math.min(MOST_BYTES, payload.length)) {
    list.append(make('span', {}, '…'));
  }
  return list;
}

/** Something that was sent: as text if it is some, else in hexadecimal. */
export function contentBlock(title, base64, length) {
  const bytes = bytesOf(base64);
  const text = textOf(bytes, bytes.length < length);
  const block = [make('h3', {}, title), make('pre', {}, text ?? hexOf(bytes, 4096))];
  if (bytes.length < length) {
    block.push(make('p', { class: 'explained' }, say('cut', count(bytes.length), count(length))));
  }
  return block;
}

/** All there is to show of a frame. */
export function frameDetails(frame) {
  const root = make('div');
  const header = Uint8Array.from(frame.header.match(/../g), (pair) => parseInt(pair, 16));
  const payload = bytesOf(frame.content);
  root.append(make('h3', {}, say('diagram')));
  const explained = make('p', { class: 'explained' }, say('hint'));
  const key = header[1] >> 7 ? header.subarray(header.length - 4) : [0, 0, 0, 0];
  const sent = payload.map((byte, i) => byte ^ key[i % 4]);
  // What is said of a field comes last: nothing that is pointed at may move because of it.
  root.append(diagram(root, header, sent, frame), make('h3', {}, say('onWire')),
    wireBytes(root, header, sent, frame), explained);
  if (frame.code !== undefined) {
    const reason = textOf(payload.subarray(2), false) ?? hexOf(payload.subarray(2), 200);
    root.append(make('h3', {}, say('code')),
      make('pre', {}, `${frame.code} (${frame.codeName})${reason ? `\n${reason}` : ''}`));
  } else if (frame.contentLength > 0) {
    root.append(...contentBlock(say('unmasked'), frame.content, frame.contentLength));
  }
  if (frame.inflated !== undefined) {
    root.append(...contentBlock(say('inflatedTo'), frame.inflated, frame.inflatedLength));
  }
  return root;
}
