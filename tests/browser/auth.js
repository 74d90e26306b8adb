// A password before both origins: pages, replay and its service worker go on working for who knows it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

import { test, until } from './check.js';
import { archive, newContext, program, site, startServer, timesOf } from './world.js';

const notice = `${site}/zwgk/t1.html`;

test('behind a password a page is replayed for who knows it, and refused on both origins to who does not', async () => {
  const hash = execFileSync(program, ['serve', '--hash'], { input: 'open sesame\n', encoding: 'utf8' }).trim();
  const time = (await timesOf(notice))[0];
  const locked = await startServer(archive, '--auth', `archivist:${hash}`);
  for (const address of [`${locked.pages}/`, `${locked.replay}/frame/${time}/${notice}`, `${locked.replay}/w/${time}id_/${notice}`, `${locked.replay}/sw.js`])
    assert.equal((await fetch(address)).status, 401, address);
  const context = await newContext({ httpCredentials: { username: 'archivist', password: 'open sesame' } });
  const page = await context.newPage();
  assert.equal((await page.goto(`${locked.pages}/replay/${time}/${notice}`)).status(), 200);
  const frame = await until('the page as it was', async () => page.frames().find((f) => f.url().includes('mp_/')));
  await until('its text', async () => (await frame.textContent('#zoom')).includes('两千五百'));
  await until('its script', async () => (await frame.textContent('#script')).includes('已运行'));
  await context.close();
  await locked.stop();
});
