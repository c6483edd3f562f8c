// Models: every method beside the model that never saw the bad rows.

function modelsSection(data) {
  const lead = 'The judge is the oracle: the same model, trained without any bad row. A good method ends where the oracle ends.';
  if (!data.models.length) {
    return section('models', 'What unlearning did', lead,
      empty('There are no models in this run: it has no checkpoints and no scores. They come from the steps train, unlearn and score.'));
  }
  // A method has the same colour in every chart of every model.
  const names = [...new Set(data.models.flatMap(m => m.methods).filter(x => x.role === 'METHOD').map(x => x.name))].sort();
  return section('models', 'What unlearning did', lead, data.models.map(m => modelPart(m, names)));
}

function modelPart(m, names) {
  const about = [m.family, m.corpus && `trained on ${m.corpus}`].filter(Boolean).join(', ');
  const scored = m.measures.length > 0;
  return el('div', {},
    card([el('h3', {}, m.name), about ? el('span', { class: 'soft small' }, about) : null], null,
      m.headline ? el('p', { class: 'story' }, sentence(m.headline)) : null,
      scored ? heatMap(m) : empty('This model has no scores yet: the step score is not committed, or no measure applied.')),
    scored || m.training.length ? el('div', { class: 'grid' },
      scored ? scatterCard(m, names) : null, membershipCard(m)) : null,
    trainingCard(m, names));
}

/** A measure of the direction it should go, as a sign. */
const arrow = direction => ({ higher: '\u2191', lower: '\u2193' }[direction] || '\u2192');

function heatMap(m) {
  const measures = m.measures;
  const direction = measure => (m.methods.flatMap(x => x.cells).find(c => same(c, measure)) || {}).direction;
  const references = m.methods.filter(x => x.role === 'REFERENCE');
  const methods = m.methods.filter(x => x.role === 'METHOD');
  const timed = m.methods.some(x => known(x.seconds));
  const row = x => el('tr', {},
    el('td', { class: 'name', title: about(x) }, x.name),
    el('td', closenessAttributes(x.name === 'oracle' ? null : x.closeness, 'mean closeness over ' + x.measures + ' measures'),
      x.name === 'oracle' || !known(x.closeness) ? '\u2013' : x.closeness.toFixed(2)),
    measures.map(measure => heatCell(x, x.cells.find(c => same(c, measure)))),
    timed ? el('td', { class: 'cell num' }, duration(x.seconds)) : null);
  return [
    el('p', { class: 'how' }, 'A row is a method, a column a measure and the rows it was taken on. Colour is closeness to the oracle: 1 equals it, 0 is as far away as the untouched model, below 0 is farther; a gap within a score\u2019s interval counts as small. ',
      'victim: the model before unlearning; retrained: trained anew without the forget set; oracle: trained without any bad row. ',
      '\u2191 higher is better, \u2193 lower is better, \u2192 the oracle\u2019s value is best. Numbers are means over seeds; point at one for its interval.'),
    el('div', { class: 'scale' }, '\u22121 farther', el('i', {}), '1 equal to the oracle'),
    el('div', { class: 'scroll' }, el('table', { class: 'heat' },
      el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'method'), el('th', { class: 'right', scope: 'col' }, 'closeness', el('span', { class: 'split' }, 'mean')),
        measures.map(x => el('th', { class: 'right', scope: 'col' }, words(x.metric) + ' ' + arrow(direction(x)), el('span', { class: 'split' }, x.split))),
        timed ? el('th', { class: 'right', scope: 'col' }, 'time') : null)),
      el('tbody', {}, references.map(row),
        references.length && methods.length ? el('tr', { class: 'rule' }, el('td', { colspan: measures.length + (timed ? 3 : 2) })) : null,
        methods.map(row)))),
    unmeasured(m),
  ];
}

/** The measures that gave no number for any method, and why. */
function unmeasured(m) {
  const reasons = new Map(m.methods.flatMap(x => x.cells)
    .filter(c => !known(c.value) && !m.measures.some(x => x.metric === c.metric)).map(c => [c.metric, c.note]));
  if (!reasons.size) return null;
  return el('p', { class: 'soft small' }, 'Not measured: ', [...reasons].map(([metric, note]) => words(metric) + (note ? ` (${note})` : '')).join(', '), '.');
}

