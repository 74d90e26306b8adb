// Replay: pages look and read as they did, go nowhere else, and hurt nobody.
import assert from 'node:assert/strict';

import { test, until } from './check.js';
import { escaped, newContext, server, site, timesOf } from './world.js';

const FIRST_VISITS = 20;

// The page's own address ends as the replayed one does once the banner has followed.
const isArchived = (frame) => frame.url().includes('/w/') && frame.url().includes('mp_/');
const archivedFrame = (page) => until('the replayed page', async () => page.frames().find(isArchived));
const openReplay = async (page, url, time) => {
  await page.goto(`${server.pages}/replay/${time ?? (await timesOf(url)).at(-1)}/${url}`);
  return archivedFrame(page);
};

test('a page looks as it did: style sheet, picture, script and what the script fetches', async () => {
  const context = await newContext();
  const page = await context.newPage();
  const frame = await openReplay(page, `${site}/zwgk/t1.html`);
  await until('the script', async () => (await frame.textContent('#script')) === '脚本:已运行');
  await until('the style sheet', () => frame.evaluate(() => getComputedStyle(document.querySelector('h1')).color === 'rgb(128, 0, 32)'));
  assert.equal(await frame.evaluate(() => document.querySelector('img').naturalWidth), 1);
  assert.match(await page.textContent('#check'), /已核对/);
  assert.match(await page.textContent('#banner time'), /^\d{4}-\d\d-\d\d \d\d:\d\d$/);
  await page.screenshot({ path: 'build/browser/shots/replay-1280-zh.png' });
  await context.close();
});

test('each capture is replayed as it was at its time', async () => {
  const context = await newContext();
  const page = await context.newPage();
  const times = await timesOf(`${site}/zwgk/t1.html`);
  assert.equal(times.length, 2);
  for (const [i, amount] of ['两千五百', '两千八百'].entries()) {
    const frame = await openReplay(page, `${site}/zwgk/t1.html`, times[i]);
    await until(amount, async () => (await frame.textContent('#zoom')).includes(amount));
  }
  await context.close();
});

test('GBK is read right, declared or not', async () => {
  const context = await newContext();
  const page = await context.newPage();
  for (const [name, character] of [['gbk', '青岚县气象局'], ['declared', '镕']]) {
    const frame = await openReplay(page, `${site}/qx/${name}.html`);
    await until(character, async () => (await frame.textContent('#t')).includes(character));
  }
  await context.close();
});

test('a redirect leads on within the archive', async () => {
  const context = await newContext();
  const page = await context.newPage();
  const frame = await openReplay(page, `${site}/old.html`);
  await until('its target', async () => (await frame.textContent('h1')).includes('征迁'));
  assert.match(page.url(), /\/replay\/\d{14}\/http:\/\/www\.qinglan\.gov\.cn\/zwgk\/t1\.html$/);
  await context.close();
});

test('a link is followed within the archive, and the banner follows', async () => {
  const context = await newContext();
  const page = await context.newPage();
  let frame = await openReplay(page, `${site}/`);
  await frame.click('text=政务公开');
  await until('the list', async () => (frame = page.frames().find((f) => isArchived(f) && f.url().endsWith('/zwgk/'))) && (await frame.textContent('ul.list')).includes('防汛'));
  await until('the banner', async () => (await page.textContent('#banner .address')).endsWith('/zwgk/'));
  assert.match(page.url(), /\/zwgk\/$/);
  await frame.click('text=防汛抗旱');
  await until('the document', async () => (await page.textContent('#banner .address')).endsWith('/zwgk/t2.html'));
  await context.close();
});

test('an address whose query is GBK is found', async () => {
  const context = await newContext();
  const page = await context.newPage();
  const frame = await openReplay(page, `${site}/q.html?a=1&b=%D5%F7`);
  await until('the result', async () => (await frame.textContent('#q')).includes('一条结果'));
  await context.close();
});

test('a list whose rows were asked for by POST shows them, and its next page', async () => {
  const context = await newContext();
  const page = await context.newPage();
  const frame = await openReplay(page, `${site}/006/006001/govlist.html`);
  await until('the rows', async () => (await frame.textContent('#infolist')).includes('义务教育招生公告'));
  await frame.click('#next');
  await until('the next page', async () => (await frame.textContent('#infolist')).includes('道路维修公告'));
  await frame.click('#infolist a');
  await until('the document', async () => (await page.textContent('#banner .address')).endsWith('/govxxgk/1/2018-03-03/2.html'));
  assert.deepEqual(escaped(), []);
  await context.close();
});

