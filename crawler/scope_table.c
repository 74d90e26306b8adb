/* The exclusion rules. To add one: a row here and a case in tests/unit/t_scope.c that it excludes, with a
 * neighbour that it must not. Words are whole segments, labels or names, never substrings, so that a column
 * called /research/ is not a search. */
#include "crawler/scope_table.h"

#include <stddef.h>

#define P SCOPE_PAGES
#define R SCOPE_REQUISITES
#define F SCOPE_FILES

const struct scope_rule zhi_scope_rules[] = {
    {"search", SCOPE_DIR, P, 0,
     "search searchfs sousuo qwss qwjs fullsearch jsearch jsearchfront solr"},
    {"search", SCOPE_STEM, P, 0,
     "search searchresult search_result searchresults advsearch advancedsearch sousuo jsearch"},
    {"search", SCOPE_HOST, P, 0, "search sousuo jsearch"},
    {"search", SCOPE_PARAM, P, 0,
     "q wd kw keyword keywords searchword searchwords searchkey searchtext keyboard"},

    {"login", SCOPE_DIR, P, 0, "login signin passport sso oauth oauth2 usercenter ucenter"},
    {"login", SCOPE_STEM, P | R, 0,
     "login logout signin signup register dologin userlogin admin_login wp-login forgetpwd captcha "
     "validatecode verifycode checkcode vcode authcode randomcode kaptcha"},
    {"login", SCOPE_TOP, P, 0, "uc cas admin manager wp-admin register"},
    {"login", SCOPE_HOST, P, 0, "login passport sso uc cas oauth mail webmail oa vpn"},
    {"login", SCOPE_TEXT, P, 0, "登录 用户登录 会员登录 注册 用户注册"},

    {"form", SCOPE_DIR, P, SCOPE_PROGRAM,
     "hdjl hudong hdzx interact interaction zxhd gzhd mailbox xinxiang szxx xzxx letter letters "
     "liuyan "
     "message messages zxts wsxf 12345 wyjc guestbook feedback survey vote dcwj wsdc ysqgk zjdc "
     "wldc"},
    {"form", SCOPE_STEM, P, SCOPE_PROGRAM,
     "guestbook feedback addmessage leavemessage vote survey addletter letteradd writeletter "
     "mailwrite "
     "writemail writemsg comment comments addcomment subscribe apply"},
    {"form", SCOPE_TEXT, P, 0, "我要写信 我要留言 我要咨询 我要投诉 我要举报 我要提问 在线提交"},

    {"eservice", SCOPE_LABEL_END, P, 0, "zwfw"},
    {"eservice", SCOPE_DIR, P, SCOPE_PROGRAM, "bszn wsbs bsdt zwfw wssb"},

    {"weather", SCOPE_DIR, P, 0, "tianqi weather"},
    {"weather", SCOPE_STEM, P, 0, "tianqi weather"},
    {"weather", SCOPE_DOMAIN, P | R, 0, "tianqi.com weather.com.cn tianqi.2345.com thinkpage.cn"},

    {"share", SCOPE_DIR, P, 0, "share bdshare"},
    {"share", SCOPE_STEM, P, 0, "share sharetowx weixinshare"},
    {"share", SCOPE_DOMAIN, P | R, 0,
     "share.baidu.com bshare.cn jiathis.com addthis.com service.weibo.com v.t.sina.com.cn "
     "sns.qzone.qq.com share.v.t.qq.com connect.qq.com"},

    {"counter", SCOPE_DIR, P | R, 0, "viewclick visitcount clickcount hitcount"},
    {"counter", SCOPE_STEM, P | R, SCOPE_PROGRAM,
     "click clicks hits hit count counter visit visitcount clickcount countclick viewcount "
     "addclick "
     "getclicks dynclicks updateclick pagecount pv stat tongji"},
    {"counter", SCOPE_PARAM, P | R, 0, "addclick"},
    {"counter", SCOPE_DOMAIN, P | R, 0,
     "hm.baidu.com tongji.baidu.com cnzz.com umeng.com 51.la google-analytics.com "
     "googletagmanager.com gridsumdissector.com ta.trs.cn"},

    {"print", SCOPE_DIR, P, 0, "print dayin"},
    {"print", SCOPE_STEM, P, 0, "print printpage print_page dayin"},
    {"print", SCOPE_PARAM, P, 0, "print printpage"},
    {"print", SCOPE_TEXT, P, 0,
     "打印 打印本页 【打印】 关闭 关闭窗口 【关闭】 收藏 加入收藏 设为首页"},

    {"barrier_free", SCOPE_DIR, P, 0, "wza wzazn wuzhangai zhangzhe laonianban slh"},
    {"barrier_free", SCOPE_STEM, P, 0, "wza wuzhangai slh"},
    {"barrier_free", SCOPE_HOST, P, 0, "wza"},
    {"barrier_free", SCOPE_PAIR, P, 0, "version=slh version=wza"},
    {"barrier_free", SCOPE_TEXT, P, 0,
     "无障碍 无障碍浏览 无障碍阅读 长者模式 长者版 长者助手 老年版 适老化"},

    {"variant", SCOPE_DIR, P, 0, "big5 gb2big5 fanti"},
    {"variant", SCOPE_TOP, P, 0, "en english eng"},
    {"variant", SCOPE_HOST, P, 0, "en english big5"},
    {"variant", SCOPE_TEXT, P, 0, "繁体 繁體 繁体版 繁體版 繁体中文 繁體中文 english"},

    {"mobile", SCOPE_HOST, P, 0, "m 3g wap mobile"},
    {"mobile", SCOPE_TOP, P, 0, "m 3g wap mobile page_mobile"},
    {"mobile", SCOPE_TEXT, P, 0, "手机版 移动版 手机网站"},

    {"badge", SCOPE_DOMAIN, P | R, 0,
     "conac.cn beian.gov.cn miitbeian.gov.cn beian.miit.gov.cn 12377.cn zfwzgl.www.gov.cn "
     "cyberpolice.cn pucha.kaipuyun.cn"},
    {"badge", SCOPE_DIR, P, 0, "jiucuo zhaocuo"},
    {"badge", SCOPE_STEM, P, 0, "jiucuo zhaocuo"},

    {"trap_calendar", SCOPE_DIR, P, 0, "calendar rili"},

    {"sort", SCOPE_PARAM, P, 0,
     "sort sortby sortfield sorttype order orderby orderfield ordertype"},

    {"feed", SCOPE_DIR, P, 0, "rss feed feeds"},
    {"feed", SCOPE_STEM, P, 0, "rss feed"},
    {"feed", SCOPE_EXT, P, 0, "rss atom"},

    {NULL, SCOPE_HOST, 0, 0, NULL},
};

