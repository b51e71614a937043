// Listens with eventsource, which reconnects by itself; the test reads what this writes.
import { EventSource } from 'eventsource';

const source = new EventSource(`${process.argv[2]}/channels/node`);
source.onopen = () => console.log('open');
source.onmessage = (event) => console.log('message', event.data);
source.addEventListener('gap', (event) => console.log('gap', event.data));
