// Above a replayed page: follows where it goes, and falls back to the reader view where it cannot be replayed.

const frame = document.getElementById('page');
let here = location.pathname + location.search;

const follow = async (time, url) => {
  const there = `/replay/${time}/${url}`;
  if (there === here) return;
  here = there;
  const answer = await fetch(there);
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const banner = page.getElementById('banner');
  if (!banner || there !== here) return;
  document.getElementById('banner').replaceWith(document.adoptNode(banner));
  document.title = page.title;
  history.replaceState(null, '', there);
};

addEventListener('message', (event) => {
  if (!frame || event.source !== frame.contentWindow || event.origin !== new URL(frame.src).origin) return;
  const { xianzhi: what, time, url } = event.data ?? {};
  if (what === 'unavailable') location.replace(location.href.replace('/replay/', '/reader/'));
  else if (what === 'at' && /^\d{14}$/.test(time) && /^https?:\/\//.test(url)) follow(time, url);
});
