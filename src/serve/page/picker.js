import { byId, canvasOf, drawingOf } from './dom.js';
import { loadSample, SAMPLES } from './source.js';

/** Where images come from: samples, the file dialog, dropping and pasting. */
export class Picker {
  #chosen;
  /** Name of the image in use. */
  #name = nameOf(0);

  /** @param {(file: Blob, name: string) => void} chosen called with every image that people choose */
  constructor(chosen) {
    this.#chosen = (/** @type {Blob} */ file, /** @type {string} */ name) => {
      this.mark(name);
      chosen(file, name);
    };
    this.#listen();
  }

  #listen() {
    const input = byId('file', HTMLInputElement);
    const take = (/** @type {FileList | undefined | null} */ files) => {
      const file = files?.[0];
      if (file) this.#chosen(file, file.name || 'Pasted image');
    };
    input.addEventListener('change', () => {
      take(input.files);
      // So that the same file can be chosen again.
      input.value = '';
    });
    const dragging = (/** @type {boolean} */ on) => document.body.classList.toggle('dragging', on);
    addEventListener('dragover', (event) => {
      event.preventDefault();
      dragging(true);
    });
    addEventListener('dragleave', () => dragging(false));
    addEventListener('drop', (event) => {
      event.preventDefault();
      dragging(false);
      take(event.dataTransfer?.files);
    });
    addEventListener('paste', (event) => take(event.clipboardData?.files));
  }

  /**
   * Shows the samples, at the size of a network's images.
   *
   * @param {string} model
   * @returns {Promise<{ file: Blob, name: string }>} the first
   */
  async offer(model) {
    const files = await Promise.all(Array.from({ length: SAMPLES }, (_, i) => loadSample(i, model)));
    const buttons = await Promise.all(files.map((file, i) => this.#button(file, nameOf(i))));
    byId('samples', HTMLElement).replaceChildren(...buttons);
    this.mark(this.#name);
    return { file: /** @type {Blob} */ (files[0]), name: nameOf(0) };
  }

  /**
   * Shows which image is in use.
   *
   * @param {string} name
   */
  mark(name) {
    this.#name = name;
    for (const button of byId('samples', HTMLElement).children)
      button.setAttribute('aria-pressed', String(button.getAttribute('aria-label') === name));
  }

  /**
   * @param {Blob} file
   * @param {string} name
   */
  async #button(file, name) {
    const picture = await createImageBitmap(file);
    const button = document.createElement('button');
    button.type = 'button';
    button.setAttribute('aria-label', name);
    const canvas = canvasOf(picture);
    drawingOf(canvas).drawImage(picture, 0, 0);
    button.append(canvas);
    button.addEventListener('click', () => this.#chosen(file, name));
    return button;
  }
}

/** @param {number} index */
function nameOf(index) {
  return `Drawn street ${index + 1}`;
}
