// Opens a page of the server itself in Chromium, over TLS, and from it ten event streams and ten
// WebSockets: http2-browser.mjs SERVER. The test reads what this writes.
import { inPage } from './chromium.mjs';

const [server] = process.argv.slice(2);
const count = 10;

async function listen({ server, count }) {
  const channel = `${server}/channels/browser`;
  let open = 0;
  let sse = 0;
  let ws = 0;
  const opened = () => {
    if (++open === 2 * count) {
      const entry = performance.getEntriesByType('navigation')[0];
      say(`open ${entry.nextHopProtocol}`);
    }
  };
  for (let i = 0; i < count; i++) {
    const source = new EventSource(channel);
    source.onopen = opened;
    source.onmessage = (event) => {
      if (++sse === count) {
        say(`sse ${event.data}`);
      }
    };
    const socket = new WebSocket(channel.replace(/^http/, 'ws'));
    socket.onopen = opened;
    socket.onmessage = (event) => {
      if (++ws === count) {
        say(`ws ${event.data}`);
      }
    };
  }
}

await inPage(`${server}/health/live`, listen, { server, count }, '--ignore-certificate-errors');