test('what was never captured is said, not fetched', async () => {
  const context = await newContext();
  const page = await context.newPage();
  const answer = await page.goto(`${server.pages}/replay/2018/${site}/none.html`);
  assert.equal(answer.status(), 404);
  assert.match(await page.textContent('main'), /never captured/);
  await context.close();
});

test(`the first visit shows the page, ${FIRST_VISITS} times of ${FIRST_VISITS}`, async () => {
  for (let i = 0; i < FIRST_VISITS; i++) {
    const context = await newContext();
    const page = await context.newPage();
    const url = `${site}/zwgk/t2.html`;
    if (i % 2) await page.goto(`${server.replay}/w/${(await timesOf(url)).at(-1)}mp_/${url}`, { waitUntil: 'commit' });
    else await page.goto(`${server.pages}/replay/${(await timesOf(url)).at(-1)}/${url}`, { waitUntil: 'commit' });
    await until(`visit ${i + 1}`, async () => {
      for (const frame of page.frames()) if ((await frame.$('#zoom')) && (await frame.textContent('#zoom')).includes('组织领导')) return true;
    });
    await context.close();
  }
});

test('an archived script reaches neither our pages nor the live web', async () => {
  const context = await newContext();
  const page = await context.newPage();
  const popups = [];
  context.on('page', (p) => popups.push(p.url()));
  const url = `${site}/harm.html`;
  const tried = [];
  page.on('request', (request) => tried.push(request.url()));
  const frame = await openReplay(page, url);
  await until('its attempts', async () => (await frame.evaluate(() => document.body?.dataset.tried)) || !frame.url().includes('harm'));
  await new Promise((done) => setTimeout(done, 500));
  assert.equal(await page.evaluate(() => self.hurt), undefined);
  assert.notEqual(await page.title(), 'hurt');
  assert.ok(page.url().startsWith(`${server.pages}/replay/`), page.url());
  for (const what of ['pixel.png', 'fetch', 'style.css']) /* it did try, and was led into the archive */
    assert.ok(tried.some((u) => /^http:\/\/127\.0\.0\.1:\d+\/w\/.*evil/.test(u) && u.includes(what)), what);
  assert.deepEqual(popups, []);
  for (const f of page.frames()) assert.match(f.url(), /^(http:\/\/127\.0\.0\.1:|about:|chrome-error:)/);
  assert.deepEqual(escaped(), []);
  await context.close();
});

test('the reader view shows the text without running anything', async () => {
  const context = await newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${server.pages}/replay/2100/${site}/zwgk/t1.html`);
  await page.click('noscript a');
  assert.match(await page.textContent('.reader'), /征迁补偿安置方案/);
  assert.match(await page.textContent('#check'), /已核对/);
  await page.click('.reader a:has-text("青岚县人民政府")');
  await page.click('.reader a:has-text("天气")');
  assert.match(await page.textContent('.reader'), /青岚县气象局/);
  await context.close();
});

test('the reader view of a harmful page has nothing that runs', async () => {
  const context = await newContext();
  const page = await context.newPage();
  await page.goto(`${server.pages}/reader/2100/${site}/harm.html`);
  assert.equal(await page.evaluate(() => self.hurt), undefined);
  assert.equal(await page.locator('.reader script, .reader iframe, .reader form, .reader [onerror]').count(), 0);
  assert.equal(await page.locator('.reader a[href^="javascript"]').count(), 0);
  assert.equal(await page.locator('#banner').count(), 1);
  assert.deepEqual(escaped(), []);
  await page.screenshot({ path: 'build/browser/shots/reader-1280-zh.png' });
  await context.close();
});

test('bytes opened by themselves cannot run', async () => {
  const context = await newContext();
  const page = await context.newPage();
  const time = (await timesOf(`${site}/harm.html`)).at(-1);
  const answer = await page.goto(`${server.replay}/w/${time}id_/${site}/harm.html`);
  assert.match(answer.headers()['content-security-policy'], /^sandbox; default-src 'none'/);
  assert.equal(await page.evaluate(() => self.hurt).catch(() => undefined), undefined);
  assert.deepEqual(escaped(), []);
  await context.close();
});
