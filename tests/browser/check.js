// A list of named tests run one behind the other, told as the other test programs tell.
const tests = [];
export const test = (name, run) => tests.push([name, run]);

export const runAll = async () => {
  const failed = [];
  console.log(`[==========] Running ${tests.length} test(s).`);
  for (const [name, run] of tests) {
    const start = Date.now();
    try {
      await run();
      console.log(`[       OK ] ${name} (${Date.now() - start} ms)`);
    } catch (error) {
      failed.push(name);
      console.log(`[  FAILED  ] ${name}: ${error.stack}`);
    }
  }
  console.log(`[  PASSED  ] ${tests.length - failed.length} test(s).`);
  if (failed.length) console.log(`[  FAILED  ] ${failed.length} test(s).`);
  return failed.length;
};

// Wait for a value that is true.
export const until = async (what, look, ms = 10000) => {
  for (const end = Date.now() + ms; Date.now() < end; await new Promise((done) => setTimeout(done, 50))) {
    const value = await look().catch(() => null);
    if (value) return value;
  }
  throw new Error(`waited in vain for ${what}`);
};
