// A bare HTTP server of Node's, for the comparison: it answers every request with as many bytes as an endpoint
// of the cluster usually does, and knows nothing. Prints its port.

import { createServer } from 'node:http';

const BODY = Buffer.from(JSON.stringify({ text: 'x'.repeat(2_000) }));

const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': BODY.length });
  response.end(BODY);
});
server.listen(0, '127.0.0.1', () => {
  const at = server.address();
  process.stdout.write(`port ${typeof at === 'object' ? at?.port : ''}\n`);
});
