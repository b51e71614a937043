// Two ends of ws that talk to each other, for tshark to record: prints the port, waits for a line
// on standard input, talks. ws.pcapng among the test's resources was recorded of it.
import WebSocket, { WebSocketServer } from 'ws';

const server = new WebSocketServer({
  port: 0,
  host: '127.0.0.1',
  perMessageDeflate: { threshold: 64 },
  handleProtocols: (offered) => [...offered][0],
});
server.on('connection', (socket) => {
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});
await new Promise((resolve) => server.on('listening', resolve));
const { port } = server.address();
console.log(port);
await new Promise((resolve) => process.stdin.once('data', resolve));

const client = new WebSocket(`ws://127.0.0.1:${port}/talk?token=sesame`, ['chat.v1'], {
  headers: { Authorization: 'Bearer open-sesame' },
});
const answer = () => new Promise((resolve) => client.once('message', resolve));
await new Promise((resolve) => client.on('open', resolve));
const same = '{"channel":"chat","data":"the same words again and again, the same words again and again"}';
for (const text of ['hello', same, same]) {
  client.send(text);
  await answer();
}
client.send('one, ', { fin: false, compress: false });
client.send('two, ', { fin: false });
client.ping('between');
client.send('three', { fin: true });
await answer();
client.send(new Uint8Array(300).map((_, i) => i), { compress: false });
await answer();
client.send(new Uint8Array(66_000), { binary: true });
await answer();
client.close(4001, 'thanks, 再见');
await new Promise((resolve) => client.on('close', resolve));
process.exit(0);
