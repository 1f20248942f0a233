import type { Answer } from './answer.ts';

export const STYLE_PATH = '/style.css';

/** The style sheet of every page. */
export const style = (): Answer => ({
  status: 200,
  type: 'text/css; charset=utf-8',
  body: STYLE,
  headers: { 'cache-control': 'public, max-age=300' },
});

/** In code, so that a build carries it along. */
const STYLE = `:root {
  color-scheme: light dark;
  --page: #f5f4fa;
  --card: #ffffff;
  --ink: #1b1726;
  --soft: #5c566e;
  --line: #e4e1ee;
  --accent: #5b3fd6;
  --on-accent: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #131019;
    --card: #1d1927;
    --ink: #f3f1f9;
    --soft: #b3adc6;
    --line: #342e45;
    --accent: #a894ff;
    --on-accent: #171222;
  }
}
* {
  box-sizing: border-box;
}
body {
  margin: 0;
  min-height: 100vh;
  min-height: 100dvh;
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  place-items: center;
  padding: 1.25rem;
  background: var(--page);
  color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif;
}
main {
  width: 100%;
  max-width: 26rem;
  padding: 2rem 1.75rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 1.25rem;
}
main.wide {
  max-width: 60rem;
  align-self: start;
}
.brand {
  margin: 0 0 1.25rem;
  color: var(--accent);
  font-weight: 700;
}
h1 {
  margin: 0 0 1rem;
  font-size: 1.75rem;
  line-height: 1.2;
}
h2 {
  margin: 2rem 0 0.75rem;
  font-size: 1.25rem;
  line-height: 1.3;
}
a {
  color: var(--accent);
}
main.wide p + p,
main.wide ul,
main.wide ol {
  margin: 0.75rem 0 0;
}
main.wide li {
  margin: 0.25rem 0;
}
.scroll {
  overflow-x: auto;
  margin: 0.75rem 0 0;
}
caption {
  padding: 0 0 0.375rem;
  text-align: left;
  font-weight: 700;
}
p + form,
p + details {
  margin-top: 1.25rem;
}
summary {
  padding: 0.25rem 0;
  cursor: pointer;
}
table {
  width: 100%;
  border-collapse: collapse;
  font-size: 0.9375rem;
}
th,
td {
  padding: 0.625rem 0.75rem 0.625rem 0;
  border-top: 1px solid var(--line);
  text-align: left;
  vertical-align: top;
}
th {
  color: var(--soft);
}
.scroll td,
.scroll tbody th {
  min-width: 9rem;
}
label {
  display: block;
  margin: 0 0 0.375rem;
  color: var(--soft);
}
input,
textarea {
  width: 100%;
  margin: 0 0 1.25rem;
  padding: 0.75rem 0.875rem;
  border: 1px solid var(--soft);
  border-radius: 0.75rem;
  background: var(--page);
  color: var(--ink);
  font: inherit;
}
textarea {
  min-height: 12rem;
  font: 0.875rem/1.4 ui-monospace, monospace;
}
.code {
  font-size: 1.5rem;
  letter-spacing: 0.25em;
  text-align: center;
}
video,
img {
  display: block;
  width: 100%;
  height: auto;
  max-height: 75vh;
  margin: 0 0 1.25rem;
  border-radius: 0.875rem;
  background: #000;
}
.tiles {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr));
  gap: 1.25rem;
  margin: 1.25rem 0 0;
  padding: 0;
  list-style: none;
}
.tiles img,
.tiles video {
  margin: 0;
  aspect-ratio: 1;
  object-fit: contain;
}
p {
  margin: 0;
}
dl {
  margin: 0 0 1.75rem;
}
dl div {
  display: flex;
  justify-content: space-between;
  gap: 1.5rem;
  padding: 0.75rem 0;
  border-top: 1px solid var(--line);
}
dt {
  color: var(--soft);
  flex: none;
}
dd {
  margin: 0;
  text-align: right;
  font-weight: 600;
}
button,
.button {
  display: block;
  width: 100%;
  min-height: 3.25rem;
  padding: 0.75rem 1rem;
  border: 0;
  border-radius: 0.875rem;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 700;
  text-align: center;
  text-decoration: none;
  cursor: pointer;
}
button:hover,
.button:hover {
  filter: brightness(1.08);
}
button:focus-visible,
.button:focus-visible,
a:focus-visible,
summary:focus-visible,
.scroll:focus-visible,
input:focus-visible,
textarea:focus-visible,
summary:focus-visible,
.scroll:focus-visible,
video:focus-visible {
  outline: 3px solid var(--ink);
  outline-offset: 3px;
}
.lead {
  margin: 0 0 1.25rem;
}
.wrong {
  margin: 0 0 1.25rem;
  font-weight: 600;
}
.note {
  margin-top: 1rem;
  color: var(--soft);
  font-size: 0.875rem;
}
pre {
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}
@media print {
  :root {
    --page: #ffffff;
    --card: #ffffff;
    --ink: #000000;
    --soft: #333333;
    --line: #999999;
    --accent: #000000;
  }
  body {
    display: block;
    padding: 0;
  }
  main,
  main.wide {
    max-width: none;
    padding: 0;
    border: 0;
  }
  .scroll {
    overflow: visible;
  }
  tr {
    break-inside: avoid;
  }
  h2 {
    break-after: avoid;
  }
}
`;
