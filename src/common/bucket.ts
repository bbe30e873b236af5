import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { fail, GearnnError } from './errors.js';

type Sdk = typeof import('@aws-sdk/client-s3');
type Client = InstanceType<Sdk['S3Client']>;

const SCHEME = 's3://';

/** Whether a place is a bucket's rather than a folder. */
export function isBucket(place: string): boolean {
  return place.startsWith(SCHEME);
}

const ignore = (): void => {};
/** The client would print what its errors say as well. */
const SILENT = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

/** An object without its content. */
export interface Listed {
  /** Within the prefix. */
  key: string;
  size: number;
  /** Another one whenever its content is. */
  tag: string;
}

export interface BucketOptions {
  /** Seconds after which a server that says nothing counts as gone, at the second try. Default: as the AWS client has it. */
  patience?: number;
}

/** Under which condition an object is written: no other may be there, or only the one of this tag. */
export type Condition = { ifNoneMatch: '*' } | { ifMatch: string };

/** Objects under one prefix of an S3 bucket. Every call @throws E_PIPELINE_STORE with what the server says, but that an object is not there. */
export class Bucket {
  private constructor(
    private readonly sdk: Sdk,
    private readonly client: Client,
    private readonly bucket: string,
    private readonly prefix: string,
  ) {}

  /**
   * @param place `s3://BUCKET/PREFIX`
   * @throws E_PIPELINE_STORE where the AWS client is not installed
   */
  static async at(place: string, options?: BucketOptions): Promise<Bucket> {
    const [bucket = '', ...prefix] = place.slice(SCHEME.length).split('/');
    return Bucket.open(bucket, prefix.filter((part) => part !== '').join('/'), options);
  }

  /**
   * @param prefix without slashes at its ends; may be empty
   * @throws E_PIPELINE_STORE where the AWS client is not installed
   */
  static async open(bucket: string, prefix: string, { patience }: BucketOptions = {}): Promise<Bucket> {
    const sdk = await import('@aws-sdk/client-s3').catch((cause: unknown) =>
      fail('E_PIPELINE_STORE', {
        where: `s3://${bucket}/${prefix}`,
        expected: 'the AWS client, @aws-sdk/client-s3',
        got: 'no such package',
        todo: 'npm install @aws-sdk/client-s3',
        cause,
      }),
    );
    // Other servers than Amazon's: the bucket in the path, and no checksums that they may not know.
    const elsewhere = process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
    const other = {
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      region: process.env['AWS_REGION'] ?? 'us-east-1',
    } as const;
    const milliseconds = 1000 * (patience ?? 0);
    const impatient = patience !== undefined && {
      requestHandler: { connectionTimeout: milliseconds, socketTimeout: milliseconds },
      maxAttempts: 2,
    };
    const client = new sdk.S3Client({ logger: SILENT, ...(elsewhere && other), ...impatient });
    return new Bucket(sdk, client, bucket, prefix && `${prefix}/`);
  }

