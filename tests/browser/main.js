// The archive in a browser, from a crawl to the last click.
import fs from 'node:fs';

import { runAll } from './check.js';
import { setUp, tearDown } from './world.js';
import './replay.js';
import './journeys.js';
import './evidence.js';
import './auth.js';
import './wacz.js';

fs.mkdirSync('build/browser/shots', { recursive: true });
let failed = 1;
try {
  await setUp();
  failed = await runAll();
} finally {
  await tearDown();
}
process.exit(failed ? 1 : 0);
