const key = 'theme';

/** Light or dark as the system has it, until the person chooses. */
export function createThemeSwitch() {
  const button = /** @type {HTMLButtonElement} */ (document.querySelector('#theme'));
  const system = matchMedia('(prefers-color-scheme: dark)');
  const current = () => localStorage.getItem(key) ?? (system.matches ? 'dark' : 'light');

  function draw() {
    const theme = current();
    document.documentElement.dataset.theme = theme;
    button.ariaLabel = theme === 'dark' ? 'Switch to light colours' : 'Switch to dark colours';
    button.title = button.ariaLabel;
    button.querySelector('use')?.setAttribute('href', theme === 'dark' ? '#icon-sun' : '#icon-moon');
  }

  button.addEventListener('click', () => {
    localStorage.setItem(key, current() === 'dark' ? 'light' : 'dark');
    draw();
  });
  system.addEventListener('change', draw);
  draw();
}
