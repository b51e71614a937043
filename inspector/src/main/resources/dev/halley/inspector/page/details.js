// What is chosen in the timeline, at length.
import { contentBlock, frameDetails } from './frame.js';
import { clock, count, duration, make } from './format.js';
import { say, sayRule } from './i18n.js';

function facts(event) {
  const list = make('dl', {});
  const add = (name, value) => {
    if (value !== undefined && value !== '') {
      list.append(make('dt', {}, name), make('dd', {}, String(value)));
    }
  };
  add(say('time'), clock(event.micros));
  if (!['open', 'end', 'handshake'].includes(event.kind)) {
    add(say('direction'), event.up ? say('toServer') : say('toClient'));
  }
  if (event.kind === 'frame') {
    const form = { 126: '7+16', 127: '7+64' }[parseInt(event.header.slice(2, 4), 16) & 0x7f] ?? '7';
    add(say('stream'), event.stream);
    add(say('number'), `${event.number}, ${event.opcode}${event.complete ? '' : `, ${say('incomplete')}`}`);
    add(say('size'), `${count(event.length)} B`);
    add(say('form'), form);
    add(say('message'), event.message
      && `${event.message}, ${event.messageOpcode}, ${say('part', event.fragment, event.message)}`);
  } else if (event.kind === 'http2') {
    add(say('frame'), event.type);
    add(say('stream'), event.stream);
    add(say('flags'), event.flags);
    add(say('size'), `${count(event.length)} B`);
  } else if (event.kind === 'response') {
    add(say('time'), event.longPoll ? say('held', duration(event.held)) : say('after', duration(event.held)));
  } else if (event.coding !== undefined) {
    add(say('coding'), event.coding + (event.decoded === 'UNKNOWN' ? `, ${say('undecoded')}` : ''));
    add(say('size'), `${count(event.codedLength)} B`);
  } else if (event.kind === 'end') {
    add(say('toServer'), `${count(event.toServer)} B`);
    add(say('toClient'), `${count(event.toClient)} B`);
  }
  return list;
}

function head(event) {
  const start = event.kind === 'request'
    ? `${event.method} ${event.target} ${event.version}`
    : `${event.version} ${event.status} ${event.reason}`;
  const lines = event.headers.map(([name, value]) => `${name}: ${value}`);
  return [make('h3', {}, say('headers')), make('pre', {}, [start, ...lines].join('\n'))];
}

function step(text, value) {
  return make('li', {}, text, make('code', {}, value));
}

function handshake(event) {
  const or = (value) => value || say('nothing');
  return [
    make('p', { class: 'explained' }, say('hsIntro')),
    make('ol', { class: 'steps' },
      step(say('hsKey'), event.key),
      step(say('hsGuid'), event.key + event.guid),
      step(say('hsSha'), event.digest),
      step(say('hsBase64'), event.expected),
      step(say('hsAccept'), event.accept || say('nothing'))),
    make('p', { class: `verdict ${event.right ? 'good' : 'bad'}` },
      event.right ? `✓ ${say('right')}` : `✗ ${say('wrong')}`),
    make('h3', {}, say('protocols')),
    make('dl', {}, make('dt', {}, say('offered')), make('dd', {}, or(event.offeredProtocols)),
      make('dt', {}, say('chosen')), make('dd', {}, or(event.protocol))),
    make('h3', {}, say('extensions')),
    make('dl', {}, make('dt', {}, say('offered')), make('dd', {}, or(event.offeredExtensions)),
      make('dt', {}, say('chosen')), make('dd', {}, or(event.extensions))),
  ];
}

function special(event, around) {
  switch (event.kind) {
    case 'frame':
      return [frameDetails(event)];
    case 'handshake':
      return [...handshake(event), ...around.filter(Boolean).flatMap(head)];
    case 'request':
    case 'response':
      return head(event);
    case 'body':
    case 'sse':
      return contentBlock(say('content'), event.content, event.contentLength);
    case 'open':
      return [make('pre', {}, `${event.client} → ${event.server}`)];
    default:
      return [make('pre', {}, event.text ?? '')];
  }
}

/** Draws an event; around are the request and response of a handshake. */
export function showDetails(element, event, around = []) {
  const breaches = (event.breaches ?? []).map(([rule, section]) =>
    make('p', { class: 'breach', role: 'note' }, `✗ ${sayRule(rule)}`, make('small', {}, section)));
  element.replaceChildren(facts(event), ...breaches, ...special(event, around));
}
