// The frame around a replayed page: gets the service worker of replay running, then shows the page, or loads again the
// address that came here before the worker was there. Tells the page around it where the replayed one has gone.

const policy =
  "default-src 'unsafe-eval' 'unsafe-inline' 'self' data: blob: mediastream:; form-action 'self'; object-src 'none'; " +
  "frame-src 'self' data: blob: about:";
const collection = {
  msg_type: 'addColl',
  name: 'w',
  type: 'live',
  file: { sourceUrl: 'proxy:' },
  skipExisting: false,
  extraConfig: {
    prefix: '',
    isLive: false,
    baseUrl: '/frame/',
    baseUrlAppendReplay: true,
    archivePrefix: '/w/',
    archiveMod: 'ir_',
    csp: policy,
  },
};
const patience = 20000;

const withWorker = () =>
  new Promise((resolve, reject) => {
    const workers = navigator.serviceWorker;
    if (!workers) return reject(new Error('no service workers here'));
    setTimeout(() => reject(new Error('the service worker does not start')), patience);
    const ask = () => workers.controller && workers.controller.postMessage(collection);
    workers.addEventListener('message', (event) => {
      if (event.data?.msg_type === 'collAdded' && event.data.name === 'w') resolve();
    });
    workers.addEventListener('controllerchange', ask);
    workers.startMessages();
    workers.register('/sw.js?replayPrefix=', { scope: '/' }).then(ask, reject);
  });

const { way, time, url } = document.body.dataset;

const show = () => {
  const frame = document.createElement('iframe');
  frame.name = '___wb_replay_top_frame';
  frame.title = url;
  frame.sandbox = 'allow-scripts allow-same-origin allow-forms allow-downloads allow-modals';
  frame.src = `/w/${time}mp_/${url}`;
  addEventListener('message', (event) => {
    if (event.source !== frame.contentWindow || event.origin !== location.origin) return;
    const { wb_type: type, url: at, ts } = event.data ?? {};
    if (type === 'load' || type === 'replace-url') parent.postMessage({ xianzhi: 'at', url: at, time: ts }, '*');
  });
  document.body.replaceChildren(frame);
};

withWorker().then(
  () => (way === 'show' ? show() : location.reload()),
  (error) => {
    document.getElementById('wait').textContent = error.message;
    parent.postMessage({ xianzhi: 'unavailable' }, '*');
  },
);
