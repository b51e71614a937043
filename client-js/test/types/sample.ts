// Compiled, never run: what people write must fit the types.
import { Halley, HalleyError, type Message, type Presence, type Stats, type Transport } from 'halley-client';

interface Chat {
  text: string;
}

const halley = new Halley('https://push.example.org', {
  token: async () => 'token',
  transports: ['websocket', 'poll'],
  WebSocket: globalThis.WebSocket,
  fetch: globalThis.fetch,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
});
const chat = halley.channel<Chat>('chat', { since: 'earliest' });

const off: () => void = chat.on('message', ({ data, position, time }) => console.log(data.text, position, time));
chat.on('gap', ({ from, to }) => console.log(from, to));
halley.on('state', ({ state, transport }) => console.log(state === 'open', transport satisfies Transport | null));
halley.on('error', (error) => console.log(error.code === 403, error.message));
off();

for await (const message of chat) {
  const { data }: Message<Chat> = message;
  console.log(data.text);
}

chat.on('presence', (members) => console.log(members.map(({ user, since }) => `${user} ${since}`)));
const { members, complete, anonymous }: Presence = await chat.presence();
console.log(members.length, complete, anonymous);

try {
  const position: string = await chat.publish({ text: 'hi' });
  await chat.publish(new Uint8Array([1, 2, 3]));
  await chat.publish(new ArrayBuffer(3));
  await chat.publish(new Blob(['x']));
  console.log(position);
} catch (error) {
  if (error instanceof HalleyError && (error.code === 'full' || error.code === 'unknown')) {
    console.log('later');
  }
}

const stats: Stats = halley.stats;
console.log(stats.bytesIn, halley.state);

// @ts-expect-error there is no such transport
new Halley('https://push.example.org', { transports: ['carrier pigeon'] });
// @ts-expect-error there is no such event
halley.on('message', () => {});
// @ts-expect-error JSON has no functions
void chat.publish(() => 1);
// @ts-expect-error JSON has no BigInt
void chat.publish(1n);
// @ts-expect-error there is no such option
new Halley('https://push.example.org', { tokn: 'x' });
// @ts-expect-error the data is a Chat
chat.on('message', ({ data }) => data.title);
halley.close();
