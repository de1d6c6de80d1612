/** The one stylesheet. Colours come in a light and a dark set, as the reader's system asks; contrast is 7:1 or more. */
export const STYLE = `:root {
  color-scheme: light dark;
  --back: #f3f5f7; --card: #ffffff; --text: #16202a; --soft: #44525f; --line: #8494a3;
  --accent: #0b4f8a; --on-accent: #ffffff; --bad: #9b1c1c; --bad-back: #fdf0f0; --code: #eaf1f8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #10161c; --card: #1a222b; --text: #eef2f6; --soft: #b9c5d0; --line: #7b8b9a;
    --accent: #8fc4f4; --on-accent: #0c1a27; --bad: #ffb4ab; --bad-back: #3a1b1b; --code: #22303d;
  }
}
* { box-sizing: border-box; }
html { font: 100%/1.5 system-ui, sans-serif; background: var(--back); color: var(--text); }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; padding: 6vh 1rem 2rem; }
.brand { margin: 0 0 1rem; font-weight: 600; color: var(--soft); overflow-wrap: anywhere; }
main { width: 100%; max-width: 25rem; background: var(--card); border-radius: 0.75rem; padding: 2rem;
  box-shadow: 0 1px 3px rgb(0 0 0 / 0.2), 0 8px 24px rgb(0 0 0 / 0.08); }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 0.25rem; overflow-wrap: anywhere; }
p { margin: 0 0 1rem; overflow-wrap: anywhere; }
.lead { color: var(--soft); margin-bottom: 1.5rem; }
.small { color: var(--soft); font-size: 0.875rem; }
label { display: block; font-weight: 600; margin: 0 0 0.25rem; }
input:not([type=hidden]) { display: block; width: 100%; min-height: 2.75rem; margin: 0 0 1rem; padding: 0.5rem 0.75rem; font: inherit;
  color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; }
input[aria-invalid=true] { border: 2px solid var(--bad); }
.code { font: 1.5rem/1.5 ui-monospace, monospace; letter-spacing: 0.1em; text-align: center; background: var(--code);
  border-radius: 0.5rem; padding: 0.5rem; margin: 0 0 1rem; }
.problem { color: var(--bad); background: var(--bad-back); border-left: 4px solid var(--bad); border-radius: 0.25rem;
  padding: 0.75rem 1rem; margin: 0 0 1rem; }
ul { margin: 0 0 1rem; padding-left: 1.25rem; }
li { margin-bottom: 0.25rem; overflow-wrap: anywhere; }
button { display: block; width: 100%; min-height: 2.75rem; padding: 0.5rem 1rem; font: inherit; font-weight: 600; cursor: pointer;
  border-radius: 0.5rem; border: 2px solid var(--accent); background: var(--accent); color: var(--on-accent); }
button + button, form + form { margin-top: 0.75rem; }
button.second { background: transparent; color: var(--accent); }
button:hover { filter: brightness(1.1); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
details { margin-top: 1rem; }
summary { cursor: pointer; }
dt { font-weight: 600; }
dd { margin: 0 0 0.5rem; overflow-wrap: anywhere; }
@media (max-width: 30rem) { body { padding-top: 1rem; } main { padding: 1.25rem; } }
`;
