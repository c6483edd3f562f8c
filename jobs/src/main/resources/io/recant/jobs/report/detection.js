// How far the detectors can be trusted: curves, and estimated numbers beside true ones.

const JOINED = 'decide';
const MEASURE_ORDER = ['precision', 'recall', 'f1', 'average_precision', 'auroc', 'share_bad', 'flagged'];

function detectionSection(data) {
  const d = data.detection;
  const lead = 'Known errors ride along through detection as canaries, so every run measures its own detectors. Where errors were put in on purpose, the true number stands beside the estimate.';
  if (!d.scores.length && !d.curves.length) {
    return section('detection', 'How far to trust it', lead,
      empty('There is nothing to say about detection: the run has no detection scores. They come from the step score, after detect and decide.'),
      d.findings.length ? card('What the detectors said', null, findingTable(d.findings)) : null);
  }
  const detectors = detectorNames(d);
  const corpora = data.corpora.map(c => c.name);
  const curves = corpora.filter(c => d.curves.some(k => k.corpus === c));
  return section('detection', 'How far to trust it', lead,
    curves.length
      ? el('div', { class: 'grid' }, curves.map(c => curveCard(c, d, detectors)))
      : empty('There are no precision-recall curves in this run.'),
    corpora.filter(c => d.scores.some(s => s.corpus === c)).map(c => scoreCard(c, d, detectors)),
    repairCard(data.repair));
}

/** Where anything is suggested: how often that is right, what is kept and what is fixed. */
function repairCard(scores) {
  const of = (corpus, measure, basis) => scores.find(s => s.corpus === corpus && s.measure === measure && s.basis === basis);
  const corpora = [...new Set(scores.map(s => s.corpus))].filter(c => { const s = of(c, 'suggestions', 'canaries'); return s && s.value > 0; });
  if (!corpora.length) return null;
  const number = measure => c => count((of(c, measure, 'canaries') || {}).value);
  const share = (measure, title) => [['canaries', 'est.'], ['truth', 'true']].filter(([basis]) => corpora.some(c => of(c, measure, basis))).map(([basis, text]) => ({
    title: [title, el('span', { class: 'range soft' }, text)], right: true, cell: c => shareCell(of(c, measure, basis), basis === 'truth' ? of(c, measure, 'canaries') : null),
  }));
  return card('Suggested targets', 'What putting in the suggestions that are sure enough (action relabel) would do; the others are for people. Right: how often one put in is right. CL: share of the right targets that stay right. CS: share of the wrong ones that become right.',
    table([{ title: 'corpus', name: true, cell: c => c }, { title: 'suggested', right: true, cell: number('suggestions') }, { title: 'put in', right: true, cell: number('relabelled') },
      ...share('repair_precision', 'right'), ...share('CL', 'CL'), ...share('CS', 'CS'), ...share('accuracy_before', 'right before'), ...share('accuracy_after', 'right after')], corpora));
}

/** The joined verdict first. */
function detectorNames(d) {
  const names = new Set([...d.scores, ...d.curves].map(x => x.detector));
  return [JOINED, ...[...names].filter(n => n !== JOINED).sort()].filter(n => names.has(n));
}

const detectorLabel = name => name === JOINED ? 'joined verdict' : words(name);

function detectorColour(p, detectors, name) {
  return name === JOINED ? p.ink : p.of(detectors.filter(n => n !== JOINED), name);
}

function curveCard(corpus, d, detectors) {
  const curves = d.curves.filter(c => c.corpus === corpus);
  const here = detectors.filter(n => curves.some(c => c.detector === n));
  const truth = curves.some(c => c.basis === 'truth');
  const keys = el('div', {});
  const drawn = chart(`Precision and recall on ${corpus}`, p => {
    keys.replaceChildren(legend(here.map(n => ({ text: detectorLabel(n), colour: detectorColour(p, detectors, n) }))));
    return base(p, {
      tooltip: { formatter: i => tip([`${detectorLabel(i.data.detector)}, ${i.data.basis}`, `precision ${percent(i.value[1])}`, `recall ${percent(i.value[0])}`, known(i.value[2]) && `threshold ${figure(i.value[2])}`]) },
      grid: { left: 8, right: 18, top: 30, bottom: 34, containLabel: true },
      xAxis: valueAxis(p, 'recall: share of the bad that is found', { min: 0, max: 1 }),
      yAxis: uprightAxis(p, 'precision: share of the found that is bad', { min: 0, max: 1 }),
      series: [...curves.map(c => curveLine(p, c, detectors)), chosenPoint(p, corpus, d)],
    });
  });
  return card(el('h3', {}, corpus),
    (truth ? 'Solid: against the truth; dashed: estimated on canaries. ' : 'Dashed: estimated on canaries; the truth is not known. ')
    + 'Further up and to the right is better. The diamond is where this run decided.', drawn.box, keys);
}

