import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { fail } from '../../common/errors.js';
import type { ServerContext } from '../http/context.js';
import { describeError } from '../http/errors.js';
import { admit, askingOf, counted, read, SERVICE, statusOf } from './calls.js';
import { encode } from './messages.js';
import { UNARY, type UnaryMethod } from './methods.js';
import { type OpenStream, streamHandler } from './stream.js';

/** A gRPC server that listens. */
export interface GrpcServer {
  port: number;
  /** Takes no new calls, answers what it has taken, and ends. */
  close(): Promise<void>;
}

/** Milliseconds between two questions whether a silent client is still there, and until one without an answer is let go. */
const [ASK, GIVE_UP] = [60_000, 20_000];
/**
 * The Open Inference Protocol's service over gRPC, on the queue, limits and tokens of the HTTP server.
 *
 * @throws E_SERVE_LISTEN
 */
export async function startGrpc(context: ServerContext, host: string, port: number): Promise<GrpcServer> {
  const { limits } = context;
  const server = new Server({
    'grpc.max_receive_message_length': limits.body,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': ASK,
    'grpc.keepalive_timeout_ms': GIVE_UP,
  });
  const streams = new Set<OpenStream>();
  server.addService(...serviceOf(context, streams));
  const bound = await new Promise<number>((resolve, reject) => {
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, own) =>
      error ? reject(error) : resolve(own),
    );
  }).catch((error: Error) =>
    fail('E_SERVE_LISTEN', {
      where: `${host}:${port}`,
      expected: 'an address and port that are free to listen on',
      got: error.message,
      todo: 'Choose another with --grpc-port or --host; --grpc-port 0 takes any that is free.',
      cause: error,
    }),
  );
  return {
    port: bound,
    close: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.forceShutdown(), limits.stop * 1000);
        for (const stream of streams) stream.finish();
        server.tryShutdown(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
}

function serviceOf(
  context: ServerContext,
  streams: Set<OpenStream>,
): [ServiceDefinition, UntypedServiceImplementation] {
  const bytes = (value: Buffer): Buffer => value;
  const definition = (name: string, stream: boolean): ServiceDefinition[string] => ({
    ...{ path: `${SERVICE}/${name}`, requestStream: stream, responseStream: stream },
    ...{ requestSerialize: bytes, requestDeserialize: bytes, responseSerialize: bytes, responseDeserialize: bytes },
  });
  const service: Record<string, ServiceDefinition[string]> = { ModelStreamInfer: definition('ModelStreamInfer', true) };
  const implementation: UntypedServiceImplementation = { ModelStreamInfer: streamHandler(context, streams) };
  for (const [name, method] of Object.entries(UNARY)) {
    service[name] = definition(name, false);
    implementation[name] = unaryHandler(context, name, method);
  }
  return [service, implementation];
}

function unaryHandler(
  context: ServerContext,
  name: string,
  { request, response, open = false, rights, answer }: UnaryMethod,
): handleUnaryCall<Buffer, Buffer> {
  return (call, callback) => {
    const { trace, done } = counted(context, call, name);
    const run = async (): Promise<Buffer> => {
      admit(context, call, open ? undefined : rights);
      return encode(response, await answer(context, read<never>(request, call.request), () => askingOf(call, trace)));
    };
    run().then(
      (value) => {
        done(call.cancelled ? 499 : 200);
        callback(null, value);
      },
      (error: Error) => {
        const described = describeError(error, context);
        done(described.status);
        callback(statusOf(described, context));
      },
    );
  };
}
