// An echo with ws, which takes its own options for compression from the request's query. Writes
// its port.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const http = createServer();
http.on('upgrade', (request, socket, head) => {
  const options = JSON.parse(decodeURIComponent(request.url.slice('/?'.length)));
  const perMessageDeflate = { ...options, threshold: 0 };
  const server = new WebSocketServer({ noServer: true, perMessageDeflate });
  server.handleUpgrade(request, socket, head, (peer) => {
    peer.on('message', (data, binary) => peer.send(data, { binary }));
    peer.on('error', (error) => console.error(error));
  });
});
http.listen(0, '127.0.0.1', () => console.log(http.address().port));
