import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** One answer of the server. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Milliseconds from sending to the last byte. */
  latency: number;
  body: Buffer;
}

/** A client with a connection of its own, which it keeps: one camera. */
export class Client {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(private readonly url: string) {}

  /** @param path with its query; a body makes it a POST */
  send(path: string, body?: Uint8Array, headers: Record<string, string> = {}): Promise<Answer> {
    const start = performance.now();
    return new Promise((resolve, reject) => {
      const method = body ? 'POST' : 'GET';
      const sent = request(this.url + path, { agent: this.agent, method, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            latency: performance.now() - start,
            body: Buffer.concat(parts),
          }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
