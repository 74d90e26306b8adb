// What every test stands on: the small county crawled twice, `xianzhi serve` on it, Chromium that can reach nothing but
// loopback, and a proxy that would see whatever leaves.
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { startSite } from './site.js';

const modules = createRequire(path.resolve('build/browser') + '/');
export const { chromium } = modules('playwright-core');
export const axe = fs.readFileSync(modules.resolve('axe-core/axe.min.js'), 'utf8');
export const modulePath = (name) => path.join(path.resolve('build/browser/node_modules'), name);
export const program = path.resolve(process.env.XIANZHI ?? 'build/xianzhi');
export const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'xianzhi-browser-'));
export const archive = path.join(folder, 'archive');
export const site = 'http://www.qinglan.gov.cn';
export const run = (...args) => promisify(execFile)(program, args, { maxBuffer: 64 << 20 });

const config = (port) => `cluster: qinglan
name: 青岚县
operator: { name: "Browser test", contact: "https://example.org/bot" }
seeds: [ "${site}/", "${site}/data.json" ]
scope: { domains: [ qinglan.gov.cn ] }
politeness: { min_delay: 0s, factor: 0, connections_per_server: 2 }
recrawl: { lists: 0s, documents_min: 0s, documents_max: 0s }
connect_to: [ "::127.0.0.1:${port}" ]
allow_private: true
archive: ${archive}
`;

const crawl = async (generation) => {
  const server = await startSite(generation);
  const file = path.join(folder, 'county.yaml');
  fs.writeFileSync(file, config(server.port));
  try {
    await run('crawl', file, '--progress', 'off');
  } catch (error) {
    if (error.code !== 3) throw error; // some URLs answer 404, as they should
  }
  await server.stop();
};

export const startServer = (dir, ...args) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, ['serve', dir, '--listen', '127.0.0.1:0', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.on('exit', (code) => reject(new Error(`xianzhi serve ended with ${code}`)));
    child.stdout.on('data', (bytes) => {
      const ports = /port (\d+), replay on port (\d+)/.exec((out += bytes));
      if (ports) resolve({ pages: `http://127.0.0.1:${ports[1]}`, replay: `http://127.0.0.1:${ports[2]}`, stop: () => new Promise((done) => { child.removeAllListeners('exit'); child.on('exit', done); child.kill('SIGTERM'); }) });
    });
  });

// Whatever is not for loopback would come here.
export const escapes = [];
const startTrap = () =>
  new Promise((resolve) => {
    const trap = http.createServer((request, response) => {
      escapes.push(request.url);
      response.writeHead(403).end();
    });
    trap.on('connect', (request, socket) => {
      escapes.push(request.url);
      socket.destroy();
    });
    trap.listen(0, '127.0.0.1', () => resolve(trap));
  });

let browser, trap;
export let server;

export const newContext = (options = {}) => browser.newContext({ locale: 'zh-CN', viewport: { width: 1280, height: 900 }, ...options });
export const closeBrowser = () => browser.close();
export const launch = async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    proxy: { server: `http://127.0.0.1:${trap.address().port}`, bypass: '127.0.0.1' },
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-component-update', '--disable-background-networking', '--no-pings', '--disable-gpu'],
  });
};

// The browser's own calls home are none of a page's.
export const escaped = () => escapes.filter((url) => !/google|gvt1|chromium|gstatic/.test(url));

export const setUp = async () => {
  await crawl(0);
  await new Promise((done) => setTimeout(done, 1100)); // captures are told apart by the second
  await crawl(1);
  server = await startServer(archive);
  trap = await startTrap();
  await launch();
};

export const tearDown = async () => {
  await browser?.close();
  await server?.stop();
  trap?.closeAllConnections();
  trap?.close();
  fs.rmSync(folder, { recursive: true, force: true });
};

export const timesOf = async (url) => {
  const text = await (await fetch(`${server.pages}/cdx?url=${encodeURIComponent(url)}&fl=timestamp&output=text`)).text();
  return text.trim().split('\n');
};
