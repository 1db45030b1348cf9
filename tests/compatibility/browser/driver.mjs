// Does what the tests ask for, one line of JSON after the other: in this process, or in a browser that it starts.
// Argument: the folder of the installed packages.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const require = createRequire(`${process.argv[2]}/package.json`);
const { chromium } = require("playwright-core");
const TIMEOUT_MS = 30000;
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update",
];
const profiles = [];
const pages = [];

const lowered = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** An entry for a request; the rest is filled in when the answer comes. */
function sent(kind, { method, url, headers, postData }) {
  const answer = { status: 0, received: {}, cached: false, failure: "" };
  return { kind, method, url, sent: lowered(headers), body: postData ?? "", ...answer };
}

/** Writes down what goes over the network for a page, preflights and cached answers included. */
async function recorded(page, exchanges) {
  const session = await page.context().newCDPSession(page);
  const pending = new Map();
  const received = (entry, { status, headers, fromDiskCache }) =>
    Object.assign(entry, { status, received: lowered(headers), cached: entry.cached || Boolean(fromDiskCache) });
  session.on("Network.requestWillBeSent", ({ requestId, request, type, redirectResponse }) => {
    if (redirectResponse) received(pending.get(requestId), redirectResponse);
    pending.set(requestId, sent(type, request));
    exchanges.push(pending.get(requestId));
  });
  session.on("Network.requestServedFromCache", ({ requestId }) => (pending.get(requestId).cached = true));
  session.on("Network.responseReceived", ({ requestId, response }) => received(pending.get(requestId), response));
  session.on("Network.loadingFailed", ({ requestId, errorText }) => (pending.get(requestId).failure = errorText));
  await session.send("Network.enable", { maxPostDataSize: 1 << 24 });
}

/** Number 0 is this process, where kinto.js keeps its records in memory. */
async function here() {
  const exchanges = [];
  require("fake-indexeddb/auto");
  globalThis.Kinto = require("kinto");
  const { fetch } = globalThis;
  globalThis.fetch = async (url, options = {}) => {
    const headers = Object.fromEntries(new Headers(options.headers));
    const entry = sent("Fetch", { method: options.method ?? "GET", url: String(url), headers, postData: options.body });
    exchanges.push(entry);
    const response = await fetch(url, options);
    Object.assign(entry, { status: response.status, received: Object.fromEntries(response.headers) });
    return response;
  };
  await import("./pages/device.js");
  return { page: { evaluate: (expression) => (0, eval)(expression) }, exchanges, complaints: [] };
}

const commands = {
  /** A browser of its own, with a folder of its own for what it keeps. */
  async launch(folder, executablePath, env) {
    profiles.push(await chromium.launchPersistentContext(folder, { executablePath, env, args: FLAGS, headless: true }));
    profiles.at(-1).setDefaultTimeout(TIMEOUT_MS);
    return profiles.length - 1;
  },
  async close(profile) {
    await profiles[profile].close();
  },
  async open(profile) {
    const opened = { page: await profiles[profile].newPage(), exchanges: [], complaints: [] };
    opened.page.on("console", (message) => message.type() === "error" && opened.complaints.push(message.text()));
    opened.page.on("pageerror", (error) => opened.complaints.push(String(error)));
    opened.page.on("dialog", (dialog) => dialog.accept());
    await recorded(opened.page, opened.exchanges);
    return pages.push(opened) - 1;
  },
  /** A method of a page, or of this process; what cannot be sent as JSON is left out. */
  async act(number, method, ...values) {
    const found = await pages[number].page[method](...values);
    return found?.constructor === Object || typeof found !== "object" || Array.isArray(found) ? found : null;
  },
  /** What went over the network since the last call; what has no answer yet, even after a second, comes later. */
  async exchanges(number) {
    const { exchanges } = pages[number];
    const open = ({ status, failure }) => !status && !failure;
    for (let waits = 0; waits < 100 && exchanges.some(open); waits++) await sleep(10);
    const answered = exchanges.filter((one) => !open(one));
    exchanges.splice(0, exchanges.length, ...exchanges.filter(open));
    return answered;
  },
  /** The errors in the console of the browser since the last call. */
  async complaints(number) {
    return pages[number].complaints.splice(0);
  },
};

async function answer(line) {
  const { command, values } = JSON.parse(line);
  try {
    return { found: (await commands[command](...values)) ?? null };
  } catch (error) {
    return { error: String(error?.stack ?? error) };
  }
}

pages.push(await here());
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}
await Promise.all(profiles.map((profile) => profile.close().catch(() => null)));
process.exit(0);
