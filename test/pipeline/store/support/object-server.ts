import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of objects that keeps nothing: it counts what it is sent, and gives as many zeros as a key's last part says. */
export interface ObjectServer {
  environment: Record<string, string>;
  /** Bytes that it was sent of each key, of whole requests alone. */
  received: Map<string, number>;
  /** Requests whose connections it is to break after the first piece. */
  toBreak: number;
  /** Called at each piece. */
  onPiece: () => void;
  stop(): Promise<void>;
}

const PIECE = Buffer.alloc(1 << 16);

export async function startObjects(): Promise<ObjectServer> {
  const received = new Map<string, number>();
  const http = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  const objects: ObjectServer = {
    ...{ received, toBreak: 0, onPiece: () => {}, environment: {} },
    async stop() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const key = new URL(request.url!, 'http://x').pathname.split('/').slice(2).join('/');
    const breaks = objects.toBreak > 0 && objects.toBreak-- > 0;
    if (request.method === 'PUT') {
      let bytes = 0;
      for await (const piece of request as AsyncIterable<Buffer>) {
        if (breaks) return void request.destroy();
        bytes += piece.length;
        objects.onPiece();
      }
      received.set(key, bytes);
      return void response.setHeader('etag', '"x"').end();
    }
    const size = Number(key.split('/').at(-1));
    if (Number.isNaN(size)) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-length': size });
    for (let left = size; left > 0; left -= PIECE.length) {
      if (!response.write(PIECE.subarray(0, left))) await once(response, 'drain');
      if (breaks) return void response.destroy();
      objects.onPiece();
    }
    response.end();
  };
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  objects.environment = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' },
  };
  return objects;
}