  /** @returns undefined where there is no such object */
  async get(key: string): Promise<{ content: Uint8Array; tag: string } | undefined> {
    return this.tell(`read ${key}`, async () => {
      try {
        const answer = await this.client.send(new this.sdk.GetObjectCommand(this.keyed(key)));
        return { content: await answer.Body!.transformToByteArray(), tag: answer.ETag! };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  /** @returns the object's tag; undefined where the condition does not hold */
  async put(key: string, content: Uint8Array | string, condition?: Condition): Promise<string | undefined> {
    return this.tell(`write ${key}`, async () => {
      const conditions =
        condition && ('ifMatch' in condition ? { IfMatch: condition.ifMatch } : { IfNoneMatch: condition.ifNoneMatch });
      try {
        const { ETag } = await this.client.send(
          new this.sdk.PutObjectCommand({ ...this.keyed(key), Body: content, ...conditions }),
        );
        return ETag!;
      } catch (error) {
        // Not so; another one writes at this moment; or what was to be there is not.
        const status = statusOf(error) ?? 0;
        if (condition && ([409, 412].includes(status) || (error as Error).name === 'NoSuchKey')) return undefined;
        throw error;
      }
    });
  }

  /**
   * An object's content as it comes, for what may not fit into memory.
   *
   * @param tag asks for the object only while it is the one of this tag
   * @returns undefined where there is no such object; reading it @throws E_PIPELINE_STORE where the connection breaks
   */
  async stream(key: string, tag?: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const what = `read ${key}`;
    return this.tell(what, async () => {
      try {
        const command = new this.sdk.GetObjectCommand({ ...this.keyed(key), IfMatch: tag });
        const { Body } = await this.client.send(command);
        return this.toldOf(what, Body as Readable);
      } catch (error) {
        if (isMissing(error) || (tag !== undefined && statusOf(error) === 412)) return undefined;
        throw error;
      }
    });
  }

  /**
   * Writes a file as an object, piece by piece.
   *
   * @param size in bytes, of which the object will be: at most 5 GiB, which is as much as S3 takes at once
   */
  async putFile(key: string, path: string, size: number): Promise<void> {
    if (size === 0) return void (await this.put(key, ''));
    const stop = new AbortController();
    const file = createReadStream(path, { end: size - 1 });
    // A request does not learn by itself that there is no more to come than it has promised.
    file.on('error', (error) => stop.abort(error));
    file.on('end', () => file.bytesRead < size && stop.abort(new Error(`${path} has become shorter`)));
    try {
      const command = new this.sdk.PutObjectCommand({ ...this.keyed(key), Body: file, ContentLength: size });
      await this.tell(`write ${key}`, () =>
        this.client.send(command, { abortSignal: stop.signal }).catch((error: unknown) => {
          throw stop.signal.aborted ? stop.signal.reason : error;
        }),
      );
    } finally {
      file.destroy();
    }
  }

  /** Objects whose keys begin so. */
  async list(prefix: string): Promise<Listed[]> {
    return this.tell(`list ${prefix || 'all objects'}`, async () => {
      const found: Listed[] = [];
      let token: string | undefined;
      do {
        const answer = await this.client.send(
          new this.sdk.ListObjectsV2Command({
            Bucket: this.bucket,
            Prefix: this.prefix + prefix,
            ContinuationToken: token,
          }),
        );
        for (const { Key, Size, ETag } of answer.Contents ?? [])
          found.push({ key: Key!.slice(this.prefix.length), size: Size!, tag: ETag! });
        token = answer.NextContinuationToken;
      } while (token !== undefined);
      return found;
    });
  }

  async remove(key: string): Promise<void> {
    await this.tell(`remove ${key}`, () => this.client.send(new this.sdk.DeleteObjectCommand(this.keyed(key))));
  }

  /** Removes all objects whose keys begin so. */
  async removeAll(prefix: string): Promise<void> {
    for (const { key } of await this.list(prefix)) await this.remove(key);
  }

  private keyed(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket, Key: this.prefix + key };
  }

  private async *toldOf(what: string, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* content;
    } catch (cause) {
      throw this.refusal(what, cause);
    }
  }

  private async tell<T>(what: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      throw this.refusal(what, cause);
    }
  }

  private refusal(what: string, cause: unknown): GearnnError {
    return new GearnnError('E_PIPELINE_STORE', {
      where: `s3://${this.bucket}/${this.prefix}`,
      expected: `the server to ${what}`,
      got: `${(cause as Error).name}: ${(cause as Error).message}`,
      todo: "Mend that, or the AWS client's variables: AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.",
      cause,
    });
  }
}

/** Whether what a bucket refused may work the next time: the connection broke, or the server is in trouble. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof GearnnError) || error.code !== 'E_PIPELINE_STORE') return false;
  const status = statusOf(error.parts.cause);
  return status === undefined || status >= 500 || status === 429;
}

function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket';
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}
