import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { type Server, type ServerOptions, startServer } from '../../../src/serve/server.js';
import { ROOT } from '../../support/sources.js';
import { requireTool } from '../../support/tools.js';

/** What a test reads off the page. */
export interface Shown {
  sent: string;
  original: number;
  adapted: number;
  level: string;
  message: string;
}

/** A page of a server, with all that the browser complained of and asked for. */
export interface OpenPage {
  page: Page;
  complaints: string[];
  requests: string[];
}

/** Chromium and a server of the demo network for one suite. */
export interface PageSuite {
  readonly server: Server;
  /** Another server, which ends with the test. */
  serve(options?: Partial<ServerOptions>): Promise<Server>;
  /** A page of the suite's server, or of a given one, once it has shown something; of a given one at once. */
  open(options?: BrowserContextOptions, url?: string): Promise<OpenPage>;
}

/** Starts both before the suite's tests and ends them after; what a test opened ends with it. */
export function pageSuite(...args: string[]): PageSuite {
  let browser: Browser | undefined;
  let server: Server | undefined;
  const others: Server[] = [];
  const opened: OpenPage[] = [];
  const start = (options: Partial<ServerOptions> = {}): Promise<Server> => {
    const checkpoint = join(ROOT, 'checkpoints/demo');
    return startServer({ checkpoint, adaptors: join(checkpoint, 'adaptors'), ...options });
  };
  before(async function () {
    browser = await startBrowser(requireTool(this, 'chromium'), args);
    server = await start();
  });
  afterEach(async () => {
    for (const { page } of opened.splice(0)) await page.context().close();
    for (const other of others.splice(0)) await other.close();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });
  return {
    get server() {
      return server!;
    },
    serve: async (options) => {
      others.push(await start(options));
      return others.at(-1)!;
    },
    open: async (options, url) => {
      const now = await openPage(browser!, url ?? server!.url, options);
      opened.push(now);
      if (url === undefined) await levelIs(now.page, 'clean');
      return now;
    },
  };
}

/** Debian's Chromium without a window, with a camera that shows a test picture. */
function startBrowser(executablePath: string, args: string[]): Promise<Browser> {
  // Chromium's sandbox does not start as root, which containers run as.
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...root, '--use-fake-device-for-media-stream', ...args] });
}

async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const [complaints, requests]: [string[], string[]] = [[], []];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  return { page, complaints, requests };
}

export async function shownOn(page: Page): Promise<Shown> {
  const text = async (id: string): Promise<string> => (await page.locator(`#${id}`).textContent())!.trim();
  return {
    sent: await text('sent-note'),
    original: Number.parseFloat(await text('original-agreement')),
    adapted: Number.parseFloat(await text('adapted-agreement')),
    level: await text('adapted-level'),
    message: await text('message'),
  };
}

/** Waits until the adapted network's level begins like that. */
export async function levelIs(page: Page, start: string): Promise<Shown> {
  await page.waitForFunction(
    (wanted) => document.querySelector('#adapted-level')!.textContent!.startsWith(wanted),
    start,
  );
  return shownOn(page);
}

/** Waits until the message holds a text; an empty one: until there is none. */
export async function messageIs(page: Page, part: string): Promise<void> {
  await page.waitForFunction((wanted) => {
    const { textContent } = document.querySelector('#message')!;
    return wanted === '' ? textContent === '' : textContent!.includes(wanted);
  }, part);
}

/** Colours that a panel's canvas shows, as hexadecimal text. */
export function colorsOf(page: Page, id: string): Promise<string[]> {
  return page.evaluate((canvasId) => {
    const canvas = document.querySelector<HTMLCanvasElement>(`#${canvasId}`)!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const found = new Set<string>();
    for (let i = 0; i < data.length; i += 4)
      found.add([...data.subarray(i, i + 3)].map((value) => value.toString(16).padStart(2, '0')).join(''));
    return [...found];
  }, id);
}

/** Drops a file on the page, as from a file manager. */
export async function dropFile(page: Page, name: string, type: string, bytes: Uint8Array): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ([fileName, fileType, base64]) => {
      const transfer = new DataTransfer();
      const content = Uint8Array.from(atob(base64!), (character) => character.charCodeAt(0));
      transfer.items.add(new File([content], fileName!, { type: fileType }));
      return transfer;
    },
    [name, type, Buffer.from(bytes).toString('base64')],
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer });
}
