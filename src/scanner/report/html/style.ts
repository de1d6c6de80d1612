/** The stylesheet of the report: a light and a dark set of colours, narrow screens, and paper. */
export const STYLE = `:root {
  color-scheme: light dark;
  --back: #f4f6f8; --card: #ffffff; --sunk: #eef2f5; --text: #15202b; --soft: #4a5865; --line: #d3dae1;
  --accent: #0b4f8a; --mark: #ffe08a; --on-mark: #3b2a00;
  --critical: #8f1239; --high: #b3261e; --medium: #8a4b00; --low: #1f5f99; --informational: #4a5865; --good: #176639;
  --bad-back: #fdf0f0; --good-back: #edf7f0; --warn-back: #fdf6e6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #10161c; --card: #19212a; --sunk: #11181f; --text: #e9eef3; --soft: #b3c0cc; --line: #34424f;
    --accent: #8fc4f4; --mark: #6b5300; --on-mark: #fff2c4;
    --critical: #ff9db8; --high: #ffb0a8; --medium: #f5be78; --low: #98c9f5; --informational: #b3c0cc; --good: #86d6a4;
    --bad-back: #33191b; --good-back: #14291d; --warn-back: #2e2511;
  }
}
* { box-sizing: border-box; }
html { font: 100%/1.55 system-ui, sans-serif; background: var(--back); color: var(--text); scroll-padding-top: 1rem; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 0.75rem; }
h3 { font-size: 1.1rem; line-height: 1.35; margin: 0; overflow-wrap: anywhere; }
h4 { font-size: 1rem; margin: 0; font-weight: 600; overflow-wrap: anywhere; }
h5 { font-size: 0.8rem; margin: 1rem 0 0.25rem; color: var(--soft); font-weight: 600; }
p { margin: 0 0 0.75rem; overflow-wrap: anywhere; }
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 0.2rem; }
code, pre { font-family: ui-monospace, 'SFMono-Regular', Menlo, Consolas, monospace; font-size: 0.85rem; }
code { overflow-wrap: anywhere; }
pre { margin: 0; padding: 0.75rem 0.9rem; background: var(--sunk); border: 1px solid var(--line); border-radius: 0.5rem;
  white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 2; }
mark { background: var(--mark); color: var(--on-mark); border-radius: 0.15rem; padding: 0.05em 0; font-weight: 600; }
.soft { color: var(--soft); }
.small { font-size: 0.875rem; }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.brand { color: var(--soft); font-weight: 600; margin: 0 0 0.4rem; letter-spacing: 0.02em; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; padding: 1.1rem 1.25rem; margin: 0 0 1rem; }
.verdict { border-left: 0.4rem solid var(--good); background: var(--good-back); font-size: 1.1rem; margin: 1.25rem 0; }
.verdict.bad { border-left-color: var(--high); background: var(--bad-back); }
.verdict.part { border-left-color: var(--medium); background: var(--warn-back); }
.verdict p:last-child { margin-bottom: 0; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 0.75rem 1.5rem; margin: 0; }
.facts div { min-width: 0; }
dt { color: var(--soft); font-size: 0.8rem; }
dd { margin: 0; overflow-wrap: anywhere; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; list-style: none; padding: 0; margin: 1rem 0 0; }
.scores { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 0.75rem; list-style: none; padding: 0; margin: 0; }
.scores li { display: flex; align-items: center; gap: 0.9rem; margin: 0; padding: 0.8rem 1rem; }
.scores svg { flex: none; width: 3.6rem; height: 3.6rem; }
.scores strong { display: block; line-height: 1.25; }
.ring-back { stroke: var(--line); } .ring-good { stroke: var(--good); } .ring-part { stroke: var(--medium); } .ring-bad { stroke: var(--high); }
svg text { fill: var(--text); font: 600 13px system-ui, sans-serif; }
.badge { display: inline-block; padding: 0.1rem 0.6rem; border-radius: 1rem; border: 1.5px solid currentColor; font-size: 0.8rem;
  font-weight: 700; white-space: nowrap; }
.critical { --severity: var(--critical); } .high { --severity: var(--high); } .medium { --severity: var(--medium); }
.low { --severity: var(--low); } .informational { --severity: var(--informational); } .accepted { --severity: var(--informational); }
.badge, .count { color: var(--severity, var(--soft)); }
.filter { border: 0; padding: 0; margin: 0 0 1rem; display: flex; flex-wrap: wrap; gap: 0.4rem 1.1rem; align-items: center; }
.filter legend { float: left; padding: 0; margin-right: 1rem; color: var(--soft); }
.filter label { display: inline-flex; align-items: center; gap: 0.4rem; min-height: 2rem; cursor: pointer; }
.filter input { width: 1.1rem; height: 1.1rem; accent-color: var(--accent); }
.overview { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)); gap: 0.35rem 1.5rem; }
.overview li { display: flex; align-items: baseline; gap: 0.6rem; overflow-wrap: anywhere; }
.overview .badge { flex: none; width: 7.2rem; text-align: center; }
.group { border-left: 0.4rem solid var(--severity); padding: 0; overflow: hidden; }
.group > header { padding: 1rem 1.25rem 0.25rem; }
.group > header .line { display: flex; flex-wrap: wrap; gap: 0.4rem 0.75rem; align-items: center; margin-bottom: 0.5rem; }
.links { display: flex; flex-wrap: wrap; gap: 0.1rem 1rem; margin: 0 0 0.5rem; font-size: 0.875rem; color: var(--soft); }
.finding { border-top: 1px solid var(--line); padding: 1rem 1.25rem; }
.finding > h4 { margin-bottom: 0.4rem; }
.finding ul { margin: 0.25rem 0 0.75rem; padding-left: 1.25rem; }
.finding li { overflow-wrap: anywhere; }
.pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0 1rem; align-items: start; }
.cutoff { color: var(--soft); font-style: italic; }
summary { cursor: pointer; padding: 0.3rem 0; font-weight: 600; color: var(--accent); }
details > :nth-child(2) { margin-top: 0.4rem; }
details { margin-top: 0.25rem; }
.table { overflow-x: auto; padding: 0; }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; }
caption { text-align: left; color: var(--soft); padding: 0.8rem 1rem; }
th, td { text-align: left; vertical-align: top; padding: 0.5rem 1rem; border-top: 1px solid var(--line); overflow-wrap: break-word; }
thead th { white-space: nowrap; }
th { color: var(--soft); font-weight: 600; } tbody th { color: var(--text); font-weight: 400; min-width: 12rem; }
td.number { text-align: right; white-space: nowrap; }
td ul { margin: 0; padding-left: 1rem; }
.notes { padding-left: 2.25rem; }
.notes li { margin-bottom: 0.4rem; overflow-wrap: anywhere; }
footer { margin-top: 3rem; color: var(--soft); font-size: 0.875rem; }
@media (max-width: 44rem) {
  body { padding: 1.25rem 0.75rem 3rem; }
  .pair { grid-template-columns: minmax(0, 1fr); }
  .card { padding: 0.9rem; } .group { padding: 0; } .table { padding: 0; }
  .group > header, .finding { padding-left: 0.9rem; padding-right: 0.9rem; }
  th, td { padding: 0.4rem 0.6rem; } table { min-width: 46rem; }
}
@media print {
  :root { color-scheme: light; --back: #fff; --card: #fff; --sunk: #fff; --text: #000; --soft: #333; --line: #999; --mark: #fff;
    --on-mark: #000; --accent: #000; --critical: #000; --high: #000; --medium: #000; --low: #000; --informational: #000; --good: #000;
    --bad-back: #fff; --good-back: #fff; --warn-back: #fff; }
  html { font-size: 10pt; } body { max-width: none; padding: 0; }
  nav, .filter { display: none; }
  mark { outline: 1.5pt solid #000; }
  h2, h3, h4, summary { break-after: avoid; } .scores li, tr { break-inside: avoid; }
  .table { overflow: visible; } table { min-width: 0; } th, td { overflow-wrap: anywhere; }
  details::details-content { content-visibility: visible; block-size: auto; display: block; }
}
${['critical', 'high', 'medium', 'low', 'informational', 'accepted']
  .map((name) => `body:has(#show-${name}:not(:checked)) .${name}:is(.group, .overview li) { display: none; }`)
  .join('\n')}
`;
