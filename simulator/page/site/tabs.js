/**
 * On a narrow screen one chat at a time, chosen by tabs. Gives back a way to mark a hidden chat as having news.
 * @param {string[]} platforms
 */
export function createTabs(platforms) {
  const narrow = matchMedia('(max-width: 759px)');
  const tabs = platforms.map((platform) => /** @type {HTMLElement} */ (document.querySelector(`#${platform}-tab`)));
  const panes = platforms.map((platform) => /** @type {HTMLElement} */ (document.querySelector(`#${platform}`)));
  let chosen = 0;

  /** @param {number} index */
  function unread(index) {
    return /** @type {HTMLElement} */ (tabs[index]?.querySelector('.unread'));
  }

  function draw() {
    tabs.forEach((tab, index) => {
      tab.ariaSelected = String(index === chosen);
      tab.tabIndex = index === chosen ? 0 : -1;
    });
    panes.forEach((pane, index) => {
      pane.classList.toggle('chosen', index === chosen);
      if (narrow.matches) pane.setAttribute('role', 'tabpanel');
      else pane.removeAttribute('role');
    });
    unread(chosen).hidden = true;
  }

  tabs.forEach((tab, index) => {
    tab.addEventListener('click', () => {
      chosen = index;
      draw();
    });
    tab.addEventListener('keydown', (event) => {
      const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!move) return;
      chosen = (index + move + tabs.length) % tabs.length;
      draw();
      tabs[chosen]?.focus();
    });
  });
  narrow.addEventListener('change', draw);
  draw();

  return {
    /** @param {string} platform */
    news(platform) {
      const index = platforms.indexOf(platform);
      if (index !== chosen) unread(index).hidden = !narrow.matches;
    },
  };
}
