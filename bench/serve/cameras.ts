import sharp from 'sharp';
import { openDataset } from '../../src/data/registry.js';
import { Client } from './client.js';

const SIZE = [32, 64] as const;
/** JPEG qualities whose levels have adaptors: an adaptor's version tells which server answered, or which of its versions. */
const QUALITIES = [5, 10, 20];

/** A camera, and what its picture is answered with. */
export interface Camera {
  name: string;
  frame: Uint8Array;
  level: string;
  /** Of the adaptor. */
  version: string;
  mask: Buffer;
}

/** Cameras with a picture each, the same at every call, answered by a server that has nothing else to do. */
export async function camerasOf(url: string, count: number): Promise<Camera[]> {
  const [height, width] = SIZE;
  const scenes = await openDataset(`scenes:7@${height}x${width}`);
  const samples = scenes.samples('train');
  const client = new Client(url);
  const cameras: Camera[] = [];
  for (let i = 0; i < count; i++) {
    const { data } = await scenes.readImage(samples[i % samples.length]!);
    const image = sharp(data, { raw: { width, height, channels: 3 } });
    const frame = await image.jpeg({ quality: QUALITIES[i % QUALITIES.length] }).toBuffer();
    const { status, body, headers } = await client.send(`/v1/segment?sequence_id=before-${i}`, frame);
    if (status !== 200) throw new Error(`${url} answers a picture with ${status}: ${body.toString()}`);
    const [level, version] = ['level', 'version'].map((name) => String(headers[`x-gearnn-${name}`])) as [
      string,
      string,
    ];
    cameras.push({ name: `camera-${i}`, frame, level, version, mask: body });
  }
  client.close();
  return cameras;
}
