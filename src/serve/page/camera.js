import { LONGEST, pngOf } from './source.js';

/** @type {Record<string, string>} */
const FAULTS = {
  NotAllowedError: 'The browser may not use the camera. Allow it beside the address and press Webcam again.',
  NotFoundError: 'There is no camera.',
  NotReadableError: 'The camera cannot be read; another program may be using it.',
  OverconstrainedError: 'There is no camera that fits.',
};

/** Why there is no webcam on this page; undefined where there may be one. */
export function cameraHindrance() {
  if ('mediaDevices' in navigator) return undefined;
  return 'The webcam needs this page on localhost or over HTTPS.';
}

/** A running webcam. */
export class Camera {
  /** @type {HTMLVideoElement} */
  #video = document.createElement('video');
  /** @type {MediaStream} */
  #stream;

  /** @param {MediaStream} stream */
  constructor(stream) {
    this.#stream = stream;
  }

  /**
   * Asks for the camera.
   *
   * @param {() => void} ended called where it stops by itself: unplugged, or taken away
   * @returns {Promise<Camera>}
   * @throws {Error} with a message for people
   */
  static async start(ended) {
    /** @type {MediaStream} */
    const stream = await navigator.mediaDevices
      .getUserMedia({ video: { width: { ideal: 640 }, facingMode: 'environment' } })
      .catch((/** @type {DOMException} */ error) => {
        throw new Error(FAULTS[error.name] ?? `The camera does not start: ${error.message}`);
      });
    const camera = new Camera(stream);
    for (const track of stream.getVideoTracks()) track.addEventListener('ended', ended);
    const video = camera.#video;
    video.muted = true;
    video.playsInline = true;
    video.srcObject = stream;
    await video.play();
    return camera;
  }

  /**
   * The frame that it shows now.
   *
   * @param {number} side its longest side, at most
   */
  async frame(side) {
    const { videoWidth, videoHeight } = this.#video;
    if (videoWidth === 0) throw new Error('The camera gives no picture.');
    const scale = Math.min(side, LONGEST) / Math.max(videoWidth, videoHeight);
    const [width, height] = [Math.round(videoWidth * scale), Math.round(videoHeight * scale)];
    return { ...(await pngOf(this.#video, width, height)), note: `Webcam, ${width} × ${height}` };
  }

  /** Lets go of the camera: its light goes out. */
  stop() {
    for (const track of this.#stream.getTracks()) track.stop();
    this.#video.srcObject = null;
  }
}
