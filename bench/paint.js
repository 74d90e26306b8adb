// First paint and bytes transferred of pages in Chromium over loopback, each in a fresh profile: node bench/paint.js, after
// `make test-browser` has made ready what it needs. Prints the median and the worst of nine visits.
import { newContext, server, setUp, site, tearDown } from '../tests/browser/world.js';

const VISITS = 9;
const notice = encodeURIComponent(`${site}/zwgk/t1.html`);

const visit = async (address) => {
  const context = await newContext();
  const page = await context.newPage();
  const network = await context.newCDPSession(page);
  let bytes = 0;
  await network.send('Network.enable');
  network.on('Network.loadingFinished', (done) => (bytes += done.encodedDataLength));
  await page.goto(server.pages + address, { waitUntil: 'networkidle' });
  const ms = await page.evaluate(
    () => new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries().find((x) => x.name === 'first-contentful-paint')?.startTime)).observe({ type: 'paint', buffered: true })),
  );
  await context.close();
  return { ms, bytes };
};

try {
  await setUp();
  for (const [name, address] of Object.entries({ home: '/', documents: '/documents', document: `/document?url=${notice}`, diff: `/diff?url=${notice}` })) {
    const all = [];
    for (let i = 0; i < VISITS; i++) all.push(await visit(address));
    const ms = all.map((x) => x.ms).sort((a, b) => a - b);
    console.log(`${name}\tfirst paint ${Math.round(ms[VISITS >> 1])} ms, worst ${Math.round(ms[VISITS - 1])} ms\t${Math.round(Math.max(...all.map((x) => x.bytes)) / 1024)} KB`);
  }
} finally {
  await tearDown();
}