const struct scope_needed zhi_scope_needed[] = {
    {"/module/xxgk/search.jsp", NULL},   /* Hanweb: disclosure lists */
    {"/module/web/jpage/", NULL},        /* Hanweb: list rows */
    {"/common/search/", NULL},           /* UCAP: list rows as JSON */
    {"/was5/web/search?", "channelid="}, /* TRS WAS as list interface */
    {"/govsearch/", NULL},               /* TRS GovInfo: disclosure lists */
    {"/gkmlpt/", NULL},                  /* NFCMS: disclosure platform */
    {"/site/label/", NULL},              /* Lonsun: list fragments */
    {"/api-gateway/jpaas-", NULL},       /* JPAAS: list fragments */
    {"getinfolist", NULL},               /* Epoint and others */
    {NULL, NULL},
};

const struct scope_param zhi_scope_visit_params[] = {
    {"jsessionid", VALUE_ANY},   {"phpsessid", VALUE_ANY},  {"aspsessionid*", VALUE_ANY},
    {"sessionid", VALUE_ANY},    {"session_id", VALUE_ANY}, {"cfid", VALUE_ANY},
    {"cftoken", VALUE_ANY},      {"sid", VALUE_TOKEN},      {"s_id", VALUE_TOKEN},
    {"_t", VALUE_ANY},           {"_ts", VALUE_ANY},        {"rnd", VALUE_ANY},
    {"rand", VALUE_ANY},         {"random", VALUE_ANY},     {"_r", VALUE_NUMBER},
    {"_", VALUE_NUMBER},         {"t", VALUE_NUMBER},       {"time", VALUE_NUMBER},
    {"timestamp", VALUE_NUMBER}, {"r", VALUE_NUMBER},       {"nocache", VALUE_ANY},
    {"utm_*", VALUE_ANY},        {"spm", VALUE_ANY},        {"isappinstalled", VALUE_ANY},
    {NULL, VALUE_ANY},
};

const char zhi_scope_reading_stems[] =
    "list content index view show detail info article news more channel column home main default "
    "newslist newsview page ilist iindex dataproxy";
const char zhi_scope_program_exts[] = "do action jsp jspx php asp aspx ashx cgi jhtm go";

const struct scope_reason zhi_scope_reasons[] = {
    {"off_scope", "the host is not of the cluster"},
    {"off_path", "the path is not under scope.include_paths"},
    {"config_exclude", "scope.exclude of the config names it"},
    {"nofollow", "the page or the link says nofollow, and the config obeys that"},
    {"requisites_off", "the config does not fetch style sheets, scripts and images"},
    {"attachments_off", "the config does not fetch attached files"},
    {"too_deep", "more links from a seed than scope.max_depth"},
    {"too_long", "the address is longer than any page of such a site needs"},
    {"scheme", "not an http or https address"},
    {"credentials", "the address holds a user name or password"},
    {"template", "the address holds a placeholder that a program did not fill"},
    {"search", "a search: its results stand elsewhere, and there is no end of them"},
    {"login", "log-in, registration, captcha or mail"},
    {"form", "a form for letters, complaints, comments or votes"},
    {"eservice", "an application of the service hall, not a document"},
    {"weather", "a weather widget"},
    {"share", "a button for sharing"},
    {"counter", "a hit counter"},
    {"print", "a print view, or a button of the page"},
    {"barrier_free", "the same pages for assistive reading"},
    {"variant", "the same pages in traditional characters, or the English edition"},
    {"mobile", "the same pages for telephones"},
    {"badge", "registration badges and error-report forms of other authorities"},
    {"sort", "the same list in another order"},
    {"feed", "a news feed of pages that stand elsewhere"},
    {"trap_calendar", "a calendar: one page for every day there is"},
    {"trap_path", "the path repeats itself or has too many segments"},
    {"trap_query", "the query repeats itself or has too many parameters"},
    {"trap_duplicates", "this branch kept giving pages already held"},
    {"trap_soft_404", "this branch kept giving pages that say: not found"},
    {"trap_growth", "this branch grew past the most pages one pattern may have"},
    {"caption", "its caption names the sites of others"},
    {"sibling", "its caption names other counties or districts"},
    {"no_caption", "no caption says whose site it is"},
    {"not_gov", "not under gov.cn, and not in scope.domains"},
    {"site_code", "its home page has a site code of another division"},
    {"no_site_code", "its home page has no site code"},
    {"no_division", "neither config nor seeds say which division the cluster is of"},
    {NULL, NULL},
};
