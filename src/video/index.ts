/**
 * `gearnn/video`. Videos and streams: bytes to frames and back, with the optional package node-av.
 *
 * @packageDocumentation
 */
export type { Damage } from './messages.js';
export type { Picture, VideoFrame, VideoInfo } from './picture.js';
export { openVideo, type ReadVideoOptions, type VideoReader } from './reader.js';
export type { H264Settings, Preset } from './settings.js';
export { VideoWriter, type WriteVideoOptions } from './writer.js';