function curveLine(p, c, detectors) {
  const width = c.detector === JOINED ? 2.6 : 1.5;
  const tag = point => ({ value: point, detector: c.detector, basis: c.basis === 'truth' ? 'true' : 'estimated' });
  return {
    type: 'line', data: c.points.map(tag), showSymbol: false, symbolSize: 7, triggerLineEvent: true,
    z: c.detector === JOINED ? 4 : 3,
    lineStyle: { color: detectorColour(p, detectors, c.detector), width, type: c.basis === 'truth' ? 'solid' : [5, 4], opacity: c.basis === 'truth' || width > 2 ? 1 : .75 },
    itemStyle: { color: detectorColour(p, detectors, c.detector) },
  };
}

function chosenPoint(p, corpus, d) {
  const at = basis => ['recall', 'precision'].map(m => (scoreOf(d, corpus, JOINED, m, basis) || {}).value);
  const points = ['truth', 'canaries'].map(b => ({ value: at(b), basis: b })).filter(x => x.value.every(known));
  return {
    type: 'scatter', symbol: 'diamond', symbolSize: 13, z: 6,
    data: points.map(x => ({ value: x.value, detector: JOINED, basis: x.basis === 'truth' ? 'true' : 'estimated', itemStyle: { color: x.basis === 'truth' ? p.ink : p.card, borderColor: p.ink, borderWidth: 2 } })),
  };
}

const scoreOf = (d, corpus, detector, measure, basis) =>
  d.scores.find(s => s.corpus === corpus && s.detector === detector && s.measure === measure && s.basis === basis);

function scoreCard(corpus, d, detectors) {
  const scores = d.scores.filter(s => s.corpus === corpus);
  const measures = [...new Set(scores.map(s => s.measure))].sort((a, b) => rank(a) - rank(b));
  const columns = measures.map(m => ({ title: words(m), right: true, cell: n => scoreCell(d, corpus, n, m) }));
  const findings = d.findings.filter(f => f.corpus === corpus);
  const node = card(`Detectors on ${corpus}`,
    'Measured on canaries in this run, with a 95\u202f% interval; below, where errors were put in on purpose, the true number. A tick says that the interval of the estimate holds it, a cross that it does not.',
    table([{ title: 'detector', name: true, cell: n => detectorLabel(n) }, ...columns],
      detectors.filter(n => scores.some(s => s.detector === n)), n => n === JOINED ? 'strong' : null));
  if (findings.length) node.append(el('details', {}, el('summary', {}, 'What the detectors said'), findingTable(findings)));
  return node;
}

const rank = measure => { const at = MEASURE_ORDER.indexOf(measure); return at < 0 ? MEASURE_ORDER.length : at; };

/** What canaries say, and under it the truth where it is known. */
function scoreCell(d, corpus, detector, measure) {
  const [estimate, truth] = ['canaries', 'truth'].map(basis => scoreOf(d, corpus, detector, measure, basis));
  if (measure === 'flagged') return count((truth || estimate || {}).value);
  if (!truth || !known(truth.value)) return shareCell(estimate);
  return [shareCell(estimate), el('span', { class: 'truth' }, 'true ', shareCell(truth, estimate))];
}

/** A share with its interval; where an estimate is given, whether its interval holds the share. */
function shareCell(s, estimate) {
  if (!s || !known(s.value)) return '\u2013';
  const held = estimate && known(estimate.lower) && known(estimate.upper) ? s.value >= estimate.lower && s.value <= estimate.upper : null;
  return [
    held === null ? null : el('span', { class: held ? 'tick' : 'cross', title: held ? 'inside the interval of the estimate' : 'outside the interval of the estimate' }, held ? '\u2713\u202f' : '\u2717\u202f'),
    s.value.toFixed(3),
    known(s.lower) && known(s.upper) ? el('span', { class: 'range' }, `${s.lower.toFixed(2)}\u2013${s.upper.toFixed(2)}`) : null,
  ];
}

function findingTable(findings) {
  return table([
    { title: 'corpus', cell: f => f.corpus },
    { title: 'detector', name: true, cell: f => words(f.detector) },
    { title: 'looks for', cell: f => words(f.kind) },
    { title: 'samples with an opinion', right: true, cell: f => count(f.rows) },
    { title: 'score at least 0.5', right: true, cell: f => count(f.bad) },
  ], findings);
}
