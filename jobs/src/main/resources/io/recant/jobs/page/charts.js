// Charts follow the page's theme: every option is a function of the colours, drawn again when they change.

const charts = [];

/** Colours that colour-blind people can tell apart (Okabe and Ito, and two that are darker and lighter than those), darker on light, lighter on dark. */
const SERIES = {
  light: ['#0072b2', '#d55e00', '#00805f', '#aa4c86', '#8f7300', '#2b9ed6', '#5a3fb0', '#777777', '#8c1026', '#1f1f1f'],
  dark: ['#56b4e9', '#f08a4b', '#2fbf95', '#de8fc0', '#e3c23c', '#9ad4f5', '#a795ee', '#9a9a9a', '#ff8f9c', '#f2f2f2'],
};
const SHAPES = ['circle', 'rect', 'triangle', 'diamond', 'roundRect', 'pin', 'arrow'];

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

/** The value a custom property has in the theme of now, as the browser computes a colour. */
function colour(name) {
  const probe = el('i', { style: { color: `var(--${name})` } });
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function palette() {
  const series = SERIES[isDark() ? 'dark' : 'light'];
  return {
    ink: colour('ink'), soft: colour('soft'), line: colour('line'), card: colour('card'), accent: colour('accent'),
    forget: colour('forget'), review: colour('review'), retain: colour('retain'),
    of: (names, name) => series[Math.max(0, names.indexOf(name)) % series.length],
  };
}

/** A chart that is drawn once it is on the page; `option` makes an echarts option from the palette. */
function chart(label, option, size) {
  const box = el('div', { class: 'chart' + (size ? ' ' + size : ''), role: 'img', 'aria-label': label });
  const entry = { box, option, instance: null };
  charts.push(entry);
  return { box, redraw: () => draw(entry) };
}

function draw(entry) {
  if (!entry.box.isConnected) return;
  if (!entry.instance) {
    entry.instance = echarts.init(entry.box, null, { renderer: 'svg' });
    new ResizeObserver(() => entry.instance.resize()).observe(entry.box);
  }
  entry.instance.setOption(entry.option(palette()), { notMerge: true });
}

/** Paper is narrower than the screen, and printing waits for no chart to be laid out anew: let drawings scale. */
function scaleDrawings() {
  document.querySelectorAll('.chart svg').forEach(svg => svg.setAttribute('viewBox', `0 0 ${svg.getAttribute('width')} ${svg.getAttribute('height')}`));
}

function drawAll() {
  charts.forEach(draw);
}

/** What every chart shares. Legends and tooltips show names as text. */
function base(p, more) {
  return {
    animation: false,
    textStyle: { color: p.ink, fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 8, right: 18, top: 14, bottom: 34, containLabel: true },
    tooltip: {
      trigger: 'item', confine: true, backgroundColor: p.card, borderColor: p.line, padding: [8, 11],
      textStyle: { color: p.ink, fontSize: 12.5 },
      ...(more.tooltip || {}),
    },
    ...Object.fromEntries(Object.entries(more).filter(([k]) => k !== 'tooltip')),
  };
}

function axis(p, name, more) {
  return {
    name, nameLocation: 'middle', nameGap: 28, nameTextStyle: { color: p.soft, fontSize: 12 },
    axisLine: { show: false }, axisTick: { show: false },
    axisLabel: { color: p.soft, fontSize: 11, hideOverlap: true }, splitLine: { lineStyle: { color: p.line, opacity: .7 } },
    ...more,
  };
}

function valueAxis(p, name, more) {
  return axis(p, name, { type: 'value', ...more });
}

/** An upright axis whose name stands above its top, level, where it is read first. */
function uprightAxis(p, name, more) {
  return valueAxis(p, name, { nameLocation: 'end', nameGap: 9, nameTextStyle: { color: p.soft, fontSize: 12, align: 'left', padding: [0, 0, 0, -10] }, ...more });
}

/** A tooltip of text lines, the first one bold. */
function tip(lines) {
  return el('div', { class: 'tip' }, lines.filter(Boolean).map((line, i) => el(i ? 'div' : 'b', {}, line)));
}

/** A legend outside the drawing, so that it wraps and prints like text. */
function legend(entries) {
  return el('div', { class: 'key small' }, entries.map(e => el('span', { style: { '--c': e.colour } }, e.text)));
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try { localStorage.setItem('recant-theme', theme); } catch (e) { /* a page opened from a file may have no storage */ }
  drawAll();
  document.dispatchEvent(new Event('themechange'));
}
