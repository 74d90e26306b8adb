// What people come for, click by click; and that no page of ours is hurt by what the archive holds.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

import { test, until } from './check.js';
import { attack } from './site.js';
import { archive, axe, escaped, folder, newContext, run, server, site, startServer, timesOf } from './world.js';

const notice = `${site}/zwgk/t1.html`;
const seen = (url) => `/document?url=${encodeURIComponent(url)}`;
const rowsOf = (csv) => csv.replace(/^\uFEFF/, '').trim().split('\r\n');

test('a journalist goes from a word to the document, its versions, what changed, the page as it looked', async () => {
  const context = await newContext();
  const page = await context.newPage();
  await until('the search index', async () => (await fetch(`${server.pages}/search?q=${encodeURIComponent('征迁')}`)).ok && (await page.goto(`${server.pages}/search?q=${encodeURIComponent('征迁')}`), await page.locator('main li.doc').count()), 30000);
  await page.goto(server.pages);
  await page.fill('#q', '征迁');
  await page.press('#q', 'Enter');
  assert.ok((await page.locator('main mark').count()) > 0);
  await page.click('main a:has-text("征迁补偿安置方案")');
  assert.match(await page.textContent('h1'), /集体土地征迁补偿安置方案/);
  assert.equal(await page.locator('#versions > li').count(), 2);
  assert.ok((await page.locator('#captures tbody tr').count()) >= 2);
  await page.click('#versions a[href^="/diff"]');
  assert.match(await page.textContent('main'), /两千五百/);
  assert.match(await page.textContent('main'), /两千八百/);
  await page.goBack();
  await page.click('#versions li:last-child a.replay');
  const frame = await until('the page as it was', async () => page.frames().find((f) => f.url().includes('mp_/')));
  await until('its text', async () => (await frame.textContent('#zoom')).includes('两千五百'));
  await page.click('#document-link');
  assert.match(await page.textContent('#fields'), /青政〔2018〕12号/);
  assert.match(await page.textContent('main'), /sha256:[0-9a-f]{64}/);
  await context.close();
});

test('a researcher narrows the list and exports exactly what it shows', async () => {
  const context = await newContext();
  const page = await context.newPage();
  await page.goto(`${server.pages}/documents?sort=url`);
  const all = await page.locator('li.doc').count();
  await Promise.all([page.waitForEvent('load'), page.click('aside a:has-text("通知公告")')]);
  const shown = await page.locator('li.doc').count();
  assert.ok(shown > 0 && shown < all, `${shown} of ${all}`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('a[href*="/export/documents.csv"]')]);
  const got = rowsOf(fs.readFileSync(await download.path(), 'utf8'));
  const { stdout } = await run('export', archive, '--where', 'column_name=通知公告');
  assert.deepEqual(got, rowsOf(stdout));
  assert.equal(got.length, shown + 1);
  await context.close();
});

test('titles, fields, addresses and queries that are scripts are shown as text', async () => {
  const context = await newContext();
  const page = await context.newPage();
  const dialogs = [];
  page.on('dialog', (d) => (dialogs.push(d.message()), d.dismiss()));
  const odd = `${site}/x%22%3E%3Cscript%3Ealert(1)%3C/script%3E.html`;
  const q = encodeURIComponent(attack);
  for (const address of ['/', '/documents', '/changes', '/removed', '/coverage', seen(`${site}/zwgk/t4.html`), seen(odd), `/document?url=${q}`, `/documents?publisher=${q}&from=${q}`, `/search?q=${q}`, `/diff?url=${q}`, `/replay/2018/http://a/${attack.replace(/ /g, '%20')}`, `/${q}`]) {
    await page.goto(server.pages + address);
    assert.equal(await page.evaluate(() => self.hurt), undefined, address);
    assert.equal(await page.locator('script:not([src])').count(), 0, address);
    assert.equal(await page.locator('[onerror]').count(), 0, address);
  }
  await page.goto(server.pages + seen(`${site}/zwgk/t4.html`));
  assert.ok((await page.textContent('h1')).includes('<script>'));
  assert.deepEqual(dialogs, []);
  assert.deepEqual(escaped(), []);
  await context.close();
});

const raw = (origin, target) =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    http.get({ hostname, port, path: target, agent: false }, (answer) => {
      let body = '';
      answer.on('data', (bytes) => (body += bytes));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body }));
    }).on('error', reject);
  });

test('tricks with paths lead nowhere', async () => {
  for (const origin of [server.pages, server.replay])
    for (const target of ['/static/../../../etc/passwd', '/static/%2e%2e/%2e%2e/etc/passwd', '/w/2018id_/file:///etc/passwd', '/frame/2018/javascript:alert(1)', '/replay/2018/file:///etc/passwd', '/reader/2018id_/../../etc/passwd', '/sw.js/../xianzhi.db', '//evil.example/', '/w/', '/replay/', '/w/2018id_/http://127.0.0.1:22/', '/export/../xianzhi.db']) {
      const { status, body } = await raw(origin, target);
      assert.ok(status >= 400 && status < 500, `${target}: ${status}`);
      assert.doesNotMatch(body, /root:|SQLite/);
    }
  const { status } = await raw(server.replay, '/documents');
  assert.equal(status, 404);
});

