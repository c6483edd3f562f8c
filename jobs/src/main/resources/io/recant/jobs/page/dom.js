'use strict';
// The page is built from elements and text nodes only: no text of a corpus is ever parsed as markup,
// and no address is loaded but that of a PNG which is part of the page.

const PNG = 'data:image/png;base64,';

/** An element: attributes, then children (elements, texts, lists of both; null is nothing). */
function el(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined) continue;
    if (key === 'class') node.className = value;
    else if (key === 'style') Object.entries(value).forEach(([k, v]) => node.style.setProperty(k, v));
    else if (key === 'src' && !String(value).startsWith(PNG)) continue;
    else if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value);
  }
  node.append(...children.flat(Infinity).filter(c => c !== null && c !== undefined && c !== false));
  return node;
}

function card(title, how, ...body) {
  return el('div', { class: 'card' },
    el('div', { class: 'head' }, typeof title === 'string' ? el('h3', {}, title) : title),
    how && el('p', { class: 'how' }, how), body);
}

function empty(text) {
  return el('p', { class: 'empty' }, text);
}

function section(id, title, lead, ...body) {
  return el('section', { id }, el('h2', {}, title), el('p', { class: 'lead' }, lead), body);
}

/** A table; columns are {title, right, cell(row)}. */
function table(columns, rows, rowClass) {
  return el('div', { class: 'scroll' }, el('table', {},
    el('thead', {}, el('tr', {}, columns.map(c => el('th', { class: c.right ? 'right' : null, scope: 'col' }, c.title)))),
    el('tbody', {}, rows.map(row => el('tr', { class: rowClass ? rowClass(row) : null },
      columns.map(c => el('td', { class: c.right ? 'right' : c.name ? 'name' : null }, c.cell(row))))))));
}

function select(label, options, chosen, onchange) {
  return el('label', {}, label, el('select', { onchange: e => onchange(e.target.value) },
    options.map(o => el('option', { value: o.value, selected: o.value === chosen ? '' : null }, o.text))));
}

/** A sentence with its figures set apart. */
function sentence(text) {
  return text.split(/(\d[\d,.]*\d(?: %)?|\d(?: %)?)/).map((part, i) => i % 2 ? el('b', { class: 'figure' }, part) : part);
}

const known = x => x !== null && x !== undefined;
const count = n => known(n) ? Math.round(n).toLocaleString('en-US') : '\u2013';
const percent = x => !known(x) ? '\u2013' : (100 * x > 0 && 100 * x < 10 ? (100 * x).toFixed(1) : (100 * x).toFixed(0)) + '\u202f%';

/** About three significant digits, with as many decimals as that takes. */
function figure(x) {
  if (!known(x)) return '\u2013';
  const size = Math.abs(x);
  if (size !== 0 && (size < 0.001 || size >= 1e6)) return x.toExponential(1).replace('e', '\u202fe');
  return size >= 1000 ? count(x) : size >= 100 ? x.toFixed(0) : size >= 10 ? x.toFixed(1) : size >= 1 ? x.toFixed(2) : x.toFixed(3);
}

/** A number on an axis: no more digits than it needs. */
const tick = x => Math.abs(x) >= 1e5 ? x.toExponential() : String(+x.toPrecision(4));

function duration(seconds) {
  if (!known(seconds)) return '\u2013';
  if (seconds < 10) return seconds.toFixed(1) + '\u202fs';
  if (seconds < 120) return seconds.toFixed(0) + '\u202fs';
  if (seconds < 7200) return (seconds / 60).toFixed(0) + '\u202fmin';
  return (seconds / 3600).toFixed(1) + '\u202fh';
}

function bytes(n) {
  if (!known(n)) return '\u2013';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (n >= 1000 && unit < units.length - 1) { n /= 1000; unit++; }
  return (unit === 0 || n >= 100 ? n.toFixed(0) : n.toFixed(1)) + '\u202f' + units[unit];
}

/** snake_case and kebab-case as people write. */
const words = name => name.replace(/[_-]/g, ' ');

/** Items in groups by a key, in the order the keys appear. */
function groupBy(items, key) {
  const groups = new Map();
  for (const item of items) {
    const k = key(item);
    if (!groups.has(k)) groups.set(k, []);
    groups.get(k).push(item);
  }
  return groups;
}
