// Opens a page in Chromium and listens from it: browser.mjs PAGE SERVER. The test reads what this
// writes.
import { inPage } from './chromium.mjs';

const [page, server] = process.argv.slice(2);

function listen(server) {
  const channel = `${server}/channels/browser`;

  const source = new EventSource(channel);
  source.onopen = () => say('open sse');
  source.onmessage = (event) => say(`sse ${event.data}`);
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) {
      say('refused sse');
    }
  };

  const socket = new WebSocket(channel.replace('http:', 'ws:'));
  socket.onopen = () => say('open ws');
  socket.onmessage = (event) => say(`ws ${event.data}`);
  socket.onerror = () => say('refused ws');

  const longPoll = async () => {
    const first = await fetch(`${channel}?since=latest`);
    if (first.status === 403) {
      const { error } = await first.json(); // a foreign page may read that it is refused, and why
      throw new Error(error.message);
    }
    const position = first.headers.get('Halley-Position');
    say('open fetch');
    const next = await fetch(`${channel}?since=${position}`, { headers: { Prefer: 'wait=20' } });
    const { publications } = await next.json();
    say(`fetch ${publications[0].data}`);
    const answer = await fetch(`${server}/channels/other`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'once' },
      body: '{"from":"page"}',
    });
    say(`published ${answer.status}`);
  };
  longPoll().catch(async () => {
    say('refused fetch');
    try {
      const answer = await fetch(channel, { method: 'POST', body: 'forged' });
      say(answer.status === 403 ? 'refused publish' : `published ${answer.status}`);
    } catch {
      say('refused publish');
    }
  });
}

await inPage(page, listen, server);
