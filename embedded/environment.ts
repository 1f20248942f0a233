/** The environment as handed in: addresses that win over servers of our own, and what pip and uv need to reach the net. */
export type Environment = Readonly<Record<string, string | undefined>>;

const FOR_INSTALLING =
  /^(PATH|HOME|USER|LANG|LC_.*|TMPDIR|PIP_.*|UV_.*|PYENV_.*|XDG_.*|.*_PROXY|SSL_CERT_.*|REQUESTS_CA_BUNDLE|LD_LIBRARY_PATH)$/i;

/** What a program that finds or fetches packages may see: never a secret of the product. */
export function forInstalling(env: Environment): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined && FOR_INSTALLING.test(name)) kept[name] = value;
  return kept;
}
