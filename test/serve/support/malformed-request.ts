import { connect } from 'node:net';

/** An answer, as far as a test looks at it. */
export interface Answered {
  status: number;
  body: string;
}

/** A request that no server may take, and what is wrong with it. */
export interface Malformed {
  title: string;
  send(url: string): Promise<Answered>;
}

/** A body that no server may take. */
export function post(
  title: string,
  path: string,
  body: string | Uint8Array,
  headers?: Record<string, string>,
): Malformed {
  return { title, send: (url) => call(url + path, { method: 'POST', body: body as BodyInit, headers }) };
}

export async function call(url: string, init: RequestInit): Promise<Answered> {
  const response = await fetch(url, init);
  return { status: response.status, body: await response.text() };
}

/** Bytes as they are, over a connection of their own. */
export function raw(title: string, bytes: Buffer): Malformed {
  return {
    title,
    send: (url) =>
      new Promise((resolve, reject) => {
        const socket = connect(Number(new URL(url).port), '127.0.0.1');
        let text = '';
        socket.on('data', (piece) => (text += piece.toString('latin1')));
        socket.on('error', reject);
        socket.on('close', () => {
          const [head = '', body = ''] = text.split('\r\n\r\n');
          resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), body });
        });
        socket.end(bytes);
      }),
  };
}
