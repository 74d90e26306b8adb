// An exported WACZ in ReplayWeb.page, as somebody else would open it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

import { test, until } from './check.js';
import { archive, folder, modulePath, newContext, run, site } from './world.js';

const types = { '.js': 'text/javascript', '.wacz': 'application/wacz', '.html': 'text/html; charset=utf-8' };

// A file, or a range of it.
const sendFile = (request, response, file) => {
  const size = fs.statSync(file).size;
  const headers = { 'Content-Type': types[path.extname(file)] ?? 'application/octet-stream', 'Accept-Ranges': 'bytes' };
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
  let from = 0, to = size - 1;
  if (range && range[1]) [from, to] = [Number(range[1]), range[2] ? Math.min(Number(range[2]), size - 1) : size - 1];
  else if (range) from = Math.max(0, size - Number(range[2]));
  if (range) headers['Content-Range'] = `bytes ${from}-${to}/${size}`;
  response.writeHead(range ? 206 : 200, { ...headers, 'Content-Length': to - from + 1 });
  if (request.method === 'HEAD') response.end();
  else fs.createReadStream(file, { start: from, end: to }).pipe(response);
};

const wait = '<script>navigator.serviceWorker?.ready.then(() => location.reload())</script>';
const startHost = (wacz) =>
  new Promise((resolve) => {
    const page = `<!doctype html><title>x</title><script src="/ui.js"></script><replay-web-page source="/x.wacz" url="${site}/zwgk/t1.html" embed="replayonly" replayBase="/replay/"></replay-web-page>`;
    const host = http.createServer((request, response) => {
      const { pathname } = new URL(request.url, 'http://x');
      if (pathname === '/x.wacz') return sendFile(request, response, wacz);
      if (pathname === '/ui.js') return sendFile(request, response, modulePath('replaywebpage/ui.js'));
      if (pathname === '/replay/sw.js') return sendFile(request, response, modulePath('replaywebpage/sw.js'));
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' });
      response.end(pathname === '/' ? page : wait);
    });
    host.listen(0, '127.0.0.1', () => resolve(host));
  });

test('ReplayWeb.page shows a page of an exported WACZ', async () => {
  const wacz = path.join(folder, 'x.wacz');
  await run('export', archive, '--format', 'wacz', '-o', wacz);
  const host = await startHost(wacz);
  const context = await newContext();
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${host.address().port}/`);
  const shown = await until('the page', async () => {
    for (const frame of page.frames()) {
      const title = await frame.$('#zoom');
      if (title) return frame;
    }
  }, 30000);
  assert.match(await shown.textContent('#zoom'), /征迁补偿安置方案/);
  await until('the style sheet', () => shown.evaluate(() => getComputedStyle(document.querySelector('h1')).color === 'rgb(128, 0, 32)'));
  await context.close();
  host.closeAllConnections();
  host.close();
});
