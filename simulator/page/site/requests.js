/** Bytes a picture may have. */
export const pictureLimit = 25 * 1024 * 1024;

/**
 * Does something as one of the persons.
 * @param {'/command' | '/say' | '/picture' | '/press' | '/pay'} path
 * @param {Record<string, string | File>} fields
 * @returns {Promise<string>} what went wrong, for the person to read; empty when it worked
 */
export async function send(path, fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, value.name);
  }
  try {
    const answer = await fetch(path, { method: 'POST', body: form });
    if (answer.ok) return '';
    const { message } = await answer.json();
    return String(message);
  } catch {
    return 'The simulation does not answer. Is it still running?';
  }
}

/**
 * Why this file cannot be attached; empty when it can.
 * @param {File} file
 */
export function objection(file) {
  if (!file.type.startsWith('image/')) return `${file.name} is not a picture.`;
  if (file.size > pictureLimit) return `${file.name} is larger than 25 MB.`;
  return '';
}
