import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Limits } from '../limits.js';

/** Milliseconds that a client may take nothing of an answer that is being sent. */
const STALL = 15_000;
/** Milliseconds between two looks at the connections during a shutdown. */
const SWEEP = 100;
/** Milliseconds that the rest of a request may take to arrive once the server stops. */
const GRACE = 3_000;

/** A request that is not answered yet. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/**
 * The connections of a server, so that none outlives its use: neither an answer that nobody reads, nor, once the server stops, anything
 * but requests that were taken.
 */
export class Connections {
  private readonly open = new Map<Socket, Set<Exchange>>();
  private readonly refused = new WeakMap<Socket, number>();
  private sweeping: NodeJS.Timeout | undefined;
  private stopped = -Infinity;

  constructor(private readonly limits: Pick<Limits, 'connections' | 'transfer' | 'stop'>) {}

  /** @param dropped called for each connection beyond the limit */
  watch(server: Server, dropped: () => void): void {
    server.maxConnections = this.limits.connections;
    server.on('drop', dropped);
    server.on('connection', (socket) => {
      this.open.set(socket, new Set());
      socket.once('close', () => this.open.delete(socket));
    });
    server.on('request', (request, response) => {
      const exchanges = this.open.get(request.socket);
      if (!exchanges) return;
      const exchange = { request, response };
      exchanges.add(exchange);
      response.once('close', () => exchanges.delete(exchange));
    });
  }

  /** Has an answer taken in bounded time, or its connection closed: call it before the answer is written. */
  answering(request: IncomingMessage, response: ServerResponse): void {
    if (response.destroyed) return;
    const { socket } = request;
    const end = (): void => this.close(socket);
    const most = this.limits.transfer * 1000;
    const timer = setTimeout(end, most).unref();
    response.setTimeout(Math.min(STALL, most), end);
    response.once('close', () => clearTimeout(timer));
  }

  /** Whether a request on this connection waits for its answer, and whether that has begun. */
  state(socket: Socket): 'idle' | 'waiting' | 'answering' {
    const exchanges = [...(this.open.get(socket) ?? [])];
    if (exchanges.length === 0) return 'idle';
    return exchanges.some(({ response }) => response.headersSent) ? 'answering' : 'waiting';
  }

  /** Notes the status by which a connection was refused under a request that had begun, for {@link refusal}. */
  refuse(socket: Socket, status: number): void {
    this.refused.set(socket, status);
  }

  /** The status by which a connection was refused or closed under its requests. */
  refusal(socket: Socket): number | undefined {
    return this.refused.get(socket);
  }

  /**
   * From now on closes what holds no request that was taken: silent, idle and half-sent connections, new ones too. After the limit
   * it closes all.
   */
  stop(): void {
    this.stopped = performance.now();
    this.sweep();
    clearInterval(this.sweeping);
    this.sweeping = setInterval(() => this.sweep(), SWEEP);
  }

  /** Closes whatever is left. */
  end(): void {
    clearInterval(this.sweeping);
    for (const socket of this.open.keys()) this.close(socket);
  }

  /** What is under way on it counts as left: of a connection that is destroyed Node says that it was all sent. */
  private close(socket: Socket): void {
    if (!socket.destroyed) this.refuse(socket, 499);
    socket.destroy();
  }

  private sweep(): void {
    const passed = performance.now() - this.stopped;
    const isLate = passed > this.limits.stop * 1000;
    for (const [socket, exchanges] of this.open) {
      const isTaken = [...exchanges].some(({ request }) => request.complete || passed < GRACE);
      if (isLate || !isTaken) this.close(socket);
    }
  }
}
