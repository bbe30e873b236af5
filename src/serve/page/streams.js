import { Camera, cameraHindrance } from './camera.js';
import { byId, write } from './dom.js';
import { sweepQuality } from './levels.js';

/** Frames that come by themselves: from the webcam, or one image at qualities that go down and up. */
export class Streams {
  /** @type {Camera | undefined} */
  #camera;
  /** Step of the running sweep. @type {number | undefined} */
  #step;
  /** A name of its own for each stream, so that the server tracks its level. @type {string | undefined} */
  #name;
  #changed;
  /** Whether the camera has been asked for and has not answered. */
  #asking = false;

  /**
   * @param {() => void} changed called when one starts or stops
   */
  constructor(changed) {
    this.#changed = changed;
    byId('camera', HTMLElement).addEventListener('click', () => void this.#toggleCamera());
    byId('sweep', HTMLElement).addEventListener('click', () => {
      this.#step = this.#step === undefined ? 0 : undefined;
      this.#update();
    });
    const hindrance = cameraHindrance();
    if (hindrance === undefined) return;
    byId('camera', HTMLButtonElement).disabled = true;
    noteCamera(hindrance);
  }

  /** Whether frames follow each other; not in a tab that nobody sees. */
  get running() {
    return this.#name !== undefined && document.visibilityState === 'visible';
  }

  get name() {
    return this.#name;
  }

  /** Milliseconds that each frame stays at least; a sweep is slower for those who asked for less motion. */
  get pace() {
    if (this.#step === undefined) return 0;
    return matchMedia('(prefers-reduced-motion: reduce)').matches ? 1500 : 250;
  }

  /**
   * The webcam's frame; undefined where it does not run.
   *
   * @param {number} side longest side
   */
  async frame(side) {
    try {
      return await this.#camera?.frame(side);
    } catch (error) {
      this.stopCamera();
      throw error;
    }
  }

  /** The sweep's next quality; undefined where none runs. */
  nextQuality() {
    return this.#step === undefined ? undefined : sweepQuality(this.#step++);
  }

  stop() {
    this.stopCamera();
    this.stopSweep();
  }

  stopSweep() {
    if (this.#step === undefined) return;
    this.#step = undefined;
    this.#update();
  }

  stopCamera() {
    if (!this.#camera) return;
    this.#camera.stop();
    this.#camera = undefined;
    this.#update();
  }

  async #toggleCamera() {
    if (this.#camera) return this.stopCamera();
    if (this.#asking) return;
    this.#asking = true;
    try {
      this.#camera = await Camera.start(() => {
        this.stopCamera();
        noteCamera('The camera was unplugged or taken away.');
      });
      noteCamera('');
      this.#update();
    } catch (error) {
      noteCamera(error instanceof Error ? error.message : String(error));
    } finally {
      this.#asking = false;
    }
  }

  #update() {
    const [camera, sweep] = [this.#camera !== undefined, this.#step !== undefined];
    byId('camera', HTMLElement).setAttribute('aria-pressed', String(camera));
    byId('sweep', HTMLElement).setAttribute('aria-pressed', String(sweep));
    this.#name = camera || sweep ? (this.#name ?? `page ${Math.random().toString(36).slice(2)}`) : undefined;
    this.#changed();
  }
}

/**
 * What is wrong with the camera has its own place: the images go on meanwhile.
 *
 * @param {string} text
 */
function noteCamera(text) {
  write('camera-note', text);
}
