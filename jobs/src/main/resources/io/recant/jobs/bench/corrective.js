// Corrective unlearning: accuracy over the share of the damage that is known.

const REFERENCE_LINES = ['oracle', 'victim'];

function showCorrective() {
  const data = pageData();
  const corpora = [...groupBy(data.methods, m => m.corpus)];
  const methods = [...new Set(data.methods.map(m => m.method))].filter(m => !REFERENCE_LINES.includes(m)).sort();
  showPage('bench corrective', 'Corrective unlearning from a clue',
    'A part of what was done to a corpus is known. Methods unlearn what they are given: the known rows alone, or what is like them as well.',
    corpora.map(([corpus, rows]) => correctiveSection(corpus, rows, data.found.filter(f => f.corpus === corpus), methods)),
    Object.fromEntries(corpora.map(([corpus]) => [corpus, words(corpus)])));
}

function correctiveSection(corpus, rows, found, methods) {
  const all = rows.filter(r => r.known === 1);
  return section(corpus, words(corpus),
    'Accuracy on test rows that the damage reaches, against their true targets. The judge is the oracle, which never saw a damaged row.',
    el('div', { class: 'grid' },
      correctiveChart('The known rows alone', rows.filter(r => !r.expanded), methods),
      correctiveChart('And what is like them', rows.filter(r => r.expanded).concat(all), methods)),
    found.length ? foundCard(found) : null,
    methodsCard(rows, methods));
}

function correctiveChart(title, rows, methods) {
  const mean = (method, measure) => { const own = rows.filter(r => r.method === method && known(r[measure])); return own.length ? own[0][measure] : null; };
  const drawn = methods.filter(m => rows.some(r => r.method === m));
  const keys = el('div', {});
  const c = chart(title + ': accuracy of every method over the share of the damage that is known', p => {
    keys.replaceChildren(legend(drawn.map(m => ({ text: m, colour: p.of(methods, m) }))));
    return base(p, {
      xAxis: valueAxis(p, 'share of the damage that is known', { min: 0, max: 1, axisLabel: { color: p.soft, formatter: percent } }),
      yAxis: uprightAxis(p, 'Acc_corr', { min: 0, max: 1, axisLabel: { color: p.soft, formatter: percent } }),
      grid: { left: 8, right: 88, top: 30, bottom: 34, containLabel: true },
      tooltip: { formatter: x => tip([x.seriesName, x.data.of.known === 1 ? 'all is known' : percent(x.data.of.known) + ' known', 'Acc_corr ' + figure(x.data.of.acc_corr), 'of the oracle\u2019s ' + percent(x.data.of.acc_corr_of_oracle)]) },
      series: drawn.map((m, i) => ({
        name: m, type: 'line', symbol: SHAPES[i % SHAPES.length], symbolSize: m === 'correct' ? 9 : 6,
        lineStyle: { width: m === 'correct' ? 3 : 1.5, color: p.of(methods, m) }, itemStyle: { color: p.of(methods, m) },
        endLabel: { show: true, formatter: m, color: p.of(methods, m), fontSize: 11 }, labelLayout: { moveOverlap: 'shiftY' },
        data: rows.filter(r => r.method === m).sort((a, b) => a.known - b.known).map(r => ({ value: [r.known, r.acc_corr], of: r })),
      })).concat(REFERENCE_LINES.filter(m => known(mean(m, 'acc_corr'))).map(m => ({
        name: m, type: 'line', data: [], markLine: {
          silent: true, symbol: 'none', lineStyle: { color: p.soft, type: 'dashed' },
          label: { formatter: m, position: 'insideStartTop', color: p.soft }, data: [{ yAxis: mean(m, 'acc_corr') }],
        },
      }))),
    });
  });
  return card(title, null, rows.length ? [c.box, keys] : empty('Nothing was measured here.'));
}

function foundCard(found) {
  return card('What was found', 'Rows of the forget set beside the known ones, for each draw of the known: estimated from the known rows alone, and in truth.',
    table([
      { title: 'known', right: true, cell: f => percent(f.known) },
      { title: 'seed', right: true, cell: f => String(f.seed) },
      { title: 'rows known', right: true, cell: f => count(f.known_rows) },
      { title: 'found', right: true, cell: f => count(f.found) },
      { title: 'precision', right: true, cell: f => figure(f.precision) },
      { title: 'estimated', right: true, cell: f => figure(f.precision_estimated) },
      { title: 'recall', right: true, cell: f => figure(f.recall) },
      { title: 'estimated', right: true, cell: f => figure(f.recall_estimated) },
      { title: 'average precision', right: true, cell: f => figure(f.average_precision) },
    ], found));
}

function methodsCard(rows, methods) {
  const order = m => m === 'oracle' ? -3 : m === 'victim' ? -2 : m === 'retrained' ? -1 : methods.indexOf(m);
  const shown = [...rows].sort((a, b) => a.known - b.known || a.expanded - b.expanded || order(a.method) - order(b.method));
  const points = x => known(x) ? (x > 0 ? '+' : '') + (100 * x).toFixed(1) : '\u2013';
  return card('Every figure', 'Means over seeds. Acc_retain beside the oracle\u2019s in points; time as a share of training without the forget set.',
    table([
      { title: 'known', right: true, cell: r => percent(r.known) },
      { title: 'forget set', cell: r => r.known === 1 ? 'all' : r.expanded ? 'with what is like them' : 'the known alone' },
      { title: 'method', name: true, cell: r => r.method },
      { title: 'Acc_corr', right: true, cell: r => figure(r.acc_corr) },
      { title: '\u00b1', right: true, cell: r => figure(r.acc_corr_sd) },
      { title: 'of the oracle\u2019s', right: true, cell: r => percent(r.acc_corr_of_oracle) },
      { title: 'Acc_retain', right: true, cell: r => figure(r.acc_retain) },
      { title: 'beside it', right: true, cell: r => points(r.acc_retain_over_oracle) },
      { title: 'damaged rows', right: true, cell: r => figure(r.acc_corrupted) },
      { title: 'trigger works', right: true, cell: r => figure(r.trigger_success) },
      { title: 'membership', right: true, cell: r => figure(r.membership_auc) },
      { title: 'time', right: true, cell: r => percent(r.time_of_retraining) },
    ], shown));
}
