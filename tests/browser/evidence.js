// Evidence: what is downloaded can be checked by anybody, and what is taken down cannot be had.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';

import { test } from './check.js';
import { archive, folder, newContext, run, server, site, startServer, timesOf } from './world.js';

const notice = `${site}/zwgk/t1.html`;

// The files of a zip, by the directory at its end.
const unpack = (zip, to) => {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'));
  const names = [];
  for (let at = zip.readUInt32LE(end + 16); zip.readUInt32LE(at) === 0x02014b50; ) {
    const [method, packed] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [name, extra, comment] = [28, 30, 32].map((n) => zip.readUInt16LE(at + n));
    const local = zip.readUInt32LE(at + 42);
    const file = zip.toString('utf8', at + 46, at + 46 + name);
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(from, from + packed);
    fs.mkdirSync(path.dirname(path.join(to, file)), { recursive: true });
    fs.writeFileSync(path.join(to, file), method ? inflateRawSync(bytes) : bytes);
    names.push(file);
    at += 46 + name + extra + comment;
  }
  return names;
};

const verify = (dir) => spawnSync('sh', [path.join(dir, 'verify.sh')]).status;
const flip = (file) => {
  const bytes = fs.readFileSync(file);
  bytes[bytes.length >> 1] ^= 1;
  fs.writeFileSync(file, bytes);
};

const fetchEvidence = async (page, name) => {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#action-evidence')]);
  assert.match(download.suggestedFilename(), /^evidence.*\.zip$/);
  const dir = path.join(folder, name);
  return [dir, unpack(fs.readFileSync(await download.path()), dir)];
};

test('evidence of a document, of two captures and from a citation is downloaded, passes its script, and fails it after a changed byte', async () => {
  const context = await newContext();
  const page = await context.newPage();
  for (const [name, address, captures] of [
    ['document', `/document?url=${encodeURIComponent(notice)}`, 1],
    ['both', `/diff?url=${encodeURIComponent(notice)}`, 2],
    ['cited', `/cite?url=${encodeURIComponent(notice)}&time=2100`, 1],
  ]) {
    await page.goto(server.pages + address);
    const [dir, names] = await fetchEvidence(page, name);
    assert.equal(names.filter((n) => /^\d+\/record\.warc\.gz$/.test(n)).length, captures, name);
    assert.equal(names.includes('diff.json'), captures > 1);
    assert.match(fs.readFileSync(path.join(dir, '1/text.txt'), 'utf8'), /征迁补偿安置方案/);
    assert.equal(verify(dir), 0, name);
    for (const file of ['1/record.warc.gz', '1/body.bin', 'index.html', 'SHA256SUMS']) {
      flip(path.join(dir, file));
      assert.equal(verify(dir), 1, `${name}: ${file} was altered`);
      flip(path.join(dir, file));
    }
    assert.equal(verify(dir), 0, name);
  }
  await context.close();
});

test('what is taken down is shown nowhere, nor packed', async () => {
  const copy = path.join(folder, 'suppressed');
  fs.cpSync(archive, copy, { recursive: true });
  const time = (await timesOf(notice)).at(-1), q = encodeURIComponent(notice);
  await run('suppress', copy, notice, '--reason', 'test');
  const served = await startServer(copy);
  for (const address of [`/evidence?url=${q}`, `/evidence?url=${q}&time=2000&time=2100`, `/document?url=${q}`, `/cite?url=${q}`, `/diff?url=${q}`, `/replay/${time}/${notice}`, `/reader/${time}/${notice}`, `/timegate/${notice}`, `/timemap/link/${notice}`]) {
    const answer = await fetch(served.pages + address, { redirect: 'manual' });
    assert.equal(answer.status, 404, address);
    assert.doesNotMatch(await answer.text(), /两千/);
  }
  for (const mod of ['id_', 'ir_', 'oe_']) assert.equal((await fetch(`${served.replay}/w/${time}${mod}/${notice}`)).status, 404, mod);
  await served.stop();
});