test('a damaged record is said to be damaged, and nothing of it is shown', async () => {
  const copy = path.join(folder, 'damaged');
  fs.cpSync(archive, copy, { recursive: true });
  const time = (await timesOf(notice))[0];
  const line = JSON.parse(await (await fetch(`${server.pages}/cdx?url=${notice}&limit=1&output=json`)).text());
  const file = fs.openSync(path.join(copy, 'warc', time.slice(0, 4), line.filename), 'r+');
  const harm = (part) => {
    const at = Number(line.offset) + Math.floor(Number(line.length) * part), was = Buffer.alloc(20);
    fs.readSync(file, was, 0, 20, at);
    fs.writeSync(file, was.map((byte) => byte ^ 0x5a), 0, 20, at);
    return () => fs.writeSync(file, was, 0, 20, at);
  };
  const damaged = await startServer(copy);
  for (const part of [0, 0.2, 0.6, 0.9]) {
    const mend = harm(part);
    assert.equal((await raw(damaged.replay, `/w/${time}id_/${notice}`)).status, 502, `at ${part}`);
    mend();
  }
  assert.equal((await raw(damaged.replay, `/w/${time}id_/${notice}`)).status, 200);
  harm(0.5);
  const context = await newContext();
  const page = await context.newPage();
  for (const way of ['replay', 'reader']) {
    const answer = await page.goto(`${damaged.pages}/${way}/${time}/${notice}`);
    assert.equal(answer.status(), 502);
    assert.match(await page.textContent('h1'), /损坏/);
    assert.doesNotMatch(await page.textContent('main'), /两千五百/);
  }
  const packed = await page.goto(`${damaged.pages}/evidence?url=${encodeURIComponent(notice)}&time=${time}`);
  assert.equal(packed.status(), 502);
  fs.closeSync(file);
  await context.close();
  await damaged.stop();
});

test('everything is reached with the keyboard alone', async () => {
  const context = await newContext();
  const page = await context.newPage();
  await page.goto(`${server.pages}/documents`);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  await page.keyboard.press('Enter');
  const reached = new Set();
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement.getAttribute('href')));
  }
  assert.ok([...reached].some((href) => href?.startsWith('/document?url=')));
  assert.ok([...reached].some((href) => href?.includes('/export/documents.csv')));
  await context.close();
});

const pages = async () => ({
  home: '/',
  documents: '/documents',
  search: `/search?q=${encodeURIComponent('征迁')}`,
  document: seen(notice),
  diff: `/diff?url=${encodeURIComponent(notice)}`,
  changes: '/changes',
  removed: '/removed',
  coverage: '/coverage',
  reader: `/reader/2100/${notice}`,
  replay: `/replay/${(await timesOf(notice)).at(-1)}/${notice}`,
  filtered: `/documents?column=${encodeURIComponent('通知公告')}&from=2018&to=2018`,
  empty: '/documents?from=1990&to=1991',
  nothing: '/search?q=zzzz',
  inline: `/diff?url=${encodeURIComponent(notice)}&view=inline`,
  cite: `/cite?url=${encodeURIComponent(notice)}&time=2100`,
  redirect: seen(`${site}/old.html`),
  none: '/document?url=http://www.qinglan.gov.cn/none',
  error: '/nowhere',
});

for (const [name, options] of Object.entries({
  'Chinese, light': { locale: 'zh-CN' },
  'Chinese, dark, on a phone': { locale: 'zh-CN', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
  'English, dark': { locale: 'en-GB', colorScheme: 'dark' },
}))
  test(`axe finds nothing serious in any page (${name})`, async () => {
    const context = await newContext({ ...options, bypassCSP: true });
    const page = await context.newPage();
    const serious = [];
    for (const [what, address] of Object.entries(await pages())) {
      await page.goto(server.pages + address);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => self.axe.run(document, { iframes: false }));
      for (const v of violations)
        if (v.impact === 'serious' || v.impact === 'critical') serious.push(`${what}: ${v.id}: ${v.nodes[0].html.slice(0, 160)}`);
    }
    assert.deepEqual(serious, []);
    await context.close();
  });

// English is looked at in the dark, Chinese in the light: what is too wide is so in both.
for (const [language, locale, colorScheme] of [['zh', 'zh-CN', 'light'], ['en', 'en-GB', 'dark']])
  for (const width of [1280, 390])
    test(`pages fit ${width} pixels (${language})`, async () => {
      const context = await newContext({ locale, colorScheme, viewport: { width, height: width === 390 ? 844 : 900 } });
      const page = await context.newPage();
      const wide = [];
      for (const [what, address] of Object.entries(await pages())) {
        await page.goto(server.pages + address);
        if (what === 'replay') await until('the page', async () => (await page.frames().find((f) => f.url().includes('mp_/'))?.textContent('#script'))?.includes('已运行'));
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth || [...document.querySelectorAll('#captures table, #fields, #coverage')].some((e) => e.scrollWidth > e.parentElement.clientWidth));
        if (tooWide) wide.push(what);
        await page.screenshot({ path: `build/browser/shots/${what}-${width}-${language}.png`, fullPage: what !== 'replay' });
      }
      assert.deepEqual(wide, []);
      await context.close();
    });