const same = (cell, measure) => cell.metric === measure.metric && cell.split === measure.split;

function about(x) {
  return [x.name, known(x.steps) && `${count(x.steps)} steps`, x.stopped && `stopped: ${x.stopped}`, known(x.peakMemory) && `${bytes(x.peakMemory)} at most`, x.device].filter(Boolean).join(' \u00b7 ');
}

function closenessAttributes(closeness, title) {
  if (!known(closeness)) return { class: 'cell', title };
  const strength = Math.round(Math.min(1, Math.abs(closeness)) * 100);
  return {
    class: 'cell', title,
    style: { background: `color-mix(in oklab, var(--${closeness >= 0 ? 'near' : 'far'}) ${strength}%, var(--sunk))` },
  };
}

function heatCell(method, cell) {
  if (!cell) return el('td', { class: 'cell soft', title: 'not measured' }, '\u2013');
  if (!known(cell.value)) return el('td', { class: 'cell soft', title: cell.note || 'no value' }, '\u2013');
  const title = [
    `${method.name}: ${words(cell.metric)} on ${cell.split} is ${figure(cell.value)}`,
    known(cell.lower) && known(cell.upper) && `95 % interval ${figure(cell.lower)} to ${figure(cell.upper)}`,
    known(cell.spread) && `standard deviation ${figure(cell.spread)} over ${cell.seeds} seeds`,
    known(cell.oracle) && `oracle ${figure(cell.oracle)}`,
    known(cell.untouched) && `untouched ${figure(cell.untouched)}`,
    known(cell.closeness) && method.name !== 'oracle' && `closeness ${cell.closeness.toFixed(2)}`,
    cell.n && `${count(cell.n)} rows`, cell.note,
  ].filter(Boolean).join('\n');
  return el('td', closenessAttributes(method.name === 'oracle' ? null : cell.closeness, title), figure(cell.value),
    cell.spread > 0.0005 * Math.abs(cell.value) ? el('span', { class: 'range' }, '\u00b1\u202f' + figure(cell.spread)) : null);
}

function scatterCard(m, names) {
  if (!m.axes) return card('Forgotten against kept', null, empty('Fewer than two measures to compare: one that shows forgetting and one that shows what is kept.'));
  const key = x => x.metric + '\u0000' + x.split;
  const options = m.measures.map(x => ({ value: key(x), text: `${x.metric.replace(/_/g, ' ')} on ${x.split}` }));
  const state = { x: key(m.axes.retain), y: key(m.axes.forget) };
  const drawn = chart(`Forgotten against kept for ${m.name}`, p => scatterOption(p, m, names, state, options, key));
  const set = axisName => value => { state[axisName] = value; drawn.redraw(); };
  return card('Forgotten against kept',
    'Each point is a method; hollow points are references. The closer to the oracle, the better: a method far along only one axis has paid for it on the other.',
    el('div', { class: 'controls' }, select('up', options, state.y, set('y')), select('across', options, state.x, set('x'))), drawn.box);
}

function scatterOption(p, m, names, state, options, key) {
  const text = k => options.find(o => o.value === k).text;
  const at = (x, k) => x.cells.find(c => key(c) === k && known(c.value));
  const placed = m.methods.map(x => ({ x, across: at(x, state.x), up: at(x, state.y) })).filter(o => o.across && o.up);
  const oracle = placed.find(o => o.x.name === 'oracle');
  return base(p, {
    tooltip: { formatter: i => tip([i.data.name, `${text(state.y)}: ${figure(i.value[1])}`, `${text(state.x)}: ${figure(i.value[0])}`]) },
    grid: { left: 8, right: 62, top: 30, bottom: 34, containLabel: true },
    xAxis: valueAxis(p, text(state.x), { scale: true, axisLabel: { color: p.soft, fontSize: 11, hideOverlap: true, formatter: tick } }),
    yAxis: uprightAxis(p, text(state.y), { scale: true, axisLabel: { color: p.soft, fontSize: 11, formatter: tick } }),
    series: [{
      type: 'scatter', labelLayout: { hideOverlap: false, moveOverlap: 'shiftY' },
      markLine: oracle ? { silent: true, symbol: 'none', precision: 9, lineStyle: { color: p.soft, type: 'dotted' }, label: { show: false }, data: [{ xAxis: oracle.across.value }, { yAxis: oracle.up.value }] } : undefined,
      data: placed.map(o => scatterPoint(p, names, o, crowded(o, placed))),
    }],
  });
}

