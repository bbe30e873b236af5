import { byId, made, write } from './dom.js';
import { CLEAN, levelOf, NO_JPEG, settingsOf } from './levels.js';

/** @typedef {import('./levels.js').Settings} Settings */

/** Sliders, presets, the choice of network, and how masks are shown. */
export class Controls {
  /** @type {Settings} */
  settings = CLEAN;
  #quality = byId('quality', HTMLInputElement);
  #brightness = byId('brightness', HTMLInputElement);
  #opacity = byId('opacity', HTMLInputElement);
  #differences = byId('differences', HTMLInputElement);
  #output = byId('output', HTMLSelectElement);
  #channels = byId('channels', HTMLSelectElement);

  /** @param {(what: 'slider' | 'view' | 'output') => void} changed called for what people do, not for {@link set} */
  constructor(changed) {
    for (const slider of [this.#quality, this.#brightness])
      slider.addEventListener('input', () => {
        this.set({ quality: Number(this.#quality.value), brightness: Number(this.#brightness.value) });
        changed('slider');
      });
    for (const input of [this.#opacity, this.#differences, this.#channels])
      input.addEventListener('input', () => changed('view'));
    this.#output.addEventListener('input', () => changed('output'));
    this.#choose = (settings) => {
      this.set(settings);
      changed('slider');
    };
    this.set(CLEAN);
  }

  /** @type {(settings: Settings) => void} */
  #choose;

  /** @returns {import('./masks.js').View} */
  get view() {
    return {
      opacity: Number(this.#opacity.value) / 100,
      differences: this.#differences.checked,
      channels: this.#channels.value === 'mean' ? 'mean' : 'largest',
    };
  }

  /** Name of the output that is shown, of a network whose outputs are numbers; undefined of any other. */
  get output() {
    return this.#output.value === '' ? undefined : this.#output.value;
  }

  /** @param {Settings} settings */
  set(settings) {
    this.settings = settings;
    const { quality, brightness } = settings;
    this.#quality.value = String(quality);
    this.#brightness.value = String(brightness);
    const qualityText = quality === NO_JPEG ? 'off' : String(quality);
    write('quality-value', qualityText);
    write('brightness-value', `× ${brightness}`);
    this.#quality.setAttribute('aria-valuetext', qualityText);
    this.#brightness.setAttribute('aria-valuetext', `times ${brightness}`);
    const level = levelOf(settings);
    for (const button of byId('presets', HTMLElement).querySelectorAll('button'))
      button.setAttribute('aria-pressed', String(button.textContent === level));
  }

  /**
   * Shows which networks there are, and the levels of one.
   *
   * @param {readonly string[]} names
   * @param {import('./networks.js').Network} network
   */
  offer(names, { name, levels, outputs, task, head }) {
    const options = names.map((text) => made('option', text));
    for (const option of options) option.selected = option.textContent === name;
    byId('networks', HTMLElement).replaceChildren(...options);
    byId('network-choice', HTMLElement).hidden = names.length < 2;
    // Of the others the server knows itself what is to be shown.
    const shown = task === 'features' && head === undefined ? outputs : [];
    this.#output.replaceChildren(...shown.map((text) => made('option', text)));
    const presets = ['clean', ...levels].map((level) => this.#preset(level, settingsOf(level)));
    byId('presets', HTMLElement).replaceChildren(...presets);
    this.set(this.settings);
  }

  /**
   * @param {string} level
   * @param {Settings} settings
   */
  #preset(level, settings) {
    const button = made('button', level);
    button.type = 'button';
    button.addEventListener('click', () => this.#choose(settings));
    return button;
  }
}
