// One row an event, on its sender's side.
import { bytesOf, clock, count, duration, hexOf, make, textOf } from './format.js';
import { say, sayRule } from './i18n.js';

export const KINDS = ['all', 'http', 'sse', 'http2', 'frame', 'data', 'control', 'error'];

const HTTP = ['request', 'response', 'body'];
const CONTROL = ['close', 'ping', 'pong'];

export function isOfKind(event, kind) {
  switch (kind) {
    case 'http': return HTTP.includes(event.kind);
    case 'sse': return event.kind === 'sse';
    case 'http2': return event.kind === 'http2';
    case 'frame': return event.kind === 'frame';
    case 'data': return event.kind === 'frame' && event.message !== undefined;
    case 'control': return event.kind === 'frame' && CONTROL.includes(event.opcode);
    case 'error': return event.breaches !== undefined;
    default: return true;
  }
}

/** The content of an event on one line, as far as it is worth it. */
export function preview(event) {
  if (event.kind === 'frame' && event.code !== undefined) {
    const reason = textOf(bytesOf(event.content).subarray(2), false) ?? '';
    return `${event.code} ${event.codeName} ${reason}`;
  }
  if (event.content === undefined) {
    return event.text ?? event.accept ?? '';
  }
  const inflated = event.inflated !== undefined;
  const bytes = bytesOf(inflated ? event.inflated : event.content);
  const length = inflated ? event.inflatedLength : event.contentLength;
  return textOf(bytes, bytes.length < length)?.slice(0, 300) ?? hexOf(bytes, 60);
}

function bodySize(event) {
  const length = `${count(event.contentLength)} B`;
  if (event.coding === undefined) {
    return length;
  }
  const shown = { UNKNOWN: `, ${say('undecoded')}`, TOO_LARGE: ` → > ${length}` }[event.decoded];
  return `${count(event.codedLength)} B ${event.coding}${shown ?? ` → ${length}`}`;
}

function title(event) {
  switch (event.kind) {
    case 'request': return `${event.method} ${event.target}`;
    case 'response': return `${event.status} ${event.reason}`;
    case 'body': return `${say('body')} ${bodySize(event)}`;
    case 'sse': return event.type ? `${say('event')} ${event.type}${event.id ? ` · ${event.id}` : ''}` : say('comment');
    case 'frame': {
      const rest = event.fragment > 1 || event.opcode === 'continuation' || !(parseInt(event.header.slice(0, 2), 16) & 0x80);
      const part = rest && event.message ? ` · ${say('part', event.fragment, event.message)}` : '';
      const inflated = event.inflated !== undefined ? ` → ${count(event.inflatedLength)} B` : '';
      const stream = event.stream ? ` · ${say('stream')} ${event.stream}` : '';
      return `${event.opcode} ${count(event.length)} B${inflated}${part}${stream}`;
    }
    case 'http2': {
      const stream = event.stream ? ` · ${say('stream')} ${event.stream}` : '';
      return `${event.type} ${count(event.length)} B${stream}${event.flags ? ` · ${event.flags}` : ''}`;
    }
    case 'open': return `${say('open')} ${event.client}`;
    case 'handshake': return say('handshake');
    default: return say(event.kind);
  }
}

function side(event) {
  const both = ['open', 'end', 'handshake'].includes(event.kind);
  const part = event.kind === 'frame' && event.fragment > 1 ? ' part' : '';
  return (both ? 'both' : event.up ? 'up' : 'down') + part + (event.breaches ? ' wrong' : '');
}

/** The row of an event. */
export function row(event, choose) {
  const held = event.kind === 'response'
    ? (event.longPoll ? say('held', duration(event.held)) : say('after', duration(event.held))) : undefined;
  const content = preview(event) || held || '';
  return make('li', { class: side(event) },
    make('button', { type: 'button', 'data-seq': String(event.seq), onclick: () => choose(event) },
      make('span', { class: 'what' }, `${event.up || event.kind === 'open' ? '→' : '←'} ${title(event)}`),
      make('span', { class: 'when' }, clock(event.micros)),
      content ? make('span', { class: 'content' }, content) : undefined,
      ...(event.breaches ?? []).map(([rule]) => make('span', { class: 'rule' }, `✗ ${sayRule(rule)}`))));
}