/** Whether another point stands where the label right of this one would be. */
function crowded(o, placed) {
  const range = side => { const values = placed.map(q => q[side].value); return Math.max(...values) - Math.min(...values) || 1; };
  const across = range('across');
  const up = range('up');
  return placed.some(q => {
    const dx = (q.across.value - o.across.value) / across;
    return q !== o && dx >= 0 && dx < 0.16 && Math.abs(q.up.value - o.up.value) / up < 0.045;
  });
}

function scatterPoint(p, names, o, labelLeft) {
  const reference = o.x.role === 'REFERENCE';
  const fill = reference ? p.soft : p.of(names, o.x.name);
  return {
    name: o.x.name, value: [o.across.value, o.up.value],
    symbol: reference ? (o.x.name === 'oracle' ? 'diamond' : 'circle') : SHAPES[names.indexOf(o.x.name) % SHAPES.length],
    symbolSize: o.x.name === 'oracle' ? 16 : 12,
    itemStyle: reference ? { color: p.card, borderColor: p.ink, borderWidth: 2 } : { color: fill },
    label: { show: true, position: labelLeft ? 'left' : 'right', formatter: i => i.data.name, color: p.ink, fontSize: 11.5 },
  };
}

/** The advantage of someone who guesses whether a sample was trained on. */
function membershipCard(m) {
  const attacks = m.measures.filter(x => /membership|privleak/i.test(x.metric));
  if (!attacks.length) return null;
  const rows = attacks.flatMap(a => m.methods.map(x => ({ x, cell: x.cells.find(c => same(c, a)), attack: a })).filter(r => r.cell && known(r.cell.value))).reverse();
  const label = r => attacks.length > 1 ? `${r.x.name}, ${r.attack.split}` : r.x.name;
  const drawn = chart(`Membership attack on ${m.name}`, p => base(p, {
    tooltip: { formatter: i => tip([label(rows[i.dataIndex]), `area under the curve ${figure(rows[i.dataIndex].cell.value)}`]) },
    grid: { left: 18, right: 40, top: 12, bottom: 34, containLabel: true },
    xAxis: valueAxis(p, 'area under the attack\u2019s curve', { scale: true, axisLabel: { color: p.soft, fontSize: 11, hideOverlap: true, formatter: tick } }),
    yAxis: axis(p, null, { type: 'category', data: rows.map(label), splitLine: { show: false }, axisLabel: { color: p.ink, fontSize: 12 } }),
    series: [interval(p, rows.map(r => [r.cell.lower, r.cell.upper])), {
      type: 'scatter', symbolSize: 11, z: 3,
      data: rows.map((r, i) => ({ value: [r.cell.value, i], itemStyle: r.x.role === 'REFERENCE' ? { color: p.card, borderColor: p.ink, borderWidth: 2 } : { color: p.accent } })),
      markLine: { silent: true, symbol: 'none', precision: 9, lineStyle: { color: p.soft, type: 'dotted' }, label: { formatter: 'guessing', color: p.soft, fontSize: 11, position: 'insideEndTop' }, data: [{ xAxis: 0.5 }] },
    }],
  }));
  drawn.box.style.height = `${80 + 30 * rows.length}px`;
  return card('Can the forgotten rows be told?', 'An attacker guesses which rows the model was trained on. At 0.5 it is guessing; a good method stands where the oracle stands, hollow. Bars are 95\u202f% intervals.', drawn.box);
}

/** Horizontal intervals, one per category. */
function interval(p, ends) {
  return {
    type: 'custom', silent: true, z: 2, encode: { x: [0, 1], y: 2 },
    data: ends.map(([lower, upper], i) => [lower, upper, i]).filter(e => known(e[0]) && known(e[1])),
    renderItem: (_, api) => {
      const [x1, y] = api.coord([api.value(0), api.value(2)]);
      const [x2] = api.coord([api.value(1), api.value(2)]);
      return { type: 'line', shape: { x1, y1: y, x2, y2: y }, style: { stroke: p.soft, lineWidth: 2 } };
    },
  };
}
