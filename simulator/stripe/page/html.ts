/** Text made safe for a place in a page or an attribute. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** `amount` in the smallest unit of the currency, as people write it. */
export function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: currency.toUpperCase() });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

export const day = (seconds: number): string =>
  new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' }).format(seconds * 1000);

/** A whole page; `body` is HTML. */
export function layout(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)}</title>
<link rel="stylesheet" href="/c/style.css">
<link rel="icon" href="data:,">
</head>
<body>
<p class="banner" role="note">Simulated payments: no real money moves on this page.</p>
<main>
${body}
</main>
</body>
</html>
`;
}

export const button = (action: string, label: string, tone: 'primary' | 'plain' | 'quiet' = 'plain', about = ''): string =>
  `<button class="${tone}" name="action" value="${escaped(action)}"><span>${escaped(label)}</span>${about && `<small>${escaped(about)}</small>`}</button>`;

/** What a person should read before anything else. */
export const alert = (text: string | undefined): string => (text ? `<p class="alert" role="alert">${escaped(text)}</p>` : '');
