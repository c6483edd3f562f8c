// The page itself: its frame, the contents, the theme.

const pageData = () => JSON.parse(document.getElementById('data').textContent);

/** Puts sections on the page; contents are short names by the sections' ids. */
function showPage(run, title, about, sections, contents) {
  try { document.documentElement.dataset.theme = localStorage.getItem('recant-theme') || ''; } catch (e) { /* no storage: the system's theme */ }
  if (!document.documentElement.dataset.theme) delete document.documentElement.dataset.theme;
  document.getElementById('run').textContent = run;
  document.getElementById('main').append(el('h1', {}, title), el('p', { class: 'soft' }, about), ...sections);
  document.getElementById('contents').append(...Object.entries(contents).map(([id, text]) => el('a', { href: '#' + id }, text)));
  document.getElementById('footer').textContent = 'Made by Recant. This page is one file and loads nothing.';
  themeButton();
  drawAll();
}

function themeButton() {
  const button = document.getElementById('theme');
  const label = () => { button.textContent = isDark() ? 'Light' : 'Dark'; };
  button.addEventListener('click', () => setTheme(isDark() ? 'light' : 'dark'));
  document.addEventListener('themechange', label);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { drawAll(); document.dispatchEvent(new Event('themechange')); });
  let before;
  addEventListener('beforeprint', () => { before = document.documentElement.dataset.theme; document.documentElement.dataset.theme = 'light'; drawAll(); scaleDrawings(); });
  addEventListener('afterprint', () => { if (before) document.documentElement.dataset.theme = before; else delete document.documentElement.dataset.theme; drawAll(); });
  label();
}
