/** The style sheet of the pages under /pay/. In code, so that a build carries it along. */
export const PAY_STYLE = `:root {
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
button {
  width: 100%;
  min-height: 3.25rem;
  padding: 0.75rem 1rem;
  border: 0;
  border-radius: 0.875rem;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 700;
  cursor: pointer;
}
button:hover {
  filter: brightness(1.08);
}
button:focus-visible {
  outline: 3px solid var(--ink);
  outline-offset: 3px;
}
.note {
  margin-top: 1rem;
  color: var(--soft);
  font-size: 0.875rem;
}
`;
