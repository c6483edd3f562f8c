// The rows of every corpus: the sentences, and where the rows went.

const ACTIONS = [
  ['forget', 'unlearn'], ['review', 'for a person'], ['retain', 'keep'], ['unjudged', 'no verdict'],
];

function rowsSection(data) {
  const lead = 'Every row read is either a sample or in quarantine, and every sample is unlearned, kept, or put before a person. Nothing is lost on the way.';
  if (!data.corpora.length) {
    return section('rows', 'What was found', lead, empty('There are no samples in this run yet: the step ingest is not committed, or it read no row.'));
  }
  return section('rows', 'What was found', lead, data.corpora.map(corpusCard),
    data.corporaLeftOut ? empty(`${count(data.corporaLeftOut)} smaller corpora are left out; set report.corpora to show more.`) : null);
}

function corpusCard(c) {
  return card(c.name, null,
    el('p', { class: 'story' }, sentence(c.headline.slice(0, 2).join(' '))),
    c.headline.length > 2 ? el('p', { class: 'evidence' }, sentence(c.headline.slice(2).join(' '))) : null,
    el('div', { class: 'grid' }, el('div', {}, flow(c)), distribution(c)),
    planted(c));
}

function flow(c) {
  const undecided = Math.max(0, c.samples - c.decided);
  const parts = { forget: c.forget, review: c.review, retain: c.retain, unjudged: undecided };
  const shown = ACTIONS.filter(([a]) => parts[a] > 0);
  const splits = c.splits.length > 1 ? c.splits.map(s => `${count(s.rows)} ${s.name}`).join(' \u00b7 ') : null;
  return [
    el('div', { class: 'flow' },
      el('div', { class: 'what' }, 'rows read'), bar([['samples', c.samples], ['quarantine', c.quarantined]], c.read),
      el('div', { class: 'what' }, 'samples'), bar(shown.map(([a]) => [a, parts[a]]), c.samples)),
    el('div', { class: 'key' },
      ACTIONS.filter(([a]) => a !== 'unjudged' || undecided).map(([a, label]) => el('span', { class: a }, el('b', {}, count(parts[a])), ` ${label} `,
        el('span', { class: 'soft small' }, percent(parts[a] / Math.max(1, c.samples))))),
      el('span', { class: 'quarantine' }, el('b', {}, count(c.quarantined)), ' in quarantine')),
    splits && el('p', { class: 'soft small' }, 'Splits: ', splits, '. Only train rows are judged.'),
    c.quarantine.length ? el('p', { class: 'soft small' }, 'Quarantined: ',
      c.quarantine.map(q => `${count(q.rows)} ${words(q.name)}`).join(' \u00b7 ')) : null,
  ];
}

function bar(parts, total) {
  return el('div', { class: 'bar', role: 'img', 'aria-label': parts.map(([n, v]) => `${n} ${count(v)}`).join(', ') },
    parts.filter(([, v]) => v > 0).map(([name, value]) => el('i', {
      class: name, title: `${name}: ${count(value)} (${percent(value / total)})`, style: { flex: `${value / total} 1 0` },
    })));
}

/** How sure the verdicts are: judged samples by p_bad, on a logarithmic scale. */
function distribution(c) {
  if (!c.histogram.length) return el('div', {});
  const width = 1 / c.histogram.length;
  const drawn = chart(`Samples of ${c.name} by probability of being bad`, p => base(p, {
    tooltip: { formatter: i => tip([`p_bad ${(i.dataIndex * width).toFixed(2)} to ${((i.dataIndex + 1) * width).toFixed(2)}`, `${count(c.histogram[i.dataIndex])} samples`]) },
    grid: { left: 8, right: 14, top: 22, bottom: 30, containLabel: true },
    xAxis: [
      axis(p, 'probability of being bad', { type: 'category', data: c.histogram.map((_, i) => i * width), show: false }),
      valueAxis(p, 'probability of being bad', { min: 0, max: 1, splitLine: { show: false }, position: 'bottom', nameGap: 24 }),
    ],
    yAxis: uprightAxis(p, 'samples, logarithmic', { type: 'log', min: 0.7, axisLabel: { color: p.soft, fontSize: 11, formatter: v => v < 1 ? '' : count(v) } }),
    series: [
      { type: 'bar', data: c.histogram.map((n, i) => ({ value: n || null, itemStyle: { color: !known(c.threshold) ? p.soft : (i + .5) * width >= c.threshold ? p.forget : p.retain } })), barCategoryGap: '12%' },
      { type: 'line', xAxisIndex: 1, data: [], markLine: !known(c.threshold) ? undefined : { silent: true, symbol: 'none', precision: 9, lineStyle: { color: p.ink, type: 'dashed' }, label: { formatter: `unlearned from ${c.threshold.toFixed(2)}`, color: p.ink, fontSize: 11, position: 'end', align: c.threshold > .5 ? 'right' : 'left' }, data: [{ xAxis: c.threshold }] } },
    ],
  }), 'low');
  return el('div', {}, drawn.box,
    el('p', { class: 'soft small' }, 'Each bar counts samples with that probability of being bad. Two separate heaps mean clear verdicts; a full middle means many doubts.'));
}

function planted(c) {
  if (!c.planted.length) return null;
  const share = (n, row) => [count(n), el('span', { class: 'soft' }, ` ${percent(n / row.rows)}`)];
  return el('div', { class: 'narrow' }, el('p', { class: 'soft small' }, 'Errors put in on purpose, and what became of them:'), table([
    { title: 'injector', name: true, cell: r => words(r.injector) },
    { title: 'errors', right: true, cell: r => count(r.rows) },
    { title: 'unlearned', right: true, cell: r => share(r.forget, r) },
    { title: 'for a person', right: true, cell: r => share(r.review, r) },
    { title: 'missed', right: true, cell: r => share(r.rows - r.forget - r.review, r) },
  ], c.planted));
}
