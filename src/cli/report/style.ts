/**
 * The style of the report, inline in the page. Colours are named once for light and once for dark; the script reads the same
 * names for what it draws. The eight type colours and the outcome colours stay apart for the colour-blind as well.
 */
export const pageStyle = `
:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--ink:#1a2027;--muted:#5c6773;--line:#e2e5ea;--track:#edf0f3;--link:#1d5fc4;
--good:#1b7f4f;--good-soft:#e2f4ea;--bad:#c22f2b;--bad-soft:#fdeae9;--warn:#a4630a;--warn-soft:#fdf1dd;--info:#2b64c0;
--run:#3c4856;--path:#c2410c;--work:#3b76d6;--gap:#f3c9ad;
--type-0:#3b76d6;--type-1:#1f9e8f;--type-2:#d9a01c;--type-3:#8a63d2;--type-4:#6b9e2f;--type-5:#d06aa4;--type-6:#46aed0;--type-7:#98a2ad;
--succeeded:#2f9e6e;--failed:#d4322d;--timeout:#e07b1f;--lost:#8e3b8e;--expired:#b3541e;--cancelled:#8b95a1;--parked:#7aa7d9;--released:#a9b4c0;--running:#3b76d6;--planned:#3b76d6;
--kind-0:#2d4a6d;--kind-1:#5b86b8;--kind-2:#9cbcdf;--kind-3:#8a7fae;--kind-4:#bdb4d6;
--sojourn:#3c4856;--service:#3b76d6;--wait:#d9861c;--radius:10px}
@media (prefers-color-scheme:dark){:root{--page:#0e1217;--card:#161b22;--ink:#e6eaef;--muted:#98a3b0;--line:#2a323c;--track:#222a33;--link:#7db0ff;
--good:#5fd39a;--good-soft:#12301f;--bad:#ff8079;--bad-soft:#3a1918;--warn:#f0b35a;--warn-soft:#33260f;--info:#7db0ff;
--run:#b9c3cf;--path:#fb8a4c;--work:#5a93ec;--gap:#7a4526;
--type-0:#5a93ec;--type-1:#35b5a5;--type-2:#dfae3d;--type-3:#a382e6;--type-4:#86b84b;--type-5:#dd83b6;--type-6:#5fc0df;--type-7:#7d8894;
--succeeded:#3fae7f;--failed:#f0574f;--timeout:#ee9345;--lost:#b867b8;--expired:#cf7442;--cancelled:#7b8592;--parked:#6f9cd0;--released:#66717d;--running:#5a93ec;--planned:#5a93ec;
--kind-0:#9fc3ec;--kind-1:#6590c2;--kind-2:#3f618a;--kind-3:#8d81b8;--kind-4:#5c5280;
--sojourn:#b9c3cf;--service:#5a93ec;--wait:#e8a040}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Liberation Sans",Arial,sans-serif}
main{max-width:1320px;margin:0 auto;padding:24px 24px 48px;display:grid;gap:16px}
main>*,.columns>*,.columns>*>*{min-width:0}
h1{font-size:24px;line-height:1.2;margin:0;overflow-wrap:anywhere}h2{font-size:17px;margin:0 0 8px}h3{font-size:14px;margin:0 0 8px}
p{margin:0 0 8px}p:last-child{margin-bottom:0}a{color:var(--link)}
code,pre{font:12.5px/1.45 ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
code{overflow-wrap:anywhere}pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;max-height:12em;overflow:auto}
.muted{color:var(--muted)}.small{font-size:13px;font-weight:400}
.hidden,.skip:not(:focus){position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip:focus{position:fixed;left:12px;top:12px;background:var(--card);padding:8px 12px;z-index:20;border-radius:6px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.card{background:var(--card);border:1px solid var(--line);border-radius:var(--radius);padding:18px 20px}
header{display:flex;flex-wrap:wrap;gap:12px 24px;align-items:center;justify-content:space-between}
header p{margin:4px 0 0}
.verdict{font-weight:600;padding:6px 14px;border-radius:99px;background:var(--track);margin:0}
.verdict a{color:inherit;text-decoration:none}
.verdict.good{background:var(--good-soft);color:var(--good)}.verdict.bad{background:var(--bad-soft);color:var(--bad)}.verdict.warn{background:var(--warn-soft);color:var(--warn)}
.standout{display:grid;grid-template-columns:minmax(0,3fr) minmax(280px,2fr);gap:24px 40px}
.standout.alone{grid-template-columns:1fr}
.findings{list-style:none;margin:0;padding:0;display:grid;gap:10px}
.findings li{padding-left:14px;border-left:4px solid var(--line)}
.findings strong{display:block}
.findings .bad{border-color:var(--bad)}.findings .warn{border-color:var(--warn)}.findings .info{border-color:var(--info)}.findings .good{border-color:var(--good)}
.bound{margin-bottom:12px}.bound p{display:flex;flex-wrap:wrap;gap:0 8px;align-items:baseline;margin-bottom:3px;font-size:14px}.bound .muted{font-size:13px}
.amount{margin-left:auto;font-variant-numeric:tabular-nums;font-weight:600}
svg.bar{display:block;width:100%;height:10px;border-radius:3px;overflow:hidden}
rect.track{fill:var(--track)}rect.run{fill:var(--run)}rect.path{fill:var(--path)}rect.work{fill:var(--work)}rect.gap{fill:var(--gap)}
.cards{display:grid;gap:12px;margin:0}.of-4{grid-template-columns:repeat(4,1fr)}.of-5{grid-template-columns:repeat(5,1fr)}.of-6{grid-template-columns:repeat(6,1fr)}
.cards .card{padding:12px 16px}
.cards dt{font-size:13px;color:var(--muted)}.cards dd{margin:0}.cards b{display:block;font-size:22px;line-height:1.3;font-weight:650;font-variant-numeric:tabular-nums;white-space:nowrap}
.cards span{display:block;font-size:13px;line-height:1.35}.cards .bad b{color:var(--bad)}
.columns{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px;align-items:start}
.columns>div{display:grid;gap:16px}
.scroll{overflow-x:auto}.scroll.low{max-height:340px;overflow-y:auto}.low thead th{position:sticky;top:0;background:var(--card);z-index:1;box-shadow:0 1px var(--line)}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;padding:6px 14px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
tr>:last-child{padding-right:0}tbody tr:last-child>*{border-bottom:0}
thead th{font-size:12.5px;font-weight:600;color:var(--muted);white-space:nowrap}
tbody th{font-weight:600}tbody td:first-child{min-width:120px}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.spread th .muted{display:block;line-height:1.3}
td.fall,th.fall{min-width:90px;width:26%}td.fall svg{margin-top:6px}
button{font:inherit;color:inherit}
button.task{all:unset;cursor:pointer;color:var(--link);overflow-wrap:anywhere}button.task:hover{text-decoration:underline}
button.task:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
.plain button.task{color:inherit;cursor:auto;text-decoration:none}
.reason{background:var(--bad-soft);color:var(--bad);padding:1px 6px;border-radius:4px;white-space:nowrap}
.note{background:var(--warn-soft);color:var(--warn);padding:8px 12px;border-radius:6px;font-size:14px}
.bar-top{display:flex;flex-wrap:wrap;gap:8px 20px;align-items:center;justify-content:space-between;margin-bottom:8px}.bar-top h2{margin:0}
.tools{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;font-size:14px}.tools[hidden]{display:none}
fieldset{border:1px solid var(--line);border-radius:7px;padding:0;margin:0;display:flex;overflow:hidden}
fieldset input{position:absolute;opacity:0}fieldset span{display:block;padding:3px 12px;cursor:pointer}
fieldset input:checked+span{background:var(--ink);color:var(--card)}fieldset input:focus-visible+span{outline:2px solid var(--link);outline-offset:-3px}
.check{display:flex;gap:6px;align-items:center;cursor:pointer}.check input{accent-color:var(--path)}
.zoom{display:flex;gap:4px}
.zoom button,.legend button{background:var(--card);border:1px solid var(--line);border-radius:7px;padding:3px 11px;cursor:pointer}.zoom button:hover,.legend button:hover{background:var(--track)}
.legend{display:flex;flex-wrap:wrap;gap:6px;margin-bottom:10px;font-size:13px}
.legend button{display:flex;gap:7px;align-items:center;padding:1px 9px}.legend button[aria-pressed=true]{border-color:var(--ink);box-shadow:inset 0 0 0 1px var(--ink)}
.legend canvas{width:11px;height:11px;border-radius:3px}
.plot{position:relative;width:100%}.plot canvas{display:block;width:100%}
#gantt{overflow-x:hidden;overflow-y:auto;max-height:600px;touch-action:pan-y;cursor:crosshair;border-radius:4px}
#gantt canvas{position:sticky;top:0}
#busy,#waiting{height:110px}#waiting{height:84px}
.plot-name{margin:14px 0 2px;display:flex;flex-wrap:wrap;gap:2px 12px;align-items:baseline}.kinds{display:flex;flex-wrap:wrap;gap:2px 14px}.kinds span{display:flex;gap:6px;align-items:center}.kinds svg{width:11px;height:11px;border-radius:3px}.kind-0{fill:var(--kind-0)}.kind-1{fill:var(--kind-1)}.kind-2{fill:var(--kind-2)}.kind-3{fill:var(--kind-3)}.kind-4{fill:var(--kind-4)}.help{margin-top:10px}
.columns svg.percentiles{display:block;width:100%;height:auto;margin-bottom:8px}
.percentiles .grid{stroke:var(--line)}.percentiles text{font-size:12px;fill:var(--muted)}.percentiles .end{font-weight:600;font-size:13px}
.curve{fill:none;stroke-width:2.2;stroke-linejoin:round}.curve.sojourn{stroke:var(--sojourn);stroke-dasharray:6 4}.curve.service{stroke:var(--service)}.curve.wait{stroke:var(--wait)}
.percentiles .end.sojourn{fill:var(--sojourn)}.percentiles .end.service{fill:var(--service)}.percentiles .end.wait{fill:var(--wait)}
#tip{position:fixed;z-index:10;max-width:340px;pointer-events:none;background:var(--ink);color:var(--card);border-radius:7px;padding:8px 12px;font-size:13px;line-height:1.45;box-shadow:0 4px 18px #0004}
#tip[hidden]{display:none}#tip b{display:block;overflow-wrap:anywhere}
footer{font-size:13px;padding:0 4px}footer p{margin-bottom:4px}
@media (max-width:900px){.cards{grid-template-columns:repeat(3,1fr)}.columns,.standout{grid-template-columns:minmax(0,1fr)}}
@media (max-width:560px){main{padding:14px 10px 32px;gap:12px}.card{padding:14px}.cards{grid-template-columns:repeat(2,1fr);gap:8px}.cards .card{padding:10px 12px}.cards b{font-size:19px}.tools{gap:8px}}
@media print{:root{--page:#fff}body{font-size:12px}.tools,.help,.skip{display:none}.card{break-inside:avoid}#gantt{max-height:none}}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
`;
