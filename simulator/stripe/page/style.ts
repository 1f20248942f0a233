/** The only sheet of the hosted pages; the colours are those of the chat page. */
export const STYLE = `:root {
  color-scheme: light dark;
  --page: light-dark(#e8eaf1, #0b0c11);
  --card: light-dark(#ffffff, #171a21);
  --side: light-dark(#f4f3fb, #1d1c2b);
  --words: light-dark(#1d2029, #e8eaf0);
  --soft: light-dark(#565c6b, #a4abbb);
  --edge: light-dark(#d3d7e1, #333744);
  --accent: #5b45d6;
  --focus: light-dark(#3a48d6, #9aa8ff);
  --danger: light-dark(#a3202b, #ff9aa2);
  font: 16px/1.5 Inter, system-ui, sans-serif;
}
*, ::before, ::after { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; grid-template-rows: auto 1fr; background: var(--page); color: var(--words); }
.banner { margin: 0; padding: 8px 16px; text-align: center; font-size: 14px; color: var(--soft); }
main { align-self: center; justify-self: center; width: min(880px, calc(100vw - 32px)); margin: 16px 0 48px; display: grid;
  grid-template-columns: 1fr 1fr; background: var(--card); border: 1px solid var(--edge); border-radius: 18px; overflow: hidden;
  box-shadow: 0 20px 50px #0000001f; }
main > section { padding: 36px; min-width: 0; }
main > section:first-child { background: var(--side); border-right: 1px solid var(--edge); }
h1 { margin: 0 0 6px; font-size: 16px; font-weight: 500; color: var(--soft); }
h2 { margin: 0 0 18px; font-size: 19px; line-height: 1.3; }
.amount { margin: 0 0 24px; font-size: 40px; font-weight: 650; line-height: 1.15; letter-spacing: -0.02em; }
.amount small { font-size: 16px; font-weight: 400; color: var(--soft); letter-spacing: 0; }
dl { margin: 0; display: grid; grid-template-columns: 1fr auto; gap: 8px 16px; border-top: 1px solid var(--edge); padding-top: 18px; }
dt { overflow-wrap: anywhere; }
dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
p { margin: 0 0 14px; }
.soft { color: var(--soft); font-size: 14px; }
.alert { padding: 10px 14px; border: 1px solid currentColor; border-radius: 10px; color: var(--danger); }
form { display: grid; gap: 10px; }
label { display: grid; gap: 4px; font-size: 14px; color: var(--soft); }
label.check { grid-template-columns: auto 1fr; gap: 10px; align-items: start; }
input[type="text"] { font: inherit; padding: 10px 12px; border: 1px solid var(--edge); border-radius: 10px; background: transparent;
  color: var(--words); width: 100%; }
button, .button { font: inherit; font-weight: 550; min-height: 46px; padding: 9px 16px; border-radius: 11px; border: 1px solid var(--edge);
  background: transparent; color: var(--words); cursor: pointer; text-align: center; text-decoration: none; display: grid;
  align-content: center; }
button small { font-weight: 400; font-size: 13px; color: var(--soft); }
button.primary { background: var(--accent); border-color: var(--accent); color: #fff; }
button.quiet { border-color: transparent; color: var(--soft); }
button:hover, .button:hover { border-color: var(--focus); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
@media (max-width: 680px) {
  main { grid-template-columns: 1fr; align-self: start; }
  main > section { padding: 24px; }
  main > section:first-child { border-right: 0; border-bottom: 1px solid var(--edge); }
}
`;
